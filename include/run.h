/* A run over many documents: on all cores, in little memory, with results in one order. */
#ifndef IRONHULL_RUN_H
#define IRONHULL_RUN_H

#include "harden.h"

/* What becomes of the results of a run. `project` has the documents' unit at hand: its arena goes with that. */
typedef void run_see(void *context, struct project *project, struct document *document);

/* Hardens all documents of a linked project as harden() does, but reads each unit (documents that must be hardened
 * together: compose files that are built on each other, what has a companion) when its turn comes, and lets go of it
 * afterwards. Calls `see` in this thread for each document, in their order, with its texts and findings. At most a few
 * units for each core are in memory at a time; of Dockerfiles that others need, their facts stay. */
void run(struct project *project, run_see *see, void *context);

#endif
