#include "options.h"

#include "guess.h"
#include "report.h"

#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPTION_STDIN = 256,
    OPTION_UNSAFE,
    OPTION_UID,
    OPTION_GID,
    OPTION_USER,
    OPTION_PODS,
    OPTION_SECCOMP,
    OPTION_DUMP,
    OPTION_CHECK
};

/* Rows of --help and of getopt, in the order of --help. */
static const struct {
    int code;
    const char *name, *argument, *help;
    bool is_set_by_name; /* also in the functionConfig of a KRM function */
} option_rows[] = {
    {'w', "write", NULL, "rewrite the files in place", false},
    {OPTION_CHECK, "check", NULL, "print what is missing; exit 1 if there is any", true},
    {'o', "output", "DIR", "write the hardened files below DIR, leave the originals", false},
    {OPTION_STDIN, "stdin-filename", "NAME", "the file that standard input stands for", false},
    {OPTION_UNSAFE, "unsafe-fixes", NULL, "also change what somebody wrote on purpose", true},
    {OPTION_UID, "uid", "N", "the user that programs are to run as, in place of 10001 and of the image's own", true},
    {OPTION_GID, "gid", "N", "its group (the same number)", true},
    {OPTION_USER, "user", "NAME", "its name, where it is created (app)", true},
    {OPTION_PODS, "pod-security", "LEVEL", "note what keeps pods from a level: baseline, restricted, restricted:v1.37",
     true},
    {OPTION_SECCOMP, "seccomp", "KIND",
     "localhost: pods get a profile that is on the nodes; localhost:FOLDER: in there", true},
    {OPTION_DUMP, "dump-ast", "FILE", "print the instructions of a Dockerfile as the builder reads them", false},
    {'h', "help", NULL, "print this help", false},
    {'V', "version", NULL, "print the version", false},
};
enum { N_OPTIONS = sizeof option_rows / sizeof *option_rows };

static void print_help(FILE *out) {
    fputs(
        "usage: ironhull [OPTION]... PATH...\n"
        "       ironhull [OPTION]... [-] <FILE\n"
        "       ironhull lsp                    the language server, for editors\n\n"
        "Rewrites Dockerfiles, compose files and Kubernetes manifests into hardened ones. Without an option it prints\n"
        "a diff of what it would change, and writes nothing. From standard input to standard output it is a filter: "
        "for\n"
        "editors, after helm template and kubectl get, as a post-renderer, and as a KRM function of kustomize and "
        "kpt.\n"
        "\n",
        out);
    for (int i = 0; i < N_OPTIONS; i++) {
        char left[40];
        bool is_short = option_rows[i].code < 256;
        snprintf(left, sizeof left, "  %c%c%c --%s%s%s", is_short ? '-' : ' ', is_short ? option_rows[i].code : ' ',
                 is_short ? ',' : ' ', option_rows[i].name, option_rows[i].argument ? "=" : "",
                 option_rows[i].argument ? option_rows[i].argument : "");
        fprintf(out, "%-30s %s\n", left, option_rows[i].help);
    }
    fputs("\nThe rules:\n", out);
    for (uint32_t i = 0; i < rules_n; i++)
        fprintf(out, "  %-27.*s %.*s\n", STR_ARG(rules[i].id), STR_ARG(rules[i].summary));
    fputs("\nThe nearest " CONFIG_NAME
          " in a file's folder or above says what base images are like, which user is created,\n"
          "and which rules are off; the README explains it.\n"
          "\nExit code: 0 nothing to do, or done; 1 --check found something; 2 bad usage, or input that cannot be "
          "used.\n",
          out);
}

static int bad_usage(const char *what) {
    fprintf(stderr, "ironhull: %s; see ironhull --help\n", what);
    return EXIT_BAD;
}

/* False: *ret_code is the exit code. */
static bool set_mode(struct options *options, enum mode mode, int *ret_code) {
    if (options->mode != MODE_DIFF && options->mode != mode) {
        *ret_code = bad_usage("--write, --check, --output and --dump-ast exclude each other");
        return false;
    }
    options->mode = mode;
    return true;
}

/* What is wrong with the argument of an option that has one, of a KRM function as well; NULL: nothing. */
static const char *set_value(struct arena *arena, struct options *options, int code, struct str value) {
    switch (code) {
    case OPTION_UID:
        return config_read_id(value, &options->user.uid);
    case OPTION_GID:
        return config_read_id(value, &options->user.gid);
    case OPTION_USER:
        return config_read_name(value, &options->user.name);
    case OPTION_SECCOMP:
        return config_read_seccomp(value, &options->seccomp);
    default:
        return pod_demand_read(arena, value, &options->pod_demand);
    }
}

static bool take_option(struct arena *arena, struct options *options, int code, const char *name, int *ret_code) {
    *ret_code = EXIT_DONE;
    switch (code) {
    case 'w':
        return set_mode(options, MODE_WRITE, ret_code);
    case OPTION_CHECK:
        return set_mode(options, MODE_CHECK, ret_code);
    case 'o':
        options->directory = str_of(optarg);
        return set_mode(options, MODE_OUTPUT, ret_code);
    case OPTION_STDIN:
        options->stdin_filename = str_of(optarg);
        return true;
    case OPTION_UNSAFE:
        options->least = SAFETY_UNSAFE;
        return true;
    case OPTION_DUMP:
        options->dump = str_of(optarg);
        return set_mode(options, MODE_DUMP, ret_code);
    case 'h':
        print_help(stdout);
        return false;
    case 'V':
        puts("ironhull " IRONHULL_VERSION);
        return false;
    case '?':
        *ret_code = EXIT_BAD;
        return false;
    default:
        break;
    }
    const char *wrong = set_value(arena, options, code, str_of(optarg));
    if (wrong)
        *ret_code = bad_usage(str_printf(arena, "--%s: %s", name, wrong).p);
    return !wrong;
}

/* In place of getopt's own message, which would print what a shell's glob found as it is. */
static void report_option(struct arena *arena, const char *argument) {
    struct diags diags = {.arena = arena};
    bool is_long = str_starts(str_of(argument), STR("--"));
    struct str option = is_long || optopt == 0 ? str_of(argument) : str_printf(arena, "-%c", optopt);
    diag_file(&diags, (struct str){NULL, 0},
              "%.*s is no option, or its argument is missing or too much; see ironhull --help", STR_ARG(option));
    report_diags(stderr, &diags);
}

/* Whether somebody has given us a text to read: a pipe, a socket (of Node's child_process), or a file that is not
 * empty. */
static bool has_input(void) {
    struct stat status;
    if (fstat(STDIN_FILENO, &status) != 0)
        return false;
    return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || (S_ISREG(status.st_mode) && status.st_size > 0);
}

static bool take_paths(struct options *options, int *ret_code) {
    bool is_filter = options->mode == MODE_DIFF || options->mode == MODE_CHECK;
    bool has_dash = false;
    *ret_code = EXIT_BAD;
    for (uint32_t i = 0; i < options->n_paths; i++) {
        if (options->paths[i].n == 0)
            return bad_usage("a path is empty"), false;
        has_dash |= str_eq(options->paths[i], STR("-"));
    }
    if (options->mode == MODE_DUMP)
        return options->n_paths == 0 || (bad_usage("--dump-ast takes its file as its argument"), false);
    options->is_stdin = has_dash || (options->n_paths == 0 && is_filter && has_input());
    if (options->n_paths == 0 && !options->is_stdin)
        return bad_usage("no file or folder is named"), false;
    if (has_dash && (options->n_paths > 1 || !is_filter))
        return bad_usage("the path - stands alone, without --write and --output"), false;
    if (options->stdin_filename.p && !options->is_stdin)
        return bad_usage("--stdin-filename needs the path -"), false;
    if ((options->stdin_filename.p && options->stdin_filename.n == 0) ||
        (options->directory.p && options->directory.n == 0))
        return bad_usage("the argument of --stdin-filename or --output is empty"), false;
    if (options->is_stdin && options->mode == MODE_DIFF)
        options->mode = MODE_FILTER;
    return true;
}

bool options_read(struct arena *arena, int argc, char **argv, struct options *ret, int *ret_code) {
    struct option table[N_OPTIONS + 1] = {0};
    for (int i = 0; i < N_OPTIONS; i++)
        table[i] = (struct option){option_rows[i].name, option_rows[i].argument ? required_argument : no_argument, NULL,
                                   option_rows[i].code};
    int code, row = 0;
    *ret = (struct options){.least = SAFETY_SAFE};
    opterr = 0;
    while ((code = getopt_long(argc, argv, "wo:hV", table, &row)) != -1) {
        if (code == '?')
            report_option(arena, argv[optind - 1]);
        if (!take_option(arena, ret, code, option_rows[row].name, ret_code))
            return false;
    }
    ret->n_paths = (uint32_t)(argc - optind);
    ret->paths = arena_array(arena, ret->n_paths, sizeof *ret->paths);
    for (uint32_t i = 0; i < ret->n_paths; i++)
        ret->paths[i] = str_of(argv[optind + (int)i]);
    return take_paths(ret, ret_code);
}

/* A flag that is true or false. */
static const char *set_flag(struct options *options, int code, struct str value) {
    bool is_on = str_eq_nocase(value, STR("true"));
    if (!is_on && !str_eq_nocase(value, STR("false")))
        return "true or false is expected";
    if (code == OPTION_UNSAFE)
        options->least = is_on ? SAFETY_UNSAFE : SAFETY_SAFE;
    else
        options->mode = is_on ? MODE_CHECK : MODE_FILTER;
    return NULL;
}

const char *options_set(struct arena *arena, struct options *options, struct str name, struct str value) {
    struct guess guess = {.word = name, .offers = {.arena = arena}};
    const char *wrong;
    for (int i = 0; i < N_OPTIONS; i++) {
        if (!option_rows[i].is_set_by_name)
            continue;
        guess_offer(&guess, str_of(option_rows[i].name));
        if (!str_eq(name, str_of(option_rows[i].name)))
            continue;
        wrong = option_rows[i].argument ? set_value(arena, options, option_rows[i].code, value)
                                        : set_flag(options, option_rows[i].code, value);
        return wrong ? str_printf(arena, "%.*s: %s", STR_ARG(name), wrong).p : NULL;
    }
    return str_printf(arena, "%.*s is no option of a function: %.*s", STR_ARG(name), STR_ARG(guess_text(&guess))).p;
}
