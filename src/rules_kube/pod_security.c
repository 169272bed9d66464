/* pod-security: the level that pods meet, and what keeps them from the one that is demanded. */
#include "rules_kube.h"

static void level_of_pod(const struct pod *pod) {
    struct check *check = pod->check;
    struct document *document = check->document;
    struct arena *arena = check->project->arena;
    const struct pod_demand *demand = &check->project->pod_demand;
    struct pod_verdict verdict = pod_security(check->arena, pod->metadata, pod->spec, demand->minor);
    for (uint32_t i = 0; i < verdict.reasons.n; i++)
        if (verdict.reasons.at[i].level <= demand->level && !written_is_said(check, &verdict.reasons.at[i]))
            rule_found(check, verdict.reasons.at[i].at, "%.*s", STR_ARG(verdict.reasons.at[i].message))->is_demand =
                true;
    if (pod->index == document->pods.n) /* of the first pass: the text is as it was read */
        *vec_push(arena, &document->pods) = (struct pod_levels){
            .kind = pod->kind->kind,
            .name = str_dup(arena, yaml_text(yaml_get(yaml_get(pod->object, STR("metadata")), STR("name")))),
            .where = source_position(&document->source, pod->at),
            .before = verdict.level,
        };
    document->pods.at[pod->index].after = verdict.level;
}

void kube_pod_security(struct check *check) {
    if (check->project->pod_demand.is_given)
        pod_each(check, level_of_pod);
}
