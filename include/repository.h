/* Where a file is for everybody who has a copy of its repository. */
#ifndef IRONHULL_REPOSITORY_H
#define IRONHULL_REPOSITORY_H

#include "str.h"

/* The root of the repository that a file is in, absolute: the nearest folder above it that has .git; where there is
 * none, the current folder. */
struct str repository_root(struct arena *arena, struct str path);

/* The file's path as seen from there, however it was named; absolute where it lies elsewhere. */
struct str repository_path(struct arena *arena, struct str path);

#endif
