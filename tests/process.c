#include "process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/ironhull-cli-XXXXXX", source[4096];

void folder_enter(void) {
    cr_assert(getcwd(source, sizeof source));
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chmod(folder, 0777), 0);
    cr_assert_eq(chdir(folder), 0);
    umask(022);
}

void folder_leave(void) {
    char command[128];
    snprintf(command, sizeof command, "chmod -R u+rwX '%s' && rm -rf '%s'", folder, folder);
    cr_assert_eq(chdir(source), 0);
    cr_assert_eq(system(command), 0);
}

void folder_skip(const char *reason) {
    folder_leave();
    cr_skip_test("%s", reason);
    abort();
}

const char *source_path(struct arena *arena, const char *path) {
    return str_printf(arena, "%s/%s", source, path).p;
}

/* --- processes -----------------------------------------------------------------------------------------------------
 */

/* A descriptor of the program: another user may have no way to its path. */
static int open_program(void) {
    const char *path = getenv("IRONHULL");
    cr_assert(path, "IRONHULL is to name the program");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert(fd >= 0, "%s: %s", path, strerror(errno));
    return fd;
}

static int open_or_exit(const char *path, int flags) {
    int fd = open(path, flags);
    if (fd < 0)
        _exit(98);
    return fd;
}

static void limit(void) {
#ifndef __SANITIZE_ADDRESS__
    setrlimit(RLIMIT_AS, &(struct rlimit){MAX_BYTES, MAX_BYTES});
    setrlimit(RLIMIT_CPU, &(struct rlimit){MAX_SECONDS, MAX_SECONDS});
#endif
}

static _Noreturn void become(int program, const int *descriptors, bool is_unprivileged, const char *const *arguments) {
    for (int i = 0; i < 3; i++)
        if (descriptors[i] < 0)
            close(i);
        else if (dup2(descriptors[i], i) < 0)
            _exit(98);
    if (is_unprivileged && geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        _exit(98);
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT}; /* by nohup, and by `&` in a script */
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_DFL);
    setenv("ASAN_OPTIONS", "exitcode=99", 0);
    setenv("UBSAN_OPTIONS", "halt_on_error=1:exitcode=99", 0);
    fcntl(program, F_SETFD, 0); /* a script, around the program, is read from there */
    fexecve(program, (char *const *)arguments, environ);
    _exit(98);
}

static int memory_file(struct str text) {
    int fd = memfd_create("test", MFD_CLOEXEC);
    cr_assert(fd >= 0 && write(fd, text.p ? text.p : "", text.n) == (ssize_t)text.n);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static struct str read_all(struct arena *arena, int fd) {
    struct stat status;
    cr_assert_eq(fstat(fd, &status), 0);
    char *text = arena_alloc(arena, (size_t)status.st_size + 1);
    cr_assert_eq(pread(fd, text, (size_t)status.st_size, 0), status.st_size);
    return (struct str){text, (uint32_t)status.st_size};
}

struct result process_run(struct arena *arena, const struct setting *setting, const char *const *arguments) {
    int program = open_program(), status;
    int captured[] = {memory_file(setting->input), memory_file(STR("")), memory_file(STR(""))};
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        int descriptors[] = {captured[0], captured[1], captured[2]};
        if (setting->in)
            descriptors[0] = open_or_exit(setting->in, O_RDONLY | O_CLOEXEC);
        if (setting->out)
            descriptors[1] = *setting->out ? open_or_exit(setting->out, O_WRONLY | O_CLOEXEC) : -1;
        if (setting->is_limited)
            limit();
        become(program, descriptors, setting->is_unprivileged, arguments);
    }
    struct rusage usage;
    cr_assert_eq(wait4(child, &status, 0, &usage), child);
    struct result result = {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), read_all(arena, captured[1]),
                            read_all(arena, captured[2]), usage.ru_maxrss * 1024};
    bool is_ended = setting->may_end_by_signal && result.code < 0;
    cr_expect(is_ended || (result.code >= 0 && result.code <= 2), "%s %s ends with %d: %.*s", arguments[0],
              arguments[1], result.code, STR_ARG(result.err));
    cr_expect_not(str_contains(result.err, STR("runtime error")), "%.*s", STR_ARG(result.err));
    close(program);
    for (int i = 0; i < 3; i++)
        close(captured[i]);
    return result;
}

pid_t process_start(const char *const *arguments) {
    int program = open_program();
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        int null = open_or_exit("/dev/null", O_RDWR);
        become(program, (const int[]){null, null, null}, false, arguments);
    }
    close(program);
    return child;
}

/* --- files ---------------------------------------------------------------------------------------------------------
 */

void file_put(const char *path, struct str text) {
    ARENA(arena);
    for (const char *slash = path + 1; (slash = strchr(slash, '/')); slash++)
        if (mkdir(str_c(&arena, (struct str){path, (uint32_t)(slash - path)}), 0777) != 0)
            cr_assert_eq(errno, EEXIST, "%s", path);
    FILE *file = fopen(path, "w");
    cr_assert(file, "%s: %s", path, strerror(errno));
    cr_assert_eq(fwrite(text.p ? text.p : "", 1, text.n, file), text.n);
    fclose(file);
}

struct str file_get(struct arena *arena, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert(fd >= 0, "%s: %s", path, strerror(errno));
    struct str text = read_all(arena, fd);
    close(fd);
    return text;
}

void folder_copy(const char *from, const char *to) {
    ARENA(arena);
    struct str command = str_printf(&arena, "mkdir -p '%s' && cp -R '%s/.' '%s'", to, from, to);
    cr_assert_eq(system(command.p), 0, "%s", command.p);
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

struct str folder_state(struct arena *arena, const char *path) {
    struct buf out = {.arena = arena};
    FTS *fts = fts_open((char *[]){(char *)path, NULL}, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    cr_assert(fts, "%s", path);
    for (FTSENT *entry; (entry = fts_read(fts));) {
        if (entry->fts_info == FTS_DP || entry->fts_level == 0)
            continue;
        const char *name = entry->fts_path + strlen(path) + 1;
        buf_printf(&out, "== %s %o\n", name, entry->fts_statp->st_mode & 07777);
        if (entry->fts_info == FTS_F && entry->fts_statp->st_mode & S_IRUSR)
            buf_add(&out, file_get(arena, entry->fts_accpath));
        if (entry->fts_info == FTS_SL || entry->fts_info == FTS_SLNONE) {
            char target[4096];
            ssize_t n = readlink(entry->fts_accpath, target, sizeof target);
            cr_assert_geq(n, 0);
            buf_add(&out, (struct str){target, (uint32_t)n});
        }
    }
    fts_close(fts);
    return buf_str(&out);
}

bool folder_has(const char *path, const char *prefix) {
    bool has = false;
    FTS *fts = fts_open((char *[]){(char *)path, NULL}, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    cr_assert(fts, "%s", path);
    for (FTSENT *entry; (entry = fts_read(fts));)
        has |= strncmp(entry->fts_name, prefix, strlen(prefix)) == 0;
    fts_close(fts);
    return has;
}

struct str repeated(struct arena *arena, const char *text, uint32_t count) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < count; i++)
        buf_add(&out, str_of(text));
    return buf_str(&out);
}
