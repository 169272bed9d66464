/* no-new-privileges and seccomp-profile: entries of security_opt, and the file that one of them names. */
#include "security_options.h"

#include "companion.h"
#include "program.h"
#include "yaml_edit.h"

/* --- entries -------------------------------------------------------------------------------------------------------
 */

struct compose_option security_option_of(const struct service *service, const struct yaml_node *entry) {
    return compose_security_option(service->check->arena, service->merged.variables, entry);
}

bool security_option_is(const struct service *service, const struct yaml_node *entry, struct compose_option option) {
    struct compose_option own = security_option_of(service, entry);
    return own.value.p && str_eq(own.key, option.key) && str_eq(own.value, option.value);
}

/* Why a service's own list cannot be changed; NULL where it can. */
static const char *list_obstacle(const struct service *service) {
    const struct yaml_pair *pair = yaml_pair(service->node, STR("security_opt"));
    if (!pair)
        return "a merge key brings it: change it where the anchor is";
    if (service->node->kind == YAML_ALIAS || pair->value->kind == YAML_ALIAS)
        return "an alias brings it: change it where the anchor is";
    if (pair->value->anchor.p || service->node->anchor.p)
        return "it has an anchor: others may share it";
    return pair->value->tag.p ? "its value has a tag that changes its meaning" : NULL;
}

/* Plans that entries go. Gives why they cannot; NULL where they can. */
static const char *plan_removal(const struct service *service, const bool *goes, struct edits *edits) {
    struct check *check = service->check;
    struct yaml_node *list = yaml_own(service->node, STR("security_opt"));
    bool is_all = true;
    for (uint32_t i = 0; i < list->n; i++)
        is_all &= goes[i];
    if (is_all && yaml_pair(service->node, STR("<<")))
        return "a merge key may bring others in its place";
    bool is_planned = is_all ? yaml_remove_key(check->document->yaml, service->node,
                                               yaml_pair(service->node, STR("security_opt")), edits)
                             : yaml_remove_items(check->document->yaml, list, goes, edits);
    if (!is_planned)
        return "it cannot be removed safely where it stands";
    for (uint32_t i = 0; i < edits->list.n; i++)
        if (suppress_is_in(&check->document->suppress, edits->list.at[i].at))
            return "a comment for ironhull would lose what it is about";
    return NULL;
}

/* Makes a finding one with an unsafe fix, or says why there is none. */
static void settle(struct finding *finding, const struct edits *edits, const char *obstacle) {
    struct arena *arena = edits->arena;
    finding->is_passing = obstacle != NULL;
    if (obstacle)
        finding->message = str_printf(arena, "%.*s; not changed: %s", STR_ARG(finding->message), obstacle);
    else
        *rule_fix(finding, SAFETY_UNSAFE) = *edits;
}

void security_options_remove(const struct service *service, struct compose_option option, struct finding *finding) {
    const struct yaml_node *list = yaml_list(service->node, STR("security_opt"));
    struct edits edits = {.arena = service->check->arena};
    bool *goes = arena_array(edits.arena, list->n, sizeof *goes);
    for (uint32_t i = 0; i < list->n; i++)
        goes[i] = security_option_is(service, list->items[i], option);
    const char *obstacle = list_obstacle(service);
    settle(finding, &edits, obstacle ? obstacle : plan_removal(service, goes, &edits));
}

/* The service's own first entry of that key and value; NULL where there is none. */
static const struct yaml_node *find_option(const struct service *service, struct compose_option option) {
    const struct yaml_node *list = yaml_list(service->node, STR("security_opt"));
    for (uint32_t i = 0; i < list->n; i++)
        if (security_option_is(service, list->items[i], option))
            return list->items[i];
    return NULL;
}

/* --- no-new-privileges ---------------------------------------------------------------------------------------------
 */

/* An entry that takes no-new-privileges back; NULL where there is none. The engine reads it with Go's ParseBool. */
static const struct yaml_node *find_false(const struct service *service) {
    static const struct str words[] = {STR_INIT("false"), STR_INIT("False"), STR_INIT("FALSE"),
                                       STR_INIT("f"),     STR_INIT("F"),     STR_INIT("0")};
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
        const struct yaml_node *found =
            find_option(service, (struct compose_option){STR("no-new-privileges"), words[i]});
        if (found)
            return found;
    }
    return NULL;
}

static void replace_false(const struct service *service, const struct yaml_node *option) {
    struct check *check = service->check;
    const struct yaml_value *wanted = &template_value("compose/no-new-privileges")->children[0].children[0];
    struct compose_option own = security_option_of(service, option),
                          both = security_option_of(service,
                                                    &(struct yaml_node){.kind = YAML_SCALAR, .value = wanted->text});
    bool has_both = find_option(service, both) || find_option(service, (struct compose_option){both.key, STR("")});
    struct finding *finding = rule_found(
        check, option->at.start, "service %.*s: %.*s lets setuid programs give privileges: %s", STR_ARG(service->name),
        STR_ARG(yaml_text(yaml_resolve((struct yaml_node *)option))), has_both ? "remove it" : "write true");
    if (has_both) {
        security_options_remove(service, own, finding);
        return;
    }
    struct edits edits = {.arena = check->arena};
    const char *obstacle = start_gains(&service->launch).p ? "it may have to gain privileges" : list_obstacle(service);
    if (!obstacle && !yaml_replace(check->document->yaml, (struct yaml_node *)option, wanted, &edits))
        obstacle = "it cannot be replaced safely where it stands";
    settle(finding, &edits, obstacle);
}

static void check_false(const struct service *service) {
    const struct yaml_node *option = find_false(service);
    if (option && !merged_is_true(service->check->arena, &service->merged, STR("privileged")))
        replace_false(service, option);
}

/* Whether security_opt has an entry with that key, in any layer. */
static bool has_option(const struct service *service, struct str key, struct str *ret_value) {
    struct arena *arena = service->check->arena;
    struct merged_items options = merged_list(arena, &service->merged, STR("security_opt"));
    for (uint32_t i = 0; i < options.n; i++) {
        struct compose_option option = security_option_of(service, options.list[i]);
        *ret_value = option.value;
        if (str_eq(option.key, key))
            return true;
    }
    return false;
}

/* It needs no facts of the program: what could stand in its way is in the image. */
static struct measure privileges_of(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct stage *stage = service->launch.workload.stage;
    struct str value, reason = start_gains(&service->launch);
    bool is_known = service->launch.hints.user.p || service->launch.hints.has_capabilities ||
                    (stage && stage->image && !(stage->image->unverified & UNVERIFIED_ALL));
    if (service->merged.missing.p || service->node->kind != YAML_MAPPING ||
        merged_is_true(arena, &service->merged, STR("privileged")))
        return (struct measure){0};
    if (has_option(service, STR("no-new-privileges"), &value) && value.n && !str_eq(value, STR("true")))
        return (struct measure){0}; /* somebody takes it back */
    if (reason.p)
        return (struct measure){
            .refusal = str_printf(arena, " may have to gain privileges, which is left so: %.*s", STR_ARG(reason)),
        };
    return (struct measure){
        .value = template_value("compose/no-new-privileges"),
        .message = is_known ? "setuid programs could still give it privileges"
                            : "setuid programs could still give it privileges; whether it needs one is not known",
        .is_guess = !is_known,
    };
}

void compose_no_new_privileges(struct check *check) {
    service_each(check, check_false);
    service_take(check, privileges_of);
}

/* --- seccomp-profile -----------------------------------------------------------------------------------------------
 */

/* A privileged service has no filter anyway. */
static void check_unconfined(const struct service *service) {
    static const struct compose_option unconfined = {STR_INIT("seccomp"), STR_INIT("unconfined")};
    const struct yaml_node *option = find_option(service, unconfined);
    if (option && !merged_is_true(service->check->arena, &service->merged, STR("privileged")))
        security_options_remove(
            service, unconfined,
            rule_found(service->check, option->at.start,
                       "service %.*s: %.*s filters no system call: remove it, then the engine's default profile holds",
                       STR_ARG(service->name), STR_ARG(yaml_text(yaml_resolve((struct yaml_node *)option)))));
}

static struct measure seccomp_of(const struct service *service) {
    struct check *check = service->check;
    struct arena *arena = check->arena;
    struct str runtime = service->launch.workload.runtime, value;
    if (!service_is_ready(service) || runtime.n == 0)
        return (struct measure){0};
    /* the engine looks for it from the folder of the project */
    struct document *own = merged_own(&service->merged)->place.document;
    struct document *profile = companion_profile(own, runtime);
    struct str name = profile ? path_name(profile->path) : STR("");
    if (has_option(service, STR("seccomp"), &value)) {
        if (profile && str_ends(value, name))
            companion_want(check->project, profile, check->document);
        return (struct measure){.is_own = true};
    }
    if (program_has_others(arena, service->launch.workload.stage))
        return (struct measure){
            0}; /* the profile is proven for the runtime alone: the engine's default stays in force */
    if (!profile)
        return (struct measure){0}; /* no profile is proven for that runtime: the engine's default stays in force */
    if (own->is_part)
        return (struct measure){
            .refusal = str_printf(arena,
                                  ": a profile for %.*s exists, but engines look for it in the folder of the project, "
                                  "and one in another folder uses this file: name it there",
                                  STR_ARG(runtime)),
        };
    if (profile->is_new && check->project->is_filter)
        return (struct measure){
            .refusal =
                str_printf(arena, ": a profile for %.*s exists, but a filter cannot write it: run ironhull -w %.*s",
                           STR_ARG(runtime), STR_ARG(check->document->path)),
        };
    const struct template_variable list[] = {{"profile", name}};
    return (struct measure){
        .value =
            template_fill_value(arena, template_value("compose/seccomp-profile"), (struct template_variables){list, 1}),
        .message = "may make system calls that its runtime never needs",
    };
}

void compose_seccomp_profile(struct check *check) {
    service_each(check, check_unconfined);
    service_take(check, seccomp_of);
}

void seccomp_file(struct check *check) {
    struct document *document = check->document;
    if (document->wanted_by.n == 0 || document->source.text.n)
        return;
    struct edits *edits = rule_fix(rule_found(check, 0, "the profile that %.*s names is missing: write it",
                                              STR_ARG(document->wanted_by.at[0]->path)),
                                   SAFETY_SAFE);
    edits_add(edits, (struct span){0, 0}, document->content);
}
