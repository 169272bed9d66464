/* Edits of YAML and JSON documents. */
#ifndef IRONHULL_YAML_EDIT_H
#define IRONHULL_YAML_EDIT_H

#include "edit.h"
#include "yaml.h"

/* Each of these plans one edit in the style of the place (block or flow, JSON, indentation, list style, line ending)
 * and appends it to `edits`. None of them changes a byte that is there, but yaml_replace. */

/* Adds a key behind the mapping's last one; into `{}` and a null value as well (`mapping` is then the null scalar).
 * False, and no edit, where that cannot be done: an alias, a scalar with a value, a flow mapping that ends in a comment
 * line and the like. */
bool yaml_add_key(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_value *value, struct edits *edits);
/* The same before an existing pair and the comment lines directly above it. In a place where no line can be inserted
 * before it (flow style, a pair on the line of its dash) the key goes to the end as in yaml_add_key. */
bool yaml_add_key_before(struct yaml *yaml, struct yaml_node *mapping, struct yaml_pair *before,
                         const struct yaml_value *value, struct edits *edits);
/* Adds an item behind the sequence's last one; into `[]` and a null value as well. */
bool yaml_add_item(struct yaml *yaml, struct yaml_node *sequence, const struct yaml_value *value, struct edits *edits);
/* Gives a null value, or an empty flow collection of the same kind, all children of a collection in one edit. */
bool yaml_fill(struct yaml *yaml, struct yaml_node *node, const struct yaml_value *value, struct edits *edits);
/* Replaces the bytes of a scalar, whatever its style, or of an alias. */
bool yaml_replace(struct yaml *yaml, struct yaml_node *node, const struct yaml_value *value, struct edits *edits);

/* These plan one or several edits that take out what is there: whole lines with the comment behind them and those
 * directly above that are indented alike, or the member of a flow collection with its comma. False, and no edit, where
 * nothing would be left (the caller then removes what holds the collection), an anchor would go, or it cannot be done
 * safely. */

/* Removes the items of a sequence for which `goes` says so. */
bool yaml_remove_items(struct yaml *yaml, struct yaml_node *sequence, const bool *goes, struct edits *edits);
/* Removes one of a mapping's own pairs. */
bool yaml_remove_key(struct yaml *yaml, struct yaml_node *mapping, const struct yaml_pair *pair, struct edits *edits);

#endif
