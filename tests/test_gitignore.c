/* Patterns of gitignore(5): by examples, and random ones as git itself answers. */
#include "discover.h"
#include "gitignore.h"
#include "process.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As a walk asks: a folder that is left out takes what is in it along. */
static bool ignores(struct gitignore *list, struct str path) {
    for (uint32_t end = str_find(path, 0, '/'); end < path.n; end = str_find(path, end + 1, '/'))
        if (gitignore_look(list, str_sub(path, 0, end), true, GITIGNORE_ALL) == GITIGNORE_MATCHED)
            return true;
    return gitignore_look(list, path, false, GITIGNORE_ALL) == GITIGNORE_MATCHED;
}

/* Checks the lines of a .gitignore against files, one a line: those that they leave out and those that they do not. */
static void file(const char *text, const char *left_out, const char *kept) {
    ARENA(arena);
    __attribute__((cleanup(gitignore_release))) struct gitignore list = {.arena = &arena};
    gitignore_add_file(&list, str_of(text));
    struct str path;
    for (struct str rest = str_of(left_out); str_cut(&rest, '\n', &path);)
        cr_expect(ignores(&list, path), "\"%s\" keeps %.*s", text, STR_ARG(path));
    for (struct str rest = str_of(kept); str_cut(&rest, '\n', &path);)
        cr_expect_not(ignores(&list, path), "\"%s\" leaves out %.*s", text, STR_ARG(path));
}

Test(gitignore, reads_lines) {
    file("\xef\xbb\xbf"
         "a\r\n\r\n# b\n\\#c\n\\!d\n",
         "a\n#c\n!d", "b\n# b\nc\nd");
    file("a  \nb\\ \nc\\  \nd\t\n", "a\nb \nc \nd\t", "a \na  \nb\nc\nd");
    file(" #a\n", " #a", "#a\na");
    file("", NULL, "a");
    file("/\n//\n!\n", NULL, "a");
}

Test(gitignore, knows_where_patterns_hold) {
    file("a", "a\nx/a\nx/a/y", "ab");
    file("/a", "a\na/x", "x/a");
    file("a/b", "a/b\na/b/c", "x/a/b");
    file("a/", "a/x\nx/a/y", "a\nx/a");
    file("*.a\n", ".a\nx.a\ny/x.a", "x.ab");
    file("/*", "a\na/b", NULL);
}

Test(gitignore, matches_wildcards) {
    file("/a*c", "ac\nabc", "ab/c\nabcd");
    file("/a?c", "abc", "ac\na/c");
    file("**/a", "a\nx/a\nx/y/a", "xa");
    file("a/**", "a/x\na/x/y", "a\nx/a/x");
    file("a/**/b", "a/b\na/x/b\na/x/y/b", "ab\na/xb");
    file("/a**b", "ab\naxb", "a/b");
    file("/a\\*b", "a*b", "axb");
    file("a\\", NULL, "a\na\\");
}

Test(gitignore, matches_classes) {
    file("[ab]c", "ac\nbc", "cc\nabc");
    file("[!a]c\n", "bc", "ac\nc");
    file("[^a]", "b", "a");
    file("[a-c]", "a\nb\nc", "d\n-");
    file("[]a-]", "]\na\n-", "b");
    file("[[:digit:][:upper:]]", "1\nA", "a\n:");
    file("/a[,-0]b", "a.b\na0b", "a/b");
    file("[b-a]", "b", "a");
    file("[a-c-z]", "-\nz", "x");
    file("[[:x:]]", NULL, "x\n:");
    file("[a", NULL, "a\n[a");
    file("[\\]]", "]", "\\");
}

Test(gitignore, lets_the_last_one_decide) {
    file("*\n!a", "b", "a");
    file("!a\na", "a", NULL);
    file("d/\n!d/a", "d/a", NULL);
    file("d/*\n!d/a", "d/b", "d/a");
}

Test(gitignore, ends_soon, .timeout = 20) {
    ARENA(arena);
    struct buf pattern = {.arena = &arena};
    for (int i = 0; i < 200; i++)
        buf_add(&pattern, STR("*a"));
    buf_byte(&pattern, 'b');
    file(buf_str(&pattern).p, NULL, repeated(&arena, "a", 2000).p);
}

/* --- git -----------------------------------------------------------------------------------------------------------
 */

static uint32_t seed = 1;

static uint32_t below(uint32_t n) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % n;
}

#define ANY_OF(list) (list)[below(sizeof(list) / sizeof *(list))]

static const char *const pattern_parts[] = {"a",
                                            "b",
                                            "a",
                                            "b",
                                            "ab",
                                            "a.yaml",
                                            "*.yaml",
                                            "c d",
                                            "*",
                                            "*",
                                            "**",
                                            "**/",
                                            "/**",
                                            "/**/",
                                            "/",
                                            "/",
                                            "?",
                                            "[ab]",
                                            "[!a]",
                                            "[^b]",
                                            "[a-b]",
                                            "[[:alpha:]]",
                                            "\\a",
                                            "\\*",
                                            "[]a]",
                                            "[b-a]",
                                            "[!]]",
                                            "[",
                                            "]",
                                            "\\",
                                            "-",
                                            ".",
                                            "é",
                                            "[é]",
                                            "[[:punct:]-c]",
                                            "[[:nix:]]",
                                            "[a\\-c]",
                                            "[,-0]",
                                            " ",
                                            "\\ ",
                                            "\t",
                                            "[[:a]",
                                            "[:]",
                                            "!",
                                            "#",
                                            "\\!",
                                            "\\#",
                                            "***",
                                            "a*b",
                                            "[--a]",
                                            "\\/",
                                            "[a-\\b]",
                                            "[[:space:]]",
                                            "[a-[:digit:]]"};
static const char *const name_parts[] = {"a", "b", "a", "b", "ab", "c d", ".", "-",    "]",  "[",
                                         "*", "é", "!", "#", "\\", " ",   ":", "yaml", "\t", "1"};

/* Whether git reads a line otherwise than its manual says: it takes the two stars of a/b**c/d for a part of their own.
 */
static bool is_misread(struct str line) {
    line = str_sub(line, str_starts(line, STR("!")), line.n);
    uint32_t at = 0;
    while (at < line.n && !strchr("*?[\\", line.p[at]))
        at++;
    return at > 0 && at + 1 < line.n && line.p[at - 1] != '/' && line.p[at] == '*' && line.p[at + 1] == '*' &&
           str_find(line, 0, '/') < line.n;
}

static struct str random_patterns(struct arena *arena) {
    struct buf text = {.arena = arena};
    for (uint32_t lines = 1 + below(4); lines > 0; lines--) {
        struct buf line = {.arena = arena};
        if (below(4) == 0)
            buf_byte(&line, '!');
        if (below(3) == 0)
            buf_byte(&line, '/');
        for (uint32_t parts = 1 + below(4); parts > 0; parts--)
            buf_add(&line, str_of(ANY_OF(pattern_parts)));
        if (below(5) == 0)
            buf_byte(&line, '/');
        if (!is_misread(buf_str(&line)))
            buf_printf(&text, "%s%s", line.p, below(8) ? "\n" : "\r\n");
    }
    return buf_str(&text);
}

static struct str random_name(struct arena *arena) {
    struct buf name = {.arena = arena};
    for (uint32_t parts = 1 + below(3); parts > 0; parts--)
        buf_add(&name, str_of(ANY_OF(name_parts)));
    bool is_special = str_eq(buf_str(&name), STR(".")) || str_eq(buf_str(&name), STR(".."));
    return is_special ? STR("a") : buf_str(&name);
}

static void need_git(void) {
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    setenv("GIT_CONFIG_SYSTEM", "/dev/null", 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    setenv("HOME", "/nonexistent", 1);
    if (system("git init -q . >/dev/null 2>&1") != 0)
        folder_skip("no git");
}

TestSuite(git, .init = folder_enter, .fini = folder_leave);

Test(git, agrees_on_patterns, .timeout = 300) {
    enum { LISTS = 3000, PATHS = 16 };
    need_git();
    ARENA(arena);
    struct str *texts = arena_array(&arena, LISTS, sizeof *texts);
    struct buf paths = {.arena = &arena};
    for (uint32_t i = 0; i < LISTS; i++) {
        texts[i] = random_patterns(&arena);
        file_put(str_printf(&arena, "%u/.gitignore", i).p, texts[i]);
        for (uint32_t j = 0; j < PATHS; j++) {
            buf_printf(&paths, "%u", i);
            for (uint32_t depth = 1 + below(3); depth > 0; depth--)
                buf_printf(&paths, "/%s", random_name(&arena).p);
            buf_byte(&paths, '\0');
        }
    }
    file_put(".paths", buf_str(&paths));
    cr_assert(system("git check-ignore --no-index -v -n -z --stdin <.paths >.answers; test $? -le 1") == 0);
    struct str answers = file_get(&arena, ".answers"), source, line, pattern, path;
    uint32_t n = 0, n_ignored = 0, n_excepted = 0;
    for (; str_cut(&answers, '\0', &source) && str_cut(&answers, '\0', &line) && str_cut(&answers, '\0', &pattern) &&
           str_cut(&answers, '\0', &path);
         n++) {
        __attribute__((cleanup(gitignore_release))) struct gitignore list = {.arena = &arena};
        uint32_t index, slash = str_find(path, 0, '/');
        cr_assert(str_number(str_sub(path, 0, slash), LISTS, &index));
        gitignore_add_file(&list, texts[index]);
        bool is_exception = str_starts(pattern, STR("!")), is_ignored = source.n && !is_exception;
        cr_expect_eq(ignores(&list, str_sub(path, slash + 1, path.n)), is_ignored, "git %s %.*s by\n%s",
                     is_ignored ? "ignores" : "keeps", STR_ARG(path), texts[index].p);
        n_ignored += is_ignored;
        n_excepted += is_exception;
    }
    cr_expect_eq(n, LISTS * PATHS);
    cr_expect(n_ignored > n / 10 && n_excepted > n / 200 && n_ignored < n / 2, "%u of %u are ignored, %u excepted",
              n_ignored, n, n_excepted);
}

/* Some files below a folder, with patterns here and there; names of folders on the way are put into `folders`. */
static void random_tree(struct arena *arena, struct str folder, uint32_t depth, struct buf *folders) {
    buf_printf(folders, "%s\n", folder.p);
    if (below(2))
        file_put(str_printf(arena, "%s/.gitignore", folder.p).p, random_patterns(arena));
    for (uint32_t i = 0; i < 4; i++)
        file_put(str_printf(arena, "%s/%s.yaml", folder.p, random_name(arena).p).p, STR("a: 1\n"));
    for (uint32_t i = 0; i < 3 && depth > 0; i++) {
        struct str below_it = str_printf(arena, "%s/%s", folder.p, random_name(arena).p);
        if (mkdir(below_it.p, 0777) == 0)
            random_tree(arena, below_it, depth - 1, folders);
    }
}

static int by_bytes(const void *a, const void *b) {
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* What git lists below a folder, one a line, and what we find. False where git lists nothing: it does not look into a
 * folder that is ignored. */
static bool is_same(struct arena *arena, struct str folder) {
    struct diags diags = {.arena = arena};
    struct found_list found = {0};
    struct buf got = {.arena = arena}, want = {.arena = arena};
    VEC(struct str) listed = {0};
    setenv("FOLDER", folder.p, 1);
    cr_assert(system("git -C \"$FOLDER\" ls-files -o -z --exclude-standard >.answers") == 0);
    struct str answers = file_get(arena, ".answers"), path;
    while (str_cut(&answers, '\0', &path) && path.n)
        if (str_ends(path, STR(".yaml")))
            *vec_push(arena, &listed) = path;
    if (listed.n == 0)
        return false;
    qsort(listed.at, listed.n, sizeof *listed.at, by_bytes);
    for (uint32_t i = 0; i < listed.n; i++)
        buf_printf(&want, "%.*s\n", STR_ARG(listed.at[i]));
    uint32_t start = folder.n > 1 ? folder.n - 1 : 0; /* of "./a", without "./" and with "/" */
    discover(arena, folder, &(struct discovery){0}, &found, &diags);
    for (uint32_t i = 0; i < found.list.n; i++)
        buf_printf(&got, "%.*s\n", STR_ARG(str_sub(found.list.at[i].path, start, UINT32_MAX)));
    cr_expect(str_eq(buf_str(&got), buf_str(&want)), "below %s:\n%s\nnot\n%s", folder.p, got.n ? got.p : "", want.p);
    return true;
}

Test(git, agrees_on_trees, .timeout = 300) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < 30; i++) {
        ARENA(arena);
        struct buf folders = {.arena = &arena};
        struct str folder;
        cr_assert(system("find . -mindepth 1 -delete") == 0);
        need_git();
        file_put(".git/info/exclude", random_patterns(&arena));
        random_tree(&arena, STR("."), 3, &folders);
        for (struct str rest = buf_str(&folders); str_cut(&rest, '\n', &folder) && folder.n;)
            if (below(6) == 0 || folder.n == 1)
                n += is_same(&arena, str_dup(&arena, folder));
    }
    cr_expect(n > 80, "only %u comparisons", n);
}
