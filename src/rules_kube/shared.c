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
    bool is_led;               /* it is part of another one's edits */
    const struct group *group; /* that it is a member of */
    struct want want;          /* with its edits, once it is done */
    struct edits edits;
};

struct shared {
    struct arena *arena;
    struct uses uses;
    VEC(struct request *) requests; /* of the rule that looks at the file now */
    struct map refused;             /* questions to which not all have said yes */
};

/* Measures that are planned together, because they change what they have in common. */
struct group {
    struct shared *shared;
    VEC(struct request *) members;
    struct map agreed; /* questions to which all have said yes */
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

static struct str node_key(const struct yaml_node *const *node) {
    return (struct str){(const char *)node, sizeof *node};
}

static void add_name(struct buf *name, const struct yaml_value *value) {
    buf_printf(name, " %u %u:%.*s %u:%.*s", value->kind, value->key.n, STR_ARG(value->key), value->text.n,
               STR_ARG(value->text));
    for (uint32_t i = 0; i < value->n; i++)
        add_name(name, &value->children[i]);
}

/* By which a question is known to be the same as another. */
static struct str name_of(struct arena *arena, const struct question *q) {
    struct buf name = {.arena = arena};
    buf_printf(&name, "%u %u", q->node->at.start, q->is_key);
    add_name(&name, q->wanted);
    return buf_str(&name);
}

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

/* Keeps the first members of a group alone. */
static void cut_group(struct group *group, uint32_t n) {
    for (uint32_t i = n; i < group->members.n; i++)
        group->members.at[i]->group = NULL;
    group->members.n = n;
    group->agreed = (struct map){0};
}

/* Lets all join the group whose measures want the same of a node. False, with the group as it was, where not all of its
 * uses do. */
static bool agree(struct group *group, const struct node_uses *uses, const struct question *q) {
    const struct shared *shared = group->shared;
    bool is_silenced = group->members.at[0]->is_silenced;
    uint32_t n = 0, n_members = group->members.n;
    for (uint32_t i = 0; i < uses->list.n; i++)
        n += is_reached(q, uses->list.at[i]);
    if (n <= 1)
        return shared->uses.is_complete;
    for (uint32_t i = 0; i < shared->requests.n && n; i++) {
        struct request *request = shared->requests.at[i];
        bool is_in = request->group == group;
        uint32_t n_wanted = 0;
        if (!is_in && (request->is_out || request->is_done || request->is_silenced || is_silenced))
            continue;
        for (uint32_t j = 0; j < request->n; j++)
            n_wanted += count_wanted(q, request->parts[j].node, request->parts[j].value);
        if (n_wanted && !is_in) {
            *vec_push(shared->arena, &group->members) = request;
            request->group = group;
        }
        n -= n_wanted < n ? n_wanted : n;
    }
    if (n)
        cut_group(group, n_members);
    return n == 0;
}

/* Whether all uses of the node want the same. Their measures join the group then. */
static bool are_agreed(struct group *group, const struct question *q) {
    struct shared *shared = group->shared;
    const struct node_uses *uses = uses_of_node(&shared->uses, q->node);
    if (!uses || uses->list.n == 1)
        return shared->uses.is_complete;
    struct str name = name_of(shared->arena, q);
    bool was_agreed = map_get(&group->agreed, name) != NULL;
    if (was_agreed || map_get(&shared->refused, name)) /* for good: who is planned, or left out, stays so */
        return was_agreed;
    bool is_agreed = agree(group, uses, q);
    map_add(is_agreed ? &group->agreed : &shared->refused, shared->arena, name, group);
    return is_agreed;
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

struct values {
    VEC(const struct yaml_value *) list;
};

/* The children of all; those of mappings with the same key in one, and items that are the same. */
static struct yaml_value join(struct arena *arena, const struct values *values) {
    struct yaml_value joined = *values->list.at[0];
    VEC(struct values *) children = {0};
    struct map known = {0};
    if (values->list.n == 1)
        return joined;
    for (uint32_t i = 0; i < values->list.n; i++)
        for (uint32_t k = 0; k < values->list.at[i]->n; k++) {
            const struct yaml_value *child = &values->list.at[i]->children[k];
            struct buf name = {.arena = arena};
            if (joined.kind == YAML_MAPPING)
                buf_add(&name, child->key);
            else
                add_name(&name, child);
            struct values *same = map_get(&known, buf_str(&name));
            if (!same) {
                *vec_push(arena, &children) = same = arena_new(arena, struct values);
                map_add(&known, arena, buf_str(&name), same);
            }
            *vec_push(arena, &same->list) = child;
        }
    struct yaml_value *list = arena_array(arena, children.n, sizeof *list);
    for (uint32_t i = 0; i < children.n; i++)
        list[i] = join(arena, children.at[i]);
    joined.children = list;
    joined.n = children.n;
    return joined;
}

/* What a group brings to a node, and how it gets there. */
struct joined {
    struct kube_part part;
    struct values values;
    struct yaml_value value; /* of the part: all of them */
    struct want want;
};

struct parts {
    VEC(struct joined *) list;
    struct map by_node;
};

static struct joined *part_of(const struct parts *parts, const struct yaml_node *node) {
    return map_get(&parts->by_node, node_key(&node));
}

/* All that a group brings, each node once. */
static struct parts parts_of(const struct group *group) {
    struct arena *arena = group->shared->arena;
    struct parts parts = {0};
    for (uint32_t i = 0; i < group->members.n; i++)
        for (uint32_t j = 0; j < group->members.at[i]->n; j++) {
            const struct kube_part *part = &group->members.at[i]->parts[j];
            struct joined *joined = part_of(&parts, part->node);
            if (!joined) {
                *vec_push(arena, &parts.list) = joined = arena_new(arena, struct joined);
                joined->part = *part;
                map_add(&parts.by_node, arena, node_key((const struct yaml_node *const *)&joined->part.node), joined);
            }
            *vec_push(arena, &joined->values.list) = part->value;
        }
    for (uint32_t i = 0; i < parts.list.n; i++) {
        struct joined *joined = parts.list.at[i];
        joined->value = join(arena, &joined->values);
        joined->part.value = &joined->value;
    }
    return parts;
}

/* A value that a mapping may get by merge from what the parts bring. */
struct gift {
    const struct parts *parts;
    const struct yaml_value *value;
};

static bool brings(const void *context, const struct yaml_node *merged) {
    const struct gift *gift = context;
    const struct joined *joined = part_of(gift->parts, merged);
    return joined && has_child(joined->part.value, gift->value);
}

/* What of a part does not come by merge from the others. */
static struct yaml_value rest_of(const struct group *group, const struct parts *parts, const struct kube_part *part) {
    struct yaml_value *children = arena_array(group->shared->arena, part->value->n, sizeof *children);
    struct yaml_value rest = *part->value;
    rest.children = children;
    rest.n = 0;
    for (uint32_t i = 0; i < part->value->n; i++) {
        const struct gift gift = {parts, &part->value->children[i]};
        if (yaml_pair(part->node, gift.value->key) || !yaml_merges(part->node, brings, &gift))
            children[rest.n++] = *gift.value;
    }
    return rest;
}

/* Edits by what they do, each once. */
struct merged_edits {
    struct edits *edits;
    struct map seen;
};

/* Appends edits, but for those that are there: of what several parts have in common. */
static void add_edits(struct merged_edits *all, const struct edits *more) {
    struct arena *arena = more->arena;
    for (uint32_t i = 0; i < more->list.n; i++) {
        const struct edit *edit = &more->list.at[i];
        struct str name = str_printf(arena, "%p %u %.*s", edit->owner, edit->at.start, STR_ARG(edit->text));
        if (!map_add(&all->seen, arena, name, all))
            *vec_push(arena, &all->edits->list) = *edit;
    }
}

static struct want plan_part(struct check *check, struct group *group, const struct kube_part *part,
                             const struct yaml_value *value, struct merged_edits *edits) {
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

static struct want worse(struct want a, struct want b) {
    return b.result > a.result ? b : a;
}

/* Plans all parts of a group; *ret_refused is what the one that cannot be planned is for; NULL: they meet. */
static struct want plan_group(struct check *check, struct group *group, struct edits *edits,
                              const struct yaml_node **ret_refused) {
    struct want worst = {.result = WANT_MET};
    struct parts parts = parts_of(group);
    struct merged_edits merged = {.edits = edits};
    edits->list.n = 0;
    for (uint32_t i = 0; i < parts.list.n && worst.result != WANT_REFUSED; i++) {
        struct joined *joined = parts.list.at[i];
        struct yaml_value value = rest_of(group, &parts, &joined->part);
        joined->want = plan_part(check, group, &joined->part, &value, &merged);
        *ret_refused = joined->part.node;
        worst = worse(worst, joined->want);
    }
    for (uint32_t i = 0; i < group->members.n; i++) {
        struct request *member = group->members.at[i];
        member->want = (struct want){.result = WANT_MET};
        for (uint32_t j = 0; j < member->n; j++) {
            const struct joined *joined = part_of(&parts, member->parts[j].node);
            if (joined) /* not of those who have joined meanwhile */
                member->want = worse(member->want, joined->want);
        }
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
            cut_group(group, 1);
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
        request->group = &group;
        struct want want = plan_request(check, request, &group);
        for (uint32_t k = 0; k < group.members.n; k++) {
            group.members.at[k]->want = want;
            group.members.at[k]->is_led = k > 0;
            group.members.at[k]->is_done = true;
            group.members.at[k]->group = NULL;
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
    shared->refused = (struct map){0};
}
