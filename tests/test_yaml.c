/* Nodes, their bytes, diagnostics, look-ups and comparison; and the yaml-test-suite. */
#include "yaml.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct yaml *parse(struct arena *arena, struct str text, struct diags *diags) {
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, STR("test.yaml"), text, FORMAT_KUBE);
    *diags = (struct diags){.arena = arena};
    return source_check(source, diags) ? yaml_parse(arena, source, diags) : NULL;
}

static void dump(struct buf *out, const struct source *source, const struct yaml_node *node) {
    static const char open[] = "\0[{*", close[] = "\0]}";
    if (node->kind == YAML_SCALAR || node->kind == YAML_ALIAS) {
        buf_printf(out, "<%.*s>", STR_ARG(source_slice(source, node->at)));
        return;
    }
    buf_printf(out, "%u%c", node->at.end, open[node->kind]);
    for (uint32_t i = 0; i < node->n; i++) {
        if (node->kind == YAML_MAPPING)
            dump(out, source, node->pairs[i].key);
        dump(out, source, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
    }
    buf_byte(out, close[node->kind]);
}

/* Scalars as <bytes>, collections as the offset of their end and their children in brackets. */
static const struct {
    const char *text, *nodes;
} spans[] = {
    {"a: 1\n\n# c\n", "4{<a><1>}"},
    {"\xef\xbb\xbf"
     "\xc3\xa9: \xe2\x82\xac # \xc3\xa9\n\xf0\x9f\x98\x80: x\n",
     "23{<\xc3\xa9><\xe2\x82\xac><\xf0\x9f\x98\x80><x>}"},
    {"a: x\n   y # c\nb: 'p\n  q'\n", "24{<a><x\n   y><b><'p\n  q'>}"},
    {"a: |\n  x\n\n\nb: >-\n  y\n\n", "20{<a><|\n  x><b><>-\n  y>}"},
    {"a: |+\n  x\n\n\nb: 1\n", "16{<a><|+\n  x\n\n><b><1>}"},
    {"a: | # c\n\n\nb: |+\n\n\n", "18{<a><| # c><b><|+\n\n>}"},
    {"a: |\r\n  x\r\n\r\nb: 1\r\n", "17{<a><|\r\n  x><b><1>}"},
    {"a: |1\n  x\n   \n \n", "13{<a><|1\n  x\n   >}"},
    {"- - |2\n     x\n    \n     \n", "24[24[<|2\n     x\n    \n     >]]"},
    {"a: |\n  x", "8{<a><|\n  x>}"},
    {"a:\nb: # c\nc: &x\n", "15{<a><><b><><c><>}"},
    {"- # c\n- a:\n  -\n", "14[<>14{<a>14[<>]}]"},
    {"a: &x !t\n  # c\n  foo # d\nb: !t &y 'z'\n", "37{<a><foo><b><'z'>}"},
    {"a: &x\n  b: !t # c\n    c: 1\n", "26{<a>26{<b>26{<c><1>}}}"},
    {"a: &x {b: 1 } # c\nc: *x\nd:\n- *x\n", "31{<a>13{<b><1>}<c><*x><d>31[<*x>]}"},
    {"{a, b: , c: # c\n , ? d : e}", "27{<a><><b><><c><><d><e>}"},
    {"[a: b, ? c, {d: e}: ]", "21[5{<a><b>}10{<c><>}19{18{<d><e>}<>}]"},
    {"? a\n: b\n? c\n? - d\n: - e\n", "23{<a><b><c><>17[<d>]23[<e>]}"},
    {"? a\n:x: y\n", "9{<a><><:x><y>}"},
    {"a: 1\n... # c\n", "4{<a><1>}"},
    {"%YAML 1.1\n--- # c\na: |\n  ---\n", "28{<a><|\n  --->}"},
    {"--- |\n  ---\n", "11<|\n  --->"},
};

Test(yaml, spans) {
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        ARENA(arena);
        struct diags diags;
        struct buf out = {.arena = &arena};
        struct yaml *yaml = parse(&arena, str_of(spans[i].text), &diags);
        cr_assert(yaml, "row %zu: %s", i, diags.list.n ? diags.list.at[0].message.p : "");
        const struct yaml_node *root = yaml->documents.at[0].root;
        if (root->kind == YAML_SCALAR)
            buf_printf(&out, "%u", root->at.end);
        dump(&out, yaml->source, root);
        cr_expect_str_eq(buf_str(&out).p, spans[i].nodes, "row %zu: %s", i, out.p);
    }
}

static const struct {
    const char *text;
    uint32_t line, column;
    const char *message;
} refused[] = {
    {"a: 1\nb: 2\na: 3\n", 3, 1, "duplicate key \"a\": it is already given in line 1"},
    {"a: 1\n'\\x61': 2\n\"\\x61\": 3\n", 3, 1, "duplicate key \"a\": it is already given in line 1"},
    {"x:\n- {\xc3\xa9: 1, b: 2, \xc3\xa9: 1}\n", 2, 16, "duplicate key \"\xc3\xa9\": it is already given in line 2"},
    {"b: &b {}\na:\n  <<: *b\n  <<: *b\n", 4, 3, "duplicate key \"<<\": it is already given in line 3"},
    {"{a: 0, b: 0, c: 0, d: 0, e: 0, f: 0, g: 0, h: 0, i: 0, c: 0}", 1, 56,
     "duplicate key \"c\": it is already given in line 1"},
    {"a: *b\n", 1, 4, "unknown alias *b: there is no &b above it"},
    {"a: &b 1\n---\na: *b\n", 3, 4, "unknown alias *b: there is no &b above it"},
    {"&a [*a]\n", 1, 5, "alias *a stands inside of its own anchor"},
    {"a:\n\tb: 1\n", 2, 1, "a tab cannot indent YAML: use spaces"},
    {"\xef\xbb\xbf\xc3\xa9: \x01\n", 1, 4, "control characters are not allowed"},
    {"\xc3\xa9: [\xc3\xa9\xc3\xa9, ]]\n", 1, 10,
     "did not find expected key (while parsing a block mapping that starts in line 1)"},
    {"a: \xff\n", 1, 4, "byte 0xff is not UTF-8: save the file as UTF-8"},
};

Test(yaml, diagnostics) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ARENA(arena);
        struct diags diags;
        cr_assert_null(parse(&arena, str_of(refused[i].text), &diags), "row %zu parses", i);
        cr_assert_eq(diags.list.n, 1);
        const struct diag *diag = &diags.list.at[0];
        cr_expect_str_eq(diag->message.p, refused[i].message, "row %zu: %s", i, diag->message.p);
        cr_expect(diag->at.line == refused[i].line && diag->at.column == refused[i].column, "row %zu: %u:%u", i,
                  diag->at.line, diag->at.column);
    }
}

static struct str repeat(struct arena *arena, const char *before, uint32_t n, const char *after) {
    struct buf text = {.arena = arena};
    for (uint32_t i = 0; i < n; i++)
        buf_add(&text, str_of(before));
    for (uint32_t i = 0; i < n; i++)
        buf_add(&text, str_of(after));
    return buf_str(&text);
}

Test(yaml, depth) {
    ARENA(arena);
    struct diags diags;
    cr_expect(parse(&arena, repeat(&arena, "[", YAML_MAX_DEPTH + 1, "]"), &diags));
    cr_expect_null(parse(&arena, repeat(&arena, "[", YAML_MAX_DEPTH + 2, "]"), &diags));
    cr_expect_str_eq(diags.list.at[0].message.p, "nested deeper than 200 levels");
    cr_expect_null(parse(&arena, repeat(&arena, "- ", 100000, ""), &diags));
    cr_expect_null(parse(&arena, repeat(&arena, "{a: ", 100000, "}"), &diags));
}

Test(yaml, documents) {
    ARENA(arena);
    struct diags diags;
    cr_expect_eq(parse(&arena, STR(""), &diags)->documents.n, 0);
    cr_expect_eq(parse(&arena, STR("# c\n\n"), &diags)->documents.n, 0);
    struct yaml *yaml = parse(&arena, STR("--- # c\n---\na: 1\n...\n---\n- b\n"), &diags);
    cr_assert_eq(yaml->documents.n, 3);
    cr_expect_null(yaml->documents.at[0].root);
    cr_expect_eq(yaml->documents.at[1].root->kind, YAML_MAPPING);
    cr_expect_eq(yaml->documents.at[2].root->index, 0);
    cr_expect_eq(yaml->documents.at[2].root->items[0]->index, 1);
}

Test(yaml, steps) {
    static const struct {
        const char *text;
        uint32_t step;
        int32_t list_step;
        bool is_json;
    } table[] = {
        {"a: 1\n", 2, -1, false},
        {"a:\n    b:\n      c: 1\n", 4, -1, false},
        {"a:\n- b:\n     c: 1\n", 3, 0, false},
        {"- a:\n    - b\n  c:\n  - d\n", 2, 2, false},
        {"{\"a\": [{\"b\": 1}]}", 2, -1, true},
        {"[{\"a\": 1}]", 2, -1, true},
        {"{a: 1}", 2, -1, false},
        {"\"a\": {\"b\": 1}\n", 2, -1, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        ARENA(arena);
        struct diags diags;
        struct yaml *yaml = parse(&arena, str_of(table[i].text), &diags);
        cr_expect(yaml->step == table[i].step && yaml->list_step == table[i].list_step &&
                      yaml->is_json == table[i].is_json,
                  "row %zu: %u %d %d", i, yaml->step, yaml->list_step, yaml->is_json);
    }
}

Test(yaml, look_ups) {
    ARENA(arena);
    struct diags diags;
    struct yaml *yaml = parse(&arena,
                              STR("b: &b {x: 1, y: 2}\nc: &c {y: 3, z: 4, <<: *b}\n"
                                  "a:\n  <<: [*c, *b]\n  z: &z 5\n  w: *z\n\"<<\": {q: 1}\n"),
                              &diags);
    struct yaml_node *root = yaml->documents.at[0].root, *a = yaml_own(root, STR("a"));
    cr_expect(str_eq(yaml_text(yaml_get(a, STR("z"))), STR("5")));
    cr_expect(str_eq(yaml_text(yaml_get(a, STR("y"))), STR("3")));
    cr_expect(str_eq(yaml_text(yaml_get(a, STR("x"))), STR("1")));
    cr_expect(str_eq(yaml_text(yaml_get(a, STR("w"))), STR("5")));
    cr_expect_eq(yaml_own(a, STR("w"))->kind, YAML_ALIAS);
    cr_expect_null(yaml_own(a, STR("y")));
    cr_expect_null(yaml_get(root, STR("q")), "a quoted << merges nothing");
    cr_expect_null(yaml_get(NULL, STR("q")));
    cr_expect_null(yaml_get(yaml_own(a, STR("z")), STR("q")));
    cr_expect(yaml_own(a, STR("w"))->target == yaml_get(a, STR("z")));
    cr_expect_eq(a->parent, root);
    cr_expect_eq(a->depth, 1);
}

Test(yaml, reset_takes_away) {
    ARENA(arena);
    struct diags diags;
    struct yaml *yaml =
        parse(&arena, STR("b: &b {x: 1, y: !reset 2}\na: {<<: *b, x: !reset, z: !override 3}\n"), &diags);
    const struct yaml_node *a = yaml_own(yaml->documents.at[0].root, STR("a"));
    cr_expect_null(yaml_get(a, STR("x")));
    cr_expect_null(yaml_get(a, STR("y")));
    cr_expect(str_eq(yaml_text(yaml_get(a, STR("z"))), STR("3")));
    cr_expect(yaml_own(a, STR("x")));
}

/* What a copy says, in flow style: quoted scalars by their quotes. */
static void print_value(struct buf *out, const struct yaml_value *value) {
    static const char open[] = "\0[{", close[] = "\0]}", quotes[] = "\0'\"";
    if (value->kind == YAML_SCALAR) {
        char quote = value->quotes ? quotes[value->quotes] : value->is_quoted ? '|' : ' ';
        buf_printf(out, "%c%.*s%c", quote, STR_ARG(value->text), quote);
        return;
    }
    buf_byte(out, open[value->kind]);
    for (uint32_t i = 0; i < value->n; i++) {
        buf_printf(out, "%.*s", STR_ARG(value->children[i].key));
        print_value(out, &value->children[i]);
    }
    buf_byte(out, close[value->kind]);
}

Test(yaml, copies) {
    static const struct {
        const char *text, *copy; /* of what stands under a; NULL: refused */
    } table[] = {
        {"a: [x, 'y', \"z\", ~, !!str 1]\n", "[ x 'y'\"z\" null |1|]"},
        {"a:\n- |\n  x\n- >-\n  y\n  z\n", "[|x\n||y z|]"},
        {"s: &s x\na: {b: [*s], c: *s, d: !!map {e: !!seq []}}\n", "{b[ x ]c x d{e[]}}"},
        {"b: &b {x: 1, y: 2}\nc: &c {y: 3, <<: *b, z: 4}\na: {<<: [*c, *b], z: 5}\n", "{z 5 y 3 x 1 }"},
        {"a: {\"<<\": {b: 1}}\n", "{<<{b 1 }}"},
        {"a: [[x], {b: 1, c: {d: 2}}]\n", "[[ x ]{b 1 c{d 2 }}]"},
        {"a: {? [b] : 1}\n", NULL},
        {"a: {<<: x}\n", NULL},
        {"a: {b: !reset x}\n", NULL},
        {"a: [!!int 1]\n", NULL},
        {"a: [! 1]\n", NULL},
        {"a: !!str [x]\n", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        ARENA(arena);
        struct diags diags;
        struct buf out = {.arena = &arena};
        struct yaml_value value;
        const struct yaml_node *root = parse(&arena, str_of(table[i].text), &diags)->documents.at[0].root;
        bool is_copied = yaml_copy(&arena, yaml_own(root, STR("a")), &value);
        cr_expect(is_copied == (table[i].copy != NULL), "row %zu", i);
        if (!is_copied || !table[i].copy)
            continue;
        print_value(&out, &value);
        cr_expect_str_eq(buf_str(&out).p, table[i].copy, "row %zu", i);
    }
}

Test(yaml, scalars) {
    static const struct {
        const char *text;
        bool is_null, is_bool, value;
    } table[] = {
        {"- ", true, false, false},          {"- ~", true, false, false},       {"- Null", true, false, false},
        {"- nULL", false, false, false},     {"- 'null'", false, false, false}, {"- !reset null", false, false, false},
        {"- !!null x", false, false, false}, {"- !!null", true, false, false},  {"- true", false, true, true},
        {"- 'True'", false, true, true},     {"- FALSE", false, true, false},   {"- yes", false, false, false},
        {"- {}", false, false, false},       {"- tRUE", false, false, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        ARENA(arena);
        struct diags diags;
        bool value = false;
        const struct yaml_node *node = parse(&arena, str_of(table[i].text), &diags)->documents.at[0].root->items[0];
        cr_expect(yaml_is_null(node) == table[i].is_null, "row %zu", i);
        cr_expect(yaml_bool(node, &value) == table[i].is_bool && value == table[i].value, "row %zu", i);
    }
    cr_expect_not(yaml_is_null(NULL));
}

Test(yaml, aliases_cost_nothing, .timeout = 10) {
    ARENA(arena);
    struct diags diags;
    struct buf text = {.arena = &arena};
    buf_printf(&text, "a0: &a0 {x: 1}\n");
    for (int i = 1; i < 5000; i++)
        buf_printf(&text, "a%d: &a%d {<<: [*a%d, *a%d, *a%d]}\n", i, i, i - 1, i - 1, i - 1);
    struct yaml *yaml = parse(&arena, buf_str(&text), &diags);
    const struct yaml_node *root = yaml->documents.at[0].root;
    cr_expect_null(yaml_get(root->pairs[root->n - 1].value, STR("nothing")));
    cr_expect(yaml_get(root->pairs[100].value, STR("x")));
    struct yaml_value value;
    cr_expect_not(yaml_copy(&arena, root->pairs[root->n - 1].value, &value));
    cr_expect(yaml_extends(yaml, yaml, NULL, NULL));
}

Test(yaml, many_keys, .timeout = 10) {
    ARENA(arena);
    struct diags diags;
    struct buf text = {.arena = &arena};
    for (int i = 0; i < 200000; i++)
        buf_printf(&text, "k%d:\n", i);
    struct yaml *yaml = parse(&arena, buf_str(&text), &diags);
    cr_assert(yaml);
    cr_expect_eq(yaml->documents.at[0].root->n, 200000);
    buf_add(&text, STR("k77: 1\n"));
    cr_expect_null(parse(&arena, buf_str(&text), &diags));
    cr_expect_eq(diags.list.at[0].at.line, 200001);
}

Test(yaml, extends) {
    static const struct {
        const char *before, *after;
        const char *lost; /* NULL: nothing */
    } table[] = {
        {"a: 1\nb: [x, y]\n", "{c: 0, a: 1, d: 0, b: [w, x, z, y]}", NULL},
        {"a: 'x'\n", "a: \"x\"\n", NULL},
        {"a:\nb: ~\n", "a: {x: 1}\nb: [1]\n", NULL},
        {"---\n---\na: 1\n", "x: 1\n---\na: 1\n", NULL},
        {"[a, [b, c], d]", "[a, [b], [b, x, c], d]", NULL},
        {"a: 1\nb: 2\n", "b: 2\na: 1\n", "b"},
        {"a: '1'\n", "a: 1\n", "'1'"},
        {"a: x\n", "a: y\n", "x"},
        {"a: {b: {c: 1}}\n", "a: {b: {d: 1}}\n", "c"},
        {"a: [x, y, z]\n", "a: [x, z]\n", "y"},
        {"a: &x 1\n", "a: 1\n", "1"},
        {"a: !t 1\n", "a: 1\n", "1"},
        {"a: &x\n", "a: 1\n", ""},
        {"a: &x 1\nb: *x\n", "a: &x 1\nb: 1\n", "*x"},
        {"? {a: 1}\n: b\n", "? {a: 1, c: 2}\n: b\n", "{a: 1}"},
        {"a: []\n", "a: {}\n", "[]"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        ARENA(arena);
        struct diags diags;
        struct yaml *before = parse(&arena, str_of(table[i].before), &diags),
                    *after = parse(&arena, str_of(table[i].after), &diags);
        const struct yaml_node *lost = NULL;
        cr_expect(yaml_extends(before, after, NULL, &lost) == !table[i].lost, "row %zu", i);
        if (table[i].lost)
            cr_expect_str_eq(str_c(&arena, source_slice(before->source, lost->at)), table[i].lost, "row %zu", i);
    }
}

Test(yaml, extends_but_for_replaced_nodes) {
    ARENA(arena);
    struct diags diags;
    struct yaml *before = parse(&arena, STR("a: x\nb: y\n"), &diags),
                *after = parse(&arena, STR("a: z\nb: y\n"), &diags);
    const struct yaml_node *a = yaml_own(before->documents.at[0].root, STR("a"));
    const struct yaml_node *b = yaml_own(before->documents.at[0].root, STR("b")), *lost;
    struct yaml_changes first = {0}, second = {0};
    *vec_push(&arena, &first.replaced) = a;
    *vec_push(&arena, &second.replaced) = b;
    cr_expect(yaml_extends(before, after, &first, &lost));
    cr_expect_not(yaml_extends(before, after, &second, &lost));
    cr_expect_eq(lost, a);
}

Test(yaml, extends_but_for_removed_nodes) {
    static const struct {
        const char *before, *after;
        bool is_same; /* where the second item of a and the pair b are gone */
    } table[] = {
        {"{a: [x, y, z], b: [v], c: 1}", "{a: [x, z], c: 1}", true},
        {"{a: [x, y, z], b: [v], c: 1}", "{d: 1, a: [x, w, z], c: 1}", true},
        {"{a: [x, y, z], b: [v], c: 1}", "{a: [x], c: 1}", false},
        {"{a: [x, y, z], b: [v], c: 1}", "{a: [x, y], c: 1}", false},
        {"{a: [x, y, z], b: [v], c: 1}", "{a: [x, z], b: [v]}", false},
        {"{a: [x, y, z], b: [v], c: 1}", "{a: [x, z], c: 2}", false},
        {"{a: [x, y], b: 1}", "{a: [x]}", true},
        {"{a: [x, y], b: 1}", "{}", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        ARENA(arena);
        struct diags diags;
        struct yaml *before = parse(&arena, str_of(table[i].before), &diags),
                    *after = parse(&arena, str_of(table[i].after), &diags);
        struct yaml_node *root = before->documents.at[0].root;
        struct yaml_changes changes = {0};
        *vec_push(&arena, &changes.removed) = yaml_own(root, STR("a"))->items[1];
        *vec_push(&arena, &changes.removed) = yaml_pair(root, STR("b"))->key;
        cr_expect(yaml_extends(before, after, &changes, NULL) == table[i].is_same, "row %zu", i);
    }
}

/* ---- yaml-test-suite ---- */

/* What libyaml 0.2.5 sees in another way than YAML 1.2 does. */
static const struct {
    const char *name, *why;
} differs[] = {
    {"2JQS.yaml", "an empty key needs a ?"},
    {"2LFX.yaml", "unknown directives are refused"},
    {"2SXE.yaml", "anchor names end at a colon"},
    {"4ABK.yaml", "an empty value at a flow colon is refused"},
    {"4MUZ-0.yaml", "a flow colon must follow its key in the same line"},
    {"4MUZ-1.yaml", "a flow colon must follow its key in the same line"},
    {"4MUZ-2.yaml", "a flow colon must follow its key in the same line"},
    {"58MP.yaml", "a plain scalar in flow style cannot begin with a colon"},
    {"5MUD.yaml", "a flow colon must follow its key in the same line"},
    {"5T43.yaml", "a plain scalar in flow style cannot begin with a colon"},
    {"6BCT.yaml", "tabs do not separate a dash from its value"},
    {"6CA3.yaml", "no tab before the first token"},
    {"6LVF.yaml", "unknown directives are refused"},
    {"6M2F.yaml", "an empty key needs a ?"},
    {"7Z25.yaml", "a bare document cannot follow ... without ---"},
    {"8XYN.yaml", "anchor names are letters, digits, - and _"},
    {"96NN-0.yaml", "no tab at the start of a literal line"},
    {"96NN-1.yaml", "no tab at the start of a literal line"},
    {"9C9N.invalid.yaml", "flow lines need no indentation"},
    {"9HCY.invalid.yaml", "directives need no ... before them"},
    {"9JBA.invalid.yaml", "a comment needs no space before it"},
    {"9SA2.yaml", "a flow key must be on one line"},
    {"A2M4.yaml", "tabs do not separate a dash from its value"},
    {"BEC7.yaml", "%YAML 1.3 is refused"},
    {"CFD4.yaml", "an empty key needs a ?"},
    {"CVW2.invalid.yaml", "a comment needs no space before it"},
    {"DBG4.yaml", "a plain scalar in flow style cannot begin with a colon"},
    {"DK3J.yaml", "a folded root must be indented"},
    {"DK95-0.yaml", "no tab before a value on its own line"},
    {"DK95-1.invalid.yaml", "a tab may indent quoted lines"},
    {"DK95-3.yaml", "no tab before the first token"},
    {"DK95-4.yaml", "no tab in a blank line behind a scalar"},
    {"EB22.invalid.yaml", "directives need no ... before them"},
    {"FP8R.yaml", "a folded root must be indented"},
    {"FRK4.yaml", "an empty key or value at a flow colon is refused"},
    {"G5U8.invalid.yaml", "a dash is a plain scalar in flow style"},
    {"HM87-0.yaml", "a plain scalar in flow style cannot begin with a colon"},
    {"HWV9.yaml", "a lone ... is refused"},
    {"K3WX.yaml", "a flow colon must follow its key in the same line"},
    {"M2N8-0.yaml", "an empty key needs a ?"},
    {"M7A3.yaml", "a bare document cannot follow ... without ---"},
    {"MUS6-0.invalid.yaml", "a comment may follow %YAML directly"},
    {"MUS6-1.invalid.yaml", "directives may be given for an empty document"},
    {"MUS6-5.yaml", "unknown directives are refused"},
    {"MUS6-6.yaml", "unknown directives are refused"},
    {"NHX8.yaml", "an empty key needs a ?"},
    {"NJ66.yaml", "a flow key must be on one line"},
    {"NKF9.yaml", "an empty key needs a ?"},
    {"Q5MG.yaml", "no tab before the first token"},
    {"QB6E.invalid.yaml", "quoted lines need no indentation"},
    {"QT73.yaml", "a lone ... is refused"},
    {"R4YG.yaml", "no tab at the start of a folded line"},
    {"RHX7.invalid.yaml", "directives need no ... before them"},
    {"S3PD.yaml", "an empty key needs a ?"},
    {"S98Z.invalid.yaml", "blank lines may be deeper than an empty block scalar"},
    {"SM9W-1.yaml", "an empty key needs a ?"},
    {"SU5Z.invalid.yaml", "a comment needs no space before it"},
    {"UKK6-0.yaml", "an empty key needs a ?"},
    {"UT92.yaml", "a flow key must be on one line"},
    {"VJP3-1.yaml", "a flow colon must follow its key in the same line"},
    {"W4TN.yaml", "a literal root must be indented"},
    {"W5VH.yaml", "anchor names are letters, digits, - and _"},
    {"X4QW.invalid.yaml", "a comment needs no space before it"},
    {"Y79Y-1.yaml", "no tab at the start of a literal line"},
    {"Y79Y-10.yaml", "tabs do not separate a dash from its value"},
    {"Y79Y-3.invalid.yaml", "a tab may indent flow lines"},
    {"YJV2.invalid.yaml", "a dash is a plain scalar in flow style"},
    {"ZYU8-0.yaml", "malformed directives are refused"},
    {"ZYU8-1.yaml", "malformed directives are refused"},
    {"ZYU8-2.yaml", "malformed directives are refused"},
    {"ZYU8-3.yaml", "%YAML of another version is refused"},
};

static bool is_listed(const char *name) {
    for (size_t i = 0; i < sizeof differs / sizeof *differs; i++)
        if (strcmp(differs[i].name, name) == 0)
            return true;
    return false;
}

Test(yaml, test_suite) {
    const char *corpus = getenv("IRONHULL_CORPUS");
    char path[4096];
    snprintf(path, sizeof path, "%s/yaml-test-suite", corpus ? corpus : "../shared/corpus");
    DIR *dir = opendir(path);
    if (!dir)
        cr_skip("no yaml-test-suite: set IRONHULL_CORPUS");
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct str name = str_of(entry->d_name), text;
        ARENA(arena);
        struct diags diags = {.arena = &arena};
        if (!str_ends(name, STR(".yaml")))
            continue;
        struct str file = str_printf(&arena, "%s/%s", path, entry->d_name);
        cr_assert(source_read(&arena, file, &text, &diags));
        bool is_valid = !str_ends(name, STR(".invalid.yaml")), parses = parse(&arena, text, &diags) != NULL;
        cr_expect((parses == is_valid) != is_listed(entry->d_name), "%s: %s", entry->d_name,
                  parses ? "parses" : diags.list.at[0].message.p);
    }
    closedir(dir);
}
