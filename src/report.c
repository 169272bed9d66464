#include "report.h"

#include "verdict.h"

/* Whether a character controls the terminal (C0, C1) or the order in which text is shown (UAX #9: marks, embeddings,
 * overrides, isolates; line separators). */
static bool is_control(const unsigned char *p, uint32_t length) {
    if (length == 1)
        return p[0] < ' ' || p[0] == 0x7f;
    if (length == 2)
        return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
    bool is_mark = p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xa8 && p[2] <= 0xae);
    bool is_isolate = p[2] >= 0xa6 && p[2] <= 0xa9;
    return length == 3 && p[0] == 0xe2 && ((p[1] == 0x80 && is_mark) || (p[1] == 0x81 && is_isolate));
}

void report_text(FILE *out, struct str text) {
    uint32_t done = 0; /* standard error has no buffer: what is harmless is printed in one go */
    for (uint32_t i = 0, length; i < text.n; i += length) {
        const unsigned char *p = (const unsigned char *)text.p + i;
        length = source_utf8_length(p, text.n - i);
        if (length && !is_control(p, length))
            continue;
        fwrite(text.p + done, 1, i - done, out);
        length = length ? length : 1;
        for (uint32_t j = 0; j < length; j++)
            fprintf(out, "\\x%02x", p[j]);
        done = i + length;
    }
    fwrite(text.p + done, 1, text.n - done, out);
}

static void print_place(FILE *out, struct str path, struct position at) {
    report_text(out, path.n ? path : STR("ironhull"));
    if (at.line)
        fprintf(out, ":%u:%u", at.line, at.column);
    fputs(": ", out);
}

void report_findings(FILE *out, const struct project *project, bool is_applied) {
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        for (uint32_t j = 0; j < document->findings.n; j++) {
            const struct finding *finding = document->findings.at[j];
            if (!finding_is_said(finding) || (finding->is_applied && !is_applied))
                continue;
            print_place(out, document->path, finding->where);
            fputs(finding->is_applied ? "fix: " : finding->safety == SAFETY_MANUAL ? "note: " : "unsafe: ", out);
            report_text(out, finding->message);
            fprintf(out, " [%.*s]\n", STR_ARG(finding->rule->id));
        }
    }
}

static void print_pod(FILE *out, const struct pod_levels *pod) {
    report_text(out, str_eq(pod->kind, STR("Pod")) ? STR("pod") : pod->kind);
    fputs(pod->name.n ? " " : "", out);
    report_text(out, pod->name);
    fprintf(out, " meets %.*s", STR_ARG(pod_level_name(pod->before)));
    if (pod->after != pod->before)
        fprintf(out, ", and %.*s once hardened", STR_ARG(pod_level_name(pod->after)));
    if (pod->renewal.n) {
        fputs("; ", out);
        report_text(out, pod->renewal);
    }
    fputc('\n', out);
}

void report_pods(FILE *out, const struct project *project) {
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        for (uint32_t j = 0; j < document->pods.n && !document->is_broken; j++) {
            print_place(out, document->path, document->pods.at[j].where);
            print_pod(out, &document->pods.at[j]);
        }
    }
}

void report_note(FILE *out, struct str path, struct position at, struct str message) {
    print_place(out, path, at);
    fputs("note: ", out);
    report_text(out, message);
    fputc('\n', out);
}

static void print_diags(FILE *out, const struct diags *diags, const char *kind) {
    for (uint32_t i = 0; i < diags->list.n; i++) {
        const struct diag *diag = &diags->list.at[i];
        print_place(out, diag->path, diag->at);
        fputs(kind, out);
        report_text(out, diag->message);
        fputc('\n', out);
    }
}

void report_diags(FILE *out, const struct diags *diags) {
    print_diags(out, diags, "error: ");
}

void report_warnings(FILE *out, const struct diags *diags) {
    print_diags(out, diags, "warning: ");
}
