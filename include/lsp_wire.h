/* The base protocol: JSON-RPC messages behind a header each, read without waiting for more than is there. */
#ifndef IRONHULL_LSP_WIRE_H
#define IRONHULL_LSP_WIRE_H

#include "lsp_text.h"

/* Error codes of JSON-RPC and of the protocol. */
enum {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_METHOD_NOT_FOUND = -32601,
    RPC_INVALID_PARAMS = -32602,
    RPC_NOT_INITIALIZED = -32002,
    RPC_CANCELLED = -32800,
};

struct lsp_wire {
    int in, out;
    int client;  /* that tells when the client's process is gone; -1: nothing does but the end of what it says */
    char *bytes; /* read, and not yet a message */
    size_t n, cap;
    bool is_ended;      /* nothing more comes */
    bool is_closed;     /* nobody takes what we say */
    bool is_lost;       /* what comes is not understood, up to the next header */
    json_t *queue;      /* messages that wait */
    json_int_t last_id; /* of our requests */
};

/* Reads what is there, and waits for it for at most so many milliseconds; -1: as long as it takes. A request that a
 * client cancels while it waits is answered here. */
void lsp_wire_read(struct lsp_wire *wire, int milliseconds);

/* Takes it for the end when that process is gone: somebody else may have the pipe open too. One that is not to be seen
 * from here (the client runs in another container) is not watched. */
void lsp_wire_watch(struct lsp_wire *wire, json_int_t process);

/* The next message, to the caller; NULL where none waits. */
json_t *lsp_wire_next(struct lsp_wire *wire);

/* Send. Values are taken over. */
void lsp_wire_answer(struct lsp_wire *wire, const json_t *id, json_t *result);
void lsp_wire_refuse(struct lsp_wire *wire, const json_t *id, int code, const char *message);
void lsp_wire_notify(struct lsp_wire *wire, const char *method, json_t *params);
/* The same with the text of a JSON value. */
void lsp_wire_answer_text(struct lsp_wire *wire, const json_t *id, struct str result);
void lsp_wire_notify_text(struct lsp_wire *wire, const char *method, struct str params);
/* Gives the id of the request. */
json_int_t lsp_wire_request(struct lsp_wire *wire, const char *method, json_t *params);

void lsp_wire_release(struct lsp_wire *wire);

#endif
