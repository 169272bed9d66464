/* What a misspelt word may stand for. */
#ifndef IRONHULL_GUESS_H
#define IRONHULL_GUESS_H

#include "str.h"

/* Starts as {.word = word, .offers = {.arena = arena}}. */
struct guess {
    struct str word;
    struct str best; /* the nearest of what was offered; {NULL, 0} where nothing is near */
    uint32_t distance;
    struct buf offers; /* all of it, for people */
};

/* Offers a word. It is near where at most two letters differ, are missing or too much, whatever their case, and
 * where it holds the word. */
void guess_offer(struct guess *guess, struct str offer);

/* The end of a message about an unknown word: what is meant, else what there is. On the arena of `offers`. */
struct str guess_text(struct guess *guess);

#endif
