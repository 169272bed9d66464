#include "diff.h"

#include "map.h"
#include "vec.h"

#include <stdlib.h>
#include <string.h>

/* CONTEXT: lines shown around a change. MAX_EDITS: the search keeps one row of numbers for every edit, so its memory
 * grows with the square of them; texts further apart are shown as one replaced block. */
enum { CONTEXT = 3, MAX_EDITS = 2000 };

/* Lines with their line endings, so that a missing final newline makes a line a different one. */
struct lines {
    VEC(struct str) list;
};

/* `n_before` lines from line `before` on became `n_after` lines from line `after` on. */
struct change {
    uint32_t before, n_before, after, n_after;
};

struct changes {
    VEC(struct change) list;
};

/* The lines that the common start and end leave, as numbers: equal numbers are equal lines. */
struct middle {
    uint32_t *before, *after;
    uint32_t n_before, n_after;
    uint32_t start; /* lines cut off at the start of both */
};

static void split(struct arena *arena, struct str text, struct lines *ret) {
    for (uint32_t from = 0; from < text.n;) {
        uint32_t end = str_find(text, from, '\n');
        end += end < text.n;
        *vec_push(arena, &ret->list) = str_sub(text, from, end);
        from = end;
    }
}

/* The same for equal lines. */
static uint32_t number_of(struct map *numbers, struct arena *arena, struct str line) {
    uint32_t *number = arena_new(arena, uint32_t);
    *number = numbers->n;
    const uint32_t *known = map_add(numbers, arena, line, number);
    return known ? *known : *number;
}

static struct middle number_lines(struct arena *arena, const struct lines *before, const struct lines *after) {
    uint32_t n_before = before->list.n, n_after = after->list.n, start = 0;
    const struct str *a = before->list.at, *b = after->list.at;
    while (start < n_before && start < n_after && str_eq(a[start], b[start]))
        start++;
    while (n_before > start && n_after > start && str_eq(a[n_before - 1], b[n_after - 1]))
        n_before--, n_after--;
    struct middle middle = {.n_before = n_before - start, .n_after = n_after - start, .start = start};
    struct map numbers = {0};
    middle.before = arena_array(arena, middle.n_before, sizeof(uint32_t));
    middle.after = arena_array(arena, middle.n_after, sizeof(uint32_t));
    for (uint32_t i = 0; i < middle.n_before; i++)
        middle.before[i] = number_of(&numbers, arena, a[start + i]);
    for (uint32_t i = 0; i < middle.n_after; i++)
        middle.after[i] = number_of(&numbers, arena, b[start + i]);
    return middle;
}

/* Rows of Myers' search ("An O(ND) Difference Algorithm and Its Variations", 1986): row d holds, for every second
 * diagonal k from -d to d, how many lines of `before` the furthest path with d edits has used. */
struct search {
    int32_t *rows[MAX_EDITS + 1];
    int32_t n; /* the last row: the number of edits */
};

static int32_t reach(const struct search *search, int32_t d, int32_t k) {
    /* cppcheck-suppress negativeIndex ; no k is within a row before the first */
    return k < -d || k > d ? -1 : search->rows[d][(k + d) / 2];
}

/* Whether the path with d edits comes to diagonal k by an inserted line (from above), not by a deleted one. */
static bool is_insertion(const struct search *search, int32_t d, int32_t k) {
    return k == -d || (k != d && reach(search, d - 1, k - 1) < reach(search, d - 1, k + 1));
}

/* Fills in row d. True where a path has reached the end of both texts. */
static bool search_row(struct search *search, const struct middle *middle, int32_t d) {
    int32_t n = (int32_t)middle->n_before, m = (int32_t)middle->n_after;
    for (int32_t k = -d; k <= d; k += 2) {
        int32_t x =
            d == 0 ? 0 : (is_insertion(search, d, k) ? reach(search, d - 1, k + 1) : reach(search, d - 1, k - 1) + 1);
        while (x < n && x - k < m && x - k >= 0 && middle->before[x] == middle->after[x - k])
            x++;
        search->rows[d][(k + d) / 2] = x;
        if (x >= n && x - k >= m && x - k <= m && x <= n)
            return true;
    }
    return false;
}

static bool search_run(struct arena *arena, struct search *search, const struct middle *middle) {
    for (int32_t d = 0; d <= MAX_EDITS; d++) {
        search->rows[d] = arena_array(arena, (size_t)d + 1, sizeof(int32_t));
        search->n = d;
        if (search_row(search, middle, d))
            return true;
    }
    return false;
}

/* Walks the search back and marks the lines that are on one side only. */
static void mark(const struct search *search, const struct middle *middle, bool *deleted, bool *inserted) {
    int32_t k = (int32_t)middle->n_before - (int32_t)middle->n_after;
    for (int32_t d = search->n; d > 0; d--) {
        if (is_insertion(search, d, k)) {
            k++;
            inserted[reach(search, d - 1, k) - k] = true;
        } else {
            k--;
            deleted[reach(search, d - 1, k)] = true;
        }
    }
}

static void find_changes(struct arena *arena, const struct middle *middle, struct changes *ret) {
    struct search *search = arena_new(arena, struct search);
    bool is_one_sided = middle->n_before == 0 || middle->n_after == 0;
    if (is_one_sided || !search_run(arena, search, middle)) {
        *vec_push(arena, &ret->list) = (struct change){middle->start, middle->n_before, middle->start, middle->n_after};
        return;
    }
    bool *deleted = arena_array(arena, middle->n_before, sizeof(bool));
    bool *inserted = arena_array(arena, middle->n_after, sizeof(bool));
    mark(search, middle, deleted, inserted);
    for (uint32_t i = 0, j = 0; i < middle->n_before || j < middle->n_after; i++, j++) {
        struct change change = {middle->start + i, 0, middle->start + j, 0};
        for (; i < middle->n_before && deleted[i]; i++)
            change.n_before++;
        for (; j < middle->n_after && inserted[j]; j++)
            change.n_after++;
        if (change.n_before + change.n_after > 0)
            *vec_push(arena, &ret->list) = change;
    }
}

static void print_lines(struct buf *out, char sign, const struct lines *lines, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++) {
        buf_byte(out, sign);
        buf_add(out, lines->list.at[i]);
        if (!str_ends(lines->list.at[i], STR("\n")))
            buf_add(out, STR("\n\\ No newline at end of file\n"));
    }
}

/* A range of no lines names the line above it. */
static void print_range(struct buf *out, char sign, uint32_t start, uint32_t n) {
    buf_printf(out, n == 1 ? "%c%u " : "%c%u,%u ", sign, n == 0 ? start : start + 1, n);
}

/* Prints the changes [first, last] as one hunk. */
static void print_hunk(struct buf *out, const struct lines *before, const struct lines *after,
                       const struct change *first, const struct change *last) {
    uint32_t above = first->before < CONTEXT ? first->before : CONTEXT;
    uint32_t rest = before->list.n - (last->before + last->n_before);
    uint32_t below = rest < CONTEXT ? rest : CONTEXT;
    uint32_t start = first->before - above, end = last->before + last->n_before + below;
    buf_add(out, STR("@@ "));
    print_range(out, '-', start, end - start);
    print_range(out, '+', first->after - above, last->after + last->n_after + below - (first->after - above));
    buf_add(out, STR("@@\n"));
    for (const struct change *change = first; change <= last; change++) {
        print_lines(out, ' ', before, start, change->before);
        print_lines(out, '-', before, change->before, change->before + change->n_before);
        print_lines(out, '+', after, change->after, change->after + change->n_after);
        start = change->before + change->n_before;
    }
    print_lines(out, ' ', before, start, end);
}

/* A letter for the bytes that git writes as a backslash and that letter, else 0. */
static char escape_letter(char c) {
    static const char pairs[] = "\aa\bb\tt\nn\vv\ff\rr\"\"\\\\";
    for (size_t i = 0; i + 1 < sizeof pairs; i += 2)
        if (pairs[i] == c)
            return pairs[i + 1];
    return 0;
}

static bool is_plain(char c) {
    return c >= ' ' && c < 0x7f && escape_letter(c) == 0;
}

/* A name as git writes it: quoted like a C string where it has other bytes than printable ASCII; a tab after a name
 * with a space, which would otherwise be taken for the end of the name. */
static void print_name(struct buf *out, const char *prefix, struct str path) {
    while (str_starts(path, STR("/"))) /* as git diff --no-index names absolute files */
        path = str_sub(path, 1, path.n);
    uint32_t plain = 0;
    while (plain < path.n && is_plain(path.p[plain]))
        plain++;
    bool is_quoted = plain < path.n;
    buf_printf(out, "%s%s", is_quoted ? "\"" : "", prefix);
    for (uint32_t i = 0; i < path.n; i++) {
        char letter = escape_letter(path.p[i]);
        if (is_plain(path.p[i]))
            buf_byte(out, path.p[i]);
        else if (letter)
            buf_printf(out, "\\%c", letter);
        else
            buf_printf(out, "\\%03o", (unsigned char)path.p[i]);
    }
    if (is_quoted)
        buf_byte(out, '"');
    if (str_find(path, 0, ' ') < path.n)
        buf_byte(out, '\t');
    buf_byte(out, '\n');
}

static void print_side(struct buf *out, const char *mark, const char *prefix, struct str path, bool is_none) {
    buf_add(out, str_of(mark));
    if (is_none)
        buf_add(out, STR("/dev/null\n"));
    else
        print_name(out, prefix, path);
}

void diff_unified(struct arena *scratch, struct buf *out, struct str path, struct str before, struct str after,
                  enum diff_kind kind) {
    if (str_eq(before, after))
        return;
    struct lines old = {0}, new = {0};
    split(scratch, before, &old);
    split(scratch, after, &new);
    struct middle middle = number_lines(scratch, &old, &new);
    struct changes changes = {0};
    find_changes(scratch, &middle, &changes);

    print_side(out, "--- ", "a/", path, kind == DIFF_NEW);
    print_side(out, "+++ ", "b/", path, kind == DIFF_REMOVED);
    const struct change *list = changes.list.at;
    for (uint32_t first = 0, next; first < changes.list.n; first = next) {
        next = first + 1;
        while (next < changes.list.n &&
               list[next].before - (list[next - 1].before + list[next - 1].n_before) <= 2 * CONTEXT)
            next++;
        print_hunk(out, &old, &new, &list[first], &list[next - 1]);
    }
}

static uint32_t line_offset(const struct lines *lines, uint32_t line, struct str text) {
    return line < lines->list.n ? (uint32_t)(lines->list.at[line].p - text.p) : text.n;
}

void diff_edits(struct str before, struct str after, struct edits *ret) {
    struct lines old = {0}, new = {0};
    split(ret->arena, before, &old);
    split(ret->arena, after, &new);
    struct middle middle = number_lines(ret->arena, &old, &new);
    struct changes changes = {0};
    if (middle.n_before + middle.n_after)
        find_changes(ret->arena, &middle, &changes);
    for (uint32_t i = 0; i < changes.list.n; i++) {
        const struct change *change = &changes.list.at[i];
        struct span at = {line_offset(&old, change->before, before),
                          line_offset(&old, change->before + change->n_before, before)};
        uint32_t from = line_offset(&new, change->after, after);
        edits_add(ret, at, str_sub(after, from, line_offset(&new, change->after + change->n_after, after)));
    }
}
