#include "lsp_text.h"

#include "diff.h"

struct lsp_text lsp_text_of(struct arena *arena, struct str text, enum encoding encoding) {
    struct lsp_text ret = {.text = text, .encoding = encoding};
    *vec_push(arena, &ret.lines) = 0;
    for (uint32_t i = 0; i < text.n; i++)
        if (text.p[i] == '\n' || (text.p[i] == '\r' && !(i + 1 < text.n && text.p[i + 1] == '\n')))
            *vec_push(arena, &ret.lines) = i + 1;
    return ret;
}

/* --- characters ----------------------------------------------------------------------------------------------------
 */

static uint32_t length_at(struct str text, uint32_t offset) {
    uint32_t length = source_utf8_length((const unsigned char *)text.p + offset, text.n - offset);
    return length ? length : 1;
}

static uint32_t units(enum encoding encoding, uint32_t length) {
    return encoding == ENCODING_UTF8 ? length : encoding == ENCODING_UTF16 && length == 4 ? 2 : 1;
}

/* Before the line's ending. */
static uint32_t line_end(const struct lsp_text *text, uint32_t line) {
    uint32_t start = text->lines.at[line], end = line + 1 < text->lines.n ? text->lines.at[line + 1] : text->text.n;
    while (end > start && (text->text.p[end - 1] == '\n' || text->text.p[end - 1] == '\r'))
        end--;
    return end;
}

static uint32_t line_of(const struct lsp_text *text, uint32_t offset) {
    uint32_t low = 0, high = text->lines.n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (text->lines.at[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct place {
    uint32_t line, character;
};

static struct place place_of(const struct lsp_text *text, uint32_t offset) {
    uint32_t line = line_of(text, offset), character = 0, i = text->lines.at[line];
    uint32_t end = line_end(text, line), to = offset < end ? offset : end;
    for (uint32_t length; i < to; i += length) {
        length = length_at(text->text, i);
        if (i + length > to)
            break;
        character += units(text->encoding, length);
    }
    return (struct place){line, character};
}

json_t *lsp_range(const struct lsp_text *text, struct span at) {
    struct place start = place_of(text, at.start), end = place_of(text, at.end);
    return json_pack("{s:{s:i,s:i},s:{s:i,s:i}}", "start", "line", (int)start.line, "character", (int)start.character,
                     "end", "line", (int)end.line, "character", (int)end.character);
}

void lsp_put_range(struct buf *out, const struct lsp_text *text, struct span at) {
    struct place start = place_of(text, at.start), end = place_of(text, at.end);
    buf_printf(out, "{\"start\":{\"line\":%u,\"character\":%u},\"end\":{\"line\":%u,\"character\":%u}}", start.line,
               start.character, end.line, end.character);
}

static bool read_number(const json_t *value, json_int_t *ret) {
    *ret = json_integer_value(value);
    return json_is_integer(value) && *ret >= 0;
}

/* `ret_is_half`: the position lies between the two units of the character at that offset. */
static bool find_offset(const struct lsp_text *text, const json_t *position, uint32_t *ret, bool *ret_is_half) {
    json_int_t line, character;
    *ret_is_half = false;
    if (!read_number(json_object_get(position, "line"), &line) ||
        !read_number(json_object_get(position, "character"), &character))
        return false;
    if (line >= text->lines.n) {
        *ret = text->text.n;
        return true;
    }
    uint32_t i = text->lines.at[line], end = line_end(text, (uint32_t)line);
    while (i < end) {
        uint32_t length = length_at(text->text, i);
        uint32_t n = units(text->encoding, length);
        *ret_is_half = text->encoding == ENCODING_UTF16 && n == 2 && character == 1;
        if (character < n)
            break;
        character -= n;
        i += length;
    }
    *ret = i;
    return true;
}

bool lsp_offset(const struct lsp_text *text, const json_t *position, uint32_t *ret) {
    bool is_half;
    return find_offset(text, position, ret, &is_half);
}

bool lsp_span(const struct lsp_text *text, const json_t *range, struct span *ret) {
    struct span at;
    if (!lsp_offset(text, json_object_get(range, "start"), &at.start) ||
        !lsp_offset(text, json_object_get(range, "end"), &at.end))
        return false;
    *ret = at.start <= at.end ? at : (struct span){at.end, at.start};
    return true;
}

void lsp_split(struct arena *arena, struct lsp_text *text, const json_t *range) {
    static const char *const ends[] = {"start", "end"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        uint32_t at;
        bool is_half;
        if (!find_offset(text, json_object_get(range, ends[i]), &at, &is_half) || !is_half)
            continue;
        struct buf out = {.arena = arena};
        buf_add(&out, str_sub(text->text, 0, at));
        buf_add(&out, STR("\xef\xbf\xbd\xef\xbf\xbd"));
        buf_add(&out, str_sub(text->text, at + 4, text->text.n));
        *text = lsp_text_of(arena, buf_str(&out), text->encoding);
    }
}

struct span lsp_lines(const struct lsp_text *text, struct span at) {
    return (struct span){text->lines.at[line_of(text, at.start)], line_end(text, line_of(text, at.end))};
}

static bool is_blank(struct str text, uint32_t i) {
    return i >= text.n || text.p[i] == ' ' || (text.p[i] >= '\t' && text.p[i] <= '\r');
}

struct span lsp_word(struct str text, uint32_t offset) {
    uint32_t end = offset;
    if (end < text.n && (text.p[end] == '"' || text.p[end] == '\'')) {
        uint32_t line = str_find(text, end, '\n'), quote = str_find(text, end + 1, text.p[end]);
        if (quote < line)
            return (struct span){offset, quote + 1};
    }
    while (!is_blank(text, end) && !(text.p[end] == ':' && is_blank(text, end + 1)))
        end++;
    return (struct span){offset, end > offset || offset >= text.n ? end : offset + length_at(text, offset)};
}

struct str lsp_json_text(const json_t *string) {
    return (struct str){json_string_value(string), (uint32_t)json_string_length(string)};
}

json_t *lsp_string(struct str text) {
    json_t *string = json_stringn(text.p ? text.p : "", text.n);
    if (string)
        return string;
    ARENA(scratch);
    struct buf clean = {.arena = &scratch};
    for (uint32_t i = 0; i < text.n; i += length_at(text, i))
        buf_add(&clean, source_utf8_length((const unsigned char *)text.p + i, text.n - i)
                            ? str_sub(text, i, i + length_at(text, i))
                            : STR("\xef\xbf\xbd"));
    return json_stringn(clean.p, clean.n);
}

void lsp_put_string(struct buf *out, struct str text) {
    uint32_t done = 0;
    buf_byte(out, '"');
    for (uint32_t i = 0, length; i < text.n; i += length) {
        unsigned char c = (unsigned char)text.p[i];
        bool is_plain = c >= ' ' && c < 0x80 && c != '"' && c != '\\';
        length = is_plain ? 1 : source_utf8_length((const unsigned char *)text.p + i, text.n - i);
        if (is_plain || length > 1)
            continue;
        buf_add(out, str_sub(text, done, i));
        if (length == 0)
            buf_add(out, STR("\xef\xbf\xbd"));
        else
            buf_printf(out, c < ' ' ? "\\u%04x" : "\\%c", c);
        length = 1;
        done = i + 1;
    }
    buf_add(out, str_sub(text, done, text.n));
    buf_byte(out, '"');
}

/* --- edits ---------------------------------------------------------------------------------------------------------
 */

static void add_edit(const struct lsp_text *text, json_t *list, struct span at, struct str new) {
    json_array_append_new(list, json_pack("{s:o,s:o}", "range", lsp_range(text, at), "newText", lsp_string(new)));
}

json_t *lsp_edits(const struct lsp_text *text, const struct edits *edits) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < edits->list.n; i++)
        add_edit(text, list, edits->list.at[i].at, edits->list.at[i].text);
    return list;
}

/* Whether a text can be cut before byte i: no character and no line ending is. */
static bool is_cut(struct str text, uint32_t i) {
    return i == 0 || i >= text.n ||
           (((unsigned char)text.p[i] & 0xc0) != 0x80 && !(text.p[i] == '\n' && text.p[i - 1] == '\r'));
}

/* Takes off what a change and what it replaces have in common at both ends. */
static void narrow(const struct lsp_text *text, struct span *at, struct str *new) {
    struct str old = str_sub(text->text, at->start, at->end);
    uint32_t start = 0, end = 0, most = old.n < new->n ? old.n : new->n;
    while (start < most && old.p[start] == new->p[start])
        start++;
    while (!is_cut(old, start) || !is_cut(*new, start))
        start--;
    while (end < most - start && old.p[old.n - 1 - end] == new->p[new->n - 1 - end])
        end++;
    while (!is_cut(old, old.n - end) || !is_cut(*new, new->n - end))
        end--;
    *at = (struct span){at->start + start, at->end - end};
    *new = str_sub(*new, start, new->n - end);
}

json_t *lsp_edits_to(const struct lsp_text *text, struct str after) {
    ARENA(scratch);
    struct edits edits = {.arena = &scratch};
    json_t *list = json_array();
    diff_edits(text->text, after, &edits);
    for (uint32_t i = 0; i < edits.list.n; i++) {
        struct span at = edits.list.at[i].at;
        struct str new = edits.list.at[i].text;
        narrow(text, &at, &new);
        add_edit(text, list, at, new);
    }
    return list;
}
