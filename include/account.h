/* Users and groups that RUN instructions make. */
#ifndef IRONHULL_ACCOUNT_H
#define IRONHULL_ACCOUNT_H

#include "stage.h"

/* Whether a RUN instruction of the stage or its parents makes that user with ids that are written there (useradd(8),
 * adduser(8), busybox adduser). A group's id is taken from the option, or from the groupadd or addgroup that makes it;
 * one that the tool would choose is not known. */
bool account_ids(struct arena *arena, const struct stage *stage, struct str user, uint32_t *ret_uid, uint32_t *ret_gid);

#endif
