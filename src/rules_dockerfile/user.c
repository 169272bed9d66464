/* non-root-user: which user a stage's program gets, by what is known of its base image. */
#include "non_root_user.h"

#include "account.h"

/* The user of the image that the program can run as, for certain. */
static bool has_user(const struct image *image) {
    return image->uid && !(image->unverified & UNVERIFIED_USER);
}

/* --- a new user ----------------------------------------------------------------------------------------------------
 */

static bool is_free(struct arena *arena, const struct stage *stage, uint32_t id) {
    const struct image *image = stage->image;
    return id != image->uid && id != image->gid && !image_ids_may_have(image->family->taken_uids, id) &&
           !image_ids_may_have(image->family->taken_gids, id) &&
           !account_may_exist(arena, stage, str_printf(arena, "%u", id));
}

/* The first free one from `id` on. False where there is none within reach. */
static bool find_free(struct arena *arena, const struct stage *stage, uint32_t *id) {
    for (uint32_t last = *id + 100; *id < last; ++*id)
        if (is_free(arena, stage, *id))
            return true;
    return false;
}

/* An id that is asked for, or a free one. *ret_taken: the first that is asked for and not free. */
static bool find_id(struct arena *arena, const struct stage *stage, const char *what, uint32_t asked, uint32_t *id,
                    struct str *ret_taken) {
    if (!asked)
        return find_free(arena, stage, id);
    *id = asked;
    if (!is_free(arena, stage, asked) && !ret_taken->p)
        *ret_taken = str_printf(arena, "%s %u", what, asked);
    return true;
}

static bool has_name(struct arena *arena, const struct stage *stage, struct str name) {
    return str_eq(stage->image->user, name) || account_may_exist(arena, stage, name);
}

static const char *make_user(struct arena *arena, const struct stage *stage, const struct config_user *asked,
                             struct program_user *user) {
    bool is_named = user->kind == PROGRAM_USER_CREATED;
    user->name = STR(NEW_USER);
    user->uid = user->gid = NEW_ID;
    if (asked->name.n)
        user->name = asked->name;
    else if (is_named && has_name(arena, stage, user->name))
        user->name = STR(NEW_USER "user");
    bool is_taken = is_named && has_name(arena, stage, user->name);
    if (is_taken && !asked->name.n)
        return "which users and groups it makes is not known, so that a name for another cannot be chosen";
    if (is_taken)
        user->taken = user->name;
    if (!find_id(arena, stage, "uid", asked->uid, &user->uid, &user->taken) ||
        !find_id(arena, stage, "gid", asked->gid ? asked->gid : asked->uid, &user->gid, &user->taken))
        return "which users and groups it makes is not known, so that ids for another cannot be chosen";
    return NULL;
}

/* --- a base image that runs as its user ----------------------------------------------------------------------------
 */

/* Whether another working directory and user of the base image change nothing in the stage: it says itself where it
 * works before that matters, and runs nothing. */
static bool is_independent(struct arena *arena, const struct stage *stage) {
    bool has_workdir = false;
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        const struct df_instruction *instruction = &stage->dockerfile->list[i];
        bool is_copy = stage_is_copy(instruction);
        struct str path = {NULL, 0};
        if (instruction->kind == DF_RUN || instruction->kind == DF_USER)
            return false;
        if (instruction->n_words && (is_copy || instruction->kind == DF_WORKDIR))
            path = stage_expand(arena, stage, i, instruction->words[instruction->n_words - 1].text);
        bool is_absolute = str_starts(path, STR("/"));
        if ((is_copy || instruction->kind == DF_WORKDIR) && !is_absolute && !has_workdir)
            return false;
        has_workdir |= instruction->kind == DF_WORKDIR && is_absolute;
    }
    return has_workdir;
}

/* What FROM names for the image that runs as its user; {NULL, 0} where there is none that can stand in. */
static struct str nonroot_base(struct arena *arena, const struct stage *stage) {
    const struct df_word *word = &stage->dockerfile->list[stage->from].words[0];
    struct str tag = stage->reference.tag, nonroot = stage->image->nonroot, name = word->text;
    if (stage->parent || !nonroot.n || stage->reference.digest.p || !is_independent(arena, stage) ||
        !str_eq(source_slice(stage->dockerfile->source, word->at), stage->base))
        return (struct str){NULL, 0};
    if (!str_eq(tag, STR("latest")) && !str_eq(nonroot, str_printf(arena, "%.*s-nonroot", STR_ARG(tag))))
        return (struct str){NULL, 0};
    if (str_ends(name, str_printf(arena, ":%.*s", STR_ARG(tag))))
        name = str_sub(name, 0, name.n - tag.n - 1);
    return str_printf(arena, "%.*s:%.*s", STR_ARG(name), STR_ARG(nonroot));
}

const char *choose_user(const struct check *check, const struct stage *stage, struct program_user *ret) {
    struct arena *arena = check->arena;
    const struct config_user *asked = &check->document->config->user;
    const struct image *image = stage->image;
    if (has_user(image) && (!asked->uid || asked->uid == image->uid)) {
        bool is_asked = asked->gid && asked->gid != image->gid;
        *ret = (struct program_user){.kind = PROGRAM_USER_OF_IMAGE,
                                     .name = image->user,
                                     .uid = image->uid,
                                     .gid = is_asked ? asked->gid : image->gid,
                                     .base = is_asked ? (struct str){NULL, 0} : nonroot_base(arena, stage)};
        return NULL;
    }
    *ret = (struct program_user){.kind = image->has_shell ? PROGRAM_USER_CREATED : PROGRAM_USER_NUMBERS};
    if (image->has_shell && !image->family->create_user.n)
        return "how to create a user on its base image is not known";
    if (image->has_shell && !starts_as_root(arena, stage))
        return "its base image does not build as root, so that no user can be created";
    return make_user(arena, stage, asked, ret);
}
