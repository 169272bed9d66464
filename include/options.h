/* The options of the command line, which a KRM function is given as well. */
#ifndef IRONHULL_OPTIONS_H
#define IRONHULL_OPTIONS_H

#include "config.h"
#include "emit.h"
#include "filter.h"
#include "report.h"
#include "terminal.h"
#include "verdict.h"

enum { EXIT_DONE, EXIT_FOUND, EXIT_BAD };

enum mode { MODE_DIFF, MODE_WRITE, MODE_CHECK, MODE_OUTPUT, MODE_FILTER, MODE_DUMP, MODE_CONFIG, MODE_SCHEMA };

struct options {
    enum mode mode;
    bool has_diff; /* it is asked for, also beside MODE_CHECK */
    enum fail_on fail_on;
    bool has_fail_on;          /* it is given */
    struct str baseline;       /* of MODE_CHECK: to read; {NULL, 0} where it is not given */
    struct str new_baseline;   /* the same, to write */
    bool is_stdin;             /* standard input is read, in place of paths */
    struct str directory;      /* of MODE_OUTPUT */
    struct str stdin_filename; /* {NULL, 0} where it is not given */
    bool has_no_sandbox;
    struct str project;       /* the folder whose files the paths are some of; {NULL, 0}: they are all */
    struct str dump;          /* of MODE_DUMP */
    struct config config;     /* what they say of it: see struct configs */
    struct str backup;        /* of MODE_WRITE: what the old files' names get behind them; {NULL, 0}: none is kept */
    struct str reverse_patch; /* of MODE_WRITE: the file for it; {NULL, 0} where it is not given */
    struct filter_options filter;
    struct buf shaping;                 /* the options that were given and shape the result, for options_command */
    const struct report_format *format; /* NULL: as it suits where the report goes */
    struct str output_file;             /* that the report goes to; {NULL, 0}: a stream */
    enum color color;
    struct emit_request emit; /* of kind EMIT_NONE: hardened files, or what is found in them, are put out */
    struct str *paths;
    uint32_t n_paths;

    /* directory and output_file as they led before anything was read: see real_place */
    struct str directory_place, output_place;
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

/* Takes over into a project what options say of its documents. */
void options_apply(const struct options *options, struct project *project);

/* A word as a shell reads it, on the arena. */
struct str options_quoted(struct arena *arena, struct str word);

/* The command that starts with the options `first` and goes on with those that were given and shape the result, and
 * with the paths, for a shell. On the arena. */
struct str options_command(struct arena *arena, const struct options *options, const char *first);

#endif
