#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

void fail(const char *what) {
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double milliseconds(struct timeval time) {
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

/* What is written to a file is read when it is over: a pipe would have to be read meanwhile. */
static void read_end(int fd, char *said, size_t size) {
    off_t end = lseek(fd, 0, SEEK_END), from = end > (off_t)size - 1 ? end - ((off_t)size - 1) : 0;
    ssize_t n = pread(fd, said, size - 1, from);
    said[n > 0 ? n : 0] = '\0';
    close(fd);
}

struct run run_once(const char *const argv[]) {
    struct run run = {0};
    posix_spawn_file_actions_t actions;
    pid_t child;
    struct rusage usage;
    FILE *errors = tmpfile();
    int fd = errors ? dup(fileno(errors)) : -1;
    if (fd < 0)
        fail("tmpfile");
    fclose(errors);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fd, 2);
    double start = now();
    if (posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)argv, environ) != 0 ||
        wait4(child, NULL, 0, &usage) != child)
        fail(argv[0]);
    run.wall = now() - start;
    run.cpu = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
    run.kib = usage.ru_maxrss;
    posix_spawn_file_actions_destroy(&actions);
    read_end(fd, run.said, sizeof run.said);
    return run;
}

char *join(const char *folder, const char *name) {
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        fail("asprintf");
    return path;
}

char *make_folder(void) {
    const char *parent = getenv("TMPDIR");
    char *folder = join(parent ? parent : "/tmp", "ironhull-bench-XXXXXX");
    if (!mkdtemp(folder))
        fail(folder);
    return folder;
}

void remove_folder(char *folder) {
    run_once((const char *[]){"rm", "-rf", folder, NULL});
    free(folder);
}

char *read_file(const char *path, size_t *ret_n) {
    FILE *in = fopen(path, "rb");
    char *bytes = NULL;
    size_t n = 0, got;
    do {
        if (!in || !(bytes = realloc(bytes, n + 65537)))
            fail(path);
        n += got = fread(bytes + n, 1, 65536, in);
    } while (got == 65536);
    fclose(in);
    bytes[n] = '\0';
    *ret_n = n;
    return bytes;
}

void write_file(const char *path, const char *bytes, size_t n) {
    FILE *out = fopen(path, "wb");
    if (!out || fwrite(bytes, 1, n, out) != n || fclose(out) != 0)
        fail(path);
}
