#include "filter.h"

#include "path.h"

#include <stdlib.h>

static void add(struct filter_list *list, struct arena *arena, struct str folder, const struct str *patterns,
                uint32_t n) {
    char *real = realpath(str_c(arena, folder), NULL);
    *list = (struct filter_list){.folder = str_dup(arena, real ? str_of(real) : folder), .patterns.arena = arena};
    free(real);
    for (uint32_t i = 0; i < n; i++)
        gitignore_add(&list->patterns, str_sub(patterns[i], str_starts(patterns[i], STR("./")), patterns[i].n));
}

void filter_exclude(struct filter *filter, struct arena *arena, struct str folder, const struct str *patterns,
                    uint32_t n) {
    if (n)
        add(vec_push(arena, &filter->excludes), arena, folder, patterns, n);
}

void filter_include(struct filter *filter, struct arena *arena, struct str folder, const struct str *patterns,
                    uint32_t n) {
    if (n)
        add(vec_push(arena, &filter->includes), arena, folder, patterns, n);
}

bool filter_is_empty(const struct filter *filter) {
    return !filter || filter->excludes.n + filter->includes.n == 0;
}

void filter_release(struct filter *filter) {
    for (uint32_t i = 0; i < filter->excludes.n; i++)
        gitignore_release(&filter->excludes.at[i].patterns);
    for (uint32_t i = 0; i < filter->includes.n; i++)
        gitignore_release(&filter->includes.at[i].patterns);
}

/* What a list says of a path. Outside of its folder only patterns without a "/" hold. */
static bool has(struct filter_list *list, struct str path, bool is_folder, unsigned which) {
    bool is_below = path_is_below(path, list->folder);
    uint32_t behind = list->folder.n + (list->folder.n > 1);
    return gitignore_look(&list->patterns, is_below ? str_sub(path, behind, path.n) : path, is_folder,
                          is_below ? which : which & GITIGNORE_NAMES) == GITIGNORE_MATCHED;
}

static bool is_excluded(struct filter *filter, struct str path, bool is_folder) {
    for (uint32_t i = 0; i < filter->excludes.n; i++)
        if (has(&filter->excludes.at[i], path, is_folder, GITIGNORE_ALL))
            return true;
    return false;
}

bool filter_excludes(struct filter *filter, struct str path) {
    for (uint32_t end = str_find(path, 1, '/'); end < path.n; end = str_find(path, end + 1, '/'))
        if (is_excluded(filter, str_sub(path, 0, end), true))
            return true;
    return is_excluded(filter, path, false);
}

static bool reaches(const struct filter_list *list, struct str folder) {
    uint32_t behind = list->folder.n + (list->folder.n > 1);
    return path_is_below(list->folder, folder) ||
           (path_is_below(folder, list->folder) &&
            gitignore_reaches(&list->patterns, str_sub(folder, behind, folder.n)));
}

enum filter_fate filter_fate(struct filter *filter, enum filter_fate around, struct str path, bool is_folder,
                             bool is_left_out) {
    if (is_excluded(filter, path, is_folder))
        return FILTER_LEFT_OUT;
    if (around == FILTER_INCLUDED)
        return around;
    unsigned which = around == FILTER_SEARCHED ? GITIGNORE_PATHS : GITIGNORE_ALL;
    bool is_reached = false;
    for (uint32_t i = 0; i < filter->includes.n; i++) {
        if (has(&filter->includes.at[i], path, is_folder, which))
            return FILTER_INCLUDED;
        is_reached |= is_folder && reaches(&filter->includes.at[i], path);
    }
    if (!is_left_out && around != FILTER_SEARCHED)
        return FILTER_TAKEN;
    return is_reached ? FILTER_SEARCHED : FILTER_LEFT_OUT;
}
