/* Planning measures for pods and containers that have values in common: by aliases, merge keys, or as a whole. */
#include "rules_kube.h"
#include "uses.h"

#include <stdlib.h>

/* A measure for one pod or container. */
struct request {
    struct kube_message message;
    const struct kube_part *parts;
    uint32_t n, order;
    bool is_silenced; /* by a comment */
    bool is_out;      /* others are planned without it */
    bool is_done;
    bool is_led;      /* it is part of another one's edits */
    struct want want; /* with its edits, once it is done */
    struct edits edits;
};

struct shared {
    struct arena *arena;
    struct uses uses;
    VEC(struct request *) requests; /* of the rule that looks at the file now */
};

/* Measures that are planned together, because they change what they have in common. */
struct group {
    const struct shared *shared;
    VEC(struct request *) members;
};

static struct shared *shared_of(struct check *check) {
    struct shared *shared = check->pods->shared;
    if (shared)
        return shared;
    check->pods->shared = shared = arena_new(check->arena, struct shared);
    *shared = (struct shared){.arena = check->arena, .uses = uses_of(check->arena, check->document->yaml)};
    return shared;
}

/* --- who wants what ------------------------------------------------------------------------------------------------
 */

/* What is wanted of a node: a value in its place, or, where it is a mapping, a key in it. */
struct question {
    const struct yaml_node *node;
    const struct yaml_value *wanted;
    bool is_key;
};

static bool is_node(const void *node, const struct yaml_node *merged) {
    return merged == node;
}

/* Whether what is made of the node changes with it. */
static bool is_reached(const struct question *q, const struct yaml_node *use) {
    return use == q->node || (q->is_key && !yaml_pair(use, q->wanted->key) && yaml_merges(use, is_node, q->node));
}

static bool has_child(const struct yaml_value *value, const struct yaml_value *child) {
    for (uint32_t i = 0; i < value->n; i++)
        if (yaml_is_same_value(&value->children[i], child))
            return true;
    return false;
}

/* How many uses want the same, among those that `value` is wanted of `node` for. */
static uint32_t count_wanted(const struct question *q, const struct yaml_node *node, const struct yaml_value *value) {
    bool is_wanted = q->is_key ? has_child(value, q->wanted) : yaml_is_same_value(value, q->wanted);
    uint32_t n = is_wanted && is_reached(q, node);
    for (uint32_t i = 0; value->kind == YAML_MAPPING && i < value->n; i++) {
        const struct yaml_node *child = yaml_get(node, value->children[i].key);
        n += child ? count_wanted(q, child, &value->children[i]) : 0;
    }
    return n;
}

static bool is_member(const struct group *group, const struct request *request) {
    for (uint32_t i = 0; i < group->members.n; i++)
        if (group->members.at[i] == request)
            return true;
    return false;
}

/* Whether all uses of the node want the same. Their measures join the group then. */
static bool are_agreed(struct group *group, const struct question *q) {
    const struct shared *shared = group->shared;
    const struct node_uses *uses = uses_of_node(&shared->uses, q->node);
    bool is_silenced = group->members.at[0]->is_silenced;
    uint32_t n = 0, n_members = group->members.n;
    for (uint32_t i = 0; uses && i < uses->list.n; i++)
        n += is_reached(q, uses->list.at[i]);
    if (n <= 1)
        return shared->uses.is_complete;
    for (uint32_t i = 0; i < shared->requests.n && n; i++) {
        struct request *request = shared->requests.at[i];
        bool is_in = is_member(group, request);
        uint32_t n_wanted = 0;
        if (!is_in && (request->is_out || request->is_done || request->is_silenced || is_silenced))
            continue;
        for (uint32_t j = 0; j < request->n; j++)
            n_wanted += count_wanted(q, request->parts[j].node, request->parts[j].value);
        if (n_wanted && !is_in)
            *vec_push(shared->arena, &group->members) = request;
        n -= n_wanted < n ? n_wanted : n;
    }
    if (n)
        group->members.n = n_members;
    return n == 0;
}

static bool is_agreed(void *context, const struct yaml_node *mapping, const struct yaml_value *wanted,
                      const struct yaml_node *value) {
    (void)mapping;
    bool has_keys = value->kind == YAML_MAPPING && wanted->kind == YAML_MAPPING, is_all = true;
    for (uint32_t i = 0; has_keys && i < wanted->n && is_all; i++)
        is_all = are_agreed(context, &(struct question){value, &wanted->children[i], true});
    return has_keys ? is_all : are_agreed(context, &(struct question){value, wanted, false});
}

/* --- planning ------------------------------------------------------------------------------------------------------
 */

/* The children of both; those with the same key in one. */
static struct yaml_value join(struct arena *arena, const struct yaml_value *a, const struct yaml_value *b) {
    struct yaml_value *children = arena_array(arena, a->n + b->n, sizeof *children), joined = *a;
    for (uint32_t i = 0; i < a->n; i++)
        children[i] = a->children[i];
    for (uint32_t i = 0; i < b->n; i++) {
        const struct yaml_value *child = &b->children[i];
        uint32_t k = 0;
        while (k < joined.n && !(a->kind == YAML_MAPPING ? str_eq(children[k].key, child->key)
                                                         : yaml_is_same_value(&children[k], child)))
            k++;
        if (k < joined.n)
            children[k] = join(arena, &children[k], child);
        else
            children[joined.n++] = *child;
    }
    joined.children = children;
    return joined;
}

struct parts {
    VEC(struct kube_part) list;
};

/* All that a group brings, each node once. */
static struct parts parts_of(const struct group *group) {
    struct arena *arena = group->shared->arena;
    struct parts parts = {0};
    for (uint32_t i = 0; i < group->members.n; i++)
        for (uint32_t j = 0; j < group->members.at[i]->n; j++) {
            const struct kube_part *part = &group->members.at[i]->parts[j];
            uint32_t k = 0;
            while (k < parts.list.n && parts.list.at[k].node != part->node)
                k++;
            if (k == parts.list.n) {
                *vec_push(arena, &parts.list) = *part;
                continue;
            }
            struct yaml_value *value = arena_new(arena, struct yaml_value);
            *value = join(arena, parts.list.at[k].value, part->value);
            parts.list.at[k].value = value;
        }
    return parts;
}

/* What of a part does not come by merge from the others. */
static struct yaml_value rest_of(const struct group *group, const struct parts *parts, const struct kube_part *part) {
    struct yaml_value *children = arena_array(group->shared->arena, part->value->n, sizeof *children);
    struct yaml_value rest = *part->value;
    rest.children = children;
    rest.n = 0;
    for (uint32_t i = 0; i < part->value->n; i++) {
        const struct yaml_value *child = &part->value->children[i];
        bool is_merged = false;
        for (uint32_t k = 0; k < parts->list.n; k++) {
            const struct kube_part *other = &parts->list.at[k];
            const struct question q = {other->node, child, true};
            is_merged |= other->node != part->node && has_child(other->value, child) && is_reached(&q, part->node);
        }
        if (!is_merged)
            children[rest.n++] = *child;
    }
    return rest;
}

/* Appends edits, but for those that are there: of what several parts have in common. */
static void add_edits(struct edits *edits, const struct edits *more) {
    for (uint32_t i = 0, n = edits->list.n; i < more->list.n; i++) {
        const struct edit *edit = &more->list.at[i];
        bool is_there = false;
        for (uint32_t k = 0; k < n && !is_there; k++)
            is_there = edits->list.at[k].owner == edit->owner && edits->list.at[k].at.start == edit->at.start &&
                       str_eq(edits->list.at[k].text, edit->text);
        if (!is_there)
            *vec_push(edits->arena, &edits->list) = *edit;
    }
}

static struct want plan_part(struct check *check, struct group *group, const struct kube_part *part,
                             const struct yaml_value *value, struct edits *edits) {
    static const char reason[] = "others have its keys too, and are not to get the same: write out theirs";
    struct edits own = {.arena = check->arena};
    const struct want_sharing sharing = {is_agreed, group};
    for (uint32_t i = 0; i < value->n; i++)
        if (!are_agreed(group, &(struct question){part->node, &value->children[i], true}))
            return (struct want){WANT_REFUSED, NULL, reason};
    struct want want =
        want_plan_shared(check->document->yaml, part->node, value, part->before, kube_is_same_item, &sharing, &own);
    add_edits(edits, &own);
    return want;
}

static bool has_part(const struct request *request, const struct yaml_node *node) {
    for (uint32_t i = 0; i < request->n; i++)
        if (request->parts[i].node == node)
            return true;
    return false;
}

/* Plans all parts of a group; *ret_refused is what the one that cannot be planned is for; NULL: they meet. */
static struct want plan_group(struct check *check, struct group *group, struct edits *edits,
                              const struct yaml_node **ret_refused) {
    struct want worst = {.result = WANT_MET};
    struct parts parts = parts_of(group);
    edits->list.n = 0;
    for (uint32_t i = 0; i < group->members.n; i++)
        group->members.at[i]->want = worst;
    for (uint32_t i = 0; i < parts.list.n && worst.result != WANT_REFUSED; i++) {
        struct yaml_value value = rest_of(group, &parts, &parts.list.at[i]);
        struct want want = plan_part(check, group, &parts.list.at[i], &value, edits);
        *ret_refused = parts.list.at[i].node;
        worst = want.result > worst.result ? want : worst;
        for (uint32_t k = 0; k < group->members.n; k++)
            if (has_part(group->members.at[k], parts.list.at[i].node) &&
                want.result > group->members.at[k]->want.result)
                group->members.at[k]->want = want;
    }
    if (worst.result != WANT_REFUSED && edits_meet(edits)) {
        *ret_refused = NULL;
        worst = (struct want){WANT_REFUSED, NULL, "several keys cannot be added safely where it stands"};
    }
    return worst;
}

static bool is_unsafe_fix(const struct request *request) {
    return request->want.result == WANT_CONTRADICTED || request->message.is_guess;
}

/* Plans a measure, together with those that it needs. Those that cannot be taken, or that change what somebody wrote on
 * purpose where this one does not, are left to their own turn. */
static struct want plan_request(struct check *check, struct request *request, struct group *group) {
    const struct yaml_node *refused = NULL;
    request->edits.arena = check->arena;
    for (;;) {
        uint32_t n = group->members.n, n_odd = 0;
        struct want want = plan_group(check, group, &request->edits, &refused);
        bool is_refused = want.result == WANT_REFUSED, is_unsafe = is_unsafe_fix(request);
        if (!is_refused && group->members.n > n)
            continue;
        for (uint32_t i = 1; i < group->members.n && !(is_refused && has_part(request, refused)); i++) {
            struct request *other = group->members.at[i];
            if (is_refused ? !refused || has_part(other, refused) : is_unsafe_fix(other) != is_unsafe) {
                other->is_out = true;
                n_odd++;
            }
        }
        if (is_refused || n_odd)
            group->members.n = 1;
        if (n_odd == 0)
            return want;
    }
}

static void report(struct check *check, const struct request *request) {
    const struct want *want = &request->want;
    const struct kube_message *message = &request->message;
    uint32_t at = want->node && want->result != WANT_PLANNED ? want->node->at.start : message->at;
    struct finding *finding = rule_found(check, at, "%s%.*s%s%s%s%s", message->name.n ? "container " : "",
                                         STR_ARG(message->name), message->name.n ? ": " : "", message->text,
                                         want->reason ? "; not changed: " : "", want->reason ? want->reason : "");
    finding->is_late = message->is_late;
    finding->is_passing = want->result == WANT_REFUSED;
    if (want->result != WANT_REFUSED)
        *rule_fix(finding, is_unsafe_fix(request) ? SAFETY_UNSAFE : SAFETY_SAFE) = request->edits;
}

void kube_want(struct check *check, struct kube_message message, const struct kube_part *parts, uint32_t n) {
    struct shared *shared = shared_of(check);
    struct request *request = arena_new(check->arena, struct request);
    struct kube_part *copy = arena_array(check->arena, n, sizeof *copy);
    for (uint32_t i = 0; i < n; i++)
        copy[i] = parts[i];
    *request = (struct request){.message = message, .parts = copy, .n = n, .order = shared->requests.n};
    request->is_silenced = suppress_find(&check->document->suppress, check->rule->id, message.at) != NULL;
    *vec_push(check->arena, &shared->requests) = request;
}

/* What is merged stands above that which it is merged into. */
static int by_place(const void *a, const void *b) {
    const struct request *one = *(struct request *const *)a, *other = *(struct request *const *)b;
    uint32_t at = one->parts->node->at.start, other_at = other->parts->node->at.start;
    if (at != other_at)
        return at < other_at ? -1 : 1;
    return one->order < other->order ? -1 : 1;
}

void kube_settle(struct check *check) {
    struct shared *shared = shared_of(check);
    if (shared->requests.n)
        qsort(shared->requests.at, shared->requests.n, sizeof *shared->requests.at, by_place);
    for (uint32_t i = 0; i < shared->requests.n; i++) {
        struct request *request = shared->requests.at[i];
        struct group group = {.shared = shared};
        if (request->is_done)
            continue;
        *vec_push(check->arena, &group.members) = request;
        struct want want = plan_request(check, request, &group);
        for (uint32_t k = 0; k < group.members.n; k++) {
            group.members.at[k]->want = want;
            group.members.at[k]->is_led = k > 0;
            group.members.at[k]->is_done = true;
        }
    }
    for (uint32_t i = 0; i < shared->requests.n; i++) {
        const struct request *request = shared->requests.at[i];
        bool is_applied =
            !request->is_silenced && (check->document->config->unsafe_fixes == CONFIG_ON || !is_unsafe_fix(request));
        if (request->message.is_taken && request->want.result != WANT_REFUSED &&
            (is_applied || request->want.result == WANT_MET))
            *request->message.is_taken = true;
        if (request->want.result != WANT_MET && !request->is_led)
            report(check, request);
    }
    shared->requests.n = 0;
}
