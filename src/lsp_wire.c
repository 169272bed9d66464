#include "lsp_wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What is longer is no message of an editor: the largest holds a text of SOURCE_MAX_BYTES, escaped. */
enum { MAX_HEADER = 4096, MAX_CONTENT = 4 * SOURCE_MAX_BYTES, MAX_WAITING = 1000, CHUNK = 65536 };

static const char content_length[] = "content-length:";
enum { LENGTH_OF_NAME = sizeof content_length - 1 };

/* --- send ----------------------------------------------------------------------------------------------------------
 */

static void write_all(struct lsp_wire *wire, const char *bytes, size_t n) {
    while (n > 0 && !wire->is_closed) {
        ssize_t done = write(wire->out, bytes, n);
        if (done < 0 && errno == EAGAIN)
            poll(&(struct pollfd){.fd = wire->out, .events = POLLOUT}, 1, -1);
        else if (done < 0 && errno != EINTR)
            wire->is_closed = true;
        if (done > 0)
            bytes += done, n -= (size_t)done;
    }
}

static void send_text(struct lsp_wire *wire, const char *text, size_t n) {
    char header[64];
    int length = snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n", n);
    write_all(wire, header, (size_t)length);
    write_all(wire, text, n);
}

static void send_message(struct lsp_wire *wire, json_t *message) {
    JSON(owned) = message;
    json_object_set_new(owned, "jsonrpc", json_string("2.0"));
    char *text = json_dumps(owned, JSON_COMPACT);
    if (text)
        send_text(wire, text, strlen(text));
    free(text);
}

void lsp_wire_answer(struct lsp_wire *wire, const json_t *id, json_t *result) {
    send_message(wire, json_pack("{s:O?,s:o}", "id", id, "result", result ? result : json_null()));
}

void lsp_wire_answer_text(struct lsp_wire *wire, const json_t *id, struct str result) {
    ARENA(scratch);
    struct buf out = {.arena = &scratch};
    char *text = json_dumps(id, JSON_COMPACT | JSON_ENCODE_ANY);
    buf_printf(&out, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":", text);
    buf_add(&out, result);
    buf_byte(&out, '}');
    send_text(wire, out.p, out.n);
    free(text);
}

void lsp_wire_notify_text(struct lsp_wire *wire, const char *method, struct str params) {
    ARENA(scratch);
    struct buf out = {.arena = &scratch};
    buf_printf(&out, "{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"params\":", method);
    buf_add(&out, params);
    buf_byte(&out, '}');
    send_text(wire, out.p, out.n);
}

void lsp_wire_refuse(struct lsp_wire *wire, const json_t *id, int code, const char *message) {
    send_message(
        wire, json_pack("{s:O*,s:{s:i,s:s}}", "id", id ? id : json_null(), "error", "code", code, "message", message));
}

void lsp_wire_notify(struct lsp_wire *wire, const char *method, json_t *params) {
    send_message(wire, json_pack("{s:s,s:o}", "method", method, "params", params));
}

json_int_t lsp_wire_request(struct lsp_wire *wire, const char *method, json_t *params) {
    json_t *message = json_pack("{s:I,s:s}", "id", ++wire->last_id, "method", method);
    if (params)
        json_object_set_new(message, "params", params);
    send_message(wire, message);
    return wire->last_id;
}

/* --- receive -------------------------------------------------------------------------------------------------------
 */

static void drop(struct lsp_wire *wire, size_t n) {
    if (n == 0)
        return;
    wire->n -= n;
    memmove(wire->bytes, wire->bytes + n, wire->n);
    if (wire->n == 0) {
        free(wire->bytes); /* a long message leaves no memory behind */
        wire->bytes = NULL;
        wire->cap = 0;
    }
}

/* Editors write half of a surrogate pair as an escape of its own, which is no JSON text: U+FFFD has the same length. */
static void replace_surrogates(char *text, size_t n) {
    for (size_t i = 0; i + 6 <= n; i++) {
        if (text[i] != '\\')
            continue;
        char *end, digits[5] = {0};
        memcpy(digits, text + i + 2, 4);
        unsigned long code = text[i + 1] == 'u' ? strtoul(digits, &end, 16) : 0;
        bool is_pair = code >= 0xd800 && code < 0xdc00 && i + 12 <= n && text[i + 6] == '\\' && text[i + 7] == 'u' &&
                       strchr("dD", text[i + 8]) && strchr("cdefCDEF", text[i + 9]);
        if (code >= 0xd800 && code < 0xe000 && !is_pair)
            memcpy(text + i + 2, "fffd", 4);
        i += is_pair ? 11 : code ? 5 : 1;
    }
}

static json_t *parse(char *text, size_t n) {
    json_t *message = json_loadb(text, n, JSON_ALLOW_NUL, NULL);
    if (message)
        return message;
    replace_surrogates(text, n);
    return json_loadb(text, n, JSON_ALLOW_NUL, NULL);
}

static bool has_id(const json_t *message, const json_t *id) {
    const json_t *own = json_object_get(message, "id");
    return json_is_string(json_object_get(message, "method")) && own && id && json_equal(own, id);
}

/* Whether a message takes back one that waits, which is answered then. */
static bool is_cancel(struct lsp_wire *wire, const json_t *message) {
    const char *method = json_string_value(json_object_get(message, "method"));
    const json_t *id = json_object_get(json_object_get(message, "params"), "id");
    for (size_t i = 0; method && !strcmp(method, "$/cancelRequest") && i < json_array_size(wire->queue); i++)
        if (has_id(json_array_get(wire->queue, i), id)) {
            json_array_remove(wire->queue, i);
            lsp_wire_refuse(wire, id, RPC_CANCELLED, "cancelled");
            return true;
        }
    return false;
}

static void take_content(struct lsp_wire *wire, char *text, size_t n) {
    JSON(message) = parse(text, n);
    if (!message)
        lsp_wire_refuse(wire, NULL, RPC_PARSE_ERROR, "the message is no JSON text");
    else if (!json_is_object(message))
        lsp_wire_refuse(wire, NULL, RPC_INVALID_REQUEST, "the message is no object");
    else if (!is_cancel(wire, message))
        json_array_append(wire->queue, message);
}

/* Reads the length out of the lines of a header; -1 where there is none that can be right. */
static long long length_in(const char *header, size_t n) {
    long long length = -1;
    for (size_t i = 0; i < n;) {
        const char *end = memchr(header + i, '\n', n - i);
        size_t line = end ? (size_t)(end - header) + 1 - i : n - i;
        if (line > LENGTH_OF_NAME && !strncasecmp(header + i, content_length, LENGTH_OF_NAME)) {
            char digits[24] = {0}, *rest;
            size_t most = line - LENGTH_OF_NAME;
            memcpy(digits, header + i + LENGTH_OF_NAME, most < sizeof digits - 1 ? most : sizeof digits - 1);
            length = strtoll(digits, &rest, 10);
            if (rest == digits || *rest != '\r' || length > MAX_CONTENT)
                return -1;
        }
        i += line;
    }
    return length;
}

/* Where the next line begins that names a length, at `from` or later; what may yet become one is kept. */
static size_t next_header(const struct lsp_wire *wire, size_t from) {
    for (size_t i = from; i < wire->n; i++) {
        size_t rest = wire->n - i, n = rest < LENGTH_OF_NAME ? rest : LENGTH_OF_NAME;
        if (!strncasecmp(wire->bytes + i, content_length, n))
            return i;
    }
    return wire->n;
}

/* Takes one message off the bytes that were read. False where there is none yet. */
static bool take_message(struct lsp_wire *wire) {
    if (wire->is_lost) {
        drop(wire, next_header(wire, 0));
        wire->is_lost = wire->n < LENGTH_OF_NAME;
    }
    if (wire->is_lost || wire->n == 0)
        return false;
    const char *end = memmem(wire->bytes, wire->n, "\r\n\r\n", 4);
    size_t header = end ? (size_t)(end - wire->bytes) + 4 : 0;
    if (!end && wire->n < MAX_HEADER)
        return false;
    long long length = end && header <= MAX_HEADER ? length_in(wire->bytes, header) : -1;
    if (length < 0) {
        lsp_wire_refuse(wire, NULL, RPC_PARSE_ERROR, "a header with a Content-Length is expected");
        drop(wire, next_header(wire, 1));
        wire->is_lost = true;
        return true;
    }
    if (wire->n - header < (size_t)length)
        return false;
    take_content(wire, wire->bytes + header, (size_t)length);
    drop(wire, header + (size_t)length);
    return true;
}

static bool has_input(struct lsp_wire *wire, int milliseconds) {
    struct pollfd fds[] = {{.fd = wire->in, .events = POLLIN}, {.fd = wire->client, .events = POLLIN}};
    int n = poll(fds, sizeof fds / sizeof *fds, milliseconds);
    wire->is_closed |= n > 0 && fds[1].revents != 0;
    return n > 0 && fds[0].revents != 0;
}

void lsp_wire_watch(struct lsp_wire *wire, json_int_t process) {
    if (wire->client < 0 && process > 0 && process <= INT_MAX)
        wire->client = (int)syscall(SYS_pidfd_open, (pid_t)process, 0);
}

void lsp_wire_read(struct lsp_wire *wire, int milliseconds) {
    if (!wire->queue)
        wire->queue = json_array();
    while (!wire->is_ended && !wire->is_closed && json_array_size(wire->queue) < MAX_WAITING &&
           has_input(wire, milliseconds)) {
        if (wire->n + CHUNK > wire->cap) {
            wire->cap = wire->n + CHUNK > 2 * wire->cap ? wire->n + CHUNK : 2 * wire->cap;
            char *bytes = realloc(wire->bytes, wire->cap);
            if (!bytes)
                abort();
            wire->bytes = bytes;
        }
        ssize_t got = read(wire->in, wire->bytes + wire->n, CHUNK);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0) {
            wire->is_ended = true;
            return;
        }
        wire->n += (size_t)got;
        while (take_message(wire))
            ;
        milliseconds = 0;
    }
}

json_t *lsp_wire_next(struct lsp_wire *wire) {
    json_t *message = json_incref(json_array_get(wire->queue, 0));
    json_array_remove(wire->queue, 0);
    return message;
}

void lsp_wire_release(struct lsp_wire *wire) {
    json_decref(wire->queue);
    free(wire->bytes);
    if (wire->client >= 0)
        close(wire->client);
}
