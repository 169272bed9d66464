/* Borrowed bytes by value, and a growing buffer of bytes. */
#ifndef IRONHULL_STR_H
#define IRONHULL_STR_H

#include "arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* `n` bytes at `p`, owned by somebody else; not NUL-terminated unless said so. {NULL, 0} means "not given". */
struct str {
    const char *p;
    uint32_t n;
};

/* Some texts on an arena. */
struct str_list {
    const struct str *list;
    uint32_t n;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
/* The same for static initialisers. */
#define STR_INIT(literal)                                                                                              \
    { (literal), sizeof(literal) - 1 }
/* Arguments for the printf format %.*s. */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

struct str str_of(const char *cstring); /* NULL gives {NULL, 0} */
static inline bool str_eq(struct str a, struct str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
/* The bytes [from, to) of s; both are cut to its length. */
static inline struct str str_sub(struct str s, uint32_t from, uint32_t to) {
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    if (!s.p)
        return s;
    return (struct str){s.p + from, to - from};
}

static inline bool str_starts(struct str s, struct str prefix) {
    return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

static inline bool str_ends(struct str s, struct str suffix) {
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

/* Whether it is an ASCII letter or digit, in any locale. */
static inline bool str_is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int str_cmp(struct str a, struct str b); /* bytewise; a prefix sorts first */

/* Without the ASCII white space (space, \t \n \v \f \r) at both ends. */
struct str str_trim(struct str s);
/* Offset of the first byte `c` at or after `from`; s.n where there is none. */
uint32_t str_find(struct str s, uint32_t from, char c);
/* Offset of the last byte `c`; s.n where there is none. */
uint32_t str_rfind(struct str s, char c);
bool str_contains(struct str s, struct str part);

/* Whether `s` is one of n texts. */
bool str_is_in(struct str s, const struct str *list, uint32_t n);
/* The same for an array. */
#define STR_IS_IN(s, array) str_is_in((s), (array), sizeof(array) / sizeof *(array))

/* Cuts the part before the next `separator` off *rest into *ret_part. False once *rest is used up ({NULL, 0}). */
bool str_cut(struct str *rest, char separator, struct str *ret_part);

/* FNV-1a (RFC 9923) of 64 bits; `hash` is that of what comes before, 0 at the start. */
uint64_t str_hash(uint64_t hash, struct str s);

/* A hash for use within one run: it takes the bytes by eights, as the machine has them. */
uint64_t str_quick_hash(struct str s);

/* Decimal digits only, at most `max`; false for anything else. */
bool str_number(struct str s, uint32_t max, uint32_t *ret);

/* NUL-terminated copies on the arena. */
struct str str_dup(struct arena *arena, struct str s);
char *str_c(struct arena *arena, struct str s);
struct str str_lower(struct arena *arena, struct str s);
__attribute__((format(printf, 2, 3))) struct str str_printf(struct arena *arena, const char *format, ...);
struct str str_vprintf(struct arena *arena, const char *format, va_list args);

/* Bytes that grow on an arena. Start with {.arena = arena}. */
struct buf {
    struct arena *arena;
    char *p;
    uint32_t n, cap;
};

void buf_add(struct buf *buf, struct str s);
void buf_byte(struct buf *buf, char c);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *buf, const char *format, ...);
/* The bytes so far, NUL-terminated after the last; valid until the next addition. */
struct str buf_str(struct buf *buf);

#endif
