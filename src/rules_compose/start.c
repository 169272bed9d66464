/* How a service's program is started: as a user without privileges, or as root with what its own start uses. */
#include "rules_compose.h"

#include "program.h"
#include "shell.h"

static const struct str nothing = {NULL, 0};

/* --- the command ---------------------------------------------------------------------------------------------------
 */

/* A value of `command` or `entrypoint`, which compose cuts into words as a shell would, without starting one. */
static struct command command_of(const struct service *service, struct str key) {
    struct arena *arena = service->check->arena;
    const struct yaml_node *node = merged_get(&service->merged, key);
    struct command command = {.is_set = node != NULL, .is_known = true};
    if (!command.is_set)
        return command;
    struct str *words = arena_array(arena, node->n + 1, sizeof *words);
    command.words = words;
    command.is_shell = node->kind == YAML_SCALAR;
    if (node->kind == YAML_SCALAR)
        words[command.n++] = merged_value(arena, &service->merged, node);
    for (uint32_t i = 0; node->kind == YAML_SEQUENCE && i < node->n; i++)
        words[command.n++] = merged_value(arena, &service->merged, yaml_resolve(node->items[i]));
    for (uint32_t i = 0; i < command.n; i++)
        command.is_known &= words[i].p != NULL;
    return command;
}

/* Why the program that `command` or `entrypoint` puts in the place of the image's stops us; {NULL, 0} where it does
 * not. */
static struct str override_obstacle(const struct service *service) {
    struct command entrypoint = command_of(service, STR("entrypoint")), command = command_of(service, STR("command"));
    if (!entrypoint.is_set && !command.is_set)
        return nothing;
    if (!entrypoint.is_known || !command.is_known)
        return STR("a variable without a value is part of its command");
    return program_obstacle(service->check->arena, service->check->project, service->workload.context,
                            service->workload.stage, entrypoint.is_set ? &entrypoint : NULL,
                            command.is_set ? &command : NULL);
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
static bool starts_own(const struct service *service) {
    const struct stage *stage = service->workload.stage;
    const struct image *image = stage->image;
    struct arena *arena = service->check->arena;
    struct command given = command_of(service, STR("command")), built = stage_cmd(arena, stage);
    bool is_shell = built.where && built.is_shell;
    return !command_of(service, STR("entrypoint")).is_set && given.is_known && is_own(image, &given) &&
           !stage_entrypoint(arena, stage).where && !is_shell && (!built.where || is_own(image, &built));
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
static bool is_written(const struct image *image, const struct merged_mount *mount) {
    return is_among(mount->target, image->data, image->n_data) ||
           is_among(mount->target, image->writes, image->n_writes) ||
           is_among(mount->target, image->volumes, image->n_volumes);
}

/* Whether everybody can read what a file or folder of the host's has. */
static bool is_readable(const struct service *service, const struct merged_mount *mount) {
    static const struct str open[] = {STR_INIT("/etc/localtime"), STR_INIT("/etc/timezone"),
                                      STR_INIT("/usr/share/zoneinfo"), STR_INIT("/etc/ssl/certs")};
    struct check *check = service->check;
    if (mount->kind != MOUNT_BIND)
        return mount->kind != MOUNT_OTHER;
    if (STR_IS_IN(mount->source, open))
        return true;
    bool is_here = mount->source.n && mount->source.p[0] != '/' && mount->source.p[0] != '~';
    return is_here && project_has(check->project, mount->source, check->arena) &&
           project_is_readable(check->project, STR(""), mount->source, check->arena);
}

/* Whether a volume belongs to the image's user where it is mounted: an engine copies content and owner from the image
 * when it makes one (docs.docker.com/engine/storage/volumes, "Populate a volume using a container"). */
static bool is_users(const struct service *service, const struct image *image, const struct merged_mount *mount) {
    return mount->is_filled && str_is_in(mount->target, image->data, image->n_data) &&
           !service_shares(service, mount->source);
}

static struct str name_of(const struct merged_mount *mount) {
    return mount->name.n ? mount->name : mount->target.p ? mount->target : STR("a mount");
}

/* Why the image's user could not do with a mount what root can; {NULL, 0} where it can. */
static struct str mount_obstacle(const struct service *service, const struct image *image,
                                 const struct merged_mount *mount) {
    struct arena *arena = service->check->arena;
    struct str name = name_of(mount);
    if (!mount->target.p)
        return STR("where something is mounted is not known");
    if (mount->kind == MOUNT_TMPFS)
        return str_eq(mount->target, STR("/tmp")) || !is_written(image, mount) || mount->is_open
                   ? nothing
                   : str_printf(arena, "%.*s belongs to root", STR_ARG(mount->target));
    bool is_its = is_written(image, mount) || !image->starts_as_root.n; /* what runs as root may write anywhere */
    if (is_its && !mount->is_read_only && !is_users(service, image, mount))
        return str_printf(arena, "it is not known whose %.*s is", STR_ARG(name));
    if (!is_readable(service, mount))
        return str_printf(arena, "it is not known whether others than its owner can read %.*s", STR_ARG(name));
    return nothing;
}

static struct str mounts_obstacle(const struct service *service, const struct image *image) {
    struct str reason = nothing;
    for (uint32_t i = 0; i < service->mounts.n; i++) {
        const struct merged_mount *mount = &service->mounts.list[i];
        struct str own = mount_obstacle(service, image, mount);
        if (own.p && mount->kind != MOUNT_TMPFS)
            return own;
        reason = own.p ? own : reason; /* a tmpfs is what the others may have led to: it comes last */
    }
    return reason;
}

/* --- settings ------------------------------------------------------------------------------------------------------
 */

/* Whether a path lies in one of the image user's own volumes. */
static bool is_in_users_volume(const struct service *service, const struct image *image, struct str path) {
    for (uint32_t i = 0; i < service->mounts.n; i++) {
        const struct merged_mount *mount = &service->mounts.list[i];
        if (mount->target.p && path_is_below(path, mount->target))
            return !mount->is_read_only && is_users(service, image, mount);
    }
    return false;
}

struct str start_data_option(const struct service *service) {
    static const struct str names[] = {STR_INIT("data_directory"), STR_INIT("datadir"), STR_INIT("data-dir"),
                                       STR_INIT("dbpath")};
    struct command command = command_of(service, STR("command"));
    for (uint32_t i = 0; i < command.n; i++)
        for (uint32_t j = 0; j < sizeof names / sizeof *names; j++)
            if (str_contains(command.words[i], names[j]))
                return names[j];
    return nothing;
}

/* What moves the program's data to what is not its own, or changes its user; {NULL, 0} where nothing does. */
static struct str setting(const struct service *service, const struct image *image) {
    struct str value, option = start_data_option(service);
    if (option.p)
        return option;
    for (uint32_t i = 0; i < image->n_settings; i++)
        if (merged_may_set(service->files, &service->merged, image->settings[i], &value) &&
            !(str_starts(value, STR("/")) && is_in_users_volume(service, image, value)))
            return image->settings[i];
    return nothing;
}

static bool is_on_host_network(const struct service *service) {
    return str_eq(merged_text(service->check->arena, &service->merged, STR("network_mode")), STR("host"));
}

/* --- the decision --------------------------------------------------------------------------------------------------
 */

/* Why the image's user cannot take root's place from the start; {NULL, 0} where it can. */
static struct str user_obstacle(const struct service *service, const struct image *image) {
    struct arena *arena = service->check->arena;
    if (!image->as_user.n || !image->uid || image->unverified & (UNVERIFIED_USER | UNVERIFIED_AS_USER | UNVERIFIED_ALL))
        return STR("");
    const struct stage *stage = service->workload.stage;
    if (service->workload.dockerfile.n || stage->parent || stage->end > stage->from + 1)
        return STR(""); /* what was added may be root's */
    struct str reason = merged_needs_root(arena, &service->merged, &service->mounts), name = setting(service, image);
    if (reason.p)
        return reason;
    if (name.p)
        return str_printf(arena, "%.*s may change where its data is, and whose", STR_ARG(name));
    if (is_on_host_network(service) && image->n_ports)
        return STR("on the host's network only root can listen on its port");
    return mounts_obstacle(service, image);
}

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
static bool has_init(const struct service *service) {
    struct command entrypoint = stage_entrypoint(service->check->arena, service->workload.stage);
    return merged_is_true(service->check->arena, &service->merged, STR("init")) ||
           (entrypoint.n && template_has_name(NAMES_INIT, entrypoint.words[0]));
}

static struct start root_start(const struct service *service, const struct image *image) {
    struct arena *arena = service->check->arena;
    struct start start = {.kind = START_AS_ROOT, .caps = {image->capabilities, image->n_capabilities}};
    for (uint32_t i = 0; i < service->mounts.n && !start.override.p; i++) {
        const struct merged_mount *mount = &service->mounts.list[i];
        if (mount->kind == MOUNT_TMPFS || !mount->target.p)
            continue;
        bool is_filled = mount->is_filled && !service_shares(service, mount->source);
        bool is_others = !mount->is_read_only && !is_filled;
        if (is_others || !is_readable(service, mount))
            start.override = str_printf(arena, "what is in %.*s may be others'", STR_ARG(name_of(mount)));
    }
    if (start.override.p)
        start.caps.list = add_name(arena, start.caps.list, &start.caps.n, STR("DAC_OVERRIDE"));
    if (has_init(service) && image->starts_as_root.n)
        start.caps.list = add_name(arena, start.caps.list, &start.caps.n, STR("KILL"));
    if (is_on_host_network(service) && image->n_ports)
        start.caps.list = add_name(arena, start.caps.list, &start.caps.n, STR("NET_BIND_SERVICE"));
    return start;
}

static struct start unknown(struct str reason) {
    return (struct start){.kind = START_UNKNOWN, .reason = reason};
}

/* Of an image whose program starts as root; *ret_without is the start that it keeps. */
static struct start start_of_root(const struct service *service, struct start *ret_without) {
    struct check *check = service->check;
    struct arena *arena = check->arena;
    const struct workload *workload = &service->workload;
    const struct image *image = workload->stage->image;
    const struct document *dockerfile = project_find(check->project, workload->dockerfile);
    bool is_known =
        image && image->has_capabilities && !(image->unverified & (UNVERIFIED_CAPABILITIES | UNVERIFIED_ALL));
    if (is_known && starts_own(service)) {
        struct str reason = user_obstacle(service, image);
        struct start start = *ret_without = root_start(service, image);
        start.reason = ret_without->reason = reason;
        if (reason.p)
            return start;
        return (struct start){
            .kind = START_AS_USER,
            .says_user = true,
            .why = image->as_user,
            .user = {USER_OTHER, image->user, NULL, true, image->uid, image->gid},
        };
    }
    struct str reason = dockerfile ? project_needs_root(dockerfile, workload->stage) : nothing;
    if (reason.p)
        return unknown(str_printf(arena, "its program runs as root, because %.*s", STR_ARG(reason)));
    if (workload->dockerfile.n)
        return unknown(str_printf(arena, "its program runs as root: harden %.*s first", STR_ARG(workload->dockerfile)));
    if (is_known || (image && !image->has_capabilities && merged_get(&service->merged, STR("command"))))
        return unknown(STR("it starts another program than its image, as root, and what that needs is not known"));
    return unknown(STR("its program runs as root, and what it needs is not known"));
}

/* What `x-ironhull` says of it, in the place of facts. */
static struct start hinted_start(const struct service *service) {
    if (!service->hints.user.p)
        return (struct start){.kind = START_AS_ROOT, .caps = service->hints.capabilities, .reason = STR("")};
    struct stage stage = *service->workload.stage;
    stage.hints.user = service->hints.user;
    return (struct start){
        .kind = START_AS_USER,
        .says_user = true,
        .why = STR("x-ironhull says so"),
        .user = stage_hinted_user(service->check->arena, &stage),
    };
}

/* A program that no user of root's starts must be one that can do without. */
static struct start as_user(const struct service *service, struct user user) {
    const struct image *image = service->workload.stage->image;
    bool is_own = !service->workload.dockerfile.n && image && starts_own(service);
    struct str reason = is_own ? nothing : override_obstacle(service);
    return reason.p ? unknown(reason) : (struct start){.kind = START_AS_USER, .user = user};
}

struct start start_of(const struct service *service, struct start *ret_without) {
    const struct merged *merged = &service->merged;
    const struct workload *workload = &service->workload;
    struct arena *arena = service->check->arena;
    struct str text = merged_text(arena, merged, STR("user"));
    *ret_without = unknown(STR("it has to say which user it runs as"));
    if (!text.p && merged_get(merged, STR("user")))
        return unknown(STR("a variable without a value names its user"));
    if (workload->stage && (service->hints.user.p || service->hints.has_capabilities))
        return hinted_start(service);
    if (!workload->is_known)
        return unknown(workload->reason);
    if (workload->user.kind == USER_OTHER)
        return as_user(service, workload->user);
    if (text.n && !compose_is_root(text))
        return as_user(service, (struct user){.kind = USER_OTHER, .text = text});
    if (workload->user.kind == USER_UNKNOWN && !text.n)
        return unknown(STR("it is not known which user its image runs as"));
    return start_of_root(service, ret_without);
}
