/* What the files that look at command lines share. */
#ifndef IRONHULL_PROGRAM_PARTS_H
#define IRONHULL_PROGRAM_PARTS_H

#include "program.h"

enum { PROGRAM_MAX_DEPTH = 6 }; /* of command lines that start others */

/* What a program, or a redirection, writes to. */
struct target {
    struct str by;   /* the program; {NULL, 0}: a redirection */
    struct str path; /* absolute where that is known */
};

struct commands {
    VEC(struct str_list) list;  /* each the words of one program */
    VEC(struct str) starters;   /* what only starts them: npx, uv */
    struct str reason;          /* why one of those cannot be started by others; {NULL, 0}: nothing speaks against it */
    VEC(struct target) written; /* where that is not below /dev or /tmp */
    struct str workdir;         /* behind the last `cd`; {NULL, 0}: not known */
    bool is_understood;
};

/* Where a command line is looked at. */
struct context {
    struct arena *arena;
    const struct project *project;
    struct str folder;
    const struct stage *stage;
    const struct program_room *room; /* NULL: none, and only redirections are held against it */
    bool is_whole; /* loops, conditions and substitutions are looked into; else they are not understood */
    bool is_sure;  /* only what is known to need root is a reason, not what nobody knows */
};

/* Adds what a command line starts, or what the words of one program start. */
void program_add_line(const struct context *context, struct str line, struct commands *commands, uint32_t depth);
void program_add_words(const struct context *context, struct str_list words, struct commands *commands, uint32_t depth);

/* Everything that a container starts, with these two in the place of the stage's where they are given, else NULL. */
struct commands program_started(const struct context *context, const struct command *entrypoint,
                                const struct command *cmd);

/* Why a program is not one that another user can start; {NULL, 0} where its name does not tell. */
struct str program_root_reason(const struct context *context, struct str_list words);

struct targets {
    VEC(struct str) list;
};

/* Adds what one program writes to, as its words name it. False where commands.yaml does not know. */
bool program_targets(struct arena *arena, struct str_list words, struct targets *ret);

/* The port that one program says it listens on; 0: none. */
uint32_t program_port(struct str_list words);

/* Whether those words change whose files are, or who may use them. */
bool program_is_owner_tool(struct str_list words);

/* What may be written to under a read-only root: devices, other descriptors, /tmp. */
bool program_is_scratch(struct str target);

/* The words without the first n. */
struct str_list program_skip(struct str_list words, uint32_t n);

#endif
