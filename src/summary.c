#include "summary.h"

#include "report.h"

static const char *plural(uint32_t n) {
    return n == 1 ? "" : "s";
}

/* The command that writes what is left, where there is one. */
static void print_command(FILE *out, const struct totals *totals, const struct options *options) {
    ARENA(scratch);
    bool is_unsafe =
        rule_least(&options->config) == SAFETY_UNSAFE || (totals->unsafe && options->fail_on != FAIL_ON_SAFE);
    if (options->is_stdin || !(totals->changed || (is_unsafe && totals->unsafe)))
        return;
    fputs("; ", out);
    report_print(out, options_command(&scratch, options, is_unsafe ? "-w --unsafe-fixes" : "-w"));
    fputs(" writes them", out);
}

void summary_print(FILE *out, const struct totals *totals, const struct options *options, bool has_errors) {
    bool is_written = options->mode == MODE_WRITE || options->mode == MODE_OUTPUT;
    bool is_check = options->mode == MODE_CHECK;
    if (is_check && totals->failures)
        fprintf(out, "check failed for %u finding%s: ", totals->failures, plural(totals->failures));
    if (totals->changed)
        fprintf(out, "%u file%s %s (%u fix%s)", totals->changed, plural(totals->changed),
                is_written ? "hardened"
                : is_check ? "can be hardened"
                           : "would be hardened",
                totals->fixes, totals->fixes == 1 ? "" : "es");
    else
        fputs(has_errors ? "nothing is hardened" : "nothing to harden", out);
    if (totals->unsafe)
        fprintf(out, "; %u more with --unsafe-fixes", totals->unsafe);
    if (totals->notes)
        fprintf(out, "; %u note%s for you", totals->notes, plural(totals->notes));
    if (totals->suppressed)
        fprintf(out, "; %u suppressed", totals->suppressed);
    if (totals->accepted)
        fprintf(out, "; %u accepted by the baseline", totals->accepted);
    if (!is_written)
        print_command(out, totals, options);
    fputc('\n', out);
}

void summary_stale(FILE *out, const struct baseline *baseline, const struct options *options) {
    ARENA(scratch);
    const struct baseline_entry *first;
    uint32_t n = baseline_stale(baseline, &first);
    if (n == 0)
        return;
    struct source source = baseline->source;
    struct str file = options_quoted(&scratch, options->baseline);
    const char *unsafe = rule_least(&options->config) == SAFETY_UNSAFE ? " --unsafe-fixes" : "";
    struct str command =
        options_command(&scratch, options, str_printf(&scratch, "--write-baseline=%.*s%s", STR_ARG(file), unsafe).p);
    report_note(out, source.path, source_position(&source, first->at),
                str_printf(&scratch,
                           "%u entr%s nothing any more, of which this is the first (%.*s in %.*s): %.*s writes it anew",
                           n, n == 1 ? "y matches" : "ies match", STR_ARG(first->rule), STR_ARG(first->path),
                           STR_ARG(command)));
}
