/* non-root-user: the service says which user it runs as. */
#include "rules_compose.h"

static bool has_low_port(const struct workload *workload) {
    uint32_t port;
    for (uint32_t i = 0; i < workload->ports.n; i++)
        if (str_number(workload->ports.list[i], 1023, &port))
            return true;
    return false;
}

/* Why a user without privileges cannot listen on its port; {NULL, 0} where it can: engines open all ports to everybody
 * in a network of the container's own (moby 20.10, daemon/oci_linux.go). */
static struct str port_obstacle(const struct service *service) {
    static const struct str sysctl = STR_INIT("net.ipv4.ip_unprivileged_port_start");
    struct arena *arena = service->check->arena;
    if (!has_low_port(&service->launch.workload))
        return (struct str){NULL, 0};
    if (str_eq(merged_text(arena, &service->merged, STR("network_mode")), STR("host")))
        return STR(": on the host's network a user without privileges cannot listen on a port below 1024: use a higher "
                   "one");
    for (uint32_t i = 0; i < service->merged.n; i++) {
        struct compose_options sysctls =
            compose_options(arena, service->merged.variables, yaml_get(service->merged.layers[i].node, STR("sysctls")));
        for (uint32_t j = 0; j < sysctls.n; j++)
            if (str_eq(sysctls.list[j].key, sysctl) && !str_eq(sysctls.list[j].value, STR("0")))
                return str_printf(arena,
                                  ": %.*s keeps a user without privileges from listening on a port below 1024: set it "
                                  "to 0, or use a higher port",
                                  STR_ARG(sysctl));
    }
    return (struct str){NULL, 0};
}

/* The mounts that keep the owner they have, for a message: " ./data, db-data"; empty where there are none. */
static struct str owned_mounts(const struct service *service) {
    struct buf names = {.arena = service->check->arena};
    for (uint32_t i = 0; i < service->mounts.n; i++) {
        const struct merged_mount *mount = &service->mounts.list[i];
        bool is_kept = mount->kind == MOUNT_BIND || mount->kind == MOUNT_VOLUME;
        if (is_kept && mount->name.n && !mount->is_read_only)
            buf_printf(&names, "%s%.*s", names.n ? ", " : " ", STR_ARG(mount->name));
    }
    return buf_str(&names);
}

/* Why root starts it, and what would change that. */
static struct measure root_of(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct user *user = &service->start.user;
    struct measure measure = {0};
    if (service->launch.hints.has_capabilities)
        return measure;
    struct str instead = str_printf(arena, "user: \"%u:%u\"", user->uid, user->gid);
    measure.refusal = str_printf(arena, " %.*s", STR_ARG(start_keeps_root(&service->launch, &service->start, instead)));
    return measure;
}

static struct measure user_of(const struct service *service) {
    struct check *check = service->check;
    struct arena *arena = check->arena;
    const struct start *start = &service->start;
    struct measure measure = {.is_own = yaml_own(service->node, STR("user")) != NULL};
    if (service->obstacle.p) {
        measure.refusal = str_printf(arena, " is not changed: %.*s", STR_ARG(service->obstacle));
        return measure;
    }
    if (start->kind == START_AS_ROOT)
        return root_of(service);
    bool has_user = merged_get(&service->merged, STR("user")) != NULL;
    bool is_said = has_user && !service->launch.is_root; /* or holds by the image of others */
    if (is_said || (!service->launch.workload.dockerfile.n && !start->says_user && !service->launch.is_root))
        return measure;
    if (!start->user.has_ids) {
        measure.refusal = str_printf(
            arena, ": the ids of the user %.*s are not known: write USER with numbers, as in 1000:1000, in %.*s",
            STR_ARG(start->user.text), STR_ARG(service->launch.workload.dockerfile));
        return measure;
    }
    measure.refusal = port_obstacle(service);
    struct str uid = str_printf(arena, "%u", start->user.uid), gid = str_printf(arena, "%u", start->user.gid);
    const struct template_variable list[] = {{"uid", uid}, {"gid", gid}};
    struct str mounts = start->says_user ? STR("") : owned_mounts(service);
    struct str message = str_of(service->launch.is_root ? "runs as root, though its image has a user"
                                                        : "say which user it runs as, so that no image can change it");
    if (start->says_user)
        message = str_printf(arena, "starts as root, which it need not: it can be %.*s at once, because %.*s",
                             STR_ARG(start->user.text), STR_ARG(start->why));
    if (mounts.n)
        message = str_printf(arena, "%.*s; what it writes to in%.*s must belong to %.*s:%.*s", STR_ARG(message),
                             STR_ARG(mounts), STR_ARG(uid), STR_ARG(gid));
    measure.value =
        template_fill_value(arena, template_value("compose/non-root-user"), (struct template_variables){list, 2});
    measure.message = str_c(arena, message);
    return measure;
}

/* Says once for all rules that measures belong elsewhere. */
static void say_elsewhere(const struct service *service) {
    if (service->elsewhere.n)
        rule_found(service->check, service->at, "service %.*s is not changed: %.*s", STR_ARG(service->name),
                   STR_ARG(service->elsewhere));
}

void compose_non_root_user(struct check *check) {
    service_each(check, say_elsewhere);
    service_take(check, user_of);
}
