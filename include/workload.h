/* What is known of the program in an image that is built here: the facts that must hold in all three formats. */
#ifndef IRONHULL_WORKLOAD_H
#define IRONHULL_WORKLOAD_H

#include "stage.h"

struct workload {
    bool is_known;         /* false: `reason` says why */
    struct str reason;     /* one clause, for a finding */
    struct str dockerfile; /* its path */
    struct str context;    /* the folder it is built in */
    const struct stage *stage;
    struct user user;
    struct str runtime;       /* "node", …; empty where it is not known */
    struct str_list ports;    /* port numbers from EXPOSE */
    struct str_list volumes;  /* folders declared by VOLUME, absolute */
    struct str_list writable; /* folders that RUN makes and leaves empty, or makes under a name that says that they are
                                 written to (data, logs, cache, …), that ENV, the command line or a comment names
                                 (UPLOAD_DIR, a sqlite URL, --data-dir), or that the program starts in, absolute, those
                                 of `volumes` and /tmp not among them */
    struct str_list image_writes; /* folders that the base image's program needs to write to, beside its volumes */
    struct str_list excludes; /* paths of the build context that a copy would put over what another stage installed */
};

/* The facts of a stage, on the arena. */
struct workload workload_of(struct arena *arena, const struct stage *stage);

/* Whether a folder is the system's, and what is in it not the program's to write, unless it is in `workdir`. */
bool workload_is_system(struct str path, struct str workdir);

/* Whether all programs of an image share a folder (refspecs.linuxfoundation.org/FHS_3.0). */
bool workload_is_shared(struct str path);

/* Whether a folder has the name of one that a package manager installs to: node_modules, .venv, vendor. */
bool workload_is_installed(struct str path);

/* Whether an instruction is a RUN that does more to a folder than make it and say whose it is. */
bool workload_fills(const struct df_instruction *instruction, struct str path, struct arena *arena);

#endif
