/* host-access: what a pod reaches of its node. Nothing of it has one right answer but what only switches a protection
 * off. Folders and sockets are those of templates/host_access.yaml. */
#include "rules_kube.h"

#include "path.h"
#include "pod_check.h"

/* Whether a list of containers has a mount of the volume that can be written to. */
static bool is_written_by(const struct yaml_node *containers, struct str name) {
    for (uint32_t i = 0; i < containers->n; i++) {
        const struct yaml_node *mounts = yaml_list(yaml_resolve(containers->items[i]), STR("volumeMounts"));
        for (uint32_t j = 0; j < mounts->n; j++) {
            const struct yaml_node *mount = yaml_resolve(mounts->items[j]);
            if (str_eq(yaml_text(yaml_get(mount, STR("name"))), name) && !pod_is_true(yaml_get(mount, STR("readOnly"))))
                return true;
        }
    }
    return false;
}

static bool is_read_only(const struct yaml_node *spec, struct str name) {
    return !is_written_by(yaml_list(spec, STR("containers")), name) &&
           !is_written_by(yaml_list(spec, STR("initContainers")), name) &&
           !is_written_by(yaml_list(spec, STR("ephemeralContainers")), name);
}

/* What a folder, socket or device of the node gives. */
static void see_path(const struct pod *pod, struct pod_reason *reason) {
    struct check *check = pod->check;
    struct arena *arena = check->arena;
    struct str path = yaml_text(yaml_get(reason->value, STR("path")));
    struct str clean = str_starts(path, STR("/")) ? path_join(arena, STR("/"), path) : path;
    bool cannot_write = is_read_only(pod->spec, yaml_text(yaml_get(reason->holder, STR("name"))));
    const struct host_access *row = template_host_access_row(arena, STR("mount"), clean, cannot_write);
    row = row ? row : template_host_access_row(arena, STR("device"), clean, cannot_write);
    rule_found(check, reason->at, "%.*s: %.*s %.*s: %.*s", STR_ARG(reason->what), STR_ARG(path),
               STR_ARG(row ? row->gives
                           : STR("is its node's, stays there when the pod goes, and is shared by all pods "
                                 "there that mount it")),
               STR_ARG(!row         ? str_of(reason->check->instead)
                       : row->pod.n ? row->pod
                                    : row->instead));
    reason->said = check->findings.n;
}

static void paths_of_pod(struct pod *pod) {
    for (uint32_t i = 0; i < pod->verdict.reasons.n; i++)
        if (str_eq(str_of(pod->verdict.reasons.at[i].check->id), STR("hostPathVolumes")))
            see_path(pod, &pod->verdict.reasons.at[i]);
}

void kube_host_access(struct check *check) {
    pod_each(check, paths_of_pod);
    written_values(check);
}
