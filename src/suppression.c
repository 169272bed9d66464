/* suppression: silences what comments say, and finds comments that do not hold. */
#include "rules_dockerfile.h"

#include <assert.h>

static void check_name(struct check *check, const struct suppression *suppression) {
    struct str name = str_sub(suppression->rule, 0, 40);
    rule_found(check, suppression->at, "there is no rule %.*s: %.*s", STR_ARG(name),
               STR_ARG(rule_meant(check->arena, name)));
}

/* Notes what is to be said of each suppression unless it silences something, in whatever pass or file. */
static void expect_use(struct check *check) {
    struct arena *arena = check->project->arena;
    struct document *document = check->document;
    for (uint32_t i = 0; i < document->suppress.list.n; i++) {
        const struct suppression *suppression = document->suppress.list.at[i];
        struct finding **unused = vec_push(arena, &document->unused);
        const struct rule *rule = rule_find(suppression->rule);
        bool is_asked = document->config->pod_demand.is_given || !str_eq(suppression->rule, STR("pod-security"));
        if (!rule || !is_asked || !rule_is_on(rule, document->config) || !rule_is_on(check->rule, document->config))
            continue;
        *unused = arena_new(arena, struct finding);
        **unused = (struct finding){
            .rule = check->rule,
            .at = suppression->at,
            .where = source_position(&document->source, suppression->at),
            .message = str_printf(arena, "ignore=%.*s silences nothing here: remove it if that stays so",
                                  STR_ARG(suppression->rule)),
        };
    }
}

static void silence(struct check *check, struct document *speaker) {
    for (uint32_t i = 0; i < check->findings.n; i++) {
        struct finding *finding = &check->findings.at[i];
        bool is_own = speaker == check->document; /* of another document only what is for the whole file counts */
        const struct suppression *by =
            suppress_find(&speaker->suppress, finding->rule->id, is_own ? finding->at : UINT32_MAX);
        if (!by && is_own)
            by = suppress_find(&speaker->suppress, finding->rule->id, finding->subject);
        finding->is_suppressed = by != NULL;
        finding->reason = by ? by->reason : (struct str){NULL, 0};
        assert(!by || by->index < speaker->unused.n);
        if (by)
            speaker->unused.at[by->index] = NULL;
    }
}

/* A stage whose image somebody runs. */
struct run {
    struct user user, hinted;
};

struct runs {
    VEC(struct run) list;
    bool *is_base; /* by stage: one of them is it, or built on it */
};

static struct runs find_runs(const struct check *check) {
    const struct stages *stages = &check->document->stages;
    struct runs runs = {.is_base = arena_array(check->arena, stages->n, sizeof *runs.is_base)};
    const struct stage *final;
    for (uint32_t i = 0; (final = final_stage(check, i)); i++) {
        *vec_push(check->arena, &runs.list) =
            (struct run){stage_user(check->arena, final), stage_hinted_user(check->arena, final)};
        for (const struct stage *stage = final; stage; stage = stage->parent)
            runs.is_base[stage - stages->list] = true;
    }
    return runs;
}

static void check_hint(struct check *check, const struct hint *hint, const struct runs *runs) {
    bool is_user = str_eq(hint->key, STR("user"));
    bool is_followed = !is_user && (!hint->stage || runs->is_base[hint->stage - check->document->stages.list]);
    for (uint32_t i = 0; i < runs->list.n && is_user; i++) {
        const struct user *user = &runs->list.at[i].user, *hinted = &runs->list.at[i].hinted;
        if (hinted->text.p != hint->value.p)
            continue;
        is_followed = true;
        bool is_same = str_eq(user->text, hinted->text) ||
                       (user->has_ids && hinted->has_ids && user->uid == hinted->uid && user->gid == hinted->gid);
        if (user->kind == USER_OTHER && !is_same)
            rule_found(check, hint->at,
                       "user=%.*s is not followed: it runs as %.*s already. Write USER, or remove this",
                       STR_ARG(hinted->text), STR_ARG(user->text));
    }
    if (!is_followed)
        rule_found(check, hint->at, "%.*s=%.*s reaches no image that is run: put it above the FROM of one",
                   STR_ARG(hint->key), STR_ARG(hint->value));
}

void suppression_check(struct check *check) {
    struct document *document = check->document;
    const struct suppress *suppress = &document->suppress;
    bool is_on = rule_is_on(check->rule, document->config);
    if (document->owner) {
        silence(check, document->owner);
        return;
    }
    if (!document->unused.n)
        expect_use(check);
    if (is_on && document->format == FORMAT_COMPOSE)
        compose_hints(check);
    silence(check, document);
    if (!is_on)
        return;
    for (uint32_t i = 0; i < suppress->list.n; i++)
        if (!rule_find(suppress->list.at[i]->rule))
            check_name(check, suppress->list.at[i]);
    for (uint32_t i = 0; i < suppress->misuses.n; i++)
        rule_found(check, suppress->misuses.at[i].at, "%.*s", STR_ARG(suppress->misuses.at[i].message));
    struct runs runs = {0};
    if (suppress->hints.n)
        runs = find_runs(check);
    for (uint32_t i = 0; i < suppress->hints.n; i++)
        check_hint(check, &suppress->hints.at[i], &runs);
}
