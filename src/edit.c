#include "edit.h"

#include <assert.h>
#include <stdlib.h>

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

bool edit_conflicts(const struct edit *a, const struct edit *b) {
    if (a->owner && a->owner == b->owner && (a->key.n == 0 || b->key.n == 0 || str_eq(a->key, b->key)))
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

static void sort(struct edits *edits) {
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
    sort(edits);
    for (uint32_t i = 0; i < edits->list.n; i++) {
        const struct edit *edit = &edits->list.at[i];
        assert(done <= edit->at.start && edit->at.start <= edit->at.end && edit->at.end <= text.n);
        buf_add(&out, str_sub(text, done, edit->at.start));
        buf_add(&out, edit->text);
        done = edit->at.end;
    }
    buf_add(&out, str_sub(text, done, text.n));
    return buf_str(&out);
}
