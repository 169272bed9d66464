/* How time grows with the number of files, and with the size of one: prints a table, and the exponent between the first
 * and the last row that takes long enough to be measured (1: linear). No limit is checked.
 *
 *     scale IRONHULL SAMPLE [KILOBYTES]    of the largest single file: 1,000 without; the largest that is read is 16
 * MiB */
#include "run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES = 4, MAX_FILES = 100000, LEAST_MS = 20 };

/* Two points of a curve. */
struct growth {
    double n, time;
};

static void grow(struct growth *growth, double n, double time) {
    if (growth->n > 0)
        printf("  n^%.2f", log(time / growth->time) / log(n / growth->n));
    else if (time >= LEAST_MS)
        *growth = (struct growth){n, time};
    putchar('\n');
}

static struct run check(const char *program, const char *path) {
    return run_once((const char *[]){program, "--check", path, NULL});
}

/* The sample in more and more folders. */
static void bench_files(const char *program, const char *sample) {
    static const char *const names[FILES] = {"Dockerfile", "compose.yaml", "pod.yaml", "package.json"};
    char *texts[FILES], *tree = make_folder(), folder[32];
    size_t sizes[FILES];
    struct growth growth = {0, 0};
    for (int i = 0; i < FILES; i++)
        texts[i] = read_file(join(sample, names[i]), &sizes[i]);
    printf("%10s %10s %10s %10s %8s\n", "files", "ms", "all cores", "us/file", "KiB");
    for (int i = 0, next = 100; i <= MAX_FILES; i += FILES) {
        if (i >= next) {
            struct run run = check(program, tree);
            printf("%10d %10.1f %10.1f %10.1f %8ld", i, run.wall, run.cpu, run.cpu * 1e3 / i, run.kib);
            grow(&growth, i, run.cpu);
            next *= 10;
        }
        snprintf(folder, sizeof folder, "%06d", i);
        char *path = join(tree, folder);
        if (mkdir(path, 0755) != 0)
            fail(path);
        for (int j = 0; j < FILES; j++) {
            char *file = join(path, names[j]);
            write_file(file, texts[j], sizes[j]);
            free(file);
        }
        free(path);
    }
    remove_folder(tree);
}

static void add_dockerfile(FILE *out, int i) {
    if (i == 0)
        fputs("FROM node:20-slim\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n", out);
    fprintf(out, "ENV SETTING_%d=value\nRUN mkdir -p /app/part-%d && \\\n    touch /app/part-%d/$SETTING_%d\n", i, i, i,
            i);
}

static void add_compose(FILE *out, int i) {
    if (i == 0)
        fputs("services:\n", out);
    fprintf(out, "  cache-%d:\n    image: redis:7\n    ports:\n      - \"%d:6379\"\n    environment:\n      TZ: UTC\n",
            i, 1024 + i % 60000);
}

static void add_pod(FILE *out, int i) {
    fprintf(out,
            "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: cache-%d\nspec:\n  containers:\n    - name: cache\n"
            "      image: redis:7\n",
            i);
}

static void bench_size(const char *program, const char *name, void (*add)(FILE *out, int i), long kilobytes) {
    char *tree = make_folder(), *path = join(tree, name);
    struct growth growth = {0, 0};
    printf("\n%10s %10s %10s %10s %8s\n", name, "ms", "all cores", "ns/byte", "KiB");
    for (long size = 1000; size <= kilobytes * 1000; size *= 10) {
        char *text;
        size_t n;
        FILE *out = open_memstream(&text, &n);
        for (int i = 0; ftell(out) < size; i++)
            add(out, i);
        fclose(out);
        write_file(path, text, n);
        free(text);
        struct run run = check(program, path);
        printf("%10zu %10.1f %10.1f %10.1f %8ld", n, run.wall, run.cpu, run.cpu * 1e6 / (double)n, run.kib);
        grow(&growth, (double)n, run.cpu);
    }
    free(path);
    remove_folder(tree);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: scale IRONHULL SAMPLE [KILOBYTES]\n");
        return 1;
    }
    long kilobytes = argc > 3 ? strtol(argv[3], NULL, 10) : 1000;
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench_files(argv[1], argv[2]);
    bench_size(argv[1], "Dockerfile", add_dockerfile, kilobytes);
    bench_size(argv[1], "compose.yaml", add_compose, kilobytes);
    bench_size(argv[1], "pod.yaml", add_pod, kilobytes);
    return 0;
}
