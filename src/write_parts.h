/* One file of a run, from its temporary name to its place and back. */
#ifndef IRONHULL_WRITE_PARTS_H
#define IRONHULL_WRITE_PARTS_H

#include "map.h"
#include "vec.h"
#include "write.h"

#include <sys/stat.h>

/* What is under the two names of a staged file. */
enum staged_state {
    STAGED,   /* temporary: the new file, target: the old one, if any */
    MADE,     /* target: the new file; there was none */
    SWAPPED,  /* target: the new file, temporary: the old one */
    HELD,     /* the same, on a file system that cannot swap names */
    REPLACED, /* target: the new file; the old one is gone, as the file system keeps no second name of a file */
};

/* In this order files get their places. */
enum staged_order { ORDER_PATCH, ORDER_BACKUP, ORDER_NEEDED, ORDER_LAST };

/* Which file a name stands for, and in which state it was last written to. */
struct identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
};

struct staged {
    struct str path; /* as the user named it */
    char *target, *temporary;
    enum staged_state state;
    enum staged_order order;
    bool is_forced;    /* whatever is there is replaced */
    bool has_old;      /* a file is replaced */
    struct str backup; /* of a backup: the file that it is of */
    uint64_t expected; /* of an old file: what its bytes amount to, … */
    mode_t mode;       /* … and what the new one has been given */
    uid_t uid;
    gid_t gid;
    struct identity old; /* that was found unchanged */
    struct identity new; /* that was given its place */
};

/* Makes the temporary file in the target's folder, under a name that nothing had. Its descriptor; -1 with errno. */
int staged_open(struct staged *staged, mode_t mode, struct arena *arena);

bool staged_write(int fd, struct str text);

/* Gives a new file owner, mode and extended attributes of the old one. A group that the file's owner cannot give away
 * is left behind, and its rights with it. False where another's file would change its owner, or its access list is
 * lost. */
bool staged_keep_attributes(struct staged *staged, int fd, int old, const struct stat *status);

/* What is on the disk already. */
struct synced {
    struct map folders;
    VEC(dev_t) systems; /* as a whole */
};

/* Sees to it that a file or folder is on the disk, one of n. Beyond a few hundred, it takes less time to sync their
 * file systems as a whole. */
bool staged_sync(const char *path, uint32_t n, struct synced *done, struct arena *arena);

/* Whether its place is still as it was; else a diagnostic says how it is not. */
bool staged_check(struct staged *staged, struct diags *diags);

/* Gives the file its place, and takes it back from there. */
bool staged_place(struct staged *staged, struct diags *diags);
bool staged_take_back(struct staged *staged, struct diags *diags);

/* Adds "cannot be written", what failed, and why as errno says. False. */
bool staged_fail(const struct staged *staged, const char *doing, struct diags *diags);

#endif
