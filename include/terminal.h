/* What the terminal at the other end of a stream can show, and the line on it that says how far a run is. */
#ifndef IRONHULL_TERMINAL_H
#define IRONHULL_TERMINAL_H

#include "str.h"

#include <stdio.h>

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Whether to write colours: as the user says, else as NO_COLOR (no-color.org) and CLICOLOR_FORCE
 * (bixense.com/clicolors) do, else where the stream is a terminal. */
bool terminal_has_color(FILE *out, enum color color);

/* Columns that text is to be broken at; 0: the stream is no terminal. */
uint32_t terminal_width(FILE *out);

/* Shown on standard error where that is a terminal, and only in runs that take a while. Starts as {0}; not for several
 * threads at a time. */
struct progress {
    uint64_t started, drawn; /* milliseconds of the monotonic clock; 0: not yet */
    uint32_t n;              /* files so far */
    bool is_shown;
};

/* Another file is looked at. */
void progress_step(struct progress *progress, struct str path);

/* Takes the line away, before anything else is written; the next step may bring it back. */
void progress_clear(struct progress *progress);

#endif
