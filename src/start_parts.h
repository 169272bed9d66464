/* What the files that decide about starts share. */
#ifndef IRONHULL_START_PARTS_H
#define IRONHULL_START_PARTS_H

#include "start.h"

/* Whether a mount is empty at first, and nobody's but this container's. */
bool start_is_empty(const struct mount *mount);

/* What messages call a mount. */
struct str start_mount_name(const struct mount *mount);

/* Why the image's user could not do with its mounts what root can; {NULL, 0} where it can. */
struct str start_mounts_obstacle(const struct launch *launch, const struct image *image);

/* What moves the program's data to where its user may not write, or changes that user: an option or a variable; {NULL,
 * 0} where nothing does. */
struct str start_moves_data(const struct launch *launch, const struct image *image);

/* The same container, once its file names a group for its volumes. */
struct launch start_with_group(const struct launch *launch);

#endif
