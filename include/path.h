/* Paths as text: nothing here looks at the file system. */
#ifndef IRONHULL_PATH_H
#define IRONHULL_PATH_H

#include "str.h"

/* `path` as seen from a working directory, absolute and cleaned of ".", ".." and doubled slashes. */
struct str path_join(struct arena *arena, struct str directory, struct str path);

/* The same where `folder` may be relative: what comes out then is relative too, "." for the current folder itself, and
 * may start with "..". */
struct str path_clean(struct arena *arena, struct str folder, struct str path);

/* Whether `path` is `directory` or lies in it; both clean, and both absolute or both relative. */
bool path_is_below(struct str path, struct str directory);

/* The folder that holds a file: "." where the path names none. */
struct str path_folder(struct str path);

/* The last component. */
struct str path_name(struct str path);

/* Whether a relative path starts with "..", or the path is absolute. */
bool path_leads_out(struct str path);

/* Whether a path has no byte that a shell, a Dockerfile or a mount option reads as anything but itself. */
bool path_is_plain(struct str path);

/* Whether a source of COPY is a folder as far as its name tells: "." and names without a suffix or pattern are. */
bool path_is_folder_name(struct str source);

/* Whether a folder's name says that nobody misses its content after a restart (cache, log, run, tmp). */
bool path_is_transient(struct str path);

/* Cuts the folders without wildcards off a path that has some; false where it has none. */
bool path_cut_glob(struct str path, struct str *ret_folder, struct str *ret_glob);

#endif
