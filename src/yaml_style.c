/* The style that new text at a place takes over. */
#include "yaml_parts.h"

#include <assert.h>

enum { MAX_DASH = 8 };

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
    return yaml->list_step < 0 ? YAML_DEFAULT_STEP : (uint32_t)yaml->list_step;
}

static uint32_t dash_of(const struct yaml *yaml, const struct yaml_node *sequence) {
    if (sequence->kind != YAML_SEQUENCE || sequence->n == 0)
        return YAML_DEFAULT_STEP;
    const struct yaml_node *item = sequence->items[sequence->n - 1];
    const char *p = yaml->source->text.p;
    uint32_t start = item->at.start;
    while (start > sequence->at.start && p[start - 1] == ' ')
        start--;
    uint32_t dash = item->at.start - start + 1;
    return start > 0 && p[start - 1] == '-' && dash >= YAML_DEFAULT_STEP && dash <= MAX_DASH ? dash : YAML_DEFAULT_STEP;
}

struct yaml_writer yaml_writer_for(const struct yaml *yaml, const struct yaml_node *node, struct arena *arena) {
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

bool yaml_has_brackets(const struct yaml *yaml, const struct yaml_node *node) {
    char first = yaml->source->text.p[node->at.start];
    return first == (node->kind == YAML_MAPPING ? '{' : '[') &&
           (node->n == 0 || yaml_first_node(node, 0)->at.start != node->at.start);
}

bool yaml_has_member_lines(const struct yaml *yaml, const struct yaml_node *node, struct str *ret_indent) {
    if (!node || !node->is_flow || node->n == 0 || !yaml_has_brackets(yaml, node))
        return false;
    const struct yaml_node *last =
        node->kind == YAML_MAPPING ? node->pairs[node->n - 1].key : yaml_last_node(node, node->n - 1);
    return yaml_is_first_in_line(yaml, last->at.start, ret_indent);
}

static struct str spaces(struct arena *arena, uint32_t n) {
    return str_printf(arena, "%*s", (int)n, "");
}

struct str yaml_unit_of(const struct yaml *yaml, const struct yaml_node *node, struct str indent, struct arena *arena) {
    struct str base = yaml_line_indent(yaml, node->at.start);
    if (indent.n > base.n && str_starts(indent, base))
        return str_sub(indent, base.n, indent.n);
    return str_find(indent, 0, '\t') < indent.n ? STR("\t") : spaces(arena, yaml->step);
}

static void note_json(struct yaml_writer *w, const struct yaml *yaml, const struct yaml_node *mapping) {
    const struct yaml_pair *first = &mapping->pairs[0], *last = &mapping->pairs[mapping->n - 1];
    struct str text = yaml->source->text, gap = yaml_between(yaml, first->key->at.end, first->value->at.start);
    w->is_json = first->key->style == YAML_DOUBLE_QUOTED && last->key->style == YAML_DOUBLE_QUOTED;
    if (w->is_json && str_eq(str_trim(gap), STR(":")) && first->value->at.end > first->value->at.start &&
        !yaml_has_odd_break(gap) && str_find(gap, 0, '\n') == gap.n)
        w->colon = gap;
    bool is_tight = mapping->n > 1 ? str_eq(yaml_between(yaml, last[-1].value->at.end, last->key->at.start), STR(","))
                                   : str_eq(w->colon, STR(":"));
    if (w->is_json && is_tight)
        w->comma = STR(",");
    if (yaml_has_brackets(yaml, mapping) && text.p[mapping->at.start + 1] == ' ')
        w->pad = STR(" ");
}

struct yaml_writer yaml_flow_writer(const struct yaml *yaml, const struct yaml_node *node, struct arena *arena) {
    struct yaml_writer w = yaml_writer_for(yaml, node, arena);
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
             str_eq(yaml_between(yaml, node->items[node->n - 2]->at.end, yaml_last_node(node, node->n - 1)->at.start),
                    STR(",")))
        w.comma = STR(",");
    w.is_pretty = yaml_has_member_lines(yaml, node, &w.indent);
    if (w.is_pretty)
        w.unit = yaml_unit_of(yaml, node, w.indent, arena);
    return w;
}
