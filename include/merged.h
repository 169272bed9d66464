/* A compose service as it is once everything that gives it is put together: the service that it extends, the file that
 * its own is merged onto, earlier documents of its file (github.com/compose-spec/compose-spec, 13-merge.md and
 * "extends"). Merge keys and aliases within one document are what yaml_get sees. */
#ifndef IRONHULL_MERGED_H
#define IRONHULL_MERGED_H

#include "compose.h"
#include "project.h"

/* One of the mappings that give a service its keys. */
struct layer {
    struct place place;
    const struct yaml_node *root; /* of its YAML document */
    struct yaml_node *node;       /* what the service's name stands for, aliases followed */
};

enum { MERGED_MAX = 16 }; /* layers of one service that are followed */

struct merged {
    struct layer layers[MERGED_MAX]; /* each is put over those before it; the last is the service's own */
    uint32_t n;
    const struct variables *variables; /* that `${…}` takes its values from, but for the environment */
    struct str missing;                /* what else gives it and is not at hand, one clause; {NULL, 0}: nothing */
};

/* The compose files of a run as trees, read when they are asked for and kept on an arena. */
struct compose_files {
    const struct project *project;
    struct arena *arena;
    struct map by_path; /* the trees */
    struct map env;     /* the variables of .env and env_file, by path */
};

/* The documents of a compose file, in its current text; NULL where it cannot be read. */
struct yaml *compose_files_get(struct compose_files *files, const struct document *document);

/* The folder from which a compose file's paths start. */
struct str compose_files_folder(const struct document *document);

/* What a file of variables in a folder sets, on the files' arena; NULL where it is not at hand. */
const struct variables *compose_files_env(struct compose_files *files, struct str folder, struct str name);

/* The service that stands at a place. */
struct merged merged_service(struct compose_files *files, struct place place);

/* The service's own layer. */
const struct layer *merged_own(const struct merged *merged);

/* The value of a key: of the highest layer that has one. NULL where none has, or where it is taken back (`!reset`). A
 * list is joined with those below it: see merged_list. */
const struct yaml_node *merged_get(const struct merged *merged, struct str key);

/* The items of a list, of all layers, aliases followed; a single scalar is a list of itself. */
struct merged_items {
    const struct yaml_node *const *list;
    uint32_t n;
};
struct merged_items merged_list(struct arena *arena, const struct merged *merged, struct str key);

/* The text of a key's scalar or of a node, with variables replaced; {NULL, 0} where there is none, or where a variable
 * has no value. */
struct str merged_text(struct arena *arena, const struct merged *merged, struct str key);
struct str merged_value(struct arena *arena, const struct merged *merged, const struct yaml_node *node);
bool merged_is_true(struct arena *arena, const struct merged *merged, struct str key);

/* A value of `command` or `entrypoint`, which compose cuts into words as a shell would, without starting one. Where it
 * is not known as a whole, the words in front are. */
struct command merged_command(struct arena *arena, const struct merged *merged, struct str key);

/* What is mounted where: `volumes`, `tmpfs`, `secrets` and `configs`. */
struct merged_mount {
    enum compose_mount kind;
    struct str target; /* absolute and clean; {NULL, 0} where it is not known */
    struct str name;   /* the source as the file has it, for a message; empty where it has none */
    struct str source; /* of a volume its name, of a bind the host's path: clean where it is relative to a file's
                          folder; {NULL, 0} where it is not known */
    bool is_read_only;
    bool is_filled; /* a volume that gets what the image has there, with its owner, when it is new: one of the
                       engine's own */
    bool is_open;   /* a tmpfs whose options say who may write to it */
};
struct merged_mounts {
    const struct merged_mount *list;
    uint32_t n;
};
struct merged_mounts merged_mounts(struct arena *arena, const struct merged *merged);

/* Those of a service's mounts that are volumes it may write to: where, absolute. */
struct str_list merged_volumes(struct arena *arena, const struct merged_mounts *mounts);

/* Whether the engine copies a secret or config into the container's root file system, which cannot be read-only then:
 * those from `environment` and `content`. */
bool merged_is_written(struct arena *arena, const struct merged *merged);

/* Whether the program's environment has a variable, or may have it: a file of variables is not at hand. *ret_value is
 * its value, {NULL, 0} where that is not known. */
bool merged_may_set(struct compose_files *files, const struct merged *merged, struct str name, struct str *ret_value);

/* Why its program must stay root, one clause; {NULL, 0}: nothing says so. `mounts` are its own. */
struct str merged_needs_root(struct arena *arena, const struct merged *merged, const struct merged_mounts *mounts);

#endif
