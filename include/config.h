/* What a user says in .ironhull.yaml, and by options. */
#ifndef IRONHULL_CONFIG_H
#define IRONHULL_CONFIG_H

#include "diag.h"
#include "image.h"
#include "map.h"
#include "pod_security.h"

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
    const struct config_rule *list; /* the first one of a name holds */
    uint32_t n;
};

/* Which rules options ask for, over what files say; bits are places in the table of rules. All 0: files decide. */
struct rule_choice {
    uint32_t selected; /* these alone; 0: not said */
    uint32_t ignored;  /* all but these, also of what is selected */
};

/* Which seccomp profiles pods get. */
struct config_seccomp {
    bool is_given;
    bool
        is_localhost; /* those that the nodes have, where one is proven for the runtime; else the container runtime's */
    struct str folder; /* of theirs below the kubelet's folder for profiles; empty: that one itself */
};

/* An image, and the Dockerfile that it is built from. */
struct config_build {
    struct str image;      /* its repository */
    struct str dockerfile; /* clean, as paths of documents are */
    struct str context;    /* the same; {NULL, 0}: it is not said */
    struct str target;     /* empty: the last stage */
};

struct config_builds {
    const struct config_build *list;
    uint32_t n;
};

/* What holds for some files in another way. */
struct config_override {
    struct str_list files; /* patterns as in .gitignore, from the file's folder on */
    const struct yaml_node *node;
};

struct config_overrides {
    const struct config_override *list;
    uint32_t n;
};

enum config_switch { CONFIG_UNSAID, CONFIG_OFF, CONFIG_ON };

/* Keys that a file may have, those of overrides among them. */
enum { CONFIG_N_KEYS = 14 };

struct config {
    struct rule_choice choice; /* of options */
    struct source source;      /* of the file; no path: there is none */
    /* options included */
    struct config_user user;
    struct config_seccomp seccomp;
    struct pod_demand pod_demand;
    enum config_switch unsafe_fixes;
    /* of the file alone */
    struct image_table images;
    struct config_builds builds;
    struct config_rules rules;
    struct str_list writable;         /* folders that programs write to, absolute: hints for Dockerfiles */
    struct str_list exclude, include; /* patterns as in .gitignore, from the file's folder on */
    struct config_overrides overrides;
    struct config_rules named;                     /* all rules that it names, also in its overrides */
    struct str_list files;                         /* of an override that is being read */
    const struct yaml_node *values[CONFIG_N_KEYS]; /* what it gives its keys, in the order of their table; or NULL */
    struct map by_match; /* what it is once overrides are put over it, by which: see config_find */
};

/* The configurations of a run. */
struct configs {
    struct config none; /* where there is no file: the options, which win over every file */
    VEC(struct config *) files;
    struct map by_folder;
    struct str current; /* folder, absolute; {NULL, 0} until it is asked for */
    bool is_broken;     /* a file cannot be used: diagnostics say why */
};

/* The configuration that applies to a file: of the nearest .ironhull.yaml in its folder or above, up to the top of the
 * repository (a folder with .git) where it is in one. It holds as a whole: nothing of another file is added. Overrides
 * whose patterns fit are put over it in their order, key by key, and rules by name. `path` is clean (path_clean). Never
 * NULL; looks at each folder once. */
const struct config *config_find(struct configs *configs, struct str path, struct arena *arena, struct diags *diags);

/* The same for a folder, without overrides. */
const struct config *config_find_folder(struct configs *configs, struct str folder, struct arena *arena,
                                        struct diags *diags);

/* Whether a configuration leaves out a file in its folder, or below. */
bool config_excludes(struct configs *configs, const struct config *config, struct str path);

/* What a configuration says builds an image; NULL where it does not say it. */
const struct config_build *config_find_build(const struct config *config, const struct image_reference *image);

/* Read an id or a name of a user that is to be created. What is wrong with it, one clause; NULL: nothing. */
const char *config_read_id(struct str text, uint32_t *ret);
const char *config_read_name(struct str text, struct str *ret);

/* The same for seccomp profiles: runtime-default, localhost, or localhost:FOLDER. */
const char *config_read_seccomp(struct str text, struct config_seccomp *ret);

#endif
