#include "str.h"
#include "vec.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void check_eq(struct str got, const char *want) {
    cr_expect(str_eq(got, str_of(want)), "got \"%.*s\", want \"%s\"", STR_ARG(got), want);
}

Test(str, compares_bytewise) {
    cr_expect(str_eq(STR(""), (struct str){NULL, 0}));
    cr_expect_not(str_eq(STR("a"), STR("A")));
    cr_expect(str_eq_nocase(STR("fRoM"), STR("From")));
    cr_expect_not(str_eq_nocase(STR("\xc3\xa4"), STR("\xc3\x84")), "only ASCII letters fold");
    cr_expect_not(str_eq_nocase(STR("@"), STR("`")));
    cr_expect(str_cmp(STR("a-b"), STR("a/b")) < 0);
    cr_expect(str_cmp(STR("ab"), STR("a")) > 0);
    cr_expect(str_cmp(STR("\xff"), STR("a")) > 0, "bytes are unsigned");
    cr_expect_eq(str_cmp(STR(""), (struct str){NULL, 0}), 0);
}

Test(str, has_prefix_suffix_and_parts) {
    cr_expect(str_starts(STR("Dockerfile"), STR("Docker")));
    cr_expect_not(str_starts(STR("Doc"), STR("Docker")));
    cr_expect(str_ends(STR("a.yaml"), STR(".yaml")));
    cr_expect_not(str_ends(STR("yaml"), STR(".yaml")));
    cr_expect(str_ends((struct str){NULL, 0}, STR("")));
    cr_expect(str_contains(STR("npm ci"), STR("m c")));
    cr_expect_not(str_contains(STR("npm"), STR("npmx")));
    cr_expect(str_contains((struct str){NULL, 0}, STR("")));
}

Test(str, slices_within_bounds) {
    check_eq(str_sub(STR("hello"), 1, 3), "el");
    check_eq(str_sub(STR("hello"), 3, 99), "lo");
    check_eq(str_sub(STR("hello"), 9, 3), "");
    check_eq(str_trim(STR(" \t\r\n a b \v\f")), "a b");
    check_eq(str_trim(STR(" \n ")), "");
}

Test(str, finds_bytes) {
    cr_expect_eq(str_find(STR("a/b/c"), 0, '/'), 1);
    cr_expect_eq(str_find(STR("a/b/c"), 2, '/'), 3);
    cr_expect_eq(str_find(STR("abc"), 7, 'a'), 3);
    cr_expect_eq(str_rfind(STR("a/b/c"), '/'), 3);
    cr_expect_eq(str_rfind(STR("abc"), '/'), 3);
    cr_expect_eq(str_rfind(STR("/abc"), '/'), 0);
}

Test(str, cuts_every_part) {
    static const char *const want[] = {"a", "", "b", ""};
    struct str rest = STR("a,,b,"), part;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        cr_assert(str_cut(&rest, ',', &part));
        check_eq(part, want[i]);
    }
    cr_expect_not(str_cut(&rest, ',', &part));
    rest = STR("");
    cr_expect(str_cut(&rest, ',', &part), "an empty text has one empty part");
    cr_expect_not(str_cut(&rest, ',', &part));
}

Test(str, reads_numbers) {
    uint32_t value = 7;
    cr_expect(str_number(STR("0"), 10, &value));
    cr_expect_eq(value, 0);
    cr_expect(str_number(STR("4294967295"), UINT32_MAX, &value));
    cr_expect_eq(value, UINT32_MAX);
    static const char *const wrong[] = {
        "", "+1", "-1", " 1", "1 ", "0x1", "65536", "4294967296", "18446744073709551617"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_not(str_number(str_of(wrong[i]), 65535, &value), "%s", wrong[i]);
    cr_expect_eq(value, UINT32_MAX, "left alone on failure");
}

Test(str, copies_end_in_nul) {
    ARENA(arena);
    char *c = str_c(&arena, str_sub(STR("abcdef"), 1, 3));
    cr_expect_str_eq(c, "bc");
    cr_expect_str_eq(str_dup(&arena, (struct str){NULL, 0}).p, "");
    check_eq(str_lower(&arena, STR("FROM \xc3\x84")), "from \xc3\x84");
    check_eq(str_printf(&arena, "%s:%u", "a", 5u), "a:5");
}

Test(buf, grows_and_keeps_its_bytes) {
    ARENA(arena);
    struct buf buf = {.arena = &arena}, other = {.arena = &arena};
    for (unsigned i = 0; i < 5000; i++) {
        buf_printf(&buf, "%04u", i);
        buf_byte(&other, 'x'); /* so that the first cannot always grow in place */
    }
    cr_assert_eq(buf.n, 20000);
    for (unsigned i = 0; i < 5000; i++) {
        char want[8];
        snprintf(want, sizeof want, "%04u", i);
        cr_assert(memcmp(buf.p + (size_t)i * 4, want, 4) == 0, "at %u", i);
    }
    cr_expect_eq(buf_str(&buf).p[20000], '\0');
    struct buf empty = {.arena = &arena};
    buf_add(&empty, (struct str){NULL, 0});
    cr_expect_str_eq(buf_str(&empty).p, "");
}

Test(arena, gives_zeroed_aligned_memory) {
    ARENA(arena);
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        unsigned char *p = arena_alloc(&arena, size);
        cr_expect_eq((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            cr_assert_eq(p[i], 0);
        memset(p, 0xff, size);
    }
    cr_expect_geq(arena_used(&arena), 100000 / 3);
    arena_release(&arena);
    cr_expect_eq(arena_used(&arena), 0);
}

Test(arena, grows_in_place_or_moves) {
    ARENA(arena);
    char *p = arena_alloc(&arena, 20);
    memcpy(p, "abc", 4);
    cr_expect_eq(arena_grow(&arena, p, 20, 40), p, "the newest allocation grows where it is");
    char *other = arena_alloc(&arena, 16);
    char *moved = arena_grow(&arena, p, 40, 60);
    cr_expect_neq(moved, p);
    cr_expect_str_eq(moved, "abc");
    cr_expect_eq(other[0], 0, "the neighbour is untouched");
    char *big = arena_grow(&arena, moved, 60, 1 << 20);
    cr_expect_str_eq(big, "abc");
    cr_expect_eq(big[(1 << 20) - 1], 0);
}

Test(arena, ends_the_program_when_a_product_overflows, .exit_code = 2) {
    ARENA(arena);
    arena_array(&arena, SIZE_MAX / 2, 4);
}

Test(vec, keeps_elements_in_order) {
    ARENA(arena);
    VEC(uint32_t) list = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *slot = vec_push(&arena, &list);
        cr_assert_eq(*slot, 0);
        *slot = i;
        arena_alloc(&arena, 1);
    }
    cr_assert_eq(list.n, 1000);
    for (uint32_t i = 0; i < list.n; i++)
        cr_assert_eq(list.at[i], i);
}
