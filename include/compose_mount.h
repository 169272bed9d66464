/* What a service mounts, in every spelling: volumes, tmpfs, secrets and configs, and what their definitions at the top
 * level say (compose-spec, 05-services.md, 07-volumes.md to 09-secrets.md). Texts are as in compose_entry.h. */
#ifndef IRONHULL_COMPOSE_MOUNT_H
#define IRONHULL_COMPOSE_MOUNT_H

#include "compose_entry.h"

enum compose_mount {
    MOUNT_OTHER,  /* npipe, cluster, image, and what a variable hides */
    MOUNT_BIND,   /* a folder or file of the host */
    MOUNT_VOLUME, /* named or anonymous */
    MOUNT_TMPFS,
};

/* One entry of `volumes`, short or long form. */
struct compose_volume {
    enum compose_mount kind;
    struct str source, target; /* a bind's source may be relative or start with "~" */
    struct str written;        /* the source with its variables, for messages; empty where there is none */
    struct str options;        /* of the short form: "ro,z" */
    struct str subpath;        /* the folder of the volume, or of the image, that is mounted */
    struct str size, mode;     /* of a tmpfs, as written: "64m", "1777" */
    bool is_read_only;         /* false where it is not known, as all that follow */
    bool is_nocopy;            /* a new volume does not get what the image has there */
    bool needs_host_path;      /* a bind's source must be there before: nothing makes it */
};

struct compose_volume compose_volume(struct arena *arena, const struct variables *variables,
                                     const struct yaml_node *entry);

/* One entry of `tmpfs`, "/run:mode=1777,exec". */
struct compose_tmpfs {
    struct str path, options;
};

struct compose_tmpfs compose_tmpfs(struct arena *arena, const struct variables *variables,
                                   const struct yaml_node *entry);

enum compose_grant_kind { GRANT_SECRET, GRANT_CONFIG };

/* One entry of a service's `secrets` or `configs`. */
struct compose_grant {
    struct str source;         /* its name at the top level */
    struct str target;         /* where it is in the container, absolute: /run/secrets/NAME or /NAME by default */
    struct str uid, gid, mode; /* as written */
};

struct compose_grant compose_grant(struct arena *arena, const struct variables *variables,
                                   const struct yaml_node *entry, enum compose_grant_kind kind);

/* One of the definitions in `secrets` or `configs` at the top level. */
struct compose_content {
    bool is_external;
    struct str name;        /* for the engine, where another one is given */
    struct str file;        /* is bind-mounted */
    struct str environment; /* the variable that has it; as `content`, it is copied into the container's root */
    struct str content;
};

struct compose_content compose_content(struct arena *arena, const struct variables *variables,
                                       const struct yaml_node *definition);

/* One of the definitions in `volumes` at the top level. */
struct compose_volume_definition {
    bool is_external; /* made by somebody else */
    struct str name;
    struct str driver;                  /* empty: local */
    struct compose_options driver_opts; /* as of mount(8) for the local driver: type, o, device */
    bool is_bind;                       /* the local driver mounts a folder of the host, which nothing is copied to */
    bool is_remote; /* nfs, cifs or another driver, and what is not known: its owners may be the server's */
};

struct compose_volume_definition compose_volume_definition(struct arena *arena, const struct variables *variables,
                                                           const struct yaml_node *definition);

#endif
