#include "write.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_descriptor(int *fd) {
    if (*fd >= 0)
        close(*fd);
}

static void free_string(char **p) {
    free(*p);
}

#define DESCRIPTOR __attribute__((cleanup(close_descriptor))) int

/* A file that is being written under a name of its own; unlinked at the end of its scope unless `fd` is -1 by then. */
struct temporary {
    int folder, fd;
    char name[32];
};

static void temporary_drop(struct temporary *temporary) {
    if (temporary->fd < 0)
        return;
    unlinkat(temporary->folder, temporary->name, 0);
    close(temporary->fd);
}

/* What is written, and on which terms. */
struct job {
    int folder;       /* the descriptor of the folder, */
    const char *name; /* and the file's name in it */
    struct str path;  /* for diagnostics */
    struct str text;
    struct str expected; /* what the old file must hold, {NULL, 0}: there must be none */
    bool is_forced;      /* whatever is there is replaced */
    mode_t mode;         /* of a file that is not there yet */
    struct diags *diags;
};

static bool fail(const struct job *job, const char *doing) {
    diag_file(job->diags, job->path, "cannot be written: %s: %s", doing, strerror(errno));
    return false;
}

/* What a user or a supervisor ends the program with. */
static const int endings[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/* Signals that end the program wait until the temporary file is gone (threads besides this one must block them too).
 * SIGXFSZ, for a file size limit, would end it in the middle of write(2), which then fails with EFBIG instead. */
static sigset_t hold_signals(void) {
    sigset_t held, before;
    sigemptyset(&held);
    sigaddset(&held, SIGXFSZ);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        sigaddset(&held, endings[i]);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    return before;
}

static void let_signals(sigset_t *before) {
    sigset_t size_limit;
    sigemptyset(&size_limit);
    sigaddset(&size_limit, SIGXFSZ);
    if (!sigismember(before, SIGXFSZ))
        sigtimedwait(&size_limit, NULL, &(struct timespec){0, 0});
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* Whether a signal waits that will end the program: none that it ignores or that the caller holds back itself. */
static bool is_interrupted(const sigset_t *before) {
    sigset_t pending;
    sigpending(&pending);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        struct sigaction action;
        bool is_ours = sigismember(&pending, endings[i]) && !sigismember(before, endings[i]);
        if (is_ours && sigaction(endings[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            return true;
    }
    return false;
}

/* O_EXCL: a name that exists, as a symbolic link too, is never opened. */
static bool temporary_open(struct temporary *temporary, int folder) {
    temporary->folder = folder;
    for (int tries = 0; tries < 100; tries++) {
        uint64_t random = 0;
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return false;
        snprintf(temporary->name, sizeof temporary->name, ".ironhull-%016llx", (unsigned long long)random);
        temporary->fd =
            openat(folder, temporary->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (temporary->fd >= 0 || errno != EEXIST)
            return temporary->fd >= 0;
    }
    return false;
}

static bool write_all(int fd, struct str text) {
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text = str_sub(text, (uint32_t)n, text.n);
    }
    return true;
}

/* Gives the new file the owner and mode of the old one. A group that its owner cannot give away is left behind, and its
 * rights with it. Another's file would change its owner: false. */
static bool keep_owner(int fd, const struct stat *old) {
    struct stat status;
    if (fstat(fd, &status) != 0)
        return false;
    mode_t mode = old->st_mode & 07777;
    bool is_same = status.st_uid == old->st_uid && status.st_gid == old->st_gid;
    if (!is_same && fchown(fd, old->st_uid, old->st_gid) != 0) {
        if (geteuid() == 0 || status.st_uid != old->st_uid)
            return false;
        mode = (mode & ~(mode_t)(S_ISGID | S_IRWXG)) | ((mode & S_IRWXO) << 3);
    }
    return fchmod(fd, mode) == 0;
}

static bool holds(int fd, struct str expected) {
    char part[65536];
    for (;;) {
        ssize_t n = read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 && expected.n == 0;
        if (!str_starts(expected, (struct str){part, (uint32_t)n}))
            return false;
        expected = str_sub(expected, (uint32_t)n, expected.n);
    }
}

/* Whether the file is still what the job expects; *ret_old is its status, where there is one. */
static bool check_old(const struct job *job, struct stat *ret_old) {
    DESCRIPTOR fd = openat(job->folder, job->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail(job, "reading it again");
    if (fstat(fd, ret_old) != 0)
        return fail(job, "reading it again");
    if (!S_ISREG(ret_old->st_mode)) {
        diag_file(job->diags, job->path, "is not a regular file");
        return false;
    }
    if (!holds(fd, job->expected)) {
        diag_file(job->diags, job->path, "has changed since it was read: left as it is");
        return false;
    }
    return true;
}

/* Gives the temporary file its name. A new file takes no other's place, where the file system can promise that. */
static bool put_in_place(const struct job *job, struct temporary *temporary) {
    bool is_new = !job->is_forced && !job->expected.p;
    int failed = renameat2(job->folder, temporary->name, job->folder, job->name, is_new ? RENAME_NOREPLACE : 0);
    if (failed && is_new && (errno == EINVAL || errno == ENOSYS)) {
        struct stat status;
        if (fstatat(job->folder, job->name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            errno = EEXIST;
        else
            failed = renameat(job->folder, temporary->name, job->folder, job->name);
    }
    if (failed)
        return fail(job, "giving it its name");
    close(temporary->fd);
    temporary->fd = -1;
    /* some file systems cannot sync a folder; the file is in its place all the same */
    (void)fsync(job->folder);
    return true;
}

static mode_t new_file_mode(mode_t mode) {
    mode_t mask = umask(S_IRWXG | S_IRWXO);
    umask(mask);
    return mode & ~mask;
}

static bool job_run(const struct job *job) {
    /* in this order: the temporary file is dropped before the signals are let through */
    __attribute__((cleanup(let_signals))) sigset_t before = hold_signals();
    __attribute__((cleanup(temporary_drop))) struct temporary temporary = {.fd = -1};
    bool has_old = !job->is_forced && job->expected.p;
    struct stat old;
    if (has_old && !check_old(job, &old))
        return false;
    if (!temporary_open(&temporary, job->folder))
        return fail(job, "making a file in its folder");
    if (!write_all(temporary.fd, job->text))
        return fail(job, "writing");
    if (has_old ? !keep_owner(temporary.fd, &old) : fchmod(temporary.fd, new_file_mode(job->mode)) != 0)
        return fail(job, "keeping its owner and mode");
    if (fsync(temporary.fd) != 0)
        return fail(job, "writing");
    /* again, as the disk may have taken its time */
    if (has_old && !check_old(job, &old))
        return false;
    if (is_interrupted(&before)) {
        errno = EINTR;
        return fail(job, "writing");
    }
    return put_in_place(job, &temporary);
}

/* Splits a path into its folder ("." where none is written) and the name in it. */
static void split_path(struct str path, struct str *ret_folder, struct str *ret_name) {
    uint32_t slash = str_rfind(path, '/');
    bool has_folder = slash < path.n;
    *ret_folder = has_folder ? str_sub(path, 0, slash ? slash : 1) : STR(".");
    *ret_name = has_folder ? str_sub(path, slash + 1, path.n) : path;
}

bool write_atomic(struct str path, struct str text, struct str expected, struct diags *diags) {
    __attribute__((cleanup(free_string))) char *real = expected.p ? realpath(str_c(diags->arena, path), NULL) : NULL;
    struct str folder, name;
    split_path(real ? str_of(real) : path, &folder, &name);
    if (!expected.p) /* where it stays missing, opening it fails */
        (void)mkdir(str_c(diags->arena, folder), 0777);
    DESCRIPTOR fd = open(str_c(diags->arena, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct job job = {.folder = fd,
                      .name = str_c(diags->arena, name),
                      .path = path,
                      .text = text,
                      .expected = expected,
                      .mode = 0666,
                      .diags = diags};
    if (fd < 0)
        return fail(&job, "opening its folder");
    return job_run(&job);
}

/* Opens a folder below `fd` (AT_FDCWD: at a path) and makes it where it is missing. `flags` go to open(2). */
static int open_folder(int fd, const char *name, int flags) {
    if (mkdirat(fd, name, 0777) != 0 && errno != EEXIST)
        return -1;
    return openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
}

/* As mkdir -p, and opens the last folder. */
static int open_folders(struct diags *diags, struct str path) {
    for (uint32_t end = str_find(path, 1, '/'); end < path.n; end = str_find(path, end + 1, '/'))
        if (mkdir(str_c(diags->arena, str_sub(path, 0, end)), 0777) != 0 && errno != EEXIST)
            return -1;
    return open_folder(AT_FDCWD, path.n ? str_c(diags->arena, path) : ".", 0);
}

/* Whether a relative path stays below the folder that it starts from, and names a file. */
static bool is_below(struct str path) {
    struct str part = {NULL, 0}, rest = path;
    if (path.n == 0 || path.p[0] == '/' || str_find(path, 0, '\0') < path.n)
        return false;
    while (str_cut(&rest, '/', &part))
        if (str_eq(part, STR("..")))
            return false;
    return part.n > 0 && !str_eq(part, STR("."));
}

/* Goes down from *fd along the folders of `path`, made where they are missing; symbolic links are not followed, as they
 * could lead out. */
static bool descend(int *fd, struct str path, struct diags *diags) {
    struct str part;
    while (str_cut(&path, '/', &part)) {
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        int next = open_folder(*fd, str_c(diags->arena, part), O_NOFOLLOW);
        if (next < 0)
            return false;
        close(*fd);
        *fd = next;
    }
    return true;
}

bool write_below(struct str directory, struct str path, struct str text, uint32_t mode, struct diags *diags) {
    struct job job = {.path = path, .text = text, .is_forced = true, .mode = (mode_t)mode & 07777, .diags = diags};
    if (!is_below(path)) {
        diag_file(diags, path, "is not written: it does not lie below the output folder");
        return false;
    }
    struct str folder, name;
    split_path(path, &folder, &name);
    DESCRIPTOR fd = open_folders(diags, directory);
    if (fd < 0 || !descend(&fd, folder, diags))
        return fail(&job, "making its folder");
    job.folder = fd;
    job.name = str_c(diags->arena, name);
    return job_run(&job);
}
