#include "map.h"

#include <assert.h>
#include <string.h>

enum { FIRST_SIZE = 16, SPARSE = 16 };

/* The slot of a key, or the free one where it goes: that of its hash, then the next ones. */
static struct map_slot *slot_of(const struct map *map, struct str key) {
    uint32_t i = (uint32_t)str_quick_hash(key) & (map->size - 1);
    while (map->slots[i].value && !str_eq(map->slots[i].key, key))
        i = (i + 1) & (map->size - 1);
    return &map->slots[i];
}

static void grow(struct map *map, struct arena *arena) {
    struct map old = *map;
    assert(old.size < UINT32_MAX / 2);
    map->size = old.size ? old.size * 2 : FIRST_SIZE;
    map->slots = arena_array(arena, map->size, sizeof *map->slots);
    for (uint32_t i = 0; i < old.size; i++)
        if (old.slots[i].value)
            *slot_of(map, old.slots[i].key) = old.slots[i];
}

void *map_get(const struct map *map, struct str key) {
    return map->n ? slot_of(map, key)->value : NULL;
}

void *map_add(struct map *map, struct arena *arena, struct str key, void *value) {
    assert(value);
    void *known = map_get(map, key);
    if (known)
        return known;
    if (map->n * 2 >= map->size)
        grow(map, arena);
    *slot_of(map, key) = (struct map_slot){key, value};
    map->n++;
    return NULL;
}

void map_set(struct map *map, struct arena *arena, struct str key, void *value) {
    if (map_add(map, arena, key, value))
        slot_of(map, key)->value = value;
}

void map_clear(struct map *map) {
    if (map->n < map->size / SPARSE)
        *map = (struct map){0}; /* wiping a large table after every few entries would be slow */
    else if (map->n)
        memset(map->slots, 0, map->size * sizeof *map->slots);
    map->n = 0;
}

bool texts_add(struct texts *texts, struct arena *arena, struct str text) {
    if (map_add(&texts->seen, arena, text, texts))
        return false;
    *vec_push(arena, &texts->list) = text;
    return true;
}
