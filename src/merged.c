#include "merged.h"

/* --- files ---------------------------------------------------------------------------------------------------------
 */

struct yaml *compose_files_get(struct compose_files *files, const struct document *document) {
    if (document->yaml)
        return document->yaml;
    struct yaml *yaml = map_get(&files->by_path, document->path);
    if (yaml || document->is_broken)
        return yaml;
    struct diags silent = {.arena = files->arena};
    struct source *source = arena_new(files->arena, struct source);
    *source =
        source_from(files->arena, document->path, project_text(files->project, document, files->arena), FORMAT_COMPOSE);
    yaml = trees_parse(files->project->trees, files->arena, source, &silent);
    if (yaml)
        map_add(&files->by_path, files->arena, document->path, yaml);
    return yaml;
}

struct str compose_files_folder(const struct document *document) {
    return document->directory.p ? document->directory : path_folder(document->path);
}

const struct variables *compose_files_env(struct compose_files *files, struct str folder, struct str name) {
    static struct variables missing;
    struct str path = path_clean(files->arena, folder, name);
    struct variables *variables = map_get(&files->env, path);
    if (!variables) {
        struct str text = project_context_file(files->project, folder, name, files->arena);
        variables = text.p ? variables_read(files->arena, text, NULL) : &missing;
        map_add(&files->env, files->arena, path, variables);
    }
    return variables == &missing ? NULL : variables;
}

/* --- layers --------------------------------------------------------------------------------------------------------
 */

/* A service that is put together. */
struct builder {
    struct compose_files *files;
    struct merged *merged;
    const struct yaml_node *open[MERGED_MAX]; /* what extends what is added now */
    uint32_t n_open;
};

static void add_place(struct builder *b, struct place place);

static void add_documents(struct builder *b, struct document *document, uint32_t end, struct str name) {
    const struct yaml *yaml = compose_files_get(b->files, document);
    for (uint32_t i = 0; yaml && i < yaml->documents.n && i < end; i++)
        add_place(b, (struct place){document, i, name});
}

/* What a service extends is that of its file alone, without what the file is merged onto. */
static void add_extended(struct builder *b, struct document *document, const struct yaml_node *extends) {
    struct arena *arena = b->files->arena;
    struct merged *merged = b->merged;
    struct str name = compose_text(arena, merged->variables,
                                   extends->kind == YAML_SCALAR ? extends : yaml_get(extends, STR("service")));
    const struct yaml_node *file = yaml_get(extends, STR("file"));
    struct str path = file ? compose_text(arena, merged->variables, file) : STR("");
    uint32_t n = merged->n;
    if (path.n)
        document = project_find(b->files->project, path_clean(arena, path_folder(document->path), path));
    if (name.n && path.p && document && document->format == FORMAT_COMPOSE)
        add_documents(b, document, UINT32_MAX, name);
    if (merged->n == n && !merged->missing.p)
        merged->missing = str_printf(arena, "it extends %.*s%s%.*s, which is not at hand", STR_ARG(name),
                                     path.n ? " of " : "", STR_ARG(path));
}

static void add_place(struct builder *b, struct place place) {
    const struct yaml *yaml = compose_files_get(b->files, place.document);
    const struct yaml_node *root = yaml ? yaml->documents.at[place.index].root : NULL;
    struct yaml_node *node = yaml_resolve(yaml_own(compose_services(root), place.name));
    bool is_open = b->n_open == MERGED_MAX || b->merged->n == MERGED_MAX;
    for (uint32_t i = 0; i < b->n_open; i++)
        is_open |= b->open[i] == node;
    if (!node || is_open)
        return;
    b->open[b->n_open++] = node;
    const struct yaml_node *extends = yaml_get(node, STR("extends"));
    if (extends && !yaml_is_null(extends))
        add_extended(b, place.document, extends);
    b->n_open--;
    if (b->merged->n < MERGED_MAX)
        b->merged->layers[b->merged->n++] = (struct layer){place, root, node};
}

/* All that a file gives, and what that file is merged onto. */
static void add_below(struct builder *b, struct document *document, uint32_t end, struct str name, uint32_t depth) {
    if (document->onto && depth < MERGED_MAX)
        add_below(b, document->onto, UINT32_MAX, name, depth + 1);
    add_documents(b, document, end, name);
}

struct merged merged_service(struct compose_files *files, struct place place) {
    struct merged merged = {.variables = compose_files_env(files, compose_files_folder(place.document), STR(".env"))};
    struct builder b = {.files = files, .merged = &merged};
    add_below(&b, place.document, place.index, place.name, 0);
    add_place(&b, place);
    return merged;
}

const struct layer *merged_own(const struct merged *merged) {
    return &merged->layers[merged->n - 1];
}

/* --- values --------------------------------------------------------------------------------------------------------
 */

/* What a layer says of a key; yaml_get gives nothing for one that is taken back. */
static const struct yaml_node *said(const struct layer *layer, struct str key) {
    struct yaml_node *own = yaml_own(layer->node, key);
    return own ? yaml_resolve(own) : yaml_get(layer->node, key);
}

const struct yaml_node *merged_get(const struct merged *merged, struct str key) {
    for (uint32_t i = merged->n; i > 0; i--) {
        const struct yaml_node *node = said(&merged->layers[i - 1], key);
        if (yaml_is_reset(node))
            return NULL;
        if (node && !yaml_is_null(node))
            return node;
    }
    return NULL;
}

struct merged_items merged_list(struct arena *arena, const struct merged *merged, struct str key) {
    VEC(const struct yaml_node *) items = {0};
    uint32_t first = merged->n;
    for (bool is_last = false; first > 0 && !is_last; first--) {
        const struct yaml_node *node = said(&merged->layers[first - 1], key);
        is_last = yaml_is_override(node) || yaml_is_reset(node);
    }
    for (uint32_t i = first; i < merged->n; i++) {
        const struct yaml_node *node = said(&merged->layers[i], key);
        if (!node || yaml_is_reset(node) || yaml_is_null(node))
            continue;
        if (node->kind == YAML_SCALAR)
            *vec_push(arena, &items) = node;
        for (uint32_t j = 0; node->kind == YAML_SEQUENCE && j < node->n; j++)
            *vec_push(arena, &items) = yaml_resolve(node->items[j]);
    }
    return (struct merged_items){items.at, items.n};
}

struct str merged_value(struct arena *arena, const struct merged *merged, const struct yaml_node *node) {
    return compose_text(arena, merged->variables, node);
}

struct str merged_text(struct arena *arena, const struct merged *merged, struct str key) {
    return merged_value(arena, merged, merged_get(merged, key));
}

bool merged_is_true(struct arena *arena, const struct merged *merged, struct str key) {
    return compose_is_true(arena, merged->variables, merged_get(merged, key));
}

/* The words in front of the first variable; empty where that is a part of the first word. */
static struct str known_words(struct str text) {
    struct str known = str_sub(text, 0, str_find(text, 0, '$'));
    while (known.n && !strchr(" \t\n", known.p[known.n - 1]))
        known.n--;
    return known;
}

struct command merged_command(struct arena *arena, const struct merged *merged, struct str key) {
    const struct yaml_node *node = merged_get(merged, key);
    struct command command = {.is_set = node != NULL, .is_known = true};
    if (!command.is_set)
        return command;
    struct str *words = arena_array(arena, node->n + 1, sizeof *words);
    command.words = words;
    command.is_shell = node->kind == YAML_SCALAR;
    if (node->kind == YAML_SCALAR)
        words[command.n++] = merged_value(arena, merged, node);
    for (uint32_t i = 0; node->kind == YAML_SEQUENCE && i < node->n; i++)
        words[command.n++] = merged_value(arena, merged, yaml_resolve(node->items[i]));
    for (uint32_t i = 0; i < command.n; i++)
        command.is_known &= words[i].p != NULL;
    if (command.is_shell && !command.is_known)
        words[0] = known_words(yaml_text(node));
    return command;
}
