/* non-root-user: the service says which user it runs as. */
#include "rules_compose.h"

static bool has_low_port(const struct workload *workload) {
    uint32_t port;
    for (uint32_t i = 0; i < workload->ports.n; i++)
        if (str_number(workload->ports.list[i], 1023, &port))
            return true;
    return false;
}

/* The mounts that keep the owner they have, for a message: " ./data, db-data"; empty where there are none. */
static struct str owned_mounts(const struct service *service) {
    const struct yaml_node *volumes = yaml_list(service->node, STR("volumes"));
    struct buf names = {.arena = service->check->arena};
    for (uint32_t i = 0; i < volumes->n; i++) {
        struct compose_volume volume = compose_volume(volumes->items[i]);
        if (volume.source.n && !volume.is_read_only)
            buf_printf(&names, "%s%.*s", names.n ? ", " : " ", STR_ARG(volume.source));
    }
    return buf_str(&names);
}

static void user_of(const struct service *service) {
    struct check *check = service->check;
    struct arena *arena = check->arena;
    const struct workload *workload = &service->workload;
    if (service->obstacle.p) {
        rule_found(check, service->at, "service %.*s is not changed: %.*s", STR_ARG(service->name),
                   STR_ARG(service->obstacle));
        return;
    }
    struct str text = yaml_text(yaml_get(service->node, STR("user")));
    if (text.n && !service->is_root)
        return;
    if (!workload->user.has_ids) {
        rule_found(
            check, service->at,
            "service %.*s: the ids of the user %.*s are not known: write USER with numbers, as in 1000:1000, in %.*s",
            STR_ARG(service->name), STR_ARG(workload->user.text), STR_ARG(workload->dockerfile));
        return;
    }
    if (str_eq(yaml_text(yaml_get(service->node, STR("network_mode"))), STR("host")) && has_low_port(workload)) {
        rule_found(check, service->at,
                   "service %.*s: on the host's network a user without privileges cannot listen on a port below 1024: "
                   "use a higher one",
                   STR_ARG(service->name));
        return;
    }
    struct str uid = str_printf(arena, "%u", workload->user.uid), gid = str_printf(arena, "%u", workload->user.gid);
    const struct template_variable list[] = {{"uid", uid}, {"gid", gid}};
    struct str mounts = owned_mounts(service);
    struct str message = str_of(service->is_root ? "runs as root, though its image has a user"
                                                 : "say which user it runs as, so that no image can change it");
    if (mounts.n)
        message = str_printf(arena, "%.*s; what it writes to in%.*s must belong to %.*s:%.*s", STR_ARG(message),
                             STR_ARG(mounts), STR_ARG(uid), STR_ARG(gid));
    service_want(service, "compose/non-root-user", (struct template_variables){list, 2}, NULL, message.p);
}

void compose_non_root_user(struct check *check) {
    service_each(check, user_of);
}
