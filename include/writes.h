/* What a program writes to, as its sources and the manifest of its framework tell. */
#ifndef IRONHULL_WRITES_H
#define IRONHULL_WRITES_H

#include "project.h"

struct written {
    struct str_list folders; /* absolute, each once */
    struct str untold;       /* the path of a source that makes folders or a database it does not tell the place of, so
                                that the working directory is among the folders; {NULL, 0} where there is none */
};

/* What the program of an image writes to: the folders that calls of its sources name (see source_writes.h), as far as
 * copies of its stages bring them from the build context, and those of the framework that a manifest names. Where a
 * comment says what is writable, untold places are taken to be there. */
struct written writes_of(const struct project *project, const struct workload *workload, struct arena *arena);

/* For project->written: what is found in build contexts is kept for all threads, until the end. NULL ends nothing. */
struct written_cache *writes_begin(void);
void writes_end(struct written_cache *cache);

/* Adds the folders that frameworks write to which manifests of the build context, or instructions, name
 * (frameworks.yaml). */
void frameworks_add(const struct project *project, const struct workload *workload, struct arena *arena,
                    struct texts *folders);

#endif
