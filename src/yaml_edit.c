#include "yaml_edit.h"

#include "yaml_parts.h"

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
    uint32_t end = yaml_last_node(node, node->n - 1)->at.end, close = node->at.end - 1;
    uint32_t comma = yaml_skip_comments(text, end);
    bool has_comma = text.p[comma] == ',';
    uint32_t from = has_comma ? comma + 1 : end, line_end = source_line_end(yaml->source, from);
    struct span at = {from, from};
    if (!has_comma)
        buf_byte(&w->out, ',');
    if (close >= line_end) {
        struct str rest = yaml_between(yaml, from, line_end);
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
    const struct yaml_node *last = yaml_last_node(node, node->n - 1);
    struct yaml_writer w = yaml_flow_writer(yaml, node, edits->arena);
    if (yaml_has_odd_break(yaml_between(yaml, last->at.end, node->at.end)))
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
    struct yaml_writer w = yaml_flow_writer(yaml, node, edits->arena);
    bool has_key = node->kind == YAML_MAPPING;
    struct span inner = {node->at.start + 1, node->at.end - 1};
    struct str gap = source_slice(yaml->source, inner);
    uint32_t point = inner.end, line_end = source_line_end(yaml->source, inner.start);
    if (yaml_has_odd_break(gap))
        return false;
    if (line_end < inner.end) {
        if (!yaml_is_comment(yaml_between(yaml, inner.start, line_end)))
            return false;
        w.is_pretty = true;
        w.indent = yaml_line_indent(yaml, node->at.start);
        w.unit = yaml_unit_of(yaml, node, w.indent, edits->arena);
        write_members(&w, list, n, has_key);
        point = line_end;
    } else if (gap.n == 0 && yaml_has_member_lines(yaml, node->parent, &w.indent)) {
        w.is_pretty = true;
        w.unit = yaml_unit_of(yaml, node->parent, w.indent, edits->arena);
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
    if (!yaml_has_brackets(yaml, node))
        return false;
    return node->n ? add_member(yaml, node, value, edits) : fill_brackets(yaml, node, value, 1, edits);
}

/* A value in the place of a scalar in a flow collection, or in the place of none. */
static bool fill_flow(const struct yaml *yaml, const struct yaml_node *scalar, const struct yaml_value *value,
                      struct edits *edits) {
    struct yaml_writer w = yaml_flow_writer(yaml, scalar->parent, edits->arena);
    if (scalar->at.start == scalar->at.end)
        buf_byte(&w.out, ' ');
    yaml_write_flow(&w, value, false, 0);
    return plan(edits, scalar, scalar->at, &w, STR(""));
}

/* A scalar or an empty collection in the place of another scalar, or in the place of none. */
static bool fill_inline(const struct yaml *yaml, const struct yaml_node *scalar, const struct yaml_value *value,
                        struct edits *edits) {
    struct yaml_writer w = yaml_writer_for(yaml, scalar->parent ? scalar->parent : scalar, edits->arena);
    if (scalar->at.start == scalar->at.end)
        buf_byte(&w.out, ' ');
    if (scalar->style == YAML_SINGLE_QUOTED || scalar->style == YAML_DOUBLE_QUOTED) {
        w.quotes = scalar->style;
        w.quotes_all = true;
    }
    w.is_flow = scalar->parent && scalar->parent->is_flow;
    if (w.is_flow)
        w.is_json = yaml_flow_writer(yaml, scalar->parent, edits->arena).is_json;
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
    uint32_t key_end = yaml_pair_of(value)->key->at.end, colon = yaml_skip_blanks(text, key_end);
    struct str gap = yaml_between(yaml, key_end, value->at.start);
    return colon < text.n && text.p[colon] == ':' && str_find(gap, 0, '\n') == gap.n && !yaml_has_odd_break(gap);
}

/* A block collection in the place of a scalar: where that begins, if it is in a line of its own or behind a dash, else
 * on new lines below. */
static bool fill_block(const struct yaml *yaml, const struct yaml_node *scalar, const struct yaml_value *value,
                       struct edits *edits) {
    const struct yaml_node *parent = scalar->parent;
    struct str text = yaml->source->text, indent;
    struct yaml_writer w = yaml_writer_for(yaml, parent, edits->arena);
    w.dash = YAML_DEFAULT_STEP;
    uint32_t line_end = source_line_end(yaml->source, scalar->at.end), from = scalar->at.start;
    struct str rest = yaml_between(yaml, scalar->at.end, line_end);
    bool is_own_line = yaml_is_first_in_line(yaml, from, &indent), is_empty = scalar->at.end == from;
    bool is_behind_dash = parent->kind == YAML_SEQUENCE && yaml_skip_blanks(rest, 0) == rest.n && !scalar->anchor.p;
    /* what may stand behind a scalar only, the tab behind a colon too */
    bool has_tab = str_find(rest, 0, '\t') < str_find(rest, 0, '#') && !is_behind_key(yaml, scalar);
    bool is_glued = str_starts(rest, STR("#")) || has_tab;
    if (!yaml_has_plain_column(yaml, parent) || !yaml_is_comment(rest) || is_glued ||
        yaml_is_before_tabs(yaml, line_end))
        return false;
    if ((is_own_line || is_behind_dash) && yaml_has_plain_column(yaml, scalar)) {
        if (is_empty)
            buf_byte(&w.out, ' ');
        yaml_write_children(&w, value, scalar->column + is_empty, true);
        return plan(edits, scalar, scalar->at, &w, STR(""));
    }
    while (!is_empty && yaml_is_blank(text.p[from - 1]))
        from--;
    if (!is_empty)
        buf_add(&w.out, rest);
    bool is_list = value->kind == YAML_SEQUENCE && parent->kind == YAML_MAPPING;
    uint32_t step = parent->kind == YAML_SEQUENCE ? YAML_DEFAULT_STEP : is_list ? w.list_step : w.step;
    yaml_write_children(&w, value, parent->column + step, false);
    return plan(edits, scalar, (struct span){is_empty ? line_end : from, line_end}, &w, STR(""));
}

/* libyaml lets `:` follow an anchor directly, and block scalars begin where nothing else could. */
static bool is_replaceable(const struct yaml *yaml, const struct yaml_node *scalar) {
    const struct yaml_node *parent = scalar->parent;
    struct str text = yaml->source->text, indent;
    if (scalar->anchor.p && !yaml_is_blank(text.p[scalar->at.start - 1]) && text.p[scalar->at.start - 1] != '\n')
        return false;
    if (parent && parent->is_flow)
        return true;
    if (parent && scalar->column <= parent->column && yaml_is_first_in_line(yaml, scalar->at.start, &indent))
        return false;
    return !yaml_has_odd_break(yaml_between(yaml, scalar->at.start - scalar->column, scalar->at.start)) &&
           !(yaml_is_block_scalar(scalar) && yaml_has_odd_break(source_slice(yaml->source, scalar->at)));
}

/* Puts a value where a scalar is. */
static bool fill(const struct yaml *yaml, const struct yaml_node *scalar, const struct yaml_value *value,
                 struct edits *edits) {
    const struct yaml_node *parent = scalar->parent;
    bool is_empty = scalar->at.start == scalar->at.end, is_inline = value->kind == YAML_SCALAR || value->n == 0;
    if (is_empty && (!parent || scalar->tag.p ||
                     (parent->kind == YAML_MAPPING && scalar->at.start <= yaml_pair_of(scalar)->key->at.end)))
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

/* Above a pair and its comment lines. False where it does not begin its line. */
static bool insert_before(const struct yaml *yaml, const struct yaml_node *mapping, const struct yaml_pair *before,
                          const struct yaml_value *value, struct edits *edits) {
    struct str text = yaml->source->text;
    bool is_first = before == mapping->pairs;
    uint32_t line = source_line_start(yaml->source, before->key->at.start), start = yaml_skip_blanks(text, line);
    uint32_t least = is_first ? yaml->source->bom : before[-1].value->at.end;
    if (start - line != mapping->column || start != (is_first ? mapping->at.start : yaml_skip_comments(text, least)) ||
        (!is_first && yaml_has_odd_break(yaml_between(yaml, least, start))))
        return false;
    uint32_t top = yaml_top_of_comments(yaml, line, mapping->column, least);
    struct yaml_writer w = yaml_writer_for(yaml, mapping, edits->arena);
    buf_printf(&w.out, "%*s", (int)mapping->column, "");
    yaml_write_pair(&w, value, mapping->column);
    buf_add(&w.out, w.eol);
    return plan(edits, mapping, (struct span){top, top}, &w, value->key);
}

static bool add_to_block(const struct yaml *yaml, const struct yaml_node *node, const struct yaml_value *value,
                         struct edits *edits) {
    uint32_t point;
    bool is_mapping = node->kind == YAML_MAPPING;
    if (!yaml_has_plain_column(yaml, node))
        return false;
    if (!yaml_end_of_block(yaml, node, &point))
        return is_mapping && yaml_is_unterminated(yaml, yaml_last_leaf(node)) &&
               insert_before(yaml, node, &node->pairs[node->n - 1], value, edits);
    struct yaml_writer w = yaml_writer_for(yaml, node, edits->arena);
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
    if (is_block && !yaml_pair(mapping, value->key) && yaml_has_plain_column(yaml, mapping) &&
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
    return !node->is_key && node->is_flow && node->n == 0 && node->kind == value->kind &&
           yaml_has_brackets(yaml, node) && fill_brackets(yaml, node, value->children, value->n, edits);
}
