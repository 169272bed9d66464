#include "lsp.h"

#include "repository.h"

#include <stdlib.h>
#include <string.h>

/* --- folders -------------------------------------------------------------------------------------------------------
 */

static struct lsp_folder *add_folder(struct lsp_server *server, struct str path, enum lsp_folder_kind kind) {
    struct lsp_folder *folder = calloc(1, sizeof *folder);
    if (!folder || !(folder->path = strndup(path.n ? path.p : "", path.n)))
        abort();
    folder->kind = kind;
    folder->next = server->folders;
    server->folders = folder;
    return folder;
}

static struct lsp_folder *get_folder(struct lsp_server *server, struct str path, enum lsp_folder_kind kind) {
    for (struct lsp_folder *folder = server->folders; folder; folder = folder->next)
        if (folder->kind == kind && str_eq(str_of(folder->path), path))
            return folder;
    return add_folder(server, path, kind);
}

bool lsp_folder_look(struct lsp_server *server, struct lsp_folder *folder) {
    ARENA(scratch);
    struct lsp_overlays overlays = lsp_overlays_of(server, &scratch);
    if (!folder->index.is_made && !lsp_index_make(folder, &overlays, &server->settings.options))
        lsp_say(server,
                str_printf(&scratch,
                           "%s is too large to be looked at as a whole (%d files, or %d that may be hardened): "
                           "each file is looked at with its own repository, or alone. Open a smaller folder, or "
                           "leave some out with exclude in " CONFIG_NAME " and start the server again",
                           folder->path, LSP_MOST_NAMES, LSP_MOST_NAMES / 20));
    return !folder->index.is_cut;
}

/* The innermost folder of the workspace that a file is in and that is not too large; NULL where it is in none. */
static struct lsp_folder *workspace_of(struct lsp_server *server, struct str path) {
    struct lsp_folder *best = NULL;
    for (struct lsp_folder *folder = server->folders; folder; folder = folder->next) {
        struct str root = str_of(folder->path);
        if (folder->kind == LSP_WORKSPACE && !folder->index.is_cut && path_is_below(path, root) &&
            (!best || strlen(best->path) < root.n))
            best = folder;
    }
    return best && !lsp_folder_look(server, best) ? workspace_of(server, path) : best;
}

struct lsp_folder *lsp_folder_of(struct lsp_server *server, struct str path) {
    ARENA(scratch);
    struct lsp_folder *folder;
    if (!str_starts(path, STR("/")))
        return get_folder(server, STR(""), LSP_ALONE);
    if ((folder = workspace_of(server, path)))
        return folder;
    struct str root = repository_above(&(struct repositories){.arena = &scratch}, path);
    folder = root.p ? get_folder(server, root, LSP_REPOSITORY) : NULL;
    return folder && lsp_folder_look(server, folder) ? folder : get_folder(server, path_folder(path), LSP_ALONE);
}

/* Takes the folder out of the list that *at points into. */
static void remove_folder(struct lsp_server *server, struct lsp_folder **at) {
    struct lsp_folder *folder = *at;
    *at = folder->next;
    if (server->survey.folder == folder) {
        server->survey.folder = folder->next;
        server->survey.next = 0;
    }
    lsp_index_release(&folder->index);
    trees_release(&folder->trees);
    lsp_folder_forget_sources(folder);
    free(folder->path);
    free(folder);
}

static bool is_used(const struct lsp_server *server, const struct lsp_folder *folder) {
    for (const struct lsp_document *document = server->documents; document; document = document->next)
        if (document->folder == folder)
            return true;
    return folder->kind == LSP_WORKSPACE || folder->index.is_cut; /* it need not be looked at again */
}

void lsp_folders_drop(struct lsp_server *server) {
    for (struct lsp_folder **at = &server->folders; *at;)
        if (is_used(server, *at))
            at = &(*at)->next;
        else
            remove_folder(server, at);
}

static void place_all(struct lsp_server *server) {
    for (struct lsp_document *document = server->documents; document; document = document->next)
        document->folder = lsp_folder_of(server, str_of(document->path));
    lsp_folders_drop(server);
    lsp_forget(server);
}

void lsp_folder_add(struct lsp_server *server, struct str uri) {
    ARENA(scratch);
    struct str path = lsp_uri_path(&scratch, uri);
    if (!path.n)
        return;
    get_folder(server, path, LSP_WORKSPACE);
    place_all(server);
}

static void remove_workspace(struct lsp_server *server, struct str uri) {
    ARENA(scratch);
    struct str path = lsp_uri_path(&scratch, uri);
    for (struct lsp_folder **at = &server->folders; path.n && *at; at = &(*at)->next)
        if ((*at)->kind == LSP_WORKSPACE && str_eq(str_of((*at)->path), path)) {
            remove_folder(server, at);
            place_all(server);
            return;
        }
}

void lsp_did_change_folders(struct lsp_server *server, const json_t *params) {
    const json_t *event = json_object_get(params, "event"), *folder;
    size_t i;
    json_array_foreach(json_object_get(event, "removed"), i, folder)
        remove_workspace(server, lsp_json_text(json_object_get(folder, "uri")));
    json_array_foreach(json_object_get(event, "added"), i, folder)
        lsp_folder_add(server, lsp_json_text(json_object_get(folder, "uri")));
}

/* --- what belongs together ---------------------------------------------------------------------------------------
 */

static bool is_same_group(const struct lsp_index *a, const struct lsp_index *b, struct str path) {
    const struct lsp_group *x = map_get(&a->groups, path), *y = map_get(&b->groups, path);
    if (!x || !y || x->paths.n != y->paths.n)
        return x == y;
    for (uint32_t i = 0; i < x->paths.n; i++)
        if (!str_eq(x->paths.at[i], y->paths.at[i]))
            return false;
    return (a->n_dockerfiles > 1) == (b->n_dockerfiles > 1);
}

static bool renew(struct lsp_server *server, struct lsp_folder *folder) {
    struct lsp_index old = folder->index;
    bool is_changed = false;
    folder->is_due = false;
    if (old.is_cut)
        return false;
    folder->index = (struct lsp_index){0};
    lsp_folder_look(server, folder);
    for (struct lsp_document *document = server->documents; document; document = document->next)
        if (document->folder == folder && old.is_made &&
            !is_same_group(&old, &folder->index, lsp_path_in(folder, str_of(document->path)))) {
            lsp_document_forget(document);
            is_changed = true;
        }
    lsp_index_release(&old);
    return is_changed;
}

void lsp_index_renew(struct lsp_server *server) {
    bool is_changed = false, is_cut = false;
    for (struct lsp_folder *folder = server->folders; folder; folder = folder->next)
        if (folder->is_due) {
            is_changed |= renew(server, folder);
            is_cut |= folder->index.is_cut;
        }
    server->revision += is_changed;
    if (is_cut)
        place_all(server);
    else if (is_changed)
        lsp_refresh(server);
}

bool lsp_index_is_due(const struct lsp_server *server) {
    for (const struct lsp_folder *folder = server->folders; folder; folder = folder->next)
        if (folder->is_due)
            return true;
    return false;
}

void lsp_index_set_due(struct lsp_server *server, struct str path) {
    for (struct lsp_folder *folder = server->folders; folder; folder = folder->next)
        folder->is_due |=
            !folder->index.is_cut && folder->kind != LSP_ALONE && path_is_below(path, str_of(folder->path));
}

static void set_uri_due(struct lsp_server *server, const json_t *uri) {
    ARENA(scratch);
    struct str path = lsp_uri_path(&scratch, lsp_json_text(uri));
    if (path.p)
        lsp_index_set_due(server, path);
}

/* `changes` of files that are watched, or `files` that the editor itself has made, renamed or deleted. */
void lsp_did_change_files(struct lsp_server *server, const json_t *params) {
    static const char *const names[] = {"uri", "oldUri", "newUri"};
    const json_t *changes = json_object_get(params, "changes"), *change;
    size_t i;
    changes = changes ? changes : json_object_get(params, "files");
    json_array_foreach(changes, i, change) for (size_t j = 0; j < sizeof names / sizeof *names; j++)
        set_uri_due(server, json_object_get(change, names[j]));
    if (json_array_size(changes))
        lsp_forget(server);
}

void lsp_folders_release(struct lsp_server *server) {
    while (server->folders)
        remove_folder(server, &server->folders);
}
