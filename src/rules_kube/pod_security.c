/* pod-security: the level that pods meet, and what keeps them from the one that is demanded. */
#include "rules_kube.h"

#include "pod.h"

/* Kinds that a cluster does not change in place, or whose pods it leaves as they are
 * (kubernetes.io/docs/concepts/workloads: "Pod update and replacement"; "Job", where spec.template is immutable;
 * "ReplicaSet", "Updating a ReplicaSet"). */
static const struct {
    struct str kind, renewal;
} renewals[] = {
    {STR_INIT("Pod"), STR_INIT("recreate required: a cluster does not change it in place")},
    {STR_INIT("Job"), STR_INIT("recreate required: a cluster does not change it in place")},
    {STR_INIT("ReplicaSet"), STR_INIT("recreate its pods: those that run stay as they are")},
    {STR_INIT("ReplicationController"), STR_INIT("recreate its pods: those that run stay as they are")},
};

/* Whoever makes the object on a cluster, and would undo the change; NULL where that is not said. */
static const struct yaml_node *owner_of(const struct yaml_node *metadata) {
    const struct yaml_node *owners = yaml_list(metadata, STR("ownerReferences"));
    for (uint32_t i = 0; i < owners->n; i++)
        if (pod_is_true(yaml_get(owners->items[i], STR("controller"))))
            return owners->items[i];
    return NULL;
}

static struct str renewal_of(struct arena *arena, const struct yaml_node *object, struct str kind) {
    const struct yaml_node *owner = owner_of(yaml_get(object, STR("metadata")));
    if (owner)
        return str_printf(arena, "change %.*s %.*s instead, which makes it",
                          STR_ARG(yaml_text(yaml_get(owner, STR("kind")))),
                          STR_ARG(yaml_text(yaml_get(owner, STR("name")))));
    for (uint32_t i = 0; i < sizeof renewals / sizeof *renewals; i++)
        if (str_eq(kind, renewals[i].kind))
            return renewals[i].renewal;
    return (struct str){NULL, 0};
}

static void level_of_pod(struct pod *pod) {
    struct check *check = pod->check;
    struct document *document = check->document;
    struct arena *arena = check->project->arena;
    const struct pod_demand *demand = &check->document->config->pod_demand;
    const struct pod_verdict *verdict = &pod->verdict;
    for (uint32_t i = 0; i < verdict->reasons.n; i++)
        if (verdict->reasons.at[i].level <= demand->level && !written_is_said(check, &verdict->reasons.at[i])) {
            struct str message = pod_reason_message(check->arena, &verdict->reasons.at[i]);
            rule_found(check, verdict->reasons.at[i].at, "%.*s", STR_ARG(message))->is_demand = true;
        }
    struct str text = source_slice(&document->source, pod->object->at);
    if (pod->index == document->pods.n) /* of the first pass: the text is as it was read */
        *vec_push(arena, &document->pods) = (struct pod_levels){
            .kind = pod->kind->kind,
            .name = str_dup(arena, yaml_text(yaml_get(yaml_get(pod->object, STR("metadata")), STR("name")))),
            .before_text = text,
            .at = pod->at,
            .where = source_position(&document->source, pod->at),
            .before = verdict->level,
        };
    struct pod_levels *levels = &document->pods.at[pod->index];
    levels->after = verdict->level;
    if (!levels->renewal.p && !str_eq(text, levels->before_text))
        levels->renewal = renewal_of(arena, pod->object, levels->kind);
}

void kube_pod_security(struct check *check) {
    pod_each(check, level_of_pod);
}
