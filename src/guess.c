#include "guess.h"

enum { NEAR = 2, LONGEST = 63 };

/* The Levenshtein distance of two words, lower-cased; more than NEAR for long ones. */
static uint32_t distance_of(struct str a, struct str b) {
    ARENA(scratch);
    uint32_t row[LONGEST + 1];
    if (a.n > LONGEST || b.n > LONGEST)
        return NEAR + 1;
    a = str_lower(&scratch, a);
    b = str_lower(&scratch, b);
    for (uint32_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (uint32_t i = 1; i <= a.n; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= b.n; j++) {
            uint32_t changed = diagonal + (a.p[i - 1] != b.p[j - 1]);
            uint32_t shifted = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
            diagonal = row[j];
            row[j] = changed < shifted ? changed : shifted;
        }
    }
    return row[b.n];
}

void guess_offer(struct guess *guess, struct str offer) {
    bool is_part = guess->word.n > 2 && str_contains(offer, guess->word);
    uint32_t distance = is_part ? 1 : distance_of(guess->word, offer);
    buf_printf(&guess->offers, "%s%.*s", guess->offers.n ? ", " : "", STR_ARG(offer));
    bool is_near = distance <= NEAR && distance < offer.n && distance < guess->word.n;
    if (!is_near || (guess->best.p && distance >= guess->distance))
        return;
    guess->best = offer;
    guess->distance = distance;
}

struct str guess_text(struct guess *guess) {
    return guess->best.p ? str_printf(guess->offers.arena, "is %.*s meant?", STR_ARG(guess->best))
                         : str_printf(guess->offers.arena, "there are %.*s", STR_ARG(buf_str(&guess->offers)));
}
