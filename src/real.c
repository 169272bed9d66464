#include "real.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct str real_place(struct arena *arena, struct str path) {
    char *real = realpath(str_c(arena, path), NULL);
    struct str copy = real ? str_dup(arena, str_of(real)) : path, folder = path_folder(path);
    bool is_missing = !real && (errno == ENOENT || errno == ENOTDIR);
    free(real);
    if (!is_missing || str_eq(folder, path))
        return copy;
    struct str above = real_place(arena, folder);
    above.n -= str_eq(above, STR("/"));
    return str_printf(arena, "%.*s/%.*s", STR_ARG(above), STR_ARG(path_name(path)));
}

int real_open(const char *path, int flags, mode_t mode) {
    struct open_how how = {.flags = (unsigned)(flags | O_CLOEXEC), .mode = mode, .resolve = RESOLVE_NO_SYMLINKS};
    int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    bool is_missing = fd < 0 && (errno == ENOSYS || errno == EPERM); /* a container may deny what it does not know */
    return is_missing ? open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode) : fd;
}

int real_open_place(const char *place, int flags) {
    int fd = real_open(place, flags, 0);
    errno = fd < 0 && errno == ELOOP ? ENOENT : errno;
    return fd;
}

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int open_folder(const char *path) {
    char folder[PATH_MAX];
    const char *name = name_of(path);
    size_t n = (size_t)(name - path);
    if (n >= sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(folder, path, n);
    folder[n] = '\0';
    return real_open(n ? folder : ".", O_PATH | O_DIRECTORY, 0);
}

static int closed(int fd, int result) {
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return result;
}

int real_stat(const char *path, struct stat *ret) {
    int fd = real_open(path, O_PATH | O_NOFOLLOW, 0);
    return closed(fd, fd < 0 ? -1 : fstat(fd, ret));
}

int real_make_folder(const char *path) {
    int fd = open_folder(path);
    return closed(fd, fd < 0 ? -1 : mkdirat(fd, name_of(path), 0777));
}

int real_remove(const char *path, int flags) {
    int fd = open_folder(path);
    return closed(fd, fd < 0 ? -1 : unlinkat(fd, name_of(path), flags));
}

int real_link(const char *from, const char *to) {
    int fd = open_folder(to);
    return closed(fd, fd < 0 ? -1 : linkat(fd, name_of(from), fd, name_of(to), 0));
}

int real_rename(const char *from, const char *to, unsigned flags) {
    int fd = open_folder(to);
    return closed(fd, fd < 0 ? -1 : renameat2(fd, name_of(from), fd, name_of(to), flags));
}
