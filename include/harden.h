/* The pipeline: parse → facts → rules → edits → verify, until nothing is left to do. */
#ifndef IRONHULL_HARDEN_H
#define IRONHULL_HARDEN_H

#include "rule.h"

/* Hardens every selected document of a linked project, Dockerfiles first, so that their facts reach the services and
 * containers: sets `after` and `findings`, by place. Documents that are not selected are only read. What each
 * document's configuration says is heeded. A broken document gets a diagnostic and stays as it is; so does one whose result does
 * not verify, which is a bug of ours and says so. Nothing is done where a configuration is wrong. */
void harden(struct project *project);

#endif
