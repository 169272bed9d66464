/* Files that others need beside them: the .dockerignore of a Dockerfile, the seccomp profiles of runtimes. */
#ifndef IRONHULL_COMPANION_H
#define IRONHULL_COMPANION_H

#include "project.h"

/* Adds the companions of every document that may be changed, which may be files that do not exist yet. */
void companions_add(struct project *project);

/* The profile for a runtime beside a compose file or a manifest, there or to be written; NULL where none is proven for
 * that runtime, none is asked for, or another file is in its place. */
struct document *companion_profile(const struct document *document, struct str runtime);

/* Notes that a document names that profile: then it is written with it. */
void companion_want(const struct project *project, struct document *profile, struct document *document);

#endif
