/* Just enough of the languages that servers are written in to see which path an argument names. */
#ifndef IRONHULL_EXPRESSION_H
#define IRONHULL_EXPRESSION_H

#include "str.h"

struct named_path {
    enum path_base {
        PATH_UNKNOWN, /* the expression does not tell */
        PATH_NONE,    /* no file that matters: a URL, a temporary folder, a database in memory */
        PATH_WORKDIR, /* starts in the working directory, or is absolute */
        PATH_BESIDE,  /* starts in the folder of the source: __dirname, os.path.dirname(__file__) */
    } base;
    struct str path;     /* as written, may have ".."; empty for the folder itself */
    struct str variable; /* of the environment, that has it where it is set; {NULL, 0} where none does */
    bool is_cut;         /* more follows, which the expression does not tell: what is known is a folder */
};

/* Where the expression ends that starts at `from`: at the comma, bracket or line end that does not belong to it. */
uint32_t expression_end(struct str text, uint32_t from);

/* What an expression of a source `text` names: strings joined by +, / or a call, names that the text gives a value to,
 * environment variables with a default, the folder of the source. The result is on the arena, or in the text. `left` is
 * how often a name may still be looked for. */
struct named_path expression_path(struct arena *arena, struct str text, struct str expression, uint32_t *left);

#endif
