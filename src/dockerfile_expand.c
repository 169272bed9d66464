/* The builder's own lexer: quotes, escapes, variables. One pass, one output buffer; nested parts are written behind
 * what is there and cut off again where they are not used. */
#include "dockerfile_parts.h"

#include <assert.h>

enum {
    MAX_NESTING = 100, /* of ${a:-${b:-…}} */
    MAX_RESULT = 16 * 1024 * 1024,
    NO_STOP = 0,
};

static const uint32_t NO_WORD = UINT32_MAX;

struct lexer {
    struct str in;
    uint32_t at;
    char escape;
    enum df_lex mode;
    bool keeps_escapes;              /* at this place */
    const struct df_lookup *look_up; /* NULL: no variable is set, and each stays as written */
    struct buf out;
    struct str unknown; /* first unknown variable that decides the result */
    uint32_t nesting;
    bool has_nested;            /* a nested part was read: the builder then forgets the word so far */
    struct df_word_list *words; /* of the outermost level; their spans are offsets in `out` until the end */
    uint32_t word;              /* start of the current word in `out` */
    bool in_word;
};

static bool read_until(struct lexer *lex, char stop, bool keeps_escapes, bool is_pattern);

static char peek(const struct lexer *lex) {
    return lex->at < lex->in.n ? lex->in.p[lex->at] : '\0';
}

static bool at_end(const struct lexer *lex) {
    return lex->at >= lex->in.n;
}

/* Copies the character at hand. */
static void copy_rune(struct lexer *lex) {
    uint32_t width;
    df_rune(lex->in, lex->at, &width);
    buf_add(&lex->out, str_sub(lex->in, lex->at, lex->at + width));
    lex->at += width;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* A name, a run of digits, or one of the shell's special parameters; may be empty. */
static struct str read_name(struct lexer *lex) {
    uint32_t start = lex->at, width;
    if (is_digit(peek(lex))) {
        while (is_digit(peek(lex)))
            lex->at++;
    } else if (!at_end(lex) && str_find(STR("@*#?-$!"), 0, peek(lex)) < 7) {
        lex->at++;
    } else {
        while (!at_end(lex) && df_is_name_rune(df_rune(lex->in, lex->at, &width)))
            lex->at += width;
    }
    return str_sub(lex->in, start, lex->at);
}

/* A value that is not known is noted. */
static struct str look_up(struct lexer *lex, struct str name, bool *ret_known) {
    *ret_known = true;
    if (!lex->look_up)
        return (struct str){NULL, 0};
    struct str value = lex->look_up->value(lex->look_up->context, name, ret_known);
    if (!*ret_known && !lex->unknown.p)
        lex->unknown = name;
    return value;
}

/* $name, and ${name} from its start in the input. */
static void add_variable(struct lexer *lex, struct str name, uint32_t start) {
    bool is_known;
    struct str value = look_up(lex, name, &is_known);
    if (!lex->look_up)
        value = str_sub(lex->in, start, lex->at);
    buf_add(&lex->out, value);
}

static struct str written_since(const struct lexer *lex, uint32_t mark) {
    return str_sub((struct str){lex->out.p, lex->out.n}, mark, lex->out.n);
}

/* Drops the output from `mark` on and puts `text` there. */
static void replace_from(struct lexer *lex, uint32_t mark, struct str text) {
    lex->out.n = mark;
    buf_add(&lex->out, text);
}

/* ${name-word} and the other forms that take the one or the other; the word is the output from `mark` on. `before` is
 * what was unknown before the word. */
static bool choose(struct lexer *lex, struct str name, char modifier, bool null_is_unset, uint32_t mark,
                   struct str before) {
    bool is_known;
    struct str of_word = lex->unknown;
    lex->unknown = before;
    struct str value = look_up(lex, name, &is_known);
    bool is_set = value.p && (value.n > 0 || !null_is_unset);
    if (is_known && (modifier == '+' ? is_set : modifier == '-' && !is_set))
        lex->unknown = of_word;
    else
        replace_from(lex, mark, modifier == '+' ? STR("") : value);
    return is_set || !is_known || modifier != '?';
}

/* ${name#pattern} and ${name%pattern}; the pattern is the output from `mark` on. */
static bool trim(struct lexer *lex, struct str name, char modifier, uint32_t mark) {
    bool is_known;
    struct str value = look_up(lex, name, &is_known);
    struct str pattern = str_dup(lex->out.arena, written_since(lex, mark));
    bool is_longest = pattern.n > 0 && *pattern.p == modifier;
    if (is_longest)
        pattern = str_sub(pattern, 1, pattern.n);
    if (!df_trim_pattern(lex->out.arena, value, pattern, modifier == '%', is_longest, &value))
        return false;
    replace_from(lex, mark, value);
    return true;
}

/* ${name/pattern/replacement} behind the first slash. */
static bool read_replacement(struct lexer *lex, struct str name, uint32_t mark) {
    bool all = peek(lex) == '/';
    lex->at += all;
    if (!lex->look_up) {
        buf_add(&lex->out, STR("${"));
        buf_add(&lex->out, name);
        buf_byte(&lex->out, '/');
    }
    uint32_t pattern = lex->out.n;
    if (!read_until(lex, '/', true, true))
        return false;
    uint32_t replacement = lex->out.n;
    if (!lex->look_up)
        buf_byte(&lex->out, '/');
    if (!read_until(lex, '}', true, false))
        return false;
    if (!lex->look_up) {
        buf_byte(&lex->out, '}');
        return true;
    }
    bool is_known;
    struct str value = look_up(lex, name, &is_known);
    struct str parts = str_dup(lex->out.arena, written_since(lex, pattern));
    if (!df_replace_pattern(lex->out.arena, value, str_sub(parts, 0, replacement - pattern),
                            str_sub(parts, replacement - pattern, parts.n), all, &value))
        return false;
    replace_from(lex, mark, value);
    return true;
}

/* ${name and a modifier. */
static bool read_modifier(struct lexer *lex, struct str name, uint32_t start) {
    uint32_t mark = lex->out.n;
    bool null_is_unset = peek(lex) == ':';
    lex->at += null_is_unset;
    char modifier = peek(lex);
    if (at_end(lex) || (!null_is_unset && str_find(STR("+-?#%/"), 0, modifier) == 6))
        return false;
    if (!null_is_unset && modifier == '/') {
        lex->at++;
        return read_replacement(lex, name, mark);
    }
    bool is_trim = modifier == '#' || modifier == '%';
    if (null_is_unset && (is_trim || (lex->look_up && str_find(STR("+-?"), 0, modifier) == 3)))
        return false;
    uint32_t width;
    df_rune(lex->in, lex->at, &width);
    lex->at += width;
    struct str before = lex->unknown;
    if (!lex->look_up)
        buf_add(&lex->out, str_sub(lex->in, start, lex->at));
    if (!read_until(lex, '}', is_trim, is_trim))
        return false;
    if (!lex->look_up) {
        buf_byte(&lex->out, '}');
        return true;
    }
    return is_trim ? trim(lex, name, modifier, mark) : choose(lex, name, modifier, null_is_unset, mark, before);
}

static bool read_dollar(struct lexer *lex) {
    uint32_t start = lex->at++;
    if (peek(lex) != '{') {
        struct str name = read_name(lex);
        if (name.n == 0)
            buf_byte(&lex->out, '$');
        else
            add_variable(lex, name, start);
        return true;
    }
    lex->at++;
    if (at_end(lex) || str_find(STR("{}:"), 0, peek(lex)) < 3)
        return false;
    struct str name = read_name(lex);
    if (peek(lex) != '}')
        return read_modifier(lex, name, start);
    lex->at++;
    add_variable(lex, name, start);
    return true;
}

static bool read_single_quoted(struct lexer *lex, bool is_pattern) {
    if (lex->mode != DF_LEX_PLAIN)
        buf_byte(&lex->out, '\'');
    for (lex->at++; !at_end(lex) && peek(lex) != '\''; copy_rune(lex))
        if (is_pattern && peek(lex) == lex->escape)
            buf_byte(&lex->out, lex->escape);
    if (at_end(lex))
        return false;
    lex->at++;
    if (lex->mode != DF_LEX_PLAIN)
        buf_byte(&lex->out, '\'');
    return true;
}

/* An escape character within double quotes: it works on itself, the quote and the dollar. */
static void read_quoted_escape(struct lexer *lex, bool is_pattern) {
    lex->at++;
    if (at_end(lex))
        return;
    char c = peek(lex);
    bool works = c == '"' || c == '$' || c == lex->escape;
    if (lex->keeps_escapes && (works || lex->mode == DF_LEX_PLAIN || is_pattern))
        buf_byte(&lex->out, lex->escape);
    if (works)
        lex->at++;
    buf_byte(&lex->out, works ? c : lex->escape);
}

static bool read_double_quoted(struct lexer *lex, bool is_pattern) {
    if (lex->mode != DF_LEX_PLAIN)
        buf_byte(&lex->out, '"');
    lex->at++;
    while (!at_end(lex) && peek(lex) != '"') {
        if (peek(lex) == lex->escape)
            read_quoted_escape(lex, is_pattern);
        else if (peek(lex) != '$')
            copy_rune(lex);
        else if (!read_dollar(lex))
            return false;
    }
    if (at_end(lex))
        return false;
    lex->at++;
    if (lex->mode != DF_LEX_PLAIN)
        buf_byte(&lex->out, '"');
    return true;
}

/* Two "<" take the white space behind them along: "<< EOF" is one word. */
static void read_less(struct lexer *lex) {
    copy_rune(lex);
    if (peek(lex) != '<')
        return;
    copy_rune(lex);
    while (peek(lex) == ' ' || peek(lex) == '\t' || peek(lex) == '\r')
        copy_rune(lex);
}

static void end_word(struct lexer *lex, uint32_t end) {
    if (lex->word == NO_WORD || lex->word == end)
        return;
    struct span at = {lex->word, end};
    *vec_push(lex->out.arena, lex->words) = (struct df_word){{NULL, 0}, at};
    lex->word = NO_WORD;
    lex->in_word = false;
}

/* Tells the words of what was written since `mark`: `splits` at white space, or as one part. */
static void add_to_words(struct lexer *lex, uint32_t mark, bool splits) {
    struct str text = {lex->out.p, lex->out.n};
    for (uint32_t i = mark, width; i < text.n; i += width) {
        bool is_space = df_is_space(df_rune(text, i, &width)) && splits;
        if (is_space && lex->in_word)
            end_word(lex, i);
        if (!is_space && lex->word == NO_WORD)
            lex->word = i;
        lex->in_word |= !is_space;
    }
    lex->in_word |= !splits;
}

/* One at the end of the text is dropped. */
static void read_escape(struct lexer *lex) {
    if (lex->keeps_escapes)
        buf_byte(&lex->out, lex->escape);
    lex->at++;
    if (!at_end(lex))
        copy_rune(lex);
}

/* Copies the character at hand, and all behind it that mean nothing but themselves. */
static void copy_plain(struct lexer *lex, char stop) {
    uint32_t start = lex->at++;
    while (!at_end(lex) && !memchr((const char[]){lex->escape, stop, '\'', '"', '<', '$'}, peek(lex), 6))
        lex->at++;
    buf_add(&lex->out, str_sub(lex->in, start, lex->at));
}

/* Reads plain characters or one quoted or variable part. *ret_splits: white space in it parts words. */
static bool read_part(struct lexer *lex, char stop, bool is_pattern, bool *ret_splits) {
    char c = peek(lex);
    *ret_splits = false;
    if (c == lex->escape) {
        read_escape(lex);
        return true;
    }
    switch (c) {
    case '\'':
        return read_single_quoted(lex, is_pattern);
    case '"':
        return read_double_quoted(lex, is_pattern);
    case '<':
        read_less(lex);
        return true;
    case '$':
        *ret_splits = true;
        return read_dollar(lex);
    default:
        *ret_splits = true;
        copy_plain(lex, stop);
        return true;
    }
}

static bool read_parts(struct lexer *lex, char stop, bool is_pattern) {
    bool is_outermost = lex->nesting == 1;
    while (!at_end(lex)) {
        if (stop != NO_STOP && peek(lex) == stop) {
            lex->at++;
            return true;
        }
        uint32_t mark = lex->out.n;
        bool splits;
        if (!read_part(lex, stop, is_pattern, &splits) || lex->out.n > MAX_RESULT)
            return false;
        if (!is_outermost || !lex->words)
            continue;
        if (lex->has_nested)
            lex->word = NO_WORD;
        lex->has_nested = false;
        add_to_words(lex, mark, splits);
    }
    return stop == NO_STOP;
}

/* Reads up to `stop`, which is consumed, or to the end of the text. False where it does not come, or for nonsense. */
static bool read_until(struct lexer *lex, char stop, bool keeps_escapes, bool is_pattern) {
    bool kept = lex->keeps_escapes;
    if (lex->nesting == MAX_NESTING)
        return false;
    lex->nesting++;
    lex->has_nested = lex->nesting > 1;
    lex->keeps_escapes = keeps_escapes;
    bool is_good = read_parts(lex, stop, is_pattern);
    lex->keeps_escapes = kept;
    lex->nesting--;
    return is_good;
}

static struct str without_bom(struct str text) {
    return str_starts(text, STR("\xef\xbb\xbf")) ? str_sub(text, 3, text.n) : text;
}

bool df_lex_words(struct arena *arena, struct str text, enum df_lex mode, struct df_word_list *ret_words) {
    struct lexer lex = {.in = without_bom(text), .escape = '\\', .mode = mode, .word = NO_WORD, .words = ret_words};
    lex.out.arena = arena;
    ret_words->n = 0;
    if (!read_until(&lex, NO_STOP, mode == DF_LEX_RAW, false))
        return false;
    end_word(&lex, lex.out.n);
    struct str out = buf_str(&lex.out);
    for (uint32_t i = 0; i < ret_words->n; i++)
        ret_words->at[i].text = str_sub(out, ret_words->at[i].at.start, ret_words->at[i].at.end);
    return true;
}

static bool is_literal(struct str text, char escape) {
    for (uint32_t i = 0; i < text.n; i++)
        if (text.p[i] == '$' || text.p[i] == '"' || text.p[i] == '\'' || text.p[i] == escape)
            return false;
    return true;
}

bool df_expand(struct arena *arena, struct str text, char escape, const struct df_lookup *look_up, struct str *ret,
               struct str *ret_unknown) {
    assert(look_up);
    *ret_unknown = (struct str){NULL, 0};
    text = without_bom(text);
    *ret = text;
    if (is_literal(text, escape))
        return true;
    struct lexer lex = {.in = text, .escape = escape, .look_up = look_up, .word = NO_WORD};
    lex.out.arena = arena;
    if (!read_until(&lex, NO_STOP, false, false))
        return false;
    *ret_unknown = lex.unknown;
    *ret = buf_str(&lex.out);
    return !lex.unknown.p;
}
