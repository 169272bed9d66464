/* --format=json, as the README describes it; and --format=gitlab, a list of Code Quality (docs.gitlab.com/ci/testing/
 * code_quality, "Code Quality report format"). */
#include "report_parts.h"

/* --- json ----------------------------------------------------------------------------------------------------------
 */

static void put_offset(FILE *out, const char *key, struct source *source, uint32_t offset) {
    struct position at = source_position(source, offset);
    json_print(out, "%s: {'byte': %u, 'line': %u, 'column': %u}, ", key, offset, at.line, at.column);
}

static void put_finding(struct report *report, const struct finding *finding, struct source *source) {
    FILE *out = report->out;
    struct str reason = finding->reason.n ? finding->reason : STR("");
    json_item(report);
    json_print(out, "{'line': %u, 'column': %u, 'rule': %t, 'kind': %s, 'level': %s, 'message': %t, ",
               finding->where.line, finding->where.column, finding->rule->id, kind_name(finding_kind(finding)),
               level_name(finding_level(report, finding)), finding->message);
    json_print(out, "'fingerprint': %t, 'applied': %b, 'suppressed': %t, 'accepted': %b, 'edits': [",
               finding->fingerprint, finding->is_applied && report->is_written,
               finding->is_suppressed ? reason : (struct str){NULL, 0}, finding->is_accepted);
    for (uint32_t i = 0; i < finding->edits.list.n; i++) {
        const struct edit *edit = &finding->edits.list.at[i];
        fputs(i ? ", {" : "{", out);
        put_offset(out, "start", source, edit->at.start);
        put_offset(out, "end", source, edit->at.end);
        json_print(out, "'text': %t}", edit->text.n ? edit->text : STR(""));
    }
    fputs("]}", out);
}

static void put_pod(struct report *report, const struct pod_levels *pod) {
    json_item(report);
    json_print(report->out, "{'line': %u, 'column': %u, 'kind': %t, 'name': %t, ", pod->where.line, pod->where.column,
               pod->kind, pod->name.n ? pod->name : (struct str){NULL, 0});
    json_print(report->out, "'before': %t, 'after': %t, 'renewal': %t}", pod_level_name(pod->before),
               pod_level_name(pod->after), pod->renewal);
}

static void json_begin(struct report *report) {
    json_print(report->out, "{\n'version': 1,\n'tool': {'name': 'ironhull', 'version': %s},\n'files': [",
               IRONHULL_VERSION);
}

static void json_document(struct report *report, const struct document *document, struct arena *scratch) {
    static const char *const formats[FORMAT_COUNT] = {[FORMAT_DOCKERFILE] = "dockerfile",
                                                      [FORMAT_COMPOSE] = "compose",
                                                      [FORMAT_KUBE] = "kubernetes",
                                                      [FORMAT_DOCKERIGNORE] = "dockerignore",
                                                      [FORMAT_SECCOMP] = "seccomp"};
    uint32_t n_pods = document->is_broken ? 0 : document->pods.n;
    bool is_changed = !str_eq(document->before, document->after);
    if (!is_changed && document->findings.n == 0 && n_pods == 0)
        return;
    struct source source = source_from(scratch, document->path, document->before, document->format);
    json_item(report);
    json_print(report->out, "{'path': %t, 'format': %s, 'new': %b, 'changed': %b, 'findings': [", document->path,
               formats[document->format], document->is_new, is_changed);
    report->has_items = false;
    for (uint32_t i = 0; i < document->findings.n; i++)
        put_finding(report, document->findings.at[i], &source);
    json_print(report->out, "], 'pods': [");
    report->has_items = false;
    for (uint32_t i = 0; i < n_pods; i++)
        put_pod(report, &document->pods.at[i]);
    fputs("]}", report->out);
    report->has_items = true;
}

static void json_end(struct report *report, const struct diags *diags) {
    const struct totals *totals = &report->totals;
    json_print(report->out, "\n],\n'errors': [");
    report->has_items = false;
    for (uint32_t i = 0; i < diags->list.n; i++) {
        const struct diag *diag = &diags->list.at[i];
        json_item(report);
        json_print(report->out, "{'path': %t, 'line': %u, 'column': %u, 'message': %t}", diag->path, diag->at.line,
                   diag->at.column, diag->message);
    }
    json_print(
        report->out,
        "],\n'summary': {'changed': %u, 'fixes': %u, 'unsafe': %u, 'notes': %u, 'suppressed': %u, 'accepted': %u, "
        "'errors': %u}\n}\n",
        totals->changed, totals->fixes, totals->unsafe, totals->notes, totals->suppressed, totals->accepted,
        diags->list.n);
}

const struct report_format report_json = {STR_INIT("json"), true, json_begin, json_document, NULL, json_end};

/* --- gitlab --------------------------------------------------------------------------------------------------------
 */

static void gitlab_begin(struct report *report) {
    fputs("[", report->out);
}

static void gitlab_document(struct report *report, const struct document *document, struct arena *scratch) {
    static const char *const severities[] = {"major", "minor", "info"};
    (void)scratch;
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (!finding_is_open(report, finding))
            continue;
        json_item(report);
        json_print(report->out,
                   "{'description': %t, 'check_name': %t, 'fingerprint': %t, 'severity': %s, "
                   "'location': {'path': %t, 'lines': {'begin': %u}}}",
                   finding->message, finding->rule->id, finding->fingerprint,
                   severities[finding_level(report, finding)], document->path, finding->where.line);
    }
}

/* A file that cannot be read is no matter of its quality: the job fails. */
static void gitlab_end(struct report *report, const struct diags *diags) {
    (void)diags;
    fputs("\n]\n", report->out);
}

const struct report_format report_gitlab = {STR_INIT("gitlab"), true, gitlab_begin, gitlab_document, NULL, gitlab_end};
