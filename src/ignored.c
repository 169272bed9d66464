#include "ignored.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct ignored {
    struct ignored *above; /* NULL: none, or of another repository */
    struct gitignore patterns;
    uint32_t depth; /* bytes of paths that lead to its folder */
};

void ignored_release(struct ignored_files *files) {
    for (uint32_t i = 0; i < files->list.n; i++)
        gitignore_release(&files->list.at[i]->patterns);
}

/* The text of a file in a folder; {NULL, 0} where there is none. As git has it since 2.32, a link is none. */
static struct str read_at(struct ignored_files *files, int folder, const char *name, struct str path) {
    struct stat status;
    struct str text = {NULL, 0};
    if (folder < 0 || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
        return text;
    source_read_at(files->arena, folder, str_of(name), str_printf(files->arena, "%.*s%s", STR_ARG(path), name), &text,
                   files->diags);
    return text;
}

static void close_descriptor(const int *fd) {
    if (*fd >= 0)
        close(*fd);
}

/* Opens the folder that a file names behind `before`, in its only line; -1 where there is none. */
static int open_named(struct ignored_files *files, int folder, const char *name, struct str before) {
    struct str text = read_at(files, folder, name, STR(""));
    if (!str_starts(text, before))
        return -1;
    text = str_trim(str_sub(text, before.n, text.n));
    return openat(folder, str_c(files->arena, text), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

struct ignored_git ignored_open_git(struct ignored_files *files, int fd) {
    struct ignored_git git = {.own = openat(fd, ".git", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    git.is_linked = git.own < 0;
    if (git.is_linked)
        git.own = open_named(files, fd, ".git", STR("gitdir: "));
    int common = git.own < 0 ? -1 : open_named(files, git.own, "commondir", STR(""));
    git.is_linked |= common >= 0;
    git.common = common < 0 ? fcntl(git.own, F_DUPFD_CLOEXEC, 0) : common;
    return git;
}

void ignored_close_git(struct ignored_git *git) {
    close_descriptor(&git->own);
    close_descriptor(&git->common);
}

/* The patterns that a repository has for itself. Where these lie outside of what may be read, there are none. */
static struct str read_exclude(struct ignored_files *files, int fd, struct str path) {
    struct diags silent = {.arena = files->arena};
    struct ignored_files quiet = {.arena = files->arena, .diags = &silent};
    __attribute__((cleanup(ignored_close_git))) struct ignored_git git = ignored_open_git(&quiet, fd);
    return read_at(git.is_linked ? &quiet : files, git.common, "info/exclude", path);
}

static struct ignored *add(struct ignored_files *files, struct ignored *above, struct str text, struct str path) {
    if (!text.p)
        return above;
    struct ignored *ignored = arena_new(files->arena, struct ignored);
    *ignored = (struct ignored){.above = above, .patterns.arena = files->arena, .depth = path.n};
    gitignore_add_file(&ignored->patterns, text);
    *vec_push(files->arena, &files->list) = ignored;
    return ignored;
}

struct ignored *ignored_enter(struct ignored_files *files, struct ignored *above, int fd, struct str path,
                              bool has_git) {
    if (has_git)
        above = add(files, NULL, read_exclude(files, fd, path), path);
    return add(files, above, read_at(files, fd, ".gitignore", path), path);
}

struct ignored *ignored_above(struct ignored_files *files, struct str folder, struct str *ret_path) {
    struct arena *arena = files->arena;
    struct ignored *ignored = NULL;
    struct str top = folder;
    *ret_path = STR("");
    while (access(str_printf(arena, "%.*s/.git", STR_ARG(top)).p, F_OK) != 0) {
        if (top.n <= 1)
            return NULL;
        top = path_folder(top);
    }
    if (top.n == folder.n)
        return NULL;
    uint32_t behind = top.n == 1 ? 1 : top.n + 1;
    *ret_path = str_printf(arena, "%.*s/", STR_ARG(str_sub(folder, behind, folder.n)));
    for (struct str each = top; each.n < folder.n; each = str_sub(folder, 0, str_find(folder, each.n + 1, '/'))) {
        __attribute__((cleanup(close_descriptor))) int fd = open(str_c(arena, each), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            ignored = ignored_enter(files, ignored, fd,
                                    str_sub(*ret_path, 0, each.n > behind ? each.n + 1 - behind : 0), each.n == top.n);
    }
    return ignored;
}

bool ignored_look(struct ignored *ignored, struct str path, bool is_folder) {
    for (; ignored; ignored = ignored->above) {
        enum gitignore_verdict verdict =
            gitignore_look(&ignored->patterns, str_sub(path, ignored->depth, path.n), is_folder, GITIGNORE_ALL);
        if (verdict != GITIGNORE_UNSAID)
            return verdict == GITIGNORE_MATCHED;
    }
    return false;
}
