#include "hardened.h"

#include "fuzz.h"
#include "report.h"

#include <jansson.h>
#include <stdlib.h>

struct config hardened_options(unsigned options) {
    struct config config = {.unsafe_fixes = options % 2 ? CONFIG_OFF : CONFIG_ON};
    if (options / 2 % 2 == 0)
        config.pod_demand = (struct pod_demand){true, POD_RESTRICTED, POD_SECURITY_LATEST};
    config.seccomp = (struct config_seccomp){.is_given = options / 4 % 2, .is_localhost = true};
    if (options / 8 % 4 == 1)
        config.user = (struct config_user){STR("shop"), 20001, 20002};
    return config;
}

static int by_rule(const void *a, const void *b) {
    const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;
    return x->rule == y->rule ? (x->at > y->at) - (x->at < y->at) : x->rule < y->rule ? -1 : 1;
}

/* Fixes behind the first pass have no edits: then it is not known what they were. */
static void check_edits(const struct document *document) {
    ARENA(arena);
    struct edits edits = {.arena = &arena};
    const struct finding **fixes = arena_array(&arena, document->findings.n, sizeof(struct finding *));
    uint32_t n = 0;
    bool is_known = true;
    for (uint32_t i = 0; i < document->findings.n; i++)
        if (document->findings.at[i]->is_applied)
            fixes[n++] = document->findings.at[i];
    MUST((n > 0) == !str_eq(document->before, document->after));
    if (n)
        qsort(fixes, n, sizeof *fixes, by_rule);
    for (uint32_t i = 0; i < n; i++) {
        is_known &= fixes[i]->edits.list.n > 0;
        for (uint32_t j = 0; j < fixes[i]->edits.list.n; j++)
            *vec_push(&arena, &edits.list) = fixes[i]->edits.list.at[j];
    }
    if (is_known)
        must_equal(edits_apply(&arena, document->before, &edits), document->after, "the text with all edits");
}

static void check_report(const struct project *project, const char *format) {
    ARENA(arena);
    const char *wrong;
    char *text = NULL;
    size_t n = 0;
    struct report report = {.format = report_format_find(&arena, str_of(format), &wrong),
                            .out = open_memstream(&text, &n),
                            .arena = &arena};
    report_begin(&report);
    report_project(&report, project);
    report_end(&report, project->diags);
    fclose(report.out);
    json_t *json = json_loadb(text, n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    MUST(json);
    json_decref(json);
    free(text);
}

void hardened_check(const struct project *project) {
    for (uint32_t i = 0; i < project->diags->list.n; i++)
        MUST(!str_contains(project->diags->list.at[i].message, STR("internal error")));
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        if (document->is_broken || !document->is_selected)
            MUST(str_eq(document->before, document->after));
        else
            check_edits(document);
    }
    check_report(project, "json");
    check_report(project, "sarif");
}
