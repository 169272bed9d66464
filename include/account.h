/* Users and groups that RUN instructions make. */
#ifndef IRONHULL_ACCOUNT_H
#define IRONHULL_ACCOUNT_H

#include "stage.h"

struct account {
    struct str name;
    bool has_uid, has_gid; /* the ids are written there, or follow from what is (see account.c) */
    uint32_t uid, gid;
    bool has_groups; /* it is put into further groups */
};

struct account_group {
    struct str name;
    uint32_t gid;
};

struct accounts {
    VEC(struct account) list;
    VEC(struct account_group) groups; /* those whose ids are written there */
    bool changes_image;               /* users or groups that the image has are changed or removed */
    bool is_whole; /* false: a RUN instruction makes or changes users in a way that is not understood */
};

/* The users that RUN instructions of the stage and its parents make: useradd(8), adduser(8), busybox adduser. */
struct accounts accounts_of(struct arena *arena, const struct stage *stage);

/* The account of that name, or of that number where it is one; NULL where there is none. */
const struct account *account_find(const struct accounts *accounts, struct str user);

/* The id of a group, by its name. False where it is not known. */
bool account_group(const struct accounts *accounts, struct str name, uint32_t *ret_gid);

#endif
