#include "pod.h"

#include "path.h"

#include <stdlib.h>
#include <string.h>

const struct str pod_lists[POD_LISTS] = {STR_INIT("initContainers"), STR_INIT("containers"),
                                         STR_INIT("ephemeralContainers")};

/* --- values --------------------------------------------------------------------------------------------------------
 */

bool pod_is_true(const struct yaml_node *value) {
    static const struct str yes[] = {STR_INIT("y"),   STR_INIT("Y"),  STR_INIT("yes"), STR_INIT("Yes"),
                                     STR_INIT("YES"), STR_INIT("on"), STR_INIT("On"),  STR_INIT("ON")};
    return yaml_is_true(value) || (value && value->style == YAML_PLAIN && STR_IS_IN(yaml_text(value), yes));
}

bool pod_is_false(const struct yaml_node *value) {
    static const struct str no[] = {STR_INIT("n"),  STR_INIT("N"),   STR_INIT("no"),  STR_INIT("No"),
                                    STR_INIT("NO"), STR_INIT("off"), STR_INIT("Off"), STR_INIT("OFF")};
    bool value_of;
    return (yaml_bool(value, &value_of) && !value_of) ||
           (value && value->style == YAML_PLAIN && STR_IS_IN(yaml_text(value), no));
}

bool pod_is_zero(const struct yaml_node *value) {
    char text[24], *end;
    struct str digits = yaml_text(value);
    size_t n = 0;
    if (digits.n == 0 || digits.n >= sizeof text)
        return false;
    for (uint32_t i = 0; i < digits.n; i++)
        if (digits.p[i] != '_' && !(i == 1 && strchr("bo", digits.p[i])))
            text[n++] = digits.p[i];
    text[n] = '\0';
    return strtod(text, &end) == 0 && end == text + n && n;
}

/* --- look-ups ------------------------------------------------------------------------------------------------------
 */

struct str pod_container_name(const struct yaml_node *container) {
    struct str name = yaml_text(yaml_get(container, STR("name")));
    return name.n ? name : yaml_text(yaml_get(container, STR("image")));
}

/* The item of that name. */
static const struct yaml_node *find_named(const struct yaml_node *list, struct str name) {
    for (uint32_t i = 0; i < list->n; i++)
        if (str_eq(yaml_text(yaml_get(list->items[i], STR("name"))), name))
            return yaml_resolve(list->items[i]);
    return NULL;
}

struct str pod_port_start(const struct yaml_node *spec) {
    const struct yaml_node *sysctls = yaml_list(yaml_get(spec, STR("securityContext")), STR("sysctls"));
    const struct yaml_node *dotted = find_named(sysctls, STR("net.ipv4.ip_unprivileged_port_start")),
                           *slashed = find_named(sysctls, STR("net/ipv4/ip_unprivileged_port_start"));
    return yaml_text(yaml_get(dotted ? dotted : slashed, STR("value")));
}

/* --- volumes -------------------------------------------------------------------------------------------------------
 */

static struct pod_volume *volume_named(struct arena *arena, struct map *volumes, struct str name) {
    struct pod_volume *volume = map_get(volumes, name);
    if (volume)
        return volume;
    volume = arena_new(arena, struct pod_volume);
    map_add(volumes, arena, name, volume);
    return volume;
}

static void add_writer(struct arena *arena, struct map *volumes, const struct yaml_node *container) {
    const struct yaml_node *mounts = yaml_list(container, STR("volumeMounts"));
    for (uint32_t i = 0; i < mounts->n; i++) {
        if (pod_is_true(yaml_get(mounts->items[i], STR("readOnly"))))
            continue;
        struct pod_volume *volume = volume_named(arena, volumes, yaml_text(yaml_get(mounts->items[i], STR("name"))));
        volume->has_more_writers |= volume->writer && volume->writer != container;
        volume->writer = volume->writer ? volume->writer : container;
    }
}

struct map pod_volumes(struct arena *arena, const struct yaml_node *spec) {
    struct map volumes = {0};
    const struct yaml_node *list = yaml_list(spec, STR("volumes"));
    for (uint32_t i = 0; i < list->n; i++) {
        struct pod_volume *volume = volume_named(arena, &volumes, yaml_text(yaml_get(list->items[i], STR("name"))));
        volume->node = volume->node ? volume->node : yaml_resolve(list->items[i]);
    }
    for (uint32_t l = 0; l < POD_LISTS; l++) {
        list = yaml_list(spec, pod_lists[l]);
        for (uint32_t i = 0; i < list->n; i++)
            add_writer(arena, &volumes, yaml_resolve(list->items[i]));
    }
    return volumes;
}

const struct yaml_node *pod_volume(const struct map *volumes, struct str name) {
    const struct pod_volume *volume = map_get(volumes, name);
    return volume ? volume->node : NULL;
}

bool pod_writes(const struct map *volumes, struct str name, const struct yaml_node *but) {
    const struct pod_volume *volume = map_get(volumes, name);
    return volume && volume->writer && (volume->writer != but || volume->has_more_writers);
}

/* --- what its image is to know -------------------------------------------------------------------------------------
 */

bool pod_may_need_root(struct str text) {
    static const struct str words[] = {STR_INIT("privileged"), STR_INIT("capabilities"), STR_INIT("hostPath"),
                                       STR_INIT("hostPID"),    STR_INIT("runAsUser"),    STR_INIT("/root")};
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_contains(text, words[i]))
            return true;
    return false;
}

static bool mounts_host(const struct map *volumes, const struct yaml_node *container) {
    const struct yaml_node *mounts = yaml_list(container, STR("volumeMounts"));
    for (uint32_t i = 0; i < mounts->n; i++)
        if (yaml_get(pod_volume(volumes, yaml_text(yaml_get(mounts->items[i], STR("name")))), STR("hostPath")))
            return true;
    return false;
}

static bool mounts_home(const struct yaml_node *container) {
    const struct yaml_node *mounts = yaml_list(container, STR("volumeMounts"));
    for (uint32_t i = 0; i < mounts->n; i++)
        if (path_is_below(yaml_text(yaml_get(mounts->items[i], STR("mountPath"))), STR("/root")))
            return true;
    return false;
}

/* Whether it gets capabilities that are of no use to others than root; programs have NET_BIND_SERVICE from their files.
 */
static bool adds_capabilities(const struct yaml_node *context) {
    const struct yaml_node *added = yaml_list(yaml_get(context, STR("capabilities")), STR("add"));
    for (uint32_t i = 0; i < added->n; i++)
        if (!str_eq(yaml_text(yaml_resolve(added->items[i])), STR("NET_BIND_SERVICE")))
            return true;
    return false;
}

const char *pod_root_task(const struct yaml_node *spec, const struct map *volumes, const struct yaml_node *container,
                          bool is_taken_back) {
    const struct yaml_node *context = is_taken_back ? NULL : yaml_get(container, STR("securityContext"));
    if (pod_is_true(yaml_get(context, STR("privileged"))))
        return "is privileged, which is of use to root only";
    if (adds_capabilities(context))
        return "adds capabilities, which only root gets";
    if (pod_is_true(yaml_get(spec, STR("hostPID"))))
        return "sees the host's processes, which only root may inspect";
    if (mounts_host(volumes, container))
        return "mounts a folder of the host, which belongs to root";
    return mounts_home(container) ? "mounts something below /root, which only root can read" : NULL;
}

struct str pod_user(const struct yaml_node *spec, const struct yaml_node *container) {
    const struct yaml_node *own = yaml_get(yaml_get(container, STR("securityContext")), STR("runAsUser")),
                           *pods = yaml_get(yaml_get(spec, STR("securityContext")), STR("runAsUser"));
    const struct yaml_node *user = own && !yaml_is_null(own) ? own : pods;
    return yaml_is_null(user) ? (struct str){NULL, 0} : pod_is_zero(user) ? STR("0") : yaml_text(user);
}

/* --- what is left alone --------------------------------------------------------------------------------------------
 */

static const struct str system_labels[] = {STR_INIT("kubernetes.io/os"), STR_INIT("beta.kubernetes.io/os")};

/* Whether a term for nodes is met by those of Windows alone. */
static bool wants_windows(const struct yaml_node *term) {
    const struct yaml_node *all = yaml_list(term, STR("matchExpressions"));
    for (uint32_t i = 0; i < all->n; i++) {
        const struct yaml_node *expression = yaml_resolve(all->items[i]),
                               *values = yaml_list(expression, STR("values"));
        bool is_it = values->n == 1 && str_eq(yaml_text(yaml_resolve(values->items[0])), STR("windows"));
        if (is_it && STR_IS_IN(yaml_text(yaml_get(expression, STR("key"))), system_labels) &&
            str_eq(yaml_text(yaml_get(expression, STR("operator"))), STR("In")))
            return true;
    }
    return false;
}

static bool has_windows_options(const struct yaml_node *node) {
    return yaml_get(yaml_get(node, STR("securityContext")), STR("windowsOptions")) != NULL;
}

bool pod_is_windows(const struct yaml_node *spec) {
    const struct yaml_node *affinity = yaml_get(yaml_get(spec, STR("affinity")), STR("nodeAffinity"));
    const struct yaml_node *required = yaml_get(affinity, STR("requiredDuringSchedulingIgnoredDuringExecution"));
    const struct yaml_node *terms = yaml_list(required, STR("nodeSelectorTerms"));
    bool is_it = terms->n > 0; /* one of them is met */
    for (uint32_t i = 0; i < terms->n; i++)
        is_it &= wants_windows(yaml_resolve(terms->items[i]));
    is_it |= str_eq(yaml_text(yaml_get(yaml_get(spec, STR("os")), STR("name"))), STR("windows"));
    for (uint32_t i = 0; i < 2; i++)
        is_it |= str_eq(yaml_text(yaml_get(yaml_get(spec, STR("nodeSelector")), system_labels[i])), STR("windows"));
    for (uint32_t l = 0; l < POD_LISTS; l++) {
        const struct yaml_node *list = yaml_list(spec, pod_lists[l]);
        for (uint32_t i = 0; i < list->n; i++)
            is_it |= has_windows_options(list->items[i]);
    }
    return is_it || has_windows_options(spec);
}

bool pod_is_partial(const struct yaml_node *spec) {
    for (uint32_t l = 0; l < POD_LISTS; l++) {
        const struct yaml_node *list = yaml_list(spec, pod_lists[l]);
        for (uint32_t i = 0; i < list->n; i++)
            if (!yaml_get(yaml_resolve(list->items[i]), STR("image")))
                return true;
    }
    return !yaml_get(spec, STR("containers"));
}

static bool has_image(const struct yaml_node *node) {
    return yaml_text(yaml_get(node, STR("image"))).n > 0;
}

bool pod_is_like(const struct yaml_node *object) {
    static const struct str lists[] = {STR_INIT("containers"), STR_INIT("initContainers"), STR_INIT("sidecars"),
                                       STR_INIT("steps")};
    static const struct str single[] = {STR_INIT("container"), STR_INIT("script")};
    static const struct str telling[] = {STR_INIT("podTemplate"), STR_INIT("podTemplateSpec"), STR_INIT("podSpec"),
                                         STR_INIT("securityContext"), STR_INIT("podSecurityContext")};
    bool is_mapping = object->kind == YAML_MAPPING;
    for (uint32_t i = 0; i < object->n; i++) {
        const struct yaml_node *value = is_mapping ? object->pairs[i].value : object->items[i];
        struct str key = is_mapping ? yaml_text(object->pairs[i].key) : STR("");
        for (uint32_t j = 0; STR_IS_IN(key, lists) && value->kind == YAML_SEQUENCE && j < value->n; j++)
            if (has_image(value->items[j]))
                return true;
        if ((STR_IS_IN(key, single) && has_image(value)) || (STR_IS_IN(key, telling) && value->kind == YAML_MAPPING) ||
            pod_is_like(value))
            return true;
    }
    return false;
}

bool pod_is_meant(struct str text) {
    return str_contains(text, STR("ontainers")) || str_contains(text, STR("securityContext")) ||
           str_contains(text, STR("template/"));
}
