/* Users and groups that RUN instructions make. */
#ifndef IRONHULL_ACCOUNT_H
#define IRONHULL_ACCOUNT_H

#include "map.h"
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
    VEC(struct account *) list;
    struct map users;                  /* those of the list, by name, and by uid as text */
    struct map group_names, group_ids; /* struct account_group: those whose ids are written there */
    bool changes_image;                /* users or groups that the image has are changed or removed */
    bool is_whole; /* false: a RUN instruction makes or changes users in a way that is not understood */
};

/* The users that RUN instructions of the stage and its parents make: useradd(8), adduser(8), busybox adduser. */
struct accounts accounts_of(struct arena *arena, const struct stage *stage);

/* The account of that name, or of that number where it is one; NULL where there is none. */
struct account *account_find(const struct accounts *accounts, struct str user);

/* The id of a group, by its name. False where it is not known. */
bool account_group(const struct accounts *accounts, struct str name, uint32_t *ret_gid);

/* Whether the stage or its parents may make a user or group of that name or id: a RUN instruction that makes some has
 * the word, or a variable without a value; or a passwd or group file is copied, whose lines are not looked at. */
bool account_may_exist(struct arena *arena, const struct stage *stage, struct str word);

/* Whether a RUN instruction writes lines to /etc/passwd itself. */
bool account_is_written(struct arena *arena, const struct df_instruction *run);

/* Whether the stage or its parents may make a user or group of that name or id: a RUN instruction that makes some has
 * the word, or a variable without a value; or a passwd or group file is copied, whose lines are not looked at. */
bool account_may_exist(struct arena *arena, const struct stage *stage, struct str word);

/* Whether a RUN instruction writes lines to /etc/passwd itself. */
bool account_is_written(struct arena *arena, const struct df_instruction *run);

#endif
