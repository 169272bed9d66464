#include "report_parts.h"

#include "guess.h"

#include <string.h>

/* In the order of --help. */
static const struct report_format *const formats[] = {&report_human,  &report_text,   &report_json, &report_sarif,
                                                      &report_github, &report_gitlab, &report_junit};
enum { N_FORMATS = sizeof formats / sizeof *formats };

const struct report_format *report_format_find(struct arena *arena, struct str name, const char **ret_wrong) {
    struct guess guess = {.word = name, .offers = {.arena = arena}};
    for (int i = 0; i < N_FORMATS; i++) {
        if (str_eq(name, formats[i]->name))
            return formats[i];
        guess_offer(&guess, formats[i]->name);
    }
    *ret_wrong = str_printf(arena, "there is no format %.*s: %.*s", STR_ARG(name), STR_ARG(guess_text(&guess))).p;
    return NULL;
}

bool report_is_machine(const struct report_format *format) {
    return format->is_machine;
}

bool report_is_human(const struct report_format *format) {
    return format == &report_human;
}

/* --- findings ------------------------------------------------------------------------------------------------------
 */

enum kind finding_kind(const struct finding *finding) {
    if (finding->is_applied || finding->safety == SAFETY_SAFE)
        return KIND_FIX;
    return finding->safety == SAFETY_MANUAL ? KIND_NOTE : KIND_UNSAFE;
}

const char *kind_name(enum kind kind) {
    static const char *const names[] = {"fix", "unsafe", "note"};
    return names[kind];
}

enum level finding_level(const struct finding *finding) {
    static const enum level levels[] = {LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTE};
    return finding->is_demand ? LEVEL_ERROR : levels[finding_kind(finding)];
}

const char *level_name(enum level level) {
    static const char *const names[] = {"error", "warning", "note"};
    return names[level];
}

bool finding_is_open(const struct report *report, const struct finding *finding) {
    return !finding->is_suppressed && !(finding->is_applied && report->is_written);
}

/* --- totals --------------------------------------------------------------------------------------------------------
 */

static void count(struct totals *totals, const struct finding *finding) {
    bool is_left = !finding->is_applied && !finding->is_suppressed;
    totals->fixes += finding->is_applied;
    totals->unsafe += is_left && finding->safety != SAFETY_MANUAL;
    totals->notes += is_left && finding->safety == SAFETY_MANUAL;
    totals->demands += is_left && finding->is_demand;
    totals->suppressed += finding->is_suppressed;
}

/* `counts`, by rule, may be NULL. */
static void count_project(const struct project *project, struct totals *totals, struct totals *counts) {
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        totals->changed += !str_eq(document->before, document->after);
        for (uint32_t j = 0; j < document->findings.n; j++) {
            const struct finding *finding = document->findings.at[j];
            count(totals, finding);
            if (counts)
                count(&counts[finding->rule - rules], finding);
        }
    }
}

struct totals report_totals(const struct project *project) {
    struct totals totals = {0};
    count_project(project, &totals, NULL);
    return totals;
}

/* --- writing -------------------------------------------------------------------------------------------------------
 */

void report_begin(struct report *report) {
    report->totals = (struct totals){0};
    report->counts = arena_array(report->arena, rules_n, sizeof *report->counts);
    report->has_items = false;
    report->format->begin(report);
}

void report_project(struct report *report, const struct project *project) {
    const struct report_format *format = report->format;
    count_project(project, &report->totals, report->counts);
    for (uint32_t i = 0; i < project->documents.n; i++) {
        ARENA(scratch);
        format->document(report, project->documents.at[i], &scratch);
    }
    for (uint32_t i = 0; i < project->documents.n && format->pods; i++) {
        ARENA(scratch);
        format->pods(report, project->documents.at[i], &scratch);
    }
}

void report_end(struct report *report, const struct diags *diags) {
    report->format->end(report, diags);
    fflush(report->out);
}

/* --- JSON ----------------------------------------------------------------------------------------------------------
 */

json_t *json_text(struct arena *scratch, struct str text) {
    struct str valid = text_utf8(scratch, text);
    return json_stringn(valid.n ? valid.p : "", valid.n);
}

/* Of ASCII only DEL has to be escaped still: outside of strings there is none. */
static int write_part(const char *part, size_t n, void *out) {
    const char *del;
    while ((del = memchr(part, 0x7f, n))) {
        fwrite(part, 1, (size_t)(del - part), out);
        fputs("\\u007f", out);
        n -= (size_t)(del + 1 - part);
        part = del + 1;
    }
    fwrite(part, 1, n, out);
    return 0;
}

void json_write(FILE *out, json_t *value) {
    json_dump_callback(value, write_part, out, JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
    json_decref(value);
}

void json_write_item(struct report *report, json_t *value) {
    fputs(report->has_items ? ",\n" : "\n", report->out);
    report->has_items = true;
    json_write(report->out, value);
}

void json_add(json_t *object, const char *key, json_t *value) {
    json_object_set_new(object, key, value);
}

json_t *json_tool(void) {
    return json_pack("{s:s, s:s}", "name", "ironhull", "version", IRONHULL_VERSION);
}
