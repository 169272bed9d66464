/* What the measures for compose services share (github.com/compose-spec/compose-spec). */
#ifndef IRONHULL_RULES_COMPOSE_H
#define IRONHULL_RULES_COMPOSE_H

#include "link.h"
#include "rule.h"
#include "template.h"

/* What `x-ironhull` of a service says of its program. */
struct service_hints {
    struct str user; /* whom it runs as; {NULL, 0} where it does not say */
    struct str_list writable;
    struct str_list capabilities;
    bool has_capabilities; /* its start as root needs those alone */
};

enum start_kind {
    START_UNKNOWN, /* facts do not tell what its program needs */
    START_AS_USER,
    START_AS_ROOT, /* of its own accord, and drops the rest itself */
};

/* How a service's program is to be started. */
struct start {
    enum start_kind kind;
    struct str reason;    /* why it is not known, or why root starts it, one clause */
    bool says_user;       /* the service has to name the user, because the image has another one */
    struct user user;     /* START_AS_USER */
    struct str why;       /* of `says_user`: why that user will do, one clause */
    struct str_list caps; /* START_AS_ROOT: the capabilities that it uses, by name */
    struct str override;  /* why it must see the files of others, one clause: DAC_OVERRIDE is among them */
};

struct service {
    struct check *check;
    struct compose_files *files;
    struct merged merged;
    struct str name;
    uint32_t at;            /* of its name */
    struct yaml_node *node; /* of its own layer */
    struct workload workload;
    struct merged_mounts mounts;
    struct service_hints hints;
    struct start start;
    struct start without; /* the same as long as the service does not name the user that `start` wants */
    bool is_promised;     /* it is going to name that user, by the fix of non-root-user */
    struct str obstacle;  /* why nothing is changed; {NULL, 0} where facts allow measures */
    struct str elsewhere; /* where they belong; {NULL, 0}: here */
    bool is_root;         /* `user` says so, whatever the image does */
};

typedef void service_check(const struct service *service);

/* Calls for every service of the file, those that give others their keys first. */
void service_each(struct check *check, service_check *check_service);

/* Whether facts allow measures that a program of root's might not survive. */
bool service_is_ready(const struct service *service);

/* The path of a tmpfs or of a profile's option, without what follows its colon. */
struct str service_mount_path(struct str mount);

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

typedef struct measure service_measure(const struct service *service);

/* Whether another service of its document writes to the same volume. */
bool service_shares(const struct service *service, struct str volume);

/* Whether the service has to name a user and does not do so yet. */
bool service_lacks_user(const struct service *service);

/* Takes a measure for every service of the file: in the layer that it belongs to, and only where it is right for every
 * service that has that layer's keys too. */
void service_take(struct check *check, service_measure *measure);

/* How its program is started, from its facts, what it mounts and what it says itself; and how it is where it does not
 * come to name the user that this wants. */
struct start start_of(const struct service *service, struct start *ret_without);

/* An option by which its command moves the program's data; {NULL, 0} where there is none. */
struct str start_data_option(const struct service *service);

#endif
