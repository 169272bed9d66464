/* --format=sarif: Static Analysis Results Interchange Format 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0, by whose
 * sections § names are; docs.github.com, "SARIF support for code scanning"). */
#include "diff.h"
#include "report_parts.h"

/* Paths are relative to this (§3.4.4); where it lies, whoever reads the report knows. */
#define BASE "%SRCROOT%"

/* --- rules ---------------------------------------------------------------------------------------------------------
 */

static void add_part(struct buf *out, bool is_markdown, const char *title, struct str text) {
    if (text.n)
        buf_printf(out, is_markdown ? "**%s**: %.*s\n\n" : "%s: %.*s\n\n", title, STR_ARG(text));
}

/* What a rule is for, and what can be done about it. */
static struct str help_of(const struct rule *rule, bool is_markdown, struct arena *scratch) {
    struct buf out = {.arena = scratch}, sources = {.arena = scratch};
    const char *quote = is_markdown ? "`" : "";
    for (uint32_t i = 0; i < rule->sources.n; i++)
        buf_printf(&sources, is_markdown ? "\n- <%.*s>" : "\n%.*s", STR_ARG(rule->sources.list[i]));
    add_part(&out, is_markdown, "Why", rule->why);
    add_part(&out, is_markdown, "What may break", rule->may_break);
    add_part(&out, is_markdown, "To leave it as it is",
             str_printf(scratch, "write the comment %s# ironhull: ignore=%.*s -- reason%s directly above it", quote,
                        STR_ARG(rule->id), quote));
    add_part(&out, is_markdown, "Sources", buf_str(&sources));
    return str_trim(buf_str(&out));
}

static void put_rule(FILE *out, const struct rule *rule) {
    enum level level = rule->has_safe ? LEVEL_ERROR : rule->has_unsafe ? LEVEL_WARNING : LEVEL_NOTE;
    ARENA(scratch);
    json_print(out, "{'id': %t, 'shortDescription': {'text': %t}, 'fullDescription': {'text': %t}, ", rule->id,
               rule->summary, rule->why);
    json_print(out, "'help': {'text': %t, 'markdown': %t}, ", help_of(rule, false, &scratch),
               help_of(rule, true, &scratch));
    json_print(out, "'defaultConfiguration': {'level': %s}, 'properties': {'tags': ['security']}}", level_name(level));
}

/* --- places --------------------------------------------------------------------------------------------------------
 */

/* A path as a URI (RFC 3986, section 3.3), byte by byte. */
static struct str uri_of(struct arena *scratch, struct str path) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    struct buf out = {.arena = scratch};
    if (str_starts(path, STR("/")))
        buf_add(&out, STR("file://"));
    for (uint32_t i = 0; i < path.n; i++) {
        if (str_find(STR(plain), 0, path.p[i]) < sizeof plain - 1)
            buf_byte(&out, path.p[i]);
        else
            buf_printf(&out, "%%%02X", (unsigned char)path.p[i]);
    }
    return buf_str(&out);
}

static void put_artifact(FILE *out, struct str uri) {
    json_print(out, "'artifactLocation': {'uri': %t", uri);
    if (!str_starts(uri, STR("file:")))
        json_print(out, ", 'uriBaseId': %s", BASE);
    fputs("}", out);
}

static void put_locations(FILE *out, struct str uri, struct position at) {
    json_print(out, "'locations': [{'physicalLocation': {");
    put_artifact(out, uri);
    if (at.line)
        json_print(out, ", 'region': {'startLine': %u, 'startColumn': %u}", at.line, at.column);
    fputs("}}]", out);
}

/* --- results -------------------------------------------------------------------------------------------------------
 */

static void put_replacement(FILE *out, const struct edit *edit, struct source *source) {
    struct position from = source_position(source, edit->at.start), to = source_position(source, edit->at.end);
    json_print(out, "{'deletedRegion': {'startLine': %u, 'startColumn': %u, 'endLine': %u, 'endColumn': %u, ",
               from.line, from.column, to.line, to.column);
    json_print(out, "'byteOffset': %u, 'byteLength': %u}", edit->at.start, edit->at.end - edit->at.start);
    if (edit->text.n)
        json_print(out, ", 'insertedContent': {'text': %t}", edit->text);
    fputs("}", out);
}

static void put_change(FILE *out, struct str uri, const struct edits *edits, struct source *source) {
    fputs("{", out);
    put_artifact(out, uri);
    json_print(out, ", 'replacements': [");
    for (uint32_t i = 0; i < edits->list.n; i++) {
        fputs(i ? ", " : "", out);
        put_replacement(out, &edits->list.at[i], source);
    }
    fputs("]}", out);
}

/* The change of a whole file, with `lead` before it; nothing where there is none. */
static void put_all(FILE *out, const char *lead, const struct document *document) {
    ARENA(scratch);
    struct source source = source_from(&scratch, document->path, document->before, document->format);
    struct edits edits = {.arena = &scratch};
    diff_edits(document->before, document->after, &edits);
    if (edits.list.n == 0)
        return;
    fputs(lead, out);
    put_change(out, uri_of(&scratch, document->path), &edits, &source);
}

/* NULL where there is none. */
static const struct finding *first_applied(const struct document *document) {
    bool is_changed = !str_eq(document->before, document->after);
    for (uint32_t i = 0; i < document->findings.n && is_changed; i++)
        if (document->findings.at[i]->is_applied && finding_is_said(document->findings.at[i]))
            return document->findings.at[i];
    return NULL;
}

/* Fixes that are applied rest on each other, and on the files that come with them: none is right alone, and the first
 * one of a file is given them all. */
static void put_fixes(FILE *out, const struct document *document, const struct finding *finding, struct source *source,
                      struct str uri) {
    bool is_own = finding_kind(finding) == KIND_UNSAFE && finding->edits.list.n && !finding->is_suppressed;
    if (finding->is_applied ? finding != first_applied(document) : !is_own)
        return;
    json_print(out, ", 'fixes': [{'description': {'text': %s}, 'artifactChanges': [",
               finding->is_applied ? "All fixes of this file" : "Unsafe fix");
    if (finding->is_applied) {
        put_all(out, "", document);
        for (uint32_t i = 0; i < document->companions.n; i++)
            put_all(out, ", ", document->companions.at[i]);
    } else
        put_change(out, uri, &finding->edits, source);
    fputs("]}]", out);
}

static void put_result(struct report *report, const struct document *document, const struct finding *finding,
                       struct source *source, struct str uri) {
    FILE *out = report->out;
    json_item(report);
    json_print(out, "{'ruleId': %t, 'ruleIndex': %u, 'level': %s, 'message': {'text': %t}, ", finding->rule->id,
               (uint32_t)(finding->rule - rules), level_name(finding_level(report, finding)), finding->message);
    put_locations(out, uri, finding->where);
    json_print(out, ", 'partialFingerprints': {'ironhull/v1': %t}, 'properties': {'kind': %s}", finding->fingerprint,
               kind_name(finding_kind(finding)));
    put_fixes(out, document, finding, source, uri);
    if (finding->is_suppressed && finding->reason.n)
        json_print(out, ", 'suppressions': [{'kind': 'inSource', 'justification': %t}]", finding->reason);
    else if (finding->is_suppressed)
        json_print(out, ", 'suppressions': [{'kind': 'inSource'}]");
    else if (finding->is_accepted)
        json_print(out, ", 'suppressions': [{'kind': 'external', 'justification': 'the baseline accepts it'}]");
    fputs("}", out);
}

static void sarif_document(struct report *report, const struct document *document, struct arena *scratch) {
    struct source source = source_from(scratch, document->path, document->before, document->format);
    struct str uri = uri_of(scratch, document->path);
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (!finding_is_said(finding) || finding_is_open(report, finding))
            put_result(report, document, finding, &source, uri);
    }
}

/* --- the run -------------------------------------------------------------------------------------------------------
 */

static void sarif_begin(struct report *report) {
    FILE *out = report->out;
    json_print(out,
               "{\n'$schema': 'https://json.schemastore.org/sarif-2.1.0.json',\n'version': '2.1.0',\n'runs': [{\n"
               "'tool': {'driver': {'name': 'ironhull', 'version': %s, 'rules': [",
               IRONHULL_VERSION);
    for (uint32_t i = 0; i < rules_n; i++) {
        json_item(report);
        put_rule(out, &rules[i]);
    }
    json_print(out,
               "]}},\n'originalUriBaseIds': {%s: {'description': {'text': 'The folder of the run.'}}},\n"
               "'columnKind': 'unicodeCodePoints',\n'results': [",
               BASE);
    report->has_items = false;
}

static void sarif_end(struct report *report, const struct diags *diags) {
    ARENA(scratch);
    FILE *out = report->out;
    json_print(out, "\n],\n'invocations': [{'executionSuccessful': %b, 'toolExecutionNotifications': [",
               diags->list.n == 0);
    report->has_items = false;
    for (uint32_t i = 0; i < diags->list.n; i++) {
        const struct diag *diag = &diags->list.at[i];
        json_item(report);
        json_print(out, "{'level': 'error', 'message': {'text': %t}", diag->message);
        if (diag->path.n) {
            fputs(", ", out);
            put_locations(out, uri_of(&scratch, diag->path), diag->at);
        }
        fputs("}", out);
    }
    fputs("]}]\n}]\n}\n", out);
}

const struct report_format report_sarif = {STR_INIT("sarif"), true, sarif_begin, sarif_document, NULL, sarif_end};
