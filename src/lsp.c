#include "lsp.h"

#include "sandbox.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long nothing is asked for before other documents than the one that changed are looked at again, and before it is
 * found out anew what belongs together. */
enum { PAUSE_MILLISECONDS = 30, QUIET_MILLISECONDS = 200, KEPT_BYTES = 32 * 1024 * 1024 };

/* --- what client and server can do ---------------------------------------------------------------------------------
 */

static const json_t *find(const json_t *object, const char *path) {
    char key[64];
    while (object && *path) {
        size_t n = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)n, path);
        object = json_object_get(object, key);
        path += n + (path[n] == '.');
    }
    return object;
}

static bool has(const json_t *object, const char *path) {
    return json_is_true(find(object, path));
}

static bool lists(const json_t *array, const char *word) {
    const json_t *item;
    size_t i;
    json_array_foreach(array, i, item) if (json_is_string(item) && !strcmp(json_string_value(item), word)) return true;
    return false;
}

static struct lsp_abilities abilities_of(const json_t *client) {
    struct lsp_abilities can = {
        .changes_versions = has(client, "workspace.workspaceEdit.documentChanges"),
        .resolves = lists(find(client, "textDocument.codeAction.resolveSupport.properties"), "edit") &&
                    has(client, "textDocument.codeAction.dataSupport"),
        .pulls = json_is_object(find(client, "textDocument.diagnostic")),
        .refreshes = has(client, "workspace.diagnostics.refreshSupport"),
        .watches = has(client, "workspace.didChangeWatchedFiles.dynamicRegistration"),
        .configures = has(client, "workspace.configuration"),
        .tells_settings = has(client, "workspace.didChangeConfiguration.dynamicRegistration"),
        .relates = has(client, "textDocument.publishDiagnostics.relatedInformation") ||
                   has(client, "textDocument.diagnostic.relatedInformation"),
    };
    const json_t *formats = find(client, "textDocument.hover.contentFormat");
    can.marks_up = !json_is_array(formats) || lists(formats, "markdown");
    /* only documentChanges have room for operations on files: who knows the one knows the other */
    can.creates_files = lists(find(client, "workspace.workspaceEdit.resourceOperations"), "create");
    can.changes_versions |= can.creates_files;
    return can;
}

/* A folder that goes takes its files along, and who watches these by their names may not be told. */
static json_t *file_operations(const json_t *client) {
    static const char *const names[] = {"didCreate", "didRename", "didDelete"};
    json_t *operations = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_is_true(json_object_get(client, names[i]))) {
            operations = operations ? operations : json_object();
            json_object_set_new(
                operations, names[i],
                json_pack("{s:[{s:s,s:{s:s}}]}", "filters", "scheme", "file", "pattern", "glob", "**/*"));
        }
    return operations;
}

static json_t *capabilities(const struct lsp_server *server, const json_t *client) {
    static const char *const names[] = {"utf-16", "utf-8", "utf-32"};
    return json_pack("{s:s, s:{s:b,s:i,s:b,s:b,s:{s:b}}, s:{s:[s,s],s:o*}, s:b, s:{s:s,s:b,s:b}, s:{s:{s:b,s:b},s:o*}}",
                     "positionEncoding", names[server->encoding],                                            //
                     "textDocumentSync", "openClose", 1, "change", 2, "willSave", 0, "willSaveWaitUntil", 1, //
                     "save", "includeText", 0,                                                               //
                     "codeActionProvider", "codeActionKinds", "quickfix", "source.fixAll.ironhull",          //
                     "resolveProvider", server->abilities.resolves ? json_true() : NULL,                     //
                     "hoverProvider", 1,                                                                     //
                     "diagnosticProvider", "identifier", "ironhull", "interFileDependencies", 1,             //
                     "workspaceDiagnostics", 1,                                                              //
                     "workspace", "workspaceFolders", "supported", 1, "changeNotifications", 1,              //
                     "fileOperations", file_operations(find(client, "workspace.fileOperations")));
}

void lsp_say(struct lsp_server *server, struct str message) {
    ARENA(scratch);
    enum { WARNING = 2 };
    message = str_printf(&scratch, "ironhull: %.*s", STR_ARG(message));
    lsp_wire_notify(&server->wire, "window/showMessage",
                    json_pack("{s:i,s:o}", "type", WARNING, "message", lsp_string(message)));
}

/* --- lifecycle -----------------------------------------------------------------------------------------------------
 */

static void add_folders(struct lsp_server *server, const json_t *params) {
    const json_t *folders = json_object_get(params, "workspaceFolders"), *folder, *root;
    size_t i;
    json_array_foreach(folders, i, folder) lsp_folder_add(server, lsp_json_text(json_object_get(folder, "uri")));
    if (json_array_size(folders))
        return;
    if (json_is_string(root = json_object_get(params, "rootUri")))
        lsp_folder_add(server, lsp_json_text(root));
    else if (json_is_string(root = json_object_get(params, "rootPath"))) {
        ARENA(scratch);
        lsp_folder_add(server, lsp_path_uri(&scratch, lsp_json_text(root)));
    }
}

static json_t *initialize(struct lsp_server *server, const json_t *params) {
    const json_t *client = json_object_get(params, "capabilities");
    const json_t *encodings = find(client, "general.positionEncodings");
    server->abilities = abilities_of(client);
    server->encoding = lists(encodings, "utf-8") ? ENCODING_UTF8 : ENCODING_UTF16;
    lsp_settings_take(server, json_object_get(params, "initializationOptions"));
    add_folders(server, params);
    lsp_wire_watch(&server->wire, json_integer_value(json_object_get(params, "processId")));
    server->state = LSP_RUNNING;
    return json_pack("{s:o,s:{s:s,s:s}}", "capabilities", capabilities(server, client), "serverInfo", "name",
                     "ironhull", "version", server->version);
}

static void ask_settings(struct lsp_server *server) {
    if (server->abilities.configures)
        server->asked_settings = lsp_wire_request(&server->wire, "workspace/configuration",
                                                  json_pack("{s:[{s:s}]}", "items", "section", "ironhull"));
}

/* Files whose change may change what is found in others: those that are ours, what says which of them are, and what is
 * read for its facts. */
static json_t *watchers(void) {
    static const char *const globs[] = {
        "**/*[Dd]ockerfile*", "**/*[Cc]ontainerfile*", "**/*.{yaml,yml,json}",   "**/*.dockerignore",
        "**/.gitignore",      "**/.ironhull.yaml",     "**/{.env,.env.*,*.env}", "**/*.{sh,conf,ini,toml,lock,txt}"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof globs / sizeof *globs; i++)
        json_array_append_new(list, json_pack("{s:s}", "globPattern", globs[i]));
    return list;
}

static void add_registration(json_t *list, const char *id, const char *method, const char *option, json_t *value) {
    json_array_append_new(list,
                          json_pack("{s:s,s:s,s:{s:o}}", "id", id, "method", method, "registerOptions", option, value));
}

static void initialized(struct lsp_server *server, const json_t *params) {
    (void)params;
    json_t *list = json_array();
    ask_settings(server);
    if (server->abilities.watches)
        add_registration(list, "ironhull-files", "workspace/didChangeWatchedFiles", "watchers", watchers());
    if (server->abilities.tells_settings)
        add_registration(list, "ironhull-settings", "workspace/didChangeConfiguration", "section",
                         json_string("ironhull"));
    if (json_array_size(list))
        lsp_wire_request(&server->wire, "client/registerCapability", json_pack("{s:O}", "registrations", list));
    json_decref(list);
}

static json_t *shut_down(struct lsp_server *server, const json_t *params) {
    (void)params;
    lsp_survey_cancel(server, server->survey.id);
    server->state = LSP_SHUT_DOWN;
    return NULL;
}

/* What the client sends on its own is heeded where it cannot be asked. */
static void did_change_configuration(struct lsp_server *server, const json_t *params) {
    const json_t *settings = find(params, "settings.ironhull");
    if (server->abilities.configures)
        ask_settings(server);
    else if (json_is_object(settings))
        lsp_settings_take(server, settings);
}

static void cancel(struct lsp_server *server, const json_t *params) {
    lsp_survey_cancel(server, json_object_get(params, "id"));
}

/* --- messages ------------------------------------------------------------------------------------------------------
 */

static const struct {
    const char *method;
    json_t *(*answer)(struct lsp_server *server, const json_t *params); /* NULL stands for null */
} requests[] = {
    {"textDocument/codeAction", lsp_code_actions},
    {"codeAction/resolve", lsp_resolve_action},
    {"textDocument/hover", lsp_hover},
    {"textDocument/willSaveWaitUntil", lsp_will_save},
    {"shutdown", shut_down},
};

static const struct {
    const char *method;
    void (*heed)(struct lsp_server *server, const json_t *params);
} notifications[] = {
    {"initialized", initialized},
    {"textDocument/didOpen", lsp_did_open},
    {"textDocument/didChange", lsp_did_change},
    {"textDocument/didSave", lsp_did_save},
    {"textDocument/didClose", lsp_did_close},
    {"workspace/didChangeConfiguration", did_change_configuration},
    {"workspace/didChangeWatchedFiles", lsp_did_change_files},
    {"workspace/didCreateFiles", lsp_did_change_files},
    {"workspace/didRenameFiles", lsp_did_change_files},
    {"workspace/didDeleteFiles", lsp_did_change_files},
    {"workspace/didChangeWorkspaceFolders", lsp_did_change_folders},
    {"$/cancelRequest", cancel},
};

static void answer(struct lsp_server *server, const json_t *id, const char *method, const json_t *params) {
    bool is_first = !strcmp(method, "initialize");
    if (server->state == LSP_FRESH && is_first) {
        lsp_wire_answer(&server->wire, id, initialize(server, params));
        return;
    }
    if (server->state != LSP_RUNNING || is_first) {
        lsp_wire_refuse(&server->wire, id, server->state == LSP_FRESH ? RPC_NOT_INITIALIZED : RPC_INVALID_REQUEST,
                        server->state == LSP_FRESH ? "initialize comes first"
                        : is_first                 ? "initialize came already"
                                                   : "the server is shut down");
        return;
    }
    if (!strcmp(method, "workspace/diagnostic")) {
        lsp_survey_begin(server, id, params);
        return;
    }
    if (!strcmp(method, "textDocument/diagnostic")) {
        lsp_pull(server, id, params);
        return;
    }
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (!strcmp(requests[i].method, method)) {
            lsp_wire_answer(&server->wire, id, requests[i].answer(server, params));
            return;
        }
    lsp_wire_refuse(&server->wire, id, RPC_METHOD_NOT_FOUND, "there is no such method");
}

static void heed(struct lsp_server *server, const char *method, const json_t *params) {
    if (!strcmp(method, "exit")) {
        server->state = server->state == LSP_SHUT_DOWN ? LSP_GONE : LSP_FRESH;
        server->wire.is_closed = true;
        return;
    }
    for (size_t i = 0; server->state == LSP_RUNNING && i < sizeof notifications / sizeof *notifications; i++)
        if (!strcmp(notifications[i].method, method))
            notifications[i].heed(server, params);
}

static void take(struct lsp_server *server, const json_t *message) {
    const json_t *id = json_object_get(message, "id"), *params = json_object_get(message, "params");
    const json_t *method = json_object_get(message, "method");
    bool is_answer = !method && (json_object_get(message, "result") || json_object_get(message, "error"));
    if (is_answer) {
        const json_t *settings = json_array_get(json_object_get(message, "result"), 0);
        bool is_asked = json_is_integer(id) && json_integer_value(id) == server->asked_settings;
        /* null: the client has none, and what it said at first stays */
        if (is_asked && settings && !json_is_null(settings) && server->asked_settings)
            lsp_settings_take(server, settings);
    } else if (!json_is_string(method) || (id && !json_is_integer(id) && !json_is_string(id))) {
        lsp_wire_refuse(&server->wire, NULL, RPC_INVALID_REQUEST, "the message has no method, or a wrong id");
    } else if (id) {
        answer(server, id, json_string_value(method), params);
    } else {
        heed(server, json_string_value(method), params);
    }
}

/* What nobody waits for, one step of it. */
static bool work(struct lsp_server *server, bool is_quiet) {
    return server->state == LSP_RUNNING && (lsp_publish(server, is_quiet) || lsp_survey_step(server));
}

/* How long to wait for the next message; -1: as long as it takes. */
static int patience(const struct lsp_server *server) {
    if (server->state != LSP_RUNNING)
        return -1;
    return lsp_is_due(server) ? PAUSE_MILLISECONDS : lsp_index_is_due(server) ? QUIET_MILLISECONDS : -1;
}

static int answer_all(struct lsp_server *server) {
    struct lsp_wire *wire = &server->wire;
    bool has_work = false, is_quiet = false;
    while (!wire->is_closed) {
        int wait = json_array_size(wire->queue) || has_work ? 0 : patience(server);
        lsp_wire_read(wire, wait);
        JSON(message) = lsp_wire_next(wire);
        if (message)
            take(server, message);
        is_quiet = !message && (is_quiet || wait > 0);
        has_work = message || work(server, is_quiet);
        if (has_work || wire->is_closed)
            continue;
        if (wire->is_ended)
            break;
        if (wait == QUIET_MILLISECONDS)
            lsp_index_renew(server);
    }
    return server->state == LSP_GONE ? EXIT_DONE : EXIT_FOUND;
}

int lsp_serve(int in, int out, json_int_t client, const char *version) {
    struct lsp_server server = {.wire = {.in = in, .out = out, .client = -1}, .version = version};
    lsp_wire_watch(&server.wire, client);
    int code = answer_all(&server);
    lsp_documents_release(&server);
    lsp_folders_release(&server);
    lsp_survey_cancel(&server, server.survey.id);
    arena_release(&server.settings.arena);
    lsp_wire_release(&server.wire);
    return code;
}

struct lsp_command {
    json_int_t client; /* the process that the client says it is; 0: none */
    bool has_no_sandbox;
};

/* False for what is no option. */
static bool read_options(int argc, char **argv, struct lsp_command *ret) {
    static const char client[] = "--clientProcessId=";
    bool is_good = true;
    for (int i = 1; i < argc; i++)
        if (!strncmp(argv[i], client, strlen(client)))
            ret->client = strtoll(argv[i] + strlen(client), NULL, 10);
        else if (!strcmp(argv[i], "--no-sandbox"))
            ret->has_no_sandbox = true;
        else
            is_good &= !strcmp(argv[i], "--stdio");
    return is_good;
}

int lsp_main(int argc, char **argv, const char *version) {
    struct lsp_command given = {0};
    if (!read_options(argc, argv, &given)) {
        fputs("ironhull: lsp speaks the Language Server Protocol on standard input and output; it takes --no-sandbox, "
              "--stdio and --clientProcessId=N, and needs none\n",
              stderr);
        return EXIT_BAD;
    }
    if (!given.has_no_sandbox) { /* it reads what the editor asks for, and writes nothing */
        struct sandbox sandbox = sandbox_begin(false);
        sandbox_enter(&sandbox);
    }
    signal(SIGPIPE, SIG_IGN);
    /* what an edit gives back the next one takes: it does not go to the kernel and come as page faults in between */
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    return lsp_serve(STDIN_FILENO, STDOUT_FILENO, given.client, version);
}
