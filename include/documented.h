/* What a Dockerfile's comments and labels say of how its image is started. */
#ifndef IRONHULL_DOCUMENTED_H
#define IRONHULL_DOCUMENTED_H

#include "dockerfile.h"

/* Why its program must stay root, and what to do about it, one clause: they show a `docker run` with what only root
 * gets, or with files that are mounted to root's home folder. {NULL, 0} where nothing says so. */
struct str documented_need(struct arena *arena, const struct dockerfile *dockerfile);

#endif
