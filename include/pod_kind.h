/* Which objects carry pods, and where (kubernetes.io/docs/reference/kubernetes-api; the API references of OpenShift,
 * Knative Serving and Argo Rollouts). */
#ifndef IRONHULL_POD_KIND_H
#define IRONHULL_POD_KIND_H

#include "yaml.h"

/* A kind of object that carries a pod. */
struct pod_kind {
    struct str group;    /* what its apiVersion may have before the "/", a|b; nothing in front or behind is the core */
    struct str kind;     /* the same kind of another group is another one */
    struct str path;     /* the keys to its PodSpec, with dots between */
    bool has_no_context; /* its PodSpec takes no securityContext: what can be said there goes to the containers */
    bool has_own_ids;    /* the platform gives its programs their ids, and refuses others, and capabilities */
};

/* An object of a file. Of values that are merged in or come by an alias, what a loader sees. */
struct pod_object {
    const struct pod_kind *kind; /* NULL: none that is known to carry a pod */
    struct str kind_name, api; /* its kind and apiVersion, as it or the list around it says; {NULL, 0}: neither does */
    struct yaml_node *object;
    struct yaml_node *spec;         /* the PodSpec; NULL where there is none */
    const struct yaml_node *holder; /* of the PodSpec, beside which the pod's metadata is; NULL where there is none */
    bool is_shared; /* an anchor, an alias or a merge key on the way to its containers may bring it to others too */
};

typedef void pod_object_see(void *context, const struct pod_object *object);

/* Calls `see` for every object of all documents, those in lists (List, PodList, …) and in OpenShift's templates
 * included; not for these themselves. */
void pod_objects_each(const struct yaml *yaml, pod_object_see *see, void *context);

#endif
