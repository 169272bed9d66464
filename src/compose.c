#include "compose.h"

const struct yaml_node *compose_services(const struct yaml_node *root) {
    const struct yaml_node *services = yaml_get(root, STR("services"));
    return services && services->kind == YAML_MAPPING ? services : NULL;
}

bool compose_is_root(struct str user) {
    struct str name = str_sub(user, 0, str_find(user, 0, ':'));
    return str_eq(name, STR("root")) || str_eq(name, STR("0"));
}

static bool is_for_swarm(const struct yaml_node *deploy) {
    static const struct str keys[] = {STR_INIT("endpoint_mode"), STR_INIT("placement"), STR_INIT("rollback_config"),
                                      STR_INIT("update_config")};
    for (uint32_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (yaml_get(deploy, keys[i]))
            return true;
    return str_starts(yaml_text(yaml_get(deploy, STR("mode"))), STR("global"));
}

bool compose_is_stack(const struct yaml_node *root) {
    const struct yaml_node *services = compose_services(root),
                           *networks = yaml_resolve(yaml_get(root, STR("networks")));
    for (uint32_t i = 0; services && i < services->n; i++)
        if (is_for_swarm(yaml_get(services->pairs[i].value, STR("deploy"))))
            return true;
    for (uint32_t i = 0; networks && networks->kind == YAML_MAPPING && i < networks->n; i++)
        if (str_eq(yaml_text(yaml_get(networks->pairs[i].value, STR("driver"))), STR("overlay")))
            return true;
    return false;
}
