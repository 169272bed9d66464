#include "vec.h"

#include <assert.h>

void *vec_reserve(struct arena *arena, void *at, uint32_t n, uint32_t *cap, size_t size) {
    if (n < *cap)
        return at;
    assert(*cap <= UINT32_MAX / 2);
    uint32_t grown = *cap ? *cap * 2 : 8;
    at = arena_grow(arena, at, *cap * size, grown * size);
    *cap = grown;
    return at;
}
