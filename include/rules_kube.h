/* What the measures for Kubernetes manifests share (kubernetes.io/docs/reference/kubernetes-api, Pod v1 core). */
#ifndef IRONHULL_RULES_KUBE_H
#define IRONHULL_RULES_KUBE_H

#include "pod_kind.h"
#include "rule.h"
#include "start.h"
#include "template.h"
#include "want.h"

struct pod {
    struct check *check;
    uint32_t index; /* in the file */
    uint32_t at;    /* where a finding about the pod as a whole is shown */
    const struct pod_kind *kind;
    const struct yaml_node *object;   /* the Pod, Deployment, … */
    const struct yaml_node *metadata; /* of the pod itself; NULL where there is none */
    struct yaml_node *spec;
    bool is_promised;           /* it is going to name the user of all its containers, by the fix of non-root-user */
    bool is_waiting;            /* what is wanted now may be wanted otherwise once containers have changed */
    const char *left;           /* why it is left alone, with what to do instead; NULL: it is not */
    struct pod_verdict verdict; /* by the version of --pod-security */
    VEC(struct container *)
    containers;         /* init containers first, ephemeral ones last; none of a pod that is left alone */
    struct map mounted; /* see pod_volumes */
    struct map volumes; /* by name, those that fixes of this pass add included; empty until one is looked for */
};

struct container {
    struct pod *pod;
    struct yaml_node *node;
    struct str name;
    uint32_t at; /* of its image */
    struct launch launch;
    struct start start;
    struct start without; /* the same as long as it does not name the user that `start` wants */
    bool is_promised;     /* it is going to name that user, by the fix of non-root-user */
    bool has_profile;     /* it has the profile of its runtime, or gets it by a safe fix */
    struct str needs;     /* why its words need root, and what their image's start is does not matter; {NULL, 0} */
    struct str obstacle;  /* why nothing is changed; {NULL, 0} where something may be */
};

/* Those of a file. */
struct pods {
    VEC(struct pod *) list; /* containers keep their pod's address */
    uint32_t n_shared;      /* containers of pods that are brought by an alias or a merge key, or may be */
    struct shared *shared;  /* see shared.c */
};

typedef void pod_check(struct pod *pod);
typedef void container_check(struct container *container);

/* Calls for every pod of the file, those in lists included. */
void pod_each(struct check *check, pod_check *check_pod);

/* Adds a finding for each object that is left alone, for patches and for templates. */
void left_report(struct check *check);

/* Why a pod, or an object that has a part of one, is left alone, with what to do instead; NULL: it is not. `is_many`:
 * it is shared by more than are looked at. */
const char *left_pod(const struct pod *pod, bool is_many);
const char *left_patch(struct check *check, const struct pod_object *object);

/* Calls for every container of these pods. */
void container_each(struct check *check, container_check *check_container);

/* What may be done to a container. */
enum container_measures {
    MEASURES_NONE,
    MEASURES_UNSAFE, /* facts do not tell that its program survives them */
    MEASURES_SAFE,
};

/* What its start and what its file says allow. A container that is about to change gets nothing before it has. */
enum container_measures container_measures(const struct container *container);

/* Whether a container is privileged, or as good as: by SYS_ADMIN or ALL, however they are written. */
bool container_is_privileged(const struct yaml_node *container);

/* What a manifest says of a container that matters to its start. */
struct launch container_launch(const struct container *container);

/* Whether its file or its image says that it listens on a port below 1024. */
bool container_has_low_port(const struct container *container);

/* Reports what somebody wrote on purpose, a level of Pod Security forbids and the measure at hand is to have otherwise,
 * and takes it back on request. Called behind the measure's own findings. */
void written_values(struct check *check);

/* Whether what makes a container root's is taken back in this run: measures wait for the pass behind that. */
bool written_is_taken_back(const struct container *container);

/* Whether a measure speaks of what keeps a pod from the level that is demanded: it then does so for the demand too. */
bool written_is_said(struct check *check, const struct pod_reason *reason);

/* The securityContext of a pod's spec or a container; NULL where there is none. */
const struct yaml_node *security_context(const struct yaml_node *node);

/* Whether it has a value under that key, and not only null. */
bool security_context_has(const struct yaml_node *node, struct str key);

/* Compares items of a list by their text, capabilities that are dropped in any case. */
bool kube_is_same_item(struct str key, struct str have, struct str wanted);

/* What a measure brings to a mapping: the keys of `value`, above `before` where that is given. */
struct kube_part {
    struct yaml_node *node;
    const struct yaml_value *value;
    struct yaml_pair *before;
};

/* What is to be said of a measure, and of its outcome. */
struct kube_message {
    uint32_t at;
    struct str name; /* of the container; empty for a pod */
    const char *text;
    bool is_guess;  /* facts do not tell that the program survives it: an unsafe fix */
    bool is_late;   /* as in struct finding */
    bool *is_taken; /* set if its keys are there, or come with a fix that is applied; may be NULL */
};

/* Takes note of a measure. It is planned, whole or not at all, when the rule has seen every pod or container of the
 * file: values that several of them use are changed where they stand only if all of these get the same. */
void kube_want(struct check *check, struct kube_message message, const struct kube_part *parts, uint32_t n);

/* Plans what kube_want has taken note of, with the findings that say so. */
void kube_settle(struct check *check);

/* Wants keys of a pod: above its containers, so that they are seen. */
void pod_want(const struct pod *pod, const struct yaml_value *value, bool is_guess, bool *is_taken,
              const char *message);

/* The same of a container. */
void container_want(const struct container *container, const struct yaml_value *value, bool is_guess, bool *is_taken,
                    const char *message);

#endif
