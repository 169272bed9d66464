#include "edit.h"

#include <assert.h>
#include <stdlib.h>

enum {
    PLACE = 256, /* bytes that are searched together */
    FEW = 8,     /* edits that are compared one by one */
};

/* What a set adds to an owner, or to one key of it. */
struct owned {
    uint32_t n, n_copied;
};

/* The edits of a set that touch a place. */
struct place {
    uint32_t index;
    VEC(const struct edit *) inserts, replacements;
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

/* The name of an owner in a set, or with `key` of one of its keys. */
static struct str owner_name(const struct edit_set *set, const struct edit *edit, const struct str *key) {
    struct buf name = {.arena = set->edits.arena};
    buf_add(&name, (struct str){(const char *)&edit->owner, sizeof edit->owner});
    buf_add(&name, key ? STR(".") : STR(""));
    buf_add(&name, key ? *key : STR(""));
    return buf_str(&name);
}

static bool is_owned(const struct edit_set *set, const struct edit *edit, const struct str *key) {
    const struct owned *owned = map_get(&set->owners, owner_name(set, edit, key));
    return owned && owned->n > (edit->is_copied ? owned->n_copied : 0);
}

static void own(struct edit_set *set, const struct edit *edit, const struct str *key) {
    struct str name = owner_name(set, edit, key);
    struct owned *owned = map_get(&set->owners, name);
    if (!owned) {
        owned = arena_new(set->edits.arena, struct owned);
        map_add(&set->owners, set->edits.arena, name, owned);
    }
    owned->n++;
    owned->n_copied += edit->is_copied;
}

static struct place *place_of(const struct edit_set *set, uint32_t index) {
    return map_get(&set->places, (struct str){(const char *)&index, sizeof index});
}

static bool conflicts_at(const struct place *place, const struct edit *edit) {
    bool conflicts = false;
    for (uint32_t i = 0; i < place->replacements.n && !conflicts; i++)
        conflicts = edit_conflicts(edit, place->replacements.at[i]);
    /* inserts never overlap each other */
    for (uint32_t i = 0; i < place->inserts.n && !is_insert(edit) && !conflicts; i++)
        conflicts = edit_conflicts(edit, place->inserts.at[i]);
    return conflicts;
}

static void touch(struct edit_set *set, const struct edit *edit, uint32_t index) {
    struct arena *arena = set->edits.arena;
    struct place *place = place_of(set, index);
    if (!place) {
        place = arena_new(arena, struct place);
        place->index = index;
        map_add(&set->places, arena, (struct str){(const char *)&place->index, sizeof index}, place);
    }
    if (is_insert(edit))
        *vec_push(arena, &place->inserts) = edit;
    else
        *vec_push(arena, &place->replacements) = edit;
}

static bool fits(const struct edit_set *set, const struct edit *edit) {
    static const struct str none = STR_INIT("");
    if (edit->owner &&
        (edit->key.n == 0 ? is_owned(set, edit, NULL) : is_owned(set, edit, &none) || is_owned(set, edit, &edit->key)))
        return false;
    const struct place *home = edit->owner ? place_of(set, edit->home / PLACE) : NULL;
    bool does_fit = !home || !conflicts_at(home, edit);
    for (uint32_t i = edit->at.start / PLACE; i <= edit->at.end / PLACE && does_fit; i++) {
        const struct place *place = place_of(set, i);
        does_fit = !place || !conflicts_at(place, edit);
    }
    return does_fit;
}

static void add(struct edit_set *set, const struct edit *edit) {
    *vec_push(set->edits.arena, &set->edits.list) = *edit;
    if (edit->owner) {
        own(set, edit, NULL);
        own(set, edit, &edit->key);
        touch(set, edit, edit->home / PLACE);
    }
    for (uint32_t i = edit->at.start / PLACE; i <= edit->at.end / PLACE; i++)
        touch(set, edit, i);
}

bool edit_set_fits(const struct edit_set *set, const struct edits *fix) {
    for (uint32_t i = 0; i < fix->list.n; i++)
        if (!fits(set, &fix->list.at[i]))
            return false;
    return true;
}

void edit_set_add(struct edit_set *set, const struct edits *fix) {
    for (uint32_t i = 0; i < fix->list.n; i++)
        add(set, &fix->list.at[i]);
}

bool edits_meet(const struct edits *edits) {
    ARENA(scratch);
    struct edit_set set = {.edits = {.arena = &scratch}};
    bool meet = false;
    if (edits->list.n <= FEW) {
        for (uint32_t i = 1; i < edits->list.n; i++)
            for (uint32_t j = 0; j < i; j++)
                meet |= edit_conflicts(&edits->list.at[i], &edits->list.at[j]);
        return meet;
    }
    for (uint32_t i = 0; i < edits->list.n && !meet; i++) {
        meet = !fits(&set, &edits->list.at[i]);
        add(&set, &edits->list.at[i]);
    }
    return meet;
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
