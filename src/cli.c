#include "cli.h"

#include "config_print.h"
#include "config_schema.h"
#include "confine.h"
#include "emit.h"
#include "krm.h"
#include "link.h"
#include "lsp.h"
#include "real.h"
#include "results.h"
#include "run.h"

#include <errno.h>
#include <string.h>

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
    options_apply(options, project);
    project_add_text(project, path, text);
}

/* An artifact, in the place of everything else. */
static int put_artifact(struct project *project, const struct options *options) {
    struct emit *emit = emit_begin(project->arena, &options->emit);
    if (!options->emit.runtime.n)
        project_add(project, options->paths, options->n_paths, options->directory);
    project_link(project);
    harden(project);
    if (project->diags->list.n == 0) {
        emit_project(emit, project);
        emit_end(emit, options->directory_place, project->diags);
    }
    return finish(project, EXIT_DONE);
}

/* Standard input to standard output. */
static int filter(struct project *project, struct options *options) {
    struct krm krm = {0};
    struct results results;
    add_input(project, options, &krm);
    bool is_function = krm.list && project->input && project->input->format == FORMAT_KUBE;
    if (!is_function || project->diags->list.n == 0) {
        project_link(project);
        harden(project);
    }
    if (!results_begin(&results, project, options, is_function || options->mode == MODE_FILTER))
        return finish(project, EXIT_BAD);
    if (is_function)
        print_text(krm_output(&krm, project, options->mode == MODE_CHECK ? &options->fail_on : NULL));
    else if (options->mode == MODE_FILTER && project->input && project->diags->list.n == 0)
        print_text(project->input->after);
    for (uint32_t i = 0; i < project->documents.n; i++)
        results_take(&results, project, project->documents.at[i]);
    return finish(project, results_end(&results));
}

static int run_paths(struct project *project, const struct options *options) {
    struct results results;
    if (options->project.p)
        project_add_only(project, options->project, options->paths, options->n_paths, options->directory);
    else
        project_add(project, options->paths, options->n_paths, options->directory);
    project_link(project);
    if (!results_begin(&results, project, options, false))
        return finish(project, EXIT_BAD);
    run(project, results_take, &results);
    return finish(project, results_end(&results));
}

static int print_config(struct project *project, const struct options *options) {
    struct str path = options->n_paths ? options->paths[0] : STR(".");
    print_text(options->mode == MODE_SCHEMA ? config_schema(project->arena)
                                            : config_print(project->arena, &project->configs, path, project->diags));
    return finish(project, EXIT_DONE);
}

int cli_main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "lsp") == 0)
        return lsp_main(argc - 1, argv + 1, IRONHULL_VERSION);
    ARENA(arena);
    struct options options;
    int code;
    if (!options_read(&arena, argc, argv, &options, &code))
        return flush_output(code);
    if (options.directory.p)
        options.directory_place = real_place(&arena, options.directory);
    if (options.output_file.p)
        options.output_place = real_place(&arena, options.output_file);
    if (!options.has_no_sandbox)
        confine(&options);
    struct diags diags = {.arena = &arena};
    struct project project = {.arena = &arena, .diags = &diags};
    options_apply(&options, &project);
    if (options.emit.kind)
        return put_artifact(&project, &options);
    switch (options.mode) {
    case MODE_DUMP:
        return dump(&arena, options.dump);
    case MODE_CONFIG:
    case MODE_SCHEMA:
        return print_config(&project, &options);
    default:
        return options.is_stdin ? filter(&project, &options) : run_paths(&project, &options);
    }
}
