#include "copied.h"

static const struct str nothing = {NULL, 0};

/* Whether a name alone is looked for in that folder: those of PATH, and the root of images that have nothing else. */
static bool is_in_path(struct str folder) {
    static const struct str names[] = {STR_INIT("bin"), STR_INIT("sbin")};
    return STR_IS_IN(path_name(folder), names) || str_eq(folder, STR("/"));
}

/* The same, or in the working directory, as a shell's script is. */
static bool is_searched(struct str folder, struct str directory) {
    return is_in_path(folder) || str_eq(folder, directory);
}

/* --- what is in a file ---------------------------------------------------------------------------------------------
 */

struct search {
    struct arena *arena;
    const struct project *project;
    struct str folder;          /* the build context */
    struct str directory;       /* the working directory of the program; {NULL, 0} where it is not known */
    struct str path;            /* absolute, or a name alone */
    const struct stage *source; /* that the copy at hand takes files from; NULL: the build context */
    uint32_t *left;             /* looks into other stages that are still allowed: they can multiply with every stage */
};

enum { MAX_LOOKS = 1000 };

static struct str find_text(struct search search, const struct stage *stage, struct str path);

/* A file where a copy takes it from: the build context, or an earlier stage. */
static struct str source_text(const struct search *search, struct str name) {
    if (search->source && (*search->left == 0 || --*search->left == 0))
        return nothing;
    if (search->source)
        return find_text(*search, search->source, path_join(search->arena, STR("/"), name));
    return project_context_file(search->project, search->folder, name, search->arena);
}

/* What one source of a copy brings at an absolute path. */
static struct str text_at(const struct search *search, struct str source, struct str target, struct str path) {
    if (str_eq(path, target) || str_eq(path, path_join(search->arena, target, path_name(source))))
        return source_text(search, source);
    if (!path_is_below(path, target))
        return nothing;
    struct str inside = str_sub(path, str_eq(target, STR("/")) ? 1 : target.n + 1, path.n);
    return source_text(search, str_printf(search->arena, "%.*s/%.*s", STR_ARG(source), STR_ARG(inside)));
}

static struct str text_of(const struct search *search, const struct df_instruction *copy, struct str target) {
    struct str name = path_name(search->path);
    bool is_bare = !str_starts(search->path, STR("/"));
    if (copy->n_heredocs == 1 && copy->n_words == 2 &&
        (is_bare ? str_eq(path_name(target), name) : str_eq(target, search->path)))
        return copy->heredocs[0].content;
    for (uint32_t i = 0; i + 1 < copy->n_words; i++) {
        struct str source = copy->words[i].text, text = nothing;
        if (!is_bare)
            text = text_at(search, source, target, search->path);
        else if (str_eq(path_name(source), name) || str_eq(path_name(target), name))
            text = source_text(search, source);
        else if (is_searched(target, search->directory))
            text = text_at(search, source, target, path_join(search->arena, target, name));
        if (text.p)
            return text;
    }
    return nothing;
}

static struct str find_text(struct search search, const struct stage *stage, struct str path) {
    struct arena *arena = search.arena;
    search.directory = stage_workdir(stage, stage->end);
    search.path = str_find(path, 0, '/') < path.n ? path_join(arena, search.directory, path) : path;
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->end; i > stage->from + 1; i--) {
            const struct df_instruction *copy = &stage->dockerfile->list[i - 1];
            struct str target = stage_copy_target(arena, stage, i - 1);
            search.source = stage_copy_source(stage, copy);
            bool is_elsewhere = df_flag(copy, STR("from")).p && !search.source;
            struct str text = target.p && !is_elsewhere ? text_of(&search, copy, target) : nothing;
            if (text.p)
                return text;
        }
    return nothing;
}

struct str copied_text(struct arena *arena, const struct project *project, struct str folder, const struct stage *stage,
                       struct str path) {
    uint32_t left = MAX_LOOKS;
    struct search search = {.arena = arena, .project = project, .folder = folder, .left = &left};
    return find_text(search, stage, path);
}

/* --- programs ------------------------------------------------------------------------------------------------------
 */

/* Whether a source may be a whole folder of programs: "bin", "out/", "pk*". */
static bool is_program_folder(struct str source) {
    static const struct str names[] = {STR_INIT("bin"), STR_INIT("sbin"), STR_INIT("")};
    return STR_IS_IN(path_name(source), names) || str_find(source, 0, '*') < source.n;
}

/* The source of a copy that brings a program, named by its absolute path; {NULL, 0} where it brings none. `is_named`:
 * by its name alone, not as one of many. */
static struct str source_of(struct arena *arena, const struct df_instruction *copy, struct str target,
                            struct str program, bool is_named) {
    for (uint32_t i = 0; i + 1 < copy->n_words; i++) {
        struct str source = copy->words[i].text;
        if (str_eq(program, target) || str_eq(program, path_join(arena, target, path_name(source))) ||
            (!is_named && str_eq(path_folder(program), target) && is_program_folder(source)))
            return source;
    }
    return nothing;
}

struct str copied_program(struct arena *arena, const struct stage *stage, struct str program) {
    struct str directory = stage_workdir(stage, stage->end);
    bool is_bare = str_find(program, 0, '/') == program.n;
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            const struct df_instruction *copy = &stage->dockerfile->list[i];
            struct str target = stage_copy_target(arena, stage, i);
            struct str folders[] = {target, target.p ? path_folder(target) : nothing};
            if (!target.p)
                continue;
            struct str source = is_bare ? nothing : source_of(arena, copy, target, program, false);
            for (uint32_t j = 0; is_bare && j < 2 && !source.p; j++)
                if (is_searched(folders[j], directory))
                    source =
                        source_of(arena, copy, target, path_join(arena, folders[j], program), !is_in_path(folders[j]));
            if (source.p)
                return source;
        }
    return nothing;
}
