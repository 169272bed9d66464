#include "stage.h"

#include "account.h"
#include "shell.h"

/* --- stages --------------------------------------------------------------------------------------------------------
 */

struct scope {
    const struct stage *stage; /* NULL: the ARGs before the first FROM */
    const struct dockerfile *dockerfile;
    uint32_t end;       /* instructions before this one are seen */
    uint32_t depth;     /* variables within variables */
    uint32_t *look_ups; /* that are still allowed for the text at hand */
};

/* Values may refer to values; every level can multiply length and time. What goes beyond is not known. */
enum { MAX_DEPTH = 16, MAX_LOOK_UPS = 1000, MAX_VALUE = 4096 };

static struct str unquoted_default(struct str text, struct str name) {
    return text.n > name.n && text.p[name.n] == '=' && str_starts(text, name) ? str_sub(text, name.n + 1, text.n)
                                                                              : (struct str){NULL, 0};
}

static struct str expand_in(struct arena *arena, const struct scope *scope, struct str text);

static uint32_t first_from(const struct dockerfile *dockerfile) {
    uint32_t i = 0;
    while (i < dockerfile->n && dockerfile->list[i].kind != DF_FROM)
        i++;
    return i;
}

/* What an instruction of the kind ENV or ARG gives `name`, not yet expanded; {NULL, 0}: nothing. An ARG without a
 * default takes the one of before the first FROM: *ret_is_bare. */
static struct str given_value(const struct df_instruction *instruction, struct str name, bool *ret_is_bare) {
    struct str value = {NULL, 0};
    *ret_is_bare = false;
    for (uint32_t i = 0; instruction->kind == DF_ENV && i + 2 < instruction->n_words; i += 3)
        if (str_eq(instruction->words[i].text, name))
            value = instruction->words[i + 1].text;
    for (uint32_t i = 0; instruction->kind == DF_ARG && i < instruction->n_words; i++) {
        struct str given = unquoted_default(instruction->words[i].text, name);
        value = given.p ? given : value;
        *ret_is_bare |= !given.p && str_eq(instruction->words[i].text, name);
    }
    return value;
}

/* Whether instructions of a kind in [from, to) say what `name` is, the last one first. *ret is {NULL, 0} where what
 * they say cannot be known. */
static bool look_back(struct arena *arena, const struct scope *scope, enum df_kind kind, uint32_t from, uint32_t to,
                      struct str name, struct str *ret) {
    for (uint32_t i = to; i > from; i = scope->dockerfile->list[i - 1].variable_above) {
        const struct df_instruction *instruction = &scope->dockerfile->list[i - 1];
        bool is_bare;
        if (instruction->kind != kind)
            continue;
        struct str value = given_value(instruction, name, &is_bare);
        struct scope before = {scope->stage, scope->dockerfile, i - 1, scope->depth + 1, scope->look_ups};
        if (value.p) {
            *ret = expand_in(arena, &before, value);
            *ret = ret->n <= MAX_VALUE ? *ret : (struct str){NULL, 0};
            return true;
        }
        before.stage = NULL;
        if (is_bare && scope->stage && look_back(arena, &before, DF_ARG, 0, first_from(scope->dockerfile), name, ret))
            return true;
    }
    return false;
}

struct lookup {
    struct arena *arena;
    const struct scope *scope;
};

static struct str lookup_value(void *context, struct str name, bool *ret_known) {
    struct lookup *lookup = context;
    const struct scope *scope = lookup->scope;
    struct str value = {NULL, 0};
    *ret_known = false;
    if (*scope->look_ups == 0)
        return value;
    --*scope->look_ups;
    bool is_given = false;
    uint32_t first = first_from(scope->dockerfile);
    if (!scope->stage)
        is_given = look_back(lookup->arena, scope, DF_ARG, 0, scope->end < first ? scope->end : first, name, &value);
    /* ENV hides ARG, whichever comes first */
    for (int i = 0; i < 2 && scope->stage && !is_given; i++) {
        uint32_t end = scope->end;
        for (const struct stage *stage = scope->stage; stage && !is_given; stage = stage->parent) {
            struct scope inner = {stage, scope->dockerfile, end, scope->depth, scope->look_ups};
            is_given = look_back(lookup->arena, &inner, i == 0 ? DF_ENV : DF_ARG, stage->from + 1, end, name, &value);
            end = stage->parent ? stage->parent->end : 0;
        }
    }
    *ret_known = value.p != NULL;
    return value;
}

static struct str expand_in(struct arena *arena, const struct scope *scope, struct str text) {
    if (str_find(text, 0, '$') == text.n && str_find(text, 0, scope->dockerfile->escape) == text.n &&
        str_find(text, 0, '"') == text.n && str_find(text, 0, '\'') == text.n)
        return text;
    if (scope->depth > MAX_DEPTH)
        return (struct str){NULL, 0};
    struct lookup lookup = {arena, scope};
    struct df_lookup look_up = {lookup_value, &lookup};
    struct str result, unknown;
    return df_expand(arena, text, scope->dockerfile->escape, &look_up, &result, &unknown) ? result
                                                                                          : (struct str){NULL, 0};
}

struct str stage_expand(struct arena *arena, const struct stage *stage, uint32_t index, struct str text) {
    uint32_t look_ups = MAX_LOOK_UPS;
    struct scope scope = {stage, stage->dockerfile, index, 0, &look_ups};
    return expand_in(arena, &scope, text);
}

const struct stage *stages_target(struct stages stages, struct str name) {
    uint32_t index;
    if (name.n == 0)
        return stages.n ? &stages.list[stages.n - 1] : NULL;
    for (uint32_t i = stages.n; i > 0; i--)
        if (stages.list[i - 1].name.n && str_eq_nocase(stages.list[i - 1].name, name))
            return &stages.list[i - 1]; /* cppcheck-suppress returnDanglingLifetime ; the list is not in the struct */
    return str_number(name, UINT32_MAX, &index) && index < stages.n ? &stages.list[index] : NULL;
}

bool stage_is_target(const struct stage *stage, struct str name) {
    const struct stage *last = stage->first;
    while (last->end < last->dockerfile->n)
        last++;
    struct stages all = {(struct stage *)stage->first, (uint32_t)(last - stage->first) + 1};
    return stages_target(all, name) == stage;
}

static void find_base(struct arena *arena, struct stage *stage, struct stages earlier,
                      const struct image_table *images) {
    const struct df_instruction *from = &stage->dockerfile->list[stage->from];
    uint32_t look_ups = MAX_LOOK_UPS;
    struct scope global = {NULL, stage->dockerfile, stage->from, 0, &look_ups};
    if (from->n_words == 0)
        return;
    stage->base = expand_in(arena, &global, from->words[0].text);
    if (from->n_words == 3)
        stage->name = from->words[2].text;
    uint32_t index;
    if (!stage->base.n)
        return;
    /* an index names a stage in COPY --from and --target only, never in FROM */
    if (!str_number(stage->base, UINT32_MAX, &index))
        stage->parent = earlier.n ? stages_target(earlier, stage->base) : NULL;
    if (stage->parent) {
        stage->reference = stage->parent->reference;
        stage->image = stage->parent->image;
    } else if (image_reference_parse(stage->base, &stage->reference)) {
        stage->image = image_find(images, &stage->reference);
    }
}

/* Whether a RUN instruction is a here-document and nothing else, which the shell runs: `RUN <<EOF`. One with a line #!
 * is run by whatever that names. */
static bool is_script(const struct df_instruction *run) {
    static const struct str signs[] = {STR_INIT("<<"), STR_INIT("<<-")};
    if (run->n_heredocs != 1 || run->n_words != 1 || str_starts(str_trim(run->heredocs[0].content), STR("#!")))
        return false;
    struct str line = str_trim(run->words[0].text), name = run->heredocs[0].name;
    return str_ends(line, name) && STR_IS_IN(str_sub(line, 0, line.n - name.n), signs);
}

static const struct shell_script *parse_script(struct arena *arena, const struct df_instruction *run) {
    if (run->kind != DF_RUN || run->is_json || !run->n_words)
        return NULL;
    if (is_script(run))
        return shell_parse(arena, run->heredocs[0].content);
    return run->n_heredocs ? NULL : shell_parse(arena, run->words[0].text);
}

struct stages stages_of(struct arena *arena, const struct dockerfile *dockerfile, const struct image_table *images) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < dockerfile->n; i++)
        n += dockerfile->list[i].kind == DF_FROM;
    struct stages stages = {arena_array(arena, n, sizeof *stages.list), 0};
    for (uint32_t i = first_from(dockerfile); i < dockerfile->n; i++) {
        struct df_instruction *instruction = &dockerfile->list[i];
        instruction->script = parse_script(arena, instruction);
        instruction->is_read = true;
        if (instruction->kind == DF_FROM) {
            struct stage *stage = &stages.list[stages.n];
            *stage = (struct stage){.dockerfile = dockerfile, .name = STR(""), .from = i, .first = stages.list};
            find_base(arena, stage, stages, images);
            stages.n++;
        }
        stages.list[stages.n - 1].end = i + 1;
    }
    return stages;
}

/* --- working directory -------------------------------------------------------------------------------------------- */

/* Paths of WORKDIR instructions, the last one first, up to one that is absolute or unknown. */
struct workdirs {
    VEC(struct str) paths;
    bool is_settled;
};

static void add_workdirs(struct arena *arena, const struct stage *stage, uint32_t end, struct workdirs *workdirs) {
    for (uint32_t i = end; i > stage->from && !workdirs->is_settled; i = stage->dockerfile->list[i - 1].workdir_above) {
        const struct df_instruction *instruction = &stage->dockerfile->list[i - 1];
        if (instruction->kind != DF_WORKDIR)
            continue;
        struct str path = stage_expand(arena, stage, i - 1, instruction->words[0].text);
        *vec_push(arena, &workdirs->paths) = path;
        workdirs->is_settled = !path.p || str_starts(path, STR("/"));
    }
}

struct str stage_workdir(struct arena *arena, const struct stage *stage, uint32_t index) {
    struct workdirs workdirs = {0};
    add_workdirs(arena, stage, index, &workdirs);
    for (; stage->parent && !workdirs.is_settled; stage = stage->parent)
        add_workdirs(arena, stage->parent, stage->parent->end, &workdirs);
    if (workdirs.is_settled ? !workdirs.paths.at[workdirs.paths.n - 1].p : !stage->image)
        return (struct str){NULL, 0};
    if (workdirs.is_settled && workdirs.paths.n == 1)
        return path_join(arena, STR(""), workdirs.paths.at[0]);
    struct str start = !workdirs.is_settled && stage->image->workdir.n ? stage->image->workdir : STR("/");
    struct buf path = {.arena = arena};
    for (uint32_t i = workdirs.paths.n; i > 0; i--)
        buf_printf(&path, "/%.*s", STR_ARG(workdirs.paths.at[i - 1]));
    return path_join(arena, STR(""), str_printf(arena, "%.*s/%.*s", STR_ARG(start), STR_ARG(buf_str(&path))));
}

bool stage_is_copy(const struct df_instruction *instruction) {
    return instruction->kind == DF_COPY || instruction->kind == DF_ADD;
}

struct str stage_copy_target(struct arena *arena, const struct stage *stage, uint32_t index) {
    const struct df_instruction *copy = &stage->dockerfile->list[index];
    if (!stage_is_copy(copy) || copy->n_words < 2)
        return (struct str){NULL, 0};
    struct str path = stage_expand(arena, stage, index, copy->words[copy->n_words - 1].text);
    struct str directory = path.p && !str_starts(path, STR("/")) ? stage_workdir(arena, stage, index) : STR("/");
    return path.p && directory.p ? path_join(arena, directory, path) : (struct str){NULL, 0};
}

const struct stage *stage_copy_source(const struct stage *stage, const struct df_instruction *copy) {
    struct stages earlier = {(struct stage *)stage->first, (uint32_t)(stage - stage->first)};
    struct str name = df_flag(copy, STR("from"));
    return name.n ? stages_target(earlier, name) : NULL;
}

const struct shell_script *stage_script(struct arena *arena, const struct df_instruction *run) {
    return run->is_read ? run->script : parse_script(arena, run);
}

/* --- what holds at the end -----------------------------------------------------------------------------------------
 */

const struct df_instruction *stage_own(const struct stage *stage, enum df_kind kind) {
    for (uint32_t i = stage->end; i > stage->from; i--)
        if (stage->dockerfile->list[i - 1].kind == kind)
            return &stage->dockerfile->list[i - 1];
    return NULL;
}

const struct df_instruction *stage_last(const struct stage *stage, enum df_kind kind) {
    const struct df_instruction *found = NULL;
    for (; stage && !found; stage = stage->parent)
        found = stage_own(stage, kind);
    return found;
}

/* Whether the user that USER names is the one that the image has for its program. */
static bool is_images_user(const struct image *image, struct str name, uint32_t uid) {
    uint32_t number;
    if (!image || !image->uid || image->unverified & (UNVERIFIED_USER | UNVERIFIED_ALL))
        return false;
    return str_number(name, UINT32_MAX - 1, &number) ? number == image->uid && number == uid
                                                     : str_eq(name, image->user) || str_eq(name, image->runs_as);
}

/* The ids of a user named in USER: "1000", "1000:1000", a user that a RUN instruction makes, or that the image has. */
static void find_ids(struct arena *arena, const struct stage *stage, struct user *user) {
    struct str group = user->text, name = group;
    str_cut(&group, ':', &name);
    bool has_uid = str_number(name, UINT32_MAX - 1, &user->uid);
    bool has_gid = group.p && str_number(group, UINT32_MAX - 1, &user->gid);
    if (!has_uid || !has_gid) {
        struct accounts accounts = accounts_of(arena, stage);
        const struct account *account = account_find(&accounts, name);
        struct account images = {.has_uid = true, .has_gid = true};
        if (!account && !accounts.changes_image && is_images_user(stage->image, name, user->uid)) {
            images.name = stage->image->user;
            images.uid = stage->image->uid;
            images.gid = stage->image->gid;
            account = &images;
        }
        if (account && !has_uid && account->has_uid) {
            user->uid = account->uid;
            has_uid = true;
        }
        if (account && !has_gid && account->has_gid && (!group.p || str_eq(group, account->name))) {
            user->gid = account->gid;
            has_gid = true;
        }
        if (!has_gid && group.p)
            has_gid = account_group(&accounts, group, &user->gid);
    }
    if (str_eq(group, STR("root"))) {
        user->gid = 0;
        has_gid = true;
    }
    user->has_ids = has_uid && has_gid;
    if (str_eq(name, STR("root")) || (has_uid && user->uid == 0))
        user->kind = USER_ROOT;
    else
        user->kind = has_uid || name.n ? USER_OTHER : USER_UNKNOWN;
}

struct user stage_user(struct arena *arena, const struct stage *stage) {
    struct user user = {.kind = USER_UNKNOWN};
    user.where = stage_last(stage, DF_USER);
    if (user.where) {
        const struct stage *owner = stage;
        uint32_t index = (uint32_t)(user.where - stage->dockerfile->list);
        while (index < owner->from || index >= owner->end)
            owner = owner->parent;
        user.text =
            user.where->n_words ? stage_expand(arena, owner, index, user.where->words[0].text) : (struct str){NULL, 0};
        if (user.text.n)
            find_ids(arena, stage, &user);
        return user;
    }
    if (!stage->image || (stage->image->unverified & (UNVERIFIED_USER | UNVERIFIED_ALL) && stage->image->runs_as.n))
        return user;
    user.text = stage->image->runs_as;
    user.kind = USER_ROOT;
    if (user.text.n)
        find_ids(arena, stage, &user);
    return user;
}

struct user stage_hinted_user(struct arena *arena, const struct stage *stage) {
    struct user user = {.kind = USER_UNKNOWN, .text = stage->hints.user};
    for (const struct stage *s = stage->parent; s && !user.text.p; s = s->parent)
        user.text = s->hints.user;
    if (!user.text.p && stage->file_hints)
        user.text = stage->file_hints->user;
    if (!user.text.p)
        return user;
    find_ids(arena, stage, &user);
    if (!user.has_ids && str_number(user.text, UINT32_MAX - 1, &user.uid)) {
        user.gid = user.uid;
        user.has_ids = true;
    }
    return user;
}

static struct command written_command(struct arena *arena, const struct df_instruction *instruction) {
    struct command command = {.is_set = true, .is_known = true, .is_shell = !instruction->is_json};
    struct str *words = arena_array(arena, instruction->n_words + 1, sizeof *words); /* a shell line may be empty */
    for (uint32_t i = 0; i < instruction->n_words; i++)
        words[i] = instruction->words[i].text;
    command.words = words;
    command.n = instruction->n_words;
    command.where = instruction;
    return command;
}

static struct command image_command(const struct image *image, uint32_t unverified, bool is_entrypoint) {
    struct command command = {0};
    if (!image)
        return command;
    command.is_known = !(image->unverified & (unverified | UNVERIFIED_ALL));
    command.words = is_entrypoint ? image->entrypoint : image->cmd;
    command.n = is_entrypoint ? image->n_entrypoint : image->n_cmd;
    command.is_set = command.n > 0;
    return command;
}

struct command stage_entrypoint(struct arena *arena, const struct stage *stage) {
    const struct df_instruction *instruction = stage_last(stage, DF_ENTRYPOINT);
    return instruction ? written_command(arena, instruction) : image_command(stage->image, UNVERIFIED_ENTRYPOINT, true);
}

struct command stage_cmd(struct arena *arena, const struct stage *stage) {
    for (; stage; stage = stage->parent) {
        const struct df_instruction *cmd = stage_own(stage, DF_CMD);
        if (cmd)
            return written_command(arena, cmd);
        if (stage_own(stage, DF_ENTRYPOINT))
            return (struct command){.is_known = true};
        if (!stage->parent)
            return image_command(stage->image, UNVERIFIED_CMD, false);
    }
    return (struct command){0};
}
