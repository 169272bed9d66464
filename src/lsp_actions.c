#include "lsp.h"

#include "quick_fix.h"

#include <string.h>

/* A WorkspaceEdit while it grows. */
struct changes {
    struct lsp_server *server;
    const struct lsp_folder *folder;
    json_t *list;   /* documentChanges … */
    json_t *by_uri; /* … or, for clients without them, changes */
};

static struct changes begin(struct lsp_server *server, const struct lsp_folder *folder) {
    struct changes changes = {.server = server, .folder = folder};
    if (server->abilities.changes_versions)
        changes.list = json_array();
    else
        changes.by_uri = json_object();
    return changes;
}

/* Takes the edits. A new file is made first. */
static void add(struct changes *changes, const struct document *document, json_t *edits) {
    ARENA(scratch);
    json_t *version;
    struct str uri = lsp_uri_of(changes->server, &scratch, changes->folder, document->path, &version);
    if (document->is_new && changes->list)
        json_array_append_new(changes->list, json_pack("{s:s,s:o,s:{s:b}}", "kind", "create", "uri", lsp_string(uri),
                                                       "options", "ignoreIfExists", 1));
    if (changes->list)
        json_array_append_new(changes->list, json_pack("{s:{s:o,s:o},s:o}", "textDocument", "uri", lsp_string(uri),
                                                       "version", version, "edits", edits));
    else
        json_object_set_new(changes->by_uri, uri.p, edits);
    if (!changes->list)
        json_decref(version);
}

static json_t *finish(struct changes *changes) {
    return changes->list ? json_pack("{s:o}", "documentChanges", changes->list)
                         : json_pack("{s:o}", "changes", changes->by_uri);
}

static bool is_changed(const struct document *document) {
    return !str_eq(document->before, document->after);
}

/* --- fixes ---------------------------------------------------------------------------------------------------------
 */

static const uint32_t all_rules = UINT32_MAX; /* as bits */

static bool is_companion(const struct lsp_analysis *analysis, const struct document *document, uint32_t bits) {
    return document != analysis->document && is_changed(document) && quick_fix_brings(document, bits);
}

/* Whether files beside the document are changed by the fixes of these rules. */
static bool has_companions(const struct lsp_analysis *analysis, uint32_t bits) {
    for (uint32_t i = 0; i < analysis->project.documents.n; i++)
        if (is_companion(analysis, analysis->project.documents.at[i], bits))
            return true;
    return false;
}

/* What becomes of a file beside the document: of a Dockerfile, whose .dockerignore the document is, what these rules
 * make of it. */
static struct str companion_after(const struct document *companion, uint32_t bits, struct arena *arena) {
    const struct finding *last = NULL;
    for (uint32_t i = 0; companion->format == FORMAT_DOCKERFILE && i < companion->findings.n; i++) {
        const struct finding *finding = companion->findings.at[i];
        if (finding->is_applied && (rule_bit(finding->rule) & bits) &&
            (!last || last->quick_fix.step < finding->quick_fix.step))
            last = finding;
    }
    return last ? quick_fix_apply(companion, &last->quick_fix, arena) : companion->after;
}

/* What the fixes of these rules need beside the document comes first, as when files are written. */
static void add_companions(struct changes *changes, struct lsp_analysis *analysis, uint32_t bits) {
    for (uint32_t i = 0; i < analysis->project.documents.n; i++) {
        ARENA(scratch);
        const struct document *companion = analysis->project.documents.at[i];
        if (!is_companion(analysis, companion, bits))
            continue;
        struct lsp_text text = lsp_text_of(&scratch, companion->before, changes->server->encoding);
        add(changes, companion, lsp_edits_to(&text, companion_after(companion, bits, &scratch)));
    }
}

/* Without an edit the client asks for it when somebody chooses the action. */
static json_t *action(const char *kind, struct str title, json_t *edit) {
    return json_pack("{s:o,s:s,s:o*}", "title", lsp_string(title), "kind", kind, "edit", edit);
}

/* What the client gives back to have the edit made: the document, and of a fix its finding. */
static void leave_edit(json_t *action, const struct lsp_document *document, const struct finding *finding) {
    json_object_set_new(action, "data",
                        json_pack("{s:{s:s},s:o*}", "textDocument", "uri", document->uri, "finding",
                                  finding ? lsp_string(finding->fingerprint) : NULL));
}

/* The rules that a fix brings: what is found in a file that is missing is fixed by that file alone. */
static uint32_t rules_of(const struct lsp_analysis *analysis, const struct finding *finding) {
    return lsp_is_own(analysis, finding) ? finding->quick_fix.rules : rule_bit(finding->rule);
}

static bool can_fix(const struct lsp_analysis *analysis, const struct finding *finding) {
    return lsp_is_own(analysis, finding) ? finding->quick_fix.edits.list.n > 0
                                         : has_companions(analysis, rules_of(analysis, finding));
}

/* The edit that makes one fix. */
static json_t *fix_edit(struct lsp_server *server, const struct lsp_document *document, struct lsp_analysis *analysis,
                        const struct finding *finding) {
    ARENA(scratch);
    const struct quick_fix *fix = &finding->quick_fix;
    struct changes changes = begin(server, document->folder);
    add_companions(&changes, analysis, rules_of(analysis, finding));
    if (lsp_is_own(analysis, finding))
        add(&changes, analysis->document,
            fix->step == 0 ? lsp_edits(&analysis->text, &fix->edits)
                           : lsp_edits_to(&analysis->text, quick_fix_apply(analysis->document, fix, &scratch)));
    return finish(&changes);
}

/* What a fix does; where others have to come first, with these. */
static struct str title_of(const struct lsp_analysis *analysis, const struct finding *finding, struct arena *arena) {
    const struct rule *rule = finding->rule;
    uint32_t others = rules_of(analysis, finding) & ~rule_bit(rule);
    struct buf title = {.arena = arena};
    buf_printf(&title, "%.*s: %.*s", STR_ARG(rule->id), STR_ARG(rule->summary));
    for (uint32_t i = 0; i < rules_n; i++)
        if (others & rule_bit(&rules[i]))
            buf_printf(&title, "%s%.*s", others & (rule_bit(&rules[i]) - 1) ? ", " : ", with ", STR_ARG(rules[i].id));
    if (finding->safety != SAFETY_SAFE)
        buf_printf(&title, " (unsafe: somebody wrote it on purpose, or not all is known)");
    return buf_str(&title);
}

static void add_fix(struct lsp_server *server, const struct lsp_document *document, struct lsp_analysis *analysis,
                    const struct finding *finding, json_t *diagnostic, json_t *actions) {
    ARENA(scratch);
    bool is_later = server->abilities.resolves;
    if (finding->safety == SAFETY_MANUAL || !can_fix(analysis, finding))
        return;
    json_t *edit = is_later ? NULL : fix_edit(server, document, analysis, finding);
    json_t *fix = action("quickfix", title_of(analysis, finding, &scratch), edit);
    json_object_set_new(fix, "diagnostics", json_pack("[O]", diagnostic));
    json_object_set_new(fix, "isPreferred", json_boolean(finding->safety == SAFETY_SAFE));
    if (is_later)
        leave_edit(fix, document, finding);
    json_array_append_new(actions, fix);
}

static void add_ignore(struct lsp_server *server, const struct lsp_document *document, struct lsp_analysis *analysis,
                       const struct finding *finding, json_t *diagnostic, json_t *actions) {
    ARENA(scratch);
    struct lsp_ignore ignore;
    if (!lsp_ignore(analysis, finding, &scratch, &ignore))
        return;
    struct edits edits = {.arena = &scratch};
    edits_add(&edits, (struct span){ignore.at, ignore.at}, ignore.line);
    struct changes changes = begin(server, document->folder);
    add(&changes, analysis->document, lsp_edits(&analysis->text, &edits));
    struct str title = str_printf(&scratch, "Ignore %.*s here, with a reason", STR_ARG(finding->rule->id));
    if (ignore.is_for_file)
        title = str_printf(&scratch, "Ignore %.*s in the whole file, with a reason", STR_ARG(finding->rule->id));
    else if (ignore.n > 1)
        title =
            str_printf(&scratch, "Ignore %.*s here, with a reason (%u findings)", STR_ARG(finding->rule->id), ignore.n);
    json_t *comment = action("quickfix", title, finish(&changes));
    json_object_set_new(comment, "diagnostics", json_pack("[O]", diagnostic));
    json_array_append_new(actions, comment);
}

/* The edit that makes all fixes; NULL where there are none. */
static json_t *fix_all_edit(struct lsp_server *server, const struct lsp_document *document,
                            struct lsp_analysis *analysis) {
    struct changes changes = begin(server, document->folder);
    add_companions(&changes, analysis, all_rules);
    if (is_changed(analysis->document))
        add(&changes, analysis->document, lsp_edits_to(&analysis->text, analysis->document->after));
    return finish(&changes);
}

static bool can_fix_all(const struct lsp_analysis *analysis) {
    /* a .dockerignore is a part of what is to be done with its Dockerfile */
    return analysis->document->format != FORMAT_DOCKERIGNORE &&
           (is_changed(analysis->document) || has_companions(analysis, all_rules));
}

static void add_fix_all(struct lsp_server *server, const struct lsp_document *document, struct lsp_analysis *analysis,
                        bool is_later, json_t *actions) {
    if (!can_fix_all(analysis))
        return;
    json_t *edit = is_later ? NULL : fix_all_edit(server, document, analysis);
    json_t *all = action("source.fixAll.ironhull", STR("Harden this file"), edit);
    if (is_later)
        leave_edit(all, document, NULL);
    json_array_append_new(actions, all);
}

/* --- requests ------------------------------------------------------------------------------------------------------
 */

/* Whether a client that names kinds asks for this one: a kind stands for all below it. */
static bool is_wanted(const json_t *only, const char *kind) {
    const json_t *item;
    size_t i;
    json_array_foreach(only, i, item) {
        const char *name = json_string_value(item);
        size_t n = name ? strlen(name) : 0;
        if (name && (n == 0 || (!strncmp(kind, name, n) && (kind[n] == '.' || kind[n] == '\0'))))
            return true;
    }
    return !json_is_array(only);
}

json_t *lsp_code_actions(struct lsp_server *server, const json_t *params) {
    struct lsp_document *document = lsp_document_of(server, params);
    struct lsp_analysis *analysis = document ? lsp_analysis_of(server, document) : NULL;
    const json_t *only = json_object_get(json_object_get(params, "context"), "only");
    json_t *actions = json_array();
    struct span range;
    if (!analysis || !analysis->document || !lsp_span(&analysis->text, json_object_get(params, "range"), &range))
        return actions;
    range = lsp_lines(&analysis->text, range);
    for (uint32_t i = 0; is_wanted(only, "quickfix") && i < analysis->document->findings.n; i++) {
        const struct finding *finding = analysis->document->findings.at[i];
        struct span span = lsp_finding_span(analysis, finding);
        if (finding->is_suppressed || span.start > range.end || range.start > span.end)
            continue;
        JSON(diagnostic) = lsp_diagnostic(analysis, finding);
        add_fix(server, document, analysis, finding, diagnostic, actions);
        add_ignore(server, document, analysis, finding, diagnostic, actions);
    }
    /* who names it wants it done: on save editors ask like this, and many take the edit as it is */
    if (is_wanted(only, "source.fixAll.ironhull"))
        add_fix_all(server, document, analysis, server->abilities.resolves && !json_is_array(only), actions);
    return actions;
}

static const struct finding *find(const struct lsp_analysis *analysis, struct str fingerprint) {
    for (uint32_t i = 0; i < analysis->document->findings.n; i++)
        if (str_eq(analysis->document->findings.at[i]->fingerprint, fingerprint))
            return analysis->document->findings.at[i];
    return NULL;
}

/* The edit is one of the text as it is now; none is made of a fix that it does not need any more. */
json_t *lsp_resolve_action(struct lsp_server *server, const json_t *params) {
    const json_t *data = json_object_get(params, "data"), *name = json_object_get(data, "finding");
    struct lsp_document *document = lsp_document_of(server, data);
    struct lsp_analysis *analysis = document ? lsp_analysis_of(server, document) : NULL;
    json_t *action = json_deep_copy(params);
    if (!analysis || !analysis->document)
        return action;
    const struct finding *finding = name ? find(analysis, lsp_json_text(name)) : NULL;
    if (finding && can_fix(analysis, finding))
        json_object_set_new(action, "edit", fix_edit(server, document, analysis, finding));
    else if (!name && can_fix_all(analysis))
        json_object_set_new(action, "edit", fix_all_edit(server, document, analysis));
    return action;
}

/* Only the file itself can be changed here, as in a filter. */
json_t *lsp_will_save(struct lsp_server *server, const json_t *params) {
    enum { AFTER_DELAY = 2 };
    struct lsp_document *document = lsp_document_of(server, params);
    bool is_typing = json_integer_value(json_object_get(params, "reason")) == AFTER_DELAY;
    if (!document || !server->settings.fixes_on_save || is_typing)
        return NULL;
    struct lsp_analysis *analysis =
        lsp_analysis_at(server, document->folder, str_of(document->path), document->format, true);
    json_t *edits = NULL;
    if (analysis->document && is_changed(analysis->document) && analysis->document->format != FORMAT_DOCKERIGNORE)
        edits = lsp_edits_to(&analysis->text, analysis->document->after);
    lsp_analysis_free(analysis);
    return edits;
}
