/* Walking pods and their containers, and planning keys for them. */
#include "rules_kube.h"

#include "link.h"
#include "pod.h"

const struct yaml_node *security_context(const struct yaml_node *node) {
    return yaml_get(node, STR("securityContext"));
}

bool security_context_has(const struct yaml_node *node, struct str key) {
    const struct yaml_node *value = yaml_get(security_context(node), key);
    return value && !yaml_is_null(value);
}

static struct str obstacle_of(const struct container *container) {
    const struct launch *launch = &container->launch;
    const struct workload *workload = &launch->workload;
    const struct check *check = container->pod->check;
    if (container_is_privileged(container->node))
        return STR("it is privileged, which undoes every other measure: give it only what it needs instead");
    if (launch->is_user_hidden)
        return str_printf(check->arena,
                          "its runAsUser is %.*s, which another tool fills in: harden what comes out of that",
                          STR_ARG(launch->user));
    if (container->start.kind != START_UNKNOWN)
        return (struct str){NULL, 0};
    if (workload->is_known && workload->dockerfile.n && workload->user.kind != USER_OTHER) {
        struct str reason = project_needs_root(project_find(check->project, workload->dockerfile), workload->stage);
        return reason.p ? reason
                        : str_printf(check->arena, "its program runs as root: give it another user in %.*s first",
                                     STR_ARG(workload->dockerfile));
    }
    if (launch->needs_root.p)
        return launch->needs_root;
    if (container->needs.p || launch->adds.n)
        return container->needs.p ? container->needs : STR("it adds capabilities, which only root gets");
    return launch->user.n || container->pod->kind->has_own_ids ? (struct str){NULL, 0} : start_of_image_as_root(launch);
}

static struct container *container_at(struct pod *pod, struct yaml_node *item) {
    struct container *container = arena_new(pod->check->arena, struct container);
    struct yaml_node *node = yaml_resolve(item);
    struct yaml_pair *image = yaml_pair(node, STR("image"));
    *container = (struct container){.pod = pod, .node = node, .name = pod_container_name(node)};
    container->at = image && node == item ? image->key->at.start : item->at.start;
    container->launch = container_launch(container);
    container->start = start_of(&container->launch, &container->without);
    /* it runs neither as root nor as the image's user */
    if (pod->kind->has_own_ids && (container->start.kind == START_AS_ROOT || container->start.says_user))
        container->start = (struct start){.kind = START_UNKNOWN, .reason = STR("its image starts as root")};
    if (container->start.kind == START_UNKNOWN)
        container->needs = start_words_need_root(&container->launch);
    container->obstacle = obstacle_of(container);
    return container;
}

/* Of what Pods have, ephemeral containers lack ports, probes, lifecycle, resources and the mounts' subPath: nothing
 * that a measure writes. */
static void add_containers(struct pod *pod) {
    for (uint32_t l = 0; l < POD_LISTS; l++) {
        const struct yaml_node *list = yaml_list(pod->spec, pod_lists[l]);
        for (uint32_t i = 0; i < list->n; i++)
            if (yaml_resolve(list->items[i])->kind == YAML_MAPPING)
                *vec_push(pod->check->arena, &pod->containers) = container_at(pod, list->items[i]);
    }
}

enum { MAX_SHARED_CONTAINERS = 2000 };

static void add_pod(void *context, const struct pod_object *object) {
    struct check *check = context;
    const struct pod_demand *demand = &check->document->config->pod_demand;
    if (!object->spec || left_patch(check, object))
        return;
    struct pod *pod = arena_new(check->arena, struct pod);
    *pod = (struct pod){
        .check = check,
        .index = check->pods->list.n,
        .at = object->object->at.start,
        .kind = object->kind,
        .object = object->object,
        .metadata = yaml_get(object->holder, STR("metadata")),
        .spec = object->spec,
        .mounted = pod_volumes(check->arena, object->spec),
    };
    pod->verdict =
        pod_security(check->arena, pod->metadata, pod->spec, demand->is_given ? demand->minor : POD_SECURITY_LATEST);
    bool is_many = object->is_shared && check->pods->n_shared >= MAX_SHARED_CONTAINERS;
    if (!is_many)
        add_containers(pod);
    check->pods->n_shared += object->is_shared ? pod->containers.n : 0;
    pod->left = left_pod(pod, is_many);
    if (pod->left)
        pod->containers.n = 0;
    *vec_push(check->arena, &check->pods->list) = pod;
}

static const struct pods *pods_of(struct check *check) {
    if (!check->pods) {
        check->pods = arena_new(check->arena, struct pods);
        pod_objects_each(check->document->yaml, add_pod, check);
    }
    return check->pods;
}

void pod_each(struct check *check, pod_check *check_pod) {
    const struct pods *pods = pods_of(check);
    for (uint32_t i = 0; i < pods->list.n; i++)
        check_pod(pods->list.at[i]);
    kube_settle(check);
}

/* A container that does not come to name the user that it could start as keeps the start that it has; one that does for
 * a volume's sake gets that user's. */
static void settle(container_check *check_container, struct container *container) {
    struct start *start = &container->start;
    if (start->kind == START_AS_ROOT && start->takes_group && container->pod->is_promised)
        *start = (struct start){.kind = START_AS_USER, .user = start->user};
    if (container->start.says_user && !container->launch.user.n && !container->is_promised &&
        !container->pod->is_promised) {
        container->start = container->without;
        container->obstacle = obstacle_of(container);
    }
    check_container(container);
}

void container_each(struct check *check, container_check *check_container) {
    const struct pods *pods = pods_of(check);
    for (uint32_t i = 0; i < pods->list.n; i++)
        for (uint32_t j = 0; j < pods->list.at[i]->containers.n; j++)
            settle(check_container, pods->list.at[i]->containers.at[j]);
    kube_settle(check);
}

enum container_measures container_measures(const struct container *container) {
    bool is_other =
        container->start.kind == START_AS_ROOT ? written_is_taken_back(container) : container->launch.is_root;
    if (container->obstacle.p || is_other)
        return MEASURES_NONE;
    return container->start.kind == START_UNKNOWN ? MEASURES_UNSAFE : MEASURES_SAFE;
}

bool kube_is_same_item(struct str key, struct str have, struct str wanted) {
    /* `all` drops all too; how it is written is for written_values to mend */
    return str_eq(key, STR("drop")) ? str_eq_nocase(have, wanted) : str_eq(have, wanted);
}

void pod_want(const struct pod *pod, const struct yaml_value *value, bool is_guess, bool *is_taken,
              const char *message) {
    struct yaml_pair *first = yaml_pair(pod->spec, STR("containers")),
                     *init = yaml_pair(pod->spec, STR("initContainers"));
    const struct kube_part part = {pod->spec, value, init && (!first || init < first) ? init : first};
    kube_want(pod->check, (struct kube_message){pod->at, STR(""), message, is_guess, pod->is_waiting, is_taken}, &part,
              1);
}

void container_want(const struct container *container, const struct yaml_value *value, bool is_guess, bool *is_taken,
                    const char *message) {
    const struct kube_part part = {container->node, value, NULL};
    const struct pod *pod = container->pod;
    kube_want(pod->check,
              (struct kube_message){container->at, container->name, message, is_guess, pod->is_waiting, is_taken},
              &part, 1);
}
