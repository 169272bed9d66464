/* Who uses the values of a file that stand in one place and are used in several, by aliases and merges. */
#ifndef IRONHULL_USES_H
#define IRONHULL_USES_H

#include "map.h"
#include "yaml.h"

/* What a loader makes of a node: itself, or a mapping that it is merged into; as often as it does so. */
struct node_uses {
    const struct yaml_node *node;
    VEC(const struct yaml_node *) list;
};

struct uses {
    struct map by_node; /* of the documents that have aliases */
    bool is_complete;   /* false: there are too many, or they are too deep */
};

/* All uses in a file of Kubernetes objects, but below keys that Kubernetes does not read. On the arena. */
struct uses uses_of(struct arena *arena, const struct yaml *yaml);

/* Those of a node; NULL: its document has no aliases, or nothing reaches it. */
const struct node_uses *uses_of_node(const struct uses *uses, const struct yaml_node *node);

#endif
