#include "shell.h"

#include <string.h>

enum {
    MAX_NESTING = 64, /* of $(…), ${…} and quotes within each other */
    MAX_DEPTH = 8,    /* of $(…) that are looked into */
};

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

static char peek_at(const struct lexer *lex, uint32_t ahead) {
    return lex->in.n - lex->at > ahead ? lex->in.p[lex->at + ahead] : '\0';
}

static bool at_end(const struct lexer *lex) {
    return lex->at >= lex->in.n;
}

static bool is_one_of(char c, const char *set) {
    return c && strchr(set, c);
}

static bool is_digit(char c) {
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
    for (copy(lex, 1); !at_end(lex) && peek_at(lex, 0) != quote;)
        copy(lex, quote == '`' && peek_at(lex, 0) == '\\' ? 2 : 1);
    if (at_end(lex))
        return false;
    copy(lex, 1);
    return true;
}

/* A comment within $(…): the characters in it are no quotes. */
static bool copy_comment(struct lexer *lex) {
    char before = lex->in.p[lex->at - 1];
    if (peek_at(lex, 0) != '#' || !is_one_of(before, " \t\n;(&|"))
        return false;
    while (!at_end(lex) && peek_at(lex, 0) != '\n')
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
    char c = peek_at(lex, 0);
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
    if (kind == IN_PARENTHESES && (copy_comment(lex) || (c == '<' && peek_at(lex, 1) == '<')))
        return c == '#';
    bool is_expansion = c == '$' && is_one_of(peek_at(lex, 1), "({");
    if (is_expansion && !enter(open, peek_at(lex, 1) == '(' ? IN_PARENTHESES
                                     : is_quoted            ? IN_QUOTED_BRACES
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
    enter(&open, peek_at(lex, 1) == '(' ? IN_PARENTHESES : is_quoted ? IN_QUOTED_BRACES : IN_BRACES);
    copy(lex, 2);
    while (open.n > 0)
        if (at_end(lex) || !copy_enclosed(lex, &open))
            return false;
    return true;
}

/* A dollar or a back quote, within double quotes or outside. */
static bool read_expansion(struct lexer *lex, bool is_quoted) {
    char next = peek_at(lex, 1);
    uint32_t start = lex->at;
    if (peek_at(lex, 0) == '`' || is_one_of(next, "({")) {
        bool is_old = peek_at(lex, 0) == '`';
        lex->is_constant = false;
        if (is_old ? !copy_quoted(lex, '`') : !copy_expansion(lex, is_quoted))
            return false;
        *vec_push(lex->arena, &lex->substituted) = str_sub(lex->in, start, lex->at);
        return true;
    }
    if (is_name_start(next) || is_digit(next) || is_one_of(next, "@*#?$!-") || (!is_quoted && is_one_of(next, "\"'")))
        lex->is_constant = false;
    copy(lex, 1);
    /* the second character of $$ and $# starts nothing */
    if (is_one_of(next, "@*#?$!-"))
        copy(lex, 1);
    return true;
}

static bool read_double_quoted(struct lexer *lex) {
    for (lex->at++; !at_end(lex);) {
        char c = peek_at(lex, 0), next = peek_at(lex, 1);
        if (c == '"') {
            lex->at++;
            return true;
        }
        if (c == '\\' && is_one_of(next, "$`\"\\\n")) {
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
    char c = peek_at(lex, 0), before = lex->at > start ? lex->in.p[lex->at - 1] : '\0';
    if (c == '*' || c == '?' || (c == ']' && *has_bracket) || (c == '~' && (!before || is_one_of(before, "=:"))))
        lex->is_constant = false;
    if (*has_brace && (c == ',' || (c == '.' && before == '.')))
        lex->is_constant = false;
    *has_bracket |= c == '[';
    *has_brace |= c == '{';
}

static bool read_part(struct lexer *lex, uint32_t start, bool *has_bracket, bool *has_brace) {
    switch (peek_at(lex, 0)) {
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
        if (peek_at(lex, 0) == '\n')
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
    while (i < raw.n && (is_name_start(raw.p[i]) || (i > 0 && is_digit(raw.p[i]))))
        i++;
    return i < raw.n && raw.p[i] == '=' ? i : 0;
}

static struct token read_word(struct lexer *lex) {
    uint32_t start = lex->at, out_start = lex->out_n;
    bool has_bracket = false, has_brace = false;
    lex->is_constant = true;
    while (!at_end(lex) && !is_one_of(peek_at(lex, 0), " \t\r\n;&|<>()"))
        if (!read_part(lex, start, &has_bracket, &has_brace))
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
        if (is_one_of(peek_at(lex, 0), " \t\r"))
            lex->at++;
        else if (peek_at(lex, 0) == '\\' && peek_at(lex, 1) == '\n')
            lex->at += 2;
        else
            break;
    }
    if (peek_at(lex, 0) == '#')
        lex->at = str_find(lex->in, lex->at, '\n');
}

static struct token next_token(struct lexer *lex) {
    skip_blank(lex);
    if (at_end(lex))
        return (struct token){.kind = TOKEN_END};
    struct str rest = str_sub(lex->in, lex->at, lex->in.n);
    if (!is_one_of(*rest.p, ";&|<>()\n"))
        return read_word(lex);
    for (uint32_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (str_starts(rest, operators[i].text)) {
            lex->at += operators[i].text.n;
            return (struct token){.kind = operators[i].kind, .operator= operators[i].after };
        }
    return (struct token){.kind = TOKEN_BAD};
}

/* Words that start or end a compound command where a command's name is due; also those of bash. */
static bool is_reserved(struct str word) {
    static const char *const reserved[] = {"{",    "}",      "[[",   "case",  "coproc", "do",       "done",
                                           "elif", "else",   "esac", "fi",    "for",    "function", "if",
                                           "in",   "select", "then", "until", "while"};
    for (uint32_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (str_eq(word, str_of(reserved[i])))
            return true;
    return false;
}

struct parser {
    struct lexer lex;
    struct token token;
    VEC(struct shell_command) list;
    bool is_single, has_redirections;
    bool is_flat; /* compound commands are taken for the commands in them */
};

static bool is_descriptor(struct str word) {
    for (uint32_t i = 0; i < word.n; i++)
        if (!is_digit(word.p[i]))
            return str_eq(word, STR("-"));
    return word.n > 0;
}

/* The token at hand is a redirection's operator; the next one must be its target. */
static bool parse_redirection(struct parser *parser, struct shell_command *command) {
    struct token sign = parser->token, target = next_token(&parser->lex);
    if (target.kind != TOKEN_WORD)
        return false;
    bool is_copy = sign.operator== '&' && is_descriptor(target.raw);
    if (sign.kind == TOKEN_GREAT && !is_copy)
        *vec_push(parser->lex.arena, &command->redirections) = target.word;
    parser->has_redirections = true;
    return true;
}

/* Whether the word at hand is the number of a descriptor: digits right before a redirection. */
static bool is_io_number(const struct parser *parser) {
    struct str raw = parser->token.raw;
    return is_one_of(peek_at(&parser->lex, 0), "<>") && is_descriptor(raw) && !str_eq(raw, STR("-"));
}

/* Reads on behind a reserved word. False where what it starts is not understood. */
static bool skip_reserved(struct parser *parser) {
    static const char *const kept[] = {"[[", "case", "coproc", "esac", "function", "in", "select"};
    struct str word = parser->token.raw;
    for (uint32_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (str_eq(word, str_of(kept[i])))
            return false;
    for (struct lexer before = parser->lex; str_eq(word, STR("for")); before = parser->lex)
        if (next_token(&parser->lex).kind != TOKEN_WORD) {
            parser->lex = before;
            break;
        }
    return true;
}

/* Steps over a parenthesis of a group; one behind words makes them a function. */
static bool skip_parenthesis(struct parser *parser, bool is_empty) {
    char c = peek_at(&parser->lex, 0);
    bool is_group = c == ')' || (c == '(' && is_empty);
    parser->lex.at += is_group;
    return is_group;
}

/* Reads words, assignments and redirections. The token behind them is at hand afterwards. */
static bool parse_command(struct parser *parser) {
    struct arena *arena = parser->lex.arena;
    struct shell_command *command = vec_push(arena, &parser->list);
    VEC(struct shell_word) words = {0};
    bool is_empty = true, is_part = false;
    for (;; parser->token = next_token(&parser->lex)) {
        enum token_kind kind = parser->token.kind;
        if (kind == TOKEN_LESS || kind == TOKEN_GREAT) {
            if (!parse_redirection(parser, command))
                return false;
        } else if (kind == TOKEN_BAD && parser->is_flat && skip_parenthesis(parser, is_empty)) {
            is_part = true;
            continue;
        } else if (kind != TOKEN_WORD) {
            break;
        } else if (is_empty && str_eq(parser->token.raw, STR("!"))) {
            parser->is_single = false; /* turns the result around, no more */
            continue;
        } else if (is_io_number(parser)) {
            continue;
        } else if (words.n == 0 && parser->token.equals > 0) {
            *vec_push(arena, &command->assignments) = parser->token.word;
            parser->is_single = false;
        } else {
            if (is_empty && is_reserved(parser->token.raw)) {
                if (!parser->is_flat || !skip_reserved(parser))
                    return false;
                is_part = true;
                continue;
            }
            *vec_push(arena, &words) = parser->token.word;
        }
        is_empty = false;
    }
    command->words = words.at;
    command->n_words = words.n;
    return parser->token.kind != TOKEN_BAD && (!is_empty || is_part);
}

static void skip_newlines(struct parser *parser) {
    do
        parser->token = next_token(&parser->lex);
    while (parser->token.kind == TOKEN_OPERATOR && parser->token.operator== '\n');
}

/* Reads commands up to the end of the text. */
static bool parse_list(struct parser *parser) {
    skip_newlines(parser);
    while (parser->token.kind != TOKEN_END) {
        if (!parse_command(parser))
            return false;
        if (parser->token.kind == TOKEN_END)
            break;
        struct shell_command *last = &parser->list.at[parser->list.n - 1];
        char operator= parser->token.operator;
        skip_newlines(parser);
        bool is_over = parser->token.kind == TOKEN_END;
        if (is_over && is_one_of(operator, "&|p"))
            return false;
        if (is_over && operator== '\n')
            break;
        last->after = operator== '\n' ? ';' : operator;
        parser->is_single = false;
    }
    return true;
}

static struct parser parser_of(struct arena *arena, struct str text) {
    return (struct parser){.lex = {.arena = arena, .in = text, .out = arena_alloc(arena, (size_t)text.n + 1)},
                           .is_single = true};
}

struct shell_script *shell_parse(struct arena *arena, struct str text) {
    struct parser parser = parser_of(arena, text);
    if (!parse_list(&parser))
        return NULL;
    struct shell_script *script = arena_new(arena, struct shell_script);
    bool is_single = parser.is_single && parser.list.n == 1;
    *script = (struct shell_script){parser.list.at, parser.list.n, is_single, is_single && !parser.has_redirections};
    return script;
}

/* --- everything that may be started --------------------------------------------------------------------------------
 */

/* Whether a text is a variable of Kubernetes, which it replaces in command lines: $(NAME). */
static bool is_variable(struct str inner) {
    for (uint32_t i = 0; i < inner.n; i++)
        if (!(inner.p[i] >= 'A' && inner.p[i] <= 'Z') && inner.p[i] != '_' && !is_digit(inner.p[i]))
            return false;
    return inner.n > 0;
}

static bool parse_all(struct arena *arena, struct str text, struct parser *all, uint32_t depth);

/* The commands of one expansion. */
static bool parse_substituted(struct arena *arena, struct str text, struct parser *all, uint32_t depth) {
    bool is_command = text.p[0] == '`' || (text.p[1] == '(' && !str_starts(text, STR("$((")));
    struct str inner = str_sub(text, text.p[0] == '`' ? 1 : 2, text.n - 1);
    if (is_command)
        return is_variable(inner) || parse_all(arena, inner, all, depth + 1);
    return !str_contains(inner, STR("$(")) && !str_contains(inner, STR("`"));
}

static bool parse_all(struct arena *arena, struct str text, struct parser *all, uint32_t depth) {
    struct parser parser = parser_of(arena, text);
    parser.is_flat = true;
    bool is_understood = depth < MAX_DEPTH && parse_list(&parser);
    for (uint32_t i = 0; is_understood && i < parser.list.n; i++)
        *vec_push(arena, &all->list) = parser.list.at[i];
    for (uint32_t i = 0; is_understood && i < parser.lex.substituted.n; i++)
        is_understood = parse_substituted(arena, parser.lex.substituted.at[i], all, depth);
    return is_understood;
}

struct shell_script *shell_parse_all(struct arena *arena, struct str text) {
    struct parser all = {0};
    if (!parse_all(arena, text, &all, 0))
        return NULL;
    struct shell_script *script = arena_new(arena, struct shell_script);
    *script = (struct shell_script){.list = all.list.at, .n = all.list.n};
    return script;
}
