/* init-process: tini as PID 1, in front of the command that the image starts today. */
#include "rules_dockerfile.h"

#include "program.h"
#include "shell.h"
#include "template.h"

/* Whether every service that builds the Dockerfile has an init put in front by the engine. */
static bool has_init_outside(const struct document *document) {
    bool has_init = document->builds.n > 0;
    for (uint32_t i = 0; i < document->builds.n; i++)
        has_init &= document->builds.at[i]->has_init;
    return has_init;
}

static bool starts_init(struct arena *arena, const struct command *command) {
    if (!command->is_set || command->n == 0)
        return false;
    if (!command->is_shell)
        return template_has_name(NAMES_INIT, command->words[0]);
    struct shell_script *script = shell_parse(arena, command->words[0]);
    for (uint32_t i = 0; script && i < script->n; i++)
        for (uint32_t j = 0; j < script->list[i].n_words && j < 2; j++)
            if (template_has_name(NAMES_INIT, script->list[i].words[j].text))
                return true;
    return false;
}

/* Why tini cannot be put in; NULL where it can. */
static const char *obstacle(const struct check *check, const struct stage *stage, const struct command *entrypoint,
                            const struct command *cmd) {
    const struct image *image = stage->image;
    if (!image)
        return "nothing is known of its base image";
    if (image->family->tini.n == 0)
        return "its base image has no tini package";
    if (entrypoint->is_shell)
        return "its ENTRYPOINT is in shell form, which passes no signals on: write it as a JSON array";
    if (!entrypoint->is_known)
        return "the entrypoint of its base image is not known for certain: write ENTRYPOINT and CMD here";
    if (!stage_own(stage, DF_CMD) && !cmd->is_known)
        return "the command of its base image is not known for certain: write CMD here";
    if (!starts_as_root(check->arena, stage))
        return "its base image does not build as root, so that nothing can be installed";
    if (!image_has_packages(image, &stage->reference) && !program_has_package(check->arena, stage, STR("tini")))
        return "the package archive of its base image's release is closed: move to a supported tag";
    return NULL;
}

static void insert_entrypoint(struct check *check, const struct stage *stage, struct edits *edits,
                              const struct command *entrypoint, const struct command *cmd) {
    struct arena *arena = check->arena;
    struct str tini = stage->image->family->tini;
    const struct df_instruction *own = stage_own(stage, DF_ENTRYPOINT), *own_cmd = stage_own(stage, DF_CMD);
    if (own) {
        struct str words = str_printf(arena, "\"%.*s\", \"--\"%s", STR_ARG(tini), own->n_words ? ", " : "");
        uint32_t at = own->n_words ? own->words[0].at.start : own->args.start + 1;
        edits_add(edits, (struct span){at, at}, words);
        return;
    }
    struct str *words = arena_array(arena, entrypoint->n + 2, sizeof *words);
    words[0] = tini;
    words[1] = STR("--");
    for (uint32_t i = 0; i < entrypoint->n; i++)
        words[i + 2] = entrypoint->words[i];
    struct str json = json_words(arena, words, entrypoint->n + 2);
    struct buf lines = {.arena = arena};
    buf_printf(&lines, "ENTRYPOINT %.*s\n", STR_ARG(json));
    if (own_cmd) {
        rule_insert_before(check, edits, own_cmd->top, dockerfile_text(arena, stage->dockerfile, buf_str(&lines)));
        return;
    }
    /* ENTRYPOINT clears the CMD that the stage inherits: restore it */
    if (cmd->is_set && cmd->is_shell)
        buf_printf(&lines, "CMD %.*s\n", STR_ARG(cmd->words[0]));
    else if (cmd->is_set)
        buf_printf(&lines, "CMD %.*s\n", STR_ARG(json_words(arena, cmd->words, cmd->n)));
    rule_insert_after(check, edits, stage->dockerfile->list[stage->end - 1].at.end,
                      dockerfile_text(arena, stage->dockerfile, buf_str(&lines)));
}

static struct str install_tini(struct arena *arena, const struct family *family) {
    const struct template_variable package = {"packages", STR("tini")};
    return template_fill(arena, family->install, (struct template_variables){&package, 1});
}

/* False where nothing was planned. */
static bool check_stage(struct check *check, const struct stage *stage) {
    struct arena *arena = check->arena;
    struct command entrypoint = stage_entrypoint(arena, stage), cmd = stage_cmd(arena, stage);
    const struct image *image = stage->image;
    bool is_program = stage_last(stage, DF_CMD) || stage_last(stage, DF_ENTRYPOINT);
    bool image_has_init = image && image->init.n && !entrypoint.where && entrypoint.is_set;
    if (!is_program || image_has_init || starts_init(arena, &entrypoint) || starts_init(arena, &cmd) ||
        (image && image->family->left_alone.n))
        return false;
    uint32_t at = (cmd.where ? cmd.where : entrypoint.where)->at.start;
    const char *why_not = obstacle(check, stage, &entrypoint, &cmd);
    if (why_not) {
        rule_found(
            check, at,
            "the program is PID 1, which gets no default signal handling and has to reap orphans; tini is not put "
            "in: %s. `init: true` in the compose file or `docker run --init` does the same from outside",
            why_not);
        return false;
    }
    const struct family *family = image->family;
    struct edits *edits = rule_fix(
        rule_found(check, at,
                   "the program is PID 1, which gets no default signal handling and has to reap orphans: start it "
                   "under %.*s",
                   STR_ARG(family->tini)),
        SAFETY_SAFE);
    if (!program_has_package(arena, stage, STR("tini")))
        insert_root_work(check, edits, stage_head(stage)->at.end,
                         dockerfile_text(arena, stage->dockerfile, install_tini(arena, family)));
    insert_entrypoint(check, stage, edits, &entrypoint, &cmd);
    return true;
}

void init_process_dockerfile(struct check *check) {
    const struct stage *stage;
    bool *planned = arena_array(check->arena, check->document->stages.n, sizeof *planned);
    if (has_init_outside(check->document))
        return;
    /* parents first: what is planned for one reaches the stages that are built on it in the next pass */
    for (uint32_t i = 0; i < check->document->stages.n; i++) {
        stage = &check->document->stages.list[i];
        bool is_planned = false;
        for (const struct stage *parent = stage->parent; parent; parent = parent->parent)
            is_planned |= planned[parent - check->document->stages.list];
        if (is_final_stage(check, stage) && !is_planned)
            planned[i] = check_stage(check, stage);
    }
}
