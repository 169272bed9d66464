/* Preloaded into the program: lets one of its calls fail, end it, or meet a change by somebody else. The calls that
 * write are counted from the first temporary file on.
 *
 *     FAULT_AT=N          the call that is meant, from 1
 *     FAULT_DO=WHAT       its errno, as a number; -N: signal N before it; "edit", "move": another program rewrites
 *                         FAULT_FILE before it, or puts a file in its place; "link": a link to FAULT_LINK, and what was
 *                         there has ".away" behind its name
 *     FAULT_EARLY=1       all calls that take a name are counted, and no others; also those that read the input
 *     FAULT_ON=NAME       only calls of this function are meant
 *     FAULT_EVER=1        so are all later ones
 *     FAULT_LACKS=NAMES   what the file system cannot do: exchange, link; or the kernel: openat2
 *     FAULT_COUNT=FILE    gets the number of calls
 *
 * Nothing is synced: that takes time, and changes nothing that a test can see. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long calls;
static bool is_begun;

#define NEXT(function) (__extension__(__typeof__(&function)) dlsym(RTLD_NEXT, #function))

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

/* As another program would: around the functions of this file. */
static void change(bool is_moved) {
    const char *file = setting("FAULT_FILE");
    char other[4096];
    snprintf(other, sizeof other, "%s.other", file);
    int fd = NEXT(open)(is_moved ? other : file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || NEXT(write)(fd, "other\n", 6) != 6)
        abort();
    NEXT(close)(fd);
    if (is_moved && NEXT(rename)(other, file) != 0)
        abort();
}

static void put_link(void) {
    char away[4096];
    snprintf(away, sizeof away, "%s.away", setting("FAULT_FILE"));
    if ((NEXT(rename)(setting("FAULT_FILE"), away) != 0 && errno != ENOENT) ||
        symlink(setting("FAULT_LINK"), setting("FAULT_FILE")) != 0)
        abort();
}

/* Whether the call fails, with errno. */
static bool meets_fault(const char *function) {
    long at = strtol(setting("FAULT_AT"), NULL, 10);
    const char *what = setting("FAULT_DO"), *on = setting("FAULT_ON");
    bool is_early = *setting("FAULT_EARLY"), is_input = strcmp(function, "input") == 0;
    bool has_name = strcmp(function, "close") != 0 && strcmp(function, "write") != 0 &&
                    strcmp(function, "fchmod") != 0 && !strstr(function, "sync");
    if ((is_early ? !has_name : !is_begun || is_input) || (*on && strcmp(on, function) != 0))
        return false;
    bool is_meant = ++calls == at || (calls > at && at > 0 && *setting("FAULT_EVER"));
    if (!is_meant)
        return false;
    if (strcmp(what, "edit") == 0 || strcmp(what, "move") == 0) {
        change(*what == 'm');
        return false;
    }
    if (strcmp(what, "link") == 0) {
        put_link();
        return false;
    }
    int number = atoi(what);
    if (number < 0)
        raise(-number);
    errno = number;
    /* what cannot be removed is left: that shows nothing */
    return number > 0 && strcmp(function, "unlink") != 0;
}

static bool lacks(const char *name) {
    return strstr(setting("FAULT_LACKS"), name);
}

/* Opened before the program denies itself to. */
static FILE *count;

__attribute__((constructor)) static void prepare(void) {
    if (*setting("FAULT_COUNT"))
        count = fopen(setting("FAULT_COUNT"), "w");
}

__attribute__((destructor)) static void report(void) {
    if (count)
        fprintf(count, "%ld", calls);
}

static mode_t mode_in(int flags, va_list arguments) {
    return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

/* With large files, as the whole build is: openat64. */
int openat(int folder, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_in(flags, arguments);
    va_end(arguments);
    return meets_fault("input") ? -1 : NEXT(openat)(folder, path, flags, mode);
}

/* openat2(2) has no function of its own. A folder is opened with its name alone, for another call that is counted. */
long syscall(long number, ...) {
    va_list arguments;
    long values[6];
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        values[i] = va_arg(arguments, long);
    va_end(arguments);
    if (number == SYS_openat2 && lacks("openat2")) {
        errno = ENOSYS;
        return -1;
    }
    if (number == SYS_openat2) {
        const struct open_how *how = (const struct open_how *)values[2];
        is_begun |= how->flags & O_CREAT && strstr((const char *)values[1], ".ironhull-");
        bool is_input = (how->flags & (O_NONBLOCK | O_NOFOLLOW)) == O_NONBLOCK;
        if ((*setting("FAULT_EARLY") || !(how->flags & O_PATH)) && meets_fault(is_input ? "input" : "open"))
            return -1;
    }
    return NEXT(syscall)(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

ssize_t write(int fd, const void *bytes, size_t n) {
    return fd > 2 && meets_fault("write") ? -1 : NEXT(write)(fd, bytes, n);
}

/* The descriptor is closed in any case (close(2)). */
int close(int fd) {
    bool fails = meets_fault("close");
    int error = errno, result = NEXT(close)(fd);
    errno = fails ? error : errno;
    return fails ? -1 : result;
}

int fsync(int fd) {
    (void)fd;
    return meets_fault("fsync") ? -1 : 0;
}

int syncfs(int fd) {
    (void)fd;
    return meets_fault("syncfs") ? -1 : 0;
}

int fchmod(int fd, mode_t mode) {
    return meets_fault("fchmod") ? -1 : NEXT(fchmod)(fd, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) {
    return meets_fault("mkdir") ? -1 : NEXT(mkdirat)(folder, path, mode);
}

int unlinkat(int folder, const char *path, int flags) {
    return meets_fault("unlink") ? -1 : NEXT(unlinkat)(folder, path, flags);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    if (lacks("link")) {
        errno = EPERM;
        return -1;
    }
    return meets_fault("link") ? -1 : NEXT(linkat)(from_folder, from, to_folder, to, flags);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    if (flags && lacks("exchange")) {
        errno = EINVAL;
        return -1;
    }
    return meets_fault("rename") ? -1 : NEXT(renameat2)(from_folder, from, to_folder, to, flags);
}
