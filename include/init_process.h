/* What the files of the rule init-process share. */
#ifndef IRONHULL_INIT_PROCESS_H
#define IRONHULL_INIT_PROCESS_H

#include "rules_dockerfile.h"

/* --- exec_form.c ---------------------------------------------------------------------------------------------------
 */

/* What can be written in the place of a CMD or ENTRYPOINT in shell form. */
struct exec_form {
    struct str_list words; /* that start the same program in the place of the shell; none: it stays in shell form */
    struct str_list same;  /* that mean the same to the byte: /bin/sh, -c, the line; none: see why_not */
    const char *why_not;   /* why nothing can be written in its place, one clause; NULL where something can */
    const char *why_shell; /* why a shell may stay in front of the program, one clause; NULL where none does */
};

/* `is_alone`: nothing comes behind the words, and nothing but the kernel looks at the first. The image of the stage
 * must be known. */
struct exec_form exec_form(const struct check *check, const struct stage *stage, const struct command *command,
                           bool is_alone);

/* --- tini_stage.c --------------------------------------------------------------------------------------------------
 */

/* The instruction that installs the family's package of tini. */
struct str tini_install(struct arena *arena, const struct family *family);

/* A build stage that only brings a static tini, for images that have no package of it. */
struct tini_stage {
    struct str name;
    struct str path; /* of tini in it */
    bool is_new;     /* it is not in the file yet */
};

/* Finds the one that `stage` can copy from, or what to call a new one. Otherwise why there can be none, one clause. */
const char *tini_stage_find(const struct check *check, const struct stage *stage, struct tini_stage *ret);

/* Plans a new one in front of `stage`. */
void tini_stage_plan(struct check *check, const struct stage *stage, const struct tini_stage *tini,
                     struct edits *edits);

#endif
