/* Fuzz target on diffs, and on reverse patches, which are diffs: what a small reading of them makes of one text is the
 * other one. Two texts, with a byte 0xff between. */
#include "diff.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

/* A line with its ending, as a text of `rest` begins. */
static struct str cut_line(struct str *rest) {
    uint32_t end = str_find(*rest, 0, '\n');
    struct str line = str_sub(*rest, 0, end < rest->n ? end + 1 : end);
    *rest = str_sub(*rest, line.n, rest->n);
    return line;
}

/* The text after a unified diff: hunks in order, context and removed lines as they are there. */
static struct str patched(struct arena *arena, struct str text, struct str diff) {
    struct buf out = {.arena = arena};
    uint32_t line = 1;
    MUST(str_starts(cut_line(&diff), STR("--- ")) && str_starts(cut_line(&diff), STR("+++ ")));
    while (diff.n) {
        struct str hunk = cut_line(&diff);
        MUST(str_starts(hunk, STR("@@ -")));
        uint32_t start = (uint32_t)strtoul(hunk.p + 4, NULL, 10);
        bool is_empty = hunk.p[4 + strspn(hunk.p + 4, "0123456789")] == ',' && strstr(hunk.p, ",0 ") &&
                        strstr(hunk.p, ",0 ") < strchr(hunk.p, '+');
        for (start += is_empty; line < start; line++)
            buf_add(&out, cut_line(&text));
        while (diff.n && *diff.p != '@') {
            struct str row = cut_line(&diff), rest = str_sub(row, 1, row.n);
            MUST(strchr(" +-", *row.p));
            if (str_starts(diff, STR("\\"))) {
                cut_line(&diff);
                rest = str_sub(rest, 0, rest.n - 1);
            }
            if (*row.p != '+') {
                must_equal(cut_line(&text), rest, "what a hunk takes");
                line++;
            }
            if (*row.p != '-')
                buf_add(&out, rest);
        }
    }
    buf_add(&out, text);
    return buf_str(&out);
}

static void check(struct arena *arena, struct str before, struct str after) {
    struct buf diff = {.arena = arena};
    struct edits edits = {.arena = arena};
    diff_unified(arena, &diff, STR("a \"file\""), before, after, DIFF_CHANGED);
    if (str_eq(before, after))
        MUST(diff.n == 0);
    else
        must_equal(patched(arena, before, buf_str(&diff)), after, "the patched text");
    diff_edits(before, after, &edits);
    must_equal(edits_apply(arena, before, &edits), after, "the edited text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 1 << 16)
        return 0;
    ARENA(arena);
    struct str rest = str_dup(&arena, (struct str){(const char *)data, (uint32_t)size}), before = STR(""), after;
    fuzz_cut(&rest, &before);
    after = rest.p ? rest : STR("");
    check(&arena, before, after);
    check(&arena, after, before);
    return 0;
}
