#include "compose_entry.h"

enum { MAX_MERGES = 64 }; /* mappings that are followed for one list of options */

static const struct str unknown = {NULL, 0};

/* --- scalars -------------------------------------------------------------------------------------------------------
 */

struct str compose_text(struct arena *arena, const struct variables *variables, const struct yaml_node *node) {
    struct str text = unknown;
    node = yaml_resolve((struct yaml_node *)node);
    if (!yaml_is_null(node))
        variables_expand(arena, variables, yaml_text(node), &text);
    return text;
}

static bool is_word(struct arena *arena, const struct variables *variables, const struct yaml_node *node,
                    const struct str *words, uint32_t n) {
    return str_is_in(str_lower(arena, compose_text(arena, variables, node)), words, n);
}

bool compose_is_true(struct arena *arena, const struct variables *variables, const struct yaml_node *node) {
    static const struct str words[] = {STR_INIT("true"), STR_INIT("yes"), STR_INIT("y"), STR_INIT("on")};
    return is_word(arena, variables, node, words, 4);
}

bool compose_is_false(struct arena *arena, const struct variables *variables, const struct yaml_node *node) {
    static const struct str words[] = {STR_INIT("false"), STR_INIT("no"), STR_INIT("n"), STR_INIT("off")};
    return is_word(arena, variables, node, words, 4);
}

struct str compose_field(struct arena *arena, const struct variables *variables, const struct yaml_node *mapping,
                         struct str key) {
    const struct yaml_node *value = yaml_get(mapping, key);
    return !value || yaml_is_null(value) ? STR("") : compose_text(arena, variables, value);
}

/* A text, or what holds where it is empty. */
static struct str or_default(struct str text, struct str otherwise) {
    return text.p && text.n == 0 ? otherwise : text;
}

const struct yaml_node *compose_item(const struct yaml_node *node, uint32_t i) {
    node = yaml_resolve((struct yaml_node *)node);
    if (node && node->kind == YAML_SEQUENCE)
        return i < node->n ? yaml_resolve(node->items[i]) : NULL;
    return i == 0 && !yaml_is_null(node) ? node : NULL;
}

/* --- short forms ---------------------------------------------------------------------------------------------------
 */

uint32_t compose_find(struct str text, uint32_t from, char c) {
    uint32_t depth = 0, i = from;
    for (; i < text.n && (text.p[i] != c || depth); i++) {
        depth += text.p[i] == '{' && (depth || (i && text.p[i - 1] == '$'));
        depth -= text.p[i] == '}' && depth;
    }
    return i;
}

uint32_t compose_parts(struct arena *arena, const struct variables *variables, const struct yaml_node *node,
                       char separator, struct str *ret_parts, uint32_t max) {
    struct str rest = compose_text(arena, variables, node);
    bool is_known = rest.p != NULL;
    uint32_t n = 0;
    if (!is_known)
        rest = yaml_text(yaml_resolve((struct yaml_node *)node));
    while (rest.p && n < max) {
        uint32_t end = n + 1 < max ? compose_find(rest, 0, separator) : rest.n;
        ret_parts[n] = str_sub(rest, 0, end);
        if (!is_known)
            variables_expand(arena, variables, ret_parts[n], &ret_parts[n]);
        rest = end < rest.n ? str_sub(rest, end + 1, rest.n) : unknown;
        n++;
    }
    return n;
}

/* --- ports ---------------------------------------------------------------------------------------------------------
 */

static uint32_t lowest_port(struct str range) {
    uint32_t port;
    return str_number(str_sub(range, 0, str_find(range, 0, '-')), 65535, &port) ? port : 0;
}

/* The address that was cut at its colons, without its brackets. */
static struct str join_address(struct arena *arena, const struct str *parts, uint32_t n) {
    struct buf address = {.arena = arena};
    for (uint32_t i = 0; i < n; i++) {
        if (!parts[i].p)
            return unknown;
        buf_printf(&address, "%s%.*s", i ? ":" : "", STR_ARG(parts[i]));
    }
    struct str text = buf_str(&address);
    return str_starts(text, STR("[")) && str_ends(text, STR("]")) ? str_sub(text, 1, text.n - 1) : text;
}

static struct compose_port short_port(struct arena *arena, const struct variables *variables,
                                      const struct yaml_node *entry) {
    struct str parts[10]; /* the eight of an IPv6 address and the ports */
    uint32_t n = compose_parts(arena, variables, entry, ':', parts, 10);
    struct str last = n ? parts[n - 1] : unknown, published = n > 1 ? parts[n - 2] : STR("");
    if (n < 2 && !last.p)
        return (struct compose_port){.target = 0};
    uint32_t slash = str_find(last, 0, '/');
    struct str protocol = slash + 1 < last.n ? str_lower(arena, str_sub(last, slash + 1, last.n)) : STR("tcp");
    return (struct compose_port){
        .host_ip = n > 2         ? join_address(arena, parts, n - 2)
                   : published.p ? STR("")
                                 : unknown,
        .published = published,
        .target = lowest_port(str_sub(last, 0, slash)),
        .protocol = last.p ? protocol : unknown,
    };
}

struct compose_port compose_port(struct arena *arena, const struct variables *variables,
                                 const struct yaml_node *entry) {
    entry = yaml_resolve((struct yaml_node *)entry);
    if (!entry || entry->kind != YAML_MAPPING)
        return short_port(arena, variables, entry);
    struct str protocol = compose_field(arena, variables, entry, STR("protocol"));
    return (struct compose_port){
        .host_ip = compose_field(arena, variables, entry, STR("host_ip")),
        .published = compose_field(arena, variables, entry, STR("published")),
        .target = lowest_port(compose_field(arena, variables, entry, STR("target"))),
        .protocol = or_default(protocol, STR("tcp")),
    };
}

/* --- keys with values ----------------------------------------------------------------------------------------------
 */

struct compose_option compose_security_option(struct arena *arena, const struct variables *variables,
                                              const struct yaml_node *entry) {
    struct str parts[2] = {unknown, STR("")};
    uint32_t n = compose_parts(arena, variables, entry, '=', parts, 2);
    if (n == 1)
        n = compose_parts(arena, variables, entry, ':', parts, 2);
    return (struct compose_option){parts[0], n == 2 || parts[0].p ? parts[1] : unknown};
}

struct option_list {
    struct arena *arena;
    const struct variables *variables;
    VEC(struct compose_option) options;
    uint32_t merges;
};

/* One without a value has that of the variable of its name. */
static void add_option(struct option_list *list, struct str key, bool has_value, struct str value) {
    const struct str *inherited = variables_get(list->variables, key);
    if (!has_value)
        value = inherited ? *inherited : unknown;
    if (key.p)
        *vec_push(list->arena, &list->options) = (struct compose_option){key, value};
}

/* Merged mappings before what they are merged into, so that the last one counts. */
static void add_mapping(struct option_list *list, const struct yaml_node *mapping) {
    const struct yaml_node *merged = yaml_resolve(yaml_own(mapping, STR("<<")));
    if (!mapping || mapping->kind != YAML_MAPPING || list->merges++ >= MAX_MERGES)
        return;
    if (merged && merged->kind == YAML_SEQUENCE)
        for (uint32_t i = merged->n; i-- > 0;)
            add_mapping(list, yaml_resolve(merged->items[i]));
    add_mapping(list, merged);
    for (uint32_t i = 0; i < mapping->n; i++) {
        const struct yaml_pair *pair = &mapping->pairs[i];
        if (!str_eq(yaml_text(pair->key), STR("<<")))
            add_option(list, yaml_text(pair->key), !yaml_is_null(yaml_resolve(pair->value)),
                       compose_text(list->arena, list->variables, pair->value));
    }
}

struct compose_options compose_options(struct arena *arena, const struct variables *variables,
                                       const struct yaml_node *node) {
    struct option_list list = {.arena = arena, .variables = variables};
    node = yaml_resolve((struct yaml_node *)node);
    add_mapping(&list, node);
    for (uint32_t i = 0; node && node->kind == YAML_SEQUENCE && i < node->n; i++) {
        struct str parts[2] = {unknown, unknown};
        uint32_t n = compose_parts(arena, variables, node->items[i], '=', parts, 2);
        add_option(&list, parts[0], n == 2, parts[1]);
    }
    return (struct compose_options){list.options.at, list.options.n};
}

bool compose_environment(struct arena *arena, const struct variables *variables, const struct yaml_node *service,
                         struct str name, struct str *ret_value) {
    struct compose_options options = compose_options(arena, variables, yaml_get(service, STR("environment")));
    *ret_value = unknown;
    for (uint32_t i = options.n; i-- > 0;)
        if (str_eq(options.list[i].key, name)) {
            *ret_value = options.list[i].value;
            return true;
        }
    return false;
}

struct compose_env_file compose_env_file(struct arena *arena, const struct variables *variables,
                                         const struct yaml_node *entry) {
    entry = yaml_resolve((struct yaml_node *)entry);
    if (!entry || entry->kind != YAML_MAPPING)
        return (struct compose_env_file){.path = compose_text(arena, variables, entry), .is_required = true};
    return (struct compose_env_file){
        .path = compose_field(arena, variables, entry, STR("path")),
        .is_required = !compose_is_false(arena, variables, yaml_get(entry, STR("required"))),
        .is_raw = str_eq(compose_field(arena, variables, entry, STR("format")), STR("raw")),
    };
}

/* --- build and capabilities ----------------------------------------------------------------------------------------
 */

struct compose_build compose_build(struct arena *arena, const struct variables *variables,
                                   const struct yaml_node *service) {
    const struct yaml_node *node = yaml_get(service, STR("build"));
    bool is_given = node && !yaml_is_null(node), is_text = is_given && node->kind == YAML_SCALAR;
    struct str context =
        compose_field(arena, variables, is_text ? service : node, is_text ? STR("build") : STR("context"));
    struct str inlined = compose_field(arena, variables, node, STR("dockerfile_inline"));
    struct str dockerfile = compose_field(arena, variables, node, STR("dockerfile"));
    return (struct compose_build){
        .is_given = is_given,
        .context = or_default(context, STR(".")),
        .dockerfile = yaml_get(node, STR("dockerfile_inline")) ? dockerfile : or_default(dockerfile, STR("Dockerfile")),
        .dockerfile_inline = inlined,
        .target = compose_field(arena, variables, node, STR("target")),
        .args = compose_options(arena, variables, yaml_get(node, STR("args"))),
        .additional_contexts = compose_options(arena, variables, yaml_get(node, STR("additional_contexts"))),
    };
}

struct str capability_name(struct arena *arena, struct str text) {
    char *name = str_c(arena, text);
    for (uint32_t i = 0; i < text.n; i++) {
        bool is_lower = name[i] >= 'a' && name[i] <= 'z';
        if (!is_lower && !(name[i] >= 'A' && name[i] <= 'Z') && !(name[i] >= '0' && name[i] <= '9') && name[i] != '_')
            return text;
        name[i] = (char)(is_lower ? name[i] - 'a' + 'A' : name[i]);
    }
    struct str upper = {name, text.n};
    return text.n == 0 ? text : str_starts(upper, STR("CAP_")) ? str_sub(upper, 4, upper.n) : upper;
}
