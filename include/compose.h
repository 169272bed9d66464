/* What a compose file says of its services that matters beyond it: to the Dockerfile that they build, and to files that
 * it is merged with (github.com/compose-spec/compose-spec). */
#ifndef IRONHULL_COMPOSE_H
#define IRONHULL_COMPOSE_H

#include "workload.h"
#include "yaml.h"

enum compose_mount {
    MOUNT_OTHER,  /* tmpfs, a path that a variable hides and the like */
    MOUNT_BIND,   /* a folder or file of the host */
    MOUNT_VOLUME, /* named or anonymous */
};

/* One entry of `volumes`, short or long form. */
struct compose_volume {
    enum compose_mount kind;
    struct str source, target; /* empty where there is none */
    bool is_read_only;
};

/* One service, as far as others need it. */
struct compose_service {
    struct str name;
    struct str needs_root;            /* why its program must stay root, one clause; {NULL, 0}: nothing says so */
    bool has_command;                 /* it gives the image another command */
    struct str_list volumes;          /* where volumes are mounted that it may write to, absolute */
    struct str extends, extends_file; /* the service that it extends, and the path of its file; {NULL, 0} where none */
    struct str
        list_key; /* a key whose lists are joined when files are merged, though they may hold an item only once */
    struct str extended_by; /* another service that extends it; {NULL, 0} where none is known */
    struct str base;        /* the compose file that defines it too, and that its own file is merged into */
    struct str joins;       /* the file that is merged into its own and has a `list_key` for it */
    struct str joins_key;   /* that key */
};

/* The services of one document of a compose file; NULL where it has none. */
const struct yaml_node *compose_services(const struct yaml_node *root);

struct compose_volume compose_volume(const struct yaml_node *entry);

/* Whether a `user` is root. */
bool compose_is_root(struct str user);

/* What one service says, on the arena. `path` is its file's. */
struct compose_service compose_service(struct arena *arena, struct str path, struct str name,
                                       const struct yaml_node *service);

#endif
