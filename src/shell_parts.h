/* What the files that read shell scripts share. */
#ifndef IRONHULL_SHELL_PARTS_H
#define IRONHULL_SHELL_PARTS_H

#include "shell.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_OPERATOR, TOKEN_LESS, TOKEN_GREAT, TOKEN_BAD };

struct token {
    enum token_kind kind;
    struct shell_word word;
    struct str raw;  /* the bytes as they stand */
    char operator;   /* as in shell_command.after; '\n' for a newline */
    uint32_t equals; /* of a word NAME=value: length of NAME, else 0 */
};

struct lexer {
    struct arena *arena;
    struct str in;
    uint32_t at;
    char *out; /* the unquoted words: no longer than the text */
    uint32_t out_n;
    bool is_constant;            /* of the word at hand */
    VEC(struct str) substituted; /* texts of $(…) and `…`, and of other expansions that may hold one */
};

/* Reads the next word or operator; an operator that is not understood is left where it is. */
struct token shell_next(struct lexer *lex);

/* The byte that many bytes ahead; 0 behind the end. */
char shell_peek(const struct lexer *lex, uint32_t ahead);

/* Whether a byte is in a set; never for 0. */
bool shell_is_one_of(char c, const char *set);

bool shell_is_digit(char c);

#endif
