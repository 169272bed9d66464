/* Which documents of a project go together: a partition that begins with each one alone, and gets coarser. */
#ifndef IRONHULL_UNITS_H
#define IRONHULL_UNITS_H

#include "project.h"

/* Begins with what is hardened together: compose files that are built on each other, what has a companion. */
void units_make(struct project *project);

/* Puts two documents, and all that are with them, together. Either may be NULL. */
void units_join(const struct project *project, const struct document *a, const struct document *b);

/* Ends: numbers the units by their first documents and sets `unit` of each document. Gives how many there are. */
uint32_t units_number(struct project *project);

#endif
