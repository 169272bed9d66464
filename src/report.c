#include "report.h"

#include <stdlib.h>

/* Text from files and names must not drive the terminal. */
static void print_text(FILE *out, struct str text) {
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool is_c1 = c == 0xc2 && i + 1 < text.n && ((unsigned char)text.p[i + 1] & 0xe0) == 0x80;
        if (c < ' ' || c == 0x7f || is_c1)
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
}

static void print_place(FILE *out, struct str path, struct position at) {
    print_text(out, path.n ? path : STR("ironhull"));
    if (at.line)
        fprintf(out, ":%u:%u", at.line, at.column);
    fputs(": ", out);
}

struct totals report_totals(const struct project *project) {
    struct totals totals = {0};
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        totals.changed += !str_eq(document->before, document->after);
        for (uint32_t j = 0; j < document->findings.n; j++) {
            const struct finding *finding = document->findings.at[j];
            totals.fixes += finding->is_applied;
            totals.unsafe += !finding->is_applied && finding->safety != SAFETY_MANUAL;
            totals.notes += !finding->is_applied && finding->safety == SAFETY_MANUAL;
        }
    }
    return totals;
}

static int by_place(const void *a, const void *b) {
    const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;
    if (x->where.line != y->where.line)
        return x->where.line < y->where.line ? -1 : 1;
    if (x->where.column != y->where.column)
        return x->where.column < y->where.column ? -1 : 1;
    return x->rule == y->rule ? str_cmp(x->message, y->message) : (x->rule < y->rule ? -1 : 1);
}

void report_findings(FILE *out, const struct project *project, bool is_applied) {
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        if (document->findings.n)
            qsort(document->findings.at, document->findings.n, sizeof *document->findings.at, by_place);
        for (uint32_t j = 0; j < document->findings.n; j++) {
            const struct finding *finding = document->findings.at[j];
            if (finding->is_applied && !is_applied)
                continue;
            print_place(out, document->path, finding->where);
            fputs(finding->is_applied                  ? "fix: "
                  : finding->safety == SAFETY_MANUAL ? "note: "
                                                       : "unsafe: ",
                  out);
            print_text(out, finding->message);
            fprintf(out, " [%.*s]\n", STR_ARG(finding->rule->id));
        }
    }
}

void report_diags(FILE *out, const struct diags *diags) {
    for (uint32_t i = 0; i < diags->list.n; i++) {
        const struct diag *diag = &diags->list.at[i];
        print_place(out, diag->path, diag->at);
        fputs("error: ", out);
        print_text(out, diag->message);
        fputc('\n', out);
    }
}
