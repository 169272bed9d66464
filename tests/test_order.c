/* The fixes of a run, one at a time and in any order, as somebody makes them in an editor: after each one all is looked
 * at again, until there is no more to do. The end is always what the command line writes at once.
 *
 * That is the same bytes, but for the order of what is put into mappings and lists of YAML, which nothing depends on: a
 * key comes behind those that are there. There it is the same bytes in another order that mean the same.
 * The orders follow from the files, so that a run says the same as the last one. IRONHULL_TRIES=100 for a long run. */
#include "cases.h"
#include "quick_fix.h"
#include "rewrite.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* A case on its way. */
struct way {
    struct arena arena;
    const struct case_folder *golden;
    struct str only;  /* the file that may be changed; {NULL, 0}: all */
    struct map texts; /* what its files have become */
    uint64_t seed;
};

static void put(struct way *way, const struct document *document, struct str text) {
    struct str *copy = arena_new(&way->arena, struct str);
    *copy = str_dup(&way->arena, text);
    map_set(&way->texts, &way->arena, str_dup(&way->arena, document->path), copy);
}

static uint32_t random_below(struct way *way, uint32_t n) {
    way->seed = str_hash(way->seed, STR("next"));
    return (uint32_t)(way->seed >> 32) % n;
}

static void look(const struct way *way, struct run *run) {
    struct options options = options_of(&run->arena, way->golden->options);
    run->only = way->only;
    run_in(run, str_c(&run->arena, way->golden->path), &options, &way->texts);
}

/* A file that others need beside them: it comes with their fixes. */
static bool is_companion(const struct document *document) {
    return document->format == FORMAT_DOCKERIGNORE || document->format == FORMAT_SECCOMP;
}

struct fix {
    const struct document *document;
    const struct finding *finding;
};

/* A random one of all. */
static struct fix pick(struct way *way, struct run *run) {
    VEC(struct fix) fixes = {0};
    for (uint32_t i = 0; i < run->project.documents.n; i++) {
        const struct document *document = run->project.documents.at[i];
        for (uint32_t j = 0; j < document->findings.n && !is_companion(document); j++) {
            const struct finding *finding = document->findings.at[j];
            if (!finding->is_applied)
                continue;
            cr_expect_gt(finding->quick_fix.edits.list.n, 0, "%.*s: %.*s cannot be fixed by itself",
                         STR_ARG(way->golden->path), STR_ARG(finding->message));
            *vec_push(&run->arena, &fixes) = (struct fix){document, finding};
        }
    }
    return fixes.n ? fixes.at[random_below(way, fixes.n)] : (struct fix){NULL, NULL};
}

static void make(struct way *way, struct run *run, struct fix fix) {
    put(way, fix.document, quick_fix_apply(fix.document, &fix.finding->quick_fix, &run->arena));
    for (uint32_t i = 0; i < fix.document->companions.n; i++) {
        const struct document *companion = fix.document->companions.at[i];
        if (quick_fix_brings(companion, fix.finding->quick_fix.rules))
            put(way, companion, companion->after);
    }
}

/* Makes one fix; where there is none, the files that are missing beside what stays as it is. Whether anything was. */
static bool step(struct way *way) {
    struct run run = {0};
    look(way, &run);
    struct fix fix = pick(way, &run);
    bool has_any = fix.finding != NULL;
    if (has_any)
        make(way, &run, fix);
    for (uint32_t i = 0; i < run.project.documents.n && !fix.finding; i++) {
        const struct document *document = run.project.documents.at[i];
        if (str_eq(document->before, document->after))
            continue;
        cr_expect(is_companion(document), "%.*s/%.*s: no fix can be made, but there are some",
                  STR_ARG(way->golden->path), STR_ARG(document->path));
        put(way, document, document->after);
        has_any |= is_companion(document);
    }
    arena_release(&run.arena);
    return has_any;
}

static int by_byte(const void *a, const void *b) {
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

static struct str sorted_bytes(struct arena *arena, struct str text) {
    char *bytes = str_c(arena, text);
    qsort(bytes, text.n, 1, by_byte);
    return (struct str){bytes, text.n};
}

static bool is_same(struct arena *arena, enum format format, struct str a, struct str b, bool is_laid_out) {
    if (str_eq(a, b) || (format != FORMAT_COMPOSE && format != FORMAT_KUBE))
        return str_eq(a, b);
    struct str meaning = meaning_of(arena, format, a, true);
    return meaning.p && str_eq(meaning, meaning_of(arena, format, b, true)) &&
           (!is_laid_out || str_eq(sorted_bytes(arena, a), sorted_bytes(arena, b)));
}

/* The first thing that is put into another says how the next ones are laid out; and a list of which nothing is left
 * goes with the comment above it. There only the meaning is the same. */
static bool is_laid_out(const struct case_folder *golden) {
    return !str_contains(golden->path, STR("kubernetes/editing/lists-side-by-side/")) &&
           !str_contains(golden->path, STR("compose/host-access/options-removed"));
}

static void try_order(const struct case_folder *golden, const struct run *at_once, uint32_t try) {
    enum { MAX_STEPS = 200 };
    struct way way = {.golden = golden, .only = at_once->only, .seed = str_hash(try, golden->path)};
    uint32_t n = 0;
    while (n < MAX_STEPS && step(&way))
        n++;
    cr_expect_lt(n, MAX_STEPS, "%.*s never comes to rest", STR_ARG(golden->path));
    for (uint32_t i = 0; i < at_once->project.documents.n; i++) {
        const struct document *document = at_once->project.documents.at[i];
        const struct str *text = map_get(&way.texts, document->path);
        struct str is = text ? *text : document->before;
        cr_expect(is_same(&way.arena, document->format, document->after, is, is_laid_out(golden)),
                  "%.*s/%.*s: at once it is\n%.*s\none by one, in order %u, it is\n%.*s", STR_ARG(golden->path),
                  STR_ARG(document->path), STR_ARG(document->after), try, STR_ARG(is));
    }
    arena_release(&way.arena);
}

/* Where containers share values that they want otherwise, whoever comes first gets one of its own, and those that are
 * left may then agree to change the shared one where it stands. Both are right, and neither can know of the other. */
static bool shares_values(const struct case_folder *golden) {
    return str_contains(golden->path, STR("no-new-privileges/written-anchors/")) ||
           str_contains(golden->path, STR("kubernetes/editing/merge-lists/"));
}

static void try_orders(const struct case_folder *golden, struct str only) {
    struct way start = {.golden = golden, .only = only};
    struct run at_once = {0};
    look(&start, &at_once);
    for (uint32_t try = 0; try < 2 * tries(); try++)
        try_order(golden, &at_once, try);
    arena_release(&at_once.arena);
}

Test(order, fixes_in_any_order_give_the_same) {
    ARENA(arena);
    struct cases cases = cases_of(&arena);
    for (uint32_t i = 0; i < cases.list.n; i++)
        if (!shares_values(&cases.list.at[i]))
            try_orders(&cases.list.at[i], (struct str){NULL, 0});
}

/* As an editor looks at it. */
Test(order, so_do_those_of_one_file) {
    ARENA(arena);
    struct cases cases = cases_of(&arena);
    for (uint32_t i = 0; i < cases.list.n; i++) {
        const struct case_folder *golden = &cases.list.at[i];
        struct way start = {.golden = golden};
        struct run all = {0};
        if (shares_values(golden))
            continue;
        look(&start, &all);
        for (uint32_t j = 0; j < all.project.documents.n; j++)
            if (!all.project.documents.at[j]->is_new)
                try_orders(golden, all.project.documents.at[j]->path);
        arena_release(&all.arena);
    }
}
