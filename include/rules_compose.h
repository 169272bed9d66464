/* What the measures for compose services share (github.com/compose-spec/compose-spec). */
#ifndef IRONHULL_RULES_COMPOSE_H
#define IRONHULL_RULES_COMPOSE_H

#include "link.h"
#include "rule.h"
#include "start.h"
#include "template.h"

struct service {
    struct check *check;
    struct compose_files *files;
    struct merged merged;
    struct str name;
    uint32_t at;            /* of its name */
    struct yaml_node *node; /* of its own layer */
    struct merged_mounts mounts;
    struct launch launch;
    struct start start;
    struct start without; /* the same as long as the service does not name the user that `start` wants */
    bool is_promised;     /* it is going to name that user, by the fix of non-root-user */
    uint32_t needs;       /* 1 + the index of the finding that its measures are only right with; 0: none */
    struct str obstacle;  /* why nothing is changed; {NULL, 0} where facts allow measures */
    struct str elsewhere; /* where they belong; {NULL, 0}: here */
};

typedef void service_check(const struct service *service);

/* Calls for every service of the file, those that give others their keys first. */
void service_each(struct check *check, service_check *check_service);

/* Whether facts allow measures that a program of root's might not survive. */
bool service_is_ready(const struct service *service);

/* What a rule wants of a service. */
struct measure {
    struct str refusal; /* why it is not taken, as the sentence goes on behind the service's name; {NULL, 0}:
                           nothing is to be said */
    const struct yaml_value *value; /* the keys that it has to have; NULL: none */
    const char *message;            /* what is missing */
    bool is_guess;                  /* facts do not tell that the program survives it */
    bool is_own;                    /* a key of its own stands in the way of what it would get from another layer */
};

/* The one key of a template, and a list under a second key unless it is empty. On the arena. */
const struct yaml_value *service_keys(struct arena *arena, const struct yaml_value *template, struct str key,
                                      struct str_list list);

/* A path outside of the service's mounts that settings which it mounts make its program write to (names.yaml,
 * written_settings); {NULL, 0} where those at hand name none. *ret_mount is what they are in, as the file has it. */
struct str settings_written(const struct service *service, struct str *ret_mount);

typedef struct measure service_measure(const struct service *service);

/* Takes a measure for every service of the file: in the layer that it belongs to, and only where it is right for every
 * service that has that layer's keys too. */
void service_take(struct check *check, service_measure *measure);

#endif
