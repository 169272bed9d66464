#include "rewrite.h"

#include <stdlib.h>

static const struct str mark = STR_INIT("# remark");

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled") */
static uint32_t random_below(struct rewriting *rewriting, uint32_t n) {
    rewriting->random ^= rewriting->random >> 12;
    rewriting->random ^= rewriting->random << 25;
    rewriting->random ^= rewriting->random >> 27;
    return (uint32_t)((rewriting->random * 0x2545f4914f6cdd1dU) >> 32) % n;
}

bool rewriting_begin(struct rewriting *rewriting, struct arena *arena, struct str path, struct str text,
                     enum format format) {
    struct diags silent = {.arena = arena};
    *rewriting = (struct rewriting){.arena = arena, .random = str_hash(str_hash(0, path), text) | 1};
    rewriting->source = source_from(arena, path, text, format);
    if (!source_check(&rewriting->source, &silent))
        return false;
    if (format == FORMAT_DOCKERFILE)
        rewriting->dockerfile = dockerfile_parse(arena, &rewriting->source, &silent);
    else if (format == FORMAT_COMPOSE || format == FORMAT_KUBE)
        rewriting->yaml = yaml_parse(arena, &rewriting->source, &silent);
    return rewriting->dockerfile || (rewriting->yaml && rewriting->yaml->documents.n);
}

/* --- lines ---------------------------------------------------------------------------------------------------------
 */

struct line {
    uint32_t start, end; /* the end is before its line ending */
    bool is_bound_above; /* nothing can stand between it and the line above … */
    bool is_bound_end;   /* … nor behind what is in it */
};

struct lines {
    VEC(struct line) list;
};

static struct lines lines_of(struct rewriting *rewriting) {
    struct lines lines = {0};
    const struct source *source = &rewriting->source;
    for (uint32_t at = source->bom; at < source->text.n;) {
        uint32_t newline = str_find(source->text, at, '\n');
        *vec_push(rewriting->arena, &lines.list) = (struct line){.start = at, .end = source_line_end(source, at)};
        at = newline + 1;
    }
    return lines;
}

/* What lies in a span belongs together: a scalar of several lines, a here-document. `is_to_end`: to the end of its last
 * line. */
static void bind(struct lines *lines, struct span at, bool is_to_end) {
    for (uint32_t i = 0; i < lines->list.n; i++) {
        struct line *line = &lines->list.at[i];
        line->is_bound_above |= line->start > at.start && line->start <= at.end;
        line->is_bound_end |= line->end >= at.start && line->end < at.end + is_to_end;
    }
}

static void bind_node(struct lines *lines, const struct yaml_node *node) {
    if (!node || node->kind == YAML_ALIAS)
        return;
    if (node->kind == YAML_SCALAR && node->at.end > node->at.start)
        bind(lines, node->at, node->style == YAML_LITERAL || node->style == YAML_FOLDED);
    for (uint32_t i = 0; node->kind != YAML_SCALAR && i < node->n; i++) {
        bind_node(lines, node->kind == YAML_MAPPING ? node->pairs[i].key : node->items[i]);
        if (node->kind == YAML_MAPPING)
            bind_node(lines, node->pairs[i].value);
    }
}

static struct lines free_lines_of(struct rewriting *rewriting) {
    struct lines lines = lines_of(rewriting);
    const struct dockerfile *dockerfile = rewriting->dockerfile;
    for (uint32_t i = 0; !dockerfile && i < rewriting->yaml->documents.n; i++)
        bind_node(&lines, rewriting->yaml->documents.at[i].root);
    if (!dockerfile)
        return lines;
    /* a remark above directives would make comments of them */
    bind(&lines, (struct span){0, dockerfile->body ? dockerfile->body - 1 : 0}, false);
    lines.list.at[0].is_bound_above |= dockerfile->body > 0;
    for (uint32_t i = 0; i < dockerfile->n; i++)
        if (dockerfile->list[i].n_heredocs)
            bind(&lines, (struct span){dockerfile->list[i].head.end, dockerfile->list[i].at.end}, true);
    return lines;
}

static bool is_blank(const struct rewriting *rewriting, const struct line *line) {
    return str_trim(str_sub(rewriting->source.text, line->start, line->end)).n == 0;
}

static struct str indentation(const struct rewriting *rewriting, const struct line *line) {
    uint32_t end = line->start;
    while (end < line->end && rewriting->source.text.p[end] == ' ')
        end++;
    return str_sub(rewriting->source.text, line->start, end);
}

/* A line ending is that of the file. */
static void add_rest(const struct rewriting *rewriting, struct buf *out, const struct lines *lines, uint32_t i) {
    uint32_t next = i + 1 < lines->list.n ? lines->list.at[i + 1].start : rewriting->source.text.n;
    buf_add(out, str_sub(rewriting->source.text, lines->list.at[i].end, next));
}

static struct buf begin(const struct rewriting *rewriting) {
    struct buf out = {.arena = rewriting->arena};
    buf_add(&out, str_sub(rewriting->source.text, 0, rewriting->source.bom));
    return out;
}

/* --- ways to write it ----------------------------------------------------------------------------------------------
 */

/* Comments are nothing of JSON, although YAML's parser takes them there. */
static bool is_json_file(const struct rewriting *rewriting) {
    return str_ends(rewriting->source.path, STR(".json"));
}

struct str with_comment_lines(struct rewriting *rewriting) {
    struct lines lines = free_lines_of(rewriting);
    struct buf out = begin(rewriting);
    bool is_everywhere = random_below(rewriting, 2) == 0;
    if (is_json_file(rewriting))
        return (struct str){NULL, 0};
    for (uint32_t i = 0; i < lines.list.n; i++) {
        const struct line *line = &lines.list.at[i];
        if (!line->is_bound_above && !is_blank(rewriting, line) && (is_everywhere || random_below(rewriting, 3) == 0))
            buf_printf(&out, "%.*s%.*s%.*s", STR_ARG(indentation(rewriting, line)), STR_ARG(mark),
                       STR_ARG(rewriting->source.eol));
        buf_add(&out, str_sub(rewriting->source.text, line->start, line->end));
        add_rest(rewriting, &out, &lines, i);
    }
    return buf_str(&out);
}

/* Whether a remark behind a line would be a part of what it says to this program. */
static bool is_directive(struct str line) {
    struct str text = str_trim(line);
    while (str_starts(text, STR("#")) || str_starts(text, STR(" ")))
        text = str_sub(text, 1, text.n);
    return str_starts(text, STR("ironhull:"));
}

static struct str with_line_ends(struct rewriting *rewriting, struct str end) {
    struct lines lines = free_lines_of(rewriting);
    struct buf out = begin(rewriting);
    for (uint32_t i = 0; i < lines.list.n; i++) {
        const struct line *line = &lines.list.at[i];
        struct str text = str_sub(rewriting->source.text, line->start, line->end);
        buf_add(&out, text);
        if (!line->is_bound_end && str_trim(text).n && !is_directive(text) && random_below(rewriting, 2) == 0)
            buf_add(&out, end);
        add_rest(rewriting, &out, &lines, i);
    }
    return buf_str(&out);
}

struct str with_trailing_comments(struct rewriting *rewriting) {
    bool has_none = rewriting->dockerfile || is_json_file(rewriting);
    struct str end = str_printf(rewriting->arena, " %.*s", STR_ARG(mark));
    return has_none ? (struct str){NULL, 0} : with_line_ends(rewriting, end);
}

struct str with_trailing_blanks(struct rewriting *rewriting) {
    return with_line_ends(rewriting, STR("  "));
}

struct str with_crlf(struct rewriting *rewriting) {
    struct str text = rewriting->source.text;
    struct buf out = {.arena = rewriting->arena};
    if (str_find(text, 0, '\r') < text.n)
        return (struct str){NULL, 0};
    for (uint32_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n')
            buf_byte(&out, '\r');
        buf_byte(&out, text.p[i]);
    }
    return buf_str(&out);
}

struct str with_bom(struct rewriting *rewriting) {
    return rewriting->source.bom ? (struct str){NULL, 0}
                                 : str_printf(rewriting->arena, "\xef\xbb\xbf%.*s", STR_ARG(rewriting->source.text));
}

struct str without_final_newline(struct rewriting *rewriting) {
    struct str text = rewriting->source.text, cut = without_newlines_at_end(rewriting->arena, text);
    return cut.n == text.n ? (struct str){NULL, 0} : cut;
}

/* Blanks in front of a line are twice as many, as are those behind the dash of an item; what is in a block scalar moves
 * with its first line. */
struct str with_wide_indentation(struct rewriting *rewriting) {
    if (rewriting->dockerfile || rewriting->yaml->is_json)
        return (struct str){NULL, 0};
    struct lines lines = free_lines_of(rewriting);
    struct buf out = begin(rewriting);
    uint32_t added = 0;
    for (uint32_t i = 0; i < lines.list.n; i++) {
        const struct line *line = &lines.list.at[i];
        struct str blanks = indentation(rewriting, line),
                   rest = str_sub(rewriting->source.text, line->start + blanks.n, line->end);
        if (!line->is_bound_above && rest.n)
            added = blanks.n;
        buf_printf(&out, "%.*s%*s", STR_ARG(blanks), rest.n ? (int)added : 0, "");
        while (!line->is_bound_above && rest.n > 2 && strchr("-?:", *rest.p) && rest.p[1] == ' ') {
            uint32_t n = 1;
            while (n < rest.n && rest.p[n] == ' ')
                n++;
            buf_printf(&out, "%c%*s", *rest.p, (int)(2 * n - 1), "");
            added += n;
            rest = str_sub(rest, n, rest.n);
        }
        buf_add(&out, rest);
        add_rest(rewriting, &out, &lines, i);
    }
    return buf_str(&out);
}

/* --- nodes ---------------------------------------------------------------------------------------------------------
 */

struct keys {
    VEC(struct span) list;
};

static void find_keys(struct rewriting *rewriting, const struct yaml_node *node, struct keys *keys) {
    if (!node || node->kind == YAML_SCALAR || node->kind == YAML_ALIAS)
        return;
    for (uint32_t i = 0; i < node->n; i++) {
        const struct yaml_node *key = node->kind == YAML_MAPPING ? node->pairs[i].key : NULL;
        /* a quoted merge key merges nothing */
        if (key && key->kind == YAML_SCALAR && key->style == YAML_PLAIN && key->at.end > key->at.start &&
            !str_eq(key->value, STR("<<")))
            *vec_push(rewriting->arena, &keys->list) = key->at;
        find_keys(rewriting, key ? node->pairs[i].value : node->items[i], keys);
    }
}

struct str with_quoted_keys(struct rewriting *rewriting) {
    struct keys keys = {0};
    struct buf out = {.arena = rewriting->arena};
    uint32_t done = 0;
    for (uint32_t i = 0; rewriting->yaml && i < rewriting->yaml->documents.n; i++)
        find_keys(rewriting, rewriting->yaml->documents.at[i].root, &keys);
    for (uint32_t i = 0; i < keys.list.n; i++) {
        struct span at = keys.list.at[i];
        const char *quote = random_below(rewriting, 2) ? "\"" : "'";
        buf_add(&out, str_sub(rewriting->source.text, done, at.start));
        buf_printf(&out, "%s%.*s%s", quote, STR_ARG(source_slice(&rewriting->source, at)), quote);
        done = at.end;
    }
    buf_add(&out, str_sub(rewriting->source.text, done, rewriting->source.text.n));
    return keys.list.n ? buf_str(&out) : (struct str){NULL, 0};
}

/* The lines of a pair of a block mapping, with the comments above it; empty where something else is in them. */
static struct span pair_lines(const struct source *source, const struct yaml_node *mapping, uint32_t i) {
    const struct yaml_pair *pair = &mapping->pairs[i];
    struct span at = {source_line_start(source, pair->key->at.start),
                      i + 1 < mapping->n ? source_line_start(source, mapping->pairs[i + 1].key->at.start) : 0};
    if (at.end == 0) {
        at.end = mapping->at.end + 1;
        bool is_whole = mapping->at.end < source->text.n && source->text.p[mapping->at.end] == '\n';
        return is_whole ? at : (struct span){0, 0};
    }
    return at;
}

static bool has_anchor(const struct yaml_node *node) {
    bool has_any = node->anchor.p || node->kind == YAML_ALIAS;
    for (uint32_t i = 0; node->kind != YAML_SCALAR && node->kind != YAML_ALIAS && i < node->n && !has_any; i++)
        has_any = has_anchor(node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
    return has_any;
}

/* Whether a mapping is in lines of its own, which may change places. */
static bool is_loose(const struct rewriting *rewriting, const struct yaml_node *node) {
    const struct source *source = &rewriting->source;
    bool is_loose = node->kind == YAML_MAPPING && !node->is_flow && node->n > 1 && !has_anchor(node);
    for (uint32_t i = 0; i < node->n && is_loose; i++) {
        const struct yaml_node *key = node->pairs[i].key;
        struct str front = str_sub(source->text, source_line_start(source, key->at.start), key->at.start);
        struct span at = pair_lines(source, node, i);
        struct str text = source_slice(source, at);
        /* comments stand above what they are about: those of the first key would come to be about another one */
        is_loose = str_trim(front).n == 0 && at.end > at.start && str_find(text, 0, '#') == text.n &&
                   !str_contains(text, STR("\n\n"));
    }
    return is_loose;
}

/* The innermost mappings alone, and the outermost of those that hold no such one. */
static bool add_reversed(struct rewriting *rewriting, const struct yaml_node *node, struct buf *out, uint32_t *done) {
    if (!node || node->kind == YAML_SCALAR || node->kind == YAML_ALIAS)
        return false;
    if (is_loose(rewriting, node) && random_below(rewriting, 2)) {
        buf_add(out, str_sub(rewriting->source.text, *done, pair_lines(&rewriting->source, node, 0).start));
        for (uint32_t i = node->n; i > 0; i--)
            buf_add(out, source_slice(&rewriting->source, pair_lines(&rewriting->source, node, i - 1)));
        *done = pair_lines(&rewriting->source, node, node->n - 1).end;
        return true;
    }
    bool has_any = false;
    for (uint32_t i = 0; i < node->n; i++)
        has_any |=
            add_reversed(rewriting, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i], out, done);
    return has_any;
}

struct str with_keys_reversed(struct rewriting *rewriting) {
    struct buf out = {.arena = rewriting->arena};
    uint32_t done = 0;
    bool has_any = false;
    for (uint32_t i = 0; rewriting->yaml && i < rewriting->yaml->documents.n; i++)
        has_any |= add_reversed(rewriting, rewriting->yaml->documents.at[i].root, &out, &done);
    buf_add(&out, str_sub(rewriting->source.text, done, rewriting->source.text.n));
    return has_any ? buf_str(&out) : (struct str){NULL, 0};
}

/* --- taken away again ----------------------------------------------------------------------------------------------
 */

struct str without_comments(struct arena *arena, struct str text) {
    struct buf out = {.arena = arena};
    uint32_t bom = text.n - without_bom(arena, text).n;
    buf_add(&out, str_sub(text, 0, bom));
    for (uint32_t at = bom, next; at < text.n; at = next) {
        uint32_t newline = str_find(text, at, '\n');
        next = newline < text.n ? newline + 1 : newline;
        struct str line = str_sub(text, at, next);
        if (str_eq(str_trim(line), mark))
            continue;
        uint32_t end = line.n;
        while (end > 0 && (line.p[end - 1] == '\n' || line.p[end - 1] == '\r'))
            end--;
        struct str rest = str_sub(line, end, line.n);
        line = str_sub(line, 0, end);
        while (str_ends(line, mark))
            line = str_sub(line, 0, line.n - mark.n - 1);
        buf_add(&out, line);
        buf_add(&out, rest);
    }
    return buf_str(&out);
}

struct str without_carriage_returns(struct arena *arena, struct str text) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < text.n; i++)
        if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
            buf_byte(&out, text.p[i]);
    return buf_str(&out);
}

struct str without_bom(struct arena *arena, struct str text) {
    (void)arena;
    return str_starts(text, STR("\xef\xbb\xbf")) ? str_sub(text, 3, text.n) : text;
}

struct str without_newlines_at_end(struct arena *arena, struct str text) {
    (void)arena;
    while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
        text.n--;
    return text;
}

struct str without_trailing_blanks(struct arena *arena, struct str text) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < text.n; i++) {
        uint32_t end = i;
        while (end < text.n && (text.p[end] == ' ' || text.p[end] == '\r'))
            end++;
        bool is_trailing = end == text.n || text.p[end] == '\n';
        if (!is_trailing || text.p[i] == '\n')
            buf_byte(&out, text.p[i]);
    }
    return buf_str(&out);
}
