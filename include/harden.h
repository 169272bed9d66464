/* The pipeline: parse → facts → rules → edits → verify, until nothing is left to do. */
#ifndef IRONHULL_HARDEN_H
#define IRONHULL_HARDEN_H

#include "rule.h"

/* Hardens every selected document of a linked project, Dockerfiles first, so that their facts reach the services and
 * containers: sets `after` and `findings`, by place. Documents that are not selected are only read. What each
 * document's configuration says is heeded. A broken document gets a diagnostic and stays as it is; so does one whose
 * result does not verify, which is a bug of ours and says so. Nothing is done where a configuration is wrong. All texts
 * stay in memory: run.h has what is for many files. */
void harden(struct project *project);

/* Prepares to harden a project in parts. False where a configuration is wrong: nothing can be done. */
bool harden_begin(struct project *project);

/* The same for the documents of a unit, which are read and hardened on the arena of `project`, a copy of one's own. */
void harden_unit(struct project *project, struct document *const *list, uint32_t n);

/* Hardens and parses a Dockerfile for its facts, which are on `arena`; what else comes up is on that of `project`, a
 * copy of one's own. */
void harden_apart(struct project *project, struct document *document, struct arena *arena);

#endif
