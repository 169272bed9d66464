/* Walking pods and their containers, and planning keys for them. */
#include "rules_kube.h"

#include "program.h"

enum { MAX_LISTS = 4 }; /* lists within lists that are followed */

/* Where each kind has its PodSpec. */
static const struct {
    struct str kind, path;
} pod_specs[] = {
    {STR_INIT("Pod"), STR_INIT("spec")},
    {STR_INIT("PodTemplate"), STR_INIT("template.spec")},
    {STR_INIT("CronJob"), STR_INIT("spec.jobTemplate.spec.template.spec")},
    {STR_INIT("Deployment"), STR_INIT("spec.template.spec")},
    {STR_INIT("DaemonSet"), STR_INIT("spec.template.spec")},
    {STR_INIT("StatefulSet"), STR_INIT("spec.template.spec")},
    {STR_INIT("ReplicaSet"), STR_INIT("spec.template.spec")},
    {STR_INIT("ReplicationController"), STR_INIT("spec.template.spec")},
    {STR_INIT("Job"), STR_INIT("spec.template.spec")},
    {STR_INIT("DeploymentConfig"), STR_INIT("spec.template.spec")},
    {STR_INIT("Rollout"), STR_INIT("spec.template.spec")},
};

static struct yaml_node *pod_spec(struct yaml_node *object) {
    struct str kind = yaml_text(yaml_get(object, STR("kind")));
    for (uint32_t i = 0; i < sizeof pod_specs / sizeof *pod_specs; i++) {
        if (!str_eq(kind, pod_specs[i].kind))
            continue;
        struct str rest = pod_specs[i].path, key;
        while (object && str_cut(&rest, '.', &key))
            object = yaml_own(object, key);
        return object && object->kind == YAML_MAPPING ? object : NULL;
    }
    return NULL;
}

static bool is_windows(const struct yaml_node *spec) {
    return str_eq(yaml_text(yaml_get(yaml_get(spec, STR("os")), STR("name"))), STR("windows")) ||
           str_eq(yaml_text(yaml_get(yaml_get(spec, STR("nodeSelector")), STR("kubernetes.io/os"))), STR("windows"));
}

const struct yaml_node *security_context(const struct yaml_node *node) {
    return yaml_get(node, STR("securityContext"));
}

/* Whether the container is privileged, or as good as. */
static bool is_privileged(const struct yaml_node *container) {
    const struct yaml_node *context = security_context(container);
    if (yaml_is_true(yaml_get(context, STR("privileged"))))
        return true;
    const struct yaml_node *added = yaml_list(yaml_get(context, STR("capabilities")), STR("add"));
    for (uint32_t i = 0; i < added->n; i++)
        if (str_eq(yaml_text(added->items[i]), STR("SYS_ADMIN")) || str_eq(yaml_text(added->items[i]), STR("ALL")))
            return true;
    return false;
}

/* Whether the pod or the container says that it runs as root, whatever the image does. */
static bool is_root(const struct pod *pod, const struct yaml_node *container) {
    const struct yaml_node *own = yaml_get(security_context(container), STR("runAsUser"));
    const struct yaml_node *pods = yaml_get(security_context(pod->spec), STR("runAsUser"));
    return str_eq(yaml_text(own ? own : pods), STR("0"));
}

/* A list of words of the container; not set where there is none. */
static struct command words_of(struct arena *arena, const struct yaml_node *container, struct str key) {
    const struct yaml_node *node = yaml_get(container, key);
    struct command command = {.is_set = node && node->kind == YAML_SEQUENCE, .is_known = true};
    struct str *words = arena_array(arena, command.is_set ? node->n : 0, sizeof *words);
    for (; command.is_set && command.n < node->n; command.n++)
        words[command.n] = yaml_text(yaml_resolve(node->items[command.n]));
    command.words = words;
    return command;
}

/* Why the program that `command` or `args` puts in the place of the image's stops us; {NULL, 0} where it does not. */
static struct str override_obstacle(const struct container *container) {
    struct arena *arena = container->pod->check->arena;
    struct command command = words_of(arena, container->node, STR("command"));
    struct command args = words_of(arena, container->node, STR("args"));
    if (!command.is_set && !args.is_set)
        return (struct str){NULL, 0};
    return program_obstacle(arena, container->pod->check->project, container->workload.context,
                            container->workload.stage, command.is_set ? &command : NULL, args.is_set ? &args : NULL);
}

static struct str container_obstacle(const struct container *container) {
    const struct workload *workload = &container->workload;
    if (!workload->is_known)
        return workload->reason;
    if (workload->user.kind != USER_OTHER) {
        const struct check *check = container->pod->check;
        struct str reason = project_needs_root(project_find(check->project, workload->dockerfile), workload->stage);
        return reason.p ? reason
                        : str_printf(check->arena, "its program runs as root: harden %.*s first",
                                     STR_ARG(workload->dockerfile));
    }
    if (is_privileged(container->node))
        return STR("it is privileged, which undoes every other measure: give it only what it needs instead");
    if (container->node->anchor.p)
        return STR("it has an anchor, so that others may share it");
    return override_obstacle(container);
}

static struct container container_at(struct pod *pod, struct yaml_node *node) {
    struct container container = {.pod = pod, .node = node, .name = yaml_text(yaml_get(node, STR("name")))};
    struct yaml_pair *image = yaml_pair(node, STR("image"));
    container.at = image ? image->key->at.start : node->at.start;
    container.workload = project_container(pod->check->project, pod->check->document,
                                           yaml_text(yaml_get(node, STR("image"))), pod->check->arena);
    container.obstacle = container_obstacle(&container);
    return container;
}

static void add_containers(struct pod *pod) {
    static const struct str lists[] = {STR_INIT("initContainers"), STR_INIT("containers")};
    for (uint32_t l = 0; l < 2; l++) {
        const struct yaml_node *list = yaml_own(pod->spec, lists[l]);
        for (uint32_t i = 0; list && list->kind == YAML_SEQUENCE && i < list->n; i++)
            if (list->items[i]->kind == YAML_MAPPING)
                *vec_push(pod->check->arena, &pod->containers) = container_at(pod, list->items[i]);
    }
}

struct pods {
    VEC(struct pod *) list; /* containers keep their pod's address */
};

static void add_pods(struct check *check, struct yaml_node *object, uint32_t depth) {
    struct yaml_node *spec = pod_spec(object), *items = yaml_own(object, STR("items"));
    if (spec) {
        struct pod *pod = arena_new(check->arena, struct pod);
        *pod = (struct pod){
            .check = check, .index = check->pods->list.n, .at = object->at.start, .object = object, .spec = spec};
        if (!is_windows(spec))
            add_containers(pod);
        *vec_push(check->arena, &check->pods->list) = pod;
    }
    bool is_list = str_ends(yaml_text(yaml_get(object, STR("kind"))), STR("List"));
    for (uint32_t i = 0; is_list && depth < MAX_LISTS && items && items->kind == YAML_SEQUENCE && i < items->n; i++)
        add_pods(check, items->items[i], depth + 1);
}

static const struct pods *pods_of(struct check *check) {
    const struct yaml *yaml = check->document->yaml;
    if (check->pods)
        return check->pods;
    check->pods = arena_new(check->arena, struct pods);
    for (uint32_t i = 0; i < yaml->documents.n; i++)
        if (yaml->documents.at[i].root)
            add_pods(check, yaml->documents.at[i].root, 0);
    return check->pods;
}

void pod_each(struct check *check, pod_check *check_pod) {
    const struct pods *pods = pods_of(check);
    for (uint32_t i = 0; i < pods->list.n; i++)
        check_pod(pods->list.at[i]);
}

void container_each(struct check *check, container_check *check_container) {
    const struct pods *pods = pods_of(check);
    for (uint32_t i = 0; i < pods->list.n; i++)
        for (uint32_t j = 0; j < pods->list.at[i]->containers.n; j++)
            check_container(&pods->list.at[i]->containers.at[j]);
}

bool container_is_ready(const struct container *container) {
    return !container->obstacle.p && !is_root(container->pod, container->node);
}

bool kube_is_same_item(struct str key, struct str have, struct str wanted) {
    (void)key;
    return str_eq(have, wanted);
}

void kube_report(struct check *check, uint32_t at, struct str name, const char *message, struct want want,
                 const struct edits *edits) {
    if (want.result == WANT_MET)
        return;
    if (want.node && want.result != WANT_PLANNED)
        at = want.node->at.start;
    struct finding *finding =
        rule_found(check, at, "%s%.*s%s%s%s%s", name.n ? "container " : "", STR_ARG(name), name.n ? ": " : "", message,
                   want.reason ? "; not changed: " : "", want.reason ? want.reason : "");
    if (want.result != WANT_REFUSED)
        *rule_fix(finding, want.result == WANT_PLANNED ? SAFETY_SAFE : SAFETY_UNSAFE) = *edits;
}

/* Keys of the pod go above its containers, so that they are seen. */
static struct want plan_pod(const struct pod *pod, const struct yaml_value *value, struct edits *edits) {
    struct yaml_pair *first = yaml_pair(pod->spec, STR("containers")),
                     *init = yaml_pair(pod->spec, STR("initContainers"));
    if (init && (!first || init < first))
        first = init;
    return want_plan(pod->check->document->yaml, pod->spec, value, first, kube_is_same_item, edits);
}

void pod_want(const struct pod *pod, const char *path, struct template_variables variables, const char *message) {
    struct check *check = pod->check;
    struct edits edits = {.arena = check->arena};
    struct want want = plan_pod(pod, template_fill_value(check->arena, template_value(path), variables), &edits);
    kube_report(check, pod->at, STR(""), message, want, &edits);
}

void container_want(const struct container *container, const char *path, struct template_variables variables,
                    const char *message) {
    struct check *check = container->pod->check;
    struct edits edits = {.arena = check->arena};
    struct want want =
        want_plan(check->document->yaml, container->node,
                  template_fill_value(check->arena, template_value(path), variables), NULL, kube_is_same_item, &edits);
    kube_report(check, container->at, container->name, message, want, &edits);
}
