/* What the makers of artifacts share. */
#ifndef IRONHULL_EMIT_PARTS_H
#define IRONHULL_EMIT_PARTS_H

#include "emit.h"
#include "link.h"

enum flag_use { FLAG_ALWAYS, FLAG_RUN, FLAG_TEST };

/* One option of `docker run`: a word as sh reads it. */
struct run_flag {
    struct str word;
    enum flag_use use; /* FLAG_RUN: it names what a test must not touch, such as ports and volumes of the host;
                          FLAG_TEST: what a test has in its place */
};

/* What can be proven of a running container. */
struct run_facts {
    struct str uid, gid;      /* numbers; empty: not known, or the start changes them */
    bool has_capabilities;    /* `capabilities` is all that it can have */
    uint64_t capabilities;    /* a bit each, as in /proc/PID/status */
    bool is_read_only;        /* its root */
    bool gains_nothing;       /* no-new-privileges */
    bool has_filter;          /* seccomp */
    struct str init;          /* the names that process 1 may have, an init; empty: it is not known to be one */
    VEC(struct str) writable; /* folders that are mounted for it to write to; words of sh */
    struct texts ports;       /* that its file or its image says it listens on */
};

/* A container as an artifact starts it. All texts but `title`, `name` and `left` are words of sh. */
struct run {
    struct str title; /* where it comes from, on one line */
    struct str name;  /* of the container: unique, and nothing special to a shell or to YAML */
    struct str image;
    VEC(struct str) build; /* the words behind `docker build`; none: the image is not built here */
    bool is_built;         /* it is, but not by such words (an inline Dockerfile) */
    VEC(struct run_flag) flags;
    VEC(struct str) words; /* behind the image */
    VEC(struct str) left;  /* what the service says and no flag does, on one line each */
    struct str runtime;    /* "node", …; empty where it is not known */
    struct str profile; /* where the flags want the profile of `runtime` that no other run writes; {NULL, 0}: nowhere */
    struct run_facts facts;
};

struct emit {
    struct arena *arena;
    struct emit_request request;
    struct buf out;
    struct str title;         /* of the next container, where it is not a service's; else {NULL, 0} */
    struct map names;         /* of containers */
    VEC(struct str) runtimes; /* of the containers, each once */
    uint32_t n;               /* containers so far */
};

/* --- service_run.c: the run of a service, which the files behind it fill --------------------------------------------
 */

struct maker {
    struct emit *emit;
    struct arena *arena;
    const struct merged *merged;
    struct run *run;
    struct str key; /* at hand */
};

/* Notes that a key, or a part of it, is not said by any flag. */
void maker_leave(struct maker *maker, struct str what);

/* A word made of a prefix and a value as compose has it; {NULL, 0} where it cannot be written. */
struct str maker_word(struct maker *maker, const char *prefix, struct str value);

/* Adds such a word; the key is left where it cannot be written. */
void maker_flag(struct maker *maker, const char *flag, struct str value, enum flag_use use);

/* Texts in a row, whatever bytes are in them. */
struct str maker_join(struct maker *maker, const struct str *parts, uint32_t n);
#define JOIN(maker, ...)                                                                                               \
    maker_join(maker, (const struct str[]){__VA_ARGS__}, sizeof(const struct str[]){__VA_ARGS__} / sizeof(struct str))

/* A path of a compose file, which begins at the folder of its project, as an engine takes it for a path. */
struct str maker_path(struct maker *maker, const struct document *document, struct str path);
bool maker_is_relative(struct str path);

/* Where the service stands. */
const struct document *maker_document(const struct maker *maker);

/* The value of a name as it is written, in a mapping or a list of NAME=VALUE; {NULL, 0}: it has none. */
struct str maker_option(const struct yaml_node *node, struct str name);

/* Fill the flags, the build, the words of `entrypoint` or `command`, and the facts. */
void maker_flags(struct maker *maker);
void maker_build(struct maker *maker);
void maker_command(struct maker *maker, struct str key, bool is_entrypoint);
void maker_facts(struct maker *maker, const struct workload *workload);

/* --- all of them ----------------------------------------------------------------------------------------------------
 */

/* The containers of a project: compose services in the order in which they start, and Dockerfiles that no service
 * builds. Calls `see` for each. */
typedef void run_take(struct emit *emit, const struct run *run);
void runs_each(struct emit *emit, const struct project *project, run_take *see);

/* The run of one service, the top one of what is merged; NULL where there is no image to start. */
struct run *run_of(struct emit *emit, struct compose_files *files, struct place place);

/* Adds a text as a word of sh that cannot be read as anything else. `has_variables`: it is compose's, and $NAME,
 * ${NAME:-default} and the like become the shell's; then $$ is one dollar. False for what cannot be written: control
 * characters, and defaults that a shell or a workflow could take for something else. Nothing but NAME is ever expanded.
 */
bool shell_word(struct buf *out, struct str text, bool has_variables);

/* A text for a comment: one line of printable ASCII. */
struct str plain_text(struct arena *arena, struct str text);

/* What the artifacts add for a container. */
run_take docker_run_add, smoke_test_add, workflow_add;

/* A file of templates/emit; one that does not exist is our bug (asserted). */
struct str emit_template(const char *name);

#endif
