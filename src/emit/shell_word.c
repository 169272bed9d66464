/* Words of sh that say what a compose file says, and nothing else. */
#include "emit_parts.h"

#include "template.h"

static bool is_name(char c, bool is_first) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!is_first && c >= '0' && c <= '9');
}

/* Bytes that need no quotes anywhere in a word. */
static bool is_safe(char c) {
    return is_name(c, false) || (c && str_find(STR("%+,-./:=@"), 0, c) < 9);
}

static bool is_control(char c) {
    return ((unsigned char)c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
}

/* Text without variables. A workflow replaces ${{ … }} before a shell sees it: no such bytes are left together. */
static bool add_literal(struct buf *out, struct str text) {
    bool is_plain = true;
    for (uint32_t i = 0; i < text.n; i++) {
        if (is_control(text.p[i]))
            return false;
        is_plain &= is_safe(text.p[i]);
    }
    if (is_plain) {
        buf_add(out, text);
        return true;
    }
    buf_byte(out, '\'');
    for (uint32_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            buf_add(out, STR("'\\'"));
        buf_byte(out, text.p[i]);
        if (text.p[i] == '$')
            buf_add(out, STR("''"));
    }
    buf_byte(out, '\'');
    return true;
}

/* A variable behind the "$" at *at, which is moved behind it. Its default may be made of plain text and variables. */
static bool add_variable(struct buf *out, struct str text, uint32_t *at, uint32_t depth) {
    bool is_braced = *at + 1 < text.n && text.p[*at + 1] == '{';
    uint32_t start = *at + 1 + is_braced, i = start;
    while (i < text.n && is_name(text.p[i], i == start))
        i++;
    if (i == start || depth > 8)
        return false;
    buf_printf(out, "${%.*s", STR_ARG(str_sub(text, start, i)));
    if (is_braced && i < text.n && text.p[i] != '}') {
        if (text.p[i] == ':')
            buf_byte(out, text.p[i++]);
        if (i == text.n || str_find(STR("-+?"), 0, text.p[i]) == 3)
            return false;
        buf_byte(out, text.p[i++]);
        while (i < text.n && text.p[i] != '}') {
            if (text.p[i] == '$' && !add_variable(out, text, &i, depth + 1))
                return false;
            if (i == text.n || text.p[i] == '}' || text.p[i] == '$')
                continue;
            if (!is_safe(text.p[i]) && text.p[i] != ' ')
                return false;
            buf_byte(out, text.p[i++]);
        }
    }
    if (is_braced && i++ == text.n)
        return false;
    buf_byte(out, '}');
    *at = i;
    return true;
}

/* The text up to the next variable, with $$ as one dollar. */
static struct str literal_at(struct arena *arena, struct str text, uint32_t *at) {
    struct buf part = {.arena = arena};
    for (; *at < text.n; ++*at) {
        char next = *at + 1 < text.n ? text.p[*at + 1] : '\0';
        if (text.p[*at] == '$' && next == '$')
            ++*at;
        else if (text.p[*at] == '$' && (next == '{' || is_name(next, true)))
            break;
        buf_byte(&part, text.p[*at]);
    }
    return buf_str(&part);
}

bool shell_word(struct buf *out, struct str text, bool has_variables) {
    enum { MOST = 100000 }; /* Linux takes 128 KiB in one argument (MAX_ARG_STRLEN) */
    if (text.n > MOST)
        return false;
    if (text.n == 0)
        buf_add(out, STR("''"));
    if (!has_variables)
        return add_literal(out, text);
    for (uint32_t at = 0; at < text.n;) {
        struct str literal = literal_at(out->arena, text, &at);
        if (literal.n && !add_literal(out, literal))
            return false;
        if (at == text.n)
            break;
        buf_byte(out, '"');
        if (!add_variable(out, text, &at, 0))
            return false;
        buf_byte(out, '"');
    }
    return true;
}

struct str plain_text(struct arena *arena, struct str text) {
    char *plain = str_c(arena, text);
    for (uint32_t i = 0; i < text.n; i++)
        if (plain[i] < ' ' || plain[i] > '~')
            plain[i] = '?';
    return (struct str){plain, text.n};
}
