/* What a .dockerignore file leaves out of a build. */
#ifndef IRONHULL_DOCKERIGNORE_H
#define IRONHULL_DOCKERIGNORE_H

#include "str.h"

/* Whether the patterns of a .dockerignore file leave `path` (relative to the context, no leading "./") out of the build
 * context. Rules: docs.docker.com/build/concepts/context, ".dockerignore files": the last pattern that matches the path
 * or one of its parents decides, `!` re-includes, `**` spans folders, # starts a comment line. As the build client
 * walks the context: a `!` pattern that a parent matches counts below it only where that parent was left out. */
bool dockerignore_excludes(struct arena *scratch, struct str patterns, struct str path);

#endif
