#include "yaml_write.h"

#include <string.h>

enum { ITEM_STEP = 2 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word_of(struct str text, const char *const *words) {
    for (; *words; words++)
        if (str_eq_nocase(text, str_of(*words)))
            return true;
    return false;
}

bool yaml_looks_typed(struct str text) {
    static const char *const words[] = {"",  "~", "null", "true", "false", "yes",   "no",    "on",   "off",
                                        "y", "n", "<<",   "=",    ".inf",  "-.inf", "+.inf", ".nan", NULL};
    if (is_word_of(text, words))
        return true;
    uint32_t i = text.p[0] == '+' || text.p[0] == '-' ? 1 : 0;
    i += i < text.n && text.p[i] == '.' ? 1 : 0;
    return i < text.n && is_digit(text.p[i]); /* numbers, dates, sexagesimals, and what merely begins like one */
}

/* A number as JSON has it, or one of its three words. */
static bool is_json_literal(struct str text) {
    if (str_eq(text, STR("true")) || str_eq(text, STR("false")) || str_eq(text, STR("null")))
        return true;
    uint32_t i = text.n && *text.p == '-' ? 1 : 0, digits = i;
    while (i < text.n && is_digit(text.p[i]))
        i++;
    if (i == digits || (text.p[digits] == '0' && i - digits > 1))
        return false;
    if (i < text.n && text.p[i] == '.') {
        uint32_t fraction = ++i;
        while (i < text.n && is_digit(text.p[i]))
            i++;
        if (i == fraction)
            return false;
    }
    return i == text.n;
}

/* Whether the text may stand without quotes. */
static bool is_plain(struct str text, bool is_flow) {
    if (text.n == 0 || strchr(" \t", text.p[0]) || strchr(" \t:", text.p[text.n - 1]))
        return false;
    if (strchr(",[]{}#&*!|>'\"%@`?:", text.p[0]))
        return false;
    if (text.p[0] == '-' && (text.n == 1 || text.p[1] == ' ' || str_starts(text, STR("---"))))
        return false;
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        char next = i + 1 < text.n ? text.p[i + 1] : '\0';
        if (c < 0x20 || c == 0x7f || (c & 0x80))
            return false;
        if ((c == ':' && next == ' ') || (c == ' ' && next == '#') || (is_flow && strchr(",[]{}", c)))
            return false;
    }
    return true;
}

/* Length of a character at i that must not stand raw in a document: a control character, a line break of YAML, a BOM.
 */
static uint32_t unprintable(struct str text, uint32_t i, uint32_t *ret_code) {
    struct str rest = str_sub(text, i, i + 3);
    unsigned char c = (unsigned char)*rest.p;
    *ret_code = c;
    if (c < 0x20 || c == 0x7f)
        return 1;
    if (c == 0xc2 && rest.n > 1 && (unsigned char)rest.p[1] < 0xa0) {
        *ret_code = (unsigned char)rest.p[1];
        return 2;
    }
    static const struct {
        struct str bytes;
        uint32_t code;
    } others[] = {{STR_INIT("\xe2\x80\xa8"), 0x2028},
                  {STR_INIT("\xe2\x80\xa9"), 0x2029},
                  {STR_INIT("\xef\xbb\xbf"), 0xfeff},
                  {STR_INIT("\xef\xbf\xbe"), 0xfffe},
                  {STR_INIT("\xef\xbf\xbf"), 0xffff}};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (str_eq(rest, others[k].bytes)) {
            *ret_code = others[k].code;
            return 3;
        }
    return 0;
}

/* With escapes that JSON knows as well. */
static void write_double_quoted(struct yaml_writer *w, struct str text) {
    buf_byte(&w->out, '"');
    for (uint32_t i = 0; i < text.n;) {
        uint32_t code, n = unprintable(text, i, &code);
        if (n == 0) {
            if (text.p[i] == '"' || text.p[i] == '\\')
                buf_byte(&w->out, '\\');
            buf_byte(&w->out, text.p[i]);
        } else if (code == '\n' || code == '\t') {
            buf_add(&w->out, code == '\n' ? STR("\\n") : STR("\\t"));
        } else {
            buf_printf(&w->out, "\\u%04x", code);
        }
        i += n ? n : 1;
    }
    buf_byte(&w->out, '"');
}

static void write_single_quoted(struct yaml_writer *w, struct str text) {
    buf_byte(&w->out, '\'');
    for (uint32_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            buf_byte(&w->out, '\'');
        buf_byte(&w->out, text.p[i]);
    }
    buf_byte(&w->out, '\'');
}

static void write_quoted(struct yaml_writer *w, struct str text, enum yaml_style quotes) {
    bool is_printable = true;
    for (uint32_t i = 0, code; i < text.n; i++)
        is_printable &= unprintable(text, i, &code) == 0;
    if (quotes == YAML_SINGLE_QUOTED && is_printable && !w->is_json)
        write_single_quoted(w, text);
    else
        write_double_quoted(w, text);
}

void yaml_write_scalar(struct yaml_writer *w, const struct yaml_value *value) {
    struct str text = value->text;
    bool is_raw = is_plain(text, w->is_flow);
    if (w->is_json) /* a copy keeps its type, even where JSON has no such text */
        is_raw = is_json_literal(text) || (is_raw && yaml_looks_typed(text));
    if (!value->is_quoted && is_raw && !(w->quotes_all && !yaml_looks_typed(text)))
        buf_add(&w->out, text);
    else
        write_quoted(w, text, value->quotes ? value->quotes : w->quotes);
}

static void write_key(struct yaml_writer *w, struct str key) {
    if (w->is_json)
        write_double_quoted(w, key);
    else if (is_plain(key, w->is_flow) && !yaml_looks_typed(key))
        buf_add(&w->out, key);
    else
        write_quoted(w, key, w->quotes);
}

void yaml_write_line(struct yaml_writer *w, uint32_t columns) {
    buf_add(&w->out, w->eol);
    if (w->is_flow)
        buf_add(&w->out, w->indent);
    for (uint32_t i = 0; i < columns; i++)
        buf_add(&w->out, w->is_flow ? w->unit : STR(" "));
}

void yaml_write_children(struct yaml_writer *w, const struct yaml_value *value, uint32_t column, bool is_first_here) {
    for (uint32_t i = 0; i < value->n; i++) {
        if (i > 0 || !is_first_here)
            yaml_write_line(w, column);
        if (value->kind == YAML_MAPPING)
            yaml_write_pair(w, &value->children[i], column);
        else
            yaml_write_item(w, &value->children[i], column);
    }
}

/* What needs no lines of its own. */
static bool write_inline(struct yaml_writer *w, const struct yaml_value *value) {
    if (value->kind == YAML_SCALAR)
        yaml_write_scalar(w, value);
    else if (value->n == 0)
        buf_add(&w->out, value->kind == YAML_MAPPING ? STR("{}") : STR("[]"));
    else
        return false;
    return true;
}

void yaml_write_pair(struct yaml_writer *w, const struct yaml_value *value, uint32_t column) {
    write_key(w, value->key);
    buf_byte(&w->out, ':');
    if (value->kind == YAML_SCALAR || value->n == 0) {
        buf_byte(&w->out, ' ');
        write_inline(w, value);
    } else {
        yaml_write_children(w, value, column + (value->kind == YAML_SEQUENCE ? w->list_step : w->step), false);
    }
}

void yaml_write_item(struct yaml_writer *w, const struct yaml_value *value, uint32_t column) {
    uint32_t dash = w->dash;
    buf_byte(&w->out, '-');
    for (uint32_t i = 1; i < dash; i++)
        buf_byte(&w->out, ' ');
    w->dash = ITEM_STEP; /* nested items have no siblings to look like */
    if (!write_inline(w, value))
        yaml_write_children(w, value, column + dash, true);
    w->dash = dash;
}

void yaml_write_flow(struct yaml_writer *w, const struct yaml_value *value, bool has_key, uint32_t level) {
    if (has_key) {
        write_key(w, value->key);
        buf_add(&w->out, w->colon);
    }
    if (write_inline(w, value))
        return;
    bool is_mapping = value->kind == YAML_MAPPING;
    buf_byte(&w->out, is_mapping ? '{' : '[');
    for (uint32_t i = 0; i < value->n; i++) {
        if (i > 0)
            buf_add(&w->out, w->is_pretty ? STR(",") : w->comma);
        if (w->is_pretty)
            yaml_write_line(w, level + 1);
        else if (i == 0 && is_mapping)
            buf_add(&w->out, w->pad);
        yaml_write_flow(w, &value->children[i], is_mapping, level + 1);
    }
    if (w->is_pretty)
        yaml_write_line(w, level);
    else if (is_mapping)
        buf_add(&w->out, w->pad);
    buf_byte(&w->out, is_mapping ? '}' : ']');
}
