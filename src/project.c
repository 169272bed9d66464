#include "project.h"

#include "pod.h"
#include "real.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a path without links lies in the named folders. */
static bool is_real_inside(const struct project *project, struct str real) {
    for (uint32_t i = 0; i < project->real_roots.n; i++)
        if (path_is_below(real, project->real_roots.at[i]))
            return true;
    return false;
}

/* Whether what a path leads to, or would once it is made, lies in the named folders. */
static bool leads_inside(const struct project *project, struct str path) {
    ARENA(scratch);
    return is_real_inside(project, real_place(&scratch, path));
}

static bool is_in(struct str path, struct str folder) {
    return str_eq(folder, STR(".")) ? !path_leads_out(path) : path_is_below(path, folder);
}

/* Whether a path lies in the named folders by its text. */
static bool is_below(const struct project *project, struct str path) {
    for (uint32_t i = 0; i < project->roots.n; i++) {
        struct str root = project->roots.at[i];
        bool is_current = str_eq(root, STR("."));
        uint32_t behind = is_current ? 0 : str_ends(root, STR("/")) ? root.n : root.n + 1;
        if ((is_current || path_is_below(path, root)) && !path_leads_out(str_sub(path, behind, path.n)))
            return true;
    }
    return false;
}

bool project_is_inside(const struct project *project, struct str path) {
    return is_below(project, path) && leads_inside(project, path);
}

/* Whether a path is there, as access(2) has it, and within reach. Most are not there, which is soon found out. */
static bool is_there(const struct project *project, struct str path, int mode, struct arena *arena) {
    return is_below(project, path) && access(str_c(arena, path), mode) == 0 && leads_inside(project, path);
}

bool document_is_onto(const struct document *document, const struct document *file) {
    while (document && document != file)
        document = document->onto;
    return document != NULL;
}

struct document *project_find(const struct project *project, struct str path) {
    return path.p ? map_get(&project->by_path, path) : NULL;
}

struct document *project_add_document(struct project *project, struct str path, enum format format, bool is_selected) {
    struct document *document = arena_new(project->arena, struct document);
    document->path = str_dup(project->arena, path);
    project->repositories.arena = project->arena;
    document->in_repository = repository_path(&project->repositories, document->path);
    document->format = format;
    document->is_selected = is_selected;
    document->config = config_find(&project->configs, document->path, project->arena, project->diags);
    *vec_push(project->arena, &project->documents) = document;
    map_add(&project->by_path, project->arena, document->path, document);
    return document;
}

/* Follows links only to where paths may lead, also where they are put there while it does. */
static int open_inside(const struct project *project, struct str path) {
    ARENA(scratch);
    int fd = real_open(str_c(&scratch, path), SOURCE_FLAGS, 0);
    if (fd >= 0 || errno != ELOOP)
        return fd;
    struct str real = real_place(&scratch, path);
    if (is_real_inside(project, real))
        return real_open_place(str_c(&scratch, real), SOURCE_FLAGS);
    errno = ELOOP;
    return -1;
}

bool project_read(const struct project *project, struct str path, struct arena *arena, struct str *ret,
                  struct diags *diags) {
    const struct str *text = map_get(&project->texts, path);
    if (text)
        *ret = str_dup(arena, *text);
    return text || source_read_open(arena, open_inside(project, path), path, ret, diags);
}

struct str project_place(const struct project *project, struct str path, struct arena *arena) {
    struct stat status;
    if (real_stat(str_c(arena, path), &status) == 0 ? !S_ISLNK(status.st_mode) : errno != ELOOP)
        return path;
    struct str real = real_place(arena, path);
    return is_real_inside(project, real) ? real : (struct str){NULL, 0};
}

void project_hold(struct project *project, struct str path, struct str text) {
    struct str *held = arena_new(project->arena, struct str);
    *held = text;
    map_set(&project->texts, project->arena, str_dup(project->arena, path), held);
}

bool project_load(struct project *project, struct document *document) {
    if (document->is_loaded)
        return !document->is_broken;
    struct str text = STR("");
    document->is_loaded = true;
    if (!document->is_new && !project_read(project, document->path, project->arena, &text, project->diags))
        document->is_broken = true;
    else if (document->hash != str_quick_hash(text)) {
        document->is_broken = document->is_stale = true;
        diag_file(project->diags, document->path, "has changed since it was read: left as it is");
    }
    document->before = document->after = text;
    document->source = source_from(project->arena, document->path, text, document->format);
    return !document->is_broken;
}

struct str project_text(const struct project *project, const struct document *document, struct arena *arena) {
    struct diags silent = {.arena = arena};
    struct str text = {NULL, 0};
    if (document->unit == project->unit && document->is_loaded)
        return document->after;
    return project_read(project, document->path, arena, &text, &silent) ? text : (struct str){NULL, 0};
}

const struct document *project_settled(const struct project *project, struct document *document) {
    project->settle(project, document);
    return document->settled;
}

static bool is_wanted(const struct project *project, struct str path) {
    bool is_wanted = project->only.n == 0;
    for (uint32_t i = 0; i < project->only.n; i++)
        is_wanted |= is_in(path, project->only.list[i]);
    return is_wanted;
}

static struct document *add_text(struct project *project, struct str path, struct str text, enum format format,
                                 bool is_selected, struct diags *diags) {
    ARENA(scratch);
    struct document *document = project_add_document(project, path, format, is_selected);
    struct source source = source_from(&scratch, document->path, text, format);
    document->is_broken = !source_check(&source, diags);
    document->hash = str_quick_hash(text);
    document->may_need_root = format == FORMAT_KUBE && pod_may_need_root(text);
    return document;
}

struct document *project_add_held(struct project *project, struct str path, enum format format, bool is_selected) {
    const struct str *text = map_get(&project->texts, path);
    return add_text(project, path, *text, format, is_selected, project->diags);
}

/* Whether a file that is too large to be read begins like none of ours: data, which happens to lie there. */
static bool is_large_data(const struct project *project, struct str path) {
    ARENA(scratch);
    struct str head = source_head(&scratch, open_inside(project, path));
    return head.p && discover_content(head) == FORMAT_NONE;
}

/* Reads a file, finds its format by name or content and adds it. `must_fit`: a file of no format of ours is an error.
 */
static void add_file(struct project *project, struct str path, enum format format, bool must_fit) {
    ARENA(scratch);
    struct str text;
    struct diags silent = {.arena = &scratch};
    bool is_selected = is_wanted(project, path);
    struct diags *diags = is_selected ? project->diags : &silent;
    uint32_t errors = diags->list.n;
    if (project_find(project, path))
        return;
    if (!project_read(project, path, &scratch, &text, diags)) {
        if (format == FORMAT_NONE && !must_fit && is_large_data(project, path))
            diags->list.n = errors;
        return;
    }
    if (format == FORMAT_NONE)
        format = discover_content(text);
    if (format != FORMAT_NONE)
        add_text(project, path, text, format, is_selected, diags);
    else if (must_fit)
        diag_file(project->diags, path,
                  "is no Dockerfile, compose file or Kubernetes manifest, by name and by content");
}

struct document *project_add_context(struct project *project, struct str path) {
    ARENA(scratch);
    struct document *document = project_find(project, path);
    struct diags silent = {.arena = &scratch};
    struct str text;
    if (document || !is_there(project, path, R_OK, &scratch) || !project_read(project, path, &scratch, &text, &silent))
        return document;
    enum format format = discover_format(path);
    return add_text(project, path, text, format ? format : discover_content(text), false, &silent);
}

void project_add_root(struct project *project, struct str folder) {
    *vec_push(project->arena, &project->roots) = folder;
    *vec_push(project->arena, &project->real_roots) = real_place(project->arena, folder);
}

static void add_folder(struct project *project, struct str folder, const struct discovery *wanted) {
    ARENA(scratch);
    struct found_list found = {0};
    bool has_any = false;
    uint32_t errors = project->diags->list.n;
    const struct config *config = config_find_folder(&project->configs, folder, project->arena, project->diags);
    struct str config_folder = path_folder(config->source.path);
    filter_exclude(wanted->filter, project->arena, config_folder, config->exclude.list, config->exclude.n);
    filter_include(wanted->filter, project->arena, config_folder, config->include.list, config->include.n);
    discover(&scratch, folder, wanted, &found, project->diags);
    project->is_cut |= found.is_cut;
    for (uint32_t i = 0; i < found.list.n; i++) {
        struct str file = path_clean(&scratch, STR(""), found.list.at[i].path);
        const struct config *own =
            config_find_folder(&project->configs, path_folder(file), project->arena, project->diags);
        if (own != config && config_excludes(&project->configs, own, file))
            continue;
        add_file(project, file, found.list.at[i].format, false);
        has_any |= project_find(project, file) != NULL;
    }
    if (has_any || project->diags->list.n > errors || project->only.n)
        return;
    struct str named = wanted->glob.n ? path_clean(project->arena, folder, wanted->glob) : folder;
    diag_file(project->diags, named, "%s a Dockerfile, compose file or Kubernetes manifest%s",
              wanted->glob.n ? "does not match" : "is a folder without",
              found.has_ignored ? "; git ignores some of what is there: name that, or use --include" : "");
}

/* What a path names: a file, or a folder with what is wanted in it. */
static bool is_folder(struct project *project, struct str path, struct str *ret_folder, struct str *ret_glob) {
    struct stat status;
    bool exists = stat(str_c(project->arena, path), &status) == 0;
    *ret_folder = path;
    return exists ? S_ISDIR(status.st_mode) : path_cut_glob(path, ret_folder, ret_glob);
}

void project_add(struct project *project, const struct str *paths, uint32_t n, struct str skip) {
    __attribute__((cleanup(filter_release))) struct filter filter = {0};
    const struct filter_options *options = &project->filter;
    struct str folder, glob;
    filter_exclude(&filter, project->arena, STR("."), options->excludes.at, options->excludes.n);
    filter_include(&filter, project->arena, STR("."), options->includes.at, options->includes.n);
    for (uint32_t i = 0; i < n; i++) { /* all of them, before the first file is read */
        struct str path = path_clean(project->arena, STR(""), paths[i]);
        bool is_file = !is_folder(project, path, &folder, &glob);
        project_add_root(project, is_file ? path_folder(path) : folder);
        if (is_file) /* where it is a link, what it leads to */
            *vec_push(project->arena, &project->real_roots) = real_place(project->arena, path);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct str path = path_clean(project->arena, STR(""), paths[i]);
        struct discovery wanted = {.skip = skip, .filter = &filter, .most = project->most};
        if (is_folder(project, path, &folder, &wanted.glob))
            add_folder(project, folder, &wanted);
        else
            add_file(project, path, discover_format(path), true);
    }
}

void project_add_only(struct project *project, struct str folder, const struct str *paths, uint32_t n,
                      struct str skip) {
    struct str *only = arena_array(project->arena, n, sizeof *only);
    folder = path_clean(project->arena, STR(""), folder);
    for (uint32_t i = 0; i < n; i++) {
        only[i] = path_clean(project->arena, STR(""), paths[i]);
        if (!is_in(only[i], folder))
            diag_file(project->diags, only[i], "does not lie below --project=%.*s", STR_ARG(folder));
        else if (access(str_c(project->arena, only[i]), F_OK) != 0)
            diag_file(project->diags, only[i], "cannot be read: %s", strerror(errno));
    }
    project->only = (struct str_list){only, n};
    project_add(project, &folder, 1, skip);
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
    project_add_root(project, path_folder(path));
    enum format format = discover_format(path);
    if (format == FORMAT_NONE)
        format = is_blank(text) ? FORMAT_KUBE : discover_content(text);
    if (format == FORMAT_NONE) {
        diag_file(project->diags, path,
                  "is no Dockerfile, compose file or Kubernetes manifest, by name and by content");
        return;
    }
    project_hold(project, path, text);
    project->input = project_add_held(project, path, format, true);
}

struct str project_context_file(const struct project *project, struct str folder, struct str name,
                                struct arena *arena) {
    struct str path = path_clean(arena, folder, name), text;
    struct diags silent = {.arena = arena};
    bool is_read = is_there(project, path, R_OK, arena) && project_read(project, path, arena, &text, &silent);
    return is_read ? text : (struct str){NULL, 0};
}

bool project_has(const struct project *project, struct str path, struct arena *arena) {
    return is_there(project, path, F_OK, arena);
}

static bool is_open_to_others(const struct stat *status) {
    mode_t needed = S_IROTH | ((status->st_mode & S_IXUSR) ? S_IXOTH : 0);
    return S_ISLNK(status->st_mode) || (status->st_mode & needed) == needed;
}

static void close_folder(DIR **folder) {
    if (*folder)
        closedir(*folder);
}

struct walk {
    bool (*is_left_out)(struct str name);
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
        if (STR_IS_IN(name, skipped) || (walk_->is_left_out && walk_->is_left_out(name)))
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

bool project_context_each(const struct project *project, struct str folder, bool (*is_left_out)(struct str name),
                          bool (*see)(void *context, struct str path), void *context, struct arena *arena) {
    struct walk start = {is_left_out, see, context, arena, 5000};
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
