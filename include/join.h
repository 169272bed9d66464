/* What services and pods say that goes beyond their own file: to the images that they run, and to services that they
 * become one with, because files are merged or one extends the other. */
#ifndef IRONHULL_JOIN_H
#define IRONHULL_JOIN_H

#include "project.h"

/* Brings all of it to where it matters, once builds and images are linked. */
void join_facts(struct project *project);

#endif
