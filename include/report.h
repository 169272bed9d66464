/* What a run says to people: findings, diagnostics, the summary. */
#ifndef IRONHULL_REPORT_H
#define IRONHULL_REPORT_H

#include "rule.h"

#include <stdio.h>

/* What became of a run, for the summary and the exit code. */
struct totals {
    uint32_t changed; /* files */
    uint32_t fixes;   /* applied, or to be applied */
    uint32_t unsafe;  /* left for --unsafe-fixes */
    uint32_t notes;   /* left for a person */
    uint32_t demands; /* those of them that say what an option asks for and is not met */
    uint32_t suppressed;
};

struct totals report_totals(const struct project *project);

/* Prints one line per finding, `path:line:column: fix|unsafe|note: message [rule]`. Control characters of names are
 * shown escaped. `is_applied` false leaves out the fixes that were applied; suppressed findings always are. */
void report_findings(FILE *out, const struct project *project, bool is_applied);

/* Prints one line per pod: the Pod Security level that it meets, and meets once hardened, and what a cluster needs to
 * take the change. */
void report_pods(FILE *out, const struct project *project);

/* Prints one line per diagnostic, `path:line:column: error: message`. */
void report_diags(FILE *out, const struct diags *diags);

/* The same as warnings, for what does not keep anything from being done. */
void report_warnings(FILE *out, const struct diags *diags);

#endif
