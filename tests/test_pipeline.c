/* The program among others, from standard input to standard output: after helm template and kubectl get, as a
 * post-renderer, as a KRM function. Each folder of pipeline/ has what it is given (in), what it gives (out) and says
 * (err), beside one Dockerfile for all. */
#include "process.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void enter(void) {
    ARENA(arena);
    folder_enter();
    file_put("Dockerfile", file_get(&arena, source_path(&arena, "tests/pipeline/Dockerfile")));
}

TestSuite(pipeline, .init = enter, .fini = folder_leave);

static struct str part(struct arena *arena, const char *name, const char *file) {
    return file_get(arena, source_path(arena, str_printf(arena, "tests/pipeline/%s/%s", name, file).p));
}

/* A second run over what came out changes nothing. */
static void gives(const char *name, int code, const char *const *arguments) {
    ARENA(arena);
    struct str out = part(&arena, name, "out"), err = part(&arena, name, "err");
    struct result result = process_run(&arena, &(struct setting){.input = part(&arena, name, "in")}, arguments);
    cr_expect_eq(result.code, code, "%s: %d", name, result.code);
    cr_expect(str_eq(result.out, out), "%s/out differs:\n%.*s", name, STR_ARG(result.out));
    cr_expect(str_eq(result.err, err), "%s/err differs:\n%.*s", name, STR_ARG(result.err));
    result = process_run(&arena, &(struct setting){.input = out}, arguments);
    cr_expect_eq(result.code, code, "%s: %d", name, result.code);
    cr_expect(str_eq(result.out, out), "%s: a second run gives:\n%.*s", name, STR_ARG(result.out));
}

/* With a dash, and without an argument, which is how Helm, kustomize and kpt start it. */
static void filters(const char *name, int code) {
    gives(name, code, ARGUMENTS("-"));
    gives(name, code, (const char *const[]){"ironhull", NULL});
}

Test(pipeline, hardens_what_helm_renders) {
    filters("helm", 0);
}

Test(pipeline, hardens_what_kubectl_prints) {
    filters("kubectl-list", 0);
    filters("kubectl-json", 0);
}

Test(pipeline, passes_on_what_has_no_pods) {
    ARENA(arena);
    filters("only-configmap", 0);
    filters("function-without-pods", 0);
    static const char *const texts[] = {"\n", "---\n", "---\r\n# Source: shop/templates/hpa.yaml\r\n---\r\n...\r\n",
                                        "# nothing\n   "};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct result result = process_run(&arena, &(struct setting){.input = str_of(texts[i])}, ARGUMENTS("-"));
        cr_expect_eq(result.code, 0);
        cr_expect(str_eq(result.out, str_of(texts[i])), "\"%.*s\"", STR_ARG(result.out));
        cr_expect_eq(result.err.n, 0, "%.*s", STR_ARG(result.err));
    }
}

Test(pipeline, is_a_function) {
    filters("function", 0);
    filters("function-json", 0);
    filters("function-options", 0);
    filters("function-results", 0);
}

Test(pipeline, is_a_function_that_fails) {
    filters("function-check", 1);
    filters("function-unknown-option", 2);
}

Test(pipeline, takes_options_without_a_path) {
    ARENA(arena);
    static const char pod[] = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: app\n"
                              "      securityContext:\n        readOnlyRootFilesystem: false\n";
    struct setting setting = {.input = str_of(pod)};
    struct result plain = process_run(&arena, &setting, (const char *const[]){"ironhull", NULL});
    struct result unsafe = process_run(&arena, &setting, ARGUMENTS("--unsafe-fixes"));
    cr_expect(str_contains(plain.out, STR("readOnlyRootFilesystem: false\n")));
    cr_expect(str_contains(unsafe.out, STR("readOnlyRootFilesystem: true\n")), "%.*s", STR_ARG(unsafe.out));
    struct result check = process_run(&arena, &setting, ARGUMENTS("--check"));
    cr_expect_eq(check.code, 1);
    cr_expect(str_contains(check.err, STR("; 1 more with --unsafe-fixes\n")), "%.*s", STR_ARG(check.err));
    struct result named = process_run(&arena, &setting, ARGUMENTS("--stdin-filename=pod.yaml"));
    cr_expect(str_eq(named.out, plain.out));
    cr_expect(str_starts(named.err, STR("pod.yaml:8:33: unsafe: ")), "%.*s", STR_ARG(named.err));
    cr_expect_eq(process_run(&arena, &setting, ARGUMENTS("-w")).code, 2, "a filter writes no file");
    file_put("pod.yaml", str_of(pod));
    cr_expect_neq(system("printf '' | \"$IRONHULL\" --check 2>err"), 0, "nothing was checked");
    cr_expect_eq(system("cat pod.yaml | \"$IRONHULL\" 2>err >out"), 0);
    cr_expect(str_eq(file_get(&arena, "out"), plain.out));
}

Test(pipeline, needs_input) {
    ARENA(arena);
    static const char *const inputs[] = {"/dev/null", "/dev/zero", "."};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct setting setting = {.in = inputs[i]};
        struct result result = process_run(&arena, &setting, (const char *const[]){"ironhull", NULL});
        cr_expect_eq(result.code, 2, "%s: %d", inputs[i], result.code);
        cr_expect(str_eq(result.err, STR("ironhull: no file or folder is named; see ironhull --help\n")), "%.*s",
                  STR_ARG(result.err));
    }
}
