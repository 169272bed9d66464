/* drop-capabilities: the service keeps none, or those that its own start as root uses. */
#include "rules_compose.h"

/* Of a start as root: all are dropped but those. */
static struct measure kept(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct start *start = &service->start;
    const struct yaml_value *value =
        service_keys(arena, template_value("compose/drop-capabilities"), STR("cap_add"), start->caps);
    struct str message = STR("keeps fourteen capabilities, of which it uses none");
    if (start->caps.n)
        message = str_printf(arena, "keeps fourteen capabilities, of which its start as root uses %.*s%s%.*s",
                             STR_ARG(start_enumerate(arena, start->caps)),
                             start->override.p ? "; DAC_OVERRIDE, because " : "", STR_ARG(start->override));
    return (struct measure){.value = value, .message = str_c(arena, message)};
}

/* Of a start without root: those of its program's file, without which it does not start (capabilities(7)). */
static struct measure kept_by_file(const struct service *service) {
    struct arena *arena = service->check->arena;
    struct str_list caps = service->start.caps;
    return (struct measure){
        .value = service_keys(arena, template_value("compose/drop-capabilities"), STR("cap_add"), caps),
        .message = str_c(arena, str_printf(arena, "keeps fourteen capabilities, of which its program's file has %.*s",
                                           STR_ARG(start_enumerate(arena, caps)))),
    };
}

/* Whether all capabilities are added, which undoes what is dropped. */
static bool adds_all(const struct service *service) {
    struct arena *arena = service->check->arena;
    struct merged_items added = merged_list(arena, &service->merged, STR("cap_add"));
    for (uint32_t i = 0; i < added.n; i++)
        if (str_eq(capability_name(arena, merged_value(arena, &service->merged, added.list[i])), STR("ALL")))
            return true;
    return false;
}

static struct measure capabilities_of(const struct service *service) {
    struct arena *arena = service->check->arena;
    if (!service_is_ready(service) || adds_all(service)) /* host-access speaks of that */
        return (struct measure){0};
    if (service->start.kind == START_AS_ROOT)
        return kept(service);
    struct str gains = start_needs_bounds(&service->launch, &service->start);
    if (gains.p)
        return (struct measure){
            .refusal = str_printf(arena,
                                  " keeps its capabilities: %.*s, and a program that its file gives "
                                  "privileges fails, or does not even start, where those are dropped",
                                  STR_ARG(gains)),
        };
    if (service->start.caps.n)
        return kept_by_file(service);
    return (struct measure){
        .value = template_value("compose/drop-capabilities"),
        .message = "keeps fourteen capabilities that a program without root never uses",
    };
}

void compose_drop_capabilities(struct check *check) {
    service_take(check, capabilities_of);
}
