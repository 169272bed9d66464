#include "want.h"

struct plan {
    struct yaml *yaml;
    want_same *same;
    const struct want_sharing *sharing;
    struct edits *edits;
};

static const struct want met = {WANT_MET, NULL, NULL}, planned = {WANT_PLANNED, NULL, NULL};

static struct want refused(const struct yaml_node *node, const char *reason) {
    return (struct want){WANT_REFUSED, node, reason};
}

/* The graver of two results; a refusal ends everything. */
static struct want worse(struct want a, struct want b) {
    return b.result > a.result ? b : a;
}

static const char tag_reason[] = "its value has a tag that changes its meaning";

static const char *kind_reason(const struct yaml_value *wanted, enum yaml_kind have) {
    return wanted->kind == YAML_SEQUENCE && have == YAML_SCALAR
               ? "it is a single value: write it as a list, which can be added to"
               : "it is not the kind of value that can be added to";
}

/* Whether a tag says more than what kind of value it is. compose's !override only keeps other files from joining theirs
 * with it. */
static bool has_odd_tag(const struct yaml_node *node) {
    return node->tag.p && node->tag.p[0] == '!' && node->tag.n > 1 && !yaml_is_override(node);
}

/* Whether the new scalar may stand behind the tag of the old one. */
static bool fits_tag(const struct yaml_node *node, const struct yaml_value *value) {
    bool is_string = str_eq(node->tag, STR("!")) || str_eq(node->tag, STR("tag:yaml.org,2002:str"));
    return !node->tag.p || yaml_is_override(node) || is_string == value->is_quoted;
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

static bool has_item(const struct yaml_node *node, struct str key, const struct yaml_value *wanted, want_same *same) {
    for (uint32_t i = 0; node->kind == YAML_SEQUENCE && wanted->kind == YAML_SCALAR && i < node->n; i++) {
        struct str have = yaml_text(yaml_resolve(node->items[i]));
        if (have.p && same(key, have, wanted->text))
            return true;
    }
    return false;
}

/* Whether a value that is not this mapping's own to edit satisfies what is wanted. */
static bool is_satisfied(const struct yaml_node *node, const struct yaml_value *value, want_same *same) {
    if (has_odd_tag(node))
        return false;
    if (value->kind == YAML_SCALAR)
        return is_same_scalar(node, value);
    if (value->kind == YAML_SEQUENCE) {
        for (uint32_t i = 0; i < value->n; i++)
            if (node->kind == YAML_SCALAR ? !same(value->key, node->value, value->children[i].text)
                                          : !has_item(node, value->key, &value->children[i], same))
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

/* ---- values that others use too ---- */

/* How all items are quoted; YAML_PLAIN where they are not, or each in its own way. */
static enum yaml_style quotes_of(const struct yaml_value *list) {
    for (uint32_t i = 1; i < list->n; i++)
        if (list->children[i].quotes != list->children[0].quotes)
            return YAML_PLAIN;
    return list->n ? list->children[0].quotes : YAML_PLAIN;
}

static struct yaml_value *find_key(struct yaml_value *list, uint32_t n, struct str key) {
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(list[i].key, key))
            return &list[i];
    return NULL;
}

static bool has_copied_item(const struct yaml_value *copy, struct str key, const struct yaml_value *wanted,
                            want_same *same) {
    for (uint32_t i = 0; i < copy->n; i++)
        if (wanted->kind == YAML_SCALAR && same(key, copy->children[i].text, wanted->text))
            return true;
    return false;
}

static struct want complete(const struct plan *p, struct yaml_value *copy, const struct yaml_value *value);

/* Adds one wanted child to the copy of a collection, whose children have room for it. */
static struct want add_child(const struct plan *p, struct yaml_value *copy, struct yaml_value *children, struct str key,
                             struct yaml_value wanted) {
    bool is_list = copy->kind == YAML_SEQUENCE;
    struct yaml_value *have = is_list ? NULL : find_key(children, copy->n, wanted.key);
    if (have)
        return complete(p, have, &wanted);
    if (is_list && has_copied_item(copy, key, &wanted, p->same))
        return met;
    if (is_list && (wanted.quotes = quotes_of(copy)))
        wanted.is_quoted = true;
    children[copy->n++] = wanted;
    return planned;
}

/* Brings the copy of a value to hold what is wanted. */
static struct want complete(const struct plan *p, struct yaml_value *copy, const struct yaml_value *value) {
    struct yaml_node literal = {.kind = copy->kind, .value = copy->text};
    bool is_null = yaml_is_null(&literal) && !copy->is_quoted;
    struct want want = met;
    if (!is_null && copy->kind != value->kind)
        return refused(NULL, kind_reason(value, copy->kind));
    if (is_null || value->kind == YAML_SCALAR) {
        want.result = is_null ? WANT_PLANNED : is_same_scalar(&literal, value) ? WANT_MET : WANT_CONTRADICTED;
        if (want.result != WANT_MET)
            *copy = *value;
        return want;
    }
    struct yaml_value *children = arena_array(p->edits->arena, copy->n + value->n, sizeof *children);
    for (uint32_t i = 0; i < copy->n; i++)
        children[i] = copy->children[i];
    copy->children = children;
    for (uint32_t i = 0; i < value->n && want.result != WANT_REFUSED; i++)
        want = worse(want, add_child(p, copy, children, value->key, value->children[i]));
    return want;
}

/* Keeps other fixes of the same pass from changing what is repeated. */
static void hold(const struct plan *p, const struct yaml_node *node) {
    node = yaml_resolve((struct yaml_node *)node);
    *vec_push(p->edits->arena, &p->edits->list) =
        (struct edit){.at = {node->at.start, node->at.start}, .owner = node, .home = node->at.start, .is_copied = true};
    for (uint32_t i = 0; i < node->n; i++)
        hold(p, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
}

/* A value of the mapping's own that repeats a shared one, with what is wanted. */
static struct want repeat(const struct plan *p, const struct yaml_node *shared, const struct yaml_value *value,
                          struct yaml_value *ret_own) {
    if (shared->tag.p && shared->tag.p[0] == '!')
        return refused(NULL, tag_reason);
    if (!yaml_copy(p->edits->arena, shared, ret_own))
        return refused(NULL, "it is shared, and more than can be repeated here: change it where it stands");
    hold(p, shared);
    ret_own->key = value->key;
    return complete(p, ret_own, value);
}

static bool is_agreed(const struct plan *p, const struct yaml_node *mapping, const struct yaml_value *wanted,
                      const struct yaml_node *value) {
    return p->sharing && p->sharing->is_agreed(p->sharing->context, mapping, wanted, value);
}

/* ---- what is this mapping's own ---- */

/* All of a value at once into a place that holds nothing. */
static struct want fill(struct plan *p, struct yaml_node *node, const struct yaml_value *value) {
    return yaml_fill(p->yaml, node, value, p->edits) ? (struct want){WANT_PLANNED, node, NULL}
                                                     : refused(node, "it cannot be filled in safely where it stands");
}

static struct want add_items(struct plan *p, struct yaml_node *sequence, const struct yaml_value *value) {
    struct want want = met;
    if (is_empty(sequence))
        return fill(p, sequence, value);
    for (uint32_t i = 0; i < value->n; i++) {
        if (has_item(sequence, value->key, &value->children[i], p->same))
            continue;
        if (!yaml_add_item(p->yaml, sequence, &value->children[i], p->edits))
            return refused(sequence, "the list cannot be extended safely where it stands");
        want.result = WANT_PLANNED;
    }
    return want;
}

/* A single value becomes a list of itself and what is missing (`tmpfs: /run`). */
static struct want make_list(struct plan *p, struct yaml_node *scalar, const struct yaml_value *value) {
    struct yaml_value *items = arena_array(p->edits->arena, value->n + 1, sizeof *items);
    struct yaml_value list = {.kind = YAML_SEQUENCE, .key = value->key, .children = items, .n = 1};
    if (!yaml_copy(p->edits->arena, scalar, &items[0]))
        return refused(scalar, kind_reason(value, YAML_SCALAR));
    for (uint32_t i = 0; i < value->n; i++)
        if (!has_copied_item(&list, value->key, &value->children[i], p->same))
            items[list.n++] = value->children[i];
    if (list.n == 1)
        return met;
    return yaml_replace(p->yaml, scalar, &list, p->edits)
               ? (struct want){WANT_PLANNED, scalar, NULL}
               : refused(scalar, "the value cannot be replaced safely where it stands");
}

static struct want plan_mapping(struct plan *p, struct yaml_node *mapping, const struct yaml_value *value,
                                struct yaml_pair *before);

/* A value that may be changed where it stands. */
static struct want plan_here(struct plan *p, struct yaml_node *node, const struct yaml_value *value) {
    bool is_null = yaml_is_null(node);
    if (yaml_is_reset(node))
        return refused(node, "its tag !reset takes the value away: remove the line, or write !override");
    if (has_odd_tag(node))
        return refused(node, tag_reason);
    if (value->kind == YAML_SEQUENCE && node->kind == YAML_SCALAR && !is_null)
        return make_list(p, node, value);
    if (node->kind != value->kind && !is_null)
        return refused(node, kind_reason(value, node->kind));
    if (value->kind == YAML_SEQUENCE)
        return add_items(p, node, value);
    if (value->kind == YAML_MAPPING)
        return plan_mapping(p, node, value, NULL);
    if (!is_null && is_same_scalar(node, value))
        return met;
    if (!fits_tag(node, value) || !yaml_replace(p->yaml, node, value, p->edits))
        return refused(node, "the value cannot be replaced safely where it stands");
    return (struct want){is_null ? WANT_PLANNED : WANT_CONTRADICTED, node, NULL};
}

/* One wanted key whose pair exists. */
static struct want plan_value(struct plan *p, const struct yaml_node *mapping, struct yaml_node *node,
                              const struct yaml_value *value) {
    struct yaml_node *seen = yaml_resolve(node);
    struct yaml_value own;
    if (node->kind != YAML_ALIAS && !node->anchor.p)
        return plan_here(p, node, value);
    if (is_satisfied(seen, value, p->same))
        return met;
    if (is_agreed(p, mapping, value, seen))
        return plan_here(p, seen, value);
    if (node->kind != YAML_ALIAS)
        return refused(node, "it has an anchor, and others that use it are not to get the same: write out theirs");
    struct want want = repeat(p, seen, value, &own);
    if (want.result != WANT_REFUSED && !yaml_replace(p->yaml, node, &own, p->edits))
        want = refused(node, "the value cannot be replaced safely where it stands");
    want.node = node;
    return want;
}

/* One wanted key that the mapping does not have itself. */
static struct want add_key(struct plan *p, struct yaml_node *mapping, const struct yaml_value *value,
                           struct yaml_pair *before) {
    struct yaml_node *merged = yaml_get(mapping, value->key);
    struct yaml_value own = *value;
    struct want want = planned;
    if (merged && is_satisfied(merged, value, p->same))
        return met;
    if (merged && !yaml_is_null(merged) && is_agreed(p, mapping, value, merged))
        return plan_here(p, merged, value);
    if (merged) {
        want = repeat(p, merged, value, &own);
        want.node = yaml_pair(mapping, STR("<<"))->key;
    }
    if (want.result == WANT_REFUSED)
        return want;
    bool is_added = before ? yaml_add_key_before(p->yaml, mapping, before, &own, p->edits)
                           : yaml_add_key(p->yaml, mapping, &own, p->edits);
    return is_added ? want : refused(mapping, "no key can be added safely where it stands");
}

static struct want plan_mapping(struct plan *p, struct yaml_node *mapping, const struct yaml_value *value,
                                struct yaml_pair *before) {
    struct want want = met;
    if (is_empty(mapping))
        return fill(p, mapping, value);
    for (uint32_t i = 0; i < value->n && want.result != WANT_REFUSED; i++) {
        const struct yaml_value *child = &value->children[i];
        struct yaml_pair *pair = yaml_pair(mapping, child->key);
        want = worse(want, pair ? plan_value(p, mapping, pair->value, child) : add_key(p, mapping, child, before));
    }
    return want;
}

struct want want_plan_shared(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_value *value,
                             struct yaml_pair *before, want_same *same, const struct want_sharing *sharing,
                             struct edits *edits) {
    struct plan plan = {yaml, same, sharing, edits};
    struct want want = plan_mapping(&plan, mapping, value, before);
    if (want.result != WANT_REFUSED && edits_meet(edits))
        want = refused(mapping, "several keys cannot be added safely where it stands");
    if (want.result == WANT_REFUSED)
        edits->list.n = 0;
    return want;
}

struct want want_plan(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_value *value,
                      struct yaml_pair *before, want_same *same, struct edits *edits) {
    return want_plan_shared(yaml, mapping, value, before, same, NULL, edits);
}
