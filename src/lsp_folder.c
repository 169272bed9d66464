#include "lsp_folder.h"

#include "harden.h"
#include "image_link.h"
#include "link.h"
#include "render.h"
#include "units.h"
#include "writes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- names ---------------------------------------------------------------------------------------------------------
 */

static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

struct str lsp_uri_path(struct arena *arena, struct str uri) {
    static const struct str scheme = STR_INIT("file://");
    struct buf path = {.arena = arena};
    if (!str_eq_nocase(str_sub(uri, 0, scheme.n), scheme))
        return (struct str){NULL, 0};
    for (uint32_t i = str_find(uri, scheme.n, '/'); i < uri.n && uri.p[i] != '?' && uri.p[i] != '#'; i++) {
        bool is_escape = uri.p[i] == '%' && i + 2 < uri.n && digit(uri.p[i + 1]) >= 0 && digit(uri.p[i + 2]) >= 0;
        char c = is_escape ? (char)(digit(uri.p[i + 1]) * 16 + digit(uri.p[i + 2])) : uri.p[i];
        if (c == '\0')
            return (struct str){NULL, 0};
        buf_byte(&path, c);
        i += is_escape ? 2 : 0;
    }
    return path.n ? path_join(arena, STR("/"), buf_str(&path)) : (struct str){NULL, 0};
}

struct str lsp_path_uri(struct arena *arena, struct str path) {
    struct buf uri = {.arena = arena};
    buf_add(&uri, STR("file://"));
    for (uint32_t i = 0; i < path.n; i++) {
        char c = path.p[i];
        bool is_plain = str_is_alnum(c) || (c && strchr("/-._~", c));
        buf_printf(&uri, is_plain ? "%c" : "%%%02X", (unsigned char)c);
    }
    return buf_str(&uri);
}

struct str lsp_path_in(const struct lsp_folder *folder, struct str path) {
    struct str root = str_of(folder->path);
    if (!root.n || !path_is_below(path, root) || path.n == root.n)
        return path;
    return str_sub(path, root.n == 1 ? 1 : root.n + 1, path.n);
}

/* --- a project -----------------------------------------------------------------------------------------------------
 */

/* The core takes paths from the current folder. Where there is none no file is within reach. */
static bool enter(const struct lsp_folder *folder) {
    bool is_there = *folder->path && chdir(folder->path) == 0;
    if (!is_there && chdir("/") != 0)
        abort();
    return is_there;
}

static struct lsp_analysis *begin(const struct lsp_folder *folder, const struct lsp_overlays *overlays,
                                  const struct options *options) {
    struct lsp_analysis *analysis = calloc(1, sizeof *analysis);
    if (!analysis)
        abort();
    struct project *project = &analysis->project;
    analysis->diags.arena = project->arena = &analysis->arena;
    project->diags = &analysis->diags;
    options_apply(options, project);
    for (uint32_t i = 0; i < overlays->list.n; i++)
        project_hold(project, lsp_path_in(folder, overlays->list.at[i].path), overlays->list.at[i].text);
    if (enter(folder))
        project_add_root(project, STR("."));
    return analysis;
}

void lsp_analysis_free(struct lsp_analysis *analysis) {
    if (analysis)
        arena_release(&analysis->arena);
    free(analysis);
}

/* --- what belongs together -----------------------------------------------------------------------------------------
 */

/* All images that a manifest names, wherever they stand. */
static void join_images(const struct project *project, struct document *manifest, const struct yaml_node *node,
                        struct arena *scratch) {
    struct str image = node && node->kind == YAML_MAPPING ? yaml_text(yaml_own(node, STR("image"))) : STR("");
    if (image.n)
        units_join(project, manifest,
                   image_link_find(project, manifest, render_image(manifest, image, scratch), scratch).dockerfile);
    for (uint32_t i = 0; node && node->kind != YAML_SCALAR && node->kind != YAML_ALIAS && i < node->n; i++)
        join_images(project, manifest, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i], scratch);
}

static void join_manifest(const struct project *project, struct document *manifest) {
    ARENA(scratch);
    struct diags silent = {.arena = &scratch};
    struct str text = project_text(project, manifest, &scratch);
    struct source source = source_from(&scratch, manifest->path, text, FORMAT_KUBE);
    struct yaml *yaml = yaml_parse(&scratch, &source, &silent);
    for (uint32_t i = 0; yaml && i < yaml->documents.n; i++)
        join_images(project, manifest, yaml->documents.at[i].root, &scratch);
}

static bool names_others(const struct project *project, const struct document *document) {
    ARENA(scratch);
    struct str text = project_text(project, document, &scratch);
    return document->is_part || str_contains(text, STR("include")) || str_contains(text, STR("extends"));
}

/* What is hardened together, and what gives it facts. Gives the number of units. */
static uint32_t join_all(struct project *project) {
    struct document *first_part = NULL;
    units_make(project);
    for (uint32_t i = 0; i < project->builds.n; i++)
        units_join(project, project->builds.at[i].place.document, project->builds.at[i].document);
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        if (document->format == FORMAT_COMPOSE && names_others(project, document)) {
            units_join(project, document, first_part);
            first_part = document;
        }
        if (document->format == FORMAT_KUBE && !document->is_broken)
            join_manifest(project, document);
        struct str patched_by = document->patched_by;
        for (uint32_t j = 0; patched_by.n && j < project->documents.n; j++)
            if (str_eq(path_folder(project->documents.at[j]->path), path_folder(patched_by)))
                units_join(project, document, project->documents.at[j]);
    }
    return units_number(project);
}

/* Editors take the root or a home for a workspace where nothing tells them of a better one: nobody's project. */
static bool is_nobodys(const struct lsp_folder *folder) {
    const char *home = getenv("HOME");
    return !strcmp(folder->path, "/") || (home && !strcmp(folder->path, home));
}

void lsp_index_release(struct lsp_index *index) {
    arena_release(&index->arena);
    *index = (struct lsp_index){0};
}

static struct str *copy_of(struct arena *arena, struct str text) {
    struct str *copy = arena_new(arena, struct str);
    *copy = str_dup(arena, text);
    return copy;
}

bool lsp_index_make(struct lsp_folder *folder, const struct lsp_overlays *overlays, const struct options *options) {
    struct lsp_index *index = &folder->index;
    index->is_made = true;
    index->is_cut = folder->kind != LSP_ALONE && is_nobodys(folder);
    if (folder->kind == LSP_ALONE || index->is_cut || !enter(folder))
        return true;
    struct lsp_analysis *all = begin(folder, overlays, options);
    struct str here = STR(".");
    all->project.most = LSP_MOST_NAMES;
    project_add(&all->project, &here, 1, (struct str){NULL, 0});
    index->is_cut = all->project.is_cut;
    project_link(&all->project);
    uint32_t n = join_all(&all->project);
    struct lsp_group **groups = arena_array(&all->arena, n, sizeof *groups);
    for (uint32_t i = 0; i < all->project.documents.n; i++) {
        struct document *document = all->project.documents.at[i];
        struct str path = str_dup(&index->arena, document->path);
        struct lsp_group **group = &groups[document->unit];
        if (document->format == FORMAT_DOCKERIGNORE && !document->is_new) {
            *vec_push(&index->arena, &index->paths) = path;
            map_set(&index->owners, &index->arena, path, copy_of(&index->arena, document->owner->path));
        }
        if (document->format == FORMAT_DOCKERIGNORE || document->format == FORMAT_SECCOMP)
            continue; /* they come with what needs them */
        if (!*group)
            *group = arena_new(&index->arena, struct lsp_group);
        map_add(&index->groups, &index->arena, path, *group);
        *vec_push(&index->arena, &(*group)->paths) = path;
        *vec_push(&index->arena, &index->paths) = path;
        index->n_dockerfiles += document->format == FORMAT_DOCKERFILE;
    }
    lsp_analysis_free(all);
    return !index->is_cut;
}

/* --- one file ------------------------------------------------------------------------------------------------------
 */

static const struct str ignore = STR_INIT(".dockerignore");

/* A configuration is no document, but it can be wrong. */
static void check_config(struct project *project, struct str path) {
    config_find(&project->configs, path, project->arena, project->diags);
    rules_check(&project->configs, project->diags);
}

static void add_document(struct lsp_analysis *analysis, struct str path, enum format format) {
    ARENA(scratch);
    struct project *project = &analysis->project;
    struct str text;
    enum format found = discover_format(path);
    struct diags silent = {.arena = &scratch};
    if (!project_read(project, path, &scratch, &text, &silent))
        return;
    if (!found && (str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml")) || str_ends(path, STR(".json"))))
        found = discover_content(text);
    if (!found && !format)
        return;
    struct source source = source_from(&scratch, path, text, found ? found : format);
    analysis->document = project_add_document(project, path, source.format, true);
    analysis->document->is_broken = !source_check(&source, project->diags);
    analysis->document->hash = str_quick_hash(text);
}

/* The Dockerfile that a .dockerignore belongs to: where the folder does not tell, by their names. */
static struct str owner_of(const struct lsp_folder *folder, struct str path, struct arena *arena) {
    const struct str *owner = map_get(&folder->index.owners, path);
    if (owner)
        return *owner;
    struct str name = path_name(path);
    return name.n == ignore.n ? path_clean(arena, path_folder(path), STR("Dockerfile"))
                              : str_sub(path, 0, path.n - ignore.n);
}

static bool has_rule(const struct document *document, uint32_t n, const struct rule *rule) {
    for (uint32_t i = 0; i < n; i++)
        if (document->findings.at[i]->rule == rule)
            return true;
    return false;
}

/* What is found in a file that is not there yet has no other place than the document that needs it: its top, unless a
 * finding there brings the file along. */
static void add_missing(struct lsp_analysis *analysis) {
    struct document *document = analysis->document;
    uint32_t n = document->findings.n;
    analysis->n_own = n;
    for (uint32_t i = 0; i < document->companions.n; i++) {
        const struct document *companion = document->companions.at[i];
        for (uint32_t j = 0; companion->is_new && j < companion->findings.n; j++)
            if (!has_rule(document, n, companion->findings.at[j]->rule))
                *vec_push(&analysis->arena, &document->findings) = companion->findings.at[j];
    }
}

void lsp_folder_forget_sources(struct lsp_folder *folder) {
    writes_end(folder->written);
    folder->written = NULL;
}

struct lsp_analysis *lsp_analyse(struct lsp_folder *folder, struct str path, enum format format,
                                 const struct lsp_overlays *overlays, const struct options *options,
                                 enum encoding encoding, bool is_filter) {
    struct lsp_analysis *analysis = begin(folder, overlays, options);
    struct project *project = &analysis->project;
    trees_turn(&folder->trees);
    project->trees = &folder->trees;
    project->keeps_steps = true;
    if (!folder->written)
        folder->written = writes_begin();
    project->written = folder->written;
    struct str text = STR("");
    struct diags silent = {.arena = &analysis->arena};
    path = lsp_path_in(folder, path);
    bool is_ignore = str_ends(path, ignore);
    struct str main = is_ignore ? owner_of(folder, path, &analysis->arena) : path;
    project->is_filter = is_filter && !is_ignore;
    if (str_eq(path_name(path), STR(CONFIG_NAME))) {
        check_config(project, path);
        project_read(project, path, &analysis->arena, &text, &silent);
    } else {
        add_document(analysis, main, format);
    }
    if (analysis->document) {
        const struct lsp_group *group = map_get(&folder->index.groups, main);
        for (uint32_t i = 0; group && i < group->paths.n; i++)
            project_add_context(project, group->paths.at[i]);
        project->has_more_dockerfiles = folder->index.n_dockerfiles > 1;
        project_link(project);
        harden(project);
    }
    if (is_ignore) {
        analysis->document = project_find(project, path);
        analysis->diags.list.n = 0; /* its Dockerfile's */
    }
    if (analysis->document) {
        add_missing(analysis);
        text = analysis->document->before;
    }
    analysis->text = lsp_text_of(&analysis->arena, text, encoding);
    return analysis;
}

bool lsp_is_own(const struct lsp_analysis *analysis, const struct finding *finding) {
    for (uint32_t i = 0; i < analysis->n_own; i++)
        if (analysis->document->findings.at[i] == finding)
            return true;
    return false;
}

struct yaml *lsp_yaml(struct lsp_analysis *analysis) {
    const struct document *document = analysis->document;
    struct arena *arena = &analysis->arena;
    struct diags silent = {.arena = arena};
    struct source source = source_from(arena, document->path, document->before, document->format);
    return trees_parse(analysis->project.trees, arena, &source, &silent);
}
