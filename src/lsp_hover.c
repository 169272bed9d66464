#include "lsp.h"

/* What may stand in a paragraph of Markdown as it is; the rest behind a backslash (spec.commonmark.org, 2.4). */
static void add_text(struct buf *out, struct str text) {
    for (uint32_t i = 0; i < text.n; i++) {
        if (str_find(STR("\\`*_{}[]<>#|&~"), 0, text.p[i]) < 14)
            buf_byte(out, '\\');
        buf_byte(out, text.p[i]);
    }
}

static void add_paragraph(struct buf *out, const char *title, struct str text) {
    if (!text.n)
        return;
    buf_printf(out, "\n\n**%s:** ", title);
    add_text(out, text);
}

static void add_finding(struct buf *out, const struct finding *finding) {
    const struct rule *rule = finding->rule;
    buf_printf(out, "%s**%.*s**: ", out->n ? "\n\n---\n\n" : "", STR_ARG(rule->id));
    add_text(out, finding->message);
    add_paragraph(out, "What", rule->summary);
    add_paragraph(out, "Why", rule->why);
    add_paragraph(out, "What may break", rule->may_break);
    for (uint32_t i = 0; i < rule->sources.n; i++)
        buf_printf(out, "%s<%.*s>", i ? ", " : "\n\n**Sources:** ", STR_ARG(rule->sources.list[i]));
}

json_t *lsp_hover(struct lsp_server *server, const json_t *params) {
    ARENA(scratch);
    struct lsp_document *document = lsp_document_of(server, params);
    struct lsp_analysis *analysis = document ? lsp_analysis_of(server, document) : NULL;
    struct buf text = {.arena = &scratch};
    struct span all = {UINT32_MAX, 0};
    uint32_t at;
    if (!analysis || !analysis->document || !lsp_offset(&analysis->text, json_object_get(params, "position"), &at))
        return NULL;
    for (uint32_t i = 0; i < analysis->document->findings.n; i++) {
        const struct finding *finding = analysis->document->findings.at[i];
        struct span span = lsp_finding_span(analysis, finding);
        if (finding->is_suppressed || at < span.start || at > span.end)
            continue;
        add_finding(&text, finding);
        all.start = span.start < all.start ? span.start : all.start;
        all.end = span.end > all.end ? span.end : all.end;
    }
    if (!text.n)
        return NULL;
    return json_pack("{s:{s:s,s:o},s:o}", "contents", "kind", "markdown", "value", lsp_string(buf_str(&text)), "range",
                     lsp_range(&analysis->text, all));
}
