/* read-only-root: the service writes to mounts only. */
#include "rules_compose.h"

static bool is_mounted(const struct service *service, struct str path) {
    const struct yaml_node *volumes = yaml_list(service->node, STR("volumes"));
    for (uint32_t i = 0; i < volumes->n; i++) {
        struct str target = compose_volume(volumes->items[i]).target;
        if (target.n && str_eq(path_join(service->check->arena, STR("/"), target), path))
            return true;
    }
    if (str_eq(service_mount_path(yaml_text(yaml_get(service->node, STR("tmpfs")))), path))
        return true;
    const struct yaml_node *tmpfs = yaml_list(service->node, STR("tmpfs"));
    for (uint32_t i = 0; i < tmpfs->n; i++)
        if (str_eq(service_mount_path(yaml_text(yaml_resolve(tmpfs->items[i]))), path))
            return true;
    return false;
}

/* Whether the service uses a secret or config that the engine writes into its root file system. */
static bool has_written_secret(const struct service *service) {
    static const struct str groups[] = {STR_INIT("secrets"), STR_INIT("configs")};
    for (uint32_t g = 0; g < 2; g++) {
        const struct yaml_node *used = yaml_list(service->node, groups[g]), *all = yaml_get(service->root, groups[g]);
        for (uint32_t i = 0; i < used->n; i++) {
            const struct yaml_node *entry = yaml_resolve(used->items[i]);
            struct str name =
                entry->kind == YAML_MAPPING ? yaml_text(yaml_get(entry, STR("source"))) : yaml_text(entry);
            const struct yaml_node *definition = name.p ? yaml_get(all, name) : NULL;
            if (yaml_get(definition, STR("environment")) || yaml_get(definition, STR("content")))
                return true;
        }
    }
    return false;
}

/* Whether docker compose writes changed files into the running container, which a read-only root keeps it from. */
static bool is_synced(const struct service *service) {
    const struct yaml_node *watched = yaml_list(yaml_get(service->node, STR("develop")), STR("watch"));
    for (uint32_t i = 0; i < watched->n; i++)
        if (str_starts(yaml_text(yaml_get(watched->items[i], STR("action"))), STR("sync")))
            return true;
    return false;
}

static void root_of(const struct service *service) {
    struct check *check = service->check;
    if (!service_is_ready(service) || yaml_is_true(yaml_get(service->node, STR("read_only"))))
        return;
    if (has_written_secret(service)) {
        rule_found(check, service->at,
                   "service %.*s: a secret or config from `environment` or `content` is written into the root file "
                   "system, which can then not be read-only: use `file`",
                   STR_ARG(service->name));
        return;
    }
    if (is_synced(service)) {
        rule_found(
            check, service->at,
            "service %.*s: develop.watch copies files into its root file system, which can then not be read-only",
            STR_ARG(service->name));
        return;
    }
    VEC(struct str) paths = {0};
    bool has_libraries = str_eq(service->workload.runtime, STR("java")); /* unpacks native ones there and runs them */
    if (!is_mounted(service, STR("/tmp")))
        *vec_push(check->arena, &paths) = has_libraries ? STR("/tmp:exec") : STR("/tmp");
    const struct str_list lists[] = {service->workload.writable, service->workload.image_writes};
    for (uint32_t l = 0; l < 2; l++)
        for (uint32_t i = 0; i < lists[l].n; i++) {
            struct str path = lists[l].list[i];
            if (is_mounted(service, path))
                continue;
            if (!path_is_transient(path) || !path_is_plain(path) ||
                (l == 0 && project_has_content(check->project, &service->workload, path, check->arena))) {
                rule_found(
                    check, service->at,
                    "service %.*s: its program writes to %.*s, and what is there may have to last: mount a volume "
                    "there, then its root file system can be read-only",
                    STR_ARG(service->name), STR_ARG(path));
                return;
            }
            *vec_push(check->arena, &paths) = str_printf(check->arena, "%.*s:mode=1777", STR_ARG(path));
        }
    struct yaml_value *items = arena_array(check->arena, paths.n, sizeof *items);
    for (uint32_t i = 0; i < paths.n; i++)
        items[i] = (struct yaml_value){.kind = YAML_SCALAR, .text = paths.at[i]};
    const struct yaml_value keys[] = {
        template_value("compose/read-only-root")->children[0],
        {.kind = YAML_SEQUENCE, .key = STR_INIT("tmpfs"), .children = items, .n = paths.n},
    };
    const struct yaml_value value = {.kind = YAML_MAPPING, .children = keys, .n = paths.n ? 2 : 1};
    service_want(service, NULL, NO_VARIABLES, &value,
                 "its root file system can be written to; read-only, what it writes outside its mounts fails");
}

void compose_read_only_root(struct check *check) {
    service_each(check, root_of);
}
