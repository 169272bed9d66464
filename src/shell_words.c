#include "shell_parts.h"

#include <string.h>

enum { MAX_NESTING = 64 }; /* of $(…), ${…} and quotes within each other */

char shell_peek(const struct lexer *lex, uint32_t ahead) {
    return lex->in.n - lex->at > ahead ? lex->in.p[lex->at + ahead] : '\0';
}

static bool at_end(const struct lexer *lex) {
    return lex->at >= lex->in.n;
}

bool shell_is_one_of(char c, const char *set) {
    return c && strchr(set, c);
}

bool shell_is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c) {
    return c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static void put(struct lexer *lex, char c) {
    lex->out[lex->out_n++] = c;
}

/* Copies bytes as they are, `n` of them at most. */
static void copy(struct lexer *lex, uint32_t n) {
    while (n-- > 0 && !at_end(lex))
        put(lex, lex->in.p[lex->at++]);
}

/* What encloses a byte within an expansion. In ${…} within double quotes single quotes mean nothing. */
enum enclosure { IN_PARENTHESES, IN_BRACES, IN_QUOTED_BRACES, IN_QUOTES };

struct enclosures {
    enum enclosure kinds[MAX_NESTING];
    uint32_t n;
};

static bool enter(struct enclosures *open, enum enclosure kind) {
    if (open->n == MAX_NESTING)
        return false;
    open->kinds[open->n++] = kind;
    return true;
}

/* Copies what stands between two of the same quotes; a backslash counts only between back quotes. */
static bool copy_quoted(struct lexer *lex, char quote) {
    for (copy(lex, 1); !at_end(lex) && shell_peek(lex, 0) != quote;)
        copy(lex, quote == '`' && shell_peek(lex, 0) == '\\' ? 2 : 1);
    if (at_end(lex))
        return false;
    copy(lex, 1);
    return true;
}

/* A comment within $(…): the characters in it are no quotes. */
static bool copy_comment(struct lexer *lex) {
    char before = lex->in.p[lex->at - 1];
    if (shell_peek(lex, 0) != '#' || !shell_is_one_of(before, " \t\n;(&|"))
        return false;
    while (!at_end(lex) && shell_peek(lex, 0) != '\n')
        copy(lex, 1);
    return true;
}

/* Whether the byte at hand ends the innermost enclosure. */
static bool is_closing(enum enclosure kind, char c) {
    return kind == IN_PARENTHESES ? c == ')' : kind == IN_QUOTES ? c == '"' : c == '}';
}

/* Copies one step of an expansion. False for what is not understood. */
static bool copy_enclosed(struct lexer *lex, struct enclosures *open) {
    enum enclosure kind = open->kinds[open->n - 1];
    char c = shell_peek(lex, 0);
    bool is_quoted = kind == IN_QUOTES || kind == IN_QUOTED_BRACES;
    if (is_closing(kind, c)) {
        open->n--;
        copy(lex, 1);
        return true;
    }
    if (c == '`' || (c == '\'' && !is_quoted))
        return copy_quoted(lex, c);
    if (c == '\\') {
        copy(lex, 2);
        return true;
    }
    if (kind == IN_PARENTHESES && (copy_comment(lex) || (c == '<' && shell_peek(lex, 1) == '<')))
        return c == '#';
    bool is_expansion = c == '$' && shell_is_one_of(shell_peek(lex, 1), "({");
    if (is_expansion && !enter(open, shell_peek(lex, 1) == '(' ? IN_PARENTHESES
                                     : is_quoted               ? IN_QUOTED_BRACES
                                                               : IN_BRACES))
        return false;
    if ((c == '"' && !enter(open, IN_QUOTES)) || (kind == IN_PARENTHESES && c == '(' && !enter(open, IN_PARENTHESES)))
        return false;
    copy(lex, is_expansion ? 2 : 1);
    return true;
}

/* Copies $(…), ${…} or $((…)) as it stands. */
static bool copy_expansion(struct lexer *lex, bool is_quoted) {
    struct enclosures open = {.n = 0};
    enter(&open, shell_peek(lex, 1) == '(' ? IN_PARENTHESES : is_quoted ? IN_QUOTED_BRACES : IN_BRACES);
    copy(lex, 2);
    while (open.n > 0)
        if (at_end(lex) || !copy_enclosed(lex, &open))
            return false;
    return true;
}

/* A dollar or a back quote, within double quotes or outside. */
static bool read_expansion(struct lexer *lex, bool is_quoted) {
    char next = shell_peek(lex, 1);
    uint32_t start = lex->at;
    if (shell_peek(lex, 0) == '`' || shell_is_one_of(next, "({")) {
        bool is_old = shell_peek(lex, 0) == '`';
        lex->is_constant = false;
        if (is_old ? !copy_quoted(lex, '`') : !copy_expansion(lex, is_quoted))
            return false;
        *vec_push(lex->arena, &lex->substituted) = str_sub(lex->in, start, lex->at);
        return true;
    }
    if (is_name_start(next) || shell_is_digit(next) || shell_is_one_of(next, "@*#?$!-") ||
        (!is_quoted && shell_is_one_of(next, "\"'")))
        lex->is_constant = false;
    copy(lex, 1);
    /* the second character of $$ and $# starts nothing */
    if (shell_is_one_of(next, "@*#?$!-"))
        copy(lex, 1);
    return true;
}

static bool read_double_quoted(struct lexer *lex) {
    for (lex->at++; !at_end(lex);) {
        char c = shell_peek(lex, 0), next = shell_peek(lex, 1);
        if (c == '"') {
            lex->at++;
            return true;
        }
        if (c == '\\' && shell_is_one_of(next, "$`\"\\\n")) {
            lex->at += 2;
            if (next != '\n')
                put(lex, next);
        } else if (c == '$' || c == '`') {
            if (!read_expansion(lex, true))
                return false;
        } else {
            copy(lex, 1);
        }
    }
    return false;
}

static bool read_single_quoted(struct lexer *lex) {
    uint32_t end = str_find(lex->in, lex->at + 1, '\'');
    if (end >= lex->in.n)
        return false;
    lex->at++;
    copy(lex, end - lex->at);
    lex->at++;
    return true;
}

/* An unquoted character that a shell may expand: patterns, home directories and (bash only) lists in braces. */
static void note_special(struct lexer *lex, uint32_t start, bool *has_bracket, bool *has_brace) {
    char c = shell_peek(lex, 0), before = lex->at > start ? lex->in.p[lex->at - 1] : '\0';
    if (c == '*' || c == '?' || (c == ']' && *has_bracket) || (c == '~' && (!before || shell_is_one_of(before, "=:"))))
        lex->is_constant = false;
    if (*has_brace && (c == ',' || (c == '.' && before == '.')))
        lex->is_constant = false;
    *has_bracket |= c == '[';
    *has_brace |= c == '{';
}

/* Copies bytes that mean nothing but themselves wherever they are; false where there is none. */
static bool copy_plain(struct lexer *lex) {
    uint32_t from = lex->at;
    for (char c; (c = shell_peek(lex, 0)) && (is_name_start(c) || shell_is_digit(c) || c == '-' || c == '/'); lex->at++)
        put(lex, c);
    return lex->at > from;
}

static bool read_part(struct lexer *lex, uint32_t start, bool *has_bracket, bool *has_brace) {
    switch (shell_peek(lex, 0)) {
    case '\'':
        return read_single_quoted(lex);
    case '"':
        return read_double_quoted(lex);
    case '$':
    case '`':
        return read_expansion(lex, false);
    case '\\':
        lex->at++;
        if (at_end(lex))
            return false;
        if (shell_peek(lex, 0) == '\n')
            lex->at++;
        else
            copy(lex, 1);
        return true;
    default:
        note_special(lex, start, has_bracket, has_brace);
        copy(lex, 1);
        return true;
    }
}

/* Length of NAME in the bytes NAME=…, else 0. */
static uint32_t name_length(struct str raw) {
    uint32_t i = 0;
    while (i < raw.n && (is_name_start(raw.p[i]) || (i > 0 && shell_is_digit(raw.p[i]))))
        i++;
    return i < raw.n && raw.p[i] == '=' ? i : 0;
}

static struct token read_word(struct lexer *lex) {
    uint32_t start = lex->at, out_start = lex->out_n;
    bool has_bracket = false, has_brace = false;
    lex->is_constant = true;
    while (!at_end(lex) && !shell_is_one_of(shell_peek(lex, 0), " \t\r\n;&|<>()"))
        if (!copy_plain(lex) && !read_part(lex, start, &has_bracket, &has_brace))
            return (struct token){.kind = TOKEN_BAD};
    struct token token = {.kind = TOKEN_WORD, .raw = str_sub(lex->in, start, lex->at)};
    token.word = (struct shell_word){{lex->out + out_start, lex->out_n - out_start}, lex->is_constant};
    token.equals = name_length(token.raw);
    return token;
}

/* Operators, longest first. What is missing is not understood; so are some operators of bash. */
static const struct {
    struct str text;
    enum token_kind kind;
    char after;
} operators[] = {
    {STR_INIT("&&"), TOKEN_OPERATOR, '&'},  {STR_INIT("||"), TOKEN_OPERATOR, '|'},
    {STR_INIT("&>"), TOKEN_BAD, 0},         {STR_INIT("<<"), TOKEN_BAD, 0},
    {STR_INIT("<>"), TOKEN_GREAT, 0},       {STR_INIT("<&"), TOKEN_LESS, '&'},
    {STR_INIT(">>"), TOKEN_GREAT, 0},       {STR_INIT(">|"), TOKEN_GREAT, 0},
    {STR_INIT(">&"), TOKEN_GREAT, '&'},     {STR_INIT("<"), TOKEN_LESS, 0},
    {STR_INIT(">"), TOKEN_GREAT, 0},        {STR_INIT("|"), TOKEN_OPERATOR, 'p'},
    {STR_INIT(";"), TOKEN_OPERATOR, ';'},   {STR_INIT("&"), TOKEN_OPERATOR, 'b'},
    {STR_INIT("\n"), TOKEN_OPERATOR, '\n'},
};

static void skip_blank(struct lexer *lex) {
    for (;;) {
        if (shell_is_one_of(shell_peek(lex, 0), " \t\r"))
            lex->at++;
        else if (shell_peek(lex, 0) == '\\' && shell_peek(lex, 1) == '\n')
            lex->at += 2;
        else
            break;
    }
    if (shell_peek(lex, 0) == '#')
        lex->at = str_find(lex->in, lex->at, '\n');
}

struct token shell_next(struct lexer *lex) {
    skip_blank(lex);
    if (at_end(lex))
        return (struct token){.kind = TOKEN_END};
    struct str rest = str_sub(lex->in, lex->at, lex->in.n);
    if (!shell_is_one_of(*rest.p, ";&|<>()\n"))
        return read_word(lex);
    for (uint32_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (str_starts(rest, operators[i].text)) {
            lex->at += operators[i].text.n;
            return (struct token){.kind = operators[i].kind, .operator= operators[i].after };
        }
    return (struct token){.kind = TOKEN_BAD};
}
