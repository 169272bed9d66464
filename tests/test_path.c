/* Paths as text: what comes out of joining and cleaning them. */
#include "path.h"

#include <criterion/criterion.h>

Test(path, clean) {
    ARENA(arena);
    static const struct {
        const char *folder, *path, *want;
    } rows[] = {
        {"", "a", "a"},
        {"", "./a//b/", "a/b"},
        {"", ".", "."},
        {"", "a/..", "."},
        {"a", "../b", "b"},
        {"a", "../../b", "../b"},
        {"..", "../b", "../../b"},
        {".", "./a", "a"},
        {"a/b", "/c", "/c"},
        {"/a", "../../b", "/b"},
        {"/a", "b/./c", "/a/b/c"},
        {"../a", "..", ".."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str got = path_clean(&arena, str_of(rows[i].folder), str_of(rows[i].path));
        cr_expect(str_eq(got, str_of(rows[i].want)), "%s, %s: %.*s", rows[i].folder, rows[i].path, STR_ARG(got));
    }
}

Test(path, folder_and_name) {
    static const struct {
        const char *path, *folder, *name;
    } rows[] = {
        {"a", ".", "a"}, {"a/b", "a", "b"}, {"../b", "..", "b"}, {"/b", "/", "b"}, {"/a/b", "/a", "b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect(str_eq(path_folder(str_of(rows[i].path)), str_of(rows[i].folder)), "%s", rows[i].path);
        cr_expect(str_eq(path_name(str_of(rows[i].path)), str_of(rows[i].name)), "%s", rows[i].path);
    }
}

Test(path, leads_out) {
    cr_expect(path_leads_out(STR("..")));
    cr_expect(path_leads_out(STR("../a")));
    cr_expect(path_leads_out(STR("/a")));
    cr_expect_not(path_leads_out(STR("..a")));
    cr_expect_not(path_leads_out(STR("a")));
    cr_expect_not(path_leads_out(STR(".")));
}
