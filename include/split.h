/* How builder-stage splits a stage in two: what the builder keeps, what the runtime stage repeats, and what it takes.
 */
#ifndef IRONHULL_SPLIT_H
#define IRONHULL_SPLIT_H

#include "rules_dockerfile.h"

/* A split, as it is worked out. */
struct split {
    struct check *check;
    struct arena *arena;
    const struct stage *stage;
    const struct df_instruction *list;
    struct run_work *work;               /* of each RUN, by its index in the list */
    uint32_t last;                       /* the last RUN that installs or builds: the builder stage ends with it */
    bool builds;                         /* one of them builds */
    struct str root;                     /* the folder that the runtime stage takes as a whole; {NULL, 0}: none */
    struct texts takes;                  /* folders and files that it takes beside that, absolute */
    const struct ecosystem *environment; /* whose virtual environment has to be made; NULL: none */
    uint32_t environment_at;             /* before this instruction */
    const struct ecosystem *compiler;    /* of a compiled language; NULL: the runtime stage has the same base image */
    struct str image, lines;             /* of a compiled language: the runtime stage's, and what follows its FROM */
    bool needs_files;                    /* of a compiled language: the program may read files of the build context */
    bool is_sure;                        /* of a compiled language: its sources were seen */
};

/* The instruction that keeps a stage in one piece, and why: one clause. */
struct stop {
    const struct df_instruction *at; /* NULL: nothing does */
    const char *reason;
};
#define NO_STOP ((struct stop){NULL, NULL})

/* Whether an instruction is a RUN that installs or builds, which only the builder stage does. */
bool split_is_builders(const struct split *split, uint32_t index);

/* Whether an instruction of the builder stage is done in the runtime stage too. */
bool split_is_repeated(const struct split *split, uint32_t index);

/* Whether an ENV or ARG sets one of these variables. */
bool split_sets(const struct df_instruction *instruction, struct template_words names);

/* Whether a text has a reference to that variable. */
bool split_mentions(struct arena *arena, struct str text, struct str variable);

/* Where a copy of one folder of the build context goes; {NULL, 0} for any other instruction. */
struct str split_folder_target(const struct split *split, uint32_t index);

/* Notes that the runtime stage takes a path, unless it takes a folder above it. */
void split_take(struct split *split, struct str path);

/* Plans the edits. */
void split_plan(const struct split *split, struct edits *edits);

/* Of a compiled language: works out what the runtime stage takes, and of which image it is; gives what speaks against
 * it. */
struct stop compiled_stop(struct split *split);

#endif
