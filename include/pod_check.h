/* The checks of the Pod Security levels, as one table: see pod_security.h. */
#ifndef IRONHULL_POD_CHECK_H
#define IRONHULL_POD_CHECK_H

#include "pod_security.h"

/* What a check looks at. */
enum {
    OF_METADATA = 1,
    OF_POD = 2,
    OF_CONTAINERS = 4,
    NEEDED = 8,           /* it counts where a container does not give it, wherever the path breaks off … */
    UNLESS_POD_DOES = 16, /* … and the pod neither; what the pod gives is looked at by itself */
    NOT_WINDOWS = 32,     /* pods of Windows are exempt */
    NOT_OWN_USERS = 64,   /* pods in a user namespace are exempt */
    ONLY_OWN_USERS = 128, /* the others are looked at by the same check of a lower level */
};

/* What becomes of a value that is not met, on request. */
enum remedy {
    REMEDY_NONE,          /* only people can tell */
    REMEDY_WRITE,         /* `write` takes its place */
    REMEDY_REMOVE,        /* its key goes, and the default holds again; where it cannot, `write` takes its place */
    REMEDY_REMOVE_HOLDER, /* what holds it goes: it is nothing without the value */
    REMEDY_REMOVE_ITEM,   /* the list loses it */
    REMEDY_SPELL,         /* what is in the list under another name than its own gets that */
    REMEDY_USER,          /* the image's user takes its place */
};

/* Minor versions since which pods are exempt. */
enum { WINDOWS_SINCE = 25, OWN_USERS_SINCE = 35 };

struct pod_check {
    const char *id;       /* as in the API server's own messages */
    enum pod_level level; /* POD_PRIVILEGED: no level forbids it */
    uint32_t from, until; /* minor versions, `until` not included; 0: to this day */
    uint32_t looks;       /* bits, see above */
    /* Keys from there on. a|b: each of them; *: each item of a list; !a|b: each key but these; a key that ends in *:
     * each one that starts so. Where what holds the last one is given, it counts also if it is not. */
    const char *path;
    bool (*is_met)(const struct yaml_node *value); /* NULL: it is not given */
    const char *instead;                           /* what to do, as an imperative */
    /* Of a value that is given: */
    const char *rule;  /* the measure that it undoes; NULL: another row has it */
    const char *gives; /* what it does, as the predicate of a sentence; NULL: the measure says that */
    enum remedy remedy;
    const char *write;
};

extern const struct pod_check pod_checks[];
extern const uint32_t pod_checks_n;

/* Whether container engines give a capability by default, as baseline has it; true for NULL. */
bool pod_is_default_capability(const struct yaml_node *value);

#endif
