/* What compose files and pods say that goes beyond their own file. */
#ifndef IRONHULL_JOIN_H
#define IRONHULL_JOIN_H

#include "project.h"

/* Finds out which compose files are merged onto which, and adds those that others include or extend. */
void join_files(struct project *project);

/* Tells Dockerfiles what pods say of the images that they run, once images are linked. */
void join_pods(struct project *project);

#endif
