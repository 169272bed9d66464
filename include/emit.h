/* Artifacts that are made of a hardened project on request (--emit): scripts and files that start its containers in the
 * same way, and prove that they are hardened. */
#ifndef IRONHULL_EMIT_H
#define IRONHULL_EMIT_H

#include "project.h"

enum emit_kind { EMIT_NONE, EMIT_DOCKER_RUN, EMIT_GITHUB_WORKFLOW, EMIT_SECCOMP, EMIT_SMOKE_TEST, EMIT_KINDS };

/* What is asked for. */
struct emit_request {
    enum emit_kind kind;
    struct str runtime; /* of EMIT_SECCOMP: whose profile; empty: of those that the project has */
};

/* Reads "KIND", or "seccomp:RUNTIME", as the option has it. What is wrong, one clause on the arena; NULL: nothing. */
const char *emit_read(struct arena *arena, struct str text, struct emit_request *ret);

/* An artifact in the making: it grows with the number of containers, not with that of files. */
struct emit;
struct emit *emit_begin(struct arena *arena, const struct emit_request *request);

/* Adds the containers of a project, or of a part of one whose documents belong together, once it is hardened. Documents
 * that are broken or not selected give none. */
void emit_project(struct emit *emit, const struct project *project);

/* Writes the artifact to standard output, or, where a directory is given, below it under its own name. False with a
 * diagnostic: there is nothing that it could be made of, or it could not be written. */
bool emit_end(struct emit *emit, struct str directory, struct diags *diags);

#endif
