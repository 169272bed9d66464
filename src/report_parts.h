/* Internal to the reports: what their formats share. */
#ifndef IRONHULL_REPORT_PARTS_H
#define IRONHULL_REPORT_PARTS_H

#include "report.h"

struct report_format {
    struct str name;
    bool is_machine; /* see report_is_machine */
    void (*begin)(struct report *report);
    /* For each document of a group, in their order; the scratch arena is its own. */
    void (*document)(struct report *report, const struct document *document, struct arena *scratch);
    /* For each of them once more, when all have been seen; may be NULL. */
    void (*pods)(struct report *report, const struct document *document, struct arena *scratch);
    void (*end)(struct report *report, const struct diags *diags);
};

extern const struct report_format report_text, report_human, report_json, report_sarif, report_github, report_gitlab,
    report_junit;

/* --- findings ------------------------------------------------------------------------------------------------------
 */

enum kind { KIND_FIX, KIND_UNSAFE, KIND_NOTE };

enum kind finding_kind(const struct finding *finding);
/* "fix", "unsafe", "note" */
const char *kind_name(enum kind kind);

/* How bad it is that nothing is done: an error is what --check fails for. */
enum level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTE };

enum level finding_level(const struct report *report, const struct finding *finding);
/* "error", "warning", "note" */
const char *level_name(enum level level);

/* Whether a finding is one of the files as the run leaves them, and neither a comment silences it nor a
 * baseline accepts it. */
bool finding_is_open(const struct report *report, const struct finding *finding);

/* --- text ----------------------------------------------------------------------------------------------------------
 */

/* Length of the UTF-8 character at an offset, *ret_is_shown: it neither drives a terminal nor changes the order of what
 * it shows, and XML may have it. A byte that starts none has the length 1. */
uint32_t text_next(struct str text, uint32_t offset, bool *ret_is_shown);

/* The text with \xNN for each byte of what is not shown; the same where there is none. */
struct str text_visible(struct arena *arena, struct str text);

void put_str(FILE *out, struct str text);

/* What a pod meets, as a clause. */
struct str pod_verdict_text(struct arena *arena, const struct pod_levels *pod);

/* The kind and name of a pod's object. */
struct str pod_object_name(struct arena *arena, const struct pod_levels *pod);

/* --- JSON ----------------------------------------------------------------------------------------------------------
 */

/* Prints a format, in which ' stands for ", and: %t a struct str as a string, {NULL, 0} as null; %s the same of a C
 * string; %u a number; %b true or false. All of it is ASCII; bytes of texts that are no UTF-8 become \xNN. */
void json_print(FILE *out, const char *format, ...);

/* Begins the next item of a list, on a line of its own. */
void json_item(struct report *report);

#endif
