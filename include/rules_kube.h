/* What the measures for Kubernetes manifests share (kubernetes.io/docs/reference/kubernetes-api, Pod v1 core). */
#ifndef IRONHULL_RULES_KUBE_H
#define IRONHULL_RULES_KUBE_H

#include "link.h"
#include "rule.h"
#include "template.h"
#include "want.h"

struct pod {
    struct check *check;
    uint32_t index;                 /* in the file */
    uint32_t at;                    /* where a finding about the pod as a whole is shown */
    const struct yaml_node *object; /* the Pod, Deployment, … */
    struct yaml_node *spec;
    VEC(struct container) containers; /* init containers first; none of a Windows pod, which is not changed */
    VEC(struct str) new_volumes;      /* names that fixes of this pass give to volumes */
};

struct container {
    struct pod *pod;
    struct yaml_node *node;
    struct str name;
    uint32_t at; /* of its image */
    struct workload workload;
    struct str obstacle; /* why nothing is changed; {NULL, 0} where facts allow measures */
};

typedef void pod_check(const struct pod *pod);
typedef void container_check(const struct container *container);

/* Calls for every pod of the file, those in lists included. */
void pod_each(struct check *check, pod_check *check_pod);

/* Calls for every container of these pods. */
void container_each(struct check *check, container_check *check_container);

/* Whether facts allow measures that a program of root's might not survive. */
bool container_is_ready(const struct container *container);

/* The securityContext of a pod's spec or a container; NULL where there is none. */
const struct yaml_node *security_context(const struct yaml_node *node);

/* Compares items of a list by their text. */
bool kube_is_same_item(struct str key, struct str have, struct str wanted);

/* Adds the finding that goes with a plan; nothing where all is there. `name` is empty for a pod. */
void kube_report(struct check *check, uint32_t at, struct str name, const char *message, struct want want,
                 const struct edits *edits);

/* Plans the keys of a template for the pod, above its containers, with the finding that says so. */
void pod_want(const struct pod *pod, const char *path, struct template_variables variables, const char *message);

/* The same for a container. */
void container_want(const struct container *container, const char *path, struct template_variables variables,
                    const char *message);

#endif
