/* Patches of a whole run, for `git apply` and `patch -p1`. */
#ifndef IRONHULL_PATCH_H
#define IRONHULL_PATCH_H

#include "map.h"

struct patch {
    struct arena *arena;
    struct str base;   /* the folder that it applies in: a real path */
    bool is_reverse;   /* it takes the changes back */
    bool is_elsewhere; /* its folder is not the one that we are in */
    struct map names;  /* of the files in it */
};

/* A patch of changes to what lies below the n paths that a user has named. It applies in the current folder where that
 * holds them all, else in the deepest folder that does. */
struct patch patch_begin(struct arena *arena, const struct str *paths, uint32_t n, bool is_reverse);

/* Appends the change of one file, if there is any, and, before the first one, in which folder the patch applies if that
 * is not the current one. Files are named without symbolic links, as git refuses to follow these; one that was there by
 * another name is left out. No `diff --git` line: with it, git would take names as seen from the top of the repository,
 * and pass over what lies in another folder than its own. False where the file lies outside of the folder, so that the
 * patch cannot be applied as a whole. */
bool patch_add(struct patch *patch, struct arena *scratch, struct buf *out, struct str path, struct str before,
               struct str after, bool is_new);

#endif
