#include "yaml_edit.h"

#include "yaml_parts.h"
#include "yaml_write.h"

#include <assert.h>

enum { DEFAULT_STEP = 2, MAX_DASH = 8 };

/* ---- bytes around a node ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static uint32_t skip_blanks(struct str text, uint32_t i) {
    while (i < text.n && is_blank(text.p[i]))
        i++;
    return i;
}

/* 0 where no line of YAML ends. */
static uint32_t break_length(struct str text, uint32_t i) {
    struct str rest = str_sub(text, i, i + 3);
    if (text.p[i] == '\r' || text.p[i] == '\n')
        return 1;
    if (str_starts(rest, STR("\xc2\x85")))
        return 2;
    return str_starts(rest, STR("\xe2\x80\xa8")) || str_starts(rest, STR("\xe2\x80\xa9")) ? 3 : 0;
}

bool yaml_has_odd_break(struct str s) {
    for (uint32_t i = str_find(s, 0, '\r'); i < s.n; i = str_find(s, i + 1, '\r'))
        if (i + 1 == s.n || s.p[i + 1] != '\n')
            return true;
    return str_contains(s, STR("\xc2\x85")) || str_contains(s, STR("\xe2\x80\xa8")) ||
           str_contains(s, STR("\xe2\x80\xa9"));
}

bool yaml_is_comment(struct str rest) {
    uint32_t i = skip_blanks(rest, 0);
    return (i == rest.n || rest.p[i] == '#') && !yaml_has_odd_break(rest);
}

static struct str between(const struct yaml *yaml, uint32_t from, uint32_t to) {
    return str_sub(yaml->source->text, from, to);
}

uint32_t yaml_skip_comments(struct str text, uint32_t i) {
    for (; i < text.n; i++) {
        if (text.p[i] == '#')
            i = str_find(text, i, '\n');
        else if (!is_blank(text.p[i]) && text.p[i] != '\n' && text.p[i] != '\r')
            break;
    }
    return i < text.n ? i : text.n;
}

bool yaml_is_first_in_line(const struct yaml *yaml, uint32_t offset, struct str *ret_indent) {
    struct str text = yaml->source->text;
    uint32_t start = offset;
    while (start > yaml->source->bom && is_blank(text.p[start - 1]))
        start--;
    *ret_indent = str_sub(text, start, offset);
    return start == yaml->source->bom || text.p[start - 1] == '\n';
}

/* The white space that leads the line of an offset. */
static struct str line_indent(const struct yaml *yaml, uint32_t offset) {
    uint32_t start = source_line_start(yaml->source, offset);
    return between(yaml, start, skip_blanks(str_sub(yaml->source->text, 0, offset), start));
}

/* Whether what stands before a node in its line is indentation to YAML, so that its column can be given to new lines.
 */
static bool has_plain_column(const struct yaml *yaml, const struct yaml_node *node) {
    for (uint32_t i = node->at.start - node->column; i < node->at.start; i++) {
        char c = yaml->source->text.p[i];
        if (c != ' ' && c != '-' && c != '?' && c != ':')
            return false;
    }
    return true;
}

static const struct yaml_node *last_child(const struct yaml_node *node) {
    return node->kind == YAML_MAPPING ? node->pairs[node->n - 1].value : node->items[node->n - 1];
}

static const struct yaml_node *first_child(const struct yaml_node *node) {
    return node->kind == YAML_MAPPING ? node->pairs[0].key : node->items[0];
}

const struct yaml_node *yaml_last_leaf(const struct yaml_node *node) {
    while (node->n && !node->is_flow) {
        const struct yaml_node *last = last_child(node);
        bool is_key = node->kind == YAML_MAPPING && last->at.end <= node->pairs[node->n - 1].key->at.end;
        node = is_key ? node->pairs[node->n - 1].key : last;
    }
    return node;
}

static const struct yaml_pair *pair_of(const struct yaml_node *value) {
    for (uint32_t i = 0; i < value->parent->n; i++)
        if (value->parent->pairs[i].value == value)
            return &value->parent->pairs[i];
    return NULL;
}

bool yaml_is_block_scalar(const struct yaml_node *node) {
    return node->kind == YAML_SCALAR && node->style >= YAML_LITERAL;
}

bool yaml_is_before_tabs(const struct yaml *yaml, uint32_t point) {
    struct str text = yaml->source->text;
    bool is_behind_break = false;
    for (uint32_t i = point, n; i < text.n && (n = is_blank(text.p[i]) ? 1 : break_length(text, i)); i += n) {
        is_behind_break |= !is_blank(text.p[i]);
        if (is_behind_break && text.p[i] == '\t')
            return true;
    }
    for (uint32_t i = str_find(text, point, '\n') + 1; i < text.n; i = str_find(text, i, '\n') + 1) {
        uint32_t start = skip_blanks(text, i), end = str_find(text, i, '\n');
        bool is_content = start < end && text.p[start] != '#' && text.p[start] != '\r';
        if (is_content)
            return yaml_has_odd_break(str_sub(text, start, start + 3));
        if (yaml_has_odd_break(str_sub(text, start, end + 1)) || str_find(str_sub(text, i, start), 0, '\t') < start - i)
            return true;
    }
    return false;
}

/* Whether a line ending behind the node would become part of its text. */
static bool is_unterminated(const struct yaml *yaml, const struct yaml_node *node) {
    struct str text = yaml->source->text;
    return yaml_is_block_scalar(node) && node->at.end == text.n && node->value.n &&
           !str_contains(between(yaml, node->at.start + 1, node->at.start + 3), STR("-"));
}

/* Comment lines directly below a block collection that are indented deeper than it belong to what is in it: gives the
 * end of the last one, or `point`. */
static uint32_t skip_inner_comments(const struct yaml *yaml, const struct yaml_node *node, uint32_t point) {
    struct str text = yaml->source->text;
    for (uint32_t next = point; next < text.n;) {
        uint32_t line = str_find(text, next, '\n') + 1, start = line < text.n ? skip_blanks(text, line) : text.n;
        if (start >= text.n || text.p[start] != '#' || start - line <= node->column)
            break;
        next = point = source_line_end(yaml->source, start);
    }
    return point;
}

/* Where a line can follow a block collection: the end of the line of its last leaf, or of the comments below that. */
static bool end_of_block(const struct yaml *yaml, const struct yaml_node *node, uint32_t *ret_point) {
    const struct yaml_node *leaf = yaml_last_leaf(node);
    uint32_t point = source_line_end(yaml->source, node->at.end);
    *ret_point = skip_inner_comments(yaml, node, point);
    return yaml_is_comment(between(yaml, node->at.end, point)) && !is_unterminated(yaml, leaf) &&
           !yaml_is_before_tabs(yaml, *ret_point) && !yaml_has_odd_break(between(yaml, point, *ret_point)) &&
           !(yaml_is_block_scalar(leaf) && yaml_has_odd_break(source_slice(yaml->source, leaf->at)));
}

/* ---- the style of a place ---- */

/* Counts the quoted and the other scalars among a collection's values. */
static void note_quotes(struct yaml_writer *w, const struct yaml_node *node) {
    uint32_t n_single = 0, n_double = 0;
    for (uint32_t i = 0; i < node->n; i++) {
        const struct yaml_node *value = node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i];
        n_single += value->kind == YAML_SCALAR && value->style == YAML_SINGLE_QUOTED;
        n_double += value->kind == YAML_SCALAR && value->style == YAML_DOUBLE_QUOTED;
    }
    w->quotes = n_single && !n_double ? YAML_SINGLE_QUOTED : YAML_DOUBLE_QUOTED;
    w->quotes_all = node->kind == YAML_SEQUENCE && node->n && (n_single == node->n || n_double == node->n);
}

/* By how much lists are indented under the keys of this mapping. */
static uint32_t list_step_of(const struct yaml *yaml, const struct yaml_node *mapping) {
    for (uint32_t i = 0; i < mapping->n && mapping->kind == YAML_MAPPING; i++) {
        const struct yaml_node *value = mapping->pairs[i].value;
        if (value->kind == YAML_SEQUENCE && !value->is_flow && value->column >= mapping->column)
            return value->column - mapping->column;
    }
    return yaml->list_step < 0 ? DEFAULT_STEP : (uint32_t)yaml->list_step;
}

static uint32_t dash_of(const struct yaml *yaml, const struct yaml_node *sequence) {
    if (sequence->kind != YAML_SEQUENCE || sequence->n == 0)
        return DEFAULT_STEP;
    const struct yaml_node *item = sequence->items[sequence->n - 1];
    const char *p = yaml->source->text.p;
    uint32_t start = item->at.start;
    while (start > sequence->at.start && p[start - 1] == ' ')
        start--;
    uint32_t dash = item->at.start - start + 1;
    return start > 0 && p[start - 1] == '-' && dash >= DEFAULT_STEP && dash <= MAX_DASH ? dash : DEFAULT_STEP;
}

static struct yaml_writer writer_for(const struct yaml *yaml, const struct yaml_node *node, struct arena *arena) {
    struct yaml_writer w = {
        .out = {.arena = arena},
        .eol = yaml->source->eol,
        .step = yaml->step,
        .list_step = list_step_of(yaml, node),
        .dash = dash_of(yaml, node),
        .colon = STR(": "),
        .comma = STR(", "),
        .pad = STR(""),
    };
    note_quotes(&w, node);
    return w;
}

/* False for a pair in a sequence, `[a: b]`, which is a mapping without braces. */
static bool has_brackets(const struct yaml *yaml, const struct yaml_node *node) {
    char first = yaml->source->text.p[node->at.start];
    return first == (node->kind == YAML_MAPPING ? '{' : '[') &&
           (node->n == 0 || first_child(node)->at.start != node->at.start);
}

/* Whether a flow collection has its members on lines of their own; *ret_indent leads the last one. */
static bool has_member_lines(const struct yaml *yaml, const struct yaml_node *node, struct str *ret_indent) {
    if (!node || !node->is_flow || node->n == 0 || !has_brackets(yaml, node))
        return false;
    const struct yaml_node *last = node->kind == YAML_MAPPING ? node->pairs[node->n - 1].key : last_child(node);
    return yaml_is_first_in_line(yaml, last->at.start, ret_indent);
}

static struct str spaces(struct arena *arena, uint32_t n) {
    return str_printf(arena, "%*s", (int)n, "");
}

/* What the members of a collection have more of indentation than the line where it begins. */
static struct str unit_of(const struct yaml *yaml, const struct yaml_node *node, struct str indent,
                          struct arena *arena) {
    struct str base = line_indent(yaml, node->at.start);
    if (indent.n > base.n && str_starts(indent, base))
        return str_sub(indent, base.n, indent.n);
    return str_find(indent, 0, '\t') < indent.n ? STR("\t") : spaces(arena, yaml->step);
}

static void note_json(struct yaml_writer *w, const struct yaml *yaml, const struct yaml_node *mapping) {
    const struct yaml_pair *first = &mapping->pairs[0], *last = &mapping->pairs[mapping->n - 1];
    struct str text = yaml->source->text, gap = between(yaml, first->key->at.end, first->value->at.start);
    w->is_json = first->key->style == YAML_DOUBLE_QUOTED && last->key->style == YAML_DOUBLE_QUOTED;
    if (w->is_json && str_eq(str_trim(gap), STR(":")) && first->value->at.end > first->value->at.start &&
        !yaml_has_odd_break(gap) && str_find(gap, 0, '\n') == gap.n)
        w->colon = gap;
    bool is_tight = mapping->n > 1 ? str_eq(between(yaml, last[-1].value->at.end, last->key->at.start), STR(","))
                                   : str_eq(w->colon, STR(":"));
    if (w->is_json && is_tight)
        w->comma = STR(",");
    if (has_brackets(yaml, mapping) && text.p[mapping->at.start + 1] == ' ')
        w->pad = STR(" ");
}

/* The style of a flow collection is its own, or for one without keys that of what it stands in. */
static struct yaml_writer flow_writer(const struct yaml *yaml, const struct yaml_node *node, struct arena *arena) {
    struct yaml_writer w = writer_for(yaml, node, arena);
    const struct yaml_node *mapping = node;
    assert(node);
    w.is_flow = true;
    while (mapping && mapping->is_flow && (mapping->kind != YAML_MAPPING || mapping->n == 0))
        mapping = mapping->parent;
    if ((!mapping || !mapping->is_flow) && node->kind == YAML_SEQUENCE && node->n)
        mapping = node->items[0];
    if (mapping && mapping->is_flow && mapping->kind == YAML_MAPPING && mapping->n)
        note_json(&w, yaml, mapping);
    else if (node->kind == YAML_SEQUENCE && node->n > 1 &&
             str_eq(between(yaml, node->items[node->n - 2]->at.end, last_child(node)->at.start), STR(",")))
        w.comma = STR(",");
    w.is_pretty = has_member_lines(yaml, node, &w.indent);
    if (w.is_pretty)
        w.unit = unit_of(yaml, node, w.indent, arena);
    return w;
}

/* ---- planning ---- */

static bool plan(struct edits *edits, const struct yaml_node *owner, struct span at, struct yaml_writer *w,
                 struct str key) {
    struct str text = buf_str(&w->out);
    *vec_push(edits->arena, &edits->list) = (struct edit){
        .at = at, .text = text, .depth = owner->depth, .owner = owner, .home = owner->at.start, .key = key};
    return true;
}

static struct str key_of(const struct yaml_node *collection, const struct yaml_value *value, struct arena *arena) {
    if (collection->kind == YAML_MAPPING)
        return value->key;
    struct yaml_writer w = {.out = {.arena = arena}, .is_flow = true, .is_json = true};
    yaml_write_flow(&w, value, false, 0);
    return buf_str(&w.out);
}

/* The edit that another key or item has made of the same bytes; NULL where there is none. */
static struct edit *find_edit(const struct edits *edits, const struct yaml_node *owner, struct span at) {
    for (uint32_t i = 0; i < edits->list.n && at.end > at.start; i++) {
        struct edit *edit = &edits->list.at[i];
        if (edit->owner == owner && edit->at.start == at.start && edit->at.end == at.end)
            return edit;
    }
    return NULL;
}

/* Before the last member's line ending, however it ends: with a comma, a comment, or the bracket in the same line. */
static bool add_member_line(const struct yaml *yaml, const struct yaml_node *node, const struct yaml_value *value,
                            struct yaml_writer *w, struct edits *edits) {
    struct str text = yaml->source->text, key = key_of(node, value, edits->arena);
    uint32_t end = last_child(node)->at.end, close = node->at.end - 1;
    uint32_t comma = yaml_skip_comments(text, end);
    bool has_comma = text.p[comma] == ',';
    uint32_t from = has_comma ? comma + 1 : end, line_end = source_line_end(yaml->source, from);
    struct span at = {from, from};
    if (!has_comma)
        buf_byte(&w->out, ',');
    if (close >= line_end) {
        struct str rest = between(yaml, from, line_end);
        if (!yaml_is_comment(rest))
            return false;
        at = has_comma ? (struct span){line_end, line_end} : (struct span){from, line_end};
        if (!has_comma)
            buf_add(&w->out, rest);
    }
    struct edit *earlier = find_edit(edits, node, at);
    if (earlier) {
        w->out = (struct buf){.arena = edits->arena};
        buf_printf(&w->out, "%.*s,", STR_ARG(earlier->text));
    }
    yaml_write_line(w, 0);
    yaml_write_flow(w, value, node->kind == YAML_MAPPING, 0);
    if (has_comma)
        buf_byte(&w->out, ',');
    if (!earlier)
        return plan(edits, node, at, w, key);
    earlier->text = buf_str(&w->out);
    return true;
}

static bool add_member(const struct yaml *yaml, const struct yaml_node *node, const struct yaml_value *value,
                       struct edits *edits) {
    const struct yaml_node *last = last_child(node);
    struct yaml_writer w = flow_writer(yaml, node, edits->arena);
    if (yaml_has_odd_break(between(yaml, last->at.end, node->at.end)))
        return false;
    bool is_bare_property = last->at.start == last->at.end && (last->anchor.p || last->tag.p);
    if (is_bare_property || yaml->source->text.p[last->at.end - 1] == ':') /* a comma there would belong to it */
        buf_byte(&w.out, ' ');
    if (w.is_pretty)
        return add_member_line(yaml, node, value, &w, edits);
    buf_add(&w.out, w.comma);
    yaml_write_flow(&w, value, node->kind == YAML_MAPPING, 0);
    return plan(edits, node, (struct span){last->at.end, last->at.end}, &w, key_of(node, value, edits->arena));
}

static void write_members(struct yaml_writer *w, const struct yaml_value *list, uint32_t n, bool has_key) {
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buf_add(&w->out, w->is_pretty ? STR(",") : w->comma);
        if (w->is_pretty)
            yaml_write_line(w, 1);
        yaml_write_flow(w, &list[i], has_key, w->is_pretty);
    }
}

/* The first members between two brackets. */
static bool fill_brackets(const struct yaml *yaml, const struct yaml_node *node, const struct yaml_value *list,
                          uint32_t n, struct edits *edits) {
    struct yaml_writer w = flow_writer(yaml, node, edits->arena);
    bool has_key = node->kind == YAML_MAPPING;
    struct span inner = {node->at.start + 1, node->at.end - 1};
    struct str gap = source_slice(yaml->source, inner);
    uint32_t point = inner.end, line_end = source_line_end(yaml->source, inner.start);
    if (yaml_has_odd_break(gap))
        return false;
    if (line_end < inner.end) {
        if (!yaml_is_comment(between(yaml, inner.start, line_end)))
            return false;
        w.is_pretty = true;
        w.indent = line_indent(yaml, node->at.start);
        w.unit = unit_of(yaml, node, w.indent, edits->arena);
        write_members(&w, list, n, has_key);
        point = line_end;
    } else if (gap.n == 0 && has_member_lines(yaml, node->parent, &w.indent)) {
        w.is_pretty = true;
        w.unit = unit_of(yaml, node->parent, w.indent, edits->arena);
        write_members(&w, list, n, has_key);
        yaml_write_line(&w, 0);
    } else {
        struct str pad = has_key ? w.pad : STR("");
        buf_add(&w.out, gap.n ? STR("") : pad);
        write_members(&w, list, n, has_key);
        buf_add(&w.out, gap.n ? gap : pad);
    }
    return plan(edits, node, (struct span){point, point}, &w, STR(""));
}

static bool add_to_flow(const struct yaml *yaml, const struct yaml_node *node, const struct yaml_value *value,
                        struct edits *edits) {
    if (!has_brackets(yaml, node))
        return false;
    return node->n ? add_member(yaml, node, value, edits) : fill_brackets(yaml, node, value, 1, edits);
}

/* A value in the place of a scalar in a flow collection, or in the place of none. */
static bool fill_flow(const struct yaml *yaml, const struct yaml_node *scalar, const struct yaml_value *value,
                      struct edits *edits) {
    struct yaml_writer w = flow_writer(yaml, scalar->parent, edits->arena);
    if (scalar->at.start == scalar->at.end)
        buf_byte(&w.out, ' ');
    yaml_write_flow(&w, value, false, 0);
    return plan(edits, scalar, scalar->at, &w, STR(""));
}

/* A scalar or an empty collection in the place of another scalar, or in the place of none. */
static bool fill_inline(const struct yaml *yaml, const struct yaml_node *scalar, const struct yaml_value *value,
                        struct edits *edits) {
    struct yaml_writer w = writer_for(yaml, scalar->parent ? scalar->parent : scalar, edits->arena);
    if (scalar->at.start == scalar->at.end)
        buf_byte(&w.out, ' ');
    if (scalar->style == YAML_SINGLE_QUOTED || scalar->style == YAML_DOUBLE_QUOTED) {
        w.quotes = scalar->style;
        w.quotes_all = true;
    }
    w.is_flow = scalar->parent && scalar->parent->is_flow;
    if (w.is_flow)
        w.is_json = flow_writer(yaml, scalar->parent, edits->arena).is_json;
    if (value->kind == YAML_SCALAR)
        yaml_write_scalar(&w, value);
    else
        buf_add(&w.out, value->kind == YAML_MAPPING ? STR("{}") : STR("[]"));
    if (!w.is_flow && yaml_is_before_tabs(yaml, scalar->at.end))
        return false;
    return plan(edits, scalar, scalar->at, &w, STR(""));
}

/* Whether the value stands in the line of its key, which no `?` leads. */
static bool is_behind_key(const struct yaml *yaml, const struct yaml_node *value) {
    if (value->parent->kind != YAML_MAPPING)
        return false;
    struct str text = yaml->source->text;
    uint32_t key_end = pair_of(value)->key->at.end, colon = skip_blanks(text, key_end);
    struct str gap = between(yaml, key_end, value->at.start);
    return colon < text.n && text.p[colon] == ':' && str_find(gap, 0, '\n') == gap.n && !yaml_has_odd_break(gap);
}

/* A block collection in the place of a scalar: where that begins, if it is in a line of its own or behind a dash, else
 * on new lines below. */
static bool fill_block(const struct yaml *yaml, const struct yaml_node *scalar, const struct yaml_value *value,
                       struct edits *edits) {
    const struct yaml_node *parent = scalar->parent;
    struct str text = yaml->source->text, indent;
    struct yaml_writer w = writer_for(yaml, parent, edits->arena);
    w.dash = DEFAULT_STEP;
    uint32_t line_end = source_line_end(yaml->source, scalar->at.end), from = scalar->at.start;
    struct str rest = between(yaml, scalar->at.end, line_end);
    bool is_own_line = yaml_is_first_in_line(yaml, from, &indent), is_empty = scalar->at.end == from;
    bool is_behind_dash = parent->kind == YAML_SEQUENCE && skip_blanks(rest, 0) == rest.n && !scalar->anchor.p;
    /* what may stand behind a scalar only, the tab behind a colon too */
    bool has_tab = str_find(rest, 0, '\t') < str_find(rest, 0, '#') && !is_behind_key(yaml, scalar);
    bool is_glued = str_starts(rest, STR("#")) || has_tab;
    if (!has_plain_column(yaml, parent) || !yaml_is_comment(rest) || is_glued || yaml_is_before_tabs(yaml, line_end))
        return false;
    if ((is_own_line || is_behind_dash) && has_plain_column(yaml, scalar)) {
        if (is_empty)
            buf_byte(&w.out, ' ');
        yaml_write_children(&w, value, scalar->column + is_empty, true);
        return plan(edits, scalar, scalar->at, &w, STR(""));
    }
    while (!is_empty && is_blank(text.p[from - 1]))
        from--;
    if (!is_empty)
        buf_add(&w.out, rest);
    bool is_list = value->kind == YAML_SEQUENCE && parent->kind == YAML_MAPPING;
    uint32_t step = parent->kind == YAML_SEQUENCE ? DEFAULT_STEP : is_list ? w.list_step : w.step;
    yaml_write_children(&w, value, parent->column + step, false);
    return plan(edits, scalar, (struct span){is_empty ? line_end : from, line_end}, &w, STR(""));
}

/* libyaml lets `:` follow an anchor directly, and block scalars begin where nothing else could. */
static bool is_replaceable(const struct yaml *yaml, const struct yaml_node *scalar) {
    const struct yaml_node *parent = scalar->parent;
    struct str text = yaml->source->text, indent;
    if (scalar->anchor.p && !is_blank(text.p[scalar->at.start - 1]) && text.p[scalar->at.start - 1] != '\n')
        return false;
    if (parent && parent->is_flow)
        return true;
    if (parent && scalar->column <= parent->column && yaml_is_first_in_line(yaml, scalar->at.start, &indent))
        return false;
    return !yaml_has_odd_break(between(yaml, scalar->at.start - scalar->column, scalar->at.start)) &&
           !(yaml_is_block_scalar(scalar) && yaml_has_odd_break(source_slice(yaml->source, scalar->at)));
}

/* Puts a value where a scalar is. */
static bool fill(const struct yaml *yaml, const struct yaml_node *scalar, const struct yaml_value *value,
                 struct edits *edits) {
    const struct yaml_node *parent = scalar->parent;
    bool is_empty = scalar->at.start == scalar->at.end, is_inline = value->kind == YAML_SCALAR || value->n == 0;
    if (is_empty && (!parent || scalar->tag.p ||
                     (parent->kind == YAML_MAPPING && scalar->at.start <= pair_of(scalar)->key->at.end)))
        return false; /* there is no colon, or a tag that would be another value's */
    if (!is_empty && !is_replaceable(yaml, scalar))
        return false;
    if (is_inline)
        return fill_inline(yaml, scalar, value, edits);
    if (!parent || scalar->tag.p)
        return false;
    return parent->is_flow ? fill_flow(yaml, scalar, value, edits) : fill_block(yaml, scalar, value, edits);
}

static bool fill_null(const struct yaml *yaml, const struct yaml_node *null, enum yaml_kind kind,
                      const struct yaml_value *child, struct edits *edits) {
    struct yaml_value *value = arena_new(edits->arena, struct yaml_value);
    *value = (struct yaml_value){.kind = kind, .children = child, .n = 1};
    return !null->tag.p && fill(yaml, null, value, edits);
}

uint32_t yaml_top_of_comments(const struct yaml *yaml, uint32_t line, uint32_t column, uint32_t least) {
    struct str text = yaml->source->text;
    uint32_t top = line;
    while (top > least) {
        uint32_t above = source_line_start(yaml->source, top - 1), i = skip_blanks(text, above);
        if (above < least || i - above != column || text.p[i] != '#' ||
            !yaml_is_comment(between(yaml, i, source_line_end(yaml->source, above))))
            return top;
        top = above;
    }
    return top == yaml->source->bom ? line : top; /* what stands at the top is about the file */
}

/* Above a pair and its comment lines. False where it does not begin its line. */
static bool insert_before(const struct yaml *yaml, const struct yaml_node *mapping, const struct yaml_pair *before,
                          const struct yaml_value *value, struct edits *edits) {
    struct str text = yaml->source->text;
    bool is_first = before == mapping->pairs;
    uint32_t line = source_line_start(yaml->source, before->key->at.start), start = skip_blanks(text, line);
    uint32_t least = is_first ? yaml->source->bom : before[-1].value->at.end;
    if (start - line != mapping->column || start != (is_first ? mapping->at.start : yaml_skip_comments(text, least)) ||
        (!is_first && yaml_has_odd_break(between(yaml, least, start))))
        return false;
    uint32_t top = yaml_top_of_comments(yaml, line, mapping->column, least);
    struct yaml_writer w = writer_for(yaml, mapping, edits->arena);
    buf_add(&w.out, spaces(edits->arena, mapping->column));
    yaml_write_pair(&w, value, mapping->column);
    buf_add(&w.out, w.eol);
    return plan(edits, mapping, (struct span){top, top}, &w, value->key);
}

static bool add_to_block(const struct yaml *yaml, const struct yaml_node *node, const struct yaml_value *value,
                         struct edits *edits) {
    uint32_t point;
    bool is_mapping = node->kind == YAML_MAPPING;
    if (!has_plain_column(yaml, node))
        return false;
    if (!end_of_block(yaml, node, &point))
        return is_mapping && is_unterminated(yaml, yaml_last_leaf(node)) &&
               insert_before(yaml, node, &node->pairs[node->n - 1], value, edits);
    struct yaml_writer w = writer_for(yaml, node, edits->arena);
    yaml_write_line(&w, node->column);
    if (is_mapping)
        yaml_write_pair(&w, value, node->column);
    else
        yaml_write_item(&w, value, node->column);
    return plan(edits, node, (struct span){point, point}, &w, key_of(node, value, edits->arena));
}

static bool add(const struct yaml *yaml, const struct yaml_node *node, enum yaml_kind kind,
                const struct yaml_value *value, struct edits *edits) {
    if (!node || node->is_key)
        return false;
    if (yaml_is_null(node))
        return fill_null(yaml, node, kind, value, edits);
    if (node->kind != kind)
        return false;
    return node->is_flow ? add_to_flow(yaml, node, value, edits) : add_to_block(yaml, node, value, edits);
}

bool yaml_add_key(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_value *value, struct edits *edits) {
    return !yaml_pair(mapping, value->key) && add(yaml, mapping, YAML_MAPPING, value, edits);
}

bool yaml_add_key_before(struct yaml *yaml, struct yaml_node *mapping, struct yaml_pair *before,
                         const struct yaml_value *value, struct edits *edits) {
    bool is_block = mapping && mapping->kind == YAML_MAPPING && !mapping->is_flow && !mapping->is_key;
    if (is_block && !yaml_pair(mapping, value->key) && has_plain_column(yaml, mapping) &&
        insert_before(yaml, mapping, before, value, edits))
        return true;
    return yaml_add_key(yaml, mapping, value, edits);
}

bool yaml_add_item(struct yaml *yaml, struct yaml_node *sequence, const struct yaml_value *value, struct edits *edits) {
    return add(yaml, sequence, YAML_SEQUENCE, value, edits);
}

bool yaml_replace(struct yaml *yaml, struct yaml_node *node, const struct yaml_value *value, struct edits *edits) {
    return node && (node->kind == YAML_SCALAR || node->kind == YAML_ALIAS) && !node->is_key &&
           fill(yaml, node, value, edits);
}

bool yaml_fill(struct yaml *yaml, struct yaml_node *node, const struct yaml_value *value, struct edits *edits) {
    if (yaml_is_null(node))
        return !node->is_key && !node->tag.p && fill(yaml, node, value, edits);
    return !node->is_key && node->is_flow && node->n == 0 && node->kind == value->kind && has_brackets(yaml, node) &&
           fill_brackets(yaml, node, value->children, value->n, edits);
}
