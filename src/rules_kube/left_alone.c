/* What is left alone as a whole, and why. */
#include "pod.h"
#include "rules_kube.h"

#define RENDERED "harden what is patched, or what comes out: kustomize build . | ironhull -"

static bool has_windows_image(const struct pod *pod) {
    const struct family *windows = image_family(STR("windows"));
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        const struct container *container = pod->containers.at[i];
        struct image_reference reference;
        const struct image *image = container->launch.workload.stage ? container->launch.workload.stage->image : NULL;
        if (!image && image_reference_parse(yaml_text(yaml_get(container->node, STR("image"))), &reference))
            image = image_find(&pod->check->document->config->images, &reference);
        if (image && image->family == windows)
            return true;
    }
    return false;
}

const char *left_pod(const struct pod *pod, bool is_many) {
    if (is_many)
        return "its pod comes by an anchor, an alias or a merge key, and may be another one's too: write it out where "
               "it is used";
    if (pod_is_windows(pod->spec) || has_windows_image(pod))
        return "it is for Windows, which has none of these settings: use windowsOptions.runAsUserName: ContainerUser";
    return NULL;
}

const char *left_patch(struct check *check, const struct pod_object *object) {
    struct str by = check->document->patched_by;
    if (by.p)
        return str_printf(check->arena, "it is a patch of %.*s: " RENDERED, STR_ARG(by)).p;
    return !object->is_shared && pod_is_partial(object->spec) ? "there is no image in it, as in a patch: " RENDERED
                                                              : NULL;
}

/* The patches within a kustomization are text. */
static bool patches_pods(const struct yaml_node *kustomization) {
    const struct yaml_node *lists[] = {yaml_list(kustomization, STR("patches")),
                                       yaml_list(kustomization, STR("patchesStrategicMerge")),
                                       yaml_list(kustomization, STR("patchesJson6902"))};
    for (uint32_t l = 0; l < 3; l++)
        for (uint32_t i = 0; i < lists[l]->n; i++) {
            const struct yaml_node *item = yaml_resolve(lists[l]->items[i]);
            if (pod_is_meant(yaml_text(item->kind == YAML_SCALAR ? item : yaml_get(item, STR("patch")))))
                return true;
        }
    return false;
}

static const char *left_unknown(struct check *check, const struct pod_object *object) {
    if (str_starts(object->api, STR("kustomize.config.k8s.io/")))
        return patches_pods(object->object) ? "there are patches in it: " RENDERED : NULL;
    if (str_eq(object->kind_name, STR("CustomResourceDefinition")) || !pod_is_like(object->object))
        return NULL;
    return str_printf(check->arena,
                      "where a %.*s of %.*s takes settings for its containers is not known: write them as its "
                      "documentation says",
                      STR_ARG(object->kind_name), STR_ARG(object->api))
        .p;
}

static void report(struct check *check, const struct yaml_node *object, struct str kind_name, const char *reason) {
    const struct yaml_pair *kind = yaml_pair(object, STR("kind"));
    struct str name = yaml_text(yaml_get(yaml_get(object, STR("metadata")), STR("name")));
    rule_found(check, kind ? kind->key->at.start : object->at.start, "%.*s%s%.*s is not changed: %s",
               STR_ARG(kind_name), name.n ? " " : "", STR_ARG(name), reason);
}

static void report_pod(struct pod *pod) {
    if (pod->left)
        report(pod->check, pod->object, pod->kind->kind, pod->left);
}

static void report_object(void *context, const struct pod_object *object) {
    struct check *check = context;
    const char *reason = !object->kind ? left_unknown(check, object) : object->spec ? left_patch(check, object) : NULL;
    if (reason)
        report(check, object->object, object->kind_name, reason);
}

/* A JSON patch (RFC 6902): its operations name what they change by a path. */
static void report_json_patch(struct check *check, const struct yaml_node *root) {
    for (uint32_t i = 0; root && root->kind == YAML_SEQUENCE && i < root->n; i++) {
        const struct yaml_node *operation = yaml_resolve(root->items[i]);
        if (yaml_get(operation, STR("op")) && pod_is_meant(yaml_text(yaml_get(operation, STR("path"))))) {
            rule_found(check, root->at.start, "this JSON patch is not changed: " RENDERED);
            return;
        }
    }
}

void left_report(struct check *check) {
    const struct document *document = check->document;
    pod_each(check, report_pod);
    pod_objects_each(document->yaml, report_object, check);
    for (uint32_t i = 0; i < document->yaml->documents.n; i++)
        report_json_patch(check, document->yaml->documents.at[i].root);
    if (document->is_in_chart && pod_is_meant(document->source.text))
        rule_found(check, document->template_at,
                   "this template of a chart is not changed: harden what comes out: helm template CHART | ironhull -");
    else if (document->is_template && !document->is_in_chart)
        rule_found(check, document->template_at,
                   "this template is not changed, for it is no YAML yet: harden what is made of it");
}
