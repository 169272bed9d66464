/* What becomes of the documents of a run, one after the other: they are reported, shown as diffs, written, accepted. */
#ifndef IRONHULL_RESULTS_H
#define IRONHULL_RESULTS_H

#include "baseline.h"
#include "options.h"
#include "patch.h"
#include "terminal.h"
#include "write.h"

struct results {
    const struct options *options;
    struct project *project; /* the run's */
    struct baseline baseline;
    struct report report;
    FILE *spool;             /* what is said of files that are not in their places yet; NULL: it is said at once */
    FILE *diffs;             /* NULL: none */
    struct patch patch;      /* of the diffs */
    struct writing *writing; /* NULL: nothing is written */
    bool is_stale;           /* a file has changed under our hands, so that none is written */
    struct patch reverse;    /* of what is written */
    struct progress progress;
};

/* Begins; `is_taken`: standard output is for something else. False with a diagnostic. */
bool results_begin(struct results *results, struct project *project, const struct options *options, bool is_taken);

/* Takes a hardened document, while its texts are at hand; `context`: the struct results; `project` is the one that has
 * it. As run() calls it. */
void results_take(void *context, struct project *project, struct document *document);

/* Writes what is to be written, ends the report, and gives the exit code, diagnostics aside. */
int results_end(struct results *results);

#endif
