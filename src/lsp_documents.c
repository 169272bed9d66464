#include "lsp.h"

#include <stdlib.h>
#include <string.h>

static struct str text_of(const json_t *string) {
    return (struct str){json_string_value(string), (uint32_t)json_string_length(string)};
}

static char *copy(struct str text) {
    char *bytes = malloc((size_t)text.n + 1);
    if (!bytes)
        abort();
    if (text.n)
        memcpy(bytes, text.p, text.n);
    bytes[text.n] = '\0';
    return bytes;
}

/* --- folders -------------------------------------------------------------------------------------------------------
 */

static struct lsp_folder *add_folder(struct lsp_server *server, struct str path, bool is_implicit) {
    struct lsp_folder *folder = calloc(1, sizeof *folder);
    if (!folder)
        abort();
    folder->path = copy(path);
    folder->is_implicit = is_implicit;
    folder->next = server->folders;
    server->folders = folder;
    return folder;
}

/* The folder that a file belongs to: the innermost of the workspace, else its own. */
static struct lsp_folder *folder_of(struct lsp_server *server, struct str path) {
    struct lsp_folder *best = NULL;
    struct str own = str_starts(path, STR("/")) ? path_folder(path) : STR("");
    for (struct lsp_folder *folder = server->folders; folder; folder = folder->next) {
        struct str root = str_of(folder->path);
        bool is_in = folder->is_implicit ? str_eq(root, own) : own.n && path_is_below(path, root);
        bool is_better = !best || best->is_implicit || strlen(best->path) < root.n;
        if (is_in && is_better && !(folder->is_implicit && best))
            best = folder;
    }
    return best ? best : add_folder(server, own, true);
}

static void place_all(struct lsp_server *server) {
    for (struct lsp_document *document = server->documents; document; document = document->next)
        document->folder = folder_of(server, str_of(document->path));
    lsp_forget(server);
}

void lsp_folder_add(struct lsp_server *server, struct str uri) {
    ARENA(scratch);
    struct str path = lsp_uri_path(&scratch, uri);
    if (!path.n)
        return;
    add_folder(server, path, false);
    place_all(server);
}

static void free_folder(struct lsp_folder *folder) {
    lsp_index_release(&folder->index);
    trees_release(&folder->trees);
    free(folder->path);
    free(folder);
}

void lsp_folder_remove(struct lsp_server *server, struct str uri) {
    ARENA(scratch);
    struct str path = lsp_uri_path(&scratch, uri);
    for (struct lsp_folder **at = &server->folders; path.n && *at; at = &(*at)->next)
        if (!(*at)->is_implicit && str_eq(str_of((*at)->path), path)) {
            struct lsp_folder *folder = *at;
            *at = folder->next;
            server->survey.folder = server->folders;
            server->survey.next = 0;
            place_all(server);
            free_folder(folder);
            return;
        }
}

void lsp_did_change_folders(struct lsp_server *server, const json_t *params) {
    const json_t *event = json_object_get(params, "event"), *folder;
    size_t i;
    json_array_foreach(json_object_get(event, "removed"), i, folder)
        lsp_folder_remove(server, text_of(json_object_get(folder, "uri")));
    json_array_foreach(json_object_get(event, "added"), i, folder)
        lsp_folder_add(server, text_of(json_object_get(folder, "uri")));
}

/* --- what is known of documents ------------------------------------------------------------------------------------
 */

static void free_analyses(struct lsp_document *document) {
    lsp_analysis_free(document->analysis);
    for (uint32_t i = 0; document->alone && i < rules_n; i++)
        lsp_analysis_free(document->alone[i]);
    free(document->alone);
    document->analysis = NULL;
    document->alone = NULL;
}

static void forget(struct lsp_document *document) {
    free_analyses(document);
    document->is_due = true;
}

void lsp_forget(struct lsp_server *server) {
    server->revision++;
    for (struct lsp_document *document = server->documents; document; document = document->next)
        forget(document);
}

/* Forgets a document, and those that were looked at together with it. */
static void forget_with(struct lsp_server *server, struct lsp_document *changed) {
    changed->revision = ++server->revision;
    for (struct lsp_document *document = server->documents; document; document = document->next) {
        struct str path = lsp_path_in(document->folder, str_of(changed->path));
        if (document == changed || (document->analysis && project_find(&document->analysis->project, path)))
            forget(document);
    }
}

static struct lsp_overlays overlays_of(const struct lsp_server *server, struct arena *arena) {
    struct lsp_overlays overlays = {0};
    for (const struct lsp_document *document = server->documents; document; document = document->next)
        *vec_push(arena, &overlays.list) = (struct lsp_overlay){str_of(document->path), {document->text, document->n}};
    return overlays;
}

struct lsp_analysis *lsp_analysis_at(struct lsp_server *server, struct lsp_folder *folder, struct str path,
                                     enum format format, bool is_filter, const struct rule *rule) {
    ARENA(scratch);
    struct lsp_overlays overlays = overlays_of(server, &scratch);
    struct options options = server->settings.options;
    if (rule) {
        options.config.choice.selected = 0;
        rule_choice_read(&scratch, rule->id, &options.config.choice.selected);
    }
    return lsp_analyse(folder, path, format, &overlays, &options, server->encoding, is_filter);
}

struct lsp_analysis *lsp_analysis_of(struct lsp_server *server, struct lsp_document *document) {
    if (!document->analysis)
        document->analysis = lsp_analysis_at(server, document->folder, str_of(document->path), document->format,
                                             !server->abilities.creates_files, NULL);
    return document->analysis;
}

struct lsp_analysis *lsp_analysis_alone(struct lsp_server *server, struct lsp_document *document,
                                        const struct rule *rule) {
    if (!document->alone && !(document->alone = calloc(rules_n, sizeof *document->alone)))
        abort();
    struct lsp_analysis **analysis = &document->alone[rule - rules];
    if (!*analysis)
        *analysis = lsp_analysis_at(server, document->folder, str_of(document->path), document->format,
                                    !server->abilities.creates_files, rule);
    return *analysis;
}

static bool is_same_group(const struct lsp_index *a, const struct lsp_index *b, struct str path) {
    const struct lsp_group *x = map_get(&a->groups, path), *y = map_get(&b->groups, path);
    if (!x || !y || x->paths.n != y->paths.n)
        return x == y;
    for (uint32_t i = 0; i < x->paths.n; i++)
        if (!str_eq(x->paths.at[i], y->paths.at[i]))
            return false;
    return (a->n_dockerfiles > 1) == (b->n_dockerfiles > 1);
}

void lsp_index_renew(struct lsp_server *server) {
    ARENA(scratch);
    struct lsp_overlays overlays = overlays_of(server, &scratch);
    bool is_changed = false;
    server->is_index_due = false;
    for (struct lsp_folder *folder = server->folders; folder; folder = folder->next) {
        struct lsp_index old = folder->index;
        folder->index = (struct lsp_index){0};
        lsp_index_make(folder, &overlays, &server->settings.options);
        for (struct lsp_document *document = server->documents; document; document = document->next)
            if (document->folder == folder && old.is_made &&
                !is_same_group(&old, &folder->index, lsp_path_in(folder, str_of(document->path)))) {
                forget(document);
                is_changed = true;
            }
        lsp_index_release(&old);
    }
    server->revision += is_changed;
    if (is_changed && server->abilities.refreshes)
        lsp_wire_request(&server->wire, "workspace/diagnostic/refresh", NULL);
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
    struct str uri = text_of(json_object_get(json_object_get(params, "textDocument"), "uri"));
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
    free_analyses(document);
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

void lsp_did_open(struct lsp_server *server, const json_t *params) {
    ARENA(scratch);
    const json_t *item = json_object_get(params, "textDocument");
    struct str uri = text_of(json_object_get(item, "uri")), text = text_of(json_object_get(item, "text"));
    struct lsp_document *old = lsp_document_of(server, params), *document = calloc(1, sizeof *document);
    if (!document)
        abort();
    if (!uri.p || !text.p || text.n > SOURCE_MAX_BYTES) {
        free(document);
        return;
    }
    if (old)
        remove_document(server, old);
    struct str path = lsp_uri_path(&scratch, uri);
    document->uri = copy(uri);
    document->path = copy(path.n ? path : uri);
    document->version = json_integer_value(json_object_get(item, "version"));
    document->format = format_of(text_of(json_object_get(item, "languageId")));
    set_text(document, text);
    document->folder = folder_of(server, str_of(document->path));
    document->next = server->documents;
    server->documents = document;
    forget_with(server, document);
    server->is_index_due |=
        !map_get(&document->folder->index.groups, lsp_path_in(document->folder, str_of(document->path)));
}

/* One change of a text: of a range, or of all of it. */
static void apply(struct lsp_server *server, struct lsp_document *document, const json_t *change) {
    ARENA(scratch);
    const json_t *range = json_object_get(change, "range"), *string = json_object_get(change, "text");
    struct str old = {document->text, document->n}, new = text_of(string);
    struct span at = {0, old.n};
    if (!json_is_string(string))
        return;
    struct lsp_text text = lsp_text_of(&scratch, old, server->encoding);
    if (range && !json_is_null(range) && !lsp_span(&text, range, &at))
        return;
    if ((uint64_t)old.n + new.n > SOURCE_MAX_BYTES)
        return;
    struct buf out = {.arena = &scratch};
    buf_add(&out, str_sub(old, 0, at.start));
    buf_add(&out, new);
    buf_add(&out, str_sub(old, at.end, old.n));
    set_text(document, buf_str(&out));
}

void lsp_did_change(struct lsp_server *server, const json_t *params) {
    struct lsp_document *document = lsp_document_of(server, params);
    const json_t *change;
    size_t i;
    if (!document)
        return;
    json_array_foreach(json_object_get(params, "contentChanges"), i, change) apply(server, document, change);
    const json_t *version = json_object_get(json_object_get(params, "textDocument"), "version");
    if (json_is_integer(version))
        document->version = json_integer_value(version);
    forget_with(server, document);
}

void lsp_did_save(struct lsp_server *server, const json_t *params) {
    const struct lsp_document *document = lsp_document_of(server, params);
    server->is_index_due = true;
    if (document && str_eq(path_name(str_of(document->path)), STR(CONFIG_NAME)))
        lsp_forget(server);
}

void lsp_did_close(struct lsp_server *server, const json_t *params) {
    struct lsp_document *document = lsp_document_of(server, params);
    if (!document)
        return;
    if (!server->abilities.pulls)
        lsp_wire_notify(&server->wire, "textDocument/publishDiagnostics",
                        json_pack("{s:s,s:[]}", "uri", document->uri, "diagnostics"));
    forget_with(server, document);
    remove_document(server, document);
    server->is_index_due = true;
}

void lsp_did_change_files(struct lsp_server *server, const json_t *params) {
    if (json_array_size(json_object_get(params, "changes")) == 0)
        return;
    lsp_forget(server);
    server->is_index_due = true;
    if (server->abilities.refreshes)
        lsp_wire_request(&server->wire, "workspace/diagnostic/refresh", NULL);
}

void lsp_documents_release(struct lsp_server *server) {
    while (server->documents)
        remove_document(server, server->documents);
    while (server->folders) {
        struct lsp_folder *folder = server->folders;
        server->folders = folder->next;
        free_folder(folder);
    }
}
