/* The command line's promises, kept by the built program: what it prints, its exit code, and every file's bytes. */
#include "process.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The article's application as a user has it, and hardened. */
static const char plain[] = "golden/project/article/in", hardened[] = "golden/project/article/out";

/* The current folder is `app`, a copy of the plain application. */
static void enter(void) {
    ARENA(arena);
    folder_enter();
    folder_copy(source_path(&arena, plain), "app");
    cr_assert_eq(chdir("app"), 0);
}

TestSuite(cli, .init = enter, .fini = folder_leave);

static struct str plain_state(struct arena *arena) {
    folder_copy(source_path(arena, plain), "../plain");
    return folder_state(arena, "../plain");
}

static struct str hardened_state(struct arena *arena) {
    folder_copy(source_path(arena, hardened), "../hardened");
    return folder_state(arena, "../hardened");
}

static void ends(struct result result, int code, const char *out, const char *err) {
    cr_expect_eq(result.code, code, "%d: %.*s", result.code, STR_ARG(result.err));
    if (out)
        cr_expect(str_eq(result.out, str_of(out)), "\"%.*s\"", STR_ARG(result.out));
    if (err)
        cr_expect(str_eq(result.err, str_of(err)), "\"%.*s\"", STR_ARG(result.err));
}

/* What is left to say of the hardened application. */
#define PORT_NOTE                                                                                                      \
    "compose.yaml:9:9: note: service app: port 3000:3000 can be reached from every network that the host is in: "      \
    "write 127.0.0.1:3000:3000 where only this machine uses it [host-access]\n"

#define POD_VERDICT "pod.yaml:2:1: pod my-app meets restricted\n"

static void has(struct str text, const char *part) {
    cr_expect(str_contains(text, str_of(part)), "no \"%s\" in:\n%.*s", part, STR_ARG(text));
}

static void is_state(const char *folder, struct str want) {
    ARENA(arena);
    struct str got = folder_state(&arena, folder);
    cr_expect(str_eq(got, want), "%s holds:\n%.*s", folder, STR_ARG(got));
}

Test(cli, prints_a_diff_and_writes_nothing) {
    ARENA(arena);
    struct result result = RUN(&arena, ".");
    ends(result, 0, NULL, NULL);
    cr_expect(str_starts(result.out, STR("--- /dev/null\n+++ b/.dockerignore\n")), "%.*s", STR_ARG(result.out));
    has(result.out, "\n--- a/Dockerfile\n+++ b/Dockerfile\n@@ ");
    has(result.out, "\n--- a/compose.yaml\n+++ b/compose.yaml\n@@ ");
    has(result.out, "\n--- /dev/null\n+++ b/node-seccomp.json\n@@ ");
    has(result.out, "\n--- a/pod.yaml\n+++ b/pod.yaml\n@@ ");
    has(result.err, "\n5 files would be hardened (");
    cr_expect(str_ends(result.err, STR("; ironhull -w . writes them\n")));
    is_state(".", plain_state(&arena));
    file_put("../diff", result.out);
    if (system("command -v patch >/dev/null") == 0)
        cr_expect_eq(system("patch -s -p1 <../diff"), 0);
    else
        folder_copy("../hardened", ".");
    is_state(".", hardened_state(&arena));
}

Test(cli, prints_the_same_diff_for_every_way_to_name_the_files) {
    ARENA(arena);
    struct str want = RUN(&arena, ".").out;
    ends(RUN(&arena, "./"), 0, want.p, NULL);
    ends(RUN(&arena, ".", "."), 0, want.p, NULL);
    ends(RUN(&arena, "pod.yaml", "Dockerfile", "compose.yaml"), 0, want.p, NULL);
    ends(RUN(&arena, "./Dockerfile", "."), 0, want.p, NULL);
    ends(RUN(&arena, "--", "."), 0, want.p, NULL);
}

Test(cli, rewrites_in_place) {
    ARENA(arena);
    struct result result = RUN(&arena, "-w", "Dockerfile", "compose.yaml", "pod.yaml");
    ends(result, 0, "", NULL);
    has(result.err, "\n5 files hardened (");
    is_state(".", hardened_state(&arena));
    struct stat before, after;
    cr_assert_eq(stat("Dockerfile", &before), 0);
    ends(RUN(&arena, "-w", "."), 0, "", PORT_NOTE POD_VERDICT "nothing to harden; 1 note for you\n");
    cr_assert_eq(stat("Dockerfile", &after), 0);
    cr_expect_eq(before.st_ino, after.st_ino, "what is hardened is not written again");
    is_state(".", hardened_state(&arena));
    ends(RUN(&arena, "."), 0, "", PORT_NOTE POD_VERDICT "nothing to harden; 1 note for you\n");
}

Test(cli, keeps_modes_and_links) {
    ARENA(arena);
    cr_assert_eq(mkdir("real", 0777), 0);
    cr_assert_eq(rename("pod.yaml", "real/pod.yaml"), 0);
    cr_assert_eq(symlink("real/pod.yaml", "pod.yaml"), 0);
    cr_assert_eq(chmod("Dockerfile", 0640), 0);
    cr_assert_eq(chmod("real/pod.yaml", 0755), 0);
    ends(RUN(&arena, "-w", "Dockerfile", "pod.yaml", "compose.yaml"), 0, "", NULL);
    struct stat status;
    cr_assert_eq(lstat("pod.yaml", &status), 0);
    cr_expect(S_ISLNK(status.st_mode));
    cr_assert_eq(stat("pod.yaml", &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0755);
    cr_assert_eq(stat("Dockerfile", &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0640);
    folder_copy(source_path(&arena, hardened), "../hardened");
    cr_expect(str_eq(file_get(&arena, "real/pod.yaml"), file_get(&arena, "../hardened/pod.yaml")));
}

Test(cli, replaces_files_whole) {
    ARENA(arena);
    cr_assert_eq(link("Dockerfile", "../second"), 0);
    struct str before = file_get(&arena, "Dockerfile");
    ends(RUN(&arena, "-w", "Dockerfile"), 0, "", NULL);
    cr_expect(str_eq(file_get(&arena, "../second"), before), "the old file was written to, instead of replaced");
    cr_expect_not(str_eq(file_get(&arena, "Dockerfile"), before));
    cr_expect_not(folder_has(".", ".ironhull"));
}

Test(cli, checks) {
    ARENA(arena);
    struct result result = RUN(&arena, "--check", ".");
    ends(result, 1, NULL, NULL);
    has(result.out, "Dockerfile:14:1: fix: runs as root");
    has(result.out, " [non-root-user]\n");
    has(result.out, "pod.yaml:11:5: fix: ");
    has(result.err, "5 files can be hardened (");
    is_state(".", plain_state(&arena));
    ends(RUN(&arena, "-w", "."), 0, "", NULL);
    ends(RUN(&arena, "--check", "."), 0, PORT_NOTE, POD_VERDICT "nothing to harden; 1 note for you\n");
}

Test(cli, checks_pod_security) {
    ARENA(arena);
    static const char hostile[] = "apiVersion: v1\nkind: Pod\nspec:\n  hostPID: true\n  containers: []\n";
    file_put("../pod.yaml", str_of(hostile));
    static const char hint[] = "../pod.yaml:4:12: note: hostPID: true shows it every process of its node, with its "
                               "arguments, and lets root signal them: remove it; with shareProcessNamespace it sees "
                               "those of its own pod [host-access]\n";
    static const char end[] = "../pod.yaml:1:1: pod meets privileged\nnothing to harden; 1 note for you\n";
    ends(RUN(&arena, "--check", "../pod.yaml"), 0, hint, end);
    ends(RUN(&arena, "--check", "--pod-security=privileged", "../pod.yaml"), 0, hint, end);
    static const char note[] = "../pod.yaml:4:12: note: hostPID: true shows it every process of its node, with its "
                               "arguments, and lets root signal them: remove it; with shareProcessNamespace it sees "
                               "those of its own pod (baseline: hostNamespaces) [host-access]\n";
    ends(RUN(&arena, "--check", "--pod-security=baseline:v1.0", "../pod.yaml"), 1, note,
         "../pod.yaml:1:1: pod meets privileged\ncheck failed for 1 finding: nothing to harden; 1 note for you\n");
    ends(FILTER(&arena, str_of(hostile), "-", "--pod-security=restricted", "--stdin-filename=../pod.yaml"), 0, hostile,
         str_printf(&arena, "%s../pod.yaml:1:1: pod meets privileged\n", note).p);
    struct result result = RUN(&arena, "--pod-security=restrict", "../pod.yaml");
    ends(result, 2, "", "ironhull: --pod-security: a level is expected: is restricted meant?; see ironhull --help\n");
}

/* The profile cannot be written from standard input, unless it is there. */
Test(cli, says_where_a_seccomp_profile_comes_from) {
    ARENA(arena);
    cr_expect_eq(RUN(&arena, "-w", "Dockerfile").code, 0);
    struct str pod = file_get(&arena, "pod.yaml");
    struct result result = FILTER(&arena, pod, "-", "--seccomp=localhost", "--stdin-filename=pod.yaml");
    cr_expect_eq(result.code, 0);
    has(result.out, "localhostProfile: node-seccomp.json");
    has(result.err, "every node needs node-seccomp.json as /var/lib/kubelet/seccomp/node-seccomp.json, ");
    has(result.err, "; ironhull -w writes the profile, for a manifest that is a file [seccomp-profile]\n");
    cr_assert_eq(mkdir("k8s", 0777), 0);
    cr_assert_eq(rename("pod.yaml", "k8s/pod.yaml"), 0);
    cr_expect_eq(RUN(&arena, "-w", "--seccomp=localhost:profiles", ".").code, 0);
    has(file_get(&arena, "k8s/pod.yaml"), "localhostProfile: profiles/node-seccomp.json");
    cr_expect(str_eq(file_get(&arena, "k8s/seccomp/node-seccomp.json"), file_get(&arena, "node-seccomp.json")));
    result = FILTER(&arena, pod, "-", "--seccomp=localhost", "--stdin-filename=pod.yaml");
    has(result.err, "a container whose profile is missing does not start [seccomp-profile]\n");
    ends(RUN(&arena, "--seccomp=runtime", "."), 2, "",
         "ironhull: --seccomp: runtime-default, localhost or localhost:FOLDER is expected; see ironhull --help\n");
}

Test(cli, does_not_fail_for_comments) {
    ARENA(arena);
    static const char ignored[] = "# ironhull: ignore=init-process,non-root-user -- for the workshop\n"
                                  "FROM python:3.12-slim\nWORKDIR /srv\nCOPY a.py .\nCMD [\"python\", \"a.py\"]\n";
    static const char wrong[] = "# ironhull: ignore=init-proces,drop-capabilities\nFROM python:3.12-slim\n"
                                "USER 1:1\nENTRYPOINT [\"tini\"]\n";
    file_put("../ignored/Dockerfile", str_of(ignored));
    file_put("../wrong/Dockerfile", str_of(wrong));
    ends(RUN(&arena, "--check", "../ignored"), 0, "", "");
    ends(RUN(&arena, "-w", "../ignored"), 0, "", "nothing to harden; 2 suppressed\n");
    ends(FILTER(&arena, str_of(ignored), "-"), 0, ignored, "");
    ends(RUN(&arena, "--check", "../wrong"), 0,
         "../wrong/Dockerfile:1:1: note: ignore=drop-capabilities silences nothing here: remove it if that stays so "
         "[suppression]\n"
         "../wrong/Dockerfile:1:1: note: no reason is given: write it behind --, so that others know when this can go "
         "[suppression]\n"
         "../wrong/Dockerfile:1:1: note: there is no rule init-proces: is init-process meant? [suppression]\n",
         "nothing to harden; 3 notes for you\n");
    cr_expect(str_eq(file_get(&arena, "../wrong/Dockerfile"), str_of(wrong)));
}

Test(cli, checks_standard_input) {
    ARENA(arena);
    struct result result =
        FILTER(&arena, file_get(&arena, "Dockerfile"), "--check", "-", "--stdin-filename=Dockerfile");
    ends(result, 1, NULL, NULL);
    has(result.out, "Dockerfile:14:1: fix: runs as root");
    ends(RUN(&arena, "-w", "."), 0, "", NULL);
    ends(FILTER(&arena, file_get(&arena, "Dockerfile"), "--check", "-", "--stdin-filename=Dockerfile"), 0, "", "");
}

Test(cli, writes_below_another_folder) {
    ARENA(arena);
    struct result result = RUN(&arena, "-o", "../out", ".");
    ends(result, 0, "", NULL);
    has(result.err, "\n5 files hardened (");
    is_state(".", plain_state(&arena));
    folder_copy(source_path(&arena, hardened), "../hardened");
    static const char *const others[] = {"server.js", "package.json", "package-lock.json"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        unlink(str_printf(&arena, "../hardened/%s", others[i]).p);
    is_state("../out", folder_state(&arena, "../hardened"));
}

Test(cli, mirrors_folders_and_leaves_its_output_alone) {
    ARENA(arena);
    cr_assert_eq(chdir(".."), 0);
    folder_copy("app", "tree/one/app");
    folder_copy("app", "tree/two/deep/app");
    cr_assert_eq(chmod("tree/one/app/Dockerfile", 0640), 0);
    cr_assert_eq(chdir("tree"), 0);
    ends(RUN(&arena, "-o", "made/out", "."), 0, "", NULL);
    struct str first = folder_state(&arena, ".");
    static const char *const folders[] = {"one/app", "two/deep/app"};
    static const char *const names[] = {"Dockerfile", "compose.yaml", ".dockerignore", "node-seccomp.json"};
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 4; j++) {
            const char *made = str_printf(&arena, "made/out/%s/%s", folders[i], names[j]).p;
            const char *want = source_path(&arena, str_printf(&arena, "%s/%s", hardened, names[j]).p);
            cr_expect(str_eq(file_get(&arena, made), file_get(&arena, want)), "%s", made);
        }
    struct stat status;
    cr_assert_eq(stat("made/out/one/app/Dockerfile", &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0640);
    ends(RUN(&arena, "-o", "made/out", "."), 0, "", NULL);
    is_state(".", first);
}

Test(cli, keeps_several_folders_apart_in_the_output) {
    ARENA(arena);
    cr_assert_eq(chdir(".."), 0);
    file_put("a/Dockerfile", STR("FROM node:20\nCMD [\"node\", \"a.js\"]\n"));
    file_put("b/c/Dockerfile", STR("FROM node:20\nCMD [\"node\", \"b.js\"]\n"));
    ends(RUN(&arena, "-o", "out", "a", "b"), 0, "", NULL);
    has(file_get(&arena, "out/a/Dockerfile"), "a.js");
    has(file_get(&arena, "out/b/c/Dockerfile"), "b.js");
    ends(RUN(&arena, "-o", "files", "a/Dockerfile", "b/c/Dockerfile"), 0, "", NULL);
    is_state("files", folder_state(&arena, "out"));
    ends(RUN(&arena, "-o", "one", "b/c"), 0, "", NULL);
    has(file_get(&arena, "one/b/c/Dockerfile"), "b.js");
    char here[4096];
    cr_assert(getcwd(here, sizeof here));
    ends(RUN(&arena, "-o", "absolute", str_printf(&arena, "%s/a", here).p, str_printf(&arena, "%s/b/", here).p), 0, "",
         NULL);
    has(file_get(&arena, "absolute/Dockerfile"), "a.js");
    has(file_get(&arena, "absolute/c/Dockerfile"), "b.js");
    cr_assert_eq(chdir("a"), 0);
    ends(RUN(&arena, "-o", "out", "../b", "Dockerfile"), 0, "", NULL);
    has(file_get(&arena, "out/Dockerfile"), "a.js");
    has(file_get(&arena, "out/c/Dockerfile"), "b.js");
}

Test(cli, refuses_two_files_for_one_place) {
    ARENA(arena);
    cr_assert_eq(chdir(".."), 0);
    folder_copy("app", "b/app");
    folder_copy("app", "c/app");
    cr_assert_eq(chdir("app"), 0);
    struct result result = RUN(&arena, "-o", "../out", "../b", "../c");
    ends(result, 2, "", NULL);
    has(result.err, "../c/app/");
    has(result.err, "is not written: it would go to the same place as ../b/app/");
    ends(RUN(&arena, "-o", "../out", "../b/app", "."), 2, "", NULL);
    cr_expect_neq(access("../out", F_OK), 0, "nothing is written");
    struct str before = folder_state(&arena, "..");
    ends(RUN(&arena, "-o", ".", "../b/app", "compose.yaml"), 2, "", NULL);
    ends(RUN(&arena, "-o", "../b", "../b"), 2, "", NULL);
    is_state("..", before);
}

Test(cli, does_not_write_its_output_over_the_originals) {
    ARENA(arena);
    struct str want = plain_state(&arena);
    static const char *const folders[] = {".", "./", "../app", ""};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        ends(RUN(&arena, "-o", folders[i], "."), 2, "", NULL);
        ends(RUN(&arena, "-o", folders[i], "Dockerfile"), 2, "", NULL);
        is_state(".", want);
    }
}

Test(cli, filters) {
    ARENA(arena);
    folder_copy(source_path(&arena, hardened), "../hardened");
    struct str want = file_get(&arena, "../hardened/Dockerfile");
    struct result result = FILTER(&arena, file_get(&arena, "Dockerfile"), "-", "--stdin-filename=Dockerfile");
    ends(result, 0, want.p, "");
    is_state(".", plain_state(&arena));
    static const char *const names[] = {"Dockerfile", "compose.yaml", "pod.yaml"};
    cr_assert_eq(chdir("../hardened"), 0);
    for (size_t i = 0; i < 3; i++) {
        struct str text = file_get(&arena, str_printf(&arena, "../app/%s", names[i]).p);
        struct str after = file_get(&arena, names[i]);
        const char *name = str_printf(&arena, "--stdin-filename=%s", names[i]).p;
        ends(FILTER(&arena, text, "-", name), 0, after.p, NULL);
        const char *note = (const char *const[]){"", PORT_NOTE, POD_VERDICT}[i];
        ends(FILTER(&arena, after, "-", name), 0, after.p, note);
        ends(FILTER(&arena, after, name, "-"), 0, after.p, note);
    }
}

Test(cli, filters_by_content_without_a_name) {
    ARENA(arena);
    folder_copy(source_path(&arena, hardened), "../hardened");
    static const char *const names[] = {"Dockerfile", "compose.yaml", "pod.yaml"};
    cr_assert_eq(chdir("../hardened"), 0);
    for (size_t i = 0; i < 3; i++)
        ends(FILTER(&arena, file_get(&arena, str_printf(&arena, "../app/%s", names[i]).p), "-"), 0,
             file_get(&arena, names[i]).p, NULL);
    ends(FILTER(&arena, STR("a: 1\n"), "-"), 2, "", NULL);
}

Test(cli, filters_a_pipe) {
    ARENA(arena);
    int status = system("\"$IRONHULL\" - --stdin-filename=Dockerfile <Dockerfile 2>../err | cat >../out");
    cr_expect_eq(status, 0);
    status = system("cat Dockerfile | \"$IRONHULL\" - --stdin-filename=Dockerfile >../piped 2>../err");
    cr_expect_eq(status, 0);
    struct str want = file_get(&arena, source_path(&arena, str_printf(&arena, "%s/Dockerfile", hardened).p));
    cr_expect(str_eq(file_get(&arena, "../out"), want));
    cr_expect(str_eq(file_get(&arena, "../piped"), want));
}

Test(cli, keeps_every_byte_where_there_is_nothing_to_do) {
    static const struct str texts[] = {
        STR_INIT("FROM alpine"),
        STR_INIT("\xef\xbb\xbf"
                 "FROM node:20\r\nUSER node\r\n"),
        STR_INIT("FROM  node:20\n\n\n# end\n\t\n"),
        STR_INIT("from my-app\nuser 7:7"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ARENA(arena);
        ends(FILTER(&arena, texts[i], "-", "--stdin-filename=Dockerfile"), 0, str_dup(&arena, texts[i]).p, NULL);
    }
    ARENA(arena);
    ends(FILTER(&arena, STR("a: 1\n"), "-", "--stdin-filename=compose.yaml"), 0, "a: 1\n", "");
    ends(FILTER(&arena, STR("kind: List\napiVersion: v1"), "-", "--stdin-filename=x.yaml"), 0,
         "kind: List\napiVersion: v1", "");
}

static void is_file(const char *path, const char *folder) {
    ARENA(arena);
    struct str want = file_get(&arena, source_path(&arena, str_printf(&arena, "%s/%s", folder, path).p));
    struct str got = file_get(&arena, path);
    cr_expect(str_eq(got, want), "%s: %.*s", path, STR_ARG(got));
}

Test(cli, changes_the_named_files_of_a_project_with_the_facts_of_all) {
    ARENA(arena);
    file_put("other.yaml", STR("a: 1\n"));
    file_put("broken/compose.yaml", STR("services: {\n"));
    file_put("broken/Dockerfile", STR("FROM \xe9\n"));
    ends(RUN(&arena, "-w", "--project=.", "other.yaml"), 0, "", "nothing to harden\n");
    ends(RUN(&arena, "-w", "--project=.", "./Dockerfile", "other.yaml"), 0, "", NULL);
    is_file("Dockerfile", hardened);
    is_file(".dockerignore", hardened);
    is_file("compose.yaml", plain);
    is_file("pod.yaml", plain);
    ends(RUN(&arena, "--check", "--project=.", "Dockerfile"), 0, "", "");

    unlink("broken/compose.yaml");
    unlink("broken/Dockerfile");
    rmdir("broken");
    ends(RUN(&arena, "-w", "--project=.", "pod.yaml"), 0, "", NULL);
    is_file("pod.yaml", hardened);
    is_file("compose.yaml", plain);
    ends(RUN(&arena, "-w", "--project=.", "."), 0, "", NULL);
    unlink("other.yaml");
    is_state(".", hardened_state(&arena));
}

Test(cli, names_files_that_are_not_of_the_project) {
    ARENA(arena);
    ends(RUN(&arena, "--check", "--project=.", "nothing.yaml", "../app.yaml"), 2, "",
         "nothing.yaml: error: cannot be read: No such file or directory\n"
         "../app.yaml: error: does not lie below --project=.\n");
    is_state(".", plain_state(&arena));
}

Test(cli, refuses_bad_usage) {
    static const char *const lines[][5] = {
        {"ironhull", NULL},
        {"ironhull", "", NULL},
        {"ironhull", "--nothing", ".", NULL},
        {"ironhull", "-z", ".", NULL},
        {"ironhull", "-w", NULL},
        {"ironhull", "-w", "--check", ".", NULL},
        {"ironhull", "-w", "-oout", ".", NULL},
        {"ironhull", "--check", "--output=out", ".", NULL},
        {"ironhull", "-o", NULL},
        {"ironhull", "--write=x", ".", NULL},
        {"ironhull", "-", ".", NULL},
        {"ironhull", "Dockerfile", "-", NULL},
        {"ironhull", "-w", "-", NULL},
        {"ironhull", "-o", "out", "-", NULL},
        {"ironhull", "--stdin-filename=Dockerfile", ".", NULL},
        {"ironhull", "--stdin-filename=", "-", NULL},
        {"ironhull", "--project=", ".", NULL},
        {"ironhull", "--project=.", NULL},
        {"ironhull", "--project=.", "-", NULL},
        {"ironhull", "--uid=0", ".", NULL},
        {"ironhull", "--uid=2147483648", ".", NULL},
        {"ironhull", "--gid=staff", ".", NULL},
        {"ironhull", "--gid", NULL},
        {"ironhull", "--user=", ".", NULL},
        {"ironhull", "--user=Web", ".", NULL},
        {"ironhull", "--user=www-data", ".", NULL},
        {"ironhull", "--dump-ast", NULL},
        {"ironhull", "--dump-ast=Dockerfile", ".", NULL},
    };
    ARENA(arena);
    struct str want = plain_state(&arena);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct result result = process_run(&arena, &(struct setting){0}, lines[i]);
        ends(result, 2, "", NULL);
        cr_expect(str_starts(result.err, STR("ironhull: ")) && str_ends(result.err, STR("see ironhull --help\n")),
                  "line %zu: %.*s", i, STR_ARG(result.err));
    }
    is_state(".", want);
}

Test(cli, helps) {
    ARENA(arena);
    static const char *const rules[] = {"builder-stage",  "non-root-user",     "init-process",    "drop-capabilities",
                                        "read-only-root", "no-new-privileges", "seccomp-profile", "host-access"};
    struct result result = RUN(&arena, "--help");
    ends(result, 0, NULL, "");
    cr_expect(str_starts(result.out, STR("usage: ironhull ")));
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        has(result.out, rules[i]);
    ends(RUN(&arena, "-h"), 0, result.out.p, "");
    result = RUN(&arena, "--version");
    ends(result, 0, NULL, "");
    cr_expect(str_starts(result.out, STR("ironhull ")));
}

Test(cli, dumps_instructions) {
    ARENA(arena);
    struct result result = RUN(&arena, "--dump-ast=Dockerfile");
    ends(result, 0, NULL, "");
    has(result.out, "(from \"node:20-slim\")\n");
    has(result.out, "\n  ;; FROM L2-2\n");
    ends(RUN(&arena, "--dump-ast=missing"), 2, "", NULL);
    ends(RUN(&arena, "--dump-ast=/dev/zero"), 2, "", NULL);
}

Test(cli, says_when_nobody_can_read_its_output) {
    ARENA(arena);
    static const char *const lines[][4] = {
        {"ironhull", ".", NULL},         {"ironhull", "--check", ".", NULL},          {"ironhull", "--help", NULL},
        {"ironhull", "--version", NULL}, {"ironhull", "--dump-ast=Dockerfile", NULL},
    };
    static const char *const outputs[] = {"", "/dev/full"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (size_t j = 0; j < 2; j++) {
            struct result result = process_run(&arena, &(struct setting){.out = outputs[j]}, lines[i]);
            cr_expect_eq(result.code, 2, "%s to \"%s\" ends with %d", lines[i][1], outputs[j], result.code);
            has(result.err, "ironhull: standard output cannot be written: ");
        }
    struct setting filter = {.in = "Dockerfile", .out = "/dev/full"};
    ends(process_run(&arena, &filter, ARGUMENTS("-", "--stdin-filename=Dockerfile")), 2, "", NULL);
    is_state(".", plain_state(&arena));
}

Test(cli, writes_without_anybody_who_reads_its_output) {
    ARENA(arena);
    ends(process_run(&arena, &(struct setting){.out = ""}, ARGUMENTS("-w", ".")), 0, "", NULL);
    is_state(".", hardened_state(&arena));
}

/* The uid that a service gets tells whether a Dockerfile was read. */
Test(cli, reads_nothing_outside_of_what_was_named) {
    ARENA(arena);
    file_put("outside/Dockerfile", STR("FROM node:20-slim\nUSER 4711:4711\nCMD [\"node\", \"a.js\"]\n"));
    file_put("outside/compose.override.yaml", STR("services:\n  app:\n    user: \"4712\"\n"));
    file_put("repository/x/Dockerfile", STR("FROM node:20-slim\nUSER 4713:4713\nCMD [\"node\", \"a.js\"]\n"));
    cr_assert_eq(symlink("../outside", "repository/folder"), 0);
    cr_assert_eq(symlink("../outside/Dockerfile", "repository/Dockerfile"), 0);
    cr_assert_eq(symlink("../outside/compose.override.yaml", "repository/compose.override.yaml"), 0);
    cr_assert_eq(symlink("x", "repository/inner"), 0);
    static const char *const builds[] = {"{context: folder}", "{context: ../outside}", ".",
                                         "{context: x, dockerfile: ../folder/Dockerfile}"};
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        file_put("repository/compose.yaml", str_printf(&arena, "services:\n  app:\n    build: %s\n", builds[i]));
        struct result result = RUN(&arena, "repository");
        cr_expect_not(str_contains(result.out, STR("user: ")), "%s: %.*s", builds[i], STR_ARG(result.out));
        has(result.err, "service app is not changed: its Dockerfile cannot be read here");
    }
    file_put("repository/compose.yaml", STR("services:\n  app:\n    build: inner\n"));
    has(RUN(&arena, "repository").out, "user: \"4713:4713\"");
    file_put("repository/compose.yaml", STR("services:\n  app:\n    build: ../outside\n"));
    has(RUN(&arena, "repository", "outside").out, "user: \"4711:4711\"");
}

Test(cli, takes_globs_that_no_shell_has_expanded) {
    ARENA(arena);
    static const char *const files[] = {"k8s/[a].yaml", "k8s/a/pod.yaml", "k8s/a.yaml", "k8s/pod.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        file_put(files[i], STR("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: redis:7}]}\n"));
    file_put("k8s/values.yaml", STR("a: 1\n"));
    struct result result = RUN(&arena, "--exclude=[[]*", "k8s/**/*.yaml");
    cr_expect_eq(result.code, 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        cr_expect_eq(str_contains(result.out, str_printf(&arena, "+++ b/%s\n", files[i])), i > 0, "%s", files[i]);
    result = RUN(&arena, "k8s/[a].yaml");
    has(result.out, "+++ b/k8s/[a].yaml\n");
    cr_expect_not(str_contains(result.out, STR("k8s/a.yaml")), "what is there is no glob");
    ends(RUN(&arena, "k8s/v*.yaml"), 2, "",
         "nothing is hardened\n"
         "k8s/v*.yaml: error: does not match a Dockerfile, compose file or Kubernetes manifest\n");
    ends(RUN(&arena, "missing/*"), 2, "",
         "nothing is hardened\nmissing: error: cannot be read: No such file or directory\n");
}

Test(cli, takes_a_named_file_that_is_ignored_or_excluded) {
    ARENA(arena);
    file_put(".gitignore", STR("Dockerfile\n"));
    has(RUN(&arena, "--exclude=Dockerfile", "Dockerfile").out, "+++ b/Dockerfile");
    has(RUN(&arena, "--include=Dockerfile", ".").out, "+++ b/Dockerfile");
    struct str rest = RUN(&arena, ".").out;
    cr_expect_not(str_contains(rest, STR("b/Dockerfile")), "%.*s", STR_ARG(rest));
    file_put(".gitignore", STR("*\n"));
    has(RUN(&arena, ".").err,
        ".: error: is a folder without a Dockerfile, compose file or Kubernetes manifest; git ignores "
        "some of what is there: name that, or use --include\n");
}
