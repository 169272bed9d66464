#include "template.h"

#include "rule.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <criterion/criterion.h>
#include <jansson.h>
#include <pcre2.h>
#include <signal.h>

static const struct template_variable list[] = {
    {"user", STR_INIT("node")}, {"uid", STR_INIT("1000")}, {"empty", STR_INIT("")}, {"odd", STR_INIT("${user}$")}};
static const struct template_variables variables = {list, sizeof list / sizeof *list};

Test(template, fills_names_and_nothing_else) {
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"${user}", "node"},
        {"${user}:${uid}", "node:1000"},
        {"${user}${uid}", "node1000"},
        {"a${empty}b", "ab"},
        {"${odd}", "${user}$"},
        {"$user $", "$user $"},
        {"$${user}", "$node"},
        {"${user", "${user"},
        {"a}b{c", "a}b{c"},
        {"$(id -u) $1", "$(id -u) $1"},
        {"${user}\n  ${uid}\n", "node\n  1000\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        struct str got = template_fill(&arena, str_of(rows[i].text), variables);
        cr_expect(str_eq(got, str_of(rows[i].want)), "%s gives \"%.*s\"", rows[i].text, STR_ARG(got));
    }
}

#ifndef NDEBUG
Test(template, has_no_place_for_unknown_names, .signal = SIGABRT) {
    ARENA(arena);
    template_fill(&arena, STR("${nobody}"), variables);
}

Test(template, has_no_place_for_unknown_values, .signal = SIGABRT) {
    template_value("compose/nothing");
}
#endif

Test(template, fills_values_at_every_depth) {
    ARENA(arena);
    static const struct yaml_value items[] = {{YAML_SCALAR, {NULL, 0}, STR_INIT("${uid}"), true, NULL, 0, YAML_PLAIN}};
    static const struct yaml_value pairs[] = {
        {YAML_SCALAR, STR_INIT("${user}"), STR_INIT("is ${user}"), false, NULL, 0, YAML_PLAIN},
        {YAML_SEQUENCE, STR_INIT("ids"), {NULL, 0}, false, items, 1, YAML_PLAIN},
    };
    static const struct yaml_value value = {YAML_MAPPING, {NULL, 0}, {NULL, 0}, false, pairs, 2, YAML_PLAIN};
    const struct yaml_value *filled = template_fill_value(&arena, &value, variables);
    cr_assert_eq(filled->n, 2);
    cr_expect(str_eq(filled->children[0].key, STR("${user}")), "keys stay");
    cr_expect(str_eq(filled->children[0].text, STR("is node")));
    cr_expect(str_eq(filled->children[1].children[0].text, STR("1000")));
    cr_expect(filled->children[1].children[0].is_quoted);
    cr_expect(str_eq(items[0].text, STR("${uid}")), "the template stays");
}

Test(template, finds_every_value) {
    cr_assert_gt(template_n_values, 0);
    for (uint32_t i = 0; i < template_n_values; i++) {
        struct str path = template_values[i].path;
        cr_expect_eq(template_value(path.p), &template_values[i].value, "%s", path.p);
        cr_expect_eq(template_values[i].value.kind, YAML_MAPPING, "%s", path.p);
        if (i)
            cr_expect_lt(str_cmp(template_values[i - 1].path, path), 0, "%s", path.p);
    }
}

static bool is_rule(struct str id) {
    for (uint32_t i = 0; i < rules_n; i++)
        if (str_eq(rules[i].id, id))
            return true;
    return false;
}

Test(template, has_values_of_known_rules_only) {
    for (uint32_t i = 0; i < template_n_values; i++) {
        struct str rest = template_values[i].path, format, rule;
        cr_assert(str_cut(&rest, '/', &format) && str_cut(&rest, '/', &rule));
        cr_expect(str_eq(format, STR("compose")) || str_eq(format, STR("kubernetes")), "%.*s", STR_ARG(format));
        cr_expect(is_rule(rule) || str_eq(rule, STR("krm")), "%.*s", STR_ARG(rule));
    }
}

Test(template, has_files_in_order) {
    cr_assert_gt(template_n_files, 0);
    for (uint32_t i = 0; i < template_n_files; i++) {
        struct str text = template_files[i].text;
        cr_expect(text.n > 0 && text.p[text.n - 1] == '\n', "%s", template_files[i].path.p);
        if (i)
            cr_expect_lt(str_cmp(template_files[i - 1].path, template_files[i].path), 0);
    }
}

Test(template, has_seccomp_profiles_that_deny_by_default) {
    for (uint32_t i = 0; i < template_n_files; i++) {
        struct str path = template_files[i].path, text = template_files[i].text;
        if (!str_starts(path, STR("seccomp/")))
            continue;
        json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
        cr_assert(root, "%s is no JSON", path.p);
        const char *action = json_string_value(json_object_get(root, "defaultAction"));
        cr_expect(action && str_eq(str_of(action), STR("SCMP_ACT_ERRNO")), "%s", path.p);
        cr_expect_gt(json_array_size(json_object_get(root, "syscalls")), 0, "%s", path.p);
        json_decref(root);
    }
}

Test(template, knows_names_by_their_last_component) {
    static const struct {
        enum name_list list;
        const char *word;
        bool is_known;
    } rows[] = {
        {NAMES_INIT, "tini", true},
        {NAMES_INIT, "/usr/bin/tini", true},
        {NAMES_INIT, "/sbin/tini-static", true},
        {NAMES_INIT, "tin", false},
        {NAMES_INIT, "tini/", false},
        {NAMES_INIT, "tini/x", false},
        {NAMES_INIT, "", false},
        {NAMES_DROPS_PRIVILEGES, "gosu", true},
        {NAMES_DROPS_PRIVILEGES, "node", false},
        {NAMES_NEEDS_ROOT, "/usr/sbin/nginx", true},
        {NAMES_NEEDS_ROOT, "Nginx", false},
        {NAMES_NOT_IN_SCRIPT, "chown", true},
        {NAMES_NEEDS_NOTHING, "node", true},
        {NAMES_BUILDS, "dotnet run", true},
        {NAMES_BUILDS, "dotnet", false},
        {NAMES_WRITABLE, "/app/data", true},
        {NAMES_WRITABLE, "/app/database", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(template_has_name(rows[i].list, str_of(rows[i].word)), rows[i].is_known, "%s", rows[i].word);
}

Test(template, has_sorted_lists_of_names) {
    for (int i = NAMES_INIT; i <= NAMES_WRITABLE; i++) {
        cr_expect_gt(template_names[i].n, 0);
        for (uint32_t j = 0; j < template_names[i].n; j++) {
            struct str name = template_names[i].list[j];
            cr_expect(template_has_name(i, name), "%.*s", STR_ARG(name));
            if (j)
                cr_expect_lt(str_cmp(template_names[i].list[j - 1], name), 0, "%.*s", STR_ARG(name));
        }
    }
}

static void expect_pattern(struct str pattern, struct str manager) {
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, 0, &error, &offset, NULL);
    cr_expect(code, "%.*s: %.*s", STR_ARG(manager), STR_ARG(pattern));
    pcre2_code_free(code);
}

Test(template, has_complete_ecosystems) {
    cr_assert_gt(template_n_ecosystems, 0);
    for (uint32_t i = 0; i < template_n_ecosystems; i++) {
        const struct ecosystem *row = &template_ecosystems[i];
        const struct str whole[] = {row->tools, row->harmless, row->install, row->build, row->is_static};
        const struct str parts[] = {row->program, row->output, row->hindrance, row->libraries};
        bool installs = row->install.n && row->installs.n;
        bool compiles =
            row->build.n && row->program.n && row->takes.n && (row->outputs.n || row->output.n) && row->n_runtimes;
        cr_expect(row->manager.n && row->programs.n && installs != compiles, "%.*s", STR_ARG(row->manager));
        for (size_t j = 0; j < sizeof whole / sizeof *whole; j++) {
            cr_expect(whole[j].n == 0 || (str_starts(whole[j], STR("^")) && str_ends(whole[j], STR("$"))), "%.*s",
                      STR_ARG(whole[j]));
            expect_pattern(whole[j], row->manager);
        }
        for (size_t j = 0; j < sizeof parts / sizeof *parts; j++)
            expect_pattern(parts[j], row->manager);
        for (uint32_t j = 0; j < row->n_runtimes; j++) {
            cr_expect(row->runtimes[j].image.n, "%.*s", STR_ARG(row->manager));
            expect_pattern(row->runtimes[j].from, row->manager);
        }
    }
}
