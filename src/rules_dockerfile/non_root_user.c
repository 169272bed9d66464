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

/* ENV lines for what the program would write to its home folder, which need not be writable. */
static struct str environment(struct arena *arena, const struct stage *stage) {
    struct str_list words = program_words(arena, stage);
    struct buf lines = {.arena = arena};
    for (uint32_t i = 0; words.n && i < template_n_environment; i++) {
        const struct environment *row = &template_environment[i];
        struct str reference = str_printf(arena, "${%.*s}", STR_ARG(row->name));
        if (str_eq(row->program, words.list[0]) && !stage_expand(arena, stage, stage->end, reference).n)
            buf_printf(&lines, "ENV %.*s=%.*s\n", STR_ARG(row->name), STR_ARG(row->value));
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

/* Stages that are built on this one go on as root, as they did. */
static void keep_children(struct check *check, const struct stage *stage, struct edits *edits) {
    struct stages stages = check->document->stages;
    for (uint32_t i = 0; i < stages.n; i++) {
        const struct stage *child = &stages.list[i];
        const struct df_instruction *list = child->dockerfile->list;
        uint32_t first = child->from + 1;
        while (first < child->end && list[first].kind != DF_RUN && list[first].kind != DF_USER)
            first++;
        if (first < child->end && list[first].kind == DF_RUN && inherits_user(child, stage))
            insert_user_root(check, edits, list[child->from].at.end,
                             dockerfile_text(check->arena, child->dockerfile, STR("USER root\n")));
    }
}

static void plan(struct check *check, const struct stage *stage, struct edits *edits, const struct program_user *user) {
    struct arena *arena = check->arena;
    const struct dockerfile *dockerfile = stage->dockerfile;
    struct str uid_text = str_printf(arena, "%u", user->uid), gid_text = str_printf(arena, "%u", user->gid);
    struct str ids = str_printf(arena, "%u:%u", user->uid, user->gid);
    if (user->kind == PROGRAM_USER_CREATED) {
        const struct template_variable list[] = {{"user", user->name}, {"uid", uid_text}, {"gid", gid_text}};
        struct str text = template_fill(arena, stage->image->family->create_user, (struct template_variables){list, 3});
        insert_root_work(check, edits, stage_head(stage)->at.end, dockerfile_text(arena, dockerfile, text));
    }
    uint32_t last = last_root_work(stage);
    own_copies(arena, stage, edits, ids);
    own_folders(check, stage, edits, ids, last);
    struct str lines = environment(arena, stage);
    if (user->base.p)
        edits_add(edits, dockerfile->list[stage->from].words[0].at, user->base);
    else
        lines = str_printf(arena, "%.*sUSER %.*s\n", STR_ARG(lines), STR_ARG(ids));
    if (lines.n)
        rule_insert_after(check, edits, dockerfile->list[last].at.end, dockerfile_text(arena, dockerfile, lines));
    keep_children(check, stage, edits);
}

static struct finding *announce(struct check *check, uint32_t at, const struct program_user *user) {
    if (user->base.p)
        return rule_found(check, at, "runs as root: build it on %.*s, which runs as %.*s (%u:%u)", STR_ARG(user->base),
                          STR_ARG(user->name), user->uid, user->gid);
    if (user->kind == PROGRAM_USER_OF_IMAGE && user->name.n)
        return rule_found(check, at, "runs as root: run it as %.*s (%u:%u), the user that the base image has for it",
                          STR_ARG(user->name), user->uid, user->gid);
    return rule_found(check, at, "runs as root: run it as a user of its own (%u:%u)", user->uid, user->gid);
}

static void check_stage(struct check *check, const struct stage *stage) {
    struct user user = stage_user(check->arena, stage);
    const struct image *image = stage->image;
    const struct df_instruction *from = &stage->dockerfile->list[stage->from];
    if (user.kind == USER_OTHER)
        return;
    if (user.kind == USER_UNKNOWN && user.where) {
        rule_found(check, user.where->at.start,
                   "the user is a variable without a value: give its ARG or ENV a default");
        return;
    }
    const struct df_instruction *start = stage_last(stage, DF_CMD);
    if (!start)
        start = stage_last(stage, DF_ENTRYPOINT);
    uint32_t at = (user.where ? user.where : start ? start : from)->at.start;
    if (!start) {
        rule_found(
            check, at,
            "runs as root, and starts no program of its own: whether it is a base for others cannot be seen. Add "
            "USER where it is run");
        return;
    }
    if (image && image->family->left_alone.n) {
        rule_found(check, at, "left as it is: %.*s", STR_ARG(image->family->left_alone));
        return;
    }
    if (user.kind == USER_UNKNOWN && image) {
        rule_found(check, at, "the user of the base image is not known for certain: add USER yourself");
        return;
    }
    struct program_user new_user = {0};
    struct str why_not = root_reason(check, stage, &new_user);
    if (why_not.p) {
        rule_found(check, at, "runs as root, which is left so: %.*s. Change that, or add USER yourself",
                   STR_ARG(why_not));
        return;
    }
    if (new_user.taken.p) {
        rule_found(check, from->at.start,
                   "%.*s is asked for, and is taken in the base image, or may be: ask for another",
                   STR_ARG(new_user.taken))
            ->is_error = true;
        return;
    }
    plan(check, stage, rule_fix(announce(check, at, &new_user), user.where ? SAFETY_UNSAFE : SAFETY_SAFE), &new_user);
}

void non_root_user_dockerfile(struct check *check) {
    const struct stage *stage;
    for (uint32_t i = 0; (stage = final_stage(check, i)); i++)
        check_stage(check, stage);
}
