/* What a pod says that matters to the image of its containers (kubernetes.io/docs/reference/kubernetes-api, Pod v1
 * core). */
#ifndef IRONHULL_POD_H
#define IRONHULL_POD_H

#include "yaml.h"

/* Whether the text of a manifest has a word that `pod_needs_root` looks for: a look at the bytes, not a parse. */
bool pod_may_need_root(struct str text);

/* Why the program of a container must stay root, one clause on the arena; {NULL, 0}: nothing says so. `spec` is its
 * PodSpec. */
struct str pod_needs_root(struct arena *arena, const struct yaml_node *spec, const struct yaml_node *container);

#endif
