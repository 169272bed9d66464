#include "repository.h"

#include "path.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct str absolute(struct repositories *repositories, struct arena *arena, struct str path) {
    char *current = repositories->current.p ? NULL : getcwd(NULL, 0);
    if (!repositories->current.p)
        repositories->current = str_dup(repositories->arena, current ? str_of(current) : STR("/"));
    free(current);
    return path_join(arena, repositories->current, path);
}

static bool has_git(struct str folder) {
    ARENA(scratch);
    struct stat status;
    return lstat(str_printf(&scratch, "%.*s/.git", STR_ARG(folder)).p, &status) == 0;
}

/* The folder with .git that a folder is in, or {NULL, 0}; it is noted for all between the two. */
static struct str root_of(struct repositories *repositories, struct str folder) {
    struct str *root = map_get(&repositories->roots, folder), each;
    if (root)
        return *root;
    each = folder = str_dup(repositories->arena, folder);
    while (!(root = map_get(&repositories->roots, each))) {
        bool is_root = has_git(each);
        if (is_root || each.n <= 1) {
            root = arena_new(repositories->arena, struct str);
            *root = is_root ? each : (struct str){NULL, 0};
            break;
        }
        each = path_folder(each);
    }
    for (each = folder; !map_add(&repositories->roots, repositories->arena, each, root) && each.n > 1;)
        each = path_folder(each);
    return *root;
}

struct str repository_above(struct repositories *repositories, struct str path) {
    ARENA(scratch);
    return root_of(repositories, path_folder(absolute(repositories, &scratch, path)));
}

struct str repository_root(struct repositories *repositories, struct str path) {
    struct str root = repository_above(repositories, path);
    return root.p ? root : repositories->current;
}

struct str repository_path(struct repositories *repositories, struct str path) {
    ARENA(scratch);
    struct str root = repository_root(repositories, path), whole = absolute(repositories, &scratch, path);
    if (path_is_below(whole, root) && root.n < whole.n)
        whole = str_sub(whole, root.n + (root.n > 1), whole.n);
    return str_ends(path, whole) ? str_sub(path, path.n - whole.n, path.n) : str_dup(repositories->arena, whole);
}
