#include "cases.h"

#include "link.h"

#include <criterion/criterion.h>
#include <fts.h>
#include <stdlib.h>
#include <unistd.h>

const char *golden_folder(void) {
    const char *folder = getenv("IRONHULL_GOLDEN");
    return folder ? folder : "golden";
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

void each_file(const char *folder, void (*call)(void *context, const char *path), void *context) {
    char *roots[] = {(char *)folder, NULL};
    FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    cr_assert(fts, "%s cannot be read", folder);
    for (FTSENT *entry; (entry = fts_read(fts));)
        if (entry->fts_info == FTS_F)
            call(context, entry->fts_path + strlen(folder) + 1);
    fts_close(fts);
}

struct str file_text(struct arena *arena, const char *folder, const char *name) {
    struct diags diags = {.arena = arena};
    struct str text = {NULL, 0};
    source_read(arena, str_printf(arena, "%s/%s", folder, name), &text, &diags);
    return text;
}

static void add_case(void *context, const char *path) {
    struct cases *cases = context;
    struct str file = str_of(path), end = STR("/report");
    if (!str_ends(file, end))
        return;
    struct str golden = str_printf(cases->arena, "%s/%.*s", golden_folder(), STR_ARG(str_sub(file, 0, file.n - end.n)));
    *vec_push(cases->arena, &cases->list) =
        (struct case_folder){str_printf(cases->arena, "%.*s/in", STR_ARG(golden)),
                             file_text(cases->arena, str_c(cases->arena, golden), "options")};
}

struct cases cases_of(struct arena *arena) {
    struct cases cases = {.arena = arena};
    each_file(golden_folder(), add_case, &cases);
    cr_assert_gt(cases.list.n, 400);
    return cases;
}

uint32_t tries(void) {
    const char *tries = getenv("IRONHULL_TRIES");
    return tries ? (uint32_t)strtoul(tries, NULL, 10) : 1;
}

struct options options_of(struct arena *arena, struct str text) {
    struct options options;
    char *argv[32] = {str_c(arena, STR("ironhull")), str_c(arena, STR("."))};
    int argc = 2, code;
    struct str line;
    while (text.n && str_cut(&text, '\n', &line) && argc < 32)
        if (line.n)
            argv[argc++] = str_c(arena, line);
    cr_assert(options_read(arena, argc, argv, &options, &code), "the options are wrong");
    return options;
}

void run_in(struct run *run, const char *folder, const struct options *options, const struct map *texts) {
    char *old = getcwd(NULL, 0);
    cr_assert(old && chdir(folder) == 0, "%s is no folder", folder);
    run->diags = (struct diags){.arena = &run->arena};
    run->project = (struct project){.arena = &run->arena, .diags = &run->diags, .keeps_steps = true};
    if (texts)
        run->project.texts = *texts;
    options_apply(options, &run->project);
    struct str here = STR(".");
    if (run->only.p)
        project_add_only(&run->project, here, &run->only, 1, (struct str){NULL, 0});
    else
        project_add(&run->project, &here, 1, (struct str){NULL, 0});
    project_link(&run->project);
    harden(&run->project);
    cr_assert(chdir(old) == 0);
    free(old);
}
