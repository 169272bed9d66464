/* drop-capabilities and no-new-privileges: keys of a container's securityContext. */
#include "rules_kube.h"

/* --- drop-capabilities ---------------------------------------------------------------------------------------------
 */

/* What a start as root keeps: all are dropped but those. */
static const struct yaml_value *kept(struct arena *arena, struct str_list caps) {
    const struct yaml_value *context = &template_value("kubernetes/drop-capabilities/container")->children[0],
                            *dropped = &context->children[0];
    struct yaml_value *value = arena_array(arena, 3, sizeof *value), *keys = arena_array(arena, 2, sizeof *keys),
                      *items = arena_array(arena, caps.n, sizeof *items);
    for (uint32_t i = 0; i < caps.n; i++)
        items[i] = (struct yaml_value){.kind = YAML_SCALAR, .text = caps.list[i]};
    keys[0] = dropped->children[0];
    keys[1] = (struct yaml_value){.kind = YAML_SEQUENCE, .key = STR("add"), .children = items, .n = caps.n};
    value[0] = (struct yaml_value){.kind = YAML_MAPPING, .children = &value[1], .n = 1};
    value[1] = (struct yaml_value){.kind = YAML_MAPPING, .key = context->key, .children = &value[2], .n = 1};
    value[2] = (struct yaml_value){.kind = YAML_MAPPING, .key = dropped->key, .children = keys, .n = caps.n ? 2 : 1};
    return value;
}

static void capabilities_of(struct container *container) {
    struct check *check = container->pod->check;
    const struct start *start = &container->start;
    enum container_measures measures = container_measures(container);
    if (measures == MEASURES_NONE)
        return;
    if (start->kind == START_AS_ROOT) {
        struct str message = STR("keeps capabilities of which it uses none");
        if (start->caps.n)
            message = str_printf(check->arena, "keeps capabilities of which its start as root uses only %.*s%s%.*s",
                                 STR_ARG(start_enumerate(check->arena, start->caps)),
                                 start->override.p ? "; DAC_OVERRIDE, because " : "", STR_ARG(start->override));
        container_want(container, kept(check->arena, start->caps), false, NULL, str_c(check->arena, message));
        return;
    }
    struct str gains = start_needs_bounds(&container->launch, start);
    if (gains.p)
        rule_found(check, container->at,
                   "container %.*s keeps its capabilities: %.*s, and a program that its file gives "
                   "privileges fails, or does not even start, where those are dropped",
                   STR_ARG(container->name), STR_ARG(gains));
    else if (start->caps.n)
        container_want(container, kept(check->arena, start->caps), false, NULL,
                       str_c(check->arena,
                             str_printf(check->arena, "keeps capabilities, of which its program's file has only %.*s",
                                        STR_ARG(start_enumerate(check->arena, start->caps)))));
    else
        container_want(container, template_value("kubernetes/drop-capabilities/container"), measures == MEASURES_UNSAFE,
                       NULL, "keeps capabilities that a program without root never uses");
}

void kube_drop_capabilities(struct check *check) {
    container_each(check, capabilities_of);
    written_values(check);
}

/* --- no-new-privileges ---------------------------------------------------------------------------------------------
 */

/* It needs no facts of the program: what could stand in its way is in the image. */
static void privileges_of(struct container *container) {
    struct check *check = container->pod->check;
    const struct stage *stage = container->launch.workload.stage;
    bool is_known = stage && stage->image && !(stage->image->unverified & UNVERIFIED_ALL);
    struct str reason = start_gains(&container->launch);
    struct str may = yaml_text(yaml_get(security_context(container->node), STR("allowPrivilegeEscalation")));
    if (container_is_privileged(container->node) || str_eq(may, STR("false")))
        return;
    if (reason.p)
        rule_found(check, container->at, "container %.*s may have to gain privileges, which is left so: %.*s",
                   STR_ARG(container->name), STR_ARG(reason));
    else
        container_want(container, template_value("kubernetes/no-new-privileges/container"), !is_known, NULL,
                       is_known ? "setuid programs could still give it privileges"
                                : "setuid programs could still give it privileges; whether it needs one is not known");
}

void kube_no_new_privileges(struct check *check) {
    container_each(check, privileges_of);
    written_values(check);
}
