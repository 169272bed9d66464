/* What is mounted where a program writes, and what moves its data. */
#include "start_parts.h"

#include "path.h"

static const struct str nothing = {NULL, 0};

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

bool start_is_empty(const struct mount *mount) {
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

/* Whether the image's user can have its data there. */
static bool is_right(const struct launch *launch, const struct image *image, const struct mount *mount) {
    return is_users(image, mount) || (mount->owner == OWNER_ALL && !must_own(launch, image, mount));
}

struct str start_mount_name(const struct mount *mount) {
    return mount->name.n ? mount->name : mount->target.p ? mount->target : STR("a mount");
}

/* Why the image's user could not do with a mount what root can; {NULL, 0} where it can. */
static struct str mount_obstacle(const struct launch *launch, const struct image *image, const struct mount *mount) {
    struct arena *arena = launch->arena;
    struct str name = start_mount_name(mount);
    if (!mount->target.p)
        return STR("where something is mounted is not known");
    if (start_is_empty(mount))
        return str_eq(mount->target, STR("/tmp")) || !is_written(image, mount) || is_right(launch, image, mount)
                   ? nothing
                   : str_printf(arena, "%.*s belongs to root", STR_ARG(mount->target));
    bool is_its = is_written(image, mount) || !image->starts_as_root.n; /* what runs as root may write anywhere */
    if (is_its && !mount->is_read_only && !is_right(launch, image, mount))
        return str_printf(arena, "it is not known whose %.*s is", STR_ARG(name));
    if (!mount->is_readable)
        return str_printf(arena, "it is not known whether others than its owner can read %.*s", STR_ARG(name));
    return nothing;
}

struct str start_mounts_obstacle(const struct launch *launch, const struct image *image) {
    struct str reason = nothing;
    for (uint32_t i = 0; i < launch->n_mounts; i++) {
        const struct mount *mount = &launch->mounts[i];
        struct str own = mount_obstacle(launch, image, mount);
        if (own.p && !start_is_empty(mount))
            return own;
        reason = own.p ? own : reason; /* a tmpfs is what the others may have led to: it comes last */
    }
    return reason;
}

struct launch start_with_group(const struct launch *launch) {
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

bool start_is_mounted(const struct launch *launch, struct str path) {
    for (uint32_t i = 0; i < launch->n_mounts; i++)
        if (launch->mounts[i].target.p && path_is_below(path, launch->mounts[i].target))
            return true;
    for (uint32_t i = 0; i < launch->made_volumes.n; i++)
        if (path_is_below(path, launch->made_volumes.list[i]))
            return true;
    return false;
}

/* --- settings ------------------------------------------------------------------------------------------------------
 */

/* Whether a path lies in what is mounted for the image's user alone. */
static bool is_in_users_volume(const struct launch *launch, const struct image *image, struct str path) {
    for (uint32_t i = 0; i < launch->n_mounts; i++) {
        const struct mount *mount = &launch->mounts[i];
        if (mount->target.p && path_is_below(path, mount->target))
            return !mount->is_read_only && is_right(launch, image, mount);
    }
    return false;
}

/* An option by which its command moves the program's data to a place that does not fit; {NULL, 0} where there is none.
 */
static struct str data_option(const struct launch *launch, const struct image *image,
                              bool (*fits)(const struct launch *, const struct image *, struct str path)) {
    static const struct str names[] = {STR_INIT("data_directory"), STR_INIT("datadir"), STR_INIT("data-dir"),
                                       STR_INIT("dbpath")};
    for (uint32_t i = 0; i < launch->command.n; i++)
        for (uint32_t j = 0; j < sizeof names / sizeof *names; j++) {
            struct str word = launch->command.words[i], next = STR("");
            uint32_t equals = str_find(word, 0, '=');
            if (!str_contains(word, names[j]))
                continue;
            if (equals < word.n || i + 1 < launch->command.n)
                next = equals < word.n ? str_sub(word, equals + 1, word.n) : launch->command.words[i + 1];
            if (!image || !str_starts(next, STR("/")) || !fits(launch, image, next))
                return names[j];
        }
    return nothing;
}

/* Whether a program finds there what the system or its image has, or may write in any case. */
static bool is_given(const struct image *image, struct str path) {
    static const struct str systems[] = {STR_INIT("/bin"), STR_INIT("/dev"),  STR_INIT("/etc"),
                                         STR_INIT("/lib"), STR_INIT("/proc"), STR_INIT("/sbin"),
                                         STR_INIT("/sys"), STR_INIT("/tmp"),  STR_INIT("/usr")};
    const struct str_list lists[] = {{systems, sizeof systems / sizeof *systems},
                                     {image->data, image->n_data},
                                     {image->volumes, image->n_volumes},
                                     {image->writes, image->n_writes}};
    for (uint32_t l = 0; l < sizeof lists / sizeof *lists; l++)
        for (uint32_t i = 0; i < lists[l].n; i++)
            if (path_is_below(path, lists[l].list[i]))
                return true;
    return path.n == 1;
}

/* /var/run leads to /run. */
static struct str without_var(struct str path) {
    return path_is_below(path, STR("/var/run")) ? str_sub(path, 4, path.n) : path;
}

/* The path in an argument, absolute and clean; {NULL, 0} where it is none that its program may make. Traefik makes the
 * file of its certificates wherever that is, also beside its settings (doc.traefik.io, "ACME", storage). */
static struct str made_path(const struct launch *launch, const struct image *image, struct str word) {
    uint32_t equals = str_find(word, 0, '=');
    struct str value = equals < word.n ? str_sub(word, equals + 1, word.n) : word;
    bool is_made = str_ends(str_sub(word, 0, equals), STR("acme.storage"));
    if (!is_made && !str_starts(value, STR("/")))
        return nothing;
    struct str path = path_join(launch->arena, launch->workdir.p ? launch->workdir : image->workdir, value);
    return !is_made && is_given(image, without_var(path)) ? nothing : path;
}

/* Among the arguments of a program that root starts, a path that it may make outside of what is mounted; {NULL, 0}
 * where there is none. */
static struct str loose_path(const struct launch *launch, const struct image *image) {
    bool is_roots = launch->workload.user.kind == USER_ROOT && (launch->is_root || !launch->user.n);
    if (!is_roots || !image || !image->n_entrypoint || launch->entrypoint.is_set || launch->workload.dockerfile.n)
        return nothing;
    for (uint32_t i = 0; i < launch->command.n; i++) {
        struct str word = launch->command.words[i];
        bool is_program = i == 0 && str_starts(word, STR("/"));
        struct str path = is_program ? nothing : made_path(launch, image, word);
        if (path.p && !start_is_mounted(launch, path) && !start_is_mounted(launch, without_var(path)))
            return path;
    }
    return nothing;
}

/* A variable as the subject of a clause. What has no value may come from a file or an object that nobody has here. */
static struct str named(const struct launch *launch, struct str name, struct str value) {
    return value.p ? name
                   : str_printf(launch->arena, "%.*s, which may be set by what is not at hand (env_file, envFrom),",
                                STR_ARG(name));
}

/* What moves the program's data to a place that is not right for it, or changes its user; {NULL, 0} where nothing does.
 */
static struct str setting(const struct launch *launch, const struct image *image,
                          bool (*fits)(const struct launch *, const struct image *, struct str path)) {
    struct str value, option = data_option(launch, image, fits), path = loose_path(launch, image);
    if (option.p || path.p)
        return option.p ? option : path;
    for (uint32_t i = 0; image && i < image->n_settings; i++)
        if (launch->may_set(launch, image->settings[i], &value) &&
            !(str_starts(value, STR("/")) && fits(launch, image, value)))
            return named(launch, image->settings[i], value);
    return nothing;
}

struct str start_moves_data(const struct launch *launch, const struct image *image) {
    return setting(launch, image, is_in_users_volume);
}

static bool is_mounted(const struct launch *launch, const struct image *image, struct str path) {
    (void)image;
    return start_is_mounted(launch, path);
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
            return named(launch, cause, value);
    }
    return nothing;
}

bool start_writes_unproven(const struct launch *launch) {
    const struct image *image = launch->workload.stage->image;
    uint32_t unproven = UNVERIFIED_WRITES | (launch->workload.dockerfile.n ? 0 : UNVERIFIED_ALL);
    return image && image->unverified & unproven && launch->hints.writable.n == 0;
}
