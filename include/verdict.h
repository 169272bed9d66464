/* What the findings of a run come to: what fails, and how many there are of each kind. */
#ifndef IRONHULL_VERDICT_H
#define IRONHULL_VERDICT_H

#include "rule.h"

/* What --check fails for; demands of an option that are not met always do. */
enum fail_on {
    FAIL_ON_SAFE,   /* fixes that --write makes */
    FAIL_ON_UNSAFE, /* and those that need --unsafe-fixes */
    FAIL_ON_ANY,    /* and what is left for a person */
};

/* Reads safe, unsafe or any. What is wrong, one clause on the arena; NULL: nothing. */
const char *fail_on_read(struct arena *arena, struct str text, enum fail_on *ret);

/* Whether a finding is printed: no comment silences it, no baseline accepts it. */
bool finding_is_said(const struct finding *finding);
/* Whether it makes a check fail. */
bool finding_fails(const struct finding *finding, enum fail_on fail_on);

/* What became of a run, for the summary and the exit code. Starts as {0}. */
struct totals {
    uint32_t changed;  /* files */
    uint32_t fixes;    /* applied, or to be applied */
    uint32_t unsafe;   /* left for --unsafe-fixes */
    uint32_t notes;    /* left for a person */
    uint32_t failures; /* those of all three that a check fails for */
    uint32_t suppressed;
    uint32_t accepted; /* by the baseline; none of the above */
};

/* Adds a finding. */
void totals_count(struct totals *totals, const struct finding *finding, enum fail_on fail_on);
/* Adds what a project's documents have. */
void totals_add(struct totals *totals, const struct project *project, enum fail_on fail_on);

#endif
