/* What the program may do once it has read hostile input: escape.c, preloaded, tries it from within. */
#include "process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
enum { IS_SANITIZED = true };
#else
enum { IS_SANITIZED = false };
#endif

static const char plain[] = "FROM node:20\nCMD [\"node\", \"x.js\"]\n";

static void enter(void) {
    folder_enter();
    file_put("app/Dockerfile", str_of(plain));
    mkdir("out", 0777);
}

TestSuite(sandbox, .init = enter, .fini = folder_leave);

static long landlock(void) {
    return syscall(444, NULL, 0, 1);
}

/* Runs the program; gives what the tries came to. */
static struct str escape(struct arena *arena, struct str input, const char *const *arguments) {
    static const char *const folders[] = {"app", "out", "other"};
    for (int i = 0; i < 3; i++)
        file_put(str_printf(arena, "%s/secret", folders[i]).p, STR("x\n"));
    setenv("ESCAPE_REPORT", "tries", 1);
    setenv("ESCAPE_FOLDERS", "app out other", 1);
    setenv("LD_PRELOAD", getenv("ESCAPE"), 1);
    struct result result = process_run(arena, &(struct setting){.input = input}, arguments);
    unsetenv("LD_PRELOAD");
    cr_expect_neq(result.code, 2, "%.*s", STR_ARG(result.err));
    cr_assert_eq(system("rm -rf */escaped */moved"), 0);
    struct str tries = file_get(arena, "tries");
    cr_assert(str_contains(tries, STR("socket thread")), "no tries were made: %.*s", STR_ARG(result.err));
    return tries;
}

static const char *asked = "";

static void ends(struct str tries, const char *try, const char *how) {
    ARENA(arena);
    struct str line = str_printf(&arena, "\n%s %s\n", try, how);
    struct str all = str_printf(&arena, "\n%.*s", STR_ARG(tries));
    cr_expect(str_contains(all, line), "%s:%.*s is not in:\n%.*s", asked, STR_ARG(line), STR_ARG(tries));
}

static void reads(struct str tries, const char *folder, bool may) {
    ARENA(arena);
    ends(tries, str_printf(&arena, "list %s", folder).p, may ? "ok" : "EACCES");
    ends(tries, str_printf(&arena, "read %s", folder).p, may ? "ok" : "EACCES");
}

static void writes(struct str tries, const char *folder, bool may) {
    ARENA(arena);
    static const char *const ways[] = {"write", "truncate", "make", "mkdir", "rename"};
    for (int i = 0; i < 5; i++)
        ends(tries, str_printf(&arena, "%s %s", ways[i], folder).p, may ? "ok" : "EACCES");
    ends(tries, str_printf(&arena, "unlink %s", folder).p, may ? "ok" : "ENOENT");
}

static void acts(struct str tries, bool may) {
    static const char *const ways[] = {"exec", "fork",   "socket", "unix",         "bind",
                                       "kill", "ptrace", "type",   "socket thread"};
    for (int i = 0; i < 9; i++)
        ends(tries, ways[i], may ? "ok" : "EPERM");
}

#define ESCAPE(...) escape(&arena, STR(""), ARGUMENTS(__VA_ARGS__))

/* Whether there is one to be tested. */
static void need(void) {
    if (IS_SANITIZED || landlock() < 3)
        folder_skip("the address sanitizer, or a kernel without Landlock");
}

Test(sandbox, has_no_programs_and_no_network) {
    ARENA(arena);
    if (IS_SANITIZED)
        folder_skip("the address sanitizer");
    acts(ESCAPE("--check", "app"), false);
    acts(ESCAPE("-w", "app"), false);
    acts(escape(&arena, str_of(plain), ARGUMENTS("-", "--stdin-filename=Dockerfile")), false);
    acts(escape(&arena, STR(""), ARGUMENTS("lsp")), false);
}

Test(sandbox, has_the_files_that_the_options_name) {
    ARENA(arena);
    need();
    static const struct {
        const char *arguments[6];
        bool reads_app, writes_app, reads_out, writes_out;
    } rows[] = {
        {{"ironhull", "app"}, true, false, false, false},
        {{"ironhull", "--check", "app"}, true, false, false, false},
        {{"ironhull", "--check", "app/Dockerfile"}, true, false, false, false},
        {{"ironhull", "--check", "app/Docker*"}, true, false, false, false},
        {{"ironhull", "-w", "app"}, true, true, false, false},
        {{"ironhull", "-w", "app/Dockerfile"}, true, true, false, false},
        {{"ironhull", "-w", "out/link"}, true, true, true, true},
        {{"ironhull", "-o", "out", "app"}, true, false, true, true},
        {{"ironhull", "--check", "--output-file=out/report", "app"}, true, false, true, true},
        {{"ironhull", "--check", "--output-file=out/new/report", "app"}, true, false, true, true},
        {{"ironhull", "--check", "--output-file=/dev/null", "app"}, true, false, false, false},
        {{"ironhull", "--write-baseline=out/accepted", "app"}, true, false, true, true},
        {{"ironhull", "-w", "--reverse-patch=out/undo", "app"}, true, true, true, true},
        {{"ironhull", "--emit=docker-run", "-o", "out", "app"}, true, false, true, true},
        {{"ironhull", "--print-config", "app"}, true, false, false, false},
        {{"ironhull", "--dump-ast=app/Dockerfile"}, false, false, false, false},
        {{"ironhull", "--rules"}, true, true, true, true}, /* no input is read */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unlink("out/undo");
        file_put("app/Dockerfile", str_of(plain));
        if (access("out/link", F_OK) != 0)
            cr_assert_eq(symlink("../app/Dockerfile", "out/link"), 0);
        asked = rows[i].arguments[1];
        struct str tries = escape(&arena, STR(""), rows[i].arguments);
        reads(tries, "app", rows[i].reads_app);
        writes(tries, "app", rows[i].writes_app);
        reads(tries, "out", rows[i].reads_out);
        writes(tries, "out", rows[i].writes_out);
        bool is_open = rows[i].arguments[1][2] == 'r';
        reads(tries, "other", is_open);
        writes(tries, "other", is_open);
    }
}

Test(sandbox, lets_the_server_read_only) {
    ARENA(arena);
    need();
    struct str tries = escape(&arena, STR(""), ARGUMENTS("lsp"));
    reads(tries, "other", true);
    writes(tries, "other", false);
    writes(tries, "app", false);
}

Test(sandbox, can_be_left_out) {
    ARENA(arena);
    struct str tries = ESCAPE("--no-sandbox", "--check", "app");
    acts(tries, true);
    reads(tries, "other", true);
    writes(tries, "other", true);
    tries = escape(&arena, STR(""), ARGUMENTS("lsp", "--no-sandbox"));
    acts(tries, true);
    writes(tries, "other", true);
}

/* A container may deny the calls, and old kernels have none. */
Test(sandbox, is_left_out_where_there_is_none) {
    ARENA(arena);
    static const int errors[] = {ENOSYS, EPERM};
    for (int i = 0; i < 2; i++) {
        setenv("ESCAPE_LACKS", str_printf(&arena, "%d", errors[i]).p, 1);
        file_put("app/Dockerfile", str_of(plain));
        struct str tries = ESCAPE("-w", "app");
        ends(tries, "socket", "ok");
        writes(tries, "other", true);
        cr_expect(str_contains(file_get(&arena, "app/Dockerfile"), STR("USER 1000:1000\n")));
    }
    unsetenv("ESCAPE_LACKS");
}

/* --- what is read above and beside ---------------------------------------------------------------------------------
 */

/* What git leaves out is said in its own folder, which for a worktree lies elsewhere. */
static void leaves_out(const char *folder, const char *path) {
    ARENA(arena);
    struct result result = RUN(&arena, "--check", path);
    cr_expect_eq(result.code, 1, "%s %s: %.*s", folder, path, STR_ARG(result.err));
    cr_expect(!str_contains(result.out, STR("left/")) && str_contains(result.out, STR("Dockerfile:2:1: ")), "%s:\n%.*s",
              path, STR_ARG(result.out));
}

Test(sandbox, keeps_what_git_says) {
    file_put("main/.git/info/exclude", STR("left\n"));
    file_put("main/.git/HEAD", STR("ref: refs/heads/main\n"));
    file_put("main/.git/worktrees/w/commondir", STR("../..\n"));
    file_put("main/sub/left/Dockerfile", str_of(plain));
    file_put("main/sub/Dockerfile", str_of(plain));
    file_put("elsewhere/w/.git", STR("gitdir: ../../main/.git/worktrees/w\n"));
    file_put("elsewhere/w/sub/left/Dockerfile", str_of(plain));
    file_put("elsewhere/w/sub/Dockerfile", str_of(plain));
    leaves_out("a repository", "main");
    leaves_out("below its top", "main/sub");
    leaves_out("a worktree", "elsewhere/w");
    leaves_out("below its top", "elsewhere/w/sub");
    cr_assert_eq(symlink("elsewhere/w/sub", "link"), 0);
    leaves_out("by a link", "link");
}

/* A folder below the named one cannot lead out by what it says of git: there are no patterns then, and no error. */
Test(sandbox, is_not_led_out_by_a_git_file) {
    ARENA(arena);
    need();
    file_put("other/info/exclude", STR("Dockerfile\n"));
    file_put("app/sub/.git", STR("gitdir: ../../other\n"));
    file_put("app/sub/Dockerfile", str_of(plain));
    struct result result = RUN(&arena, "--check", "app");
    cr_expect_eq(result.code, 1, "%.*s", STR_ARG(result.err));
    cr_expect(str_contains(result.out, STR("app/sub/Dockerfile:2:1: ")), "%.*s", STR_ARG(result.out));
}

Test(sandbox, keeps_configurations_above) {
    ARENA(arena);
    file_put("top/.ironhull.yaml", STR("uid: 23456\n"));
    file_put("top/sub/deep/Dockerfile", STR("FROM debian:13\nCMD [\"/srv/x\"]\n"));
    file_put("top/sub/deep/compose.yaml", STR("services:\n  a: {build: .}\n"));
    static const char *const paths[] = {"top/sub/deep", "top/sub/deep/Dockerfile", "top/sub/deep/D*"};
    for (int i = 0; i < 3; i++)
        cr_expect(str_contains(RUN(&arena, paths[i]).out, STR("USER 23456:23456")), "%s", paths[i]);
    struct result result =
        FILTER(&arena, STR("FROM debian:13\nCMD [\"/srv/x\"]\n"), "-", "--stdin-filename=top/sub/new/Dockerfile");
    cr_expect(str_contains(result.out, STR("USER 23456:23456")), "%.*s", STR_ARG(result.out));
}
