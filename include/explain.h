/* What the rules are, for people: --rules and --explain. */
#ifndef IRONHULL_EXPLAIN_H
#define IRONHULL_EXPLAIN_H

#include "rule.h"

#include <stdio.h>

/* Prints all rules as a table of 80 columns. */
void explain_table(FILE *out);

/* Prints all that is known of a rule, in 80 columns. */
void explain_rule(FILE *out, const struct rule *rule);

#endif
