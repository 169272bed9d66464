#include "verdict.h"

#include "guess.h"

const char *fail_on_read(struct arena *arena, struct str text, enum fail_on *ret) {
    static const struct str words[] = {
        [FAIL_ON_SAFE] = STR_INIT("safe"), [FAIL_ON_UNSAFE] = STR_INIT("unsafe"), [FAIL_ON_ANY] = STR_INIT("any")};
    struct guess guess = {.word = text, .offers = {.arena = arena}};
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
        guess_offer(&guess, words[i]);
        if (!str_eq(text, words[i]))
            continue;
        *ret = (enum fail_on)i;
        return NULL;
    }
    return guess_text(&guess).p;
}

bool finding_is_said(const struct finding *finding) {
    return !finding->is_suppressed && !finding->is_accepted;
}

bool finding_fails(const struct finding *finding, enum fail_on fail_on) {
    bool has_fix = finding->is_applied || finding->safety != SAFETY_MANUAL;
    return finding_is_said(finding) && (finding->is_applied || finding->is_demand || fail_on == FAIL_ON_ANY ||
                                        (fail_on == FAIL_ON_UNSAFE && has_fix));
}

/* Whether a changed file has a fix that nobody accepts, or was made for the sake of one. */
static bool counts_as_changed(const struct document *document) {
    bool is_accepted = false;
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (finding->is_applied && !finding->is_accepted)
            return true;
        is_accepted |= finding->is_accepted;
    }
    return !is_accepted;
}

void totals_count(struct totals *totals, const struct finding *finding, enum fail_on fail_on) {
    bool is_left = finding_is_said(finding) && !finding->is_applied;
    totals->fixes += finding_is_said(finding) && finding->is_applied;
    totals->unsafe += is_left && finding->safety != SAFETY_MANUAL;
    totals->notes += is_left && finding->safety == SAFETY_MANUAL;
    totals->failures += finding_fails(finding, fail_on);
    totals->suppressed += finding->is_suppressed;
    totals->accepted += finding->is_accepted && !finding->is_suppressed;
}

void totals_add(struct totals *totals, const struct project *project, enum fail_on fail_on) {
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        totals->changed += !str_eq(document->before, document->after) && counts_as_changed(document);
        for (uint32_t j = 0; j < document->findings.n; j++)
            totals_count(totals, document->findings.at[j], fail_on);
    }
}
