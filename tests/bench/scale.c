/* How time grows with the number of files, and with the size of one: prints a table, and the exponent between the first
 * and the last row that takes long enough to be measured (1: linear). No limit is checked.
 *
 *     scale IRONHULL SAMPLE [KILOBYTES]    of the largest single file: 10,000 without */
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

/* What a large file is made of: items, numbered in the place of each %1$d, between a beginning and an end. */
struct shape {
    const char *name, *file, *begin, *item, *between, *end;
};

#define SERVICES "services:\n"
#define POD "apiVersion: v1\nkind: Pod\nmetadata:\n  name: cache-%1$d\nspec:\n  containers:\n"
#define CONTAINER "    - name: cache-%1$d\n      image: redis:7\n"
#define NODE "FROM node:20-slim\nWORKDIR /app\nCOPY . .\n"
#define START "CMD [\"node\", \"server.js\"]\n"

static const struct shape shapes[] = {
    {"layers", "Dockerfile", NODE,
     "ENV SETTING_%1$d=value\nRUN mkdir -p /app/part-%1$d && \\\n    touch /app/part-%1$d/$SETTING_%1$d\n", "", START},
    {"installs", "Dockerfile", NODE, "COPY part-%1$d/package.json ./\nRUN npm ci --only=production\n", "", START},
    {"stages", "Dockerfile", "",
     "FROM node:20-slim AS stage-%1$d\nRUN apt-get update && apt-get install -y git\nWORKDIR /app\nCOPY package.json "
     ".\n"
     "RUN npm ci && npm run build\n",
     "", START},
    {"services", "compose.yaml", SERVICES,
     "  cache-%1$d:\n    image: redis:7\n    ports:\n      - \"%1$d:6379\"\n    environment:\n      TZ: UTC\n", "", ""},
    {"list", "compose.yaml", SERVICES "  cache:\n    image: redis:7\n    environment:\n",
     "      - SETTING_%1$d=value\n", "", ""},
    {"aliases", "compose.yaml", "x-cache: &cache\n  image: redis:7\n  environment: &settings {TZ: UTC}\n" SERVICES,
     "  cache-%1$d:\n    <<: *cache\n  web-%1$d:\n    image: nginx:1\n    environment: *settings\n", "", ""},
    {"pods", "pod.yaml", "", "---\n" POD CONTAINER, "", ""},
    {"containers", "pod.yaml", POD, CONTAINER "      env:\n        - {name: SETTING, value: \"%1$d\"}\n", "", ""},
    {"shared", "pod.yaml", POD CONTAINER "      securityContext: &context {runAsUser: 999}\n",
     CONTAINER "      securityContext: *context\n", "", ""},
    {"json", "pod.json", "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [",
     "{\n\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"cache-%1$d\"}, \"spec\": {\n  "
     "\"containers\": "
     "[{\"name\": \"cache\", \"image\": \"redis:7\"}]\n}}",
     ",\n", "]}\n"},
};

static void bench_size(const char *program, const struct shape *shape, long kilobytes) {
    char *tree = make_folder(), *path = join(tree, shape->file);
    struct growth growth = {0, 0};
    printf("\n%10s %10s %10s %10s %8s\n", shape->name, "ms", "all cores", "ns/byte", "KiB");
    for (long size = 1000; size <= kilobytes * 1000; size *= 10) {
        char *text;
        size_t n;
        FILE *out = open_memstream(&text, &n);
        fprintf(out, shape->begin, 0);
        for (int i = 0; ftell(out) < size; i++) {
            fputs(i ? shape->between : "", out);
            fprintf(out, shape->item, i + 1);
        }
        fputs(shape->end, out);
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
    long kilobytes = argc > 3 ? strtol(argv[3], NULL, 10) : 10000;
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench_files(argv[1], argv[2]);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        bench_size(argv[1], &shapes[i], kilobytes);
    return 0;
}
