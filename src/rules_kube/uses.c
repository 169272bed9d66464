/* Who uses the values of a file that stand in one place: what a loader makes of aliases and merges. */
#include "uses.h"

enum {
    MAX_VISITS = 200000, /* nodes that are looked at, each as often as it is used, beyond one a byte */
    MAX_DEPTH = 500,     /* of nodes in nodes and merges, by aliases */
};

struct walk {
    struct arena *arena;
    struct map uses;
    uint32_t left; /* of MAX_VISITS; 0: not all uses are known */
    uint32_t depth;
};

static struct str node_key(const struct yaml_node *const *node) {
    return (struct str){(const char *)node, sizeof *node};
}

static void add_use(struct walk *walk, const struct yaml_node *node, const struct yaml_node *use) {
    struct node_uses *uses = map_get(&walk->uses, node_key(&node));
    if (!uses) {
        uses = arena_new(walk->arena, struct node_uses);
        uses->node = node;
        map_add(&walk->uses, walk->arena, node_key(&uses->node), uses);
    }
    *vec_push(walk->arena, &uses->list) = use;
}

/* What Kubernetes reads of an object. Below other keys people define what they use elsewhere. */
static bool is_read(const struct yaml_node *mapping, struct str key) {
    static const struct str keys[] = {STR_INIT("apiVersion"), STR_INIT("kind"),   STR_INIT("metadata"),
                                      STR_INIT("spec"),       STR_INIT("status"), STR_INIT("template"),
                                      STR_INIT("items"),      STR_INIT("objects")};
    return mapping->parent || STR_IS_IN(key, keys);
}

/* Counts a visit. False where there are too many. */
static bool enter(struct walk *walk) {
    walk->left = walk->depth < MAX_DEPTH && walk->left > 0 ? walk->left - 1 : 0;
    walk->depth += walk->left > 0;
    return walk->left > 0;
}

static void visit(struct walk *walk, const struct yaml_node *node);

/* The pairs of a mapping, and of what it merges, that a loader sees in `use`. */
static void visit_pairs(struct walk *walk, const struct yaml_node *mapping, const struct yaml_node *use) {
    if (mapping->kind != YAML_MAPPING || !enter(walk))
        return;
    add_use(walk, mapping, use);
    for (uint32_t i = 0; i < mapping->n; i++) {
        const struct yaml_pair *pair = &mapping->pairs[i];
        const struct yaml_node *value = yaml_resolve(pair->value);
        bool is_plain = pair->key->kind == YAML_SCALAR, is_merge = is_plain && str_eq(pair->key->value, STR("<<"));
        if (is_merge && value->kind == YAML_MAPPING)
            visit_pairs(walk, value, use);
        else if (is_merge)
            for (uint32_t j = 0; j < value->n; j++)
                visit_pairs(walk, yaml_resolve(value->items[j]), use);
        else if (!is_plain || (is_read(use, pair->key->value) && yaml_get(use, pair->key->value) == value))
            visit(walk, value);
    }
    walk->depth--;
}

static void visit(struct walk *walk, const struct yaml_node *node) {
    if (node->kind == YAML_MAPPING) {
        visit_pairs(walk, node, node);
        return;
    }
    if (!enter(walk))
        return;
    add_use(walk, node, node);
    for (uint32_t i = 0; i < node->n; i++)
        visit(walk, yaml_resolve(node->items[i]));
    walk->depth--;
}

static bool has_alias(const struct yaml_node *node) {
    bool has = node->kind == YAML_ALIAS;
    for (uint32_t i = 0; i < node->n && !has; i++)
        has = has_alias(node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
    return has;
}

struct uses uses_of(struct arena *arena, const struct yaml *yaml) {
    struct walk walk = {.arena = arena, .left = MAX_VISITS + yaml->source->text.n};
    for (uint32_t i = 0; i < yaml->documents.n; i++)
        if (yaml->documents.at[i].root && has_alias(yaml->documents.at[i].root))
            visit(&walk, yaml->documents.at[i].root);
    return (struct uses){walk.uses, walk.left > 0};
}

const struct node_uses *uses_of_node(const struct uses *uses, const struct yaml_node *node) {
    return map_get(&uses->by_node, node_key(&node));
}
