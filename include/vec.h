/* Growing arrays on an arena: VEC(struct edit) edits = {0}; *vec_push(arena, &edits) = edit; */
#ifndef IRONHULL_VEC_H
#define IRONHULL_VEC_H

#include "arena.h"

#include <stdint.h>

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        uint32_t n, cap;                                                                                               \
    }

/* Appends a zeroed element and gives its address, valid until the next push. */
#define vec_push(arena, vec)                                                                                           \
    ((vec)->at = vec_reserve((arena), (vec)->at, (vec)->n, &(vec)->cap, sizeof *(vec)->at), &(vec)->at[(vec)->n++])

/* Forgets all elements: their memory goes with its arena. */
#define VEC_CLEAR(vec) ((vec).at = NULL, (vec).n = (vec).cap = 0)

/* Room for one element after `n`: returns `at` or its moved copy, raises *cap. */
void *vec_reserve(struct arena *arena, void *at, uint32_t n, uint32_t *cap, size_t size);

#endif
