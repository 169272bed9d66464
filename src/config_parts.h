/* What the parts of config share: keys, what their values are, and how those are read. */
#ifndef IRONHULL_CONFIG_PARTS_H
#define IRONHULL_CONFIG_PARTS_H

#include "config.h"

#include <stddef.h>

/* A file that is being read. */
struct config_reader {
    struct arena *arena;
    struct diags *diags;
    struct source *source;
    struct str key;    /* whose value is being read */
    struct str folder; /* of the file, clean: paths in it start there */
    struct str top;    /* the folder that such paths may not leave, real and absolute */
    VEC(struct config_rule) named;
};

/* What a value is. */
struct config_type {
    /* Reads a value to its place: of a list a pointer, with the number behind it. What is wrong with it, one clause;
     * NULL: nothing, or it has been said. */
    const char *(*read)(struct config_reader *reader, const struct config_type *type, const struct yaml_node *node,
                        void *ret);
    const char *schema;               /* members of a JSON Schema, but for what follows from these: */
    const struct config_type *items;  /* of a list */
    const struct config_type *values; /* of a mapping with names of the user's own */
    const struct config_keys *keys;   /* of a mapping with these */
    const struct config_type *brief;  /* what may stand for the mapping: the value of its first key */
};

/* A key of a mapping. */
struct config_key {
    struct str name;
    const struct config_type *type;
    size_t at; /* offset of the place of its value */
    bool is_required;
    const char *about; /* for people */
};

struct config_keys {
    const struct config_key *list;
    uint32_t n; /* at most 32 */
};

/* The keys of a file, and those of an override: two windows on one table of CONFIG_N_KEYS rows. */
extern const struct config_key config_key_rows[];
extern const struct config_keys config_file_keys, config_override_keys;

/* Types that a JSON Schema has more to say of: names of families, capabilities, rules. */
extern const struct config_type config_type_family, config_type_capability, config_type_rules;

/* The keys of a file or an override, into a struct config. What is wrong with the node itself, or NULL. */
const char *config_read_keys(struct config_reader *reader, const struct config_keys *keys, const struct yaml_node *node,
                             struct config *ret);

/* Whether patterns as in .gitignore fit a path; both are relative to the same folder. */
bool config_matches(struct arena *scratch, struct str_list patterns, struct str path);

/* --- values: config_values.c ---------------------------------------------------------------------------------------
 */

/* Says what is wrong with the value at hand, unless it is NULL. */
void config_complain(struct config_reader *reader, const struct yaml_node *node, const char *wrong);

/* Whether a value is true or false, without quotes. */
bool config_is_switch(const struct yaml_node *node, bool *ret);

const char *config_read_list(struct config_reader *reader, const struct config_type *type, const struct yaml_node *node,
                             void *ret);

extern const struct config_type config_type_text, config_type_texts, config_type_path, config_type_paths,
    config_type_folders, config_type_repositories, config_type_id, config_type_image_gid, config_type_name,
    config_type_seccomp, config_type_switch, config_type_level, config_type_shell, config_type_file_capabilities,
    config_type_capabilities, config_type_ports, config_type_unverified, config_type_patterns, config_type_files,
    config_type_file, config_type_folder;

#endif
