/* The options of the command line, which a KRM function is given as well. */
#ifndef IRONHULL_OPTIONS_H
#define IRONHULL_OPTIONS_H

#include "config.h"
#include "emit.h"
#include "pod_security.h"
#include "rule.h"

enum { EXIT_DONE, EXIT_FOUND, EXIT_BAD };

enum mode { MODE_DIFF, MODE_WRITE, MODE_CHECK, MODE_OUTPUT, MODE_FILTER, MODE_DUMP };

struct options {
    enum mode mode;
    enum safety least;
    bool is_stdin;             /* standard input is read, in place of paths */
    struct str directory;      /* of MODE_OUTPUT */
    struct str stdin_filename; /* {NULL, 0} where it is not given */
    struct str dump;           /* of MODE_DUMP */
    struct config_user user;
    struct pod_demand pod_demand;
    struct config_seccomp seccomp;
    struct emit_request emit; /* of kind EMIT_NONE: hardened files, or what is found in them, are put out */
    struct str *paths;
    uint32_t n_paths;
};

/* Reads the command line. False: all is said, and *ret_code is the exit code. */
bool options_read(struct arena *arena, int argc, char **argv, struct options *ret, int *ret_code);

/* Sets an option by its name, as the functionConfig of a KRM function does; a flag has the value true or false. What is
 * wrong, one clause on the arena; NULL: nothing. */
const char *options_set(struct arena *arena, struct options *options, struct str name, struct str value);

#endif
