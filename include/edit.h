/* Edits on the original bytes of one source: planned as data, then applied in one go. */
#ifndef IRONHULL_EDIT_H
#define IRONHULL_EDIT_H

#include "source.h"
#include "vec.h"

/* Replaces the bytes `at` by `text`; an empty span inserts. */
struct edit {
    struct span at;
    struct str text;
    uint32_t depth;    /* of inserts at one point the deeper nested comes first */
    const void *owner; /* the collection that gains `key`; NULL where no other edit can get in the way */
    struct str key;    /* what is added to the owner; empty: nobody else may add to it in the same pass */
};

struct edits {
    struct arena *arena;
    VEC(struct edit) list;
};

/* Whether two edits of different fixes cannot both be applied to the same bytes: their spans overlap, or both add the
 * same key to the same collection. */
bool edit_conflicts(const struct edit *a, const struct edit *b);

/* Whether any two edits of one list conflict. */
bool edits_meet(const struct edits *edits);

/* The text after all edits, which are sorted here: by place, then deeper first, then in the order of the list. No two
 * of them conflict (asserted). */
struct str edits_apply(struct arena *arena, struct str text, struct edits *edits);

#endif
