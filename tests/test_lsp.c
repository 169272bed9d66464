/* The language server from outside. golden/lsp/ has sessions: the folder in/ is the workspace, and `session` what is
 * said, each message behind "-->" (client) or "<--" (server), "===" a file that somebody writes meanwhile. $ROOT stands
 * for the workspace's path, $VERSION for the program's. The server must say exactly what is there, in that order. */
#include "lsp_process.h"
#include "process.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(lsp, .init = folder_enter, .fini = folder_leave);

/* --- sessions ------------------------------------------------------------------------------------------------------
 */

static struct str replaced(struct arena *arena, struct str text, const char *name, struct str value) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0, n = (uint32_t)strlen(name); i < text.n;) {
        bool is_name = i + n <= text.n && !memcmp(text.p + i, name, n);
        buf_add(&out, is_name ? value : str_sub(text, i, i + 1));
        i += is_name ? n : 1;
    }
    return buf_str(&out);
}

static bool is_mark(struct str line) {
    return str_starts(line, STR("-->")) || str_starts(line, STR("<--")) || str_starts(line, STR("===")) ||
           str_starts(line, STR("#"));
}

/* Cuts the next part off a session: from its mark to the line before the next one. */
static struct str cut_part(struct str *rest) {
    uint32_t end = str_find(*rest, 0, '\n') + 1;
    while (end < rest->n && !is_mark(str_sub(*rest, end, rest->n)))
        end = str_find(*rest, end, '\n') + 1;
    struct str part = str_sub(*rest, 0, end);
    *rest = str_sub(*rest, end, rest->n);
    return part;
}

static void expect(const struct server *server, struct str expected, const char *name) {
    char *text = server_hear(server);
    cr_assert(text, "%s: the server is silent in the place of: %.*s", name, STR_ARG(expected));
    json_t *said = json_loads(text, 0, NULL), *wanted = json_loadb(expected.p, expected.n, 0, NULL);
    cr_assert(wanted, "%s: this is no JSON: %.*s", name, STR_ARG(expected));
    json_object_set_new(wanted, "jsonrpc", json_string("2.0"));
    cr_assert(json_equal(said, wanted), "%s: the server says:\n%s\nin the place of: %.*s", name, text,
              STR_ARG(expected));
    json_decref(said);
    json_decref(wanted);
    free(text);
}

static void play(const char *name, struct str session) {
    ARENA(arena);
    struct server server = server_start();
    while (session.n) {
        struct str part = cut_part(&session), body = str_sub(part, 3, part.n);
        if (str_starts(part, STR("-->")))
            server_say(&server, body);
        else if (str_starts(part, STR("<--")))
            expect(&server, body, name);
        else if (str_starts(part, STR("==="))) {
            uint32_t line = str_find(body, 0, '\n');
            file_put(str_c(&arena, str_trim(str_sub(body, 0, line))), str_sub(body, line + 1, body.n));
        }
    }
    cr_expect_null(server_hear(&server), "%s: the server says more", name);
    cr_expect_eq(server_stop(&server), 0, "%s: the exit code", name);
}

struct session {
    char name[256];
};

ParameterizedTestParameters(lsp, sessions) {
    DIR *folder = opendir("golden/lsp");
    cr_assert(folder, "golden/lsp cannot be read");
    size_t n = 0;
    struct session *sessions = cr_calloc(200, sizeof *sessions);
    for (struct dirent *entry; (entry = readdir(folder)) && n < 200;)
        if (entry->d_name[0] != '.')
            snprintf(sessions[n++].name, sizeof sessions->name, "%s", entry->d_name);
    closedir(folder);
    return cr_make_param_array(struct session, sessions, n);
}

ParameterizedTest(struct session *session, lsp, sessions) {
    ARENA(arena);
    const char *in = source_path(&arena, str_printf(&arena, "golden/lsp/%s/in", session->name).p);
    struct str text =
        file_get(&arena, source_path(&arena, str_printf(&arena, "golden/lsp/%s/session", session->name).p));
    struct str version = str_trim(RUN(&arena, "--version").out);
    char *root = realpath(".", NULL);
    if (access(in, F_OK) == 0)
        folder_copy(in, ".");
    text = replaced(&arena, text, "$ROOT", str_of(root));
    text = replaced(&arena, text, "$VERSION", str_sub(version, str_rfind(version, ' ') + 1, version.n));
    play(session->name, text);
    free(root);
}

/* --- how it ends ---------------------------------------------------------------------------------------------------
 */

Test(lsp, ends_with_the_process_of_its_client) {
    ARENA(arena);
    pid_t client = fork();
    cr_assert_geq(client, 0);
    if (client == 0)
        for (;;)
            pause();
    struct server server = server_start();
    server_say(&server,
               str_printf(&arena,
                          "{\"id\":1,\"method\":\"initialize\",\"params\":{\"processId\":%d,\"capabilities\":{}}}",
                          (int)client));
    free(server_hear(&server));
    kill(client, SIGKILL);
    waitpid(client, NULL, 0);
    cr_expect_null(server_hear(&server)); /* although what it hears is still open */
    cr_expect_eq(server_stop(&server), 1);
}

Test(lsp, takes_the_options_that_clients_give) {
    ARENA(arena);
    cr_expect_eq(RUN(&arena, "lsp", "--stdio", "--clientProcessId=999999999").code, 1);
    struct result bad = RUN(&arena, "lsp", "--stdio", "--port=1");
    cr_expect_eq(bad.code, 2);
    cr_expect(str_contains(bad.err, STR("--stdio")), "%.*s", STR_ARG(bad.err));
}

/* --- folders -------------------------------------------------------------------------------------------------------
 */

static void open_document(const struct server *server, struct str path, const char *text) {
    ARENA(arena);
    server_say(server, str_printf(&arena,
                                  "{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":"
                                  "\"file://%.*s\",\"version\":1,\"text\":\"%s\"}}}",
                                  STR_ARG(path), text));
}

/* What is said of a service in deploy/compose.yaml of the repository `app`, with a workspace or none (NULL); of its
 * Dockerfile, which is above it, where that is seen. */
static void expect_repository(struct str folder, struct str workspace, bool is_told) {
    ARENA(arena);
    struct server server = server_start();
    struct str compose = str_printf(&arena, "%.*s/app/deploy/compose.yaml", STR_ARG(folder));
    server_say(&server,
               str_printf(&arena,
                          "{\"id\":1,\"method\":\"initialize\",\"params\":{\"rootUri\":%s%.*s%s,\"capabilities\":{}}}",
                          workspace.n ? "\"file://" : "null", STR_ARG(workspace), workspace.n ? "\"" : ""));
    free(server_hear(&server));
    open_document(&server, compose, "services:\\n  web:\\n    build: ..\\n");
    char *told = is_told ? server_hear(&server) : NULL, *found = server_hear(&server);
    cr_expect(!is_told || strstr(told, "is too large to be looked at as a whole"), "%s", told);
    cr_expect(found && strstr(found, "publishDiagnostics") && strstr(found, "say which user it runs as"), "%.*s: %s",
              STR_ARG(workspace), found);
    free(told);
    free(found);
    cr_expect_eq(server_stop(&server), 1);
}

/* What editors take for a workspace where they do not know better. */
Test(lsp, looks_at_a_repository_where_the_workspace_is_too_large) {
    ARENA(arena);
    enum { FILES = 10001 };
    char *here = realpath(".", NULL);
    struct str folder = str_of(here);
    file_put("app/.git/HEAD", STR("ref: refs/heads/main\n"));
    file_put("app/Dockerfile", STR("FROM node:20-slim\nUSER 1000:1000\nCMD [\"node\", \"server.js\"]\n"));
    file_put("app/deploy/compose.yaml", STR(""));
    expect_repository(folder, (struct str){NULL, 0}, false);
    expect_repository(folder, folder, false);
    setenv("HOME", here, 1);
    expect_repository(folder, folder, false);
    setenv("HOME", "/nowhere", 1);
    expect_repository(folder, STR("/"), false);
    for (int i = 0; i < FILES; i++)
        file_put(str_printf(&arena, "many/%d.yaml", i).p, STR(""));
    expect_repository(folder, folder, true);
    free(here);
}

Test(lsp, says_that_a_document_is_too_large) {
    ARENA(arena);
    struct server server = server_start();
    server_say(&server, STR("{\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":{}}}"));
    free(server_hear(&server));
    open_document(&server, STR("/nowhere/Dockerfile"), repeated(&arena, "RUN 6789", 3 * 1024 * 1024).p);
    char *said = server_hear(&server);
    cr_expect(said && strstr(said, "/nowhere/Dockerfile is larger than 16 MiB"), "%s", said);
    free(said);
    cr_expect_eq(server_stop(&server), 1);
}

/* --- memory --------------------------------------------------------------------------------------------------------
 */

static long resident_kib(pid_t pid) {
    char path[64], line[128];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *in = fopen(path, "r");
    cr_assert(in);
    while (fgets(line, sizeof line, in) && sscanf(line, "VmRSS: %ld", &kib) != 1)
        ;
    fclose(in);
    return kib;
}

static void edit(const struct server *server, int version) {
    ARENA(arena);
    server_say(server,
               str_printf(&arena,
                          "{\"method\":\"textDocument/didChange\",\"params\":{\"textDocument\":{\"uri\":"
                          "\"file:///nowhere/Dockerfile\",\"version\":%d},\"contentChanges\":[{\"range\":{\"start\":{"
                          "\"line\":1,\"character\":2},\"end\":{\"line\":1,\"character\":%d}},\"text\":\"%d\"}]}}",
                          version, version == 2 ? 2 : 6, 1000 + version % 9000));
    char *text = server_hear(server);
    cr_assert(text && strstr(text, "publishDiagnostics"), "%s", text);
    free(text);
}

static void ask(const struct server *server, const char *method, const char *more) {
    ARENA(arena);
    server_say(server, str_printf(&arena,
                                  "{\"id\":2,\"method\":\"textDocument/%s\",\"params\":{\"textDocument\":{\"uri\":"
                                  "\"file:///nowhere/Dockerfile\"},%s}}",
                                  method, more));
    char *text = server_hear(server);
    cr_assert(text && strstr(text, "\"id\":2"), "%s", text);
    free(text);
}

/* What an editor does beside edits: it asks, and opens and closes other documents. */
static void do_more(const struct server *server, int version) {
    ARENA(arena);
    struct str path = str_printf(&arena, "/nowhere/%d/compose.yaml", version);
    ask(server, "codeAction",
        "\"range\":{\"start\":{\"line\":0,\"character\":0},\"end\":{\"line\":9,\"character\":0}},\"context\":{"
        "\"diagnostics\":[]}");
    ask(server, "hover", "\"position\":{\"line\":3,\"character\":1}");
    ask(server, "diagnostic", "\"identifier\":\"ironhull\"");
    open_document(server, path, "services:\\n  web:\\n    image: redis:7\\n");
    free(server_hear(server));
    server_say(
        server,
        str_printf(&arena,
                   "{\"method\":\"textDocument/didClose\",\"params\":{\"textDocument\":{\"uri\":\"file://%.*s\"}}}",
                   STR_ARG(path)));
    free(server_hear(server));
}

static void edit_and_more(const struct server *server, int version) {
    edit(server, version);
    if (version % 20 == 0)
        do_more(server, version);
}

Test(lsp, memory_stays_flat, .timeout = 300) {
    struct server server = server_start();
    server_say(&server, STR("{\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":{}}}"));
    free(server_hear(&server));
    server_say(&server,
               STR("{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":"
                   "\"file:///nowhere/Dockerfile\",\"version\":1,\"text\":\"FROM python:3.12-slim\\n# \\nCOPY . "
                   "/srv\\nCMD [\\\"python\\\", \\\"/srv/a.py\\\"]\\n\"}}}"));
    free(server_hear(&server));
    for (int version = 2; version < 1000; version++)
        edit_and_more(&server, version);
    long before = resident_kib(server.pid);
    for (int version = 1000; version < 10000; version++)
        edit_and_more(&server, version);
    long after = resident_kib(server.pid);
    bool is_sanitized = before > 20000; /* freed memory is kept for a while */
    cr_expect(is_sanitized || after <= before + 256, "%ld KiB after 1,000 edits, %ld KiB after 10,000", before, after);
    cr_expect_eq(server_stop(&server), 1);
}
