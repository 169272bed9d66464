#include "pod_kind.h"

#include "pod.h"

enum {
    MAX_LISTS = 4,     /* lists within lists that are followed */
    MAX_SHARED = 1000, /* objects that aliases and merges bring, of which a few lines can make millions */
};

#define TEMPLATE STR_INIT("spec.template.spec")
#define APPS STR_INIT("apps|extensions")
#define KNATIVE STR_INIT("serving.knative.dev")

/* extensions/v1beta1 is where the kinds of apps and batch were before Kubernetes 1.16; OpenShift's were in the core. */
static const struct pod_kind kinds[] = {
    {STR_INIT(""), STR_INIT("Pod"), STR_INIT("spec"), false, false},
    {STR_INIT(""), STR_INIT("PodTemplate"), STR_INIT("template.spec"), false, false},
    {STR_INIT(""), STR_INIT("ReplicationController"), TEMPLATE, false, false},
    {APPS, STR_INIT("DaemonSet"), TEMPLATE, false, false},
    {APPS, STR_INIT("Deployment"), TEMPLATE, false, false},
    {APPS, STR_INIT("ReplicaSet"), TEMPLATE, false, false},
    {APPS, STR_INIT("StatefulSet"), TEMPLATE, false, false},
    {STR_INIT("batch|extensions"), STR_INIT("Job"), TEMPLATE, false, false},
    {STR_INIT("batch"), STR_INIT("CronJob"), STR_INIT("spec.jobTemplate.spec.template.spec"), false, false},
    /* the SCC restricted-v2 takes no ids but those of the namespace's range, and adds none but NET_BIND_SERVICE
     * (docs.openshift.com, "Managing security context constraints") */
    {STR_INIT("apps.openshift.io|"), STR_INIT("DeploymentConfig"), TEMPLATE, false, true},
    {STR_INIT("argoproj.io"), STR_INIT("Rollout"), TEMPLATE, false, false},
    /* PodSpecMask of knative.dev/serving/pkg/apis/serving: a pod's securityContext only with a feature flag */
    {KNATIVE, STR_INIT("Service"), TEMPLATE, true, false},
    {KNATIVE, STR_INIT("Configuration"), TEMPLATE, true, false},
    {KNATIVE, STR_INIT("Revision"), STR_INIT("spec"), true, false},
};

/* Who does not say it, means it. */
static bool is_of_group(const struct pod_kind *kind, struct str api) {
    uint32_t slash = str_find(api, 0, '/');
    struct str group = slash < api.n ? str_sub(api, 0, slash) : STR(""), rest = kind->group, one;
    bool is_it = api.n == 0;
    while (!is_it && str_cut(&rest, '|', &one))
        is_it = str_eq(group, one);
    return is_it;
}

static const struct pod_kind *find_kind(struct str name, struct str api) {
    for (uint32_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(kinds[i].kind, name) && is_of_group(&kinds[i], api))
            return &kinds[i];
    return NULL;
}

/* The value that a loader sees, and whether it is another one's too. */
static struct yaml_node *value_of(const struct yaml_node *mapping, struct str key, bool *ret_shared) {
    const struct yaml_node *own = yaml_own(mapping, key);
    struct yaml_node *value = yaml_get(mapping, key);
    *ret_shared |= own ? own->kind == YAML_ALIAS || own->anchor.p : value != NULL;
    return value;
}

static void find_spec(struct pod_object *object) {
    struct str rest = object->kind->path, key;
    struct yaml_node *node = object->object;
    while (node && str_cut(&rest, '.', &key)) {
        object->holder = node;
        node = value_of(node, key, &object->is_shared);
    }
    object->spec = node && node->kind == YAML_MAPPING ? node : NULL;
    for (uint32_t i = 0; object->spec && i < POD_LISTS; i++)
        value_of(object->spec, pod_lists[i], &object->is_shared);
}

struct walk {
    pod_object_see *see;
    void *context;
    uint32_t n_shared;
};

/* `around` is the list that it is an item of: what it leaves out, that says. */
static void see_object(struct walk *walk, struct yaml_node *node, const struct pod_object *around, uint32_t depth) {
    struct pod_object object = {.object = yaml_resolve(node), .is_shared = around && around->is_shared};
    if (!object.object || object.object->kind != YAML_MAPPING)
        return;
    object.is_shared |= node->kind == YAML_ALIAS || (node->anchor.p && node->parent);
    if (object.is_shared && walk->n_shared++ >= MAX_SHARED)
        return;
    object.kind_name = yaml_text(yaml_get(object.object, STR("kind")));
    object.api = yaml_text(yaml_get(object.object, STR("apiVersion")));
    if (around && !object.kind_name.n) /* the kind of items is that of the list, but for List itself */
        object.kind_name = str_sub(around->kind_name, 0, around->kind_name.n - 4);
    if (around && !object.api.n)
        object.api = around->api;
    struct str items_key = STR("items");
    if (str_eq(object.kind_name, STR("Template")) && yaml_get(object.object, STR("objects"))) {
        items_key = STR("objects"); /* OpenShift's: they all say what they are */
        object.kind_name = STR("List");
        object.api = (struct str){NULL, 0};
    }
    if (str_ends(object.kind_name, STR("List"))) {
        const struct yaml_node *items = value_of(object.object, items_key, &object.is_shared);
        uint32_t n = items && items->kind == YAML_SEQUENCE && depth < MAX_LISTS ? items->n : 0;
        for (uint32_t i = 0; i < n && !(object.is_shared && walk->n_shared > MAX_SHARED); i++)
            see_object(walk, items->items[i], &object, depth + 1);
        return;
    }
    object.kind = find_kind(object.kind_name, object.api);
    if (object.kind)
        find_spec(&object);
    walk->see(walk->context, &object);
}

void pod_objects_each(const struct yaml *yaml, pod_object_see *see, void *context) {
    struct walk walk = {see, context, 0};
    for (uint32_t i = 0; i < yaml->documents.n; i++)
        if (yaml->documents.at[i].root)
            see_object(&walk, yaml->documents.at[i].root, NULL, 0);
}
