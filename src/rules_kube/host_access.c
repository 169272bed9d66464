/* host-access: what a pod reaches of its node. Nothing of it has one right answer but what only switches a protection
 * off. Folders and sockets are those of templates/host_access.yaml. */
#include "rules_kube.h"

#include "path.h"
#include "pod.h"
#include "pod_check.h"

/* What a folder, socket or device of the node gives. */
static void see_path(const struct pod *pod, struct pod_reason *reason) {
    struct check *check = pod->check;
    struct arena *arena = check->arena;
    struct str path = yaml_text(yaml_get(reason->value, STR("path")));
    struct str clean = str_starts(path, STR("/")) ? path_join(arena, STR("/"), path) : path;
    bool cannot_write = !pod_writes(&pod->mounted, yaml_text(yaml_get(reason->holder, STR("name"))), NULL);
    const struct host_access *row = template_host_access_row(arena, STR("mount"), clean, cannot_write);
    row = row ? row : template_host_access_row(arena, STR("device"), clean, cannot_write);
    struct str gives =
                   STR("is its node's, stays there when the pod goes, and is shared by all pods there that mount it"),
               instead = str_of(reason->check->instead);
    if (row) {
        gives = row->gives;
        instead = row->pod.n ? row->pod : row->instead;
    } else if (cannot_write && template_host_access_row(arena, STR("mount"), clean, false)) {
        gives = STR("shows it what its node has there");
        instead = STR("keep it read-only where its program looks after the node, else use a persistentVolumeClaim or a "
                      "configMap");
    }
    struct str what = pod_reason_what(arena, reason);
    rule_found(check, reason->at, "%.*s: %.*s %.*s: %.*s", STR_ARG(what), STR_ARG(path), STR_ARG(gives),
               STR_ARG(instead));
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
