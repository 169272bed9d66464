#include "emit_parts.h"

#include "guess.h"
#include "template.h"
#include "write.h"

#include <assert.h>
#include <stdio.h>

static void seccomp_add(struct emit *emit, const struct run *run);

/* Rows by enum emit_kind. */
static const struct {
    struct str name, path;   /* of the option; of the file below an output folder */
    const char *begin, *end; /* the templates that the artifact begins and ends with; NULL: none */
    run_take *add;
    uint32_t mode;
} kinds[EMIT_KINDS] = {
    [EMIT_DOCKER_RUN] = {STR_INIT("docker-run"), STR_INIT("docker-run.sh"), "docker-run.sh", NULL, docker_run_add,
                         0755},
    [EMIT_GITHUB_WORKFLOW] = {STR_INIT("github-workflow"), STR_INIT(".github/workflows/ironhull.yml"),
                              "github-workflow.yml", "github-workflow-end.yml", workflow_add, 0644},
    [EMIT_SECCOMP] = {STR_INIT("seccomp"), STR_INIT(""), NULL, NULL, seccomp_add, 0644},
    [EMIT_SMOKE_TEST] = {STR_INIT("smoke-test"), STR_INIT("smoke-test.sh"), "smoke-test.sh", "smoke-test-end.sh",
                         smoke_test_add, 0755},
};

/* --- templates -----------------------------------------------------------------------------------------------------
 */

static const struct template_named_file *find_file(struct str path) {
    for (uint32_t i = 0; i < template_n_files; i++)
        if (str_eq(template_files[i].path, path))
            return &template_files[i];
    return NULL;
}

struct str emit_template(const char *name) {
    ARENA(scratch);
    const struct template_named_file *file = find_file(str_printf(&scratch, "emit/%s", name));
    assert(file);
    return file->text;
}

/* Profiles that compose files get lie apart from those that are only made on request. */
static const struct template_named_file *find_profile(struct str runtime) {
    ARENA(scratch);
    const struct template_named_file *file = find_file(str_printf(&scratch, "seccomp/%.*s.json", STR_ARG(runtime)));
    return file ? file : find_file(str_printf(&scratch, "seccomp_on_request/%.*s.json", STR_ARG(runtime)));
}

static void offer_profiles(struct guess *guess) {
    for (uint32_t i = 0; i < template_n_files; i++)
        if (str_ends(template_files[i].path, STR(".json")))
            guess_offer(guess, str_sub(path_name(template_files[i].path), 0,
                                       str_rfind(path_name(template_files[i].path), '.')));
}

/* --- the option ----------------------------------------------------------------------------------------------------
 */

const char *emit_read(struct arena *arena, struct str text, struct emit_request *ret) {
    uint32_t colon = str_find(text, 0, ':');
    struct guess guess = {.word = str_sub(text, 0, colon), .offers = {.arena = arena}};
    *ret = (struct emit_request){.runtime = colon < text.n ? str_sub(text, colon + 1, text.n) : STR("")};
    for (uint32_t i = EMIT_NONE + 1; i < EMIT_KINDS; i++) {
        guess_offer(&guess, kinds[i].name);
        if (str_eq(kinds[i].name, guess.word))
            ret->kind = (enum emit_kind)i;
    }
    if (!ret->kind || (colon < text.n && ret->kind != EMIT_SECCOMP))
        return str_printf(arena, "%.*s cannot be made: %.*s", STR_ARG(text), STR_ARG(guess_text(&guess))).p;
    struct guess runtimes = {.word = ret->runtime, .offers = {.arena = arena}};
    offer_profiles(&runtimes);
    if (colon < text.n && !find_profile(ret->runtime))
        return str_printf(arena, "there is no profile for %.*s: %.*s", STR_ARG(ret->runtime),
                          STR_ARG(guess_text(&runtimes)))
            .p;
    return NULL;
}

/* --- artifacts -----------------------------------------------------------------------------------------------------
 */

static void seccomp_add(struct emit *emit, const struct run *run) {
    if (find_profile(run->runtime) && !str_is_in(run->runtime, emit->runtimes.at, emit->runtimes.n))
        *vec_push(emit->arena, &emit->runtimes) = run->runtime;
}

struct emit *emit_begin(struct arena *arena, const struct emit_request *request) {
    struct emit *emit = arena_new(arena, struct emit);
    *emit = (struct emit){.arena = arena, .request = *request, .out = {.arena = arena}};
    if (kinds[request->kind].begin)
        buf_add(&emit->out, emit_template(kinds[request->kind].begin));
    if (request->runtime.n)
        *vec_push(arena, &emit->runtimes) = request->runtime;
    return emit;
}

static void add_run(struct emit *emit, const struct run *run) {
    emit->n++;
    kinds[emit->request.kind].add(emit, run);
}

void emit_project(struct emit *emit, const struct project *project) {
    if (!emit->request.runtime.n)
        runs_each(emit, project, add_run);
}

static bool put(struct str directory, struct str path, struct str text, uint32_t mode, struct diags *diags) {
    if (directory.p)
        return write_below(directory, path, text, mode, diags);
    fwrite(text.p, 1, text.n, stdout);
    return true;
}

static bool put_profiles(struct emit *emit, struct str directory, struct diags *diags) {
    bool is_done = true;
    if (emit->runtimes.n == 0)
        diag_file(diags, (struct str){NULL, 0},
                  "there is no container of a runtime that has a seccomp profile; --emit=seccomp:RUNTIME names one");
    if (emit->runtimes.n > 1 && !directory.p) {
        diag_file(diags, (struct str){NULL, 0},
                  "there are containers of several runtimes: name one, --emit=seccomp:%.*s, or a folder, -o DIR",
                  STR_ARG(emit->runtimes.at[0]));
        return false;
    }
    for (uint32_t i = 0; i < emit->runtimes.n; i++)
        is_done &= put(directory, str_printf(emit->arena, "%.*s-seccomp.json", STR_ARG(emit->runtimes.at[i])),
                       find_profile(emit->runtimes.at[i])->text, kinds[EMIT_SECCOMP].mode, diags);
    return is_done && emit->runtimes.n;
}

bool emit_end(struct emit *emit, struct str directory, struct diags *diags) {
    enum emit_kind kind = emit->request.kind;
    if (kind == EMIT_SECCOMP)
        return put_profiles(emit, directory, diags);
    if (emit->n == 0) {
        diag_file(diags, (struct str){NULL, 0}, "there is no Dockerfile and no compose service to make %.*s of",
                  STR_ARG(kinds[kind].name));
        return false;
    }
    if (kinds[kind].end)
        buf_add(&emit->out, emit_template(kinds[kind].end));
    return put(directory, kinds[kind].path, buf_str(&emit->out), kinds[kind].mode, diags);
}
