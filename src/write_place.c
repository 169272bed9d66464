#include "write_parts.h"

#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/xattr.h>
#include <unistd.h>

static void close_descriptor(const int *fd) {
    if (*fd >= 0)
        close(*fd);
}

#define DESCRIPTOR __attribute__((cleanup(close_descriptor))) int

bool staged_fail(const struct staged *staged, const char *doing, struct diags *diags) {
    diag_file(diags, staged->path, "cannot be written: %s: %s", doing, strerror(errno));
    return false;
}

static bool fail_changed(const struct staged *staged, struct diags *diags) {
    diag_file(diags, staged->path, "has changed since it was read");
    return false;
}

/* --- the temporary file --------------------------------------------------------------------------------------------
 */

/* O_EXCL: a name that exists, as a symbolic link too, is never opened. */
int staged_open(struct staged *staged, mode_t mode, struct arena *arena) {
    const char *slash = strrchr(staged->target, '/');
    int folder = slash ? (int)(slash + 1 - staged->target) : 0;
    for (int tries = 0; tries < 100; tries++) {
        uint64_t random = 0;
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return -1;
        struct str name =
            str_printf(arena, "%.*s.ironhull-%016llx", folder, staged->target, (unsigned long long)random);
        staged->temporary = str_c(arena, name);
        int fd = real_open(staged->temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

bool staged_write(int fd, struct str text) {
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

/* Whether an attribute speaks of the bytes of its file (Integrity Measurement Architecture). */
static bool is_measured(const char *name) {
    return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0;
}

/* An access list from the folder's default goes, where the old file has none: it could let more people in. Only the
 * old file's own list has to be there in the end, as without it the mode means something else. */
static bool keep_extended(int fd, int old) {
    static const char access_list[] = "system.posix_acl_access";
    char names[65536], value[65536];
    (void)fremovexattr(fd, access_list);
    ssize_t n_names = flistxattr(old, names, sizeof names);
    for (ssize_t at = 0; at < n_names; at += (ssize_t)strlen(names + at) + 1) {
        ssize_t n = fgetxattr(old, names + at, value, sizeof value);
        bool is_kept = n >= 0 && !is_measured(names + at) && fsetxattr(fd, names + at, value, (size_t)n, 0) == 0;
        if (!is_kept && strcmp(names + at, access_list) == 0)
            return false;
    }
    return true;
}

bool staged_keep_attributes(struct staged *staged, int fd, int old, const struct stat *status) {
    struct stat new;
    if (fstat(fd, &new) != 0)
        return false;
    mode_t mode = status->st_mode & 07777;
    bool is_same = new.st_uid == status->st_uid &&new.st_gid == status->st_gid;
    if (!is_same && fchown(fd, status->st_uid, status->st_gid) != 0) {
        if (geteuid() == 0 || new.st_uid != status->st_uid)
            return false;
        mode = (mode & ~(mode_t)(S_ISGID | S_IRWXG)) | ((mode & S_IRWXO) << 3);
    }
    staged->mode = status->st_mode;
    staged->uid = status->st_uid;
    staged->gid = status->st_gid;
    if (staged->order == ORDER_BACKUP)
        (void)futimens(fd, (struct timespec[]){status->st_atim, status->st_mtim});
    return keep_extended(fd, old) && fchmod(fd, mode) == 0;
}

static bool is_synced(const struct synced *done, dev_t device) {
    for (uint32_t i = 0; i < done->systems.n; i++)
        if (done->systems.at[i] == device)
            return true;
    return false;
}

bool staged_sync(const char *path, uint32_t n, struct synced *done, struct arena *arena) {
    enum { FEW = 256 };
    struct stat status;
    if (n > FEW && real_stat(path, &status) == 0 && is_synced(done, status.st_dev))
        return true;
    DESCRIPTOR fd = real_open(path, O_RDONLY, 0);
    if (fd < 0 || n <= FEW)
        return fd >= 0 && fsync(fd) == 0;
    if (fstat(fd, &status) != 0 || syncfs(fd) != 0)
        return false;
    *vec_push(arena, &done->systems) = status.st_dev;
    return true;
}

/* --- its place -----------------------------------------------------------------------------------------------------
 */

static struct identity identity_of(const struct stat *status) {
    return (struct identity){status->st_dev, status->st_ino, status->st_size, status->st_mtim};
}

static bool is_identity(const char *path, const struct identity *want) {
    struct stat status;
    return real_stat(path, &status) == 0 && status.st_dev == want->device && status.st_ino == want->inode &&
           status.st_size == want->size && status.st_mtim.tv_sec == want->modified.tv_sec &&
           status.st_mtim.tv_nsec == want->modified.tv_nsec;
}

static bool read_hash(int fd, uint64_t *ret) {
    char part[65536];
    ssize_t n;
    *ret = str_hash(0, STR(""));
    while ((n = read(fd, part, sizeof part)) != 0) {
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            *ret = str_hash(*ret, (struct str){part, (uint32_t)n});
    }
    return true;
}

bool staged_check(struct staged *staged, struct diags *diags) {
    struct stat status;
    if (staged->is_forced || !staged->has_old) {
        staged->has_old = real_stat(staged->target, &status) == 0;
        if (!staged->has_old && errno == ENOENT)
            return true;
        errno = !staged->has_old ? errno : staged->is_forced ? EISDIR : EEXIST;
        bool is_replaced = staged->has_old && staged->is_forced && !S_ISDIR(status.st_mode);
        return is_replaced || staged_fail(staged, "giving it its name", diags);
    }
    uint64_t hash;
    DESCRIPTOR fd = real_open(staged->target, SOURCE_FLAGS | O_NOFOLLOW, 0);
    if (fd < 0 || fstat(fd, &status) != 0 || !read_hash(fd, &hash))
        return staged_fail(staged, "reading it again", diags);
    if (hash != staged->expected || status.st_mode != staged->mode || status.st_uid != staged->uid ||
        status.st_gid != staged->gid)
        return fail_changed(staged, diags);
    staged->old = identity_of(&status);
    return true;
}

static bool is_unknown(int error) {
    return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

/* A new file takes no other's place, where the file system can promise that. */
static bool make(struct staged *staged) {
    struct stat status;
    if (real_rename(staged->temporary, staged->target, RENAME_NOREPLACE) == 0)
        return true;
    if (!is_unknown(errno))
        return false;
    if (real_stat(staged->target, &status) != 0)
        return real_rename(staged->temporary, staged->target, 0) == 0;
    errno = EEXIST;
    return false;
}

static bool swap(const struct staged *staged) {
    return real_rename(staged->temporary, staged->target, RENAME_EXCHANGE) == 0;
}

/* Where names cannot be swapped: the old file gets a second name first. */
static bool replace(struct staged *staged, struct arena *arena) {
    char *held = str_c(arena, str_printf(arena, "%s-old", staged->temporary));
    bool is_held = real_link(staged->target, held) == 0;
    if (real_rename(staged->temporary, staged->target, 0) != 0) {
        int error = errno;
        if (is_held)
            real_remove(held, 0);
        errno = error;
        return false;
    }
    staged->state = is_held ? HELD : REPLACED;
    staged->temporary = held;
    return true;
}

bool staged_place(struct staged *staged, struct diags *diags) {
    struct stat status;
    if (real_stat(staged->temporary, &status) != 0)
        return staged_fail(staged, "giving it its name", diags);
    staged->new = identity_of(&status);
    if (!staged->has_old) {
        if (!make(staged))
            return staged_fail(staged, "giving it its name", diags);
        staged->state = MADE;
        return true;
    }
    if (swap(staged)) {
        staged->state = SWAPPED;
        return staged->is_forced || is_identity(staged->temporary, &staged->old) || fail_changed(staged, diags);
    }
    if (is_unknown(errno) && replace(staged, diags->arena))
        return true;
    return staged_fail(staged, "giving it its name", diags);
}

bool staged_take_back(struct staged *staged, struct diags *diags) {
    if (staged->state == STAGED)
        return true;
    if (!is_identity(staged->target, &staged->new)) {
        diag_file(diags, staged->path, "was written, and is not taken back: it has changed since");
        return false;
    }
    bool is_back = staged->state == MADE      ? real_remove(staged->target, 0) == 0
                   : staged->state == SWAPPED ? swap(staged)
                   : staged->state == HELD    ? real_rename(staged->temporary, staged->target, 0) == 0
                                              : false;
    if (is_back)
        staged->state = STAGED;
    else if (staged->state == REPLACED)
        diag_file(diags, staged->path,
                  "was written, and cannot be taken back: its file system keeps no second name of a file");
    else if (staged->state == MADE)
        diag_file(diags, staged->path, "was written, and cannot be removed again: %s", strerror(errno));
    else
        diag_file(diags, staged->path, "was written, and cannot be taken back: %s; its old text is in %s",
                  strerror(errno), staged->temporary);
    return is_back;
}
