/* What the files that read and edit YAML share. Everybody else includes yaml.h or yaml_edit.h. */
#ifndef IRONHULL_YAML_PARTS_H
#define IRONHULL_YAML_PARTS_H

#include "yaml_write.h"

enum { YAML_DEFAULT_STEP = 2 };

/* ---- the bytes around a node (yaml_place.c) ---- */

bool yaml_is_blank(char c);
/* Length of the line break at i as YAML 1.1 has them; 0 where there is none. */
uint32_t yaml_break_length(struct str text, uint32_t i);
/* The first offset at or after `i` that is no space and no tab. */
uint32_t yaml_skip_blanks(struct str text, uint32_t i);
struct str yaml_between(const struct yaml *yaml, uint32_t from, uint32_t to);
/* Whether YAML sees a line break in it where an editor sees none: NEL, LS, PS, or CR without LF. */
bool yaml_has_odd_break(struct str s);
/* Whether the rest of a line holds nothing but white space and a comment. */
bool yaml_is_comment(struct str rest);
/* The first offset at or after `i` that is neither white space, over several lines, nor within a comment. */
uint32_t yaml_skip_comments(struct str text, uint32_t i);
/* Whether only white space stands before the offset in its line; *ret_indent is that. */
bool yaml_is_first_in_line(const struct yaml *yaml, uint32_t offset, struct str *ret_indent);
/* The white space that leads the line of an offset. */
struct str yaml_line_indent(const struct yaml *yaml, uint32_t offset);
/* Whether what stands before a node in its line is indentation to YAML, so that its column can be given to new lines.
 */
bool yaml_has_plain_column(const struct yaml *yaml, const struct yaml_node *node);
/* Where a collection's member i begins and ends: the key and the value of a pair, an item itself. */
const struct yaml_node *yaml_first_node(const struct yaml_node *collection, uint32_t i);
const struct yaml_node *yaml_last_node(const struct yaml_node *collection, uint32_t i);
/* The pair whose value it is; NULL for a key. */
const struct yaml_pair *yaml_pair_of(const struct yaml_node *value);
/* The node that ends last within a block collection: the key where its null value has no colon. */
const struct yaml_node *yaml_last_leaf(const struct yaml_node *node);
bool yaml_is_block_scalar(const struct yaml_node *node);
/* Whether a line ending behind the node would become part of its text. */
bool yaml_is_unterminated(const struct yaml *yaml, const struct yaml_node *node);
/* Whether tabs follow in blank or comment lines: libyaml takes them as part of a plain scalar before them, and refuses
 * them elsewhere. */
bool yaml_is_before_tabs(const struct yaml *yaml, uint32_t point);
/* The first of the comment lines directly above `line` that are indented as it is, and lie behind `least`. */
uint32_t yaml_top_of_comments(const struct yaml *yaml, uint32_t line, uint32_t column, uint32_t least);
/* Where a line can follow a block collection: the end of the line of its last leaf, or of the comments below that.
 * False where none can. */
bool yaml_end_of_block(const struct yaml *yaml, const struct yaml_node *node, uint32_t *ret_point);

/* ---- the style of a place (yaml_style.c) ---- */

/* False for a pair in a sequence, `[a: b]`, which is a mapping without braces. */
bool yaml_has_brackets(const struct yaml *yaml, const struct yaml_node *node);
/* Whether a flow collection has its members on lines of their own; *ret_indent leads the last one. NULL has none. */
bool yaml_has_member_lines(const struct yaml *yaml, const struct yaml_node *node, struct str *ret_indent);
/* What the members of a collection, whose lines `indent` leads, have more of it than the line where it begins. */
struct str yaml_unit_of(const struct yaml *yaml, const struct yaml_node *node, struct str indent, struct arena *arena);
/* Writes into a block collection, or in the place of one. */
struct yaml_writer yaml_writer_for(const struct yaml *yaml, const struct yaml_node *node, struct arena *arena);
/* Writes into a flow collection. Its style is its own, or for one without keys that of what it stands in. */
struct yaml_writer yaml_flow_writer(const struct yaml *yaml, const struct yaml_node *node, struct arena *arena);

#endif
