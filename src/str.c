#include "str.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct str str_of(const char *cstring) {
    return (struct str){cstring, cstring ? (uint32_t)strlen(cstring) : 0};
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_nocase(struct str a, struct str b) {
    if (a.n != b.n)
        return false;
    for (uint32_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b) {
    uint32_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s) {
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    while (s.n && is_space(*s.p))
        s.p++, s.n--;
    return s;
}

uint32_t str_find(struct str s, uint32_t from, char c) {
    const char *hit = from < s.n ? memchr(s.p + from, c, s.n - from) : NULL;
    return hit ? (uint32_t)(hit - s.p) : s.n;
}

uint32_t str_rfind(struct str s, char c) {
    const char *hit = s.n ? memrchr(s.p, c, s.n) : NULL;
    return hit ? (uint32_t)(hit - s.p) : s.n;
}

/* memmem(3) makes a table first, which for a word in a line takes longer than the search. */
bool str_contains(struct str s, struct str part) {
    enum { MAX_WORD = 32 };
    if (part.n == 0 || s.n < part.n)
        return part.n == 0;
    if (part.n > MAX_WORD)
        return memmem(s.p, s.n, part.p, part.n) != NULL;
    const char *end = s.p + (s.n - part.n) + 1;
    for (const char *p = s.p; (p = memchr(p, *part.p, (size_t)(end - p))); p++)
        if (p[part.n - 1] == part.p[part.n - 1] && memcmp(p, part.p, part.n) == 0)
            return true;
    return false;
}

bool str_is_in(struct str s, const struct str *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(s, list[i]))
            return true;
    return false;
}

bool str_cut(struct str *rest, char separator, struct str *ret_part) {
    if (!rest->p)
        return false;
    uint32_t end = str_find(*rest, 0, separator);
    *ret_part = str_sub(*rest, 0, end);
    *rest = end < rest->n ? str_sub(*rest, end + 1, rest->n) : (struct str){NULL, 0};
    return true;
}

uint64_t str_hash(uint64_t hash, struct str s) {
    hash = hash ? hash : 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < s.n; i++)
        hash = (hash ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
}

uint64_t str_quick_hash(struct str s) {
    uint64_t hash = s.n, word;
    for (; s.n >= sizeof word; s.p += sizeof word, s.n -= (uint32_t)sizeof word) {
        memcpy(&word, s.p, sizeof word);
        hash = mix(hash, word);
    }
    for (word = 0; s.n > 0; s.n--)
        word = word << 8 | (unsigned char)s.p[s.n - 1];
    return mix(hash, word);
}

bool str_number(struct str s, uint32_t max, uint32_t *ret) {
    uint64_t value = 0;
    if (s.n == 0 || s.n > 10)
        return false;
    for (uint32_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(s.p[i] - '0');
    }
    if (value > max)
        return false;
    *ret = (uint32_t)value;
    return true;
}

char *str_c(struct arena *arena, struct str s) {
    char *copy = arena_alloc(arena, (size_t)s.n + 1);
    if (s.n)
        memcpy(copy, s.p, s.n);
    return copy;
}

struct str str_dup(struct arena *arena, struct str s) {
    return (struct str){str_c(arena, s), s.n};
}

struct str str_lower(struct arena *arena, struct str s) {
    char *copy = str_c(arena, s);
    for (uint32_t i = 0; i < s.n; i++)
        copy[i] = lower(copy[i]);
    return (struct str){copy, s.n};
}

struct str str_vprintf(struct arena *arena, const char *format, va_list args) {
    char most[256]; /* of the texts fit in here, and are printed once */
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(most, sizeof most, format, args);
    assert(n >= 0);
    char *p = arena_alloc(arena, (size_t)n + 1);
    if ((size_t)n < sizeof most)
        memcpy(p, most, (size_t)n);
    else
        vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return (struct str){p, (uint32_t)n};
}

struct str str_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str s = str_vprintf(arena, format, args);
    va_end(args);
    return s;
}

static char *buf_room(struct buf *buf, uint32_t n) {
    assert(n < UINT32_MAX / 4 && buf->n < UINT32_MAX / 4);
    if (buf->cap - buf->n < n + 1) {
        uint32_t cap = buf->cap ? buf->cap * 2 : 64;
        if (cap < buf->n + n + 1)
            cap = buf->n + n + 1;
        buf->p = arena_grow(buf->arena, buf->p, buf->cap, cap);
        buf->cap = cap;
    }
    return buf->p + buf->n;
}

void buf_add(struct buf *buf, struct str s) {
    if (s.n == 0)
        return;
    memcpy(buf_room(buf, s.n), s.p, s.n);
    buf->n += s.n;
}

void buf_byte(struct buf *buf, char c) {
    *buf_room(buf, 1) = c;
    buf->n++;
}

void buf_printf(struct buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buf_add(buf, str_vprintf(buf->arena, format, args));
    va_end(args);
}

struct str buf_str(struct buf *buf) {
    *buf_room(buf, 0) = '\0';
    return (struct str){buf->p, buf->n};
}
