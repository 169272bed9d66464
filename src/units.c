#include "units.h"

/* Meanwhile `unit` of a document is the index of another one of its unit, or its own. */
static uint32_t find(struct document *const *list, uint32_t i) {
    while (list[i]->unit != i)
        i = list[i]->unit = list[list[i]->unit]->unit;
    return i;
}

/* The smaller index stands for both. */
void units_join(const struct project *project, const struct document *a, const struct document *b) {
    struct document *const *list = project->documents.at;
    if (!a || !b)
        return;
    uint32_t i = find(list, a->unit), j = find(list, b->unit);
    list[i > j ? i : j]->unit = i < j ? i : j;
}

void units_make(struct project *project) {
    for (uint32_t i = 0; i < project->documents.n; i++)
        project->documents.at[i]->unit = i;
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        units_join(project, document, document->onto);
        for (uint32_t j = 0; j < document->below.n; j++)
            units_join(project, document, document->below.at[j]);
        for (uint32_t j = 0; j < document->companions.n; j++)
            units_join(project, document, document->companions.at[j]);
    }
}

uint32_t units_number(struct project *project) {
    struct document *const *list = project->documents.at;
    uint32_t n = 0;
    for (uint32_t i = 0; i < project->documents.n; i++)
        list[i]->unit = find(list, i);
    for (uint32_t i = 0; i < project->documents.n; i++)
        list[i]->unit = list[i]->unit == i ? n++ : list[list[i]->unit]->unit;
    return n;
}
