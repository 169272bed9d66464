/* The files of a run on disk: all of them are written, or none. */
#ifndef IRONHULL_WRITE_H
#define IRONHULL_WRITE_H

#include "diag.h"
#include "str.h"

/* A file that is to be written. */
struct write_file {
    struct str path;
    struct str place; /* the same as real_place gives it; {NULL, 0}: links are followed now */
    struct str text;
    struct str expected;  /* the bytes that were read; {NULL, 0}: there must be no file yet. Not for a file below … */
    struct str directory; /* … this folder, a path without symbolic links, where it takes the place of what is there;
                             {NULL, 0}: `path` is its place */
    uint32_t mode;        /* of a file below a directory, less the umask */
    bool is_needed;       /* others of the run need it: it is written before those that do not say so */
};

struct writing;

/* Begins to write: nothing is in its place before write_commit, and one of write_commit and write_abort ends it. Until
 * then SIGINT, SIGTERM, SIGHUP and SIGQUIT remove the temporary files on their way to end the program; where the caller
 * ignores, handles or holds back one of them, that stays. Other threads must block all four. `backup` is what the name
 * of an old file gets behind it, which is then kept under that name; {NULL, 0}: none is. The arena is to last until
 * then; no texts are. */
struct writing *write_begin(struct arena *arena, struct str backup, struct diags *diags);

/* Writes a file beside its place, as a temporary file with owner, mode and extended attributes of the old one; the
 * folder of a new file, and all above a file below a directory, are made where they are missing. Symbolic links are not
 * followed: not those that are there, nor those that somebody puts there until write_commit is done. A path that leads
 * out of its directory is refused. A file that was staged
 * by another name is not staged again. Whether this one was; a failure gives a diagnostic, and write_commit then fails.
 */
bool write_stage(struct writing *writing, const struct write_file *file);

/* Appends to a new file that is written before all others, and staged by the first call. */
bool write_append(struct writing *writing, struct str path, struct str text);

/* Syncs all files, sees to it that no old file has changed since it was read, gives each file its place, and syncs the
 * folders. On a failure every file is as it was before, or a diagnostic says what is not. Signals wait until it is
 * done. *ret_linked (may be NULL) gets the files that had further names (hard links), which keep the old text. */
bool write_commit(struct writing *writing, struct diags *ret_linked);

/* Removes what was staged. */
void write_abort(struct writing *writing);

/* The three in one, for a single file in its place. */
bool write_atomic(struct str path, struct str text, struct str expected, struct diags *diags);

/* The same below a directory. */
bool write_below(struct str directory, struct str path, struct str text, uint32_t mode, struct diags *diags);

#endif
