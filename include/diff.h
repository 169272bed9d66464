/* Unified diffs that patch(1) and git apply take. */
#ifndef IRONHULL_DIFF_H
#define IRONHULL_DIFF_H

#include "edit.h"

/* DIFF_NEW: the old side is /dev/null; DIFF_REMOVED: the new one is. */
enum diff_kind { DIFF_CHANGED, DIFF_NEW, DIFF_REMOVED };

/* Appends the unified diff (3 lines of context) between two versions of the file `path`, with "a/" and "b/" names.
 * Nothing where both are equal. Lines end at "\n" only; a "\r" is part of its line;
 * a missing final newline is marked as diff(1) does. */
void diff_unified(struct arena *scratch, struct buf *out, struct str path, struct str before, struct str after,
                  enum diff_kind kind);

/* The edits, of whole lines each, that make `after` of `before`, in their order. */
void diff_edits(struct str before, struct str after, struct edits *ret);

#endif
