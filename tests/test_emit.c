/* Artifacts: each folder of emit/ has the files of a project (in) and what is made of them, without what every such
 * artifact begins with (templates/emit). What a shell makes of it is seen by a docker that prints what it is given. */
#include "process.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(emit, .init = folder_enter, .fini = folder_leave);

static const char *const names[] = {"dockerfiles", "hostile", "override", "rare", "services"};
enum { N_NAMES = sizeof names / sizeof *names };

static void enter(struct arena *arena, const char *name) {
    folder_copy(source_path(arena, str_printf(arena, "tests/emit/%s/in", name).p), name);
    cr_assert_eq(chdir(name), 0);
}

static void leave(void) {
    cr_assert_eq(chdir(".."), 0);
}

static struct str wanted(struct arena *arena, const char *name, const char *kind, const char *begin) {
    struct str head = file_get(arena, source_path(arena, str_printf(arena, "templates/emit/%s", begin).p));
    struct str rest = file_get(arena, source_path(arena, str_printf(arena, "tests/emit/%s/%s", name, kind).p));
    return str_printf(arena, "%.*s%.*s", STR_ARG(head), STR_ARG(rest));
}

/* The same below a folder and on standard output, now and when it is made again, of the plain files and of hardened
 * ones. */
static void gives(const char *kind, const char *begin, const char *path, mode_t mode) {
    ARENA(arena);
    const char *option = str_printf(&arena, "--emit=%s", kind).p;
    for (uint32_t i = 0; i < N_NAMES; i++) {
        struct str text = wanted(&arena, names[i], kind, begin);
        enter(&arena, names[i]);
        struct str before = folder_state(&arena, ".");
        struct result result = RUN(&arena, option, ".");
        cr_expect_eq(result.code, 0, "%s: %d", names[i], result.code);
        cr_expect_eq(result.err.n, 0, "%s: %.*s", names[i], STR_ARG(result.err));
        cr_expect(str_eq(result.out, text), "%s/%s differs:\n%.*s", names[i], kind, STR_ARG(result.out));
        cr_expect(str_eq(folder_state(&arena, "."), before), "%s: a file is changed", names[i]);
        result = RUN(&arena, option, "-o", "../made", ".");
        cr_expect_eq(result.code, 0);
        cr_expect_eq(result.out.n + result.err.n, 0, "%.*s%.*s", STR_ARG(result.out), STR_ARG(result.err));
        struct stat status;
        const char *made = str_printf(&arena, "../made/%s", path).p;
        cr_expect(str_eq(file_get(&arena, made), text));
        cr_expect_eq(stat(made, &status), 0);
        cr_expect_eq(status.st_mode & 0777, mode, "%o", status.st_mode);
        leave();
    }
}

Test(emit, docker_run) {
    gives("docker-run", "docker-run.sh", "docker-run.sh", 0755);
}

Test(emit, smoke_test) {
    gives("smoke-test", "smoke-test.sh", "smoke-test.sh", 0755);
}

Test(emit, github_workflow) {
    gives("github-workflow", "github-workflow.yml", ".github/workflows/ironhull.yml", 0644);
}

Test(emit, says_the_same_of_what_is_hardened) {
    ARENA(arena);
    for (uint32_t i = 0; i < N_NAMES; i++) {
        enter(&arena, names[i]);
        struct str before = RUN(&arena, "--emit=smoke-test", ".").out;
        RUN(&arena, "-w", ".");
        cr_expect(str_eq(RUN(&arena, "--emit=smoke-test", ".").out, before), "%s", names[i]);
        leave();
    }
}

/* --- what a shell makes of it --------------------------------------------------------------------------------------
 */

/* The words that docker is given, each in a line of its own between < and >. */
static struct str words_given(struct arena *arena, const char *name) {
    enter(arena, name);
    file_put("bin/docker", STR("#!/bin/sh\nprintf '<%s>\\n' \"$@\"\n"));
    cr_assert_eq(chmod("bin/docker", 0755), 0);
    file_put("run.sh", RUN(arena, "--emit=docker-run", ".").out);
    cr_expect_eq(system("PATH=$PWD/bin:$PATH DB_PASSWORD='a b' TAG=17 sh run.sh >words 2>err"), 0, "%s: %.*s", name,
                 STR_ARG(file_get(arena, "err")));
    cr_expect_neq(access("owned", F_OK), 0, "%s: a name or value was run", name);
    struct str words = file_get(arena, "words");
    leave();
    return words;
}

static void has(struct str words, const char *word) {
    ARENA(arena);
    cr_expect(str_contains(words, str_printf(&arena, "<%s>\n", word)), "%s is not in\n%.*s", word, STR_ARG(words));
}

Test(emit, no_value_is_read_as_anything_else) {
    ARENA(arena);
    struct str words = words_given(&arena, "hostile");
    static const char *const given[] = {
        "--env=SEMICOLON=; touch owned",
        "--env=COMMAND=$(touch owned) `touch owned`",
        "--env=DOUBLE=\"; touch owned; \"",
        "--env=SINGLE='; touch owned; '",
        "--env=LINES=one\n touch owned\n#",
        "--env=BACKSLASH=\\'; touch owned #",
        "--env=GITHUB=${{ github.token }}",
        "--env=HISTORY=!!",
        "--env=GLOB=* ? [a-z] ~ {a,b}",
        "--env=DEFAULT=plain words",
        "--env=NESTED=inner",
        "--env=UMLAUT=gr\xc3\xbc\xc3\x9f"
        "e",
        "--name=a--touch-owned",
        "--name=touch-owned-",
        "$(touch owned)",
        "; touch owned",
        "redis:8; touch owned",
    };
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        has(words, given[i]);
    cr_expect(!str_contains(words, STR("<--privileged>")), "an image's name became an option");
}

Test(emit, variables_are_those_of_the_shell) {
    ARENA(arena);
    struct str words = words_given(&arena, "services");
    static const char *const given[] = {
        "--env=DB_PASSWORD=a b", "--env=POSTGRES_PASSWORD=a b",
        "postgres:17",           "registry.example.com/shop/api:dev",
        "--env=EMPTY=",          "--env=GREETING=it's $5 & more",
        "--env=FROM_OUTSIDE",    "daemon off;",
    };
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        has(words, given[i]);
}

Test(emit, prints_no_value_of_other_files) {
    ARENA(arena);
    static const char *const kinds[] = {"--emit=docker-run", "--emit=smoke-test", "--emit=github-workflow"};
    enter(&arena, "services");
    for (uint32_t i = 0; i < 3; i++) {
        struct str out = RUN(&arena, kinds[i], ".").out;
        cr_expect(out.n && !str_contains(out, STR("from-the-env-file")), "a value of .env is printed");
    }
    leave();
}

/* --- profiles, and what cannot be made -----------------------------------------------------------------------------
 */

Test(emit, seccomp) {
    ARENA(arena);
    struct str python = file_get(&arena, source_path(&arena, "templates/seccomp_on_request/python.json"));
    struct str node = file_get(&arena, source_path(&arena, "templates/seccomp/node.json"));
    cr_expect(str_eq(RUN(&arena, "--emit=seccomp:python").out, python));
    enter(&arena, "services");
    cr_expect(str_eq(RUN(&arena, "--emit=seccomp", ".").out, node));
    leave();
    enter(&arena, "dockerfiles");
    struct result result = RUN(&arena, "--emit=seccomp", ".");
    cr_expect_eq(result.code, 2);
    cr_expect_eq(result.out.n, 0);
    cr_expect(str_contains(result.err, STR("several runtimes")), "%.*s", STR_ARG(result.err));
    cr_expect_eq(RUN(&arena, "--emit=seccomp", "-o", "made", ".").code, 0);
    cr_expect(str_eq(file_get(&arena, "made/python-seccomp.json"), python));
    cr_expect(str_eq(file_get(&arena, "made/node-seccomp.json"), node));
    leave();
}

static void refuses(const char *const *arguments, const char *text) {
    ARENA(arena);
    struct result result = process_run(&arena, &(struct setting){0}, arguments);
    cr_expect_eq(result.code, 2, "%s: %d", arguments[1], result.code);
    cr_expect_eq(result.out.n, 0, "%.*s", STR_ARG(result.out));
    cr_expect(str_contains(result.err, str_of(text)), "%s is not in %.*s", text, STR_ARG(result.err));
}

Test(emit, says_what_cannot_be_made) {
    ARENA(arena);
    refuses(ARGUMENTS("--emit=smoketest", "."), "is smoke-test meant?");
    refuses(ARGUMENTS("--emit=seccomp:nod"), "is node meant?");
    refuses(ARGUMENTS("--emit=smoke-test:node", "."), "cannot be made");
    refuses(ARGUMENTS("--emit=docker-run", "-w", "."), "without --write");
    refuses(ARGUMENTS("--emit=docker-run", "--check", "."), "without --write");
    refuses(ARGUMENTS("--emit=seccomp:node", "."), "needs no files");
    file_put("pod.yaml", STR("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: a\n"));
    refuses(ARGUMENTS("--emit=docker-run", "."), "no Dockerfile and no compose service");
    refuses(ARGUMENTS("--emit=seccomp", "."), "no container of a runtime");
    file_put("compose.yaml", STR("services: [broken\n"));
    refuses(ARGUMENTS("--emit=docker-run", "."), "compose.yaml");
}
