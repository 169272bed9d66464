/* A language server that runs, for tests that talk to it. */
#ifndef IRONHULL_TESTS_LSP_PROCESS_H
#define IRONHULL_TESTS_LSP_PROCESS_H

#include "str.h"

#include <sys/types.h>

struct server {
    pid_t pid;
    int in, out;
};

/* Starts the program of $IRONHULL. */
struct server server_start(void);
/* Ends what it hears, and gives its exit code. */
int server_stop(struct server *server);

/* Sends a message, given its JSON. */
void server_say(const struct server *server, struct str text);
/* The next message, on the heap; NULL where none comes. */
char *server_hear(const struct server *server);

#endif
