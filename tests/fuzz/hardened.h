/* What holds of every hardened project. */
#ifndef IRONHULL_TESTS_HARDENED_H
#define IRONHULL_TESTS_HARDENED_H

#include "harden.h"
#include "link.h"

/* Options, by a number. */
struct config hardened_options(unsigned options);

/* Ends the process unless: no bug was found by the program itself; a document is changed exactly where fixes are
 * applied, and by nothing but their edits, as far as they are known; what is reported as JSON is JSON. */
void hardened_check(const struct project *project);

#endif
