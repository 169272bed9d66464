/* Exec forms: RFC 8259 as Go's encoding/json takes it. Nothing recursive, so nesting costs one byte a level. */
#include "dockerfile_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 10000 };
static const uint32_t NO_OFFSET = UINT32_MAX;

struct json {
    struct df_context *ctx;
    struct str text; /* the joined line up to the end of the arguments */
    uint32_t at;
    char *open; /* the brackets that are open */
    uint32_t depth;
    uint32_t other; /* first element that is no string */
    struct df_word_list *words;
};

static void skip_blank(struct json *json) {
    while (json->at < json->text.n && json->text.p[json->at] && strchr(" \t\r\n", json->text.p[json->at]))
        json->at++;
}

static bool take(struct json *json, char c) {
    if (json->at >= json->text.n || json->text.p[json->at] != c)
        return false;
    json->at++;
    return true;
}

static bool is_digit(const struct json *json) {
    return json->at < json->text.n && json->text.p[json->at] >= '0' && json->text.p[json->at] <= '9';
}

static bool skip_digits(struct json *json) {
    if (!is_digit(json))
        return false;
    while (is_digit(json))
        json->at++;
    return true;
}

/* A number too large for a double makes the whole array no JSON. */
static bool skip_number(struct json *json) {
    uint32_t start = json->at;
    take(json, '-');
    if (!take(json, '0') && !skip_digits(json))
        return false;
    if (take(json, '.') && !skip_digits(json))
        return false;
    if (take(json, 'e') || take(json, 'E')) {
        if (!take(json, '+'))
            take(json, '-');
        if (!skip_digits(json))
            return false;
        ARENA(scratch);
        return isfinite(strtod(str_c(&scratch, str_sub(json->text, start, json->at)), NULL));
    }
    return json->at - start < 300 ||
           isfinite(strtod(str_c(json->ctx->arena, str_sub(json->text, start, json->at)), NULL));
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four digits; -1 where they are not there. */
static int32_t hex_unit(struct str text, uint32_t at) {
    int32_t unit = 0;
    for (uint32_t i = at; i < at + 4; i++) {
        int digit = i < text.n ? hex_digit(text.p[i]) : -1;
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* Skips a string; *ret_plain tells whether its text is its bytes. */
static bool skip_string(struct json *json, bool *ret_plain) {
    *ret_plain = true;
    if (!take(json, '"'))
        return false;
    while (json->at < json->text.n) {
        char c = json->text.p[json->at++];
        if (c == '"')
            return true;
        if ((unsigned char)c < 0x20)
            return false;
        if ((unsigned char)c >= 0x80)
            *ret_plain = false;
        if (c != '\\')
            continue;
        *ret_plain = false;
        char escape = json->at < json->text.n ? json->text.p[json->at++] : '\0';
        if (escape == 'u' && hex_unit(json->text, json->at) >= 0)
            json->at += 4;
        else if (!escape || !strchr("\"\\/bfnrt", escape))
            return false;
    }
    return false;
}

static uint32_t unescape_unit(struct str text, uint32_t *at) {
    uint32_t rune = (uint32_t)hex_unit(text, *at);
    *at += 4;
    if (rune < 0xd800 || rune > 0xdfff)
        return rune;
    int32_t low = *at + 6 <= text.n && text.p[*at] == '\\' && text.p[*at + 1] == 'u' ? hex_unit(text, *at + 2) : -1;
    if (rune > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return 0xfffd;
    *at += 6;
    return 0x10000 + ((rune & 0x3ff) << 10) + ((uint32_t)low & 0x3ff);
}

/* The text of a valid string without its quotes. */
static struct str unescape(struct arena *arena, struct str text) {
    static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
    struct buf out = {.arena = arena};
    for (uint32_t i = 0, width; i < text.n;) {
        if (text.p[i] != '\\') {
            df_add_rune(&out, df_rune(text, i, &width));
            i += width;
            continue;
        }
        char c = text.p[i + 1];
        i += 2;
        const char *letter = strchr(letters, c);
        if (c == 'u')
            df_add_rune(&out, unescape_unit(text, &i));
        else
            buf_byte(&out, letter ? bytes[letter - letters] : c);
    }
    return buf_str(&out);
}

static bool take_string(struct json *json) {
    uint32_t start = json->at;
    bool is_plain;
    if (!skip_string(json, &is_plain))
        return false;
    if (json->depth != 1)
        return true;
    struct str text = str_sub(json->text, start + 1, json->at - 1);
    if (!is_plain)
        text = unescape(json->ctx->arena, text);
    struct span at = df_line_span(&json->ctx->line, start, json->at);
    *vec_push(json->ctx->arena, json->words) = (struct df_word){text, at};
    return true;
}

static bool take_literal(struct json *json) {
    static const struct str literals[] = {STR_INIT("true"), STR_INIT("false"), STR_INIT("null")};
    for (uint32_t i = 0; i < 3; i++)
        if (str_starts(str_sub(json->text, json->at, json->text.n), literals[i])) {
            json->at += literals[i].n;
            return true;
        }
    return false;
}

static bool take_key(struct json *json) {
    bool is_plain;
    skip_blank(json);
    if (!skip_string(json, &is_plain))
        return false;
    skip_blank(json);
    return take(json, ':');
}

/* Reads a value, or the start of an array or object up to its first value. *ret_is_done: a whole value is behind us. */
static bool take_value(struct json *json, bool *ret_is_done) {
    skip_blank(json);
    char c = json->at < json->text.n ? json->text.p[json->at] : '\0';
    *ret_is_done = true;
    if (json->depth == 1 && c != '"' && json->other == NO_OFFSET)
        json->other = json->at;
    if (c == '"')
        return take_string(json);
    if (c == '-' || is_digit(json))
        return skip_number(json);
    if (c != '[' && c != '{')
        return take_literal(json);
    if (json->depth == MAX_DEPTH)
        return false;
    json->open[json->depth++] = c;
    json->at++;
    skip_blank(json);
    if (take(json, c == '[' ? ']' : '}')) {
        json->depth--;
        return true;
    }
    *ret_is_done = false;
    return c == '[' || take_key(json);
}

/* After a value: closes what ends here. False where neither a comma nor the end follows. */
static bool take_rest(struct json *json) {
    while (json->depth > 0) {
        char open = json->open[json->depth - 1];
        skip_blank(json);
        if (take(json, ','))
            return open == '[' || take_key(json);
        if (!take(json, open == '[' ? ']' : '}'))
            return false;
        json->depth--;
    }
    return true;
}

enum df_json df_json_strings(struct df_context *ctx, uint32_t from, uint32_t to, struct df_word_list *words,
                             uint32_t *ret_other) {
    if (from == to || ctx->line.text.p[from] != '[')
        return DF_JSON_NONE;
    char open[MAX_DEPTH];
    struct json json = {ctx, str_sub(ctx->line.text, 0, to), from, open, 0, NO_OFFSET, words};
    do {
        bool is_done;
        if (!take_value(&json, &is_done) || (is_done && !take_rest(&json)))
            return DF_JSON_NONE;
    } while (json.depth > 0);
    skip_blank(&json);
    *ret_other = json.other;
    if (json.at < to)
        return DF_JSON_NONE;
    return json.other == NO_OFFSET ? DF_JSON_STRINGS : DF_JSON_OTHER;
}
