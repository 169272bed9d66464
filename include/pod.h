/* What a pod says that matters to the image of its containers (kubernetes.io/docs/reference/kubernetes-api, Pod v1
 * core). */
#ifndef IRONHULL_POD_H
#define IRONHULL_POD_H

#include "yaml.h"

/* Whether the text of a manifest has a word that makes the program of a container need root: a look at the bytes, not a
 * parse. */
bool pod_may_need_root(struct str text);

/* What a container is given that is of use to root only, as a predicate ("is privileged, …"); NULL where nothing is.
 * `spec` is its PodSpec. `is_taken_back`: it is about to lose what its securityContext gives it. */
const char *pod_root_task(const struct yaml_node *spec, const struct yaml_node *container, bool is_taken_back);

/* The number of the user that it is told to run as; {NULL, 0}: the image decides. */
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
