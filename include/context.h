/* The folders in which Dockerfiles are built. */
#ifndef IRONHULL_CONTEXT_H
#define IRONHULL_CONTEXT_H

#include "project.h"

/* Finds `context` of a Dockerfile, once it is known what builds it: what the first of those says. Where there is none
 * its own folder, or the nearest one above that has sources of its copies which are not there, and none of those that
 * are: `docker build -f docker/Dockerfile .`. */
void context_find(struct project *project, struct document *dockerfile);

#endif
