#include "lsp_process.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_MILLISECONDS = 60000 };

struct server server_start(void) {
    struct server server;
    int to[2], from[2];
    cr_assert(pipe(to) == 0 && pipe(from) == 0);
    server.pid = fork();
    cr_assert_geq(server.pid, 0);
    if (server.pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        for (int i = 0; i < 2; i++) {
            close(to[i]);
            close(from[i]);
        }
        setenv("ASAN_OPTIONS", "exitcode=99", 0);
        setenv("UBSAN_OPTIONS", "halt_on_error=1:exitcode=99", 0);
        execl(getenv("IRONHULL"), "ironhull", "lsp", NULL);
        _exit(98);
    }
    close(to[0]);
    close(from[1]);
    server.in = to[1];
    server.out = from[0];
    return server;
}

int server_stop(struct server *server) {
    int status;
    close(server->in);
    cr_assert_eq(waitpid(server->pid, &status, 0), server->pid);
    close(server->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void server_say(const struct server *server, struct str text) {
    ARENA(arena);
    struct str message = str_printf(&arena, "Content-Length: %u\r\n\r\n%.*s", text.n, STR_ARG(text));
    cr_assert_eq(write(server->in, message.p, message.n), message.n);
}

static bool read_bytes(const struct server *server, char *p, size_t n) {
    while (n > 0) {
        struct pollfd fd = {.fd = server->out, .events = POLLIN};
        ssize_t got = poll(&fd, 1, TIMEOUT_MILLISECONDS) > 0 ? read(server->out, p, n) : 0;
        if (got <= 0)
            return false;
        p += got, n -= (size_t)got;
    }
    return true;
}

char *server_hear(const struct server *server) {
    char header[64] = {0};
    size_t n = 0;
    while (n < 4 || memcmp(header + n - 4, "\r\n\r\n", 4) != 0)
        if (n + 1 >= sizeof header || !read_bytes(server, header + n++, 1))
            return NULL;
    cr_assert(!strncmp(header, "Content-Length: ", 16), "%s", header);
    size_t length = strtoul(header + 16, NULL, 10);
    char *text = calloc(1, length + 1);
    cr_assert(text && read_bytes(server, text, length));
    return text;
}
