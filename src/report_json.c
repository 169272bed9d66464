/* --format=json, as the README describes it; and --format=gitlab, a list of Code Quality (docs.gitlab.com/ci/testing/
 * code_quality, "Code Quality report format"). */
#include "report_parts.h"

static json_t *place_of(struct source *source, uint32_t offset) {
    struct position at = source_position(source, offset);
    return json_pack("{s:i, s:i, s:i}", "byte", (int)offset, "line", (int)at.line, "column", (int)at.column);
}

static json_t *edits_of(const struct edits *edits, struct source *source, struct arena *scratch) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < edits->list.n; i++) {
        const struct edit *edit = &edits->list.at[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "start", place_of(source, edit->at.start), "end",
                                              place_of(source, edit->at.end), "text", json_text(scratch, edit->text)));
    }
    return list;
}

static json_t *finding_of(const struct report *report, const struct finding *finding, struct source *source,
                          struct arena *scratch) {
    json_t *object = json_pack("{s:i, s:i, s:s%, s:s, s:s, s:o, s:s%, s:b}", "line", (int)finding->where.line, "column",
                               (int)finding->where.column, "rule", finding->rule->id.p, (size_t)finding->rule->id.n,
                               "kind", kind_name(finding_kind(finding)), "level", level_name(finding_level(finding)),
                               "message", json_text(scratch, finding->message), "fingerprint", finding->fingerprint.p,
                               (size_t)finding->fingerprint.n, "applied", finding->is_applied && report->is_written);
    json_add(object, "suppressed", finding->is_suppressed ? json_text(scratch, finding->reason) : json_null());
    json_add(object, "edits", edits_of(&finding->edits, source, scratch));
    return object;
}

static json_t *pod_of(const struct pod_levels *pod, struct arena *scratch) {
    struct str before = pod_level_name(pod->before), after = pod_level_name(pod->after);
    return json_pack("{s:i, s:i, s:o, s:o, s:s%, s:s%, s:o}", "line", (int)pod->where.line, "column",
                     (int)pod->where.column, "kind", json_text(scratch, pod->kind), "name",
                     json_text(scratch, pod->name), "before", before.p, (size_t)before.n, "after", after.p,
                     (size_t)after.n, "renewal", pod->renewal.p ? json_text(scratch, pod->renewal) : json_null());
}

/* --- json ----------------------------------------------------------------------------------------------------------
 */

static void json_begin(struct report *report) {
    fputs("{\n\"version\": 1,\n\"tool\": ", report->out);
    json_write(report->out, json_tool());
    fputs(",\n\"files\": [", report->out);
}

/* What is to be said of a file stands in lines of their own. */
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
    fputs(report->has_items ? ",\n{\"path\": " : "\n{\"path\": ", report->out);
    json_write(report->out, json_text(scratch, document->path));
    fprintf(report->out, ", \"format\": \"%s\", \"new\": %s, \"changed\": %s, \"findings\": [",
            formats[document->format], document->is_new ? "true" : "false", is_changed ? "true" : "false");
    report->has_items = false;
    for (uint32_t i = 0; i < document->findings.n; i++)
        json_write_item(report, finding_of(report, document->findings.at[i], &source, scratch));
    fputs("], \"pods\": [", report->out);
    report->has_items = false;
    for (uint32_t i = 0; i < n_pods; i++)
        json_write_item(report, pod_of(&document->pods.at[i], scratch));
    fputs("]}", report->out);
    report->has_items = true;
}

static void json_end(struct report *report, const struct diags *diags) {
    const struct totals *totals = &report->totals;
    ARENA(scratch);
    fputs("],\n\"errors\": [", report->out);
    report->has_items = false;
    for (uint32_t i = 0; i < diags->list.n; i++) {
        const struct diag *diag = &diags->list.at[i];
        json_t *path = diag->path.n ? json_text(&scratch, diag->path) : json_null();
        json_write_item(report, json_pack("{s:o, s:i, s:i, s:o}", "path", path, "line", (int)diag->at.line, "column",
                                          (int)diag->at.column, "message", json_text(&scratch, diag->message)));
    }
    fputs("],\n\"summary\": ", report->out);
    json_write(report->out, json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "changed", (int)totals->changed, "fixes",
                                      (int)totals->fixes, "unsafe", (int)totals->unsafe, "notes", (int)totals->notes,
                                      "suppressed", (int)totals->suppressed, "errors", (int)diags->list.n));
    fputs("\n}\n", report->out);
}

const struct report_format report_json = {STR_INIT("json"), true, json_begin, json_document, NULL, json_end};

/* --- gitlab --------------------------------------------------------------------------------------------------------
 */

static void gitlab_begin(struct report *report) {
    fputs("[", report->out);
}

static void gitlab_document(struct report *report, const struct document *document, struct arena *scratch) {
    static const char *const severities[] = {"major", "minor", "info"};
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (!finding_is_open(report, finding))
            continue;
        json_write_item(report,
                        json_pack("{s:o, s:s%, s:s%, s:s, s:{s:o, s:{s:i}}}", "description",
                                  json_text(scratch, finding->message), "check_name", finding->rule->id.p,
                                  (size_t)finding->rule->id.n, "fingerprint", finding->fingerprint.p,
                                  (size_t)finding->fingerprint.n, "severity", severities[finding_level(finding)],
                                  "location", "path", json_text(scratch, document->path), "lines", "begin",
                                  (int)finding->where.line));
    }
}

/* A file that cannot be read is no matter of its quality: the job fails. */
static void gitlab_end(struct report *report, const struct diags *diags) {
    (void)diags;
    fputs("\n]\n", report->out);
}

const struct report_format report_gitlab = {STR_INIT("gitlab"), true, gitlab_begin, gitlab_document, NULL, gitlab_end};
