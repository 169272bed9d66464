/* non-root-user: what belongs to the program's user. */
#include "non_root_user.h"

#include "link.h"
#include "shell.h"

/* --- copies --------------------------------------------------------------------------------------------------------
 */

/* What decides whose a copied file becomes, worked out once for a stage. */
struct owning {
    struct arena *arena;
    const struct stage *stage;
    struct str directory;                  /* the working directory at the end */
    const struct df_instruction *last_run; /* NULL where there is none */
};

static struct owning owning_of(struct arena *arena, const struct stage *stage) {
    return (struct owning){arena, stage, stage_workdir(arena, stage, stage->end), stage_own(stage, DF_RUN)};
}

/* Whether a copy without an owner goes to the program's user: it brings files of the application, below the working
 * directory, that no later RUN works on. A build as root would meet files of another owner (git refuses such a
 * repository). */
static bool is_for_user(const struct owning *owning, uint32_t index) {
    const struct df_instruction *copy = &owning->stage->dockerfile->list[index];
    struct str directory = owning->directory;
    if (!stage_is_copy(copy) || df_flag(copy, STR("chown")).p || (owning->last_run && copy < owning->last_run) ||
        !directory.p || str_eq(directory, STR("/")))
        return false;
    struct str path = stage_copy_target(owning->arena, owning->stage, index);
    return path.p && path_is_below(path, directory);
}

void own_copies(struct arena *arena, const struct stage *stage, struct edits *edits, struct str ids) {
    struct owning owning = owning_of(arena, stage);
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        const struct df_instruction *copy = &stage->dockerfile->list[i];
        if (!is_for_user(&owning, i))
            continue;
        uint32_t at = copy->n_flags ? copy->flags[copy->n_flags - 1].at.end : copy->keyword_at.end;
        edits_add(edits, (struct span){at, at}, str_printf(arena, " --chown=%.*s", STR_ARG(ids)));
    }
}

/* --- files that only root can read ---------------------------------------------------------------------------------
 */

/* Whether a mode of chmod(1) leaves nothing to others: 700, 0640, o-r, go-rwx. */
static bool hides(struct str mode) {
    bool is_number = mode.n >= 3 && mode.n <= 4;
    for (uint32_t i = 0; i < mode.n; i++)
        is_number &= mode.p[i] >= '0' && mode.p[i] <= '7';
    return is_number
               ? !((mode.p[mode.n - 1] - '0') & 4)
               : str_contains(mode, STR("o-r")) || str_contains(mode, STR("go-")) || str_contains(mode, STR("o="));
}

static bool run_hides(struct arena *arena, const struct df_instruction *run) {
    struct shell_script *script = stage_script(arena, run);
    for (uint32_t i = 0; script && i < script->n; i++) {
        const struct shell_command *command = &script->list[i];
        bool is_tool = command->n_words &&
                       (str_eq(command->words[0].text, STR("chmod")) || str_eq(command->words[0].text, STR("install")));
        for (uint32_t j = 1; is_tool && j < command->n_words; j++)
            if (hides(command->words[j].text))
                return true;
    }
    return false;
}

struct str hidden_file(struct check *check, const struct stage *stage) {
    struct owning owning = owning_of(check->arena, stage);
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        const struct df_instruction *instruction = &stage->dockerfile->list[i];
        if (instruction->kind == DF_RUN && run_hides(check->arena, instruction))
            return STR("a file that RUN changes the mode of");
        if (!stage_is_copy(instruction) || df_flag(instruction, STR("chown")).p || is_for_user(&owning, i))
            continue;
        if (hides(df_flag(instruction, STR("chmod"))))
            return instruction->words[0].text;
        for (uint32_t j = 0; !df_flag(instruction, STR("from")).p && j + 1 < instruction->n_words; j++)
            if (!project_is_readable(check->project, context_folder(check), instruction->words[j].text, check->arena))
                return instruction->words[j].text;
    }
    return (struct str){NULL, 0};
}

/* --- folders -------------------------------------------------------------------------------------------------------
 */

struct str_list written_folders(const struct check *check, const struct stage *stage) {
    struct workload workload = workload_of(check->arena, stage);
    const struct str_list lists[] = {workload.volumes, workload.writable,
                                     project_volumes(check->document, &workload, check->arena)};
    VEC(struct str) folders = {0};
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t j = 0; j < lists[i].n; j++)
            *vec_push(check->arena, &folders) = lists[i].list[j];
    return (struct str_list){folders.at, folders.n};
}

void own_folders(struct check *check, const struct stage *stage, struct edits *edits, struct str ids, uint32_t last) {
    struct str_list folders = written_folders(check, stage);
    struct buf paths = {.arena = check->arena};
    for (uint32_t i = 0; i < folders.n; i++)
        buf_printf(&paths, " %.*s", STR_ARG(folders.list[i]));
    struct str list = buf_str(&paths);
    if (list.n == 0)
        return;
    const struct df_instruction *volume = NULL;
    for (uint32_t i = stage->from + 1; i < last && !volume; i++)
        if (stage->dockerfile->list[i].kind == DF_VOLUME)
            volume = &stage->dockerfile->list[i];
    struct str line =
        str_printf(check->arena, "RUN mkdir -p%.*s && chown %.*s%.*s\n", STR_ARG(list), STR_ARG(ids), STR_ARG(list));
    line = dockerfile_text(check->arena, stage->dockerfile, line);
    if (volume)
        rule_insert_before(check, edits, volume->top, line);
    else
        insert_root_work(check, edits, stage->dockerfile->list[last].at.end, line);
}
