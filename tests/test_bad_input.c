/* Input that cannot be used: said where and why, left as it is, and no reason to leave other files. */
#include "process.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char good[] = "FROM node:20\nCMD [\"node\", \"x.js\"]\n";

static void enter(void) {
    folder_enter();
    file_put("good/Dockerfile", str_of(good));
}

TestSuite(bad_input, .init = enter, .fini = folder_leave);

static void is_good(bool is_hardened) {
    ARENA(arena);
    struct str text = file_get(&arena, "good/Dockerfile");
    cr_expect_neq(str_eq(text, str_of(good)), is_hardened, "the other file is %s:\n%.*s",
                  is_hardened ? "not processed" : "changed", STR_ARG(text));
    cr_expect_eq(is_hardened, str_contains(text, STR("USER 1000:1000\n")));
}

/* No byte drives a terminal: control characters, and what is not UTF-8 or has a C1 control in it. */
static void is_harmless(struct str text) {
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool is_c1 = c >= 0x80 && c < 0xa0 &&
                     (i == 0 || (unsigned char)text.p[i - 1] < 0x80 || (unsigned char)text.p[i - 1] == 0xc2);
        cr_expect((c >= ' ' || c == '\n') && c != 0x7f && !is_c1, "byte %02x in:\n%.*s", c, STR_ARG(text));
    }
}

static void says(struct result result, const char *error) {
    cr_expect_eq(result.code, 2, "%d: %.*s", result.code, STR_ARG(result.err));
    cr_expect(str_contains(result.err, str_of(error)), "no \"%s\" in:\n%.*s", error, STR_ARG(result.err));
    is_harmless(result.err);
}

/* The file is refused with that error in every mode, and the good one is hardened beside it. */
static void is_refused(const char *path, struct str text, const char *error) {
    ARENA(arena);
    file_put("good/Dockerfile", str_of(good));
    file_put(path, text);
    says(RUN(&arena, path), error);
    says(RUN(&arena, "--check", path, "good"), error);
    is_good(false);
    says(RUN(&arena, "-o", "out", path, "good"), error);
    cr_expect_neq(access(str_printf(&arena, "out/%s", path).p, F_OK), 0, "%s is written", path);
    cr_expect_eq(access("out/good/Dockerfile", F_OK), 0);
    cr_assert_eq(system("rm -rf out"), 0);
    says(RUN(&arena, "-w", path, "good"), error);
    is_good(true);
    cr_expect(str_eq(file_get(&arena, path), text), "%s is changed", path);
    says(RUN(&arena, "-w", "."), error);
    cr_expect(str_eq(file_get(&arena, path), text), "%s is changed", path);
    struct result filtered = FILTER(&arena, text, "-", str_printf(&arena, "--stdin-filename=%s", path).p);
    cr_expect(filtered.code == 2 && filtered.out.n == 0, "%s: %d", path, filtered.code);
    unlink(path);
}

Test(bad_input, that_is_no_text) {
    is_refused("Dockerfile", STR("FROM a\nRUN \xff\n"), "Dockerfile:2:5: error: byte 0xff is not UTF-8");
    is_refused("Dockerfile", STR("FROM a\nRUN \xc3\xa4 \xed\xa0\x80\n"),
               "Dockerfile:2:7: error: byte 0xed is not UTF-8");
    is_refused("Dockerfile", STR("FROM a\nRUN x\0y\n"), "Dockerfile:2:6: error: NUL byte");
    is_refused("compose.yaml", STR("services:\n  a: {x: \"\xff\"}\n"),
               "compose.yaml:2:11: error: byte 0xff is not UTF-8");
    is_refused("pod.yaml", STR("apiVersion: v1\nkind: Pod\n# \0\n"), "pod.yaml:3:3: error: NUL byte");
    is_refused("Dockerfile",
               STR("\xff\xfe"
                   "F\0R\0O\0M\0"),
               "Dockerfile:1:1: error: byte 0xff is not UTF-8");
}

Test(bad_input, that_is_no_dockerfile) {
    is_refused("Dockerfile", STR(""), "Dockerfile: error: has no instructions");
    is_refused("Dockerfile", STR("# only\n\n# comments\n"), "Dockerfile: error: has no instructions");
    is_refused("Dockerfile", STR("# a\nRUN x\n"), "Dockerfile:2:1: error: no build stage");
    is_refused("Dockerfile", STR("ARG x=1\n"), "Dockerfile:1:1: error: no build stage");
    is_refused("Dockerfile", STR("FROM a\nRUN <<EOF\nx\n"), "Dockerfile:2:5: error: here-document without an end");
    is_refused("Dockerfile", STR("FROM a\n\nNOTHING x\n"), "Dockerfile:3:1: error: unknown instruction NOTHING");
    is_refused("Dockerfile", STR("FROM a\nCOPY x\n"), "Dockerfile:2:1: error: ");
    is_refused("x.Dockerfile", STR("USER x\n"), "x.Dockerfile:1:1: error: ");
}

Test(bad_input, that_is_no_yaml) {
    is_refused("compose.yaml", STR("services:\n\ta: {}\n"), "compose.yaml:2:1: error: a tab cannot indent YAML");
    is_refused("compose.yaml", STR("services: {a: b\n"), "compose.yaml:2:1: error: ");
    is_refused("compose.yaml", STR("services:\n  a: {}\n  b: {}\n  a: {}\n"),
               "compose.yaml:4:3: error: duplicate key \"a\": it is already given in line 2");
    is_refused("compose.yaml", STR("services:\n  a: *x\n"), "compose.yaml:2:6: error: unknown alias *x");
    is_refused("pod.yaml", STR("apiVersion: v1\nkind: Pod\nspec: [\n"), "pod.yaml:4:1: error: ");
    is_refused("pod.json", STR("{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {]}\n"),
               "pod.json:1:46: error: ");
    is_refused("compose.yaml", STR(""), "compose.yaml: error: ");
    is_refused("compose.yaml", STR("# nothing\n"), "compose.yaml: error: ");
    is_refused("compose.yaml", STR("- a\n"), "compose.yaml:1:1: error: ");
}

/* A manifest that another tool renders first is left as it is, without an error. */
static void is_left(const char *text, const char *place) {
    ARENA(arena);
    file_put("pod.yaml", str_of(text));
    struct result result = RUN(&arena, "-w", "pod.yaml");
    struct str note =
        str_printf(&arena, "pod.yaml:%s: note: this template is not changed, for it is no YAML yet", place);
    cr_expect_eq(result.code, 0, "%d: %.*s", result.code, STR_ARG(result.err));
    cr_expect(str_starts(result.err, note), "no \"%.*s\" in:\n%.*s", STR_ARG(note), STR_ARG(result.err));
    cr_expect(str_eq(file_get(&arena, "pod.yaml"), str_of(text)));
}

Test(bad_input, that_is_a_template) {
    is_left("apiVersion: v1\nkind: Pod\nspec:\n  {{- with .x }}\n  containers: y\n  {{- end }}\n", "4:3");
    is_left("apiVersion: v1\nkind: Pod\nspec:\n  containers: {{ .Values.name }}\n", "4:15");
    is_left("{{- if .x }}\napiVersion: v1\nkind: Pod\nspec: {containers: []}\n{{- end }}\n", "1:1");
    is_left("apiVersion: v1\nkind: Pod\n<% if x %>\nspec: {containers: []}\n<% end %>\n", "3:1");
    is_left("apiVersion: v1\nkind: Pod\n{% if x %}\nspec: {containers: []}\n{% endif %}\n", "3:1");
    is_refused("compose.yaml", STR("services:\n  a:\n    ports: [{{ port }}]\n"),
               "compose.yaml:3:13: error: this is a template, not YAML");
}

Test(bad_input, has_no_part_in_braces_that_are_text) {
    ARENA(arena);
    struct str text = STR("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    {{ .x }}\n  b: \"{{ y }}\"\n"
                          "  c: '{{ z }}'\n  d: >-\n    {{- if x }}\n  e: x {{ y }}\n  # {{ f }}\n");
    file_put("map.yaml", text);
    struct result result = RUN(&arena, "-w", "map.yaml");
    cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
    cr_expect(str_eq(result.err, STR("nothing to harden\n")));
    cr_expect(str_eq(file_get(&arena, "map.yaml"), text));
}

/* --- what is no file -----------------------------------------------------------------------------------------------
 */

static void is_no_file(const char *path, const char *error) {
    ARENA(arena);
    file_put("good/Dockerfile", str_of(good));
    struct result result = RUN(&arena, "-w", path, "good");
    says(result, error);
    cr_expect_eq(result.out.n, 0);
    is_good(true);
}

Test(bad_input, that_is_no_file) {
    is_no_file("missing", "missing: error: cannot be read: No such file or directory");
    is_no_file("good/Dockerfile/x", "good/Dockerfile/x: error: cannot be read: Not a directory");
    cr_assert_eq(mkfifo("fifo", 0666), 0);
    is_no_file("fifo", "fifo: error: is not a regular file");
    is_no_file("/dev/zero", "/dev/zero: error: is not a regular file");
    cr_assert_eq(mkdir("empty", 0777), 0);
    is_no_file("empty", "empty: error: is a folder without a Dockerfile, compose file or Kubernetes manifest");
    cr_assert_eq(mkdir("empty/Dockerfile", 0777), 0);
    is_no_file("empty/Dockerfile", "empty/Dockerfile: error: is a folder without");
    is_no_file("empty", "empty: error: is a folder without");
    file_put("notes.txt", STR("a\n"));
    is_no_file("notes.txt", "notes.txt: error: is no Dockerfile, compose file or Kubernetes manifest");
    cr_assert_eq(symlink("nowhere", "Dockerfile"), 0);
    is_no_file("Dockerfile", "Dockerfile: error: cannot be read: No such file or directory");
}

Test(bad_input, that_is_a_folder_with_the_name_of_a_file) {
    ARENA(arena);
    file_put("Dockerfile/Dockerfile", str_of(good));
    file_put("compose.yaml/x", STR(""));
    struct result result = RUN(&arena, "-w", ".");
    cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
    is_good(true);
    cr_expect(str_eq(file_get(&arena, "Dockerfile/Dockerfile"), file_get(&arena, "good/Dockerfile")));
}

Test(bad_input, beside_a_good_file_that_names_a_device) {
    ARENA(arena);
    cr_assert_eq(mkfifo("good/compose.yaml", 0666), 0);
    cr_assert_eq(symlink("/dev/zero", "good/.dockerignore"), 0);
    cr_assert_eq(symlink("/dev/zero", "good/package.json"), 0);
    struct result result = RUN(&arena, "-w", "good/Dockerfile");
    cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
    is_good(true);
}

Test(bad_input, on_standard_input) {
    ARENA(arena);
    static const struct {
        const char *in, *error;
    } rows[] = {{"/dev/zero", "-: error: is larger than 16 MiB"},
                {"other", "<stdin>: error: is no Dockerfile, compose file or Kubernetes manifest"},
                {".", "-: error: is a directory"}};
    file_put("other", STR("a: 1\n"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct result result = process_run(&arena, &(struct setting){.in = rows[i].in}, ARGUMENTS("-"));
        says(result, rows[i].error);
        cr_expect_eq(result.out.n, 0);
    }
}

Test(bad_input, that_may_not_be_read) {
    ARENA(arena);
    file_put("Dockerfile", str_of(good));
    file_put("closed/Dockerfile", str_of(good));
    cr_assert_eq(chmod("Dockerfile", 0), 0);
    cr_assert_eq(chmod("closed", 0), 0);
    struct setting other = {.is_unprivileged = true};
    struct result result = process_run(&arena, &other, ARGUMENTS("."));
    says(result, "\nDockerfile: error: cannot be read: Permission denied\n");
    says(result, "\nclosed: error: cannot be read: Permission denied\n");
    cr_expect(str_contains(result.out, STR("+++ b/good/Dockerfile\n")));
    says(process_run(&arena, &other, ARGUMENTS("--check", "Dockerfile")), "Dockerfile: error: cannot be read: Perm");
}

Test(bad_input, is_found_by_its_content) {
    ARENA(arena);
    file_put("build", str_of(good));
    file_put("service", STR("services:\n  a: {image: x}\n"));
    struct result result = RUN(&arena, "--check", "build", "service");
    cr_expect_eq(result.code, 1, "%.*s", STR_ARG(result.err));
    cr_expect(str_contains(result.out, STR("build:2:1: fix: ")));
}

/* --- size and depth ------------------------------------------------------------------------------------------------
 */

Test(bad_input, that_is_too_large) {
    ARENA(arena);
    static const char *const names[] = {"Dockerfile", "compose.yaml", "pod.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        file_put(names[i], STR("FROM node:20\n"));
        cr_assert_eq(truncate(names[i], 50000000), 0);
        is_no_file(names[i], str_printf(&arena, "%s: error: is larger than 16 MiB", names[i]).p);
        cr_assert_eq(unlink(names[i]), 0);
    }
    /* data that lies there is none of ours, unless somebody says so */
    file_put("data.json", STR("[{\"row\": 1},\n"));
    cr_assert_eq(truncate("data.json", 50000000), 0);
    file_put("Dockerfile", STR("FROM node:20\nCMD [\"node\", \"x.js\"]\n"));
    struct result result = RUN(&arena, "--check", ".");
    cr_expect_eq(result.code, 1, "%.*s", STR_ARG(result.err));
    cr_expect_not(str_contains(result.err, STR("data.json")), "%.*s", STR_ARG(result.err));
    is_no_file("data.json", "data.json: error: is larger than 16 MiB");
    cr_assert_eq(unlink("data.json"), 0);
    struct str line = str_printf(&arena, "FROM node:20\nRUN %s\n", repeated(&arena, "a", 70000).p);
    is_refused("Dockerfile", line, "Dockerfile:2:1: error: line of more than 65535 bytes");
}

Test(bad_input, that_is_too_deep) {
    ARENA(arena);
    const uint32_t n = 100000;
    const char *open = repeated(&arena, "[", n).p, *close = repeated(&arena, "]", n).p;
    is_refused("compose.yaml", str_printf(&arena, "services: %s%s\n", open, close), "compose.yaml:1:");
    is_refused("compose.yaml", str_printf(&arena, "services: %s\n", open), "compose.yaml:1:");
    is_refused("pod.json",
               str_printf(&arena, "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"x\": %s%s}\n", open, close),
               "pod.json:1:");
    is_refused("pod.yaml", str_printf(&arena, "apiVersion: v1\nkind: Pod\nx:\n  %sa\n", repeated(&arena, "- ", n).p),
               "pod.yaml:4:");
    is_refused("pod.json",
               str_printf(&arena, "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"x\": %s1%s}\n",
                          repeated(&arena, "{\"a\":", n).p, repeated(&arena, "}", n).p),
               "pod.json:1:");
    is_refused("Dockerfile", str_printf(&arena, "FROM node:20\n%sRUN x\n", repeated(&arena, "ONBUILD ", 8000).p),
               "Dockerfile:2:9: ");
}

/* Twenty lists of nine aliases each to the one before: 9^20 items for who follows them all. */
static struct str alias_bomb(struct arena *arena, const char *format) {
    struct buf out = {.arena = arena};
    buf_add(&out, STR("x0: &x0 {a: b}\n"));
    for (int i = 1; i <= 20; i++) {
        const char *many = repeated(arena, str_printf(arena, "*x%d, ", i - 1).p, 9).p;
        buf_printf(&out, "x%d: &x%d ", i, i);
        buf_add(&out, str_of(format));
        buf_printf(&out, "[%s]%s\n", many, str_eq(str_of(format), STR("")) ? "" : "}");
    }
    buf_add(&out, STR("services:\n  a:\n    <<: *x20\n    build: good\n    environment: *x20\n"));
    return buf_str(&out);
}

Test(bad_input, that_grows_when_it_is_followed) {
    ARENA(arena);
    static const char *const formats[] = {"", "{<<: "};
    for (size_t i = 0; i < 2; i++) {
        file_put("compose.yaml", alias_bomb(&arena, formats[i]));
        file_put("good/Dockerfile", str_of(good));
        RUN(&arena, "-w", ".");
        is_good(true);
    }
    struct buf text = {.arena = &arena};
    buf_add(&text, STR("FROM node:20\nENV a0=x\n"));
    for (int i = 1; i < 12; i++)
        buf_printf(&text, "ENV a%d=%s\n", i, repeated(&arena, str_printf(&arena, "$a%d", i - 1).p, 1000).p);
    buf_add(&text, STR("WORKDIR /$a11\nUSER $a11\nEXPOSE $a11\nCMD [\"node\", \"x.js\"]\n"));
    file_put("Dockerfile", buf_str(&text));
    cr_expect_eq(RUN(&arena, "-w", "Dockerfile", "good").code, 0);
}

/* What comments ask for cannot make a line that no builder reads, nor a run that does not end. */
Test(bad_input, that_hints_at_everything) {
    ARENA(arena);
    struct buf text = {.arena = &arena};
    const char *name = repeated(&arena, "x", 180).p;
    for (int i = 0; i < 200; i++)
        buf_printf(&text, "# ironhull: writable=/%d%s -- x\n", i, name);
    buf_add(&text, STR("FROM node:20\n"));
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "# ironhull: ignore=%s,init-process user=%.*s\nARG x%d\n", name, i % 1000, name, i);
    buf_add(&text, STR("CMD [\"node\", \"x.js\"]\n"));
    file_put("Dockerfile", buf_str(&text));
    cr_expect_eq(RUN(&arena, "-w", "Dockerfile").code, 0);
    struct str once = file_get(&arena, "Dockerfile");
    cr_expect(str_contains(once, STR("\nUSER 1000:1000\n")) && str_contains(once, STR("RUN mkdir -p /0x")));
    struct result again = RUN(&arena, "-w", "Dockerfile");
    cr_expect_eq(again.code, 0);
    is_harmless(again.err);
    cr_expect(str_eq(file_get(&arena, "Dockerfile"), once));
    is_refused("Dockerfile", str_printf(&arena, "# ironhull: ignore=%s\nFROM a\n", repeated(&arena, name, 400).p),
               "Dockerfile:1:1: error: line of more than 65535 bytes");
    is_refused("Dockerfile", STR("# ironhull: ignore=a\0b\nFROM a\n"), "Dockerfile:1:21: error: NUL byte");
}

/* --- names that drive a terminal, and paths that lead out ----------------------------------------------------------
 */

Test(bad_input, that_would_drive_the_terminal) {
    ARENA(arena);
    file_put("compose.yaml", STR("services:\n  \"a\\e[31m\\u009b\\u202ex\\n\":\n    build: good\n"));
    struct result result = RUN(&arena, "--check", "compose.yaml");
    cr_expect_eq(result.code, 1);
    cr_expect(str_contains(result.out, STR("a\\x1b[31m\\xc2\\x9b\\xe2\\x80\\xaex\\x0a")), "%.*s", STR_ARG(result.out));
    static const char name[] = "Dockerfile.\x1b[31m\xc2\x9b\x9b\x7f\xe2\x80\xae\n";
    file_put(name, str_of(good));
    file_put(str_printf(&arena, "%s/compose.yaml", name + 1).p, STR("a: *x\n"));
    says(RUN(&arena, "."), "\nockerfile.\\x1b[31m\\xc2\\x9b\\x9b\\x7f\\xe2\\x80\\xae\\x0a/compose.yaml:1:4: error: ");
    says(RUN(&arena, ".", "missing\x1b]0;x\x07"), "missing\\x1b]0;x\\x07: error: cannot be read");
    says(RUN(&arena, "--a\x1b[31m", "."), "--a\\x1b[31m is no option");
    result = RUN(&arena, ".");
    is_harmless(result.out);
    says(RUN(&arena, "-w", "."), "Dockerfile.\\x1b[31m\\xc2\\x9b\\x9b\\x7f\\xe2\\x80\\xae\\x0a:2:1: fix: ");
    cr_expect(str_eq(file_get(&arena, name), file_get(&arena, "good/Dockerfile")));
}

static const char outer[] = "FROM node:20\nUSER 1000:1000\nCMD [\"node\", \"x.js\"]\n";

/* Services of sub/compose.yaml build what lies outside of the folders that were named. */
static void stays_inside(const char *const *arguments, const char *from) {
    ARENA(arena);
    static const char app[] = "FROM node:20\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\n"
                              "CMD [\"node\", \"x.js\"]\n";
    file_put("tree/Dockerfile", str_of(outer));
    file_put("tree/package.json", STR("{}"));
    file_put("tree/mid/package.json", STR("{}"));
    file_put("tree/mid/sub/Dockerfile", str_of(app));
    file_put("tree/mid/sub/deep/x", STR(""));
    file_put("tree/mid/sub/compose.yaml", STR("services:\n  a:\n    build: ../..\n  b:\n    build: /etc\n  c:\n"
                                              "    build: {context: .., dockerfile: sub/Dockerfile}\n"));
    cr_assert_eq(chdir(from), 0);
    struct result result = process_run(&arena, &(struct setting){0}, arguments);
    cr_assert_eq(chdir(source_path(&arena, "")), 0);
    cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
}

Test(bad_input, that_leads_out_of_the_folder) {
    ARENA(arena);
    char here[4096];
    cr_assert(getcwd(here, sizeof here));
    const char *absolute = str_printf(&arena, "%s/tree/mid/sub", here).p;
    const struct {
        const char *argument, *from;
    } rows[] = {{".", "tree/mid/sub"}, {"sub", "tree/mid"}, {"..", "tree/mid/sub/deep"}, {absolute, "."}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        stays_inside(ARGUMENTS("-w", rows[i].argument), rows[i].from);
        cr_assert_eq(chdir(here), 0);
        cr_expect(str_eq(file_get(&arena, "tree/Dockerfile"), str_of(outer)), "%s", rows[i].argument);
        struct str compose = file_get(&arena, "tree/mid/sub/compose.yaml");
        cr_expect(str_contains(compose, STR("  a:\n    build: ../..\n  b:\n")),
                  "%s: the file outside is read for facts", rows[i].argument);
        cr_expect_neq(access("tree/.dockerignore", F_OK), 0, "%s", rows[i].argument);
        cr_expect_neq(access("tree/mid/.dockerignore", F_OK), 0, "%s", rows[i].argument);
        cr_expect(str_contains(file_get(&arena, "tree/mid/sub/Dockerfile"), STR("USER")));
        cr_assert_eq(system("rm -rf tree"), 0);
    }
}
