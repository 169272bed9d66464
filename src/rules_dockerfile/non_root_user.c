/* non-root-user: the final stage runs as the image's own user, or as one that is created for it. */
#include "non_root_user.h"

#include "program.h"
#include "template.h"

/* The last instruction that changes the file system: root's work ends there. */
static uint32_t last_root_work(const struct stage *stage) {
    uint32_t last = (uint32_t)(stage_head(stage) - stage->dockerfile->list);
    for (uint32_t i = last + 1; i < stage->end; i++) {
        enum df_kind kind = stage->dockerfile->list[i].kind;
        if (kind == DF_RUN || stage_is_copy(&stage->dockerfile->list[i]) || kind == DF_WORKDIR || kind == DF_USER)
            last = i;
    }
    return last;
}

static struct finding *report(struct check *check, uint32_t at, const struct runner *runner) {
    static const char *const whose[] = {[RUNNER_IMAGE] = "base image has for it", [RUNNER_MADE] = "Dockerfile makes"};
    if (runner->kind == RUNNER_ASKED)
        return rule_found(check, at, "runs as root: run it as %.*s, as the comment user=%.*s asks",
                          STR_ARG(runner->text), STR_ARG(runner->name));
    if (runner->base.p)
        return rule_found(check, at, "runs as root: build it on %.*s, which runs as %.*s (%.*s)", STR_ARG(runner->base),
                          STR_ARG(runner->name), STR_ARG(runner->text));
    if (runner->kind == RUNNER_NEW || runner->kind == RUNNER_BARE || !runner->name.n)
        return rule_found(check, at, "runs as root: run it as a user of its own (%.*s)", STR_ARG(runner->text));
    if (runner->has_uid)
        return rule_found(check, at, "runs as root: run it as %.*s (%.*s), the user that the %s", STR_ARG(runner->name),
                          STR_ARG(runner->text), whose[runner->kind]);
    return rule_found(check, at,
                      "runs as root: run it as %.*s, the user that the Dockerfile makes. Make it with a number, which "
                      "Kubernetes asks for",
                      STR_ARG(runner->name));
}

/* --- the fix -------------------------------------------------------------------------------------------------------
 */

/* A check of all stages. */
struct pass {
    struct check *check;
    const struct runner **planned; /* by stage: the user that it gets in this pass; NULL for none */
    uint32_t *findings;            /* by stage that gets one: the index of the finding whose fix says so */
};

/* The nearest parent that gets a user in this pass; NULL where there is none. */
static const struct stage *planned_parent(const struct pass *pass, const struct stage *stage) {
    const struct stage *parent = stage->parent;
    while (parent && !pass->planned[parent - pass->check->document->stages.list])
        parent = parent->parent;
    return parent;
}

/* Whether the container of a stage starts the program that a variable is for. */
static bool is_for_program(struct arena *arena, const struct environment *row, const struct stage *stage) {
    if (row->program.n)
        return program_starts(arena, stage, row->program);
    const struct dockerfile *dockerfile = stage->dockerfile;
    struct str_list words = program_words(arena, stage);
    for (uint32_t i = 0; words.n > 1 && str_eq(words.list[1], row->word) && i < dockerfile->n; i++)
        if (dockerfile->list[i].kind == DF_RUN &&
            str_contains(source_slice(dockerfile->source, dockerfile->list[i].args), row->run))
            return true;
    return false;
}

/* ENV lines for what the program would write to its home folder or its own, which need not be writable. */
static struct str environment(const struct pass *pass, const struct stage *stage) {
    struct arena *arena = pass->check->arena;
    const struct stage *parent = planned_parent(pass, stage);
    struct buf lines = {.arena = arena};
    for (uint32_t i = 0; i < template_n_environment; i++) {
        const struct environment *row = &template_environment[i];
        struct str reference = str_printf(arena, "${%.*s}", STR_ARG(row->name));
        struct str line = str_printf(arena, "ENV %.*s=%.*s\n", STR_ARG(row->name), STR_ARG(row->value));
        if (is_for_program(arena, row, stage) && !(parent && is_for_program(arena, row, parent)) &&
            !stage_expand(arena, stage, stage->end, reference).n && !str_contains(buf_str(&lines), line))
            buf_add(&lines, line);
    }
    return buf_str(&lines);
}

/* Whether what the stage says of its user is what the child starts with. */
static bool inherits_user(const struct stage *child, const struct stage *stage) {
    const struct stage *parent = child->parent;
    while (parent && parent != stage && !stage_own(parent, DF_USER) && !stage_own(parent, DF_RUN))
        parent = parent->parent;
    return parent == stage;
}

/* Whether a stage needs root again that had it from its parent: for its own instructions, or for its program. */
static bool needs_root_again(struct check *check, const struct stage *child) {
    const struct df_instruction *list = child->dockerfile->list;
    for (uint32_t i = child->from + 1; i < child->end; i++)
        if (list[i].kind == DF_RUN || list[i].kind == DF_USER)
            return list[i].kind == DF_RUN;
    struct runner runner = find_runner(check, child);
    return is_final_stage(check, child) && root_reason(check, child, &runner).p;
}

/* Stages that are built on this one go on as root, as they did. */
static void keep_children(struct check *check, const struct stage *stage, struct edits *edits) {
    for (uint32_t i = 0; i < check->document->stages.n; i++) {
        const struct stage *child = &check->document->stages.list[i];
        if (inherits_user(child, stage) && needs_root_again(check, child))
            insert_user_root(check, edits, child->dockerfile->list[child->from].at.end,
                             dockerfile_text(check->arena, child->dockerfile, STR("USER root\n")));
    }
}

static void create_user(struct check *check, const struct stage *stage, const struct runner *runner,
                        struct edits *edits) {
    insert_root_work(check, edits, stage_head(stage)->at.end, new_user_lines(check->arena, stage, runner));
}

static void plan(const struct pass *pass, const struct stage *stage, const struct runner *runner, struct edits *edits) {
    struct check *check = pass->check;
    const struct dockerfile *dockerfile = stage->dockerfile;
    const struct stage *parent = planned_parent(pass, stage);
    if (runner->kind == RUNNER_NEW &&
        !(parent && pass->planned[parent - check->document->stages.list]->kind == RUNNER_NEW))
        create_user(check, stage, runner, edits);
    uint32_t last = last_root_work(stage);
    own_copies(check->arena, stage, runner, edits);
    own_folders(check, stage, runner, edits, last);
    struct str lines = environment(pass, stage);
    if (runner->base.p)
        edits_add(edits, dockerfile->list[stage->from].words[0].at, runner->base);
    else
        lines = str_printf(check->arena, "%.*sUSER %.*s\n", STR_ARG(lines), STR_ARG(runner->text));
    if (lines.n)
        rule_insert_after(check, edits, dockerfile->list[last].at.end,
                          dockerfile_text(check->arena, dockerfile, lines));
    keep_children(check, stage, edits);
}

/* --- the check -----------------------------------------------------------------------------------------------------
 */

/* Whether the stage has its user from a parent that gets one in this pass, and nothing to add. */
static bool is_done_by_parent(const struct pass *pass, const struct stage *stage) {
    const struct stage *parent = planned_parent(pass, stage);
    bool changes_files = last_root_work(stage) != (uint32_t)(stage_head(stage) - stage->dockerfile->list);
    return parent && inherits_user(stage, parent) && !changes_files && !environment(pass, stage).n;
}

/* What a stage gets beside what its parent gets is not right without that, nor that without it: a USER root that is put
 * in for its own work would be taken for a wish. So both are one fix, unless somebody wrote the stage's user on
 * purpose. NULL where it is not going to be applied. */
static const struct runner *fix(const struct pass *pass, const struct stage *stage, const struct runner *runner,
                                struct finding *finding, enum safety safety) {
    struct check *check = pass->check;
    const struct stage *parent = planned_parent(pass, stage), *list = check->document->stages.list;
    struct edits *edits = rule_fix(finding, safety);
    bool is_coming = rule_is_coming(check, finding);
    uint32_t own = check->findings.n - 1, first = parent ? pass->findings[parent - list] : own;
    finding->needs = parent ? first + 1 : 0;
    if (safety == SAFETY_SAFE && is_coming)
        edits = &check->findings.at[first].edits;
    else
        first = own;
    pass->findings[stage - list] = first;
    plan(pass, stage, runner, edits);
    return is_coming ? runner : NULL;
}

/* Whether a stage is split in this pass: what is said of it then may not hold for the two. */
static bool is_split_coming(const struct check *check) {
    for (uint32_t i = 0; i < check->findings.n; i++)
        if (check->findings.at[i].is_alone && rule_is_coming(check, &check->findings.at[i]))
            return true;
    return false;
}

/* NULL where nothing was planned. */
static const struct runner *check_stage(const struct pass *pass, const struct stage *stage) {
    struct check *check = pass->check;
    struct user user = stage_user(check->arena, stage);
    const struct image *image = stage->image;
    if (user.kind == USER_OTHER)
        return NULL;
    if (user.kind == USER_UNKNOWN && user.where) {
        rule_found(check, user.where->at.start,
                   image ? "the user is a variable without a value: give its ARG or ENV a default"
                         : "the user is a variable without a value here, and nothing is known of the base image, which "
                           "may give it one: write the user's name or number");
        return NULL;
    }
    const struct df_instruction *start = stage_last(stage, DF_CMD);
    if (!start)
        start = stage_last(stage, DF_ENTRYPOINT);
    const struct df_instruction *from = &stage->dockerfile->list[stage->from];
    uint32_t at = (user.where ? user.where : start ? start : from)->at.start;
    if (image && image->family->left_alone.n) {
        rule_found(check, at, "left as it is: %.*s", STR_ARG(image->family->left_alone));
        return NULL;
    }
    if (!start && !(image && image->starts_as_root.n)) {
        rule_found(check, at,
                   "%s as root, and has no CMD or ENTRYPOINT here: whether it is a base for others cannot be seen. "
                   "Add USER where it is run",
                   user.kind == USER_ROOT ? "runs" : "may run");
        return NULL;
    }
    if (user.kind == USER_UNKNOWN && image) {
        rule_found(check, at, "the user of the base image is not known for certain: add USER yourself");
        return NULL;
    }
    struct runner *runner = arena_new(check->arena, struct runner);
    *runner = find_runner(check, stage);
    struct str reason = root_reason(check, stage, runner);
    if (reason.p) {
        struct finding *finding = rule_found(check, at, "%s as root, which is left so: %.*s",
                                             user.kind == USER_ROOT ? "runs" : "may run", STR_ARG(reason));
        finding->is_passing = at != from->at.start && is_split_coming(check);
        return NULL;
    }
    if (runner->taken.p) {
        rule_found(check, from->at.start,
                   "%.*s is asked for, and is taken in the base image, or may be: ask for another",
                   STR_ARG(runner->taken))
            ->is_error = true;
        return NULL;
    }
    if (is_done_by_parent(pass, stage))
        return NULL;
    bool is_asked = !user.where || runner->kind == RUNNER_ASKED;
    return fix(pass, stage, runner, report(check, at, runner), is_asked ? SAFETY_SAFE : SAFETY_UNSAFE);
}

void non_root_user_dockerfile(struct check *check) {
    uint32_t n = check->document->stages.n;
    struct pass pass = {check, arena_array(check->arena, n, sizeof *pass.planned),
                        arena_array(check->arena, n, sizeof *pass.findings)};
    /* parents first: a child has what they get */
    for (uint32_t i = 0; i < n; i++) {
        const struct stage *stage = &check->document->stages.list[i];
        check->subject = stage->dockerfile->list[stage->from].at.start;
        if (is_final_stage(check, stage))
            pass.planned[i] = check_stage(&pass, stage);
    }
    own_cache_mounts(check);
}
