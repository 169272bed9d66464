#include "results.h"

#include "mirror.h"
#include "report_file.h"
#include "summary.h"

#include <sys/stat.h>
#include <unistd.h>

/* --- where it all goes ---------------------------------------------------------------------------------------------
 */

static bool is_writing(const struct options *options) {
    return options->mode == MODE_WRITE || options->mode == MODE_OUTPUT;
}

/* Decides which stream or file the report goes to. */
static bool open_report_file(struct results *results, bool is_taken) {
    const struct options *options = results->options;
    struct project *project = results->project;
    struct report *report = &results->report;
    bool is_machine = options->format && report_is_machine(options->format);
    bool is_shown = is_machine || (options->mode == MODE_CHECK && !options->has_diff);
    struct str file = options->output_file.p ? path_clean(project->arena, STR("."), options->output_file) : STR("");
    uint32_t n_before = project->diags->list.n;
    report->out = !is_taken && is_shown ? stdout : stderr;
    if (project_find(project, file))
        diag_file(project->diags, file, "is one of the files that the report is about; name another --output-file");
    else if (is_machine && is_taken && !file.n)
        diag_file(project->diags, (struct str){NULL, 0},
                  "this --format needs --output-file here: standard output is for the hardened text");
    else if (file.n)
        report->out = report_file_open(options->output_file, project->diags);
    return project->diags->list.n == n_before;
}

/* Decides how the report looks there. */
static void set_report(struct report *report, const struct options *options, struct arena *arena) {
    const char *usual = !options->output_file.p && isatty(fileno(report->out)) ? "human" : "text";
    report->arena = arena;
    report->format = options->format ? options->format : report_format_find(arena, str_of(usual), NULL);
    report->fail_on = options->fail_on;
    report->is_written = options->mode != MODE_CHECK && options->mode != MODE_DIFF;
    report->hides_applied = options->mode == MODE_FILTER;
    report->is_colored = terminal_has_color(report->out, options->color);
    report->width = terminal_width(report->out);
}

/* Diffs are for programs: what else there is to say stays out of their way, or they out of its. */
static FILE *diffs_of(const struct results *results, bool is_taken) {
    const struct options *options = results->options;
    if (options->mode != MODE_DIFF && !options->has_diff)
        return NULL;
    bool is_busy = is_taken || results->report.out == stdout;
    return !is_busy ? stdout : options->has_diff ? stderr : NULL;
}

bool results_begin(struct results *results, struct project *project, const struct options *options, bool is_taken) {
    struct arena *arena = project->arena;
    *results = (struct results){.options = options, .project = project, .baseline.arena = arena};
    if (options->baseline.p && !baseline_read(&results->baseline, options->baseline, project->diags))
        return false;
    if (options->mode == MODE_OUTPUT && !mirror_check(project, options->directory))
        return false;
    if (!open_report_file(results, is_taken))
        return false;
    set_report(&results->report, options, arena);
    project->needs_no_fingerprints =
        !report_is_machine(results->report.format) && !options->baseline.p && !options->new_baseline.p;
    results->diffs = diffs_of(results, is_taken);
    results->patch = patch_begin(arena, options->paths, options->n_paths, false);
    if (is_writing(options)) {
        results->writing = write_begin(arena, options->backup, project->diags);
        results->reverse = patch_begin(arena, options->paths, options->n_paths, true);
        results->spool = options->output_file.p ? NULL : report_file_temporary();
    }
    if (results->spool) {
        FILE *out = results->report.out;
        results->report.out = results->spool;
        results->spool = out;
    }
    if (!options->new_baseline.p)
        report_begin(&results->report);
    return true;
}

/* --- a document ----------------------------------------------------------------------------------------------------
 */

static void print_diff(struct results *results, const struct document *document) {
    ARENA(scratch);
    struct buf text = {.arena = &scratch};
    patch_add(&results->patch, &scratch, &text, document->path, document->before, document->after, document->is_new);
    if (text.n)
        fwrite(text.p, 1, text.n, results->diffs);
}

static void stage_mirrored(struct results *results, const struct document *document) {
    struct stat status;
    bool has_mode = !document->is_new && stat(document->path.p, &status) == 0;
    struct write_file file = {.path = mirror_path(results->project, document),
                              .text = document->after,
                              .directory = results->options->directory_place,
                              .mode = has_mode ? status.st_mode & 0777 : 0644};
    write_stage(results->writing, &file);
}

static void add_to_reverse(struct results *results, const struct document *document) {
    ARENA(scratch);
    struct buf out = {.arena = &scratch};
    if (!patch_add(&results->reverse, &scratch, &out, document->path, document->before, document->after,
                   document->is_new))
        diag_file(results->project->diags, document->path, "lies outside of %.*s, where --reverse-patch is to apply",
                  STR_ARG(results->reverse.base));
    if (out.n)
        write_append(results->writing, results->options->reverse_patch, buf_str(&out));
}

/* A file that names a profile, or needs a .dockerignore, comes after that. */
static void stage_in_place(struct results *results, const struct document *document) {
    struct project *project = results->project;
    struct str place = project_place(project, document->path, project->arena);
    if (!place.p) {
        diag_file(project->diags, document->path, "has changed since it was read: a symbolic link leads out now");
        results->is_stale = true;
        return;
    }
    struct write_file file = {.path = document->path,
                              .place = place,
                              .text = document->after,
                              .expected = document->is_new ? (struct str){NULL, 0} : document->before,
                              .is_needed = document->owner || document->format == FORMAT_SECCOMP};
    if (write_stage(results->writing, &file) && results->options->reverse_patch.p)
        add_to_reverse(results, document);
}

void results_take(void *context, struct project *project, struct document *document) {
    struct results *results = context;
    const struct options *options = results->options;
    struct project one = *project;
    bool is_changed = !str_eq(document->before, document->after);
    one.documents.at = &document;
    one.documents.n = 1;
    if (options->new_baseline.p) {
        baseline_add(&results->baseline, &one);
        return;
    }
    results->is_stale |= document->is_stale;
    progress_clear(&results->progress);
    baseline_accept(&results->baseline, &one);
    if (is_changed && results->diffs)
        print_diff(results, document);
    if (options->mode == MODE_OUTPUT && mirror_has(document))
        stage_mirrored(results, document);
    else if (options->mode == MODE_WRITE && is_changed)
        stage_in_place(results, document);
    report_project(&results->report, &one);
    if (document->is_selected)
        progress_step(&results->progress, document->path);
}

/* --- the end -------------------------------------------------------------------------------------------------------
 */

/* Nothing is accepted of what was not read. */
static void write_baseline(struct results *results) {
    struct str path = results->options->new_baseline;
    struct diags *diags = results->project->diags;
    if (diags->list.n)
        diag_file(diags, path, "is not written, because of the errors above");
    else if (baseline_write(&results->baseline, path, diags)) {
        uint32_t n = results->baseline.lines.n;
        report_print(stderr, path);
        fprintf(stderr, " accepts %u finding%s\n", n, n == 1 ? "" : "s");
    }
}

static void copy(FILE *from, FILE *to) {
    char part[65536];
    rewind(from);
    for (size_t n; (n = fread(part, 1, sizeof part, from)) > 0;)
        fwrite(part, 1, n, to);
}

/* Puts all files into their places. False: none is there, and nothing that was said of them holds. */
static bool write_all(struct results *results) {
    struct diags linked = {.arena = results->project->arena};
    bool is_written = !results->is_stale;
    if (results->writing && is_written)
        is_written = write_commit(results->writing, &linked);
    else if (results->writing) {
        write_abort(results->writing);
        diag_file(results->project->diags, (struct str){NULL, 0},
                  "nothing is written, as the files of a run belong together");
    }
    report_warnings(stderr, &linked);
    return is_written;
}

static void print_summary(struct results *results, bool is_written) {
    const struct options *options = results->options;
    struct report *report = &results->report;
    bool is_human = report_is_human(report->format);
    const struct totals *totals = &report->totals;
    struct totals none = {0};
    bool has_any = totals->fixes || totals->unsafe || totals->notes || totals->accepted;
    if (options->mode == MODE_FILTER || (options->mode == MODE_CHECK && !has_any && !is_human))
        return;
    summary_print(is_human && is_written ? report->out : stderr, is_written ? totals : &none, options,
                  results->project->diags->list.n > 0);
}

int results_end(struct results *results) {
    const struct options *options = results->options;
    struct diags *diags = results->project->diags;
    struct report *report = &results->report;
    progress_clear(&results->progress);
    if (options->new_baseline.p) {
        write_baseline(results);
        return EXIT_DONE;
    }
    bool is_written = write_all(results);
    fflush(stdout);
    if (is_written)
        report_end(report, diags);
    if (results->spool) {
        if (is_written)
            copy(report->out, results->spool);
        fclose(report->out);
        report->out = results->spool;
    }
    summary_stale(stderr, &results->baseline, options);
    print_summary(results, is_written);
    if (options->output_file.p && is_written)
        report_file_close(report->out, options->output_file, options->output_place, diags);
    return options->mode == MODE_CHECK && report->totals.failures ? EXIT_FOUND : EXIT_DONE;
}
