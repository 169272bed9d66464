#include "pod.h"

#include "path.h"

bool pod_may_need_root(struct str text) {
    static const struct str words[] = {STR_INIT("privileged"), STR_INIT("capabilities"), STR_INIT("hostPath"),
                                       STR_INIT("hostPID"),    STR_INIT("runAsUser"),    STR_INIT("/root")};
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_contains(text, words[i]))
            return true;
    return false;
}

/* Whether a volume of that name is a folder of the host. */
static bool is_host_volume(const struct yaml_node *spec, struct str name) {
    const struct yaml_node *volumes = yaml_list(spec, STR("volumes"));
    for (uint32_t i = 0; i < volumes->n; i++)
        if (str_eq(yaml_text(yaml_get(volumes->items[i], STR("name"))), name))
            return yaml_get(volumes->items[i], STR("hostPath")) != NULL;
    return false;
}

static bool mounts_host(const struct yaml_node *spec, const struct yaml_node *container) {
    const struct yaml_node *mounts = yaml_list(container, STR("volumeMounts"));
    for (uint32_t i = 0; i < mounts->n; i++)
        if (is_host_volume(spec, yaml_text(yaml_get(mounts->items[i], STR("name")))))
            return true;
    return false;
}

static bool mounts_home(const struct yaml_node *container) {
    const struct yaml_node *mounts = yaml_list(container, STR("volumeMounts"));
    for (uint32_t i = 0; i < mounts->n; i++)
        if (path_is_below(yaml_text(yaml_get(mounts->items[i], STR("mountPath"))), STR("/root")))
            return true;
    return false;
}

struct str pod_needs_root(struct arena *arena, const struct yaml_node *spec, const struct yaml_node *container) {
    const struct yaml_node *own = yaml_get(container, STR("securityContext"));
    const struct yaml_node *pods = yaml_get(spec, STR("securityContext"));
    const struct yaml_node *added = yaml_list(yaml_get(own, STR("capabilities")), STR("add"));
    const struct yaml_node *user = yaml_get(own, STR("runAsUser"));
    const char *clause = NULL;
    if (yaml_is_true(yaml_get(own, STR("privileged"))))
        clause = "is privileged, which is of use to root only";
    else if (added->n)
        clause = "adds capabilities, which only root gets";
    else if (yaml_is_true(yaml_get(spec, STR("hostPID"))))
        clause = "sees the host's processes, which only root may inspect";
    else if (mounts_host(spec, container))
        clause = "mounts a folder of the host, which belongs to root";
    else if (mounts_home(container))
        clause = "mounts something below /root, which only root can read";
    else if (str_eq(yaml_text(user ? user : yaml_get(pods, STR("runAsUser"))), STR("0")))
        clause = "says that it runs as root";
    struct str name = yaml_text(yaml_get(container, STR("name")));
    return clause ? str_printf(arena, "the container %.*s %s", STR_ARG(name), clause) : (struct str){NULL, 0};
}
