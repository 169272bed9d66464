/* Bringing a YAML mapping to hold what a template wants. */
#ifndef IRONHULL_WANT_H
#define IRONHULL_WANT_H

#include "yaml_edit.h"

enum want_result {
    WANT_MET,          /* it is all there */
    WANT_PLANNED,      /* edits add what is missing */
    WANT_CONTRADICTED, /* somebody wrote another value: edits replace it, and add what is missing */
    WANT_REFUSED,      /* the place cannot be edited safely: no edits */
};

struct want {
    enum want_result result;
    const struct yaml_node *node; /* what contradicts or stops it */
    const char *reason;           /* of a refusal: one clause, for a finding */
};

/* How items of one list are compared: whether what is there satisfies what is wanted. */
typedef bool want_same(struct str key, struct str have, struct str wanted);

/* Who decides about values that stand in one place and are used in several, by aliases and merges. */
struct want_sharing {
    /* Whether all that get `value`, which is what `mapping` has under the key of `wanted`, want the same there: then it
     * is changed where it stands. */
    bool (*is_agreed)(void *context, const struct yaml_node *mapping, const struct yaml_value *wanted,
                      const struct yaml_node *value);
    void *context;
};

/* Plans the edits by which `mapping` (a mapping, or a null value) comes to hold every key of `value`. Keys that are
 * missing are added at the end, or before the pair `before` where it is given; null values are filled; mappings are
 * followed; lists gain the items that no item of theirs is `same` as; a single value becomes a list that has it. In the
 * place of an alias, or beside a merge, comes a value of its own that repeats theirs; one with an anchor of its own is
 * left alone. */
struct want want_plan(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_value *value,
                      struct yaml_pair *before, want_same *same, struct edits *edits);

/* The same, but values that others use too are changed where they stand if `sharing` agrees. */
struct want want_plan_shared(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_value *value,
                             struct yaml_pair *before, want_same *same, const struct want_sharing *sharing,
                             struct edits *edits);

#endif
