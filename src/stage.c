#include "account.h"
#include "shell.h"
#include "stage_parts.h"

/* --- stages --------------------------------------------------------------------------------------------------------
 */

/* Stages upon stages; what stands on more is not known. More than 127 layers are more than Docker mounts. */
enum { MAX_PARENTS = 128 };

const struct stage *stages_target(struct stages stages, struct str name) {
    ARENA(scratch);
    if (stages.n == 0 || name.n == 0)
        return stages.n ? &stages.list[stages.n - 1] : NULL;
    const struct definitions *namesakes = map_get(&stages.list->index->names, str_lower(&scratch, name));
    uint32_t number, n = definitions_before(namesakes, stages.n);
    if (n)
        return stages.list + namesakes->list.at[n - 1].index;
    return str_number(name, UINT32_MAX, &number) && number < stages.n ? &stages.list[number] : NULL;
}

bool stage_is_target(const struct stage *stage, struct str name) {
    struct stages all = {(struct stage *)stage->first, stage->index->n_stages};
    return stages_target(all, name) == stage;
}

static void find_base(struct arena *arena, struct stage *stage, struct stages earlier,
                      const struct image_table *images) {
    const struct df_instruction *from = &stage->dockerfile->list[stage->from];
    uint32_t look_ups = MAX_LOOK_UPS;
    struct scope global = {NULL, stage->dockerfile, stage->index, stage->from, 0, &look_ups};
    if (from->n_words == 0)
        return;
    stage->base = stage_expand_in(arena, &global, from->words[0].text);
    if (from->n_words == 3)
        stage->name = from->words[2].text;
    uint32_t index;
    if (!stage->base.n)
        return;
    /* an index names a stage in COPY --from and --target only, never in FROM */
    if (!str_number(stage->base, UINT32_MAX, &index))
        stage->parent = earlier.n ? stages_target(earlier, stage->base) : NULL;
    if (stage->parent && stage->parent->n_parents == MAX_PARENTS) {
        stage->parent = NULL;
        stage->base = (struct str){NULL, 0};
    } else if (stage->parent) {
        stage->n_parents = stage->parent->n_parents + 1;
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

/* The working directory behind an instruction. A longer path than a kernel takes is not known. */
static struct str directory_behind(struct arena *arena, const struct stage *stage, uint32_t at) {
    const struct df_instruction *instruction = &stage->dockerfile->list[at];
    const struct str *directories = stage->index->directories;
    struct str path, directory = {NULL, 0};
    if (instruction->kind == DF_FROM && stage->parent)
        return directories[stage->parent->end - 1];
    if (instruction->kind == DF_FROM)
        return !stage->image             ? directory
               : stage->image->workdir.n ? path_join(arena, STR(""), stage->image->workdir)
                                         : STR("/");
    if (instruction->kind != DF_WORKDIR)
        return directories[at - 1];
    path = instruction->n_words ? stage_expand(arena, stage, at, instruction->words[0].text) : directory;
    if (path.p && (directories[at - 1].p || str_starts(path, STR("/"))))
        directory = path_join(arena, directories[at - 1], path);
    return directory.n <= MAX_VALUE ? directory : (struct str){NULL, 0};
}

struct stages stages_of(struct arena *arena, const struct dockerfile *dockerfile, const struct image_table *images) {
    struct stage_index *index = arena_new(arena, struct stage_index);
    uint32_t n = 0;
    for (uint32_t i = 0; i < dockerfile->n; i++)
        n += dockerfile->list[i].kind == DF_FROM;
    struct stages stages = {arena_array(arena, n, sizeof *stages.list), 0};
    index->directories = arena_array(arena, dockerfile->n, sizeof *index->directories);
    index->first_from = dockerfile->n;
    for (uint32_t i = 0; i < dockerfile->n; i++) {
        struct df_instruction *instruction = &dockerfile->list[i];
        stage_define(arena, index, dockerfile, i);
        if (instruction->kind == DF_FROM) {
            struct stage *stage = &stages.list[stages.n];
            *stage = (struct stage){
                .dockerfile = dockerfile, .name = STR(""), .from = i, .first = stages.list, .index = index};
            index->first_from = stages.n ? index->first_from : i;
            find_base(arena, stage, stages, images);
            if (stage->name.n)
                definition_add(arena, &index->names, stages.n, str_lower(arena, stage->name), (struct str){NULL, 0});
            index->n_stages = ++stages.n;
        }
        if (stages.n == 0)
            continue;
        instruction->script = parse_script(arena, instruction);
        instruction->is_read = true;
        stages.list[stages.n - 1].end = i + 1;
        index->directories[i] = directory_behind(arena, &stages.list[stages.n - 1], i);
    }
    return stages;
}

struct str stage_workdir(const struct stage *stage, uint32_t index) {
    return stage->index->directories[index - 1];
}

bool stage_is_copy(const struct df_instruction *instruction) {
    return instruction->kind == DF_COPY || instruction->kind == DF_ADD;
}

struct str stage_copy_target(struct arena *arena, const struct stage *stage, uint32_t index) {
    const struct df_instruction *copy = &stage->dockerfile->list[index];
    if (!stage_is_copy(copy) || copy->n_words < 2)
        return (struct str){NULL, 0};
    struct str path = stage_expand(arena, stage, index, copy->words[copy->n_words - 1].text);
    struct str directory = path.p && !str_starts(path, STR("/")) ? stage_workdir(stage, index) : STR("/");
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
