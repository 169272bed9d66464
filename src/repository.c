#include "repository.h"

#include "path.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct str current_folder(struct arena *arena) {
    char *current = getcwd(NULL, 0);
    struct str folder = str_dup(arena, current ? str_of(current) : STR("/"));
    free(current);
    return folder;
}

struct str repository_above(struct arena *arena, struct str path) {
    struct str folder = path_folder(path);
    struct stat status;
    while (lstat(str_printf(arena, "%.*s/.git", STR_ARG(folder)).p, &status) != 0) {
        if (folder.n <= 1)
            return (struct str){NULL, 0};
        folder = path_folder(folder);
    }
    return folder;
}

struct str repository_root(struct arena *arena, struct str path) {
    struct str current = current_folder(arena), root = repository_above(arena, path_join(arena, current, path));
    return root.p ? root : current;
}

struct str repository_path(struct arena *arena, struct str path) {
    struct str root = repository_root(arena, path), whole = path_join(arena, current_folder(arena), path);
    if (!path_is_below(whole, root) || root.n == whole.n)
        return whole;
    return str_sub(whole, root.n + (root.n > 1), whole.n);
}
