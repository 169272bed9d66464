#include "confine.h"

#include "ignored.h"
#include "path.h"
#include "sandbox.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct confinement {
    struct sandbox sandbox;
    struct arena *arena;
};

static void allow(const struct confinement *all, struct str path, bool may_write) {
    sandbox_allow(&all->sandbox, AT_FDCWD, str_c(all->arena, path), may_write);
}

/* Without symbolic links; {NULL, 0} where there is nothing. */
static struct str real_path(const struct confinement *all, struct str path) {
    char *real = realpath(str_c(all->arena, path), NULL);
    struct str copy = real ? str_dup(all->arena, str_of(real)) : (struct str){NULL, 0};
    free(real);
    return copy;
}

/* --- what is looked for above --------------------------------------------------------------------------------------
 */

/* The patterns that a repository has for itself. */
static void allow_git(const struct confinement *all, int folder) {
    struct diags silent = {.arena = all->arena};
    struct ignored_files files = {.arena = all->arena, .diags = &silent};
    __attribute__((cleanup(ignored_close_git))) struct ignored_git git = ignored_open_git(&files, folder);
    if (git.is_linked && git.own >= 0) {
        sandbox_allow(&all->sandbox, folder, ".git", false);
        sandbox_allow(&all->sandbox, git.own, "commondir", false);
    }
    if (git.common >= 0)
        sandbox_allow(&all->sandbox, git.common, "info/exclude", false);
}

/* From an absolute path to the top of its repository. The nearest configuration may name Dockerfiles that lie anywhere
 * in that, or below its own folder where there is none. */
static void allow_above(const struct confinement *all, struct str folder) {
    struct stat status;
    struct str configured = {NULL, 0};
    for (bool is_top = false; !is_top; folder = path_folder(folder)) {
        int fd = open(str_c(all->arena, folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
        bool has_git = fd >= 0 && fstatat(fd, ".git", &status, AT_SYMLINK_NOFOLLOW) == 0;
        is_top = has_git || folder.n <= 1;
        if (fd < 0)
            continue;
        sandbox_allow(&all->sandbox, fd, ".gitignore", false);
        if (configured.p ? has_git : fstatat(fd, CONFIG_NAME, &status, 0) == 0)
            configured = folder;
        if (has_git)
            allow_git(all, fd);
        close(fd);
    }
    if (configured.p)
        allow(all, configured, false);
}

/* --- what is named -------------------------------------------------------------------------------------------------
 */

static bool is_folder(const struct confinement *all, struct str path) {
    struct stat status;
    return stat(str_c(all->arena, path), &status) == 0 && S_ISDIR(status.st_mode);
}

/* A folder and what is below it; where it is still to be made, the nearest one above it. */
static void allow_folder(const struct confinement *all, struct str folder, bool may_write) {
    struct str above = path_folder(folder);
    while (may_write && !str_eq(above, folder) && !is_folder(all, folder)) {
        folder = above;
        above = path_folder(folder);
    }
    allow(all, folder, may_write);
}

/* A file with its folder, and where it is a link, that of the one that it leads to. False: it is a pipe or a device,
 * which has no part in its folder. */
static bool allow_file(const struct confinement *all, struct str path, bool may_write) {
    struct stat status;
    bool exists = stat(str_c(all->arena, path), &status) == 0;
    if (exists)
        allow(all, path, may_write);
    if (exists && !S_ISREG(status.st_mode))
        return false;
    allow_folder(all, path_folder(path), may_write);
    struct str real = exists && may_write ? real_path(all, path) : (struct str){NULL, 0};
    if (real.p)
        allow_folder(all, path_folder(real), true);
    return true;
}

/* A file, a folder or a glob that the run is about. */
static void allow_named(const struct confinement *all, struct str path, bool may_write) {
    path = path_clean(all->arena, STR(""), path);
    struct str folder = path_folder(path), above_glob, glob;
    if (access(str_c(all->arena, path), F_OK) != 0 && path_cut_glob(path, &above_glob, &glob))
        path = above_glob;
    if (is_folder(all, path))
        allow_folder(all, folder = path, may_write);
    else if (!allow_file(all, path, may_write))
        return;
    struct str current = real_path(all, STR(".")), real = real_path(all, folder);
    struct str absolute = path_join(all->arena, current, folder);
    allow_above(all, absolute);
    if (real.p && !str_eq(real, absolute))
        allow_above(all, real);
}

/* A file that an option names; {NULL, 0}: it does not. */
static void allow_option(const struct confinement *all, struct str path, bool may_write) {
    if (path.p && may_write)
        allow_file(all, path, true);
    else if (path.p)
        allow(all, path, false);
}

void confine(const struct options *options) {
    ARENA(scratch);
    struct confinement all = {.sandbox = sandbox_begin(true), .arena = &scratch};
    bool is_in_place = options->mode == MODE_WRITE;
    if (all.sandbox.ruleset >= 0) {
        for (uint32_t i = 0; i < options->n_paths && !options->is_stdin; i++)
            allow_named(&all, options->paths[i], is_in_place);
        if (options->is_stdin)
            allow_named(&all, options->stdin_filename.p ? options->stdin_filename : STR("."), false);
        if (options->n_paths == 0 && options->mode == MODE_CONFIG)
            allow_named(&all, STR("."), false);
        if (options->project.p)
            allow_named(&all, options->project, is_in_place);
        if (options->mode == MODE_OUTPUT)
            allow_folder(&all, options->directory, true);
        allow_option(&all, options->dump, false);
        allow_option(&all, options->baseline, false);
        allow_option(&all, options->new_baseline, true);
        allow_option(&all, options->reverse_patch, true);
        allow_option(&all, options->output_file, true);
    }
    sandbox_enter(&all.sandbox);
}
