#include "start.h"

#include "program.h"
#include "template.h"

static const struct str nothing = {NULL, 0};

/* --- the command ---------------------------------------------------------------------------------------------------
 */

/* Why the program that takes the place of the image's stops us; {NULL, 0} where it does not. */
static struct str override_obstacle(const struct launch *launch) {
    if (!launch->entrypoint.is_set && !launch->command.is_set)
        return nothing;
    if (!launch->entrypoint.is_known || !launch->command.is_known)
        return STR("a variable without a value is part of its command");
    return program_obstacle(launch->arena, launch->project, launch->workload.context, launch->workload.stage,
                            launch->entrypoint.is_set ? &launch->entrypoint : NULL,
                            launch->command.is_set ? &launch->command : NULL);
}

static struct str first_word(const struct command *command) {
    struct str text = command->n ? str_trim(command->words[0]) : STR("");
    uint32_t end = 0;
    while (command->is_shell && end < text.n && text.p[end] != ' ' && text.p[end] != '\n' && text.p[end] != '\t')
        end++;
    return command->is_shell ? str_sub(text, 0, end) : text;
}

/* Whether a command gives the image's own program options, or names it. */
static bool is_own(const struct image *image, const struct command *command) {
    struct str word = first_word(command), program = image->n_cmd ? image->cmd[0] : STR("");
    return !command->is_set || str_starts(word, STR("-")) || str_starts(program, STR("-")) ||
           (image->n_entrypoint && !image->n_cmd) || (word.n && str_eq(path_name(word), path_name(program)));
}

/* Whether what is started is the image's own program, with its own start in front. */
static bool starts_own(const struct launch *launch) {
    const struct stage *stage = launch->workload.stage;
    struct command built = stage_cmd(launch->arena, stage);
    bool is_shell = built.where && built.is_shell;
    return !launch->entrypoint.is_set && launch->command.is_known && is_own(stage->image, &launch->command) &&
           !stage_entrypoint(launch->arena, stage).where && !is_shell && (!built.where || is_own(stage->image, &built));
}

/* Whether the image's own program is started without the image's start in front, which would change to its user. */
static bool starts_program(const struct launch *launch) {
    const struct stage *stage = launch->workload.stage;
    struct str word = launch->entrypoint.is_set ? first_word(&launch->entrypoint) : nothing;
    return stage->image->n_entrypoint && stage->image->n_cmd && launch->entrypoint.is_known && word.n &&
           str_eq(path_name(word), stage->image->cmd[0]);
}

/* --- mounts --------------------------------------------------------------------------------------------------------
 */

static bool is_among(struct str path, const struct str *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (path_is_below(path, list[i]) || path_is_below(list[i], path))
            return true;
    return false;
}

/* Whether a mount lies where the image's program writes, or the other way round. */
static bool is_written(const struct image *image, const struct mount *mount) {
    return is_among(mount->target, image->data, image->n_data) ||
           is_among(mount->target, image->writes, image->n_writes) ||
           is_among(mount->target, image->volumes, image->n_volumes);
}

/* Whether a mounted volume belongs to the image's user: an engine copies content and owner from the image when it makes
 * one (docs.docker.com/engine/storage/volumes, "Populate a volume using a container"). */
static bool is_users(const struct image *image, const struct mount *mount) {
    return mount->owner == OWNER_IMAGE && str_is_in(mount->target, image->data, image->n_data);
}

static bool is_empty(const struct mount *mount) {
    return mount->owner == OWNER_ROOT || mount->owner == OWNER_ALL;
}

/* Whether the program looks at the owner or mode of a folder that is mounted there, unless a setting has its data in a
 * folder below, which it makes itself. */
static bool must_own(const struct launch *launch, const struct image *image, const struct mount *mount) {
    struct str value;
    for (uint32_t i = 0; i < image->n_settings; i++)
        if (launch->may_set(launch, image->settings[i], &value) && path_is_below(value, mount->target) &&
            !str_eq(value, mount->target))
            return false;
    return is_among(mount->target, image->owns, image->n_owns);
}

static struct str name_of(const struct mount *mount) {
    return mount->name.n ? mount->name : mount->target.p ? mount->target : STR("a mount");
}

/* Why the image's user could not do with a mount what root can; {NULL, 0} where it can. */
static struct str mount_obstacle(const struct launch *launch, const struct image *image, const struct mount *mount) {
    struct arena *arena = launch->arena;
    struct str name = name_of(mount);
    if (!mount->target.p)
        return STR("where something is mounted is not known");
    if (is_empty(mount)) {
        bool is_users = mount->owner == OWNER_ALL && !must_own(launch, image, mount);
        return str_eq(mount->target, STR("/tmp")) || !is_written(image, mount) || is_users
                   ? nothing
                   : str_printf(arena, "%.*s belongs to root", STR_ARG(mount->target));
    }
    bool is_its = is_written(image, mount) || !image->starts_as_root.n; /* what runs as root may write anywhere */
    if (is_its && !mount->is_read_only && !is_users(image, mount))
        return str_printf(arena, "it is not known whose %.*s is", STR_ARG(name));
    if (!mount->is_readable)
        return str_printf(arena, "it is not known whether others than its owner can read %.*s", STR_ARG(name));
    return nothing;
}

static struct str mounts_obstacle(const struct launch *launch, const struct image *image) {
    struct str reason = nothing;
    for (uint32_t i = 0; i < launch->n_mounts; i++) {
        const struct mount *mount = &launch->mounts[i];
        struct str own = mount_obstacle(launch, image, mount);
        if (own.p && !is_empty(mount))
            return own;
        reason = own.p ? own : reason; /* a tmpfs is what the others may have led to: it comes last */
    }
    return reason;
}

/* --- settings ------------------------------------------------------------------------------------------------------
 */

/* Whether a path lies in what is mounted for the image's user alone. */
static bool is_in_users_volume(const struct launch *launch, const struct image *image, struct str path) {
    for (uint32_t i = 0; i < launch->n_mounts; i++) {
        const struct mount *mount = &launch->mounts[i];
        if (mount->target.p && path_is_below(path, mount->target))
            return !mount->is_read_only &&
                   (is_users(image, mount) || (mount->owner == OWNER_ALL && !must_own(launch, image, mount)));
    }
    return false;
}

static bool is_mounted(const struct launch *launch, const struct image *image, struct str path) {
    (void)image;
    return start_is_mounted(launch, path);
}

/* An option by which its command moves the program's data; {NULL, 0} where there is none. */
static struct str data_option(const struct launch *launch) {
    static const struct str names[] = {STR_INIT("data_directory"), STR_INIT("datadir"), STR_INIT("data-dir"),
                                       STR_INIT("dbpath")};
    for (uint32_t i = 0; i < launch->command.n; i++)
        for (uint32_t j = 0; j < sizeof names / sizeof *names; j++)
            if (str_contains(launch->command.words[i], names[j]))
                return names[j];
    return nothing;
}

/* What moves the program's data to a place that is not right for it, or changes its user; {NULL, 0} where nothing does.
 */
static struct str setting(const struct launch *launch, const struct image *image,
                          bool (*is_right)(const struct launch *, const struct image *, struct str path)) {
    struct str value, option = data_option(launch);
    if (option.p)
        return option;
    for (uint32_t i = 0; image && i < image->n_settings; i++)
        if (launch->may_set(launch, image->settings[i], &value) &&
            !(str_starts(value, STR("/")) && is_right(launch, image, value)))
            return image->settings[i];
    return nothing;
}

bool start_is_mounted(const struct launch *launch, struct str path) {
    for (uint32_t i = 0; i < launch->n_mounts; i++)
        if (launch->mounts[i].target.p && path_is_below(path, launch->mounts[i].target))
            return true;
    for (uint32_t i = 0; i < launch->made_volumes.n; i++)
        if (path_is_below(path, launch->made_volumes.list[i]))
            return true;
    return false;
}

struct str start_rewrites(const struct launch *launch) {
    const struct image *image = launch->workload.stage->image;
    struct str value, name = setting(launch, image, is_mounted);
    if (name.p)
        return name;
    for (uint32_t i = 0; image && i < image->n_rewrites_if; i++) {
        struct str cause = image->rewrites_if[i];
        for (uint32_t j = 0; j < launch->n_mounts && str_starts(cause, STR("/")); j++)
            if (path_is_below(launch->mounts[j].target, cause))
                return cause;
        if (!str_starts(cause, STR("/")) && launch->may_set(launch, cause, &value))
            return cause;
    }
    return nothing;
}

/* --- the decision --------------------------------------------------------------------------------------------------
 */

static const struct str *add_name(struct arena *arena, const struct str *list, uint32_t *n, struct str name) {
    struct str *names = arena_array(arena, *n + 1, sizeof *names);
    uint32_t at = 0;
    for (uint32_t i = 0; i < *n; i++) {
        if (str_eq(list[i], name))
            return list;
        at += str_cmp(list[i], name) < 0;
    }
    for (uint32_t i = 0; i < *n; i++)
        names[i + (i >= at)] = list[i];
    names[at] = name;
    ++*n;
    return names;
}

/* Whether an init is process 1: it signals what runs as somebody else, for which root needs KILL (tini.c). */
static bool has_init(const struct launch *launch) {
    struct command entrypoint = stage_entrypoint(launch->arena, launch->workload.stage);
    return launch->has_init || (entrypoint.n && template_has_name(NAMES_INIT, entrypoint.words[0]));
}

static struct start root_start(const struct launch *launch, const struct image *image) {
    struct arena *arena = launch->arena;
    struct start start = {.kind = START_AS_ROOT,
                          .user = {.uid = image->uid, .gid = image->gid},
                          .caps = {image->capabilities, image->n_capabilities}};
    for (uint32_t i = 0; i < launch->n_mounts && !start.override.p; i++) {
        const struct mount *mount = &launch->mounts[i];
        if (is_empty(mount) || !mount->target.p)
            continue;
        bool is_others = !mount->is_read_only && mount->owner != OWNER_IMAGE;
        if (is_others || !mount->is_readable)
            start.override = str_printf(arena, "what is in %.*s may be others'", STR_ARG(name_of(mount)));
    }
    if (start.override.p)
        start.caps.list = add_name(arena, start.caps.list, &start.caps.n, STR("DAC_OVERRIDE"));
    if (has_init(launch) && image->starts_as_root.n)
        start.caps.list = add_name(arena, start.caps.list, &start.caps.n, STR("KILL"));
    if ((launch->is_on_host_network || launch->guards_ports) && (image->n_ports || launch->has_low_port))
        start.caps.list = add_name(arena, start.caps.list, &start.caps.n, STR("NET_BIND_SERVICE"));
    return start;
}

/* Whether the file gives it capabilities that are not among those. */
static bool adds_others(const struct launch *launch, struct str_list caps) {
    for (uint32_t i = 0; i < launch->adds.n; i++)
        if (!str_is_in(launch->adds.list[i], caps.list, caps.n))
            return true;
    return false;
}

/* Why the image's user cannot take root's place from the start; {NULL, 0} where it can. */
static struct str user_obstacle(const struct launch *launch, const struct image *image) {
    struct arena *arena = launch->arena;
    if (!image->as_user.n || !image->uid || image->unverified & (UNVERIFIED_USER | UNVERIFIED_AS_USER | UNVERIFIED_ALL))
        return STR("");
    const struct stage *stage = launch->workload.stage;
    if (launch->workload.dockerfile.n || stage->parent || stage->end > stage->from + 1)
        return STR(""); /* what was added may be root's */
    struct str name = setting(launch, image, is_in_users_volume);
    if (launch->needs_root.p)
        return launch->needs_root;
    if (adds_others(launch, root_start(launch, image).caps))
        return STR("it adds capabilities, which only root gets");
    if (name.p)
        return str_printf(arena, "%.*s may change where its data is, and whose", STR_ARG(name));
    if (launch->is_on_host_network && (image->n_ports || launch->has_low_port))
        return STR("on the host's network only root can listen on its port");
    return mounts_obstacle(launch, image);
}

/* The same, once the file names a group for its volumes. */
static struct launch with_group(const struct launch *launch) {
    struct launch grouped = *launch;
    struct mount *mounts = arena_array(launch->arena, launch->n_mounts, sizeof *mounts);
    for (uint32_t i = 0; i < launch->n_mounts; i++) {
        mounts[i] = launch->mounts[i];
        if (mounts[i].takes_group) {
            mounts[i].owner = OWNER_ALL;
            mounts[i].is_readable = true;
        }
    }
    grouped.mounts = mounts;
    return grouped;
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
    return image && !launch->workload.dockerfile.n && !image->runtime.n && launch->entrypoint.is_known &&
           launch->command.is_known && (launch->entrypoint.is_set || (launch->command.is_set && !image->n_entrypoint));
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
        .workdir = launch->workdir.p ? launch->workdir : stage_workdir(arena, stage, stage->end),
    };
    return !program_obstacle_in(arena, launch->project, launch->workload.context, stage,
                                launch->entrypoint.is_set ? &launch->entrypoint : NULL,
                                launch->command.is_set ? &launch->command : NULL, &room)
                .p;
}

/* To say whose the files are that they make, and how these are to be used. */
static const struct str tools_caps[] = {STR_INIT("CHOWN"), STR_INIT("DAC_OVERRIDE"), STR_INIT("FOWNER")};
enum { N_TOOLS_CAPS = sizeof tools_caps / sizeof *tools_caps };

/* Why another user than root could not do the same; {NULL, 0} where it could. */
static struct str tools_obstacle(const struct launch *launch) {
    struct arena *arena = launch->arena;
    if (program_low_port(arena, launch->workload.stage, &launch->entrypoint, &launch->command))
        return STR("it listens on a port below 1024");
    for (uint32_t i = 0; i < launch->n_mounts; i++) {
        const struct mount *mount = &launch->mounts[i];
        bool is_open = mount->is_read_only || mount->owner == OWNER_ALL || mount->owner == OWNER_MANY;
        if (!is_open || !mount->target.p)
            return str_printf(arena, "it is not known whose %.*s is", STR_ARG(name_of(mount)));
        if (!mount->is_readable)
            return str_printf(arena, "it is not known whether others than its owner can read %.*s",
                              STR_ARG(name_of(mount)));
    }
    return adds_others(launch, (struct str_list){tools_caps, N_TOOLS_CAPS})
               ? STR("it adds capabilities, which only root gets")
               : launch->needs_root;
}

/* Of common tools; *ret_without as root. */
static struct start tools_start(const struct launch *launch, struct start *ret_without) {
    struct arena *arena = launch->arena;
    struct user user = {.kind = USER_OTHER, .has_ids = true};
    config_ids(launch->asked, &user.uid, &user.gid);
    user.text = str_printf(arena, "%u", user.uid);
    struct str reason = tools_obstacle(launch);
    *ret_without = (struct start){
        .kind = START_AS_ROOT, .reason = reason.p ? reason : STR(""), .user = user, .caps = {tools_caps, N_TOOLS_CAPS}};
    if (launch->is_on_host_network || launch->guards_ports)
        if (program_low_port(arena, launch->workload.stage, &launch->entrypoint, &launch->command))
            ret_without->caps.list =
                add_name(arena, ret_without->caps.list, &ret_without->caps.n, STR("NET_BIND_SERVICE"));
    const struct launch grouped = with_group(launch);
    ret_without->takes_group = reason.p && !tools_obstacle(&grouped).p;
    if (reason.p)
        return *ret_without;
    return (struct start){START_AS_USER, .says_user = true, .user = user,
                          .why = STR("its command needs nothing of root")};
}

/* Of an image whose program starts as root; *ret_without is the start that it keeps. */
static struct start start_of_root(const struct launch *launch, struct start *ret_without) {
    struct arena *arena = launch->arena;
    const struct workload *workload = &launch->workload;
    const struct image *image = workload->stage->image;
    const struct document *dockerfile = project_find(launch->project, workload->dockerfile);
    bool is_known =
        image && image->has_capabilities && !(image->unverified & (UNVERIFIED_CAPABILITIES | UNVERIFIED_ALL));
    if (is_known && starts_own(launch)) {
        struct str reason = user_obstacle(launch, image);
        struct start start = *ret_without = root_start(launch, image);
        struct start as_user = images_user(arena, image, image->as_user);
        start.reason = ret_without->reason = reason;
        if (!reason.p)
            return as_user;
        const struct launch grouped = with_group(launch);
        start.takes_group = !user_obstacle(&grouped, image).p;
        start.user = as_user.user;
        return start;
    }
    if (runs_tools(launch))
        return tools_start(launch, ret_without);
    if (is_known && starts_program(launch) && !user_obstacle(launch, image).p)
        return images_user(arena, image, STR("its image runs that program as that user anyway"));
    struct str reason = dockerfile ? project_needs_root(dockerfile, workload->stage) : nothing;
    if (reason.p)
        return unknown(str_printf(arena, "its program runs as root, because %.*s", STR_ARG(reason)));
    if (workload->dockerfile.n)
        return unknown(str_printf(arena, "its program runs as root: harden %.*s first", STR_ARG(workload->dockerfile)));
    if (is_known || (image && !image->has_capabilities && launch->command.is_set))
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
    bool is_own =
        !launch->workload.dockerfile.n && image && (starts_own(launch) || starts_program(launch) || runs_tools(launch));
    struct str reason = is_own ? nothing : override_obstacle(launch);
    return reason.p ? unknown(reason)
                    : (struct start){.kind = START_AS_USER, .user = user, .caps = file_capabilities(image)};
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
    if (workload->user.kind == USER_OTHER)
        return as_user(launch, workload->user);
    if (launch->user.n && !launch->is_root)
        return as_user(launch, (struct user){.kind = USER_OTHER, .text = launch->user});
    if (workload->user.kind == USER_UNKNOWN && !launch->user.n)
        return unknown(STR("it is not known which user its image runs as"));
    return start_of_root(launch, ret_without);
}

struct str start_gains(const struct launch *launch) {
    const struct stage *stage = launch->workload.stage;
    if (!stage)
        return nothing;
    if (stage->image && stage->image->gains.n)
        return stage->image->gains;
    struct str tool = program_gains(launch->arena, stage);
    return tool.p ? str_printf(launch->arena, "its Dockerfile uses %.*s", STR_ARG(tool)) : nothing;
}

struct str start_keeps_root(const struct launch *launch, const struct start *start, struct str instead) {
    const struct image *image = launch->workload.stage->image;
    struct arena *arena = launch->arena;
    struct str how = image ? image->starts_as_root : STR("");
    struct str who = how.n ? str_printf(arena, " (%.*s)", STR_ARG(how)) : STR("");
    if (start->reason.n)
        return str_printf(arena, "keeps its start as root%.*s, because %.*s: where %u:%u can do with that, write %.*s",
                          STR_ARG(who), STR_ARG(start->reason), start->user.uid, start->user.gid, STR_ARG(instead));
    if (image->instead.n)
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

bool start_writes_unproven(const struct launch *launch) {
    const struct image *image = launch->workload.stage->image;
    uint32_t unproven = UNVERIFIED_WRITES | (launch->workload.dockerfile.n ? 0 : UNVERIFIED_ALL);
    return image && image->unverified & unproven && launch->hints.writable.n == 0;
}
