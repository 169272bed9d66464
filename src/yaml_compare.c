/* What a loader sees in the nodes: look-ups, copies and comparison. */
#include "yaml.h"

enum {
    MAX_MERGE_STEPS = 512, /* merged mappings that one look-up visits */
    MAX_COPIED = 512,      /* nodes of one copy */
};

/* ---- look-ups ---- */

struct yaml_node *yaml_resolve(struct yaml_node *node) {
    while (node && node->kind == YAML_ALIAS)
        node = node->target;
    return node;
}

struct yaml_pair *yaml_pair(const struct yaml_node *mapping, struct str key) {
    if (mapping && mapping->kind == YAML_ALIAS)
        mapping = mapping->target;
    if (mapping && mapping->by_key)
        return map_get(mapping->by_key, key);
    for (uint32_t i = 0; mapping && mapping->kind == YAML_MAPPING && i < mapping->n; i++)
        if (mapping->pairs[i].key->kind == YAML_SCALAR && str_eq(mapping->pairs[i].key->value, key))
            return &mapping->pairs[i];
    return NULL;
}

struct yaml_node *yaml_own(const struct yaml_node *mapping, struct str key) {
    struct yaml_pair *pair = yaml_pair(mapping, key);
    return pair ? pair->value : NULL;
}

/* The mapping that a mapping merges, or the list of them; NULL where there is none. */
static struct yaml_node *merged_by(const struct yaml_node *mapping) {
    return mapping->merge ? yaml_resolve(mapping->merge->value) : NULL;
}

/* Merges may repeat each other without end, so the steps of one look-up are counted. */
static struct yaml_node *get_merged(const struct yaml_node *mapping, struct str key, uint32_t *steps) {
    if (!mapping || mapping->kind != YAML_MAPPING || *steps == 0)
        return NULL;
    --*steps;
    struct yaml_pair *pair = yaml_pair(mapping, key);
    if (pair) {
        struct yaml_node *value = yaml_resolve(pair->value);
        return yaml_is_reset(value) ? NULL : value;
    }
    struct yaml_node *merged = merged_by(mapping), *hit = NULL;
    if (!merged || merged->kind != YAML_SEQUENCE)
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

struct merge_search {
    bool (*is_it)(const void *context, const struct yaml_node *merged);
    const void *context;
    uint32_t steps; /* that are left */
};

static bool has_merged(const struct yaml_node *mapping, struct merge_search *search) {
    if (mapping && mapping->kind == YAML_ALIAS)
        mapping = mapping->target;
    if (!mapping || !mapping->merge || search->steps == 0)
        return false;
    search->steps--;
    const struct yaml_node *merged = merged_by(mapping);
    if (merged->kind != YAML_SEQUENCE)
        return search->is_it(search->context, merged) || has_merged(merged, search);
    for (uint32_t i = 0; i < merged->n; i++) {
        const struct yaml_node *item = yaml_resolve(merged->items[i]);
        if (search->is_it(search->context, item) || has_merged(item, search))
            return true;
    }
    return false;
}

bool yaml_merges(const struct yaml_node *mapping, bool (*is_it)(const void *context, const struct yaml_node *merged),
                 const void *context) {
    struct merge_search search = {is_it, context, MAX_MERGE_STEPS};
    return has_merged(mapping, &search);
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

bool yaml_is_override(const struct yaml_node *node) {
    return node && str_eq(node->tag, STR("!override"));
}

bool yaml_is_reset(const struct yaml_node *node) {
    return node && str_eq(node->tag, STR("!reset"));
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

/* ---- values ---- */

bool yaml_is_same_value(const struct yaml_value *a, const struct yaml_value *b) {
    bool is_same = a->kind == b->kind && str_eq(a->key, b->key) && str_eq(a->text, b->text) && a->n == b->n;
    for (uint32_t i = 0; is_same && i < a->n; i++)
        is_same = yaml_is_same_value(&a->children[i], &b->children[i]);
    return is_same;
}

struct copying {
    struct arena *arena;
    uint32_t left; /* of MAX_COPIED */
};

struct copies {
    VEC(struct yaml_value) list;
};

static bool copy(struct copying *c, const struct yaml_node *node, struct yaml_value *ret);

static bool has_key(const struct copies *copies, struct str key) {
    for (uint32_t i = 0; i < copies->list.n; i++)
        if (str_eq(copies->list.at[i].key, key))
            return true;
    return false;
}

/* The pairs of a mapping, and of what it merges, that are not there yet. */
static bool copy_pairs(struct copying *c, const struct yaml_node *mapping, struct copies *copies) {
    if (!mapping || mapping->kind != YAML_MAPPING || c->left == 0)
        return false;
    c->left--;
    for (uint32_t i = 0; i < mapping->n; i++) {
        const struct yaml_pair *pair = &mapping->pairs[i];
        struct yaml_value value;
        if (pair == mapping->merge || (pair->key->kind == YAML_SCALAR && has_key(copies, pair->key->value)))
            continue;
        if (pair->key->kind != YAML_SCALAR || !copy(c, pair->value, &value))
            return false;
        value.key = pair->key->value;
        *vec_push(c->arena, &copies->list) = value;
    }
    const struct yaml_node *merged = merged_by(mapping);
    if (!merged || merged->kind != YAML_SEQUENCE)
        return !merged || copy_pairs(c, merged, copies);
    for (uint32_t i = 0; i < merged->n; i++)
        if (!copy_pairs(c, yaml_resolve(merged->items[i]), copies))
            return false;
    return true;
}

static bool copy_items(struct copying *c, const struct yaml_node *sequence, struct copies *copies) {
    for (uint32_t i = 0; i < sequence->n; i++)
        if (!copy(c, sequence->items[i], vec_push(c->arena, &copies->list)))
            return false;
    return true;
}

static void copy_scalar(const struct yaml_node *node, struct yaml_value *ret) {
    bool is_null = yaml_is_null(node),
         has_quotes = node->style == YAML_SINGLE_QUOTED || node->style == YAML_DOUBLE_QUOTED;
    ret->text = is_null ? STR("null") : node->value;
    ret->is_quoted = !is_null && (node->style != YAML_PLAIN || node->tag.p);
    ret->quotes = has_quotes ? node->style : YAML_PLAIN;
}

static bool copy(struct copying *c, const struct yaml_node *node, struct yaml_value *ret) {
    static const struct str tags[] = {STR_INIT("tag:yaml.org,2002:str"), STR_INIT("tag:yaml.org,2002:seq"),
                                      STR_INIT("tag:yaml.org,2002:map")};
    struct copies copies = {0};
    node = yaml_resolve((struct yaml_node *)node);
    *ret = (struct yaml_value){.kind = node->kind};
    if (c->left == 0 || (node->tag.p && !str_eq(node->tag, tags[node->kind])))
        return false;
    c->left--;
    if (node->kind == YAML_SCALAR)
        copy_scalar(node, ret);
    else if (!(node->kind == YAML_SEQUENCE ? copy_items(c, node, &copies) : copy_pairs(c, node, &copies)))
        return false;
    ret->children = copies.list.at;
    ret->n = copies.list.n;
    return true;
}

bool yaml_copy(struct arena *arena, const struct yaml_node *node, struct yaml_value *ret_value) {
    struct copying c = {arena, MAX_COPIED};
    return copy(&c, node, ret_value);
}

/* ---- comparison ---- */

struct comparison {
    const struct yaml_changes *changes;
    const struct yaml_node *lost; /* where the last difference was */
};

static bool is_replaced(const struct comparison *c, const struct yaml_node *node) {
    for (uint32_t i = 0; i < c->changes->replaced.n; i++)
        if (c->changes->replaced.at[i] == node)
            return true;
    return false;
}

static bool is_removed(const struct comparison *c, const struct yaml_node *node) {
    for (uint32_t i = 0; i < c->changes->removed.n; i++)
        if (c->changes->removed.at[i] == node)
            return true;
    return false;
}

/* A plain scalar is typed by its text, any other one is a string. */
static bool same_scalar(const struct yaml_node *a, const struct yaml_node *b) {
    return (a->style == YAML_PLAIN) == (b->style == YAML_PLAIN) && str_eq(a->value, b->value);
}

static bool extends(struct comparison *c, const struct yaml_node *a, const struct yaml_node *b, bool is_exact);

/* The first item or pair from `i` on that is still to be there. */
static uint32_t skip_items(const struct comparison *c, const struct yaml_node *sequence, uint32_t i) {
    while (i < sequence->n && is_removed(c, sequence->items[i]))
        i++;
    return i;
}

static uint32_t skip_pairs(const struct comparison *c, const struct yaml_node *mapping, uint32_t i) {
    while (i < mapping->n && is_removed(c, mapping->pairs[i].key))
        i++;
    return i;
}

static bool sequence_extends(struct comparison *c, const struct yaml_node *a, const struct yaml_node *b,
                             bool is_exact) {
    uint32_t done = skip_items(c, a, 0);
    for (uint32_t i = 0; i < b->n && done < a->n; i++)
        if (extends(c, a->items[done], b->items[i], is_exact))
            done = skip_items(c, a, done + 1);
    if (done < a->n && b->n != a->n)
        c->lost = a->items[done];
    return done == a->n && (!is_exact || a->n == b->n);
}

static bool mapping_extends(struct comparison *c, const struct yaml_node *a, const struct yaml_node *b, bool is_exact) {
    uint32_t done = skip_pairs(c, a, 0);
    for (uint32_t i = 0; i < b->n && done < a->n; i++) {
        if (!extends(c, a->pairs[done].key, b->pairs[i].key, true))
            continue;
        if (!extends(c, a->pairs[done].value, b->pairs[i].value, is_exact))
            return false;
        done = skip_pairs(c, a, done + 1);
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

bool yaml_extends(const struct yaml *before, const struct yaml *after, const struct yaml_changes *changes,
                  const struct yaml_node **ret_lost) {
    static const struct yaml_changes none = {0};
    struct comparison c = {.changes = changes ? changes : &none};
    bool is_same = before->documents.n == after->documents.n;
    for (uint32_t i = 0; i < before->documents.n && is_same; i++) {
        const struct yaml_node *a = before->documents.at[i].root, *b = after->documents.at[i].root;
        is_same = !a || extends(&c, a, b, false);
    }
    if (!is_same && ret_lost)
        *ret_lost = c.lost;
    return is_same;
}
