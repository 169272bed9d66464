/* The same file written in another way: what a rewriter must not be misled by. */
#ifndef IRONHULL_TESTS_REWRITE_H
#define IRONHULL_TESTS_REWRITE_H

#include "dockerfile.h"
#include "yaml.h"

/* A file that parses, and a row of random numbers. */
struct rewriting {
    struct arena *arena;
    struct source source;
    struct dockerfile *dockerfile; /* NULL: it is YAML */
    struct yaml *yaml;
    uint64_t random;
};

/* False for what is neither, or does not parse. */
bool rewriting_begin(struct rewriting *rewriting, struct arena *arena, struct str path, struct str text,
                     enum format format);

/* Ways to write it. {NULL, 0} where there is no other one for this file. */
struct str with_comment_lines(struct rewriting *rewriting);
struct str with_trailing_comments(struct rewriting *rewriting);
struct str with_crlf(struct rewriting *rewriting);
struct str with_bom(struct rewriting *rewriting);
struct str without_final_newline(struct rewriting *rewriting);
struct str with_trailing_blanks(struct rewriting *rewriting);
struct str with_wide_indentation(struct rewriting *rewriting); /* of YAML */
struct str with_quoted_keys(struct rewriting *rewriting);
struct str with_keys_reversed(struct rewriting *rewriting);

/* What the ways above add, taken away again. */
struct str without_comments(struct arena *arena, struct str text);
struct str without_carriage_returns(struct arena *arena, struct str text);
struct str without_bom(struct arena *arena, struct str text);
struct str without_newlines_at_end(struct arena *arena, struct str text);
struct str without_trailing_blanks(struct arena *arena, struct str text);

/* The parts of a text between separators, sorted, a line each. */
struct str sorted_parts(struct arena *arena, struct str text, char separator);

/* What a builder or a loader sees in a text of the same format: as text; {NULL, 0} where it does not parse.
 * `without_order` sorts the keys of mappings, and lists of them, as volumes are, and the words of a Dockerfile. */
struct str meaning_of(struct arena *arena, enum format format, struct str text, bool without_order);

#endif
