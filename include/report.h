/* What a run says of the files: findings, pods, errors, as lines for people or in a format that other programs read.
 *
 * A report is written group by group, and keeps nothing of a group but its totals:
 *     report_begin, report_project for documents that belong together, any number of times, report_end. */
#ifndef IRONHULL_REPORT_H
#define IRONHULL_REPORT_H

#include "verdict.h"

#include <stdio.h>

struct report_format;

struct report {
    const struct report_format *format;
    FILE *out;
    enum fail_on fail_on;  /* what an error is */
    bool is_written;       /* the run writes what it hardens: fixes that are applied are no longer to be made */
    bool hides_applied;    /* lines say nothing of them */
    bool is_colored;       /* lines may have colours */
    uint32_t width;        /* columns of a line; 0: it is not broken */
    struct arena *arena;   /* of what is counted */
    struct totals totals;  /* of the groups so far */
    struct totals *counts; /* the same by index of a rule */
    bool has_items;        /* of the list that is being written */
};

/* The format of that name; NULL where there is none, and *ret_wrong is one clause on the arena. */
const struct report_format *report_format_find(struct arena *arena, struct str name, const char **ret_wrong);

/* Whether a format is a whole document, which nothing else may be written into. */
bool report_is_machine(const struct report_format *format);
/* Whether its end is for the summary line too. */
bool report_is_human(const struct report_format *format);

/* The caller has set all that stands before `totals`. */
void report_begin(struct report *report);
void report_project(struct report *report, const struct project *project);
void report_end(struct report *report, const struct diags *diags);

/* Prints one line per finding, `path:line:column: fix|unsafe|note: message [rule]`. Control characters of names are
 * shown escaped. `is_applied` false leaves out the fixes that were applied; suppressed findings and accepted ones
 * always are. */
void report_findings(FILE *out, const struct project *project, bool is_applied);

/* Prints one line per pod: the Pod Security level that it meets, and meets once hardened, and what a cluster needs to
 * take the change. */
void report_pods(FILE *out, const struct project *project);

/* Prints one line per diagnostic, `path:line:column: error: message`. */
void report_diags(FILE *out, const struct diags *diags);

/* The same as warnings, for what does not keep anything from being done. */
void report_warnings(FILE *out, const struct diags *diags);

/* Prints a line of the same form about what is no finding. */
void report_note(FILE *out, struct str path, struct position at, struct str message);

/* Prints text from files and names, which must not drive the terminal and may hold any byte: control characters are
 * shown escaped. */
void report_print(FILE *out, struct str text);

#endif
