/* Input that is made to use up time and memory, or to lead astray: each within limits that the kernel enforces, and
 * with the end that it is to have. What is refused in every mode is in test_bad_input.c. */
#include "process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

TestSuite(hostile, .init = folder_enter, .fini = folder_leave, .timeout = 300);

/* As much of a text as Criterion can pass on: of more than 1 MiB it loses the end of the test. */
static struct str shown(struct str text) {
    return str_sub(text, 0, 2000);
}

/* Runs within the limits. What is written does not change any more. */
static struct result within(struct arena *arena, const char *const *arguments) {
    struct result result = process_run(arena, &(struct setting){.is_limited = true}, arguments);
    cr_expect_geq(result.code, 0, "%s: signal %d: %.*s", arguments[1], -result.code, STR_ARG(shown(result.err)));
    cr_expect(!str_contains(result.err, STR("internal error")) && !str_contains(result.err, STR("out of memory")),
              "%.*s", STR_ARG(shown(result.err)));
    return result;
}

/* The same for a file that is not to be hardened itself, beside a good one. */
static void refuses(const char *path, struct str text, const char *words) {
    ARENA(arena);
    file_put("good/Dockerfile", STR("FROM node:20\nCMD [\"node\", \"x.js\"]\n"));
    file_put(str_printf(&arena, "good/%s", path).p, text);
    struct result result = within(&arena, ARGUMENTS("--check", "good"));
    cr_expect(result.code == 2 && str_contains(result.err, str_of(words)), "no \"%s\" in:\n%.*s", words,
              STR_ARG(shown(result.err)));
}

/* How a file ends: hardened or left with that exit code, and with these words in what is said. */
static void ends(const char *path, struct str text, int code, const char *words) {
    ARENA(arena);
    file_put(path, text);
    struct result result = within(&arena, ARGUMENTS("-w", path));
    cr_expect_eq(result.code, code, "%s ends with %d: %.*s", words, result.code, STR_ARG(shown(result.err)));
    cr_expect(str_contains(result.err, str_of(words)), "no \"%s\" in:\n%.*s", words, STR_ARG(shown(result.err)));
    struct str once = file_get(&arena, path);
    cr_expect(code == 0 || str_eq(once, text), "%s: an error, and the file is changed", words);
    within(&arena, ARGUMENTS("-w", path));
    cr_expect(str_eq(file_get(&arena, path), once), "%s: a second run changes it", words);
    unlink(path);
}

#define DOCKERFILE "FROM node:20\n"
#define COMPOSE "services:\n  a:\n    image: node:20\n"
#define DEEP 100000

/* `before`, `middle` DEEP times, `after`. */
static struct str made(struct arena *arena, const char *before, const char *middle, uint32_t n, const char *after) {
    return str_printf(arena, "%s%s%s", before, repeated(arena, middle, n).p, after);
}

/* --- YAML ----------------------------------------------------------------------------------------------------------
 */

/* Thirty levels of nine aliases each. */
static struct str bomb(struct arena *arena, bool is_merge, const char *rest) {
    struct buf out = {.arena = arena};
    buf_add(&out, STR("x0: &x0 {a: b}\n"));
    for (int i = 1; i <= 30; i++)
        buf_printf(&out, "x%d: &x%d %s[%s]%s\n", i, i, is_merge ? "{<<: " : "",
                   repeated(arena, str_printf(arena, "*x%d, ", i - 1).p, 9).p, is_merge ? "}" : "");
    buf_add(&out, str_of(rest));
    return buf_str(&out);
}

Test(hostile, aliases_that_grow) {
    ARENA(arena);
    for (int is_merge = 0; is_merge < 2; is_merge++) {
        ends("compose.yaml", bomb(&arena, is_merge, COMPOSE "    <<: *x30\n    environment: *x30\n    volumes: *x30\n"),
             0, "service a is not changed");
        ends("pod.yaml",
             bomb(&arena, is_merge,
                  "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - <<: *x30\n    name: a\n    image: node:20\n"
                  "    env: *x30\n    volumeMounts: *x30\n"),
             0, "its program runs as root");
        refuses(".ironhull.yaml", bomb(&arena, is_merge, "images: *x30\nrules: *x30\n"), "unknown key x0");
    }
}

/* Wherever aliases are followed, in whatever is made of the file. */
Test(hostile, aliases_that_grow_everywhere) {
    ARENA(arena);
    static const char *const keys[] = {
        "build: *x30",
        "build: {args: *x30, context: .}",
        "command: *x30",
        "entrypoint: *x30",
        "cap_add: *x30",
        "cap_drop: *x30",
        "devices: *x30",
        "depends_on: *x30",
        "deploy: *x30",
        "env_file: *x30",
        "extends: *x30",
        "image: *x30",
        "labels: *x30",
        "networks: *x30",
        "ports: *x30",
        "secrets: *x30",
        "security_opt: *x30",
        "sysctls: *x30",
        "tmpfs: *x30",
        "ulimits: *x30",
        "user: *x30",
        "x-more: *x30",
        "develop: *x30",
        "healthcheck: *x30",
        "<<: [*x30, *x29, *x28]",
    };
    static const char *const modes[] = {"--check", "--emit=docker-run", "--emit=github-workflow", "--format=json"};
    static const char *const pods[] = {"volumes", "initContainers", "containers", "securityContext", "<<"};
    for (int is_merge = 0; is_merge < 2; is_merge++) {
        struct buf rest = {.arena = &arena};
        buf_add(&rest, STR("include: *x30\nvolumes: *x30\nsecrets: *x30\nx-top: *x30\nservices:\n"));
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            buf_printf(&rest, "  s%zu:\n    %s%s\n", i,
                       str_contains(str_of(keys[i]), STR("image:")) ? "" : "image: node:20\n    ", keys[i]);
        file_put("compose.yaml", bomb(&arena, is_merge, buf_str(&rest).p));
        for (size_t i = 0; i < sizeof pods / sizeof *pods; i++)
            file_put(
                str_printf(&arena, "pod%zu.yaml", i).p,
                bomb(&arena, is_merge,
                     str_printf(&arena, "apiVersion: v1\nkind: Pod\nmetadata: *x30\nspec:\n  %s: *x30\n", pods[i]).p));
        file_put("list.yaml", bomb(&arena, is_merge, "apiVersion: v1\nkind: List\nitems: *x30\n"));
        file_put("kustomization.yaml",
                 bomb(&arena, is_merge,
                      "kind: Kustomization\napiVersion: x\npatches: *x30\nimages: *x30\nresources: *x30\n"));
        for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
            cr_expect_leq(within(&arena, ARGUMENTS(modes[i], ".")).code, 2);
        within(&arena, ARGUMENTS("-w", "--unsafe-fixes", "."));
        struct str once = folder_state(&arena, ".");
        within(&arena, ARGUMENTS("-w", "--unsafe-fixes", "."));
        cr_expect(str_eq(folder_state(&arena, "."), once), "a second run changes it");
    }
}

Test(hostile, chains_of_merges) {
    ARENA(arena);
    struct buf merges = {.arena = &arena}, aliases = {.arena = &arena};
    buf_add(&merges, STR("x0: &x0 {a: b}\n"));
    buf_add(&aliases, STR("x0: &x0 a\n"));
    for (int i = 1; i < 20000; i++) {
        buf_printf(&merges, "x%d: &x%d {<<: *x%d, k%d: 1}\n", i, i, i - 1, i);
        buf_printf(&aliases, "x%d: &x%d [*x%d]\n", i, i, i - 1);
    }
    buf_add(&merges, STR(COMPOSE "    <<: *x19999\n"));
    buf_add(&aliases, STR(COMPOSE "    command: *x19999\n"));
    ends("compose.yaml", buf_str(&merges), 0, "service a is not changed");
    ends("compose.yaml", buf_str(&aliases), 0, "service a is not changed");
}

Test(hostile, anchors_in_odd_places) {
    ends("compose.yaml", STR(COMPOSE "    &k key: 1\n    ? &m {a: b}\n    : *m\n    ? *k\n    : 2\n"), 0,
         "service a is not changed");
    ends("compose.yaml", STR("services: &a\n  a: *a\n"), 2, "alias *a stands inside of its own anchor");
    ends("compose.yaml", STR("services:\n  a: &a\n    <<: *a\n    image: node:20\n"), 2,
         "alias *a stands inside of its own anchor");
}

Test(hostile, circles) {
    ends("compose.yaml", STR("services:\n  a: {extends: b}\n  b: {extends: a}\n"), 0, "nothing to harden");
    file_put("b.compose.yaml", STR("include: [compose.yaml]\n"));
    ends("compose.yaml", STR("include: [b.compose.yaml]\n" COMPOSE), 0, "service a is not changed");
}

Test(hostile, depth) {
    ARENA(arena);
    ends("compose.yaml", made(&arena, COMPOSE "    x: ", "[", DEEP, "\n"), 2, "nested deeper than 200 levels");
    ends("compose.yaml", made(&arena, COMPOSE "    x: ", "{a: ", DEEP, "\n"), 2, "nested deeper than 200 levels");
    ends("compose.yaml", made(&arena, COMPOSE "    x:\n      ", "- ", DEEP, "a\n"), 2, "nested deeper than 200 levels");
    ends("compose.yaml", made(&arena, COMPOSE "    x:\n      ", "? ", DEEP, "a\n"), 2, "nested deeper than 200 levels");
    file_put("Dockerfile", STR(DOCKERFILE "WORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"x.js\"]\n"));
    refuses(".ironhull.yaml", made(&arena, "images: ", "[", DEEP, "\n"), "nested deeper than 200 levels");
    file_put("package.json", made(&arena, "", "{\"a\":", DEEP, ""));
    struct result result = within(&arena, ARGUMENTS("--check", "Dockerfile"));
    cr_expect(str_contains(result.out, STR("the manifest is no valid JSON")), "%.*s", STR_ARG(result.out));
    file_put("accepted", made(&arena, "", "[", DEEP, ""));
    result = within(&arena, ARGUMENTS("--check", "--baseline=accepted", "Dockerfile"));
    cr_expect(result.code == 2 && str_contains(result.err, STR("accepted:1:1: error: this is no line of a baseline")));
}

/* --- Dockerfiles ---------------------------------------------------------------------------------------------------
 */

Test(hostile, depth_in_dockerfiles) {
    ARENA(arena);
    static const struct {
        const char *before, *middle;
        uint32_t n;
        const char *after;
    } rows[] = {
        {"ENV A=", "${B:-", 10000, "\n"},     {"RUN ", "$(", 30000, "\n"},
        {"RUN ", "$( \\\n", DEEP, "x\n"},     {"RUN ", "(", 60000, "\n"},
        {"RUN ", "`", 60000, "\n"},           {"RUN ", "$((", 20000, "\n"},
        {"RUN ", "\"$(", 20000, "\n"},        {"RUN ", "if a; then ", 5000, "\n"},
        {"RUN ", "sh -c \"", 9000, "\n"},     {"RUN a", " && \\\n  b", DEEP, "\n"},
        {"RUN a \\\n", "# x\n", DEEP, "b\n"}, {"RUN <<A\n", "cat <<B\n", DEEP, "A\n"},
        {"RUN <<A\n", "$(\n", DEEP, "A\n"},   {"CMD ", "[", 60000, "\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ends("Dockerfile",
             made(&arena, str_printf(&arena, DOCKERFILE "%s", rows[i].before).p, rows[i].middle, rows[i].n,
                  str_printf(&arena, "%sCMD [\"node\", \"x.js\"]\n", rows[i].after).p),
             0, "runs as root: run it as node (1000:1000)");
    ends("Dockerfile", made(&arena, DOCKERFILE, "RUN <<A\n", 20000, ""), 2, "here-document without an end");
    ends("Dockerfile", made(&arena, "ARG A=", "${B:-", 10000, "\nFROM ${A}\n"), 0, "nothing to harden");
}

/* A fix must not make a line longer than the builder reads; the others are made all the same. */
Test(hostile, lines_at_the_limit) {
    ARENA(arena);
    static const char note[] = "(not done: a line would get longer than the builder reads; break it up)";
    ends("Dockerfile", made(&arena, DOCKERFILE "ENTRYPOINT [\"node\", \"", "a", 65505, "\"]\n"), 0, note);
    ends("Dockerfile", made(&arena, DOCKERFILE "ENTRYPOINT node ", "\\", 65515, "\n"), 0, "nothing to harden");
    ends("Dockerfile", made(&arena, DOCKERFILE "CMD ", "[{\"a\":", 6000, "\n"), 0, "fix: ");
    ends("Dockerfile", made(&arena, DOCKERFILE "WORKDIR /app\nCOPY ", "a", 65525, " .\nCMD [\"node\", \"x.js\"]\n"), 0,
         note);
    ends("Dockerfile",
         made(&arena, "FROM node:20", " ", 65520, "\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"x.js\"]\n"),
         0, "fix: ");
}

/* --- size ----------------------------------------------------------------------------------------------------------
 */

/* A line of 1 GB, and one of 1 TB, which have no blocks on disk, are not read further than the limit of 16 MiB. */
Test(hostile, lines_of_a_gigabyte_and_more) {
    ARENA(arena);
    static const char *const names[] = {"Dockerfile",     "compose.yaml", "pod.yaml",
                                        ".ironhull.yaml", "package.json", ".dockerignore"};
    for (int i = 0; i < 12; i++) {
        const char *name = names[i % 6];
        file_put("Dockerfile", STR(DOCKERFILE "WORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"x.js\"]\n"));
        file_put(name, i % 6 > 3 ? STR("#") : STR("apiVersion: v1\nkind: Pod\n#"));
        if (truncate(name, i < 6 ? (off_t)1 << 30 : (off_t)1 << 40) != 0)
            continue; /* not every file system has room for the larger one */
        struct result result = within(&arena, ARGUMENTS("--check", "."));
        bool is_error = i % 6 < 4;
        cr_expect_eq(result.code, is_error ? 2 : 1, "%s: %d: %.*s", name, result.code, STR_ARG(result.err));
        if (is_error)
            cr_expect(str_contains(result.err, str_printf(&arena, "%s: error: is larger than 16 MiB", name)), "%.*s",
                      STR_ARG(result.err));
        cr_expect_lt(result.peak, 64 * 1024 * 1024, "%s: %ld bytes", name, result.peak);
        unlink(name);
    }
}

/* `row` n times, with the number of each in the place of every "@". */
static struct str many(struct arena *arena, const char *row, uint32_t n) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < n; i++) {
        struct str rest = str_of(row), part;
        for (bool is_first = true; str_cut(&rest, '@', &part); is_first = false) {
            buf_printf(&out, is_first ? "" : "%u", i);
            buf_add(&out, part);
        }
    }
    return buf_str(&out);
}

/* Thousands of one thing in one file. Time or memory that grew with the square of their number would end several of
 * these at the limits. */
Test(hostile, thousands_of_a_kind) {
    ARENA(arena);
    static const char docker[] = "FROM node:20\nWORKDIR /app\n", cmd[] = "CMD [\"node\", \"x.js\"]\n",
                      user[] = "runs as root: run it as node (1000:1000)",
                      pod[] = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n";
    static const struct {
        const char *path, *before, *row;
        uint32_t n;
        const char *after, *words;
    } rows[] = {
        {"Dockerfile", docker, "RUN mkdir -p /app/d@\n", 8000, cmd, user},
        {"Dockerfile", "FROM node:20\nRUN true", " && \\\n  mkdir /app/d@", 8000, "\nCMD [\"node\", \"x.js\"]\n", user},
        {"Dockerfile", docker, "RUN <<E\nmkdir /app/d@\nE\n", 8000, cmd, user},
        {"Dockerfile", docker, "RUN groupadd g@ && useradd -g g@ u@\n", 8000, cmd, "it makes several users"},
        {"Dockerfile", "FROM node:20 AS b\nFROM node:20\n",
         "COPY --from=b /x/@/node_modules /app/@/node_modules\nCOPY a@ /app\n", 4000, cmd, user},
        {"Dockerfile", docker, "WORKDIR w@\nRUN mkdir a\n", 8000, cmd, user},
        {"Dockerfile", docker, "ENV A@=$A$FIRST\nCOPY x /app/$A@\n", 8000, cmd, user},
        {"Dockerfile", "ARG A=node:20\nFROM $A AS s\n", "ARG A@\nCOPY x /app/$A@\nFROM $A AS s@\n", 8000, cmd, user},
        {"Dockerfile", "FROM node:20 AS s0\n", "FROM s@ AS s@0\nFROM s@0 AS s@1\n", 8000, cmd, ""},
        {"Dockerfile", docker, "VOLUME /v@\n", 8000, cmd, "more folders than fit"},
        {"Dockerfile", docker, "ARG A@=1\nRUN npm ci\n", 8000, cmd, "it has more than 1,000 instructions"},
        {"compose.yaml", "services:\n", "  a@: {image: 'redis:7'}\n", 2000, "", "starts as root"},
        {"compose.yaml", "services:\n  a: {image: 'redis:7'}\n", "  a@: {extends: a}\n", 2000, "", "a2"},
        {"compose.yaml", "services:\n  a: {image: 'redis:7', tmpfs: [/b", ", /a@", 8000, "]}\n", "service a"},
        {"pod.yaml", pod, "  - {name: a@, image: 'redis:7', volumeMounts: [{name: v@, mountPath: /data}]}\n", 1000, "",
         "container a7"},
        {"pod.yaml",
         "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
         "  - {name: a, image: 'redis:7', securityContext: &c {runAsUser: 999}}\n",
         "  - {name: a@, image: 'redis:7', securityContext: *c}\n", 2000, "",
         "container a: nothing keeps it from running as root"},
        {"pod.yaml", "", "---\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {name: a@, image: 'redis:7'}\n",
         2000, "", "container a7"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ends(rows[i].path,
             str_printf(&arena, "%s%.*s%s", rows[i].before, STR_ARG(many(&arena, rows[i].row, rows[i].n)),
                        rows[i].after),
             0, rows[i].words);
}

/* --- what is no file -----------------------------------------------------------------------------------------------
 */

Test(hostile, sockets_and_pseudo_files) {
    ARENA(arena);
    file_put("good/Dockerfile", STR(DOCKERFILE "CMD [\"node\", \"x.js\"]\n"));
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "good/compose.yaml"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&name, sizeof name), 0, "%s", strerror(errno));
    struct result result = within(&arena, ARGUMENTS("--check", "good"));
    cr_expect_eq(result.code, 1, "beside a socket: %.*s", STR_ARG(result.err));
    result = within(&arena, ARGUMENTS("--check", "good/compose.yaml"));
    cr_expect(result.code == 2 && str_contains(result.err, STR("cannot be read: ")), "%.*s", STR_ARG(result.err));
    close(fd);
    static const char *const paths[] = {"/proc/self/environ", "/proc/kmsg", "/dev/tty", "/proc/self/mem"};
    for (int i = 0; i < 4; i++)
        cr_expect_eq(within(&arena, ARGUMENTS("--check", paths[i])).code, 2, "%s", paths[i]);
}

/* What is named like a file that is looked for, beside a Dockerfile that needs it. */
Test(hostile, special_files_everywhere) {
    ARENA(arena);
    static const char *const names[] = {
        "compose.yaml", "compose.override.yaml", "pod.yaml", "list.json", ".ironhull.yaml",    ".gitignore",
        ".env",         ".dockerignore",         "start.sh", ".git",      "package-lock.json", "package.json",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (int kind = 0; kind < 4; kind++) {
            static const char *const leads[] = {"/dev/zero", "/proc/self/mem", "/proc/self/fd/0"};
            const char *path = str_printf(&arena, "good/%s", names[i]).p;
            file_put("good/Dockerfile",
                     STR(DOCKERFILE "WORKDIR /app\nCOPY . .\nRUN npm ci\nENTRYPOINT [\"./start.sh\"]\n"));
            file_put("good/sub/compose.yaml", STR("include: [../compose.yaml]\nservices:\n  a:\n    build: ..\n"
                                                  "    env_file: ../.env\n"));
            cr_assert_eq(kind ? symlink(leads[kind - 1], path) : mkfifo(path, 0666), 0);
            struct result result = within(&arena, ARGUMENTS("-w", "good"));
            bool is_configuration = strcmp(names[i], ".ironhull.yaml") == 0;
            cr_expect_eq(result.code, is_configuration ? 2 : 0, "%s, %d: %.*s", names[i], kind, STR_ARG(result.err));
            cr_expect_lt(result.peak, 64 * 1024 * 1024, "%s: %ld bytes", names[i], result.peak);
            cr_assert_eq(system("rm -rf good"), 0);
        }
}

/* Folders that lie in each other, deeper than any path may be, and links back to the top. */
Test(hostile, deep_folders_and_loops) {
    ARENA(arena);
    enum { LEVELS = 2100 };
    int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    file_put("Dockerfile", STR(DOCKERFILE "CMD [\"node\", \"x.js\"]\n"));
    for (int i = 0; i < LEVELS && fd >= 0; i++) {
        cr_assert_eq(symlinkat("..", fd, "up"), 0);
        cr_assert_eq(symlinkat("d/up/d", fd, "loop"), 0);
        cr_assert_eq(mkdirat(fd, "d", 0777), 0);
        int next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = next;
    }
    int file = openat(fd, "Dockerfile", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    cr_assert(file >= 0 && write(file, DOCKERFILE, sizeof DOCKERFILE - 1) > 0);
    close(file);
    struct result result = within(&arena, ARGUMENTS("-w", "."));
    cr_expect_eq(result.code, 2, "%.*s", STR_ARG(result.err));
    cr_expect(str_contains(result.err, STR("d/d/Dockerfile: error: cannot be read: File name too long")));
    cr_expect(str_contains(file_get(&arena, "Dockerfile"), STR("USER 1000:1000")));
    cr_expect_eq(within(&arena, ARGUMENTS("--check", "loop/up/d/up")).code, 2);
    struct stat status;
    cr_expect_eq(fstatat(fd, "Dockerfile", &status, 0), 0);
    close(fd);
}

/* Whatever a compose file names, nothing outside of the named folder is read: the secret is in no output. */
Test(hostile, paths_that_lead_out) {
    ARENA(arena);
    file_put("secret/Dockerfile", STR("FROM debian:13\nENV SECRET=hunter2\nUSER 4242:4242\nCMD [\"/bin/hunter2\"]\n"));
    file_put("secret/.env", STR("NAME=hunter2\nCOMPOSE_FILE=../secret/compose.yaml\n"));
    file_put("secret/compose.yaml", STR("services:\n  a: {image: hunter2}\n  base: {image: hunter2, user: '4242'}\n"));
    file_put("app/.env", STR("COMPOSE_FILE=compose.yaml:../secret/compose.yaml\n"));
    cr_assert_eq(mkdir("app/sub", 0777), 0);
    cr_assert_eq(symlink("../../secret", "app/sub/link"), 0);
    static const char *const services[] = {
        "{build: ../secret}",
        "{build: sub/link}",
        "{build: {context: ., dockerfile: ../secret/Dockerfile}}",
        "{build: {context: ., dockerfile: sub/link/Dockerfile}}",
        "{image: node:20, env_file: ../secret/.env}",
        "{extends: {file: ../secret/compose.yaml, service: base}}",
        "{extends: {file: sub/link/compose.yaml, service: base}}",
        "{build: https://example.com/hunter.git#main:x}",
        "{build: {context: 'git@example.com:hunter.git', dockerfile: ../secret/Dockerfile}}",
        "{build: {context: sub, dockerfile: link/Dockerfile}}",
        "{build: {context: ., dockerfile: %s/secret/Dockerfile}}",
        "{build: %s/secret}",
        "{build: {context: ., additional_contexts: {x: ../secret}}}",
        "{image: node:20, env_file: [{path: %s/secret/.env}], label_file: ../secret/.env}",
        "{extends: {file: %s/secret/compose.yaml, service: base}}",
        "{build: sub/linked}",
        "{image: node:20, volumes: ['../secret:/x'], user: '1:1'}",
    };
    char here[4096];
    cr_assert(getcwd(here, sizeof here));
    cr_assert_eq(mkdir("app/sub/linked", 0777), 0);
    static const char *const links[] = {"Dockerfile", ".dockerignore", "package.json", "start.sh", ".env"};
    for (int i = 0; i < 5; i++)
        cr_assert_eq(symlink("../../../secret/Dockerfile", str_printf(&arena, "app/sub/linked/%s", links[i]).p), 0);
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        const char *at = strstr(services[i], "%s");
        struct str service = at ? str_printf(&arena, "%.*s%s%s", (int)(at - services[i]), services[i], here, at + 2)
                                : str_of(services[i]);
        file_put(
            "app/compose.yaml",
            str_printf(&arena,
                       "include: [../secret/compose.yaml, {path: '%s/secret/compose.yaml', env_file: ../secret/.env}]\n"
                       "services:\n  a: %.*s\nsecrets:\n  s: {file: ../secret/.env}\n",
                       here, STR_ARG(service)));
        static const char *const modes[] = {"--check", "--diff", "--emit=docker-run", "--emit=smoke-test", "-w"};
        struct str before = folder_state(&arena, "secret");
        for (int j = 0; j < 5; j++) {
            struct result result = within(&arena, ARGUMENTS(modes[j], "app"));
            cr_expect(!str_contains(result.out, STR("hunter2")) && !str_contains(result.err, STR("hunter2")) &&
                          !str_contains(result.out, STR("4242")),
                      "%s %s:\n%.*s", services[i], modes[j], STR_ARG(result.out));
        }
        cr_expect(str_eq(folder_state(&arena, "secret"), before), "%s", services[i]);
    }
}

/* --- the language server -------------------------------------------------------------------------------------------
 */

static void say(struct buf *out, const char *format, ...) {
    char text[8192];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buf_printf(out, "Content-Length: %d\r\n\r\n%s", n, text);
}

/* A session with a document, whose text only the editor has, in a workspace. */
static void serves(const char *workspace, const char *uri) {
    ARENA(arena);
    struct buf in = {.arena = &arena};
    say(&in, "{\"id\":1,\"method\":\"initialize\",\"params\":{\"rootUri\":\"%s\",\"capabilities\":{}}}", workspace);
    say(&in, "{\"method\":\"initialized\",\"params\":{}}");
    say(&in,
        "{\"method\":\"textDocument/"
        "didOpen\",\"params\":{\"textDocument\":{\"uri\":\"%s\",\"languageId\":\"dockerfile\","
        "\"version\":1,\"text\":\"FROM node:20\\nWORKDIR /app\\nCOPY . .\\nRUN npm ci\\nENTRYPOINT "
        "[\\\"./start.sh\\\"]\\n\"}}}",
        uri);
    say(&in, "{\"id\":2,\"method\":\"textDocument/diagnostic\",\"params\":{\"textDocument\":{\"uri\":\"%s\"}}}", uri);
    say(&in, "{\"method\":\"workspace/didChangeWatchedFiles\",\"params\":{\"changes\":[{\"uri\":\"%s\",\"type\":2}]}}",
        uri);
    say(&in, "{\"method\":\"textDocument/didClose\",\"params\":{\"textDocument\":{\"uri\":\"%s\"}}}", uri);
    say(&in, "{\"id\":3,\"method\":\"textDocument/diagnostic\",\"params\":{\"textDocument\":{\"uri\":\"%s\"}}}", uri);
    say(&in, "{\"id\":4,\"method\":\"shutdown\"}");
    say(&in, "{\"method\":\"exit\"}");
    struct result result =
        process_run(&arena, &(struct setting){.is_limited = true, .input = buf_str(&in)}, ARGUMENTS("lsp"));
    cr_expect_eq(result.code, 0, "%s in %s: %d: %.*s", uri, workspace, result.code, STR_ARG(result.err));
    for (int id = 1; id <= 4; id++)
        cr_expect(str_contains(result.out, str_printf(&arena, "\"id\":%d", id)), "%s in %s: %d has no answer:\n%.*s",
                  uri, workspace, id, STR_ARG(result.out));
    cr_expect_lt(result.peak, 64 * 1024 * 1024, "%s: %ld bytes", uri, result.peak);
}

Test(hostile, documents_that_are_no_files) {
    static const char *const uris[] = {
        "file:///dev/zero",
        "file:///proc/self/mem",
        "file:///dev/stdin",
        "file:///proc/kmsg",
        "file:///dev/tty/Dockerfile",
        "file:///",
        "file:///proc/self/fd/0",
        "untitled:x",
        "file:///%%00/x",
        "file://host/dev/zero",
    };
    ARENA(arena);
    char here[4096];
    cr_assert(getcwd(here, sizeof here));
    static const char *const names[] = {"compose.yaml", "pod.yaml", ".ironhull.yaml",
                                        "package.json", "start.sh", ".dockerignore"};
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(mkfifo(str_printf(&arena, "%s", names[i]).p, 0666), 0);
        cr_assert_eq(mkdir(str_printf(&arena, "l%d", i).p, 0777), 0);
        cr_assert_eq(symlink("/dev/zero", str_printf(&arena, "l%d/%s", i, names[i]).p), 0);
    }
    const char *workspace = str_printf(&arena, "file://%s", here).p;
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
        serves(workspace, uris[i]);
        serves("file:///dev", uris[i]);
    }
    for (int i = 0; i < 6; i++) {
        serves(workspace, str_printf(&arena, "%s/%s", workspace, names[i]).p);
        serves(workspace, str_printf(&arena, "%s/l%d/Dockerfile", workspace, i).p);
        serves("file:///proc/self", str_printf(&arena, "%s/l%d/%s", workspace, i, names[i]).p);
    }
    serves("file:///proc", "file:///proc/1/root/Dockerfile");
}
