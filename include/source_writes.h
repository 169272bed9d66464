/* Calls of sources that write (templates/writes.yaml). */
#ifndef IRONHULL_SOURCE_WRITES_H
#define IRONHULL_SOURCE_WRITES_H

#include "expression.h"
#include "project.h"
#include "template.h"

struct source_write {
    const struct write *row;
    struct str source;       /* relative to the build context */
    struct named_path named; /* its base is never PATH_NONE */
};

struct source_writes {
    VEC(struct source_write) list;
};

/* Reads the sources below a folder of a build context, or one of its files, `path` being relative to it: at most 1,000,
 * and none where the folder has more than 5,000 files. What .dockerignore leaves out is left out. */
void source_writes_find(const struct project *project, struct str context, struct str path, struct arena *arena,
                        struct source_writes *ret);

#endif
