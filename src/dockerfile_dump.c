/* BuildKit's test notation, quoted as Go's strconv.Quote does it. */
#include "dockerfile_parts.h"

/* Blocks that Go escapes; code points that no Unicode version has assigned yet are not listed. */
static const struct {
    uint32_t first, last;
} unprintable[] = {{0x7f, 0xa0},     {0xad, 0xad},       {0x600, 0x605},     {0x61c, 0x61c},     {0x6dd, 0x6dd},
                   {0x70f, 0x70f},   {0x1680, 0x1680},   {0x180e, 0x180e},   {0x2000, 0x200f},   {0x2028, 0x202f},
                   {0x205f, 0x206f}, {0x3000, 0x3000},   {0xd800, 0xf8ff},   {0xfeff, 0xfeff},   {0xfff0, 0xfffb},
                   {0xfffe, 0xffff}, {0x1fffe, 0x1ffff}, {0xe0000, 0xe00ff}, {0xe01f0, 0x10ffff}};

static bool is_printable(uint32_t rune) {
    for (uint32_t i = 0; i < sizeof unprintable / sizeof *unprintable; i++)
        if (rune >= unprintable[i].first && rune <= unprintable[i].last)
            return false;
    return rune >= 0x20;
}

static void quote_rune(struct buf *out, uint32_t rune, uint32_t width, unsigned char byte) {
    static const char letters[] = "abtnvfr";
    if (rune == '"' || rune == '\\')
        buf_printf(out, "\\%c", (int)rune);
    else if (rune >= '\a' && rune <= '\r')
        buf_printf(out, "\\%c", letters[rune - '\a']);
    else if (width == 1 && (rune == 0xfffd || !is_printable(rune)))
        buf_printf(out, "\\x%02x", byte);
    else if (is_printable(rune))
        df_add_rune(out, rune);
    else
        buf_printf(out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", rune);
}

static void quote(struct buf *out, struct str s) {
    buf_byte(out, '"');
    for (uint32_t i = 0, width; i < s.n; i += width) {
        uint32_t rune = df_rune(s, i, &width);
        if (rune >= 0x20 && rune < 0x7f && rune != '"' && rune != '\\')
            buf_byte(out, (char)rune);
        else
            quote_rune(out, rune, width, (unsigned char)s.p[i]);
    }
    buf_byte(out, '"');
}

static void dump_flags(const struct df_instruction *in, struct buf *out) {
    for (uint32_t i = 0; i < in->n_flags; i++) {
        struct buf text = {.arena = out->arena};
        buf_add(&text, STR("--"));
        buf_add(&text, in->flags[i].name);
        if (in->flags[i].value.p)
            buf_byte(&text, '=');
        buf_add(&text, in->flags[i].value);
        buf_add(out, i == 0 ? STR(" [") : STR(" "));
        quote(out, buf_str(&text));
    }
    if (in->n_flags > 0)
        buf_byte(out, ']');
}

static void dump_instruction(const struct df_instruction *in, struct buf *out) {
    uint32_t depth = 0;
    for (; in; in = in->onbuild) {
        buf_add(out, depth++ > 0 ? STR(" (") : STR("("));
        buf_add(out, in->keyword);
        dump_flags(in, out);
        if (in->kind == DF_UNKNOWN)
            buf_add(out, in->keyword.n > 0 ? STR(" \"\"") : STR("\"\""));
        for (uint32_t i = 0; i < in->n_words; i++) {
            buf_byte(out, ' ');
            quote(out, in->words[i].text);
        }
    }
    while (depth-- > 0)
        buf_byte(out, ')');
    buf_byte(out, '\n');
}

/* Line of an offset, counted on from an earlier one. */
struct counter {
    struct str text;
    uint32_t offset, line;
};

static uint32_t line_of(struct counter *counter, uint32_t offset) {
    for (; counter->offset < offset; counter->offset++)
        counter->line += counter->text.p[counter->offset] == '\n';
    return counter->line;
}

static void dump_place(const struct df_instruction *in, struct counter *counter, struct buf *out) {
    buf_add(out, STR("  ;; "));
    for (uint32_t k = 0; k < in->keyword.n; k++) {
        char c = in->keyword.p[k];
        buf_byte(out, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
    uint32_t first = line_of(counter, in->at.start);
    buf_printf(out, " L%u-%u", first, line_of(counter, in->at.end));
}

static void dump_heredocs(const struct df_instruction *in, struct counter *counter, const struct source *source,
                          struct buf *out) {
    struct counter start = *counter;
    for (uint32_t i = 0; i < in->n_heredocs; i++) {
        const struct df_heredoc *heredoc = &in->heredocs[i];
        *counter = start;
        dump_place(in, counter, out);
        buf_add(out, STR(" heredoc name="));
        quote(out, heredoc->name);
        buf_printf(out, " fd=%u expand=%s chomp=%s content=", heredoc->fd, heredoc->expand ? "true" : "false",
                   heredoc->chomp ? "true" : "false");
        struct span body = {heredoc->at.start, source_line_start(source, heredoc->at.end)};
        quote(out, source_slice(source, body));
        buf_byte(out, '\n');
    }
}

void dockerfile_dump(const struct dockerfile *dockerfile, struct buf *out) {
    struct counter counter = {dockerfile->source->text, 0, 1};
    for (uint32_t i = 0; i < dockerfile->n; i++)
        dump_instruction(&dockerfile->list[i], out);
    for (uint32_t i = 0; i < dockerfile->n; i++)
        if (dockerfile->list[i].n_heredocs > 0)
            dump_heredocs(&dockerfile->list[i], &counter, dockerfile->source, out);
    for (uint32_t i = 0; i < dockerfile->warnings.n; i++) {
        buf_add(out, STR("  ;; WARN "));
        buf_add(out, dockerfile->warnings.at[i].text);
        buf_byte(out, '\n');
    }
}

void dockerfile_dump_places(const struct dockerfile *dockerfile, struct buf *out) {
    struct counter counter = {dockerfile->source->text, 0, 1};
    for (uint32_t i = 0; i < dockerfile->n; i++) {
        const struct df_instruction *in = &dockerfile->list[i];
        dump_place(in, &counter, out);
        while (in->onbuild)
            in = in->onbuild;
        buf_add(out, in->is_json ? STR(" exec\n") : STR("\n"));
    }
}
