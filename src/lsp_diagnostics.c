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

/* A member of an object whose value is a string. */
static void put(struct buf *out, const char *name, struct str value) {
    buf_add(out, str_of(name));
    lsp_put_string(out, value);
}

/* All of a Diagnostic but its end. */
static void put_diagnostic(struct buf *out, struct lsp_analysis *analysis, const struct finding *finding) {
    const struct rule *rule = finding->rule;
    buf_add(out, STR("{\"range\":"));
    lsp_put_range(out, &analysis->text, lsp_finding_span(analysis, finding));
    buf_printf(out, ",\"severity\":%d", severity_of(finding));
    put(out, ",\"code\":", rule->id);
    put(out, ",\"source\":\"ironhull\",\"message\":", finding->message);
    put(out, ",\"data\":", finding->fingerprint);
    if (rule->sources.n) {
        put(out, ",\"codeDescription\":{\"href\":", rule->sources.list[0]);
        buf_byte(out, '}');
    }
    if (is_unnecessary(analysis, finding))
        buf_printf(out, ",\"tags\":[%d]", TAG_UNNECESSARY);
}

static json_t *parsed(struct buf *text) {
    return json_loadb(text->p, text->n, JSON_ALLOW_NUL, NULL);
}

json_t *lsp_diagnostic(struct lsp_analysis *analysis, const struct finding *finding) {
    ARENA(scratch);
    struct buf out = {.arena = &scratch};
    put_diagnostic(&out, analysis, finding);
    buf_byte(&out, '}');
    return parsed(&out);
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
static void put_error(struct buf *out, struct lsp_analysis *analysis, const struct diag *diag, bool is_own) {
    struct str message = diag->message;
    if (!is_own)
        message = str_printf(out->arena, "%.*s:%u:%u: %.*s", STR_ARG(diag->path), diag->at.line, diag->at.column,
                             STR_ARG(diag->message));
    struct position top = {1, 1}, where = is_own && diag->at.line ? diag->at : top;
    buf_add(out, STR("{\"range\":"));
    lsp_put_range(out, &analysis->text, place_of(analysis, where));
    buf_printf(out, ",\"severity\":%d", SEVERITY_ERROR);
    put(out, ",\"source\":\"ironhull\",\"message\":", message);
    buf_byte(out, '}');
}

/* The path of what was looked at; of a configuration the one that has errors. */
static bool is_own(struct lsp_analysis *analysis, const struct diag *diag) {
    return !analysis->document || str_eq(diag->path, analysis->document->path);
}

static void put_related(struct buf *out, json_t *related) {
    JSON(owned) = related;
    if (json_array_size(owned) == 0)
        return;
    char *text = json_dumps(owned, JSON_COMPACT);
    buf_printf(out, ",\"relatedInformation\":%s", text);
    free(text);
}

/* The findings of a document as a list of Diagnostic. */
static void put_diagnostics(struct buf *out, struct lsp_server *server, const struct lsp_folder *folder,
                            struct lsp_analysis *analysis) {
    const struct document *document = analysis->document;
    const char *separator = "[";
    for (uint32_t i = 0; i < analysis->diags.list.n; i++, separator = ",") {
        const struct diag *diag = &analysis->diags.list.at[i];
        buf_add(out, str_of(separator));
        put_error(out, analysis, diag, is_own(analysis, diag));
    }
    for (uint32_t i = 0; document && i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (finding->is_suppressed)
            continue;
        buf_add(out, str_of(separator));
        put_diagnostic(out, analysis, finding);
        if (server->abilities.relates)
            put_related(out, lsp_related(server, folder, analysis, finding));
        buf_byte(out, '}');
        separator = ",";
    }
    buf_add(out, *separator == '[' ? STR("[]") : STR("]"));
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
    ARENA(scratch);
    struct buf out = {.arena = &scratch};
    next->is_due = false;
    put(&out, "{\"uri\":", str_of(next->uri));
    buf_printf(&out, ",\"version\":%" JSON_INTEGER_FORMAT ",\"diagnostics\":", next->version);
    put_diagnostics(&out, server, next->folder, lsp_analysis_of(server, next));
    buf_byte(&out, '}');
    lsp_wire_notify_text(&server->wire, "textDocument/publishDiagnostics", buf_str(&out));
    return true;
}

/* --- on request ----------------------------------------------------------------------------------------------------
 */

/* The report of a document: that nothing has changed, where what the client knows is the same. */
static void put_report(struct buf *out, struct str items, const json_t *known) {
    char id[20];
    snprintf(id, sizeof id, "%016llx", (unsigned long long)str_hash(0, items));
    bool is_known = json_is_string(known) && !strcmp(json_string_value(known), id);
    buf_printf(out, "{\"kind\":\"%s\",\"resultId\":\"%s\"", is_known ? "unchanged" : "full", id);
    if (!is_known) {
        buf_add(out, STR(",\"items\":"));
        buf_add(out, items);
    }
    buf_byte(out, '}');
}

void lsp_pull(struct lsp_server *server, const json_t *id, const json_t *params) {
    ARENA(scratch);
    struct lsp_document *document = lsp_document_of(server, params);
    struct buf items = {.arena = &scratch}, out = {.arena = &scratch};
    if (document)
        put_diagnostics(&items, server, document->folder, lsp_analysis_of(server, document));
    put_report(&out, document ? buf_str(&items) : STR("[]"),
               document ? json_object_get(params, "previousResultId") : NULL);
    lsp_wire_answer_text(&server->wire, id, buf_str(&out));
}

/* --- the whole workspace -------------------------------------------------------------------------------------------
 */

static void end_survey(struct lsp_survey *survey) {
    json_decref(survey->id);
    json_decref(survey->known);
    json_decref(survey->token);
    json_decref(survey->items);
    *survey = (struct lsp_survey){0};
}

void lsp_survey_begin(struct lsp_server *server, const json_t *id, const json_t *params) {
    struct lsp_survey *survey = &server->survey;
    const json_t *item;
    size_t i;
    if (survey->id)
        lsp_wire_refuse(&server->wire, survey->id, RPC_CANCELLED, "another one was asked for");
    end_survey(survey);
    survey->id = json_deep_copy(id);
    survey->known = json_object();
    survey->token = json_deep_copy(json_object_get(params, "partialResultToken"));
    survey->items = json_array();
    survey->folder = server->folders;
    json_array_foreach(json_object_get(params, "previousResultIds"), i, item) {
        ARENA(scratch);
        struct str path = lsp_uri_path(&scratch, lsp_json_text(json_object_get(item, "uri")));
        if (path.p)
            json_object_set_new(survey->known, str_c(&scratch, path), json_deep_copy(item));
    }
}

bool lsp_survey_cancel(struct lsp_server *server, const json_t *id) {
    if (!server->survey.id || !id || !json_equal(server->survey.id, id))
        return false;
    lsp_wire_refuse(&server->wire, server->survey.id, RPC_CANCELLED, "cancelled");
    end_survey(&server->survey);
    return true;
}

/* Takes the report of a file. */
static void add_report(struct lsp_server *server, json_t *report) {
    const struct lsp_survey *survey = &server->survey;
    if (survey->token)
        lsp_wire_notify(&server->wire, "$/progress",
                        json_pack("{s:O,s:{s:[o]}}", "token", survey->token, "value", "items", report));
    else
        json_array_append_new(survey->items, report);
}

static void survey_file(struct lsp_server *server, struct lsp_folder *folder, struct str path) {
    ARENA(scratch);
    struct lsp_survey *survey = &server->survey;
    json_t *version;
    struct str full = path_join(&scratch, str_of(folder->path), path);
    if (lsp_folder_of(server, full) != folder)
        return; /* a folder of the workspace that lies in this one has it */
    struct str uri = lsp_uri_of(server, &scratch, folder, path, &version);
    struct lsp_document *document = lsp_document_at(server, full);
    struct lsp_analysis *own = document ? NULL : lsp_analysis_at(server, folder, full, FORMAT_NONE, false);
    struct buf items = {.arena = &scratch}, out = {.arena = &scratch};
    put_diagnostics(&items, server, folder, own ? own : lsp_analysis_of(server, document));
    lsp_analysis_free(own);
    put_report(&out, buf_str(&items), json_object_get(json_object_get(survey->known, str_c(&scratch, full)), "value"));
    json_object_del(survey->known, str_c(&scratch, full));
    json_t *report = parsed(&out);
    json_object_set_new(report, "uri", lsp_string(uri));
    json_object_set_new(report, "version", version);
    add_report(server, report);
}

/* What the client knows of files that are no longer there, or not ours any more, is taken back. */
static void survey_gone(struct lsp_server *server) {
    const char *path;
    json_t *known;
    json_object_foreach(server->survey.known, path, known) if (!lsp_document_at(server, str_of(path)))
        add_report(server, json_pack("{s:s,s:[],s:O,s:n}", "kind", "full", "items", "uri",
                                     json_object_get(known, "uri"), "version"));
}

/* Where nothing has changed since the last one, the answer waits until something does: clients ask again at once. */
bool lsp_survey_step(struct lsp_server *server) {
    struct lsp_survey *survey = &server->survey;
    bool is_new = server->revision != server->surveyed || json_object_size(survey->known) == 0;
    if (!survey->id || (!survey->is_begun && !is_new))
        return false;
    if (!survey->is_begun) {
        lsp_index_renew(server);
        server->surveyed = server->revision;
    }
    survey->is_begun = true;
    for (; survey->folder; survey->folder = survey->folder->next, survey->next = 0) {
        struct lsp_folder *folder = survey->folder;
        if (folder->kind != LSP_WORKSPACE || !lsp_folder_look(server, folder) || survey->next >= folder->index.paths.n)
            continue;
        survey_file(server, folder, folder->index.paths.at[survey->next++]);
        return true;
    }
    survey_gone(server);
    lsp_wire_answer(&server->wire, survey->id, json_pack("{s:O}", "items", survey->items));
    end_survey(survey);
    return true;
}
