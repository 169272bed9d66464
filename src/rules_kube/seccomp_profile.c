/* seccomp-profile: the container runtime's filter for every pod, and a narrower one for containers on request. */
#include "rules_kube.h"

#include "companion.h"
#include "pod.h"
#include "program.h"

static struct str profile_type(const struct yaml_node *node) {
    return yaml_text(yaml_get(yaml_get(security_context(node), STR("seccompProfile")), STR("type")));
}

/* A privileged container has no filter, whatever it says (kubernetes.io/docs/tutorials/security/seccomp). */
static bool has_filter(const struct container *container) {
    return !pod_is_true(yaml_get(security_context(container->node), STR("privileged")));
}

/* --- pods ----------------------------------------------------------------------------------------------------------
 */

#define ANNOTATION "seccomp.security.alpha.kubernetes.io/"

/* The first annotation for the pod or a container of it that is heeded no more; NULL where there is none. */
static const struct yaml_pair *find_annotation(const struct pod *pod) {
    const struct yaml_node *annotations = yaml_get(pod->metadata, STR("annotations"));
    for (uint32_t i = 0; annotations && annotations->kind == YAML_MAPPING && i < annotations->n; i++) {
        struct str key = yaml_text(annotations->pairs[i].key);
        if (str_eq(key, STR(ANNOTATION "pod")) || str_starts(key, STR("container." ANNOTATION)))
            return &annotations->pairs[i];
    }
    return NULL;
}

/* Containers run under the filter that plain `docker run` has put on every image for years; some that administer the
 * node do not. */
static void filter_pod(const struct pod *pod) {
    struct check *check = pod->check;
    const struct yaml_pair *annotation = find_annotation(pod);
    struct str annotated = annotation ? yaml_text(yaml_resolve(annotation->value)) : STR("");
    const char *message = "its system calls are not filtered";
    bool is_doubtful = str_eq(annotated, STR("unconfined"));
    for (uint32_t i = 0; i < pod->containers.n; i++)
        if (has_filter(pod->containers.at[i]) && container_is_privileged(pod->containers.at[i]->node)) {
            is_doubtful = true;
            message = "its system calls are not filtered; with the capabilities that it adds it may make some that the "
                      "runtime's filter refuses";
        }
    if (annotation)
        message = str_printf(check->arena, "%s: since Kubernetes 1.27 the annotation %.*s has no effect", message,
                             STR_ARG(yaml_text(annotation->key)))
                      .p;
    if (annotation && str_starts(annotated, STR("localhost/"))) {
        rule_found(check, annotation->key->at.start,
                   "%s; write a seccompProfile with type: Localhost and localhostProfile: %.*s, if the nodes have it",
                   message, STR_ARG(str_sub(annotated, 10, annotated.n)));
        return;
    }
    pod_want(pod, template_value("kubernetes/seccomp-profile/pod"), is_doubtful, NULL, message);
}

/* --- containers ----------------------------------------------------------------------------------------------------
 */

/* The profile for the container's runtime alone; NULL where none is asked for, or proven for what it starts, or where
 * an annotation names one, which clusters before 1.27 compare. */
static struct document *find_profile(const struct container *container) {
    const struct check *check = container->pod->check;
    const struct workload *workload = &container->launch.workload;
    if (!check->document->config->seccomp.is_localhost || container_measures(container) != MEASURES_SAFE ||
        !workload->is_known || !workload->runtime.n || program_has_others(check->arena, workload->stage) ||
        find_annotation(container->pod))
        return NULL;
    return companion_profile(check->document, workload->runtime);
}

static struct str path_of(const struct container *container, const struct document *profile) {
    const struct check *check = container->pod->check;
    return path_clean(check->arena, check->document->config->seccomp.folder, path_name(profile->path));
}

/* Whether the container says that it has the profile. */
static bool has_narrow(const struct container *container, const struct document *profile) {
    struct str own = yaml_text(
        yaml_get(yaml_get(security_context(container->node), STR("seccompProfile")), STR("localhostProfile")));
    return profile && str_eq(profile_type(container->node), STR("Localhost")) &&
           str_eq(own, path_of(container, profile));
}

/* Containers that are put into the pod later, by a mesh or a debugger, get the pod's profile: so the narrow one is for
 * the container that it is proven for, and the pod has one beside it. */
static void seccomp_of_pod(struct pod *pod) {
    struct str type = profile_type(pod->spec);
    bool is_open = str_eq(type, STR("Unconfined")), has_heir = false;
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        const struct container *container = pod->containers.at[i];
        bool is_heir = is_open || !profile_type(container->node).n || has_narrow(container, find_profile(container));
        has_heir |= has_filter(container) && is_heir;
    }
    if (has_heir && (is_open || !type.n) && !pod->kind->has_no_context)
        filter_pod(pod);
}

/* Says once a file that a profile must be on the nodes. */
static void note_profile(struct container *container) {
    struct check *check = container->pod->check;
    const struct document *profile = container->has_profile ? find_profile(container) : NULL;
    if (!profile)
        return;
    bool is_out = profile->is_new && check->project->is_filter;
    struct str name = is_out ? path_name(profile->path) : profile->path;
    struct str message = str_printf(check->arena,
                                    "before it is applied, every node needs %.*s as /var/lib/kubelet/seccomp/%.*s, "
                                    "from you or the Security Profiles "
                                    "Operator: a container whose profile is missing does not start%s",
                                    STR_ARG(name), STR_ARG(path_of(container, profile)),
                                    is_out ? "; ironhull -w writes the profile, for a manifest that is a file" : "");
    for (uint32_t i = 0; i < check->findings.n; i++)
        if (str_eq(check->findings.at[i].message, message))
            return;
    rule_found(check, container->at, "%.*s", STR_ARG(message));
}

static void narrow(struct container *container, struct document *profile) {
    struct check *check = container->pod->check;
    struct str path = path_of(container, profile);
    if (str_eq(profile_type(container->node), STR("Localhost"))) {
        container->has_profile = has_narrow(container, profile);
        if (container->has_profile)
            companion_want(check->project, profile, check->document);
        return;
    }
    const struct template_variable list[] = {{"profile", path}};
    const struct yaml_value *value = template_fill_value(
        check->arena, template_value("kubernetes/seccomp-profile/localhost"), (struct template_variables){list, 1});
    container_want(container, value, false, &container->has_profile,
                   "may make system calls that its runtime never needs");
}

static void seccomp_of_container(struct container *container) {
    bool is_open = str_eq(profile_type(container->node), STR("Unconfined"));
    struct document *profile = find_profile(container);
    if (!has_filter(container) || str_eq(profile_type(container->pod->spec), STR("Localhost")))
        return;
    if (profile)
        narrow(container, profile);
    else if (is_open || (container->pod->kind->has_no_context && !profile_type(container->node).n))
        container_want(container, template_value("kubernetes/seccomp-profile/pod"), false, NULL,
                       "its system calls are not filtered");
}

void kube_seccomp_profile(struct check *check) {
    pod_each(check, seccomp_of_pod);
    container_each(check, seccomp_of_container);
    container_each(check, note_profile);
    written_values(check);
}
