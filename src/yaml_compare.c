#include "yaml.h"

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
