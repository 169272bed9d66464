/* New YAML text in the style of its surroundings. */
#ifndef IRONHULL_YAML_WRITE_H
#define IRONHULL_YAML_WRITE_H

#include "yaml.h"

/* The style of one place, and the text written so far. */
struct yaml_writer {
    struct buf out;
    struct str eol;
    enum yaml_style quotes; /* of strings that need some */
    bool quotes_all;        /* strings that need none get some */
    uint32_t step;          /* block style: columns of a nested mapping, */
    uint32_t list_step;     /* of a list under its key, */
    uint32_t dash;          /* of an item behind its dash's start */
    bool is_flow;
    bool is_json;
    bool is_pretty;               /* flow style with one member a line */
    struct str indent;            /* of those lines, */
    struct str unit;              /* and what each level adds */
    struct str colon, comma, pad; /* ": ", ", ", and what stands inside of braces */
};

/* A scalar with the quotes that it needs. */
void yaml_write_scalar(struct yaml_writer *w, const struct yaml_value *value);
/* `key: value` of a block mapping at that column, without leading indentation and line ending. */
void yaml_write_pair(struct yaml_writer *w, const struct yaml_value *value, uint32_t column);
/* `- value` of a block sequence at that column. */
void yaml_write_item(struct yaml_writer *w, const struct yaml_value *value, uint32_t column);
/* All children of a collection as block lines at that column; the first one goes on the current line or a new one. */
void yaml_write_children(struct yaml_writer *w, const struct yaml_value *value, uint32_t column, bool is_first_here);
/* A value, or with its key where `has_key`, in flow style, `level` units deeper than the place. */
void yaml_write_flow(struct yaml_writer *w, const struct yaml_value *value, bool has_key, uint32_t level);
/* A line ending and indentation: columns in block style, units in flow style. */
void yaml_write_line(struct yaml_writer *w, uint32_t columns);

/* Whether YAML 1.1 or 1.2 reads the plain text as something else than a string. */
bool yaml_looks_typed(struct str text);

#endif
