#include "lsp.h"

#include <stdlib.h>
#include <string.h>

static char *copy(struct str text) {
    char *bytes = malloc((size_t)text.n + 1);
    if (!bytes)
        abort();
    if (text.n)
        memcpy(bytes, text.p, text.n);
    bytes[text.n] = '\0';
    return bytes;
}

/* --- what is known of documents ------------------------------------------------------------------------------------
 */

void lsp_document_forget(struct lsp_document *document) {
    lsp_analysis_free(document->analysis);
    document->analysis = NULL;
    document->is_due = true;
}

void lsp_refresh(struct lsp_server *server) {
    if (server->state == LSP_RUNNING && server->abilities.refreshes)
        lsp_wire_request(&server->wire, "workspace/diagnostic/refresh", NULL);
}

void lsp_forget(struct lsp_server *server) {
    server->revision++;
    for (struct lsp_document *document = server->documents; document; document = document->next)
        lsp_document_forget(document);
    for (struct lsp_folder *folder = server->folders; folder; folder = folder->next)
        lsp_folder_forget_sources(folder);
    lsp_refresh(server);
}

/* Forgets a document, and those that were looked at together with it. */
static void forget_with(struct lsp_server *server, struct lsp_document *changed) {
    changed->revision = ++server->revision;
    for (struct lsp_document *document = server->documents; document; document = document->next) {
        struct str path = lsp_path_in(document->folder, str_of(changed->path));
        if (document == changed || (document->analysis && project_find(&document->analysis->project, path)))
            lsp_document_forget(document);
    }
}

struct lsp_overlays lsp_overlays_of(const struct lsp_server *server, struct arena *arena) {
    struct lsp_overlays overlays = {0};
    for (const struct lsp_document *document = server->documents; document; document = document->next)
        *vec_push(arena, &overlays.list) = (struct lsp_overlay){str_of(document->path), {document->text, document->n}};
    return overlays;
}

struct lsp_analysis *lsp_analysis_at(struct lsp_server *server, struct lsp_folder *folder, struct str path,
                                     enum format format, bool is_filter) {
    ARENA(scratch);
    struct lsp_overlays overlays = lsp_overlays_of(server, &scratch);
    return lsp_analyse(folder, path, format, &overlays, &server->settings.options, server->encoding, is_filter);
}

struct lsp_analysis *lsp_analysis_of(struct lsp_server *server, struct lsp_document *document) {
    if (!document->analysis)
        document->analysis = lsp_analysis_at(server, document->folder, str_of(document->path), document->format,
                                             !server->abilities.creates_files);
    return document->analysis;
}

struct str lsp_uri_of(struct lsp_server *server, struct arena *arena, const struct lsp_folder *folder, struct str path,
                      json_t **ret_version) {
    bool is_file = *folder->path || str_starts(path, STR("/"));
    struct str full = is_file ? path_join(arena, str_of(folder->path), path) : path;
    const struct lsp_document *document = lsp_document_at(server, full);
    if (ret_version)
        *ret_version = document ? json_integer(document->version) : json_null();
    return document ? str_of(document->uri) : lsp_path_uri(arena, full);
}

/* --- documents -----------------------------------------------------------------------------------------------------
 */

struct lsp_document *lsp_document_at(struct lsp_server *server, struct str path) {
    for (struct lsp_document *document = server->documents; document; document = document->next)
        if (str_eq(str_of(document->path), path))
            return document;
    return NULL;
}

struct lsp_document *lsp_document_of(struct lsp_server *server, const json_t *params) {
    struct str uri = lsp_json_text(json_object_get(json_object_get(params, "textDocument"), "uri"));
    for (struct lsp_document *document = server->documents; uri.p && document; document = document->next)
        if (str_eq(str_of(document->uri), uri))
            return document;
    return NULL;
}

/* The format that an editor's name of a language stands for. */
static enum format format_of(struct str language) {
    static const struct {
        struct str name;
        enum format format;
    } names[] = {
        {STR_INIT("dockerfile"), FORMAT_DOCKERFILE},
        {STR_INIT("dockercompose"), FORMAT_COMPOSE},
        {STR_INIT("yaml.docker-compose"), FORMAT_COMPOSE},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(names[i].name, language))
            return names[i].format;
    return FORMAT_NONE;
}

static void set_text(struct lsp_document *document, struct str text) {
    char *old = document->text;
    document->text = copy(text);
    document->n = text.n;
    free(old);
}

static void free_document(struct lsp_document *document) {
    lsp_analysis_free(document->analysis);
    free(document->uri);
    free(document->path);
    free(document->text);
    free(document);
}

static void remove_document(struct lsp_server *server, struct lsp_document *document) {
    struct lsp_document **at = &server->documents;
    while (*at != document)
        at = &(*at)->next;
    *at = document->next;
    free_document(document);
}

static void close_document(struct lsp_server *server, struct lsp_document *document) {
    if (!server->abilities.pulls)
        lsp_wire_notify(&server->wire, "textDocument/publishDiagnostics",
                        json_pack("{s:s,s:[]}", "uri", document->uri, "diagnostics"));
    forget_with(server, document);
    lsp_index_set_due(server, str_of(document->path));
    remove_document(server, document);
    lsp_folders_drop(server);
}

static void say_too_large(struct lsp_server *server, struct str uri) {
    ARENA(scratch);
    lsp_say(server, str_printf(&scratch, "%.*s is larger than %d MiB: it is not looked at until it is opened again",
                               STR_ARG(uri), SOURCE_MAX_BYTES / 1024 / 1024));
}

void lsp_did_open(struct lsp_server *server, const json_t *params) {
    ARENA(scratch);
    const json_t *item = json_object_get(params, "textDocument");
    struct str uri = lsp_json_text(json_object_get(item, "uri")), text = lsp_json_text(json_object_get(item, "text"));
    struct lsp_document *old = lsp_document_of(server, params), *document;
    if (!uri.p || strlen(uri.p) != uri.n || !text.p)
        return;
    if (old)
        remove_document(server, old);
    if (text.n > SOURCE_MAX_BYTES) {
        say_too_large(server, uri);
        return;
    }
    document = calloc(1, sizeof *document);
    if (!document)
        abort();
    struct str path = lsp_uri_path(&scratch, uri);
    document->uri = copy(uri);
    document->path = copy(path.n ? path : uri);
    document->version = json_integer_value(json_object_get(item, "version"));
    document->format = format_of(lsp_json_text(json_object_get(item, "languageId")));
    set_text(document, text);
    document->folder = lsp_folder_of(server, str_of(document->path));
    document->next = server->documents;
    server->documents = document;
    lsp_folder_forget_sources(document->folder);
    forget_with(server, document);
    bool is_ours = discover_format(path) || discover_content(text);
    if (is_ours && !map_get(&document->folder->index.groups, lsp_path_in(document->folder, path)))
        lsp_index_set_due(server, path);
}

/* One change of a text: of a range, or of all of it. False where it becomes too large. */
static bool apply(struct lsp_server *server, struct lsp_document *document, const json_t *change) {
    ARENA(scratch);
    const json_t *range = json_object_get(change, "range"), *string = json_object_get(change, "text");
    struct str old = {document->text, document->n}, new = lsp_json_text(string);
    struct span at = {0, old.n};
    if (!json_is_string(string))
        return true;
    if (range && !json_is_null(range)) {
        struct lsp_text text = lsp_text_of(&scratch, old, server->encoding);
        lsp_split(&scratch, &text, range);
        if (!lsp_span(&text, range, &at))
            return true;
        old = text.text;
    }
    if ((uint64_t)old.n - (at.end - at.start) + new.n > SOURCE_MAX_BYTES)
        return false;
    struct buf out = {.arena = &scratch};
    buf_add(&out, str_sub(old, 0, at.start));
    buf_add(&out, new);
    buf_add(&out, str_sub(old, at.end, old.n));
    set_text(document, buf_str(&out));
    return true;
}

void lsp_did_change(struct lsp_server *server, const json_t *params) {
    struct lsp_document *document = lsp_document_of(server, params);
    const json_t *change;
    size_t i;
    if (!document)
        return;
    json_array_foreach(json_object_get(params, "contentChanges"), i, change) if (!apply(server, document, change)) {
        say_too_large(server, str_of(document->uri));
        close_document(server, document);
        return;
    }
    const json_t *version = json_object_get(json_object_get(params, "textDocument"), "version");
    if (json_is_integer(version))
        document->version = json_integer_value(version);
    forget_with(server, document);
}

/* Where nothing tells of other files, this is a good moment to look at them again. */
void lsp_did_save(struct lsp_server *server, const json_t *params) {
    struct lsp_document *document = lsp_document_of(server, params);
    if (!document)
        return;
    lsp_index_set_due(server, str_of(document->path));
    lsp_folder_forget_sources(document->folder);
    if (!server->abilities.watches || str_eq(path_name(str_of(document->path)), STR(CONFIG_NAME)))
        lsp_forget(server);
    document->revision = server->revision; /* it is the first to be looked at */
}

void lsp_did_close(struct lsp_server *server, const json_t *params) {
    struct lsp_document *document = lsp_document_of(server, params);
    if (document)
        close_document(server, document);
}

void lsp_documents_release(struct lsp_server *server) {
    while (server->documents)
        remove_document(server, server->documents);
}
