/* What the rules for Dockerfiles share. */
#ifndef IRONHULL_RULES_DOCKERFILE_H
#define IRONHULL_RULES_DOCKERFILE_H

#include "rule.h"

/* The i-th stage whose image somebody runs: the last one and those that a compose service targets, each once. NULL
 * behind the last. */
const struct stage *final_stage(const struct check *check, uint32_t i);

/* The folder that the Dockerfile is built in, without a final "/"; "." for the current one. */
struct str context_folder(const struct check *check);

/* The instruction below which what root has to do first is inserted: FROM, or the ARG, ENV, LABEL and SHELL lines that
 * follow it. */
const struct df_instruction *stage_head(const struct stage *stage);

/* Whether the instruction before which nothing but stage_head has run is executed by root. */
bool starts_as_root(struct arena *arena, const struct stage *stage);

/* Whether a RUN instruction of the stage or its parents has that word. Looks at the text where the shell line is not
 * understood. */
bool runs_word(struct arena *arena, const struct stage *stage, struct str word);

/* Template text in the style of a Dockerfile: its escape character at line ends, its case of keywords. */
struct str dockerfile_text(struct arena *arena, const struct dockerfile *dockerfile, struct str text);

/* A JSON array of strings. */
struct str json_words(struct arena *arena, const struct str *words, uint32_t n);

#endif
