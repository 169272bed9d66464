/* What the command line of a container tells of its program's needs. */
#ifndef IRONHULL_PROGRAM_H
#define IRONHULL_PROGRAM_H

#include "project.h"

/* The words that a container of the stage starts, shell lines split, behind `exec` and inits. `command` stands for the
 * stage's CMD where it is given (is_set), as `command:` does in compose. An entrypoint of the base image is left out: it
 * starts what follows. Empty where a line is not understood (*ret_understood false) or there is none. */
struct str_list program_words(struct arena *arena, const struct stage *stage, const struct command *command,
                              bool *ret_understood);

/* Why the program must be left as it is, one clause on the arena; {NULL, 0} where nothing speaks against another user and a
 * read-only root. Names decide (templates/names.yaml), package.json's scripts and start scripts of the build context are
 * followed; a program of which nothing is known is a reason too. */
struct str program_obstacle(struct arena *arena, const struct project *project, struct str context,
                            const struct stage *stage, const struct command *command);

#endif
