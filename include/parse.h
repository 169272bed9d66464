/* A document's text, as what rules look at. */
#ifndef IRONHULL_PARSE_H
#define IRONHULL_PARSE_H

#include "project.h"

/* Sets what a text of the document is: its source, and by its format its Dockerfile with stages, or its YAML, with the
 * comments that are for ironhull, all on the arena; YAML may be one of `trees` (see trees_parse). False, with
 * diagnostics, where it is not what its format asks for. A manifest that is a template has YAML without documents. */
bool document_parse(struct trees *trees, struct arena *arena, struct document *document, struct str text,
                    struct diags *diags);

#endif
