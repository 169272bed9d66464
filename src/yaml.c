#include "yaml.h"

#include "libyaml.h"
#include "map.h"
#include "yaml_parts.h"

#include <string.h>

enum {
    MARK_EVERY = 8, /* characters from one entry of the mark table to the next */
    FEW_KEYS = 8,   /* mappings up to this size are searched pair by pair */
};

/* A collection whose end is not read yet. */
struct frame {
    struct yaml_node *node;
    uint32_t first; /* of its children in `pending` */
    bool has_brackets;
};

struct builder {
    struct arena *arena, *scratch;
    struct source *source;
    struct diags *diags;
    struct yaml *yaml;
    const uint32_t *marks; /* offset of each MARK_EVERYth character; NULL for ASCII, where they are the same */
    struct frame stack[YAML_MAX_DEPTH + 1];
    uint32_t depth;
    VEC(struct yaml_node *) pending; /* children of all open collections */
    struct map anchors;              /* of nodes */
    uint32_t n_nodes;                /* in this document */
    uint32_t seen, line_start;       /* the last offset whose column was asked for, and its line */
};

/* ---- offsets ---- */

static bool is_ascii(struct str s) {
    unsigned char bits = 0;
    for (uint32_t i = 0; i < s.n; i++)
        bits |= (unsigned char)s.p[i];
    return bits < 0x80;
}

static void index_marks(struct builder *b) {
    struct str text = b->source->text;
    if (is_ascii(str_sub(text, b->source->bom, text.n)))
        return;
    uint32_t *marks = arena_array(b->scratch, text.n / MARK_EVERY + 1, sizeof *marks);
    uint32_t n_characters = 0;
    for (uint32_t i = b->source->bom; i < text.n; i++) {
        if (((unsigned char)text.p[i] & 0xc0) == 0x80)
            continue;
        if (n_characters % MARK_EVERY == 0)
            marks[n_characters / MARK_EVERY] = i;
        n_characters++;
    }
    b->marks = marks;
}

static uint32_t offset_of(const struct builder *b, yaml_mark_t mark) {
    struct str text = b->source->text;
    if (mark.index >= text.n)
        return text.n;
    uint32_t index = (uint32_t)mark.index;
    if (!b->marks)
        return b->source->bom + index < text.n ? b->source->bom + index : text.n;
    uint32_t at = b->marks[index / MARK_EVERY];
    if (at == 0 && index >= MARK_EVERY) /* the end of the text may be past the last entry */
        return text.n;
    for (uint32_t left = index % MARK_EVERY; left > 0 && at < text.n; left--)
        do
            at++;
        while (at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80);
    return at;
}

/* Nodes come in reading order, so each byte is searched for line ends once. */
static uint32_t column_of(struct builder *b, uint32_t offset) {
    const char *p = b->source->text.p;
    if (offset < b->seen) {
        b->line_start = source_line_start(b->source, offset);
    } else if (offset > b->seen) {
        const char *lf = memrchr(p + b->seen, '\n', offset - b->seen);
        if (lf)
            b->line_start = (uint32_t)(lf - p) + 1;
    }
    b->seen = offset;
    return offset - b->line_start;
}

/* ---- what libyaml does not tell ---- */

/* Skips white space, line breaks and comments. */
static uint32_t skip_space(struct str text, uint32_t i) {
    for (bool is_comment = false; i < text.n;) {
        uint32_t n = yaml_break_length(text, i);
        if (n)
            is_comment = false;
        else if (text.p[i] == '#')
            is_comment = true;
        else if (!is_comment && !yaml_is_blank(text.p[i]))
            break;
        i += n ? n : 1;
    }
    return i;
}

/* Where the content begins behind an anchor of that length (0: none) and a tag, in any order. */
static uint32_t skip_properties(struct str text, uint32_t i, uint32_t anchor, bool has_tag) {
    for (uint32_t n = (anchor != 0) + has_tag; n > 0; n--) {
        if (i < text.n && text.p[i] == '&')
            i += 1 + anchor; /* libyaml lets some indicators follow it directly */
        else
            while (i < text.n && !yaml_is_blank(text.p[i]) && !yaml_break_length(text, i))
                i++;
        i = skip_space(text, i);
    }
    return i;
}

static uint32_t before_eol(struct str text, uint32_t from, uint32_t end) {
    if (end > from && text.p[end - 1] == '\n')
        end--;
    return end > from && text.p[end - 1] == '\r' ? end - 1 : end;
}

static uint32_t count_spaces(struct str text, uint32_t i) {
    uint32_t from = i;
    while (i < text.n && text.p[i] == ' ')
        i++;
    return i - from;
}

/* Columns that are indentation, not content, in the block scalar with these lines. `digit`: the header's, or 0. */
static uint32_t block_scalar_indent(const struct builder *b, struct str lines, uint32_t digit) {
    const struct yaml_node *parent = b->depth ? b->stack[b->depth - 1].node : NULL;
    if (digit)
        return (parent ? parent->column : 0) + digit;
    uint32_t indent = parent ? parent->column + 1 : 1;
    for (uint32_t i = 0; i < lines.n;) {
        uint32_t n = count_spaces(lines, i);
        indent = n > indent ? n : indent;
        if (i + n < lines.n && lines.p[i + n] != '\n' && lines.p[i + n] != '\r')
            break;
        i = str_find(lines, i, '\n') + 1;
    }
    return indent;
}

/* libyaml ends a literal or folded scalar behind the blank lines after it. They are content for `+` only. */
static uint32_t block_scalar_end(const struct builder *b, uint32_t start, uint32_t end) {
    struct str text = b->source->text;
    uint32_t header_end = source_line_end(b->source, start), body = str_find(text, start, '\n') + 1;
    if (end <= header_end)
        return end;
    if (end <= body)
        return header_end;
    bool is_kept = false;
    uint32_t digit = 0;
    for (uint32_t i = start + 1; i < header_end && !yaml_is_blank(text.p[i]); i++) {
        is_kept |= text.p[i] == '+';
        if (text.p[i] >= '1' && text.p[i] <= '9')
            digit = (uint32_t)(text.p[i] - '0');
    }
    end = before_eol(text, body, end);
    if (is_kept)
        return end;
    uint32_t indent = block_scalar_indent(b, str_sub(text, body, end), digit);
    for (;;) {
        uint32_t line = end;
        while (line > body && text.p[line - 1] == ' ')
            line--;
        if ((line > body && text.p[line - 1] != '\n') || end - line > indent)
            return end;
        if (line == body)
            return header_end;
        end = before_eol(text, body, line);
    }
}

/* libyaml puts some null values at the next token. Here they are behind the colon, or behind a key without one. */
static uint32_t null_value_at(struct str text, uint32_t key_end, uint32_t token) {
    uint32_t colon = skip_space(text, key_end);
    return colon < token && text.p[colon] == ':' ? colon + 1 : key_end;
}

/* ---- nodes ---- */

static struct str copy_text(struct builder *b, struct span at, const yaml_char_t *text, size_t n) {
    struct str decoded = {(const char *)text, (uint32_t)n}, written = source_slice(b->source, at);
    return str_eq(decoded, written) ? written : str_dup(b->arena, decoded);
}

static struct str copy_name(struct builder *b, const yaml_char_t *name) {
    return name ? str_dup(b->arena, str_of((const char *)name)) : (struct str){NULL, 0};
}

static struct frame *top(struct builder *b) {
    return b->depth ? &b->stack[b->depth - 1] : NULL;
}

/* The key whose value comes next; NULL elsewhere. */
static const struct yaml_node *open_key(struct builder *b) {
    const struct frame *frame = top(b);
    bool is_value = frame && frame->node->kind == YAML_MAPPING && (b->pending.n - frame->first) % 2 == 1;
    return is_value ? b->pending.at[b->pending.n - 1] : NULL;
}

/* Appends a node to the open collection. */
static struct yaml_node *add_node(struct builder *b, enum yaml_kind kind, struct span at, const yaml_char_t *anchor,
                                  const yaml_char_t *tag) {
    struct yaml_node *node = arena_new(b->arena, struct yaml_node);
    const struct frame *frame = top(b);
    *node = (struct yaml_node){
        .kind = kind,
        .anchor = kind == YAML_ALIAS ? (struct str){NULL, 0} : copy_name(b, anchor),
        .tag = copy_name(b, tag),
        .at = at,
        .column = column_of(b, at.start),
        .depth = b->depth,
        .index = b->n_nodes++,
        .parent = frame ? frame->node : NULL,
        .is_key = frame && (frame->node->is_key || (frame->node->kind == YAML_MAPPING && !open_key(b))),
    };
    if (node->anchor.p)
        map_set(&b->anchors, b->scratch, node->anchor, node);
    if (frame)
        *vec_push(b->scratch, &b->pending) = node;
    else
        b->yaml->documents.at[b->yaml->documents.n - 1].root = node;
    return node;
}

static enum yaml_style style_of(yaml_scalar_style_t style) {
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return YAML_SINGLE_QUOTED;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return YAML_DOUBLE_QUOTED;
    case YAML_LITERAL_SCALAR_STYLE:
        return YAML_LITERAL;
    case YAML_FOLDED_SCALAR_STYLE:
        return YAML_FOLDED;
    default:
        return YAML_PLAIN;
    }
}

static bool on_scalar(struct builder *b, const yaml_event_t *event) {
    enum yaml_style style = style_of(event->data.scalar.style);
    const yaml_char_t *anchor = event->data.scalar.anchor, *tag = event->data.scalar.tag;
    struct span at = {offset_of(b, event->start_mark), offset_of(b, event->end_mark)};
    bool has_properties = anchor || tag;
    if (style == YAML_PLAIN && event->data.scalar.length == 0) {
        const struct yaml_node *key = open_key(b);
        if (!b->depth && !has_properties)
            return true;
        at.start = at.end = key && !has_properties ? null_value_at(b->source->text, key->at.end, at.end) : at.end;
    } else {
        at.start = skip_properties(b->source->text, at.start, str_of((const char *)anchor).n, tag);
        if (style >= YAML_LITERAL)
            at.end = block_scalar_end(b, at.start, at.end);
    }
    struct yaml_node *node = add_node(b, YAML_SCALAR, at, anchor, tag);
    node->style = style;
    node->value = copy_text(b, at, event->data.scalar.value, event->data.scalar.length);
    return true;
}

static bool on_alias(struct builder *b, const yaml_event_t *event) {
    struct str name = str_of((const char *)event->data.alias.anchor);
    struct span at = {offset_of(b, event->start_mark), offset_of(b, event->end_mark)};
    struct yaml_node *target = map_get(&b->anchors, name);
    if (!target) {
        diag_at(b->diags, b->source, at.start, "unknown alias *%.*s: there is no &%.*s above it", STR_ARG(name),
                STR_ARG(name));
        return false;
    }
    for (uint32_t i = 0; i < b->depth; i++)
        if (b->stack[i].node == target) {
            diag_at(b->diags, b->source, at.start, "alias *%.*s stands inside of its own anchor", STR_ARG(name));
            return false;
        }
    struct yaml_node *node = add_node(b, YAML_ALIAS, at, NULL, NULL);
    node->value = str_dup(b->arena, name);
    node->target = target;
    return true;
}

/* The file's indentation is that of its first nested collections. */
static void note_steps(struct yaml *yaml, const struct yaml_node *node, bool is_value) {
    const struct yaml_node *parent = node->parent;
    if (!is_value || node->is_flow || node->column < parent->column)
        return;
    uint32_t columns = node->column - parent->column;
    if (node->kind == YAML_SEQUENCE && yaml->list_step < 0)
        yaml->list_step = (int32_t)columns;
    if (node->kind == YAML_MAPPING && yaml->step == 0)
        yaml->step = columns;
}

static bool on_start(struct builder *b, const yaml_event_t *event) {
    bool is_mapping = event->type == YAML_MAPPING_START_EVENT;
    bool is_flow = is_mapping ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                              : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    uint32_t start = offset_of(b, event->start_mark), end = offset_of(b, event->end_mark);
    char last = end > start ? b->source->text.p[end - 1] : '\0';
    bool has_brackets = is_flow && (last == '{' || last == '[');
    /* an indentless sequence's event ends behind its dash, a bracket's behind the bracket, a `[? a: b]` behind the ? */
    uint32_t width = has_brackets || (!is_mapping && last == '-') || (is_flow && last == '?') ? 1 : 0;
    if (b->depth > YAML_MAX_DEPTH) {
        diag_at(b->diags, b->source, end - width, "nested deeper than %d levels", YAML_MAX_DEPTH);
        return false;
    }
    bool is_value = open_key(b) != NULL;
    struct yaml_node *node = add_node(b, is_mapping ? YAML_MAPPING : YAML_SEQUENCE, (struct span){end - width, end},
                                      is_mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
                                      is_mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag);
    node->is_flow = is_flow;
    note_steps(b->yaml, node, is_value);
    b->stack[b->depth++] = (struct frame){node, b->pending.n, has_brackets};
    return true;
}

static bool refuse_duplicate(struct builder *b, const struct yaml_node *first, const struct yaml_node *second) {
    diag_at(b->diags, b->source, second->at.start, "duplicate key \"%.*s\": it is already given in line %u",
            STR_ARG(second->value), source_position(b->source, first->at.start).line);
    return false;
}

static bool check_keys(struct builder *b, struct yaml_node *mapping) {
    if (mapping->n > FEW_KEYS)
        mapping->by_key = arena_new(b->arena, struct map);
    for (uint32_t i = 0; i < mapping->n; i++) {
        struct yaml_pair *pair = &mapping->pairs[i], *first = NULL;
        const struct yaml_node *key = pair->key;
        if (key->kind != YAML_SCALAR)
            continue;
        if (key->style == YAML_PLAIN && str_eq(key->value, STR("<<")))
            mapping->merge = pair;
        for (uint32_t k = 0; !mapping->by_key && k < i && !first; k++)
            if (mapping->pairs[k].key->kind == YAML_SCALAR && str_eq(mapping->pairs[k].key->value, key->value))
                first = &mapping->pairs[k];
        if (mapping->by_key)
            first = map_add(mapping->by_key, b->arena, key->value, pair);
        if (first)
            return refuse_duplicate(b, first->key, key);
    }
    return true;
}

static bool on_end(struct builder *b, const yaml_event_t *event) {
    struct frame *frame = top(b);
    struct yaml_node *node = frame->node, **children = b->pending.at ? b->pending.at + frame->first : NULL;
    uint32_t n = children ? b->pending.n - frame->first : 0;
    if (frame->has_brackets)
        node->at.end = offset_of(b, event->end_mark);
    else if (n)
        node->at.end = children[n - 1]->at.end;
    node->n = node->kind == YAML_MAPPING ? n / 2 : n;
    /* a pair is two nodes in a row */
    void *copy = arena_array(b->arena, n, sizeof *children);
    if (n)
        memcpy(copy, children, n * sizeof *children);
    if (node->kind == YAML_MAPPING)
        node->pairs = copy;
    else
        node->items = copy;
    b->pending.n = frame->first;
    b->depth--;
    return node->kind != YAML_MAPPING || check_keys(b, node);
}

static bool on_document_start(struct builder *b, const yaml_event_t *event) {
    b->n_nodes = 0;
    map_clear(&b->anchors);
    *vec_push(b->arena, &b->yaml->documents) = (struct yaml_document){
        .at = {offset_of(b, event->start_mark), offset_of(b, event->end_mark)},
    };
    return true;
}

static bool on_document_end(struct builder *b, const yaml_event_t *event) {
    struct yaml_document *document = &b->yaml->documents.at[b->yaml->documents.n - 1];
    if (!event->data.document_end.implicit)
        document->at.end = offset_of(b, event->end_mark);
    else if (document->root)
        document->at.end = document->root->at.end;
    return true;
}

static bool on_event(struct builder *b, const yaml_event_t *event) {
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document_start(b, event);
    case YAML_DOCUMENT_END_EVENT:
        return on_document_end(b, event);
    case YAML_ALIAS_EVENT:
        return on_alias(b, event);
    case YAML_SCALAR_EVENT:
        return on_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return on_start(b, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(b, event);
    default:
        return true;
    }
}

static void report(struct builder *b, const yaml_parser_t *parser) {
    const char *problem = parser->problem ? parser->problem : "not enough memory";
    bool is_reader = parser->error == YAML_READER_ERROR;
    uint32_t at = is_reader ? (uint32_t)parser->problem_offset : offset_of(b, parser->problem_mark);
    struct str text = b->source->text;
    if (at < text.n && text.p[at] == '\t' && strstr(problem, "cannot start any token"))
        diag_at(b->diags, b->source, at, "a tab cannot indent YAML: use spaces");
    else if (parser->context && !is_reader)
        diag_at(b->diags, b->source, at, "%s (%s that starts in line %u)", problem, parser->context,
                source_position(b->source, offset_of(b, parser->context_mark)).line);
    else
        diag_at(b->diags, b->source, at < text.n ? at : text.n, "%s", problem);
}

static bool has_json_keys(const struct yaml_node *node) {
    while (node && node->kind == YAML_SEQUENCE && node->is_flow && node->n)
        node = node->items[0];
    return node && node->kind == YAML_MAPPING && node->is_flow && node->n &&
           node->pairs[0].key->style == YAML_DOUBLE_QUOTED;
}

static bool build(struct builder *b) {
    __attribute__((cleanup(yaml_parser_delete))) yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        diag_file(b->diags, b->source->path, "not enough memory");
        return false;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)b->source->text.p, b->source->text.n);
    for (bool is_done = false; !is_done;) {
        __attribute__((cleanup(yaml_event_delete))) yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            report(b, &parser);
            return false;
        }
        if (!on_event(b, &event))
            return false;
        is_done = event.type == YAML_STREAM_END_EVENT;
    }
    return true;
}

struct yaml *yaml_parse(struct arena *arena, struct source *source, struct diags *diags) {
    ARENA(scratch);
    struct yaml *yaml = arena_new(arena, struct yaml);
    *yaml = (struct yaml){.source = source, .list_step = -1};
    struct builder *b = arena_new(&scratch, struct builder);
    *b = (struct builder){.arena = arena,
                          .scratch = &scratch,
                          .source = source,
                          .diags = diags,
                          .yaml = yaml,
                          .seen = source->bom,
                          .line_start = source->bom};
    index_marks(b);
    if (!build(b))
        return NULL;
    if (yaml->step == 0)
        yaml->step = 2;
    yaml->is_json = yaml->documents.n && has_json_keys(yaml->documents.at[0].root);
    return yaml;
}
