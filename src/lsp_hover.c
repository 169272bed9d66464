#include "lsp.h"

/* What may stand in a paragraph of Markdown as it is; the rest behind a backslash (spec.commonmark.org, 2.4). */
static void add_text(struct buf *out, struct str text, bool is_markdown) {
    static const struct str special = STR_INIT("\\`*_{}[]<>#|&~");
    for (uint32_t i = 0; i < text.n; i++) {
        if (is_markdown && str_find(special, 0, text.p[i]) < special.n)
            buf_byte(out, '\\');
        buf_byte(out, text.p[i]);
    }
}

static void add_paragraph(struct buf *out, const char *title, struct str text, bool is_markdown) {
    if (!text.n)
        return;
    buf_printf(out, is_markdown ? "\n\n**%s:** " : "\n\n%s: ", title);
    add_text(out, text, is_markdown);
}

static void add_finding(struct buf *out, const struct finding *finding, bool is_markdown) {
    const struct rule *rule = finding->rule;
    buf_printf(out, is_markdown ? "%s**%.*s**: " : "%s%.*s: ", out->n ? "\n\n---\n\n" : "", STR_ARG(rule->id));
    add_text(out, finding->message, is_markdown);
    add_paragraph(out, "What", rule->summary, is_markdown);
    add_paragraph(out, "Why", rule->why, is_markdown);
    add_paragraph(out, "What may break", rule->may_break, is_markdown);
    for (uint32_t i = 0; i < rule->sources.n; i++) {
        const char *before = i ? ", " : is_markdown ? "\n\n**Sources:** " : "\n\nSources: ";
        buf_printf(out, is_markdown ? "%s<%.*s>" : "%s%.*s", before, STR_ARG(rule->sources.list[i]));
    }
}

json_t *lsp_hover(struct lsp_server *server, const json_t *params) {
    ARENA(scratch);
    struct lsp_document *document = lsp_document_of(server, params);
    struct lsp_analysis *analysis = document ? lsp_analysis_of(server, document) : NULL;
    struct buf text = {.arena = &scratch};
    bool is_markdown = server->abilities.marks_up;
    struct span all = {UINT32_MAX, 0};
    uint32_t at;
    if (!analysis || !analysis->document || !lsp_offset(&analysis->text, json_object_get(params, "position"), &at))
        return NULL;
    for (uint32_t i = 0; i < analysis->document->findings.n; i++) {
        const struct finding *finding = analysis->document->findings.at[i];
        struct span span = lsp_finding_span(analysis, finding);
        if (finding->is_suppressed || at < span.start || at > span.end)
            continue;
        add_finding(&text, finding, is_markdown);
        all.start = span.start < all.start ? span.start : all.start;
        all.end = span.end > all.end ? span.end : all.end;
    }
    if (!text.n)
        return NULL;
    return json_pack("{s:{s:s,s:o},s:o}", "contents", "kind", is_markdown ? "markdown" : "plaintext", "value",
                     lsp_string(buf_str(&text)), "range", lsp_range(&analysis->text, all));
}
