/* What a user did wrong, kept in one store and replayed to the terminal and to every other output. */
#ifndef IRONHULL_DIAG_H
#define IRONHULL_DIAG_H

#include "source.h"
#include "vec.h"

struct diag {
    struct str path;    /* as the user named it; empty for the command line itself */
    struct position at; /* line 0: the file as a whole */
    struct str message;
};

struct diags {
    struct arena *arena; /* owns the messages */
    VEC(struct diag) list;
};

/* Adds an error at a byte offset of a source. */
__attribute__((format(printf, 4, 5))) void diag_at(struct diags *diags, struct source *source, uint32_t offset,
                                                   const char *format, ...);
/* Adds an error about a whole file, or (path {NULL, 0}) about no file. */
__attribute__((format(printf, 3, 4))) void diag_file(struct diags *diags, struct str path, const char *format, ...);

#endif
