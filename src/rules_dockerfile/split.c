#include "split.h"

#include "path.h"

bool split_is_builders(const struct split *split, uint32_t i) {
    return split->list[i].kind == DF_RUN && split->work[i].bits & (WORK_INSTALL | WORK_BUILD);
}

/* A compiled program does not need the packages that it was built with. */
static bool is_repeated_run(const struct split *split, uint32_t i) {
    uint32_t bits = split->work[i].bits;
    return split->list[i].kind == DF_RUN && !split_is_builders(split, i) && bits & (WORK_SETUP | WORK_CLEAN) &&
           !(split->compiler && bits & WORK_PACKAGES);
}

struct str split_folder_target(const struct split *split, uint32_t i) {
    const struct df_instruction *copy = &split->list[i];
    if (!stage_is_copy(copy) || df_flag(copy, STR("from")).p || copy->n_words != 2 || copy->n_heredocs ||
        !path_is_folder_name(copy->words[0].text))
        return (struct str){NULL, 0};
    return stage_copy_target(split->arena, split->stage, i);
}

void split_take(struct split *split, struct str path) {
    bool is_taken = split->root.p && path_is_below(path, split->root);
    if (!is_taken)
        texts_add(&split->takes, split->arena, path);
}

/* --- what becomes of an instruction ------------------------------------------------------------------------------- */

/* The folder part of a source ("" for the context's root) without "./" and a final "/". */
static struct str source_folder(struct arena *arena, struct str source) {
    struct str clean = path_join(arena, STR("/"), source);
    return str_sub(clean, 1, str_rfind(clean, '/') ? str_rfind(clean, '/') : 1);
}

/* Whether a copy of a whole folder, after the split, brings what the copy `index` brings, to the same place. */
static bool is_covered(const struct split *split, uint32_t index) {
    struct arena *arena = split->arena;
    const struct df_instruction *copy = &split->list[index];
    struct str own = stage_copy_target(arena, split->stage, index);
    for (uint32_t i = split->last + 1; i < split->stage->end; i++) {
        struct str target = split_folder_target(split, i);
        if (!target.p)
            continue;
        bool is_same = own.p && str_eq(own, target);
        struct str folder = path_join(arena, STR("/"), split->list[i].words[0].text);
        for (uint32_t j = 0; j + 1 < copy->n_words && is_same; j++)
            is_same = str_eq(source_folder(arena, copy->words[j].text), str_sub(folder, 1, folder.n));
        if (is_same)
            return true;
    }
    return false;
}

bool split_sets(const struct df_instruction *instruction, struct template_words names) {
    uint32_t step = instruction->kind == DF_ENV ? 3 : 1;
    for (uint32_t i = 0; i < instruction->n_words; i += step) {
        struct str word = instruction->words[i].text;
        if (str_is_in(str_sub(word, 0, str_find(word, 0, '=')), names.list, names.n))
            return true;
    }
    return false;
}

bool split_mentions(struct arena *arena, struct str text, struct str variable) {
    return str_contains(text, str_printf(arena, "$%.*s", STR_ARG(variable))) ||
           str_contains(text, str_printf(arena, "${%.*s", STR_ARG(variable)));
}

/* Whether the runtime stage needs an ARG: something there names it, or a RUN that is done again may take it from its
 * environment and nothing in the builder stage names it. */
static bool is_argument_repeated(const struct split *split, uint32_t index) {
    bool is_named = false, is_repeated = false;
    for (uint32_t i = index + 1; i < split->stage->end; i++) {
        bool stays = split_is_builders(split, i);
        struct str text = source_slice(split->stage->dockerfile->source, split->list[i].at);
        is_repeated |= is_repeated_run(split, i);
        for (uint32_t w = 0; w < split->list[index].n_words; w++) {
            struct str word = split->list[index].words[w].text, name = str_sub(word, 0, str_find(word, 0, '='));
            if (split_mentions(split->arena, text, name)) {
                if (!stays)
                    return true;
                is_named = true;
            }
        }
    }
    return is_repeated && !is_named;
}

/* Whether a copy brings nothing but the package manager's settings, which may hold credentials. */
static bool is_settings(const struct df_instruction *copy) {
    for (uint32_t i = 0; i + 1 < copy->n_words; i++)
        if (!str_ends(copy->words[i].text, STR(".npmrc")) && !str_ends(copy->words[i].text, STR(".yarnrc")))
            return false;
    return true;
}

static bool is_copy_repeated(const struct split *split, uint32_t index) {
    const struct df_instruction *copy = &split->list[index];
    if (df_flag(copy, STR("from")).p)
        return true;
    if (split->compiler && !split->needs_files)
        return false;
    if (!split->root.p)
        return !is_covered(split, index) && !is_settings(copy);
    struct str target = stage_copy_target(split->arena, split->stage, index);
    return !target.p || !path_is_below(target, split->root);
}

/* Whether all that ENV sets is for the compiler. */
static bool is_for_build(const struct split *split, const struct df_instruction *env) {
    bool is_for_build = split->compiler != NULL;
    for (uint32_t i = 0; is_for_build && i < env->n_words; i += 3)
        is_for_build =
            str_is_in(env->words[i].text, split->compiler->build_variables.list, split->compiler->build_variables.n);
    return is_for_build;
}

bool split_is_repeated(const struct split *split, uint32_t index) {
    const struct df_instruction *instruction = &split->list[index];
    switch (instruction->kind) {
    case DF_RUN:
        return is_repeated_run(split, index);
    case DF_ENV:
        return !is_for_build(split, instruction);
    case DF_ARG:
        return is_argument_repeated(split, index);
    case DF_COPY:
    case DF_ADD:
        return is_copy_repeated(split, index);
    default:
        return true;
    }
}

/* --- planning the split ------------------------------------------------------------------------------------------- */

/* The name of the new stage: one that the file does not use. */
static struct str builder_name(struct arena *arena, const struct check *check) {
    static const char *const names[] = {"builder", "dependencies", "ironhull-builder"};
    for (size_t i = 0; i + 1 < sizeof names / sizeof *names; i++)
        if (!stages_target(check->document->stages, str_of(names[i])) &&
            !str_contains(check->document->source.text, str_printf(arena, "from=%s", names[i])))
            return str_of(names[i]);
    return STR("ironhull-builder");
}

/* Gives the stage that is there the name of the builder; what it was called stays with the runtime stage. */
static void name_builder(const struct split *split, struct edits *edits, struct str name) {
    const struct df_instruction *from = &split->list[split->stage->from];
    if (from->n_words == 3) {
        edits_add(edits, from->words[2].at, name);
        return;
    }
    uint32_t end = from->words[0].at.end;
    bool is_lower = source_slice(split->stage->dockerfile->source, from->keyword_at).p[0] >= 'a';
    edits_add(edits, (struct span){end, end},
              str_printf(split->arena, " %s %.*s", is_lower ? "as" : "AS", STR_ARG(name)));
}

/* The FROM of the runtime stage: as it is, or of another image. */
static struct str runtime_from(const struct split *split) {
    const struct df_instruction *from = &split->list[split->stage->from];
    struct str text = split->stage->dockerfile->source->text;
    if (!split->image.p)
        return source_slice(split->stage->dockerfile->source, from->at);
    return str_printf(split->arena, "%.*s%.*s%.*s", STR_ARG(str_sub(text, from->at.start, from->words[0].at.start)),
                      STR_ARG(split->image), STR_ARG(str_sub(text, from->words[0].at.end, from->at.end)));
}

static void add_copy(const struct split *split, struct buf *lines, struct str name, struct str folder) {
    struct arena *arena = split->arena;
    struct stage built = *split->stage;
    built.end = split->last;
    struct user user = stage_user(arena, &built); /* the owner stays */
    struct str directory = stage_workdir(split->stage, split->last);
    struct str chown = STR("");
    if (user.kind == USER_OTHER)
        chown = user.has_ids ? str_printf(arena, "--chown=%u:%u ", user.uid, user.gid)
                             : str_printf(arena, "--chown=%.*s ", STR_ARG(user.text));
    struct str target = folder;
    if (directory.n > 1 && path_is_below(folder, directory))
        target = str_printf(arena, "./%.*s", STR_ARG(str_sub(folder, directory.n + 1, folder.n)));
    else if (split->compiler && !str_contains(split->check->document->source.text, folder))
        target = str_printf(arena, "/usr/local/bin/%.*s", STR_ARG(path_name(folder))); /* found in PATH: keep it so */
    struct str copy = str_printf(arena, "COPY --from=%.*s %.*s%.*s %.*s\n", STR_ARG(name), STR_ARG(chown),
                                 STR_ARG(folder), STR_ARG(target));
    buf_add(lines, dockerfile_text(arena, split->stage->dockerfile, copy));
}

void split_plan(const struct split *split, struct edits *edits) {
    struct check *check = split->check;
    struct arena *arena = split->arena;
    const struct dockerfile *dockerfile = split->stage->dockerfile;
    struct str name = builder_name(arena, check);
    const struct ecosystem *environment = split->environment;
    name_builder(split, edits, name);
    if (environment)
        rule_insert_before(check, edits, split->list[split->environment_at].top,
                           dockerfile_text(arena, dockerfile,
                                           str_printf(arena, "%.*s\n%.*s\n", STR_ARG(environment->prepare),
                                                      STR_ARG(environment->environment))));
    struct buf lines = {.arena = arena};
    buf_printf(&lines, "\n%.*s\n", STR_ARG(runtime_from(split)));
    if (split->lines.n)
        buf_printf(&lines, "%.*s\n", STR_ARG(dockerfile_text(arena, dockerfile, split->lines)));
    for (uint32_t i = split->stage->from + 1; i < split->last; i++)
        if (split_is_repeated(split, i))
            buf_printf(&lines, "%.*s\n", STR_ARG(source_slice(&check->document->source, split->list[i].at)));
    if (split->root.p)
        add_copy(split, &lines, name, split->root);
    for (uint32_t i = 0; i < split->takes.list.n; i++)
        add_copy(split, &lines, name, split->takes.list.at[i]);
    if (environment)
        buf_printf(&lines, "%.*s\n", STR_ARG(dockerfile_text(arena, dockerfile, environment->environment)));
    rule_insert_after(check, edits, split->list[split->last].at.end, buf_str(&lines));
}
