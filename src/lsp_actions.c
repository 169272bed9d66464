#include "lsp.h"

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

static json_t *edits_of(struct lsp_server *server, const struct document *document) {
    ARENA(scratch);
    struct lsp_text text = lsp_text_of(&scratch, document->before, server->encoding);
    return lsp_edits_to(&text, document->after);
}

static bool is_changed(const struct document *document) {
    return !str_eq(document->before, document->after);
}

/* --- fixes ---------------------------------------------------------------------------------------------------------
 */

/* Whether a file beside the document is changed by a fix of the rule. */
static bool has_fix(const struct document *companion, const struct rule *rule) {
    bool has_any = false;
    for (uint32_t i = 0; i < companion->findings.n; i++)
        has_any |= companion->findings.at[i]->is_applied && companion->findings.at[i]->rule == rule;
    return has_any && is_changed(companion);
}

static bool is_companion(const struct lsp_analysis *analysis, const struct document *document,
                         const struct rule *rule) {
    return document != analysis->document && (rule ? has_fix(document, rule) : is_changed(document));
}

/* What the fixes of a rule, or of all rules (NULL), need beside the document comes first, as when files are written. */
static void add_companions(struct changes *changes, struct lsp_analysis *analysis, const struct rule *rule) {
    for (uint32_t i = 0; i < analysis->project.documents.n; i++) {
        const struct document *companion = analysis->project.documents.at[i];
        if (is_companion(analysis, companion, rule))
            add(changes, companion, edits_of(changes->server, companion));
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

/* Whether the files beside the document are changed, by a fix of the rule, or of any (NULL). */
static bool has_companions(const struct lsp_analysis *analysis, const struct rule *rule) {
    for (uint32_t i = 0; i < analysis->project.documents.n; i++)
        if (is_companion(analysis, analysis->project.documents.at[i], rule))
            return true;
    return false;
}

static bool can_fix(const struct lsp_analysis *analysis, const struct finding *finding) {
    if (!finding)
        return false;
    return lsp_is_own(analysis, finding) ? finding->edits.list.n > 0 : has_companions(analysis, finding->rule);
}

/* A fix is made alone: what it is depends on which others are made with it, as a program that stays root needs
 * capabilities. So each rule is looked at as if it were the only one. */
static const struct finding *find_alone(const struct lsp_analysis *alone, const struct finding *finding) {
    const struct document *own = alone->document;
    const struct finding *found = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < own->findings.n; i++) {
        const struct finding *other = own->findings.at[i];
        if (other->rule != finding->rule || other->at != finding->at || other->is_suppressed)
            continue;
        if (str_eq(other->message, finding->message))
            return can_fix(alone, other) ? other : NULL;
        found = other;
        n++;
    }
    return n == 1 && can_fix(alone, found) ? found : NULL; /* alone it may say something else */
}

/* The edit that makes one fix; NULL where there is none. */
static json_t *fix_edit(struct lsp_server *server, struct lsp_document *document, struct lsp_analysis *analysis,
                        const struct finding *finding, enum safety *ret_safety) {
    struct lsp_analysis *alone = lsp_analysis_alone(server, document, finding->rule);
    const struct finding *own = find_alone(alone, finding);
    if (!own)
        return NULL;
    *ret_safety = own->safety;
    struct changes changes = begin(server, document->folder);
    add_companions(&changes, alone, own->rule);
    if (lsp_is_own(alone, own))
        add(&changes, analysis->document, lsp_edits(&analysis->text, &own->edits));
    return finish(&changes);
}

static void add_fix(struct lsp_server *server, struct lsp_document *document, struct lsp_analysis *analysis,
                    const struct finding *finding, json_t *actions) {
    ARENA(scratch);
    enum safety safety = finding->safety;
    bool is_later = server->abilities.resolves;
    if (safety == SAFETY_MANUAL)
        return;
    json_t *edit = is_later ? NULL : fix_edit(server, document, analysis, finding, &safety);
    if (!edit && !is_later)
        return;
    const struct rule *rule = finding->rule;
    struct str title = str_printf(&scratch, "%.*s: %.*s%s", STR_ARG(rule->id), STR_ARG(rule->summary),
                                  safety == SAFETY_SAFE ? ""
                                                        : " (unsafe: somebody wrote it on purpose, or not "
                                                          "all is known)");
    json_t *fix = action("quickfix", title, edit);
    json_object_set_new(fix, "diagnostics", json_pack("[o]", lsp_diagnostic(analysis, finding)));
    json_object_set_new(fix, "isPreferred", json_boolean(safety == SAFETY_SAFE));
    if (is_later)
        leave_edit(fix, document, finding);
    json_array_append_new(actions, fix);
}

static void add_ignore(struct lsp_server *server, const struct lsp_document *document, struct lsp_analysis *analysis,
                       const struct finding *finding, json_t *actions) {
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
    json_object_set_new(comment, "diagnostics", json_pack("[o]", lsp_diagnostic(analysis, finding)));
    json_array_append_new(actions, comment);
}

/* The edit that makes all fixes; NULL where there are none. */
static json_t *fix_all_edit(struct lsp_server *server, const struct lsp_document *document,
                            struct lsp_analysis *analysis) {
    struct changes changes = begin(server, document->folder);
    add_companions(&changes, analysis, NULL);
    if (is_changed(analysis->document))
        add(&changes, analysis->document, lsp_edits_to(&analysis->text, analysis->document->after));
    return finish(&changes);
}

static bool can_fix_all(const struct lsp_analysis *analysis) {
    /* a .dockerignore is a part of what is to be done with its Dockerfile */
    return analysis->document->format != FORMAT_DOCKERIGNORE &&
           (is_changed(analysis->document) || has_companions(analysis, NULL));
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
        add_fix(server, document, analysis, finding, actions);
        add_ignore(server, document, analysis, finding, actions);
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

/* The edit is one of the text as it is now. That of a fix that alone is another one than its title says, or none, is
 * not made. */
json_t *lsp_resolve_action(struct lsp_server *server, const json_t *params) {
    const json_t *data = json_object_get(params, "data"), *name = json_object_get(data, "finding");
    struct lsp_document *document = lsp_document_of(server, data);
    struct lsp_analysis *analysis = document ? lsp_analysis_of(server, document) : NULL;
    json_t *action = json_deep_copy(params), *edit = NULL;
    if (!analysis || !analysis->document)
        return action;
    if (!name)
        edit = can_fix_all(analysis) ? fix_all_edit(server, document, analysis) : NULL;
    const struct finding *finding = name ? find(analysis, lsp_json_text(name)) : NULL;
    enum safety safety = SAFETY_MANUAL;
    if (finding)
        edit = fix_edit(server, document, analysis, finding, &safety);
    if (finding && safety < finding->safety) {
        ARENA(scratch);
        json_decref(edit);
        edit = NULL;
        lsp_say(server,
                str_printf(&scratch,
                           "the fix of %.*s needs others of this file, which \"Harden this file\" makes with it",
                           STR_ARG(finding->rule->id)));
    }
    if (edit)
        json_object_set_new(action, "edit", edit);
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
        lsp_analysis_at(server, document->folder, str_of(document->path), document->format, true, NULL);
    json_t *edits = NULL;
    if (analysis->document && is_changed(analysis->document) && analysis->document->format != FORMAT_DOCKERIGNORE)
        edits = lsp_edits_to(&analysis->text, analysis->document->after);
    lsp_analysis_free(analysis);
    return edits;
}
