/* builder-stage for compiled languages: the runtime stage is made of another image, one with the same C library, and
 * takes the program, and the files that it may read. */
#include "split.h"

#include "dockerignore.h"
#include "path.h"
#include "program.h"

#include <fnmatch.h>

static const struct str nothing = {NULL, 0};

/* --- the program -------------------------------------------------------------------------------------------------- */

/* Whether a path is where a build puts its results: by its option, or where it does without. */
static bool is_result(const struct split *split, uint32_t index, struct str path) {
    struct arena *arena = split->arena;
    struct str directory = stage_workdir(split->stage, index), folder = path_folder(path);
    const struct shell_script *script = stage_script(arena, &split->list[index]);
    for (uint32_t c = 0; script && directory.p && c < script->n; c++) {
        bool is_constant;
        struct str line = command_line(arena, split->stage, index, &script->list[c], &is_constant);
        struct str output = pattern_group(split->compiler->output, line);
        if (!pattern_matches(split->compiler->build, line))
            continue;
        if (output.p && str_find(output, 0, '$') == output.n) {
            struct str target = path_join(arena, directory, output);
            if (str_eq(path, target) || str_eq(folder, target))
                return true;
        }
        for (uint32_t i = 0; !output.p && i < split->compiler->outputs.n; i++) {
            struct str place = split->compiler->outputs.list[i], below = path_join(arena, directory, place);
            if (str_eq(place, STR(".")) ? str_eq(folder, directory) : path_is_below(path, below))
                return true;
        }
    }
    return false;
}

static bool is_built(const struct split *split, struct str path) {
    for (uint32_t i = split->stage->from + 1; i <= split->last; i++)
        if (split->list[i].kind == DF_RUN && split->work[i].bits & WORK_BUILD && is_result(split, i, path))
            return true;
    return false;
}

/* Where the started program is in the image, built; {NULL, 0} where that is not found. */
static struct str built_program(const struct split *split) {
    static const struct str folders[] = {STR_INIT("/usr/local/bin"), STR_INIT("/usr/bin"), STR_INIT("/bin"),
                                         STR_INIT("/usr/local/cargo/bin"), STR_INIT("/go/bin")};
    struct arena *arena = split->arena;
    struct str_list words = program_words(arena, split->stage);
    struct str directory = stage_workdir(split->stage, split->stage->end);
    struct buf line = {.arena = arena};
    for (uint32_t i = 0; i < words.n; i++)
        buf_printf(&line, "%s%.*s", i ? " " : "", STR_ARG(words.list[i]));
    struct str program = words.n ? pattern_group(split->compiler->program, buf_str(&line)) : nothing;
    if (!program.p || !directory.p || str_find(program, 0, '$') < program.n)
        return nothing;
    bool is_folder = str_eq(split->compiler->takes, STR("folder"));
    if (is_folder || str_find(program, 0, '/') < program.n) {
        struct str path = path_join(arena, directory, program);
        return is_built(split, path) ? path : nothing;
    }
    for (uint32_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        struct str path = path_join(arena, folders[i], program);
        if (is_built(split, path))
            return path;
    }
    return nothing;
}

/* --- the files beside it ------------------------------------------------------------------------------------------ */

struct look {
    const struct split *split;
    struct str folder, ignored; /* the build context, and its .dockerignore */
    bool has_sources;
    bool has_data;    /* files that are no sources */
    bool is_hindered; /* a source shows that the program needs more than itself */
};

static bool is_named(struct arena *arena, struct template_words globs, struct str name) {
    for (uint32_t i = 0; i < globs.n; i++)
        if (fnmatch(globs.list[i].p, str_c(arena, name), 0) == 0)
            return true;
    return false;
}

static bool look_at(void *context, struct str path) {
    struct look *look = context;
    const struct ecosystem *compiler = look->split->compiler;
    struct arena *arena = look->split->arena;
    if (look->ignored.p && dockerignore_excludes(arena, look->ignored, path))
        return true;
    struct str rest = path, part;
    bool is_source = false;
    while (!is_source && str_cut(&rest, '/', &part))
        is_source = is_named(arena, compiler->sources, part);
    look->has_sources |= is_source;
    look->has_data |= !is_source && !is_named(arena, template_names[NAMES_REPOSITORY_FILES], path);
    if (compiler->examined.n && fnmatch(compiler->examined.p, str_c(arena, path_name(path)), 0) == 0) {
        struct str text = project_context_file(look->split->check->project, look->folder, path, arena);
        look->is_hindered |= !text.p || pattern_matches(compiler->hindrance, text);
    }
    return !look->is_hindered;
}

/* What the build context tells; also of the C libraries that the lock file names. */
static const char *look_at_context(struct split *split) {
    const struct project *project = split->check->project;
    const struct ecosystem *compiler = split->compiler;
    struct look look = {.split = split, .folder = split->check->document->context};
    look.ignored = project_context_file(project, look.folder, STR(".dockerignore"), split->arena);
    bool is_seen = project_context_each(project, look.folder, NULL, look_at, &look, split->arena);
    if (look.is_hindered)
        return compiler->hindrance_reason.p;
    struct str lock =
        compiler->lock.n ? project_context_file(project, look.folder, compiler->lock, split->arena) : nothing;
    if (compiler->lock.n && !lock.p)
        return "its lock file is not in the build context, so that the C libraries that it needs are not known";
    if (lock.p && pattern_matches(compiler->libraries, lock))
        return "the program needs C libraries of which it is not known whether a smaller image has them";
    split->is_sure = is_seen && look.has_sources;
    split->needs_files = !split->is_sure || look.has_data;
    return NULL;
}

/* --- the image ---------------------------------------------------------------------------------------------------- */

/* Whether a command line of the build, or ENV, says that the program needs no C library. */
static bool is_static(const struct split *split) {
    bool is_said = false;
    for (uint32_t i = split->stage->from + 1; i <= split->last && split->compiler->is_static.n; i++) {
        const struct df_instruction *instruction = &split->list[i];
        for (uint32_t w = 0; instruction->kind == DF_ENV && w + 1 < instruction->n_words; w += 3)
            is_said |= pattern_matches(split->compiler->is_static,
                                       str_printf(split->arena, "%.*s=%.*s", STR_ARG(instruction->words[w].text),
                                                  STR_ARG(instruction->words[w + 1].text)));
        const struct shell_script *script = stage_script(split->arena, instruction);
        for (uint32_t c = 0; script && split->work[i].bits & WORK_BUILD && c < script->n; c++)
            for (uint32_t a = 0; a < script->list[c].assignments.n; a++)
                is_said |= pattern_matches(split->compiler->is_static, script->list[c].assignments.at[a].text);
    }
    return is_said;
}

/* Whether the runtime stage has to start a shell. */
static bool needs_shell(const struct split *split) {
    for (uint32_t i = split->stage->from + 1; i < split->stage->end; i++) {
        const struct df_instruction *instruction = &split->list[i];
        bool is_start = instruction->kind == DF_CMD || instruction->kind == DF_ENTRYPOINT;
        bool is_run = instruction->kind == DF_RUN && (i > split->last || split_is_repeated(split, i));
        if (is_run || (is_start && !instruction->is_json))
            return true;
    }
    struct str_list words = program_words(split->arena, split->stage);
    const struct df_instruction *cmd = stage_own(split->stage, DF_CMD);
    return words.n == 0 || (cmd && cmd->n_words && template_has_name(NAMES_DROPS_PRIVILEGES, cmd->words[0].text));
}

static bool choose_image(struct split *split) {
    const struct image_reference *reference = &split->stage->reference;
    struct str name = str_printf(split->arena, "%.*s:%.*s", STR_ARG(reference->repository), STR_ARG(reference->tag));
    bool is_free = is_static(split), has_shell = needs_shell(split);
    for (uint32_t i = 0; i < split->compiler->n_runtimes && !split->image.p; i++) {
        const struct runtime *runtime = &split->compiler->runtimes[i];
        if ((!runtime->is_static || is_free) && (runtime->has_shell || !has_shell)) {
            split->image = pattern_replaced(split->arena, runtime->from, name, runtime->image);
            split->lines = runtime->lines;
        }
    }
    return split->image.p;
}

/* --- what speaks against it --------------------------------------------------------------------------------------- */

/* A program of another image is not there any more. */
static struct stop instruction_stop(const struct split *split, uint32_t i) {
    const struct df_instruction *instruction = &split->list[i];
    if (instruction->kind == DF_HEALTHCHECK && instruction->n_words)
        return (struct stop){instruction, "a smaller image may not have the program that it starts"};
    if (instruction->kind == DF_SHELL)
        return (struct stop){instruction, "a smaller image may not have that shell"};
    bool installs = instruction->kind == DF_RUN && i < split->last && split->work[i].bits & WORK_PACKAGES;
    struct str_list packages = installs ? program_packages(split->arena, split->stage) : (struct str_list){NULL, 0};
    for (uint32_t p = 0; p < packages.n; p++)
        if (!template_has_name(NAMES_BUILD_TOOLS, packages.list[p]))
            return (struct stop){instruction, "whether the program needs these packages is not known"};
    return NO_STOP;
}

static bool has_required(const struct split *split) {
    bool is_set = split->compiler->requires.n == 0;
    for (uint32_t i = split->stage->from + 1; i < split->stage->end; i++)
        is_set |= split->list[i].kind == DF_ENV && split_sets(&split->list[i], split->compiler->requires);
    return is_set;
}

struct stop compiled_stop(struct split *split) {
    const struct df_instruction *from = &split->list[split->stage->from], *build = &split->list[split->last];
    struct str directory = stage_workdir(split->stage, split->stage->end);
    if (from->n_flags || str_find(from->words[0].text, 0, '$') < from->words[0].text.n ||
        split->stage->reference.digest.p || stage_user(split->arena, split->stage).kind == USER_UNKNOWN)
        return (struct stop){from, "which image fits to run what it builds is not certain"};
    for (uint32_t i = split->stage->from + 1; i < split->stage->end; i++) {
        struct stop stop = instruction_stop(split, i);
        if (stop.at)
            return stop;
    }
    struct str program = built_program(split);
    if (!program.p || !path_is_plain(program))
        return (struct stop){build, "that it makes the program which the image starts cannot be seen"};
    if (!has_required(split))
        return (struct stop){build, split->compiler->requires_reason.p};
    const char *reason = look_at_context(split);
    if (reason)
        return (struct stop){build, reason};
    struct str folder = path_folder(program);
    bool is_folder = str_eq(split->compiler->takes, STR("folder"));
    split->needs_files &=
        !(is_folder && path_is_below(directory, folder)); /* it looks where it is, and there all is built */
    if (split->needs_files && (!stage_own(split->stage, DF_WORKDIR) || str_eq(directory, STR("/"))))
        return (struct stop){build, "there is no working directory with the files that the program may read"};
    /* where the build leaves nothing but its result beside the sources, all of it is taken */
    if (split->needs_files && split->compiler->outputs.n && str_eq(split->compiler->outputs.list[0], STR(".")))
        split->root = directory;
    if (split->root.p && !path_is_plain(split->root))
        return (struct stop){build, "the working directory cannot be named in COPY without quotes"};
    split_take(split, is_folder ? folder : program);
    if (!choose_image(split))
        return (struct stop){from,
                             "which image fits to run what it builds is not known: name the distribution's release "
                             "in the tag, or build a static program"};
    return NO_STOP;
}
