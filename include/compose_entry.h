/* Values of a service in every spelling that compose knows (compose-spec, 05-services.md and build.md), with their
 * variables replaced. Unless said otherwise a text is {NULL, 0} where it is not known for a variable's sake, and empty
 * where there is none; texts are borrowed from the document or on the arena. Nodes may be NULL and aliases. */
#ifndef IRONHULL_COMPOSE_ENTRY_H
#define IRONHULL_COMPOSE_ENTRY_H

#include "variables.h"
#include "yaml.h"

/* A scalar's text; {NULL, 0} where it is not known, or null, or no scalar. */
struct str compose_text(struct arena *arena, const struct variables *variables, const struct yaml_node *node);

/* The text of a mapping's value, empty where it has none. */
struct str compose_field(struct arena *arena, const struct variables *variables, const struct yaml_node *mapping,
                         struct str key);

/* Whether a value is known to be true, or to be false: a boolean, or a string that compose takes for one ("yes", "off",
 * in any case). */
bool compose_is_true(struct arena *arena, const struct variables *variables, const struct yaml_node *node);
bool compose_is_false(struct arena *arena, const struct variables *variables, const struct yaml_node *node);

/* The offset of the first such byte from `from` on that is not within ${…}; text.n where there is none. */
uint32_t compose_find(struct str text, uint32_t from, char c);

/* Cuts a scalar at such bytes, into at most `max` parts, the last with all that is left. Where the text is not known as
 * a whole, each part is known or not for itself. The number of parts; 0 for anything but a scalar. */
uint32_t compose_parts(struct arena *arena, const struct variables *variables, const struct yaml_node *node,
                       char separator, struct str *ret_parts, uint32_t max);

/* The i-th value of a key that takes one or a list of them (`tmpfs`, `env_file`, `dns`), resolved; NULL behind the
 * last. A null is none. */
const struct yaml_node *compose_item(const struct yaml_node *node, uint32_t i);

/* One entry of `ports`. */
struct compose_port {
    struct str host_ip;   /* without the brackets of IPv6; empty: all addresses */
    struct str published; /* a number, or a range as written; empty: the engine picks one */
    uint32_t target;      /* the container's, of a range the lowest; 0: not known */
    struct str protocol;  /* "tcp", "udp", …; "tcp" where none is given */
};

struct compose_port compose_port(struct arena *arena, const struct variables *variables, const struct yaml_node *entry);

/* A name with a value. */
struct compose_option {
    struct str key, value;
};

/* On an arena, in the order of the file. */
struct compose_options {
    const struct compose_option *list;
    uint32_t n;
};

/* One entry of `security_opt`, with ":" or "=". A value that is not given is empty: "no-new-privileges" alone is the
 * same as with "true". */
struct compose_option compose_security_option(struct arena *arena, const struct variables *variables,
                                              const struct yaml_node *entry);

/* What a mapping, or a list of KEY=VALUE, says: `environment`, `args`, …. A value that is not given is that of the
 * variable of its name, not known where there is none; items whose key is not known are left out. The last one of a key
 * counts; those that a mapping merges (`<<`) come first. */
struct compose_options compose_options(struct arena *arena, const struct variables *variables,
                                       const struct yaml_node *node);

/* Whether a service's `environment` has a variable, even without a value. *ret_value: {NULL, 0} where that is not
 * known, and where the variable is not there. */
bool compose_environment(struct arena *arena, const struct variables *variables, const struct yaml_node *service,
                         struct str name, struct str *ret_value);

/* One entry of `env_file`. */
struct compose_env_file {
    struct str path; /* as written, relative to the project's folder */
    bool is_required;
    bool is_raw; /* format: raw, whose values are neither unquoted nor have variables */
};

struct compose_env_file compose_env_file(struct arena *arena, const struct variables *variables,
                                         const struct yaml_node *entry);

/* `build` of a service. */
struct compose_build {
    bool is_given;
    struct str context;           /* "." where none is given */
    struct str dockerfile;        /* within the context; "Dockerfile" where none is given */
    struct str dockerfile_inline; /* the text of one; `dockerfile` is empty then */
    struct str target;
    struct compose_options args, additional_contexts;
};

struct compose_build compose_build(struct arena *arena, const struct variables *variables,
                                   const struct yaml_node *service);

/* A capability as Pod Security knows it, "NET_ADMIN", for any case, with or without "CAP_"; "ALL" for all. What cannot
 * be a name, and {NULL, 0}, is returned as it is. */
struct str capability_name(struct arena *arena, struct str text);

#endif
