#include "want.h"

#include <criterion/criterion.h>

static bool is_same(struct str key, struct str have, struct str wanted) {
    return str_eq(key, STR("caseless")) ? str_eq_nocase(have, wanted) : str_eq(have, wanted);
}

static struct yaml *parse(struct arena *arena, const char *text) {
    struct diags diags = {.arena = arena};
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, STR("f.yaml"), str_of(text), FORMAT_KUBE);
    struct yaml *yaml = yaml_parse(arena, source, &diags);
    cr_assert(yaml && yaml->documents.n == 1, "%s: %s", text,
              diags.list.n ? diags.list.at[0].message.p : "no document");
    return yaml;
}

/* What YAML text stands for, as a value to be wanted. */
static struct yaml_value value_of(struct arena *arena, const struct yaml_node *node) {
    struct yaml_value value = {.kind = node->kind, .n = node->kind == YAML_SCALAR ? 0 : node->n};
    struct yaml_value *children = arena_array(arena, value.n, sizeof *children);
    value.text = node->value;
    value.is_quoted = node->kind == YAML_SCALAR && node->style != YAML_PLAIN;
    for (uint32_t i = 0; i < value.n; i++) {
        children[i] = value_of(arena, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
        if (node->kind == YAML_MAPPING)
            children[i].key = node->pairs[i].key->value;
    }
    value.children = children;
    return value;
}

/* Plans `wanted` for the mapping under the key "x" (or, without one, the root) and applies it. */
static void plans(const char *text, const char *wanted, enum want_result result, const char *after) {
    ARENA(arena);
    struct yaml *yaml = parse(&arena, text);
    struct yaml_node *root = yaml->documents.at[0].root, *mapping = yaml_own(root, STR("x"));
    struct yaml_value value = value_of(&arena, parse(&arena, wanted)->documents.at[0].root);
    struct edits edits = {.arena = &arena};
    struct want want = want_plan(yaml, mapping ? mapping : root, &value, NULL, is_same, &edits);
    cr_expect_eq(want.result, result, "\"%s\" with \"%s\" is %d: %s", text, wanted, want.result,
                 want.reason ? want.reason : "");
    bool is_edited = result == WANT_PLANNED || result == WANT_CONTRADICTED;
    cr_expect_eq(edits.list.n > 0, is_edited, "\"%s\" with \"%s\" has %u edits", text, wanted, edits.list.n);
    cr_expect_eq(want.reason != NULL, result == WANT_REFUSED, "\"%s\" with \"%s\"", text, wanted);
    cr_expect(want.node != NULL || result == WANT_MET || result == WANT_PLANNED, "\"%s\" with \"%s\"", text, wanted);
    struct str got = edits_apply(&arena, yaml->source->text, &edits);
    cr_expect(str_eq(got, str_of(after)), "\"%s\" with \"%s\" gives \"%.*s\"", text, wanted, STR_ARG(got));
    if (is_edited && str_eq(got, str_of(after)))
        plans(after, wanted, WANT_MET, after);
}

static void is_met(const char *text, const char *wanted) {
    plans(text, wanted, WANT_MET, text);
}

static void is_refused(const char *text, const char *wanted) {
    plans(text, wanted, WANT_REFUSED, text);
}

Test(want, is_met_by_what_is_there) {
    is_met("a: 1\n", "a: 1\n");
    is_met("a: 1\nb: 2\n", "b: 2\na: 1\n");
    is_met("a: '1'\n", "a: 1\n");
    is_met("a: True\n", "a: true\n");
    is_met("a: 'true'\n", "a: true\n");
    is_met("a: {b: {c: d}}\n", "a:\n  b:\n    c: d\n");
    is_met("a: {b: 1, c: 2}\n", "a: {}\n");
    is_met("a: 1\n", "{}\n");
}

Test(want, is_met_by_items_in_any_order) {
    is_met("a: [x, y]\n", "a: [y]\n");
    is_met("a:\n- y\n- x\n", "a: [x, y]\n");
    is_met("a: x\n", "a: [x]\n");
    is_met("caseless: [ALL]\n", "caseless: [all]\n");
    is_met("s: &s y\nx:\n  a: [*s]\n", "a: [y]\n");
}

Test(want, is_met_through_aliases_and_merges) {
    is_met("d: &d {b: 1}\nx:\n  a: *d\n", "a: {b: 1}\n");
    is_met("d: &d {a: 1}\nx:\n  <<: *d\n", "a: 1\n");
    is_met("d: &d {a: [x]}\nx:\n  <<: *d\n", "a: [x]\n");
    is_met("x:\n  a: &shared {b: 1}\n", "a: {b: 1}\n");
}

Test(want, plans_what_is_missing) {
    plans("a: 1\n", "b: 2\n", WANT_PLANNED, "a: 1\nb: 2\n");
    plans("a: 1 # one\n", "a: 1\nb: 2\nc: 3\n", WANT_PLANNED, "a: 1 # one\nb: 2\nc: 3\n");
    plans("a: {b: 1}\n", "a: {c: 2}\n", WANT_PLANNED, "a: {b: 1, c: 2}\n");
    plans("a:\n  b: 1\n", "a: {b: 1, c: {d: e}}\n", WANT_PLANNED, "a:\n  b: 1\n  c:\n    d: e\n");
    plans("{\"a\": 1}\n", "b: true\n", WANT_PLANNED, "{\"a\": 1, \"b\": true}\n");
    plans("a: 1\n", "b: \"1:2\"\n", WANT_PLANNED, "a: 1\nb: \"1:2\"\n");
}

Test(want, fills_nulls) {
    plans("a:\nb: 1\n", "a: x\n", WANT_PLANNED, "a: x\nb: 1\n");
    plans("a: ~\n", "a: x\n", WANT_PLANNED, "a: x\n");
    plans("a: # later\n", "a: x\n", WANT_PLANNED, "a: x # later\n");
    plans("a:\n", "a: [x, y]\n", WANT_PLANNED, "a:\n  - x\n  - y\n");
    plans("a:\n", "a: {b: 1}\n", WANT_PLANNED, "a:\n  b: 1\n");
    plans("x:\ny: 1\n", "a: 1\n", WANT_PLANNED, "x:\n  a: 1\ny: 1\n");
}

Test(want, extends_lists) {
    plans("a: [x]\n", "a: [y]\n", WANT_PLANNED, "a: [x, y]\n");
    plans("a:\n- x\n", "a: [x, y]\n", WANT_PLANNED, "a:\n- x\n- y\n");
    plans("a: []\n", "a: [x]\n", WANT_PLANNED, "a: [x]\n");
    plans("a:\n  - b: 1\n", "a: [x]\n", WANT_PLANNED, "a:\n  - b: 1\n  - x\n");
    plans("caseless: [all]\n", "caseless: [ALL, NEW]\n", WANT_PLANNED, "caseless: [all, NEW]\n");
}

Test(want, replaces_what_contradicts) {
    plans("a: false\n", "a: true\n", WANT_CONTRADICTED, "a: true\n");
    plans("a: 0 # root\n", "a: 1000\n", WANT_CONTRADICTED, "a: 1000 # root\n");
    plans("a: {b: x}\n", "a: {b: y, c: z}\n", WANT_CONTRADICTED, "a: {b: y, c: z}\n");
    plans("a: no\nb: 1\n", "a: true\nc: 2\n", WANT_CONTRADICTED, "a: true\nb: 1\nc: 2\n");
    plans("a: \"0:0\"\n", "a: \"1:1\"\n", WANT_CONTRADICTED, "a: \"1:1\"\n");
}

Test(want, names_what_contradicts) {
    ARENA(arena);
    struct yaml *yaml = parse(&arena, "a: 1\nb: false\n");
    struct yaml_value value = value_of(&arena, parse(&arena, "a: 1\nb: true\nc: 1\n")->documents.at[0].root);
    struct edits edits = {.arena = &arena};
    struct want want = want_plan(yaml, yaml->documents.at[0].root, &value, NULL, is_same, &edits);
    cr_expect_eq(want.result, WANT_CONTRADICTED);
    cr_expect_eq(want.node, yaml_own(yaml->documents.at[0].root, STR("b")));
}

Test(want, repeats_what_an_alias_brings) {
    plans("d: &d [y]\nx:\n  a: *d\n", "a: [z]\n", WANT_PLANNED, "d: &d [y]\nx:\n  a:\n    - y\n    - z\n");
    plans("d: &d [y]\nx:\n  a: *d  # both\n  b: 1\n", "a: [z]\n", WANT_PLANNED,
          "d: &d [y]\nx:\n  a:  # both\n    - y\n    - z\n  b: 1\n");
    plans("d: &d ['y', 'w']\nx:\n  a: *d\n", "a: [z]\n", WANT_PLANNED,
          "d: &d ['y', 'w']\nx:\n  a:\n    - 'y'\n    - 'w'\n    - 'z'\n");
    plans("d: &d ['y', w, ~, 1, \"1\"]\nx:\n  a: *d\n", "a: [z]\n", WANT_PLANNED,
          "d: &d ['y', w, ~, 1, \"1\"]\nx:\n  a:\n    - 'y'\n    - w\n    - null\n    - 1\n    - \"1\"\n    - z\n");
    plans("d: &d []\nx:\n  a: *d\n", "a: [z]\n", WANT_PLANNED, "d: &d []\nx:\n  a:\n    - z\n");
    plans("d: &d\nx:\n  a: *d\n", "a: [z]\n", WANT_PLANNED, "d: &d\nx:\n  a:\n    - z\n");
    plans("d: &d [y]\nx: {a: *d, b: 1}\n", "a: [z]\n", WANT_PLANNED, "d: &d [y]\nx: {a: [y, z], b: 1}\n");
    plans("d: &d ['y,']\nx: {\"a\": *d}\n", "a: [z]\n", WANT_PLANNED, "d: &d ['y,']\nx: {\"a\": [\"y,\", \"z\"]}\n");
    plans("d: &d [0x1F, w]\nx: {\"a\": *d}\n", "a: [z]\n", WANT_PLANNED,
          "d: &d [0x1F, w]\nx: {\"a\": [0x1F, \"w\", \"z\"]}\n");
    plans("s: &s 'y'\nd: &d [*s, !!str 1]\nx:\n  a: *d\n", "a: [z]\n", WANT_PLANNED,
          "s: &s 'y'\nd: &d [*s, !!str 1]\nx:\n  a:\n    - 'y'\n    - \"1\"\n    - z\n");
    plans("d: &d {c: [y], e: {f: 1}}\nx:\n  a: *d\n", "a: {b: 1, c: [z]}\n", WANT_PLANNED,
          "d: &d {c: [y], e: {f: 1}}\nx:\n  a:\n    c:\n      - y\n      - z\n    e:\n      f: 1\n    b: 1\n");
    plans("d: &d {b: 2, c: 3}\nx:\n  a: *d\n", "a: {b: 1}\n", WANT_CONTRADICTED,
          "d: &d {b: 2, c: 3}\nx:\n  a:\n    b: 1\n    c: 3\n");
    plans("d: &d false\nx:\n  a: *d # c\n", "a: true\n", WANT_CONTRADICTED, "d: &d false\nx:\n  a: true # c\n");
}

Test(want, repeats_what_a_merge_brings) {
    plans("d: &d {a: [y]}\nx:\n  <<: *d\n  b: 1\n", "a: [z]\n", WANT_PLANNED,
          "d: &d {a: [y]}\nx:\n  <<: *d\n  b: 1\n  a:\n    - y\n    - z\n");
    plans("d: &d {a: [y]}\ne: &e {a: [w], <<: *d}\nx:\n  <<: [*e, *d]\n", "a: [z]\n", WANT_PLANNED,
          "d: &d {a: [y]}\ne: &e {a: [w], <<: *d}\nx:\n  <<: [*e, *d]\n  a:\n    - w\n    - z\n");
    plans("d: &d {a: {c: [y], e: 'f'}}\nx:\n  <<: *d\n", "a: {b: 1, c: [z]}\n", WANT_PLANNED,
          "d: &d {a: {c: [y], e: 'f'}}\nx:\n  <<: *d\n  a:\n    c:\n      - y\n      - z\n    e: 'f'\n    b: 1\n");
    plans("c: &c {i: 1, j: 2}\nd: &d {a: {j: 3, <<: *c}}\nx:\n  <<: *d\n", "a: {b: 1}\n", WANT_PLANNED,
          "c: &c {i: 1, j: 2}\nd: &d {a: {j: 3, <<: *c}}\nx:\n  <<: *d\n  a:\n    j: 3\n    i: 1\n    b: 1\n");
    plans("d: &d {b: 1}\nx:\n  a:\n    <<: *d\n    c: 2\n", "a: {b: 2}\n", WANT_CONTRADICTED,
          "d: &d {b: 1}\nx:\n  a:\n    <<: *d\n    c: 2\n    b: 2\n");
    plans("d: &d {a: 2}\nx:\n  <<: *d\n", "a: 1\n", WANT_CONTRADICTED, "d: &d {a: 2}\nx:\n  <<: *d\n  a: 1\n");
    plans("d: &d {a: }\nx:\n  <<: *d\n", "a: [z]\n", WANT_PLANNED, "d: &d {a: }\nx:\n  <<: *d\n  a:\n    - z\n");
    plans("d: &d {a: !reset [z]}\nx:\n  <<: *d\n", "a: [z]\n", WANT_PLANNED,
          "d: &d {a: !reset [z]}\nx:\n  <<: *d\n  a:\n    - z\n");
    plans("d: &d {a: [y]}\nx: {<<: *d}\n", "a: [z]\n", WANT_PLANNED, "d: &d {a: [y]}\nx: {<<: *d, a: [y, z]}\n");
    plans("d: &d [{b: 1, c: [2]}]\nx:\n  a: *d\n", "a: [z]\n", WANT_PLANNED,
          "d: &d [{b: 1, c: [2]}]\nx:\n  a:\n    - b: 1\n      c:\n        - 2\n    - z\n");
    plans("d: &d [[y]]\nx:\n  a: *d\n", "a: [z]\n", WANT_PLANNED, "d: &d [[y]]\nx:\n  a:\n    - - y\n    - z\n");
}

Test(want, refuses_what_others_share) {
    is_refused("x:\n  a: &shared {b: 1}\n", "a: {c: 1}\n");
    is_refused("x:\n  a: &shared [y]\n", "a: [z]\n");
    is_refused("x:\n  a: &shared false\n", "a: true\n");
    is_refused("x:\n  a: &shared\n", "a: true\n");
    is_refused("d: &d {b: 1}\nx:\n  a: *d\n", "a: [y]\n");
    is_refused("d: &d y\nx:\n  a: *d\n", "a: [z]\n");
    is_refused("d: &d {a: y}\nx:\n  <<: *d\n", "a: [z]\n");
    is_refused("d: &d [{? [b] : 1}]\nx:\n  a: *d\n", "a: [z]\n");
    is_refused("d: &d !override [y]\nx:\n  a: *d\n", "a: [z]\n");
    is_refused("d: &d !reset [z]\nx:\n  a: *d\n", "a: [z]\n");
    is_refused("d: &d [!t y]\nx:\n  a: *d\n", "a: [z]\n");
    is_refused("d: &d {? [b] : 1}\nx:\n  a: *d\n", "a: {c: 1}\n");
}

/* Agrees to what is changed under the key in `context`. */
static bool is_agreed(void *context, const struct yaml_node *mapping, const struct yaml_value *wanted,
                      const struct yaml_node *value) {
    cr_expect_eq(yaml_get(mapping, wanted->key), value);
    return str_eq(wanted->key, *(const struct str *)context);
}

static void plans_shared(const char *text, const char *wanted, enum want_result result, const char *after) {
    ARENA(arena);
    struct yaml *yaml = parse(&arena, text);
    struct yaml_value value = value_of(&arena, parse(&arena, wanted)->documents.at[0].root);
    struct edits edits = {.arena = &arena};
    struct str agreed = STR("a");
    const struct want_sharing sharing = {is_agreed, &agreed};
    struct yaml_node *mapping = yaml_own(yaml->documents.at[0].root, STR("x"));
    struct want want = want_plan_shared(yaml, mapping, &value, NULL, is_same, &sharing, &edits);
    cr_expect_eq(want.result, result, "\"%s\" with \"%s\" is %d", text, wanted, want.result);
    struct str got = edits_apply(&arena, yaml->source->text, &edits);
    cr_expect(str_eq(got, str_of(after)), "\"%s\" with \"%s\" gives \"%.*s\"", text, wanted, STR_ARG(got));
}

Test(want, changes_what_is_shared_where_all_agree) {
    plans_shared("x:\n  a: &s [y]\n", "a: [z]\n", WANT_PLANNED, "x:\n  a: &s [y, z]\n");
    plans_shared("d: &d [y]\nx:\n  a: *d\n", "a: [z]\n", WANT_PLANNED, "d: &d [y, z]\nx:\n  a: *d\n");
    plans_shared("d: &d {a: [y]}\nx:\n  <<: *d\n", "a: [z]\n", WANT_PLANNED, "d: &d {a: [y, z]}\nx:\n  <<: *d\n");
    plans_shared("d: &d false\nx:\n  a: *d\n", "a: true\n", WANT_CONTRADICTED, "d: &d true\nx:\n  a: *d\n");
    plans_shared("d: &d {a: }\nx:\n  <<: *d\n", "a: 1\n", WANT_PLANNED, "d: &d {a: }\nx:\n  <<: *d\n  a: 1\n");
    plans_shared("d: &d {b: [y]}\nx:\n  <<: *d\n", "b: [z]\n", WANT_PLANNED,
                 "d: &d {b: [y]}\nx:\n  <<: *d\n  b:\n    - y\n    - z\n");
    plans_shared("x:\n  b: &s [y]\n", "b: [z]\n", WANT_REFUSED, "x:\n  b: &s [y]\n");
}

Test(want, edits_behind_tags_that_keep_the_meaning) {
    plans("a: !override [y]\n", "a: [z]\n", WANT_PLANNED, "a: !override [y, z]\n");
    plans("a: !override\n  - y\n", "a: [z]\n", WANT_PLANNED, "a: !override\n  - y\n  - z\n");
    plans("a: !override {b: 1}\n", "a: {c: 1}\n", WANT_PLANNED, "a: !override {b: 1, c: 1}\n");
    plans("a: !override false\n", "a: true\n", WANT_CONTRADICTED, "a: !override true\n");
    plans("a: !!seq [y]\n", "a: [z]\n", WANT_PLANNED, "a: !!seq [y, z]\n");
    plans("a: !!seq []\n", "a: [z]\n", WANT_PLANNED, "a: !!seq [z]\n");
    plans("a: [!!str y]\n", "a: [y, z]\n", WANT_PLANNED, "a: [!!str y, z]\n");
    plans("a: !!str 0\n", "a: '1'\n", WANT_CONTRADICTED, "a: !!str \"1\"\n");
    plans("a: !!int 0\n", "a: 1\n", WANT_CONTRADICTED, "a: !!int 1\n");
    is_refused("a: !!int 0\n", "a: '1:1'\n");
    is_refused("a: !!str 0\n", "a: 1\n");
}

Test(want, extends_lists_with_gaps) {
    plans("a: [ # none yet\n  ]\n", "a: [z]\n", WANT_PLANNED, "a: [ # none yet\n  z\n  ]\n");
    plans("a: {\n  # c\n}\n", "a: {b: 1}\n", WANT_PLANNED, "a: {\n  b: 1\n  # c\n}\n");
    plans("a:\n  -\n  - y # c\n  - ~\n", "a: [z]\n", WANT_PLANNED, "a:\n  -\n  - y # c\n  - ~\n  - z\n");
    plans("a:\n  - y\n  - # c\n", "a: [z]\n", WANT_PLANNED, "a:\n  - y\n  - # c\n  - z\n");
    plans("s: &s y\nx:\n  a:\n    - *s\n", "a: [y, z]\n", WANT_PLANNED, "s: &s y\nx:\n  a:\n    - *s\n    - z\n");
}

Test(want, makes_lists_of_single_values) {
    is_met("a: x\n", "a: [x]\n");
    plans("a: y\nb: 1\n", "a: [x]\n", WANT_PLANNED, "a:\n  - y\n  - x\nb: 1\n");
    plans("a: y # c\n", "a: [x]\n", WANT_PLANNED, "a: # c\n  - y\n  - x\n");
    plans("a: '/run:size=1m'\nb:\n- 1\n", "a: [x]\n", WANT_PLANNED, "a:\n- '/run:size=1m'\n- x\nb:\n- 1\n");
    plans("{a: y, b: 1}\n", "a: [x]\n", WANT_PLANNED, "{a: [y, x], b: 1}\n");
    plans("{\"a\": \"y\"}", "a: [x]\n", WANT_PLANNED, "{\"a\": [\"y\", \"x\"]}");
    is_refused("a: &y y\nb: *y\n", "a: [x]\n");
}

Test(want, refuses_other_kinds_and_tags) {
    is_refused("a: [x]\n", "a: 1\n");
    is_refused("a: {b: 1}\n", "a: [x]\n");
    is_refused("a: text\n", "a: {b: 1}\n");
    is_refused("a: !reset text\n", "a: [x]\n");
    is_refused("a: !reset 1\n", "a: 2\n");
    is_refused("a: !\n", "a: 2\n");
    is_refused("a: !!str\n", "a: 2\n");
    is_refused("a: !reset []\n", "a: [x]\n");
    is_refused("a: !reset [x]\n", "a: [x]\n");
}

Test(want, refuses_all_or_nothing) {
    is_refused("b: [x]\n", "a: 1\nb: 2\n");
    is_refused("c: false\nb: [x]\n", "c: true\nb: 2\nd: 3\n");
    is_refused("a: {b: [x]}\n", "a: {c: 1, b: 2}\n");
}

Test(want, adds_before_a_pair) {
    ARENA(arena);
    struct yaml *yaml = parse(&arena, "a: 1\n# about b\nb: 2\n");
    struct yaml_node *root = yaml->documents.at[0].root;
    struct yaml_value value = value_of(&arena, parse(&arena, "c: 3\n")->documents.at[0].root);
    struct edits edits = {.arena = &arena};
    struct want want = want_plan(yaml, root, &value, yaml_pair(root, STR("b")), is_same, &edits);
    cr_expect_eq(want.result, WANT_PLANNED);
    struct str got = edits_apply(&arena, yaml->source->text, &edits);
    cr_expect(str_eq(got, STR("a: 1\nc: 3\n# about b\nb: 2\n")), "\"%.*s\"", STR_ARG(got));
}
