#include "source.h"

#include "diag.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Test(source, finds_mark_and_line_ending) {
    ARENA(arena);
    static const struct {
        struct str text, eol;
        uint32_t bom;
    } rows[] = {
        {STR_INIT(""), STR_INIT("\n"), 0},         {STR_INIT("a"), STR_INIT("\n"), 0},
        {STR_INIT("a\nb\r\n"), STR_INIT("\n"), 0}, {STR_INIT("a\r\nb\n"), STR_INIT("\r\n"), 0},
        {STR_INIT("\n\r\n"), STR_INIT("\n"), 0},   {STR_INIT("\xef\xbb\xbf\r\n"), STR_INIT("\r\n"), 3},
        {STR_INIT("\xef\xbb"), STR_INIT("\n"), 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct source source = source_from(&arena, STR("x"), rows[i].text, FORMAT_NONE);
        cr_expect(str_eq(source.eol, rows[i].eol), "row %zu", i);
        cr_expect_eq(source.bom, rows[i].bom, "row %zu", i);
    }
}

static void check(struct str text, const char *message, uint32_t line, uint32_t column) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct source source = source_from(&arena, STR("x"), text, FORMAT_NONE);
    cr_expect_eq(source_check(&source, &diags), message == NULL, "%.*s", STR_ARG(text));
    cr_assert_eq(diags.list.n, message ? 1 : 0);
    if (!message)
        return;
    cr_expect(str_contains(diags.list.at[0].message, str_of(message)), "%.*s", STR_ARG(diags.list.at[0].message));
    cr_expect_eq(diags.list.at[0].at.line, line);
    cr_expect_eq(diags.list.at[0].at.column, column);
}

Test(source, refuses_what_is_not_text) {
    check(STR("FROM x\n\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb3\xef\xbf\xbf\xf4\x8f\xbf\xbf"), NULL, 0, 0);
    check(STR("a\nb\0c"), "NUL", 2, 2);
    check(STR("a\n\xc3\xa4\xff"), "0xff", 2, 2);
    check(STR("\xc0\xaf"), "0xc0", 1, 1);         /* overlong */
    check(STR("\xe0\x80\xaf"), "0xe0", 1, 1);     /* overlong */
    check(STR("\xf0\x80\x80\xaf"), "0xf0", 1, 1); /* overlong */
    check(STR("\xed\xa0\x80"), "0xed", 1, 1);     /* a surrogate */
    check(STR("\xf4\x90\x80\x80"), "0xf4", 1, 1); /* over U+10FFFF */
    check(STR("ab\xe2\x82"), "0xe2", 1, 3);       /* cut short */
    check(STR("\x80"), "0x80", 1, 1);
}

Test(source, counts_lines_and_characters) {
    ARENA(arena);
    struct source source = source_from(&arena, STR("x"),
                                       STR("\xef\xbb\xbf"
                                           "ab\r\n"
                                           "\xc3\xa4x\n"
                                           "\n"
                                           "z"),
                                       FORMAT_NONE);
    static const struct {
        uint32_t offset, line, column;
    } rows[] = {{0, 1, 1}, {3, 1, 1}, {4, 1, 2}, {6, 1, 4}, {7, 2, 1}, {9, 2, 2}, {11, 3, 1}, {12, 4, 1}, {13, 4, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct position at = source_position(&source, rows[i].offset);
        cr_expect(at.line == rows[i].line && at.column == rows[i].column, "offset %u: %u:%u", rows[i].offset, at.line,
                  at.column);
    }
}

Test(source, finds_line_bounds) {
    ARENA(arena);
    struct source source = source_from(&arena, STR("x"),
                                       STR("\xef\xbb\xbf"
                                           "ab\r\n\r\ncd"),
                                       FORMAT_NONE);
    cr_expect_eq(source_line_end(&source, 3), 5);
    cr_expect_eq(source_line_end(&source, 5), 5);
    cr_expect_eq(source_line_end(&source, 7), 7);
    cr_expect_eq(source_line_end(&source, 9), 11);
    cr_expect_eq(source_line_start(&source, 4), 3);
    cr_expect_eq(source_line_start(&source, 5), 3);
    cr_expect_eq(source_line_start(&source, 7), 7);
    cr_expect_eq(source_line_start(&source, 11), 9);
    cr_expect(str_eq(source_slice(&source, (struct span){9, 11}), STR("cd")));
}

static char folder[64];

static void make_folder(void) {
    strcpy(folder, "/tmp/ironhull-source-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void drop_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(source_read, .init = make_folder, .fini = drop_folder);

static struct str in_folder(struct arena *arena, const char *name) {
    return str_printf(arena, "%s/%s", folder, name);
}

static struct str put_bytes(struct arena *arena, const char *name, size_t n) {
    struct str path = in_folder(arena, name);
    FILE *file = fopen(path.p, "w");
    cr_assert(file);
    for (size_t i = 0; i < n; i++)
        putc((int)('a' + i % 26), file);
    fclose(file);
    return path;
}

Test(source_read, reads_files_of_any_size) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    static const size_t sizes[] = {0, 1, 65535, 65536, 200000, SOURCE_MAX_BYTES};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct str text = {NULL, 0};
        cr_assert(source_read(&arena, put_bytes(&arena, "file", sizes[i]), &text, &diags));
        cr_assert_eq(text.n, sizes[i]);
        cr_expect_eq(text.p[text.n], '\0');
        for (uint32_t k = 0; k < text.n; k++)
            cr_assert(text.p[k] == (char)('a' + k % 26), "size %zu, byte %u", sizes[i], k);
    }
}

Test(source_read, needs_no_more_memory_than_the_file) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct str path = put_bytes(&arena, "file", 1000), text;
    size_t before = arena_used(&arena);
    cr_assert(source_read(&arena, path, &text, &diags));
    cr_expect_lt(arena_used(&arena) - before, 2000);
}

static void refuses(struct arena *arena, struct str path, const char *message) {
    struct diags diags = {.arena = arena};
    struct str text;
    cr_expect_not(source_read(arena, path, &text, &diags));
    cr_assert_eq(diags.list.n, 1);
    cr_expect(str_contains(diags.list.at[0].message, str_of(message)), "%.*s", STR_ARG(diags.list.at[0].message));
    cr_expect(str_eq(diags.list.at[0].path, path));
    cr_expect_eq(diags.list.at[0].at.line, 0);
}

Test(source_read, refuses_what_is_no_plain_file, .timeout = 10) {
    ARENA(arena);
    struct str fifo = in_folder(&arena, "fifo");
    cr_assert_eq(mkfifo(fifo.p, 0600), 0);
    refuses(&arena, fifo, "not a regular file");
    refuses(&arena, str_of(folder), "is a directory");
    refuses(&arena, in_folder(&arena, "missing"), "No such file");
    refuses(&arena, put_bytes(&arena, "large", SOURCE_MAX_BYTES + 1), "16 MiB");
}

Test(source_read, reads_the_standard_input) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "FROM x\n", 7), 7);
    close(ends[1]);
    dup2(ends[0], 0);
    struct str text = {NULL, 0};
    cr_expect(source_read(&arena, STR("-"), &text, &diags));
    cr_expect(str_eq(text, STR("FROM x\n")));
}
