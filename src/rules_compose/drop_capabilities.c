/* drop-capabilities: the service keeps none. */
#include "rules_compose.h"

static void capabilities_of(const struct service *service) {
    if (!service_is_ready(service))
        return;
    const struct yaml_node *added = yaml_list(service->node, STR("cap_add"));
    for (uint32_t i = 0; i < added->n; i++)
        if (str_eq_nocase(yaml_text(added->items[i]), STR("ALL"))) {
            rule_found(
                service->check, added->items[i]->at.start,
                "service %.*s: cap_add: ALL grants everything whatever is dropped: name the capabilities it needs",
                STR_ARG(service->name));
            return;
        }
    service_want(service, "compose/drop-capabilities", NO_VARIABLES, NULL,
                 "keeps fourteen capabilities that a program without root never uses");
}

void compose_drop_capabilities(struct check *check) {
    service_each(check, capabilities_of);
}
