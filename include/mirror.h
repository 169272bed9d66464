/* Where the files of a run go below another folder (--output). */
#ifndef IRONHULL_MIRROR_H
#define IRONHULL_MIRROR_H

#include "project.h"

/* Whether a hardened document goes there: all that were looked at do, changed or not. */
bool mirror_has(const struct document *document);

/* Its path in there: as it was named, or, where that leads out, as seen from what was named. */
struct str mirror_path(const struct project *project, const struct document *document);

/* Whether every file that is there has a place of its own, and no original is in its way; a diagnostic says which has
 * not. */
bool mirror_check(const struct project *project, struct str directory);

#endif
