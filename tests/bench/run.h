/* What the benchmarks of processes share. */
#ifndef IRONHULL_BENCH_RUN_H
#define IRONHULL_BENCH_RUN_H

#include <stddef.h>

_Noreturn void fail(const char *what);

/* Milliseconds since some time. */
double now(void);

/* One run of a program without its output, from spawn to exit; the end of what it writes to standard error is left in
 * `said`. */
struct run {
    double wall, cpu; /* milliseconds; of all cores */
    long kib;         /* its largest memory */
    char said[4096];
};
struct run run_once(const char *const argv[]);

/* folder/name, allocated. */
char *join(const char *folder, const char *name);

/* A new folder below $TMPDIR, allocated, and one that is taken away with all that is in it. */
char *make_folder(void);
void remove_folder(char *folder);

/* Reads a whole file, with a NUL behind it; to be freed. */
char *read_file(const char *path, size_t *ret_n);
void write_file(const char *path, const char *bytes, size_t n);

#endif
