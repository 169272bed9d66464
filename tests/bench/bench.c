/* Times whole processes, and beside them what they are measured against; prints a table. No limit is checked: numbers
 * are for people (and for comparing two versions on one machine).
 *
 *     bench IRONHULL SAMPLE [CORPUS]
 *
 * SAMPLE holds a Dockerfile, compose.yaml, pod.yaml and package.json. CORPUS (else $IRONHULL_CORPUS, else
 * ../shared/corpus, else SAMPLE) is repeated until there are 10,000 files. */
#include "run.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

enum { RUNS = 21, TREE_RUNS = 7, TREE_FOLDERS = 250, MANY = 10000, MAX_FILES = 50000 };

/* The files of a tree that are read. */
struct tree {
    char *folder;
    char *files[MAX_FILES];
    size_t n;
};

static int by_wall(const void *a, const void *b) {
    double x = ((const struct run *)a)->wall, y = ((const struct run *)b)->wall;
    return (x > y) - (x < y);
}

static struct run bench(const char *name, const char *const argv[], int runs) {
    static struct run list[RUNS];
    run_once(argv);
    for (int i = 0; i < runs; i++)
        list[i] = run_once(argv);
    qsort(list, (size_t)runs, sizeof *list, by_wall);
    const struct run *middle = &list[runs / 2];
    printf("%-48s %9.2f %9.2f %9.2f %9.2f %8ld\n", name, list[0].wall, middle->wall, list[runs - 1].wall, middle->cpu,
           middle->kib);
    return *middle;
}

/* --- trees ---------------------------------------------------------------------------------------------------------
 */

static bool ends(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && !strcmp(text + n - m, end);
}

static bool is_yaml(const char *path) {
    return ends(path, ".yaml") || ends(path, ".yml") || ends(path, ".json");
}

static bool is_dockerfile(const char *path) {
    const char *name = strrchr(path, '/') + 1;
    return !strncmp(name, "Dockerfile", 10) && !strchr(name + 10, '/');
}

/* What is copied, and how often: nftw has no argument for it. */
static const char *from_folder;
static struct tree *to_tree;
static int round_;

static int copy_file(const char *path, const struct stat *status, int type, struct FTW *at) {
    struct tree *tree = to_tree;
    char *target;
    (void)status, (void)at;
    if (asprintf(&target, "%s/%05d%s", tree->folder, round_, path + strlen(from_folder)) < 0)
        fail("asprintf");
    if (type == FTW_D) {
        if (mkdir(target, 0755) != 0)
            fail(target);
    } else if (type == FTW_F && (is_yaml(path) || is_dockerfile(path)) && tree->n < MAX_FILES) {
        size_t n;
        char *bytes = read_file(path, &n);
        write_file(target, bytes, n);
        free(bytes);
        tree->files[tree->n++] = target;
        return 0;
    }
    free(target);
    return 0;
}

/* The same files in many folders, as a monorepo has them: until there are at least n. */
static struct tree *make_tree(const char *folder, size_t n) {
    struct tree *tree = calloc(1, sizeof *tree);
    if (!tree)
        fail("calloc");
    tree->folder = make_folder();
    from_folder = folder;
    to_tree = tree;
    size_t before = 1;
    for (round_ = 0; tree->n < n && tree->n != before; round_++) {
        before = tree->n;
        if (nftw(folder, copy_file, 64, FTW_PHYS) != 0)
            fail(folder);
    }
    return tree;
}

static void remove_tree(struct tree *tree) {
    remove_folder(tree->folder);
    for (size_t i = 0; i < tree->n; i++)
        free(tree->files[i]);
    free(tree);
}

/* --- libyaml -------------------------------------------------------------------------------------------------------
 */

/* A Dockerfile as YAML: a literal block, the same bytes with a blank before each line. */
static char *as_block(char *bytes, size_t *n) {
    size_t lines = 1, to = 0;
    for (size_t i = 0; i < *n; i++)
        lines += bytes[i] == '\n';
    char *block = malloc(*n + lines + 3);
    if (!block)
        fail("malloc");
    block[to++] = '|';
    block[to++] = '\n';
    for (size_t i = 0; i < *n; i++) {
        if (i == 0 || bytes[i - 1] == '\n')
            block[to++] = ' ';
        block[to++] = bytes[i];
    }
    free(bytes);
    *n = to;
    return block;
}

static void parse(const char *bytes, size_t n) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        fail("libyaml");
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, n);
    /* what is no YAML ends where that shows */
    for (bool is_done = false; !is_done;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event))
            break;
        is_done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

/* Milliseconds of reading the files and of libyaml's events alone, in this process and on one core; how many bytes the
 * files have, all of them and those of YAML. */
static double bare_libyaml(const struct tree *tree, size_t *ret_bytes, size_t *ret_yaml) {
    double best = 0;
    for (int run = 0; run < 3; run++) {
        double start = now();
        *ret_bytes = *ret_yaml = 0;
        for (size_t i = 0; i < tree->n; i++) {
            size_t n;
            char *bytes = read_file(tree->files[i], &n);
            *ret_bytes += n;
            *ret_yaml += is_yaml(tree->files[i]) ? n : 0;
            if (!is_yaml(tree->files[i]))
                bytes = as_block(bytes, &n);
            parse(bytes, n);
            free(bytes);
        }
        double time = now() - start;
        best = run == 0 || time < best ? time : best;
    }
    return best;
}

/* Checks the files of a tree, and holds them against bare libyaml over the same bytes. */
static void bench_tree(const char *program, const struct tree *tree, const char *what) {
    char name[80];
    size_t bytes, yaml_bytes;
    snprintf(name, sizeof name, "ironhull --check, %zu files (%s)", tree->n, what);
    struct run check = bench(name, (const char *[]){program, "--check", tree->folder, NULL}, TREE_RUNS);
    double yaml = bare_libyaml(tree, &bytes, &yaml_bytes);
    printf("    %.0f files/s, %.2f MB/s of %.2f MB, %.0f %% of it YAML; libyaml alone, one core: %.2f ms; "
           "%.2f times as long, %.2f times the work\n",
           (double)tree->n / (check.wall / 1e3), (double)bytes / 1e3 / check.wall, (double)bytes / 1e6,
           100.0 * (double)yaml_bytes / (double)bytes, yaml, check.wall / yaml, check.cpu / yaml);
}

/* --- instructions --------------------------------------------------------------------------------------------------
 */

/* Unlike times they are the same in each run, whatever else the machine does. */
static void count(const char *name, const char *program, const char *path) {
    struct run run = run_once((const char *[]){"valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                                               program, "--check", path, NULL});
    const char *found = strstr(run.said, "refs:");
    if (found)
        printf("%-48s %.*s\n", name, (int)strcspn(found + 5, "\n"), found + 5);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: bench IRONHULL SAMPLE [CORPUS]\n");
        return 1;
    }
    const char *program = argv[1], *corpus = argc > 3 ? argv[3] : getenv("IRONHULL_CORPUS");
    corpus = corpus ? corpus : "../shared/corpus";
    bool has_corpus = access(corpus, R_OK) == 0;
    char *dockerfile = join(argv[2], "Dockerfile");
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%-48s %9s %9s %9s %9s %8s\n", "milliseconds, whole process", "min", "median", "max", "all cores", "KiB");
    double base = bench("true", (const char *[]){"true", NULL}, RUNS).wall;
    double one = bench("ironhull Dockerfile", (const char *[]){program, dockerfile, NULL}, RUNS).wall;
    printf("    %.2f ms over `true`\n", one - base);
    bench("ironhull SAMPLE (three formats)", (const char *[]){program, argv[2], NULL}, RUNS);
    struct tree *tree = make_tree(argv[2], TREE_FOLDERS * 4);
    bench_tree(program, tree, "the sample, to be hardened");
    run_once((const char *[]){program, "-w", tree->folder, NULL});
    bench_tree(program, tree, "the sample, hardened");
    struct tree *many = make_tree(has_corpus ? corpus : argv[2], MANY);
    bench_tree(program, many, has_corpus ? "public ones" : "the sample");
    if (system("valgrind --version >/dev/null 2>&1") == 0) {
        printf("\ninstructions\n");
        count("ironhull --check Dockerfile", program, dockerfile);
        count("ironhull --check, the sample 250 times, hardened", program, tree->folder);
    }
    remove_tree(tree);
    remove_tree(many);
    free(dockerfile);
    return 0;
}
