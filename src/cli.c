#include "cli.h"

#include "baseline.h"
#include "config_print.h"
#include "config_schema.h"
#include "krm.h"
#include "link.h"
#include "options.h"
#include "patch.h"
#include "report.h"
#include "run.h"
#include "summary.h"
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

static void print_diff(FILE *out, struct patch *patch, const struct document *document) {
    ARENA(scratch);
    struct buf text = {.arena = &scratch};
    if (!is_changed(document))
        return;
    patch_add(patch, &scratch, &text, document->path, document->before, document->after, document->is_new);
    fwrite(text.p, 1, text.n, out);
}

/* What was to be written was not: nothing is said to be hardened that is not. */
static void leave(struct document *document) {
    document->is_broken = true;
    document->after = document->before;
    document->findings.n = 0;
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

static bool stage_mirrored(const struct project *project, const struct document *document, struct str directory,
                           struct writing *writing) {
    struct stat status;
    bool has_mode = !document->is_new && stat(document->path.p, &status) == 0;
    struct write_file file = {.path = mirrored_path(project, document),
                              .text = document->after,
                              .directory = directory,
                              .mode = has_mode ? status.st_mode & 0777 : 0644};
    return write_stage(writing, &file);
}

/* A file that names a profile, or needs a .dockerignore, comes after that. */
static bool stage_in_place(const struct document *document, struct writing *writing) {
    struct write_file file = {.path = document->path,
                              .text = document->after,
                              .expected = document->is_new ? (struct str){NULL, 0} : document->before,
                              .is_needed = document->owner || document->format == FORMAT_SECCOMP};
    return write_stage(writing, &file);
}

static void add_to_patch(const struct project *project, const struct document *document, struct patch *patch,
                         struct str path, struct writing *writing) {
    ARENA(scratch);
    struct buf out = {.arena = &scratch};
    if (!patch_add(patch, &scratch, &out, document->path, document->before, document->after, document->is_new))
        diag_file(project->diags, document->path, "lies outside of %.*s, where --reverse-patch is to apply",
                  STR_ARG(patch->base));
    if (out.n)
        write_append(writing, path, buf_str(&out));
}

/* All files of the run, or none. */
static void write_files(const struct project *project, const struct options *options) {
    struct writing *writing = write_begin(project->arena, options->backup, project->diags);
    struct patch reverse = patch_begin(project->arena, options->paths, options->n_paths, true);
    struct diags linked = {.arena = project->arena};
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        if (options->mode == MODE_OUTPUT && is_mirrored(document))
            stage_mirrored(project, document, options->directory, writing);
        else if (options->mode == MODE_WRITE && is_changed(document) && stage_in_place(document, writing) &&
                 options->reverse_patch.p)
            add_to_patch(project, document, &reverse, options->reverse_patch, writing);
    }
    bool is_written = write_commit(writing, &linked);
    report_warnings(stderr, &linked);
    for (uint32_t i = 0; i < project->documents.n && !is_written; i++)
        if (is_changed(project->documents.at[i]))
            leave(project->documents.at[i]);
}

static int flush_output(int code) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "ironhull: standard output cannot be written: %s\n", strerror(errno));
    return EXIT_BAD;
}

static void print_text(struct str text) {
    if (text.n)
        fwrite(text.p, 1, text.n, stdout);
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
    options_apply(options, project);
    project_add_text(project, path, text);
}

/* --- what becomes of the documents ---------------------------------------------------------------------------------
 */

struct results {
    const struct options *options;
    struct baseline baseline;
    struct totals totals;
    struct patch patch;
    FILE *out; /* of what is said of findings */
};

/* One document, or all of them at once. */
static void take(struct results *results, struct project *project) {
    const struct options *options = results->options;
    if (options->new_baseline.p) {
        baseline_add(&results->baseline, project);
        return;
    }
    baseline_accept(&results->baseline, project);
    totals_add(&results->totals, project, options->fail_on);
    report_findings(results->out, project, options->mode != MODE_FILTER);
    if (results->out == stdout)
        fflush(stdout);
    report_pods(stderr, project);
}

static void take_document(void *context, struct project *project, struct document *document) {
    struct results *results = context;
    const struct options *options = results->options;
    struct project one = *project;
    one.documents.at = &document;
    one.documents.n = 1;
    if (options->mode == MODE_DIFF || options->has_diff)
        print_diff(stdout, &results->patch, document);
    take(results, &one);
}

/* Nothing is accepted of what was not read. */
static int write_baseline(struct results *results, const struct project *project) {
    struct str path = results->options->new_baseline;
    if (project->diags->list.n)
        diag_file(project->diags, path, "is not written, because of the errors above");
    else if (baseline_write(&results->baseline, path, project->diags)) {
        uint32_t n = results->baseline.lines.n;
        report_text(stderr, path);
        fprintf(stderr, " accepts %u finding%s\n", n, n == 1 ? "" : "s");
    }
    return finish(project, EXIT_DONE);
}

static int conclude(struct results *results, const struct project *project) {
    const struct totals *totals = &results->totals;
    const struct options *options = results->options;
    bool is_check = options->mode == MODE_CHECK;
    fflush(stdout);
    if (options->new_baseline.p)
        return write_baseline(results, project);
    summary_stale(stderr, &results->baseline, options);
    bool has_any = totals->fixes || totals->unsafe || totals->notes || totals->accepted;
    if (options->mode != MODE_FILTER && (has_any || !is_check))
        summary_print(stderr, totals, options, project->diags->list.n > 0);
    return finish(project, is_check && totals->failures ? EXIT_FOUND : EXIT_DONE);
}

/* Standard input to standard output. */
static int filter(struct results *results, struct project *project, const struct krm *krm) {
    const struct options *options = results->options;
    bool is_check = options->mode == MODE_CHECK;
    bool is_function = krm->list && project->input && project->input->format == FORMAT_KUBE;
    if (!is_function || project->diags->list.n == 0) {
        project_link(project);
        harden(project);
    }
    if (is_function)
        print_text(krm_output(krm, project, is_check ? &options->fail_on : NULL));
    else if (options->mode == MODE_FILTER && project->input && project->diags->list.n == 0)
        print_text(project->input->after);
    for (uint32_t i = 0; i < project->documents.n && (options->mode == MODE_DIFF || options->has_diff); i++)
        print_diff(is_function ? stderr : stdout, &results->patch, project->documents.at[i]);
    if (is_function)
        results->out = stderr;
    take(results, project);
    return conclude(results, project);
}

static int rewrite(struct results *results, struct project *project) {
    const struct options *options = results->options;
    harden(project);
    if (options->mode == MODE_OUTPUT && !check_outputs(project, options->directory))
        return finish(project, EXIT_BAD);
    write_files(project, options);
    take(results, project);
    return conclude(results, project);
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
    struct project project = {.arena = &arena, .diags = &diags};
    struct results results = {.options = &options,
                              .baseline.arena = &arena,
                              .patch = patch_begin(&arena, options.paths, options.n_paths, false)};
    bool is_apart = options.mode != MODE_CHECK || options.has_diff;
    results.out = is_apart ? stderr : stdout; /* diffs are for programs: what is said stays out of their way */
    if (options.baseline.p && !baseline_read(&results.baseline, options.baseline, &diags))
        return finish(&project, EXIT_BAD);
    options_apply(&options, &project);
    if (options.mode == MODE_SCHEMA || options.mode == MODE_CONFIG) {
        struct str path = options.n_paths ? options.paths[0] : STR(".");
        print_text(options.mode == MODE_SCHEMA ? config_schema(&arena)
                                               : config_print(&arena, &project.configs, path, &diags));
        return finish(&project, EXIT_DONE);
    }
    if (options.is_stdin) {
        struct krm krm = {0};
        add_input(&project, &options, &krm);
        return filter(&results, &project, &krm);
    }
    project_add(&project, options.paths, options.n_paths, options.directory);
    project_link(&project);
    if (options.mode == MODE_WRITE || options.mode == MODE_OUTPUT)
        return rewrite(&results, &project);
    run(&project, take_document, &results);
    return conclude(&results, &project);
}
