/* What a manifest says of a container: its command, mounts and environment. */
#include "rules_kube.h"

#include "compose.h"
#include "link.h"
#include "pod.h"
#include "render.h"

#include <stdlib.h>

/* --- the command ---------------------------------------------------------------------------------------------------
 */

/* A list of words: `command` stands for the image's entrypoint, `args` for its command (Kubernetes API, Container). */
static struct command words_of(struct arena *arena, const struct yaml_node *container, struct str key) {
    const struct yaml_node *node = yaml_get(container, key);
    struct command command = {.is_set = node && node->kind == YAML_SEQUENCE && node->n, .is_known = true};
    struct str *words = arena_array(arena, command.is_set ? node->n : 0, sizeof *words);
    for (; command.is_set && command.n < node->n; command.n++)
        words[command.n] = yaml_text(yaml_resolve(node->items[command.n]));
    command.words = words;
    return command;
}

/* --- mounts --------------------------------------------------------------------------------------------------------
 */

/* Whether others than the owner can read files of a mode: octal with a leading zero, as YAML 1.1 has it, else decimal.
 */
static bool is_open_mode(const struct yaml_node *mode) {
    char text[16] = "";
    struct str digits = yaml_text(mode);
    if (!mode)
        return true; /* 0644 */
    for (uint32_t i = 0, n = 0; i < digits.n && n + 1 < sizeof text; i++)
        if (digits.p[i] != 'o') /* 0o400, as YAML 1.2 has it */
            text[n++] = digits.p[i];
    return strtoul(text, NULL, 0) & 4;
}

/* Whether the files of a secret, configMap, downwardAPI or projected volume can be read by everybody. */
static bool is_open_volume(const struct yaml_node *source) {
    const struct yaml_node *items = yaml_list(source, STR("items")), *sources = yaml_list(source, STR("sources"));
    bool is_open = is_open_mode(yaml_get(source, STR("defaultMode")));
    for (uint32_t i = 0; i < items->n; i++)
        is_open &= is_open_mode(yaml_get(items->items[i], STR("mode")));
    for (uint32_t i = 0; i < sources->n; i++) {
        const struct yaml_node *one = yaml_resolve(sources->items[i]);
        for (uint32_t j = 0; one->kind == YAML_MAPPING && j < one->n; j++)
            is_open &= is_open_volume(yaml_resolve(one->pairs[j].value));
    }
    return is_open;
}

/* An emptyDir belongs to root and has mode 0777 (kubelet, pkg/volume/emptydir); what a cluster mounts from its own
 * objects is read-only; a claim is whoever's its storage says. */
static struct mount mount_of(const struct container *container, const struct yaml_node *entry) {
    static const struct str objects[] = {STR_INIT("configMap"), STR_INIT("downwardAPI"), STR_INIT("projected"),
                                         STR_INIT("secret")};
    /* that the kubelet gives the pod's fsGroup (kubernetes.io/docs/tasks/configure-pod-container/security-context,
     * "Configure volume permission and ownership change policy for Pods") */
    static const struct str grouped[] = {
        STR_INIT("csi"),       STR_INIT("ephemeral"), STR_INIT("persistentVolumeClaim"),
        STR_INIT("configMap"), STR_INIT("projected"), STR_INIT("secret")};
    const struct map *volumes = &container->pod->mounted;
    struct str path = yaml_text(yaml_get(entry, STR("mountPath"))), name = yaml_text(yaml_get(entry, STR("name")));
    const struct yaml_node *volume = pod_volume(volumes, name);
    struct mount mount = {
        .name = name,
        .target = str_starts(path, STR("/")) ? path_join(container->pod->check->arena, STR("/"), path)
                                             : (struct str){NULL, 0},
        .is_read_only = pod_is_true(yaml_get(entry, STR("readOnly"))) || yaml_get(volume, STR("image")),
        .is_readable = !yaml_get(volume, STR("hostPath")),
    };
    mount.takes_group = !volume; /* a StatefulSet's claim */
    for (uint32_t i = 0; i < sizeof grouped / sizeof *grouped; i++)
        mount.takes_group |= yaml_get(volume, grouped[i]) != NULL;
    if (yaml_get(volume, STR("emptyDir")))
        mount.owner = pod_writes(volumes, name, container->node) ? OWNER_MANY : OWNER_ALL;
    for (uint32_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        const struct yaml_node *source = yaml_get(volume, objects[i]);
        mount.is_read_only |= source != NULL;
        mount.is_readable &= !source || is_open_volume(source);
    }
    return mount;
}

/* --- environment ---------------------------------------------------------------------------------------------------
 */

/* Whether an object of this file is the ConfigMap or Secret of that name; *ret_has: and has the key. */
static bool find_object(const struct check *check, struct str kind, struct str name, struct str key, bool *ret_has) {
    static const struct str groups[] = {STR_INIT("data"), STR_INIT("stringData"), STR_INIT("binaryData")};
    const struct yaml *yaml = check->document->yaml;
    bool is_there = false;
    *ret_has = false;
    for (uint32_t i = 0; i < yaml->documents.n; i++) {
        const struct yaml_node *object = yaml->documents.at[i].root;
        if (!object || !str_eq(yaml_text(yaml_get(object, STR("kind"))), kind) ||
            !str_eq(yaml_text(yaml_get(yaml_get(object, STR("metadata")), STR("name"))), name))
            continue;
        is_there = true;
        for (uint32_t j = 0; j < 3; j++)
            *ret_has |= yaml_get(yaml_get(object, groups[j]), key) != NULL;
    }
    return is_there;
}

/* Whether an entry of envFrom sets a variable, or may: its object is not in this file. */
static bool is_from(const struct check *check, const struct yaml_node *entry, struct str name) {
    static const struct {
        struct str key, kind;
    } references[] = {{STR_INIT("configMapRef"), STR_INIT("ConfigMap")}, {STR_INIT("secretRef"), STR_INIT("Secret")}};
    struct str prefix = yaml_text(yaml_get(entry, STR("prefix")));
    if (!str_starts(name, prefix))
        return false;
    for (uint32_t i = 0; i < 2; i++) {
        const struct yaml_node *reference = yaml_get(entry, references[i].key);
        bool has;
        if (reference && find_object(check, references[i].kind, yaml_text(yaml_get(reference, STR("name"))),
                                     str_sub(name, prefix.n, name.n), &has))
            return has;
    }
    return true;
}

static bool may_set(const struct launch *launch, struct str name, struct str *ret_value) {
    const struct container *container = launch->context;
    const struct yaml_node *env = yaml_list(container->node, STR("env")),
                           *from = yaml_list(container->node, STR("envFrom"));
    *ret_value = (struct str){NULL, 0};
    for (uint32_t i = env->n; i > 0; i--) {
        const struct yaml_node *value = yaml_get(env->items[i - 1], STR("value"));
        if (!str_eq(yaml_text(yaml_get(env->items[i - 1], STR("name"))), name))
            continue;
        if (value && !str_contains(yaml_text(value), STR("$(")))
            *ret_value = yaml_text(value);
        return true;
    }
    for (uint32_t i = 0; i < from->n; i++)
        if (is_from(container->pod->check, yaml_resolve(from->items[i]), name))
            return true;
    return false;
}

/* --- all of it -----------------------------------------------------------------------------------------------------
 */

static bool is_low(const struct yaml_node *port) {
    uint32_t number;
    return str_number(yaml_text(port), 1023, &number) && number > 0;
}

static bool says_low_port(const struct yaml_node *container) {
    const struct yaml_node *ports = yaml_list(container, STR("ports"));
    for (uint32_t i = 0; i < ports->n; i++)
        if (is_low(yaml_get(ports->items[i], STR("containerPort"))))
            return true;
    return false;
}

/* Whether its program may listen there by its file's capability. */
static bool gains_port(const struct container *container, const struct image *image) {
    const struct yaml_node *kept = yaml_get(security_context(container->node), STR("allowPrivilegeEscalation"));
    return str_is_in(STR("NET_BIND_SERVICE"), image->file_capabilities, image->n_file_capabilities) &&
           (!kept || pod_is_true(kept));
}

bool container_has_low_port(const struct container *container) {
    const struct workload *workload = &container->launch.workload;
    const struct image *image = workload->stage ? workload->stage->image : NULL;
    uint32_t number;
    if (image && image->gains.n && gains_port(container, image))
        return false;
    for (uint32_t i = 0; i < workload->ports.n; i++)
        if (str_number(workload->ports.list[i], 1023, &number) && number > 0)
            return true;
    return container->launch.has_low_port || (image && !workload->dockerfile.n && image->n_ports);
}

/* Other capabilities than NET_BIND_SERVICE, which programs also have from their files. */
static struct str_list added(struct arena *arena, const struct yaml_node *container) {
    const struct yaml_node *list = yaml_list(yaml_get(security_context(container), STR("capabilities")), STR("add"));
    struct str *names = arena_array(arena, list->n, sizeof *names);
    uint32_t n = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        struct str name = capability_name(arena, yaml_text(yaml_resolve(list->items[i])));
        if (!str_eq(name, STR("NET_BIND_SERVICE")))
            names[n++] = name;
    }
    return (struct str_list){names, n};
}

struct launch container_launch(const struct container *container) {
    const struct pod *pod = container->pod;
    struct arena *arena = pod->check->arena;
    const struct yaml_node *entries = yaml_list(container->node, STR("volumeMounts"));
    const char *task = pod_root_task(pod->spec, &pod->mounted, container->node, true);
    struct str image = render_image(pod->check->document, yaml_text(yaml_get(container->node, STR("image"))), arena);
    struct mount *mounts = arena_array(arena, entries->n, sizeof *mounts);
    for (uint32_t i = 0; i < entries->n; i++)
        mounts[i] = mount_of(container, yaml_resolve(entries->items[i]));
    struct launch launch = {
        .arena = arena,
        .project = pod->check->project,
        .asked = &pod->check->document->config->user,
        .workload = project_container(pod->check->project, pod->check->document, image, arena),
        .entrypoint = words_of(arena, container->node, STR("command")),
        .command = words_of(arena, container->node, STR("args")),
        .mounts = mounts,
        .n_mounts = entries->n,
        .workdir = yaml_text(yaml_get(container->node, STR("workingDir"))),
        .user = pod_user(pod->spec, container->node),
        .is_on_host_network = pod_is_true(yaml_get(pod->spec, STR("hostNetwork"))),
        .guards_ports = !str_eq(pod_port_start(pod->spec), STR("0")),
        .adds = added(arena, container->node),
        .has_low_port = says_low_port(container->node),
        .may_set = may_set,
        .context = container,
    };
    launch.is_user_hidden = launch.user.n && !(launch.user.p[0] >= '0' && launch.user.p[0] <= '9');
    launch.is_root = str_eq(launch.user, STR("0"));
    if (task)
        launch.needs_root = str_printf(arena, "it %s", task);
    else if (launch.is_root)
        launch.needs_root = STR("it says that it runs as root");
    return launch;
}
