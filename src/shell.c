#include "shell_parts.h"

enum { MAX_DEPTH = 8 }; /* of $(…) that are looked into */

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
        if (!shell_is_digit(word.p[i]))
            return str_eq(word, STR("-"));
    return word.n > 0;
}

/* The token at hand is a redirection's operator; the next one must be its target. */
static bool parse_redirection(struct parser *parser, struct shell_command *command) {
    struct token sign = parser->token, target = shell_next(&parser->lex);
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
    return shell_is_one_of(shell_peek(&parser->lex, 0), "<>") && is_descriptor(raw) && !str_eq(raw, STR("-"));
}

/* Reads on behind a reserved word. False where what it starts is not understood. */
static bool skip_reserved(struct parser *parser) {
    static const char *const kept[] = {"[[", "case", "coproc", "esac", "function", "in", "select"};
    struct str word = parser->token.raw;
    for (uint32_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (str_eq(word, str_of(kept[i])))
            return false;
    for (struct lexer before = parser->lex; str_eq(word, STR("for")); before = parser->lex)
        if (shell_next(&parser->lex).kind != TOKEN_WORD) {
            parser->lex = before;
            break;
        }
    return true;
}

/* Steps over a parenthesis of a group; one behind words makes them a function. */
static bool skip_parenthesis(struct parser *parser, bool is_empty) {
    char c = shell_peek(&parser->lex, 0);
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
    for (;; parser->token = shell_next(&parser->lex)) {
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
        parser->token = shell_next(&parser->lex);
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
        if (is_over && shell_is_one_of(operator, "&|p"))
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
        if (!(inner.p[i] >= 'A' && inner.p[i] <= 'Z') && inner.p[i] != '_' && !shell_is_digit(inner.p[i]))
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
