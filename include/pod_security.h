/* The Pod Security level that a pod meets, and why it meets no higher one (k8s.io/pod-security-admission, package
 * policy, as of Kubernetes 1.37; kubernetes.io/docs/concepts/security/pod-security-standards). */
#ifndef IRONHULL_POD_SECURITY_H
#define IRONHULL_POD_SECURITY_H

#include "yaml.h"

enum pod_level { POD_PRIVILEGED, POD_BASELINE, POD_RESTRICTED };

#define POD_SECURITY_LATEST UINT32_MAX /* the newest version that is known here */

/* What the option --pod-security asks of pods. */
struct pod_demand {
    bool is_given;
    enum pod_level level;
    uint32_t minor; /* N of the Kubernetes version 1.N, or POD_SECURITY_LATEST */
};

struct pod_check;

/* What keeps a pod from a level. */
struct pod_reason {
    const struct pod_check *check;
    enum pod_level level;            /* the lowest one that is not met because of it */
    uint32_t at;                     /* byte offset of the value, or of whoever lacks it */
    const struct yaml_node *value;   /* aliases resolved; NULL: it is not given */
    const struct yaml_node *holder;  /* the mapping or list that has it, or lacks it */
    const struct yaml_node *subject; /* the metadata, the PodSpec or the container … */
    uint32_t of;                     /* … which of these: see pod_check.h … */
    const struct str *keys;          /* … and the keys that lead from there to the value; list items have none */
    uint32_t n_keys;
    uint32_t said; /* 1 + the index of the finding in which a measure speaks of it; 0: none does */
};

struct pod_verdict {
    enum pod_level level; /* the highest one that is met */
    VEC(struct pod_reason) reasons;
    VEC(struct pod_reason) beside; /* of checks of no level */
};

/* Looks at a PodSpec and the metadata beside it (NULL: there is none), as a cluster does whose policy is that of the
 * version 1.`minor`. All is on the arena. */
struct pod_verdict pod_security(struct arena *arena, const struct yaml_node *metadata, const struct yaml_node *spec,
                                uint32_t minor);

/* Whose value it is, and which; and behind that the check that forbids it, and what to write. */
struct str pod_reason_what(struct arena *arena, const struct pod_reason *reason);
struct str pod_reason_message(struct arena *arena, const struct pod_reason *reason);

/* "privileged", "baseline", "restricted". */
struct str pod_level_name(enum pod_level level);

/* Reads LEVEL[:VERSION]. What is wrong with it, one clause on the arena; NULL: nothing. */
const char *pod_demand_read(struct arena *arena, struct str text, struct pod_demand *ret);

#endif
