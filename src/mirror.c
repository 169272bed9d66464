#include "mirror.h"

#include <stdlib.h>
#include <sys/stat.h>

bool mirror_has(const struct document *document) {
    bool is_made = document->is_new && str_eq(document->before, document->after);
    return document->is_selected && !document->is_broken && !is_made;
}

struct str mirror_path(const struct project *project, const struct document *document) {
    for (uint32_t i = 0; i < project->roots.n && path_leads_out(document->path); i++) {
        struct str root = project->roots.at[i];
        struct str rest = str_sub(document->path, str_ends(root, STR("/")) ? root.n : root.n + 1, document->path.n);
        if (path_is_below(document->path, root) && !path_leads_out(rest))
            return rest;
    }
    return document->path;
}

static bool is_same_folder(struct arena *arena, struct str a, struct str b) {
    struct stat x, y;
    return stat(str_c(arena, a), &x) == 0 && stat(str_c(arena, b), &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

struct output {
    struct str path;
    const struct document *document;
};

static int by_output_path(const void *a, const void *b) {
    return str_cmp(((const struct output *)a)->path, ((const struct output *)b)->path);
}

bool mirror_check(const struct project *project, struct str directory) {
    ARENA(scratch);
    VEC(struct output) outputs = {0};
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        if (!document->is_selected || document->is_broken || document->is_new)
            continue;
        struct str path = mirror_path(project, document), target = path_clean(&scratch, directory, path);
        *vec_push(&scratch, &outputs) = (struct output){path, document};
        if (project_find(project, target) ||
            is_same_folder(&scratch, path_folder(target), path_folder(document->path))) {
            diag_file(project->diags, target,
                      "is not written: originals are there; name another folder, or use --write");
            return false;
        }
    }
    if (outputs.n)
        qsort(outputs.at, outputs.n, sizeof *outputs.at, by_output_path);
    for (uint32_t i = 1; i < outputs.n; i++)
        if (str_eq(outputs.at[i].path, outputs.at[i - 1].path)) {
            diag_file(project->diags, outputs.at[i].document->path,
                      "is not written: it would go to the same place as %.*s; name a folder that holds both",
                      STR_ARG(outputs.at[i - 1].document->path));
            return false;
        }
    return true;
}
