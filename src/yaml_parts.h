/* What the files that edit YAML share: the bytes around a node. Everybody else includes yaml_edit.h. */
#ifndef IRONHULL_YAML_PARTS_H
#define IRONHULL_YAML_PARTS_H

#include "yaml.h"

/* Whether YAML sees a line break in it where an editor sees none: NEL, LS, PS, or CR without LF. */
bool yaml_has_odd_break(struct str s);
/* Whether the rest of a line holds nothing but white space and a comment. */
bool yaml_is_comment(struct str rest);
/* The first offset at or after `i` that is neither white space, over several lines, nor within a comment. */
uint32_t yaml_skip_comments(struct str text, uint32_t i);
/* Whether only white space stands before the offset in its line; *ret_indent is that. */
bool yaml_is_first_in_line(const struct yaml *yaml, uint32_t offset, struct str *ret_indent);
/* The node that ends last within a block collection: the key where its null value has no colon. */
const struct yaml_node *yaml_last_leaf(const struct yaml_node *node);
bool yaml_is_block_scalar(const struct yaml_node *node);
/* Whether tabs follow in blank or comment lines: libyaml takes them as part of a plain scalar before them, and refuses
 * them elsewhere. */
bool yaml_is_before_tabs(const struct yaml *yaml, uint32_t point);
/* The first of the comment lines directly above `line` that are indented as it is, and lie behind `least`. */
uint32_t yaml_top_of_comments(const struct yaml *yaml, uint32_t line, uint32_t column, uint32_t least);

#endif
