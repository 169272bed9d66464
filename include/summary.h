/* The last lines of a run. */
#ifndef IRONHULL_SUMMARY_H
#define IRONHULL_SUMMARY_H

#include "baseline.h"
#include "options.h"

#include <stdio.h>

/* Prints one line: what became of the run, and the command that does what is left. `has_errors`: something could not be
 * read, so that nothing found does not mean that there is nothing. */
void summary_print(FILE *out, const struct totals *totals, const struct options *options, bool has_errors);

/* Prints a line where a baseline has entries that match nothing any more, with the command that writes it anew. */
void summary_stale(FILE *out, const struct baseline *baseline, const struct options *options);

#endif
