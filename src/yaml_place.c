/* The bytes around a node: where new text can stand. */
#include "yaml_parts.h"

bool yaml_is_blank(char c) {
    return c == ' ' || c == '\t';
}

uint32_t yaml_skip_blanks(struct str text, uint32_t i) {
    while (i < text.n && yaml_is_blank(text.p[i]))
        i++;
    return i;
}

uint32_t yaml_break_length(struct str text, uint32_t i) {
    struct str rest = str_sub(text, i, i + 3);
    if (rest.n && (*rest.p == '\n' || *rest.p == '\r'))
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
    uint32_t i = yaml_skip_blanks(rest, 0);
    return (i == rest.n || rest.p[i] == '#') && !yaml_has_odd_break(rest);
}

struct str yaml_between(const struct yaml *yaml, uint32_t from, uint32_t to) {
    return str_sub(yaml->source->text, from, to);
}

uint32_t yaml_skip_comments(struct str text, uint32_t i) {
    for (; i < text.n; i++) {
        if (text.p[i] == '#')
            i = str_find(text, i, '\n');
        else if (!yaml_is_blank(text.p[i]) && text.p[i] != '\n' && text.p[i] != '\r')
            break;
    }
    return i < text.n ? i : text.n;
}

bool yaml_is_first_in_line(const struct yaml *yaml, uint32_t offset, struct str *ret_indent) {
    struct str text = yaml->source->text;
    uint32_t start = offset;
    while (start > yaml->source->bom && yaml_is_blank(text.p[start - 1]))
        start--;
    *ret_indent = str_sub(text, start, offset);
    return start == yaml->source->bom || text.p[start - 1] == '\n';
}

struct str yaml_line_indent(const struct yaml *yaml, uint32_t offset) {
    uint32_t start = source_line_start(yaml->source, offset);
    return yaml_between(yaml, start, yaml_skip_blanks(str_sub(yaml->source->text, 0, offset), start));
}

bool yaml_has_plain_column(const struct yaml *yaml, const struct yaml_node *node) {
    for (uint32_t i = node->at.start - node->column; i < node->at.start; i++) {
        char c = yaml->source->text.p[i];
        if (c != ' ' && c != '-' && c != '?' && c != ':')
            return false;
    }
    return true;
}

const struct yaml_node *yaml_first_node(const struct yaml_node *collection, uint32_t i) {
    return collection->kind == YAML_MAPPING ? collection->pairs[i].key : collection->items[i];
}

const struct yaml_node *yaml_last_node(const struct yaml_node *collection, uint32_t i) {
    return collection->kind == YAML_MAPPING ? collection->pairs[i].value : collection->items[i];
}

const struct yaml_node *yaml_last_leaf(const struct yaml_node *node) {
    while (node->n && !node->is_flow) {
        const struct yaml_node *last = yaml_last_node(node, node->n - 1);
        bool is_key = node->kind == YAML_MAPPING && last->at.end <= node->pairs[node->n - 1].key->at.end;
        node = is_key ? node->pairs[node->n - 1].key : last;
    }
    return node;
}

const struct yaml_pair *yaml_pair_of(const struct yaml_node *value) {
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
    for (uint32_t i = point, n; i < text.n && (n = yaml_is_blank(text.p[i]) ? 1 : yaml_break_length(text, i)); i += n) {
        is_behind_break |= !yaml_is_blank(text.p[i]);
        if (is_behind_break && text.p[i] == '\t')
            return true;
    }
    for (uint32_t i = str_find(text, point, '\n') + 1; i < text.n; i = str_find(text, i, '\n') + 1) {
        uint32_t start = yaml_skip_blanks(text, i), end = str_find(text, i, '\n');
        bool is_content = start < end && text.p[start] != '#' && text.p[start] != '\r';
        if (is_content)
            return yaml_has_odd_break(str_sub(text, start, start + 3));
        if (yaml_has_odd_break(str_sub(text, start, end + 1)) || str_find(str_sub(text, i, start), 0, '\t') < start - i)
            return true;
    }
    return false;
}

bool yaml_is_unterminated(const struct yaml *yaml, const struct yaml_node *node) {
    struct str text = yaml->source->text;
    return yaml_is_block_scalar(node) && node->at.end == text.n && node->value.n &&
           !str_contains(yaml_between(yaml, node->at.start + 1, node->at.start + 3), STR("-"));
}

/* Comment lines directly below a block collection that are indented deeper than it belong to what is in it: gives the
 * end of the last one, or `point`. */
static uint32_t skip_inner_comments(const struct yaml *yaml, const struct yaml_node *node, uint32_t point) {
    struct str text = yaml->source->text;
    for (uint32_t next = point; next < text.n;) {
        uint32_t line = str_find(text, next, '\n') + 1, start = line < text.n ? yaml_skip_blanks(text, line) : text.n;
        if (start >= text.n || text.p[start] != '#' || start - line <= node->column)
            break;
        next = point = source_line_end(yaml->source, start);
    }
    return point;
}

bool yaml_end_of_block(const struct yaml *yaml, const struct yaml_node *node, uint32_t *ret_point) {
    const struct yaml_node *leaf = yaml_last_leaf(node);
    uint32_t point = source_line_end(yaml->source, node->at.end);
    *ret_point = skip_inner_comments(yaml, node, point);
    return yaml_is_comment(yaml_between(yaml, node->at.end, point)) && !yaml_is_unterminated(yaml, leaf) &&
           !yaml_is_before_tabs(yaml, *ret_point) && !yaml_has_odd_break(yaml_between(yaml, point, *ret_point)) &&
           !(yaml_is_block_scalar(leaf) && yaml_has_odd_break(source_slice(yaml->source, leaf->at)));
}

uint32_t yaml_top_of_comments(const struct yaml *yaml, uint32_t line, uint32_t column, uint32_t least) {
    struct str text = yaml->source->text;
    uint32_t top = line;
    while (top > least) {
        uint32_t above = source_line_start(yaml->source, top - 1), i = yaml_skip_blanks(text, above);
        if (above < least || i - above != column || text.p[i] != '#' ||
            !yaml_is_comment(yaml_between(yaml, i, source_line_end(yaml->source, above))))
            return top;
        top = above;
    }
    return top == yaml->source->bom ? line : top; /* what stands at the top is about the file */
}
