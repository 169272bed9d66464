/* Files on disk, replaced whole or not at all. */
#ifndef IRONHULL_WRITE_H
#define IRONHULL_WRITE_H

#include "diag.h"
#include "str.h"

/* Replaces (or makes) a file: temporary file in the same folder, fsync, rename, fsync of the folder; mode and owner of
 * an existing file are kept, a symbolic link is followed to the file it names. `expected` are the bytes that were read:
 * a file that holds others by now is refused; {NULL, 0} where there must be no file yet, and
 * its folder is made where it is missing. On any failure, Ctrl-C
 * included, the old file is whole and the temporary one is gone; false with a diagnostic. Signals are held back in the
 * calling thread alone: other threads must block SIGINT, SIGTERM, SIGHUP and SIGQUIT themselves. */
bool write_atomic(struct str path, struct str text, struct str expected, struct diags *diags);

/* Writes a file below `directory` under the relative path `path`, and the folders that it needs. A path that would
 * leave the directory ("..", absolute) is refused. An existing file there is replaced atomically. */
bool write_below(struct str directory, struct str path, struct str text, uint32_t mode, struct diags *diags);

#endif
