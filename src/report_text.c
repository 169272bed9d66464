/* --format=text: a line for each finding. */
#include "report_parts.h"

/* Whether a character controls the terminal (C0, C1) or the order in which text is shown (UAX #9: marks, embeddings,
 * overrides, isolates; line separators), or is none (U+FFFE, U+FFFF). */
static bool is_control(const unsigned char *p, uint32_t length) {
    if (length == 1)
        return p[0] < ' ' || p[0] == 0x7f;
    if (length == 2)
        return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
    bool is_mark = p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xa8 && p[2] <= 0xae);
    bool is_isolate = p[2] >= 0xa6 && p[2] <= 0xa9;
    if (length == 3 && p[0] == 0xef)
        return p[1] == 0xbf && p[2] >= 0xbe;
    return length == 3 && p[0] == 0xe2 && ((p[1] == 0x80 && is_mark) || (p[1] == 0x81 && is_isolate));
}

uint32_t text_next(struct str text, uint32_t offset, bool *ret_is_shown) {
    const unsigned char *p = (const unsigned char *)text.p + offset;
    uint32_t length = source_utf8_length(p, text.n - offset);
    *ret_is_shown = length && !is_control(p, length);
    return length ? length : 1;
}

struct str text_visible(struct arena *arena, struct str text) {
    struct buf out = {.arena = arena};
    uint32_t done = 0;
    for (uint32_t i = 0, length; i < text.n; i += length) {
        bool is_shown = text.p[i] >= ' ' && text.p[i] < 0x7f;
        length = 1;
        if (is_shown)
            continue;
        length = text_next(text, i, &is_shown);
        if (is_shown)
            continue;
        buf_add(&out, str_sub(text, done, i));
        done = i + length;
        for (uint32_t j = i; j < done; j++)
            buf_printf(&out, "\\x%02x", (unsigned char)text.p[j]);
    }
    if (done == 0)
        return text;
    buf_add(&out, str_sub(text, done, text.n));
    return buf_str(&out);
}

void put_str(FILE *out, struct str text) {
    if (text.n)
        fwrite(text.p, 1, text.n, out);
}

struct str pod_object_name(struct arena *arena, const struct pod_levels *pod) {
    struct str kind = str_eq(pod->kind, STR("Pod")) ? STR("pod") : pod->kind;
    return str_printf(arena, "%.*s%s%.*s", STR_ARG(kind), pod->name.n ? " " : "", STR_ARG(pod->name));
}

struct str pod_verdict_text(struct arena *arena, const struct pod_levels *pod) {
    struct buf out = {.arena = arena};
    buf_printf(&out, "meets %.*s", STR_ARG(pod_level_name(pod->before)));
    if (pod->after != pod->before)
        buf_printf(&out, ", and %.*s once hardened", STR_ARG(pod_level_name(pod->after)));
    if (pod->renewal.n)
        buf_printf(&out, "; %.*s", STR_ARG(pod->renewal));
    return buf_str(&out);
}

/* A line in one piece: standard error has no buffer. */
__attribute__((format(printf, 4, 5))) static void put_line(FILE *out, struct str path, struct position at,
                                                           const char *format, ...) {
    ARENA(scratch);
    va_list args;
    va_start(args, format);
    struct str text = str_vprintf(&scratch, format, args);
    va_end(args);
    struct buf line = {.arena = &scratch};
    buf_add(&line, text_visible(&scratch, path.n ? path : STR("ironhull")));
    if (at.line)
        buf_printf(&line, ":%u:%u", at.line, at.column);
    buf_add(&line, STR(": "));
    buf_add(&line, text_visible(&scratch, text));
    buf_byte(&line, '\n');
    put_str(out, buf_str(&line));
}

static void put_findings(FILE *out, const struct document *document, bool is_applied) {
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (!finding_is_said(finding) || (finding->is_applied && !is_applied))
            continue;
        put_line(out, document->path, finding->where, "%s: %.*s [%.*s]", kind_name(finding_kind(finding)),
                 STR_ARG(finding->message), STR_ARG(finding->rule->id));
    }
}

static void put_pods(FILE *out, const struct document *document) {
    for (uint32_t i = 0; i < document->pods.n && !document->is_broken; i++) {
        ARENA(scratch);
        const struct pod_levels *pod = &document->pods.at[i];
        put_line(out, document->path, pod->where, "%.*s %.*s", STR_ARG(pod_object_name(&scratch, pod)),
                 STR_ARG(pod_verdict_text(&scratch, pod)));
    }
}

void report_findings(FILE *out, const struct project *project, bool is_applied) {
    for (uint32_t i = 0; i < project->documents.n; i++)
        put_findings(out, project->documents.at[i], is_applied);
}

void report_pods(FILE *out, const struct project *project) {
    for (uint32_t i = 0; i < project->documents.n; i++)
        put_pods(out, project->documents.at[i]);
}

void report_print(FILE *out, struct str text) {
    ARENA(scratch);
    put_str(out, text_visible(&scratch, text));
}

void report_note(FILE *out, struct str path, struct position at, struct str message) {
    put_line(out, path, at, "note: %.*s", STR_ARG(message));
}

static void put_diags(FILE *out, const struct diags *diags, const char *kind) {
    for (uint32_t i = 0; i < diags->list.n; i++) {
        const struct diag *diag = &diags->list.at[i];
        put_line(out, diag->path, diag->at, "%s: %.*s", kind, STR_ARG(diag->message));
    }
}

void report_diags(FILE *out, const struct diags *diags) {
    put_diags(out, diags, "error");
}

void report_warnings(FILE *out, const struct diags *diags) {
    put_diags(out, diags, "warning");
}

/* --- the format ----------------------------------------------------------------------------------------------------
 */

static void text_begin(struct report *report) {
    (void)report;
}

static void text_document(struct report *report, const struct document *document, struct arena *scratch) {
    (void)scratch;
    put_findings(report->out, document, !report->hides_applied);
}

/* Standard output is for what there is to do. */
static void text_pods(struct report *report, const struct document *document, struct arena *scratch) {
    (void)scratch;
    if (document->pods.n)
        fflush(report->out);
    put_pods(report->out == stdout ? stderr : report->out, document);
}

static void text_end(struct report *report, const struct diags *diags) {
    (void)report, (void)diags;
}

const struct report_format report_text = {STR_INIT("text"), false, text_begin, text_document, text_pods, text_end};
