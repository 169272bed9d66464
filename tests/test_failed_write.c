/* Runs that are stopped in the middle of their writes: every file is the old or the new one, and nothing else is left.
 */
#include "process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char plain[] = "FROM node:20\nCMD [\"node\", \"x.js\"]\n";

TestSuite(failed_write, .init = folder_enter, .fini = folder_leave);

static struct str hardened(struct arena *arena) {
    return FILTER(arena, str_of(plain), "-", "--stdin-filename=Dockerfile").out;
}

enum { N_FILES = 20 };

static const char *file_name(struct arena *arena, int i) {
    return str_printf(arena, "tree/%02d/Dockerfile", i).p;
}

/* The number of new files; the others are old. */
static int count_new(struct arena *arena) {
    struct str new = hardened(arena);
    int n = 0;
    for (int i = 0; i < N_FILES; i++) {
        struct str text = file_get(arena, file_name(arena, i));
        bool is_new = str_eq(text, new);
        cr_assert(is_new || str_eq(text, str_of(plain)), "%s is torn:\n%.*s", file_name(arena, i), STR_ARG(text));
        n += is_new;
    }
    return n;
}

static void put_old(struct arena *arena) {
    cr_assert_eq(system("rm -rf tree"), 0);
    for (int i = 0; i < N_FILES; i++)
        file_put(file_name(arena, i), str_of(plain));
}

/* How long a run takes, in microseconds. */
static useconds_t time_of_run(struct arena *arena) {
    struct timespec from, to;
    put_old(arena);
    clock_gettime(CLOCK_MONOTONIC, &from);
    cr_assert_eq(RUN(arena, "-w", "tree").code, 0);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (useconds_t)((to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
}

Test(failed_write, at_any_moment_leaves_all_or_nothing, .timeout = 3600) {
    static const int signals[] = {SIGKILL, SIGINT, SIGTERM, SIGHUP};
    unsigned seed = (unsigned)getpid(), n_ended = 0;
    ARENA(arena);
    useconds_t window = time_of_run(&arena) + 1;
    const char *asked = getenv("IRONHULL_TRIES"); /* for a long run by hand */
    unsigned tries = asked ? (unsigned)atoi(asked) : 60;
    for (unsigned i = 0; i < tries; i++) {
        ARENA(scratch);
        int number = signals[i % 4], status;
        put_old(&scratch);
        pid_t child = process_start(ARGUMENTS("-w", "tree"));
        usleep((useconds_t)rand_r(&seed) % window);
        cr_assert_eq(kill(child, number), 0);
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert(WIFSIGNALED(status) ? WTERMSIG(status) == number : WEXITSTATUS(status) == 0, "status %d", status);
        n_ended += WIFSIGNALED(status);
        int n = count_new(&scratch);
        if (WIFSIGNALED(status) && number == SIGKILL)
            continue;
        cr_expect(n == N_FILES || (n == 0 && WIFSIGNALED(status)), "%d files are new", n);
        cr_assert_not(folder_has("tree", ".ironhull"), "a temporary file is left");
    }
    cr_expect_gt(n_ended, tries / 6, "signals came in time in %u runs", n_ended);
}

static void fill(const char *path) {
    static const char zeros[4096];
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    cr_assert_geq(fd, 0);
    while (write(fd, zeros, sizeof zeros) > 0)
        ;
    cr_assert_eq(errno, ENOSPC);
    close(fd);
}

Test(failed_write, on_a_full_disk_leaves_old_files) {
    cr_assert_eq(mkdir("disk", 0777), 0);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "disk", "tmpfs", 0, "size=64k") != 0)
        folder_skip("no right to mount a small disk");
    ARENA(arena);
    file_put("disk/a/Dockerfile", str_of(plain));
    file_put("disk/b/Dockerfile", str_of(plain));
    file_put("c/Dockerfile", str_of(plain));
    fill("disk/full");
    struct str before = folder_state(&arena, "disk");
    struct result result = RUN(&arena, "-w", "disk", "c");
    cr_expect_eq(result.code, 2);
    cr_expect(str_contains(result.err, STR("disk/a/Dockerfile: error: cannot be written: writing: No space left")),
              "%.*s", STR_ARG(result.err));
    cr_expect(str_contains(result.err, STR("disk/b/Dockerfile: error: cannot be written")));
    cr_expect(str_contains(result.err, STR("\nironhull: error: nothing is written, as the files of a run belong "
                                           "together\n")),
              "%.*s", STR_ARG(result.err));
    cr_expect_not(str_contains(result.err, STR("disk/a/Dockerfile:2:1: fix")),
                  "nothing is said to be done that is not");
    cr_expect(str_eq(folder_state(&arena, "disk"), before));
    cr_expect(str_eq(file_get(&arena, "c/Dockerfile"), str_of(plain)), "the other disk's file");
    result = RUN(&arena, "-o", "disk/out", "c/Dockerfile");
    cr_expect_eq(result.code, 2);
    cr_expect_neq(access("disk/out/Dockerfile", F_OK), 0);
    cr_expect_not(folder_has("disk", ".ironhull"));
    cr_assert_eq(unlink("disk/full"), 0);
    cr_expect_eq(RUN(&arena, "-w", "disk").code, 0);
    cr_expect(str_eq(file_get(&arena, "disk/a/Dockerfile"), hardened(&arena)));
    cr_assert_eq(umount("disk"), 0);
}

/* A folder, its files and what they hold, for the user that root becomes. */
static void give_away(const char *path) {
    ARENA(arena);
    if (geteuid() == 0)
        cr_assert_eq(system(str_printf(&arena, "chown -R 65534:65534 %s", path).p), 0);
}

Test(failed_write, in_a_read_only_folder_leaves_old_files) {
    ARENA(arena);
    file_put("tree/closed/Dockerfile", str_of(plain));
    file_put("tree/open/Dockerfile", str_of(plain));
    give_away("tree");
    cr_assert_eq(chmod("tree/closed", 0555), 0);
    struct setting other = {.is_unprivileged = true};
    struct result result = process_run(&arena, &other, ARGUMENTS("-w", "tree"));
    cr_expect_eq(result.code, 2);
    cr_expect(
        str_contains(result.err, STR("tree/closed/Dockerfile: error: cannot be written: making a file in its folder: "
                                     "Permission denied\n")),
        "%.*s", STR_ARG(result.err));
    cr_expect(str_eq(file_get(&arena, "tree/closed/Dockerfile"), str_of(plain)));
    cr_expect(str_eq(file_get(&arena, "tree/open/Dockerfile"), str_of(plain)));
    cr_expect(str_contains(result.err, STR("nothing is hardened\n")), "%.*s", STR_ARG(result.err));
    cr_expect_not(folder_has("tree", ".ironhull"));
}

static void copy_article(const char *to) {
    ARENA(arena);
    folder_copy(source_path(&arena, "golden/project/article/in"), to);
}

Test(failed_write, of_a_companion_leaves_all_files) {
    ARENA(arena);
    copy_article("app");
    cr_assert_eq(symlink("nowhere", "app/node-seccomp.json"), 0);
    struct str compose = file_get(&arena, "app/compose.yaml");
    struct result result = RUN(&arena, "-w", "app");
    cr_expect_eq(result.code, 2);
    cr_expect(str_contains(result.err, STR("app/node-seccomp.json: error: cannot be written")), "%.*s",
              STR_ARG(result.err));
    cr_expect(str_eq(file_get(&arena, "app/compose.yaml"), compose));
    cr_expect_not(str_contains(result.err, STR("compose.yaml:")));
    cr_expect_not(str_contains(file_get(&arena, "app/Dockerfile"), STR("USER")), "the others are as they were");
    cr_expect_not(folder_has("app", ".dockerignore"));
}

Test(failed_write, below_another_folder_is_said) {
    ARENA(arena);
    copy_article("app");
    file_put("file", STR("x\n"));
    file_put("out/x", STR(""));
    cr_assert_eq(mkdir("out/Dockerfile", 0777), 0);
    cr_assert_eq(chdir("app"), 0);
    struct result result = RUN(&arena, "-o", "../file", ".");
    cr_expect_eq(result.code, 2);
    cr_expect(str_contains(result.err, STR("error: cannot be written: making its folder: ")), "%.*s",
              STR_ARG(result.err));
    cr_expect(str_contains(result.err, STR("nothing is hardened\n")), "%.*s", STR_ARG(result.err));
    cr_expect(str_eq(file_get(&arena, "../file"), STR("x\n")));
    result = RUN(&arena, "-o", "../out", ".");
    cr_expect_eq(result.code, 2);
    cr_expect(str_contains(result.err, STR("\nDockerfile: error: cannot be written: ")));
    cr_expect_neq(access("../out/compose.yaml", F_OK), 0, "none of the others is written");
}
