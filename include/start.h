/* How the program of a container is to be started, a compose service's or a pod's: as a user without privileges, or as
 * root with what its own start uses. */
#ifndef IRONHULL_START_H
#define IRONHULL_START_H

#include "project.h"

enum mount_owner {
    OWNER_UNKNOWN,
    OWNER_IMAGE, /* a new volume gets what the image has there, with its owner, and nobody else writes to it */
    OWNER_ROOT,  /* empty at first, and only root may write to it */
    OWNER_ALL,   /* empty at first, root's, and anybody may write to it */
    OWNER_MANY,  /* the same, and others do */
};

/* What a container mounts. */
struct mount {
    struct str name;   /* as its file has it, for a message; empty: the target is */
    struct str target; /* absolute and clean; {NULL, 0}: not known */
    enum mount_owner owner;
    bool is_read_only;
    bool is_readable; /* everybody can read what is in it */
    bool takes_group; /* where its storage heeds that, a group that the file names may write to it, and read all */
};

/* What is said of a program by whoever knows it, in the place of facts. */
struct start_hints {
    struct str user; /* whom it runs as; {NULL, 0} where it does not say */
    struct str_list writable;
    struct str_list capabilities;
    bool has_capabilities; /* its start as root needs those alone */
};

/* What a file says of a container, in one form for all formats. */
struct launch {
    struct arena *arena;
    const struct config_user *asked; /* the ids that programs are to run with which have none of their own */
    const struct project *project;
    struct workload workload;
    struct command entrypoint, command; /* in the place of the image's, where they are set */
    const struct mount *mounts;
    uint32_t n_mounts;
    struct str_list made_volumes; /* folders of the image at which the engine mounts volumes unasked */
    struct str workdir;           /* {NULL, 0}: the image's */
    struct str user;              /* whom it is told to run as; {NULL, 0}: the image decides */
    bool is_user_hidden;          /* a variable without a value names its user */
    bool is_root;                 /* `user` is root */
    struct str needs_root;        /* why it must stay root, one clause; {NULL, 0}: nothing says so */
    bool has_init;                /* the engine puts an init in front */
    bool is_on_host_network;      /* where a port below 1024 needs NET_BIND_SERVICE of root too … */
    bool guards_ports;    /* … as it does in its own network, where the engine does not open those to everybody */
    bool has_low_port;    /* its file says that it listens on a port below 1024 */
    struct str_list adds; /* capabilities that it is given, where those alone need not make it root's */
    struct start_hints hints;
    /* Whether the program's environment has a variable, or may have it. *ret_value is its value, {NULL, 0} where that
     * is not known. */
    bool (*may_set)(const struct launch *launch, struct str name, struct str *ret_value);
    const void *context; /* of may_set */
};

enum start_kind {
    START_UNKNOWN, /* facts do not tell what its program needs */
    START_AS_USER,
    START_AS_ROOT, /* of its own accord, and drops the rest itself */
};

struct start {
    enum start_kind kind;
    struct str reason; /* why it is not known, or why root starts it, one clause */
    bool is_tools;     /* it starts common tools, not the image's program: what that writes to does not matter */
    bool says_user;    /* the container has to name the user, because the image has another one */
    struct user user;  /* START_AS_USER; START_AS_ROOT: who may be able to do the same, if anybody is known */
    bool takes_group;  /* START_AS_ROOT: `user` can do the same with such a group */
    struct str why;    /* of `says_user`: why that user will do, one clause */
    struct str_list
        caps; /* START_AS_ROOT: the capabilities that it uses, by name; START_AS_USER: its program's file's */
    struct str override; /* why it must see the files of others, one clause: DAC_OVERRIDE is among them */
};

/* How the program is started, from its facts and what its file says; *ret_without is how it is where the container does
 * not come to name the user that this wants. */
struct start start_of(const struct launch *launch, struct start *ret_without);

/* Why what it is given to start, all of it, needs root, one clause; {NULL, 0} where its words do not tell. */
struct str start_words_need_root(const struct launch *launch);

/* That the image's own start, which is kept, is root's, one clause; {NULL, 0} where it is not, or is not kept. */
struct str start_of_image_as_root(const struct launch *launch);

/* Whether something is mounted at a path, or at a folder that it is in. */
bool start_is_mounted(const struct launch *launch, struct str path);

/* What makes the image's start write to files of its own, outside its data and mounts; {NULL, 0} where nothing does. */
struct str start_rewrites(const struct launch *launch);

/* Of START_AS_ROOT: why root starts it, and what would change that, as the sentence goes on behind the container's
 * name. `instead` are the keys by which its file names the user. */
struct str start_keeps_root(const struct launch *launch, const struct start *start, struct str instead);

/* Whether no source proves which folders the image's own program writes to, and nobody says it either. */
bool start_writes_unproven(const struct launch *launch);

/* "CHOWN, SETGID and SETUID". */
struct str start_enumerate(struct arena *arena, struct str_list names);

/* What the image has that must be able to gain privileges, one clause; {NULL, 0} where nothing is known to. */
struct str start_gains(const struct launch *launch);

/* Why dropped capabilities would keep one of the image's programs from starting or from what it does, though it is not
 * root's: its file gives it privileges, and which is not known. One clause; {NULL, 0} where nothing is known to.
 * Source: capabilities(7), "Transformation of capabilities during execve()". */
struct str start_needs_bounds(const struct launch *launch, const struct start *start);

#endif
