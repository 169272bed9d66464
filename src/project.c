#include "project.h"

#include <sys/stat.h>
#include <unistd.h>

bool project_is_inside(const struct project *project, struct str path) {
    for (uint32_t i = 0; i < project->roots.n; i++) {
        struct str root = project->roots.at[i];
        bool is_current = str_eq(root, STR("."));
        uint32_t behind = is_current ? 0 : str_ends(root, STR("/")) ? root.n : root.n + 1;
        if ((is_current || path_is_below(path, root)) && !path_leads_out(str_sub(path, behind, path.n)))
            return true;
    }
    return false;
}

/* FNV-1a (isthe.com/chongo/tech/comp/fnv) of a path, cut to the index's size, a power of two. */
static uint32_t slot_of(const struct project *project, struct str path) {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < path.n; i++)
        hash = (hash ^ (unsigned char)path.p[i]) * 16777619u;
    return hash & (project->n_slots - 1);
}

struct document *project_find(const struct project *project, struct str path) {
    if (!path.p || project->n_slots == 0)
        return NULL;
    for (uint32_t i = slot_of(project, path); project->slots[i]; i = (i + 1) & (project->n_slots - 1))
        if (str_eq(project->slots[i]->path, path))
            return project->slots[i];
    return NULL;
}

static void index_document(struct project *project, struct document *document) {
    uint32_t i = slot_of(project, document->path);
    while (project->slots[i])
        i = (i + 1) & (project->n_slots - 1);
    project->slots[i] = document;
}

/* Appends to the list and the index, which is kept at most half full. */
static void register_document(struct project *project, struct document *document) {
    *vec_push(project->arena, &project->documents) = document;
    if (project->documents.n * 2 <= project->n_slots) {
        index_document(project, document);
        return;
    }
    project->n_slots = project->n_slots ? project->n_slots * 2 : 64;
    project->slots = arena_array(project->arena, project->n_slots, sizeof(struct document *));
    for (uint32_t i = 0; i < project->documents.n; i++)
        index_document(project, project->documents.at[i]);
}

struct document *project_add_document(struct project *project, struct str path, struct str text, enum format format,
                                      bool is_selected) {
    struct document *document = arena_new(project->arena, struct document);
    document->path = str_dup(project->arena, path);
    document->format = format;
    document->is_selected = is_selected;
    document->before = document->after = text;
    document->source = source_from(project->arena, document->path, text, format);
    register_document(project, document);
    return document;
}

/* Reads a file, finds its format by name or content and adds it. `must_fit`: a file of no format of ours is an error.
 */
static void add_file(struct project *project, struct str path, enum format format, bool must_fit) {
    if (project_find(project, path))
        return;
    struct str text;
    if (!source_read(project->arena, path, &text, project->diags))
        return;
    if (format == FORMAT_NONE)
        format = discover_content(text);
    if (format == FORMAT_NONE && must_fit)
        diag_file(project->diags, path,
                  "is no Dockerfile, compose file or Kubernetes manifest, by name and by content");
    if (format == FORMAT_NONE)
        return;
    struct document *document = project_add_document(project, path, text, format, true);
    document->is_broken = !source_check(&document->source, project->diags);
}

struct document *project_add_context(struct project *project, struct str path) {
    struct document *document = project_find(project, path);
    struct diags silent = {.arena = project->arena};
    struct str text;
    if (document || !project_is_inside(project, path) || access(str_c(project->arena, path), R_OK) != 0 ||
        !source_read(project->arena, path, &text, &silent))
        return document;
    enum format format = discover_format(path);
    document = project_add_document(project, path, text, format ? format : discover_content(text), false);
    document->is_broken = !source_check(&document->source, &silent);
    return document;
}

void project_add(struct project *project, const struct str *paths, uint32_t n, struct str skip) {
    for (uint32_t i = 0; i < n; i++) {
        struct stat status;
        struct str path = path_clean(project->arena, STR(""), paths[i]);
        if (stat(str_c(project->arena, path), &status) != 0 || !S_ISDIR(status.st_mode)) {
            *vec_push(project->arena, &project->roots) = path_folder(path);
            add_file(project, path, discover_format(path), true);
            continue;
        }
        *vec_push(project->arena, &project->roots) = path;
        struct found_list found = {0};
        bool has_any = false;
        uint32_t errors = project->diags->list.n;
        discover(project->arena, path, skip, &found, project->diags);
        for (uint32_t j = 0; j < found.list.n; j++) {
            struct str file = path_clean(project->arena, STR(""), found.list.at[j].path);
            add_file(project, file, found.list.at[j].format, false);
            has_any |= project_find(project, file) != NULL;
        }
        if (!has_any && project->diags->list.n == errors)
            diag_file(project->diags, path, "is a folder without a Dockerfile, compose file or Kubernetes manifest");
    }
}

void project_add_text(struct project *project, struct str path, struct str text) {
    path = path_clean(project->arena, STR(""), path);
    *vec_push(project->arena, &project->roots) = path_folder(path);
    enum format format = discover_format(path);
    if (format == FORMAT_NONE)
        format = discover_content(text);
    if (format == FORMAT_NONE) {
        diag_file(project->diags, path,
                  "is no Dockerfile, compose file or Kubernetes manifest, by name and by content");
        return;
    }
    project->input = project_add_document(project, path, text, format, true);
    project->input->is_broken = !source_check(&project->input->source, project->diags);
}

struct str project_context_file(const struct project *project, struct str folder, struct str name,
                                struct arena *arena) {
    struct str path = path_clean(arena, folder, name), text;
    struct diags silent = {.arena = arena};
    bool is_there = project_is_inside(project, path) && access(str_c(arena, path), R_OK) == 0 &&
                    source_read(arena, path, &text, &silent);
    return is_there ? text : (struct str){NULL, 0};
}
