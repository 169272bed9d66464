/* What the rules for Dockerfiles share. */
#ifndef IRONHULL_RULES_DOCKERFILE_H
#define IRONHULL_RULES_DOCKERFILE_H

#include "rule.h"
#include "shell.h"
#include "template.h"

/* The i-th stage whose image somebody runs: the last one and those that a compose service targets, each once. NULL
 * behind the last. */
const struct stage *final_stage(const struct check *check, uint32_t i);

/* Whether the stage is one of those. */
bool is_final_stage(const struct check *check, const struct stage *stage);

/* The instruction below which what root has to do first is inserted: FROM, or the ARG, ENV, LABEL and SHELL lines that
 * follow it. */
const struct df_instruction *stage_head(const struct stage *stage);

/* Whether an instruction is the RUN by which non-root-user creates the user that the stage ends with. */
bool makes_new_user(const struct check *check, const struct stage *stage, const struct df_instruction *run);

/* Whether the instruction before which nothing but stage_head has run is executed by root. */
bool starts_as_root(struct arena *arena, const struct stage *stage);

/* Whether a RUN instruction of the stage or its parents has that word. Looks at the text where the shell line is not
 * understood. */
bool runs_word(struct arena *arena, const struct stage *stage, struct str word);

/* Template text in the style of a Dockerfile: its escape character at line ends, its case of keywords. */
struct str dockerfile_text(struct arena *arena, const struct dockerfile *dockerfile, struct str text);

/* rule_insert_after for what root does. Whatever rule inserts there, it comes before the USER that ends root's work. */
void insert_root_work(struct check *check, struct edits *edits, uint32_t end, struct str lines);
/* The same for the USER that makes it root's. */
void insert_user_root(struct check *check, struct edits *edits, uint32_t end, struct str lines);

/* Whether a PCRE2 pattern of templates/ fits a text; an empty one fits none. */
bool pattern_matches(struct str pattern, struct str text);

/* What the first group of such a pattern holds, or all that it fits where it has none; {NULL, 0} where it does not fit.
 */
struct str pattern_group(struct str pattern, struct str text);
/* `replacement` with $1 … of a pattern that fits; {NULL, 0} where it does not, or the result is over 511 bytes long. */
struct str pattern_replaced(struct arena *arena, struct str pattern, struct str text, struct str replacement);

/* A word of RUN instruction `index` as the shell has it: variables have the values of ENV and ARG. {NULL, 0} where that
 * is not known. */
struct str shell_constant(struct arena *arena, const struct stage *stage, uint32_t index,
                          const struct shell_word *word);

/* The words of one of its commands with single blanks. *ret_is_constant: all of them are known; else those that are not
 * stand there as written. */
struct str command_line(struct arena *arena, const struct stage *stage, uint32_t index,
                        const struct shell_command *command, bool *ret_is_constant);

/* What a RUN instruction does. */
enum {
    WORK_SETUP = 1,     /* prepares the base image: can be done again in another stage of it */
    WORK_HARMLESS = 2,  /* leaves nothing which the program needs */
    WORK_INSTALL = 4,   /* fills the folder of its ecosystem */
    WORK_BUILD = 8,     /* makes files below the working directory */
    WORK_CLEAN = 16,    /* removes files, if they are there */
    WORK_PACKAGES = 32, /* a set-up that installs packages of the distribution */
    WORK_FILES = 64,    /* changes files, which have to be there */
    WORK_UNKNOWN = 128, /* anything else */
};

struct run_work {
    uint32_t bits;                     /* WORK_… of its commands */
    const struct ecosystem *ecosystem; /* of the last command that is one's; NULL where none is */
};

struct run_work run_work_of(struct arena *arena, const struct stage *stage, uint32_t index);

/* Why what a manifest of the build context says keeps the stage in one piece; NULL where nothing does, and where it is
 * not at hand. `is_whole`: the runtime stage takes the whole working directory, not only the installed folder. */
const char *manifest_obstacle(const struct check *check, const struct ecosystem *ecosystem, struct str folder,
                              bool is_whole);

/* A JSON array of strings. */
struct str json_words(struct arena *arena, const struct str *words, uint32_t n);

#endif
