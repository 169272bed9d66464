#include "dockerfile_parts.h"

uint32_t df_rune(struct str s, uint32_t at, uint32_t *ret_width) {
    uint32_t rune, width = source_utf8((const unsigned char *)s.p + at, s.n - at, &rune);
    *ret_width = width ? width : 1;
    return width ? rune : 0xfffd;
}

void df_add_rune(struct buf *buf, uint32_t rune) {
    if (rune < 0x80) {
        buf_byte(buf, (char)rune);
        return;
    }
    int shift = rune < 0x800 ? 6 : rune < 0x10000 ? 12 : 18;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    buf_byte(buf, (char)(lead[shift / 6] | rune >> shift));
    for (shift -= 6; shift >= 0; shift -= 6)
        buf_byte(buf, (char)(0x80 | (rune >> shift & 0x3f)));
}

bool df_is_name_rune(uint32_t rune) {
    static const struct {
        uint32_t first, last;
    } letters[] = {{'0', '9'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},        {0xaa, 0xaa},
                   {0xb5, 0xb5},     {0xba, 0xba},     {0xc0, 0xd6},     {0xd8, 0xf6},      {0xf8, 0x2c1},
                   {0x370, 0x373},   {0x376, 0x377},   {0x37b, 0x37d},   {0x386, 0x386},    {0x388, 0x481},
                   {0x48a, 0x559},   {0x560, 0x588},   {0x5d0, 0x5f2},   {0x620, 0x64a},    {0x904, 0x939},
                   {0xe01, 0xe30},   {0x10a0, 0x10fa}, {0x1e00, 0x1fbc}, {0x3041, 0x3096},  {0x30a1, 0x30fa},
                   {0x3400, 0x4dbf}, {0x4e00, 0xa48c}, {0xac00, 0xd7a3}, {0x20000, 0x323af}};
    for (uint32_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (rune >= letters[i].first && rune <= letters[i].last)
            return true;
    return false;
}

bool df_is_space(uint32_t rune) {
    if (rune <= 0xff)
        return rune == ' ' || (rune >= '\t' && rune <= '\r') || rune == 0x85 || rune == 0xa0;
    return rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) || rune == 0x2028 || rune == 0x2029 || rune == 0x202f ||
           rune == 0x205f || rune == 0x3000;
}

bool df_is_space_byte(char c) {
    return df_is_space((unsigned char)c);
}

bool df_is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

uint32_t df_skip_space(struct str s, uint32_t from, uint32_t to) {
    uint32_t width;
    s.n = to;
    while (from < to && df_is_space(df_rune(s, from, &width)))
        from += width;
    return from;
}

uint32_t df_trim_end(struct str s, uint32_t from, uint32_t to) {
    while (to > from) {
        uint32_t start = to - 1, width;
        while (start > from && to - start < 4 && ((unsigned char)s.p[start] & 0xc0) == 0x80)
            start--;
        uint32_t rune = df_rune((struct str){s.p, to}, start, &width);
        if (width != to - start || !df_is_space(rune))
            break;
        to = start;
    }
    return to;
}

static uint32_t source_offset(const struct df_line *line, uint32_t offset) {
    uint32_t low = 0, high = line->n_pieces;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (line->pieces[middle].joined <= offset)
            low = middle;
        else
            high = middle;
    }
    return line->pieces[low].source + (offset - line->pieces[low].joined);
}

struct span df_line_span(const struct df_line *line, uint32_t from, uint32_t to) {
    if (from < to)
        return (struct span){source_offset(line, from), source_offset(line, to - 1) + 1};
    uint32_t at = from > 0 ? source_offset(line, from - 1) + 1 : source_offset(line, 0);
    return (struct span){at, at};
}
