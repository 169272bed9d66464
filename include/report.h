/* What a run says of the files: findings, pods, errors, as lines for people or in a format that other programs read.
 *
 * A report is written group by group, and keeps nothing of a group but its totals:
 *     report_begin, report_project for documents that belong together, any number of times, report_end. */
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

struct report_format;

struct report {
    const struct report_format *format;
    FILE *out;
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
 * shown escaped. `is_applied` false leaves out the fixes that were applied; suppressed findings always are. */
void report_findings(FILE *out, const struct project *project, bool is_applied);

/* Prints one line per pod: the Pod Security level that it meets, and meets once hardened, and what a cluster needs to
 * take the change. */
void report_pods(FILE *out, const struct project *project);

/* Prints one line per diagnostic, `path:line:column: error: message`. */
void report_diags(FILE *out, const struct diags *diags);

#endif
