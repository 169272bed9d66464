/* Where a file is for everybody who has a copy of its repository. */
#ifndef IRONHULL_REPOSITORY_H
#define IRONHULL_REPOSITORY_H

#include "map.h"

/* Starts as {.arena = arena}: each folder is looked at once. */
struct repositories {
    struct arena *arena;
    struct str current; /* the current folder */
    struct map roots;   /* by folder, struct str */
};

/* The root of the repository that a file is in, absolute: the nearest folder above it that has .git; where there is
 * none, the current folder. */
struct str repository_root(struct repositories *repositories, struct str path);

/* The file's path as seen from there, however it was named; absolute where it lies elsewhere. May be a part of `path`.
 */
struct str repository_path(struct repositories *repositories, struct str path);

#endif
