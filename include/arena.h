/* Memory that is given back all at once: one arena per document and pass, one for scratch. */
#ifndef IRONHULL_ARENA_H
#define IRONHULL_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
};

/* Frees every block; the arena may be used again afterwards. Also the handler behind ARENA. */
void arena_release(struct arena *arena);

/* Declares an arena that is released when its scope ends. */
#define ARENA(name) __attribute__((cleanup(arena_release))) struct arena name = {NULL}

/* Zeroed memory of `size` bytes, aligned for any type. Never NULL: out of memory ends the program. */
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc, for `count` objects; a product that overflows ends the program. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Moves a block of `old` bytes to one of `size` bytes (size >= old), in place where it is the newest allocation. */
void *arena_grow(struct arena *arena, void *p, size_t old, size_t size);

/* Bytes handed out so far, for benchmarks and limits. */
size_t arena_used(const struct arena *arena);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
