/* What a user says in .ironhull.yaml, and by options. */
#ifndef IRONHULL_CONFIG_H
#define IRONHULL_CONFIG_H

#include "diag.h"
#include "image.h"
#include "map.h"

#define CONFIG_NAME ".ironhull.yaml"

/* Largest id of a user or group that Docker (github.com/moby/sys, user.GetExecUser), Kubernetes (runAsUser) and busybox
 * take. */
enum { CONFIG_MAX_ID = 2147483647 };

/* How sure it is that a fix breaks nothing. */
enum safety {
    SAFETY_MANUAL, /* never applied: the message says what to do */
    SAFETY_UNSAFE, /* changes what somebody wrote on purpose: applied on request */
    SAFETY_SAFE,   /* facts show that the program keeps running: applied by default */
};

/* The user that is created for a program. What is empty or 0 is not asked for. */
struct config_user {
    struct str name;
    uint32_t uid, gid;
};

/* Ids of a user that nobody asks for other ones for: above those that distributions give out, and that scanners ask for
 * (> 10000). */
enum { NEW_ID = 10001 };

/* The ids that are asked for, else those of a new user; a group that is not asked for has the user's number. */
void config_ids(const struct config_user *user, uint32_t *ret_uid, uint32_t *ret_gid);

/* A rule that is switched on or off. */
struct config_rule {
    struct str id;
    uint32_t at; /* byte offset of the name */
    bool is_on;
};

struct config_rules {
    const struct config_rule *list;
    uint32_t n;
};

/* Which rules options ask for, over what files say; bits are places in the table of rules. All 0: files decide. */
struct rule_choice {
    uint32_t selected; /* these alone; 0: not said */
    uint32_t ignored;  /* all but these, also of what is selected */
};

/* Which seccomp profiles pods get. */
struct config_seccomp {
    bool
        is_localhost; /* those that the nodes have, where one is proven for the runtime; else the container runtime's */
    struct str folder; /* of theirs below the kubelet's folder for profiles; empty: that one itself */
};

struct config {
    struct source source;          /* of the file; no path: there is none */
    struct config_user user;       /* options included */
    struct config_seccomp seccomp; /* the same */
    struct image_table images;
    struct config_rules rules;
};

/* The configurations of a run. */
struct configs {
    struct config none; /* where there is no file: the options, which win over every file */
    VEC(struct config *) files;
    struct map by_folder;
    uint32_t n_above; /* folders above the current one; 0 where they are not counted yet */
    bool is_broken;   /* a file cannot be used: diagnostics say why */
};

/* The configuration that applies to a file: of the nearest .ironhull.yaml in its folder or above, which holds as a
 * whole (nothing is merged). `path` is clean (path_clean). Never NULL; looks at each folder once. */
const struct config *config_find(struct configs *configs, struct str path, struct arena *arena, struct diags *diags);

/* Read an id or a name of a user that is to be created. What is wrong with it, one clause; NULL: nothing. */
const char *config_read_id(struct str text, uint32_t *ret);
const char *config_read_name(struct str text, struct str *ret);

/* The same for seccomp profiles: localhost, or localhost:FOLDER. */
const char *config_read_seccomp(struct str text, struct config_seccomp *ret);

#endif
