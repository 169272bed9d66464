/* init-process: tini as PID 1, in front of the command that the image starts today. */
#include "init_process.h"

#include "program.h"

#include <assert.h>

#define STATIC_TINI "/usr/local/bin/tini"

/* How a stage comes to start under tini. */
struct start {
    const struct stage *stage;
    struct command entrypoint, cmd;
    struct exec_form entrypoint_form, cmd_form; /* of those in shell form */
    bool has_package;                           /* the family's package brings tini */
    struct tini_stage from;                     /* else this stage does */
    struct str tini;                            /* its path */
};

/* --- what is there already -----------------------------------------------------------------------------------------
 */

/* Whether every service that builds the Dockerfile has an init put in front by the engine. */
static bool has_init_outside(const struct document *document) {
    bool has_init = document->builds.n > 0;
    for (uint32_t i = 0; i < document->builds.n; i++)
        has_init &= document->builds.at[i]->has_init;
    return has_init;
}

static bool line_starts_init(struct arena *arena, struct str line) {
    struct shell_script *script = shell_parse(arena, line);
    for (uint32_t i = 0; script && i < script->n; i++) {
        const struct shell_command *command = &script->list[i];
        bool has_exec = command->n_words > 1 && str_eq(command->words[0].text, STR("exec"));
        if (command->n_words && template_has_name(NAMES_INIT, command->words[has_exec].text))
            return true;
    }
    return false;
}

static bool starts_init(struct arena *arena, const struct command *command) {
    if (!command->is_set || command->n == 0)
        return false;
    bool is_script = command->n > 2 && str_ends(command->words[0], STR("sh")) &&
                     str_starts(command->words[1], STR("-")) && str_ends(command->words[1], STR("c"));
    if (command->is_shell || is_script)
        return line_starts_init(arena, command->words[is_script ? 2 : 0]);
    return template_has_name(NAMES_INIT, command->words[0]);
}

/* --- whether it can be done ----------------------------------------------------------------------------------------
 */

/* Whether a service gives the image's entrypoint words of its own. */
static bool has_outside_words(const struct document *document) {
    for (uint32_t i = 0; i < document->builds.n; i++)
        if (document->builds.at[i]->command.is_set)
            return true;
    return false;
}

static void find_forms(const struct check *check, struct start *start) {
    const struct image *image = start->stage->image;
    bool has_entrypoint = start->entrypoint.is_set && start->entrypoint.n;
    bool passes_on = !start->entrypoint.where && image->passes_on.n;
    if (start->entrypoint.is_shell)
        start->entrypoint_form = exec_form(check, start->stage, &start->entrypoint,
                                           !start->cmd.is_set && !has_outside_words(check->document));
    else if (start->cmd.is_shell && start->cmd.n)
        start->cmd_form = exec_form(check, start->stage, &start->cmd, !has_entrypoint || passes_on);
}

/* Where tini comes from; why it cannot come, NULL where it can. */
static const char *find_tini(const struct check *check, struct start *start) {
    const struct stage *stage = start->stage;
    const struct family *family = stage->image->family;
    bool can_install = starts_as_root(check->arena, stage) && image_has_packages(stage->image, &stage->reference) &&
                       !(stage->image->unverified & UNVERIFIED_ALL);
    start->has_package = family->tini.n && (can_install || program_has_package(check->arena, stage, STR("tini")));
    start->tini = start->has_package ? family->tini : STR(STATIC_TINI);
    return start->has_package ? NULL : tini_stage_find(check, stage, &start->from);
}

/* Whether a command is meant as a JSON array, and is none: ['node', 'server.js']. A shell gets such, and starts [. */
static bool is_broken_json(const struct command *command) {
    struct str line = command->is_shell && command->n ? str_trim(command->words[0]) : STR("");
    return str_starts(line, STR("[")) && str_ends(line, STR("]"));
}

/* Why tini cannot be put in; NULL where it can. */
static const char *obstacle(const struct check *check, struct start *start) {
    const struct stage *stage = start->stage;
    const struct df_instruction *where = start->cmd.where ? start->cmd.where : start->entrypoint.where;
    if (where < &stage->dockerfile->list[stage->from] && suppress_is_above(stage->dockerfile, where))
        return "a comment for ironhull stands above the command that it inherits: write it above its FROM";
    bool is_broken = is_broken_json(&start->entrypoint);
    if (is_broken || is_broken_json(&start->cmd))
        return str_printf(check->arena,
                          "its %s looks like a JSON array and is none, so that a shell gets it, which has no such "
                          "program: write the words in double quotes, with commas between them",
                          is_broken ? "ENTRYPOINT" : "CMD")
            .p;
    if (!stage->image)
        return "nothing is known of its base image";
    if (!start->entrypoint.is_known)
        return "the entrypoint of its base image is not known for certain: write ENTRYPOINT and CMD here";
    if (!stage_own(stage, DF_CMD) && !start->cmd.is_known)
        return "the command of its base image is not known for certain: write CMD here";
    if (start->entrypoint.is_shell && !start->entrypoint.n)
        return "its ENTRYPOINT is empty: write it as a JSON array";
    struct str_list program = program_words(check->arena, stage);
    if (program.n && (str_ends(program.list[0], STR(".wasm")) || str_ends(program.list[0], STR(".exe"))))
        return "its program is not one that Linux starts by itself";
    find_forms(check, start);
    const struct exec_form *entrypoint = &start->entrypoint_form, *cmd = &start->cmd_form;
    if (entrypoint->why_not && !entrypoint->words.n)
        return str_printf(check->arena, "its ENTRYPOINT is in shell form, and %s: write it as a JSON array",
                          entrypoint->why_not)
            .p;
    if (cmd->why_not && !cmd->words.n && !stage->image->has_shell)
        return "its CMD is in shell form, and its base image has no /bin/sh: write it as a JSON array";
    return find_tini(check, start);
}

/* --- doing it ------------------------------------------------------------------------------------------------------
 */

/* The words of the entrypoint under tini. */
static struct str_list entrypoint_words(const struct start *start) {
    const struct exec_form *form = &start->entrypoint_form;
    if (!start->entrypoint.is_shell)
        return (struct str_list){start->entrypoint.words, start->entrypoint.n};
    return form->words.n ? form->words : form->same;
}

static struct str entrypoint_json(struct arena *arena, const struct start *start) {
    struct str_list old = entrypoint_words(start);
    struct str *words = arena_array(arena, old.n + 2, sizeof *words);
    words[0] = start->tini;
    words[1] = STR("--");
    for (uint32_t i = 0; i < old.n; i++)
        words[i + 2] = old.list[i];
    return json_words(arena, words, old.n + 2);
}

/* CMD as it is, or as the words that start the same. */
static struct str cmd_text(struct arena *arena, const struct start *start) {
    if (start->cmd_form.words.n)
        return json_words(arena, start->cmd_form.words.list, start->cmd_form.words.n);
    return start->cmd.is_shell ? start->cmd.words[0] : json_words(arena, start->cmd.words, start->cmd.n);
}

static void insert_entrypoint(struct check *check, const struct start *start, struct edits *edits) {
    struct arena *arena = check->arena;
    const struct stage *stage = start->stage;
    const struct df_instruction *own = stage_own(stage, DF_ENTRYPOINT), *own_cmd = stage_own(stage, DF_CMD);
    if (own_cmd && start->cmd_form.words.n)
        edits_add(edits, own_cmd->args, cmd_text(arena, start));
    if (own && !own->is_json) {
        edits_add(edits, own->args, entrypoint_json(arena, start));
        return;
    }
    if (own) {
        struct str words = str_printf(arena, "\"%.*s\", \"--\"%s", STR_ARG(start->tini), own->n_words ? ", " : "");
        uint32_t at = own->n_words ? own->words[0].at.start : own->args.start + 1;
        edits_add(edits, (struct span){at, at}, words);
        return;
    }
    struct buf lines = {.arena = arena};
    buf_printf(&lines, "ENTRYPOINT %.*s\n", STR_ARG(entrypoint_json(arena, start)));
    if (own_cmd) {
        rule_insert_before(check, edits, own_cmd->top, dockerfile_text(arena, stage->dockerfile, buf_str(&lines)));
        return;
    }
    /* ENTRYPOINT clears the CMD that the stage inherits: restore it */
    if (start->cmd.is_set)
        buf_printf(&lines, "CMD %.*s\n", STR_ARG(cmd_text(arena, start)));
    rule_insert_after(check, edits, stage->dockerfile->list[stage->end - 1].at.end,
                      dockerfile_text(arena, stage->dockerfile, buf_str(&lines)));
}

static void insert_tini(struct check *check, const struct start *start, struct edits *edits) {
    struct arena *arena = check->arena;
    const struct stage *stage = start->stage;
    struct str lines = {NULL, 0};
    if (!start->has_package) {
        if (start->from.is_new)
            tini_stage_plan(check, stage, &start->from, edits);
        lines = str_printf(arena, "COPY --from=%.*s %.*s %s\n", STR_ARG(start->from.name), STR_ARG(start->from.path),
                           STATIC_TINI);
    } else if (!program_has_package(arena, stage, STR("tini"))) {
        lines = tini_install(arena, stage->image->family);
    }
    const struct df_instruction *head = stage_head(stage);
    if (head + 1 < &stage->dockerfile->list[stage->end] && makes_new_user(check, stage, head + 1))
        head++; /* as where both come at once */
    if (lines.n)
        insert_root_work(check, edits, head->at.end, dockerfile_text(arena, stage->dockerfile, lines));
}

/* Says where a shell stays between tini and the program. */
static void note_shell(struct check *check, const struct command *command, const struct exec_form *form) {
    if (form->why_shell)
        rule_found(
            check, command->where->at.start,
            "%.*s may leave a shell between tini and the program, which passes no signals on: %s. Start the program "
            "with exec, or write a JSON array",
            STR_ARG(source_slice(&check->document->source, command->where->keyword_at)), form->why_shell);
}

static void harden_start(struct check *check, const struct start *start, uint32_t at) {
    bool is_changed = start->cmd_form.words.n || start->entrypoint_form.words.n;
    struct finding *finding = rule_found(
        check, at,
        "the program is PID 1, which gets no default signal handling and has to reap orphans: start it under %.*s%s%s",
        STR_ARG(start->tini), start->has_package ? "" : ", a static one from a stage of its own",
        is_changed ? ", without a shell in between" : "");
    struct edits *edits = rule_fix(finding, SAFETY_SAFE);
    insert_tini(check, start, edits);
    insert_entrypoint(check, start, edits);
    note_shell(check, &start->entrypoint, &start->entrypoint_form);
    note_shell(check, &start->cmd, &start->cmd_form);
}

/* What was planned for a stage. */
enum planned { PLANNED_NOTHING, PLANNED_TINI, PLANNED_TINI_AND_STAGE };

/* `has_new_stage`: one that brings tini is planned already, which this stage can copy from in the next pass. */
static enum planned check_stage(struct check *check, const struct stage *stage, bool has_new_stage) {
    struct arena *arena = check->arena;
    struct start start = {.stage = stage, .entrypoint = stage_entrypoint(arena, stage), .cmd = stage_cmd(arena, stage)};
    const struct image *image = stage->image;
    bool is_program = stage_last(stage, DF_CMD) || stage_last(stage, DF_ENTRYPOINT);
    bool image_has_init = image && image->init.n && !start.entrypoint.where && start.entrypoint.is_set;
    if (!is_program || image_has_init || starts_init(arena, &start.entrypoint) || starts_init(arena, &start.cmd))
        return PLANNED_NOTHING;
    const struct df_instruction *where = start.cmd.where ? start.cmd.where : start.entrypoint.where;
    assert(where);
    uint32_t at = where->at.start;
    if (image && image->family->left_alone.n) {
        rule_found(check, at, "left as it is: %.*s", STR_ARG(image->family->left_alone));
        return PLANNED_NOTHING;
    }
    const char *why_not = obstacle(check, &start);
    if (why_not) {
        rule_found(
            check, at,
            "the program is PID 1, which gets no default signal handling and has to reap orphans; tini is not put "
            "in: %s. `init: true` in the compose file or `docker run --init` does the same from outside",
            why_not);
        return PLANNED_NOTHING;
    }
    bool is_new = !start.has_package && start.from.is_new;
    if (is_new && has_new_stage)
        return PLANNED_NOTHING;
    harden_start(check, &start, at);
    return is_new ? PLANNED_TINI_AND_STAGE : PLANNED_TINI;
}

void init_process_dockerfile(struct check *check) {
    bool has_new_stage = false;
    enum planned *planned = arena_array(check->arena, check->document->stages.n, sizeof *planned);
    if (has_init_outside(check->document))
        return;
    /* parents first: what is planned for one reaches the stages that are built on it in the next pass */
    for (uint32_t i = 0; i < check->document->stages.n; i++) {
        const struct stage *stage = &check->document->stages.list[i];
        bool is_planned = false;
        for (const struct stage *parent = stage->parent; parent; parent = parent->parent)
            is_planned |= planned[parent - check->document->stages.list] != PLANNED_NOTHING;
        check->subject = stage->dockerfile->list[stage->from].at.start;
        if (is_final_stage(check, stage) && !is_planned)
            planned[i] = check_stage(check, stage, has_new_stage);
        has_new_stage |= planned[i] == PLANNED_TINI_AND_STAGE;
    }
}
