/* Golden cases, and other folders of files that the program's core runs on in this process. */
#ifndef IRONHULL_TESTS_CASES_H
#define IRONHULL_TESTS_CASES_H

#include "harden.h"
#include "options.h"

/* golden/, or the folder of $IRONHULL_GOLDEN. */
const char *golden_folder(void);

/* Calls for every file below a folder, with its path relative to it. */
void each_file(const char *folder, void (*call)(void *context, const char *path), void *context);

/* {NULL, 0} where there is no such file. */
struct str file_text(struct arena *arena, const char *folder, const char *name);

/* A folder that is hardened, and with which options: lines. */
struct case_folder {
    struct str path, options;
};

struct cases {
    struct arena *arena;
    VEC(struct case_folder) list;
};

/* The folders `in` of all golden cases. */
struct cases cases_of(struct arena *arena);

/* $IRONHULL_TRIES: how often what is random is tried, 1 where it is not given. */
uint32_t tries(void);

/* Those of the command line, a line of a file `options` each. */
struct options options_of(struct arena *arena, struct str text);

/* One run of the core over a folder, which keeps steps; starts as {0}. */
struct run {
    struct str only; /* the file that may be changed; {NULL, 0}: all */
    struct arena arena;
    struct diags diags;
    struct project project;
};

/* Hardens a folder as `ironhull .` does in it. `texts` are taken for the bytes of files, struct str by path; NULL:
 * none are. */
void run_in(struct run *run, const char *folder, const struct options *options, const struct map *texts);

#endif
