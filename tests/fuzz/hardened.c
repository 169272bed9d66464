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

/* Whatever lies between edits is as it was, in its place. */
static void check_gaps(struct str before, struct str after, struct edits *edits) {
    uint32_t done = 0, at = 0;
    edits_sort(edits);
    for (uint32_t i = 0; i <= edits->list.n; i++) {
        uint32_t end = i < edits->list.n ? edits->list.at[i].at.start : before.n;
        must_equal(str_sub(before, done, end), str_sub(after, at, at + end - done), "what no edit is about");
        at += end - done;
        if (i == edits->list.n)
            break;
        at += edits->list.at[i].text.n;
        done = edits->list.at[i].at.end;
    }
    MUST(at == after.n);
}

/* Fixes behind the first pass have no edits: then it is not known what they were. */
static void check_edits(const struct document *document) {
    ARENA(arena);
    struct edits edits = {.arena = &arena};
    bool is_known = true, has_any = false;
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (!finding->is_applied)
            continue;
        has_any = true;
        is_known &= finding->edits.list.n > 0;
        for (uint32_t j = 0; j < finding->edits.list.n; j++)
            *vec_push(&arena, &edits.list) = finding->edits.list.at[j];
    }
    MUST(has_any == !str_eq(document->before, document->after));
    if (is_known)
        check_gaps(document->before, document->after, &edits);
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
