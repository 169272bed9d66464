/* From a joined line to keyword, flags and words. */
#include "dockerfile_parts.h"

#include <stdlib.h>
#include <string.h>

typedef bool parse_function(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to);

static void add_word(struct df_context *ctx, struct df_word_list *words, uint32_t from, uint32_t to) {
    struct span at = df_line_span(&ctx->line, from, to);
    *vec_push(ctx->arena, words) = (struct df_word){str_sub(ctx->line.text, from, to), at};
}

static bool finish(struct df_instruction *in, const struct df_word_list *words) {
    in->words = words->at;
    in->n_words = words->n;
    return true;
}

/* The whole rest as one word. */
static bool parse_text(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to) {
    if (from == to)
        return true;
    in->words = arena_new(ctx->arena, struct df_word);
    *in->words = (struct df_word){str_sub(ctx->line.text, from, to), df_line_span(&ctx->line, from, to)};
    in->n_words = 1;
    return true;
}

static bool parse_list(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to) {
    const char *p = ctx->line.text.p;
    struct df_word_list words = {0};
    while (from < to) {
        uint32_t end = from;
        while (end < to && !df_is_blank(p[end]))
            end++;
        add_word(ctx, &words, from, end);
        for (from = end; from < to && df_is_blank(p[from]);)
            from++;
    }
    return finish(in, &words);
}

/* Adds the strings of an exec form. *ret_is_json is false, and nothing added, for anything else but a wrong array. */
static bool parse_json(struct df_context *ctx, struct df_word_list *words, uint32_t from, uint32_t to,
                       bool *ret_is_json) {
    uint32_t n = words->n, other, start = df_skip_space(ctx->line.text, from, to);
    enum df_json found = df_json_strings(ctx, start, to, words, &other);
    *ret_is_json = found == DF_JSON_STRINGS;
    if (found == DF_JSON_NONE)
        words->n = n;
    if (found != DF_JSON_OTHER)
        return true;
    diag_at(ctx->diags, ctx->source, df_line_span(&ctx->line, other, other + 1).start,
            "not a string: the array of an exec form holds only strings in double quotes");
    return false;
}

static bool parse_command(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to) {
    struct df_word_list words = {0};
    if (!parse_json(ctx, &words, from, to, &in->is_json))
        return false;
    return in->is_json ? finish(in, &words) : parse_text(ctx, in, from, to);
}

static bool parse_paths(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to) {
    struct df_word_list words = {0};
    if (!parse_json(ctx, &words, from, to, &in->is_json))
        return false;
    return in->is_json ? finish(in, &words) : parse_list(ctx, in, from, to);
}

/* NONE, or CMD and a command. */
static bool parse_health(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to) {
    const char *p = ctx->line.text.p;
    uint32_t end = from;
    while (end < to && !df_is_space_byte(p[end]))
        end++;
    if (end == from)
        return true;
    struct df_word_list words = {0};
    add_word(ctx, &words, from, end);
    for (from = end; from < to && df_is_space_byte(p[from]);)
        from++;
    if (!parse_json(ctx, &words, from, to, &in->is_json))
        return false;
    if (!in->is_json && from < to)
        add_word(ctx, &words, from, to);
    return finish(in, &words);
}

/* A word of ENV, LABEL or ARG: its quotes and escapes stay in it. */
struct raw_word {
    uint32_t from, to;
    uint32_t text_to; /* before an escape character that ends the line, which the builder drops */
};

static bool next_word(const struct df_context *ctx, uint32_t at, uint32_t to, struct raw_word *ret) {
    struct str text = {ctx->line.text.p, to};
    uint32_t width, quote = 0, escape = (unsigned char)ctx->escape;
    at = df_skip_space(text, at, to);
    *ret = (struct raw_word){at, at, to};
    for (; at < to; at += width) {
        uint32_t rune = df_rune(text, at, &width);
        if (!quote && df_is_space(rune))
            break;
        if (rune == escape && quote != '\'') {
            if (at + width == to) {
                ret->text_to = at;
                at = to;
                break;
            }
            at += width;
            df_rune(text, at, &width);
        } else if (rune == quote) {
            quote = 0;
        } else if (!quote && (rune == '"' || rune == '\'')) {
            quote = rune;
        }
    }
    ret->to = at;
    if (ret->text_to > at)
        ret->text_to = at;
    return ret->text_to > ret->from;
}

static bool parse_names(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to) {
    struct df_word_list words = {0};
    for (struct raw_word word; next_word(ctx, from, to, &word); from = word.to) {
        add_word(ctx, &words, word.from, word.to);
        words.at[words.n - 1].text.n = word.text_to - word.from;
    }
    return finish(in, &words);
}

/* The old form: one name, white space, the rest is the value. */
static bool parse_legacy_pair(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to) {
    const char *p = ctx->line.text.p;
    uint32_t end = from, value;
    while (end < to && !df_is_blank(p[end]))
        end++;
    for (value = end; value < to && df_is_blank(p[value]);)
        value++;
    if (end == to) {
        diag_at(ctx->diags, ctx->source, df_line_span(&ctx->line, from, to).start,
                "%.*s without a value: write NAME=value", STR_ARG(str_sub(ctx->line.text, from, to)));
        return false;
    }
    struct df_word_list words = {0};
    add_word(ctx, &words, from, end);
    add_word(ctx, &words, value, to);
    struct span at = {words.at[1].at.start, words.at[1].at.start};
    *vec_push(ctx->arena, &words) = (struct df_word){STR(""), at};
    return finish(in, &words);
}

static bool parse_pairs(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to) {
    struct str text = ctx->line.text;
    struct df_word_list words = {0};
    struct raw_word word;
    for (bool is_first = true; next_word(ctx, from, to, &word); from = word.to, is_first = false) {
        uint32_t equals = str_find(str_sub(text, 0, word.text_to), word.from, '=');
        if (equals == word.text_to && is_first)
            return parse_legacy_pair(ctx, in, from, to);
        if (equals == word.text_to) {
            diag_at(ctx->diags, ctx->source, df_line_span(&ctx->line, word.from, word.to).start,
                    "\"%.*s\" has no \"=\": write NAME=value, and quote values with spaces",
                    STR_ARG(str_sub(text, word.from, word.text_to)));
            return false;
        }
        add_word(ctx, &words, word.from, equals);
        add_word(ctx, &words, equals + 1, word.to);
        words.at[words.n - 1].text.n = word.text_to - (equals + 1);
        add_word(ctx, &words, equals, equals + 1);
    }
    return finish(in, &words);
}

static bool parse_nothing(struct df_context *ctx, struct df_instruction *in, uint32_t from, uint32_t to) {
    (void)ctx, (void)in, (void)from, (void)to;
    return true;
}

/* Sorted by name. */
static const struct command {
    struct str name;
    enum df_kind kind;
    parse_function *parse;
} commands[] = {
    {STR_INIT("add"), DF_ADD, parse_paths},
    {STR_INIT("arg"), DF_ARG, parse_names},
    {STR_INIT("cmd"), DF_CMD, parse_command},
    {STR_INIT("copy"), DF_COPY, parse_paths},
    {STR_INIT("entrypoint"), DF_ENTRYPOINT, parse_command},
    {STR_INIT("env"), DF_ENV, parse_pairs},
    {STR_INIT("expose"), DF_EXPOSE, parse_list},
    {STR_INIT("from"), DF_FROM, parse_list},
    {STR_INIT("healthcheck"), DF_HEALTHCHECK, parse_health},
    {STR_INIT("label"), DF_LABEL, parse_pairs},
    {STR_INIT("maintainer"), DF_MAINTAINER, parse_text},
    {STR_INIT("onbuild"), DF_ONBUILD, parse_nothing},
    {STR_INIT("run"), DF_RUN, parse_command},
    {STR_INIT("shell"), DF_SHELL, parse_command},
    {STR_INIT("stopsignal"), DF_STOPSIGNAL, parse_text},
    {STR_INIT("user"), DF_USER, parse_text},
    {STR_INIT("volume"), DF_VOLUME, parse_paths},
    {STR_INIT("workdir"), DF_WORKDIR, parse_text},
};

static const struct command unknown_command = {STR_INIT(""), DF_UNKNOWN, parse_nothing};

static int compare_command(const void *key, const void *row) {
    return str_cmp(*(const struct str *)key, ((const struct command *)row)->name);
}

/* Lower case as the builder's dispatch sees it: two letters outside of ASCII have an ASCII lower case. */
static struct str lower_keyword(struct arena *arena, struct str keyword) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0, width; i < keyword.n; i += width) {
        uint32_t rune = df_rune(keyword, i, &width);
        if (rune == 0x212a)
            buf_byte(&out, 'k');
        else if (rune == 0x130)
            buf_byte(&out, 'i');
        else
            buf_add(&out, str_lower(arena, str_sub(keyword, i, i + width)));
    }
    return buf_str(&out);
}

static const struct command *find_command(struct df_context *ctx, struct str keyword, struct str *ret_name) {
    char letters[16] = {0};
    bool is_ascii = true;
    for (uint32_t i = 0; i < keyword.n && is_ascii; i++)
        is_ascii = (unsigned char)keyword.p[i] < 0x80;
    *ret_name = keyword;
    if (!is_ascii) {
        *ret_name = lower_keyword(ctx->arena, keyword);
    } else if (keyword.n < sizeof letters) {
        for (uint32_t i = 0; i < keyword.n; i++)
            letters[i] = (char)(keyword.p[i] | (keyword.p[i] >= 'A' && keyword.p[i] <= 'Z' ? 0x20 : 0));
        *ret_name = (struct str){letters, keyword.n};
    }
    const struct command *found =
        bsearch(ret_name, commands, sizeof commands / sizeof *commands, sizeof *commands, compare_command);
    if (found)
        *ret_name = found->name;
    else if (is_ascii)
        *ret_name = str_lower(ctx->arena, keyword);
    return found ? found : &unknown_command;
}

/* Reads one flag, byte by byte as Latin-1: that is what the builder does. Returns its end. */
static uint32_t read_flag(struct df_context *ctx, uint32_t at, uint32_t to, struct buf *ret) {
    const char *p = ctx->line.text.p;
    char quote = 0;
    for (; at < to; at++) {
        char c = p[at];
        if (!quote && df_is_space_byte(c))
            break;
        if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
            continue;
        }
        if (c == ctx->escape) {
            if (at + 1 == to)
                continue;
            c = p[++at];
        }
        df_add_rune(ret, (unsigned char)c);
    }
    return at;
}

/* Returns the offset behind the last flag. */
static uint32_t read_flags(struct df_context *ctx, struct df_instruction *in, uint32_t at, uint32_t to) {
    const char *p = ctx->line.text.p;
    VEC(struct df_flag) flags = {0};
    for (;;) {
        while (at < to && df_is_space_byte(p[at]))
            at++;
        if (to - at < 2 || p[at] != '-' || p[at + 1] != '-')
            break;
        struct buf word = {.arena = ctx->arena};
        uint32_t start = at;
        at = read_flag(ctx, start, to, &word);
        struct str text = str_sub(buf_str(&word), 2, word.n);
        if (text.n == 0)
            break;
        uint32_t equals = str_find(text, 0, '=');
        struct df_flag *flag = vec_push(ctx->arena, &flags);
        flag->name = str_sub(text, 0, equals);
        if (equals < text.n)
            flag->value = str_sub(text, equals + 1, text.n);
        flag->at = df_line_span(&ctx->line, start, at);
    }
    in->flags = flags.at;
    in->n_flags = flags.n;
    return at;
}

/* Reads keyword and flags; *from becomes the start of the arguments. */
static const struct command *read_head(struct df_context *ctx, struct df_instruction *in, uint32_t *from, uint32_t to) {
    struct str text = ctx->line.text;
    uint32_t end = *from;
    while (end < to && !df_is_blank(text.p[end]))
        end++;
    in->keyword_at = df_line_span(&ctx->line, *from, end);
    const struct command *command = find_command(ctx, str_sub(text, *from, end), &in->keyword);
    in->kind = command->kind;
    while (end < to && df_is_blank(text.p[end]))
        end++;
    uint32_t flags_end = end < to ? read_flags(ctx, in, end, to) : end;
    *from = df_skip_space(text, flags_end, to);
    if (*from < to)
        in->args = df_line_span(&ctx->line, *from, to);
    else
        in->args.start = in->args.end = in->n_flags ? in->flags[in->n_flags - 1].at.end : in->keyword_at.end;
    return command;
}

bool df_parse_line(struct df_context *ctx, struct df_instruction *in) {
    struct str text = ctx->line.text;
    uint32_t to = df_trim_end(text, 0, text.n);
    uint32_t from = df_skip_space(text, 0, to);
    const struct command *command = read_head(ctx, in, &from, to);
    while (command->kind == DF_ONBUILD && from < to) {
        struct df_instruction *inner = arena_new(ctx->arena, struct df_instruction);
        inner->at = inner->head = (struct span){in->args.start, in->at.end};
        inner->top = in->top;
        in->onbuild = inner;
        in = inner;
        command = read_head(ctx, in, &from, to);
    }
    return command->parse(ctx, in, from, to);
}
