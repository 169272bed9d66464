#include "lsp.h"

#include <string.h>

enum { SEVERITY_ERROR = 1, SEVERITY_WARNING, SEVERITY_INFORMATION };
enum { TAG_UNNECESSARY = 1 };

/* --- one document --------------------------------------------------------------------------------------------------
 */

struct span lsp_finding_span(struct lsp_analysis *analysis, const struct finding *finding) {
    return lsp_word(analysis->text.text, finding->at);
}

/* What has a fix is to be done; the rest is for a person to decide. */
static int severity_of(const struct finding *finding) {
    return finding->safety != SAFETY_MANUAL || finding->is_demand ? SEVERITY_WARNING : SEVERITY_INFORMATION;
}

/* A comment that silences nothing can go. */
static bool is_unnecessary(struct lsp_analysis *analysis, const struct finding *finding) {
    for (uint32_t i = 0; i < analysis->document->unused.n; i++)
        if (analysis->document->unused.at[i] == finding)
            return true;
    return false;
}

json_t *lsp_diagnostic(struct lsp_analysis *analysis, const struct finding *finding) {
    const struct rule *rule = finding->rule;
    json_t *diagnostic =
        json_pack("{s:o,s:i,s:o,s:s,s:o,s:o}", "range", lsp_range(&analysis->text, lsp_finding_span(analysis, finding)),
                  "severity", severity_of(finding), "code", lsp_string(rule->id), "source", "ironhull", "message",
                  lsp_string(finding->message), "data", lsp_string(finding->fingerprint));
    if (rule->sources.n)
        json_object_set_new(diagnostic, "codeDescription",
                            json_pack("{s:o}", "href", lsp_string(rule->sources.list[0])));
    if (is_unnecessary(analysis, finding))
        json_object_set_new(diagnostic, "tags", json_pack("[i]", TAG_UNNECESSARY));
    return diagnostic;
}

/* Where an error is, whose place counts lines as people do, and columns in code points. */
static struct span place_of(struct lsp_analysis *analysis, struct position where) {
    struct str text = analysis->text.text;
    uint32_t at = str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
    for (uint32_t line = 1; line < where.line && at < text.n; line++)
        at = str_find(text, at, '\n') + 1;
    at = at < text.n ? at : text.n;
    uint32_t end = str_find(text, at, '\n');
    for (uint32_t column = 1; column < where.column && at < end; column++) {
        uint32_t length = source_utf8_length((const unsigned char *)text.p + at, text.n - at);
        at += length ? length : 1;
    }
    return lsp_word(text, at);
}

/* What is wrong with a file that this one depends on, its configuration, is said at its top. */
static json_t *error_diagnostic(struct lsp_analysis *analysis, const struct diag *diag, bool is_own) {
    ARENA(scratch);
    struct str message = diag->message;
    if (!is_own)
        message = str_printf(&scratch, "%.*s:%u:%u: %.*s", STR_ARG(diag->path), diag->at.line, diag->at.column,
                             STR_ARG(diag->message));
    struct position top = {1, 1}, where = is_own && diag->at.line ? diag->at : top;
    return json_pack("{s:o,s:i,s:s,s:o}", "range", lsp_range(&analysis->text, place_of(analysis, where)), "severity",
                     SEVERITY_ERROR, "source", "ironhull", "message", lsp_string(message));
}

/* The path of what was looked at; of a configuration the one that has errors. */
static bool is_own(struct lsp_analysis *analysis, const struct diag *diag) {
    return !analysis->document || str_eq(diag->path, analysis->document->path);
}

json_t *lsp_diagnostics(struct lsp_server *server, const struct lsp_folder *folder, struct lsp_analysis *analysis) {
    json_t *list = json_array();
    const struct document *document = analysis->document;
    for (uint32_t i = 0; i < analysis->diags.list.n; i++) {
        const struct diag *diag = &analysis->diags.list.at[i];
        json_array_append_new(list, error_diagnostic(analysis, diag, is_own(analysis, diag)));
    }
    for (uint32_t i = 0; document && i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (finding->is_suppressed)
            continue;
        json_t *diagnostic = lsp_diagnostic(analysis, finding);
        JSON(related) = server->abilities.relates ? lsp_related(server, folder, analysis, finding) : NULL;
        if (json_array_size(related))
            json_object_set(diagnostic, "relatedInformation", related);
        json_array_append_new(list, diagnostic);
    }
    return list;
}

bool lsp_is_due(const struct lsp_server *server) {
    bool is_due = false;
    for (const struct lsp_document *document = server->documents; document; document = document->next)
        is_due |= document->is_due;
    return is_due && !server->abilities.pulls;
}

bool lsp_publish(struct lsp_server *server, bool is_quiet) {
    struct lsp_document *next = NULL;
    for (struct lsp_document *document = server->documents; document; document = document->next)
        if (document->is_due && (!next || next->revision < document->revision))
            next = document;
    if (!next || server->abilities.pulls || (!is_quiet && next->revision != server->revision))
        return false;
    next->is_due = false;
    lsp_wire_notify(&server->wire, "textDocument/publishDiagnostics",
                    json_pack("{s:s,s:I,s:o}", "uri", next->uri, "version", next->version, "diagnostics",
                              lsp_diagnostics(server, next->folder, lsp_analysis_of(server, next))));
    return true;
}

/* --- on request ----------------------------------------------------------------------------------------------------
 */

/* The report of a document: that nothing has changed, where what the client knows is the same. Takes `items`. */
static json_t *report(json_t *items, const json_t *known) {
    JSON(owned) = items;
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    char *text = json_dumps(owned, JSON_COMPACT), id[20];
    for (const char *p = text; p && *p; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
    free(text);
    snprintf(id, sizeof id, "%016llx", (unsigned long long)hash);
    if (json_is_string(known) && !strcmp(json_string_value(known), id))
        return json_pack("{s:s,s:s}", "kind", "unchanged", "resultId", id);
    return json_pack("{s:s,s:s,s:O}", "kind", "full", "resultId", id, "items", owned);
}

json_t *lsp_pull(struct lsp_server *server, const json_t *params) {
    struct lsp_document *document = lsp_document_of(server, params);
    if (!document)
        return report(json_array(), NULL);
    json_t *items = lsp_diagnostics(server, document->folder, lsp_analysis_of(server, document));
    return report(items, json_object_get(params, "previousResultId"));
}

/* --- the whole workspace -------------------------------------------------------------------------------------------
 */

static void end_survey(struct lsp_survey *survey) {
    json_decref(survey->id);
    json_decref(survey->known);
    json_decref(survey->items);
    *survey = (struct lsp_survey){0};
}

void lsp_survey_begin(struct lsp_server *server, const json_t *id, const json_t *params) {
    struct lsp_survey *survey = &server->survey;
    if (survey->id)
        lsp_wire_refuse(&server->wire, survey->id, RPC_CANCELLED, "another one was asked for");
    end_survey(survey);
    survey->id = json_deep_copy(id);
    survey->known = json_deep_copy(json_object_get(params, "previousResultIds"));
    survey->items = json_array();
    survey->folder = server->folders;
}

bool lsp_survey_cancel(struct lsp_server *server, const json_t *id) {
    if (!server->survey.id || !id || !json_equal(server->survey.id, id))
        return false;
    lsp_wire_refuse(&server->wire, server->survey.id, RPC_CANCELLED, "cancelled");
    end_survey(&server->survey);
    return true;
}

static const json_t *known_of(const struct lsp_survey *survey, struct str uri) {
    const json_t *item;
    size_t i;
    json_array_foreach(survey->known, i, item) if (str_eq(str_of(json_string_value(json_object_get(item, "uri"))),
                                                          uri)) return json_object_get(item, "value");
    return NULL;
}

static void survey_file(struct lsp_server *server, struct lsp_folder *folder, struct str path) {
    ARENA(scratch);
    struct lsp_survey *survey = &server->survey;
    json_t *version;
    struct str full = path_join(&scratch, str_of(folder->path), path);
    struct str uri = lsp_uri_of(server, &scratch, folder, path, &version);
    struct lsp_document *document = lsp_document_at(server, full);
    struct lsp_analysis *own = document ? NULL : lsp_analysis_at(server, folder, full, FORMAT_NONE, false, NULL);
    json_t *items = lsp_diagnostics(server, folder, own ? own : lsp_analysis_of(server, document));
    lsp_analysis_free(own);
    json_t *item = report(items, known_of(survey, uri));
    json_object_set_new(item, "uri", lsp_string(uri));
    json_object_set_new(item, "version", version);
    json_array_append_new(survey->items, item);
}

/* Where nothing has changed since the last one, the answer waits until something does: clients ask again at once. */
bool lsp_survey_step(struct lsp_server *server) {
    struct lsp_survey *survey = &server->survey;
    bool is_begun = json_array_size(survey->items) > 0 || survey->next > 0;
    if (!survey->id || (!is_begun && json_array_size(survey->known) && server->revision == server->surveyed))
        return false;
    if (!is_begun)
        server->surveyed = server->revision;
    while (survey->folder && (survey->folder->is_implicit || survey->next >= survey->folder->index.paths.n)) {
        if (!survey->folder->is_implicit && !survey->folder->index.is_made) {
            lsp_index_renew(server);
            continue;
        }
        survey->folder = survey->folder->next;
        survey->next = 0;
    }
    if (survey->folder) {
        survey_file(server, survey->folder, survey->folder->index.paths.at[survey->next++]);
        return true;
    }
    lsp_wire_answer(&server->wire, survey->id, json_pack("{s:O}", "items", survey->items));
    end_survey(survey);
    return true;
}
