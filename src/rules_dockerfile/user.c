/* non-root-user: which user a stage's program gets, by what is known of its base image. */
#include "non_root_user.h"

#include "account.h"
#include "program.h"
#include "template.h"

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
                             struct runner *user) {
    user->name = STR(NEW_USER);
    if (asked->name.n)
        user->name = asked->name;
    else if (has_name(arena, stage, user->name))
        user->name = STR(NEW_USER "user");
    bool is_taken = has_name(arena, stage, user->name);
    if (is_taken && !asked->name.n)
        return "which users and groups it makes is not known, so that a name for another cannot be chosen";
    if (is_taken)
        user->taken = user->name;
    if (!find_id(arena, stage, "uid", asked->uid, &user->uid, &user->taken) ||
        !find_id(arena, stage, "gid", asked->gid ? asked->gid : asked->uid, &user->gid, &user->taken))
        return "which users and groups it makes is not known, so that ids for another cannot be chosen";
    return NULL;
}

struct str new_user_lines(struct arena *arena, const struct stage *stage, const struct runner *runner) {
    struct str uid = str_printf(arena, "%u", runner->uid), gid = str_printf(arena, "%u", runner->gid);
    const struct template_variable list[] = {{"user", runner->name}, {"uid", uid}, {"gid", gid}};
    struct str text = template_fill(arena, stage->image->family->create_user, (struct template_variables){list, 3});
    return dockerfile_text(arena, stage->dockerfile, text);
}

/* Whether two texts have the same lines, whatever these end in. */
static bool is_same_text(struct str a, struct str b) {
    struct str line = {NULL, 0}, other = {NULL, 0};
    bool has = true, has_other = true;
    while (has && has_other && str_eq(str_trim(line), str_trim(other))) {
        has = str_cut(&a, '\n', &line);
        has_other = str_cut(&b, '\n', &other);
    }
    return !has && !has_other;
}

bool makes_new_user(const struct check *check, const struct stage *stage, const struct df_instruction *run) {
    const struct str names[] = {check->document->config->user.name, STR(NEW_USER), STR(NEW_USER "user")};
    struct user user = stage_user(check->arena, stage);
    struct runner runner = {.uid = user.uid, .gid = user.gid};
    bool makes = false;
    for (size_t i = 0; user.has_ids && run->kind == DF_RUN && i < sizeof names / sizeof *names; i++) {
        runner.name = names[i];
        makes |= is_same_text(source_slice(stage->dockerfile->source, run->at),
                              str_trim(new_user_lines(check->arena, stage, &runner)));
    }
    return makes;
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

bool starts_image_program(struct arena *arena, const struct stage *stage) {
    struct str_list words = program_words(arena, stage);
    return stage->image->n_cmd && words.n && str_eq(path_name(words.list[0]), path_name(stage->image->cmd[0]));
}

/* --- the choice ----------------------------------------------------------------------------------------------------
 */

/* Numbers alone, which need no entry, nor that nobody has them. */
static struct runner bare_runner(const struct config_user *asked) {
    struct runner runner = {.kind = RUNNER_BARE, .has_uid = true};
    config_ids(asked, &runner.uid, &runner.gid);
    return runner;
}

static struct runner new_runner(const struct check *check, const struct stage *stage) {
    const struct image *image = stage->image;
    struct runner runner = {.kind = RUNNER_NEW, .has_uid = true, .uid = NEW_ID, .gid = NEW_ID};
    if (!image)
        return runner;
    if (!image->has_shell)
        runner = bare_runner(&check->document->config->user);
    else if (!image->family->create_user.n)
        runner.why_not = "how to create a user on its base image is not known";
    else if (!starts_as_root(check->arena, stage))
        runner.why_not = "its base image does not build as root, so that no user can be created";
    else
        runner.why_not = make_user(check->arena, stage, &check->document->config->user, &runner);
    return runner;
}

static struct runner image_runner(const struct check *check, const struct stage *stage) {
    const struct image *image = stage->image;
    uint32_t gid = check->document->config->user.gid;
    bool is_asked = gid && gid != image->gid;
    return (struct runner){.kind = RUNNER_IMAGE,
                           .name = image->user,
                           .has_uid = true,
                           .uid = image->uid,
                           .gid = is_asked ? gid : image->gid,
                           .is_worker = image->also_as_user && starts_image_program(check->arena, stage),
                           .base = is_asked ? (struct str){NULL, 0} : nonroot_base(check->arena, stage)};
}

/* The user that a comment asks for; it is one of the image, or a number. */
static struct runner asked_runner(struct arena *arena, const struct user *user) {
    struct runner runner = {
        .kind = RUNNER_ASKED, .name = user->text, .has_uid = true, .uid = user->uid, .gid = user->gid};
    if (user->kind == USER_ROOT)
        runner.why_not = "a comment asks for root: to leave it so, write ignore=non-root-user with the reason";
    else if (!user->has_ids)
        runner.why_not = str_printf(arena,
                                    "a comment asks for the user %.*s, whose ids are not known: make it with numbers "
                                    "(--uid, --gid), or write user=UID:GID",
                                    STR_ARG(user->text))
                             .p;
    return runner;
}

struct runner find_runner(const struct check *check, const struct stage *stage) {
    struct user hinted = stage_hinted_user(check->arena, stage);
    struct accounts accounts = accounts_of(check->arena, stage);
    uint32_t asked = check->document->config->user.uid;
    struct runner runner;
    bool has_gid = true;
    if (hinted.text.p) {
        runner = asked_runner(check->arena, &hinted);
    } else if (accounts.list.n == 1) {
        const struct account *account = accounts.list.at[0];
        runner = (struct runner){.kind = RUNNER_MADE,
                                 .name = account->name,
                                 .has_uid = account->has_uid,
                                 .uid = account->uid,
                                 .gid = account->gid};
        has_gid = account->has_gid;
    } else if (stage->image && has_user(stage->image) && (!asked || asked == stage->image->uid)) {
        runner = image_runner(check, stage);
    } else {
        runner = new_runner(check, stage);
    }
    runner.text = !runner.has_uid ? runner.name
                  : has_gid       ? str_printf(check->arena, "%u:%u", runner.uid, runner.gid)
                                  : str_printf(check->arena, "%u", runner.uid);
    runner.written = written_folders(check, stage);
    return runner;
}
