/* --format=human: grouped by file, for a terminal. */
#include "report_parts.h"

static const char bold[] = "1", dim[] = "2", green[] = "32", yellow[] = "33", blue[] = "34";

/* One of the colours of SGR (ECMA-48, 8.3.117). */
static void put_colored(const struct report *report, const char *color, struct str text) {
    if (report->is_colored)
        fprintf(report->out, "\033[%sm%.*s\033[0m", color, STR_ARG(text));
    else
        put_str(report->out, text);
}

static uint32_t columns_of(struct str text) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return n;
}

/* The words of a text; those that no longer fit go to a line of their own, `indent` columns in, which is where the
 * first line begins as well. Gives the column behind the last one. */
static uint32_t put_wrapped(const struct report *report, struct str text, uint32_t indent) {
    uint32_t column = indent;
    struct str word;
    while (str_cut(&text, ' ', &word)) {
        uint32_t n = columns_of(word);
        if (column > indent && report->width && column + 1 + n > report->width) {
            fprintf(report->out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', report->out);
            column++;
        }
        put_str(report->out, word);
        column += n;
    }
    return column;
}

/* --- a file --------------------------------------------------------------------------------------------------------
 */

enum { WHERE = 10, WHAT = 8, INDENT = WHERE + WHAT };

static void put_place(const struct report *report, struct position at, const char *color, const char *what) {
    char where[32];
    snprintf(where, sizeof where, "%u:%u", at.line, at.column);
    fprintf(report->out, "%*s  ", WHERE - 2, at.line ? where : "");
    put_colored(report, color, str_of(what));
    fprintf(report->out, "%*s", WHAT - (int)str_of(what).n, "");
}

static void put_finding(const struct report *report, const struct finding *finding, struct arena *scratch) {
    static const char *const colors[] = {green, yellow, blue};
    enum kind kind = finding_kind(finding);
    struct str rule = str_printf(scratch, "[%.*s]", STR_ARG(finding->rule->id));
    put_place(report, finding->where, colors[kind], kind_name(kind));
    uint32_t column = put_wrapped(report, text_visible(scratch, finding->message), INDENT);
    if (report->width && column + 1 + rule.n > report->width)
        fprintf(report->out, "\n%*s", INDENT, "");
    else
        fputc(' ', report->out);
    put_colored(report, dim, rule);
    fputc('\n', report->out);
}

static void put_path(struct report *report, struct str path, struct arena *scratch) {
    fputs(report->has_items ? "\n" : "", report->out);
    put_colored(report, bold, text_visible(scratch, path));
    fputc('\n', report->out);
    report->has_items = true;
}

static void human_document(struct report *report, const struct document *document, struct arena *scratch) {
    bool has_path = false;
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (!finding_is_said(finding) || (finding->is_applied && report->hides_applied))
            continue;
        if (!has_path)
            put_path(report, document->path, scratch);
        has_path = true;
        put_finding(report, finding, scratch);
    }
    for (uint32_t i = 0; i < document->pods.n && !document->is_broken; i++) {
        const struct pod_levels *pod = &document->pods.at[i];
        struct str text = str_printf(scratch, "%.*s %.*s", STR_ARG(pod_object_name(scratch, pod)),
                                     STR_ARG(pod_verdict_text(scratch, pod)));
        if (!has_path)
            put_path(report, document->path, scratch);
        has_path = true;
        put_place(report, pod->where, dim, "level");
        put_wrapped(report, text_visible(scratch, text), INDENT);
        fputc('\n', report->out);
    }
}

/* --- the end -------------------------------------------------------------------------------------------------------
 */

static void put_count(const struct report *report, const char *color, uint32_t n) {
    char number[16];
    int length = snprintf(number, sizeof number, "%u", n);
    fprintf(report->out, "%*s", 8 - length, "");
    put_colored(report, n ? color : dim, str_of(number));
}

/* What the rules have found, and why that matters. */
static void put_rules(const struct report *report) {
    enum { NAME = 18, NUMBERS = 3 * 8 + 2 };
    fprintf(report->out, "\n%-*s%8s%8s%8s\n", NAME, "rule", "fix", "unsafe", "note");
    for (uint32_t i = 0; i < rules_n; i++) {
        const struct totals *totals = &report->counts[i];
        if (totals->fixes + totals->unsafe + totals->notes == 0)
            continue;
        fprintf(report->out, "%-*.*s", NAME, STR_ARG(rules[i].id));
        put_count(report, green, totals->fixes);
        put_count(report, yellow, totals->unsafe);
        put_count(report, blue, totals->notes);
        fputs("  ", report->out);
        put_wrapped(report, rules[i].why, NAME + NUMBERS);
        fputc('\n', report->out);
    }
}

static void human_begin(struct report *report) {
    (void)report;
}

static void human_end(struct report *report, const struct diags *diags) {
    const struct totals *totals = &report->totals;
    (void)diags;
    if (totals->fixes + totals->unsafe + totals->notes)
        put_rules(report);
    fputs(report->has_items ? "\n" : "", report->out);
}

const struct report_format report_human = {STR_INIT("human"), false, human_begin, human_document, NULL, human_end};
