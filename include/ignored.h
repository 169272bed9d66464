/* What git leaves out below a folder: by .gitignore files, and by .git/info/exclude. */
#ifndef IRONHULL_IGNORED_H
#define IRONHULL_IGNORED_H

#include "diag.h"
#include "gitignore.h"

/* The patterns that hold in a folder: those of its own file, then those of the folders above it. */
struct ignored;

/* All that have been read in one walk. Starts as {.arena = arena, .diags = diags}. */
struct ignored_files {
    struct arena *arena;
    struct diags *diags; /* for files that cannot be read */
    VEC(struct ignored *) list;
};

/* What holds in the folder `fd`, as it is called in `path` (which ends in "/", or is empty), where `above` holds around
 * it. What lies in a .git there is asked after it, and nothing of `above`, which is another repository's. */
struct ignored *ignored_enter(struct ignored_files *files, struct ignored *above, int fd, struct str path,
                              bool has_git);

/* What holds around a folder whose absolute path is `folder`, up to the top of its repository; NULL where it is in
 * none, or is its top. *ret_path is its path from the top, which ends in "/" unless it is empty. */
struct ignored *ignored_above(struct ignored_files *files, struct str folder, struct str *ret_path);

/* Whether git leaves out a path from the top of the repository, if it does not leave out the folder that it is in. */
bool ignored_look(struct ignored *ignored, struct str path, bool is_folder);

/* What git keeps of a repository, as open folders (O_PATH); -1 where there is none. In a worktree and a submodule .git
 * is a file that says where it is, and patterns are in the folder that all worktrees have in common. */
struct ignored_git {
    int own, common;
    bool is_linked; /* something else than .git itself */
};

/* Of the open folder `fd`; `files` has the arena. To be closed. */
struct ignored_git ignored_open_git(struct ignored_files *files, int fd);
void ignored_close_git(struct ignored_git *git);

void ignored_release(struct ignored_files *files);

#endif
