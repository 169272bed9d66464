/* Times the language server: from an edit and its didSave to the diagnostics, from an edit and a codeAction to the
 * answer, and from the choice of a fix to its edit, over 1,000 edits each of a compose file of 500 lines and a
 * Dockerfile of 200 that one of its services builds. What the client does with an answer is not timed. Prints a table,
 * with the processor time of the server beside it, which other work on the machine moves less, and the server's
 * memory; no limit is checked.
 *
 *     bench_lsp IRONHULL */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { EDITS = 1000, SERVICES = 24, LAYERS = 46 };

struct server {
    pid_t pid;
    FILE *in, *out;
    double heard; /* when the last message had come */
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "bench_lsp: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void start(struct server *server, const char *program) {
    int to[2], from[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        fail("pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    if (posix_spawn(&server->pid, program, &actions, NULL, (char *const *)(const char *[]){program, "lsp", NULL},
                    environ) != 0)
        fail(program);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    server->in = fdopen(to[1], "w");
    server->out = fdopen(from[0], "r");
}

/* Takes the message. */
static void say(struct server *server, json_t *message) {
    char *text = json_dumps(message, JSON_COMPACT);
    fprintf(server->in, "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
    fflush(server->in);
    free(text);
    json_decref(message);
}

static json_t *hear(struct server *server) {
    size_t n = 0;
    char line[256];
    while (fgets(line, sizeof line, server->out) && strcmp(line, "\r\n") != 0)
        if (!strncmp(line, "Content-Length:", 15))
            n = strtoul(line + 15, NULL, 10);
    char *text = malloc(n + 1);
    if (!n || !text || fread(text, 1, n, server->out) != n)
        fail("the server has gone");
    server->heard = now();
    json_t *message = json_loadb(text, n, 0, NULL);
    free(text);
    return message;
}

/* Waits for the answer to a request (id > 0), or for the diagnostics of that version of a document; gives its result.
 */
static json_t *await(struct server *server, int id, const char *uri, int version) {
    for (;;) {
        json_t *message = hear(server), *params = json_object_get(message, "params");
        const char *about = json_string_value(json_object_get(params, "uri"));
        bool is_there =
            id ? json_integer_value(json_object_get(message, "id")) == id
               : about && !strcmp(about, uri) && json_integer_value(json_object_get(params, "version")) == version;
        json_t *result = json_incref(json_object_get(message, "result"));
        json_decref(message);
        if (is_there)
            return result;
        json_decref(result);
    }
}

/* --- documents -----------------------------------------------------------------------------------------------------
 */

struct document {
    const char *name;
    char *text;
    char uri[256];
    int version, line; /* the line that is edited: a comment */
    int lines;
    int place; /* a line that has findings */
};

static void make_compose(struct document *document) {
    size_t n;
    FILE *out = open_memstream(&document->text, &n);
    fputs("# edited here\nservices:\n  web:\n    build: .\n    image: shop/web\n", out);
    for (int i = 0; i < SERVICES; i++)
        fprintf(out,
                "  # what it is for\n  %s-%d:\n    image: %s\n    restart: unless-stopped\n    environment:\n"
                "      STAGE: production\n      SHARD: \"%d\"\n      TZ: UTC\n    ports:\n"
                "      - \"127.0.0.1:%d:6379\"\n    networks: [inner]\n    depends_on: [web]\n    labels:\n"
                "      team: shop\n      tier: inner\n    healthcheck:\n      test: [\"CMD\", \"true\"]\n"
                "      interval: 30s\n      retries: 3\n    stop_grace_period: 30s\n\n",
                i % 2 ? "cache" : "db", i, i % 2 ? "redis:7" : "postgres:16", i, 7000 + i);
    fputs("networks:\n  inner: {}\n", out);
    fclose(out);
}

static void make_dockerfile(struct document *document) {
    size_t n;
    FILE *out = open_memstream(&document->text, &n);
    fputs("# edited here\nFROM node:20-slim\nWORKDIR /app\nCOPY package.json package-lock.json ./\n"
          "RUN npm ci --omit=dev\nCOPY . .\n",
          out);
    for (int i = 0; i < LAYERS; i++)
        fprintf(out, "# what this is for\nENV SETTING_%d=value\nRUN mkdir -p /app/part-%d && \\\n    touch a-%d\n", i,
                i, i);
    fputs("EXPOSE 3000\n# the program\nCMD [\"node\", \"server.js\"]\n", out);
    fclose(out);
}

static void put(const char *folder, const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (!out || fputs(text, out) < 0 || fclose(out) != 0)
        fail(path);
}

static void open_document(struct server *server, const char *folder, struct document *document) {
    snprintf(document->uri, sizeof document->uri, "file://%s/%s", folder, document->name);
    for (const char *p = document->text; *p; p++)
        document->lines += *p == '\n';
    put(folder, document->name, document->text);
    say(server,
        json_pack("{s:s,s:s,s:{s:{s:s,s:s,s:i,s:s}}}", "jsonrpc", "2.0", "method", "textDocument/didOpen", "params",
                  "textDocument", "uri", document->uri, "languageId", "", "version", 0, "text", document->text));
    json_decref(await(server, 0, document->uri, 0));
}

/* --- what is timed -------------------------------------------------------------------------------------------------
 */

static json_t *range(int line, int from, int to) {
    return json_pack("{s:{s:i,s:i},s:{s:i,s:i}}", "start", "line", line, "character", from, "end", "line", line,
                     "character", to);
}

/* A letter of the first comment becomes another one. */
static void edit(struct server *server, struct document *document) {
    char letter[2] = {(char)('a' + document->version % 26), 0};
    say(server, json_pack("{s:s,s:s,s:{s:{s:s,s:i},s:[{s:o,s:s}]}}", "jsonrpc", "2.0", "method",
                          "textDocument/didChange", "params", "textDocument", "uri", document->uri, "version",
                          ++document->version, "contentChanges", "range", range(0, 2, 3), "text", letter));
}

static void save(struct server *server, const struct document *document) {
    say(server, json_pack("{s:s,s:s,s:{s:{s:s}}}", "jsonrpc", "2.0", "method", "textDocument/didSave", "params",
                          "textDocument", "uri", document->uri));
}

/* At a line of the document, or (`only`) for all of it. */
static void ask(struct server *server, const struct document *document, int id, int line, const char *only) {
    json_t *context =
        only ? json_pack("{s:[],s:[s]}", "diagnostics", "only", only) : json_pack("{s:[]}", "diagnostics");
    say(server,
        json_pack("{s:s,s:i,s:s,s:{s:{s:s},s:o,s:o}}", "jsonrpc", "2.0", "id", id, "method", "textDocument/codeAction",
                  "params", "textDocument", "uri", document->uri, "range", range(line, 0, 80), "context", context));
}

/* Has the edit of an action made, of which the answer has none yet; gives the time before. */
static double choose(struct server *server, int id, json_t *action) {
    double begin = now();
    say(server,
        json_pack("{s:s,s:i,s:s,s:O}", "jsonrpc", "2.0", "id", id, "method", "codeAction/resolve", "params", action));
    json_t *chosen = await(server, id, NULL, 0);
    if (json_object_get(action, "edit") || !json_object_get(chosen, "edit"))
        fail("no edit is made of a fix that was chosen");
    json_decref(chosen);
    return begin;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum kind { SAVE, ACTIONS, CHOICE, FIX_ALL };

/* Milliseconds that the server has computed so far. */
static double computed(pid_t pid) {
    char path[64];
    unsigned long long nanoseconds = 0;
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *in = fopen(path, "r");
    if (!in || fscanf(in, "%llu", &nanoseconds) != 1)
        fail(path);
    fclose(in);
    return (double)nanoseconds / 1e6;
}

static void bench(struct server *server, struct document *document, enum kind kind, const char *name) {
    static double times[EDITS], work[EDITS];
    static int id = 1;
    for (int i = 0; i < EDITS; i++) {
        double before = computed(server->pid), begin = now();
        edit(server, document);
        id++;
        if (kind == SAVE)
            save(server, document);
        else
            ask(server, document, id, kind == CHOICE ? document->place : id % document->lines,
                kind == FIX_ALL ? "source.fixAll.ironhull" : NULL);
        json_t *result = await(server, kind == SAVE ? 0 : id, document->uri, document->version);
        if (kind == CHOICE)
            begin = choose(server, ++id, json_array_get(result, 0));
        times[i] = server->heard - begin;
        work[i] = computed(server->pid) - before;
        json_decref(result);
    }
    qsort(times, EDITS, sizeof *times, by_value);
    qsort(work, EDITS, sizeof *work, by_value);
    printf("%-14s %4d lines  %-34s %8.2f %8.2f %8.2f %8.2f %8.2f\n", document->name, document->lines, name,
           times[EDITS / 2], times[EDITS * 99 / 100], times[EDITS - 1], work[EDITS / 2], work[EDITS * 99 / 100]);
}

static long resident_kib(pid_t pid) {
    char path[64], line[128];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (in)
        fclose(in);
    return kib;
}

int main(int argc, char **argv) {
    struct server server;
    struct document documents[] = {{.name = "compose.yaml", .place = 6}, {.name = "Dockerfile", .place = 192}};
    char folder[] = "/tmp/ironhull-lsp-XXXXXX", root[64];
    if (argc != 2 || !mkdtemp(folder)) {
        fprintf(stderr, "usage: bench_lsp IRONHULL\n");
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    make_compose(&documents[0]);
    make_dockerfile(&documents[1]);
    put(folder, "package.json", "{\"name\": \"shop\", \"dependencies\": {\"express\": \"4.19.2\"}}\n");
    put(folder, "package-lock.json", "{\"lockfileVersion\": 3}\n");
    start(&server, argv[1]);
    snprintf(root, sizeof root, "file://%s", folder);
    say(&server, json_pack("{s:s,s:i,s:s,s:{s:s,s:{s:{s:{s:b,s:{s:[s]}}}}}}", "jsonrpc", "2.0", "id", 1, "method",
                           "initialize", "params", "rootUri", root, "capabilities", "textDocument", "codeAction",
                           "dataSupport", 1, "resolveSupport", "properties", "edit"));
    json_decref(await(&server, 1, NULL, 0));
    printf("%-57s %8s %8s %8s %8s %8s\n", "milliseconds over 1,000 edits", "p50", "p99", "max", "computed", "its p99");
    for (int i = 0; i < 2; i++)
        open_document(&server, folder, &documents[i]);
    long before = resident_kib(server.pid);
    for (int i = 0; i < 2; i++) {
        bench(&server, &documents[i], SAVE, "edit, didSave to diagnostics");
        bench(&server, &documents[i], ACTIONS, "edit, codeAction at a line");
        bench(&server, &documents[i], CHOICE, "codeAction/resolve of a fix");
        bench(&server, &documents[i], FIX_ALL, "edit, codeAction source.fixAll");
    }
    printf("memory of the server: %ld KiB with both open, %ld KiB after 8,000 edits\n", before,
           resident_kib(server.pid));
    fclose(server.in);
    waitpid(server.pid, NULL, 0);
    posix_spawnp(&server.pid, "rm", NULL, NULL, (char *const *)(const char *[]){"rm", "-rf", folder, NULL}, environ);
    waitpid(server.pid, NULL, 0);
    return 0;
}
