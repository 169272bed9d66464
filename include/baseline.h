/* Findings that --check accepts, kept in a file: a line each, sorted, so that changes of it can be read and merged.
 *
 *     FINGERPRINT<tab>RULE<tab>PATH<tab>MESSAGE
 *
 * The fingerprint and the path are those of fingerprint.h; only the fingerprint is compared, the message is for people.
 * Lines that start with # and blank ones say nothing. */
#ifndef IRONHULL_BASELINE_H
#define IRONHULL_BASELINE_H

#include "rule.h"

struct baseline_entry {
    struct str fingerprint, rule, path;
    uint32_t at;                 /* byte offset of its line */
    bool is_found;               /* a finding of this run has it */
    bool is_due;                 /* its file was looked at, with its rule on */
    struct baseline_entry *next; /* of the same path; NULL: none */
};

/* Starts as {.arena = arena}, which owns everything. */
struct baseline {
    struct arena *arena;
    struct source source;
    VEC(struct baseline_entry) entries;
    struct map by_fingerprint, by_path; /* the entries; several of a path are linked */
    VEC(struct str) lines;              /* of a new one */
};

/* Reads a file. False with diagnostics where it cannot be used. */
bool baseline_read(struct baseline *baseline, struct str path, struct diags *diags);

/* Marks what it accepts among a project's findings. */
void baseline_accept(struct baseline *baseline, const struct project *project);

/* Calls for each entry that nothing matches any more, once all projects of a run have been looked at: its file was, or
 * is not there. */
void baseline_stale(struct baseline *baseline, void (*call)(void *context, const struct baseline_entry *entry),
                    void *context);

/* Adds what is said of a project to a new one. */
void baseline_add(struct baseline *baseline, const struct project *project);

/* Writes the new one, in place of what is there. False with a diagnostic where it cannot be. */
bool baseline_write(struct baseline *baseline, struct str path, struct diags *diags);

#endif
