#include "compose.h"

const struct yaml_node *compose_services(const struct yaml_node *root) {
    const struct yaml_node *services = yaml_get(root, STR("services"));
    return services && services->kind == YAML_MAPPING ? services : NULL;
}

bool compose_is_root(struct str user) {
    struct str name = str_sub(user, 0, str_find(user, 0, ':'));
    return str_eq(name, STR("root")) || str_eq(name, STR("0"));
}
