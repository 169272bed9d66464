/* Fixes one by one, as an editor makes them: each as the whole analysis has it, so that the end means what all of them
 * make at once, in whatever order they are made. */
#ifndef IRONHULL_QUICK_FIX_H
#define IRONHULL_QUICK_FIX_H

#include "rule.h"

/* A finding of `check`, with those that it needs; without edits where these cannot be made together. The edits are on
 * the arena, their texts on the check's. */
struct quick_fix quick_fix_of(const struct check *check, const struct finding *finding, struct arena *arena);

/* The text of a document after one of its fixes. */
struct str quick_fix_apply(const struct document *document, const struct quick_fix *fix, struct arena *arena);

/* Whether one of these rules, as bits, changes a file beside a document. */
bool quick_fix_brings(const struct document *companion, uint32_t bits);

#endif
