/* Findings that --check accepts, kept in a file: a line each, sorted, so that changes of it can be read and merged.
 *
 *     FINGERPRINT<tab>RULE<tab>PATH<tab>WORDS
 *
 * The fingerprint is that of fingerprint.h, and alone compared. The path is that of the file in its repository, or
 * where there is none yet of the one that needs it. The first words of the message are for people. Lines that start
 * with # and blank ones say nothing. */
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
    struct str root; /* of the repository whose files are looked at */
    VEC(struct baseline_entry) entries;
    struct map by_fingerprint, by_path; /* the entries; several of a path are linked */
    VEC(struct str) lines;              /* of a new one */
};

/* Reads a file. False with diagnostics where it cannot be used. */
bool baseline_read(struct baseline *baseline, struct str path, struct diags *diags);

/* Marks what it accepts among a project's findings. */
void baseline_accept(struct baseline *baseline, const struct project *project);

/* How many entries match nothing any more, once all projects of a run have been looked at: their files were, with their
 * rules, or are not there. *ret_first is the first one. */
uint32_t baseline_stale(const struct baseline *baseline, const struct baseline_entry **ret_first);

/* Adds what is said of a project to a new one. */
void baseline_add(struct baseline *baseline, const struct project *project);

/* Writes the new one, in place of what is there. False with a diagnostic where it cannot be. */
bool baseline_write(struct baseline *baseline, struct str path, struct diags *diags);

#endif
