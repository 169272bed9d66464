#include "edit.h"

#include <assert.h>
#include <stdlib.h>

/* The edits of one owner. */
struct owned {
    const void *owner;
    VEC(struct edit) edits;
};

struct ordered {
    struct edit edit;
    uint32_t order; /* in the list */
};

static bool is_insert(const struct edit *edit) {
    return edit->at.start == edit->at.end;
}

static bool spans_overlap(struct span a, struct span b) {
    return a.start < b.end && b.start < a.end;
}

void edits_add(struct edits *edits, struct span at, struct str text) {
    *vec_push(edits->arena, &edits->list) = (struct edit){.at = at, .text = text};
}

/* Whether an insert may belong to what the other edit takes out. */
static bool is_lost(const struct edit *insert, const struct edit *removal) {
    bool is_within = insert->owner && insert->home >= removal->at.start && insert->home < removal->at.end;
    return removal->removed && is_insert(insert) && (is_within || insert->at.start == removal->at.end);
}

bool edit_conflicts(const struct edit *a, const struct edit *b) {
    if (a->owner && a->owner == b->owner && (a->key.n == 0 || b->key.n == 0 || str_eq(a->key, b->key)))
        return !(a->is_copied && b->is_copied);
    if (is_lost(a, b) || is_lost(b, a))
        return true;
    /* an insert lies within another span only strictly inside: at its edges both can be applied */
    return (!is_insert(a) || !is_insert(b)) && spans_overlap(a->at, b->at);
}

bool edits_meet(const struct edits *edits) {
    for (uint32_t i = 1; i < edits->list.n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (edit_conflicts(&edits->list.at[i], &edits->list.at[j]))
                return true;
    return false;
}

static struct str owner_key(const void *const *owner) {
    return (struct str){(const char *)owner, sizeof *owner};
}

static bool conflicts_with_any(const struct edit *edit, const struct edit *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (edit_conflicts(edit, &list[i]))
            return true;
    return false;
}

bool edit_set_fits(const struct edit_set *set, const struct edits *fix) {
    for (uint32_t i = 0; i < fix->list.n; i++) {
        const struct edit *edit = &fix->list.at[i];
        const struct owned *owned = edit->owner ? map_get(&set->owners, owner_key(&edit->owner)) : NULL;
        if (owned && conflicts_with_any(edit, owned->edits.at, owned->edits.n))
            return false;
        /* inserts never overlap each other */
        if (is_insert(edit) ? conflicts_with_any(edit, set->replacements.at, set->replacements.n)
                            : conflicts_with_any(edit, set->edits.list.at, set->edits.list.n))
            return false;
    }
    return true;
}

void edit_set_add(struct edit_set *set, const struct edits *fix) {
    struct arena *arena = set->edits.arena;
    for (uint32_t i = 0; i < fix->list.n; i++) {
        const struct edit *edit = &fix->list.at[i];
        *vec_push(arena, &set->edits.list) = *edit;
        if (!is_insert(edit))
            *vec_push(arena, &set->replacements) = *edit;
        if (!edit->owner)
            continue;
        struct owned *owned = map_get(&set->owners, owner_key(&edit->owner));
        if (!owned) {
            owned = arena_new(arena, struct owned);
            owned->owner = edit->owner;
            map_add(&set->owners, arena, owner_key(&owned->owner), owned);
        }
        *vec_push(arena, &owned->edits) = *edit;
    }
}

static int by_place(const void *left, const void *right) {
    const struct ordered *a = left, *b = right;
    if (a->edit.at.start != b->edit.at.start)
        return a->edit.at.start < b->edit.at.start ? -1 : 1;
    if (is_insert(&a->edit) != is_insert(&b->edit))
        return is_insert(&a->edit) ? -1 : 1;
    if (a->edit.depth != b->edit.depth)
        return a->edit.depth > b->edit.depth ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

void edits_sort(struct edits *edits) {
    struct ordered *sorted = arena_array(edits->arena, edits->list.n, sizeof *sorted);
    for (uint32_t i = 0; i < edits->list.n; i++)
        sorted[i] = (struct ordered){edits->list.at[i], i};
    if (edits->list.n)
        qsort(sorted, edits->list.n, sizeof *sorted, by_place);
    for (uint32_t i = 0; i < edits->list.n; i++)
        edits->list.at[i] = sorted[i].edit;
}

struct str edits_apply(struct arena *arena, struct str text, struct edits *edits) {
    struct buf out = {.arena = arena};
    uint32_t done = 0;
    edits_sort(edits);
    for (uint32_t i = 0; i < edits->list.n; i++) {
        struct edit *edit = &edits->list.at[i];
        assert(done <= edit->at.start && edit->at.start <= edit->at.end && edit->at.end <= text.n);
        buf_add(&out, str_sub(text, done, edit->at.start));
        edit->result = out.n;
        buf_add(&out, edit->text);
        done = edit->at.end;
    }
    buf_add(&out, str_sub(text, done, text.n));
    return buf_str(&out);
}

uint32_t edits_origin(const struct edits *edits, uint32_t offset, bool *ret_inserted) {
    uint32_t low = 0, high = edits->list.n; /* the edits before `low` begin at the offset or before it */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (edits->list.at[middle].result <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return offset;
    const struct edit *edit = &edits->list.at[low - 1];
    if (offset < edit->result + edit->text.n) {
        *ret_inserted = true;
        return edit->at.start;
    }
    return edit->at.end + (offset - edit->result - edit->text.n);
}

/* The length of a line so far, with more text behind it; *ret_max gets that of the longest. */
static uint32_t go_on(uint32_t length, struct str text, uint32_t *ret_max) {
    uint32_t from = 0, lf;
    for (;; from = lf + 1, length = 0) {
        lf = str_find(text, from, '\n');
        length += lf - from;
        *ret_max = length > *ret_max ? length : *ret_max;
        if (lf == text.n)
            return length;
    }
}

uint32_t edits_longest_line(struct str text, struct edits *edits) {
    uint32_t at = 0, length = 0, longest = 0;
    edits_sort(edits);
    for (uint32_t i = 0; i < edits->list.n; i++) {
        const struct edit *edit = &edits->list.at[i];
        uint32_t line = str_rfind(str_sub(text, 0, edit->at.start), '\n');
        line = line < edit->at.start ? line + 1 : 0;
        if (i == 0 || line >= at) {
            if (i > 0)
                go_on(length, str_sub(text, at, str_find(text, at, '\n')), &longest);
            at = line;
            length = 0;
        }
        length = go_on(length, str_sub(text, at, edit->at.start), &longest);
        length = go_on(length, edit->text, &longest);
        at = edit->at.end;
    }
    if (edits->list.n)
        go_on(length, str_sub(text, at, str_find(text, at, '\n')), &longest);
    return longest;
}
