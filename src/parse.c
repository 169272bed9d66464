#include "parse.h"

#include "render.h"

/* Text between {{ and }} reads as a mapping whose key is a mapping: nobody writes that, but every template has it. */
static const struct yaml_node *find_template(const struct yaml_node *node) {
    if (!node || node->kind == YAML_SCALAR || node->kind == YAML_ALIAS)
        return NULL;
    for (uint32_t i = 0; i < node->n; i++) {
        const struct yaml_node *value = node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i];
        if (node->kind == YAML_MAPPING && node->pairs[i].key->kind == YAML_MAPPING)
            return node;
        const struct yaml_node *found = find_template(value);
        if (found)
            return found;
    }
    return NULL;
}

/* Where the text shows that it is a template; its length where it does not. */
static uint32_t template_at(const struct document *document) {
    uint32_t n = document->source.text.n, at = render_mark(document->source.text);
    if (!document->yaml || at == n)
        return at;
    for (uint32_t i = 0; i < document->yaml->documents.n; i++) {
        const struct yaml_node *found = find_template(document->yaml->documents.at[i].root);
        if (found)
            return found->at.start;
    }
    return n;
}

/* A manifest that is a template has no documents. */
static bool parse_yaml(struct trees *trees, struct arena *arena, struct document *document, struct diags *diags) {
    struct diags own = {.arena = arena};
    document->yaml = document->is_in_chart ? NULL : trees_parse(trees, arena, &document->source, &own);
    uint32_t at = template_at(document), n = document->source.text.n;
    if (document->format == FORMAT_KUBE && (document->is_in_chart || at < n)) {
        document->is_template = true;
        document->template_at = at < n ? at : 0;
        document->yaml = arena_new(arena, struct yaml);
        document->yaml->source = &document->source;
    } else if (at < n) {
        diag_at(diags, &document->source, at,
                "this is a template, not YAML: render it first, and harden what comes out");
        return false;
    }
    for (uint32_t i = 0; !document->yaml && i < own.list.n; i++) {
        struct diag *diag = vec_push(diags->arena, &diags->list);
        *diag = own.list.at[i];
        diag->path = str_dup(diags->arena, diag->path);
        diag->message = str_dup(diags->arena, diag->message);
    }
    return document->yaml != NULL;
}

/* docker compose refuses empty files and other kinds of roots too. */
static bool is_compose(struct document *document, struct diags *diags) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < document->yaml->documents.n; i++) {
        const struct yaml_node *root = document->yaml->documents.at[i].root;
        n += root != NULL;
        if (root && root->kind != YAML_MAPPING) {
            diag_at(diags, &document->source, root->at.start, "a compose file is a mapping, with the key services");
            return false;
        }
    }
    if (n == 0)
        diag_file(diags, document->path, "is empty: a compose file is a mapping, with the key services");
    return n > 0;
}

bool document_parse(struct trees *trees, struct arena *arena, struct document *document, struct str text,
                    struct diags *diags) {
    document->source = source_from(arena, document->path, text, document->format);
    switch (document->format) {
    case FORMAT_DOCKERFILE:
        document->dockerfile = dockerfile_parse(arena, &document->source, diags);
        if (!document->dockerfile || !dockerfile_check(document->dockerfile, diags))
            return false;
        document->dockerfile->arguments = document->arguments;
        document->stages = stages_of(arena, document->dockerfile, &document->config->images);
        document->suppress =
            suppress_dockerfile(arena, document->dockerfile, document->stages, document->config->writable);
        return true;
    case FORMAT_COMPOSE:
    case FORMAT_KUBE:
        if (!parse_yaml(trees, arena, document, diags) ||
            (document->format == FORMAT_COMPOSE && !is_compose(document, diags)))
            return false;
        document->suppress = suppress_yaml(arena, document->yaml);
        return true;
    default:
        return true;
    }
}
