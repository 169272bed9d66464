#include "fuzz.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_MAX];

void must(bool holds, const char *file, int line, const char *condition) {
    if (holds)
        return;
    fprintf(stderr, "%s:%d: %s does not hold\n", file, line, condition);
    abort();
}

void must_equal(struct str a, struct str b, const char *what) {
    if (str_eq(a, b))
        return;
    fprintf(stderr, "%s differs\n--- one\n%.*s\n--- other\n%.*s\n", what, STR_ARG(a), STR_ARG(b));
    abort();
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

void fuzz_folder_remove(void) {
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void) {
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/ironhull-fuzz-XXXXXX", parent);
    MUST(mkdtemp(folder) && chdir(folder) == 0);
    atexit(fuzz_folder_remove);
    return folder;
}

void fuzz_folder_clear(void) {
    fuzz_folder_remove();
    MUST(mkdir(folder, 0700) == 0 && chdir(folder) == 0);
}

void fuzz_put(const char *path, struct str text) {
    ARENA(arena);
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++)
        mkdir(str_c(&arena, (struct str){path, (uint32_t)(slash - path)}), 0700);
    FILE *file = fopen(path, "w");
    MUST(file && fwrite(text.n ? text.p : "", 1, text.n, file) == text.n);
    fclose(file);
}

bool fuzz_cut(struct str *rest, struct str *ret_part) {
    return str_cut(rest, '\xff', ret_part);
}
