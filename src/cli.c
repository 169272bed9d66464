#include "cli.h"

#include "diff.h"
#include "krm.h"
#include "link.h"
#include "options.h"
#include "report.h"
#include "run.h"
#include "write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- outputs -------------------------------------------------------------------------------------------------------
 */

static bool is_changed(const struct document *document) {
    return !str_eq(document->before, document->after);
}

static void print_diff(const struct document *document) {
    ARENA(scratch);
    struct buf out = {.arena = &scratch};
    if (!is_changed(document))
        return;
    diff_unified(&scratch, &out, document->path, document->before, document->after, document->is_new);
    fwrite(out.p, 1, out.n, stdout);
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

static void print_summary(const struct project *project, const struct options *options, struct totals totals) {
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
    fputs(totals.changed && !is_write && !options->is_stdin ? "; ironhull -w writes them\n" : "\n", stderr);
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
        if (dockerfile) {
            dockerfile_dump(dockerfile, &out);
            dockerfile_dump_places(dockerfile, &out);
        }
        fwrite(out.p, 1, out.n, stdout);
    }
    return finish(&project, EXIT_DONE);
}

/* Standard input: one document, or the list that a KRM function gets, which brings options with it. */
static void add_input(struct project *project, struct options *options, struct krm *krm) {
    struct arena *arena = project->arena;
    struct str text, path = options->stdin_filename.p ? options->stdin_filename : STR("<stdin>");
    project->is_filter = true;
    if (!source_read(arena, STR("-"), &text, project->diags))
        return;
    if (text.n == 0 && options->n_paths == 0 && options->mode == MODE_CHECK) {
        diag_file(project->diags, (struct str){NULL, 0}, "no file or folder is named, and standard input is empty");
        return;
    }
    *krm = krm_read(arena, path, text, project->diags);
    for (uint32_t i = 0; i < krm->settings.n; i++) {
        const struct krm_setting *setting = &krm->settings.at[i];
        const char *wrong = options_set(arena, options, setting->name, setting->value);
        if (wrong)
            diag_at(project->diags, &krm->source, setting->at, "%s", wrong);
    }
    project->configs.none.user = options->user;
    project->configs.none.seccomp = options->seccomp;
    project->pod_demand = options->pod_demand;
    project_add_text(project, path, text);
}

static void print_text(struct str text) {
    if (text.n)
        fwrite(text.p, 1, text.n, stdout);
}

/* What a run without --write and --output gives. */
struct results {
    const struct options *options;
    struct totals totals;
};

static void show(void *context, struct project *project, struct document *document) {
    struct results *results = context;
    bool is_check = results->options->mode == MODE_CHECK;
    struct project one = *project;
    one.documents.at = &document;
    one.documents.n = 1;
    totals_add(&results->totals, document);
    if (!is_check)
        print_diff(document);
    report_findings(is_check ? stdout : stderr, &one, true);
    report_pods(stderr, &one);
}

static struct totals totals_of(const struct project *project) {
    struct totals totals = {0};
    for (uint32_t i = 0; i < project->documents.n; i++)
        totals_add(&totals, project->documents.at[i]);
    return totals;
}

/* Standard input to standard output. */
static int filter(struct project *project, const struct options *options, const struct krm *krm) {
    bool is_check = options->mode == MODE_CHECK;
    bool is_function = krm->list && project->input && project->input->format == FORMAT_KUBE;
    if (!is_function || project->diags->list.n == 0) {
        project_link(project);
        harden(project, options->least);
    }
    if (is_function)
        print_text(krm_output(krm, project, is_check));
    else if (!is_check && project->input && project->diags->list.n == 0)
        print_text(project->input->after);
    report_findings(is_check && !is_function ? stdout : stderr, project, is_check);
    report_pods(stderr, project);
    if (!is_check)
        return finish(project, EXIT_DONE);
    struct totals totals = totals_of(project);
    if (totals.fixes || totals.unsafe || totals.notes)
        print_summary(project, options, totals);
    return finish(project, totals.fixes || totals.demands ? EXIT_FOUND : EXIT_DONE);
}

static int rewrite(struct project *project, const struct options *options) {
    harden(project, options->least);
    if (options->mode == MODE_OUTPUT && !check_outputs(project, options->directory))
        return finish(project, EXIT_BAD);
    write_files(project, options);
    report_findings(stderr, project, true);
    report_pods(stderr, project);
    print_summary(project, options, totals_of(project));
    return finish(project, EXIT_DONE);
}

static int look(struct project *project, const struct options *options) {
    struct results results = {.options = options};
    bool is_check = options->mode == MODE_CHECK;
    run(project, options->least, show, &results);
    fflush(stdout);
    if (!is_check || results.totals.fixes || results.totals.unsafe || results.totals.notes)
        print_summary(project, options, results.totals);
    return finish(project, is_check && (results.totals.fixes || results.totals.demands) ? EXIT_FOUND : EXIT_DONE);
}

int cli_main(int argc, char **argv) {
    ARENA(arena);
    struct options options;
    int code;
    if (!options_read(&arena, argc, argv, &options, &code))
        return flush_output(code);
    if (options.mode == MODE_DUMP)
        return dump(&arena, options.dump);
    struct diags diags = {.arena = &arena};
    struct project project = {.arena = &arena,
                              .diags = &diags,
                              .configs.none = {.user = options.user, .seccomp = options.seccomp},
                              .pod_demand = options.pod_demand,
                              .takes_back = options.least == SAFETY_UNSAFE};
    if (options.is_stdin) {
        struct krm krm = {0};
        add_input(&project, &options, &krm);
        return filter(&project, &options, &krm);
    }
    project_add(&project, options.paths, options.n_paths, options.directory);
    project_link(&project);
    bool is_writing = options.mode == MODE_WRITE || options.mode == MODE_OUTPUT;
    return is_writing ? rewrite(&project, &options) : look(&project, &options);
}
