/* What a service mounts, and what it gives its program that only root gets. */
#include "merged.h"

#include "template.h"

/* --- mounts --------------------------------------------------------------------------------------------------------
 */

/* The definition of that name in a group at the top level of one of the service's files; NULL where there is none. */
static const struct yaml_node *definition_of(const struct merged *merged, struct str group, struct str name) {
    for (uint32_t i = merged->n; i > 0 && name.p; i--) {
        const struct yaml_node *definition = yaml_get(yaml_get(merged->layers[i - 1].root, group), name);
        if (definition)
            return definition;
    }
    return NULL;
}

struct mounts {
    struct arena *arena;
    const struct merged *merged;
    VEC(struct merged_mount) list;
    struct map by_target; /* uint32_t: where in the list */
};

/* A mount takes the place of an earlier one at the same target. */
static void add_mount(struct mounts *mounts, struct merged_mount mount) {
    if (str_starts(mount.target, STR("/")))
        mount.target = path_join(mounts->arena, STR("/"), mount.target);
    else
        mount.target = (struct str){NULL, 0};
    uint32_t *index = arena_new(mounts->arena, uint32_t), *known = NULL;
    *index = mounts->list.n;
    if (mount.target.p)
        known = map_add(&mounts->by_target, mounts->arena, mount.target, index);
    if (known)
        mounts->list.at[*known] = mount;
    else
        *vec_push(mounts->arena, &mounts->list) = mount;
}

/* Whether everybody may write to a folder of that mode. */
static bool is_open(struct str mode) {
    return mode.n && str_find(STR("2367"), 0, mode.p[mode.n - 1]) < 4;
}

/* Whether a tmpfs's options give it to everybody, or to a user of their choice. */
static bool says_owner(struct str options) {
    struct str rest = options, option;
    while (rest.n && str_cut(&rest, ',', &option))
        if (str_starts(option, STR("uid=")) || (str_starts(option, STR("mode=")) && is_open(option)))
            return true;
    return false;
}

static bool is_filled(const struct mounts *mounts, const struct compose_volume *volume) {
    struct compose_volume_definition definition = compose_volume_definition(
        mounts->arena, mounts->merged->variables, definition_of(mounts->merged, STR("volumes"), volume->source));
    return volume->kind == MOUNT_VOLUME && !volume->is_nocopy && volume->source.p && !volume->subpath.n &&
           !definition.is_external && !definition.is_remote && !definition.driver_opts.n;
}

static struct str host_path(struct arena *arena, const struct document *document, struct str source) {
    bool is_here = source.n && source.p[0] == '.';
    return is_here ? path_clean(arena, compose_files_folder(document), source) : source;
}

static void add_volumes(struct mounts *mounts, const struct layer *layer) {
    const struct yaml_node *list = yaml_list(layer->node, STR("volumes"));
    for (uint32_t i = 0; i < list->n; i++) {
        struct compose_volume volume = compose_volume(mounts->arena, mounts->merged->variables, list->items[i]);
        bool is_bind = volume.kind == MOUNT_BIND;
        add_mount(mounts, (struct merged_mount){
                              .kind = volume.kind,
                              .target = volume.target,
                              .name = volume.written,
                              .source = is_bind ? host_path(mounts->arena, layer->place.document, volume.source)
                                                : volume.source,
                              .is_read_only = volume.is_read_only,
                              .is_filled = is_filled(mounts, &volume),
                              .is_open = volume.kind == MOUNT_TMPFS && is_open(volume.mode),
                          });
    }
}

static void add_grants(struct mounts *mounts, struct str group, enum compose_grant_kind kind) {
    struct arena *arena = mounts->arena;
    struct merged_items items = merged_list(arena, mounts->merged, group);
    for (uint32_t i = 0; i < items.n; i++) {
        struct compose_grant grant = compose_grant(arena, mounts->merged->variables, items.list[i], kind);
        struct compose_content content =
            compose_content(arena, mounts->merged->variables, definition_of(mounts->merged, group, grant.source));
        const struct document *document = merged_own(mounts->merged)->place.document;
        bool is_file = content.file.p && content.file.n;
        struct str path = is_file ? path_clean(arena, compose_files_folder(document), content.file) : content.file;
        add_mount(mounts, (struct merged_mount){.kind = is_file ? MOUNT_BIND : MOUNT_OTHER,
                                                .target = grant.target,
                                                .name = is_file ? content.file : STR(""),
                                                .source = path,
                                                .is_read_only = true});
    }
}

struct merged_mounts merged_mounts(struct arena *arena, const struct merged *merged) {
    struct mounts mounts = {.arena = arena, .merged = merged};
    for (uint32_t i = 0; i < merged->n; i++)
        add_volumes(&mounts, &merged->layers[i]);
    struct merged_items items = merged_list(arena, merged, STR("tmpfs"));
    for (uint32_t i = 0; i < items.n; i++) {
        struct compose_tmpfs tmpfs = compose_tmpfs(arena, merged->variables, items.list[i]);
        add_mount(&mounts, (struct merged_mount){MOUNT_TMPFS, tmpfs.path, .is_open = says_owner(tmpfs.options)});
    }
    add_grants(&mounts, STR("secrets"), GRANT_SECRET);
    add_grants(&mounts, STR("configs"), GRANT_CONFIG);
    return (struct merged_mounts){mounts.list.at, mounts.list.n};
}

bool merged_is_written(struct arena *arena, const struct merged *merged) {
    static const struct str groups[] = {STR_INIT("secrets"), STR_INIT("configs")};
    for (uint32_t g = 0; g < 2; g++) {
        struct merged_items items = merged_list(arena, merged, groups[g]);
        for (uint32_t i = 0; i < items.n; i++) {
            struct compose_grant grant = compose_grant(arena, merged->variables, items.list[i], GRANT_SECRET);
            const struct yaml_node *definition = definition_of(merged, groups[g], grant.source);
            if (yaml_get(definition, STR("environment")) || yaml_get(definition, STR("content")))
                return true;
        }
    }
    return false;
}

struct str_list merged_volumes(struct arena *arena, const struct merged_mounts *mounts) {
    VEC(struct str) paths = {0};
    for (uint32_t i = 0; i < mounts->n; i++)
        if (mounts->list[i].kind == MOUNT_VOLUME && !mounts->list[i].is_read_only && mounts->list[i].target.p)
            *vec_push(arena, &paths) = mounts->list[i].target;
    return (struct str_list){paths.at, paths.n};
}

/* --- environment ---------------------------------------------------------------------------------------------------
 */

/* Whether a file of variables has one, or cannot be read. */
static bool file_may_set(struct compose_files *files, const struct merged *merged, const struct layer *layer,
                         const struct yaml_node *item, struct str name, struct str *ret_value) {
    struct compose_env_file file = compose_env_file(files->arena, merged->variables, item);
    struct str folder = compose_files_folder(layer->place.document);
    const struct variables *set = file.path.n ? compose_files_env(files, folder, file.path) : NULL;
    const struct str *value = variables_get(set, name);
    if (value)
        *ret_value = *value;
    return !set || value;
}

bool merged_may_set(struct compose_files *files, const struct merged *merged, struct str name, struct str *ret_value) {
    *ret_value = (struct str){NULL, 0};
    for (uint32_t i = merged->n; i > 0; i--)
        if (compose_environment(files->arena, merged->variables, merged->layers[i - 1].node, name, ret_value))
            return true;
    for (uint32_t i = merged->n; i > 0; i--) {
        const struct yaml_node *list = yaml_get(merged->layers[i - 1].node, STR("env_file")), *item;
        for (uint32_t j = 0; (item = compose_item(list, j)); j++)
            if (file_may_set(files, merged, &merged->layers[i - 1], item, name, ret_value))
                return true;
    }
    return false;
}

/* --- what only root gets -------------------------------------------------------------------------------------------
 */

/* Lists that give something which a user without privileges does not get. */
static const struct {
    struct str key;
    const char *clause;
} root_lists[] = {
    {STR_INIT("devices"), "uses devices of the host, which belong to root"},
    {STR_INIT("device_cgroup_rules"), "uses devices of the host, which belong to root"},
};

/* Whether it gets capabilities for something that it does itself. What the start of a public image uses of those that
 * an engine gives anyway does not tell that. */
static bool adds_capabilities(struct arena *arena, const struct merged *merged) {
    struct merged_items added = merged_list(arena, merged, STR("cap_add"));
    bool is_built = merged_get(merged, STR("build")) != NULL, is_more = is_built && added.n;
    for (uint32_t i = 0; i < added.n; i++) {
        struct str name = capability_name(arena, merged_value(arena, merged, added.list[i]));
        is_more |= !template_has_name(NAMES_DEFAULT_CAPABILITIES, name);
    }
    return is_more;
}

static bool is_engine(const struct merged_mount *mount) {
    return str_ends(mount->name, STR("/docker.sock")) || str_ends(mount->target, STR("/docker.sock"));
}

struct str merged_needs_root(struct arena *arena, const struct merged *merged, const struct merged_mounts *mounts) {
    const char *clause = NULL;
    if (merged_is_true(arena, merged, STR("privileged")))
        clause = "is privileged, which is of use to root only";
    else if (adds_capabilities(arena, merged))
        clause = "adds capabilities, which only root gets";
    for (uint32_t i = 0; i < sizeof root_lists / sizeof *root_lists && !clause; i++)
        if (merged_list(arena, merged, root_lists[i].key).n)
            clause = root_lists[i].clause;
    for (uint32_t i = 0; i < mounts->n && !clause; i++)
        if (is_engine(&mounts->list[i]))
            clause = "mounts the engine's socket, which belongs to root";
    for (uint32_t i = 0; i < mounts->n && !clause; i++)
        if (path_is_below(mounts->list[i].target, STR("/root")))
            clause = "mounts something below /root, which only root can read";
    if (!clause && str_eq(merged_text(arena, merged, STR("pid")), STR("host")))
        clause = "sees the host's processes, which only root may inspect";
    if (!clause && compose_is_root(merged_text(arena, merged, STR("user"))))
        clause = "says that it runs as root";
    return clause ? str_printf(arena, "the service %.*s %s", STR_ARG(merged_own(merged)->place.name), clause)
                  : (struct str){NULL, 0};
}
