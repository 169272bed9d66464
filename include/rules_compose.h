/* What the measures for compose services share (github.com/compose-spec/compose-spec). */
#ifndef IRONHULL_RULES_COMPOSE_H
#define IRONHULL_RULES_COMPOSE_H

#include "link.h"
#include "rule.h"
#include "template.h"

struct service {
    struct check *check;
    const struct yaml_node *root;
    struct str name;
    uint32_t at; /* of its name */
    struct yaml_node *node;
    struct workload workload;
    struct str obstacle; /* why nothing is changed; {NULL, 0} where facts allow measures */
    bool is_root;        /* `user` says so, whatever the image does */
    bool is_repeated;    /* an earlier document of the file defines it too */
};

typedef void service_check(const struct service *service);

/* Calls for every service of the file. */
void service_each(struct check *check, service_check *check_service);

/* Whether facts allow measures that a program of root's might not survive. */
bool service_is_ready(const struct service *service);

/* The path of a tmpfs or of a profile's option, without what follows its colon. */
struct str service_mount_path(struct str mount);

/* Plans the keys of the template `path`, or of `value` where it is given, with the finding that says so. `message` says
 * what is missing. */
void service_want(const struct service *service, const char *path, struct template_variables variables,
                  const struct yaml_value *value, const char *message);

#endif
