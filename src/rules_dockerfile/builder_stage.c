/* builder-stage: dependencies are installed, and the application is built, in a stage of its own; the runtime stage
 * takes the result. */
#include "split.h"

#include "dockerignore.h"
#include "path.h"
#include "program.h"

static const uint32_t work_of_builder = WORK_INSTALL | WORK_BUILD;

/* Instructions of a stage, some of which are compared with all others; images have 127 layers at most. */
enum { MAX_INSTRUCTIONS = 1000 };

/* --- what the stage does ------------------------------------------------------------------------------------------ */

/* Whether what a RUN does with files, beside installing and building, is done to those below its working directory, and
 * not to their owners, which a copy does not keep. */
static bool works_below(const struct split *split, uint32_t i) {
    static const struct str tools[] = {STR_INIT("chmod"), STR_INIT("cp"),  STR_INIT("ln"),
                                       STR_INIT("mv"),    STR_INIT("sed"), STR_INIT("touch")};
    const struct shell_script *script = stage_script(split->arena, &split->list[i]);
    struct str directory = stage_workdir(split->stage, i);
    for (uint32_t c = 0; script && c < script->n; c++) {
        const struct shell_command *command = &script->list[c];
        if (command->n_words == 0 || !template_has_name(NAMES_FILE_TOOLS, command->words[0].text))
            continue;
        if (!directory.p || !STR_IS_IN(command->words[0].text, tools) || command->redirections.n)
            return false;
        for (uint32_t w = 1; w < command->n_words; w++) {
            struct str word = command->words[w].text;
            if (str_starts(word, STR("~")) || str_find(word, 0, '$') < word.n ||
                !path_is_below(path_join(split->arena, directory, word), directory))
                return false;
        }
    }
    return true;
}

/* What the files that a RUN changes mean for it: before anything is copied they are the base image's, and it can be
 * done again; beside an installation they are the builder's; after the last one all of them are there. */
static void settle_files(struct split *split) {
    bool is_copied = false;
    for (uint32_t i = split->stage->from + 1; i < split->stage->end; i++) {
        uint32_t *bits = &split->work[i].bits;
        is_copied |= stage_is_copy(&split->list[i]);
        if (split->list[i].kind != DF_RUN || !(*bits & WORK_FILES))
            continue;
        bool is_fine = i < split->last ? !is_copied : !split->compiler;
        if (split_is_builders(split, i))
            *bits |= works_below(split, i) ? WORK_BUILD : WORK_UNKNOWN;
        else
            *bits |= is_fine ? WORK_SETUP : WORK_UNKNOWN;
    }
}

/* False where nothing is installed or compiled. */
static bool survey(struct split *split) {
    bool is_compiled = false, installs = false;
    for (uint32_t i = split->stage->from + 1; i < split->stage->end; i++) {
        if (split->list[i].kind != DF_RUN)
            continue;
        split->work[i] = run_work_of(split->arena, split->stage, i);
        if (split->work[i].bits & work_of_builder)
            split->last = i;
        installs |= split->work[i].bits & WORK_INSTALL;
        is_compiled |= split->work[i].bits & WORK_BUILD && split->work[i].ecosystem->n_runtimes;
    }
    if (is_compiled && !installs)
        split->compiler = split->work[split->last].ecosystem;
    settle_files(split);
    for (uint32_t i = split->stage->from + 1; i < split->stage->end; i++)
        split->builds |= split->work[i].bits & WORK_BUILD;
    return installs || (split->compiler && split->compiler->n_runtimes);
}

/* --- what the runtime stage takes --------------------------------------------------------------------------------- */

/* Whether a RUN removes what was copied into its working directory: a copy that is done again would bring it back. */
static bool removes_copies(const struct split *split, uint32_t i) {
    const struct shell_script *script =
        split->work[i].bits & WORK_CLEAN ? stage_script(split->arena, &split->list[i]) : NULL;
    struct str directory = stage_workdir(split->stage, i);
    for (uint32_t c = 0; script && directory.p && c < script->n; c++) {
        const struct shell_command *command = &script->list[c];
        bool is_rm = command->n_words && str_eq(command->words[0].text, STR("rm"));
        for (uint32_t w = 1; is_rm && w < command->n_words; w++) {
            struct str word = command->words[w].text;
            if (!str_starts(word, STR("-")) && !str_starts(word, STR("~")) && !str_starts(word, STR("$")) &&
                path_is_below(path_join(split->arena, directory, word), directory))
                return true;
        }
    }
    return false;
}

/* The folder that holds all that the RUN instructions work on: where they build, or a folder of the context was copied
 * before, nobody can tell one file from another. False where there is none. */
static bool choose_root(struct split *split) {
    struct str root = {NULL, 0}, directory = stage_workdir(split->stage, split->last);
    bool is_whole = split->builds;
    for (uint32_t i = split->stage->from + 1; i <= split->last; i++) {
        struct str folder = split_folder_target(split, i);
        if (folder.p) {
            if (str_eq(folder, STR("/")) || !directory.p || !path_is_below(directory, folder))
                continue;
            is_whole = true;
        } else if (split_is_builders(split, i)) {
            is_whole |= removes_copies(split, i);
            folder = stage_workdir(split->stage, i);
        }
        if (folder.p && (!root.p || folder.n < root.n))
            root = folder;
    }
    if (!is_whole)
        return true;
    split->root = root;
    for (uint32_t i = split->stage->from + 1; i <= split->last; i++) {
        struct str own = split_is_builders(split, i) ? stage_workdir(split->stage, i) : root;
        if (!own.p || !path_is_below(own, root))
            return false;
    }
    return !str_eq(root, STR("/"));
}

/* The folder of the virtual environment that a RUN instruction makes; {NULL, 0} where none does. */
static struct str made_environment(const struct split *split) {
    for (uint32_t i = split->stage->from + 1; i < split->last; i++) {
        const struct shell_script *script = stage_script(split->arena, &split->list[i]);
        struct str directory = stage_workdir(split->stage, i);
        for (uint32_t c = 0; script && c < script->n && directory.p; c++) {
            const struct shell_command *command = &script->list[c];
            struct str path = command->n_words == 4 && str_eq(command->words[2].text, STR("venv"))
                                  ? shell_constant(split->arena, split->stage, i, &command->words[3])
                                  : (struct str){NULL, 0};
            if (path.p)
                return path_join(split->arena, directory, path);
        }
    }
    return (struct str){NULL, 0};
}

/* The folder that an installation fills, from its own working directory. */
static void add_installed(struct split *split, uint32_t i) {
    const struct ecosystem *ecosystem = split->work[i].ecosystem;
    struct str directory = stage_workdir(split->stage, i);
    struct str text = split->check->document->source.text;
    struct str made = ecosystem->prepare.n ? made_environment(split) : (struct str){NULL, 0};
    if (made.p) {
        split_take(split, made);
    } else if (ecosystem->prepare.n && (str_contains(text, STR("in-project true")) ||
                                        str_contains(text, STR("POETRY_VIRTUALENVS_IN_PROJECT")))) {
        split_take(split, path_join(split->arena, directory, STR(".venv")));
    } else {
        split_take(split, path_join(split->arena, directory, ecosystem->installs));
        split->environment = ecosystem->prepare.n ? ecosystem : split->environment;
    }
}

/* The first instruction that a virtual environment changes. */
static void place_environment(struct split *split) {
    uint32_t i = split->stage->from + 1;
    const uint32_t uses = WORK_INSTALL | WORK_BUILD | WORK_HARMLESS;
    while (i < split->last && !(split->list[i].kind == DF_RUN && split->work[i].bits & uses &&
                                split->work[i].ecosystem && split->work[i].ecosystem->prepare.n))
        i++;
    split->environment_at = i;
}

/* --- what keeps it in one piece ----------------------------------------------------------------------------------- */

static struct stop run_stop(const struct split *split, uint32_t i) {
    uint32_t bits = split->work[i].bits;
    const struct df_instruction *run = &split->list[i];
    const char *reason = NULL;
    uint32_t others = split->compiler ? WORK_PACKAGES | WORK_UNKNOWN : WORK_SETUP | WORK_UNKNOWN;
    if (bits & work_of_builder && bits & others)
        reason = "it does more than install; give the installation a RUN of its own";
    else if (bits & WORK_UNKNOWN && i > split->last)
        reason = "it comes after the installation and may need all of it";
    else if (bits & WORK_UNKNOWN)
        reason = "it comes before the installation, and whether the program needs its result is not known";
    return (struct stop){reason ? run : NULL, reason};
}

/* Whether ENV or ARG moves what is installed. Rails' own Dockerfile names the folder where it is anyway. */
static bool moves(const struct split *split, uint32_t index, const struct ecosystem *ecosystem) {
    const struct df_instruction *setting = &split->list[index];
    for (uint32_t i = 0; setting->kind == DF_ENV && i + 1 < setting->n_words; i += 3)
        if (str_is_in(setting->words[i].text, ecosystem->moved_by.list, ecosystem->moved_by.n) &&
            !str_eq(stage_expand(split->arena, split->stage, index, setting->words[i + 1].text), ecosystem->installs))
            return true;
    return setting->kind == DF_ARG && split_sets(setting, ecosystem->moved_by);
}

/* Whether the installation, or the compiler, is where it is known to be. */
static struct stop place_stop(const struct split *split, uint32_t i) {
    const struct ecosystem *ecosystem = split->work[i].ecosystem;
    if (ecosystem->images.n &&
        !str_is_in(split->stage->reference.repository, ecosystem->images.list, ecosystem->images.n))
        return (struct stop){&split->list[i], "where it installs to on this base image is not known"};
    for (uint32_t j = split->stage->from + 1; j < split->stage->end; j++) {
        if (moves(split, j, ecosystem))
            return (struct stop){&split->list[j], "it moves what is installed to another folder"};
    }
    return NO_STOP;
}

/* What a virtual environment that we make would break. */
static struct stop environment_stop(const struct split *split) {
    for (uint32_t i = split->environment_at; i <= split->last; i++) {
        struct stage before = *split->stage;
        before.end = i;
        if (split_is_builders(split, i) && stage_user(split->arena, &before).kind != USER_ROOT)
            return (struct stop){&split->list[i], "it installs as another user than root"};
    }
    for (uint32_t i = split->stage->from + 1; i < split->stage->end; i++) {
        const struct df_instruction *instruction = &split->list[i];
        struct str text = source_slice(split->stage->dockerfile->source, instruction->at);
        if (str_contains(text, STR("-packages")) || str_contains(text, STR("venv")) ||
            str_contains(text, STR("VIRTUAL_ENV")))
            return (struct stop){instruction, "it names the folder that Python packages are in"};
        for (uint32_t w = 0; instruction->kind == DF_ENV && w + 1 < instruction->n_words; w += 3)
            if (str_eq(instruction->words[w].text, STR("PATH")) &&
                !split_mentions(split->arena, instruction->words[w + 1].text, STR("PATH")))
                return (struct stop){instruction, "it sets PATH anew"};
        bool is_start =
            instruction->kind == DF_CMD || instruction->kind == DF_ENTRYPOINT || instruction->kind == DF_HEALTHCHECK;
        if (is_start && str_contains(text, STR("/usr/local/bin/")))
            return (struct stop){instruction, "it names a program by a path that may be one of the packages'"};
    }
    if (program_has_package(split->arena, split->stage, STR("cron")))
        return (struct stop){&split->list[split->last], "cron does not hand PATH on to what it starts"};
    return NO_STOP;
}

/* What speaks against a split in two stages of the same base image; it is worked out on the way. */
static struct stop installation_stop(struct split *split) {
    struct stop here = {&split->list[split->last],
                        "the working directory is not known, is /, or cannot be named in COPY without quotes"};
    if (!stage_workdir(split->stage, split->last).p || !choose_root(split))
        return here;
    for (uint32_t i = split->stage->from + 1; i <= split->last; i++) {
        if (!split_is_builders(split, i))
            continue;
        struct stop stop = place_stop(split, i);
        if (stop.at)
            return stop;
        const char *reason =
            manifest_obstacle(split->check, split->work[i].ecosystem, split->check->document->context, split->root.p);
        if (reason)
            return (struct stop){&split->list[i], reason};
        if (!stage_workdir(split->stage, i).p)
            return here;
        if (split->work[i].bits & WORK_INSTALL)
            add_installed(split, i);
    }
    bool is_plain = !split->root.p || path_is_plain(split->root);
    for (uint32_t i = 0; i < split->takes.list.n; i++)
        is_plain &= path_is_plain(split->takes.list.at[i]);
    if (!is_plain)
        return here;
    if (!split->environment)
        return NO_STOP;
    place_environment(split);
    return environment_stop(split);
}

static struct stop find_stop(struct split *split) {
    const struct document *document = split->check->document;
    uint32_t index;
    if (split->stage->end - split->stage->from > MAX_INSTRUCTIONS)
        return (struct stop){&split->list[split->stage->from], "it has more than 1,000 instructions"};
    for (uint32_t i = 0; i < document->builds.n; i++)
        if (str_number(document->builds.at[i]->target, UINT32_MAX, &index))
            return (struct stop){&split->list[split->stage->from],
                                 "a compose file names it by its number, which would be another stage's then"};
    for (uint32_t i = split->stage->from + 1; i <= split->last; i++)
        if (suppress_is_above(split->stage->dockerfile, &split->list[i]))
            return (struct stop){&split->list[i],
                                 "the comment above it would be about the builder only: put it at the top of the file"};
    for (uint32_t i = split->stage->from + 1; i < split->stage->end; i++) {
        struct stop stop = split->list[i].kind == DF_RUN ? run_stop(split, i) : NO_STOP;
        if (stop.at)
            return stop;
        if (split->list[i].kind == DF_ONBUILD)
            return (struct stop){&split->list[i], "images that are built on this one run it"};
    }
    if (!split->compiler)
        return installation_stop(split);
    struct stop stop = place_stop(split, split->last);
    return stop.at ? stop : compiled_stop(split);
}

/* What is wrong with the stage, and what a split does about it. */
static struct finding *found(const struct split *split) {
    struct check *check = split->check;
    struct str manager = split->work[split->last].ecosystem->manager;
    uint32_t at = split->list[split->last].at.start;
    if (split->compiler)
        return rule_found(check, at,
                          "%.*s builds in the stage that runs: do it in a builder stage, so that compiler and sources "
                          "stay out of the image, which %.*s is enough for%s",
                          STR_ARG(manager), STR_ARG(split->image),
                          split->is_sure ? "" : " unless the program starts others");
    return rule_found(check, at,
                      "%.*s %s in the stage that runs: do it in a builder stage, so that its caches and credentials "
                      "stay out of the image",
                      STR_ARG(manager), split->builds ? "builds" : "installs");
}

void builder_stage_dockerfile(struct check *check) {
    const struct stage *stage = check->document->stages.list;
    if (check->document->stages.n != 1 || !stage->base.p ||
        (!stage_own(stage, DF_CMD) && !stage_own(stage, DF_ENTRYPOINT)))
        return;
    struct split split = {.check = check, .arena = check->arena, .stage = stage, .list = stage->dockerfile->list};
    split.work = arena_array(check->arena, stage->end, sizeof *split.work);
    if (!survey(&split))
        return;
    struct stop stop = find_stop(&split);
    if (stop.at) {
        rule_found(check, stop.at->at.start, "the stage is not split into builder and runtime at this %.*s: %s",
                   STR_ARG(source_slice(&check->document->source, stop.at->keyword_at)), stop.reason);
        return;
    }
    struct finding *finding = found(&split);
    finding->is_alone = true;
    split_plan(&split, rule_fix(finding, split.compiler && !split.is_sure ? SAFETY_UNSAFE : SAFETY_SAFE));
}

/* --- the build context ---------------------------------------------------------------------------------------------
 */

void builder_stage_dockerignore(struct check *check) {
    const struct document *owner = check->document->owner;
    struct str text = check->document->source.text;
    for (uint32_t i = 0; i < owner->workload.excludes.n; i++) {
        struct str path = owner->workload.excludes.list[i];
        if (dockerignore_excludes(check->arena, text, path))
            continue;
        struct edits *edits =
            rule_fix(rule_found(check, text.n,
                                "%.*s would come over what the builder stage installed: leave it out of the context",
                                STR_ARG(path)),
                     SAFETY_SAFE);
        struct str line = str_printf(check->arena, "%.*s\n", STR_ARG(path));
        uint32_t end = source_line_end(&check->document->source, text.n);
        if (text.n && text.p[text.n - 1] != '\n')
            rule_insert_after(check, edits, end, line);
        else
            rule_insert_before(check, edits, text.n, line);
    }
}
