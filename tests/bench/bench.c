/* Times whole processes, and beside them what they are measured against; prints a table. No limit is checked: numbers
 * are for people (and for comparing two versions on one machine).
 *
 *     bench IRONHULL FOLDER    FOLDER holds a Dockerfile, compose.yaml and pod.yaml, which make up the tree of files */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

extern char **environ;

enum { RUNS = 21, TREE_RUNS = 7, TREE_FOLDERS = 250, FILES_A_FOLDER = 4 };

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* Milliseconds of one run, from spawn to exit; its largest memory in *ret_kib. */
static double run_once(const char *const argv[], long *ret_kib) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t child;
    struct rusage usage;
    double start = now();
    if (posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)argv, environ) != 0 ||
        wait4(child, NULL, 0, &usage) != child)
        fail(argv[0]);
    double time = now() - start;
    posix_spawn_file_actions_destroy(&actions);
    *ret_kib = usage.ru_maxrss;
    return time;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double bench(const char *name, const char *const argv[], int runs, const char *note) {
    double times[RUNS];
    long kib = 0;
    run_once(argv, &kib);
    for (int i = 0; i < runs; i++)
        times[i] = run_once(argv, &kib);
    qsort(times, (size_t)runs, sizeof *times, by_value);
    printf("%-44s %9.2f %9.2f %9.2f %8ld  %s\n", name, times[0], times[runs / 2], times[runs - 1], kib, note);
    return times[runs / 2];
}

static char *join(const char *folder, const char *name) {
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        fail("asprintf");
    return path;
}

static size_t copy_file(const char *from, const char *to) {
    static char bytes[1 << 20];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!in || !out)
        fail(in ? to : from);
    size_t n = fread(bytes, 1, sizeof bytes, in);
    if (fwrite(bytes, 1, n, out) != n || fclose(out) != 0)
        fail(to);
    fclose(in);
    return n;
}

/* The same files in many folders, as a monorepo has them. Gives their bytes. */
static size_t make_tree(const char *tree, const char *folder) {
    static const char *const names[FILES_A_FOLDER] = {"Dockerfile", "compose.yaml", "pod.yaml", "package.json"};
    size_t bytes = 0;
    for (int i = 0; i < TREE_FOLDERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "app-%03d", i);
        char *target = join(tree, name);
        if (mkdir(target, 0755) != 0)
            fail(target);
        for (int j = 0; j < FILES_A_FOLDER; j++)
            bytes += copy_file(join(folder, names[j]), join(target, names[j]));
    }
    return bytes;
}

/* Milliseconds of libyaml's events alone over the compose and pod files of the tree, in this process. */
static double bare_libyaml(const char *tree) {
    static const char *const names[] = {"compose.yaml", "pod.yaml"};
    double start = now();
    for (int i = 0; i < TREE_FOLDERS; i++)
        for (int j = 0; j < 2; j++) {
            char name[64];
            snprintf(name, sizeof name, "app-%03d/%s", i, names[j]);
            char *path = join(tree, name);
            FILE *file = fopen(path, "rb");
            yaml_parser_t parser;
            if (!file || !yaml_parser_initialize(&parser))
                fail(path);
            yaml_parser_set_input_file(&parser, file);
            for (bool is_done = false; !is_done;) {
                yaml_event_t event;
                if (!yaml_parser_parse(&parser, &event))
                    fail(path);
                is_done = event.type == YAML_STREAM_END_EVENT;
                yaml_event_delete(&event);
            }
            yaml_parser_delete(&parser);
            fclose(file);
            free(path);
        }
    return now() - start;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: bench IRONHULL FOLDER\n");
        return 1;
    }
    char tree[] = "/tmp/ironhull-bench-XXXXXX";
    if (!mkdtemp(tree))
        fail(tree);
    size_t bytes = make_tree(tree, argv[2]);
    char *dockerfile = join(argv[2], "Dockerfile"), note[128];
    printf("%-44s %9s %9s %9s %8s\n", "milliseconds, whole process", "min", "median", "max", "KiB");
    double base = bench("true", (const char *[]){"true", NULL}, RUNS, "");
    double one = bench("ironhull Dockerfile", (const char *[]){argv[1], dockerfile, NULL}, RUNS, "");
    bench("ironhull FOLDER (three formats)", (const char *[]){argv[1], argv[2], NULL}, RUNS, "");
    snprintf(note, sizeof note, "%d files, %zu KiB", TREE_FOLDERS * FILES_A_FOLDER, bytes / 1024);
    bench("ironhull TREE (to be hardened)", (const char *[]){argv[1], tree, NULL}, TREE_RUNS, note);
    run_once((const char *[]){argv[1], "-w", tree, NULL}, &(long){0});
    double check =
        bench("ironhull --check TREE (hardened)", (const char *[]){argv[1], "--check", tree, NULL}, TREE_RUNS, note);
    double yaml = bare_libyaml(tree);
    printf("\none file over `true`: %.2f ms; a hardened tree: %.0f files/s; libyaml alone on its YAML: %.2f ms\n",
           one - base, TREE_FOLDERS * FILES_A_FOLDER / (check / 1e3), yaml);
    run_once((const char *[]){"rm", "-rf", tree, NULL}, &(long){0});
    return 0;
}
