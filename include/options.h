/* The options of the command line, which a KRM function is given as well. */
#ifndef IRONHULL_OPTIONS_H
#define IRONHULL_OPTIONS_H

#include "config.h"
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
    struct str project;        /* the folder whose files the paths are some of; {NULL, 0}: they are all */
    struct str dump;           /* of MODE_DUMP */
    struct config_user user;
    struct pod_demand pod_demand;
    struct config_seccomp seccomp;
    struct str *paths;
    uint32_t n_paths;
};

/* An option, as --help, getopt, the manual page and the completions of shells have it. */
struct option_row {
    int code; /* its short name; 256 and above: it has none */
    const char *name;
    /* NULL: it has none. "a|b[:MORE]": these values. Else a placeholder: FILE and DIR are completed with paths, RULE,
     * also as RULE[,RULE...], with rules, others not at all. */
    const char *argument;
    const char *help;    /* one line */
    bool is_set_by_name; /* also in the functionConfig of a KRM function */
};

/* In the order of --help. */
extern const struct option_row option_rows[];
extern const uint32_t option_rows_n;

/* Reads the command line. False: all is said, and *ret_code is the exit code. */
bool options_read(struct arena *arena, int argc, char **argv, struct options *ret, int *ret_code);

/* Sets an option by its name, as the functionConfig of a KRM function does; a flag has the value true or false. What is
 * wrong, one clause on the arena; NULL: nothing. */
const char *options_set(struct arena *arena, struct options *options, struct str name, struct str value);

#endif
