/* host-access: what a service reaches of the host, from the table of templates/host_access.yaml, and its ports. */
#include "security_options.h"

#include <fnmatch.h>

static struct finding *found(const struct service *service, const struct yaml_node *node, struct str what,
                             const struct host_access *row) {
    return rule_found(service->check, node->at.start, "service %.*s: %.*s %.*s: %.*s", STR_ARG(service->name),
                      STR_ARG(what), STR_ARG(row->gives),
                      STR_ARG(row->instead.n ? row->instead : STR("remove it, then the engine's default holds")));
}

/* --- what is written -----------------------------------------------------------------------------------------------
 */

/* A path of the host, clean; "~" leads those in the home folder. {NULL, 0} for names of volumes, paths beside the
 * file, and what a variable hides. */
static struct str host_path(struct arena *arena, struct str source) {
    static const struct str homes[] = {STR_INIT("${HOME}"), STR_INIT("$HOME"), STR_INIT("~")};
    for (uint32_t i = 0; i < sizeof homes / sizeof *homes; i++) {
        struct str rest = str_sub(source, homes[i].n, source.n);
        if (str_starts(source, homes[i]) && (rest.n == 0 || rest.p[0] == '/'))
            return path_clean(arena, STR("~"), str_sub(rest, 1, rest.n));
    }
    if (str_starts(source, STR("\\\\.\\pipe\\")))
        return str_printf(arena, "/pipe/%.*s", STR_ARG(str_sub(source, 9, source.n)));
    return str_starts(source, STR("/")) && !str_contains(source, STR("$")) ? path_join(arena, STR("/"), source)
                                                                           : (struct str){NULL, 0};
}

/* The folder that the definition of a named volume binds; {NULL, 0} where it binds none. */
static struct str bound_folder(const struct service *service, struct str name) {
    const struct yaml_node *volumes = yaml_get(merged_own(&service->merged)->root, STR("volumes"));
    const struct yaml_node *options = yaml_get(yaml_get(volumes, name), STR("driver_opts"));
    bool is_bind = str_contains(yaml_text(yaml_get(options, STR("o"))), STR("bind"));
    return is_bind ? yaml_text(yaml_get(options, STR("device"))) : (struct str){NULL, 0};
}

/* --- keys, capabilities, options -----------------------------------------------------------------------------------
 */

static bool is_privileged(const struct service *service) {
    return merged_is_true(service->check->arena, &service->merged, STR("privileged"));
}

static void check_keys(const struct service *service) {
    struct arena *arena = service->check->arena;
    for (uint32_t i = 0; i < template_n_host_access; i++) {
        const struct host_access *row = &template_host_access[i];
        for (uint32_t j = 0; j < row->names.n && str_eq(row->kind, STR("key")); j++) {
            struct str name = row->names.list[j], key = str_sub(name, 0, str_find(name, 0, ':'));
            const struct yaml_node *value = yaml_get(service->node, key);
            if (!value)
                continue;
            struct str text = str_printf(
                arena, "%.*s: %.*s", STR_ARG(key),
                STR_ARG(compose_is_true(arena, service->merged.variables, value) ? STR("true") : yaml_text(value)));
            if (fnmatch(name.p, text.p, 0) == 0)
                found(service, value, text, row);
        }
    }
}

static void check_capabilities(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct yaml_node *list = yaml_list(service->node, STR("cap_add"));
    for (uint32_t i = 0; i < list->n; i++) {
        struct str text = yaml_text(yaml_resolve(list->items[i]));
        const struct host_access *row =
            template_host_access_row(arena, STR("capability"), capability_name(arena, text), false);
        if (row)
            found(service, list->items[i], str_printf(arena, "cap_add: %.*s", STR_ARG(text)), row);
    }
}

static void check_options(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct yaml_node *list = yaml_list(service->node, STR("security_opt"));
    for (uint32_t i = 0; i < list->n; i++) {
        struct compose_option option = security_option_of(service, list->items[i]);
        struct str text = str_printf(arena, "%.*s=%.*s", STR_ARG(option.key), STR_ARG(option.value));
        const struct host_access *row = template_host_access_row(arena, STR("option"), text, false);
        for (uint32_t j = 0; j < i && row; j++)
            if (security_option_is(service, list->items[j], option))
                row = NULL; /* one finding, and one fix, for all that say the same */
        if (row)
            security_options_remove(service, option,
                                    found(service, list->items[i], yaml_text(yaml_resolve(list->items[i])), row));
    }
}

/* --- mounts, devices, settings -------------------------------------------------------------------------------------
 */

static void check_volumes(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct yaml_node *list = yaml_list(service->node, STR("volumes"));
    for (uint32_t i = 0; i < list->n; i++) {
        struct compose_volume volume = compose_volume(arena, service->merged.variables, list->items[i]);
        struct str source = volume.source.p ? volume.source : volume.written, bound = bound_folder(service, source);
        struct str path = host_path(arena, bound.p ? bound : source);
        if (!path.p && str_contains(source, STR("$")))
            path = path_name(volume.target); /* which may tell what the variable hides */
        const struct host_access *row =
            path.n ? template_host_access_row(arena, STR("mount"), path, volume.is_read_only) : NULL;
        if (row)
            found(service, list->items[i], bound.p ? bound : volume.written, row);
    }
}

static void check_devices(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct yaml_node *list = yaml_list(service->node, STR("devices"));
    for (uint32_t i = 0; i < list->n; i++) {
        struct str source = compose_volume(arena, service->merged.variables, list->items[i]).source;
        if (source.n == 0)
            source = yaml_text(yaml_resolve(list->items[i]));
        struct str path = host_path(arena, source);
        const struct host_access *row = path.n ? template_host_access_row(arena, STR("device"), path, false) : NULL;
        if (row)
            found(service, list->items[i], source, row);
    }
    list = yaml_list(service->node, STR("device_cgroup_rules"));
    for (uint32_t i = 0; i < list->n; i++) {
        struct str text = yaml_text(yaml_resolve(list->items[i]));
        const struct host_access *row = template_host_access_row(arena, STR("device_rule"), text, false);
        if (row)
            found(service, list->items[i], text, row);
    }
}

static void check_sysctls(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct yaml_node *all = yaml_get(service->node, STR("sysctls"));
    for (uint32_t i = 0; all && all->kind != YAML_SCALAR && i < all->n; i++) {
        const struct yaml_node *node = all->kind == YAML_MAPPING ? all->pairs[i].key : all->items[i];
        struct str text = yaml_text(yaml_resolve((struct yaml_node *)node));
        struct str name = str_sub(text, 0, str_find(text, 0, '='));
        const struct host_access *row = name.n ? template_host_access_row(arena, STR("sysctl"), name, false) : NULL;
        if (row && !str_eq(name, STR("<<")))
            found(service, node, name, row);
    }
}

/* --- ports ---------------------------------------------------------------------------------------------------------
 */

static bool is_every_address(struct str address) {
    static const struct str all[] = {STR_INIT(""), STR_INIT("0.0.0.0"), STR_INIT("::")};
    return address.p && STR_IS_IN(address, all);
}

/* What to write for a port that is published on all addresses. */
static struct str local_port(struct arena *arena, const struct yaml_node *entry, struct compose_port port) {
    struct str text = yaml_text(entry);
    if (entry->kind == YAML_MAPPING)
        return STR("host_ip: 127.0.0.1");
    if (port.host_ip.n)
        return STR("127.0.0.1 as its address");
    return str_printf(arena, "127.0.0.1:%s%.*s", port.published.p && !port.published.n ? ":" : "", STR_ARG(text));
}

/* Whether the service has no network of its own on which ports could be published. */
static bool has_others_network(const struct service *service) {
    struct str mode = merged_text(service->check->arena, &service->merged, STR("network_mode"));
    return str_eq(mode, STR("host")) || str_eq(mode, STR("none")) || str_starts(mode, STR("service:")) ||
           str_starts(mode, STR("container:"));
}

/* One finding for a service, at the first one. */
static void check_ports(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct yaml_node *list = yaml_list(service->node, STR("ports"));
    for (uint32_t i = 0; i < list->n && !has_others_network(service); i++) {
        const struct yaml_node *entry = yaml_resolve(list->items[i]);
        struct compose_port port = compose_port(arena, service->merged.variables, entry);
        struct str what = entry->kind == YAML_SCALAR ? yaml_text(entry)
                          : port.published.n         ? port.published
                                                     : str_printf(arena, "%u", port.target);
        if (!is_every_address(port.host_ip) || !port.target)
            continue;
        rule_found(service->check, list->items[i]->at.start,
                   "service %.*s: port %.*s can be reached from every network that the host is in: write %.*s where "
                   "only this machine uses it",
                   STR_ARG(service->name), STR_ARG(what), STR_ARG(local_port(arena, entry, port)));
        return;
    }
}

static void access_of(const struct service *service) {
    struct check *check = service->check;
    check->subject = service->at;
    check_keys(service);
    if (!is_privileged(service)) { /* which gives all of these anyway */
        check_capabilities(service);
        check_options(service);
        check_devices(service);
    }
    check_volumes(service);
    check_sysctls(service);
    check_ports(service);
    check->subject = 0;
}

void compose_host_access(struct check *check) {
    service_each(check, access_of);
}
