/* Artifacts: each folder of emit/ has the files of a project (in) and what is made of them, without what every such
 * artifact begins with (templates/emit). What a shell makes of it is seen by a docker that prints what it is given. */
#include "process.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
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

/* In double quotes, as YAML and compose read it. */
static void add_quoted(struct buf *out, struct str text) {
    buf_byte(out, '"');
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < ' ' || c == 0x7f || c == '"' || c == '\\')
            buf_printf(out, "\\x%02x", c);
        else
            buf_printf(out, "%s%c", c == '$' ? "$" : "", c);
    }
    buf_byte(out, '"');
}

#define IN_VALUES(text)                                                                                                \
    { STR_INIT(text), true }
#define LEFT(text)                                                                                                     \
    { STR_INIT(text), false }

static const struct {
    struct str text;
    bool is_said; /* else it is left out, whole */
} hostile[] = {
    IN_VALUES("${{ github.token }}"),
    IN_VALUES("$(touch owned)"),
    IN_VALUES("`touch owned`"),
    IN_VALUES("\"; touch owned; \""),
    IN_VALUES("'; touch owned; '"),
    IN_VALUES("a\n touch owned\n"),
    IN_VALUES("x\nEOF\n      - run: touch owned"),
    IN_VALUES("a\\\n"),
    IN_VALUES("-rm --privileged"),
    IN_VALUES("%s%n%d"),
    IN_VALUES("]]>"),
    IN_VALUES("{{ .Values.x }}"),
    IN_VALUES("\\"),
    IN_VALUES("\t a \t"),
    IN_VALUES("# x"),
    IN_VALUES("*?[a-z]~"),
    IN_VALUES("> owned"),
    IN_VALUES("::error::x"),
    IN_VALUES("$$ $X ${X} ${X:-y}"),
    IN_VALUES("a\xe2\x80\xa8"
              "b\xe2\x80\xa9"),
    IN_VALUES("a\xc2\x85"
              "b"),
    IN_VALUES("\xf0\x9f\x98\x80"),
    LEFT("a\0b"),
    LEFT("a\rb"),
    LEFT("\x1b[31m"),
    LEFT("\x7f"),
};
enum { N_HOSTILE = sizeof hostile / sizeof *hostile };

/* Without line breaks: libyaml folds those that are not ASCII, and no escape for bytes beyond it is tried here. */
static struct str escaped(struct arena *arena, struct str text) {
    struct buf out = {.arena = arena};
    add_quoted(&out, text);
    struct str quoted = buf_str(&out);
    static const char *const breaks[][2] = {
        {"\xc2\x85", "\\u0085"}, {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}};
    for (int i = 0; i < 3; i++) {
        const char *at = memmem(quoted.p, quoted.n, breaks[i][0], strlen(breaks[i][0]));
        if (at)
            quoted =
                str_printf(arena, "%.*s%s%s", (int)(at - quoted.p), quoted.p, breaks[i][1], at + strlen(breaks[i][0]));
    }
    return quoted;
}

/* Runs a script with a docker that prints its words, each in a line of its own between < and >. */
static struct str run_script(struct arena *arena, const char *path) {
    file_put("bin/docker", STR("#!/bin/sh\nprintf '<%s>\\n' \"$@\" >>words\n"));
    cr_assert_eq(chmod("bin/docker", 0755), 0);
    file_put("words", STR(""));
    cr_expect_neq(system(str_printf(arena, "PATH=$PWD/bin:$PATH X=no STEADY=0 READY=0 sh ./%s >out 2>&1", path).p), -1);
    cr_expect_neq(access("owned", F_OK), 0, "%s: a name or value was run", path);
    struct str words = file_get(arena, "words");
    cr_expect(words.n, "%s runs nothing:\n%.*s", path, STR_ARG(file_get(arena, "out")));
    return words;
}

/* What GitHub would replace is only what the templates have. */
static void replaces_nothing(struct str workflow) {
    for (struct str rest = workflow, line; str_cut(&rest, '\n', &line);) {
        static const struct str own[] = {STR_INIT("${{ github.ref }}"), STR_INIT("${{ vars."),
                                         STR_INIT("${{ !cancelled() ")};
        bool is_own = !str_contains(line, STR("${{")) || str_starts(str_trim(line), STR("#"));
        for (int i = 0; i < 3; i++)
            is_own |= str_contains(line, own[i]);
        cr_expect(is_own, "%.*s", STR_ARG(line));
    }
}

/* The commands of a workflow that build images, as a script. */
static void put_builds(struct arena *arena, struct str workflow) {
    struct buf out = {.arena = arena};
    for (struct str rest = workflow, line; str_cut(&rest, '\n', &line);)
        if (str_starts(line, STR("          docker build ")))
            buf_printf(&out, "%.*s\n", STR_ARG(line));
    file_put("builds.sh", buf_str(&out));
}

static void has_value(struct str words, const char *before, uint32_t i, const char *where) {
    ARENA(arena);
    struct buf want = {.arena = &arena};
    buf_printf(&want, "<%s", before);
    buf_add(&want, hostile[i].text);
    buf_add(&want, STR(">\n"));
    bool has = memmem(words.p, words.n, want.p, want.n);
    cr_expect_eq(has, hostile[i].is_said, "%s: %.*s is %sin\n%.*s", where, (int)want.n, want.p, has ? "" : "not ",
                 STR_ARG(words));
}

Test(emit, hostile_values_are_said_or_left_out) {
    ARENA(arena);
    struct buf text = {.arena = &arena};
    const char *huge = repeated(&arena, "x", 200000).p; /* more than a program can be given in one word */
    buf_add(&text, STR("services:\n"));
    for (uint32_t i = 0; i < N_HOSTILE; i++) {
        const char *value = escaped(&arena, hostile[i].text).p;
        buf_printf(&text,
                   "  s%u:\n    image: redis:8\n    hostname: %s\n    environment: {E%u: %s, HUGE: %s}\n"
                   "    labels: {l%u: %s}\n    volumes: [{type: bind, source: /a, target: %s}]\n"
                   "    command: [redis-server, %s]\n",
                   i, value, i, value, huge, i, value, value, value);
    }
    file_put("compose.yaml", buf_str(&text));
    static const char *const kinds[] = {"docker-run", "smoke-test"};
    for (int kind = 0; kind < 2; kind++) {
        struct result result = RUN(&arena, str_printf(&arena, "--emit=%s", kinds[kind]).p, ".");
        cr_assert_eq(result.code, 0, "%.*s", STR_ARG(result.err));
        file_put("run.sh", result.out);
        struct str words = run_script(&arena, "run.sh");
        for (uint32_t i = 0; i < N_HOSTILE; i++) {
            has_value(words, str_printf(&arena, "--env=E%u=", i).p, i, kinds[kind]);
            has_value(words, "--hostname=", i, kinds[kind]);
            has_value(words, "", i, kinds[kind]);
            if (kind == 0)
                has_value(words, str_printf(&arena, "--label=l%u=", i).p, i, kinds[kind]);
            if (str_find(hostile[i].text, 0, ':') == hostile[i].text.n)
                has_value(words, "--volume=/a:", i, kinds[kind]);
        }
        cr_expect(!memmem(words.p, words.n, "--env=HUGE", 10));
    }
    replaces_nothing(RUN(&arena, "--emit=github-workflow", ".").out);
}

/* Names of folders, of Dockerfiles in them, and values that a build takes. */
Test(emit, hostile_names_are_said_or_left_out) {
    ARENA(arena);
    uint32_t n_said = 0;
    for (uint32_t i = 0; i < N_HOSTILE; i++) {
        struct str name = hostile[i].text;
        if (str_find(name, 0, '\0') < name.n || str_find(name, 0, '/') < name.n)
            continue;
        file_put(str_printf(&arena, "all/%.*s/Dockerfile", STR_ARG(name)).p, STR("FROM redis:8\n"));
        file_put(str_printf(&arena, "all/%.*s.Dockerfile", STR_ARG(name)).p, STR("FROM redis:8\n"));
        file_put(str_printf(&arena, "all/c%u.compose.yaml", i).p,
                 str_printf(&arena, "services:\n  %s:\n    build: {context: ., args: {A%u: %s}, target: %s}\n",
                            escaped(&arena, name).p, i, escaped(&arena, name).p, escaped(&arena, name).p));
    }
    file_put("all/Dockerfile", STR("FROM redis:8\n"));
    struct result result = RUN(&arena, "--emit=docker-run", "all");
    cr_assert_eq(result.code, 0, "%.*s", STR_ARG(result.err));
    file_put("run.sh", result.out);
    run_script(&arena, "run.sh");
    file_put("run.sh", RUN(&arena, "--emit=smoke-test", "all").out);
    run_script(&arena, "run.sh");
    struct str workflow = RUN(&arena, "--emit=github-workflow", "all").out;
    replaces_nothing(workflow);
    put_builds(&arena, workflow);
    struct str words = run_script(&arena, "builds.sh");
    for (struct str rest = words, line; str_cut(&rest, '\n', &line);) {
        if (!str_starts(line, STR("<--file=")))
            continue;
        const char *path = str_sub(line, 8, line.n - 1).p;
        cr_expect_eq(access(str_c(&arena, str_sub(line, 8, line.n - 1)), F_OK), 0, "there is no %s", path);
        n_said++;
    }
    cr_expect_gt(n_said, N_HOSTILE, "%u", n_said);
    has(words, "--build-arg=A2=`touch owned`");
    has(words, "--file=all/${{ github.token }}.Dockerfile");
    has(words, "--file=all/%s%n%d.Dockerfile");
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
