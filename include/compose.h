/* Compose files (github.com/compose-spec/compose-spec): their services, and the values of those. */
#ifndef IRONHULL_COMPOSE_H
#define IRONHULL_COMPOSE_H

#include "compose_mount.h"

/* The services of one document of a compose file; NULL where it has none. */
const struct yaml_node *compose_services(const struct yaml_node *root);

/* Whether a compose file is one for `docker stack deploy`, by what only that heeds: how services are placed and
 * updated, and networks over several hosts. It takes `read_only` of a service, but no `tmpfs` (docker/cli@0163d9c,
 * cli/compose/convert/service.go). */
bool compose_is_stack(const struct yaml_node *root);

/* Whether a `user` is root. */
bool compose_is_root(struct str user);

#endif
