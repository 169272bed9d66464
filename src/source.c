#include "source.h"

#include "diag.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct source source_from(struct arena *arena, struct str path, struct str text, enum format format) {
    struct source source = {.path = path, .text = text, .format = format, .eol = STR("\n"), .arena = arena};
    if (str_starts(text, STR("\xef\xbb\xbf")))
        source.bom = 3;
    uint32_t lf = str_find(text, 0, '\n');
    if (lf < text.n && lf > 0 && text.p[lf - 1] == '\r')
        source.eol = STR("\r\n");
    return source;
}

uint32_t source_utf8(const unsigned char *p, uint32_t n, uint32_t *ret_code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t length, code;
    *ret_code = p[0];
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        length = 2, code = p[0] & 0x1fu;
    else if ((p[0] & 0xf0) == 0xe0)
        length = 3, code = p[0] & 0x0fu;
    else if (p[0] >= 0xf0 && p[0] <= 0xf4)
        length = 4, code = p[0] & 0x07u;
    else
        return 0;
    if (n < length)
        return 0;
    for (uint32_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    *ret_code = code;
    bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[length] || code > 0x10ffff || is_surrogate ? 0 : length;
}

uint32_t source_utf8_length(const unsigned char *p, uint32_t n) {
    return source_utf8(p, n, &(uint32_t){0});
}

/* Whether each of the eight bytes is ASCII, and none is NUL. */
static bool are_plain(const unsigned char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return ((word | (word - 0x0101010101010101u)) & 0x8080808080808080u) == 0;
}

bool source_check(struct source *source, struct diags *diags) {
    struct str text = source->text;
    for (uint32_t i = 0; i < text.n;) {
        const unsigned char *p = (const unsigned char *)text.p + i;
        if (text.n - i >= 8 && are_plain(p)) {
            i += 8;
            continue;
        }
        if (*p == 0) {
            diag_at(diags, source, i, "NUL byte: this is not a text file");
            return false;
        }
        uint32_t length = source_utf8_length(p, text.n - i);
        if (length == 0) {
            diag_at(diags, source, i, "byte 0x%02x is not UTF-8: save the file as UTF-8", *p);
            return false;
        }
        i += length;
    }
    return true;
}

static void close_descriptor(const int *fd) {
    if (*fd > 0)
        close(*fd);
}

bool source_read(struct arena *arena, struct str path, struct str *ret_text, struct diags *diags) {
    return source_read_at(arena, AT_FDCWD, path, path, ret_text, diags);
}

static bool refuse_size(struct str path, struct diags *diags) {
    diag_file(diags, path, "is larger than %d MiB: not a Dockerfile or manifest that people write",
              SOURCE_MAX_BYTES / 1024 / 1024);
    return false;
}

/* Closes the descriptor, but for 0. Where it could not be opened, errno says why. */
static bool read_from(struct arena *arena, int descriptor, bool is_stdin, struct str path, struct str *ret_text,
                      struct diags *diags) {
    __attribute__((cleanup(close_descriptor))) int fd = descriptor;
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        diag_file(diags, path, "cannot be read: %s", strerror(errno));
        return false;
    }
    if (S_ISDIR(status.st_mode) || (!is_stdin && !S_ISREG(status.st_mode))) {
        diag_file(diags, path, S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file");
        return false;
    }
    if (status.st_size > SOURCE_MAX_BYTES)
        return refuse_size(path, diags);
    struct buf buf = {.arena = arena};
    /* one byte more than the file has shows its end in the first read */
    uint32_t room = S_ISREG(status.st_mode) && status.st_size < SOURCE_MAX_BYTES ? (uint32_t)status.st_size + 1 : 65536;
    for (;;) {
        if (buf.n == buf.cap) {
            buf.p = arena_grow(arena, buf.p, buf.cap, (size_t)buf.n + room);
            buf.cap = buf.n + room;
        }
        ssize_t got = read(fd, buf.p + buf.n, buf.cap - buf.n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            diag_file(diags, path, "cannot be read: %s", strerror(errno));
            return false;
        }
        if (got == 0)
            break;
        buf.n += (uint32_t)got;
        room = 65536 > buf.n ? 65536 : buf.n;
        if (buf.n > SOURCE_MAX_BYTES)
            return refuse_size(path, diags);
    }
    *ret_text = buf_str(&buf);
    return true;
}

bool source_read_at(struct arena *arena, int folder, struct str name, struct str path, struct str *ret_text,
                    struct diags *diags) {
    bool is_stdin = str_eq(name, STR("-"));
    int fd = is_stdin ? 0 : openat(folder, str_c(arena, name), SOURCE_FLAGS | O_CLOEXEC);
    return read_from(arena, fd, is_stdin, path, ret_text, diags);
}

bool source_read_open(struct arena *arena, int fd, struct str path, struct str *ret_text, struct diags *diags) {
    return read_from(arena, fd, false, path, ret_text, diags);
}

struct str source_head(struct arena *arena, int descriptor) {
    enum { HEAD = 65536 };
    __attribute__((cleanup(close_descriptor))) int fd = descriptor;
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= SOURCE_MAX_BYTES)
        return (struct str){NULL, 0};
    char *bytes = arena_array(arena, HEAD, sizeof *bytes);
    ssize_t got = read(fd, bytes, HEAD);
    return got < 0 ? (struct str){NULL, 0} : (struct str){bytes, (uint32_t)got};
}

static void find_lines(struct source *source) {
    VEC(uint32_t) lines = {0};
    *vec_push(source->arena, &lines) = 0;
    for (uint32_t i = str_find(source->text, 0, '\n'); i < source->text.n; i = str_find(source->text, i + 1, '\n'))
        *vec_push(source->arena, &lines) = i + 1;
    source->lines = lines.at;
    source->n_lines = lines.n;
}

struct position source_position(struct source *source, uint32_t offset) {
    if (!source->lines)
        find_lines(source);
    uint32_t low = 0, high = source->n_lines;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    struct position at = {low + 1, 1};
    uint32_t from = low == 0 ? source->bom : source->lines[low];
    if (source->last.line == at.line && source->last_offset >= from && source->last_offset <= offset) {
        at = source->last;
        from = source->last_offset;
    }
    for (uint32_t i = from; i < offset; i++)
        at.column += ((unsigned char)source->text.p[i] & 0xc0) != 0x80;
    source->last_offset = offset;
    source->last = at;
    return at;
}

struct str source_slice(const struct source *source, struct span at) {
    return str_sub(source->text, at.start, at.end);
}

uint32_t source_line_end(const struct source *source, uint32_t offset) {
    uint32_t end = str_find(source->text, offset, '\n');
    return end < source->text.n && end > offset && source->text.p[end - 1] == '\r' ? end - 1 : end;
}

uint32_t source_line_start(const struct source *source, uint32_t offset) {
    while (offset > source->bom && source->text.p[offset - 1] != '\n')
        offset--;
    return offset;
}
