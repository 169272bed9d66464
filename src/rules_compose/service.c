#include "rules_compose.h"

#include "program.h"
#include "want.h"

/* A value of `command` or `entrypoint`; not set where it is null or absent. */
static struct command command_of(struct arena *arena, const struct yaml_node *node) {
    struct command command = {.is_set = node && !yaml_is_null(node), .is_known = true};
    if (!command.is_set)
        return command;
    struct str *words = arena_array(arena, node->n + 1, sizeof *words);
    command.words = words;
    command.is_shell = node->kind == YAML_SCALAR;
    if (node->kind == YAML_SCALAR)
        words[command.n++] = node->value;
    for (uint32_t i = 0; node->kind == YAML_SEQUENCE && i < node->n; i++)
        words[command.n++] = yaml_text(yaml_resolve(node->items[i]));
    return command;
}

/* Why the program that `command` or `entrypoint` puts in the place of the image's stops us; {NULL, 0} where it does
 * not. */
static struct str override_obstacle(const struct service *service) {
    struct arena *arena = service->check->arena;
    struct command entrypoint = command_of(arena, yaml_get(service->node, STR("entrypoint")));
    struct command command = command_of(arena, yaml_get(service->node, STR("command")));
    if (!entrypoint.is_set && !command.is_set)
        return (struct str){NULL, 0};
    return program_obstacle(arena, service->check->project, service->workload.context, service->workload.stage,
                            entrypoint.is_set ? &entrypoint : NULL, command.is_set ? &command : NULL);
}

/* Why the measures belong to another place, or would go to others too; {NULL, 0} where they belong here. */
static struct str sharing_obstacle(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct yaml_node *node = service->node;
    const struct compose_service *facts = project_service_facts(service->check->document, service->name);
    if (facts && facts->base.p)
        return str_printf(arena, "%.*s defines it too, and is where the measures for both belong",
                          STR_ARG(facts->base));
    if (service->is_repeated)
        return STR("an earlier document of this file defines it too, and is where the measures for both belong");
    if (node->kind != YAML_MAPPING)
        return STR("it is not written as a mapping here");
    if (node->anchor.p)
        return STR("it has an anchor: what is added to it would go to others too");
    if (yaml_get(node, STR("extends")))
        return STR("it extends another service");
    if (facts && facts->extended_by.p)
        return str_printf(arena, "%.*s extends it, and what is added to it would go there too",
                          STR_ARG(facts->extended_by));
    if (facts && facts->joins.p)
        return str_printf(arena, "%.*s adds to its %.*s, which may hold nothing twice: write what both need here, once",
                          STR_ARG(facts->joins), STR_ARG(facts->joins_key));
    return (struct str){NULL, 0};
}

/* Why the program runs as root; {NULL, 0} where it does not. */
static struct str root_obstacle(const struct service *service) {
    const struct workload *workload = &service->workload;
    struct arena *arena = service->check->arena;
    if (workload->user.kind == USER_OTHER)
        return (struct str){NULL, 0};
    const struct document *dockerfile = project_find(service->check->project, workload->dockerfile);
    struct str reason = dockerfile ? project_needs_root(dockerfile, workload->stage) : (struct str){NULL, 0};
    if (reason.p)
        return str_printf(arena, "its program runs as root, because %.*s", STR_ARG(reason));
    return str_printf(arena, "its program runs as root: harden %.*s first", STR_ARG(workload->dockerfile));
}

static struct str service_obstacle(const struct service *service) {
    const struct yaml_node *node = service->node;
    struct str reason = sharing_obstacle(service);
    if (reason.p)
        return reason;
    if (yaml_is_true(yaml_get(node, STR("privileged"))))
        return STR(
            "it is privileged, which undoes every other measure: give it the capabilities or devices that it needs "
            "instead");
    if (!service->workload.is_known)
        return service->workload.reason;
    reason = root_obstacle(service);
    return reason.p ? reason : override_obstacle(service);
}

static bool is_defined_before(const struct yaml *yaml, uint32_t document, struct str name) {
    for (uint32_t i = 0; i < document; i++)
        if (yaml_own(compose_services(yaml->documents.at[i].root), name))
            return true;
    return false;
}

struct services {
    VEC(struct service) list;
};

static struct services *find_services(struct check *check) {
    struct yaml *yaml = check->document->yaml;
    struct services *found = arena_new(check->arena, struct services);
    for (uint32_t d = 0; d < yaml->documents.n; d++) {
        const struct yaml_node *root = yaml->documents.at[d].root, *services = compose_services(root);
        for (uint32_t i = 0; services && i < services->n; i++) {
            struct yaml_pair *pair = &services->pairs[i];
            if (str_eq(pair->key->value, STR("<<")))
                continue;
            struct service service = {
                .check = check,
                .root = root,
                .name = pair->key->value,
                .at = pair->key->at.start,
                .node = pair->value,
                .workload = project_service(check->document, pair->key->value, check->arena),
                .is_root = compose_is_root(yaml_text(yaml_get(pair->value, STR("user")))),
                .is_repeated = is_defined_before(yaml, d, pair->key->value),
            };
            service.obstacle = service_obstacle(&service);
            *vec_push(check->arena, &found->list) = service;
        }
    }
    return found;
}

void service_each(struct check *check, service_check *check_service) {
    if (!check->services)
        check->services = find_services(check);
    for (uint32_t i = 0; i < check->services->list.n; i++)
        check_service(&check->services->list.at[i]);
}

bool service_is_ready(const struct service *service) {
    return !service->obstacle.p && !service->is_root;
}

/* --- planning ------------------------------------------------------------------------------------------------------
 */

struct str service_mount_path(struct str mount) {
    return str_sub(mount, 0, str_find(mount, 0, ':'));
}

static bool is_same_item(struct str key, struct str have, struct str wanted) {
    if (str_eq(key, STR("tmpfs")))
        return str_eq(service_mount_path(have), service_mount_path(wanted));
    if (str_eq(key, STR("cap_drop")))
        return str_eq_nocase(have, wanted);
    if (str_eq(key, STR("security_opt")) && str_starts(wanted, STR("no-new-privileges")))
        return str_eq(have, STR("no-new-privileges")) || str_eq(have, STR("no-new-privileges=true")) ||
               str_eq(have, wanted);
    return str_eq(have, wanted);
}

void service_want(const struct service *service, const char *path, struct template_variables variables,
                  const struct yaml_value *value, const char *message) {
    struct check *check = service->check;
    if (!value)
        value = template_fill_value(check->arena, template_value(path), variables);
    struct edits edits = {.arena = check->arena};
    struct want want = want_plan(check->document->yaml, service->node, value, NULL, is_same_item, &edits);
    if (want.result == WANT_MET)
        return;
    uint32_t at = want.node && want.result != WANT_PLANNED ? want.node->at.start : service->at;
    struct finding *finding = rule_found(check, at, "service %.*s: %s%s%s", STR_ARG(service->name), message,
                                         want.reason ? "; not changed: " : "", want.reason ? want.reason : "");
    if (want.result != WANT_REFUSED)
        *rule_fix(finding, want.result == WANT_PLANNED ? SAFETY_SAFE : SAFETY_UNSAFE) = edits;
}
