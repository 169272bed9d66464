#include "variables.h"

enum {
    MAX_NESTING = 100, /* of ${a:-${b:-…}} */
    MAX_GROWTH = 4096, /* bytes by which variables may make a text longer; values that use each other grow fast */
};

const struct str *variables_get(const struct variables *variables, struct str name) {
    return variables ? map_get(&variables->map, name) : NULL;
}

struct variables *variables_join(struct arena *arena, const struct variables *first, const struct variables *second) {
    struct variables *both = arena_new(arena, struct variables);
    const struct variables *parts[] = {first, second};
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t j = 0; parts[i] && j < parts[i]->map.size; j++)
            if (parts[i]->map.slots[j].value)
                map_add(&both->map, arena, parts[i]->map.slots[j].key, parts[i]->map.slots[j].value);
    return both;
}

/* --- interpolation -------------------------------------------------------------------------------------------------
 */

struct expansion {
    const struct variables *first, *second; /* where names are looked up */
    struct buf out;
    uint32_t max; /* bytes of the result */
    uint32_t nesting;
};

static bool expand_text(struct expansion *expansion, struct str text);

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static uint32_t name_end(struct str text, uint32_t start) {
    uint32_t i = start;
    while (i < text.n && (is_letter(text.p[i]) || (is_digit(text.p[i]) && i > start)))
        i++;
    return i;
}

static const struct str *look_up(const struct expansion *expansion, struct str name) {
    const struct str *value = variables_get(expansion->first, name);
    return value ? value : variables_get(expansion->second, name);
}

static bool add_value(struct expansion *expansion, const struct str *value) {
    if (!value || !value->p)
        return false;
    buf_add(&expansion->out, *value);
    return true;
}

/* ${NAME with its operator and word, ":-word". */
static bool choose(struct expansion *expansion, struct str name, struct str rest) {
    const struct str *value = look_up(expansion, name);
    bool empty_is_unset = rest.p[0] == ':';
    char sign = rest.p[empty_is_unset];
    if (value && !value->p && (sign != '+' || empty_is_unset))
        return false;
    bool is_set = value && (value->n || !empty_is_unset);
    if (sign == '+' ? is_set : sign == '-' && !is_set)
        return expand_text(expansion, str_sub(rest, empty_is_unset + 1u, rest.n));
    return sign == '+' || add_value(expansion, is_set ? value : NULL);
}

/* Where a ${ is closed, as compose-go finds it: a "{" hides the byte behind it, and braces that do not match end with
 * the last one. line.n where there is none. */
static uint32_t closing_brace(struct str line) {
    uint32_t depth = 1;
    for (uint32_t i = 0; i < line.n; i++) {
        if (line.p[i] == '}' && --depth == 0)
            return i;
        if (line.p[i] == '{') {
            depth++;
            i++;
        }
    }
    return str_rfind(line, '}');
}

/* What stands behind "${" at *at, which is moved behind its "}". */
static bool expand_braced(struct expansion *expansion, struct str text, uint32_t *at) {
    uint32_t end = name_end(text, *at);
    struct str name = str_sub(text, *at, end), line = str_sub(text, end, str_find(text, end, '\n'));
    if (name.n == 0 || line.n == 0)
        return false;
    *at = end + 1;
    if (line.p[0] == '}')
        return add_value(expansion, look_up(expansion, name));
    uint32_t closing = closing_brace(line), sign = line.p[0] == ':';
    if (closing <= sign || closing == line.n || str_find(STR("-+?"), 0, line.p[sign]) == 3)
        return false;
    *at = end + closing + 1;
    return choose(expansion, name, str_sub(line, 0, closing));
}

/* What stands behind the "$" at *at, which is moved behind it. */
static bool expand_dollar(struct expansion *expansion, struct str text, uint32_t *at) {
    char next = *at < text.n ? text.p[*at] : '\0';
    if (next == '{') {
        ++*at;
        return expand_braced(expansion, text, at);
    }
    uint32_t start = *at, end = name_end(text, start);
    if (end == start) {
        buf_byte(&expansion->out, '$');
        *at += next == '$';
        return true;
    }
    *at = end;
    return add_value(expansion, look_up(expansion, str_sub(text, start, end)));
}

static bool expand_text(struct expansion *expansion, struct str text) {
    if (expansion->nesting == MAX_NESTING)
        return false;
    expansion->nesting++;
    for (uint32_t at = 0; at < text.n;) {
        uint32_t dollar = str_find(text, at, '$');
        buf_add(&expansion->out, str_sub(text, at, dollar));
        at = dollar + 1;
        if ((dollar < text.n && !expand_dollar(expansion, text, &at)) || expansion->out.n > expansion->max)
            return false;
    }
    expansion->nesting--;
    return true;
}

static bool expand(struct arena *arena, const struct variables *first, const struct variables *second, struct str text,
                   struct str *ret) {
    *ret = text;
    if (str_find(text, 0, '$') == text.n)
        return true;
    struct expansion expansion = {.first = first, .second = second, .out.arena = arena, .max = text.n + MAX_GROWTH};
    bool is_known = expand_text(&expansion, text);
    *ret = is_known ? buf_str(&expansion.out) : (struct str){NULL, 0};
    return is_known;
}

bool variables_expand(struct arena *arena, const struct variables *variables, struct str text, struct str *ret) {
    return expand(arena, variables, NULL, text, ret);
}

/* --- .env files ----------------------------------------------------------------------------------------------------
 */

struct reader {
    struct arena *arena;
    struct str rest; /* of the text */
    const struct variables *outer;
    struct variables *own;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static struct str without_blanks(struct str text) {
    uint32_t i = 0;
    while (i < text.n && is_blank(text.p[i]))
        i++;
    return str_sub(text, i, text.n);
}

static bool is_key_byte(char c) {
    return is_letter(c) || is_digit(c) || (unsigned char)c >= 0x80 || str_find(STR(".-[]"), 0, c) < 4;
}

static void set(struct reader *reader, struct str key, struct str value) {
    struct str *kept = arena_new(reader->arena, struct str);
    *kept = value;
    map_set(&reader->own->map, reader->arena, key, kept);
}

/* Adds what a backslash and the digits behind it, \0101, stand for: a code point up to 255. */
static uint32_t add_octal(struct buf *out, struct str text, uint32_t at) {
    uint32_t code = 0, i = at + 2;
    for (; i < at + 5 && i < text.n && text.p[i] >= '0' && text.p[i] <= '7'; i++)
        code = code * 8 + (uint32_t)(text.p[i] - '0');
    if (i < at + 5 || code > 255) {
        buf_byte(out, '\\');
        return at + 1;
    }
    if (code >= 0x80)
        buf_byte(out, (char)(0xc0 | code >> 6));
    buf_byte(out, (char)(code >= 0x80 ? 0x80 | (code & 0x3f) : code));
    return i;
}

/* Adds what the backslash at `at` makes of the byte behind it; gives the offset behind both. A dollar is doubled, for
 * the expansion that follows. */
static uint32_t add_escape(struct buf *out, struct str text, uint32_t at, char quote) {
    static const struct str names = STR_INIT("abfnrtv\\"), values = STR_INIT("\a\b\f\n\r\t\v\\");
    char c = text.p[at + 1];
    uint32_t i = str_find(names, 0, c);
    if (c == quote) {
        buf_byte(out, c);
    } else if (quote == '"' && c == '$') {
        buf_add(out, STR("$$"));
    } else if (quote == '"' && c == '0') {
        return add_octal(out, text, at);
    } else if (quote == '"' && i < names.n) {
        buf_byte(out, values.p[i]);
    } else {
        buf_byte(out, '\\');
        buf_byte(out, c);
    }
    return at + 2;
}

/* False for quotes that are not closed. */
static bool read_quoted(struct reader *reader, struct str *ret) {
    struct str text = reader->rest;
    struct buf out = {.arena = reader->arena};
    uint32_t i = 1;
    while (i < text.n && text.p[i] != text.p[0]) {
        if (text.p[i] == '\\' && i + 1 < text.n)
            i = add_escape(&out, text, i, text.p[0]);
        else
            buf_byte(&out, text.p[i++]);
    }
    if (i == text.n)
        return false;
    reader->rest = str_sub(text, i + 1, text.n);
    *ret = buf_str(&out);
    return true;
}

static struct str without_comment(struct str line) {
    uint32_t i = 0;
    while (i < line.n && !str_starts(str_sub(line, i, line.n), STR(" #")))
        i++;
    return str_trim(str_sub(line, 0, i));
}

static void read_value(struct reader *reader, struct str key) {
    char quote = reader->rest.n ? reader->rest.p[0] : '\0';
    struct str line, value = STR("");
    if (quote != '"' && quote != '\'') {
        if (str_cut(&reader->rest, '\n', &line))
            value = without_comment(line);
    } else if (!read_quoted(reader, &value)) {
        str_cut(&reader->rest, '\n', &line);
        return;
    }
    if (quote != '\'')
        expand(reader->arena, reader->outer, reader->own, value, &value);
    set(reader, key, value);
}

static struct str without_export(struct str text) {
    static const struct str word = STR_INIT("export");
    bool is_export = str_starts(text, word) && text.n > word.n && is_blank(text.p[word.n]);
    return is_export ? without_blanks(str_sub(text, word.n, text.n)) : text;
}

/* KEY=VALUE, KEY: VALUE, or KEY alone, which is that of the environment. Comments and anything else are skipped to the
 * line's end. */
static void read_statement(struct reader *reader) {
    struct str text = without_export(reader->rest), line;
    uint32_t end = 0;
    while (end < text.n && (is_blank(text.p[end]) || is_key_byte(text.p[end])))
        end++;
    struct str key = str_trim(str_sub(text, 0, end));
    char stop = end < text.n ? text.p[end] : '\n';
    bool is_key = key.n && str_find(key, 0, ' ') == key.n;
    if (is_key && (stop == '=' || stop == ':')) {
        reader->rest = without_blanks(str_sub(text, end + 1, text.n));
        read_value(reader, key);
        return;
    }
    const struct str *value = variables_get(reader->outer, key);
    if (is_key && stop == '\n' && (value || !variables_get(reader->own, key)))
        set(reader, key, value ? *value : (struct str){NULL, 0});
    str_cut(&reader->rest, '\n', &line);
}

struct variables *variables_read(struct arena *arena, struct str text, const struct variables *outer) {
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_sub(text, 3, text.n);
    struct reader reader = {arena, text, outer, arena_new(arena, struct variables)};
    while ((reader.rest = str_trim(reader.rest)).n)
        read_statement(&reader);
    return reader.own;
}
