/* The data of templates/, compiled into the program: what it inserts. (What it knows of images: image.h.)
 *
 * The build writes the tables with templates/generate.c; nothing is parsed at start-up. */
#ifndef IRONHULL_TEMPLATE_H
#define IRONHULL_TEMPLATE_H

#include "str.h"
#include "yaml.h"

/* A value for ${name}. */
struct template_variable {
    const char *name;
    struct str value;
};

struct template_variables {
    const struct template_variable *list;
    uint32_t n;
};
#define NO_VARIABLES ((struct template_variables){NULL, 0})

/* `text` with every ${name} filled in, and nothing else changed. A name that is not in the list is our bug (asserted).
 */
struct str template_fill(struct arena *arena, struct str text, struct template_variables variables);
/* The same for every scalar below a value. */
const struct yaml_value *template_fill_value(struct arena *arena, const struct yaml_value *value,
                                             struct template_variables variables);

/* The mapping at a path such as "compose/read-only-root" or "kubernetes/read-only-root/pod". One that does not exist is
 * our bug (asserted). */
const struct yaml_value *template_value(const char *path);

/* A list of words. */
struct template_words {
    const struct str *list;
    uint32_t n;
};

/* An image that a compiled program runs on. */
struct runtime {
    struct str from, image, lines;
    bool is_static, has_shell;
};

/* How a package manager or compiler shows in a RUN instruction: a row of templates/ecosystems.yaml, where the fields
 * are explained.
 */
struct ecosystem {
    struct str manager, tools, harmless, install, build, installs, prepare, environment, manifest;
    struct template_words programs, images, moved_by, hooks, groups, outside;
    /* of a compiled language */
    struct str program, output, takes, is_static, examined, hindrance, hindrance_reason, lock, libraries,
        requires_reason;
    struct template_words outputs, build_variables, requires, sources;
    const struct runtime *runtimes;
    uint32_t n_runtimes;
};

/* A variable that a program gets: a row of templates/environment.yaml, where the fields are explained. */
struct environment {
    struct str program, run, word, name, value;
};

/* A program that another user could not start: a row of templates/programs.yaml, where the fields are explained. */
struct program {
    struct str needs, instead;
    struct template_words programs, words, unless, variables;
};

/* What a command line says: a row of templates/commands.yaml, where the fields are explained. */
struct command_line {
    struct str otherwise, port;
    struct template_words programs, words, unless, behind, ports;
};

/* What leaves what it installs in the home folder: a row of templates/home.yaml, where the fields are explained. */
struct home_tool {
    struct str run, instead;
    struct template_words unless, programs;
};

/* What the programs of a framework write to: a row of templates/frameworks.yaml, where the fields are explained. */
struct framework {
    struct str runtime, manifest, module, dependency;
    struct template_words signs, writes;
};

/* Calls of a source that write: a row of templates/writes.yaml, where the fields are explained. */
struct write {
    struct str names, at, from, below;
    struct template_words files, calls, modes, only;
};

/* What of a service reaches the host: a row of templates/host_access.yaml, where the fields are explained. */
struct host_access {
    struct str kind, below, unless, gives, instead, pod;
    struct template_words names;
};

/* The lists of templates/names.yaml, in its order. */
enum name_list {
    NAMES_INIT,
    NAMES_DROPS_PRIVILEGES,
    NAMES_NEEDS_ROOT,
    NAMES_NOT_IN_SCRIPT,
    NAMES_NEEDS_NOTHING,
    NAMES_PLAIN_TOOLS,
    NAMES_BUILDS,
    NAMES_INSTALLS,
    NAMES_WRITTEN_SETTINGS,
    NAMES_WRITABLE,
    NAMES_MIGRATIONS,
    NAMES_CACHE_VARIABLES,
    NAMES_PLAIN_PACKAGES,
    NAMES_REPEATABLE,
    NAMES_BUILD_TOOLS,
    NAMES_FILE_TOOLS,
    NAMES_REPOSITORY_FILES,
    NAMES_SYSTEM_USERS,
    NAMES_ROOT_PACKAGES,
    NAMES_SHELL_WORDS,
    NAMES_GAINS_PRIVILEGES,
    NAMES_SERVICE_KEYS,
    NAMES_NO_SOURCES,
    NAMES_TEST_SOURCES,
    NAMES_BUILD_OUTPUTS,
    NAMES_DEFAULT_CAPABILITIES,
};

/* Whether the last component of a path or command word is in that list. */
bool template_has_name(enum name_list list, struct str word);

/* The first row of host_access.yaml of a kind that fits; NULL where there is none, or it gives nothing. */
const struct host_access *template_host_access_row(struct arena *arena, struct str kind, struct str text,
                                                   bool is_read_only);

/* The generated tables. */
struct template_named_value {
    struct str path;
    struct yaml_value value;
};
struct template_named_file {
    struct str path, text;
};
extern const struct template_named_value template_values[]; /* sorted by path */
extern const uint32_t template_n_values;
extern const struct template_named_file template_files[]; /* sorted by path */
extern const uint32_t template_n_files;
extern const struct ecosystem template_ecosystems[];
extern const uint32_t template_n_ecosystems;
extern const struct environment template_environment[];
extern const uint32_t template_n_environment;
extern const struct program template_programs[];
extern const uint32_t template_n_programs;
extern const struct command_line template_commands[];
extern const uint32_t template_n_commands;
extern const struct home_tool template_home[];
extern const uint32_t template_n_home;
extern const struct framework template_frameworks[];
extern const uint32_t template_n_frameworks;
extern const struct write template_writes[];
extern const uint32_t template_n_writes;
extern const struct host_access template_host_access[];
extern const uint32_t template_n_host_access;
extern const struct template_words template_names[]; /* by enum name_list; each list sorted */

#endif
