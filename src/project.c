#include "project.h"

#include <dirent.h>
#include <fcntl.h>
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

bool document_is_onto(const struct document *document, const struct document *file) {
    while (document && document != file)
        document = document->onto;
    return document != NULL;
}

struct document *project_find(const struct project *project, struct str path) {
    return path.p ? map_get(&project->by_path, path) : NULL;
}

bool project_read(const struct project *project, struct arena *arena, struct str path, struct str *ret_text,
                  struct diags *diags) {
    const struct str *text = project->texts ? map_get(project->texts, path) : NULL;
    if (!text)
        return source_read(arena, path, ret_text, diags);
    *ret_text = str_dup(arena, *text);
    return true;
}

struct document *project_add_document(struct project *project, struct str path, struct str text, enum format format,
                                      bool is_selected) {
    struct document *document = arena_new(project->arena, struct document);
    document->path = str_dup(project->arena, path);
    document->format = format;
    document->is_selected = is_selected;
    document->before = document->after = text;
    document->source = source_from(project->arena, document->path, text, format);
    document->config = config_find(&project->configs, document->path, project->arena, project->diags);
    *vec_push(project->arena, &project->documents) = document;
    map_add(&project->by_path, project->arena, document->path, document);
    return document;
}

/* Reads a file, finds its format by name or content and adds it. `must_fit`: a file of no format of ours is an error.
 */
static void add_file(struct project *project, struct str path, enum format format, bool must_fit) {
    if (project_find(project, path))
        return;
    struct str text;
    if (!project_read(project, project->arena, path, &text, project->diags))
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
        !project_read(project, project->arena, path, &text, &silent))
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

/* Whether there is nothing but comments and marks between documents: what a chart gives that makes no object. */
static bool is_blank(struct str text) {
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n && line.p[0] != '#' && !str_eq(line, STR("---")) && !str_eq(line, STR("...")))
            return false;
    }
    return true;
}

void project_add_text(struct project *project, struct str path, struct str text) {
    path = path_clean(project->arena, STR(""), path);
    *vec_push(project->arena, &project->roots) = path_folder(path);
    enum format format = discover_format(path);
    if (format == FORMAT_NONE)
        format = is_blank(text) ? FORMAT_KUBE : discover_content(text);
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
                    project_read(project, arena, path, &text, &silent);
    return is_there ? text : (struct str){NULL, 0};
}

bool project_has(const struct project *project, struct str path, struct arena *arena) {
    return project_is_inside(project, path) && access(str_c(arena, path), F_OK) == 0;
}

static bool is_open_to_others(const struct stat *status) {
    mode_t needed = S_IROTH | (status->st_mode & S_IXUSR ? S_IXOTH : 0);
    return S_ISLNK(status->st_mode) || (status->st_mode & needed) == needed;
}

static void close_folder(DIR **folder) {
    if (*folder)
        closedir(*folder);
}

struct walk {
    bool (*see)(void *context, struct str path);
    void *context;
    struct arena *arena;
    uint32_t left; /* files that may still come */
};

/* `inside` is relative to the context, and empty for itself. */
static bool walk(struct walk *walk_, struct str folder, struct str inside) {
    __attribute__((cleanup(close_folder))) DIR *entries = opendir(str_c(walk_->arena, folder));
    if (!entries)
        return false;
    for (struct dirent *entry; (entry = readdir(entries));) {
        static const struct str skipped[] = {STR_INIT("."), STR_INIT(".."), STR_INIT(".git")};
        struct str name = str_of(entry->d_name);
        struct stat status;
        if (STR_IS_IN(name, skipped))
            continue;
        struct str path = str_printf(walk_->arena, "%.*s%s%.*s", STR_ARG(inside), inside.n ? "/" : "", STR_ARG(name));
        if (walk_->left-- == 0 || fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            return false;
        bool is_fine = S_ISDIR(status.st_mode) ? walk(walk_, path_clean(walk_->arena, folder, name), path)
                                               : walk_->see(walk_->context, path);
        if (!is_fine)
            return false;
    }
    return true;
}

bool project_context_each(const struct project *project, struct str folder, bool (*see)(void *context, struct str path),
                          void *context, struct arena *arena) {
    struct walk start = {see, context, arena, 5000};
    return project_is_inside(project, folder) && walk(&start, folder, STR(""));
}

bool project_is_readable(const struct project *project, struct str folder, struct str name, struct arena *arena) {
    struct str path = path_clean(arena, folder, name);
    struct stat status;
    if (!project_is_inside(project, path) || lstat(str_c(arena, path), &status) != 0)
        return true;
    if (!S_ISDIR(status.st_mode))
        return is_open_to_others(&status);
    __attribute__((cleanup(close_folder))) DIR *entries = opendir(str_c(arena, path));
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        static const struct str skipped[] = {STR_INIT("."), STR_INIT(".."), STR_INIT(".git"), STR_INIT("node_modules")};
        bool is_skipped = false;
        for (uint32_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
            is_skipped |= str_eq(str_of(entry->d_name), skipped[i]);
        if (!is_skipped && fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            !is_open_to_others(&status))
            return false;
    }
    return true;
}
