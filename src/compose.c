#include "compose.h"

const struct yaml_node *compose_services(const struct yaml_node *root) {
    const struct yaml_node *services = yaml_get(root, STR("services"));
    return services && services->kind == YAML_MAPPING ? services : NULL;
}

bool compose_is_root(struct str user) {
    struct str name = str_sub(user, 0, str_find(user, 0, ':'));
    return str_eq(name, STR("root")) || str_eq(name, STR("0"));
}

/* --- volumes -------------------------------------------------------------------------------------------------------
 */

/* Cuts the part before the next colon that is not within ${…} off *rest. False once it is used up. */
static bool cut_field(struct str *rest, struct str *ret_field) {
    uint32_t depth = 0, i = 0;
    if (!rest->p)
        return false;
    for (; i < rest->n && (rest->p[i] != ':' || depth); i++) {
        depth += rest->p[i] == '{';
        depth -= rest->p[i] == '}' && depth;
    }
    *ret_field = str_sub(*rest, 0, i);
    *rest = i < rest->n ? str_sub(*rest, i + 1, rest->n) : (struct str){NULL, 0};
    return true;
}

static enum compose_mount kind_of_source(struct str source) {
    if (str_contains(source, STR("$")))
        return MOUNT_OTHER;
    bool is_path = str_starts(source, STR("/")) || str_starts(source, STR(".")) || str_starts(source, STR("~"));
    return is_path ? MOUNT_BIND : MOUNT_VOLUME;
}

static bool has_option(struct str options, struct str option) {
    struct str rest = options, part;
    while (str_cut(&rest, ',', &part))
        if (str_eq(part, option))
            return true;
    return false;
}

static struct compose_volume short_volume(struct str text) {
    struct compose_volume volume = {.source = STR(""), .target = STR("")};
    struct str rest = text, field = {NULL, 0}, second = {NULL, 0}, options = {NULL, 0};
    cut_field(&rest, &field);
    if (!cut_field(&rest, &second)) {
        volume.kind = str_starts(field, STR("/")) ? MOUNT_VOLUME : MOUNT_OTHER;
        volume.target = field;
        return volume;
    }
    cut_field(&rest, &options);
    volume.kind = kind_of_source(field);
    volume.source = field;
    volume.target = second;
    volume.is_read_only = has_option(options, STR("ro"));
    return volume;
}

struct compose_volume compose_volume(const struct yaml_node *entry) {
    entry = yaml_resolve((struct yaml_node *)entry);
    if (entry->kind == YAML_SCALAR)
        return short_volume(entry->value);
    struct compose_volume volume = {
        .source = yaml_text(yaml_get(entry, STR("source"))),
        .target = yaml_text(yaml_get(entry, STR("target"))),
    };
    struct str type = yaml_text(yaml_get(entry, STR("type")));
    volume.kind = str_eq(type, STR("volume")) ? MOUNT_VOLUME : str_eq(type, STR("bind")) ? MOUNT_BIND : MOUNT_OTHER;
    volume.is_read_only = yaml_is_true(yaml_get(entry, STR("read_only")));
    return volume;
}

static struct str_list volumes_of(struct arena *arena, const struct yaml_node *service) {
    const struct yaml_node *list = yaml_list(service, STR("volumes"));
    VEC(struct str) paths = {0};
    for (uint32_t i = 0; i < list->n; i++) {
        struct compose_volume volume = compose_volume(list->items[i]);
        if (volume.kind == MOUNT_VOLUME && !volume.is_read_only && str_starts(volume.target, STR("/")) &&
            !str_contains(volume.target, STR("$")))
            *vec_push(arena, &paths) = path_join(arena, STR("/"), volume.target);
    }
    return (struct str_list){paths.at, paths.n};
}

/* --- what only root gets -------------------------------------------------------------------------------------------
 */

/* Lists that give something which a user without privileges does not get. */
static const struct {
    struct str key;
    const char *clause;
} root_lists[] = {
    {STR_INIT("cap_add"), "adds capabilities, which only root gets"},
    {STR_INIT("devices"), "uses devices of the host, which belong to root"},
    {STR_INIT("device_cgroup_rules"), "uses devices of the host, which belong to root"},
};

static bool mounts_engine(const struct yaml_node *service) {
    const struct yaml_node *list = yaml_list(service, STR("volumes"));
    for (uint32_t i = 0; i < list->n; i++) {
        struct compose_volume volume = compose_volume(list->items[i]);
        if (str_ends(volume.source, STR("/docker.sock")) || str_ends(volume.target, STR("/docker.sock")))
            return true;
    }
    return false;
}

static bool mounts_home(const struct yaml_node *service) {
    const struct yaml_node *list = yaml_list(service, STR("volumes"));
    for (uint32_t i = 0; i < list->n; i++)
        if (path_is_below(compose_volume(list->items[i]).target, STR("/root")))
            return true;
    return false;
}

static struct str needs_root(struct arena *arena, struct str name, const struct yaml_node *service) {
    const char *clause = NULL;
    if (yaml_is_true(yaml_get(service, STR("privileged"))))
        clause = "is privileged, which is of use to root only";
    for (uint32_t i = 0; i < sizeof root_lists / sizeof *root_lists && !clause; i++)
        if (yaml_list(service, root_lists[i].key)->n)
            clause = root_lists[i].clause;
    if (!clause && mounts_engine(service))
        clause = "mounts the engine's socket, which belongs to root";
    if (!clause && mounts_home(service))
        clause = "mounts something below /root, which only root can read";
    if (!clause && str_eq(yaml_text(yaml_get(service, STR("pid"))), STR("host")))
        clause = "sees the host's processes, which only root may inspect";
    if (!clause && compose_is_root(yaml_text(yaml_get(service, STR("user")))))
        clause = "says that it runs as root";
    return clause ? str_printf(arena, "the service %.*s %s", STR_ARG(name), clause) : (struct str){NULL, 0};
}

/* --- one service ---------------------------------------------------------------------------------------------------
 */

static void set_extends(struct arena *arena, struct str path, const struct yaml_node *node,
                        struct compose_service *ret) {
    struct str file = yaml_text(yaml_get(node, STR("file")));
    struct str name = node && node->kind == YAML_SCALAR ? node->value : yaml_text(yaml_get(node, STR("service")));
    if (!name.n)
        return;
    ret->extends = str_dup(arena, name);
    ret->extends_file = file.n ? path_clean(arena, path_folder(path), file) : path;
}

struct compose_service compose_service(struct arena *arena, struct str path, struct str name,
                                       const struct yaml_node *service) {
    static const struct str list_keys[] = {STR_INIT("security_opt"), STR_INIT("tmpfs")};
    struct compose_service ret = {
        .name = str_dup(arena, name),
        .needs_root = needs_root(arena, name, service),
        .has_command = yaml_get(service, STR("command")) != NULL,
        .volumes = volumes_of(arena, service),
    };
    set_extends(arena, path, yaml_get(service, STR("extends")), &ret);
    for (uint32_t i = 0; i < sizeof list_keys / sizeof *list_keys && !ret.list_key.p; i++)
        if (yaml_get(service, list_keys[i]))
            ret.list_key = list_keys[i];
    return ret;
}
