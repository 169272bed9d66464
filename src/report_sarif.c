/* --format=sarif: Static Analysis Results Interchange Format 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0, by whose
 * sections § names are; docs.github.com, "SARIF support for code scanning"). */
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

static json_t *rule_of(const struct rule *rule, struct arena *scratch) {
    enum level level = rule->has_safe ? LEVEL_ERROR : rule->has_unsafe ? LEVEL_WARNING : LEVEL_NOTE;
    return json_pack("{s:o, s:{s:o}, s:{s:o}, s:{s:o, s:o}, s:{s:s}, s:{s:[s]}}", "id", json_text(scratch, rule->id),
                     "shortDescription", "text", json_text(scratch, rule->summary), "fullDescription", "text",
                     json_text(scratch, rule->why), "help", "text", json_text(scratch, help_of(rule, false, scratch)),
                     "markdown", json_text(scratch, help_of(rule, true, scratch)), "defaultConfiguration", "level",
                     level_name(level), "properties", "tags", "security");
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

static json_t *artifact_of(struct str path, struct arena *scratch) {
    json_t *artifact = json_pack("{s:o}", "uri", json_text(scratch, uri_of(scratch, path)));
    if (!str_starts(path, STR("/")))
        json_add(artifact, "uriBaseId", json_string(BASE));
    return artifact;
}

static json_t *locations_of(struct str path, struct position at, struct arena *scratch) {
    json_t *physical = json_pack("{s:o}", "artifactLocation", artifact_of(path, scratch));
    if (at.line)
        json_add(physical, "region", json_pack("{s:i, s:i}", "startLine", at.line, "startColumn", at.column));
    return json_pack("[{s:o}]", "physicalLocation", physical);
}

/* --- results -------------------------------------------------------------------------------------------------------
 */

static json_t *replacement_of(const struct edit *edit, struct source *source, struct arena *scratch) {
    struct position from = source_position(source, edit->at.start), to = source_position(source, edit->at.end);
    json_t *replacement = json_pack("{s:{s:i, s:i, s:i, s:i, s:i, s:i}}", "deletedRegion", "startLine", from.line,
                                    "startColumn", from.column, "endLine", to.line, "endColumn", to.column,
                                    "byteOffset", edit->at.start, "byteLength", edit->at.end - edit->at.start);
    if (edit->text.n)
        json_add(replacement, "insertedContent", json_pack("{s:o}", "text", json_text(scratch, edit->text)));
    return replacement;
}

static json_t *fixes_of(const struct document *document, const struct finding *finding, struct source *source,
                        struct arena *scratch) {
    json_t *replacements = json_array();
    for (uint32_t i = 0; i < finding->edits.list.n; i++)
        json_array_append_new(replacements, replacement_of(&finding->edits.list.at[i], source, scratch));
    const char *what = finding_kind(finding) == KIND_UNSAFE ? "unsafe: %.*s" : "%.*s";
    struct str text = str_printf(scratch, what, STR_ARG(finding->rule->summary));
    return json_pack("[{s:{s:o}, s:[{s:o, s:o}]}]", "description", "text", json_text(scratch, text), "artifactChanges",
                     "artifactLocation", artifact_of(document->path, scratch), "replacements", replacements);
}

static json_t *suppressions_of(const struct finding *finding, struct arena *scratch) {
    json_t *suppression = json_pack("{s:s}", "kind", "inSource");
    if (finding->reason.n)
        json_add(suppression, "justification", json_text(scratch, finding->reason));
    return json_pack("[o]", suppression);
}

static void sarif_document(struct report *report, const struct document *document, struct arena *scratch) {
    struct source source = source_from(scratch, document->path, document->before, document->format);
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (!finding->is_suppressed && !finding_is_open(report, finding))
            continue;
        json_t *result = json_pack(
            "{s:o, s:i, s:s, s:{s:o}, s:o, s:{s:o}, s:{s:s}}", "ruleId", json_text(scratch, finding->rule->id),
            "ruleIndex", (int)(finding->rule - rules), "level", level_name(finding_level(finding)), "message", "text",
            json_text(scratch, finding->message), "locations", locations_of(document->path, finding->where, scratch),
            "partialFingerprints", "ironhull/v1", json_text(scratch, finding->fingerprint), "properties", "kind",
            kind_name(finding_kind(finding)));
        if (finding->edits.list.n)
            json_add(result, "fixes", fixes_of(document, finding, &source, scratch));
        if (finding->is_suppressed)
            json_add(result, "suppressions", suppressions_of(finding, scratch));
        json_write_item(report, result);
    }
}

/* --- the run -------------------------------------------------------------------------------------------------------
 */

static void sarif_begin(struct report *report) {
    ARENA(scratch);
    json_t *driver = json_tool(), *list = json_array();
    for (uint32_t i = 0; i < rules_n; i++)
        json_array_append_new(list, rule_of(&rules[i], &scratch));
    json_add(driver, "rules", list);
    fputs("{\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n\"version\": \"2.1.0\",\n"
          "\"runs\": [{\n\"tool\": ",
          report->out);
    json_write(report->out, json_pack("{s:o}", "driver", driver));
    fputs(",\n\"originalUriBaseIds\": ", report->out);
    json_write(report->out, json_pack("{s:{s:{s:s}}}", BASE, "description", "text", "The folder of the run."));
    fputs(",\n\"columnKind\": \"unicodeCodePoints\",\n\"results\": [", report->out);
}

static void sarif_end(struct report *report, const struct diags *diags) {
    ARENA(scratch);
    fprintf(report->out, "],\n\"invocations\": [{\"executionSuccessful\": %s, \"toolExecutionNotifications\": [",
            diags->list.n ? "false" : "true");
    report->has_items = false;
    for (uint32_t i = 0; i < diags->list.n; i++) {
        const struct diag *diag = &diags->list.at[i];
        json_t *notification =
            json_pack("{s:s, s:{s:o}}", "level", "error", "message", "text", json_text(&scratch, diag->message));
        if (diag->path.n)
            json_add(notification, "locations", locations_of(diag->path, diag->at, &scratch));
        json_write_item(report, notification);
    }
    fputs("]}]\n}]\n}\n", report->out);
}

const struct report_format report_sarif = {STR_INIT("sarif"), true, sarif_begin, sarif_document, NULL, sarif_end};
