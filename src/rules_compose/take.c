/* Taking a measure for services that may share keys. */
#include "service.h"

#include "want.h"

/* --- who else has a service's keys ---------------------------------------------------------------------------------
 */

enum { MAX_DEPENDENTS = 128 }; /* that are looked at */

struct search {
    struct check *check;
    VEC(struct service *) list;
    bool is_known;
};

static void add_dependents(struct search *search, const struct service *service);

static void add_dependent(struct search *search, const struct place *place) {
    struct service *service = search->is_known ? service_at(search->check, place) : NULL;
    search->is_known &= search->list.n < MAX_DEPENDENTS;
    for (uint32_t i = 0; i < search->list.n; i++)
        if (search->list.at[i] == service)
            return;
    if (!service)
        return;
    *vec_push(search->check->arena, &search->list) = service;
    add_dependents(search, service);
}

/* The pair in which an alias stands for all of a service, or is merged into it; NULL for any other alias. */
static const struct yaml_pair *service_pair(const struct yaml_node *services, const struct yaml_node *alias) {
    const struct yaml_node *node = alias;
    if (node->parent->kind == YAML_SEQUENCE)
        node = node->parent;
    const struct yaml_pair *merge = yaml_pair(node->parent, STR("<<"));
    if (merge && merge->value == node)
        node = node->parent;
    for (uint32_t i = 0; i < services->n; i++)
        if (services->pairs[i].value == node)
            return &services->pairs[i];
    return NULL;
}

static void add_sharers(struct search *search, const struct service *service) {
    const struct layer *own = merged_own(&service->merged);
    const struct aliases *aliases = service_aliases(search->check->services, own->node);
    for (uint32_t i = 0; aliases && i < aliases->list.n; i++) {
        const struct yaml_node *alias = aliases->list.at[i];
        const struct yaml_pair *pair = service_pair(compose_services(own->root), alias);
        if (pair)
            add_dependent(search, &(struct place){own->place.document, own->place.index, pair->key->value});
        else
            search->is_known = false;
    }
}

static void add_dependents(struct search *search, const struct service *service) {
    const struct layer *own = merged_own(&service->merged);
    const struct document *document = own->place.document;
    const struct dependence *dependence = map_get(&document->dependences, own->place.name);
    for (; dependence && search->is_known; dependence = dependence->next)
        if (dependence->on.index == own->place.index)
            add_dependent(search, &dependence->by);
    if (own->node->anchor.p)
        add_sharers(search, service);
}

struct dependents service_dependents(const struct service *service) {
    struct search search = {.check = service->check, .is_known = true};
    add_dependents(&search, service);
    return (struct dependents){search.list.at, search.list.n, search.is_known};
}

/* --- what is missing -----------------------------------------------------------------------------------------------
 */

/* The path of a tmpfs, without its options. */
static struct str path_of(struct str tmpfs) {
    return str_sub(tmpfs, 0, str_find(tmpfs, 0, ':'));
}

static bool is_same_item(struct str key, struct str have, struct str wanted) {
    if (str_eq(key, STR("tmpfs")))
        return str_eq(path_of(have), path_of(wanted));
    if (str_eq(key, STR("cap_drop")) || str_eq(key, STR("cap_add"))) {
        struct str name = str_eq_nocase(str_sub(have, 0, 4), STR("CAP_")) ? str_sub(have, 4, have.n) : have;
        return str_eq_nocase(name, wanted);
    }
    if (str_eq(key, STR("security_opt")) && str_starts(wanted, STR("no-new-privileges")))
        return str_eq(have, STR("no-new-privileges")) || str_eq(have, STR("no-new-privileges=true")) ||
               str_eq(have, wanted);
    return str_eq(have, wanted);
}

/* The service without its own layer. */
static struct merged lower(const struct merged *merged) {
    struct merged rest = *merged;
    rest.n--;
    return rest;
}

/* What other layers do not give. False, with a reason, where one of them says something else. */
static bool remaining(const struct service *service, const struct yaml_value *value, struct yaml_value *ret,
                      const char **ret_reason) {
    struct arena *arena = service->check->arena;
    struct merged below = lower(&service->merged);
    struct yaml_value *children = arena_array(arena, value->n, sizeof *children);
    *ret = (struct yaml_value){.kind = YAML_MAPPING, .children = children};
    for (uint32_t i = 0; i < value->n; i++) {
        struct yaml_value child = value->children[i];
        const struct yaml_node *own = yaml_get(service->node, child.key);
        if (child.kind == YAML_SCALAR) {
            const struct yaml_node *given = below.n && !own ? merged_get(&below, child.key) : NULL;
            struct str text = merged_value(arena, &service->merged, given);
            if (given && !str_eq(text, child.text)) {
                *ret_reason = "what it extends or is merged onto says something else";
                return false;
            }
            if (!given)
                children[ret->n++] = child;
            continue;
        }
        struct merged_items have = merged_list(arena, &below, child.key);
        struct yaml_value *items = arena_array(arena, child.n, sizeof *items);
        uint32_t n = 0;
        for (uint32_t j = 0; j < child.n; j++) {
            bool is_given = false;
            for (uint32_t k = 0; k < have.n && !yaml_is_override(own); k++)
                is_given |= is_same_item(child.key, merged_value(arena, &service->merged, have.list[k]),
                                         child.children[j].text);
            if (!is_given)
                items[n++] = child.children[j];
        }
        child.children = items;
        child.n = n;
        if (n)
            children[ret->n++] = child;
    }
    return true;
}

/* Why a list that a service gets more items in would not be what another one has, or not be valid there; NULL where
 * nothing stands in the way. `node`: what a layer of the other one says of it. */
static const char *list_obstacle(struct str key, const struct yaml_value *items, const struct yaml_node *node,
                                 bool is_merge_key) {
    bool is_tmpfs = str_eq(key, STR("tmpfs")), is_option = str_eq(key, STR("security_opt"));
    if (yaml_is_override(node) || yaml_is_reset(node))
        return "puts something else in its place";
    const struct yaml_node *item;
    for (uint32_t i = 0; i < items->n; i++) {
        struct str wanted = items->children[i].text;
        bool has = false, has_same = false;
        for (uint32_t j = 0; (item = compose_item(node, j)); j++) {
            has |= is_same_item(key, yaml_text(item), wanted);
            has_same |= str_eq(yaml_text(item), wanted);
        }
        if (is_merge_key && !has)
            return "has a list of its own in its place";
        if (!is_merge_key && ((is_option && has_same) || (is_tmpfs && has && !has_same)))
            return "has it already, and nothing may be there twice: write what both need here, once";
    }
    return NULL;
}

static bool is_node(const void *node, const struct yaml_node *merged) {
    return merged == node;
}

/* The same for all that a measure adds to a service, and that another one would get. */
static struct str lists_obstacle(const struct service *service, const struct service *other,
                                 const struct yaml_value *value) {
    bool is_above = false;
    for (uint32_t l = 0; l < other->merged.n; l++) {
        const struct yaml_node *node = other->merged.layers[l].node;
        bool is_merge_key = yaml_merges(node, is_node, service->node);
        for (uint32_t i = 0; i < value->n && (is_above || is_merge_key); i++) {
            const struct yaml_node *own = yaml_resolve(yaml_own(node, value->children[i].key));
            const char *reason =
                own ? list_obstacle(value->children[i].key, &value->children[i], own, is_merge_key) : NULL;
            if (reason && (value->children[i].kind == YAML_SEQUENCE || own->tag.p))
                return str_printf(service->check->arena, "its %.*s %s", STR_ARG(value->children[i].key), reason);
        }
        is_above |= node == service->node;
    }
    return (struct str){NULL, 0};
}

/* What the others do depends on whether that rule's fix comes. */
static bool is_user_rule(const struct check *check) {
    return check->rule->check[FORMAT_COMPOSE] == compose_non_root_user;
}

/* Why a measure would not be right for another service that has the same keys; {NULL, 0} where it is. */
static struct str other_obstacle(const struct service *service, struct service *other, service_measure *decide,
                                 const struct yaml_value *value) {
    if (!is_user_rule(service->check))
        service_settle(other);
    struct measure its = decide(other);
    if (its.is_own)
        return (struct str){NULL, 0};
    if (its.is_guess)
        return STR("what it needs is not known");
    if (its.value && yaml_is_same_value(its.value, value))
        return lists_obstacle(service, other, value);
    return other->obstacle.p && !its.value ? other->obstacle : STR("it needs something else");
}

/* Why a measure would not be right for all that have the service's keys; {NULL, 0} where it is. */
static struct str disagreement(const struct service *service, service_measure *decide, const struct yaml_value *value) {
    struct arena *arena = service->check->arena;
    struct dependents dependents = service_dependents(service);
    if (!dependents.is_known)
        return STR("it has an anchor, and what is added to it would go to others too");
    for (uint32_t i = 0; i < dependents.n; i++) {
        struct service *other = dependents.list[i];
        const struct place place = merged_own(&other->merged)->place;
        struct str reason = other_obstacle(service, other, decide, value);
        bool is_here = place.document == service->check->document;
        if (reason.p)
            return str_printf(arena, "%.*s%s%.*s has its keys too, and %.*s", STR_ARG(place.name),
                              is_here ? "" : " of ", STR_ARG(is_here ? STR("") : place.document->path),
                              STR_ARG(reason));
    }
    return (struct str){NULL, 0};
}

static struct str node_key(const struct yaml_node *const *node) {
    return (struct str){(const char *)node, sizeof *node};
}

static bool is_changed(const void *changed, const struct yaml_node *node) {
    return map_get(changed, node_key(&node)) != NULL;
}

/* Whether another layer of the service, or a mapping that is merged into it, is changed in this pass. */
static bool is_waiting(const struct service *service, const struct map *changed) {
    for (uint32_t i = 0; i + 1 < service->merged.n; i++)
        if (is_changed(changed, service->merged.layers[i].node))
            return true;
    return yaml_merges(service->node, is_changed, changed);
}

/* Whether all services that have a shared value under that key want the same there. */
struct agreement {
    struct check *check;
    service_measure *decide;
    const struct yaml_value *value;
};

/* Whether the service whose own key an alias stands for takes the same measure. */
static bool agrees(const struct agreement *a, const struct yaml_node *alias, struct str key) {
    for (uint32_t i = 0; i < a->check->services->n_own; i++) {
        struct service *service = a->check->services->list.at[i];
        const struct yaml_pair *pair = yaml_pair(service->node, key);
        if (!pair || pair->value != alias)
            continue;
        if (!is_user_rule(a->check))
            service_settle(service);
        struct measure its = a->decide(service);
        return !service->elsewhere.p && !its.is_guess && its.value && yaml_is_same_value(its.value, a->value) &&
               service_dependents(service).n == 0;
    }
    return false;
}

static bool is_agreed(void *context, const struct yaml_node *mapping, const struct yaml_value *wanted,
                      const struct yaml_node *value) {
    const struct agreement *a = context;
    const struct yaml_pair *own = yaml_pair(mapping, wanted->key);
    const struct aliases *aliases = service_aliases(a->check->services, value);
    for (uint32_t i = 0; aliases && i < aliases->list.n; i++) {
        const struct yaml_node *alias = aliases->list.at[i];
        if (!(own && own->value == alias) && !agrees(a, alias, wanted->key))
            return false;
    }
    return own && own->value == value; /* where it stands in a service of its own */
}

static bool take(struct service *service, service_measure *decide) {
    struct check *check = service->check;
    struct measure measure = decide(service);
    struct yaml_value rest;
    const char *reason = NULL;
    if (measure.refusal.p)
        rule_found(check, service->at, "service %.*s%.*s", STR_ARG(service->name), STR_ARG(measure.refusal));
    if (measure.refusal.p || !measure.value)
        return false;
    struct edits edits = {.arena = check->arena};
    struct agreement agreement = {check, decide, measure.value};
    struct want want = {.result = WANT_REFUSED};
    if (remaining(service, measure.value, &rest, &reason))
        want = want_plan_shared(check->document->yaml, service->node, &rest, NULL, is_same_item,
                                &(struct want_sharing){is_agreed, &agreement}, &edits);
    if (want.result == WANT_MET)
        return false;
    reason = reason ? reason : want.reason;
    struct str other = reason ? (struct str){NULL, 0} : disagreement(service, decide, measure.value);
    uint32_t at = want.node && want.result != WANT_PLANNED ? want.node->at.start : service->at;
    struct finding *finding =
        rule_found(check, at, "service %.*s: %s%s%s%.*s", STR_ARG(service->name), measure.message,
                   reason || other.p ? "; not changed: " : "", reason ? reason : "", STR_ARG(other));
    finding->is_passing = want.result == WANT_REFUSED;
    finding->needs = service->needs;
    if (want.result == WANT_REFUSED || other.p)
        return false;
    bool is_safe = want.result == WANT_PLANNED && !measure.is_guess;
    *rule_fix(finding, is_safe ? SAFETY_SAFE : SAFETY_UNSAFE) = edits;
    return is_safe && !suppress_find(&check->document->suppress, check->rule->id, at);
}

void service_take(struct check *check, service_measure *measure) {
    struct map changed = {0};
    const struct services *services = services_of(check);
    for (uint32_t i = 0; i < services->n_own; i++) {
        struct service *service = services->list.at[i];
        bool is_user = is_user_rule(check), is_later = is_waiting(service, &changed);
        if (!is_user)
            service_settle(service);
        if (service->elsewhere.p || (!is_user && service_lacks_user(service)))
            continue;
        bool is_taken = !is_later && take(service, measure);
        if (is_taken)
            map_set(&changed, check->arena, node_key((const struct yaml_node *const *)&service->node), service);
        service->is_promised |= is_user && is_later;
        if (is_user && is_taken)
            service_promise_user(service, check->findings.n);
    }
}
