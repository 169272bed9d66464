#include "dockerignore.h"

#include <criterion/criterion.h>

/* Checks a .dockerignore against paths, one a line: those that it leaves out and those that it does not. What is
 * expected here is what github.com/moby/patternmatcher v0.6.1 answers, asked folder by folder from the top. */
static void ignores(const char *patterns, const char *left_out, const char *kept) {
    ARENA(arena);
    struct str path;
    for (struct str rest = str_of(left_out); str_cut(&rest, '\n', &path);)
        cr_expect(dockerignore_excludes(&arena, str_of(patterns), path), "\"%s\" keeps %.*s", patterns, STR_ARG(path));
    for (struct str rest = str_of(kept); str_cut(&rest, '\n', &path);)
        cr_expect_not(dockerignore_excludes(&arena, str_of(patterns), path), "\"%s\" leaves out %.*s", patterns,
                      STR_ARG(path));
}

Test(dockerignore, reads_lines) {
    ignores("node_modules", "node_modules\nnode_modules/a/b", "a/node_modules");
    ignores("\xef\xbb\xbf"
            "a\r\n\r\nb  \r\n",
            "a\nb", "c");
    ignores("# a\na#b\n #c\n", "a#b\n#c", "# a\na");
    ignores("", NULL, "a");
    ignores("\n  \n", NULL, "a");
    ignores("a\x0b\n", "a", NULL);
    ignores("a b\n", "a b", "a");
}

Test(dockerignore, cleans_patterns) {
    ignores("/a", "a\na/b", "x/a");
    ignores("//a//b/", "a/b\na/b/c", "a");
    ignores("./a", "a", NULL);
    ignores("a/../b", "b", "a");
    ignores("a/b/../c", "a/c", "a/b\nc");
    ignores("../a", NULL, "a");
    ignores("a/./b", "a/b", NULL);
    ignores("/", NULL, "a");
    ignores(".", NULL, "a");
    ignores("/../a", "a", NULL);
    ignores("a/..", NULL, "a");
    ignores("a/../../b", NULL, "b");
}

Test(dockerignore, matches_within_one_folder) {
    ignores("*", "a\na/b\n.a", NULL);
    ignores("*.md", "a.md\nx\xc3\xa9.md", "a/b.md\na.mdx");
    ignores("a*c", "ac\nabc", "a/c\nabcd");
    ignores("*/b", "a/b\na/b/c", "b\nx/a/b");
    ignores("a?c",
            "abc\na\xc3\xa9"
            "c",
            "a/c\nac");
    ignores("?", "a\n\xc3\xa9", "ab");
    ignores("a.b*", "a.b", "axb");
    ignores("a+(b)$*", "a+(b)$", "aa(b)$");
}

Test(dockerignore, spans_folders) {
    ignores("**", "a\na/b", NULL);
    ignores("**/a", "a\nb/a\nb/c/a\nb/a/c", "ba");
    ignores("a/**", "a/b\na/b/c", "a\nab");
    ignores("a/**/b", "a/b\na/x/b\na/x/y/b", "a/xb\nab");
    ignores("**/*.o", "a.o\nx/y/a.o", "x/a.c");
    ignores("**a", "a\nba\nx/ba", "x/b");
    ignores("a**", "a\nab\na/b", "b");
    ignores("**/a/**", "a/b\nx/a/b", "a\nx/b");
    ignores("**/a*/**/b", "ax/b\nx/ay/z/b", "b\nx/b");
    ignores("***", "a\na/b", NULL);
    ignores("a/**/*", "a/b\na/b/c", "a");
}

Test(dockerignore, knows_classes_and_escapes) {
    ignores("[a-c]x", "ax\nbx", "dx");
    ignores("[^a-c]x", "dx\n/x", "ax");
    ignores("[!a]x", "!x\nax", "bx");
    ignores("[a\\]b]", "]\na", "\\");
    ignores("\\*", "*", "a");
    ignores("\\[a]", "[a]", "a");
    ignores("a\\?", "a?", "ab");
    ignores("\\!a", "!a", "a");
    ignores("[[:alpha:]]", "a", "1\n:");
    ignores("[:a:]", ":\na", "b");
    ignores("[=a=]", "=", "b");
    ignores("\\#a", "#a", NULL);
    ignores("a]", "a]", NULL);
}

Test(dockerignore, re_includes) {
    ignores("*\n!a", "b", "a\na/b");
    ignores("a\n!a/b", "a\na/c", "a/b\na/b/c");
    ignores("!a\na", "a", NULL);
    ignores("*\n!*.md\nREADME.md", "README.md\nx", "x.md");
    ignores("a\n! b", "a", "b");
    ignores("**\n!/src/**\n**/*.o", "src/a.o\nx", "src/a.c");
    ignores("*\n !a", NULL, "a");
    ignores("!!a\n", NULL, "!a\na");
    ignores("*\n!!a", "a", "!a");
    ignores("a/*\n!a/b/\na/b/*.log", "a/b/x.log\na/c", "a/b/x");
    ignores("a/b\n!a", "a/b", "a");
    ignores("a\n!b\na/c", "a/c", "b");
    ignores("node_modules\n!node_modules/keep", "node_modules/x", "node_modules/keep/x");
}

Test(dockerignore, takes_odd_bytes_as_the_builder_does) {
    ignores("a|b*", "ax\nb1\nax/y", "c");
    ignores("a{2}*", "aa\naab", "a\na{2}");
    ignores("a{b}", "a{b}", NULL);
    ignores("^a", "^a", "a");
    ignores("^a*", "ab", "^ab");
    ignores("\xc3\xa9*",
            "\xc3\xa9"
            "a",
            "e");
}

Test(dockerignore, passes_over_what_a_build_refuses) {
    ignores("[a\nb", "b", "[a\na");
    ignores("[b-a]\n", NULL, "a\nb");
    ignores("!\na\n", "a", "b");
    ignores("a\\Qb\\E*", NULL, "ab");
}

Test(dockerignore, never_leaves_out_the_context_itself) {
    ARENA(arena);
    cr_expect_not(dockerignore_excludes(&arena, STR("*"), STR("")));
    cr_expect_not(dockerignore_excludes(&arena, STR("*"), STR(".")));
}

Test(dockerignore, gives_up_on_endless_matches, .timeout = 20) {
    ignores("**/**a**/**a**/**a**/**a**/**a**/**a**/b?", NULL,
            "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/c");
}
