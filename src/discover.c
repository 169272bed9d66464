#include "discover.h"

#include "config.h"
#include "ignored.h"
#include "path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* File names with at most one "*"; `is_any_case` for ASCII letters. */
static const struct name {
    struct str before, after;
    bool is_glob, is_any_case;
    enum format format;
} names[] = {
    {STR_INIT(""), STR_INIT(".dockerignore"), true, true, FORMAT_NONE},
    /* what becomes a Dockerfile once it is rendered, what speaks of one, and what other tools put beside one */
    {STR_INIT(""), STR_INIT(".j2"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".jinja"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".jinja2"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".tmpl"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".tpl"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".template"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".erb"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".mustache"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".md"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".orig"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".rej"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".bak"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT(".old"), true, true, FORMAT_NONE},
    {STR_INIT(""), STR_INIT("~"), true, true, FORMAT_NONE},
    {STR_INIT("Dockerfile"), {NULL, 0}, false, true, FORMAT_DOCKERFILE},
    {STR_INIT("Dockerfile."), {NULL, 0}, true, true, FORMAT_DOCKERFILE},
    {STR_INIT(""), STR_INIT(".Dockerfile"), true, true, FORMAT_DOCKERFILE},
    {STR_INIT("Containerfile"), {NULL, 0}, false, true, FORMAT_DOCKERFILE},
    {STR_INIT("Containerfile."), {NULL, 0}, true, true, FORMAT_DOCKERFILE},
    {STR_INIT(""), STR_INIT(".Containerfile"), true, true, FORMAT_DOCKERFILE},
    {STR_INIT("compose.yaml"), {NULL, 0}, false, false, FORMAT_COMPOSE},
    {STR_INIT("compose.yml"), {NULL, 0}, false, false, FORMAT_COMPOSE},
    {STR_INIT("compose."), STR_INIT(".yaml"), true, false, FORMAT_COMPOSE},
    {STR_INIT("compose."), STR_INIT(".yml"), true, false, FORMAT_COMPOSE},
    {STR_INIT("docker-compose"), STR_INIT(".yaml"), true, false, FORMAT_COMPOSE},
    {STR_INIT("docker-compose"), STR_INIT(".yml"), true, false, FORMAT_COMPOSE},
};

static const struct str data_endings[] = {STR_INIT(".yaml"), STR_INIT(".yml"), STR_INIT(".json")};

static const struct str left_out[] = {STR_INIT(".git"), STR_INIT("node_modules"), STR_INIT("vendor")};

static bool name_matches(const struct name *row, struct str name) {
    bool (*eq)(struct str, struct str) = row->is_any_case ? str_eq_nocase : str_eq;
    uint32_t fixed = row->before.n + row->after.n;
    if (row->is_glob ? name.n < fixed : name.n != fixed)
        return false;
    return eq(str_sub(name, 0, row->before.n), row->before) &&
           eq(str_sub(name, name.n - row->after.n, name.n), row->after);
}

/* The first row that fits; NULL where none does. */
static const struct name *find_name(struct str name) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name_matches(&names[i], name))
            return &names[i];
    return NULL;
}

enum format discover_format(struct str path) {
    const struct name *row = find_name(path_name(path));
    return row ? row->format : FORMAT_NONE;
}

bool discover_is_backup(struct str suffix) {
    const struct name *row = find_name(suffix);
    return row && row != names && row->format == FORMAT_NONE && str_find(suffix, 0, '/') == suffix.n;
}

static bool is_ours(struct str name) {
    if (discover_format(name) != FORMAT_NONE)
        return true;
    if (str_eq(name, STR(CONFIG_NAME)))
        return false;
    for (size_t i = 0; i < sizeof data_endings / sizeof *data_endings; i++)
        if (str_ends(name, data_endings[i]))
            return true;
    return false;
}

/* A folder to be read. */
struct folder {
    struct str path; /* from the root */
    enum filter_fate fate;
    struct ignored *ignored; /* what git leaves out around it */
};

struct entry {
    struct str path; /* from the top of the repository, or from the root where that is in none */
    bool is_folder;
};

/* One walk below a folder. Folders to be read are on a list rather than on the stack. */
struct walk {
    struct arena *arena;
    const struct discovery *wanted;
    struct str prefix; /* of every path: "" or the folder with its "/" */
    struct str real;   /* the folder's absolute path, without symbolic links */
    struct str inside; /* its path from the top of its repository: "", or with a "/" */
    int root;
    bool has_skip;
    struct stat skip;
    struct gitignore glob; /* one pattern, where there is one */
    uint32_t n_seen;       /* as `most` of struct discovery counts */
    struct ignored_files ignored;
    VEC(struct folder) folders;
    VEC(struct entry) entries; /* of the folder at hand, that may be ours */
    struct found_list *found;
    struct diags *diags;
};

static void close_descriptor(const int *fd) {
    if (*fd >= 0)
        close(*fd);
}

static void close_folder(DIR **folder) {
    if (*folder)
        closedir(*folder);
}

/* Opens a folder by its path from the root, however long that is: the kernel takes at most PATH_MAX bytes in one go. */
static int open_below(struct walk *walk, struct str path) {
    enum { STRIDE = 2048, FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
    int fd = openat(walk->root, ".", FLAGS);
    while (fd >= 0 && path.n > 0) {
        uint32_t end = path.n <= STRIDE ? path.n : str_rfind(str_sub(path, 0, STRIDE), '/');
        int next = openat(fd, str_c(walk->arena, str_sub(path, 0, end)), FLAGS);
        int error = errno;
        close(fd);
        errno = error;
        fd = next;
        path = str_sub(path, end + 1, path.n);
    }
    return fd;
}

static bool is_skipped(const struct walk *walk, int fd) {
    struct stat status;
    return walk->has_skip && fstat(fd, &status) == 0 && status.st_dev == walk->skip.st_dev &&
           status.st_ino == walk->skip.st_ino;
}

/* DT_UNKNOWN is all that some file systems say. */
static unsigned char type_of(int fd, const struct dirent *entry) {
    struct stat status;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return S_ISDIR(status.st_mode) ? DT_DIR : S_ISREG(status.st_mode) ? DT_REG : DT_LNK;
}

static void note_entry(struct walk *walk, struct str folder, int fd, const struct dirent *entry) {
    struct str name = str_of(entry->d_name);
    if (str_eq(name, STR(".")) || str_eq(name, STR("..")) || str_eq(name, STR(".git")))
        return;
    unsigned char type = type_of(fd, entry);
    bool is_file = type == DT_REG && is_ours(name);
    walk->n_seen += is_file ? 20 : 1;
    if (type != DT_DIR && !is_file)
        return;
    struct buf path = {.arena = walk->arena};
    buf_add(&path, walk->inside);
    buf_add(&path, folder);
    buf_add(&path, folder.n ? STR("/") : STR(""));
    buf_add(&path, name);
    *vec_push(walk->arena, &walk->entries) = (struct entry){buf_str(&path), type == DT_DIR};
}

static enum filter_fate fate_of(struct walk *walk, const struct folder *folder, const struct entry *entry,
                                struct str path) {
    bool is_left_out = folder->fate == FILTER_TAKEN && ignored_look(folder->ignored, entry->path, entry->is_folder);
    walk->found->has_ignored |= is_left_out;
    is_left_out |= entry->is_folder && STR_IS_IN(path_name(path), left_out);
    if (filter_is_empty(walk->wanted->filter))
        return is_left_out ? FILTER_LEFT_OUT : FILTER_TAKEN;
    struct str real = path_join(walk->arena, walk->real, path);
    return filter_fate(walk->wanted->filter, folder->fate, real, entry->is_folder, is_left_out);
}

/* In another spelling than the usual one, `dockerfile.prod` is a Dockerfile and `dockerfile.go` is not: the content
 * decides. */
static enum format format_of(struct str path) {
    const struct name *row = find_name(path_name(path));
    enum format format = row ? row->format : FORMAT_NONE;
    bool is_usual = !row || (str_starts(path_name(path), row->before) && str_ends(path, row->after));
    return format == FORMAT_DOCKERFILE && !is_usual ? FORMAT_NONE : format;
}

static void take_entry(struct walk *walk, const struct folder *folder, const struct entry *entry) {
    struct str path = str_sub(entry->path, walk->inside.n, entry->path.n);
    enum filter_fate fate = fate_of(walk, folder, entry, path);
    bool is_wanted = entry->is_folder || walk->glob.patterns.n == 0 ||
                     gitignore_look(&walk->glob, path, false, GITIGNORE_ALL) == GITIGNORE_MATCHED;
    if (fate == FILTER_LEFT_OUT || !is_wanted)
        return;
    if (entry->is_folder)
        *vec_push(walk->arena, &walk->folders) = (struct folder){path, fate, folder->ignored};
    else
        *vec_push(walk->arena, &walk->found->list) = (struct found){
            walk->prefix.n ? str_printf(walk->arena, "%.*s%.*s", STR_ARG(walk->prefix), STR_ARG(path)) : path,
            format_of(path)};
}

static void complain(struct walk *walk, struct str folder) {
    struct str path = str_printf(walk->arena, "%.*s%.*s", STR_ARG(walk->prefix), STR_ARG(folder));
    diag_file(walk->diags, path.n ? path : STR("."), "cannot be read: %s", strerror(errno));
}

static bool is_over(const struct walk *walk) {
    return walk->wanted->most && walk->n_seen > walk->wanted->most;
}

static void read_folder(struct walk *walk, struct folder folder) {
    int fd = open_below(walk, folder.path);
    if (fd >= 0 && folder.path.n > 0 && is_skipped(walk, fd)) {
        close(fd);
        return;
    }
    __attribute__((cleanup(close_folder))) DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (!stream) {
        complain(walk, folder.path);
        close_descriptor(&fd);
        return;
    }
    const struct dirent *entry;
    bool has_git = false, has_patterns = false;
    walk->entries.n = 0;
    while ((errno = 0, entry = readdir(stream)) && !is_over(walk)) {
        has_git |= strcmp(entry->d_name, ".git") == 0;
        has_patterns |= strcmp(entry->d_name, ".gitignore") == 0;
        note_entry(walk, folder.path, fd, entry);
    }
    if (errno != 0)
        complain(walk, folder.path);
    if (folder.fate == FILTER_TAKEN && (has_git || has_patterns)) {
        struct str path = str_printf(walk->arena, "%.*s%.*s%s", STR_ARG(walk->inside), STR_ARG(folder.path),
                                     folder.path.n ? "/" : "");
        folder.ignored = ignored_enter(&walk->ignored, folder.ignored, fd, path, has_git);
    }
    for (uint32_t i = 0; i < walk->entries.n; i++)
        take_entry(walk, &folder, &walk->entries.at[i]);
}

static int compare_found(const void *a, const void *b) {
    return str_cmp(((const struct found *)a)->path, ((const struct found *)b)->path);
}

static int compare_down(const void *a, const void *b) {
    return str_cmp(((const struct folder *)b)->path, ((const struct folder *)a)->path);
}

/* "" for the folder we are in; else as the user wrote it without "./" before it, and with one "/" behind it. */
static struct str prefix_of(struct arena *arena, struct str folder) {
    while (str_starts(folder, STR("./")))
        for (folder = str_sub(folder, 2, folder.n); str_starts(folder, STR("/"));)
            folder = str_sub(folder, 1, folder.n);
    while (str_ends(folder, STR("/")) || str_ends(folder, STR("/.")))
        folder.n--;
    if (folder.n == 0)
        return STR("");
    return str_eq(folder, STR(".")) ? STR("") : str_printf(arena, "%.*s/", STR_ARG(folder));
}

/* Finds out where the folder is: for git, and for filters. */
static void locate(struct walk *walk, struct str folder) {
    char *real = realpath(str_c(walk->arena, folder), NULL);
    walk->real = str_dup(walk->arena, real ? str_of(real) : folder);
    free(real);
    struct ignored *ignored = ignored_above(&walk->ignored, walk->real, &walk->inside);
    *vec_push(walk->arena, &walk->folders) = (struct folder){STR(""), FILTER_TAKEN, ignored};
}

void discover(struct arena *arena, struct str folder, const struct discovery *wanted, struct found_list *ret,
              struct diags *diags) {
    struct walk walk = {.arena = arena, .wanted = wanted, .found = ret, .diags = diags};
    walk.prefix = folder.n && folder.p[0] == '/' && str_eq(prefix_of(arena, folder), STR(""))
                      ? STR("/")
                      : prefix_of(arena, folder);
    walk.has_skip = wanted->skip.n > 0 && stat(str_c(arena, wanted->skip), &walk.skip) == 0;
    folder = folder.n ? folder : STR(".");
    __attribute__((cleanup(close_descriptor))) int root =
        open(str_c(arena, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        diag_file(diags, folder, "cannot be read: %s", strerror(errno));
        return;
    }
    walk.root = root;
    walk.glob.arena = arena;
    if (wanted->glob.n)
        gitignore_add(&walk.glob, str_printf(arena, "/%.*s", STR_ARG(wanted->glob)));
    walk.ignored = (struct ignored_files){.arena = arena, .diags = diags};
    locate(&walk, folder);
    uint32_t first = ret->list.n;
    while (walk.folders.n > 0 && !is_over(&walk)) {
        struct folder next = walk.folders.at[--walk.folders.n];
        uint32_t below = walk.folders.n;
        read_folder(&walk, next);
        /* the same order on every machine, for diagnostics too: the last one is read next */
        if (walk.folders.n > below)
            qsort(walk.folders.at + below, walk.folders.n - below, sizeof *walk.folders.at, compare_down);
    }
    ret->is_cut |= is_over(&walk);
    ret->list.n = is_over(&walk) ? first : ret->list.n;
    if (ret->list.n > first)
        qsort(ret->list.at + first, ret->list.n - first, sizeof *ret->list.at, compare_found);
    gitignore_release(&walk.glob);
    ignored_release(&walk.ignored);
}
