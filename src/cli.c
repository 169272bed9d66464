#include "cli.h"

#include "diff.h"
#include "harden.h"
#include "link.h"
#include "report.h"
#include "write.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { EXIT_DONE, EXIT_FOUND, EXIT_BAD };

enum mode { MODE_DIFF, MODE_WRITE, MODE_CHECK, MODE_OUTPUT, MODE_FILTER, MODE_DUMP };

struct options {
    enum mode mode;
    enum safety least;
    struct str directory;      /* of MODE_OUTPUT */
    struct str stdin_filename; /* of MODE_FILTER */
    struct str dump;           /* of MODE_DUMP */
    struct config_user user;
    struct pod_demand pod_demand;
    struct config_seccomp seccomp;
    struct str *paths;
    uint32_t n_paths;
};

/* --- options -------------------------------------------------------------------------------------------------------
 */

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
} option_rows[] = {
    {'w', "write", NULL, "rewrite the files in place"},
    {OPTION_CHECK, "check", NULL, "print what is missing; exit 1 if there is any"},
    {'o', "output", "DIR", "write the hardened files below DIR, leave the originals"},
    {OPTION_STDIN, "stdin-filename", "NAME", "with the path -: the file that standard input stands for"},
    {OPTION_UNSAFE, "unsafe-fixes", NULL, "also change what somebody wrote on purpose"},
    {OPTION_UID, "uid", "N", "the user that programs are to run as, in place of 10001 and of the image's own"},
    {OPTION_GID, "gid", "N", "its group (the same number)"},
    {OPTION_USER, "user", "NAME", "its name, where it is created (app)"},
    {OPTION_PODS, "pod-security", "LEVEL", "note what keeps pods from a level: baseline, restricted, restricted:v1.37"},
    {OPTION_SECCOMP, "seccomp", "KIND",
     "localhost: pods get a profile that is on the nodes; localhost:FOLDER: in there"},
    {OPTION_DUMP, "dump-ast", "FILE", "print the instructions of a Dockerfile as the builder reads them"},
    {'h', "help", NULL, "print this help"},
    {'V', "version", NULL, "print the version"},
};
enum { N_OPTIONS = sizeof option_rows / sizeof *option_rows };

static void print_help(FILE *out) {
    fputs(
        "usage: ironhull [OPTION]... PATH...\n"
        "       ironhull - --stdin-filename=NAME <FILE\n\n"
        "Rewrites Dockerfiles, compose files and Kubernetes manifests into hardened ones. Without an option it prints\n"
        "a diff of what it would change, and writes nothing.\n\n",
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
        fprintf(out, "  %-27.*s %s\n", STR_ARG(rules[i].id), rules[i].summary);
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

/* Whether nothing is wrong with the argument of an option. */
static bool is_right(const char *option, const char *wrong, int *ret_code) {
    if (wrong) {
        fprintf(stderr, "ironhull: %s: %s; see ironhull --help\n", option, wrong);
        *ret_code = EXIT_BAD;
    }
    return !wrong;
}

static bool take_option(struct arena *arena, struct options *options, int code, int *ret_code) {
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
    case OPTION_UID:
        return is_right("--uid", config_read_id(str_of(optarg), &options->user.uid), ret_code);
    case OPTION_GID:
        return is_right("--gid", config_read_id(str_of(optarg), &options->user.gid), ret_code);
    case OPTION_USER:
        return is_right("--user", config_read_name(str_of(optarg), &options->user.name), ret_code);
    case OPTION_PODS:
        return is_right("--pod-security", pod_demand_read(arena, str_of(optarg), &options->pod_demand), ret_code);
    case OPTION_SECCOMP:
        return is_right("--seccomp", config_read_seccomp(str_of(optarg), &options->seccomp), ret_code);
    case OPTION_DUMP:
        options->dump = str_of(optarg);
        return set_mode(options, MODE_DUMP, ret_code);
    case 'h':
        print_help(stdout);
        return false;
    case 'V':
        puts("ironhull " IRONHULL_VERSION);
        return false;
    default:
        *ret_code = EXIT_BAD;
        return false;
    }
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

static bool read_options(struct arena *arena, int argc, char **argv, struct options *options, int *ret_code) {
    struct option table[N_OPTIONS + 1] = {0};
    for (int i = 0; i < N_OPTIONS; i++)
        table[i] = (struct option){option_rows[i].name, option_rows[i].argument ? required_argument : no_argument, NULL,
                                   option_rows[i].code};
    int code;
    *options = (struct options){.least = SAFETY_SAFE};
    opterr = 0;
    while ((code = getopt_long(argc, argv, "wo:hV", table, NULL)) != -1) {
        if (code == '?')
            report_option(arena, argv[optind - 1]);
        if (!take_option(arena, options, code, ret_code))
            return false;
    }
    options->n_paths = (uint32_t)(argc - optind);
    options->paths = arena_array(arena, options->n_paths, sizeof *options->paths);
    bool has_stdin = false;
    for (uint32_t i = 0; i < options->n_paths; i++) {
        options->paths[i] = str_of(argv[optind + (int)i]);
        has_stdin |= str_eq(options->paths[i], STR("-"));
    }
    *ret_code = EXIT_BAD;
    if (options->mode == MODE_DUMP)
        return options->n_paths == 0 || (bad_usage("--dump-ast takes its file as its argument"), false);
    if (options->n_paths == 0)
        return bad_usage("no file or folder is named"), false;
    for (uint32_t i = 0; i < options->n_paths; i++)
        if (options->paths[i].n == 0)
            return bad_usage("a path is empty"), false;
    if (has_stdin && (options->n_paths > 1 || (options->mode != MODE_DIFF && options->mode != MODE_CHECK)))
        return bad_usage("the path - stands alone, without --write and --output"), false;
    if (options->stdin_filename.p && !has_stdin)
        return bad_usage("--stdin-filename needs the path -"), false;
    if ((options->stdin_filename.p && options->stdin_filename.n == 0) ||
        (options->directory.p && options->directory.n == 0))
        return bad_usage("the argument of --stdin-filename or --output is empty"), false;
    if (has_stdin && options->mode == MODE_DIFF)
        options->mode = MODE_FILTER;
    return true;
}

/* --- outputs -------------------------------------------------------------------------------------------------------
 */

static bool is_changed(const struct document *document) {
    return !str_eq(document->before, document->after);
}

static void print_diffs(const struct project *project) {
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        ARENA(scratch);
        struct buf out = {.arena = &scratch};
        if (!is_changed(document))
            continue;
        diff_unified(&scratch, &out, document->path, document->before, document->after, document->is_new);
        fwrite(out.p, 1, out.n, stdout);
    }
}

/* What was to be written was not: nothing is said to be hardened that is not. */
static void leave(struct document *document) {
    document->is_broken = true;
    document->after = document->before;
    document->findings.n = 0;
}

static bool write_in_place(const struct project *project, const struct document *document) {
    struct str expected = document->is_new ? (struct str){NULL, 0} : document->before;
    return !is_changed(document) || write_atomic(document->path, document->after, expected, project->diags);
}

static bool is_mirrored(const struct document *document) {
    return document->is_selected && !document->is_broken && (!document->is_new || is_changed(document));
}

/* Where a file goes below the output folder: as it was named, or, where that leads out, as seen from what was named. */
static struct str mirrored_path(const struct project *project, const struct document *document) {
    for (uint32_t i = 0; i < project->roots.n && path_leads_out(document->path); i++) {
        struct str root = project->roots.at[i];
        struct str rest = str_sub(document->path, str_ends(root, STR("/")) ? root.n : root.n + 1, document->path.n);
        if (path_is_below(document->path, root) && !path_leads_out(rest))
            return rest;
    }
    return document->path;
}

static bool is_same_folder(struct arena *arena, struct str a, struct str b) {
    struct stat x, y;
    return stat(str_c(arena, a), &x) == 0 && stat(str_c(arena, b), &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

struct output {
    struct str path;
    const struct document *document;
};

static int by_output_path(const void *a, const void *b) {
    return str_cmp(((const struct output *)a)->path, ((const struct output *)b)->path);
}

/* Whether every file has a place of its own, and no original is in its way. */
static bool check_outputs(const struct project *project, struct str directory) {
    struct arena *arena = project->arena;
    VEC(struct output) outputs = {0};
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        if (!is_mirrored(document))
            continue;
        struct str path = mirrored_path(project, document), target = path_clean(arena, directory, path);
        *vec_push(arena, &outputs) = (struct output){path, document};
        if (project_find(project, target) || is_same_folder(arena, path_folder(target), path_folder(document->path))) {
            diag_file(project->diags, target,
                      "is not written: originals are there; name another folder, or use --write");
            return false;
        }
    }
    if (outputs.n)
        qsort(outputs.at, outputs.n, sizeof *outputs.at, by_output_path);
    for (uint32_t i = 1; i < outputs.n; i++)
        if (str_eq(outputs.at[i].path, outputs.at[i - 1].path)) {
            diag_file(project->diags, outputs.at[i].document->path,
                      "is not written: it would go to the same place as %.*s; name a folder that holds both",
                      STR_ARG(outputs.at[i - 1].document->path));
            return false;
        }
    return true;
}

static bool write_mirrored(const struct project *project, const struct document *document, struct str directory) {
    if (!is_mirrored(document))
        return true;
    struct stat status;
    bool has_mode = !document->is_new && stat(document->path.p, &status) == 0;
    return write_below(directory, mirrored_path(project, document), document->after,
                       has_mode ? status.st_mode & 0777 : 0644, project->diags);
}

/* Companions first: a file that names a profile, or needs a .dockerignore, is not written without it. */
static void write_files(const struct project *project, const struct options *options) {
    for (int is_last = 0; is_last < 2; is_last++)
        for (uint32_t i = 0; i < project->documents.n; i++) {
            struct document *document = project->documents.at[i];
            if (is_last != (!document->owner && document->format != FORMAT_SECCOMP))
                continue;
            if (options->mode == MODE_WRITE ? write_in_place(project, document)
                                            : write_mirrored(project, document, options->directory))
                continue;
            leave(document);
            if (document->owner)
                leave(document->owner);
            for (uint32_t j = 0; j < document->wanted_by.n; j++)
                leave(document->wanted_by.at[j]);
        }
}

static const char *plural(uint32_t n) {
    return n == 1 ? "" : "s";
}

static void print_summary(const struct project *project, const struct options *options) {
    struct totals totals = report_totals(project);
    bool is_write = options->mode == MODE_WRITE || options->mode == MODE_OUTPUT;
    if (totals.changed)
        fprintf(stderr, "%u file%s %s (%u fix%s)", totals.changed, plural(totals.changed),
                is_write                      ? "hardened"
                : options->mode == MODE_CHECK ? "can be hardened"
                                              : "would be hardened",
                totals.fixes, totals.fixes == 1 ? "" : "es");
    else
        fputs(project->diags->list.n ? "nothing is hardened" : "nothing to harden", stderr);
    if (totals.unsafe)
        fprintf(stderr, "; %u more with --unsafe-fixes", totals.unsafe);
    if (totals.notes)
        fprintf(stderr, "; %u note%s for you", totals.notes, plural(totals.notes));
    if (totals.suppressed)
        fprintf(stderr, "; %u suppressed", totals.suppressed);
    fputs(totals.changed && !is_write ? "; ironhull -w writes them\n" : "\n", stderr);
}

static int flush_output(int code) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "ironhull: standard output cannot be written: %s\n", strerror(errno));
    return EXIT_BAD;
}

static int finish(const struct project *project, int code) {
    code = flush_output(code);
    report_diags(stderr, project->diags);
    return project->diags->list.n ? EXIT_BAD : code;
}

static int dump(struct arena *arena, struct str path) {
    struct diags diags = {.arena = arena};
    struct project project = {.arena = arena, .diags = &diags};
    struct str text;
    if (source_read(arena, path, &text, &diags)) {
        struct source source = source_from(arena, path, text, FORMAT_DOCKERFILE);
        struct dockerfile *dockerfile = source_check(&source, &diags) ? dockerfile_parse(arena, &source, &diags) : NULL;
        struct buf out = {.arena = arena};
        if (dockerfile)
            dockerfile_dump(dockerfile, &out);
        fwrite(out.p, 1, out.n, stdout);
    }
    return finish(&project, EXIT_DONE);
}

static void add_input(struct project *project, const struct options *options) {
    bool is_stdin = str_eq(options->paths[0], STR("-"));
    project->is_filter = is_stdin;
    if (!is_stdin) {
        project_add(project, options->paths, options->n_paths, options->directory);
        return;
    }
    struct str text, name = options->stdin_filename.p ? options->stdin_filename : STR("<stdin>");
    if (source_read(project->arena, STR("-"), &text, project->diags))
        project_add_text(project, name, text);
}

int cli_main(int argc, char **argv) {
    ARENA(arena);
    struct options options;
    int code;
    if (!read_options(&arena, argc, argv, &options, &code))
        return flush_output(code);
    if (options.mode == MODE_DUMP)
        return dump(&arena, options.dump);
    struct diags diags = {.arena = &arena};
    struct project project = {.arena = &arena,
                              .diags = &diags,
                              .configs.none = {.user = options.user, .seccomp = options.seccomp},
                              .pod_demand = options.pod_demand};
    add_input(&project, &options);
    project_link(&project);
    harden(&project, options.least);
    if (options.mode == MODE_OUTPUT && !check_outputs(&project, options.directory))
        return finish(&project, EXIT_BAD);
    struct totals totals = report_totals(&project);
    code = EXIT_DONE;
    switch (options.mode) {
    case MODE_CHECK:
        report_findings(stdout, &project, true);
        fflush(stdout);
        report_pods(stderr, &project);
        code = totals.fixes || totals.demands ? EXIT_FOUND : EXIT_DONE;
        if (totals.fixes || totals.unsafe || totals.notes)
            print_summary(&project, &options);
        return finish(&project, code);
    case MODE_FILTER:
        if (project.input && diags.list.n == 0)
            fwrite(project.input->after.p, 1, project.input->after.n, stdout);
        report_findings(stderr, &project, false);
        report_pods(stderr, &project);
        return finish(&project, code);
    case MODE_WRITE:
    case MODE_OUTPUT:
        write_files(&project, &options);
        break;
    default:
        print_diffs(&project);
    }
    fflush(stdout);
    report_findings(stderr, &project, true);
    report_pods(stderr, &project);
    print_summary(&project, &options);
    return finish(&project, code);
}
