#include "diff.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct str diff(struct arena *arena, const char *path, struct str before, struct str after, bool is_new) {
    struct buf out = {.arena = arena};
    diff_unified(arena, &out, str_of(path), before, after, is_new);
    return buf_str(&out);
}

static void expect(struct str before, struct str after, const char *want) {
    ARENA(arena);
    struct str got = diff(&arena, "f", before, after, false);
    struct str body = str_starts(got, STR("--- a/f\n+++ b/f\n")) ? str_sub(got, 16, got.n) : got;
    cr_expect(str_eq(body, str_of(want)), "got:\n%.*s\nwant:\n%s", STR_ARG(body), want);
}

Test(diff, is_empty_for_equal_texts) {
    expect(STR("a\n"), STR("a\n"), "");
    expect(STR(""), STR(""), "");
}

Test(diff, shows_three_lines_of_context) {
    expect(STR("1\n2\n3\n4\n5\n6\n7\n8\n"), STR("1\n2\n3\n4\nx\n5\n6\n7\n8\n"),
           "@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+x\n 5\n 6\n 7\n");
    expect(STR("1\n2\n"), STR("x\n1\n2\n"), "@@ -1,2 +1,3 @@\n+x\n 1\n 2\n");
    expect(STR("1\n2\n"), STR("1\n2\nx\n"), "@@ -1,2 +1,3 @@\n 1\n 2\n+x\n");
    expect(STR("1\n"), STR("2\n"), "@@ -1 +1 @@\n-1\n+2\n");
    expect(STR(""), STR("2\n3\n"), "@@ -0,0 +1,2 @@\n+2\n+3\n");
    expect(STR("2\n3\n"), STR(""), "@@ -1,2 +0,0 @@\n-2\n-3\n");
}

/* As git diff --no-index names it, so that a patch of it applies in /. */
Test(diff, names_an_absolute_path_without_its_slash) {
    ARENA(arena);
    struct str got = diff(&arena, "/a/b", STR("1\n"), STR("2\n"), false);
    cr_expect(str_eq(got, STR("--- a/a/b\n+++ b/a/b\n@@ -1 +1 @@\n-1\n+2\n")), "%.*s", STR_ARG(got));
}

Test(diff, joins_hunks_whose_context_meets) {
    expect(STR("a\n1\n2\n3\n4\n5\n6\nb\n"), STR("A\n1\n2\n3\n4\n5\n6\nB\n"),
           "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
    expect(STR("a\n1\n2\n3\n4\n5\n6\n7\nb\n"), STR("A\n1\n2\n3\n4\n5\n6\n7\nB\n"),
           "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

Test(diff, marks_a_missing_final_newline) {
    expect(STR("a"), STR("a\n"), "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    expect(STR("a\n"), STR("a"), "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
    expect(STR("a\nb"), STR("x\nb"), "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n");
}

Test(diff, keeps_carriage_returns) {
    expect(STR("a\r\nb\r\n"), STR("a\r\nb\n"), "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+b\n");
}

Test(diff, finds_the_shortest_script) {
    /* the example of Myers' paper: ABCABBA to CBABAC takes five edits */
    ARENA(arena);
    struct str got = diff(&arena, "f", STR("A\nB\nC\nA\nB\nB\nA\n"), STR("C\nB\nA\nB\nA\nC\n"), false);
    uint32_t edits = 0;
    struct str line;
    for (struct str rest = str_sub(got, 16, got.n); str_cut(&rest, '\n', &line);)
        edits += str_starts(line, STR("+")) || str_starts(line, STR("-"));
    cr_expect_eq(edits, 5, "%.*s", STR_ARG(got));
}

Test(diff, names_files_as_git_does) {
    static const struct {
        const char *path, *want;
    } rows[] = {
        {"sub/Dockerfile", "--- a/sub/Dockerfile\n+++ b/sub/Dockerfile\n@@"},
        {"./x", "--- a/./x\n+++ b/./x\n@@"},
        {"my file", "--- a/my file\t\n+++ b/my file\t\n@@"},
        {"q\"b\\t\t\n\x01\x7f", "--- \"a/q\\\"b\\\\t\\t\\n\\001\\177\"\n+++ \"b/q\\\"b\\\\t\\t\\n\\001\\177\"\n@@"},
        {"gr\xc3\xbc\xc3\x9f e", "--- \"a/gr\\303\\274\\303\\237 e\"\t\n+++ \"b/gr\\303\\274\\303\\237 e\"\t\n@@"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        struct str got = diff(&arena, rows[i].path, STR("a\n"), STR("b\n"), false);
        cr_expect(str_starts(got, str_of(rows[i].want)), "got %.*s want %s", STR_ARG(got), rows[i].want);
    }
    ARENA(arena);
    cr_expect(
        str_starts(diff(&arena, "x y", STR(""), STR("b\n"), true), STR("--- /dev/null\n+++ b/x y\t\n@@ -0,0 +1 @@")));
}

static struct str noise(struct arena *arena, unsigned seed, unsigned n) {
    struct buf out = {.arena = arena};
    for (unsigned i = 0; i < n; i++) {
        seed = seed * 1103515245u + 12345u;
        buf_printf(&out, "line %u\n", seed >> 8);
    }
    return buf_str(&out);
}

Test(diff, shows_texts_far_apart_as_one_block, .timeout = 20) {
    ARENA(arena);
    ARENA(scratch);
    struct str before = noise(&arena, 1, 100000), after = noise(&arena, 2, 100000);
    struct buf out = {.arena = &arena};
    diff_unified(&scratch, &out, STR("f"), before, after, false);
    cr_expect(str_contains(buf_str(&out), STR("\n@@ -1,100000 +1,100000 @@\n-")));
    cr_expect_lt(arena_used(&scratch), 64u << 20);
}

/* What follows runs the programs that have to take our output. */

static char folder[64];

static void make_folder(void) {
    strcpy(folder, "/tmp/ironhull-diff-XXXXXX");
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_CEILING_DIRECTORIES", "/tmp", 1);
    setenv("HOME", folder, 1);
}

static void drop_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(diff_applies, .init = make_folder, .fini = drop_folder);

static void put(const char *path, struct str text) {
    FILE *file = fopen(path, "w");
    cr_assert(file, "%s", path);
    cr_assert_eq(fwrite(text.p ? text.p : "", 1, text.n, file), text.n);
    fclose(file);
}

static struct str get(struct arena *arena, const char *path) {
    struct buf out = {.arena = arena};
    FILE *file = fopen(path, "r");
    for (int c; file && (c = getc(file)) != EOF;)
        buf_byte(&out, (char)c);
    if (file)
        fclose(file);
    return buf_str(&out);
}

static bool has_program(const char *name) {
    char command[64];
    snprintf(command, sizeof command, "command -v %s >/dev/null", name);
    return system(command) == 0;
}

static void applies(const char *path, struct str before, struct str after, bool is_new) {
    static const char *const programs[][2] = {{"patch", "patch -s -f -p1 <.patch >&2"}, {"git", "git apply .patch"}};
    ARENA(arena);
    put(".patch", diff(&arena, path, before, after, is_new));
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        unlink(path);
        if (!is_new)
            put(path, before);
        if (!has_program(programs[i][0]))
            continue;
        cr_expect_eq(system(programs[i][1]), 0, "%s refuses the change of %s", programs[i][0], path);
        cr_expect(str_eq(get(&arena, path), after), "%s on %s: \"%.*s\"", programs[i][0], path,
                  STR_ARG(get(&arena, path)));
        unlink(path);
    }
}

Test(diff_applies, to_every_kind_of_edge) {
    static const struct {
        struct str before, after;
    } rows[] = {
        {STR_INIT("1\n2\n3\n"), STR_INIT("0\n1\n2\n3\n")},
        {STR_INIT("1\n2\n3\n"), STR_INIT("1\n2\n3\n4\n")},
        {STR_INIT("1\n2\n3\n"), STR_INIT("2\n3\n")},
        {STR_INIT("1\n2\n3\n"), STR_INIT("1\n2\n")},
        {STR_INIT("1\n2\n3"), STR_INIT("1\n2\n3\n")},
        {STR_INIT("1\n2\n3\n"), STR_INIT("1\n2\n3")},
        {STR_INIT("1\n2\n3"), STR_INIT("0\n2\n3")},
        {STR_INIT("1\n2\n3"), STR_INIT("1\n2\n3\n4")},
        {STR_INIT("1\r\n2\r\n3\r\n"), STR_INIT("1\r\nx\r\n2\r\n3\r\n")},
        {STR_INIT("1\r\n2\n3\r"), STR_INIT("1\n2\r\n3\r\n")},
        {STR_INIT(""), STR_INIT("1\n2\n")},
        {STR_INIT(""), STR_INIT("1")},
        {STR_INIT("\n\n\n"), STR_INIT("\n\n")},
        {STR_INIT("-- a\n++ b\n\\ c\n"), STR_INIT("-- a\n-- b\n\\ c\n@@ -1 +1 @@\n")},
        {STR_INIT("\xef\xbb\xbf"
                  "a\n"),
         STR_INIT("\xef\xbb\xbf"
                  "a\nb\n")},
        {STR_INIT("a\x0c\x0b\x85\xe2\x80\xa8z\n"), STR_INIT("a\x0c\x0b\x85\xe2\x80\xa8z\ny\n")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        applies("Dockerfile", rows[i].before, rows[i].after, false);
    applies("new", STR(""), STR("a\nb\n"), true);
    applies("new", STR(""), STR("a\nb"), true);
}

Test(diff_applies, to_files_of_any_name) {
    cr_assert_eq(mkdir("a dir", 0777), 0);
    static const char *const names[] = {"my file",   "a dir/x",      "quo\"te", "back\\slash",
                                        "tab\there", "gr\xc3\xbc n", "\x01\x7f"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        applies(names[i], STR("1\n2\n3\n"), STR("1\n2\nx\n3\n"), false);
        applies(names[i], STR(""), STR("1\n"), true);
    }
}

/* Texts over few different lines, so that many scripts are possible. */
static struct str shuffle(struct arena *arena, unsigned *seed) {
    struct buf out = {.arena = arena};
    unsigned n = (*seed >> 8) % 40;
    for (unsigned i = 0; i < n; i++) {
        *seed = *seed * 1103515245u + 12345u;
        buf_printf(&out, "%c%s", 'a' + (*seed >> 16) % 3, i + 1 == n && (*seed >> 20) % 3 == 0 ? "" : "\n");
    }
    *seed = *seed * 1103515245u + 12345u;
    return buf_str(&out);
}

Test(diff_applies, to_many_small_texts) {
    ARENA(arena);
    unsigned seed = 12345;
    for (unsigned i = 0; i < 150; i++) {
        struct str before = shuffle(&arena, &seed), after = shuffle(&arena, &seed);
        if (before.n > 0 && after.n > 0 && !str_eq(before, after))
            applies("f", before, after, false);
    }
}
