/* Running the built program in a folder of its own, for tests of its outside. */
#ifndef IRONHULL_TESTS_PROCESS_H
#define IRONHULL_TESTS_PROCESS_H

#include "str.h"

#include <sys/types.h>

enum { MAX_SECONDS = 10, MAX_BYTES = 512 * 1024 * 1024 };

/* What a process is started with. All zero: nothing to read, output captured, the user of the test. */
struct setting {
    struct str input;     /* bytes of standard input */
    const char *in;       /* or a file to read from */
    const char *out;      /* a file that standard output goes to; "": it is closed */
    bool is_unprivileged; /* root becomes the user 65534 */
    bool may_end_by_signal;
    bool is_limited; /* to MAX_SECONDS of the processor and MAX_BYTES of memory, which the sanitizers exceed */
};

struct result {
    int code; /* the exit code; -n where signal n has ended it */
    struct str out, err;
    long peak; /* bytes of memory that it had at most */
};

/* Makes a temporary folder and goes there; the source tree's path is kept for sample_file. */
void folder_enter(void);
/* Goes away and removes it. */
void folder_leave(void);

/* The same in a test that cannot be run, which it ends. */
_Noreturn void folder_skip(const char *reason);

/* Starts the program of $IRONHULL and waits for it. */
struct result process_run(struct arena *arena, const struct setting *setting, const char *const *arguments);
/* Starts it, with its output thrown away. */
pid_t process_start(const char *const *arguments);

#define ARGUMENTS(...) ((const char *const[]){"ironhull", __VA_ARGS__, NULL})
#define RUN(arena, ...) process_run((arena), &(struct setting){0}, ARGUMENTS(__VA_ARGS__))
#define FILTER(arena, text, ...) process_run((arena), &(struct setting){.input = (text)}, ARGUMENTS(__VA_ARGS__))

/* Writes a file, and the folders above it. */
void file_put(const char *path, struct str text);
struct str file_get(struct arena *arena, const char *path);
/* A path in the source tree. */
const char *source_path(struct arena *arena, const char *path);
/* Copies a folder's content. */
void folder_copy(const char *from, const char *to);
/* All names, modes, link targets and bytes below a folder, in one order. */
struct str folder_state(struct arena *arena, const char *folder);
/* Whether a file lies somewhere below whose name starts like that. */
bool folder_has(const char *folder, const char *prefix);

/* The text `count` times. */
struct str repeated(struct arena *arena, const char *text, uint32_t count);

#endif
