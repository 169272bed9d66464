#include "harden.h"

#include "fingerprint.h"
#include "parse.h"
#include "quick_fix.h"
#include "settlement.h"
#include "writes.h"

#include <stdlib.h>

enum { MAX_PASSES = 10 };

/* One document on its way. Everything of a pass lives on `scratch`. */
struct run {
    struct project *project;
    struct document *document;
    struct arena *scratch;
    struct edits passes[MAX_PASSES]; /* what was applied, to find positions in the file as it was */
    uint32_t n;
    struct map kept;  /* the findings of the document, by what they say */
    struct map noted; /* those without a fix that is applied, by where they are */
    /* for fixes one by one */
    const struct check *check; /* of the pass at hand */
    struct map waiting;        /* struct quick_fix by what they say: made in a later pass, for they meet others */
    uint32_t applied;          /* the rules of earlier passes, as bits: see rule_bit */
};

/* --- rules and edits -----------------------------------------------------------------------------------------------
 */

static uint32_t original_offset(const struct run *run, uint32_t offset, bool *ret_inserted) {
    *ret_inserted = false;
    for (uint32_t pass = run->n; pass > 0; pass--)
        offset = edits_origin(&run->passes[pass - 1], offset, ret_inserted);
    return offset;
}

/* Edits beyond their pass, in order. */
static struct edits kept(const struct run *run, const struct edits *edits) {
    struct edits copy = {.arena = run->project->arena};
    for (uint32_t i = 0; i < edits->list.n; i++) {
        const struct edit *edit = &edits->list.at[i];
        edits_add(&copy, edit->at, str_dup(copy.arena, edit->text));
        copy.list.at[i].depth = edit->depth;
    }
    edits_sort(&copy);
    return copy;
}

/* The edits of a fix on the file as it was read. None behind the first pass: whether they rest on what was put in
 * before them, by place or by meaning, nobody can tell. None of a fix that needs another. */
static struct edits original_edits(const struct run *run, const struct finding *finding) {
    return run->n == 0 && !finding->needs ? kept(run, &finding->edits) : (struct edits){.arena = run->project->arena};
}

/* By which a finding is known to say the same as another, of an earlier pass. */
static struct str words_of(const struct run *run, const struct finding *finding) {
    bool is_inserted;
    return str_printf(run->scratch, "%u %u %.*s %.*s", original_offset(run, finding->at, &is_inserted),
                      finding->is_suppressed, STR_ARG(finding->rule->id), STR_ARG(finding->message));
}

/* The same for where it is and what it is about. */
static struct str place_of(const struct run *run, const struct finding *finding) {
    bool is_inserted;
    return str_printf(run->scratch, "%u %.*s", original_offset(run, finding->at, &is_inserted),
                      STR_ARG(finding->rule->id));
}

/* Whether a finding has a fix that is to be applied. */
static bool is_due(const struct run *run, const struct finding *finding) {
    return finding->safety >= rule_least(run->document->config) && !finding->is_suppressed;
}

/* A fix of this pass by itself. */
static struct quick_fix quick_fix(const struct run *run, const struct finding *finding) {
    struct quick_fix fix = quick_fix_of(run->check, finding, run->scratch);
    fix.step = run->n;
    fix.rules |= run->applied;
    return fix;
}

/* The same beyond the pass: that of the first pass that has it. */
static struct quick_fix kept_quick_fix(const struct run *run, const struct finding *finding, struct str words) {
    const struct quick_fix *waiting = map_get(&run->waiting, words);
    struct quick_fix fix = waiting ? *waiting : quick_fix(run, finding);
    fix.edits = kept(run, &fix.edits);
    return fix;
}

/* Keeps a finding beyond its pass. */
static void keep(struct run *run, const struct finding *finding, struct source *original, bool is_applied) {
    struct arena *arena = run->project->arena;
    struct finding *copy = arena_new(arena, struct finding);
    struct str words = words_of(run, finding);
    bool is_inserted;
    *copy = *finding;
    copy->message = str_dup(arena, finding->message);
    copy->reason = finding->reason.n ? str_dup(arena, finding->reason) : (struct str){NULL, 0};
    copy->at = original_offset(run, finding->at, &is_inserted);
    copy->where = source_position(original, copy->at);
    copy->is_applied = is_applied;
    copy->edits = original_edits(run, finding);
    if (run->project->keeps_steps)
        copy->quick_fix = kept_quick_fix(run, finding, words);
    *vec_push(arena, &run->document->findings) = copy;
    map_add(&run->kept, run->scratch, words, copy);
    if (!is_applied)
        map_add(&run->noted, run->scratch, place_of(run, finding), copy);
}

/* Keeps what is not going to be applied: of the first pass all of it, of the last one what has come up since, unless it
 * is about text that we have put in, or says in other words what is noted there already. Demands are
 * about the hardened text alone. */
static void keep_notes(struct run *run, const struct check *check, struct source *original, bool is_last) {
    for (uint32_t i = 0; i < check->findings.n; i++) {
        const struct finding *finding = &check->findings.at[i];
        if (finding->is_demand) {
            if (is_last)
                keep(run, finding, original, false);
            continue;
        }
        bool is_known = is_due(run, finding) || (finding->is_passing && !is_last);
        if (run->n)
            original_offset(run, finding->at, &is_known);
        if (!is_known && !map_get(&run->kept, words_of(run, finding)) &&
            !(run->n && map_get(&run->noted, place_of(run, finding))))
            keep(run, finding, original, false);
    }
}

/* Whether edits of a Dockerfile make a line that no builder reads. */
static bool make_long_line(const struct run *run, struct edits *edits) {
    return run->document->format == FORMAT_DOCKERFILE &&
           edits_longest_line(run->document->source.text, edits) > DF_MAX_LINE;
}

/* What keeps a document from getting some edits; NULL: nothing. */
static const char *why_not(const struct run *run, struct edits *edits) {
    const struct dockerfile *dockerfile = run->document->dockerfile;
    if (run->document->format == FORMAT_DOCKERFILE && dockerfile->list[dockerfile->n - 1].is_open)
        return "the file ends in a continuation character; remove it";
    return make_long_line(run, edits) ? "a line would get longer than the builder reads; break it up" : NULL;
}

static void find(struct run *run, struct check *check) {
    *check = (struct check){.arena = run->scratch, .project = run->project, .document = run->document};
    for (uint32_t i = 0; i < rules_n; i++) {
        void (*check_document)(struct check *) = rules[i].check[run->document->format];
        check->rule = &rules[i];
        /* comments silence what they name also where nothing is said about them */
        if (check_document && (check_document == suppression_check || rule_is_on(&rules[i], run->document->config)))
            check_document(check);
    }
    for (uint32_t i = 0; i < check->findings.n; i++) {
        struct finding *finding = &check->findings.at[i];
        const char *why = why_not(run, &finding->edits);
        if (!why)
            continue;
        finding->safety = SAFETY_MANUAL;
        finding->edits.list.n = 0;
        finding->message = str_printf(run->scratch, "%.*s (not done: %s)", STR_ARG(finding->message), why);
    }
}

struct choice {
    struct edit_set accepted;
    VEC(struct finding *) chosen;
    bool *is_chosen; /* by index */
};

/* Takes note of the fixes that could be made by themselves in this pass. */
static void note_waiting(struct run *run, const struct choice *choice) {
    const struct check *check = run->check;
    bool has_alone = choice->chosen.n && choice->chosen.at[0]->is_alone;
    for (uint32_t i = 0; i < check->findings.n && !has_alone; i++) {
        const struct finding *finding = &check->findings.at[i];
        if (choice->is_chosen[i] || finding->is_late || !is_due(run, finding))
            continue;
        struct quick_fix *fix = arena_new(run->scratch, struct quick_fix);
        *fix = quick_fix(run, finding);
        if (fix->edits.list.n)
            map_add(&run->waiting, run->scratch, words_of(run, finding), fix);
    }
    for (uint32_t i = 0; i < choice->chosen.n; i++)
        run->applied |= rule_bit(choice->chosen.at[i]->rule);
}

static void choose_among(struct run *run, struct check *check, bool is_late, struct choice *choice) {
    for (uint32_t i = 0; i < check->findings.n; i++) {
        struct finding *finding = &check->findings.at[i];
        if (finding->is_late != is_late || !is_due(run, finding) ||
            !edit_set_fits(&choice->accepted, &finding->edits) ||
            (finding->needs && !choice->is_chosen[finding->needs - 1]))
            continue;
        if (finding->is_alone && choice->accepted.edits.list.n)
            continue;
        edit_set_add(&choice->accepted, &finding->edits);
        *vec_push(run->scratch, &choice->chosen) = finding;
        choice->is_chosen[i] = true;
        if (finding->is_alone)
            break;
    }
}

/* The fixes that can be applied together, in rule order; those that meet them wait for the next pass, and so do all but
 * the first where together they make too long a line. */
static struct edits choose(struct run *run, struct check *check, struct source *original) {
    struct choice choice = {.accepted = {.edits = {.arena = run->scratch}},
                            .is_chosen = arena_array(run->scratch, check->findings.n, sizeof(bool))};
    choose_among(run, check, false, &choice);
    if (choice.chosen.n == 0)
        choose_among(run, check, true, &choice);
    if (choice.chosen.n > 1 && make_long_line(run, &choice.accepted.edits)) {
        choice.chosen.n = 1;
        choice.accepted.edits = choice.chosen.at[0]->edits;
    }
    for (uint32_t i = 0; i < choice.chosen.n; i++)
        keep(run, choice.chosen.at[i], original, true);
    if (run->project->keeps_steps)
        note_waiting(run, &choice);
    return choice.accepted.edits;
}

/* --- verify --------------------------------------------------------------------------------------------------------
 */

/* Whether everything that the edits were not to change is as it was. */
static bool is_verified(struct run *run, const struct dockerfile *dockerfile, const struct yaml *yaml,
                        const struct edits *edits) {
    struct document *document = run->document;
    if (document->format == FORMAT_DOCKERFILE) {
        const struct df_instruction *lost;
        return dockerfile_extends(dockerfile, document->dockerfile, &lost);
    }
    if (!yaml)
        return true;
    struct yaml_changes changes = {0};
    for (uint32_t i = 0; i < edits->list.n; i++) {
        const struct edit *edit = &edits->list.at[i];
        if (edit->removed)
            *vec_push(run->scratch, &changes.removed) = edit->removed;
        else if (edit->owner && edit->at.end > edit->at.start)
            *vec_push(run->scratch, &changes.replaced) = edit->owner;
    }
    const struct yaml_node *lost;
    return yaml_extends(yaml, document->yaml, &changes, &lost);
}

static void leave(struct document *document) {
    document->is_broken = true;
    document->after = document->before;
    document->findings.n = 0;
}

static void report_bug(struct run *run, const char *what) {
    struct buf names = {.arena = run->project->arena};
    struct document *document = run->document;
    for (uint32_t i = 0; i < document->findings.n; i++)
        if (document->findings.at[i]->is_applied)
            buf_printf(&names, "%s%.*s", names.n ? ", " : "", STR_ARG(document->findings.at[i]->rule->id));
    diag_file(
        run->project->diags, document->path,
        "internal error: the result %s. The file is left as it was; please report this, with the file (rules: %.*s)",
        what, STR_ARG(buf_str(&names)));
    leave(document);
}

/* Whether the user asks for what cannot be done. */
static bool has_errors(struct run *run, const struct check *check, struct source *original) {
    bool has_any = false, is_inserted;
    for (uint32_t i = 0; i < check->findings.n; i++) {
        const struct finding *finding = &check->findings.at[i];
        if (!finding->is_error)
            continue;
        diag_at(run->project->diags, original, original_offset(run, finding->at, &is_inserted), "%.*s",
                STR_ARG(finding->message));
        has_any = true;
    }
    if (has_any)
        leave(run->document);
    return has_any;
}

/* --- the loop ------------------------------------------------------------------------------------------------------
 */

static void harden_document(struct project *project, struct document *document) {
    ARENA(passes);
    /* what is parsed of a Dockerfile last is asked for its facts */
    struct arena *scratch = document->format == FORMAT_DOCKERFILE ? project->arena : &passes;
    struct run run = {.project = project, .document = document, .scratch = scratch};
    struct source original = source_from(project->arena, document->path, document->before, document->format);
    if (!document_parse(project->trees, scratch, document, document->before, project->diags)) {
        document->is_broken = true;
        return;
    }
    for (;;) {
        struct check check;
        if (project->keeps_steps)
            *vec_push(project->arena, &document->steps) = str_dup(project->arena, document->source.text);
        run.check = &check;
        find(&run, &check);
        if (has_errors(&run, &check, &original))
            return;
        struct edits edits = choose(&run, &check, &original);
        if (run.n == 0 || edits.list.n == 0)
            keep_notes(&run, &check, &original, edits.list.n == 0);
        if (edits.list.n == 0) {
            document->after = str_dup(project->arena, document->source.text);
            return;
        }
        if (run.n == MAX_PASSES) {
            report_bug(&run, "never comes to rest");
            return;
        }
        const struct dockerfile *dockerfile = document->dockerfile;
        const struct yaml *yaml = document->yaml;
        struct diags silent = {.arena = scratch};
        struct str text = edits_apply(scratch, document->source.text, &edits);
        run.passes[run.n++] = edits;
        if (!document_parse(project->trees, scratch, document, text, &silent)) {
            report_bug(&run, "does not parse");
            return;
        }
        if (!is_verified(&run, dockerfile, yaml, &edits)) {
            report_bug(&run, "has lost something that was there");
            return;
        }
    }
}

/* Lets go of what the last pass has parsed, but for what other documents need of a Dockerfile. */
static void settle(struct project *project, struct document *document) {
    struct diags silent = {.arena = project->arena};
    document->yaml = NULL;
    if (document->is_broken || document->format != FORMAT_DOCKERFILE) {
        document->dockerfile = NULL;
        document->stages = (struct stages){0};
        document->suppress = (struct suppress){0};
        return;
    }
    if (!document->dockerfile && !document_parse(NULL, project->arena, document, document->after, &silent)) {
        document->dockerfile = NULL;
        return;
    }
    document->workload = workload_of(project->arena, stages_target(document->stages, STR("")));
}

static void harden_one(struct project *project, struct document *document) {
    if (project_load(project, document) && document->is_selected)
        harden_document(project, document);
    settle(project, document);
}

void harden_apart(struct project *project, struct document *document, struct arena *arena) {
    if (project_load(project, document) && document->is_selected)
        harden_document(project, document);
    document->after = str_dup(arena, document->after);
    document->dockerfile = NULL;
    project->arena = arena;
    settle(project, document);
}

/* Says which comments have silenced nothing, now that all has been looked at. */
static void keep_unused(struct project *project, struct document *document) {
    for (uint32_t i = 0; i < document->unused.n && !document->is_broken; i++)
        if (document->unused.at[i])
            *vec_push(project->arena, &document->findings) = document->unused.at[i];
}

/* Whether everything that needs a companion stays as it is. */
static bool is_idle(const struct document *document) {
    bool is_all = document->owner ? document->owner->is_broken : document->wanted_by.n > 0;
    for (uint32_t i = 0; i < document->wanted_by.n; i++)
        is_all &= document->wanted_by.at[i]->is_broken;
    return is_all;
}

static int by_place(const void *a, const void *b) {
    const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->rule == y->rule ? str_cmp(x->message, y->message) : (x->rule < y->rule ? -1 : 1);
}

/* Documents whose facts it needs come first: compose files that its own services extend or that it is merged onto. */
static void harden_in_order(struct project *project, struct document *document) {
    if (document->is_done)
        return;
    document->is_done = true;
    for (uint32_t i = 0; i < document->below.n; i++)
        harden_in_order(project, document->below.at[i]);
    if (is_idle(document)) {
        project_load(project, document);
        return;
    }
    harden_one(project, document);
}

static void finish(struct project *project, struct document *document) {
    keep_unused(project, document);
    if (document->findings.n)
        qsort(document->findings.at, document->findings.n, sizeof *document->findings.at, by_place);
    if (!project->needs_no_fingerprints)
        fingerprints_set(document, project->arena);
}

void harden_unit(struct project *project, struct document *const *list, uint32_t n) {
    /* facts flow in this direction only */
    static const enum format order[] = {FORMAT_DOCKERFILE, FORMAT_DOCKERIGNORE, FORMAT_COMPOSE, FORMAT_KUBE,
                                        FORMAT_SECCOMP};
    for (uint32_t i = 0; i < sizeof order / sizeof *order; i++)
        for (uint32_t j = 0; j < n; j++)
            if (list[j]->format == order[i])
                harden_in_order(project, list[j]);
    for (uint32_t i = 0; i < n; i++)
        finish(project, list[i]);
}

bool harden_begin(struct project *project) {
    settlement_begin(project);
    rules_check(&project->configs, project->diags);
    for (uint32_t i = 0; i < project->documents.n && project->configs.is_broken; i++)
        leave(project->documents.at[i]);
    return !project->configs.is_broken;
}

static void settle_itself(const struct project *project, struct document *document) {
    (void)project;
    document->settled = document;
}

void harden(struct project *project) {
    bool can = harden_begin(project);
    project->settle = settle_itself;
    struct written_cache *own = project->written ? NULL : writes_begin();
    project->written = own ? own : project->written;
    for (uint32_t i = 0; i < project->documents.n; i++)
        project_load(project, project->documents.at[i]);
    if (can)
        harden_unit(project, project->documents.at, project->documents.n);
    if (own) {
        writes_end(own);
        project->written = NULL;
    }
}
