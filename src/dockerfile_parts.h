/* What the files of the Dockerfile parser share; everybody else includes dockerfile.h. */
#ifndef IRONHULL_DOCKERFILE_PARTS_H
#define IRONHULL_DOCKERFILE_PARTS_H

#include "dockerfile.h"

/* Where a part of a joined line lies in the source; it reaches up to the next part. */
struct df_piece {
    uint32_t joined, source;
};

/* One instruction's line: continuations joined, comments and blank lines left out. */
struct df_line {
    struct str text;
    const struct df_piece *pieces; /* in order; at least one */
    uint32_t n_pieces;
};

struct df_context {
    struct arena *arena;
    struct source *source;
    struct diags *diags;
    char escape;
    struct df_line line;
};

/* Grows with vec_push. */
struct df_word_list {
    struct df_word *at;
    uint32_t n, cap;
};

/* Bytes of the source behind the bytes [from, to) of the joined line. */
struct span df_line_span(const struct df_line *line, uint32_t from, uint32_t to);

/* The code point at `at`, which is in `s`; U+FFFD of one byte where the bytes are no UTF-8. */
uint32_t df_rune(struct str s, uint32_t at, uint32_t *ret_width);
void df_add_rune(struct buf *buf, uint32_t rune);
/* White space as Go has it: unicode.IsSpace. */
bool df_is_space(uint32_t rune);
/* Letters, digits and the underscore. Not quite unicode.IsLetter: whole blocks above ASCII count as letters or not. */
bool df_is_name_rune(uint32_t rune);
/* White space for one byte taken as Latin-1, which is how the builder reads flags. */
bool df_is_space_byte(char c);
/* [\t\v\f\r ], which stands between keyword and arguments. */
bool df_is_blank(char c);
/* First offset in [from, to) that is no white space, else `to`. */
uint32_t df_skip_space(struct str s, uint32_t from, uint32_t to);
/* End of [from, to) without the white space behind it. */
uint32_t df_trim_end(struct str s, uint32_t from, uint32_t to);

/* Reads ctx->line into keyword, flags, words and the instruction behind ONBUILD. False with a diagnostic. */
bool df_parse_line(struct df_context *ctx, struct df_instruction *instruction);

enum df_json { DF_JSON_NONE, DF_JSON_STRINGS, DF_JSON_OTHER };
/* Reads [from, to) of the joined line as Go's JSON array of strings and adds them. DF_JSON_NONE: no JSON array (the
 * list may have grown). DF_JSON_OTHER: one, but *ret_other is the offset of an element that is no string. */
enum df_json df_json_strings(struct df_context *ctx, uint32_t from, uint32_t to, struct df_word_list *words,
                             uint32_t *ret_other);

/* Splits a line as the builder's lexer does with no variable set: they stay as written. `raw` keeps quotes and escapes,
 * `quotes` only the quotes. False where the lexer gives up. */
enum df_lex { DF_LEX_PLAIN, DF_LEX_QUOTES, DF_LEX_RAW };
bool df_lex_words(struct arena *arena, struct str text, enum df_lex mode, struct df_word_list *ret_words);

/* Finds the here-documents that the joined line announces; content and span are to be filled in. False with a
 * diagnostic. */
bool df_find_heredocs(struct df_context *ctx, struct df_instruction *instruction);

/* Whether a word announces one. */
bool df_is_heredoc(struct str word);

/* ${value#pattern} and its kin. False for a malformed pattern, or where the work is out of proportion. */
bool df_trim_pattern(struct arena *arena, struct str value, struct str pattern, bool is_suffix, bool is_longest,
                     struct str *ret);
/* ${value/pattern/replacement}, `all` for the form with two slashes. */
bool df_replace_pattern(struct arena *arena, struct str value, struct str pattern, struct str replacement, bool all,
                        struct str *ret);

#endif
