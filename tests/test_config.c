/* .ironhull.yaml from outside: which file applies, what it does, and what is said of a wrong one. */
#include "config.h"
#include "process.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char plain[] = "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD [\"python\", \"app.py\"]\n";

static void enter(void) {
    folder_enter();
    file_put("app/Dockerfile", str_of(plain));
}

TestSuite(config, .init = enter, .fini = folder_leave);

/* The text has that part, or not. */
static void has(struct str text, const char *part, bool is_there) {
    cr_expect_eq(str_contains(text, str_of(part)), is_there, "\"%s\" is%s in:\n%.*s", part, is_there ? " not" : "",
                 STR_ARG(text));
}

/* --- what is wrong -------------------------------------------------------------------------------------------------
 */

/* The file is refused with exactly these lines, in every mode, and nothing is written. */
static void is_refused(const char *config, const char *error) {
    ARENA(arena);
    static const char *const lines[][5] = {{"ironhull", ".", NULL},
                                           {"ironhull", "-w", ".", NULL},
                                           {"ironhull", "--check", "app", NULL},
                                           {"ironhull", "-o", "out", "app/Dockerfile", NULL}};
    file_put("app/.ironhull.yaml", str_of(config));
    struct str before = folder_state(&arena, ".");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct result result = process_run(&arena, &(struct setting){0}, lines[i]);
        struct str said = result.err;
        if (str_starts(said, STR("nothing is hardened\n")))
            said = str_sub(said, 20, said.n);
        cr_expect(result.code == 2 && result.out.n == 0 && str_eq(said, str_of(error)), "%s\ngives %d:\n%.*s", config,
                  result.code, STR_ARG(result.err));
        cr_expect(str_eq(folder_state(&arena, "."), before), "%s", config);
    }
    struct result result = FILTER(&arena, str_of(plain), "-", "--stdin-filename=app/x.Dockerfile");
    cr_expect(result.code == 2 && result.out.n == 0 && str_eq(result.err, str_of(error)), "%s", config);
}

#define KEYS                                                                                                           \
    "rules, uid, gid, user, seccomp, unsafe-fixes, pod-security, writable, images, builds, exclude, include, "         \
    "overrides\n"

Test(config, refuses_what_it_does_not_know) {
    is_refused("imags: []\n", "app/.ironhull.yaml:1:1: error: unknown key imags: is images meant?\n");
    is_refused("# ids\nuid: 5000\nUID: 1\n", "app/.ironhull.yaml:3:1: error: unknown key UID: is uid meant?\n");
    is_refused("something: 1\n", "app/.ironhull.yaml:1:1: error: unknown key something: there are " KEYS);
    is_refused("images:\n  - images: [a]\n    familly: alpine\n",
               "app/.ironhull.yaml:3:5: error: unknown key familly: is family meant?\n"
               "app/.ironhull.yaml:2:5: error: the key family is missing\n");
    is_refused("images: [{images: [a], user: {nam: b, uid: 1, gid: 1}, family: alpine}]\n",
               "app/.ironhull.yaml:1:31: error: unknown key nam: is name meant?\n"
               "app/.ironhull.yaml:1:30: error: the key name is missing\n");
    is_refused("overrides:\n- files: [x]\n  uid: 5000\n  image: []\n  rule: {}\n  exclude: []\n",
               "app/.ironhull.yaml:4:3: error: unknown key image: there are files, rules, uid, gid, user, seccomp, "
               "unsafe-fixes, pod-security, writable\n"
               "app/.ironhull.yaml:5:3: error: unknown key rule: is rules meant?\n"
               "app/.ironhull.yaml:6:3: error: unknown key exclude: there are files, rules, uid, gid, user, seccomp, "
               "unsafe-fixes, pod-security, writable\n");
    is_refused("overrides:\n- files: [x]\n  rules: {init-proces: off}\n",
               "app/.ironhull.yaml:3:11: error: unknown rule init-proces: is init-process meant?\n");
    is_refused("builds:\n  shop: {dockerfile: Dockerfile, contxt: .}\n",
               "app/.ironhull.yaml:2:34: error: unknown key contxt: is context meant?\n");
    is_refused("files: [x]\n", "app/.ironhull.yaml:1:1: error: unknown key files: is rules meant?\n");
    is_refused("rules:\n  init-proces: off\n",
               "app/.ironhull.yaml:2:3: error: unknown rule init-proces: is init-process meant?\n");
    is_refused("images:\n  - images: [a]\n    family: debain\n",
               "app/.ironhull.yaml:3:13: error: family: no such family: is debian meant?\n");
}

#define BELOW "the folder is one below the kubelet's folder for profiles: a relative path without .."

Test(config, refuses_values_of_another_kind) {
    static const struct {
        const char *config, *at, *error;
    } rows[] = {
        {"[uid]\n", "1:1", "a mapping is expected"},
        {"uid\n", "1:1", "a mapping is expected"},
        {"uid: 1500\n---\nuid: 1500\n", "2:1", "a second document: one is expected"},
        {"images: {}\n", "1:9", "images: a list is expected"},
        {"images: [node]\n", "1:10", "images: a mapping is expected"},
        {"images: [{family: alpine}]\n", "1:10", "the key images is missing"},
        {"images: [{images: [a]}]\n", "1:10", "the key family is missing"},
        {"images: [{images: [], family: alpine}]\n", "1:19", "images: a list of names is expected"},
        {"images: [{images: node, family: alpine}]\n", "1:19", "images: a list of names is expected"},
        {"images: [{images: [a, Node], family: alpine}]\n", "1:23", "images: the name of an image is expected"},
        {"images: [{images: ['node:20'], family: alpine}]\n", "1:20",
         "images: a name without tag and digest is expected: the key tags is for those"},
        {"images: [{images: ['node@sha256:1'], family: alpine}]\n", "1:20",
         "images: a name without tag and digest is expected: the key tags is for those"},
        {"images: [{images: ['node:node'], family: alpine}]\n", "1:20",
         "images: a name without tag and digest is expected: the key tags is for those"},
        {"images: [{images: [a], tags: 20, family: alpine}]\n", "1:30", "tags: a list is expected"},
        {"images: [{images: [a], cmd: [a, [b]], family: alpine}]\n", "1:33", "cmd: a text is expected"},
        {"images: [{images: [a], cmd: [~], family: alpine}]\n", "1:30", "cmd: a text is expected"},
        {"images: [{images: [a], runtime: , family: alpine}]\n", "1:32", "runtime: a text is expected"},
        {"images: [{images: [a], workdir: srv, family: alpine}]\n", "1:33",
         "workdir: an absolute path without odd characters is expected"},
        {"images: [{images: [a], writes: [/a, b], family: alpine}]\n", "1:37",
         "writes: an absolute path without odd characters is expected"},
        {"images: [{images: [a], volumes: ['/a:b'], family: alpine}]\n", "1:34",
         "volumes: an absolute path without odd characters is expected"},
        {"images: [{images: [a], shell: sh, family: alpine}]\n", "1:31",
         "shell: none is expected, or no such key: the image has /bin/sh then"},
        {"images: [{images: [a], unverified: [tags], family: alpine}]\n", "1:36",
         "unverified: a list of user, entrypoint, cmd, all, capabilities, as_user and writes is expected"},
        {"images: [{images: [a], capabilities: [CHOWN, IPC_LOCK], family: alpine}]\n", "1:46",
         "capabilities: a capability that an engine gives by default is expected, without CAP_: CHOWN, SETUID, …"},
        {"images: [{images: [a], capabilities: CHOWN, family: alpine}]\n", "1:38", "capabilities: a list is expected"},
        {"images: [{images: [a], capabilities: , family: alpine}]\n", "1:37",
         "capabilities: a list is expected: [] where it needs none"},
        {"images: [{images: [a], data: [var], family: alpine}]\n", "1:31",
         "data: an absolute path without odd characters is expected"},
        {"images: [{images: [a], executes: /run, family: alpine}]\n", "1:34", "executes: a list is expected"},
        {"images: [{images: [a], ports: 80, family: alpine}]\n", "1:31", "ports: a list is expected"},
        {"images: [{images: [a], ports: [80, 8080], family: alpine}]\n", "1:31",
         "ports: a list of ports from 1 to 1023 is expected"},
        {"images: [{images: [a], ports: [0], family: alpine}]\n", "1:31",
         "ports: a list of ports from 1 to 1023 is expected"},
        {"images: [{images: [a], user: b, family: alpine}]\n", "1:30", "user: a mapping is expected"},
        {"images: [{images: [a], user: {name: b, uid: 0, gid: 0}, family: alpine}]\n", "1:45",
         "uid: a number from 1 (0 is root's) to 2147483647 is expected"},
        {"rules: [init-process]\n", "1:8", "rules: a mapping from rules to on or off is expected"},
        {"rules: {init-process: no}\n", "1:23", "rules: on or off is expected"},
        {"uid: {}\n", "1:6", "uid: a number from 1 (0 is root's) to 2147483647 is expected"},
        {"uid:\n", "1:5", "uid: a number from 1 (0 is root's) to 2147483647 is expected"},
        {"seccomp: Localhost\n", "1:10", "seccomp: runtime-default, localhost or localhost:FOLDER is expected"},
        {"seccomp:\n", "1:9", "seccomp: runtime-default, localhost or localhost:FOLDER is expected"},
        {"seccomp: 'localhost:'\n", "1:10", "seccomp: " BELOW},
        {"seccomp: localhost:/var/lib\n", "1:10", "seccomp: " BELOW},
        {"seccomp: localhost:a/../b\n", "1:10", "seccomp: " BELOW},
        {"seccomp: 'localhost:a b'\n", "1:10", "seccomp: " BELOW},
        {"user: true\n", "1:7", "user: a text is expected: put it in quotes if it is a name"},
        {"user: ~\n", "1:7", "user: a text is expected: put it in quotes if it is a name"},
        {"unsafe-fixes: on\n", "1:15", "unsafe-fixes: true or false is expected"},
        {"unsafe-fixes: 'true'\n", "1:15", "unsafe-fixes: true or false is expected"},
        {"pod-security: restrictd\n", "1:15", "pod-security: a level is expected: is restricted meant?"},
        {"pod-security: restricted:1.30\n", "1:15",
         "pod-security: a version behind the level is latest or v1.N, as in restricted:v1.37"},
        {"writable: /srv\n", "1:11", "writable: a list is expected"},
        {"writable: [/srv, srv]\n", "1:18", "writable: an absolute path without odd characters is expected"},
        {"writable: [/tmp/x]\n", "1:12",
         "writable: a folder is expected, and none in /tmp, which can be written to anyway"},
        {"writable: [//]\n", "1:12",
         "writable: a folder is expected, and none in /tmp, which can be written to anyway"},
        {"exclude: x\n", "1:10", "exclude: a list is expected"},
        {"include: [\"a\\nb\"]\n", "1:11", "include: a pattern in one line is expected"},
        {"include: ['']\n", "1:11", "include: a text is expected"},
        {"overrides: {}\n", "1:12", "overrides: a list is expected"},
        {"overrides: [x]\n", "1:13", "overrides: a mapping is expected"},
        {"overrides: [{uid: 1500}]\n", "1:13", "the key files is missing"},
        {"overrides: [{files: []}]\n", "1:21", "files: a list of patterns is expected"},
        {"overrides: [{files: x}]\n", "1:21", "files: a list of patterns is expected"},
        {"overrides: [{files: [x], uid: 0}]\n", "1:31", "uid: a number from 1 (0 is root's) to 2147483647 is expected"},
        {"overrides: [{files: [x], uid: 1500, uid: 1600}]\n", "1:37",
         "duplicate key \"uid\": it is already given in line 1"},
        {"builds: [shop]\n", "1:9", "builds: a mapping from images to Dockerfiles is expected"},
        {"builds: {'shop:1': Dockerfile}\n", "1:10",
         "builds: the name of an image is expected, without tag and digest"},
        {"builds: {shop: Dockerfile, docker.io/library/shop: Dockerfile}\n", "1:28",
         "builds: another name of the same image is given above: remove one"},
        {"builds: {shop: }\n", "1:15", "builds: a path from the folder of this file on is expected"},
        {"builds: {shop: []}\n", "1:16", "builds: a mapping is expected"},
        {"builds: {shop: {}}\n", "1:16", "the key dockerfile is missing"},
        {"builds: {shop: missing/Dockerfile}\n", "1:16", "builds: there is no app/missing/Dockerfile"},
        {"builds: {shop: /etc/passwd}\n", "1:16", "builds: a path from the folder of this file on is expected"},
        {"builds: {shop: .}\n", "1:16", "builds: app is no file"},
        {"builds: {shop: {dockerfile: Dockerfile, context: Dockerfile}}\n", "1:50",
         "context: app/Dockerfile is no folder"},
        {"builds: {shop: {dockerfile: Dockerfile, target: }}\n", "1:48", "target: a text is expected"},
        {"uid: 1500\nuid: 1500\n", "2:1", "duplicate key \"uid\": it is already given in line 1"},
        {"uid: 'a\n", "2:1", "found unexpected end of stream (while scanning a quoted scalar that starts in line 1)"},
        {"a: \xff\n", "1:4", "byte 0xff is not UTF-8: save the file as UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        is_refused(rows[i].config,
                   str_printf(&arena, "app/.ironhull.yaml:%s: error: %s\n", rows[i].at, rows[i].error).p);
    }
}

Test(config, refuses_ids_and_names_that_cannot_be_had) {
    static const char *const ids[] = {"0",           "-1",   "1.5",  "2147483648", "4294967295",
                                      "99999999999", "0x10", "0100", "''"};
    static const char name[] =
        "a name that useradd takes is expected: at most 32 of a-z, 0-9, _ and -, the first one a letter or _";
    static const char *const names[] = {"Web", "1a",  "-a",          "a.b", "a b",
                                        "a$",  "a:b", "caf\xc3\xa9", "''",  "a23456789012345678901234567890123"};
    static const char *const known[] = {"root", "www-data", "nogroup", "nobody"};
    ARENA(arena);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        is_refused(str_printf(&arena, "gid: %s\n", ids[i]).p,
                   "app/.ironhull.yaml:1:6: error: gid: a number from 1 (0 is root's) to 2147483647 is expected\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is_refused(str_printf(&arena, "user: %s\n", names[i]).p,
                   str_printf(&arena, "app/.ironhull.yaml:1:7: error: user: %s\n", name).p);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_refused(str_printf(&arena, "user: %s\n", known[i]).p,
                   "app/.ironhull.yaml:1:7: error: user: distributions have a user or group of that name\n");
}

Test(config, says_all_that_is_wrong) {
    is_refused("builds: {'a=b': Dockerfile, 'a)b': Dockerfile}\n",
               "app/.ironhull.yaml:1:10: error: builds: the name of an image is expected, without tag and digest\n"
               "app/.ironhull.yaml:1:29: error: builds: the name of an image is expected, without tag and digest\n");
    is_refused("uid: 0\nx: 1\nimages:\n  - tags: 1\n",
               "app/.ironhull.yaml:1:6: error: uid: a number from 1 (0 is root's) to 2147483647 is expected\n"
               "app/.ironhull.yaml:2:1: error: unknown key x: there are " KEYS
               "app/.ironhull.yaml:4:11: error: tags: a list is expected\n"
               "app/.ironhull.yaml:4:5: error: the key images is missing\n"
               "app/.ironhull.yaml:4:5: error: the key family is missing\n");
}

Test(config, refuses_files_that_are_none_of_the_folder) {
    ARENA(arena);
    file_put("else.yaml", STR("uid: 1500\n"));
    file_put("app/inside.yaml", STR("uid: 1500\n"));
    static const struct {
        const char *target, *error; /* NULL: it can be read */
    } rows[] = {
        {"../else.yaml", "is a link that leads out of its folder: put the file itself there"},
        {"/etc/passwd", "is a link that leads out of its folder: put the file itself there"},
        {"missing", "cannot be read: No such file or directory"},
        {"inside.yaml", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert_eq(symlink(rows[i].target, "app/.ironhull.yaml"), 0);
        struct result result = RUN(&arena, "app");
        cr_expect_eq(result.code, rows[i].error ? 2 : 0, "%s: %.*s", rows[i].target, STR_ARG(result.err));
        has(rows[i].error ? result.err : result.out, rows[i].error ? rows[i].error : "USER 1500:1500", true);
        unlink("app/.ironhull.yaml");
    }
    cr_assert_eq(mkdir("app/.ironhull.yaml", 0777), 0);
    struct result result = RUN(&arena, "app");
    cr_expect_eq(result.code, 2);
    has(result.err, "app/.ironhull.yaml: error: is a directory\n", true);
    cr_assert_eq(rmdir("app/.ironhull.yaml"), 0);
    file_put("app/.ironhull.yaml", STR("uid: 1500\n"));
    cr_assert_eq(chmod("app/.ironhull.yaml", 0), 0);
    result = process_run(&arena, &(struct setting){.is_unprivileged = true}, ARGUMENTS("app"));
    cr_expect_eq(result.code, 2);
    has(result.err, "app/.ironhull.yaml: error: cannot be read: Permission denied\n", true);
}

/* --- which file applies --------------------------------------------------------------------------------------------
 */

Test(config, takes_files_that_say_nothing) {
    static const char *const texts[] = {"",    "\n", "# nothing\n",       "---\n",
                                        "~\n", "{}", "images:\nrules:\n", "\xef\xbb\xbf"};
    ARENA(arena);
    struct str want = RUN(&arena, "app").out;
    has(want, "USER 10001:10001\n", true);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        file_put("app/.ironhull.yaml", str_of(texts[i]));
        struct result result = RUN(&arena, "app");
        cr_expect_eq(result.code, 0, "%s: %.*s", texts[i], STR_ARG(result.err));
        cr_expect(str_eq(result.out, want), "%s: %.*s", texts[i], STR_ARG(result.out));
    }
}

Test(config, is_found_above_every_path) {
    ARENA(arena);
    char here[4096];
    cr_assert(getcwd(here, sizeof here));
    file_put(".ironhull.yaml", STR("uid: 1500\n"));
    file_put("app/a/b/Dockerfile", str_of(plain));
    file_put("app/a/.ironhull.yaml", STR("gid: 1600\n"));
    static const struct {
        const char *folder, *path, *user;
    } rows[] = {
        {".", "app/Dockerfile", "1500:1500"},
        {".", "./app/Dockerfile", "1500:1500"},
        {"app", "Dockerfile", "1500:1500"},
        {"app", "../app/Dockerfile", "1500:1500"},
        {"app/a/b", ".", "10001:1600"},
        {"app/a/b", "../../Dockerfile", "1500:1500"},
        {".", "app/a/b/Dockerfile", "10001:1600"},
        {"/", NULL, "10001:1600"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_assert_eq(chdir(rows[i].folder), 0);
        const char *path = rows[i].path ? rows[i].path : str_printf(&arena, "%s/app/a/b", here).p;
        struct result result = RUN(&arena, path);
        has(result.out, str_printf(&arena, "+USER %s\n", rows[i].user).p, true);
        cr_assert_eq(chdir(here), 0);
    }
    /* further up than there are folders */
    struct str up = str_printf(&arena, "%.*s%s/app/a/b", STR_ARG(repeated(&arena, "../", 60)), here + 1);
    has(RUN(&arena, up.p).out, "+USER 10001:1600\n", true);
}

Test(config, is_looked_for_up_to_the_top_of_the_repository) {
    static const struct {
        const char *git; /* what makes the top */
        const char *user;
    } rows[] = {{NULL, "1500:1500"}, {"app/.git/HEAD", "10001:10001"}, {"app/.git", "10001:10001"}};
    file_put(".ironhull.yaml", STR("uid: 1500\n"));
    file_put("app/deep/Dockerfile", str_of(plain));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        cr_assert_eq(system("rm -rf app/.git"), 0);
        if (rows[i].git)
            file_put(rows[i].git, STR("gitdir: elsewhere\n"));
        has(RUN(&arena, "app/deep").out, str_printf(&arena, "+USER %s\n", rows[i].user).p, true);
    }
    /* one at the top itself holds */
    ARENA(arena);
    file_put("app/.ironhull.yaml", STR("uid: 1600\n"));
    has(RUN(&arena, "app/deep").out, "+USER 1600:1600\n", true);
}

Test(config, is_that_of_the_name_given_to_standard_input) {
    ARENA(arena);
    file_put(".ironhull.yaml", STR("uid: 1500\n"));
    file_put("app/.ironhull.yaml", STR("uid: 1600\n"));
    has(FILTER(&arena, str_of(plain), "-").out, "\nUSER 1500:1500\n", true);
    has(FILTER(&arena, str_of(plain), "-", "--stdin-filename=Dockerfile").out, "\nUSER 1500:1500\n", true);
    has(FILTER(&arena, str_of(plain), "-", "--stdin-filename=app/Dockerfile").out, "\nUSER 1600:1600\n", true);
    has(FILTER(&arena, str_of(plain), "-", "--stdin-filename=app/new/Dockerfile").out, "\nUSER 1600:1600\n", true);
}

Test(config, is_no_file_to_harden) {
    ARENA(arena);
    file_put("app/.ironhull.yaml", STR("uid: 1500\n"));
    cr_expect_eq(RUN(&arena, "app/.ironhull.yaml").code, 2);
    struct result result = RUN(&arena, "-o", "out", ".");
    cr_expect_eq(result.code, 0);
    cr_expect_not(folder_has("out", ".ironhull"));
}

/* --- what it does --------------------------------------------------------------------------------------------------
 */

Test(config, gives_way_to_options) {
    static const struct {
        const char *config, *options[4], *name, *user;
    } rows[] = {
        {"", {"--uid=1500"}, "app", "1500:1500"},
        {"", {"--gid", "1600"}, "app", "10001:1600"},
        {"", {"--uid=1500", "--gid=1600", "--user=web"}, "web", "1500:1600"},
        {"uid: 1500\n", {NULL}, "app", "1500:1500"},
        {"uid: 1500\ngid: 1600\nuser: web\n", {NULL}, "web", "1500:1600"},
        {"uid: 1500\ngid: 1600\nuser: web\n", {"--uid=1700"}, "web", "1700:1600"},
        {"uid: 1500\n", {"--uid=1700"}, "app", "1700:1700"},
        {"uid: '1500'\nuser: \"web\"\n", {"--user", "_a-1"}, "_a-1", "1500:1500"},
        {"uid: 2147483647\n", {NULL}, "app", "2147483647:2147483647"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        const char *line[8] = {"ironhull", "app"};
        for (size_t j = 0; j < 4; j++)
            line[j + 2] = rows[i].options[j];
        file_put("app/.ironhull.yaml", str_of(rows[i].config));
        struct result result = process_run(&arena, &(struct setting){0}, line);
        cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
        has(result.out, str_printf(&arena, "+USER %s\n", rows[i].user).p, true);
        has(result.out, str_printf(&arena, "--shell /usr/sbin/nologin %s\n", rows[i].name).p, true);
    }
}

Test(config, is_overridden_for_some_files) {
    static const struct {
        const char *overrides, *path, *user; /* of the program that a/b/Dockerfile starts */
    } rows[] = {
        {"[{files: [b], uid: 1600}]", ".", "1600:1600"},
        {"[{files: [c], uid: 1600}]", ".", "1500:1500"},
        {"[{files: [a/b], uid: 1600}]", ".", "1600:1600"},
        {"[{files: [/b], uid: 1600}]", ".", "1500:1500"},
        {"[{files: [b/], uid: 1600}]", ".", "1600:1600"},
        {"[{files: [Dockerfile/], uid: 1600}]", ".", "1500:1500"},
        {"[{files: [Dockerfile], uid: 1600}]", "a/b/Dockerfile", "1600:1600"},
        {"[{files: ['Docker*'], uid: 1600}]", "a", "1600:1600"},
        {"[{files: ['a/*'], uid: 1600}]", "./a/b/", "1600:1600"},
        {"[{files: ['*/Dockerfile'], uid: 1600}]", ".", "1500:1500"},
        {"[{files: ['**/Dockerfile'], uid: 1600}]", ".", "1600:1600"},
        {"[{files: [Dockerfile, '!/a/b/Dockerfile'], uid: 1600}]", ".", "1500:1500"},
        {"[{files: [x, a], uid: 1600}]", ".", "1600:1600"},
        /* the last one that fits wins, key by key */
        {"[{files: [a], uid: 1600}, {files: [b], uid: 1700}]", ".", "1700:1700"},
        {"[{files: [b], uid: 1700}, {files: [a], uid: 1600}]", ".", "1600:1600"},
        {"[{files: [a], uid: 1600}, {files: [b], gid: 1700}]", ".", "1600:1700"},
        {"[{files: [a], gid: 1600}]", ".", "1500:1600"},
    };
    file_put("a/b/Dockerfile", str_of(plain));
    char *here = getcwd(NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        file_put(".ironhull.yaml", str_printf(&arena, "uid: 1500\noverrides: %s\n", rows[i].overrides));
        struct result result = RUN(&arena, rows[i].path);
        cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
        has(result.out, str_printf(&arena, "+USER %s\n", rows[i].user).p, true);
        /* wherever one stands */
        cr_assert_eq(chdir("a/b"), 0);
        has(RUN(&arena, "../b").out, str_printf(&arena, "+USER %s\n", rows[i].user).p, true);
        has(RUN(&arena, str_printf(&arena, "%s/a/b", here).p).out, str_printf(&arena, "+USER %s\n", rows[i].user).p,
            true);
        cr_assert_eq(chdir("../.."), 0);
        has(RUN(&arena, "--uid=1800", "--gid=1900", "a").out, "+USER 1800:1900\n", true);
    }
    free(here);
}

Test(config, switches_rules_for_some_files) {
    static const struct {
        const char *config;
        bool has_user, has_init;
    } rows[] = {
        {"overrides: [{files: [app], rules: {init-process: off}}]", true, false},
        {"rules: {init-process: off, non-root-user: off}\noverrides: [{files: [app], rules: {init-process: on}}]",
         false, true},
        {"overrides: [{files: [app], rules: {init-process: off}}, {files: [app], rules: {non-root-user: off}}]", false,
         false},
        {"overrides: [{files: [app], rules: {init-process: off}}, {files: [app], rules: {init-process: on}}]", true,
         true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        file_put(".ironhull.yaml", str_of(rows[i].config));
        struct str out = RUN(&arena, "app").out;
        has(out, "+USER ", rows[i].has_user);
        has(out, "+ENTRYPOINT ", rows[i].has_init);
    }
}

static const char privileged_pod[] = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: "
                                     "a\n    image: busybox:1.36\n    command: [sleep, '1']\n    securityContext: "
                                     "{allowPrivilegeEscalation: true}\n";

Test(config, says_which_fixes_are_applied_and_which_level_is_asked_for) {
    static const struct {
        const char *config, *option;
        bool is_changed, is_asked;
    } rows[] = {
        {"", NULL, false, false},
        {"unsafe-fixes: true\n", NULL, true, false},
        {"unsafe-fixes: false\n", "--unsafe-fixes", true, false},
        {"unsafe-fixes: true\noverrides: [{files: ['*.yaml'], unsafe-fixes: false}]\n", NULL, false, false},
        {"overrides: [{files: [pod.yaml], unsafe-fixes: true, pod-security: baseline}]\n", NULL, true, false},
        {"pod-security: restricted\n", NULL, false, true},
        {"pod-security: restricted\noverrides: [{files: [pod.yaml], pod-security: privileged}]\n", NULL, false, false},
        {"pod-security: restricted\n", "--pod-security=privileged", false, false},
        {"pod-security: baseline\n", "--pod-security=restricted", false, true},
    };
    file_put("pod.yaml", str_of(privileged_pod));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        file_put(".ironhull.yaml", str_of(rows[i].config));
        struct result result = RUN(&arena, "pod.yaml", rows[i].option);
        has(result.out, "+    securityContext: {allowPrivilegeEscalation: false, ", rows[i].is_changed);
        has(result.err, "(restricted: allowPrivilegeEscalation)", rows[i].is_asked);
    }
}

/* What a KRM function is given wins over the file, in both directions. */
Test(config, gives_way_to_settings_of_a_function) {
    static const struct {
        const char *config, *setting;
        bool is_changed;
    } rows[] = {{"unsafe-fixes: true\n", "false", false}, {"unsafe-fixes: false\n", "true", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        file_put(".ironhull.yaml", str_of(rows[i].config));
        struct buf list = {.arena = &arena};
        buf_printf(&list,
                   "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: {kind: ConfigMap, "
                   "apiVersion: v1, data: {unsafe-fixes: \"%s\"}}\nitems:\n- ",
                   rows[i].setting);
        struct str rest = str_of(privileged_pod), line;
        for (bool is_first = true; str_cut(&rest, '\n', &line); is_first = false)
            if (line.n)
                buf_printf(&list, "%s%.*s\n", is_first ? "" : "  ", STR_ARG(line));
        struct result result = FILTER(&arena, buf_str(&list), "-");
        cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
        has(result.out, "allowPrivilegeEscalation: false", rows[i].is_changed);
    }
}

/* --- builds --------------------------------------------------------------------------------------------------------
 */

static const char shop_pod[] = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    "
                               "image: registry.example.com/team/shop:${TAG}\n";

Test(config, says_which_dockerfile_builds_an_image) {
    static const struct {
        const char *builds, *user; /* NULL: the image is not known */
    } rows[] = {
        {"{}", NULL},
        {"{registry.example.com/team/shop: one/Dockerfile}", "1100"},
        {"{registry.example.com/team/shop: two/x.Dockerfile}", "1300"},
        {"{registry.example.com/team/shop: {dockerfile: two/x.Dockerfile, target: first}}", "1200"},
        {"{registry.example.com/team/shop: {dockerfile: two/x.Dockerfile, target: '0', context: .}}", "1200"},
        {"{registry.example.com/team/shop: {dockerfile: two/x.Dockerfile, target: third}}", NULL},
        {"{team/shop: one/Dockerfile}", NULL},
    };
    file_put("one/Dockerfile", STR("FROM debian:13\nUSER 1100:1100\nCMD [\"/bin/a\"]\n"));
    file_put("two/x.Dockerfile", STR("FROM debian:13 AS first\nUSER 1200:1100\nCMD [\"/bin/a\"]\nFROM debian:13\nUSER "
                                     "1300:1100\nCMD [\"/bin/a\"]\n"));
    file_put("k8s/pod.yaml", str_of(shop_pod));
    file_put("run/compose.yaml", STR("services:\n  shop:\n    image: registry.example.com/team/shop:4\n"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        file_put(".ironhull.yaml", str_printf(&arena, "builds: %s\n", rows[i].builds));
        /* also where the Dockerfile lies outside of what is named */
        static const char *const paths[] = {".", "k8s", "run/compose.yaml"};
        for (size_t j = 0; j < 3; j++) {
            struct result result = RUN(&arena, paths[j]);
            cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
            struct str out = result.out;
            if (j != 2)
                has(out, rows[i].user ? str_printf(&arena, "runAsUser: %s\n", rows[i].user).p : "runAsUser",
                    rows[i].user != NULL);
            if (j != 1)
                has(out, rows[i].user ? str_printf(&arena, "user: \"%s:1100\"\n", rows[i].user).p : "user: \"",
                    rows[i].user != NULL);
        }
    }
}

#define AT "app/.ironhull.yaml:"
#define OUTSIDE " lies outside of the repository, or of this file's folder where there is none\n"

Test(config, reads_no_dockerfile_outside_of_the_repository) {
    file_put("Dockerfile", str_of(plain));
    file_put("app/sub/x", STR(""));
    /* without a repository the folder of the file is all */
    is_refused("builds: {a: ../Dockerfile}\n", AT "1:13: error: builds: Dockerfile" OUTSIDE);
    is_refused("builds: {a: sub/../../Dockerfile}\n", AT "1:13: error: builds: Dockerfile" OUTSIDE);
    is_refused("builds: {a: {dockerfile: Dockerfile, context: ..}}\n", AT "1:47: error: context: ." OUTSIDE);
    cr_assert_eq(symlink("../Dockerfile", "app/link"), 0);
    is_refused("builds: {a: link}\n", AT "1:13: error: builds: app/link" OUTSIDE);
    ARENA(arena);
    file_put(".git/HEAD", STR("ref: refs/heads/main\n"));
    static const char *const good[] = {"builds: {a: ../Dockerfile}\n", "builds: {a: link}\n",
                                       "builds: {a: {dockerfile: Dockerfile, context: ..}}\n"};
    for (size_t i = 0; i < 3; i++) {
        file_put("app/.ironhull.yaml", str_of(good[i]));
        struct result result = RUN(&arena, "app");
        cr_expect_eq(result.code, 0, "%s: %.*s", good[i], STR_ARG(result.err));
    }
    is_refused("builds: {a: ../../etc/passwd}\n", AT "1:13: error: builds: ../etc/passwd" OUTSIDE);
}

Test(config, says_what_programs_write_to) {
    ARENA(arena);
    file_put(".ironhull.yaml", STR("overrides: [{files: [app/Dockerfile], writable: [/srv/files/, /app/x]}]\n"));
    file_put("other/Dockerfile", str_of(plain));
    file_put("compose.yaml", STR("services:\n  app: {build: app}\n  other: {build: other}\n"));
    struct str app = RUN(&arena, "app").out, other = RUN(&arena, "other").out;
    has(app, "+RUN mkdir -p /srv/files /app/x && chown 10001:10001 /srv/files /app/x\n", true);
    has(other, "mkdir", false);
}

/* --- what is printed -----------------------------------------------------------------------------------------------
 */

/* What it prints says the same in the place of the file, and is not printed otherwise then. */
Test(config, prints_what_applies) {
    static const struct {
        const char *config, *options[3], *lines[6];
    } rows[] = {
        {"", {NULL}, {"# uid: the image's own user, else 10001  # default\n", "unsafe-fixes: false", "builds: {}"}},
        {"uid: 1500\n",
         {"--gid=1600", "--user=web"},
         {"uid: 1500                                # app/.ironhull.yaml:1\n",
          "gid: 1600                                # --gid\n", "user: web                                # --user\n"}},
        {"", {"--user=true"}, {"user: \"true\"                             # --user\n"}},
        {"rules: {init-process: off}\noverrides:\n- files: [Dockerfile]\n  rules:\n    init-process: on\n    "
         "non-root-user: off\n  uid: 1600\n",
         {"--unsafe-fixes", "--pod-security=restricted:v1.30"},
         {"\n  init-process: on                       # app/.ironhull.yaml:5\n",
          "\n  non-root-user: off                     # app/.ironhull.yaml:6\n",
          "uid: 1600                                # app/.ironhull.yaml:7\n",
          "unsafe-fixes: true                       # --unsafe-fixes\n",
          "pod-security: restricted:v1.30           # --pod-security\n"}},
        {"seccomp: localhost:profiles\nwritable: [/app/x]\nexclude: ['a #b', \"c\\td\"]\n"
         "builds: {'a:5000/b': {dockerfile: Dockerfile, target: '0'}}\n"
         "images: [{images: [python], family: debian, tags: ['3.12*'], cmd: ['on', \"x: y\"]}]\n",
         {"--seccomp=localhost:operator"},
         {"seccomp: localhost:operator", "  - /app/x ", "  - 'a #b' ", "  - \"c\\td\" ",
          "\n  'a:5000/b': {dockerfile: Dockerfile, target: '0'} # app/.ironhull.yaml:4\n",
          "\n  - {images: [python], family: debian, tags: ['3.12*'], cmd: ['on', \"x: y\"]} # "
          "app/.ironhull.yaml:5\n"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        const char *line[7] = {"ironhull", "app/Dockerfile", rows[i].options[0], rows[i].options[1]};
        const char *printing[7] = {"ironhull", "--print-config", "app/Dockerfile", rows[i].options[0],
                                   rows[i].options[1]};
        if (!rows[i].options[0])
            printing[3] = NULL;
        file_put("app/.ironhull.yaml", str_of(rows[i].config));
        struct str before = process_run(&arena, &(struct setting){0}, line).out;
        struct result result = process_run(&arena, &(struct setting){0}, printing);
        cr_expect(result.code == 0 && result.err.n == 0, "%.*s", STR_ARG(result.err));
        for (size_t j = 0; j < 6 && rows[i].lines[j]; j++)
            has(result.out, rows[i].lines[j], true);
        file_put("app/.ironhull.yaml", result.out);
        cr_expect(str_eq(RUN(&arena, "app/Dockerfile").out, before));
        struct str again = RUN(&arena, "--print-config", "app/Dockerfile").out, x, y;
        for (struct str a = result.out, b = again; str_cut(&a, '\n', &x) && str_cut(&b, '\n', &y);) {
            uint32_t end = str_rfind(x, '#');
            cr_expect(end == 0 || str_eq(str_sub(x, 0, end), str_sub(y, 0, str_rfind(y, '#'))), "%.*s\n%.*s",
                      STR_ARG(x), STR_ARG(y));
        }
    }
}

Test(config, prints_what_applies_to_folders) {
    ARENA(arena);
    file_put(".ironhull.yaml", STR("uid: 1500\noverrides: [{files: [app], uid: 1600}]\n"));
    struct result result = RUN(&arena, "--print-config");
    cr_expect_eq(result.code, 0);
    has(result.out, "uid: 1500                                # .ironhull.yaml:1\n", true);
    has(result.out, "overrides:\n  - {files: [app], uid: 1600}            # .ironhull.yaml:2\n", true);
    result = RUN(&arena, "--print-config", "app");
    has(result.out, "# what applies to app, by .ironhull.yaml\n", true);
    has(result.out, "uid: 1500 ", true);
    has(RUN(&arena, "--print-config", "app/a\nb").out, "# what applies to \"app/a\\nb\", by .ironhull.yaml\n", true);
    result = RUN(&arena, "--print-config", "app/not-there-yet");
    has(result.out, "uid: 1600 ", true);
    has(result.out, "overrides", false);
    file_put(".ironhull.yaml", STR("uid: 0\nrules: {x: off}\n"));
    result = RUN(&arena, "--print-config", "app");
    cr_expect(result.code == 2 && result.out.n == 0);
    has(result.err, ".ironhull.yaml:1:6: error: uid: ", true);
    has(result.err, ".ironhull.yaml:2:9: error: unknown rule x: ", true);
    cr_expect_eq(RUN(&arena, "--print-config", "a", "b").code, 2);
    cr_expect_eq(RUN(&arena, "--print-config-schema", "a").code, 2);
    cr_expect_eq(RUN(&arena, "--print-config", "-w", "a").code, 2);
}

Test(config, says_where_nodes_have_seccomp_profiles) {
    static const struct {
        const char *config, *option, *path;
    } rows[] = {
        {"", "--uid=1500", NULL},
        {"seccomp: localhost\n", "--uid=1500", "node-seccomp.json"},
        {"seccomp: localhost:./profiles//web/\n", "--uid=1500", "profiles/web/node-seccomp.json"},
        {"seccomp: localhost:profiles\n", "--seccomp=localhost:operator", "operator/node-seccomp.json"},
        {"seccomp: localhost:profiles\n", "--seccomp=localhost", "node-seccomp.json"},
        {"uid: 1500\n", "--seccomp=localhost:operator", "operator/node-seccomp.json"},
    };
    file_put("app/Dockerfile", STR("FROM node:20-slim\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"app.js\"]\n"));
    file_put("app/pod.yaml", STR("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: app\n    image: app\n"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        file_put("app/.ironhull.yaml", str_of(rows[i].config));
        struct result result = RUN(&arena, rows[i].option, "app");
        cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
        has(result.out, "RuntimeDefault\n", true);
        has(result.out, "localhostProfile: ", rows[i].path != NULL);
        if (rows[i].path)
            has(result.out, str_printf(&arena, "localhostProfile: %s\n", rows[i].path).p, true);
    }
}

Test(config, creates_no_user_that_the_image_has) {
    static const struct {
        const char *image, *options[4], *user, *error;
        bool is_created;
    } rows[] = {
        {"node:20", {NULL}, "1000:1000", NULL, false},
        {"node:20", {"--uid=1000"}, "1000:1000", NULL, false},
        {"node:20", {"--uid=1000", "--gid=1600"}, "1000:1600", NULL, false},
        {"node:20", {"--user=web"}, "1000:1000", NULL, false},
        {"node:20", {"--uid=1500"}, "1500:1500", NULL, true},
        {"node:20", {"--uid=1500", "--gid=1000"}, NULL, "gid 1000", false},
        {"node:20", {"--uid=1500", "--user=node"}, NULL, "node", false},
        {"python:3.12", {"--uid=33"}, NULL, "uid 33", false},
        {"python:3.12", {"--gid=100"}, NULL, "gid 100", false},
        {"python:3.12", {"--uid=65534"}, NULL, "uid 65534", false},
        {"scratch", {"--uid=33"}, "33:33", NULL, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        const char *line[8] = {"ironhull", "-w", "app"};
        for (size_t j = 0; j < 4; j++)
            line[j + 3] = rows[i].options[j];
        struct str text = str_printf(&arena, "FROM %s\nCOPY server /server\nCMD [\"/server\"]\n", rows[i].image);
        file_put("app/Dockerfile", text);
        struct result result = process_run(&arena, &(struct setting){0}, line);
        struct str after = file_get(&arena, "app/Dockerfile");
        cr_expect_eq(result.code, rows[i].error ? 2 : 0, "%zu: %.*s", i, STR_ARG(result.err));
        has(after, "useradd", rows[i].is_created);
        if (rows[i].user)
            has(after, str_printf(&arena, "\nUSER %s\n", rows[i].user).p, true);
        else
            cr_expect(str_eq(after, text), "%.*s", STR_ARG(after));
        if (rows[i].error)
            has(result.err,
                str_printf(&arena,
                           "app/Dockerfile:1:1: error: %s is asked for, and is taken in the base image, or may be: ask "
                           "for another\n",
                           rows[i].error)
                    .p,
                true);
    }
}

Test(config, gives_another_name_where_the_image_has_that_of_new_users) {
    ARENA(arena);
    file_put("app/Dockerfile",
             STR("FROM mcr.microsoft.com/dotnet/runtime:8.0\nCOPY a /a\nCMD [\"dotnet\", \"a.dll\"]\n"));
    has(RUN(&arena, "app", "--uid=1500").out, "/nologin appuser\n", true);
}

/* What is written stands as text between bars. */
static void lists(const char *want, const struct str *list, uint32_t n) {
    ARENA(arena);
    struct buf got = {.arena = &arena};
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&got, "%s%.*s", i ? "|" : "", STR_ARG(list[i]));
    cr_expect(str_eq(buf_str(&got), str_of(want)), "%.*s is not %s", STR_ARG(buf_str(&got)), want);
}

Test(config, knows_services) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct configs configs = {0};
    file_put("app/.ironhull.yaml", STR("images:\n"
                                       "- images: [team/db]\n"
                                       "  family: debian\n"
                                       "  user: {name: db, uid: 700, gid: 701}\n"
                                       "  writes: [/run/db/, /etc/db]\n"
                                       "  capabilities: [SETUID, CHOWN]\n"
                                       "  file_capabilities: [NET_BIND_SERVICE]\n"
                                       "  as_user: it changes nothing\n"
                                       "  data: [/data/]\n"
                                       "  content: [/etc/db]\n"
                                       "  owns: [/data]\n"
                                       "  settings: [DB_DATA, PUID]\n"
                                       "  rewrites_if: [/templates, DB_PLUGINS]\n"
                                       "  executes: [/run/db, /tmp]\n"
                                       "  gains: it has a file capability\n"
                                       "  ports: [80, 443]\n"
                                       "  unverified: [as_user, capabilities, writes]\n"
                                       "- {images: [team/web], family: debian, capabilities: []}\n"
                                       "- {images: [team/app], family: debian}\n"));
    const struct config *config = config_find(&configs, STR("app/compose.yaml"), &arena, &diags);
    cr_assert(diags.list.n == 0 && config->images.n == 3);
    const struct image *image = &config->images.rows[0].image;
    cr_expect(image->has_capabilities);
    lists("SETUID|CHOWN", image->capabilities, image->n_capabilities);
    cr_expect(str_eq(image->as_user, STR("it changes nothing")));
    lists("/data", image->data, image->n_data);
    lists("/etc/db", image->content, image->n_content);
    lists("NET_BIND_SERVICE", image->file_capabilities, image->n_file_capabilities);
    lists("/data", image->owns, image->n_owns);
    lists("DB_DATA|PUID", image->settings, image->n_settings);
    lists("/templates|DB_PLUGINS", image->rewrites_if, image->n_rewrites_if);
    lists("/run/db|/tmp", image->executes, image->n_executes);
    cr_expect(str_eq(image->gains, STR("it has a file capability")));
    cr_expect(image->n_ports == 2 && image->ports[0] == 80 && image->ports[1] == 443);
    cr_expect_eq(image->unverified, UNVERIFIED_CAPABILITIES | UNVERIFIED_AS_USER | UNVERIFIED_WRITES);
    image = &config->images.rows[1].image;
    cr_expect(image->has_capabilities && image->n_capabilities == 0);
    image = &config->images.rows[2].image;
    cr_expect(!image->has_capabilities && image->as_user.n == 0 && image->n_ports == 0 && image->unverified == 0);
}

Test(config, switches_rules_off_and_on) {
    static const struct {
        const char *rules;
        bool has_user, has_init;
    } rows[] = {
        {"{}", true, true},
        {"{init-process: off}", true, false},
        {"{init-process: false, non-root-user: 'off'}", false, false},
        {"{init-process: on, non-root-user: True}", true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        file_put(".ironhull.yaml", str_printf(&arena, "rules: %s\n", rows[i].rules));
        struct str out = RUN(&arena, "app").out;
        has(out, "+USER ", rows[i].has_user);
        has(out, "+ENTRYPOINT ", rows[i].has_init);
    }
}

/* What the README shows is what these golden cases run. */
Test(config, is_as_the_readme_has_it) {
    ARENA(arena);
    struct str readme = file_get(&arena, source_path(&arena, "README.md"));
    static const char *const examples[] = {"golden/project/configuration/in/.ironhull.yaml",
                                           "golden/project/overrides/in/.ironhull.yaml"};
    for (size_t i = 0; i < 2; i++)
        has(readme,
            str_printf(&arena, "```yaml\n%.*s```\n", STR_ARG(file_get(&arena, source_path(&arena, examples[i])))).p,
            true);
}
