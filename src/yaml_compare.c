/* What a loader sees in the nodes: look-ups and comparison. */
#include "yaml.h"

enum { MAX_MERGE_STEPS = 512 }; /* merged mappings that one look-up visits */

/* ---- look-ups ---- */

struct yaml_node *yaml_resolve(struct yaml_node *node) {
    while (node && node->kind == YAML_ALIAS)
        node = node->target;
    return node;
}

struct yaml_pair *yaml_pair(const struct yaml_node *mapping, struct str key) {
    if (mapping && mapping->kind == YAML_ALIAS)
        mapping = mapping->target;
    for (uint32_t i = 0; mapping && mapping->kind == YAML_MAPPING && i < mapping->n; i++)
        if (mapping->pairs[i].key->kind == YAML_SCALAR && str_eq(mapping->pairs[i].key->value, key))
            return &mapping->pairs[i];
    return NULL;
}

struct yaml_node *yaml_own(const struct yaml_node *mapping, struct str key) {
    struct yaml_pair *pair = yaml_pair(mapping, key);
    return pair ? pair->value : NULL;
}

/* Merges may repeat each other without end, so the steps of one look-up are counted. */
static struct yaml_node *get_merged(const struct yaml_node *mapping, struct str key, uint32_t *steps) {
    if (!mapping || mapping->kind != YAML_MAPPING || *steps == 0)
        return NULL;
    --*steps;
    struct yaml_pair *pair = yaml_pair(mapping, key), *merge;
    if (pair)
        return yaml_resolve(pair->value);
    merge = yaml_pair(mapping, STR("<<"));
    if (!merge || merge->key->style != YAML_PLAIN)
        return NULL;
    struct yaml_node *merged = yaml_resolve(merge->value), *hit = NULL;
    if (merged->kind != YAML_SEQUENCE)
        return get_merged(merged, key, steps);
    for (uint32_t i = 0; i < merged->n && !hit; i++)
        hit = get_merged(yaml_resolve(merged->items[i]), key, steps);
    return hit;
}

struct yaml_node *yaml_get(const struct yaml_node *mapping, struct str key) {
    uint32_t steps = MAX_MERGE_STEPS;
    if (mapping && mapping->kind == YAML_ALIAS)
        mapping = mapping->target;
    return get_merged(mapping, key, &steps);
}

const struct yaml_node *yaml_list(const struct yaml_node *mapping, struct str key) {
    static const struct yaml_node none = {.kind = YAML_SEQUENCE};
    const struct yaml_node *list = yaml_get(mapping, key);
    return list && list->kind == YAML_SEQUENCE ? list : &none;
}

struct str yaml_text(const struct yaml_node *node) {
    return node && node->kind == YAML_SCALAR ? node->value : (struct str){NULL, 0};
}

static bool is_one_of(struct str text, const char *const *words) {
    for (; *words; words++)
        if (str_eq(text, str_of(*words)))
            return true;
    return false;
}

bool yaml_is_null(const struct yaml_node *node) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    return node && node->kind == YAML_SCALAR && node->style == YAML_PLAIN &&
           (!node->tag.p || str_eq(node->tag, STR("tag:yaml.org,2002:null"))) && is_one_of(node->value, nulls);
}

bool yaml_bool(const struct yaml_node *node, bool *ret_value) {
    static const char *const yes[] = {"true", "True", "TRUE", NULL}, *const no[] = {"false", "False", "FALSE", NULL};
    if (!node || node->kind != YAML_SCALAR)
        return false;
    *ret_value = is_one_of(node->value, yes);
    return *ret_value || is_one_of(node->value, no);
}

bool yaml_is_true(const struct yaml_node *node) {
    bool value;
    return yaml_bool(node, &value) && value;
}

/* ---- comparison ---- */

struct comparison {
    const struct yaml_node *const *replaced;
    uint32_t n_replaced;
    const struct yaml_node *lost; /* where the last difference was */
};

static bool is_replaced(const struct comparison *c, const struct yaml_node *node) {
    for (uint32_t i = 0; i < c->n_replaced; i++)
        if (c->replaced[i] == node)
            return true;
    return false;
}

/* A plain scalar is typed by its text, any other one is a string. */
static bool same_scalar(const struct yaml_node *a, const struct yaml_node *b) {
    return (a->style == YAML_PLAIN) == (b->style == YAML_PLAIN) && str_eq(a->value, b->value);
}

static bool extends(struct comparison *c, const struct yaml_node *a, const struct yaml_node *b, bool is_exact);

static bool sequence_extends(struct comparison *c, const struct yaml_node *a, const struct yaml_node *b,
                             bool is_exact) {
    uint32_t done = 0;
    for (uint32_t i = 0; i < b->n && done < a->n; i++)
        if (extends(c, a->items[done], b->items[i], is_exact))
            done++;
    if (done < a->n && b->n != a->n)
        c->lost = a->items[done];
    return done == a->n && (!is_exact || a->n == b->n);
}

static bool mapping_extends(struct comparison *c, const struct yaml_node *a, const struct yaml_node *b, bool is_exact) {
    uint32_t done = 0;
    for (uint32_t i = 0; i < b->n && done < a->n; i++) {
        if (!extends(c, a->pairs[done].key, b->pairs[i].key, true))
            continue;
        if (!extends(c, a->pairs[done].value, b->pairs[i].value, is_exact))
            return false;
        done++;
    }
    if (done < a->n)
        c->lost = a->pairs[done].key;
    return done == a->n && (!is_exact || a->n == b->n);
}

static bool has_same_content(struct comparison *c, const struct yaml_node *a, const struct yaml_node *b,
                             bool is_exact) {
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case YAML_SCALAR:
        return same_scalar(a, b);
    case YAML_SEQUENCE:
        return sequence_extends(c, a, b, is_exact);
    case YAML_MAPPING:
        return mapping_extends(c, a, b, is_exact);
    default:
        return str_eq(a->value, b->value);
    }
}

/* Recursion ends at YAML_MAX_DEPTH. `is_exact`: nothing may be added either, as for a key. */
static bool extends(struct comparison *c, const struct yaml_node *a, const struct yaml_node *b, bool is_exact) {
    c->lost = a;
    bool is_free = !is_exact && (yaml_is_null(a) || is_replaced(c, a));
    if (!a || !b)
        return a == b || is_free;
    if (!str_eq(a->anchor, b->anchor))
        return false;
    return is_free || (str_eq(a->tag, b->tag) && has_same_content(c, a, b, is_exact));
}

bool yaml_extends(const struct yaml *before, const struct yaml *after, const struct yaml_node *const *replaced,
                  uint32_t n_replaced, const struct yaml_node **ret_lost) {
    struct comparison c = {.replaced = replaced, .n_replaced = n_replaced};
    bool is_same = before->documents.n == after->documents.n;
    for (uint32_t i = 0; i < before->documents.n && is_same; i++) {
        const struct yaml_node *a = before->documents.at[i].root, *b = after->documents.at[i].root;
        is_same = !a || extends(&c, a, b, false);
    }
    if (!is_same && ret_lost)
        *ret_lost = c.lost;
    return is_same;
}
