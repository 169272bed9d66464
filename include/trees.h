/* Parsed YAML that outlives one look at a project: of what has not changed since, a language server asks again and
 * again. */
#ifndef IRONHULL_TREES_H
#define IRONHULL_TREES_H

#include "yaml.h"

struct trees {
    struct tree *first;
    uint32_t turn;
};

/* As yaml_parse does. The tree of a text that is known is the one that was made then; another one is kept, on an arena
 * of its own. `trees` may be NULL: nothing is kept, and the tree is on `arena`. */
struct yaml *trees_parse(struct trees *trees, struct arena *arena, struct source *source, struct diags *diags);

/* Forgets what nobody has asked for since the last call. */
void trees_turn(struct trees *trees);

void trees_release(struct trees *trees);

#endif
