/* Variables of compose: how texts use them, and what .env files set. */
#include "variables.h"

#include <criterion/criterion.h>

static const struct variables *read_text(struct arena *arena, const char *text) {
    return variables_read(arena, str_of(text), NULL);
}

/* SET is set, EMPTY to nothing, HIDDEN to what is not known. */
static const struct variables *some(struct arena *arena) {
    return read_text(arena, "SET=value\nEMPTY=\nHIDDEN=$ELSEWHERE\n_a1=under\n");
}

struct row {
    const char *text, *want; /* NULL: not known */
};

static void expect_expanded(const struct row *rows, size_t n) {
    ARENA(arena);
    const struct variables *variables = some(&arena);
    for (size_t i = 0; i < n; i++) {
        struct str got;
        bool is_known = variables_expand(&arena, variables, str_of(rows[i].text), &got);
        cr_expect_eq(is_known, rows[i].want != NULL, "%s", rows[i].text);
        cr_expect_eq(got.p != NULL, rows[i].want != NULL, "%s", rows[i].text);
        cr_expect(str_eq(got, str_of(rows[i].want)), "%s: %.*s", rows[i].text, STR_ARG(got));
    }
}

#define EXPECT_EXPANDED(...)                                                                                           \
    do {                                                                                                               \
        static const struct row rows[] = {__VA_ARGS__};                                                                \
        expect_expanded(rows, sizeof rows / sizeof *rows);                                                             \
    } while (0)

Test(variables, plain) {
    EXPECT_EXPANDED({"$SET", "value"}, {"${SET}", "value"}, {"a $SET-b", "a value-b"}, {"${SET}a}", "valuea}"},
                    {"$_a1.", "under."}, {"$SET$SET", "valuevalue"}, {"$EMPTY", ""}, {"a${EMPTY}b", "ab"});
}

Test(variables, without_a_value) {
    EXPECT_EXPANDED({"$UNSET", NULL}, {"a ${UNSET} b", NULL}, {"$SETa", NULL}, {"$set", NULL}, {"$HIDDEN", NULL});
}

Test(variables, dollars) {
    EXPECT_EXPANDED({"$$SET", "$SET"}, {"$${SET}", "${SET}"}, {"$$$SET", "$value"}, {"$$$$", "$$"}, {"a $ b", "a $ b"},
                    {"$", "$"}, {"$1", "$1"}, {"$}", "$}"}, {"^a$|b", "^a$|b"}, {"$ {SET}", "$ {SET}"});
}

Test(variables, default_if_unset_or_empty) {
    EXPECT_EXPANDED({"${SET:-d}", "value"}, {"${EMPTY:-d}", "d"}, {"${UNSET:-d}", "d"}, {"${UNSET:-}", ""},
                    {"${HIDDEN:-d}", NULL}, {"${UNSET:-/a:-b?c+d}", "/a:-b?c+d"}, {"${UNSET:-\"a b\"}", "\"a b\""});
}

Test(variables, default_if_unset) {
    EXPECT_EXPANDED({"${SET-d}", "value"}, {"${EMPTY-d}", ""}, {"${UNSET-d}", "d"}, {"${UNSET-}", ""},
                    {"${HIDDEN-d}", NULL}, {"${UNSET-a?b}", "a?b"});
}

Test(variables, required) {
    EXPECT_EXPANDED({"${SET:?no}", "value"}, {"${EMPTY:?no}", NULL}, {"${UNSET:?no}", NULL}, {"${SET?no}", "value"},
                    {"${EMPTY?no}", ""}, {"${UNSET?no}", NULL}, {"${UNSET?}", NULL}, {"${UNSET?a-b}", NULL});
}

Test(variables, alternative) {
    EXPECT_EXPANDED({"${SET:+a}", "a"}, {"${EMPTY:+a}", ""}, {"${UNSET:+a}", ""}, {"${HIDDEN:+a}", NULL},
                    {"${SET+a}", "a"}, {"${EMPTY+a}", "a"}, {"${UNSET+a}", ""}, {"${HIDDEN+a}", "a"},
                    {"${SET:+$UNSET}", NULL});
}

Test(variables, nested) {
    EXPECT_EXPANDED({"${UNSET:-${SET}}", "value"}, {"${UNSET:-$SET}", "value"}, {"${UNSET:-${NO:-z}}q", "zq"},
                    {"${UNSET:-a${SET}b${EMPTY:-c}}", "avaluebc"}, {"${UNSET:-$$}", "$"}, {"${UNSET:-$NO}", NULL},
                    {"${SET:-$NO}", "value"}, {"${SET:-${}}", "value"}, {"${SET:+${NO:-x} y}", "x y"});
}

/* As compose-go counts braces, a "{" hides the byte behind it. */
Test(variables, braces_in_words) {
    EXPECT_EXPANDED({"${UNSET:-{a: {b: c}} ${SET}}", "{a: {b: c}} value"}, {"${UNSET:-{}}", "{}"},
                    {"${UNSET:-{{.N}}} y", "{{.N}} y"}, {"${SET:-{{.N}}} y", "value} y"},
                    {"${UNSET:-{x} $SET", "{x value"});
}

Test(variables, malformed) {
    EXPECT_EXPANDED({"${", NULL}, {"${}", NULL}, {"${SET", NULL}, {"${1}", NULL}, {"${ SET}", NULL}, {"${SET }", NULL},
                    {"${SET/a/b}", NULL}, {"${SET:a}", NULL}, {"${SET:}", NULL}, {"${UNSET:-a\nb}", NULL},
                    {"${UNSET:-a} ${", NULL});
}

Test(variables, a_text_without_dollars_is_not_copied) {
    ARENA(arena);
    struct str text = STR("a {b} c"), got;
    cr_expect(variables_expand(&arena, NULL, text, &got));
    cr_expect_eq(got.p, text.p);
    cr_expect_eq(got.n, text.n);
}

Test(variables, no_variables) {
    ARENA(arena);
    struct str got;
    cr_expect_not(variables_expand(&arena, NULL, STR("$SET"), &got));
    cr_expect(variables_expand(&arena, NULL, STR("${SET:-d}"), &got));
    cr_expect(str_eq(got, STR("d")));
    cr_expect_null(variables_get(NULL, STR("SET")));
}

Test(variables, limits) {
    ARENA(arena);
    struct str got;
    struct buf deep = {.arena = &arena}, wide = {.arena = &arena};
    for (uint32_t i = 0; i < 100000; i++)
        buf_add(&deep, STR("${A:-"));
    for (uint32_t i = 0; i < 100000; i++)
        buf_byte(&deep, '}');
    cr_expect_not(variables_expand(&arena, NULL, buf_str(&deep), &got));
    buf_add(&wide, STR("A0=0123456789\n"));
    for (uint32_t i = 0; i < 60; i++)
        buf_printf(&wide, "A%u=$A%u$A%u\n", i + 1, i, i);
    const struct variables *variables = variables_read(&arena, buf_str(&wide), NULL);
    cr_expect_eq(variables_get(variables, STR("A8"))->n, 2560);
    cr_expect_null(variables_get(variables, STR("A60"))->p);
}

/* --- .env files ------------------------------------------------------------------------------------------------------
 */

static void expect_read(const struct row *rows, size_t n) {
    ARENA(arena);
    for (size_t i = 0; i < n; i++) {
        const struct str *got = variables_get(read_text(&arena, rows[i].text), STR("A"));
        cr_assert(got, "%s", rows[i].text);
        cr_expect_eq(got->p != NULL, rows[i].want != NULL, "%s", rows[i].text);
        cr_expect(str_eq(*got, str_of(rows[i].want)), "%s: %.*s", rows[i].text, STR_ARG(*got));
    }
}

#define EXPECT_READ(...)                                                                                               \
    do {                                                                                                               \
        static const struct row rows[] = {__VA_ARGS__};                                                                \
        expect_read(rows, sizeof rows / sizeof *rows);                                                                 \
    } while (0)

Test(env_file, spellings) {
    EXPECT_READ({"A=1", "1"}, {"A: 1\n", "1"}, {"export A=1", "1"}, {" export\tA=1", "1"}, {" A = 1 ", "1"},
                {"A=b=c:d", "b=c:d"}, {"A:b: c", "b: c"}, {"A=", ""}, {"A=\nB=1", ""}, {"\n\n# c\n  # d\nA=1", "1"},
                {"\xef\xbb\xbf"
                 "A=1",
                 "1"},
                {"B=2\r\nA=1\r\n", "1"});
}

Test(env_file, comments) {
    EXPECT_READ({"A=1 # c", "1"}, {"A=1 #", "1"}, {"A=1# c", "1# c"}, {"A=#c", "#c"}, {"A= # c", "# c"},
                {"A=1\t# c", "1\t# c"}, {"A='1' # c", "1"}, {"A='1 # c'", "1 # c"}, {"A=\"1 # c\"# d", "1 # c"});
}

Test(env_file, single_quotes) {
    EXPECT_READ({"B=1\nA='$B'", "$B"}, {"A='a\\n'", "a\\n"}, {"A='it\\'s'", "it's"}, {"A='a\r\nb'", "a\r\nb"},
                {"A=''", ""}, {"A='\"'", "\""});
}

Test(env_file, double_quotes) {
    EXPECT_READ({"B=1\nA=\"a $B ${B}\"", "a 1 1"}, {"A=\"a\nb\"\nB=1", "a\nb"}, {"A=\"\\\"q\\\"\"", "\"q\""},
                {"A=\"\\a\\b\\f\\n\\r\\t\\v\\\\\"", "\a\b\f\n\r\t\v\\"}, {"A=\"\\$B \\${B}\"", "$B ${B}"},
                {"A=\"\\q\\c\"", "\\q\\c"}, {"A=\"\\0101\\0303\\09\\0777\"", "A\u00c3\\09\\0777"}, {"A=\"\"", ""});
}

Test(env_file, unquoted) {
    EXPECT_READ({"A=a\\tb", "a\\tb"}, {"A=a 'b'", "a 'b'"}, {"B=1\nA=$B-${B}", "1-1"}, {"A=$$B", "$B"},
                {"A=${B:-d}", "d"}, {"A=$B", NULL}, {"A=${B?no}", NULL}, {"A=${B", NULL});
}

Test(env_file, names) {
    ARENA(arena);
    const struct variables *variables = read_text(&arena, "a.b-c[1]=2\n1A=3\n\u00e1=4\nexportB=5\nexport=6\n");
    static const struct {
        const char *name, *want;
    } rows[] = {{"a.b-c[1]", "2"}, {"1A", "3"}, {"\u00e1", "4"}, {"exportB", "5"}, {"export", "6"}};
    cr_expect_eq(variables->map.n, sizeof rows / sizeof *rows);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct str *got = variables_get(variables, str_of(rows[i].name));
        cr_expect(got && str_eq(*got, str_of(rows[i].want)), "%s", rows[i].name);
    }
}

Test(env_file, the_last_line_wins) {
    EXPECT_READ({"A=1\nA=2", "2"}, {"A=1\nA=${A}2", "12"}, {"A=1\nB=$A\nA=$B.", "1."}, {"B=\"x\"A=2", "2"});
}

Test(env_file, bad_lines_are_skipped) {
    EXPECT_READ({"B C=1\nA=1", "1"}, {"%!(B)=1\nA=1", "1"}, {"=1\nA=1", "1"}, {"B='\nA=1", "1"}, {"B=\"\\\"\nA=1", "1"},
                {"A=1\nA='2", "1"}, {"A=1\nB", "1"});
    ARENA(arena);
    cr_expect_null(variables_get(read_text(&arena, "B='\nA=1"), STR("B")));
    cr_expect_eq(read_text(&arena, "")->map.n, 0);
}

Test(env_file, a_name_alone_is_that_of_the_environment) {
    ARENA(arena);
    const struct variables *outer = read_text(&arena, "B=1"), *got = variables_read(&arena, STR("A\nB\r\nC=3"), outer);
    cr_assert(variables_get(got, STR("A")));
    cr_expect_null(variables_get(got, STR("A"))->p);
    cr_expect(str_eq(*variables_get(got, STR("B")), STR("1")));
    cr_expect(str_eq(*variables_get(got, STR("C")), STR("3")));
    EXPECT_READ({"A=1\nA", "1"});
}

Test(env_file, outer_variables_win_and_stay_outside) {
    ARENA(arena);
    const struct variables *outer = read_text(&arena, "B=outer\nC=3");
    const struct variables *got = variables_read(&arena, STR("B=own\nA=$B$C"), outer);
    cr_expect(str_eq(*variables_get(got, STR("A")), STR("outer3")));
    cr_expect(str_eq(*variables_get(got, STR("B")), STR("own")));
    cr_expect_null(variables_get(got, STR("C")));
}

Test(variables, join) {
    ARENA(arena);
    const struct variables *first = read_text(&arena, "A=1\nB=1"), *second = read_text(&arena, "B=2\nC=2");
    const struct variables *both = variables_join(&arena, first, second);
    cr_expect_eq(both->map.n, 3);
    cr_expect(str_eq(*variables_get(both, STR("B")), STR("1")));
    cr_expect(str_eq(*variables_get(both, STR("C")), STR("2")));
    cr_expect_eq(variables_join(&arena, NULL, second)->map.n, 2);
}
