/* What the files of the rule non-root-user share. */
#ifndef IRONHULL_NON_ROOT_USER_H
#define IRONHULL_NON_ROOT_USER_H

#include "account.h"
#include "rules_dockerfile.h"
#include "shell.h"

#define NEW_USER "app"

/* The user that a stage's program is to run as. */
struct runner {
    enum runner_kind {
        RUNNER_NEW,   /* one that is to be created */
        RUNNER_BARE,  /* a number without an entry in /etc/passwd */
        RUNNER_IMAGE, /* the one that the base image has for it */
        RUNNER_MADE,  /* the one that a RUN instruction makes */
        RUNNER_ASKED, /* the one that a comment asks for */
    } kind;
    struct str text; /* for USER, --chown and chown(1): "1000:1000", "1001", "app" */
    struct str name; /* its name; empty for a bare number */
    bool is_worker;  /* the image's program does its work as it anyway: nothing has to change hands */
    bool has_uid;    /* else it is known by its name only */
    uint32_t uid, gid;
    struct str base;         /* what FROM is to name, so that the image runs as it already; {NULL, 0}: USER says it */
    struct str taken;        /* what is asked for and is taken in the image, or may be; {NULL, 0}: nothing */
    struct str_list written; /* folders that the program must be able to write to */
    const char *why_not;     /* why there can be none, one clause; NULL where there is one */
};

/* --- user.c --------------------------------------------------------------------------------------------------------
 */

/* Whether the container starts the program that its base image is for. */
bool starts_image_program(struct arena *arena, const struct stage *stage);

/* The lines that create a user which is new. */
struct str new_user_lines(struct arena *arena, const struct stage *stage, const struct runner *runner);

/* The user that is right for the stage, as far as facts tell: the one that a comment asks for, that RUN makes, with ids
 * that are asked for (config.h), the base image's, or one that is created with a free name and free ids. root_reason
 * says where facts do not tell. */
struct runner find_runner(const struct check *check, const struct stage *stage);

/* --- ownership.c ---------------------------------------------------------------------------------------------------
 */

/* Whether "user", "user:group" or their numbers name the program's user. Variables are taken for it. */
bool is_runner(const struct runner *runner, struct str owner);

/* What decides whose a copied file becomes, worked out once for a stage. */
struct owning {
    struct arena *arena;
    const struct stage *stage;
    const struct runner *runner;
    struct str directory;                  /* the working directory at the end */
    const struct df_instruction *last_run; /* NULL where there is none */
};

struct owning owning_of(struct arena *arena, const struct stage *stage, const struct runner *runner);

/* Whether a copy without an owner goes to the program's user: it brings files of the application, below the working
 * directory, that no later RUN works on. A build as root would meet files of another owner (git refuses such a
 * repository). Workers that were never root's keep what they had. COPY --link knows no names. */
bool is_for_user(const struct owning *owning, uint32_t index);

/* What RUN and COPY instructions give to the program's user already. */
struct given {
    struct texts paths, trees; /* trees: with all that is below them */
};

struct given given_of(struct arena *arena, const struct stage *stage, const struct runner *runner);
bool is_given(const struct given *given, struct str path);

/* The value of an option of a command, as the rest of its word or the next one: -m700, -m 700, -Dm 700, --mode=700.
 * Empty where it is not given. */
struct str option_value(const struct shell_command *command, char letter, struct str name);

/* The folders that the program must be able to write to, as far as the Dockerfile and its services tell. */
struct str_list written_folders(const struct check *check, const struct stage *stage);

/* Those among them that are not the program's user's yet. */
struct str_list folders_to_own(const struct check *check, const struct stage *stage, const struct runner *runner);

/* Gives the program's user the copies that are for it. */
void own_copies(struct arena *arena, const struct stage *stage, const struct runner *runner, struct edits *edits);

/* Gives it the folders that the program writes to, before VOLUME fixes their content. `last` is the last instruction
 * that changes the file system. */
void own_folders(struct check *check, const struct stage *stage, const struct runner *runner, struct edits *edits,
                 uint32_t last);

/* --- hidden_files.c ------------------------------------------------------------------------------------------------
 */

/* A file or folder that only root could read if the program had another user; {NULL, 0} where there is none. */
struct str hidden_file(struct check *check, const struct stage *stage, const struct runner *runner);

/* --- cache_mounts.c ------------------------------------------------------------------------------------------------
 */

/* Gives cache mounts to the user that their RUN runs as. A user that this rule gives comes below the last RUN, so that
 * these are mounts of users that were there. */
void own_cache_mounts(struct check *check);

/* --- root_reason.c -------------------------------------------------------------------------------------------------
 */

/* Why the stage keeps root, and what to do about it, one clause; {NULL, 0} where facts allow another user. */
struct str root_reason(struct check *check, const struct stage *stage, const struct runner *runner);

#endif
