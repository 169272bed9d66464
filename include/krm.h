/* Being a KRM function of kustomize, kpt and their like: a ResourceList in, the same out, with results
 * (github.com/kubernetes-sigs/kustomize, cmd/config/docs/api-conventions/functions-spec.md; kyaml/fn/framework). */
#ifndef IRONHULL_KRM_H
#define IRONHULL_KRM_H

#include "verdict.h"

/* What the functionConfig says. */
struct krm_setting {
    struct str name, value;
    uint32_t at; /* byte offset of the name */
};

/* A ResourceList, as it was read. */
struct krm {
    struct source source;
    const struct yaml_node *list; /* NULL: the text is none */
    VEC(struct krm_setting) settings;
};

/* Reads a text that may be a ResourceList, or have one among its documents. A functionConfig that cannot be read gives
 * diagnostics. All is on the arena, and borrows from the text. */
struct krm krm_read(struct arena *arena, struct str path, struct str text, struct diags *diags);

/* What the function gives: the hardened list, or for a check (`check`: what it fails for, else NULL) or where there are
 * diagnostics the one that was read, with a result for each finding, pod and diagnostic that it does not hold yet. */
struct str krm_output(const struct krm *krm, const struct project *project, const enum fail_on *check);

#endif
