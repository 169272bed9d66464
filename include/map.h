/* A table from texts to pointers, on an arena. */
#ifndef IRONHULL_MAP_H
#define IRONHULL_MAP_H

#include "str.h"
#include "vec.h"

struct map_slot {
    struct str key;
    void *value; /* NULL: the slot is free */
};

/* Open addressing; starts as {0}. */
struct map {
    struct map_slot *slots;
    uint32_t size; /* a power of two, at least twice n; 0 before the first entry */
    uint32_t n;
};

/* The value of a key; NULL where it has none. */
void *map_get(const struct map *map, struct str key);

/* Gives a key a value, which is not NULL, unless it has one already: that is returned then, else NULL. The key's bytes
 * must outlive the map. */
void *map_add(struct map *map, struct arena *arena, struct str key, void *value);

/* Gives a key a value, in the place of the one that it may have. */
void map_set(struct map *map, struct arena *arena, struct str key, void *value);

/* Empties the map, for others to come. */
void map_clear(struct map *map);

/* Texts in the order in which they came, each once. */
struct texts {
    VEC(struct str) list;
    struct map seen;
};

/* Adds a text, whose bytes must outlive the texts; false where it is one of them already. */
bool texts_add(struct texts *texts, struct arena *arena, struct str text);

#endif
