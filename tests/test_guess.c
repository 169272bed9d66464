#include "guess.h"

#include <criterion/criterion.h>

Test(guess, finds_what_is_meant) {
    static const struct {
        const char *word, *want; /* NULL: nothing is near */
    } rows[] = {
        {"image", "images"}, {"imagse", "images"}, {"IMAGES", "images"}, {"usr", "user"},      {"userr", "user"},
        {"uuid", "uid"},     {"rulse", "rules"},   {"xrulesx", "rules"}, {"rxulexs", "rules"}, {"xrxulexs", NULL},
        {"age", "images"},   {"u", NULL},          {"", NULL},           {"yz", NULL},         {"imagesimages", NULL},
    };
    static const char *const offers[] = {"images", "rules", "uid", "user"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        struct guess guess = {.word = str_of(rows[i].word), .offers = {.arena = &arena}};
        for (size_t j = 0; j < sizeof offers / sizeof *offers; j++)
            guess_offer(&guess, str_of(offers[j]));
        struct str want =
            rows[i].want ? str_printf(&arena, "is %s meant?", rows[i].want) : STR("there are images, rules, uid, user");
        struct str got = guess_text(&guess);
        cr_expect(str_eq(got, want), "%s: %.*s", rows[i].word, STR_ARG(got));
    }
}

Test(guess, takes_words_of_any_length) {
    ARENA(arena);
    char *word = arena_alloc(&arena, 100000);
    for (uint32_t i = 0; i < 100000; i++)
        word[i] = 'a';
    for (uint32_t n = 60; n <= 100000; n = n < 70 ? n + 1 : n * 10) {
        struct guess guess = {.word = {word, n}, .offers = {.arena = &arena}};
        guess_offer(&guess, (struct str){word, 62});
        cr_expect_eq(guess.best.p != NULL, n <= 63, "%u", n);
    }
}
