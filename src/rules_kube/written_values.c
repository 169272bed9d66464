/* What somebody wrote on purpose and a level of Pod Security forbids: the measure that it undoes reports it, and takes
 * it back on request. Which values these are, and what becomes of them, is in the table of pod_check.c. */
#include "rules_kube.h"

#include "compose.h"
#include "link.h"
#include "pod.h"
#include "pod_check.h"
#include "yaml_edit.h"

#include <stdlib.h>

/* One value, and the edits that take it back. */
struct written {
    const struct pod *pod;
    struct pod_reason *reason;
    const struct container *container; /* that has it; NULL: the pod, or one that is not looked at */
    struct edits *edits;
};

static const char stuck[] = "it cannot be removed safely where it stands";

/* --- capabilities --------------------------------------------------------------------------------------------------
 */

bool container_is_privileged(const struct yaml_node *container) {
    ARENA(scratch);
    const struct yaml_node *context = security_context(container);
    const struct yaml_node *added = yaml_list(yaml_get(context, STR("capabilities")), STR("add"));
    bool is_privileged = pod_is_true(yaml_get(context, STR("privileged")));
    for (uint32_t i = 0; i < added->n && !is_privileged; i++) {
        struct str name = capability_name(&scratch, yaml_text(yaml_resolve(added->items[i])));
        is_privileged = str_eq(name, STR("SYS_ADMIN")) || str_eq(name, STR("ALL"));
    }
    return is_privileged;
}

/* Whether its start is known to use a capability. */
static bool uses(const struct container *container, struct str capability) {
    const struct str_list *caps = &container->start.caps;
    return str_eq(capability, STR("NET_BIND_SERVICE")) || str_is_in(capability, caps->list, caps->n);
}

/* Why its program must stay root, one clause, whatever user its file says; {NULL, 0} where facts do not say so. */
static struct str root_reason_of(const struct container *container) {
    const struct workload *workload = &container->launch.workload;
    const struct check *check = container->pod->check;
    const char *task = pod_root_task(container->pod->spec, &container->pod->mounted, container->node, true);
    if (task)
        return str_printf(check->arena, "it %s", task);
    if (container->needs.p)
        return container->needs;
    if (!workload->is_known || workload->user.kind != USER_ROOT)
        return (struct str){NULL, 0};
    if (workload->dockerfile.n) {
        struct str reason = project_needs_root(project_find(check->project, workload->dockerfile), workload->stage);
        return reason.p ? reason : STR("its program runs as root");
    }
    struct launch launch = container->launch;
    struct start without;
    launch.user = (struct str){NULL, 0};
    launch.is_root = false;
    launch.needs_root = (struct str){NULL, 0};
    enum start_kind kind = start_of(&launch, &without).kind;
    return kind == START_AS_ROOT   ? STR("its image starts as root")
           : kind == START_UNKNOWN ? start_of_image_as_root(&launch)
                                   : (struct str){NULL, 0};
}

/* --- edits ---------------------------------------------------------------------------------------------------------
 */

static bool is_agreed(void *context, const struct yaml_node *mapping, const struct yaml_value *wanted,
                      const struct yaml_node *value) {
    (void)context, (void)mapping, (void)wanted, (void)value;
    return true; /* whoever has the value too is forbidden it as well */
}

/* Plans that `text` takes the value's place. Gives why it cannot; NULL where it can. */
static const char *plan_value(const struct written *w, struct str text) {
    static const struct want_sharing shared = {is_agreed, NULL};
    const struct pod_reason *reason = w->reason;
    struct check *check = w->pod->check;
    struct yaml_value *values = arena_array(check->arena, reason->n_keys + 1, sizeof *values);
    for (uint32_t i = 0; i < reason->n_keys; i++) {
        values[i] = (struct yaml_value){.kind = YAML_MAPPING, .children = &values[i + 1], .n = 1};
        values[i + 1] = (struct yaml_value){.kind = YAML_SCALAR, .key = reason->keys[i], .text = text};
        if (i > 0)
            values[i].key = reason->keys[i - 1];
    }
    return want_plan_shared(check->document->yaml, (struct yaml_node *)reason->subject, values, NULL, kube_is_same_item,
                            &shared, w->edits)
        .reason;
}

/* The mapping that has a key of its own where a loader finds it in `mapping`. */
static struct yaml_node *owner_of(struct yaml_node *mapping, struct str key) {
    enum { MAX_MERGES = 20 };
    for (uint32_t i = 0; i < MAX_MERGES && mapping && mapping->kind == YAML_MAPPING && !yaml_pair(mapping, key); i++) {
        struct yaml_node *merged = yaml_resolve(yaml_own(mapping, STR("<<"))), *next = merged;
        for (uint32_t j = 0; merged && merged->kind == YAML_SEQUENCE && j < merged->n; j++)
            if (yaml_get(next = yaml_resolve(merged->items[j]), key))
                break;
        mapping = next;
    }
    return mapping && yaml_pair(mapping, key) ? mapping : NULL;
}

/* What the n-th of the keys that lead to the value is looked up in. */
static struct yaml_node *holder_at(const struct pod_reason *reason, uint32_t n) {
    struct yaml_node *node = (struct yaml_node *)reason->subject;
    for (uint32_t i = 0; i < n; i++)
        node = yaml_get(node, reason->keys[i]);
    return node;
}

/* Plans that the n-th key goes, with what would then be left empty. */
static const char *plan_removal(const struct written *w, uint32_t n) {
    struct yaml_node *holder = holder_at(w->reason, n);
    while (n > 0 && holder->n == 1 && yaml_pair(holder, w->reason->keys[n]))
        holder = holder_at(w->reason, --n);
    struct yaml_node *owner = owner_of(holder, w->reason->keys[n]);
    bool is_planned =
        owner && yaml_remove_key(w->pod->check->document->yaml, owner, yaml_pair(owner, w->reason->keys[n]), w->edits);
    return is_planned ? NULL : stuck;
}

static const char *plan_items(const struct written *w, const bool *goes) {
    struct yaml_node *list = (struct yaml_node *)w->reason->holder;
    bool is_all = true;
    for (uint32_t i = 0; i < list->n; i++)
        is_all &= goes[i];
    if (is_all)
        return plan_removal(w, w->reason->n_keys - 1);
    return yaml_remove_items(w->pod->check->document->yaml, list, goes, w->edits) ? NULL : stuck;
}

/* Whether what has the value says itself whether root may run it. What the pod says besides does not matter: it may
 * come to say it before this is taken back, or behind it. */
static bool says_who(const struct written *w) {
    return yaml_get(security_context(w->reason->subject), STR("runAsNonRoot"));
}

/* `runAsUser: 0` becomes `runAsNonRoot: true` in one edit, so that the program never runs as root unnoticed. */
static const char *plan_non_root(const struct written *w) {
    const struct pod_reason *reason = w->reason;
    struct yaml_node *owner = owner_of(holder_at(reason, reason->n_keys - 1), reason->keys[reason->n_keys - 1]);
    const struct yaml_pair *pair = owner ? yaml_pair(owner, reason->keys[reason->n_keys - 1]) : NULL;
    if (!pair || pair->value->kind != YAML_SCALAR || pair->value->anchor.p || pair->value->tag.p || pair->key->tag.p)
        return stuck;
    const char *quote = pair->key->style == YAML_DOUBLE_QUOTED ? "\"" : pair->key->style ? "'" : "";
    struct str text = w->pod->check->document->source.text;
    struct str between = str_sub(text, pair->key->at.end, pair->value->at.start);
    *vec_push(w->edits->arena, &w->edits->list) = (struct edit){
        .at = {pair->key->at.start, pair->value->at.end},
        .text = str_printf(w->edits->arena, "%srunAsNonRoot%s%.*strue", quote, quote, STR_ARG(between)),
        .depth = owner->depth,
        .owner = owner,
        .key = STR(""),
        .removed = pair->key,
    };
    return NULL;
}

static const char *plan_user(const struct written *w) {
    const struct user *user = w->container ? &w->container->launch.workload.user : NULL;
    if (user && user->kind == USER_OTHER && user->has_ids && !w->pod->kind->has_own_ids)
        return plan_value(w, str_printf(w->edits->arena, "%u", user->uid));
    return says_who(w) ? plan_removal(w, w->reason->n_keys - 1) : plan_non_root(w);
}

/* Why a program that gets the value cannot do without root, with the container's name; NULL where nothing says so. */
static const char *root_reason(const struct written *w) {
    const struct pod *pod = w->pod;
    struct str key = w->reason->keys[w->reason->n_keys - 1];
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        const struct container *container = pod->containers.at[i];
        bool has_it = w->reason->subject == container->node ||
                      (w->reason->subject == pod->spec && !security_context_has(container->node, key));
        struct str reason = has_it ? root_reason_of(container) : (struct str){NULL, 0};
        if (reason.p)
            return str_printf(pod->check->arena, "container %.*s needs root: %.*s", STR_ARG(container->name),
                              STR_ARG(reason))
                .p;
    }
    return NULL;
}

/* What a container's words use its privileges for; NULL where they do not tell. */
static const char *use_of(const struct written *w) {
    const struct container *container = w->container;
    return container && container->needs.p ? str_printf(w->pod->check->arena, "container %.*s needs it: %.*s",
                                                        STR_ARG(container->name), STR_ARG(container->needs))
                                                 .p
                                           : NULL;
}

/* --- findings ------------------------------------------------------------------------------------------------------
 */

static int by_start(const void *a, const void *b) {
    uint32_t x = ((const struct replacement *)a)->start, y = ((const struct replacement *)b)->start;
    return (x > y) - (x < y);
}

/* Looks up what the measure itself replaces already. */
static void find_replaced(struct check *check) {
    check->replaced.n = 0;
    for (uint32_t i = check->findings.n; i > 0 && check->findings.at[i - 1].rule == check->rule; i--) {
        const struct edits *edits = &check->findings.at[i - 1].edits;
        for (uint32_t j = 0; j < edits->list.n; j++)
            if (edits->list.at[j].at.end > edits->list.at[j].at.start)
                *vec_push(check->arena, &check->replaced) = (struct replacement){edits->list.at[j].at.start, i - 1};
    }
    if (check->replaced.n)
        qsort(check->replaced.at, check->replaced.n, sizeof *check->replaced.at, by_start);
}

/* Whether the measure itself replaces the value: then its finding is the one that speaks of it. */
static bool is_replaced(const struct check *check, struct pod_reason *reason) {
    struct replacement key = {.start = reason->value ? reason->value->at.start : UINT32_MAX}, *found = NULL;
    if (check->replaced.n)
        found = bsearch(&key, check->replaced.at, check->replaced.n, sizeof key, by_start);
    if (found)
        reason->said = found->finding + 1;
    return found != NULL;
}

/* Makes a finding one with a fix, or says why there is none. */
static void settle(const struct written *w, struct finding *finding, const char *obstacle, enum safety safety) {
    const struct suppress *suppress = &w->pod->check->document->suppress;
    for (uint32_t i = 0; i < w->edits->list.n && !obstacle; i++)
        if (suppress_is_in(suppress, w->edits->list.at[i].at))
            obstacle = "a comment for ironhull would lose what it is about";
    if (w->pod->left)
        return; /* such pods are left alone */
    finding->is_passing = obstacle != NULL;
    if (obstacle)
        finding->message = str_printf(w->edits->arena, "%.*s; not changed: %s", STR_ARG(finding->message), obstacle);
    else
        *rule_fix(finding, safety) = *w->edits;
}

static void take_back(const struct written *w) {
    const struct pod_reason *reason = w->reason;
    const struct pod_check *check = reason->check;
    struct str what = pod_reason_what(w->pod->check->arena, reason);
    struct finding *finding =
        rule_found(w->pod->check, reason->at, "%.*s %s: %s", STR_ARG(what), check->gives, check->instead);
    w->reason->said = w->pod->check->findings.n;
    const char *obstacle = str_eq(w->pod->check->rule->id, STR("non-root-user")) ? root_reason(w) : NULL;
    if (str_eq(str_of(check->id), STR("privileged")))
        obstacle = use_of(w);
    if (check->remedy == REMEDY_NONE)
        return;
    if (!obstacle && check->remedy == REMEDY_WRITE)
        obstacle = plan_value(w, str_of(check->write));
    else if (!obstacle && check->remedy == REMEDY_USER)
        obstacle = plan_user(w);
    else if (!obstacle)
        obstacle = plan_removal(w, reason->n_keys - 1 - (check->remedy == REMEDY_REMOVE_HOLDER));
    if (obstacle == stuck && check->write)
        obstacle = plan_value(w, str_of(check->write));
    settle(w, finding, obstacle, SAFETY_UNSAFE);
}

/* A name that Pod Security does not know for what it is. containerd and CRI-O take it in any case; with CAP_ it is
 * another capability to containerd, one that is not there. (containerd, internal/cri/opts, WithCapabilities; CRI-O,
 * internal/factory/container) */
static void spell(const struct written *w, struct yaml_node *item, struct str name) {
    struct check *check = w->pod->check;
    struct edits edits = {.arena = check->arena};
    struct written own = {w->pod, w->reason, w->container, &edits};
    struct yaml_value value = {.kind = YAML_SCALAR, .text = name, .is_quoted = item->style != YAML_PLAIN};
    bool is_same = str_eq_nocase(yaml_text(item), name);
    struct finding *finding = rule_found(
        check, item->at.start, "container %.*s: %.*s is not how Kubernetes calls that capability%s: write %.*s",
        STR_ARG(pod_container_name(w->reason->subject)), STR_ARG(yaml_text(item)),
        is_same ? "" : ", and engines take it or not", STR_ARG(name));
    bool is_done = item->kind == YAML_SCALAR && !item->anchor.p && !item->tag.p &&
                   yaml_replace(check->document->yaml, item, &value, &edits);
    settle(&own, finding, is_done ? NULL : "it cannot be replaced safely where it stands",
           is_same ? SAFETY_SAFE : SAFETY_UNSAFE);
}

/* Whether a container of the pod that has the same list starts as root and uses that capability. */
static bool is_needed(const struct written *w, struct str name) {
    const struct pod *pod = w->pod;
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        const struct yaml_node *capabilities =
            yaml_get(security_context(pod->containers.at[i]->node), STR("capabilities"));
        if (yaml_get(capabilities, STR("add")) == w->reason->holder && uses(pod->containers.at[i], name))
            return true;
    }
    return false;
}

/* The last finding speaks of a list's item, whatever check forbids it. */
static void say(const struct written *w, struct yaml_node *item) {
    const struct pod_verdict *verdict = &w->pod->verdict;
    for (uint32_t i = 0; i < verdict->reasons.n; i++) {
        struct pod_reason *reason = &verdict->reasons.at[i];
        if (reason->subject == w->reason->subject && reason->holder == w->reason->holder &&
            reason->value == yaml_resolve(item))
            reason->said = w->pod->check->findings.n;
    }
}

/* All items of one list at once, because each by itself would be in the way of the others; but those that a comment
 * keeps apart from those that go. */
static void take_items(const struct written *w, bool is_silenced) {
    static const struct str net_bind = STR_INIT("NET_BIND_SERVICE");
    struct check *check = w->pod->check;
    const struct yaml_node *list = w->reason->holder, *first = NULL;
    bool *goes = arena_array(check->arena, list->n, sizeof *goes);
    struct buf names = {.arena = check->arena};
    for (uint32_t i = 0; i < list->n; i++) {
        struct yaml_node *item = list->items[i];
        struct str text = yaml_text(yaml_resolve(item)), name = capability_name(check->arena, text);
        bool is_default = pod_is_default_capability(&(struct yaml_node){.kind = YAML_SCALAR, .value = name});
        bool is_right = str_eq(text, name);
        if ((suppress_find(&check->document->suppress, check->rule->id, item->at.start) != NULL) != is_silenced)
            continue;
        if (is_default && !is_right) {
            spell(w, item, name);
            say(w, item);
        }
        goes[i] = !is_default || (is_right && !str_eq(name, net_bind) && !is_needed(w, name));
        if (!goes[i])
            continue;
        first = first ? first : item;
        buf_printf(&names, "%s%.*s", names.n ? ", " : "", STR_ARG(text));
    }
    if (!first)
        return;
    struct finding *finding =
        rule_found(check, first->at.start,
                   "container %.*s: capabilities.add: %.*s: whoever breaks in has %s too: remove what its program does "
                   "not use",
                   STR_ARG(pod_container_name(w->reason->subject)), STR_ARG(buf_str(&names)),
                   str_contains(buf_str(&names), STR(",")) ? "them" : "it");
    const char *use = use_of(w);
    settle(w, finding, use ? use : plan_items(w, goes), SAFETY_UNSAFE);
    for (uint32_t i = 0; i < list->n; i++)
        if (goes[i])
            say(w, list->items[i]);
}

/* --- walking -------------------------------------------------------------------------------------------------------
 */

/* `all` in a list of what is dropped. */
static void spell_all(const struct written *w) {
    const struct yaml_node *list = w->reason->value;
    for (uint32_t i = 0; list->kind == YAML_SEQUENCE && i < list->n; i++)
        if (str_eq(capability_name(w->edits->arena, yaml_text(yaml_resolve(list->items[i]))), STR("ALL")))
            spell(w, list->items[i], STR("ALL"));
}

static const struct container *container_of(const struct pod *pod, const struct yaml_node *node) {
    for (uint32_t i = 0; i < pod->containers.n; i++)
        if (pod->containers.at[i]->node == node)
            return pod->containers.at[i];
    return NULL;
}

static bool is_first_of_list(const struct pod *pod, const struct pod_reason *reason) {
    const struct pod_reason *first = pod->verdict.reasons.at;
    while (first->subject != reason->subject || first->holder != reason->holder)
        first++;
    return first == reason;
}

static void see(const struct pod *pod, struct pod_reason *reason) {
    const struct pod_check *check = reason->check;
    struct edits edits = {.arena = pod->check->arena};
    struct written written = {pod, reason, container_of(pod, reason->subject), &edits};
    if (!check->rule || !str_eq(str_of(check->rule), pod->check->rule->id))
        return;
    if (!reason->value && (check->looks & NEEDED))
        return; /* nobody wrote anything */
    /* privileged gives it anyway, and the API takes false beside that no more */
    bool is_moot =
        str_eq(str_of(check->id), STR("allowPrivilegeEscalation")) && container_is_privileged(reason->subject);
    if (is_moot || is_replaced(pod->check, reason))
        return;
    if (check->remedy == REMEDY_SPELL)
        spell_all(&written);
    else if (check->remedy == REMEDY_REMOVE_ITEM && is_first_of_list(pod, reason)) {
        struct edits silenced = {.arena = pod->check->arena};
        take_items(&written, false);
        written.edits = &silenced;
        take_items(&written, true);
    } else if (check->gives)
        take_back(&written);
}

static void see_pod(struct pod *pod) {
    for (uint32_t i = 0; i < pod->verdict.reasons.n; i++)
        see(pod, &pod->verdict.reasons.at[i]);
    for (uint32_t i = 0; i < pod->verdict.beside.n; i++)
        see(pod, &pod->verdict.beside.at[i]);
}

void written_values(struct check *check) {
    find_replaced(check);
    pod_each(check, see_pod);
}

bool written_is_taken_back(const struct container *container) {
    static const struct str rules_of[] = {STR_INIT("no-new-privileges"), STR_INIT("drop-capabilities"),
                                          STR_INIT("non-root-user")};
    const struct check *check = container->pod->check;
    const struct launch *launch = &container->launch;
    if (check->document->config->unsafe_fixes != CONFIG_ON)
        return false;
    for (uint32_t i = 0; i < sizeof rules_of / sizeof *rules_of; i++)
        if (suppress_find(&check->document->suppress, rules_of[i], container->at))
            return false;
    if (container->needs.p)
        return false;
    return container_is_privileged(container->node) ||
           ((launch->needs_root.p || launch->adds.n) && !root_reason_of(container).p);
}

bool written_is_said(struct check *check, const struct pod_reason *reason) {
    if (!reason->said || suppress_find(&check->document->suppress, check->rule->id, reason->at))
        return false;
    struct finding *finding = &check->findings.at[reason->said - 1];
    struct str by = str_printf(check->arena, " (%.*s: %s)", STR_ARG(pod_level_name(reason->level)), reason->check->id);
    if (!str_ends(finding->message, by))
        finding->message = str_printf(check->arena, "%.*s%.*s", STR_ARG(finding->message), STR_ARG(by));
    finding->is_demand = true;
    return true;
}
