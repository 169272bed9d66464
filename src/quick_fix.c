#include "quick_fix.h"

/* What is needed comes first, as when all is applied. False where both do not go together. */
static bool add(const struct check *check, const struct finding *finding, struct edit_set *set, uint32_t *bits) {
    if (finding->needs && !add(check, &check->findings.at[finding->needs - 1], set, bits))
        return false;
    bool fits = edit_set_fits(set, &finding->edits);
    edit_set_add(set, &finding->edits);
    *bits |= rule_bit(finding->rule);
    return fits;
}

struct quick_fix quick_fix_of(const struct check *check, const struct finding *finding, struct arena *arena) {
    struct edit_set set = {.edits = {.arena = arena}};
    struct quick_fix fix = {0};
    if (add(check, finding, &set, &fix.rules)) {
        edits_sort(&set.edits);
        fix.edits = set.edits;
    }
    return fix;
}

struct str quick_fix_apply(const struct document *document, const struct quick_fix *fix, struct arena *arena) {
    struct edits edits = fix->edits;
    edits.arena = arena;
    return edits_apply(arena, document->steps.at[fix->step], &edits);
}

bool quick_fix_brings(const struct document *companion, uint32_t bits) {
    bool has_any = false;
    for (uint32_t i = 0; i < companion->findings.n; i++)
        has_any |= companion->findings.at[i]->is_applied && (rule_bit(companion->findings.at[i]->rule) & bits);
    return has_any;
}
