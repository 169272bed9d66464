/* Where a file is for everybody who has a copy of its repository. */
#ifndef IRONHULL_REPOSITORY_H
#define IRONHULL_REPOSITORY_H

#include "str.h"

/* The nearest folder above a file that has .git; {NULL, 0} where there is none. The path is absolute. */
struct str repository_above(struct arena *arena, struct str path);

/* The root of the repository that a file is in, absolute: that folder; where there is none, the current one. */
struct str repository_root(struct arena *arena, struct str path);

/* The file's path as seen from there, however it was named; absolute where it lies elsewhere. */
struct str repository_path(struct arena *arena, struct str path);

#endif
