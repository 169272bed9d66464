/* Where a file is for everybody who has a copy of its repository. */
#ifndef IRONHULL_REPOSITORY_H
#define IRONHULL_REPOSITORY_H

#include "map.h"

/* Starts as {.arena = arena}: each folder is looked at once. */
struct repositories {
    struct arena *arena;
    struct str current; /* the current folder */
    struct map roots;   /* by folder, struct str, {NULL, 0} where it is in none */
};

/* The nearest folder above a file that has .git, absolute; {NULL, 0} where there is none. */
struct str repository_above(struct repositories *repositories, struct str path);

/* The root of the repository that a file is in, absolute: that folder; where there is none, the current one. */
struct str repository_root(struct repositories *repositories, struct str path);

/* The file's path as seen from there, however it was named; absolute where it lies elsewhere. May be a part of `path`.
 */
struct str repository_path(struct repositories *repositories, struct str path);

#endif
