/* The bytes of one file: loaded once, checked, never normalised. */
#ifndef IRONHULL_SOURCE_H
#define IRONHULL_SOURCE_H

#include "str.h"

/* Bytes [start, end) of one source. */
struct span {
    uint32_t start, end;
};

struct position {
    uint32_t line, column; /* from 1; a column is one UTF-8 character */
};

enum format {
    FORMAT_NONE,
    FORMAT_DOCKERFILE,
    FORMAT_COMPOSE,
    FORMAT_KUBE,
    FORMAT_DOCKERIGNORE,
    FORMAT_SECCOMP, /* a seccomp profile beside a compose file or a manifest */
    FORMAT_COUNT,
};

struct source {
    struct str path; /* as the user named it, NUL-terminated */
    struct str text;
    enum format format;
    bool is_new;           /* there is no such file yet: text is empty */
    uint32_t bom;          /* bytes of the byte order mark: 0 or 3 */
    struct str eol;        /* the file's first line ending, "\n" where it has none */
    const uint32_t *lines; /* offsets of the line starts; made at the first look-up */
    uint32_t n_lines;
    struct arena *arena;  /* owns the line table */
    uint32_t last_offset; /* of the last look-up, and what it gave: in a long line the next one goes on from there */
    struct position last;
};

struct diags;

/* Largest file that is read. Real Dockerfiles and manifests are far below it. */
enum { SOURCE_MAX_BYTES = 16 * 1024 * 1024 };

/* A source over bytes in memory: finds BOM and line ending. Checks nothing. */
struct source source_from(struct arena *arena, struct str path, struct str text, enum format format);

/* Length of the well-formed UTF-8 sequence (RFC 3629, section 4) that starts the n bytes at p; 0 where there is none.
 */
uint32_t source_utf8_length(const unsigned char *p, uint32_t n);

/* The same; *ret_code is its code point, and is not to be used where there is none. */
uint32_t source_utf8(const unsigned char *p, uint32_t n, uint32_t *ret_code);

/* Refuses NUL bytes and bytes that are not UTF-8 with a diagnostic. */
bool source_check(struct source *source, struct diags *diags);

/* Reads a regular file (or, for path "-", the descriptor 0) onto the arena. False with a diagnostic where it cannot be
 * read, is no regular file or is over SOURCE_MAX_BYTES; a file that does not exist is an error as well. */
bool source_read(struct arena *arena, struct str path, struct str *ret_text, struct diags *diags);

/* The same for a file below the open folder `folder`, which messages call `path`. */
bool source_read_at(struct arena *arena, int folder, struct str name, struct str path, struct str *ret_text,
                    struct diags *diags);

/* The same for what was opened with SOURCE_FLAGS, and is closed; where that has failed, errno says why. */
bool source_read_open(struct arena *arena, int fd, struct str path, struct str *ret_text, struct diags *diags);

/* The first bytes of such a file that is over SOURCE_MAX_BYTES, enough to see what it is; {NULL, 0} for any other. */
struct str source_head(struct arena *arena, int descriptor);

/* O_NONBLOCK: a FIFO without a writer must not hold us up; it is refused once it is open. */
#define SOURCE_FLAGS (O_RDONLY | O_NONBLOCK)

/* Line and column of a byte offset (at most text.n). */
struct position source_position(struct source *source, uint32_t offset);

struct str source_slice(const struct source *source, struct span at);

/* Offset of the end of the line that holds `offset`: before its "\n" or "\r\n", or the end of the text. */
uint32_t source_line_end(const struct source *source, uint32_t offset);
/* Offset of the first byte of the line that holds `offset`; a BOM is not part of the first line. */
uint32_t source_line_start(const struct source *source, uint32_t offset);

#endif
