/* Files of the image that COPY and ADD bring. */
#ifndef IRONHULL_COPIED_H
#define IRONHULL_COPIED_H

#include "project.h"

/* The text of a file of the image that comes from the build context `folder`, or from the Dockerfile itself. `path` is
 * as a command line names it: a name alone is looked for in PATH, or, behind a shell, in the working directory.
 * {NULL, 0} where no copy brings it, or what it brings is not at hand. */
struct str copied_text(struct arena *arena, const struct project *project, struct str folder, const struct stage *stage,
                       struct str path);

/* The source from which a copy of the stage or its parents brings a program, named by an absolute path, or by a name
 * alone that is looked for in PATH or in the working directory. {NULL, 0} where none does. */
struct str copied_program(struct arena *arena, const struct stage *stage, struct str program);

#endif
