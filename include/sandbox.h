/* What the kernel denies this process from a point on, so that input which takes it over gets nowhere: Landlock for
 * files, a seccomp filter for calls (https://docs.kernel.org/userspace-api/landlock.html, seccomp_filter.html). */
#ifndef IRONHULL_SANDBOX_H
#define IRONHULL_SANDBOX_H

#include <stdbool.h>

/* What is to be allowed; between sandbox_begin and sandbox_enter. */
struct sandbox {
    int ruleset; /* the descriptor of Landlock's; -1: the kernel has none */
};

/* Starts one that allows no writing, and no reading either where `limits_reading`. */
struct sandbox sandbox_begin(bool limits_reading);

/* Allows to read a file, or all below a folder, and to write there. `path` is relative to the open folder `folder`, or
 * AT_FDCWD; links are followed. Where there is nothing, nothing is allowed. */
void sandbox_allow(const struct sandbox *sandbox, int folder, const char *path, bool may_write);

/* From here on the process, threads included, starts no program and no process, has no network, does not touch other
 * processes, and reads and writes only what is allowed; what is open stays open. Nothing gives any of it back. What the
 * kernel does not know, or a container denies, is left out without a word; so is all with the address sanitizer, whose
 * checks need what is denied. */
void sandbox_enter(struct sandbox *sandbox);

#endif
