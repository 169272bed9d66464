/* Dockerfiles that are hardened apart from their unit, for the facts that other units ask for: see project_settled. Any
 * thread may ask; memory does not grow with their number. */
#ifndef IRONHULL_SETTLEMENT_H
#define IRONHULL_SETTLEMENT_H

#include "project.h"

/* Sets `settle` and `settlement` of a project. */
void settlement_begin(struct project *project);

/* Lets go of those that only units before that one have asked for, if there are many; these units are let go of. */
void settlement_forget(const struct project *project, uint32_t unit);

/* Lets go of all. */
void settlement_end(const struct project *project);

#endif
