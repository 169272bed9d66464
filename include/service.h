/* How measures for compose services are taken: where files are merged, one service extends another, or an anchor is
 * shared, what is added to one service goes to others too. */
#ifndef IRONHULL_SERVICE_H
#define IRONHULL_SERVICE_H

#include "rules_compose.h"

/* The services that a check has looked at: those of its file first. */
struct services {
    struct compose_files files;
    VEC(struct service *) list;
    uint32_t n_own;
    struct map by_place;
    struct map images;  /* by name, of those that services do not build: struct workload */
    struct map writers; /* by volume: the service that writes to it, or `several` */
    struct map aliases; /* of the file, by what they stand for: struct aliases */
    bool is_stack;      /* compose_is_stack */
};

struct aliases {
    VEC(const struct yaml_node *) list;
};

/* The aliases that stand for a node; NULL where there are none. */
const struct aliases *service_aliases(const struct services *services, const struct yaml_node *target);

/* Those of the check's file, looked at once. */
struct services *services_of(struct check *check);

/* The services that have a service's keys too. `is_known` is false where its anchor is used for something else, or
 * there are more than can be looked at. */
struct dependents {
    struct service *const *list;
    uint32_t n;
    bool is_known;
};

struct dependents service_dependents(const struct service *service);

/* The service at a place, also of another file; NULL where it cannot be read. */
struct service *service_at(struct check *check, const struct place *place);

/* Whether the service has to name a user and does not do so yet. */
bool service_lacks_user(const struct service *service);

/* The service is going to name its user, by the finding of that number, counted from 1. From then on it is looked at as
 * if it did, so that the other measures need not wait for the next pass, but need that finding; not where others have
 * its keys, as it takes all of them to know what is right there. */
void service_promise_user(struct service *service, uint32_t finding);

/* Brings `start` to what holds without a user that is not going to be named. */
void service_settle(struct service *service);

#endif
