/* Taking items and keys out of YAML documents, with the lines or commas that are theirs. */
#include "yaml_edit.h"
#include "yaml_parts.h"

/* One collection, and which of its members go. */
struct removal {
    const struct yaml *yaml;
    const struct yaml_node *collection;
    const bool *goes;
    struct edits *edits;
};

/* ---- members ---- */

static uint32_t start_of(const struct removal *r, uint32_t i) {
    return yaml_first_node(r->collection, i)->at.start;
}

static uint32_t end_of(const struct removal *r, uint32_t i) {
    uint32_t first = yaml_first_node(r->collection, i)->at.end, last = yaml_last_node(r->collection, i)->at.end;
    return last > first ? last : first;
}

static bool has_anchor(const struct yaml_node *node) {
    if (node->anchor.p)
        return true;
    for (uint32_t i = 0; i < node->n; i++)
        if (has_anchor(yaml_first_node(node, i)) || has_anchor(yaml_last_node(node, i)))
            return true;
    return false;
}

/* Whether a member begins with its own content, and nothing within it is used elsewhere. */
static bool is_plain_member(const struct removal *r, uint32_t i) {
    const struct yaml_node *first = yaml_first_node(r->collection, i), *last = yaml_last_node(r->collection, i);
    bool is_key = r->collection->kind == YAML_MAPPING;
    return !(is_key && first->kind != YAML_SCALAR) && !first->tag.p && !has_anchor(first) && !has_anchor(last);
}

static struct str text_between(const struct removal *r, uint32_t from, uint32_t to) {
    return str_sub(r->yaml->source->text, from, to);
}

static void plan(struct removal *r, uint32_t i, uint32_t from, uint32_t to) {
    *vec_push(r->edits->arena, &r->edits->list) = (struct edit){.at = {from, to},
                                                                .text = STR(""),
                                                                .depth = r->collection->depth,
                                                                .owner = r->collection,
                                                                .key = STR(""),
                                                                .removed = yaml_first_node(r->collection, i)};
}

/* ---- block style ---- */

/* Where a member begins in its line, its dash included. False where it is not the first there. */
static bool find_line(const struct removal *r, uint32_t i, uint32_t *ret_line) {
    struct str text = r->yaml->source->text, indent;
    uint32_t start = start_of(r, i);
    if (r->collection->kind == YAML_SEQUENCE) {
        while (start > 0 && text.p[start - 1] == ' ')
            start--;
        if (start == 0 || text.p[--start] != '-')
            return false;
    }
    if (!yaml_is_first_in_line(r->yaml, start, &indent) || indent.n != r->collection->column)
        return false;
    *ret_line = start - indent.n;
    return true;
}

/* The lines of one member, with the comment lines directly above it that are indented as it is. `is_at_end`: with the
 * line ending before them in the place of their own. */
static bool remove_lines(struct removal *r, uint32_t i, bool is_at_end) {
    const struct source *source = r->yaml->source;
    uint32_t line, end = end_of(r, i), line_end = source_line_end(source, end);
    uint32_t least = i ? end_of(r, i - 1) : source->bom;
    bool is_behind_text = i && (yaml_is_block_scalar(yaml_first_node(r->collection, i - 1)) ||
                                yaml_is_block_scalar(yaml_last_leaf(yaml_last_node(r->collection, i - 1))));
    if (is_behind_text || !find_line(r, i, &line) || !yaml_is_comment(text_between(r, end, line_end)))
        return false;
    uint32_t top = yaml_top_of_comments(r->yaml, line, r->collection->column, least);
    if (yaml_has_odd_break(text_between(r, top, line_end)) || yaml_is_before_tabs(r->yaml, line_end) ||
        (is_at_end && top == source->bom))
        return false;
    uint32_t next = str_find(source->text, line_end, '\n') + 1;
    if (is_at_end)
        plan(r, i, source_line_end(source, source_line_start(source, top - 1)), line_end);
    else
        plan(r, i, top, next);
    /* what is a character now would mark the byte order at the top of the file */
    return top > source->bom || !str_starts(text_between(r, next, source->text.n), STR("\xef\xbb\xbf"));
}

/* ---- flow style ---- */

/* Whether there is white space and just as many commas. */
static bool is_gap(struct str text, uint32_t n_commas) {
    for (uint32_t i = 0; i < text.n; i++) {
        if (text.p[i] == ',' && n_commas)
            n_commas--;
        else if (str_trim(str_sub(text, i, i + 1)).n)
            return false;
    }
    return n_commas == 0;
}

/* The last member before one that stays; -1 where all go. */
static int64_t kept_before(const struct removal *r, uint32_t i) {
    int64_t kept = (int64_t)i - 1;
    while (kept >= 0 && r->goes[kept])
        kept--;
    return kept;
}

/* Whether a member has its lines for itself; *ret is all of them, with the comment lines directly above that are
 * indented as they are, *ret_comma the comma behind it, or where none is. */
static bool has_own_lines(const struct removal *r, uint32_t i, struct span *ret, uint32_t *ret_comma) {
    const struct source *source = r->yaml->source;
    struct str text = source->text, indent;
    uint32_t start = start_of(r, i), end = end_of(r, i), comma = yaml_skip_comments(text, end);
    bool has_comma = text.p[comma] == ',';
    uint32_t line_end = source_line_end(source, has_comma ? comma : end);
    *ret_comma = comma;
    if (!yaml_is_first_in_line(r->yaml, start, &indent) || line_end >= r->collection->at.end)
        return false;
    uint32_t least = i ? end_of(r, i - 1) : r->collection->at.start;
    *ret = (struct span){yaml_top_of_comments(r->yaml, start - indent.n, indent.n, least),
                         str_find(text, line_end, '\n') + 1};
    return yaml_is_comment(text_between(r, has_comma ? comma + 1 : end, line_end));
}

/* Whether a member has bytes at its end that no other byte can become a part of. */
static bool is_closed(const struct removal *r, uint32_t i) {
    const struct yaml_node *last = yaml_last_node(r->collection, i);
    return last->at.start < last->at.end;
}

/* A member that is written between others: with the comma before it, or behind it where none before it stays. */
static bool remove_between(struct removal *r, uint32_t i) {
    uint32_t start = start_of(r, i), end = end_of(r, i);
    uint32_t before = i ? end_of(r, i - 1) : r->collection->at.start + 1;
    if (!is_gap(text_between(r, before, start), i > 0))
        return false;
    if (kept_before(r, i) >= 0) {
        plan(r, i, before, end);
        return is_closed(r, i - 1);
    }
    uint32_t next = start_of(r, i + 1);
    if (!is_gap(text_between(r, end, next), 1))
        return false;
    plan(r, i, start, next);
    return true;
}

static bool remove_member(struct removal *r, uint32_t i) {
    struct str text = r->yaml->source->text;
    struct span lines;
    uint32_t comma;
    if (!has_own_lines(r, i, &lines, &comma))
        return remove_between(r, i);
    plan(r, i, lines.start, lines.end);
    bool is_last = i + 1 == r->collection->n && text.p[comma] != ',';
    int64_t kept = kept_before(r, i);
    if (!is_last || kept < 0)
        return true;
    /* the comma before it would end the list, which JSON does not allow */
    comma = yaml_skip_comments(text, end_of(r, (uint32_t)kept));
    plan(r, i, comma, comma + 1);
    return text.p[comma] == ',' && text.p[comma + 1] != '#' && is_closed(r, (uint32_t)kept);
}

/* ---- planning ---- */

static bool are_apart(const struct edit *a, const struct edit *b) {
    return a->at.end <= b->at.start || b->at.end <= a->at.start;
}

/* Whether no two edits from `first` on touch the same bytes. All but the last one are in the order of the text. */
static bool all_are_apart(const struct edits *edits, uint32_t first) {
    const struct edit *list = edits->list.at;
    for (uint32_t i = first; i + 1 < edits->list.n; i++)
        if (!are_apart(&list[i], &list[i + 1]) || !are_apart(&list[i], &list[edits->list.n - 1]))
            return false;
    return true;
}

static bool remove_members(struct yaml *yaml, const struct yaml_node *collection, const bool *goes,
                           struct edits *edits) {
    struct removal r = {yaml, collection, goes, edits};
    uint32_t n = 0, n_before = edits->list.n, last = collection->n;
    for (uint32_t i = 0; i < collection->n; i++)
        n += !goes[i];
    if (n == 0 || collection->is_key ||
        (collection->is_flow && yaml_has_odd_break(source_slice(yaml->source, collection->at))))
        return false;
    bool is_at_end = goes[last - 1] && source_line_end(yaml->source, end_of(&r, last - 1)) == yaml->source->text.n;
    bool is_done = true;
    for (uint32_t i = 0; i < collection->n && is_done; i++)
        if (goes[i])
            is_done =
                is_plain_member(&r, i) && (collection->is_flow ? remove_member(&r, i) : remove_lines(&r, i, is_at_end));
    is_done = is_done && all_are_apart(edits, n_before);
    if (!is_done)
        edits->list.n = n_before;
    return is_done;
}

bool yaml_remove_items(struct yaml *yaml, struct yaml_node *sequence, const bool *goes, struct edits *edits) {
    return sequence->kind == YAML_SEQUENCE && remove_members(yaml, sequence, goes, edits);
}

bool yaml_remove_key(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_pair *pair, struct edits *edits) {
    if (mapping->kind != YAML_MAPPING)
        return false;
    bool *goes = arena_array(edits->arena, mapping->n, sizeof *goes);
    goes[pair - mapping->pairs] = true;
    return remove_members(yaml, mapping, goes, edits);
}
