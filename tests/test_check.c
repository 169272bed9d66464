/* What --check promises to a pipeline: its exit code, what it says, the command that mends it, and what a baseline
 * accepts; and how rules are chosen and explained. */
#include "process.h"
#include "rule.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A safe fix, and one that changes what somebody wrote. */
static const char mixed[] = "services:\n  db:\n    image: redis:7.2\n    read_only: false\n";
/* Nothing but notes. */
static const char noted[] = "services:\n  job:\n    image: registry.example.com/job:1\n    ports: ['80:80']\n";

TestSuite(check, .init = folder_enter, .fini = folder_leave);

static void has(struct str text, const char *part) {
    cr_expect(str_contains(text, str_of(part)), "no \"%s\" in:\n%.*s", part, STR_ARG(text));
}

static void has_not(struct str text, const char *part) {
    cr_expect_not(str_contains(text, str_of(part)), "\"%s\" in:\n%.*s", part, STR_ARG(text));
}

static struct result ends(struct result result, int code) {
    cr_expect_eq(result.code, code, "%d:\n%.*s%.*s", result.code, STR_ARG(result.out), STR_ARG(result.err));
    return result;
}

static uint32_t lines_of(struct str text) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

/* --- what fails ----------------------------------------------------------------------------------------------------
 */

Test(check, fails_for_what_it_is_told_to) {
    ARENA(arena);
    file_put("compose.yaml", str_of(mixed));
    struct result result = ends(RUN(&arena, "--check", "compose.yaml"), 1);
    has(result.out, ": fix: service db: ");
    has(result.out, ": unsafe: service db: its root file system can be written to");
    has(result.err, "check failed for 3 findings: 1 file can be hardened (3 fixes); 1 more with --unsafe-fixes; "
                    "ironhull -w compose.yaml writes them\n");
    ends(RUN(&arena, "-w", "compose.yaml"), 0);
    result = ends(RUN(&arena, "--check", "compose.yaml"), 0);
    has(result.out, "compose.yaml:4:16: unsafe: ");
    cr_expect(str_eq(result.err, STR("nothing to harden; 1 more with --unsafe-fixes\n")), "%.*s", STR_ARG(result.err));
    ends(RUN(&arena, "--check", "--fail-on=safe", "compose.yaml"), 0);
    result = ends(RUN(&arena, "--check", "--fail-on=unsafe", "compose.yaml"), 1);
    cr_expect(str_eq(result.err, STR("check failed for 1 finding: nothing to harden; 1 more with --unsafe-fixes; "
                                     "ironhull -w --unsafe-fixes compose.yaml writes them\n")),
              "%.*s", STR_ARG(result.err));
    ends(RUN(&arena, "--check", "--unsafe-fixes", "compose.yaml"), 1);
    ends(RUN(&arena, "-w", "--unsafe-fixes", "compose.yaml"), 0);
    result = ends(RUN(&arena, "--check", "--fail-on=any", "compose.yaml"), 0);
    cr_expect(result.out.n == 0 && result.err.n == 0, "%.*s", STR_ARG(result.err));
}

Test(check, fails_for_notes_on_request) {
    ARENA(arena);
    file_put("compose.yaml", str_of(noted));
    ends(RUN(&arena, "-w", "--unsafe-fixes", "."), 0);
    struct result result = ends(RUN(&arena, "--check", "--fail-on=unsafe", "."), 0);
    has(result.err, "nothing to harden; 2 notes for you\n");
    result = ends(RUN(&arena, "--check", "--fail-on=any", "."), 1);
    has(result.err, "check failed for 2 findings: nothing to harden; 2 notes for you\n");
}

Test(check, never_fails_for_what_a_comment_silences) {
    ARENA(arena);
    file_put("Dockerfile", STR("# ironhull: ignore=non-root-user,init-process -- for the workshop\n"
                               "FROM python:3.12-slim\nCMD [\"python\", \"a.py\"]\n"));
    struct result result = ends(RUN(&arena, "--check", "--fail-on=any", "."), 0);
    cr_expect(result.out.n == 0 && result.err.n == 0, "%.*s", STR_ARG(result.err));
}

Test(check, names_the_command_that_mends) {
    ARENA(arena);
    file_put("my apps/it's/compose.yaml", str_of(mixed));
    file_put("-odd/compose.yaml", str_of(mixed));
    struct result result = ends(RUN(&arena, "--check", "--diff", "--uid=1500", "--fail-on=unsafe",
                                    "--ignore=init-process,host-access", "my apps/it's", "--", "-odd"),
                                1);
    static const char command[] =
        "ironhull -w --unsafe-fixes --uid=1500 --ignore='init-process,host-access' -- 'my apps/it'\\''s' -odd";
    has(result.err, command);
    char *line = str_c(&arena, str_printf(&arena, "ironhull() { \"$IRONHULL\" \"$@\"; }; %s 2>/dev/null", command));
    cr_expect_eq(system(line), 0);
    ends(RUN(&arena, "--check", "--fail-on=unsafe", "--uid=1500", "--ignore=init-process,host-access", "my apps", "--",
             "-odd"),
         0);
}

Test(check, names_no_command_for_standard_input) {
    ARENA(arena);
    struct result result = ends(FILTER(&arena, str_of(mixed), "--check", "-", "--stdin-filename=compose.yaml"), 1);
    has_not(result.err, "ironhull -w");
}

/* --- --diff --------------------------------------------------------------------------------------------------------
 */

Test(check, prints_a_diff_that_applies) {
    ARENA(arena);
    file_put("compose.yaml", str_of(mixed));
    struct result plain = ends(RUN(&arena, "."), 0), alone = ends(RUN(&arena, "--diff", "."), 0);
    cr_expect(str_eq(alone.out, plain.out) && str_eq(alone.err, plain.err));
    struct result result = ends(RUN(&arena, "--check", "--diff", "."), 1);
    cr_expect(str_eq(result.out, plain.out), "%.*s", STR_ARG(result.out));
    has(result.err, "compose.yaml:2:3: fix: ");
    has(result.err, "check failed for 3 findings: ");
    result = ends(FILTER(&arena, str_of(mixed), "--diff", "-", "--stdin-filename=compose.yaml"), 0);
    cr_expect(str_eq(result.out, plain.out), "%.*s", STR_ARG(result.out));
}

/* --- baseline ------------------------------------------------------------------------------------------------------
 */

Test(check, accepts_what_a_baseline_has) {
    ARENA(arena);
    file_put("repo/.git/HEAD", STR("ref: refs/heads/main\n"));
    file_put("repo/a/compose.yaml", str_of(mixed));
    file_put("repo/b/compose.yaml", str_of(noted));
    cr_assert_eq(chdir("repo"), 0);
    struct result result = ends(RUN(&arena, "--write-baseline=base", "."), 0);
    struct str base = file_get(&arena, "base");
    uint32_t n = lines_of(base) - 1;
    cr_expect(str_eq(result.err, str_printf(&arena, "base accepts %u findings\n", n)), "%.*s", STR_ARG(result.err));
    cr_expect_eq(result.out.n, 0);
    has(base, "\tread-only-root\ta/compose.yaml\tservice db: its root file system");
    const char *summary = str_printf(&arena, "nothing to harden; %u accepted by the baseline\n", n).p;
    result = ends(RUN(&arena, "--check", "--fail-on=any", "--baseline=base", "."), 0);
    cr_expect(result.out.n == 0 && str_eq(result.err, str_of(summary)), "%.*s%.*s", STR_ARG(result.out),
              STR_ARG(result.err));
    /* the same file, however it is named, and wherever the run starts */
    char here[4096];
    cr_assert(getcwd(here, sizeof here));
    ends(RUN(&arena, "--check", "--fail-on=any", "--baseline=base", here), 0);
    ends(RUN(&arena, "--check", "--fail-on=any", "--baseline=base", "./b/../a/compose.yaml"), 0);
    cr_assert_eq(chdir("a"), 0);
    result = ends(RUN(&arena, "--check", "--fail-on=any", "--baseline=../base", "."), 0);
    has_not(result.err, "nothing any more");
    ends(RUN(&arena, "--check", "--fail-on=any", "--baseline=../base", "../b"), 0);
    /* written again it is the same */
    cr_assert_eq(chdir(".."), 0);
    ends(RUN(&arena, "--write-baseline=base", "b", "a"), 0);
    cr_expect(str_eq(file_get(&arena, "base"), base));
    /* a fix is made whether it is accepted or not */
    result = ends(RUN(&arena, "-w", "."), 0);
    has(result.err, " hardened (");
}

Test(check, fails_for_what_is_new) {
    ARENA(arena);
    file_put("compose.yaml", str_of(mixed));
    ends(RUN(&arena, "--write-baseline=base", "."), 0);
    /* lines move, a version goes up, and another service comes first */
    file_put("compose.yaml",
             STR("# ours\nservices:\n  cache:\n    image: redis:7.2\n    user: \"999:999\"\n    cap_drop: "
                 "[ALL]\n    security_opt: ['no-new-privileges:true']\n  db:\n    image: redis:7.4\n"
                 "    read_only: false\n"));
    struct result result = ends(RUN(&arena, "--check", "--fail-on=unsafe", "--baseline=base", "."), 1);
    has(result.out, "service cache: its root file system can be written to");
    has_not(result.out, "service db");
    has(result.err, "check failed for 1 finding: 1 file can be hardened (1 fix); 4 accepted by the baseline; ");
}

Test(check, says_what_a_baseline_has_in_vain) {
    ARENA(arena);
    file_put("a/compose.yaml", str_of(mixed));
    file_put("b/compose.yaml", str_of(mixed));
    ends(RUN(&arena, "--write-baseline=the base", "."), 0);
    ends(RUN(&arena, "-w", "a"), 0);
    struct result result = ends(RUN(&arena, "--check", "--baseline=the base", "."), 0);
    has(result.err, "the base:3:1: note: 3 entries match nothing any more, of which this is the first (");
    has(result.err, " in a/compose.yaml): ironhull --write-baseline='the base' . writes it anew\n");
    /* what was not looked at, or not by its rule, may still be there */
    has_not(ends(RUN(&arena, "--check", "--baseline=the base", "b"), 0).err, "nothing any more");
    has_not(ends(RUN(&arena, "--check", "--baseline=the base", "--select=host-access", "."), 0).err,
            "nothing any more");
    cr_assert_eq(unlink("a/compose.yaml"), 0);
    has(ends(RUN(&arena, "--check", "--baseline=the base", "b"), 0).err, "note: 4 entries match nothing any more");
    ends(RUN(&arena, "--write-baseline=the base", "."), 0);
    has_not(ends(RUN(&arena, "--check", "--baseline=the base", "."), 0).err, "nothing any more");
    has_not(file_get(&arena, "the base"), "a/compose.yaml");
}

Test(check, knows_a_finding_by_its_place) {
    ARENA(arena);
    static const char one[] = "services:\n  one:\n    ports:\n      - 80:80\n    image: registry.example.com/a:1\n";
    file_put("compose.yaml", str_of(one));
    ends(RUN(&arena, "-w", "--unsafe-fixes", "."), 0);
    ends(RUN(&arena, "--write-baseline=base", "."), 0);
    struct str text = file_get(&arena, "compose.yaml");
    file_put("compose.yaml", str_printf(&arena,
                                        "services:\n  zero:\n    ports:\n      - 80:80\n    image: "
                                        "registry.example.com/a:1\n%.*s",
                                        STR_ARG(str_sub(text, 10, text.n))));
    struct result result = ends(RUN(&arena, "--check", "--fail-on=any", "--baseline=base", "."), 1);
    has(result.out, "service zero: port 80:80");
    has_not(result.out, "service one");
}

Test(check, refuses_a_baseline_that_is_none) {
    ARENA(arena);
    file_put("compose.yaml", str_of(mixed));
    file_put("broken/compose.yaml", STR("services: [\n"));
    struct result result = ends(RUN(&arena, "--check", "--baseline=missing", "."), 2);
    has(result.err, "missing: error: ");
    file_put("base", STR("# words\n\nc0ffee\tnon-root-user\tDockerfile\tx\n"));
    result = ends(RUN(&arena, "--check", "--baseline=base", "compose.yaml"), 2);
    has(result.err, "base:3:1: error: this is no line of a baseline: ");
    cr_expect_eq(result.out.n, 0);
    struct str before = file_get(&arena, "base");
    result = ends(RUN(&arena, "--write-baseline=base", "."), 2);
    has(result.err, "base: error: is not written, because of the errors above\n");
    cr_expect(str_eq(file_get(&arena, "base"), before));
}

/* --- choosing rules ------------------------------------------------------------------------------------------------
 */

/* The rules that findings of a run have, "a b", in their order. */
static struct str rules_said(struct arena *arena, struct str report) {
    struct buf out = {.arena = arena};
    struct str line;
    for (uint32_t i = 0; i < rules_n; i++)
        for (struct str rest = report; str_cut(&rest, '\n', &line);)
            if (str_ends(line, str_printf(arena, "[%.*s]", STR_ARG(rules[i].id)))) {
                buf_printf(&out, "%s%.*s", out.n ? " " : "", STR_ARG(rules[i].id));
                break;
            }
    return buf_str(&out);
}

static void says(struct result result, const char *want) {
    ARENA(arena);
    struct str said = rules_said(&arena, result.out);
    cr_expect(str_eq(said, str_of(want)), "%.*s, not %s", STR_ARG(said), want);
}

Test(check, selects_and_ignores_rules) {
    ARENA(arena);
    file_put("compose.yaml", str_of(mixed));
    file_put(".ironhull.yaml", STR("rules: {non-root-user: off}\n"));
    says(RUN(&arena, "--check", "."), "drop-capabilities read-only-root no-new-privileges");
    says(RUN(&arena, "--check", "--select=non-root-user", "."), "non-root-user");
    says(RUN(&arena, "--check", "--select=non-root-user, read-only-root", "."), "non-root-user read-only-root");
    says(RUN(&arena, "--check", "--select=non-root-user", "--select=drop-capabilities", "."),
         "non-root-user drop-capabilities");
    says(RUN(&arena, "--check", "--select=all", "."),
         "non-root-user drop-capabilities read-only-root no-new-privileges");
    says(RUN(&arena, "--check", "--select=all", "--ignore=read-only-root,drop-capabilities", "."),
         "non-root-user no-new-privileges");
    says(RUN(&arena, "--check", "--ignore=read-only-root", "."), "drop-capabilities no-new-privileges");
    says(RUN(&arena, "--check", "--ignore=all", "."), "");
}

Test(check, heeds_comments_whatever_is_selected) {
    ARENA(arena);
    file_put("Dockerfile", STR("# ironhull: ignore=init-process -- the platform has one\nFROM python:3.12-slim\n"
                               "CMD [\"python\", \"a.py\"]\n"));
    says(ends(RUN(&arena, "--check", "--select=init-process", "."), 0), "");
    says(ends(RUN(&arena, "--check", "--ignore=suppression", "--select=init-process", "."), 0), "");
    /* a comment for a rule that is not looked at is not in vain */
    says(RUN(&arena, "--check", "--ignore=init-process", "."), "non-root-user");
    file_put("Dockerfile", STR("# ironhull: ignore=host-access -- x\nFROM scratch\nUSER 1:1\n"));
    says(RUN(&arena, "--check", "."), "suppression");
    says(RUN(&arena, "--check", "--ignore=suppression", "."), "");
    says(RUN(&arena, "--check", "--ignore=host-access", "."), "");
}

Test(check, selects_what_another_option_asks_for) {
    ARENA(arena);
    file_put("pod.yaml", STR("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: a\n"
                             "      image: registry.example.com/a:1\n"));
    struct result result =
        ends(RUN(&arena, "--check", "--select=seccomp-profile", "--pod-security=restricted", "."), 1);
    says(result, "seccomp-profile pod-security");
}

static struct str function_list(struct arena *arena, const char *data) {
    return str_printf(arena,
                      "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: Pod\n"
                      "  metadata: {name: a}\n  spec: {hostPID: true, containers: []}\n"
                      "functionConfig:\n  kind: ConfigMap\n  data: {check: 'true', %s}\n",
                      data);
}

Test(check, is_set_by_a_function) {
    ARENA(arena);
    struct result result = ends(FILTER(&arena, function_list(&arena, "select: host-access"), "-"), 0);
    has(result.out, "severity: warning");
    result = ends(FILTER(&arena, function_list(&arena, "select: host-access, fail-on: any"), "-"), 1);
    has(result.out, "severity: error");
    has(result.err, "check failed for 1 finding: nothing to harden; 1 note for you\n");
    result = ends(FILTER(&arena, function_list(&arena, "ignore: host-access, fail-on: any"), "-"), 0);
    has_not(result.out, "rule: host-access");
}

Test(check, refuses_bad_usage) {
    static const struct {
        const char *arguments[6], *says;
    } rows[] = {
        {{"--fail-on=safe", "."}, "--fail-on and --baseline need --check"},
        {{"--baseline=base", "."}, "--fail-on and --baseline need --check"},
        {{"-w", "--baseline=base", "."}, "--fail-on and --baseline need --check"},
        {{"--check", "--fail-on=unsave", "."}, "--fail-on: is unsafe meant?"},
        {{"--check", "--fail-on=all", "."}, "--fail-on: is any meant?"},
        {{"--check", "--baseline=", "."}, "the argument of an option that names a file or folder is empty"},
        {{"--check", "--baseline=a", "--write-baseline=b", "."}, "--baseline and --write-baseline exclude each other"},
        {{"-w", "--write-baseline=b", "."}, "--dump-ast exclude each other"},
        {{"-w", "--diff", "."}, "--diff goes with --check, or alone"},
        {{"-oout", "--diff", "."}, "--diff goes with --check, or alone"},
        {{"--select=init-proces", "."}, "--select: there is no rule init-proces: is init-process meant?"},
        {{"--ignore=init-process,", "."}, "--ignore: there is no rule : there are builder-stage, "},
        {{"--ignore=", "."}, "--ignore: a rule is expected"},
        {{"--select=\033[31mred", "."}, "--select: there is no rule \\x1b[31mred: there are builder-stage, "},
        {{"--explain=root"}, "--explain: there is no rule root: is non-root-user meant?"},
        {{"--explain"}, "--explain is no option, or its argument is missing"},
    };
    ARENA(arena);
    file_put("compose.yaml", str_of(mixed));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *line[8] = {"ironhull"};
        memcpy(line + 1, rows[i].arguments, sizeof rows[i].arguments);
        struct result result = ends(process_run(&arena, &(struct setting){0}, line), 2);
        has(result.err, rows[i].says);
        cr_expect_eq(result.out.n, 0, "row %zu", i);
    }
    cr_expect(str_eq(file_get(&arena, "compose.yaml"), str_of(mixed)));
}

/* --- --rules and --explain -----------------------------------------------------------------------------------------
 */

static void is_narrow(struct str text) {
    struct str line;
    while (str_cut(&text, '\n', &line))
        cr_expect(line.n <= 80 || str_starts(line, STR("  https://")), "%.*s", STR_ARG(line));
}

Test(check, shows_the_rules) {
    ARENA(arena);
    struct result result = ends(RUN(&arena, "--rules"), 0);
    is_narrow(result.out);
    has(result.out, "\ninit-process       D - -  safe          start the program under tini\n");
    has(result.out, "\nhost-access        - C K  unsafe        ");
    has(result.out, "\npod-security       - - K  notes only    ");
    cr_expect_eq(result.err.n, 0);
}

Test(check, explains_each_rule) {
    ARENA(arena);
    for (uint32_t i = 0; i < rules_n; i++) {
        struct str id = rules[i].id;
        struct result result = ends(RUN(&arena, "--explain", id.p), 0);
        is_narrow(result.out);
        cr_expect(str_starts(result.out, str_printf(&arena, "%.*s: ", STR_ARG(id))));
        static const char *const parts[] = {"\nWhy\n", "\nWhat may break\n", "\nWhat a file gets\n",
                                            "\nHow to leave it out\n", "\nSources\n  https://"};
        for (size_t j = 0; j < sizeof parts / sizeof *parts; j++)
            has(result.out, parts[j]);
        has(result.out, str_printf(&arena, "# ironhull: ignore=%.*s -- the reason", STR_ARG(id)).p);
    }
}
