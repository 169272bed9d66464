/* Walks golden/: every case is a folder with in/ (files as a user has them), out/ (the same, hardened) and report (what
 * is said about them). The program's core runs on in/, with the options that a file `options` holds, a line each, and
 * must give out/ and report to the byte; run on out/ it must change nothing. $IRONHULL_GOLDEN
 * names another folder. */
#include "cases.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct golden_case {
    char path[480];
};

/* What is said about a run. */
static struct str report_of(struct run *run) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    report_findings(out, &run->project, true);
    report_pods(out, &run->project);
    report_diags(out, &run->diags);
    fclose(out);
    struct str report = str_dup(&run->arena, (struct str){text, (uint32_t)n});
    free(text);
    return report;
}

struct comparison {
    struct run *run;
    const char *folder; /* out/ */
    const char *in;
};

/* A file of out/ is what the run made of it, or the unchanged one of in/. */
static void compare_file(void *context, const char *path) {
    struct comparison *comparison = context;
    struct arena *arena = &comparison->run->arena;
    const struct document *document = project_find(&comparison->run->project, str_of(path));
    struct str expected = file_text(arena, comparison->folder, path);
    struct str actual = document ? document->after : file_text(arena, comparison->in, path);
    cr_expect(actual.p && str_eq(actual, expected), "%s/%s differs; the program gives:\n%.*s", comparison->folder, path,
              STR_ARG(actual));
}

/* Whatever the run changed or made is in out/. */
static void check_complete(struct run *run, const char *out) {
    for (uint32_t i = 0; i < run->project.documents.n; i++) {
        const struct document *document = run->project.documents.at[i];
        if (document->after.n)
            cr_expect(file_text(&run->arena, out, document->path.p).p, "%s/%s is missing", out, document->path.p);
    }
}

static void count_case(void *context, const char *path) {
    uint32_t n = (uint32_t)strlen(path);
    *(size_t *)context += n > 7 && strcmp(path + n - 7, "/report") == 0;
}

static void add_case(void *context, const char *path) {
    struct golden_case **next = context;
    uint32_t n = (uint32_t)strlen(path);
    if (n > 7 && strcmp(path + n - 7, "/report") == 0)
        snprintf((*next)++->path, sizeof(*next)->path, "%s/%.*s", golden_folder(), (int)n - 7, path);
}

ParameterizedTestParameters(golden, cases) {
    size_t n = 0;
    each_file(golden_folder(), count_case, &n);
    struct golden_case *cases = cr_calloc(n, sizeof *cases), *next = cases;
    each_file(golden_folder(), add_case, &next);
    return cr_make_param_array(struct golden_case, cases, n);
}

ParameterizedTest(struct golden_case *golden_case, golden, cases) {
    struct run first = {0}, second = {0};
    char in[512], out[512];
    snprintf(in, sizeof in, "%s/in", golden_case->path);
    snprintf(out, sizeof out, "%s/out", golden_case->path);
    struct options options = options_of(&first.arena, file_text(&first.arena, golden_case->path, "options"));
    run_in(&first, in, &options, NULL);
    struct comparison comparison = {&first, out, in};
    each_file(out, compare_file, &comparison);
    check_complete(&first, out);
    struct str report = file_text(&first.arena, golden_case->path, "report"), said = report_of(&first);
    cr_expect(str_eq(said, report), "%s/report differs; the program says:\n%.*s", golden_case->path, STR_ARG(said));
    run_in(&second, out, &options, NULL);
    struct totals totals = {0};
    totals_add(&totals, &second.project, FAIL_ON_SAFE);
    cr_expect_eq(totals.fixes, 0, "%s: a second run changes:\n%.*s", golden_case->path, STR_ARG(report_of(&second)));
    arena_release(&first.arena);
    arena_release(&second.arena);
}

/* What a name in the table of README.md stands for: a folder of its own, …/x beside the one before, or a case of
 * non-root-user. {NULL, 0} for what only shows how names begin. */
static struct str named_case(struct arena *arena, struct str name, struct str *base) {
    static const struct str beside = STR_INIT("\xe2\x80\xa6/"), more = STR_INIT("\xe2\x80\xa6");
    if (str_ends(name, more))
        return (struct str){NULL, 0};
    if (str_starts(name, beside))
        return str_printf(arena, "%.*s/%.*s", STR_ARG(*base), STR_ARG(str_sub(name, beside.n, name.n)));
    if (str_find(name, 0, '/') == name.n)
        return str_printf(arena, "dockerfile/non-root-user/%.*s", STR_ARG(name));
    *base = path_folder(name);
    return name;
}

Test(golden, cases_that_the_table_names_are_there) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct str rest, line;
    uint32_t n = 0;
    cr_assert(source_read(&arena, str_printf(&arena, "%s/README.md", golden_folder()), &rest, &diags));
    while (str_cut(&rest, '\n', &line)) {
        uint32_t column = str_find(line, 1, '|');
        struct str cases = str_starts(line, STR("| ")) ? str_sub(line, column, line.n) : STR(""), part;
        struct str base = STR("dockerfile/non-root-user");
        for (bool is_name = false; str_cut(&cases, '`', &part); is_name = !is_name) {
            struct str path = is_name ? named_case(&arena, part, &base) : (struct str){NULL, 0};
            char *folder =
                path.p ? str_c(&arena, str_printf(&arena, "%s/%.*s/in", golden_folder(), STR_ARG(path))) : NULL;
            cr_expect(!folder || access(folder, F_OK) == 0, "%s", folder);
            n += folder != NULL;
        }
    }
    cr_expect_gt(n, 50);
}
