/* Answers every connection with how many children it has left behind for process 1. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child whose own child outlives it: an orphan, which ends at once. */
static void leave_orphan(void) {
    pid_t child = fork();
    if (child == 0)
        _exit(fork() < 0);
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "8000"))};
    int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 8) < 0) {
        perror("server");
        return 1;
    }
    puts("listening");
    fflush(stdout);
    for (int n = 1;; n++) {
        int client = accept(server, NULL, NULL);
        char request[1024];
        if (client < 0 || read(client, request, sizeof request) <= 0)
            continue;
        leave_orphan();
        dprintf(client, "HTTP/1.0 200 OK\r\n\r\n%d\n", n);
        close(client);
    }
}
