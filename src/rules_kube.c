/* The measures for Kubernetes manifests (kubernetes.io/docs/reference/kubernetes-api, Pod v1 core). */
#include "link.h"
#include "program.h"
#include "rule.h"
#include "template.h"
#include "want.h"

/* --- walking the pods ---------------------------------------------------------------------------------------------- */

struct pod {
    struct check *check;
    uint32_t at; /* where a finding about the pod as a whole is shown */
    struct yaml_node *spec;
};

struct container {
    const struct pod *pod;
    struct yaml_node *node;
    struct str name;
    uint32_t at;
    struct workload workload;
    struct str obstacle; /* why nothing is changed; {NULL, 0} where facts allow measures */
};

typedef void pod_check(const struct pod *pod);
typedef void container_check(const struct container *container);

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

static void check_object(struct check *check, struct yaml_node *object, pod_check *check_pod, uint32_t depth) {
    struct yaml_node *spec = pod_spec(object), *items = yaml_own(object, STR("items"));
    if (spec && !is_windows(spec)) {
        struct pod pod = {check, object->at.start, spec};
        check_pod(&pod);
    }
    bool is_list = str_ends(yaml_text(yaml_get(object, STR("kind"))), STR("List"));
    for (uint32_t i = 0; is_list && depth < 4 && items && items->kind == YAML_SEQUENCE && i < items->n; i++)
        check_object(check, items->items[i], check_pod, depth + 1);
}

static void each_pod(struct check *check, pod_check *check_pod) {
    struct yaml *yaml = check->document->yaml;
    for (uint32_t i = 0; i < yaml->documents.n; i++)
        if (yaml->documents.at[i].root)
            check_object(check, yaml->documents.at[i].root, check_pod, 0);
}

static const struct yaml_node *security_context(const struct yaml_node *node) {
    return yaml_get(node, STR("securityContext"));
}

/* Whether the container is privileged, or as good as. */
static bool is_privileged(const struct yaml_node *container) {
    const struct yaml_node *context = security_context(container);
    bool privileged;
    if (yaml_bool(yaml_get(context, STR("privileged")), &privileged) && privileged)
        return true;
    const struct yaml_node *added = yaml_get(yaml_get(context, STR("capabilities")), STR("add"));
    for (uint32_t i = 0; added && added->kind == YAML_SEQUENCE && i < added->n; i++)
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
    if (workload->user.kind != USER_OTHER)
        return str_printf(container->pod->check->arena, "its program runs as root: harden %.*s first",
                          STR_ARG(workload->dockerfile));
    if (is_privileged(container->node))
        return STR("it is privileged, which undoes every other measure: give it only what it needs instead");
    if (container->node->anchor.p)
        return STR("it has an anchor, so that others may share it");
    return override_obstacle(container);
}

static struct container container_at(const struct pod *pod, struct yaml_node *node) {
    struct container container = {.pod = pod, .node = node, .name = yaml_text(yaml_get(node, STR("name")))};
    struct yaml_pair *image = yaml_pair(node, STR("image"));
    container.at = image ? image->key->at.start : node->at.start;
    container.workload = project_container(pod->check->project, yaml_text(yaml_get(node, STR("image"))),
                                           pod->check->arena);
    container.obstacle = container_obstacle(&container);
    return container;
}

/* Calls for every container of the pod, those that start before the others included. */
static void each_container(const struct pod *pod, container_check *check_container) {
    static const struct str lists[] = {STR_INIT("initContainers"), STR_INIT("containers")};
    for (uint32_t l = 0; l < 2; l++) {
        struct yaml_node *list = yaml_own(pod->spec, lists[l]);
        for (uint32_t i = 0; list && list->kind == YAML_SEQUENCE && i < list->n; i++) {
            if (list->items[i]->kind != YAML_MAPPING)
                continue;
            struct container container = container_at(pod, list->items[i]);
            check_container(&container);
        }
    }
}

/* Whether facts allow measures that a program of root's might not survive. */
static bool is_ready(const struct container *container) {
    return !container->obstacle.p && !is_root(container->pod, container->node);
}

/* --- planning ------------------------------------------------------------------------------------------------------ */

static const struct template_variables none = {NULL, 0};

static bool is_same_item(struct str key, struct str have, struct str wanted) {
    (void)key;
    return str_eq(have, wanted);
}

static void report(struct check *check, uint32_t at, struct str name, const char *message, struct want want,
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
    struct yaml_pair *first = yaml_pair(pod->spec, STR("containers")), *init = yaml_pair(pod->spec, STR("initContainers"));
    if (init && (!first || init < first))
        first = init;
    return want_plan(pod->check->document->yaml, pod->spec, value, first, is_same_item, edits);
}

static void want_pod(const struct pod *pod, const char *path, struct template_variables variables, const char *message) {
    struct check *check = pod->check;
    struct edits edits = {.arena = check->arena};
    struct want want = plan_pod(pod, template_fill_value(check->arena, template_value(path), variables), &edits);
    report(check, pod->at, STR(""), message, want, &edits);
}

static void want_container(const struct container *container, const char *path, struct template_variables variables,
                           const char *message) {
    struct check *check = container->pod->check;
    struct edits edits = {.arena = check->arena};
    struct want want = want_plan(check->document->yaml, container->node,
                                 template_fill_value(check->arena, template_value(path), variables), NULL, is_same_item,
                                 &edits);
    report(check, container->at, container->name, message, want, &edits);
}

/* --- non-root-user ------------------------------------------------------------------------------------------------- */

struct agreement {
    bool is_set, is_broken; /* there is a container; they do not all have the same known ids */
    bool has_obstacle;      /* some container is left as it is */
    bool has_low_port;
    struct user user;
};

static bool is_low(struct str text) {
    uint32_t port;
    return str_number(text, 1023, &port) && port > 0;
}

static bool has_low_port(const struct container *container) {
    for (uint32_t i = 0; i < container->workload.ports.n; i++)
        if (is_low(container->workload.ports.list[i]))
            return true;
    const struct yaml_node *ports = yaml_get(container->node, STR("ports"));
    for (uint32_t i = 0; ports && ports->kind == YAML_SEQUENCE && i < ports->n; i++)
        if (is_low(yaml_text(yaml_get(ports->items[i], STR("containerPort")))))
            return true;
    return false;
}

static struct agreement agree(const struct pod *pod) {
    static const struct str lists[] = {STR_INIT("initContainers"), STR_INIT("containers")};
    struct agreement agreement = {0};
    for (uint32_t l = 0; l < 2; l++) {
        struct yaml_node *list = yaml_own(pod->spec, lists[l]);
        for (uint32_t i = 0; list && list->kind == YAML_SEQUENCE && i < list->n; i++) {
            struct container container = container_at(pod, list->items[i]);
            const struct user *user = &container.workload.user;
            agreement.has_low_port |= has_low_port(&container);
            bool says_root = yaml_get(security_context(container.node), STR("runAsUser")) && !is_ready(&container);
            agreement.has_obstacle |= container.obstacle.p != NULL;
            if (container.obstacle.p || says_root || !user->has_ids ||
                (agreement.is_set && (user->uid != agreement.user.uid || user->gid != agreement.user.gid)))
                agreement.is_broken = true;
            else
                agreement.user = *user;
            agreement.is_set = true;
        }
    }
    return agreement;
}

static struct template_variables id_variables(struct arena *arena, const struct user *user) {
    struct template_variable *list = arena_array(arena, 2, sizeof *list);
    list[0] = (struct template_variable){"uid", str_printf(arena, "%u", user->uid)};
    list[1] = (struct template_variable){"gid", str_printf(arena, "%u", user->gid)};
    return (struct template_variables){list, 2};
}

static void user_of_container(const struct container *container) {
    struct check *check = container->pod->check;
    const struct workload *workload = &container->workload;
    if (container->obstacle.p)
        rule_found(check, container->at, "container %.*s is not changed: %.*s", STR_ARG(container->name),
                   STR_ARG(container->obstacle));
    else if (!workload->user.has_ids)
        rule_found(check, container->at,
                   "container %.*s: the ids of the user %.*s are not known, and Kubernetes can verify only numbers: write "
                   "USER with numbers in %.*s",
                   STR_ARG(container->name), STR_ARG(workload->user.text), STR_ARG(workload->dockerfile));
}

/* Only where the pod's containers do not agree: each says its own. */
static void own_user_of_container(const struct container *container) {
    if (!container->obstacle.p && container->workload.user.has_ids)
        want_container(container, "kubernetes/non-root-user/container",
                       id_variables(container->pod->check->arena, &container->workload.user),
                       "nothing keeps it from running as root");
}

static void user_of_pod(const struct pod *pod) {
    each_container(pod, user_of_container);
    struct agreement agreement = agree(pod);
    bool is_host_network = false;
    yaml_bool(yaml_get(pod->spec, STR("hostNetwork")), &is_host_network);
    if (!agreement.is_set)
        return;
    if (agreement.is_broken) {
        each_container(pod, own_user_of_container);
        return;
    }
    if (agreement.has_low_port && is_host_network) {
        rule_found(pod->check, pod->at,
                   "on the host's network a user without privileges cannot listen on a port below 1024: use a higher one");
        return;
    }
    struct template_variables ids = id_variables(pod->check->arena, &agreement.user);
    want_pod(pod, "kubernetes/non-root-user/pod", ids, "nothing keeps the pod from running as root");
    if (agreement.has_low_port && !yaml_get(security_context(pod->spec), STR("sysctls")))
        want_pod(pod, "kubernetes/non-root-user/low-port", none,
                 "a user without privileges may listen on a port below 1024 only with this sysctl");
}

void kube_non_root_user(struct check *check) {
    each_pod(check, user_of_pod);
}

/* --- measures on each container ------------------------------------------------------------------------------------ */

static void capabilities_of(const struct container *container) {
    if (is_ready(container))
        want_container(container, "kubernetes/drop-capabilities/container", none,
                       "keeps capabilities that a program without root never uses");
}

static void capabilities_of_pod(const struct pod *pod) {
    each_container(pod, capabilities_of);
}

void kube_drop_capabilities(struct check *check) {
    each_pod(check, capabilities_of_pod);
}

static void privileges_of(const struct container *container) {
    if (is_ready(container))
        want_container(container, "kubernetes/no-new-privileges/container", none,
                       "setuid programs could still give it privileges");
}

static void privileges_of_pod(const struct pod *pod) {
    each_container(pod, privileges_of);
}

void kube_no_new_privileges(struct check *check) {
    each_pod(check, privileges_of_pod);
}

/* --- read-only-root ------------------------------------------------------------------------------------------------ */

static bool is_mounted(const struct container *container, struct str path) {
    const struct yaml_node *mounts = yaml_get(container->node, STR("volumeMounts"));
    for (uint32_t i = 0; mounts && mounts->kind == YAML_SEQUENCE && i < mounts->n; i++) {
        struct str have = yaml_text(yaml_get(mounts->items[i], STR("mountPath")));
        if (have.n && str_eq(path_join(container->pod->check->arena, STR("/"), have), path))
            return true;
    }
    return false;
}

static bool has_volume(const struct pod *pod, struct str name) {
    const struct yaml_node *volumes = yaml_get(pod->spec, STR("volumes"));
    for (uint32_t i = 0; volumes && volumes->kind == YAML_SEQUENCE && i < volumes->n; i++)
        if (str_eq(yaml_text(yaml_get(volumes->items[i], STR("name"))), name))
            return true;
    return false;
}

static bool is_planned(const struct yaml_value *mounts, uint32_t n, struct str name) {
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(mounts[i].children[0].text, name))
            return true;
    return false;
}

/* A free volume name for a path, a DNS label: its last component, with a number where that is taken. */
static struct str volume_name(const struct pod *pod, struct str path, const struct yaml_value *planned, uint32_t n) {
    struct arena *arena = pod->check->arena;
    char *label = str_c(arena, str_lower(arena, str_sub(path, str_rfind(path, '/') + 1, path.n)));
    for (char *c = label; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9'))
            *c = '-';
    struct str name = str_of(label);
    for (uint32_t i = 2; has_volume(pod, name) || is_planned(planned, n, name); i++)
        name = str_printf(arena, "%s-%u", label, i);
    return name;
}

/* A mapping with one key, a list. */
static const struct yaml_value *one_list(struct arena *arena, struct str key, const struct yaml_value *items, uint32_t n) {
    struct yaml_value *value = arena_array(arena, 2, sizeof *value);
    value[0] = (struct yaml_value){.kind = YAML_MAPPING, .children = &value[1], .n = 1};
    value[1] = (struct yaml_value){.kind = YAML_SEQUENCE, .key = key, .children = items, .n = n};
    return value;
}

/* Plans volumes and mounts for the paths: memory for /tmp, disk for what may grow. */
static struct want plan_mounts(const struct container *container, const struct str *paths, uint32_t n,
                               struct edits *edits) {
    const struct pod *pod = container->pod;
    struct arena *arena = pod->check->arena;
    struct yaml *yaml = pod->check->document->yaml;
    struct yaml_value *mounts = arena_array(arena, n, sizeof *mounts), *volumes = arena_array(arena, n, sizeof *volumes);
    for (uint32_t i = 0; i < n; i++) {
        const struct template_variable list[] = {{"name", volume_name(pod, paths[i], mounts, i)}, {"path", paths[i]}};
        struct template_variables variables = {list, 2};
        const char *volume = str_eq(paths[i], STR("/tmp")) ? "kubernetes/read-only-root/memory"
                                                           : "kubernetes/read-only-root/disk";
        mounts[i] = *template_fill_value(arena, template_value("kubernetes/read-only-root/mount"), variables);
        volumes[i] = *template_fill_value(arena, template_value(volume), variables);
    }
    struct want want = want_plan(yaml, container->node, one_list(arena, STR("volumeMounts"), mounts, n), NULL,
                                 is_same_item, edits);
    return want.result == WANT_REFUSED ? want
                                       : want_plan(yaml, pod->spec, one_list(arena, STR("volumes"), volumes, n), NULL,
                                                   is_same_item, edits);
}

static void root_of(const struct container *container) {
    struct check *check = container->pod->check;
    const struct workload *workload = &container->workload;
    bool is_read_only;
    if (!is_ready(container) ||
        (yaml_bool(yaml_get(security_context(container->node), STR("readOnlyRootFilesystem")), &is_read_only) &&
         is_read_only))
        return;
    VEC(struct str) paths = {0};
    const struct str tmp = STR("/tmp");
    const struct str_list lists[] = {{&tmp, 1}, workload->volumes, workload->writable, workload->image_writes};
    for (uint32_t l = 0; l < 4; l++)
        for (uint32_t i = 0; i < lists[l].n; i++) {
            struct str path = lists[l].list[i];
            if (is_mounted(container, path))
                continue;
            bool is_hidden = l == 3 ? !path_is_transient(path)
                                    : l > 0 && project_has_content(check->project, workload, path, check->arena);
            if (is_hidden) {
                rule_found(check, container->at,
                           "container %.*s: its program writes to %.*s, where the image may have files already: mount a "
                           "volume with them there, then its root file system can be read-only",
                           STR_ARG(container->name), STR_ARG(path));
                return;
            }
            *vec_push(check->arena, &paths) = path;
        }
    struct edits edits = {.arena = check->arena};
    struct want want = want_plan(check->document->yaml, container->node,
                                 template_value("kubernetes/read-only-root/container"), NULL, is_same_item, &edits);
    if (want.result != WANT_REFUSED && paths.n) {
        struct want mounts = plan_mounts(container, paths.at, paths.n, &edits);
        if (mounts.result == WANT_REFUSED)
            want = mounts;
    }
    report(check, container->at, container->name, "its root file system can be written to", want, &edits);
}

static void root_of_pod(const struct pod *pod) {
    each_container(pod, root_of);
}

void kube_read_only_root(struct check *check) {
    each_pod(check, root_of_pod);
}

/* --- seccomp-profile ----------------------------------------------------------------------------------------------- */

static void seccomp_of_pod(const struct pod *pod) {
    struct agreement agreement = agree(pod);
    struct str type = yaml_text(
        yaml_get(yaml_get(security_context(pod->spec), STR("seccompProfile")), STR("type")));
    if (type.n && !str_eq(type, STR("Unconfined")))
        return; /* RuntimeDefault, or a profile of their own */
    if (agreement.is_set && !agreement.has_obstacle)
        want_pod(pod, "kubernetes/seccomp-profile/pod", none, "its system calls are not filtered");
}

void kube_seccomp_profile(struct check *check) {
    each_pod(check, seccomp_of_pod);
}
