/* no-new-privileges and seccomp-profile: entries of security_opt, and the file that one of them names. */
#include "rules_compose.h"

#include "program.h"

/* The entry of security_opt that starts so; NULL where there is none. */
static const struct yaml_node *security_option(const struct service *service, struct str start) {
    const struct yaml_node *options = yaml_list(service->node, STR("security_opt"));
    for (uint32_t i = 0; i < options->n; i++)
        if (str_starts(yaml_text(yaml_resolve(options->items[i])), start))
            return options->items[i];
    return NULL;
}

static void privileges_of(const struct service *service) {
    if (!service_is_ready(service))
        return;
    const struct yaml_node *option = security_option(service, STR("no-new-privileges"));
    struct str text = yaml_text(yaml_resolve((struct yaml_node *)option));
    if (str_ends(text, STR("false"))) {
        rule_found(service->check, option->at.start,
                   "service %.*s: %.*s lets setuid programs give privileges: remove it", STR_ARG(service->name),
                   STR_ARG(text));
        return;
    }
    service_want(service, "compose/no-new-privileges", NO_VARIABLES, NULL,
                 "setuid programs could still give it privileges");
}

void compose_no_new_privileges(struct check *check) {
    service_each(check, privileges_of);
}

/* The companion that holds the profile of that name, or is to; NULL where no profile is proven for the runtime. */
static struct document *profile_document(const struct service *service, struct str name) {
    struct check *check = service->check;
    struct str path = path_clean(check->arena, path_folder(check->document->path), name);
    struct document *document = project_find(check->project, path);
    return document && document->format == FORMAT_SECCOMP ? document : NULL;
}

/* Whether the image has programs beside the runtime that the profile was not made for. */
static bool has_other_programs(const struct service *service) {
    struct str_list packages = program_packages(service->check->arena, service->workload.stage);
    for (uint32_t i = 0; i < packages.n; i++)
        if (!template_has_name(NAMES_PLAIN_PACKAGES, packages.list[i]))
            return true;
    return false;
}

static void seccomp_of(const struct service *service) {
    if (!service_is_ready(service) || service->workload.runtime.n == 0)
        return;
    struct check *check = service->check;
    struct str runtime = service->workload.runtime;
    struct str name = str_printf(check->arena, "%.*s-seccomp.json", STR_ARG(runtime));
    struct document *profile = profile_document(service, name);
    const struct yaml_node *option = security_option(service, STR("seccomp"));
    struct str text = yaml_text(yaml_resolve((struct yaml_node *)option));
    if (str_ends(text, STR("unconfined"))) {
        rule_found(check, option->at.start,
                   "service %.*s: no system call is filtered: remove the line, then the engine's default profile holds",
                   STR_ARG(service->name));
        return;
    }
    if (option) {
        if (profile && str_ends(text, name) && str_eq(service_mount_path(text), STR("seccomp")))
            profile->is_wanted = true;
        return;
    }
    if (has_other_programs(service))
        return; /* the profile is proven for the runtime alone: the engine's default stays in force */
    if (!profile)
        return; /* no profile is proven for that runtime: the engine's default stays in force */
    if (profile->is_new && check->project->is_filter) {
        rule_found(check, service->at,
                   "service %.*s: a profile for %.*s exists, but a filter cannot write it: run ironhull -w %.*s",
                   STR_ARG(service->name), STR_ARG(runtime), STR_ARG(check->document->path));
        return;
    }
    const struct template_variable list[] = {{"profile", name}};
    service_want(service, "compose/seccomp-profile", (struct template_variables){list, 1}, NULL,
                 "may make system calls that its runtime never needs");
}

void compose_seccomp_profile(struct check *check) {
    service_each(check, seccomp_of);
}

void seccomp_file(struct check *check) {
    struct document *document = check->document;
    if (!document->is_wanted || document->source.text.n)
        return;
    struct edits *edits = rule_fix(
        rule_found(check, 0, "the profile that %.*s names is missing: write it", STR_ARG(document->owner->path)),
        SAFETY_SAFE);
    edits_add(edits, (struct span){0, 0}, document->content);
}
