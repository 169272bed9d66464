/* --format=junit: a test suite for each file, a test for each rule that looks at it (github.com/jenkinsci/xunit-plugin,
 * junit-10.xsd; docs.gitlab.com/ci/testing/unit_test_reports). */
#include "report_parts.h"

/* As the content of an element or of an attribute in double quotes. */
static struct str escaped(struct arena *arena, struct str text) {
    struct buf out = {.arena = arena};
    text = text_visible(arena, text);
    for (uint32_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '&' || c == '<' || c == '>' || c == '"')
            buf_printf(&out, "&#%u;", (unsigned)c);
        else
            buf_byte(&out, c);
    }
    return buf_str(&out);
}

/* What a rule has found in a file. */
struct test {
    const struct rule *rule;
    struct buf failures, others; /* a line each, escaped */
    struct str message, reason;  /* of the first failure; of the first suppression, {NULL, 0}: there is none */
    uint32_t n_failures;
};

static void add_finding(struct test *test, const struct report *report, const struct document *document,
                        const struct finding *finding, struct arena *scratch) {
    bool is_failure = finding_is_open(report, finding) && finding_level(report, finding) == LEVEL_ERROR;
    if (finding->rule != test->rule || (!finding->is_suppressed && !finding_is_open(report, finding)))
        return;
    if (finding->is_suppressed && !test->reason.p)
        test->reason = finding->reason.p ? finding->reason : STR("");
    if (is_failure && test->n_failures++ == 0)
        test->message = finding->message;
    if (!finding->is_suppressed)
        buf_printf(is_failure ? &test->failures : &test->others, "%.*s:%u:%u: %s: %.*s\n",
                   STR_ARG(escaped(scratch, document->path)), finding->where.line, finding->where.column,
                   kind_name(finding_kind(finding)), STR_ARG(escaped(scratch, finding->message)));
}

static void put_test(const struct report *report, struct test *test, struct str path, struct arena *scratch) {
    FILE *out = report->out;
    fprintf(out, "<testcase classname=\"%.*s\" name=\"%.*s\">", STR_ARG(path), STR_ARG(test->rule->id));
    if (test->n_failures) {
        struct str message = escaped(scratch, test->message);
        fprintf(out, "\n<failure type=\"error\" message=\"%.*s", STR_ARG(message));
        if (test->n_failures > 1)
            fprintf(out, " (and %u more)", test->n_failures - 1);
        fprintf(out, "\">%.*s</failure>\n", STR_ARG(buf_str(&test->failures)));
    } else if (test->reason.p)
        fprintf(out, "\n<skipped message=\"%.*s\"/>\n", STR_ARG(escaped(scratch, test->reason)));
    if (test->others.n)
        fprintf(out, "\n<system-out>%.*s</system-out>\n", STR_ARG(buf_str(&test->others)));
    fputs("</testcase>\n", out);
}

static void junit_begin(struct report *report) {
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ironhull\">\n", report->out);
}

static void junit_document(struct report *report, const struct document *document, struct arena *scratch) {
    bool is_there = !document->is_new || !str_eq(document->before, document->after);
    if (!document->is_selected || document->is_broken || !is_there)
        return;
    struct test *tests = arena_array(scratch, rules_n, sizeof *tests);
    uint32_t n = 0, n_failed = 0, n_skipped = 0;
    for (uint32_t i = 0; i < rules_n; i++) {
        struct test *test = &tests[n];
        if (!rules[i].check[document->format] || !rule_is_on(&rules[i], document->config))
            continue;
        *test = (struct test){.rule = &rules[i], .failures.arena = scratch, .others.arena = scratch};
        for (uint32_t j = 0; j < document->findings.n; j++)
            add_finding(test, report, document, document->findings.at[j], scratch);
        n++;
        n_failed += test->n_failures > 0;
        n_skipped += test->n_failures == 0 && test->reason.p;
    }
    struct str path = escaped(scratch, document->path);
    fprintf(report->out, "<testsuite name=\"%.*s\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\">\n",
            STR_ARG(path), n, n_failed, n_skipped);
    for (uint32_t i = 0; i < n; i++)
        put_test(report, &tests[i], path, scratch);
    fputs("</testsuite>\n", report->out);
}

static void junit_end(struct report *report, const struct diags *diags) {
    ARENA(scratch);
    if (diags->list.n)
        fprintf(report->out, "<testsuite name=\"ironhull\" tests=\"%u\" failures=\"0\" errors=\"%u\" skipped=\"0\">\n",
                diags->list.n, diags->list.n);
    for (uint32_t i = 0; i < diags->list.n; i++) {
        const struct diag *diag = &diags->list.at[i];
        struct str path = escaped(&scratch, diag->path.n ? diag->path : STR("ironhull"));
        struct str message = escaped(&scratch, diag->message);
        fprintf(report->out, "<testcase classname=\"%.*s\" name=\"%s\">", STR_ARG(path), "reading");
        fprintf(report->out, "<error type=\"error\" message=\"%.*s\">%.*s:%u:%u: error: %.*s</error></testcase>\n",
                STR_ARG(message), STR_ARG(path), diag->at.line, diag->at.column, STR_ARG(message));
    }
    fputs(diags->list.n ? "</testsuite>\n</testsuites>\n" : "</testsuites>\n", report->out);
}

const struct report_format report_junit = {STR_INIT("junit"), true, junit_begin, junit_document, NULL, junit_end};
