/* Image references, and what templates/images.yaml and families.yaml know of the images they name. */
#ifndef IRONHULL_IMAGE_H
#define IRONHULL_IMAGE_H

#include "str.h"

/* User or group ids. */
struct image_ids {
    bool is_known;
    const uint32_t *list;
    uint32_t n;
};

/* A distribution family: a row of templates/families.yaml, where the fields are explained. */
struct family {
    struct str name, install, tini, static_tini, static_from, create_user, left_alone;
    struct image_ids taken_uids, taken_gids;
    const struct str *served;
    uint32_t n_served;
    const struct str *closed;
    uint32_t n_closed;
    bool has_shell;
};

/* Fields of an image row that no source proves. */
enum {
    UNVERIFIED_USER = 1,
    UNVERIFIED_ENTRYPOINT = 2,
    UNVERIFIED_CMD = 4,
    UNVERIFIED_ALL = 8,
    UNVERIFIED_CAPABILITIES = 16,
    UNVERIFIED_AS_USER = 32,
    UNVERIFIED_WRITES = 64,
};

/* A base image: a row of templates/images.yaml, where the fields are explained. */
struct image {
    const struct str *tags; /* none: any tag */
    uint32_t n_tags;
    const struct family *family;
    struct str runtime;      /* "node", "python", …; empty where the image is for no certain one */
    struct str user;         /* name of the user to run as */
    uint32_t uid, gid;       /* its ids; uid 0: there is none */
    struct str uid_variable; /* of its environment, with uid as its value; empty: there is none */
    struct str runs_as;      /* the image's USER; empty: root */
    struct str nonroot;      /* the tag of the same image that runs as `user`; empty: none */
    struct str workdir;      /* empty: / */
    const struct str *entrypoint;
    uint32_t n_entrypoint;
    const struct str *cmd;
    uint32_t n_cmd;
    struct str passes_on;      /* why the entrypoint is known to start the command as it is; empty: it is not */
    struct str prefixes;       /* why any command is one of the image's program; empty: it may be another one */
    struct str starts_as_root; /* why it must; empty: it need not */
    bool also_as_user;         /* its program starts as `user` too, whose its workers are anyway */
    struct str instead;        /* what to do about it; empty: add USER */
    struct str init;           /* empty: none */
    bool has_shell;
    const struct str *writes;
    uint32_t n_writes;
    const struct str *volumes;
    uint32_t n_volumes;
    const struct str *closed;
    uint32_t n_closed;
    /* as a service, with the image's own start */
    const struct str *capabilities; /* without CAP_, by name */
    uint32_t n_capabilities;
    bool has_capabilities; /* they are known; where there are none, it needs none */
    const struct str *file_capabilities;
    uint32_t n_file_capabilities;
    struct str as_user; /* why it starts as `user` without any capability; empty: it is not known to */
    const struct str *data;
    uint32_t n_data;
    const struct str *content;
    uint32_t n_content;
    const struct str *owns; /* of data and writes, or /tmp: must be its own, to write there is not enough */
    uint32_t n_owns;
    const struct str *settings;
    uint32_t n_settings;
    const struct str *rewrites_if; /* absolute paths and names of variables */
    uint32_t n_rewrites_if;
    const struct str *executes;
    uint32_t n_executes;
    struct str gains; /* why it must be able to gain privileges; empty: it need not */
    const uint32_t *ports;
    uint32_t n_ports;
    uint32_t unverified; /* UNVERIFIED_… bits */
    struct str source;
};

/* A row that a user gives, and the repositories that it is for. */
struct image_row {
    const struct str *names; /* a last component * stands for any */
    uint32_t n_names;
    struct image image;
};

/* A user's rows, in their order: the first one that fits wins, and before every built-in one. */
struct image_table {
    const struct image_row *rows;
    uint32_t n;
};

/* A parsed reference (github.com/distribution/reference). Docker Hub's official images come out short: both
 * docker.io/library/node and node have the repository "node". So do those of Hub's mirrors, mirror.gcr.io
 * (cloud.google.com/artifact-registry/docs/pull-cached-dockerhub-images) and public.ecr.aws/docker
 * (aws/containers-roadmap#1168, varnish/docker-hitch#10). */
struct image_reference {
    struct str repository;
    struct str tag;     /* "latest" where neither tag nor digest is given; empty beside a digest alone */
    struct str digest;  /* {NULL, 0} where none */
    bool has_registry;  /* names a registry host other than Docker Hub's */
    bool has_namespace; /* more than one component: cannot be an official image */
};

/* False for text that is no reference (empty, white space, upper case in the repository, …). */
bool image_reference_parse(struct str text, struct image_reference *ret);

/* The first row that fits repository and tag; NULL where nothing is known. */
const struct image *image_find(const struct image_table *own, const struct image_reference *reference);

/* Whether any tag of that repository is known: an image from outside, not one that somebody builds here. */
bool image_is_known(const struct image_table *own, const struct image_reference *reference);

/* Whether packages can still be installed from that release's archive, as far as the tag tells. */
bool image_has_packages(const struct image *image, const struct image_reference *reference);

/* Whether `id` is among them. Of ids that are not known, those of system users may be: below 1000, and around nobody's.
 */
bool image_ids_may_have(struct image_ids ids, uint32_t id);
/* The family of that name; NULL where there is none. */
const struct family *image_family(struct str name);

/* The generated tables. */
extern const struct family image_families[];
extern const uint32_t image_n_families;
struct image_name {
    struct str repository; /* sorted; names that occur in several rows stand in the rows' order */
    const struct image *image;
};
extern const struct image_name image_names[];
extern const uint32_t image_n_names;

#endif
