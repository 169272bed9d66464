/* Just enough of POSIX sh to see which programs a RUN or CMD line starts, and with which words.
 *
 * Words are split and unquoted as in POSIX.1-2017, XCU 2.2 and 2.3. What this reader does not understand (compound
 * commands, here-documents, unbalanced quotes) makes the whole line unknown instead of being guessed. */
#ifndef IRONHULL_SHELL_H
#define IRONHULL_SHELL_H

#include "str.h"
#include "vec.h"

struct shell_word {
    struct str text;  /* quotes removed */
    bool is_constant; /* false: holds a variable, substitution, glob or tilde, which only a shell can expand */
};

struct shell_command {
    struct shell_word *words; /* without assignments and redirections */
    uint32_t n_words;
    VEC(struct shell_word) assignments;  /* NAME=value before the command */
    VEC(struct shell_word) redirections; /* the targets of > >> <> >| (output ones only) */
    char after; /* what follows: '&' for &&, '|' for ||, 'p' for |, ';' for ; or a newline, 'b' for &, 0 for the end */
};

struct shell_script {
    struct shell_command *list;
    uint32_t n;
    bool is_single; /* one command, and nothing around it but redirections: no operators, assignments, "!" */
    bool is_simple; /* the same without redirections */
};

/* NULL where the text is not understood. */
struct shell_script *shell_parse(struct arena *arena, struct str text);

/* Every command that a text may start, also those in loops, conditions, groups and substitutions, one after the other;
 * some have no words. Only the lists of words, assignments and redirections have a meaning. NULL where the text is not
 * understood.
 */
struct shell_script *shell_parse_all(struct arena *arena, struct str text);

#endif
