/* non-root-user: pods and containers say that they are not root, and who they are. */
#include "rules_kube.h"

static bool is_low(struct str text) {
    uint32_t port;
    return str_number(text, 1023, &port) && port > 0;
}

static bool has_low_port(const struct container *container) {
    for (uint32_t i = 0; i < container->workload.ports.n; i++)
        if (is_low(container->workload.ports.list[i]))
            return true;
    const struct yaml_node *ports = yaml_list(container->node, STR("ports"));
    for (uint32_t i = 0; i < ports->n; i++)
        if (is_low(yaml_text(yaml_get(ports->items[i], STR("containerPort")))))
            return true;
    return false;
}

/* Whether nothing keeps all containers of a pod from running as one user, and which that is. */
static bool agree(const struct pod *pod, struct user *ret_user) {
    *ret_user = pod->containers.at[0].workload.user;
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        const struct container *container = &pod->containers.at[i];
        const struct user *user = &container->workload.user;
        bool says_root =
            yaml_get(security_context(container->node), STR("runAsUser")) && !container_is_ready(container);
        if (container->obstacle.p || says_root || !user->has_ids || user->uid != ret_user->uid ||
            user->gid != ret_user->gid)
            return false;
    }
    return true;
}

static struct template_variables id_variables(struct arena *arena, const struct user *user) {
    struct template_variable *list = arena_array(arena, 2, sizeof *list);
    list[0] = (struct template_variable){"uid", str_printf(arena, "%u", user->uid)};
    list[1] = (struct template_variable){"gid", str_printf(arena, "%u", user->gid)};
    return (struct template_variables){list, 2};
}

static void user_of_container(const struct container *container) {
    struct check *check = container->pod->check;
    const struct workload *workload = &container->workload;
    if (container->obstacle.p)
        rule_found(check, container->at, "container %.*s is not changed: %.*s", STR_ARG(container->name),
                   STR_ARG(container->obstacle));
    else if (!workload->user.has_ids)
        rule_found(
            check, container->at,
            "container %.*s: the ids of the user %.*s are not known, and Kubernetes can verify only numbers: write "
            "USER with numbers, as in 1000:1000, in %.*s",
            STR_ARG(container->name), STR_ARG(workload->user.text), STR_ARG(workload->dockerfile));
}

/* Only where the pod's containers do not agree: each says its own. */
static void own_user_of_container(const struct container *container) {
    if (!container->obstacle.p && container->workload.user.has_ids)
        container_want(container, "kubernetes/non-root-user/container",
                       id_variables(container->pod->check->arena, &container->workload.user),
                       "nothing keeps it from running as root");
}

static void user_of_pod(const struct pod *pod) {
    struct user user;
    bool is_port_low = false;
    if (pod->containers.n == 0)
        return;
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        user_of_container(&pod->containers.at[i]);
        is_port_low |= has_low_port(&pod->containers.at[i]);
    }
    if (!agree(pod, &user)) {
        for (uint32_t i = 0; i < pod->containers.n; i++)
            own_user_of_container(&pod->containers.at[i]);
        return;
    }
    if (is_port_low && yaml_is_true(yaml_get(pod->spec, STR("hostNetwork")))) {
        rule_found(
            pod->check, pod->at,
            "on the host's network a user without privileges cannot listen on a port below 1024: use a higher one");
        return;
    }
    pod_want(pod, "kubernetes/non-root-user/pod", id_variables(pod->check->arena, &user),
             "nothing keeps the pod from running as root");
    if (is_port_low && !yaml_get(security_context(pod->spec), STR("sysctls")))
        pod_want(pod, "kubernetes/non-root-user/low-port", NO_VARIABLES,
                 "a user without privileges may listen on a port below 1024 only with this sysctl");
}

void kube_non_root_user(struct check *check) {
    pod_each(check, user_of_pod);
}
