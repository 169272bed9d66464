/* The first byte chooses the edit, the second one the node; the rest is the document. */
#include "fuzz.h"
#include "yaml_edit.h"

#include <stdio.h>
#include <stdlib.h>

static const struct yaml_value leaves[] = {
    {.kind = YAML_SCALAR, .text = STR_INIT("ALL")},
    {.kind = YAML_SCALAR, .text = STR_INIT("a: b"), .is_quoted = true},
};
static const struct yaml_value children[] = {
    {.kind = YAML_SEQUENCE, .key = STR_INIT("drop"), .children = leaves, .n = 2},
    {.kind = YAML_SCALAR, .key = STR_INIT("flag"), .text = STR_INIT("true")},
    {.kind = YAML_MAPPING, .key = STR_INIT("empty")},
};
static const struct yaml_value values[] = {
    {.kind = YAML_MAPPING, .key = STR_INIT("new"), .children = children, .n = 3},
    {.kind = YAML_SCALAR, .key = STR_INIT("new"), .text = STR_INIT("x y")},
    {.kind = YAML_SEQUENCE, .key = STR_INIT("new"), .children = leaves, .n = 2},
    {.kind = YAML_SCALAR, .key = STR_INIT("other key"), .text = STR_INIT("'\"\\\n"), .is_quoted = true},
};

enum { ADD_KEY, ADD_KEY_BEFORE, ADD_ITEM, REPLACE, REMOVE, ACTIONS };

/* The node with that number, children before their siblings. */
static struct yaml_node *nth(struct yaml_node *node, uint32_t *n) {
    struct yaml_node *hit = NULL;
    if (!node || (*n)-- == 0)
        return node;
    for (uint32_t i = 0; i < node->n && !hit; i++) {
        hit = nth(node->kind == YAML_MAPPING ? node->pairs[i].key : node->items[i], n);
        if (!hit && node->kind == YAML_MAPPING)
            hit = nth(node->pairs[i].value, n);
    }
    return hit;
}

/* Of a mapping one pair; of a sequence the items that have their bit, the last ones all by the highest. */
static bool remove_some(struct yaml *yaml, struct yaml_node *node, unsigned bits, struct edits *edits) {
    if (node->kind == YAML_MAPPING)
        return node->n && yaml_remove_key(yaml, node, &node->pairs[bits % node->n], edits);
    bool *goes = arena_array(edits->arena, node->n, sizeof *goes);
    for (uint32_t i = 0; i < node->n; i++)
        goes[i] = bits >> (i < 5 ? i : 5) & 1;
    return yaml_remove_items(yaml, node, goes, edits);
}

static bool act(struct yaml *yaml, struct yaml_node *node, unsigned action, struct edits *edits) {
    const struct yaml_value *value = &values[action / ACTIONS % (sizeof values / sizeof *values)];
    switch (action % ACTIONS) {
    case ADD_KEY:
        return yaml_add_key(yaml, node, value, edits);
    case ADD_KEY_BEFORE:
        return node->kind == YAML_MAPPING && node->n &&
               yaml_add_key_before(yaml, node, &node->pairs[action % node->n], value, edits);
    case ADD_ITEM:
        return yaml_add_item(yaml, node, value, edits);
    case REPLACE:
        return yaml_replace(yaml, node, value, edits);
    default:
        return remove_some(yaml, node, action / ACTIONS, edits);
    }
}

static void fail(struct str before, struct str after, const char *why) {
    fprintf(stderr, "%s\n--- before\n%.*s\n--- after\n%.*s\n", why, STR_ARG(before), STR_ARG(after));
    abort();
}

static void check(struct arena *arena, struct yaml *yaml, struct edits *edits, const struct yaml_changes *changes) {
    struct diags diags = {.arena = arena};
    struct str before = yaml->source->text, after = edits_apply(arena, before, edits);
    struct source source = source_from(arena, STR("after"), after, FORMAT_KUBE);
    struct yaml *result = yaml_parse(arena, &source, &diags);
    if (!result)
        fail(before, after, diags.list.at[0].message.p);
    if (!yaml_extends(yaml, result, changes, NULL))
        fail(before, after, "something else changed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3 || size > 1 << 16)
        return 0;
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct source source =
        source_from(&arena, STR("before"), (struct str){(const char *)data + 2, (uint32_t)size - 2}, FORMAT_KUBE);
    struct yaml *yaml = source_check(&source, &diags) ? yaml_parse(&arena, &source, &diags) : NULL;
    if (!yaml)
        return diags.list.n ? 0 : -1;
    struct edits edits = {.arena = &arena};
    struct yaml_changes changes = {0};
    uint32_t chosen = data[1];
    /* several edits in one pass, as far as they can be applied together */
    for (unsigned round = 0; round < 4; round++) {
        uint32_t n = chosen;
        struct yaml_node *node = NULL;
        for (uint32_t i = 0; i < yaml->documents.n && !node; i++)
            node = nth(yaml->documents.at[i].root, &n);
        struct edits one = {.arena = &arena};
        bool is_free = node && act(yaml, node, data[0] + round, &one);
        for (uint32_t i = 0; i < edits.list.n && is_free; i++)
            for (uint32_t j = 0; j < one.list.n && is_free; j++)
                is_free = !edit_conflicts(&edits.list.at[i], &one.list.at[j]);
        for (uint32_t i = 0; i < one.list.n && is_free; i++) {
            *vec_push(&arena, &edits.list) = one.list.at[i];
            if (one.list.at[i].removed)
                *vec_push(&arena, &changes.removed) = one.list.at[i].removed;
            else if ((data[0] + round) % ACTIONS == REPLACE)
                *vec_push(&arena, &changes.replaced) = node;
        }
        chosen = round % 2 ? chosen / 2 : chosen + 1;
    }
    check(&arena, yaml, &edits, &changes);
    return 0;
}
