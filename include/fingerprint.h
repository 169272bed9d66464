/* By which a finding is known from one run to the next. */
#ifndef IRONHULL_FINGERPRINT_H
#define IRONHULL_FINGERPRINT_H

#include "rule.h"

/* Sets the fingerprints of a document's findings, which are in their order: 16 hexadecimal digits made of the rule, the
 * document's path in its repository, the line and those that it is indented below, without the versions of images, and
 * which one of its kind it is. What is added or removed elsewhere in the file changes none, nor does what the message
 * says. */
void fingerprints_set(struct document *document, struct arena *arena);

#endif
