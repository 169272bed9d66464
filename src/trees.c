#include "trees.h"

struct tree {
    struct tree *next;
    struct arena arena; /* that it is on */
    struct source source;
    struct yaml *yaml;
    uint32_t turn; /* when it was asked for last */
};

static struct tree *find(const struct trees *trees, const struct source *source) {
    struct tree *tree = trees->first;
    while (tree && !(str_eq(tree->source.text, source->text) && str_eq(tree->source.path, source->path)))
        tree = tree->next;
    return tree;
}

static void free_tree(struct tree *tree) {
    struct arena arena = tree->arena;
    arena_release(&arena);
}

/* NULL where the text does not parse. */
static struct tree *make(const struct source *source, struct diags *diags) {
    struct arena first = {NULL};
    struct tree *tree = arena_new(&first, struct tree);
    struct arena *arena = &tree->arena;
    *arena = first;
    tree->source = source_from(arena, str_dup(arena, source->path), str_dup(arena, source->text), source->format);
    tree->yaml = yaml_parse(arena, &tree->source, diags);
    if (tree->yaml)
        return tree;
    free_tree(tree);
    return NULL;
}

struct yaml *trees_parse(struct trees *trees, struct arena *arena, struct source *source, struct diags *diags) {
    if (!trees)
        return yaml_parse(arena, source, diags);
    struct tree *tree = find(trees, source);
    if (!tree) {
        tree = make(source, diags);
        if (!tree)
            return NULL;
        tree->next = trees->first;
        trees->first = tree;
    }
    tree->turn = trees->turn;
    return tree->yaml;
}

void trees_turn(struct trees *trees) {
    for (struct tree **at = &trees->first; *at;) {
        struct tree *tree = *at;
        if (tree->turn == trees->turn) {
            at = &tree->next;
            continue;
        }
        *at = tree->next;
        free_tree(tree);
    }
    trees->turn++;
}

void trees_release(struct trees *trees) {
    trees->turn++;
    trees_turn(trees);
}
