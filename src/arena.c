#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* HUGE_BLOCK: from there on the kernel's own zeroed pages are cheaper than ours. */
enum { ALIGN = 16, FIRST_BLOCK = 16 * 1024, HUGE_BLOCK = 4 * 1024 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    bool is_zeroed; /* the bytes behind `used` */
    _Alignas(ALIGN) char bytes[];
};

static _Noreturn void out_of_memory(void) {
    fputs("ironhull: out of memory\n", stderr);
    exit(2);
}

void arena_release(struct arena *arena) {
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
}

/* The next bytes of a block that has room for them, zeroed. */
static void *take(struct arena_block *block, size_t size) {
    void *p = block->bytes + block->used;
    if (!block->is_zeroed)
        memset(p, 0, size);
    block->used += size;
    return p;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > SIZE_MAX / 4)
        out_of_memory();
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        size_t room = block ? block->size * 2 : FIRST_BLOCK;
        if (room < size)
            room = size;
        bool is_zeroed = room >= HUGE_BLOCK;
        block = is_zeroed ? calloc(1, sizeof *block + room) : malloc(sizeof *block + room);
        if (!block)
            out_of_memory();
        block->used = 0;
        block->size = room;
        block->is_zeroed = is_zeroed;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return take(block, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory();
    return arena_alloc(arena, total);
}

void *arena_grow(struct arena *arena, void *p, size_t old, size_t size) {
    struct arena_block *block = arena->blocks;
    size_t rounded = (old + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    size_t wanted = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (p && (char *)p + rounded == block->bytes + block->used && wanted - rounded <= block->size - block->used) {
        take(block, wanted - rounded);
        return p;
    }
    void *moved = arena_alloc(arena, size);
    if (p)
        memcpy(moved, p, old);
    return moved;
}

size_t arena_used(const struct arena *arena) {
    size_t used = 0;
    for (const struct arena_block *block = arena->blocks; block; block = block->next)
        used += block->used;
    return used;
}
