/* Patterns of ${name#…}, ${name%…} and ${name/…/…}: "*", "?" and "\" before one of those two or a backslash. */
#include "dockerfile_parts.h"

enum { ANY_RUN = 0x110000, ANY_RUNE };
static const uint32_t NO_MATCH = UINT32_MAX;

enum { MAX_WORK = 64 * 1024 * 1024, MAX_RESULT = 16 * 1024 * 1024 };

struct pattern {
    uint32_t *runes; /* code points, ANY_RUN, ANY_RUNE */
    uint32_t n;
};

/* A text as code points, and where each starts in its bytes; one more offset for the end. */
struct runes {
    uint32_t *at, *offsets;
    uint32_t n;
};

static struct runes split_runes(struct arena *arena, struct str text) {
    struct runes runes = {arena_array(arena, text.n + 1, sizeof(uint32_t)),
                          arena_array(arena, text.n + 1, sizeof(uint32_t)), 0};
    for (uint32_t i = 0, width; i < text.n; i += width, runes.n++) {
        runes.at[runes.n] = df_rune(text, i, &width);
        runes.offsets[runes.n] = i;
    }
    runes.offsets[runes.n] = text.n;
    return runes;
}

static void reverse(uint32_t *at, uint32_t n) {
    for (uint32_t i = 0; i < n / 2; i++) {
        uint32_t held = at[i];
        at[i] = at[n - 1 - i];
        at[n - 1 - i] = held;
    }
}

/* The same pattern from its end: each backslash stays before what it escapes. */
static void reverse_pattern(struct runes pattern) {
    for (uint32_t i = 0; i + 1 < pattern.n; i++)
        if (pattern.at[i] == '\\') {
            pattern.at[i] = pattern.at[i + 1];
            pattern.at[++i] = '\\';
        }
    reverse(pattern.at, pattern.n);
}

static bool compile(struct arena *arena, struct runes in, struct pattern *ret) {
    *ret = (struct pattern){arena_array(arena, in.n + 1, sizeof(uint32_t)), 0};
    for (uint32_t i = in.n > 0 && *in.at == 0xfeff; i < in.n; i++) {
        uint32_t rune = in.at[i];
        uint32_t next = i + 1 < in.n ? in.at[i + 1] : 0;
        if (rune == '\\' && (next == '}' || next == '/'))
            continue;
        if (rune == '\\' && next != '*' && next != '?' && next != '\\')
            return false;
        if (rune == '\\')
            rune = in.at[++i];
        else if (rune == '*' || rune == '?')
            rune = rune == '*' ? ANY_RUN : ANY_RUNE;
        ret->runes[ret->n++] = rune;
    }
    return true;
}

static uint32_t better(uint32_t a, uint32_t b, bool is_longest) {
    if (a == NO_MATCH || b == NO_MATCH)
        return a == NO_MATCH ? b : a;
    return (a > b) == is_longest ? a : b;
}

/* For each place of the text where a match that starts there ends: the longest or the shortest one. Filled from the
 * back, one row of the table at a time. NULL where the table would be too large. */
static uint32_t *match_ends(struct arena *arena, struct runes text, struct pattern pattern, bool is_longest) {
    uint32_t m = pattern.n;
    if ((uint64_t)(text.n + 1) * (m + 1) > MAX_WORK)
        return NULL;
    uint32_t *ends = arena_array(arena, text.n + 1, sizeof(uint32_t));
    uint32_t *row = arena_array(arena, m + 1, sizeof(uint32_t)), *below = arena_array(arena, m + 1, sizeof(uint32_t));
    for (uint32_t j = 0; j <= m; j++)
        below[j] = NO_MATCH;
    for (uint32_t i = text.n + 1; i-- > 0;) {
        uint32_t rune = i < text.n ? text.at[i] : '\n';
        row[m] = i;
        for (uint32_t j = m; j-- > 0;) {
            uint32_t wanted = pattern.runes[j];
            bool fits = wanted < ANY_RUN ? i < text.n && rune == wanted : rune != '\n';
            if (wanted == ANY_RUN)
                row[j] = better(row[j + 1], fits ? below[j] : NO_MATCH, is_longest);
            else
                row[j] = fits ? below[j + 1] : NO_MATCH;
        }
        ends[i] = row[0];
        uint32_t *held = row;
        row = below;
        below = held;
    }
    return ends;
}

bool df_trim_pattern(struct arena *arena, struct str value, struct str pattern_text, bool is_suffix, bool is_longest,
                     struct str *ret) {
    struct runes text = split_runes(arena, value), in = split_runes(arena, pattern_text);
    if (is_suffix) {
        reverse_pattern(in);
        reverse(text.at, text.n);
    }
    struct pattern pattern;
    if (!compile(arena, in, &pattern))
        return false;
    uint32_t *ends = match_ends(arena, text, pattern, is_longest);
    if (!ends)
        return false;
    uint32_t end = *ends == NO_MATCH ? 0 : *ends;
    *ret = is_suffix ? str_sub(value, 0, text.offsets[text.n - end]) : str_sub(value, text.offsets[end], value.n);
    return true;
}

/* The builder hands the replacement of "//" to Go's regexp, where "$0" is the match, "$$" a dollar and any other name
 * empty. */
static void add_template(struct buf *out, struct str template, struct str match) {
    for (uint32_t i = 0; i < template.n;) {
        uint32_t dollar = str_find(template, i, '$'), name = dollar + 1;
        buf_add(out, str_sub(template, i, dollar));
        if (dollar == template.n)
            return;
        bool has_brace = name < template.n && template.p[name] == '{';
        name += has_brace;
        uint32_t end = name, width;
        while (end < template.n && df_is_name_rune(df_rune(template, end, &width)))
            end += width;
        bool is_closed = !has_brace || (end < template.n && template.p[end] == '}');
        if (name < template.n && template.p[name] == '$' && !has_brace) {
            buf_byte(out, '$');
            i = name + 1;
        } else if (end == name || !is_closed) {
            buf_byte(out, '$');
            i = dollar + 1;
        } else {
            if (str_eq(str_sub(template, name, end), STR("0")))
                buf_add(out, match);
            i = end + has_brace;
        }
    }
}

bool df_replace_pattern(struct arena *arena, struct str value, struct str pattern_text, struct str replacement,
                        bool all, struct str *ret) {
    struct pattern pattern;
    if (!compile(arena, split_runes(arena, pattern_text), &pattern))
        return false;
    struct runes text = split_runes(arena, value);
    uint32_t *ends = match_ends(arena, text, pattern, true);
    if (!ends)
        return false;
    struct buf out = {.arena = arena};
    uint32_t copied = 0; /* end of the last match, in runes */
    for (uint32_t i = 0; i <= text.n && out.n <= MAX_RESULT;) {
        if (ends[i] == NO_MATCH || (ends[i] == i && i > 0 && i == copied)) {
            i++;
            continue;
        }
        buf_add(&out, str_sub(value, text.offsets[copied], text.offsets[i]));
        if (all)
            add_template(&out, replacement, str_sub(value, text.offsets[i], text.offsets[ends[i]]));
        else
            buf_add(&out, replacement);
        copied = ends[i];
        i = copied > i ? copied : i + 1;
        if (!all)
            break;
    }
    buf_add(&out, str_sub(value, text.offsets[copied], value.n));
    *ret = buf_str(&out);
    return out.n <= MAX_RESULT;
}
