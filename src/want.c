#include "want.h"

static const struct want met = {WANT_MET, NULL, NULL};

static struct want refused(const struct yaml_node *node, const char *reason) {
    return (struct want){WANT_REFUSED, node, reason};
}

/* The graver of two results; a refusal ends everything. */
static struct want worse(struct want a, struct want b) {
    return b.result > a.result ? b : a;
}

static bool is_same_scalar(const struct yaml_node *node, const struct yaml_value *value) {
    bool have, wanted;
    if (node->kind != YAML_SCALAR)
        return false;
    struct yaml_node literal = {.kind = YAML_SCALAR, .value = value->text};
    if (!value->is_quoted && yaml_bool(&literal, &wanted) && yaml_bool(node, &have))
        return have == wanted;
    return str_eq(node->value, value->text);
}

static bool has_item(const struct yaml_node *node, struct str key, struct str wanted, want_same *same) {
    for (uint32_t i = 0; node->kind == YAML_SEQUENCE && i < node->n; i++) {
        struct str have = yaml_text(yaml_resolve(node->items[i]));
        if (have.p && same(key, have, wanted))
            return true;
    }
    return false;
}

/* Whether a value that is not this mapping's own to edit satisfies what is wanted. */
static bool is_satisfied(const struct yaml_node *node, const struct yaml_value *value, want_same *same) {
    if (value->kind == YAML_SCALAR)
        return is_same_scalar(node, value);
    if (value->kind == YAML_SEQUENCE) {
        for (uint32_t i = 0; i < value->n; i++)
            if (node->kind == YAML_SCALAR ? !same(value->key, node->value, value->children[i].text)
                                          : !has_item(node, value->key, value->children[i].text, same))
                return false;
        return true;
    }
    for (uint32_t i = 0; i < value->n; i++) {
        const struct yaml_node *child = yaml_get(node, value->children[i].key);
        if (!child || !is_satisfied(child, &value->children[i], same))
            return false;
    }
    return true;
}

static bool is_empty(const struct yaml_node *node) {
    return yaml_is_null(node) ||
           (node->kind != YAML_SCALAR && node->kind != YAML_ALIAS && node->is_flow && node->n == 0);
}

/* All of a value at once into a place that holds nothing. */
static struct want fill(struct yaml *yaml, struct yaml_node *node, const struct yaml_value *value,
                        struct edits *edits) {
    return yaml_fill(yaml, node, value, edits) ? (struct want){WANT_PLANNED, node, NULL}
                                               : refused(node, "it cannot be filled in safely where it stands");
}

static struct want add_items(struct yaml *yaml, struct yaml_node *sequence, const struct yaml_value *value,
                             want_same *same, struct edits *edits) {
    struct want want = met;
    if (is_empty(sequence))
        return fill(yaml, sequence, value, edits);
    for (uint32_t i = 0; i < value->n; i++) {
        if (sequence->kind == YAML_SEQUENCE && value->children[i].kind == YAML_SCALAR &&
            has_item(sequence, value->key, value->children[i].text, same))
            continue;
        if (!yaml_add_item(yaml, sequence, &value->children[i], edits))
            return refused(sequence, "the list cannot be extended safely where it stands");
        want.result = WANT_PLANNED;
    }
    return want;
}

/* One wanted key whose pair exists. */
static struct want plan_value(struct yaml *yaml, struct yaml_node *node, const struct yaml_value *value,
                              want_same *same, struct edits *edits) {
    if (node->kind == YAML_ALIAS)
        return is_satisfied(yaml_resolve(node), value, same)
                   ? met
                   : refused(node, "its value is an alias: change it where the anchor is");
    if (node->tag.p && node->tag.p[0] == '!' && node->tag.n > 1)
        return refused(node, "its value has a tag that changes its meaning");
    bool is_null = yaml_is_null(node);
    if (node->kind != value->kind && !is_null) {
        if (value->kind == YAML_SEQUENCE && node->kind == YAML_SCALAR && is_satisfied(node, value, same))
            return met;
        return refused(node, value->kind == YAML_SEQUENCE
                                 ? "it is a single value: write it as a list, which can be added to"
                                 : "it is not the kind of value that can be added to");
    }
    if (value->kind == YAML_SCALAR) {
        if (!is_null && is_same_scalar(node, value))
            return met;
        if (!yaml_replace(yaml, node, value, edits))
            return refused(node, "the value cannot be replaced safely where it stands");
        return is_null ? (struct want){WANT_PLANNED, node, NULL} : (struct want){WANT_CONTRADICTED, node, NULL};
    }
    if (node->anchor.p)
        return is_satisfied(node, value, same) ? met : refused(node, "its value has an anchor: others may share it");
    return value->kind == YAML_SEQUENCE ? add_items(yaml, node, value, same, edits)
                                        : want_plan(yaml, node, value, NULL, same, edits);
}

/* One wanted key that the mapping does not have itself. */
static struct want add_key(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_value *value,
                           struct yaml_pair *before, want_same *same, struct edits *edits) {
    const struct yaml_node *merged = yaml_get(mapping, value->key);
    if (merged && is_satisfied(merged, value, same))
        return met;
    if (merged)
        return refused(merged, "a merge key brings another value, which a key of its own would hide");
    bool is_added =
        before ? yaml_add_key_before(yaml, mapping, before, value, edits) : yaml_add_key(yaml, mapping, value, edits);
    return is_added ? (struct want){WANT_PLANNED, NULL, NULL}
                    : refused(mapping, "no key can be added safely where it stands");
}

struct want want_plan(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_value *value,
                      struct yaml_pair *before, want_same *same, struct edits *edits) {
    struct want want = met;
    if (is_empty(mapping))
        return fill(yaml, mapping, value, edits);
    for (uint32_t i = 0; i < value->n && want.result != WANT_REFUSED; i++) {
        const struct yaml_value *child = &value->children[i];
        struct yaml_pair *pair = yaml_pair(mapping, child->key);
        want = worse(want, pair ? plan_value(yaml, pair->value, child, same, edits)
                                : add_key(yaml, mapping, child, before, same, edits));
    }
    if (want.result != WANT_REFUSED && edits_meet(edits))
        want = refused(mapping, "several keys cannot be added safely where it stands");
    if (want.result == WANT_REFUSED)
        edits->list.n = 0;
    return want;
}
