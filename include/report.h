/* What a run says to people: findings, diagnostics, the summary. */
#ifndef IRONHULL_REPORT_H
#define IRONHULL_REPORT_H

#include "rule.h"

#include <stdio.h>

/* Prints text from files and names, which must not drive the terminal and may hold any byte: control characters are
 * shown escaped. */
void report_text(FILE *out, struct str text);

/* Prints one line per finding, `path:line:column: fix|unsafe|note: message [rule]`. Control characters of names are
 * shown escaped. `is_applied` false leaves out the fixes that were applied; what is suppressed or accepted always is
 * left out. */
void report_findings(FILE *out, const struct project *project, bool is_applied);

/* Prints one line per pod: the Pod Security level that it meets, and meets once hardened, and what a cluster needs to
 * take the change. */
void report_pods(FILE *out, const struct project *project);

/* Prints a line of the same form about what is no finding. */
void report_note(FILE *out, struct str path, struct position at, struct str message);

/* Prints one line per diagnostic, `path:line:column: error: message`. */
void report_diags(FILE *out, const struct diags *diags);

/* The same as warnings, for what does not keep anything from being done. */
void report_warnings(FILE *out, const struct diags *diags);

#endif
