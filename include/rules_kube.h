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
    const char *left;           /* why it is left alone, with what to do instead; NULL: it is not */
    struct pod_verdict verdict; /* by the version of --pod-security */
    VEC(struct container *)
    containers;                  /* init containers first, ephemeral ones last; none of a pod that is left alone */
    VEC(struct str) new_volumes; /* names that fixes of this pass give to volumes */
};

struct container {
    struct pod *pod;
    struct yaml_node *node;
    struct str name;
    uint32_t at;   /* of its image */
    bool is_alias; /* the pod's list has an alias in its place */
    struct launch launch;
    struct start start;
    struct start without; /* the same as long as it does not name the user that `start` wants */
    bool is_promised;     /* it is going to name that user, by the fix of non-root-user */
    struct str obstacle;  /* why nothing is changed; {NULL, 0} where something may be */
};

typedef void pod_check(const struct pod *pod);
typedef void container_check(const struct container *container);

/* Calls for every pod of the file, those in lists included. */
void pod_each(struct check *check, pod_check *check_pod);

/* Adds a finding for each object that is left alone, for patches and for templates. */
void left_report(struct check *check);

/* Why a pod, or an object that has a part of one, is left alone, with what to do instead; NULL: it is not. Whoever
 * shares a pod is not asked what is in it. */
const char *left_pod(const struct pod *pod, bool is_shared);
const char *left_patch(struct check *check, const struct pod_object *object);

/* Calls for every container of these pods. */
void container_each(struct check *check, container_check *check_container);

/* What may be done to a container. */
enum container_measures {
    MEASURES_NONE,
    MEASURES_UNSAFE, /* facts do not tell that its program survives them */
    MEASURES_SAFE,
};

enum container_measures container_measures(const struct container *container);

/* Whether a container is privileged, or as good as: by SYS_ADMIN or ALL, however they are written. */
bool container_is_privileged(const struct yaml_node *container);

/* What a manifest says of a container that matters to its start. */
struct launch container_launch(const struct container *container);

/* Whether its start is known to use a capability, written as Pod Security knows it. */
bool container_needs(const struct container *container, struct str capability);

/* Why its program must stay root, one clause, whatever user its file says; {NULL, 0} where facts do not say so. */
struct str container_root_reason(const struct container *container);

/* Whether its file or its image says that it listens on a port below 1024. */
bool container_has_low_port(const struct container *container);

/* Reports what somebody wrote on purpose, a level of Pod Security forbids and the measure at hand is to have otherwise,
 * and takes it back on request. Called behind the measure's own findings. */
void written_values(struct check *check);

/* Whether a container is about to be privileged no more. */
bool written_is_taken_back(const struct container *container);

/* Whether a measure speaks of what keeps a pod from the level that is demanded: it then does so for the demand too. */
bool written_is_said(struct check *check, const struct pod_reason *reason);

/* The securityContext of a pod's spec or a container; NULL where there is none. */
const struct yaml_node *security_context(const struct yaml_node *node);

/* Compares items of a list by their text. */
bool kube_is_same_item(struct str key, struct str have, struct str wanted);

/* Adds the finding that goes with a plan; nothing where all is there. `name` is empty for a pod; a guess is an unsafe
 * fix. Whether the keys are there, or come with a safe fix. */
bool kube_report(struct check *check, uint32_t at, struct str name, const char *message, bool is_guess,
                 struct want want, const struct edits *edits);

/* Plans keys of the pod, above its containers, with the finding that says so: as kube_report. */
bool pod_want(const struct pod *pod, const struct yaml_value *value, bool is_guess, const char *message);

/* The same for a container. */
bool container_want(const struct container *container, const struct yaml_value *value, bool is_guess,
                    const char *message);

#endif
