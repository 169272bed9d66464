/* Files by paths that hold no symbolic link: whoever puts a link in the place of a folder meanwhile leads nowhere. */
#ifndef IRONHULL_REAL_H
#define IRONHULL_REAL_H

#include "str.h"

#include <sys/stat.h>

/* The absolute path, without symbolic links, of what a path leads to; what is missing of it is as it was given, and so
 * is all of a path that cannot be followed. To be asked once, and early. */
struct str real_place(struct arena *arena, struct str path);

/* As open(2), close-on-exec; ELOOP where any component is a symbolic link (before Linux 5.6: where the last is). */
int real_open(const char *path, int flags, mode_t mode);

/* The same for what real_place gave; ENOENT for the link itself, where that led to nothing. */
int real_open_place(const char *place, int flags);

/* As lstat(2), mkdir(2), unlink(2), link(2), and renameat2(2) of two names in one folder; ELOOP where a folder above is
 * a symbolic link. They may be called by a signal handler. 0, or -1 with errno. */
int real_stat(const char *path, struct stat *ret);
int real_make_folder(const char *path);
int real_remove(const char *path, int flags); /* AT_REMOVEDIR, or 0 */
int real_link(const char *from, const char *to);
int real_rename(const char *from, const char *to, unsigned flags);

#endif
