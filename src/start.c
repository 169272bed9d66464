#include "start_parts.h"

#include "link.h"
#include "program.h"
#include "template.h"

static const struct str nothing = {NULL, 0};

/* --- the command ---------------------------------------------------------------------------------------------------
 */

static const struct str variable_obstacle = STR_INIT("a variable without a value is part of its command");

/* Why the program that takes the place of the image's stops us; {NULL, 0} where it does not. `room`: as for
 * program_obstacle_in, or NULL. */
static struct str override_obstacle(const struct launch *launch, const struct program_room *room) {
    if (!launch->entrypoint.is_set && !launch->command.is_set)
        return nothing;
    if (!launch->entrypoint.is_known || !launch->command.is_known)
        return variable_obstacle;
    return program_obstacle_in(launch->arena, launch->project, launch->workload.context, launch->workload.stage,
                               launch->entrypoint.is_set ? &launch->entrypoint : NULL,
                               launch->command.is_set ? &launch->command : NULL, room);
}

static struct str first_word(const struct command *command) {
    struct str text = command->n ? str_trim(command->words[0]) : STR("");
    uint32_t end = 0;
    while (command->is_shell && end < text.n && text.p[end] != ' ' && text.p[end] != '\n' && text.p[end] != '\t')
        end++;
    return command->is_shell ? str_sub(text, 0, end) : text;
}

/* Whether it is known what a command starts, which its first word tells. */
static bool begins_known(const struct command *command) {
    return command->is_known || first_word(command).n;
}

/* Whether a command gives the image's own program options, or names it. A shell is a program, not a word for one: that
 * image starts what it is given. */
static bool is_own(const struct image *image, const struct command *command) {
    struct str word = first_word(command), program = image->n_cmd ? image->cmd[0] : STR("");
    return !command->is_set || image->prefixes.n || str_starts(word, STR("-")) || str_starts(program, STR("-")) ||
           (image->n_entrypoint && !image->n_cmd && !image->passes_on.n && !program_is_shell(word)) ||
           (word.n && str_eq(path_name(word), path_name(program)));
}

/* Whether an entrypoint, without its first n words, is the image's own. */
static bool is_images(const struct image *image, const struct command *entrypoint, uint32_t n) {
    if (entrypoint->is_shell || entrypoint->n != n + image->n_entrypoint)
        return false;
    for (uint32_t i = 0; i < image->n_entrypoint; i++)
        if (!str_eq(entrypoint->words[n + i], image->entrypoint[i]))
            return false;
    return true;
}

/* Whether a stage has its image's own start, which an init may be in front of. */
static bool keeps_entrypoint(struct arena *arena, const struct stage *stage) {
    struct command entrypoint = stage_entrypoint(arena, stage);
    uint32_t n = entrypoint.n && template_has_name(NAMES_INIT, entrypoint.words[0]);
    while (n && n < entrypoint.n && str_starts(entrypoint.words[n], STR("-")))
        n++;
    return !entrypoint.where || is_images(stage->image, &entrypoint, 0) || is_images(stage->image, &entrypoint, n);
}

/* Whether what is started is the image's own program, with its own start in front. */
static bool starts_own(const struct launch *launch) {
    const struct stage *stage = launch->workload.stage;
    struct command built = stage_cmd(launch->arena, stage);
    bool is_shell = built.where && built.is_shell;
    return !launch->entrypoint.is_set && begins_known(&launch->command) && is_own(stage->image, &launch->command) &&
           keeps_entrypoint(launch->arena, stage) && !is_shell && (!built.where || is_own(stage->image, &built));
}

/* Whether the image's own program is started without the image's start in front, which would change to its user. */
static bool starts_program(const struct launch *launch) {
    const struct stage *stage = launch->workload.stage;
    struct str word = launch->entrypoint.is_set ? first_word(&launch->entrypoint) : nothing;
    return stage->image->n_entrypoint && stage->image->n_cmd && launch->entrypoint.is_known && word.n &&
           str_eq(path_name(word), stage->image->cmd[0]);
}

/* --- the decision --------------------------------------------------------------------------------------------------
 */

static void add_capability(struct arena *arena, struct str_list *caps, struct str name) {
    struct str *names = arena_array(arena, caps->n + 1, sizeof *names);
    uint32_t at = 0;
    if (str_is_in(name, caps->list, caps->n))
        return;
    for (uint32_t i = 0; i < caps->n; i++)
        at += str_cmp(caps->list[i], name) < 0;
    for (uint32_t i = 0; i < caps->n; i++)
        names[i + (i >= at)] = caps->list[i];
    names[at] = name;
    *caps = (struct str_list){names, caps->n + 1};
}

/* Whether an init is process 1: it signals what runs as somebody else, for which root needs KILL (tini.c). */
static bool has_init(const struct launch *launch) {
    struct command entrypoint = stage_entrypoint(launch->arena, launch->workload.stage);
    return launch->has_init || (entrypoint.n && template_has_name(NAMES_INIT, entrypoint.words[0]));
}

static struct start root_start(const struct launch *launch, const struct image *image) {
    struct arena *arena = launch->arena;
    struct start start = {.kind = START_AS_ROOT, .caps = {image->capabilities, image->n_capabilities}};
    for (uint32_t i = 0; i < launch->n_mounts && !start.override.p; i++) {
        const struct mount *mount = &launch->mounts[i];
        if (start_is_empty(mount) || !mount->target.p)
            continue;
        bool is_others = !mount->is_read_only && mount->owner != OWNER_IMAGE;
        if (is_others || !mount->is_readable)
            start.override = str_printf(arena, "what is in %.*s may be others'", STR_ARG(start_mount_name(mount)));
    }
    if (start.override.p)
        add_capability(arena, &start.caps, STR("DAC_OVERRIDE"));
    if (has_init(launch) && image->starts_as_root.n)
        add_capability(arena, &start.caps, STR("KILL"));
    if ((launch->is_on_host_network || launch->guards_ports) && (image->n_ports || launch->has_low_port))
        add_capability(arena, &start.caps, STR("NET_BIND_SERVICE"));
    return start;
}

/* Why it must stay root if its start uses those capabilities; {NULL, 0} where its file gives it no others. */
static struct str adds_obstacle(const struct launch *launch, struct str_list caps) {
    for (uint32_t i = 0; i < launch->adds.n; i++)
        if (!str_is_in(launch->adds.list[i], caps.list, caps.n))
            return STR("it adds capabilities, which only root gets");
    return nothing;
}

/* Why the image's user cannot take root's place from the start; {NULL, 0} where it can. */
static struct str user_obstacle(const struct launch *launch, const struct image *image) {
    struct arena *arena = launch->arena;
    if (!image->as_user.n || !image->uid || image->unverified & (UNVERIFIED_USER | UNVERIFIED_AS_USER | UNVERIFIED_ALL))
        return STR("");
    const struct stage *stage = launch->workload.stage;
    if (launch->workload.dockerfile.n || stage->parent || stage->end > stage->from + 1)
        return STR(""); /* what was added may be root's */
    struct str name = start_moves_data(launch, image), added = adds_obstacle(launch, root_start(launch, image).caps);
    if (launch->needs_root.p || added.p)
        return launch->needs_root.p ? launch->needs_root : added;
    if (name.p)
        return str_printf(arena, "%.*s may change where its data is, and whose", STR_ARG(name));
    if (launch->is_on_host_network && (image->n_ports || launch->has_low_port))
        return STR("on the host's network only root can listen on its port");
    return start_mounts_obstacle(launch, image);
}

static struct start unknown(struct str reason) {
    return (struct start){.kind = START_UNKNOWN, .reason = reason};
}

/* Of the image's own program: without them it does not even start (capabilities(7)). */
static struct str_list file_capabilities(const struct image *image) {
    return image ? (struct str_list){image->file_capabilities, image->n_file_capabilities} : (struct str_list){NULL, 0};
}

static struct start images_user(struct arena *arena, const struct image *image, struct str why) {
    struct str name = image->user.n ? image->user : str_printf(arena, "%u", image->uid);
    return (struct start){
        .kind = START_AS_USER,
        .says_user = true,
        .why = why,
        .user = {USER_OTHER, name, NULL, true, image->uid, image->gid},
        .caps = file_capabilities(image),
    };
}

/* --- common tools --------------------------------------------------------------------------------------------------
 */

/* Whether all that is started is given, and nothing of the image's own program. */
static bool gives_words(const struct launch *launch) {
    const struct image *image = launch->workload.stage->image;
    return image && !launch->workload.dockerfile.n && !image->runtime.n &&
           (launch->entrypoint.is_set || (launch->command.is_set && !image->n_entrypoint));
}

struct str start_words_need_root(const struct launch *launch) {
    return launch->workload.stage && gives_words(launch)
               ? program_needs_root(launch->arena, launch->workload.stage,
                                    launch->entrypoint.is_set ? &launch->entrypoint : NULL,
                                    launch->command.is_set ? &launch->command : NULL)
               : nothing;
}

struct str start_of_image_as_root(const struct launch *launch) {
    const struct image *image = launch->workload.stage ? launch->workload.stage->image : NULL;
    if (launch->workload.dockerfile.n || !image || !image->starts_as_root.n || !starts_own(launch))
        return nothing;
    return str_printf(launch->arena, "its image starts as root (%.*s): %s%.*s", STR_ARG(image->starts_as_root),
                      image->instead.n ? "without root, " : "where it starts without, name the user",
                      STR_ARG(image->instead));
}

/* Whether it starts common tools, which need no more of root than to get at the files that are mounted. */
static bool runs_tools(const struct launch *launch) {
    struct arena *arena = launch->arena;
    const struct stage *stage = launch->workload.stage;
    VEC(struct str) folders = {0};
    if (!gives_words(launch))
        return false;
    for (uint32_t i = 0; i < launch->n_mounts; i++)
        if (launch->mounts[i].target.p && !launch->mounts[i].is_read_only)
            *vec_push(arena, &folders) = launch->mounts[i].target;
    const struct program_room room = {
        .folders = {folders.at, folders.n},
        .workdir = launch->workdir.p ? launch->workdir : stage_workdir(stage, stage->end),
    };
    return !override_obstacle(launch, &room).p;
}

/* To say whose the files are that they make, and how these are to be used. */
static const struct str tools_caps[] = {STR_INIT("CHOWN"), STR_INIT("DAC_OVERRIDE"), STR_INIT("FOWNER")};
enum { N_TOOLS_CAPS = sizeof tools_caps / sizeof *tools_caps };

/* Why another user than root could not do the same with what is mounted; {NULL, 0} where it could. */
static struct str tools_obstacle(const struct launch *launch) {
    struct arena *arena = launch->arena;
    for (uint32_t i = 0; i < launch->n_mounts; i++) {
        const struct mount *mount = &launch->mounts[i];
        bool is_open = mount->is_read_only || mount->owner == OWNER_ALL || mount->owner == OWNER_MANY;
        if (!is_open || !mount->target.p)
            return str_printf(arena, "it is not known whose %.*s is", STR_ARG(start_mount_name(mount)));
        if (!mount->is_readable)
            return str_printf(arena, "it is not known whether others than its owner can read %.*s",
                              STR_ARG(start_mount_name(mount)));
    }
    struct str added = adds_obstacle(launch, (struct str_list){tools_caps, N_TOOLS_CAPS});
    return added.p ? added : launch->needs_root;
}

/* To do that with anybody's files, and keep their set-group-id bits. */
static const struct str owner_caps[] = {STR_INIT("CHOWN"), STR_INIT("DAC_OVERRIDE"), STR_INIT("FOWNER"),
                                        STR_INIT("FSETID")};

/* Of common tools; *ret_without as root. */
static struct start tools_start(const struct launch *launch, struct start *ret_without) {
    struct arena *arena = launch->arena;
    if (program_sets_owners(arena, launch->workload.stage, &launch->entrypoint, &launch->command)) {
        *ret_without = (struct start){.kind = START_AS_ROOT,
                                      .is_tools = true,
                                      .reason = STR("it changes whose files are, or who may use them"),
                                      .caps = {owner_caps, sizeof owner_caps / sizeof *owner_caps}};
        return *ret_without;
    }
    const struct image *image = launch->workload.stage->image;
    bool is_images = !launch->asked->uid && image->uid && !(image->unverified & (UNVERIFIED_USER | UNVERIFIED_ALL));
    struct user user = {USER_OTHER, nothing, NULL, true, image->uid, image->gid};
    if (!is_images) /* psql and its like look up who runs them (libpq, pg_fe_getauthname) */
        config_ids(launch->asked, &user.uid, &user.gid);
    user.text = str_printf(arena, "%u", user.uid);
    bool is_low = program_low_port(arena, launch->workload.stage, &launch->entrypoint, &launch->command);
    struct str reason = is_low ? STR("it listens on a port below 1024") : tools_obstacle(launch);
    *ret_without = (struct start){.kind = START_AS_ROOT,
                                  .is_tools = true,
                                  .reason = reason.p ? reason : STR(""),
                                  .user = user,
                                  .caps = {tools_caps, N_TOOLS_CAPS}};
    if (is_low && (launch->is_on_host_network || launch->guards_ports))
        add_capability(arena, &ret_without->caps, STR("NET_BIND_SERVICE"));
    if (reason.p) {
        const struct launch grouped = start_with_group(launch);
        ret_without->takes_group = !is_low && !tools_obstacle(&grouped).p;
        return *ret_without;
    }
    return (struct start){START_AS_USER, .is_tools = true, .says_user = true, .user = user,
                          .why = STR("its command needs nothing of root")};
}

/* Of an image whose program starts as root; *ret_without is the start that it keeps. */
static struct start start_of_root(const struct launch *launch, struct start *ret_without) {
    struct arena *arena = launch->arena;
    const struct workload *workload = &launch->workload;
    const struct image *image = workload->stage->image;
    bool is_known =
        image && image->has_capabilities && !(image->unverified & (UNVERIFIED_CAPABILITIES | UNVERIFIED_ALL));
    if (is_known && starts_own(launch)) {
        struct start default_start = images_user(arena, image, image->as_user);
        *ret_without = root_start(launch, image);
        ret_without->reason = user_obstacle(launch, image);
        ret_without->user = default_start.user;
        if (!ret_without->reason.p)
            return default_start;
        const struct launch grouped = start_with_group(launch);
        ret_without->takes_group = !user_obstacle(&grouped, image).p;
        return *ret_without;
    }
    if (runs_tools(launch))
        return tools_start(launch, ret_without);
    if (is_known && starts_program(launch)) {
        struct str obstacle = user_obstacle(launch, image);
        if (!obstacle.p)
            return images_user(arena, image, STR("its image runs that program as that user anyway"));
        if (obstacle.n)
            return unknown(str_printf(arena, "its image's program runs as root without the image's start, and %.*s",
                                      STR_ARG(obstacle)));
    }
    const struct document *dockerfile = project_find(launch->project, workload->dockerfile);
    struct str reason = dockerfile ? project_needs_root(dockerfile, workload->stage) : nothing;
    if (reason.p)
        return unknown(str_printf(arena, "its program runs as root, because %.*s", STR_ARG(reason)));
    reason = dockerfile ? override_obstacle(launch, NULL) : nothing;
    if (reason.p)
        return unknown(reason);
    if (workload->dockerfile.n)
        return unknown(str_printf(arena, "its program runs as root: give it another user in %.*s first",
                                  STR_ARG(workload->dockerfile)));
    if (!begins_known(&launch->entrypoint) || !begins_known(&launch->command))
        return unknown(variable_obstacle);
    if (is_known || (image && !image->has_capabilities && launch->command.is_set && !starts_own(launch)))
        return unknown(STR("it starts another program than its image, as root, and what that needs is not known"));
    return unknown(STR("its program runs as root, and what it needs is not known"));
}

/* What `x-ironhull` says of it, in the place of facts. */
static struct start hinted_start(const struct launch *launch) {
    if (!launch->hints.user.p)
        return (struct start){.kind = START_AS_ROOT, .caps = launch->hints.capabilities, .reason = STR("")};
    struct stage stage = *launch->workload.stage;
    stage.hints.user = launch->hints.user;
    return (struct start){
        .kind = START_AS_USER,
        .says_user = true,
        .why = STR("x-ironhull says so"),
        .user = stage_hinted_user(launch->arena, &stage),
    };
}

/* A program that no user of root's starts must be one that can do without. */
static struct start as_user(const struct launch *launch, struct user user) {
    const struct image *image = launch->workload.stage->image;
    bool is_public = !launch->workload.dockerfile.n;
    bool is_images = image && (starts_own(launch) || (is_public && starts_program(launch)));
    bool is_tools = image && is_public && !is_images && runs_tools(launch);
    struct str reason = is_images || is_tools ? nothing : override_obstacle(launch, NULL);
    if (reason.p && is_public && !launch->is_root)
        reason = STR("it starts another program than its image, and where that writes is not known");
    return reason.p ? unknown(reason)
                    : (struct start){.kind = START_AS_USER,
                                     .user = user,
                                     .is_tools = is_tools,
                                     .caps = is_tools ? (struct str_list){NULL, 0} : file_capabilities(image)};
}

struct start start_of(const struct launch *launch, struct start *ret_without) {
    const struct workload *workload = &launch->workload;
    *ret_without = unknown(STR("it has to say which user it runs as"));
    if (launch->is_user_hidden)
        return unknown(STR("a variable without a value names its user"));
    if (workload->stage && (launch->hints.user.p || launch->hints.has_capabilities))
        return hinted_start(launch);
    if (!workload->is_known)
        return unknown(workload->reason);
    bool sets_owners = launch->is_root && runs_tools(launch) &&
                       program_sets_owners(launch->arena, workload->stage, &launch->entrypoint, &launch->command);
    if (workload->user.kind == USER_OTHER && !sets_owners)
        return as_user(launch, workload->user);
    if (launch->user.n && !launch->is_root)
        return as_user(launch, (struct user){.kind = USER_OTHER, .text = launch->user});
    if (workload->user.kind == USER_UNKNOWN && !launch->user.n)
        return unknown(STR("it is not known which user its image runs as"));
    return start_of_root(launch, ret_without);
}

/* What its Dockerfile does about a program that gains privileges. */
static struct str own_gains(const struct launch *launch) {
    struct str tool = program_gains(launch->arena, launch->workload.stage);
    return tool.p ? str_printf(launch->arena, "its Dockerfile uses %.*s", STR_ARG(tool)) : nothing;
}

struct str start_gains(const struct launch *launch) {
    const struct stage *stage = launch->workload.stage;
    if (!stage)
        return nothing;
    return stage->image && stage->image->gains.n ? stage->image->gains : own_gains(launch);
}

struct str start_needs_bounds(const struct launch *launch, const struct start *start) {
    const struct stage *stage = launch->workload.stage;
    struct str own = stage ? own_gains(launch) : nothing;
    return own.p || start->caps.n ? own : start_gains(launch);
}

struct str start_keeps_root(const struct launch *launch, const struct start *start, struct str instead) {
    const struct image *image = launch->workload.stage->image;
    struct arena *arena = launch->arena;
    struct str how = image && !start->is_tools ? image->starts_as_root : STR("");
    struct str who = how.n ? str_printf(arena, " (%.*s)", STR_ARG(how)) : STR("");
    if (start->reason.n && !start->user.has_ids)
        return str_printf(arena, "keeps its start as root%.*s, because %.*s", STR_ARG(who), STR_ARG(start->reason));
    if (start->reason.n)
        return str_printf(arena, "keeps its start as root%.*s, because %.*s: where %u:%u can do with that, write %.*s",
                          STR_ARG(who), STR_ARG(start->reason), start->user.uid, start->user.gid, STR_ARG(instead));
    if (image && image->instead.n)
        return str_printf(arena, "keeps its start as root%.*s: without root, %.*s", STR_ARG(who),
                          STR_ARG(image->instead));
    return str_printf(arena, "keeps its start as root%.*s: it is not known to start without", STR_ARG(who));
}

struct str start_enumerate(struct arena *arena, struct str_list names) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < names.n; i++)
        buf_printf(&out, "%s%.*s", i == 0 ? "" : i + 1 < names.n ? ", " : " and ", STR_ARG(names.list[i]));
    return buf_str(&out);
}
