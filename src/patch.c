#include "patch.h"

#include "diff.h"
#include "path.h"

#include <stdlib.h>
#include <sys/stat.h>

static void free_string(char **p) {
    free(*p);
}

/* A path without symbolic links, as far as there is something; the rest stays as it is. */
static struct str real_path(struct arena *arena, struct str path) {
    __attribute__((cleanup(free_string))) char *real = realpath(str_c(arena, path), NULL);
    if (real)
        return str_dup(arena, str_of(real));
    struct str folder = path_folder(path);
    return str_eq(folder, path) ? path : path_join(arena, real_path(arena, folder), path_name(path));
}

/* The deepest folder that holds both, which are absolute. */
static struct str common_folder(struct str a, struct str b) {
    while (!path_is_below(b, a))
        a = path_folder(a);
    return a;
}

struct patch patch_begin(struct arena *arena, const struct str *paths, uint32_t n, bool is_reverse) {
    struct patch patch = {.arena = arena, .is_reverse = is_reverse};
    struct str here = real_path(arena, STR("."));
    for (uint32_t i = 0; i < n; i++) {
        struct stat status;
        struct str real = real_path(arena, paths[i]);
        bool is_folder = stat(str_c(arena, real), &status) == 0 && S_ISDIR(status.st_mode);
        struct str folder = is_folder ? real : path_folder(real);
        patch.base = patch.base.p ? common_folder(patch.base, folder) : folder;
    }
    patch.is_elsewhere = !path_is_below(patch.base, here);
    if (!patch.is_elsewhere)
        patch.base = here;
    return patch;
}

static bool is_one_line(struct str text) {
    return str_find(text, 0, '\n') == text.n && str_find(text, 0, '\r') == text.n;
}

bool patch_add(struct patch *patch, struct arena *scratch, struct buf *out, struct str path, struct str before,
               struct str after, bool is_new) {
    struct str name = real_path(scratch, path);
    bool is_inside = path_is_below(name, patch->base);
    if (is_inside)
        name = str_sub(name, str_ends(patch->base, STR("/")) ? patch->base.n : patch->base.n + 1, name.n);
    name = str_dup(patch->arena, name);
    if (str_eq(before, after) || map_add(&patch->names, patch->arena, name, patch))
        return true;
    if (patch->names.n == 1 && patch->is_elsewhere && is_one_line(patch->base))
        buf_printf(out, "# in %.*s\n", STR_ARG(patch->base));
    if (patch->is_reverse)
        diff_unified(scratch, out, name, after, before, is_new ? DIFF_REMOVED : DIFF_CHANGED);
    else
        diff_unified(scratch, out, name, before, after, is_new ? DIFF_NEW : DIFF_CHANGED);
    return is_inside;
}
