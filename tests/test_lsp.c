/* The language server from outside. golden/lsp/ has sessions: the folder in/ is the workspace, and `session` what is
 * said, each message behind "-->" (client) or "<--" (server), "===" a file that somebody writes meanwhile. $ROOT stands
 * for the workspace's path, $VERSION for the program's. The server must say exactly what is there, in that order. */
#include "process.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_MILLISECONDS = 60000 };

TestSuite(lsp, .init = folder_enter, .fini = folder_leave);

/* --- a server ------------------------------------------------------------------------------------------------------
 */

struct server {
    pid_t pid;
    int in, out;
};

static struct server start(void) {
    struct server server;
    int to[2], from[2];
    cr_assert(pipe(to) == 0 && pipe(from) == 0);
    server.pid = fork();
    cr_assert_geq(server.pid, 0);
    if (server.pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        for (int i = 0; i < 2; i++) {
            close(to[i]);
            close(from[i]);
        }
        setenv("ASAN_OPTIONS", "exitcode=99", 0);
        setenv("UBSAN_OPTIONS", "halt_on_error=1:exitcode=99", 0);
        execl(getenv("IRONHULL"), "ironhull", "lsp", NULL);
        _exit(98);
    }
    close(to[0]);
    close(from[1]);
    server.in = to[1];
    server.out = from[0];
    return server;
}

static int stop(struct server *server) {
    int status;
    close(server->in);
    cr_assert_eq(waitpid(server->pid, &status, 0), server->pid);
    close(server->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void say(const struct server *server, struct str text) {
    ARENA(arena);
    struct str message = str_printf(&arena, "Content-Length: %u\r\n\r\n%.*s", text.n, STR_ARG(text));
    cr_assert_eq(write(server->in, message.p, message.n), message.n);
}

static bool read_bytes(const struct server *server, char *p, size_t n) {
    while (n > 0) {
        struct pollfd fd = {.fd = server->out, .events = POLLIN};
        ssize_t got = poll(&fd, 1, TIMEOUT_MILLISECONDS) > 0 ? read(server->out, p, n) : 0;
        if (got <= 0)
            return false;
        p += got, n -= (size_t)got;
    }
    return true;
}

/* The next message, on the heap; NULL where none comes. */
static char *hear(const struct server *server) {
    char header[64] = {0};
    size_t n = 0;
    while (n < 4 || memcmp(header + n - 4, "\r\n\r\n", 4) != 0)
        if (n + 1 >= sizeof header || !read_bytes(server, header + n++, 1))
            return NULL;
    cr_assert(!strncmp(header, "Content-Length: ", 16), "%s", header);
    size_t length = strtoul(header + 16, NULL, 10);
    char *text = calloc(1, length + 1);
    cr_assert(text && read_bytes(server, text, length));
    return text;
}

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
    char *text = hear(server);
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
    struct server server = start();
    while (session.n) {
        struct str part = cut_part(&session), body = str_sub(part, 3, part.n);
        if (str_starts(part, STR("-->")))
            say(&server, body);
        else if (str_starts(part, STR("<--")))
            expect(&server, body, name);
        else if (str_starts(part, STR("==="))) {
            uint32_t line = str_find(body, 0, '\n');
            file_put(str_c(&arena, str_trim(str_sub(body, 0, line))), str_sub(body, line + 1, body.n));
        }
    }
    cr_expect_null(hear(&server), "%s: the server says more", name);
    cr_expect_eq(stop(&server), 0, "%s: the exit code", name);
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

/* --- whatever comes ------------------------------------------------------------------------------------------------
 */

static struct str framed(struct arena *arena, const char *text) {
    return str_printf(arena, "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
}

/* The messages of a run that is fed with these bytes. */
static struct str answers(struct arena *arena, struct str input) {
    return process_run(arena, &(struct setting){.input = input}, ARGUMENTS("lsp")).out;
}

Test(lsp, says_what_is_wrong_with_a_frame_and_goes_on) {
    static const char *const bad[] = {
        "hello\r\n\r\n",
        "Content-Length: x\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n{}",
        "Content-Length: 4294967297\r\n\r\n{}",
        "Content-Type: text/plain\r\n\r\n{}",
        "\r\n\r\n",
        "Content-Length: 2\n\n{}\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ARENA(arena);
        struct str input = str_printf(&arena, "%s%.*s", bad[i],
                                      STR_ARG(framed(&arena, "{\"id\":7,\"method\":\"textDocument/hover\"}")));
        struct str out = answers(&arena, input);
        cr_expect(str_contains(out, STR("\"code\":-32700")), "%s: %.*s", bad[i], STR_ARG(out));
        cr_expect(str_contains(out, STR("\"id\":7")), "%s: %.*s", bad[i], STR_ARG(out));
    }
}

Test(lsp, refuses_what_is_no_message) {
    static const struct {
        const char *text;
        int code;
    } bad[] = {
        {"", -32700},
        {"{", -32700},
        {"{\"id\":1,\"method\":\"\xff\"}", -32700},
        {"[]", -32600},
        {"[{\"id\":1,\"method\":\"shutdown\"}]", -32600},
        {"{\"id\":{},\"method\":\"shutdown\"}", -32600},
        {"{\"id\":1,\"method\":5}", -32600},
        {"{\"id\":1,\"method\":\"shutdown\"}", -32002},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ARENA(arena);
        struct str out = answers(&arena, framed(&arena, bad[i].text));
        cr_expect(str_contains(out, str_printf(&arena, "\"code\":%d", bad[i].code)), "%s: %.*s", bad[i].text,
                  STR_ARG(out));
    }
}

Test(lsp, ends_with_its_input) {
    ARENA(arena);
    const struct {
        struct str input;
        int code;
    } ends[] = {
        {STR(""), 1},
        {STR("Content-Length: 100\r\n\r\n{"), 1},
        {framed(&arena, "{\"method\":\"exit\"}"), 1},
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        cr_expect_eq(process_run(&arena, &(struct setting){.input = ends[i].input}, ARGUMENTS("lsp")).code,
                     ends[i].code);
    cr_expect_eq(RUN(&arena, "lsp", "--port=1").code, 2);
}

/* A session whose bytes are damaged at random: no crash, whatever it is taken for. */
Test(lsp, survives_any_bytes) {
    ARENA(arena);
    static const char *const messages[] = {
        "{\"id\":1,\"method\":\"initialize\",\"params\":{\"rootUri\":\"file:///nowhere\",\"capabilities\":{}}}",
        "{\"method\":\"initialized\",\"params\":{}}",
        "{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"file:///nowhere/Dockerfile\","
        "\"version\":1,\"text\":\"FROM node:20-slim\\nCMD [\\\"node\\\"]\\n\"}}}",
        "{\"method\":\"textDocument/didChange\",\"params\":{\"textDocument\":{\"uri\":\"file:///nowhere/Dockerfile\","
        "\"version\":2},\"contentChanges\":[{\"range\":{\"start\":{\"line\":0,\"character\":5},\"end\":{\"line\":0,"
        "\"character\":9}},\"text\":\"a\\ud83d\"}]}}",
        "{\"id\":2,\"method\":\"textDocument/codeAction\",\"params\":{\"textDocument\":{\"uri\":"
        "\"file:///nowhere/Dockerfile\"},\"range\":{\"start\":{\"line\":0,\"character\":0},\"end\":{\"line\":9,"
        "\"character\":0}},\"context\":{\"diagnostics\":[]}}}",
        "{\"id\":3,\"method\":\"workspace/diagnostic\",\"params\":{\"previousResultIds\":[]}}",
        "{\"id\":4,\"method\":\"shutdown\"}",
    };
    struct buf all = {.arena = &arena};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        buf_add(&all, framed(&arena, messages[i]));
    srand(1);
    for (int round = 0; round < 150; round++) {
        ARENA(scratch);
        struct str text = str_dup(&scratch, buf_str(&all));
        for (int i = 0; i <= round % 12; i++)
            ((char *)text.p)[(uint32_t)rand() % text.n] = (char)rand();
        text.n -= round % 3 ? 0 : (uint32_t)rand() % text.n;
        process_run(&scratch, &(struct setting){.input = text}, ARGUMENTS("lsp")); /* which looks at the exit code */
    }
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
    say(server, str_printf(&arena,
                           "{\"method\":\"textDocument/didChange\",\"params\":{\"textDocument\":{\"uri\":"
                           "\"file:///nowhere/Dockerfile\",\"version\":%d},\"contentChanges\":[{\"range\":{\"start\":{"
                           "\"line\":1,\"character\":2},\"end\":{\"line\":1,\"character\":%d}},\"text\":\"%d\"}]}}",
                           version, version == 2 ? 2 : 6, 1000 + version % 9000));
    char *text = hear(server);
    cr_assert(text && strstr(text, "publishDiagnostics"), "%s", text);
    free(text);
}

Test(lsp, memory_stays_flat, .timeout = 300) {
    struct server server = start();
    say(&server, STR("{\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":{}}}"));
    free(hear(&server));
    say(&server, STR("{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":"
                     "\"file:///nowhere/Dockerfile\",\"version\":1,\"text\":\"FROM python:3.12-slim\\n# \\nCOPY . "
                     "/srv\\nCMD [\\\"python\\\", \\\"/srv/a.py\\\"]\\n\"}}}"));
    free(hear(&server));
    for (int version = 2; version < 1000; version++)
        edit(&server, version);
    long before = resident_kib(server.pid);
    for (int version = 1000; version < 10000; version++)
        edit(&server, version);
    long after = resident_kib(server.pid);
    bool is_sanitized = before > 20000; /* freed memory is kept for a while */
    cr_expect(is_sanitized || after <= before + 256, "%ld KiB after 1,000 edits, %ld KiB after 10,000", before, after);
    cr_expect_eq(stop(&server), 1);
}
