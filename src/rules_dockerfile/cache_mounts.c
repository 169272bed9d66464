/* non-root-user: cache mounts belong to the user that RUN runs as. */
#include "non_root_user.h"

/* The value of a key of a mount, "type=cache,target=/x"; {NULL, 0} where it is not given. */
static struct str mount_value(struct str mount, struct str key) {
    struct str rest = mount, part;
    while (str_cut(&rest, ',', &part)) {
        uint32_t equals = str_find(part, 0, '=');
        if (str_eq_nocase(str_sub(part, 0, equals), key))
            return str_sub(part, equals + 1, part.n);
    }
    return (struct str){NULL, 0};
}

/* Whether it is a cache that the builder makes, as root's unless it is told otherwise
 * (docs.docker.com/reference/dockerfile, "RUN --mount=type=cache"). */
static bool is_roots_cache(const struct df_flag *flag) {
    static const struct str keys[] = {STR_INIT("uid"), STR_INIT("gid"), STR_INIT("mode"), STR_INIT("from")};
    if (!str_eq(flag->name, STR("mount")) || !str_eq(mount_value(flag->value, STR("type")), STR("cache")))
        return false;
    for (uint32_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (mount_value(flag->value, keys[i]).p)
            return false;
    return true;
}

static bool has_roots_cache(const struct df_instruction *run) {
    for (uint32_t i = 0; i < run->n_flags; i++)
        if (is_roots_cache(&run->flags[i]))
            return true;
    return false;
}

static void give_caches(struct check *check, const struct df_instruction *run, const struct user *user) {
    if (!user->has_ids) {
        rule_found(check, run->at.start,
                   "RUN runs as %.*s, and its cache mount belongs to root: write the user's numbers into it, "
                   "uid=…,gid=…",
                   STR_ARG(user->text));
        return;
    }
    struct edits *edits = rule_fix(rule_found(check, run->at.start,
                                              "RUN runs as %.*s, and its cache mount belongs to root: give it to %u:%u",
                                              STR_ARG(user->text), user->uid, user->gid),
                                   SAFETY_SAFE);
    for (uint32_t i = 0; i < run->n_flags; i++) {
        uint32_t at = run->flags[i].at.end;
        char last = check->document->source.text.p[at - 1];
        at -= last == '"' || last == '\'';
        if (is_roots_cache(&run->flags[i]))
            edits_add(edits, (struct span){at, at}, str_printf(check->arena, ",uid=%u,gid=%u", user->uid, user->gid));
    }
}

static void check_stage(struct check *check, const struct stage *stage) {
    struct stage above = *stage;
    struct user user = {0};
    bool is_found = false; /* the user that holds at the instruction */
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        const struct df_instruction *instruction = &stage->dockerfile->list[i];
        is_found &= instruction->kind != DF_USER;
        if (instruction->kind != DF_RUN || !has_roots_cache(instruction))
            continue;
        above.end = i;
        if (!is_found)
            user = stage_user(check->arena, &above);
        is_found = true;
        if (user.kind == USER_OTHER)
            give_caches(check, instruction, &user);
    }
}

void own_cache_mounts(struct check *check) {
    for (uint32_t i = 0; i < check->document->stages.n; i++)
        check_stage(check, &check->document->stages.list[i]);
}
