/* What the command line of a container tells of its program's needs. */
#ifndef IRONHULL_PROGRAM_H
#define IRONHULL_PROGRAM_H

#include "project.h"

/* The words of the program that a container of the stage starts, without what only starts it (the base image's
 * entrypoint, inits, `exec`, `sh -c`); of a list of commands the last one's. Empty where there is none, or a line is
 * not understood. */
struct str_list program_words(struct arena *arena, const struct stage *stage);

/* Whether a container of the stage starts that program, also where it only starts another one (npx, uv). */
bool program_starts(struct arena *arena, const struct stage *stage, struct str program);

/* Why the program must be left as it is, one clause on the arena; {NULL, 0} where nothing speaks against another user
 * and a read-only root. `entrypoint` and `cmd` take the place of the stage's where they are given, as in compose and
 * Kubernetes; else NULL. `folder`: the build context. Every command of a line is looked at: names decide
 * (templates/names.yaml), scripts of package.json and start scripts of the build context are followed, and a program of
 * which nothing is known is a reason too. */
struct str program_obstacle(struct arena *arena, const struct project *project, struct str folder,
                            const struct stage *stage, const struct command *entrypoint, const struct command *cmd);

/* Where a program may write, besides /dev and /tmp. */
struct program_room {
    struct str_list folders; /* absolute and clean */
    struct str workdir;      /* from which relative paths are seen; {NULL, 0}: not known, and nobody may write there */
};

/* program_obstacle for a container whose words are all given, and whose program may write there as well: common tools
 * are known then (names.yaml, plain_tools; commands.yaml), and a command line that only writes there is none. */
struct str program_obstacle_in(struct arena *arena, const struct project *project, struct str folder,
                               const struct stage *stage, const struct command *entrypoint, const struct command *cmd,
                               const struct program_room *room);

/* program_obstacle, where only what is known to need root, or to write, is a reason: what nobody knows is none. */
struct str program_need(struct arena *arena, const struct project *project, struct str folder,
                        const struct stage *stage, const struct command *entrypoint, const struct command *cmd);

/* What the command line of a container writes to, as far as its words say: redirections and what commands.yaml knows
 * (cp, tee, wget -O …), absolute where `workdir` and every `cd` are known, as written where they are not or variables
 * are in front. /dev and /tmp are left out. `entrypoint` and `cmd` as for program_obstacle. */
struct str_list program_writes(struct arena *arena, const struct stage *stage, const struct command *entrypoint,
                               const struct command *cmd, struct str workdir);

/* A port below 1024 that the words of that command line say it listens on; 0: none. */
uint32_t program_low_port(struct arena *arena, const struct stage *stage, const struct command *entrypoint,
                          const struct command *cmd);

/* Whether that command line changes whose files are, or who may use them. */
bool program_sets_owners(struct arena *arena, const struct stage *stage, const struct command *entrypoint,
                         const struct command *cmd);

/* Why one of its commands needs root, by its name and words alone, one clause; {NULL, 0} where none tells. */
struct str program_needs_root(struct arena *arena, const struct stage *stage, const struct command *entrypoint,
                              const struct command *cmd);

/* Whether that word starts a shell. */
bool program_is_shell(struct str program);

/* Whether that word is a distribution's tool for packages. */
bool program_is_package_tool(struct str word);

/* The packages that RUN instructions of the stage and its parents install with the distribution's tool, without
 * versions. */
struct str_list program_packages(struct arena *arena, const struct stage *stage);

/* Whether that package is among them. */
bool program_has_package(struct arena *arena, const struct stage *stage, struct str package);

/* Whether one of them brings programs that make other system calls than a server of the image's runtime does. */
bool program_has_others(struct arena *arena, const struct stage *stage);

/* A package or tool of RUN instructions of the stage and its parents that leaves programs which gain privileges when
 * they are started; {NULL, 0} where there is none. */
struct str program_gains(struct arena *arena, const struct stage *stage);

#endif
