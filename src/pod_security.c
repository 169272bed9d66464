#include "pod_security.h"

#include "guess.h"
#include "pod.h"
#include "pod_check.h"

/* --- looking -------------------------------------------------------------------------------------------------------
 */

/* The value that the API server sees; NULL for one that is not given. */
static const struct yaml_node *value_at(const struct yaml_node *mapping, struct str key) {
    const struct yaml_node *value = yaml_get(mapping, key);
    return yaml_is_null(value) ? NULL : value;
}

enum { MAX_KEYS = 6, MAX_REASONS = 1000, MAX_MERGES = 100, MAX_SHOWN = 60 };

struct look {
    struct arena *arena;
    const struct pod_check *check;
    const struct yaml_node *spec;
    const struct yaml_node *subject; /* the metadata, the spec or a container */
    uint32_t of;
    struct str keys[MAX_KEYS]; /* that led here */
    uint32_t n_keys;
    uint32_t merges; /* of one mapping that have been followed */
    struct pod_verdict *verdict;
};

static void add_reason(struct look *look, const struct yaml_node *value, const struct yaml_node *holder,
                       const struct yaml_node *place) {
    const struct pod_check *check = look->check;
    struct pod_verdict *verdict = look->verdict;
    if (check->level && verdict->level >= check->level)
        verdict->level = check->level - 1;
    if (verdict->reasons.n + verdict->beside.n == MAX_REASONS)
        return;
    struct str *keys = arena_array(look->arena, look->n_keys, sizeof *keys);
    for (uint32_t i = 0; i < look->n_keys; i++)
        keys[i] = look->keys[i];
    *(check->level ? vec_push(look->arena, &verdict->reasons) : vec_push(look->arena, &verdict->beside)) =
        (struct pod_reason){
            .check = check,
            .level = check->level,
            .at = place->at.start,
            .value = value,
            .holder = holder,
            .subject = look->subject,
            .of = look->of,
            .keys = keys,
            .n_keys = look->n_keys,
        };
}

static struct str first_key(struct str *path) {
    struct str key = {NULL, 0};
    str_cut(path, ' ', &key);
    return key;
}

/* What a container is to have from its pod. */
static bool pod_gives(const struct look *look) {
    const struct yaml_node *node = look->spec;
    for (struct str rest = str_of(look->check->path), key; node && str_cut(&rest, ' ', &key);)
        node = value_at(node, key);
    return node != NULL;
}

static void see_value(struct look *look, const struct yaml_node *value, const struct yaml_node *holder) {
    const struct pod_check *check = look->check;
    if (check->is_met(value))
        return;
    if (!value && (check->looks & NEEDED)) {
        const struct yaml_pair *image = yaml_pair(look->subject, STR("image"));
        if (look->of == OF_CONTAINERS && !((check->looks & UNLESS_POD_DOES) && pod_gives(look)))
            add_reason(look, NULL, holder, image ? image->key : look->subject);
        return;
    }
    add_reason(look, value, holder, value ? value : holder);
}

static void follow(struct look *look, const struct yaml_node *node, const struct yaml_node *holder, struct str rest);

static void follow_key(struct look *look, const struct yaml_node *node, struct str key, struct str rest) {
    look->keys[look->n_keys++] = key;
    follow(look, value_at(node, key), node, rest);
    look->n_keys--;
}

static bool is_listed(struct str list, struct str word) {
    struct str item;
    while (str_cut(&list, '|', &item))
        if (str_eq(item, word))
            return true;
    return false;
}

/* The keys that a pattern is for, with those that are merged in. */
static void follow_keys(struct look *look, const struct yaml_node *node, struct str pattern, struct str rest) {
    bool is_prefix = str_ends(pattern, STR("*"));
    struct str words = is_prefix ? str_sub(pattern, 0, pattern.n - 1) : str_sub(pattern, 1, pattern.n);
    if (!node || node->kind != YAML_MAPPING)
        return;
    for (uint32_t i = 0; i < node->n; i++) {
        struct str key = yaml_text(node->pairs[i].key);
        const struct yaml_node *merged = yaml_resolve(node->pairs[i].value);
        if (!str_eq(key, STR("<<"))) {
            if (is_prefix ? str_starts(key, words) : !is_listed(words, key))
                follow_key(look, node, key, rest);
            continue;
        }
        for (uint32_t j = 0; merged->kind == YAML_SEQUENCE && j < merged->n && look->merges++ < MAX_MERGES; j++)
            follow_keys(look, yaml_resolve(merged->items[j]), pattern, rest);
        if (look->merges++ < MAX_MERGES)
            follow_keys(look, merged, pattern, rest);
    }
}

static void follow(struct look *look, const struct yaml_node *node, const struct yaml_node *holder, struct str rest) {
    struct str key = first_key(&rest), one;
    if (!key.n) {
        see_value(look, node, holder);
    } else if (!node && (look->check->looks & NEEDED)) {
        uint32_t n_keys = look->n_keys;
        for (; key.n; key = first_key(&rest))
            look->keys[look->n_keys++] = key;
        see_value(look, NULL, holder);
        look->n_keys = n_keys;
    } else if (str_eq(key, STR("*"))) {
        for (uint32_t i = 0; node && node->kind == YAML_SEQUENCE && i < node->n; i++)
            follow(look, yaml_resolve(node->items[i]), node, rest);
    } else if (str_starts(key, STR("!")) || str_ends(key, STR("*"))) {
        look->merges = 0;
        follow_keys(look, node, key, rest);
    } else {
        while (node && str_cut(&key, '|', &one))
            follow_key(look, node, one, rest);
    }
}

/* Of the conditions NOT_WINDOWS and its kin, those that exempt a pod. */
static uint32_t exemptions(const struct yaml_node *spec, uint32_t minor) {
    bool is_windows =
        minor >= WINDOWS_SINCE && str_eq(yaml_text(yaml_get(yaml_get(spec, STR("os")), STR("name"))), STR("windows"));
    bool has_users = minor >= OWN_USERS_SINCE && pod_is_false(yaml_get(spec, STR("hostUsers")));
    return (is_windows ? NOT_WINDOWS : 0) | (has_users ? NOT_OWN_USERS : ONLY_OWN_USERS);
}

static void look_at(struct look *look, uint32_t of, const struct yaml_node *subject) {
    look->of = of;
    look->subject = subject;
    look->n_keys = 0;
    if (subject && (look->check->looks & of))
        follow(look, subject, subject, str_of(look->check->path));
}

struct pod_verdict pod_security(struct arena *arena, const struct yaml_node *metadata, const struct yaml_node *spec,
                                uint32_t minor) {
    struct pod_verdict verdict = {.level = POD_RESTRICTED};
    struct look look = {.arena = arena, .spec = spec, .verdict = &verdict};
    uint32_t exempt = exemptions(spec, minor);
    const struct yaml_node *lists[POD_LISTS];
    for (uint32_t l = 0; l < POD_LISTS; l++)
        lists[l] = yaml_list(spec, pod_lists[l]);
    for (uint32_t i = 0; i < pod_checks_n; i++) {
        look.check = &pod_checks[i];
        if (minor < look.check->from || (look.check->until && minor >= look.check->until) ||
            (look.check->looks & exempt))
            continue;
        look_at(&look, OF_METADATA, metadata);
        look_at(&look, OF_POD, spec);
        for (uint32_t l = 0; l < POD_LISTS; l++)
            for (uint32_t j = 0; j < lists[l]->n; j++)
                look_at(&look, OF_CONTAINERS, yaml_resolve(lists[l]->items[j]));
    }
    return verdict;
}

/* --- reasons -------------------------------------------------------------------------------------------------------
 */

struct str pod_reason_what(struct arena *arena, const struct pod_reason *reason) {
    struct buf text = {.arena = arena};
    const struct yaml_node *value = reason->value;
    bool is_volume = str_eq(reason->keys[0], STR("volumes"));
    if (reason->of == OF_CONTAINERS)
        buf_printf(&text, "container %.*s: ", STR_ARG(pod_container_name(reason->subject)));
    if (is_volume)
        buf_printf(&text, "volume %.*s: ", STR_ARG(yaml_text(yaml_get(reason->holder, STR("name")))));
    for (uint32_t i = is_volume || str_eq(reason->keys[0], STR("securityContext")); i < reason->n_keys; i++)
        buf_printf(&text, "%.*s%s", STR_ARG(reason->keys[i]), i + 1 < reason->n_keys ? "." : "");
    if (value && value->kind == YAML_SCALAR)
        buf_printf(&text, ": %.*s", STR_ARG(str_sub(value->value, 0, MAX_SHOWN)));
    return buf_str(&text);
}

struct str pod_reason_message(struct arena *arena, const struct pod_reason *reason) {
    const struct pod_check *check = reason->check;
    const struct yaml_node *value = reason->value;
    struct str what = pod_reason_what(arena, reason), level = pod_level_name(check->level);
    bool is_other = value && (check->looks & NEEDED) && value->kind != YAML_SCALAR;
    const char *is = !value ? "is not given, which" : is_other ? "is not what" : "is forbidden by";
    return str_printf(arena, "%.*s %s %.*s%s (%s): %s", STR_ARG(what), is, STR_ARG(level),
                      !value || is_other ? " needs" : "", check->id, check->instead);
}

/* --- the option ----------------------------------------------------------------------------------------------------
 */

static const struct str levels[] = {STR_INIT("privileged"), STR_INIT("baseline"), STR_INIT("restricted")};

struct str pod_level_name(enum pod_level level) {
    return levels[level];
}

const char *pod_demand_read(struct arena *arena, struct str text, struct pod_demand *ret) {
    struct str version = text, level = {NULL, 0};
    str_cut(&version, ':', &level);
    struct guess guess = {.word = level, .offers = {.arena = arena}};
    *ret = (struct pod_demand){.minor = POD_SECURITY_LATEST};
    for (uint32_t i = 0; i < 3; i++) {
        guess_offer(&guess, levels[i]);
        if (str_eq(level, levels[i]))
            *ret = (struct pod_demand){true, i, POD_SECURITY_LATEST};
    }
    if (!ret->is_given)
        return str_printf(arena, "a level is expected: %.*s", STR_ARG(guess_text(&guess))).p;
    bool has_version = version.p && !str_eq(version, STR("latest"));
    if (has_version &&
        !(str_starts(version, STR("v1.")) && str_number(str_sub(version, 3, version.n), 999, &ret->minor)))
        return "a version behind the level is latest or v1.N, as in restricted:v1.37";
    return NULL;
}
