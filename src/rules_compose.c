/* The measures for compose services (github.com/compose-spec/compose-spec). */
#include "link.h"
#include "program.h"
#include "rule.h"
#include "template.h"
#include "want.h"

/* --- walking the services ------------------------------------------------------------------------------------------ */

struct service {
    struct check *check;
    const struct yaml_node *root;
    struct str name;
    uint32_t at; /* of its name */
    struct yaml_node *node;
    struct workload workload;
    struct str obstacle; /* why nothing is changed; {NULL, 0} where facts allow measures */
    bool is_root;        /* `user` says so, whatever the image does */
};

typedef void service_check(const struct service *service);

/* A value of `command` or `entrypoint`; not set where it is null or absent. */
static struct command command_of(struct arena *arena, const struct yaml_node *node) {
    struct command command = {.is_set = node && !yaml_is_null(node), .is_known = true};
    if (!command.is_set)
        return command;
    struct str *words = arena_array(arena, node->n + 1, sizeof *words);
    command.words = words;
    command.is_shell = node->kind == YAML_SCALAR;
    if (node->kind == YAML_SCALAR)
        words[command.n++] = node->value;
    for (uint32_t i = 0; node->kind == YAML_SEQUENCE && i < node->n; i++)
        words[command.n++] = yaml_text(yaml_resolve(node->items[i]));
    return command;
}

/* Why the program that `command` or `entrypoint` puts in the place of the image's stops us; {NULL, 0} where it does not. */
static struct str override_obstacle(const struct service *service) {
    struct arena *arena = service->check->arena;
    struct command entrypoint = command_of(arena, yaml_get(service->node, STR("entrypoint")));
    struct command command = command_of(arena, yaml_get(service->node, STR("command")));
    if (!entrypoint.is_set && !command.is_set)
        return (struct str){NULL, 0};
    return program_obstacle(arena, service->check->project, service->workload.context, service->workload.stage,
                            entrypoint.is_set ? &entrypoint : NULL, command.is_set ? &command : NULL);
}

static struct str service_obstacle(const struct service *service) {
    const struct yaml_node *node = service->node;
    const struct workload *workload = &service->workload;
    bool privileged;
    if (node->kind != YAML_MAPPING)
        return STR("it is not written as a mapping here");
    if (node->anchor.p)
        return STR("it has an anchor: what is added to it would go to others too");
    if (yaml_get(node, STR("extends")))
        return STR("it extends another service");
    if (yaml_bool(yaml_get(node, STR("privileged")), &privileged) && privileged)
        return STR("it is privileged, which undoes every other measure: give it the capabilities or devices that it needs "
                   "instead");
    if (!workload->is_known)
        return workload->reason;
    if (workload->user.kind != USER_OTHER)
        return str_printf(service->check->arena, "its program runs as root: harden %.*s first",
                          STR_ARG(workload->dockerfile));
    return override_obstacle(service);
}

static bool is_root(struct str user) {
    struct str name = str_sub(user, 0, str_find(user, 0, ':'));
    return str_eq(name, STR("root")) || str_eq(name, STR("0"));
}

/* Whether facts allow measures that a program of root's might not survive. */
static bool is_ready(const struct service *service) {
    return !service->obstacle.p && !service->is_root;
}

static void each_service(struct check *check, service_check *check_service) {
    struct yaml *yaml = check->document->yaml;
    for (uint32_t d = 0; d < yaml->documents.n; d++) {
        const struct yaml_node *root = yaml->documents.at[d].root;
        const struct yaml_node *services = yaml_get(root, STR("services"));
        for (uint32_t i = 0; services && services->kind == YAML_MAPPING && i < services->n; i++) {
            struct yaml_pair *pair = &services->pairs[i];
            if (str_eq(pair->key->value, STR("<<")))
                continue;
            struct service service = {check, root, pair->key->value, pair->key->at.start, pair->value, {0}, {NULL, 0}, false};
            service.workload = project_service(check->document, service.name, check->arena);
            service.obstacle = service_obstacle(&service);
            service.is_root = is_root(yaml_text(yaml_get(pair->value, STR("user"))));
            check_service(&service);
        }
    }
}

/* --- planning ------------------------------------------------------------------------------------------------------ */

/* The path of a mount, without its options. */
static struct str mount_path(struct str mount) {
    return str_sub(mount, 0, str_find(mount, 0, ':'));
}

static bool is_same_item(struct str key, struct str have, struct str wanted) {
    if (str_eq(key, STR("tmpfs")))
        return str_eq(mount_path(have), mount_path(wanted));
    if (str_eq(key, STR("cap_drop")))
        return str_eq_nocase(have, wanted);
    if (str_eq(key, STR("security_opt")) && str_starts(wanted, STR("no-new-privileges")))
        return str_eq(have, STR("no-new-privileges")) || str_eq(have, STR("no-new-privileges=true")) ||
               str_eq(have, wanted);
    return str_eq(have, wanted);
}

/* Plans a template's keys for a service, with the finding that says so. `message` says what is missing. */
static void want(const struct service *service, const char *path, struct template_variables variables,
                 const struct yaml_value *value, const char *message) {
    struct check *check = service->check;
    if (!value)
        value = template_fill_value(check->arena, template_value(path), variables);
    struct edits edits = {.arena = check->arena};
    struct want want = want_plan(check->document->yaml, service->node, value, NULL, is_same_item, &edits);
    if (want.result == WANT_MET)
        return;
    uint32_t at = want.node && want.result != WANT_PLANNED ? want.node->at.start : service->at;
    struct finding *finding = rule_found(check, at, "service %.*s: %s%s%s", STR_ARG(service->name), message,
                                         want.reason ? "; not changed: " : "", want.reason ? want.reason : "");
    if (want.result != WANT_REFUSED)
        *rule_fix(finding, want.result == WANT_PLANNED ? SAFETY_SAFE : SAFETY_UNSAFE) = edits;
}

static const struct template_variables none = {NULL, 0};

/* --- non-root-user ------------------------------------------------------------------------------------------------- */

static bool has_low_port(const struct workload *workload) {
    uint32_t port;
    for (uint32_t i = 0; i < workload->ports.n; i++)
        if (str_number(workload->ports.list[i], 1023, &port))
            return true;
    return false;
}

/* The mounts that keep the owner they have, for a message: " ./data, db-data"; empty where there are none. */
static struct str owned_mounts(const struct service *service) {
    const struct yaml_node *volumes = yaml_get(service->node, STR("volumes"));
    struct buf names = {.arena = service->check->arena};
    for (uint32_t i = 0; volumes && volumes->kind == YAML_SEQUENCE && i < volumes->n; i++) {
        const struct yaml_node *entry = yaml_resolve(volumes->items[i]);
        struct str rest = yaml_text(entry), source = yaml_text(yaml_get(entry, STR("source")));
        bool is_read_only = str_ends(rest, STR(":ro"));
        if (entry->kind == YAML_SCALAR)
            str_cut(&rest, ':', &source);
        else
            yaml_bool(yaml_get(entry, STR("read_only")), &is_read_only);
        if (source.n && !is_read_only && (entry->kind == YAML_MAPPING || rest.p))
            buf_printf(&names, "%s%.*s", names.n ? ", " : " ", STR_ARG(source));
    }
    return buf_str(&names);
}

static void user_of(const struct service *service) {
    struct check *check = service->check;
    struct arena *arena = check->arena;
    const struct workload *workload = &service->workload;
    if (service->obstacle.p) {
        rule_found(check, service->at, "service %.*s is not changed: %.*s", STR_ARG(service->name),
                   STR_ARG(service->obstacle));
        return;
    }
    struct str text = yaml_text(yaml_get(service->node, STR("user")));
    if (text.n && !service->is_root)
        return;
    if (!workload->user.has_ids) {
        rule_found(check, service->at,
                   "service %.*s: the ids of the user %.*s are not known: write USER with numbers in %.*s",
                   STR_ARG(service->name), STR_ARG(workload->user.text), STR_ARG(workload->dockerfile));
        return;
    }
    if (str_eq(yaml_text(yaml_get(service->node, STR("network_mode"))), STR("host")) && has_low_port(workload)) {
        rule_found(check, service->at,
                   "service %.*s: on the host's network a user without privileges cannot listen on a port below 1024: "
                   "use a higher one",
                   STR_ARG(service->name));
        return;
    }
    struct str uid = str_printf(arena, "%u", workload->user.uid), gid = str_printf(arena, "%u", workload->user.gid);
    const struct template_variable list[] = {{"uid", uid}, {"gid", gid}};
    struct str mounts = owned_mounts(service);
    struct str message = str_of(service->is_root ? "runs as root, though its image has a user"
                                        : "say which user it runs as, so that no image can change it");
    if (mounts.n)
        message = str_printf(arena, "%.*s; what it writes to in%.*s must belong to %.*s:%.*s", STR_ARG(message),
                             STR_ARG(mounts), STR_ARG(uid), STR_ARG(gid));
    want(service, "compose/non-root-user", (struct template_variables){list, 2}, NULL, message.p);
}

void compose_non_root_user(struct check *check) {
    each_service(check, user_of);
}

/* --- drop-capabilities --------------------------------------------------------------------------------------------- */

static void capabilities_of(const struct service *service) {
    if (!is_ready(service))
        return;
    const struct yaml_node *added = yaml_get(service->node, STR("cap_add"));
    for (uint32_t i = 0; added && added->kind == YAML_SEQUENCE && i < added->n; i++)
        if (str_eq_nocase(yaml_text(added->items[i]), STR("ALL"))) {
            rule_found(service->check, added->items[i]->at.start,
                       "service %.*s: cap_add: ALL grants everything whatever is dropped: name the capabilities it needs",
                       STR_ARG(service->name));
            return;
        }
    want(service, "compose/drop-capabilities", none, NULL,
         "keeps fourteen capabilities that a program without root never uses");
}

void compose_drop_capabilities(struct check *check) {
    each_service(check, capabilities_of);
}

/* --- read-only-root ------------------------------------------------------------------------------------------------ */

/* The target of one entry of `volumes`, short or long form. */
static struct str volume_target(const struct yaml_node *entry) {
    entry = yaml_resolve((struct yaml_node *)entry);
    if (entry->kind == YAML_MAPPING)
        return yaml_text(yaml_get(entry, STR("target")));
    struct str text = yaml_text(entry), source = text, rest = text;
    str_cut(&rest, ':', &source);
    return rest.p ? mount_path(rest) : source;
}

static bool is_mounted(const struct service *service, struct str path) {
    const struct yaml_node *volumes = yaml_get(service->node, STR("volumes"));
    for (uint32_t i = 0; volumes && volumes->kind == YAML_SEQUENCE && i < volumes->n; i++) {
        struct str target = volume_target(volumes->items[i]);
        if (target.n && str_eq(path_join(service->check->arena, STR("/"), target), path))
            return true;
    }
    const struct yaml_node *tmpfs = yaml_get(service->node, STR("tmpfs"));
    if (str_eq(mount_path(yaml_text(tmpfs)), path))
        return true;
    for (uint32_t i = 0; tmpfs && tmpfs->kind == YAML_SEQUENCE && i < tmpfs->n; i++)
        if (str_eq(mount_path(yaml_text(yaml_resolve(tmpfs->items[i]))), path))
            return true;
    return false;
}

/* Whether the service uses a secret or config that the engine writes into its root file system. */
static bool has_written_secret(const struct service *service) {
    static const struct str groups[] = {STR_INIT("secrets"), STR_INIT("configs")};
    for (uint32_t g = 0; g < 2; g++) {
        const struct yaml_node *used = yaml_get(service->node, groups[g]), *all = yaml_get(service->root, groups[g]);
        for (uint32_t i = 0; used && used->kind == YAML_SEQUENCE && i < used->n; i++) {
            const struct yaml_node *entry = yaml_resolve(used->items[i]);
            struct str name = entry->kind == YAML_MAPPING ? yaml_text(yaml_get(entry, STR("source"))) : yaml_text(entry);
            const struct yaml_node *definition = name.p ? yaml_get(all, name) : NULL;
            if (yaml_get(definition, STR("environment")) || yaml_get(definition, STR("content")))
                return true;
        }
    }
    return false;
}

static void root_of(const struct service *service) {
    struct check *check = service->check;
    bool is_read_only;
    if (!is_ready(service) || (yaml_bool(yaml_get(service->node, STR("read_only")), &is_read_only) && is_read_only))
        return;
    if (has_written_secret(service)) {
        rule_found(check, service->at,
                   "service %.*s: a secret or config from `environment` or `content` is written into the root file "
                   "system, which can then not be read-only: use `file`",
                   STR_ARG(service->name));
        return;
    }
    VEC(struct str) paths = {0};
    if (!is_mounted(service, STR("/tmp")))
        *vec_push(check->arena, &paths) = STR("/tmp");
    const struct str_list lists[] = {service->workload.writable, service->workload.image_writes};
    for (uint32_t l = 0; l < 2; l++)
        for (uint32_t i = 0; i < lists[l].n; i++) {
            struct str path = lists[l].list[i];
            if (is_mounted(service, path))
                continue;
            if (!path_is_transient(path) ||
                (l == 0 && project_has_content(check->project, &service->workload, path, check->arena))) {
                rule_found(check, service->at,
                           "service %.*s: its program writes to %.*s, and what is there may have to last: mount a volume "
                           "there, then its root file system can be read-only",
                           STR_ARG(service->name), STR_ARG(path));
                return;
            }
            *vec_push(check->arena, &paths) = str_printf(check->arena, "%.*s:mode=1777", STR_ARG(path));
        }
    struct yaml_value *items = arena_array(check->arena, paths.n, sizeof *items);
    for (uint32_t i = 0; i < paths.n; i++)
        items[i] = (struct yaml_value){.kind = YAML_SCALAR, .text = paths.at[i]};
    const struct yaml_value keys[] = {
        template_value("compose/read-only-root")->children[0],
        {.kind = YAML_SEQUENCE, .key = STR_INIT("tmpfs"), .children = items, .n = paths.n},
    };
    const struct yaml_value value = {.kind = YAML_MAPPING, .children = keys, .n = paths.n ? 2 : 1};
    want(service, NULL, none, &value, "its root file system can be written to");
}

void compose_read_only_root(struct check *check) {
    each_service(check, root_of);
}

/* --- no-new-privileges and seccomp-profile ------------------------------------------------------------------------- */

/* The entry of security_opt that starts so; NULL where there is none. */
static const struct yaml_node *security_option(const struct service *service, struct str start) {
    const struct yaml_node *options = yaml_get(service->node, STR("security_opt"));
    for (uint32_t i = 0; options && options->kind == YAML_SEQUENCE && i < options->n; i++)
        if (str_starts(yaml_text(yaml_resolve(options->items[i])), start))
            return options->items[i];
    return NULL;
}

static void privileges_of(const struct service *service) {
    if (!is_ready(service))
        return;
    const struct yaml_node *option = security_option(service, STR("no-new-privileges"));
    struct str text = yaml_text(yaml_resolve((struct yaml_node *)option));
    if (str_ends(text, STR("false"))) {
        rule_found(service->check, option->at.start, "service %.*s: %.*s lets setuid programs give privileges: remove it",
                   STR_ARG(service->name), STR_ARG(text));
        return;
    }
    want(service, "compose/no-new-privileges", none, NULL, "setuid programs could still give it privileges");
}

void compose_no_new_privileges(struct check *check) {
    each_service(check, privileges_of);
}

/* The companion that holds the profile of that name, or is to; NULL where no profile is proven for the runtime. */
static struct document *profile_document(const struct service *service, struct str name) {
    struct str path = service->check->document->path;
    uint32_t slash = str_rfind(path, '/');
    struct str folder = str_sub(path, 0, slash < path.n ? slash + 1 : 0);
    struct document *document = project_find(
        service->check->project, str_printf(service->check->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(name)));
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
    if (!is_ready(service) || service->workload.runtime.n == 0)
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
        if (profile && str_ends(text, name) && str_eq(mount_path(text), STR("seccomp")))
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
    want(service, "compose/seccomp-profile", (struct template_variables){list, 1}, NULL,
         "may make system calls that its runtime never needs");
}

void compose_seccomp_profile(struct check *check) {
    each_service(check, seccomp_of);
}

void seccomp_file(struct check *check) {
    struct document *document = check->document;
    if (!document->is_wanted || document->source.text.n)
        return;
    struct edits *edits =
        rule_fix(rule_found(check, 0, "the profile that %.*s names is missing: write it", STR_ARG(document->owner->path)),
                 SAFETY_SAFE);
    *vec_push(check->arena, &edits->list) = (struct edit){{0, 0}, document->content, 0, NULL, {0}};
}
