/* Edits on the original bytes of one source: planned as data, then applied in one go. */
#ifndef IRONHULL_EDIT_H
#define IRONHULL_EDIT_H

#include "map.h"
#include "source.h"
#include "vec.h"

/* Replaces the bytes `at` by `text`; an empty span inserts. */
struct edit {
    struct span at;
    struct str text;
    uint32_t depth;      /* of inserts at one point the deeper nested comes first */
    const void *owner;   /* the collection that gains `key`; NULL where no other edit can get in the way */
    uint32_t home;       /* where the owner begins */
    struct str key;      /* what is added to the owner; empty: nobody else may add to it in the same pass */
    const void *removed; /* the item, or the key of the pair, that the owner loses; NULL where it loses none */
    bool is_copied;      /* what the owner has is repeated elsewhere, and it stays as it is: an empty insert */
    uint32_t result;     /* where `text` begins in the result; set by edits_apply */
};

struct edits {
    struct arena *arena;
    VEC(struct edit) list;
};

/* Appends the edit that puts `text` in the place of the bytes `at`. */
void edits_add(struct edits *edits, struct span at, struct str text);

/* Whether two edits of different fixes cannot both be applied to the same bytes: their spans overlap, both add the same
 * key to the same collection, or one adds something to what the other removes, or at its end. */
bool edit_conflicts(const struct edit *a, const struct edit *b);

/* Whether any two edits of one list conflict. */
bool edits_meet(const struct edits *edits);

/* Edits that can be applied together: a fix is compared with what it touches, not with all that was taken before. What
 * is added to a set stays where it is. */
struct edit_set {
    struct edits edits;
    struct map owners; /* what is added to each: struct owned of edit.c */
    struct map places; /* the edits that touch each: struct place */
};

/* Whether no edit of `fix` conflicts with one of the set. */
bool edit_set_fits(const struct edit_set *set, const struct edits *fix);

void edit_set_add(struct edit_set *set, const struct edits *fix);

/* Puts edits into the order in which they are applied: by place, then deeper first, then in the order of the list. */
void edits_sort(struct edits *edits);

/* The text after all edits, which are sorted here. No two of them conflict (asserted). */
struct str edits_apply(struct arena *arena, struct str text, struct edits *edits);

/* Bytes of the longest line, without its "\n", that the edits make or change; they are sorted here. */
uint32_t edits_longest_line(struct str text, struct edits *edits);

/* Where a byte of the result of edits_apply was before it; for inserted bytes, where they were inserted, and
 * *ret_inserted is set. */
uint32_t edits_origin(const struct edits *edits, uint32_t offset, bool *ret_inserted);

#endif
