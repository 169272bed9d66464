#include "rewrite.h"

#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b) {
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

struct str sorted_parts(struct arena *arena, struct str text, char separator) {
    VEC(struct str) parts = {0};
    struct buf out = {.arena = arena};
    for (struct str part; str_cut(&text, separator, &part);)
        *vec_push(arena, &parts) = part;
    if (parts.n)
        qsort(parts.at, parts.n, sizeof *parts.at, by_text);
    for (uint32_t i = 0; i < parts.n; i++)
        buf_printf(&out, "%.*s\n", STR_ARG(parts.at[i]));
    return buf_str(&out);
}

/* Of nodes: with the order of keys, or without; `is_set`: that of its items means nothing. */
static void dump(struct arena *arena, struct buf *out, const struct yaml_node *node, bool without_order, bool is_set);

/* Keys are, and what is quoted or cannot be anything else: ALL is the same as "ALL". */
static bool is_string(const struct yaml_node *node) {
    static const struct str words[] = {STR_INIT("y"),  STR_INIT("n"),   STR_INIT("yes"),  STR_INIT("no"),
                                       STR_INIT("on"), STR_INIT("off"), STR_INIT("true"), STR_INIT("false")};
    if (node->is_key || node->style != YAML_PLAIN)
        return true;
    bool is_number = node->value.n && strchr("+-.0123456789", *node->value.p);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        is_number |= str_eq_nocase(node->value, words[i]);
    return !is_number && !yaml_is_null(node);
}

/* Whether the items of a key's list may stand in any order. */
static bool is_set(const struct yaml_node *key) {
    return str_eq(key->value, STR("security_opt"));
}

static void dump_children(struct arena *arena, struct buf *out, const struct yaml_node *node, bool without_order,
                          bool has_order) {
    struct str *texts = arena_array(arena, node->n, sizeof *texts);
    bool is_mapping = node->kind == YAML_MAPPING;
    for (uint32_t i = 0; i < node->n; i++) {
        struct buf text = {.arena = arena};
        if (is_mapping)
            dump(arena, &text, node->pairs[i].key, without_order, false);
        buf_add(&text, STR(": "));
        dump(arena, &text, is_mapping ? node->pairs[i].value : node->items[i], without_order,
             is_mapping && is_set(node->pairs[i].key));
        texts[i] = buf_str(&text);
    }
    has_order &= !is_mapping && node->n && node->items[0]->kind == YAML_SCALAR;
    if (without_order && node->n && !has_order)
        qsort(texts, node->n, sizeof *texts, by_text);
    buf_add(out, is_mapping ? STR("{\n") : STR("[\n"));
    for (uint32_t i = 0; i < node->n; i++)
        buf_printf(out, "%.*s\n", STR_ARG(texts[i]));
    buf_byte(out, is_mapping ? '}' : ']');
}

static void dump(struct arena *arena, struct buf *out, const struct yaml_node *node, bool without_order, bool is_set) {
    if (!node)
        return;
    buf_printf(out, "%.*s%.*s", STR_ARG(node->tag), STR_ARG(node->anchor));
    if (node->kind == YAML_SCALAR)
        buf_printf(out, is_string(node) ? "\"%.*s\"" : "%.*s", STR_ARG(node->value));
    else if (node->kind == YAML_ALIAS)
        buf_printf(out, "*%.*s", STR_ARG(node->value));
    else
        dump_children(arena, out, node, without_order, !is_set);
}

/* The notation has lines of here-documents in it. */
static void dump_instruction(struct buf *out, const struct dockerfile *dockerfile,
                             const struct df_instruction *instruction) {
    struct df_instruction head = *instruction;
    head.n_heredocs = 0;
    dockerfile_dump(&(struct dockerfile){.source = dockerfile->source, .list = &head, .n = 1}, out);
    for (uint32_t i = 0; i < instruction->n_heredocs; i++)
        buf_printf(out, "<<%.*s\n%.*s", STR_ARG(instruction->heredocs[i].name),
                   STR_ARG(instruction->heredocs[i].content));
}

struct str meaning_of(struct arena *arena, enum format format, struct str text, bool without_order) {
    struct rewriting rewriting;
    struct buf out = {.arena = arena};
    if (!rewriting_begin(&rewriting, arena, STR("file"), text, format))
        return (struct str){NULL, 0};
    for (uint32_t i = 0; rewriting.dockerfile && i < rewriting.dockerfile->n; i++)
        dump_instruction(&out, rewriting.dockerfile, &rewriting.dockerfile->list[i]);
    if (rewriting.dockerfile && without_order)
        return sorted_parts(arena, buf_str(&out), ' ');
    for (uint32_t i = 0; rewriting.yaml && i < rewriting.yaml->documents.n; i++) {
        buf_add(&out, STR("---\n"));
        dump(arena, &out, rewriting.yaml->documents.at[i].root, without_order, false);
    }
    return buf_str(&out);
}
