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
#include <unistd.h>

static const char plain[] = "FROM node:20\nCMD [\"node\", \"x.js\"]\n";

TestSuite(failed_write, .init = folder_enter, .fini = folder_leave);

static void skip(const char *reason) {
    folder_leave();
    cr_skip_test("%s", reason);
}

static struct str hardened(struct arena *arena) {
    return FILTER(arena, str_of(plain), "-", "--stdin-filename=Dockerfile").out;
}

enum { N_FILES = 100 };

static const char *file_name(struct arena *arena, int i) {
    return str_printf(arena, "tree/%03d/Dockerfile", i).p;
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

/* Starts a run and sends the signal some time after the first file is new. Whether it came before the program's end. */
static bool interrupt(struct arena *arena, int number, useconds_t later) {
    struct stat before, now;
    cr_assert_eq(stat(file_name(arena, 0), &before), 0);
    pid_t child = process_start(ARGUMENTS("-w", "tree"));
    int status;
    do {
        cr_assert_eq(stat(file_name(arena, 0), &now), 0);
        pid_t ended = waitpid(child, &status, WNOHANG);
        cr_assert(ended == 0 || now.st_ino != before.st_ino, "ended with %d before it wrote", status);
        if (ended == child)
            return false;
    } while (now.st_ino == before.st_ino);
    usleep(later);
    cr_assert_eq(kill(child, number), 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(!WIFSIGNALED(status) || WTERMSIG(status) == number, "ended by %d", status);
    return WIFSIGNALED(status);
}

/* One run over old files. Whether the signal came between two of them. */
static bool is_interrupted(int number, useconds_t later) {
    ARENA(arena);
    for (int i = 0; i < N_FILES; i++)
        file_put(file_name(&arena, i), str_of(plain));
    bool is_ended = interrupt(&arena, number, later);
    int n = count_new(&arena);
    cr_expect(is_ended ? n > 0 : n == N_FILES, "%d files are new", n);
    cr_assert_not(folder_has("tree", ".ironhull"), "a temporary file is left");
    return is_ended && n < N_FILES;
}

Test(failed_write, by_an_interrupt_leaves_old_and_new_files) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    unsigned seed = (unsigned)getpid(), times = 0;
    /* a machine may be so busy that a signal comes too late */
    for (unsigned tries = 0; tries < 1000 && times < 30; tries++)
        times += is_interrupted(signals[tries % 3], (useconds_t)(rand_r(&seed) % 2000));
    cr_expect_eq(times, 30, "signals came in time in %u runs", times);
    ARENA(arena);
    cr_expect_eq(RUN(&arena, "-w", "tree").code, 0);
    cr_expect_eq(count_new(&arena), N_FILES, "the next run does the rest");
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
        skip("no right to mount a small disk");
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
    cr_expect(str_contains(result.err, STR("\n1 file hardened (2 fixes)\n")), "%.*s", STR_ARG(result.err));
    cr_expect_not(str_contains(result.err, STR("disk/a/Dockerfile:2:1: fix")),
                  "nothing is said to be done that is not");
    cr_expect(str_eq(folder_state(&arena, "disk"), before));
    cr_expect(str_eq(file_get(&arena, "c/Dockerfile"), hardened(&arena)), "the other disk's file");
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
    cr_expect(str_eq(file_get(&arena, "tree/open/Dockerfile"), hardened(&arena)));
    cr_expect_not(folder_has("tree", ".ironhull"));
}

static void copy_article(const char *to) {
    ARENA(arena);
    folder_copy(source_path(&arena, "golden/project/article/in"), to);
}

/* A compose file that names a profile which is not there does not start. */
Test(failed_write, of_a_companion_leaves_the_file_that_needs_it) {
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
    cr_expect(str_contains(file_get(&arena, "app/Dockerfile"), STR("USER 1000:1000\n")), "the others are written");
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
    cr_expect_eq(access("../out/compose.yaml", F_OK), 0, "the others are written");
}
