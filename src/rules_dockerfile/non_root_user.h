/* What the files of the rule non-root-user share. */
#ifndef IRONHULL_RULES_DOCKERFILE_NON_ROOT_USER_H
#define IRONHULL_RULES_DOCKERFILE_NON_ROOT_USER_H

#include "rules_dockerfile.h"

/* Ids of a user that is created: above those that distributions give out, and that scanners ask for (> 10000). */
enum { NEW_ID = 10001 };
#define NEW_USER "app"

/* --- ownership.c ---------------------------------------------------------------------------------------------------
 */

/* The folders that the program must be able to write to, as far as the Dockerfile and its services tell. */
struct str_list written_folders(const struct check *check, const struct stage *stage);

/* What only root could read if the program had another user: one word of the file; {NULL, 0} where there is nothing. */
struct str hidden_file(struct check *check, const struct stage *stage);

/* Gives the program's user, `ids`, the copies that are for it. */
void own_copies(struct arena *arena, const struct stage *stage, struct edits *edits, struct str ids);

/* Gives it the folders that the program writes to, before VOLUME fixes their content. `last` is the last instruction
 * that changes the file system. */
void own_folders(struct check *check, const struct stage *stage, struct edits *edits, struct str ids, uint32_t last);

/* --- root_reason.c -------------------------------------------------------------------------------------------------
 */

/* Why the stage keeps root, and what to do about it, one clause; {NULL, 0} where facts allow another user: *ret_user.
 */
struct str root_reason(struct check *check, const struct stage *stage, struct program_user *ret_user);

#endif
