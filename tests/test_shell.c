/* The shell reader, by cases: each script is written out again in a notation of its own. */
#include "shell.h"

#include <criterion/criterion.h>
#include <string.h>

static void write_word(struct buf *out, const char *open, const struct shell_word *word, const char *close) {
    buf_printf(out, "%s%.*s%s%s", open, STR_ARG(word->text), word->is_constant ? "" : "?", close);
}

/* {assignment}[word]>(target) and what follows, "-" where there is none of these; "=" first for a simple command; "?"
 * behind what is not constant. */
static const char *write_script(struct arena *arena, const struct shell_script *script) {
    struct buf out = {.arena = arena};
    if (!script)
        return "unknown";
    if (script->is_simple)
        buf_byte(&out, '=');
    for (uint32_t i = 0; i < script->n; i++) {
        const struct shell_command *command = &script->list[i];
        for (uint32_t k = 0; k < command->assignments.n; k++)
            write_word(&out, "{", &command->assignments.at[k], "}");
        if (command->n_words + command->assignments.n + command->redirections.n == 0)
            buf_byte(&out, '-');
        for (uint32_t k = 0; k < command->n_words; k++)
            write_word(&out, "[", &command->words[k], "]");
        for (uint32_t k = 0; k < command->redirections.n; k++)
            write_word(&out, ">(", &command->redirections.at[k], ")");
        if (command->after)
            buf_byte(&out, command->after);
    }
    return buf_str(&out).p;
}

struct script_case {
    const char *text, *script;
};

static void run_cases(const struct script_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        ARENA(arena);
        const char *got = write_script(&arena, shell_parse(&arena, str_of(cases[i].text)));
        cr_expect_str_eq(got, cases[i].script, "%s: got %s", cases[i].text, got);
    }
}

#define RUN_CASES(cases) run_cases((cases), sizeof(cases) / sizeof *(cases))

Test(shell, lists) {
    static const struct script_case cases[] = {
        {"", ""},
        {"  # nothing", ""},
        {"node  server.js", "=[node][server.js]"},
        {"exec node server.js # here", "=[exec][node][server.js]"},
        {"\n node \\\n  server.js\n\n", "=[node][server.js]"},
        {"apt-get update && apt-get install -y x \\\n  && rm -rf /var/cache/apt",
         "[apt-get][update]&[apt-get][install][-y][x]&[rm][-rf][/var/cache/apt]"},
        {"set -eux; \\\n  cd /x;  npm ci", "[set][-eux];[cd][/x];[npm][ci]"},
        {"set -e;", "[set][-e];"},
        {"a || b | c & d", "[a]|[b]p[c]b[d]"},
        {"a &", "[a]b"},
        {"a\nb # c\n# d\n\ne", "[a];[b];[e]"},
        {"a &&\n\n b |\n c", "[a]&[b]p[c]"},
        {"! a && b", "[a]&[b]"},
        {"a;b&&c", "[a];[b]&[c]"},
        {"a#b", "=[a#b]"},
    };
    RUN_CASES(cases);
}

Test(shell, everything_that_may_be_started) {
    static const struct script_case cases[] = {
        {"a b; c", "[a][b];[c]"},
        {"until nslookup db; do sleep 2; done", "[nslookup][db];[sleep][2];-"},
        {"while ! nc -z db 1\ndo\n  a\n  b # c\ndone", "[nc][-z][db][1];-;[a];[b];-"},
        {"if a; then b; elif c; then d; else e; fi", "[a];[b];[c];[d];[e];-"},
        {"for i in 1 2 $X; do echo $i; done >f", "-;[echo][$i?];>(f)"},
        {"for i\ndo a; done", "-;[a];-"},
        {"{ a; b; } && (c; d) | e", "[a];[b];-&[c];[d]p[e]"},
        {"(a)", "[a]"},
        {"echo $(a b) `c` \"$(d \"$(e)\")\"", "[echo][$(a b)?][`c`?][$(d \"$(e)\")?][a][b][c][d][$(e)?][e]"},
        {"X=$(a) b $((1 + 2)) ${X:-y} $(DB_HOST)", "{X=$(a)?}[b][$((1 + 2))?][${X:-y}?][$(DB_HOST)?][a]"},
        {"echo if then fi", "[echo][if][then][fi]"},
        {"a; done", "[a];-"},
        {"case $x in a) b;; esac", "unknown"},
        {"f() { a; }", "unknown"},
        {"[[ a < b ]]", "unknown"},
        {"cat <<E\nx\nE", "unknown"},
        {"echo ${X:-$(a)}", "unknown"},
        {"echo $(a <<E)", "unknown"},
        {"while a; do b |", "unknown"},
        {"$($($($($($($($(a))))))))", "unknown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ARENA(arena);
        const char *got = write_script(&arena, shell_parse_all(&arena, str_of(cases[i].text)));
        cr_expect_str_eq(got, cases[i].script, "%s: got %s", cases[i].text, got);
    }
}

Test(shell, single_commands) {
    static const struct {
        const char *text;
        bool is_single;
    } rows[] = {{"a b", true},    {"a >b 2>&1 <c", true}, {"a $b", true},      {"exec a >b", true}, {"", false},
                {"a;", false},    {"a &", false},         {"a && b", false},   {"a | b", false},    {"! a", false},
                {"X=1 a", false}, {"! a >b", false},      {"X=1 a >b", false}, {">b", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        const struct shell_script *script = shell_parse(&arena, str_of(rows[i].text));
        cr_assert(script, "%s", rows[i].text);
        cr_expect_eq(script->is_single, rows[i].is_single, "%s", rows[i].text);
    }
}

Test(shell, quotes) {
    static const struct script_case cases[] = {
        {"'a b' \"c d\" e\\ f", "=[a b][c d][e f]"},
        {"a'b'\"c\"d", "=[abcd]"},
        {"'' \"\"", "=[][]"},
        {"'a\\b$c`*' \"\\$a \\\\ \\` \\\" \\n\"", "=[a\\b$c`*][$a \\ ` \" \\n]"},
        {"\"a\\\nb\" c\\\nd", "=[ab][cd]"},
        {"find . -exec x {} \\;", "=[find][.][-exec][x][{}][;]"},
        {"a '&& b' \"| c\" \\; \\#d", "=[a][&& b][| c][;][#d]"},
        {"it's", "unknown"},
        {"\"a", "unknown"},
        {"a \\", "unknown"},
    };
    RUN_CASES(cases);
}

Test(shell, what_only_a_shell_expands) {
    static const struct script_case cases[] = {
        {"echo $a \"${b}c\" '$d' \\$e", "=[echo][$a?][${b}c?][$d][$e]"},
        {"echo $ a$ \"b$\" $.", "=[echo][$][a$][b$][$.]"},
        {"echo $$a $#b $1", "=[echo][$$a?][$#b?][$1?]"},
        {"echo $(a \"b)\" '(' | c) d", "=[echo][$(a \"b)\" '(' | c)?][d]"},
        {"echo \"$(a \"b\")\" $(a $(b; c))", "=[echo][$(a \"b\")?][$(a $(b; c))?]"},
        {"echo `a \\` b` \"`c \"d\"`\"", "=[echo][`a \\` b`?][`c \"d\"`?]"},
        {"echo $((1 + (2))) $(a # it's )\n)", "=[echo][$((1 + (2)))?][$(a # it's )\n)?]"},
        {"echo ${a:-'}'} \"${b:-'}\"", "=[echo][${a:-'}'}?][${b:-'}?]"},
        {"echo ${a:-${b:-c d}}", "=[echo][${a:-${b:-c d}}?]"},
        {"rm *.o a?b [ab]c \"*\" \\*", "=[rm][*.o?][a?b?][[ab]c?][*][*]"},
        {"[ -f a ]", "=[[][-f][a][]]"},
        {"ls ~ ~/a a~ '~'", "=[ls][~?][~/a?][a~][~]"},
        {"mkdir a{b,c} {1..3} {d} e,f", "=[mkdir][a{b,c}?][{1..3}?][{d}][e,f]"},
        {"echo $'a' $\"b\"", "=[echo][$a?][$b?]"},
        {"echo $(a", "unknown"},
        {"echo ${a", "unknown"},
        {"echo `a", "unknown"},
        {"echo $(cat <<X\nX\n)", "unknown"},
    };
    RUN_CASES(cases);
}

Test(shell, assignments) {
    static const struct script_case cases[] = {
        {"A=b C='d e' f G=h", "{A=b}{C=d e}[f][G=h]"},
        {"A=$b", "{A=$b?}"},
        {"PATH=/a:~/b c", "{PATH=/a:~/b?}[c]"},
        {"1A=b c", "=[1A=b][c]"},
        {"\"A\"=b c", "=[A=b][c]"},
        {"=b", "=[=b]"},
        {"export A=b", "=[export][A=b]"},
    };
    RUN_CASES(cases);
}

Test(shell, redirections) {
    static const struct script_case cases[] = {
        {"a > b 2>> c <> d >| e", "[a]>(b)>(c)>(d)>(e)"},
        {"a 2>&1 >&2 <&0 >&- < b", "[a]"},
        {"a >& b", "[a]>(b)"},
        {"> b", ">(b)"},
        {"2>b a 3 >c", "[a][3]>(b)>(c)"},
        {"a > \"$b\"/c", "[a]>($b/c?)"},
        {"a >", "unknown"},
        {"a > && b", "unknown"},
        {"a &> b", "unknown"},
        {"a << b", "unknown"},
        {"a <<< b", "unknown"},
        {"a <(b) >(c)", "unknown"},
    };
    RUN_CASES(cases);
}

Test(shell, not_understood) {
    static const char *const texts[] = {
        "if a; then b; fi",
        "for a in b; do c; done",
        "while a; do b; done",
        "until a; do b; done",
        "case a in b) c;; esac",
        "a() { b; }",
        "function a { b; }",
        "(a; b)",
        "{ a; b; }",
        "[[ a ]] && b",
        "((a))",
        "a && if b; then c; fi",
        "a &&",
        "a |",
        "&& a",
        "; a",
        "a ; ; b",
        "a && || b",
        "a | & b",
        "a |& b",
        "a )",
        "! ",
        "a;;b",
        "then",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ARENA(arena);
        cr_expect(!shell_parse(&arena, str_of(texts[i])), "%s", texts[i]);
    }
}

Test(shell, reserved_words_elsewhere) {
    static const struct script_case cases[] = {
        {"echo if then { }", "=[echo][if][then][{][}]"},
        {"'if' a", "=[if][a]"},
        {"A=b if", "{A=b}[if]"},
    };
    RUN_CASES(cases);
}

Test(shell, nesting_is_bounded) {
    static const char *const opens[] = {"$(", "${a:-", "\"$(", "$(("};
    for (size_t i = 0; i < sizeof opens / sizeof *opens; i++) {
        ARENA(arena);
        struct buf text = {.arena = &arena};
        for (int k = 0; k < 100000; k++)
            buf_add(&text, str_of(opens[i]));
        cr_expect(!shell_parse(&arena, buf_str(&text)));
    }
}
