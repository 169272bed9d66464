/* Rules, what they find, and the fixes they propose. */
#ifndef IRONHULL_RULE_H
#define IRONHULL_RULE_H

#include "edit.h"
#include "project.h"
#include "template.h"

struct services;
struct pods;

/* Where a finding has an edit that replaces something. */
struct replacement {
    uint32_t start, finding; /* byte offset, index */
};

/* Everything a rule looks at and writes to while it checks one document. */
struct check {
    struct arena *arena; /* of this pass; messages that outlive it are copied by the pipeline */
    const struct project *project;
    struct document *document;
    const struct rule *rule;
    uint32_t subject; /* a byte offset in what is looked at, for findings that lie elsewhere: the FROM of a stage */
    VEC(struct finding) findings;
    struct services
        *services;     /* of a compose file, for all of its rules: see service_each; NULL until it is asked for */
    struct pods *pods; /* the same for a manifest: see pod_each */
    VEC(struct replacement) replaced; /* what findings of the rule at hand replace: see written_values */
};

/* One hardening measure: a row of templates/rules.yaml. Its texts are paragraphs without a line break. */
struct rule {
    struct str id;
    struct str summary;                               /* one line: what it does */
    struct str why;                                   /* what an attacker cannot do any more */
    struct str may_break;                             /* once it is applied, how one sees it, what to do then */
    struct template_words sources;                    /* URLs of where its facts come from */
    bool has_safe, has_unsafe;                        /* fixes */
    struct str gets[FORMAT_COUNT];                    /* what a file gets; empty where the measure does not exist */
    void (*check[FORMAT_COUNT])(struct check *check); /* by format; NULL where the measure does not exist */
};

/* What makes one fix, with those that it needs and those that have to come first: see quick_fix.h. */
struct quick_fix {
    uint32_t step;      /* of the document's, whose text … */
    struct edits edits; /* … these are edits on, in order; n = 0: there is no fix */
    uint32_t rules;     /* of all of them, as bits: see rule_bit */
};

/* What a rule saw. */
struct finding {
    const struct rule *rule;
    uint32_t at;           /* byte offset in the text that the rule saw; once it is kept, in the file as it was read */
    uint32_t subject;      /* of struct check: a comment there silences the finding too */
    struct position where; /* in the file as it was read; set by the pipeline */
    struct str message;
    enum safety safety;
    bool is_applied;
    bool is_error;          /* what the user asks for cannot be done: the document is left as it is */
    bool is_suppressed;     /* a comment silences it, */
    struct str reason;      /* which gives this reason; {NULL, 0}: none */
    bool is_accepted;       /* the baseline has it: see baseline.h */
    bool is_demand;         /* an option asks for it, and the hardened text does not meet it: --check fails */
    bool is_passing;        /* another fix may take away what stops it: kept only if it is found in the last pass too */
    uint32_t needs;         /* 1 + the index of the finding that it is only applied with, which may have all edits of
                               both; 0: none */
    bool is_late;           /* waits for a pass in which no other fix is applied to the document */
    bool is_alone;          /* no other fix is applied to the document in the same pass */
    struct edits edits;     /* the fix: applied whole or not at all; empty for SAFETY_MANUAL. Once the finding is kept,
                               edits on the file as it was read, in order, or none where other fixes come first */
    struct str fingerprint; /* see fingerprint.h; set by the pipeline */
    /* What makes it by itself, where the project keeps steps. */
    struct quick_fix quick_fix;
};

/* All rules, in the order of their inserts; made from templates/rules.yaml. */
extern const struct rule rules[];
extern const uint32_t rules_n;

/* NULL where there is none of that name. */
const struct rule *rule_find(struct str id);

/* The end of a message about a name that no rule has, on the arena. */
struct str rule_meant(struct arena *arena, struct str id);

/* The bit of a rule in a set of rules. */
uint32_t rule_bit(const struct rule *rule);

/* Adds the rules of a list to a choice's bits: names with commas between, or `all`. What is wrong with it, one clause
 * on the arena; NULL: nothing. */
const char *rule_choice_read(struct arena *arena, struct str list, uint32_t *bits);

/* Whether options, else the file, leave a rule on. */
bool rule_is_on(const struct rule *rule, const struct config *config);
/* The least safety of fixes that a configuration has applied. */
enum safety rule_least(const struct config *config);
/* Says which rules the configurations of a run name that there are not: they cannot be used then. */
void rules_check(struct configs *configs, struct diags *diags);

/* Adds a finding without a fix at a byte offset. The pointer is valid until the next one is added. */
__attribute__((format(printf, 3, 4))) struct finding *rule_found(struct check *check, uint32_t at, const char *format,
                                                                 ...);
/* Whether a finding has a fix that is going to be applied, as far as a rule can tell. */
bool rule_is_coming(const struct check *check, const struct finding *finding);
/* Declares that a finding has a fix, whose edits the caller then plans into what is returned. */
struct edits *rule_fix(struct finding *finding, enum safety safety);

/* Plans an insertion of whole lines after the line that ends at offset `end` (its line ending not included). `lines`
 * come with "\n" endings and leave with the file's. */
void rule_insert_after(struct check *check, struct edits *edits, uint32_t end, struct str lines);
/* The same before the line that starts at `start`. */
void rule_insert_before(struct check *check, struct edits *edits, uint32_t start, struct str lines);

/* The checks, one per format that the measure exists in. */
void builder_stage_dockerfile(struct check *check);
void builder_stage_dockerignore(struct check *check);
void non_root_user_dockerfile(struct check *check);
void init_process_dockerfile(struct check *check);
void compose_non_root_user(struct check *check);
void compose_drop_capabilities(struct check *check);
void compose_read_only_root(struct check *check);
void compose_no_new_privileges(struct check *check);
void compose_seccomp_profile(struct check *check);
void compose_host_access(struct check *check);
void seccomp_file(struct check *check);
void kube_non_root_user(struct check *check);
void kube_drop_capabilities(struct check *check);
void kube_read_only_root(struct check *check);
void kube_no_new_privileges(struct check *check);
void kube_seccomp_profile(struct check *check);
void kube_host_access(struct check *check);
void kube_pod_security(struct check *check);
void suppression_check(struct check *check);
void compose_hints(struct check *check);

#endif
