#include "compose_mount.h"

#include "path.h"

/* --- volumes -------------------------------------------------------------------------------------------------------
 */

enum { MAX_PARTS = 8 };

static bool is_drive(struct str part) {
    return part.n == 1 && ((*part.p >= 'a' && *part.p <= 'z') || (*part.p >= 'A' && *part.p <= 'Z'));
}

/* Puts the drives of Windows, which a colon was cut off from, to their paths. The number of parts that are left. */
static uint32_t join_drives(struct arena *arena, struct str *parts, uint32_t n) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < n; i++, left++) {
        parts[left] = parts[i];
        if (!is_drive(parts[i]) || i + 1 == n)
            continue;
        i++;
        if (parts[i].p)
            parts[left] = str_printf(arena, "%.*s:%.*s", STR_ARG(parts[left]), STR_ARG(parts[i]));
        else
            parts[left] = parts[i];
    }
    return left;
}

static bool is_path(struct str source) {
    return str_starts(source, STR("/")) || str_starts(source, STR(".")) || str_starts(source, STR("~")) ||
           str_starts(source, STR("\\\\")) ||
           (is_drive(str_sub(source, 0, 1)) && str_starts(str_sub(source, 1, 2), STR(":")));
}

/* `source` as written: what it starts with tells, unless that is a variable. */
static enum compose_mount kind_of_source(struct str source) {
    return str_starts(source, STR("$")) ? MOUNT_OTHER : is_path(source) ? MOUNT_BIND : MOUNT_VOLUME;
}

static struct str written_source(struct str text) {
    uint32_t end = compose_find(text, 0, ':');
    return str_sub(text, 0, is_drive(str_sub(text, 0, end)) ? compose_find(text, 2, ':') : end);
}

static void set_options(struct compose_volume *volume, struct str options) {
    volume->options = options;
    struct str part;
    while (str_cut(&options, ',', &part)) {
        if (str_eq(part, STR("ro")) || str_eq(part, STR("rw")))
            volume->is_read_only = str_eq(part, STR("ro"));
        volume->is_nocopy |= str_eq(part, STR("nocopy"));
    }
}

static struct compose_volume short_volume(struct arena *arena, const struct variables *variables,
                                          const struct yaml_node *entry) {
    struct str none = STR(""), parts[MAX_PARTS] = {{NULL, 0}};
    uint32_t n = join_drives(arena, parts, compose_parts(arena, variables, entry, ':', parts, MAX_PARTS));
    struct compose_volume volume = {.kind = MOUNT_OTHER, .written = none, .subpath = none, .size = none, .mode = none};
    if (n > 1) {
        volume.written = written_source(yaml_text(entry));
        volume.kind = kind_of_source(parts[0].p ? parts[0] : volume.written);
        volume.source = parts[0];
        volume.target = parts[1];
        set_options(&volume, n > 2 ? parts[2] : none);
    } else if (n == 1 && parts[0].p) {
        volume.kind = str_starts(parts[0], STR("/")) ? MOUNT_VOLUME : MOUNT_OTHER;
        volume.source = volume.options = none;
        volume.target = parts[0];
    }
    return volume;
}

static enum compose_mount kind_of_type(struct str type) {
    return str_eq(type, STR("volume"))  ? MOUNT_VOLUME
           : str_eq(type, STR("bind"))  ? MOUNT_BIND
           : str_eq(type, STR("tmpfs")) ? MOUNT_TMPFS
                                        : MOUNT_OTHER;
}

struct compose_volume compose_volume(struct arena *arena, const struct variables *variables,
                                     const struct yaml_node *entry) {
    entry = yaml_resolve((struct yaml_node *)entry);
    if (!entry || entry->kind != YAML_MAPPING)
        return short_volume(arena, variables, entry);
    const struct yaml_node *volume = yaml_get(entry, STR("volume")), *tmpfs = yaml_get(entry, STR("tmpfs"));
    const struct yaml_node *bind = yaml_get(entry, STR("bind")), *image = yaml_get(entry, STR("image"));
    return (struct compose_volume){
        .kind = kind_of_type(compose_field(arena, variables, entry, STR("type"))),
        .source = compose_field(arena, variables, entry, STR("source")),
        .target = compose_field(arena, variables, entry, STR("target")),
        .written = yaml_text(yaml_get(entry, STR("source"))),
        .options = STR(""),
        .subpath = compose_field(arena, variables, image ? image : volume, STR("subpath")),
        .size = compose_field(arena, variables, tmpfs, STR("size")),
        .mode = compose_field(arena, variables, tmpfs, STR("mode")),
        .is_read_only = compose_is_true(arena, variables, yaml_get(entry, STR("read_only"))),
        .is_nocopy = compose_is_true(arena, variables, yaml_get(volume, STR("nocopy"))),
        .needs_host_path = compose_is_false(arena, variables, yaml_get(bind, STR("create_host_path"))),
    };
}

struct compose_tmpfs compose_tmpfs(struct arena *arena, const struct variables *variables,
                                   const struct yaml_node *entry) {
    struct str parts[2];
    uint32_t n = compose_parts(arena, variables, entry, ':', parts, 2);
    return (struct compose_tmpfs){
        .path = n ? parts[0] : (struct str){NULL, 0},
        .options = n > 1             ? parts[1]
                   : n && parts[0].p ? STR("")
                                     : (struct str){NULL, 0},
    };
}

/* --- secrets and configs -------------------------------------------------------------------------------------------
 */

struct compose_grant compose_grant(struct arena *arena, const struct variables *variables,
                                   const struct yaml_node *entry, enum compose_grant_kind kind) {
    entry = yaml_resolve((struct yaml_node *)entry);
    bool is_long = entry && entry->kind == YAML_MAPPING;
    struct str source =
        is_long ? compose_field(arena, variables, entry, STR("source")) : compose_text(arena, variables, entry);
    struct str target = compose_field(arena, variables, entry, STR("target"));
    if (target.p && target.n == 0)
        target = source;
    return (struct compose_grant){
        .source = source,
        .target = target.p ? path_join(arena, kind == GRANT_SECRET ? STR("/run/secrets") : STR("/"), target) : target,
        .uid = compose_field(arena, variables, entry, STR("uid")),
        .gid = compose_field(arena, variables, entry, STR("gid")),
        .mode = compose_field(arena, variables, entry, STR("mode")),
    };
}

/* `external` is a boolean, or a mapping with the name in old files, which is added then. */
static bool is_external(struct arena *arena, const struct variables *variables, const struct yaml_node *definition,
                        struct str *name) {
    const struct yaml_node *external = yaml_get(definition, STR("external"));
    *name = compose_field(arena, variables, definition, STR("name"));
    if (!external || external->kind != YAML_MAPPING)
        return compose_is_true(arena, variables, external);
    if (yaml_get(external, STR("name")))
        *name = compose_field(arena, variables, external, STR("name"));
    return true;
}

struct compose_content compose_content(struct arena *arena, const struct variables *variables,
                                       const struct yaml_node *definition) {
    struct compose_content content = {
        .file = compose_field(arena, variables, definition, STR("file")),
        .environment = compose_field(arena, variables, definition, STR("environment")),
        .content = compose_field(arena, variables, definition, STR("content")),
    };
    content.is_external = is_external(arena, variables, definition, &content.name);
    return content;
}

/* --- volumes at the top level --------------------------------------------------------------------------------------
 */

static struct str option_value(struct compose_options options, struct str key) {
    for (uint32_t i = options.n; i-- > 0;)
        if (str_eq(options.list[i].key, key))
            return options.list[i].value;
    return STR("");
}

struct compose_volume_definition compose_volume_definition(struct arena *arena, const struct variables *variables,
                                                           const struct yaml_node *definition) {
    static const struct str local_types[] = {STR_INIT(""),     STR_INIT("none"), STR_INIT("tmpfs"), STR_INIT("bind"),
                                             STR_INIT("ext4"), STR_INIT("xfs"),  STR_INIT("btrfs")};
    struct compose_volume_definition volume = {
        .driver = compose_field(arena, variables, definition, STR("driver")),
        .driver_opts = compose_options(arena, variables, yaml_get(definition, STR("driver_opts"))),
    };
    volume.is_external = is_external(arena, variables, definition, &volume.name);
    bool is_local = volume.driver.p && (volume.driver.n == 0 || str_eq(volume.driver, STR("local")));
    struct str rest = option_value(volume.driver_opts, STR("o")), type = option_value(volume.driver_opts, STR("type")),
               part;
    while (is_local && str_cut(&rest, ',', &part))
        volume.is_bind |= str_eq(part, STR("bind")) || str_eq(part, STR("rbind"));
    volume.is_remote = !volume.is_bind && !(is_local && type.p && STR_IS_IN(type, local_types));
    return volume;
}
