#include "options.h"

#include "discover.h"
#include "explain.h"
#include "guess.h"
#include "path.h"
#include "report.h"
#include "rule.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPTION_STDIN = 256,
    OPTION_BACKUP,
    OPTION_REVERSE,
    OPTION_PROJECT,
    OPTION_UNSAFE,
    OPTION_UID,
    OPTION_GID,
    OPTION_USER,
    OPTION_PODS,
    OPTION_SECCOMP,
    OPTION_FORMAT,
    OPTION_OUTPUT_FILE,
    OPTION_COLOR,
    OPTION_EMIT,
    OPTION_DUMP,
    OPTION_CONFIG,
    OPTION_SCHEMA,
    OPTION_CHECK,
    OPTION_DIFF,
    OPTION_FAIL_ON,
    OPTION_BASELINE,
    OPTION_NEW_BASELINE,
    OPTION_SELECT,
    OPTION_IGNORE,
    OPTION_RULES,
    OPTION_EXPLAIN,
    OPTION_EXCLUDE,
    OPTION_INCLUDE,
    OPTION_NO_SANDBOX,
};

/* Options that say how a run tells of what it finds, and where it writes, but not what it makes of a file. */
static const int telling[] = {'w',
                              'o',
                              OPTION_BACKUP,
                              OPTION_REVERSE,
                              OPTION_CHECK,
                              OPTION_DIFF,
                              OPTION_FAIL_ON,
                              OPTION_BASELINE,
                              OPTION_NEW_BASELINE,
                              OPTION_FORMAT,
                              OPTION_OUTPUT_FILE,
                              OPTION_COLOR,
                              OPTION_STDIN,
                              OPTION_UNSAFE,
                              OPTION_NO_SANDBOX};

/* An argument in brackets may be left out. */
const struct option_row option_rows[] = {
    {'w', "write", NULL, "rewrite the files in place", false},
    {OPTION_BACKUP, "backup", "[SUFFIX]", "with --write: keep each old file beside the new one, as FILE.orig", false},
    {OPTION_REVERSE, "reverse-patch", "FILE", "with --write: make a patch that takes the whole run back", false},
    {'o', "output", "DIR", "write the hardened files below DIR, leave the originals", false},
    {OPTION_CHECK, "check", NULL, "print what is missing; exit 1 if there is any", true},
    {OPTION_DIFF, "diff", NULL, "print a diff of what would change, also beside --check", false},
    {OPTION_FAIL_ON, "fail-on", "safe|unsafe|any",
     "what --check fails for: fixes that -w makes, all fixes, or notes too", true},
    {OPTION_BASELINE, "baseline", "FILE", "let --check pass what FILE accepts", false},
    {OPTION_NEW_BASELINE, "write-baseline", "FILE", "accept all that is found today in FILE", false},
    {OPTION_EXCLUDE, "exclude", "GLOB", "leave out what matches in the named folders; several times", false},
    {OPTION_INCLUDE, "include", "GLOB", "take what matches though git ignores it; several times", false},
    {OPTION_STDIN, "stdin-filename", "FILE", "the file that standard input stands for", false},
    {OPTION_PROJECT, "project", "DIR", "of the files below DIR, change those that PATHs name: for hooks", false},
    {OPTION_UNSAFE, "unsafe-fixes", NULL, "also change what somebody wrote on purpose", true},
    {OPTION_SELECT, "select", "RULES", "these rules only: names with commas between, or all", true},
    {OPTION_IGNORE, "ignore", "RULES", "all rules but these", true},
    {OPTION_UID, "uid", "N", "the user that programs are to run as, in place of 10001 and of the image's own", true},
    {OPTION_GID, "gid", "N", "its group (the same number)", true},
    {OPTION_USER, "user", "NAME", "its name, where it is created (app)", true},
    {OPTION_PODS, "pod-security", "privileged|baseline|restricted[:VERSION]",
     "note what keeps pods from a level, as Kubernetes VERSION (v1.37) checks it", true},
    {OPTION_SECCOMP, "seccomp", "localhost[:FOLDER]|runtime-default",
     "give pods a profile that is on the nodes, in FOLDER there", true},
    {OPTION_RULES, "rules", NULL, "print a table of the rules", false},
    {OPTION_EXPLAIN, "explain", "RULE", "print what a rule does, why, what may break, and how to leave it out", false},
    {OPTION_CONFIG, "print-config", NULL, "print what applies to PATH, and where each value comes from", false},
    {OPTION_SCHEMA, "print-config-schema", NULL, "print the JSON Schema of " CONFIG_NAME, false},
    {OPTION_FORMAT, "format", "human|text|json|sarif|github|gitlab|junit",
     "how to report; human on a terminal, text elsewhere", false},
    {OPTION_OUTPUT_FILE, "output-file", "FILE", "write the report to FILE", false},
    {OPTION_COLOR, "color", "auto|always|never", "colours in the human report", false},
    {OPTION_EMIT, "emit", "docker-run|github-workflow|seccomp[:RUNTIME]|smoke-test",
     "print an artifact instead; with -o, write it", false},
    {OPTION_DUMP, "dump-ast", "FILE", "print the instructions of a Dockerfile as the builder reads them", false},
    {OPTION_NO_SANDBOX, "no-sandbox", NULL, "do not let the kernel deny what a run does not need", false},
    {'h', "help", NULL, "print this help", false},
    {'V', "version", NULL, "print the version", false},
};
enum { N_OPTIONS = sizeof option_rows / sizeof *option_rows };
const uint32_t option_rows_n = N_OPTIONS;

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
        char left[80];
        bool is_short = option_rows[i].code < 256;
        const char *argument = option_rows[i].argument;
        snprintf(left, sizeof left, "  %c%c%c --%s%s%s", is_short ? '-' : ' ', is_short ? option_rows[i].code : ' ',
                 is_short ? ',' : ' ', option_rows[i].name,
                 !argument          ? ""
                 : *argument == '[' ? "[="
                                    : "=",
                 !argument ? "" : argument + (*argument == '['));
        fprintf(out, strlen(left) > 30 ? "%s\n%31s%s\n" : "%-30s %s%s\n", left, "", option_rows[i].help);
    }
    fputs("\nThe rules:\n", out);
    for (uint32_t i = 0; i < rules_n; i++)
        fprintf(out, "  %-27.*s %.*s\n", STR_ARG(rules[i].id), STR_ARG(rules[i].summary));
    fputs("\nThe nearest " CONFIG_NAME
          " in a file's folder or above says what base images are like, which Dockerfile builds\n"
          "an image, which user is created, which rules are off, and more; the README explains it.\n"
          "\nExit code: 0 nothing to do, or done; 1 --check found something; 2 bad usage, or input that cannot be "
          "used.\n",
          out);
}

static int bad_usage(const char *what) {
    fputs("ironhull: ", stderr);
    report_print(stderr, str_of(what));
    fputs("; see ironhull --help\n", stderr);
    return EXIT_BAD;
}

/* False: *ret_code is the exit code. */
static bool set_mode(struct options *options, enum mode mode, int *ret_code) {
    if (options->mode != MODE_DIFF && options->mode != mode) {
        *ret_code = bad_usage("--write, --check, --output, --write-baseline, --print-config, --print-config-schema and "
                              "--dump-ast exclude each other");
        return false;
    }
    options->mode = mode;
    return true;
}

static const char *set_color(struct str value, enum color *ret) {
    static const struct str names[] = {
        [COLOR_AUTO] = STR_INIT("auto"), [COLOR_ALWAYS] = STR_INIT("always"), [COLOR_NEVER] = STR_INIT("never")};
    for (*ret = COLOR_AUTO; *ret <= COLOR_NEVER; (*ret)++)
        if (str_eq(value, names[*ret]))
            return NULL;
    return "auto, always or never is expected";
}

/* What is wrong with the argument of an option that has one, of a KRM function as well; NULL: nothing. */
static const char *set_value(struct arena *arena, struct options *options, int code, struct str value) {
    const char *wrong = NULL;
    switch (code) {
    case OPTION_FORMAT:
        options->format = report_format_find(arena, value, &wrong);
        return wrong;
    case OPTION_OUTPUT_FILE:
        options->output_file = value;
        return value.n ? NULL : "a file is expected";
    case OPTION_COLOR:
        return set_color(value, &options->color);
    case OPTION_UID:
        return config_read_id(value, &options->config.user.uid);
    case OPTION_GID:
        return config_read_id(value, &options->config.user.gid);
    case OPTION_USER:
        return config_read_name(value, &options->config.user.name);
    case OPTION_SELECT:
        return rule_choice_read(arena, value, &options->config.choice.selected);
    case OPTION_IGNORE:
        return rule_choice_read(arena, value, &options->config.choice.ignored);
    case OPTION_FAIL_ON:
        options->has_fail_on = true;
        return fail_on_read(arena, value, &options->fail_on);
    case OPTION_SECCOMP:
        return config_read_seccomp(value, &options->config.seccomp);
    case OPTION_EMIT:
        return emit_read(arena, value, &options->emit);
    default:
        return pod_demand_read(arena, value, &options->config.pod_demand);
    }
}

static void explain(struct arena *arena, struct str id, int *ret_code) {
    const struct rule *rule = rule_find(id);
    if (rule)
        explain_rule(stdout, rule);
    else
        *ret_code = bad_usage(
            str_printf(arena, "--explain: there is no rule %.*s: %.*s", STR_ARG(id), STR_ARG(rule_meant(arena, id))).p);
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
    case OPTION_DIFF:
        options->has_diff = true;
        return true;
    case OPTION_BASELINE:
        options->baseline = str_of(optarg);
        return true;
    case OPTION_NEW_BASELINE:
        options->new_baseline = str_of(optarg);
        return set_mode(options, MODE_CHECK, ret_code);
    case OPTION_RULES:
        explain_table(stdout);
        return false;
    case OPTION_EXPLAIN:
        return explain(arena, str_of(optarg), ret_code), false;
    case OPTION_STDIN:
        options->stdin_filename = str_of(optarg);
        return true;
    case OPTION_EXCLUDE:
        *vec_push(arena, &options->filter.excludes) = str_of(optarg);
        return true;
    case OPTION_INCLUDE:
        *vec_push(arena, &options->filter.includes) = str_of(optarg);
        return true;
    case OPTION_PROJECT:
        options->project = str_of(optarg);
        return true;
    case OPTION_UNSAFE:
        options->config.unsafe_fixes = CONFIG_ON;
        return true;
    case OPTION_NO_SANDBOX:
        options->has_no_sandbox = true;
        return true;
    case OPTION_BACKUP:
        options->backup = optarg ? str_of(optarg) : STR(".orig");
        return true;
    case OPTION_REVERSE:
        options->reverse_patch = str_of(optarg);
        return true;
    case OPTION_DUMP:
        options->dump = str_of(optarg);
        return set_mode(options, MODE_DUMP, ret_code);
    case OPTION_CONFIG:
        return set_mode(options, MODE_CONFIG, ret_code);
    case OPTION_SCHEMA:
        return set_mode(options, MODE_SCHEMA, ret_code);
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

static bool is_empty(struct str argument) {
    return argument.p && argument.n == 0;
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
    if (options->emit.kind && options->mode != MODE_DIFF && options->mode != MODE_OUTPUT)
        return bad_usage("--emit makes something of its own: without --write, --check and --dump-ast"), false;
    if (options->emit.runtime.n)
        return options->n_paths == 0 || (bad_usage("--emit=seccomp:RUNTIME needs no files"), false);
    if (options->mode == MODE_DUMP)
        return options->n_paths == 0 || (bad_usage("--dump-ast takes its file as its argument"), false);
    if (options->mode == MODE_SCHEMA)
        return options->n_paths == 0 || (bad_usage("--print-config-schema takes no path"), false);
    if (options->mode == MODE_CONFIG)
        return options->n_paths < 2 || (bad_usage("--print-config takes one path"), false);
    options->is_stdin = has_dash || (options->n_paths == 0 && is_filter && has_input());
    if (options->n_paths == 0 && !options->is_stdin)
        return bad_usage("no file or folder is named"), false;
    if (has_dash && (options->n_paths > 1 || !is_filter))
        return bad_usage("the path - stands alone, without --write and --output"), false;
    if (options->stdin_filename.p && !options->is_stdin)
        return bad_usage("--stdin-filename needs the path -"), false;
    if (options->project.p && (options->project.n == 0 || options->is_stdin))
        return bad_usage("--project needs a folder, and files in it"), false;
    if ((options->backup.p || options->reverse_patch.p) && options->mode != MODE_WRITE)
        return bad_usage("--backup and --reverse-patch need --write"), false;
    if (options->backup.p && !discover_is_backup(options->backup))
        return bad_usage("--backup: the next run would take files with that suffix for others to harden; .orig, .bak, "
                         ".old and ~ are left alone"),
               false;
    if (is_empty(options->stdin_filename) || is_empty(options->directory) || is_empty(options->baseline) ||
        is_empty(options->new_baseline) || is_empty(options->reverse_patch))
        return bad_usage("the argument of an option that names a file or folder is empty"), false;
    if (options->mode != MODE_CHECK && (options->has_fail_on || options->baseline.p))
        return bad_usage("--fail-on and --baseline need --check"), false;
    if (options->baseline.p && options->new_baseline.p)
        return bad_usage("--baseline and --write-baseline exclude each other"), false;
    if (options->has_diff && options->mode != MODE_DIFF && options->mode != MODE_CHECK)
        return bad_usage("--diff goes with --check, or alone"), false;
    if (options->is_stdin && options->mode == MODE_DIFF && !options->has_diff)
        options->mode = MODE_FILTER;
    return true;
}

static bool is_shaping(int code) {
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        if (telling[i] == code)
            return false;
    return true;
}

struct str options_quoted(struct arena *arena, struct str word) {
    struct buf out = {.arena = arena};
    if (word.n && path_is_plain(word))
        return word;
    buf_byte(&out, '\'');
    for (uint32_t i = 0; i < word.n; i++)
        buf_add(&out, word.p[i] == '\'' ? STR("'\\''") : str_sub(word, i, i + 1));
    buf_byte(&out, '\'');
    return buf_str(&out);
}

static void add_shaping(struct options *options, const char *name, const char *argument) {
    buf_printf(&options->shaping, " --%s", name);
    if (argument)
        buf_printf(&options->shaping, "=%.*s", STR_ARG(options_quoted(options->shaping.arena, str_of(argument))));
}

struct str options_command(struct arena *arena, const struct options *options, const char *first) {
    struct buf out = {.arena = arena};
    buf_printf(&out, "ironhull %s", first);
    buf_add(&out, (struct str){options->shaping.p, options->shaping.n});
    bool has_dash = false;
    for (uint32_t i = 0; i < options->n_paths; i++)
        has_dash |= str_starts(options->paths[i], STR("-"));
    buf_add(&out, has_dash ? STR(" --") : STR(""));
    for (uint32_t i = 0; i < options->n_paths; i++)
        buf_printf(&out, " %.*s", STR_ARG(options_quoted(arena, options->paths[i])));
    return buf_str(&out);
}

void options_apply(const struct options *options, struct project *project) {
    project->configs.none = options->config;
    project->filter = options->filter;
    if (options->config.choice.selected && options->config.pod_demand.is_given) /* asked for too */
        rule_choice_read(project->arena, STR("pod-security"), &project->configs.none.choice.selected);
}

static int argument_of(int row) {
    const char *argument = option_rows[row].argument;
    return !argument ? no_argument : *argument == '[' ? optional_argument : required_argument;
}

bool options_read(struct arena *arena, int argc, char **argv, struct options *ret, int *ret_code) {
    struct option table[N_OPTIONS + 1] = {0};
    for (int i = 0; i < N_OPTIONS; i++)
        table[i] = (struct option){option_rows[i].name, argument_of(i), NULL, option_rows[i].code};
    int code, row = 0;
    *ret = (struct options){.shaping = {.arena = arena}};
    opterr = 0;
    optind = 0; /* from the beginning, also the second time */
    while ((code = getopt_long(argc, argv, "wo:hV", table, &row)) != -1) {
        if (code == '?')
            report_option(arena, argv[optind - 1]);
        if (!take_option(arena, ret, code, option_rows[row].name, ret_code))
            return false;
        if (is_shaping(code))
            add_shaping(ret, option_rows[row].name, optarg);
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
        options->config.unsafe_fixes = is_on ? CONFIG_ON : CONFIG_OFF;
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
