#include "write.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void) {
    strcpy(folder, "/tmp/ironhull-write-XXXXXX");
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(chmod(".", 0777), 0);
    umask(022);
}

static void drop_folder(void) {
    if (getuid() == 0)
        cr_assert_eq(seteuid(0), 0);
    char command[256];
    snprintf(command, sizeof command, "chmod -R u+rwX '%s' && rm -rf '%s'", folder, folder);
    cr_assert_eq(system(command), 0);
}

static void skip(const char *reason) {
    drop_folder();
    cr_skip_test("%s", reason);
}

TestSuite(write, .init = make_folder, .fini = drop_folder);

static const struct str none = {NULL, 0};

static void put(const char *path, struct str text) {
    FILE *file = fopen(path, "w");
    cr_assert(file, "%s", path);
    cr_assert_eq(fwrite(text.p, 1, text.n, file), text.n);
    fclose(file);
}

static struct str get(struct arena *arena, const char *path) {
    struct buf out = {.arena = arena};
    FILE *file = fopen(path, "r");
    cr_assert(file, "%s", path);
    for (int c; (c = getc(file)) != EOF;)
        buf_byte(&out, (char)c);
    fclose(file);
    return buf_str(&out);
}

static void holds(const char *path, const char *want) {
    ARENA(arena);
    struct str got = get(&arena, path);
    cr_expect(str_eq(got, str_of(want)), "%s holds \"%.*s\"", path, STR_ARG(got));
}

/* Entries of a folder other than "." and "..", or, with `prefix`, those that start with it. */
static unsigned entries(const char *path, const char *prefix) {
    DIR *stream = opendir(path);
    cr_assert(stream);
    unsigned n = 0;
    for (const struct dirent *entry; (entry = readdir(stream));)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
             strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(stream);
    return n;
}

static mode_t mode_of(const char *path) {
    struct stat status;
    cr_assert_eq(stat(path, &status), 0, "%s", path);
    return status.st_mode & 07777;
}

static void succeeds(const char *path, const char *text, struct str expected) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    bool is_written = write_atomic(str_of(path), str_of(text), expected, &diags);
    cr_assert(is_written, "%s", diags.list.n ? diags.list.at[0].message.p : "no diagnostic");
    cr_expect_eq(diags.list.n, 0);
    holds(path, text);
}

static void fails(const char *path, struct str expected, const char *message) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    cr_assert_not(write_atomic(str_of(path), STR("new\n"), expected, &diags));
    cr_assert_eq(diags.list.n, 1);
    cr_expect(str_contains(diags.list.at[0].message, str_of(message)), "%s", diags.list.at[0].message.p);
    cr_expect(str_eq(diags.list.at[0].path, str_of(path)));
}

Test(write, replaces_and_makes_files) {
    put("f", STR("old\n"));
    succeeds("f", "new\n", STR("old\n"));
    succeeds("./f", "", STR("new\n"));
    succeeds("f", "again", STR(""));
    succeeds("made", "x\n", none);
    cr_expect_eq(mode_of("made"), 0644);
    cr_expect_eq(entries(".", ""), 2, "no temporary file is left");
    umask(077);
    succeeds("secret", "x\n", none);
    cr_expect_eq(mode_of("secret"), 0600);
    cr_expect_eq(umask(077), 077, "the umask is as before");
}

Test(write, takes_absolute_paths) {
    ARENA(arena);
    put("f", STR("old\n"));
    succeeds(str_printf(&arena, "%s/f", folder).p, "new\n", STR("old\n"));
}

Test(write, keeps_mode_and_owner) {
    static const mode_t modes[] = {0600, 0640, 0755, 0444, 0666, 04755, 02755};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        unlink("f");
        put("f", STR("old\n"));
        if (geteuid() == 0)
            cr_assert_eq(chown("f", 12345, 54321), 0);
        cr_assert_eq(chmod("f", modes[i]), 0);
        struct stat before, after;
        cr_assert_eq(stat("f", &before), 0);
        succeeds("f", "new\n", STR("old\n"));
        cr_assert_eq(stat("f", &after), 0);
        cr_expect_eq(mode_of("f"), modes[i], "mode %o", modes[i]);
        cr_expect(before.st_uid == after.st_uid && before.st_gid == after.st_gid);
        cr_expect_neq(before.st_ino, after.st_ino, "replaced, not overwritten");
    }
}

Test(write, keeps_extended_attributes) {
    char value[16] = "";
    put("f", STR("old\n"));
    if (setxattr("f", "user.note", "kept", 4, 0) != 0)
        skip("no extended attributes on this file system");
    succeeds("f", "new\n", STR("old\n"));
    cr_expect_eq(getxattr("f", "user.note", value, sizeof value), 4);
    cr_expect_str_eq(value, "kept");
}

/* Entries of an access list (acl(5), posix_acl_xattr.h): version 2; user::rw-, user:12345:r--, group::r--, mask::rw-,
 * other::---. */
static const unsigned char access_list[] = {2, 0,  0,   0,   1,   0,   6,  0, 255, 255, 255, 255, 2,   0,  4,
                                            0, 57, 48,  0,   0,   4,   0,  4, 0,   255, 255, 255, 255, 16, 0,
                                            6, 0,  255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255};

Test(write, keeps_the_access_list_and_takes_no_default) {
    static const char name[] = "system.posix_acl_access";
    unsigned char value[64];
    put("f", STR("old\n"));
    put("plain", STR("old\n"));
    if (setxattr("f", name, access_list, sizeof access_list, 0) != 0 ||
        setxattr(".", "system.posix_acl_default", access_list, sizeof access_list, 0) != 0)
        skip("no access lists on this file system");
    succeeds("f", "new\n", STR("old\n"));
    cr_expect_eq(getxattr("f", name, value, sizeof value), (ssize_t)sizeof access_list);
    cr_expect_eq(memcmp(value, access_list, sizeof access_list), 0);
    cr_expect_eq(mode_of("f"), 0660);
    succeeds("plain", "new\n", STR("old\n"));
    cr_expect_eq(getxattr("plain", name, value, sizeof value), -1, "the folder's default list lets more people in");
    cr_expect_eq(mode_of("plain"), 0644);
}

Test(write, refuses_files_changed_meanwhile) {
    put("f", STR("other\n"));
    fails("f", STR("old\n"), "has changed since");
    fails("f", STR("other\nmore"), "has changed since");
    fails("f", STR("other"), "has changed since");
    fails("f", STR(""), "has changed since");
    fails("f", none, "File exists");
    holds("f", "other\n");
    fails("gone", STR("old\n"), "No such file");
    fails("missing/folder/f", none, "No such file");
    cr_expect_eq(entries(".", ""), 1);
}

Test(write, makes_the_folder_of_a_new_file) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    cr_assert(write_atomic(STR("new/f"), STR("x\n"), none, &diags));
    holds("new/f", "x\n");
}

Test(write, follows_a_link_to_its_file) {
    cr_assert_eq(mkdir("real", 0777), 0);
    put("real/f", STR("old\n"));
    cr_assert_eq(symlink("real/f", "link"), 0);
    cr_assert_eq(symlink("link", "second"), 0);
    succeeds("second", "new\n", STR("old\n"));
    holds("real/f", "new\n");
    char target[16] = "";
    cr_expect_eq(readlink("link", target, sizeof target - 1), 6);
    cr_expect_str_eq(target, "real/f");
    cr_assert_eq(symlink("nowhere", "dangling"), 0);
    fails("dangling", none, "File exists");
    cr_expect_neq(access("nowhere", F_OK), 0);
}

Test(write, refuses_what_is_no_file, .timeout = 60) {
    cr_assert_eq(mkdir("d", 0777), 0);
    fails("d", STR("old\n"), "not a regular file");
    cr_assert_eq(mkfifo("p", 0600), 0);
    fails("p", STR("old\n"), "not a regular file");
    cr_expect_eq(entries(".", ""), 2);
}

/* Until the end of the test. */
static void drop_root(void) {
    if (geteuid() == 0)
        cr_assert(setegid(65534) == 0 && seteuid(65534) == 0);
}

Test(write, leaves_a_read_only_folder_alone) {
    cr_assert_eq(mkdir("d", 0755), 0);
    put("d/f", STR("old\n"));
    cr_assert_eq(chmod("d", 0555), 0);
    drop_root();
    fails("d/f", STR("old\n"), "Permission denied");
    fails("d/new", none, "Permission denied");
    holds("d/f", "old\n");
    cr_expect_eq(entries("d", ""), 1);
}

Test(write, does_not_take_over_the_file_of_another) {
    if (geteuid() != 0)
        skip("needs root to make a file of another user");
    put("f", STR("old\n"));
    cr_assert_eq(chown("f", 12345, 12345), 0);
    drop_root();
    fails("f", STR("old\n"), "owner");
    holds("f", "old\n");
    cr_expect_eq(entries(".", ""), 1);
}

Test(write, gives_a_group_that_it_cannot_keep_no_rights) {
    if (geteuid() != 0)
        skip("needs root to make a file of another group");
    put("f", STR("old\n"));
    cr_assert_eq(chown("f", 65534, 12345), 0);
    cr_assert_eq(chmod("f", 02774), 0);
    drop_root();
    succeeds("f", "new\n", STR("old\n"));
    cr_expect_eq(mode_of("f"), 0744);
}

Test(write, keeps_the_old_file_where_the_new_one_is_too_large) {
    put("f", STR("old\n"));
    ARENA(arena);
    char *text = arena_alloc(&arena, 300001);
    memset(text, 'x', 300000);
    struct rlimit limit = {100000, 100000};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct diags diags = {.arena = &arena};
    cr_expect_not(write_atomic(STR("f"), str_of(text), STR("old\n"), &diags));
    cr_assert_eq(diags.list.n, 1);
    cr_expect(str_contains(diags.list.at[0].message, STR("File too large")), "%s", diags.list.at[0].message.p);
    holds("f", "old\n");
    cr_expect_eq(entries(".", ""), 1);
}

Test(write, keeps_the_old_file_on_a_full_disk) {
    cr_assert_eq(mkdir("disk", 0777), 0);
    if (mount("none", "disk", "tmpfs", 0, "size=64k") != 0)
        skip("no right to mount a small disk");
    put("disk/f", STR("old\n"));
    ARENA(arena);
    char *text = arena_alloc(&arena, 200001);
    memset(text, 'x', 200000);
    struct diags diags = {.arena = &arena};
    cr_expect_not(write_atomic(STR("disk/f"), str_of(text), STR("old\n"), &diags));
    cr_expect(diags.list.n == 1 && str_contains(diags.list.at[0].message, STR("No space left")));
    holds("disk/f", "old\n");
    cr_expect_eq(entries("disk", ""), 1);
    cr_expect_eq(umount("disk"), 0);
}

/* With the sanitizers what counts is what they see; a fork takes them a fifth of a second, with coverage. */
#ifdef __SANITIZE_ADDRESS__
enum { LARGE = 200000, TIMES = 40 };
#else
enum { LARGE = 200000, TIMES = 200 };
#endif

static struct str filled(struct arena *arena, char c) {
    char *text = arena_alloc(arena, LARGE + 1);
    memset(text, c, LARGE);
    return (struct str){text, LARGE};
}

/* Replaces the file f for ever, by turns with a's and with b's; says on `ready` when it begins. */
static _Noreturn void write_for_ever(int ready) {
    ARENA(arena);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct str texts[] = {filled(&arena, 'a'), filled(&arena, 'b')};
    struct diags diags = {.arena = &arena};
    static const int list[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        signal(list[i], SIG_DFL);
    int now = get(&arena, "f").p[0] == 'b';
    if (write(ready, "", 1) != 1)
        _exit(1);
    for (;; now = !now)
        if (!write_atomic(STR("f"), texts[!now], texts[now], &diags))
            _exit(1);
}

static pid_t start_writer(void) {
    int ends[2];
    char byte;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        write_for_ever(ends[1]);
    cr_assert_eq(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    close(ends[1]);
    return child;
}

static void is_whole(void) {
    ARENA(arena);
    struct str text = get(&arena, "f");
    cr_assert_eq(text.n, LARGE);
    cr_assert(str_eq(text, filled(&arena, text.p[0])), "the file is torn");
}

/* Ends writers with `signal` at moments all over their work and calls `check` after each. */
static void end_writers(const int *signals, unsigned n_signals, unsigned times, void (*check)(void)) {
    ARENA(arena);
    put("f", filled(&arena, 'a'));
    unsigned seed = (unsigned)getpid(), written = 0;
    int window = 6000; /* microseconds; grows while a busy machine writes nothing within it */
    struct stat last, now;
    cr_assert_eq(stat("f", &last), 0);
    for (unsigned i = 0; i < times; i++) {
        pid_t writer = start_writer();
        usleep((useconds_t)(rand_r(&seed) % window));
        int status, number = signals[i % n_signals];
        cr_assert_eq(kill(writer, number), 0);
        cr_assert_eq(waitpid(writer, &status, 0), writer);
        cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == number, "status %d", status);
        check();
        cr_assert_eq(stat("f", &now), 0);
        bool is_written = now.st_ino != last.st_ino || now.st_mtim.tv_nsec != last.st_mtim.tv_nsec;
        written += is_written;
        window = is_written || window > 50000 ? window : window * 2;
        last = now;
    }
    cr_expect_gt(written, times / 4, "the writers have had time to write");
}

Test(write, survives_a_kill_at_any_moment, .timeout = 60) {
    end_writers((const int[]){SIGKILL}, 1, TIMES, is_whole);
}

static void is_whole_and_alone(void) {
    is_whole();
    cr_assert_eq(entries(".", ""), 1, "a temporary file is left");
}

Test(write, leaves_nothing_behind_when_it_is_interrupted, .timeout = 60) {
    end_writers((const int[]){SIGINT, SIGTERM, SIGHUP}, 3, TIMES, is_whole_and_alone);
}

Test(write, leaves_signals_to_a_caller_that_holds_them) {
    put("f", STR("old\n"));
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGXFSZ);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTERM);
    raise(SIGXFSZ);
    succeeds("f", "new\n", STR("old\n"));
    sigpending(&pending);
    cr_expect(sigismember(&pending, SIGTERM));
    cr_expect(sigismember(&pending, SIGXFSZ));
}

Test(write, is_not_stopped_by_an_ignored_signal) {
    put("f", STR("old\n"));
    signal(SIGHUP, SIG_IGN);
    pid_t parent = getpid(), child = fork();
    if (child == 0)
        for (;;)
            kill(parent, SIGHUP);
    for (unsigned i = 0; i < 20; i++) {
        succeeds("f", "new\n", STR("old\n"));
        succeeds("f", "old\n", STR("new\n"));
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static bool below(const char *directory, const char *path, const char *text, uint32_t mode) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct writing *writing = write_begin(&arena, none, &diags);
    struct write_file file = {.path = str_of(path), .text = str_of(text), .directory = str_of(directory), .mode = mode};
    write_stage(writing, &file);
    bool is_written = write_commit(writing, NULL);
    cr_expect_eq(diags.list.n, is_written ? 0 : 1);
    return is_written;
}

Test(write, makes_the_folders_below_a_directory) {
    cr_expect(below("out/deep", "a/b/./c", "1\n", 0755));
    holds("out/deep/a/b/c", "1\n");
    cr_expect_eq(mode_of("out/deep/a/b/c"), 0755);
    cr_expect(below("out/deep/", "a/b/c", "2\n", 0666));
    holds("out/deep/a/b/c", "2\n");
    cr_expect_eq(mode_of("out/deep/a/b/c"), 0644, "the umask holds");
    cr_expect(below("out", "./top", "3\n", 0644));
    holds("out/top", "3\n");
    cr_expect(below(".", "here", "4\n", 0644));
    holds("here", "4\n");
    cr_expect_eq(entries("out/deep/a/b", ""), 1);
}

Test(write, never_leaves_the_directory) {
    static const char *const paths[] = {"", "/etc/x", "../x", "a/../../x", "a/..", "..", ".", "a/.", "a/"};
    cr_assert_eq(mkdir("out", 0777), 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        cr_expect_not(below("out", paths[i], "x\n", 0644), "\"%s\"", paths[i]);
    cr_expect_eq(entries("out", ""), 0);
    cr_expect_eq(entries(".", ""), 1);
}

Test(write, does_not_follow_links_below_the_directory) {
    cr_assert_eq(mkdir("out", 0777), 0);
    cr_assert_eq(mkdir("elsewhere", 0777), 0);
    put("elsewhere/f", STR("old\n"));
    cr_assert_eq(symlink("../elsewhere", "out/link"), 0);
    cr_assert_eq(symlink("../elsewhere/f", "out/f"), 0);
    cr_expect_not(below("out", "link/f", "new\n", 0644));
    cr_expect(below("out", "f", "new\n", 0644));
    holds("out/f", "new\n");
    holds("elsewhere/f", "old\n");
    cr_expect_eq(entries("elsewhere", ""), 1);
}

Test(write, does_not_replace_a_folder) {
    cr_assert_eq(mkdir("d", 0777), 0);
    cr_expect_not(below(".", "d", "x\n", 0644));
    cr_expect_eq(entries(".", ".ironhull"), 0);
    put("f", STR("old\n"));
    cr_expect_not(below(".", "f/x", "x\n", 0644));
    holds("f", "old\n");
}
