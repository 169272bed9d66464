#include "context.h"

enum { MAX_ABOVE = 4 };

/* Whether a source of a copy is a path of the context whose name says something: not all of it, nor a pattern. */
static bool is_path(struct str source) {
    static const struct str all[] = {STR_INIT("."), STR_INIT("./"), STR_INIT("/")};
    return source.n && !STR_IS_IN(source, all) && !str_contains(source, STR(":")) && !strpbrk(source.p, "$*?[\"'\\");
}

/* Whether the sources tell that a Dockerfile is built in `above` and not in its own folder. */
static bool is_built_above(const struct project *project, const struct str_list *sources, struct str own,
                           struct str above) {
    ARENA(scratch);
    bool is_proven = false;
    for (uint32_t i = 0; i < sources->n; i++) {
        struct str path = str_sub(path_join(&scratch, STR("/"), sources->list[i]), 1, UINT32_MAX);
        bool is_above = project_has(project, path_clean(&scratch, above, path), &scratch);
        bool is_own = project_has(project, path_clean(&scratch, own, path), &scratch);
        if (is_own && !is_above)
            return false;
        is_proven |= is_above && !is_own;
    }
    return is_proven;
}

static struct str_list copied_paths(struct arena *arena, const struct dockerfile *dockerfile) {
    struct texts paths = {0};
    for (uint32_t i = 0; dockerfile && i < dockerfile->n; i++) {
        const struct df_instruction *copy = &dockerfile->list[i];
        for (uint32_t j = 0; stage_is_copy(copy) && !df_flag(copy, STR("from")).p && j + 1 < copy->n_words; j++)
            if (!copy->n_heredocs && is_path(str_dup(arena, copy->words[j].text)))
                texts_add(&paths, arena, copy->words[j].text);
    }
    return (struct str_list){paths.list.at, paths.list.n};
}

void context_find(struct project *project, struct document *dockerfile) {
    ARENA(scratch);
    struct str own = path_folder(dockerfile->path), text;
    struct diags silent = {.arena = &scratch};
    dockerfile->context = dockerfile->builds.n ? dockerfile->builds.at[0]->context : own;
    if (dockerfile->builds.n || dockerfile->is_broken ||
        !project_has(project, path_clean(&scratch, own, STR("..")), &scratch) ||
        !project_read(project, dockerfile->path, &scratch, &text, &silent))
        return;
    struct source source = source_from(&scratch, dockerfile->path, text, FORMAT_DOCKERFILE);
    struct str_list sources = copied_paths(&scratch, dockerfile_parse(&scratch, &source, &silent));
    struct str above = own;
    for (uint32_t i = 0; i < MAX_ABOVE && sources.n; i++) {
        above = path_clean(&scratch, above, STR(".."));
        if (!project_has(project, above, &scratch))
            return;
        if (is_built_above(project, &sources, own, above)) {
            dockerfile->context = str_dup(project->arena, above);
            return;
        }
    }
}
