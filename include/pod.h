/* What a pod says that matters to the image of its containers (kubernetes.io/docs/reference/kubernetes-api, Pod v1
 * core). */
#ifndef IRONHULL_POD_H
#define IRONHULL_POD_H

#include "yaml.h"

/* The keys of a PodSpec under which its containers are, in the order in which they start. */
enum { POD_LISTS = 3 };
extern const struct str pod_lists[POD_LISTS];

/* A boolean as the API server reads it: sigs.k8s.io/yaml also takes the words of YAML 1.1. */
bool pod_is_true(const struct yaml_node *value);
bool pod_is_false(const struct yaml_node *value);

/* Whether a number is 0, also as 00, 0x0, 0b0, 0o0, 0_0 or 0.0. */
bool pod_is_zero(const struct yaml_node *value);

/* What messages call a container: its name; its image where it has none, as Knative allows. */
struct str pod_container_name(const struct yaml_node *container);

/* The volumes of a PodSpec, and those that its containers mount, by name. */
struct pod_volume {
    const struct yaml_node *node;   /* NULL: it has none of that name */
    const struct yaml_node *writer; /* the first container that mounts it, and not only to read it; NULL: none does */
    bool has_more_writers;
};
struct map pod_volumes(struct arena *arena, const struct yaml_node *spec);

/* The volume of that name; NULL: there is none in the PodSpec. */
const struct yaml_node *pod_volume(const struct map *volumes, struct str name);

/* Whether a container other than `but` (NULL: none) mounts the volume of that name, and not only to read it. */
bool pod_writes(const struct map *volumes, struct str name, const struct yaml_node *but);

/* The lowest port that everybody may listen on, as a sysctl of the PodSpec has it, whose name has dots or slashes
 * (kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster); {NULL, 0}: none does. */
struct str pod_port_start(const struct yaml_node *spec);

/* Whether the text of a manifest has a word that makes the program of a container need root: a look at the bytes, not a
 * parse. */
bool pod_may_need_root(struct str text);

/* What a container is given that is of use to root only, as a predicate ("is privileged, …"); NULL where nothing is.
 * `spec` is its PodSpec, with its volumes. `is_taken_back`: it is about to lose what its securityContext gives it. */
const char *pod_root_task(const struct yaml_node *spec, const struct map *volumes, const struct yaml_node *container,
                          bool is_taken_back);

/* The number of the user that it is told to run as, "0" for root however it is written; {NULL, 0}: the image decides.
 */
struct str pod_user(const struct yaml_node *spec, const struct yaml_node *container);

/* Whether a pod is for nodes of Windows, as its PodSpec says; what its images tell is not looked at. */
bool pod_is_windows(const struct yaml_node *spec);

/* Whether a PodSpec is a part of one, as in a patch: no containers, or one without an image. */
bool pod_is_partial(const struct yaml_node *spec);

/* Whether something in an object, whose kind is not known, is like a pod: containers with images, a template or
 * settings for them. */
bool pod_is_like(const struct yaml_node *object);

/* Whether the text of a patch or of a template is about what is in a pod: a look at the bytes. */
bool pod_is_meant(struct str text);

#endif
