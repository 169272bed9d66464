/* The services of a file with their facts. */
#include "service.h"

#include "guess.h"

#include <stdlib.h>

/* --- what keeps a service as it is ---------------------------------------------------------------------------------
 */

/* Whether a layer is there because files, or documents of one file, are merged; not because the service extends it. */
static bool is_merged(const struct layer *own, const struct layer *layer) {
    return str_eq(layer->place.name, own->place.name) &&
           (layer->place.document == own->place.document
                ? layer->place.index < own->place.index
                : document_is_onto(own->place.document, layer->place.document));
}

/* The file that the service is defined in without this one; NULL where this one is needed for it. */
static const struct layer *base_of(const struct service *service) {
    const struct merged *merged = &service->merged;
    const struct layer *base = NULL;
    bool has_image = false;
    for (uint32_t i = 0; i + 1 < merged->n; i++) {
        has_image |= yaml_get(merged->layers[i].node, STR("image")) || yaml_get(merged->layers[i].node, STR("build"));
        if (has_image && is_merged(merged_own(merged), &merged->layers[i]))
            base = &merged->layers[i];
    }
    return base;
}

/* Where the measures for it belong instead; {NULL, 0} where that is here. */
static struct str elsewhere(const struct service *service) {
    const struct merged *merged = &service->merged;
    const struct layer *base = base_of(service);
    bool has_image = merged_get(merged, STR("image")) || merged_get(merged, STR("build"));
    if (base && base->place.document == merged_own(merged)->place.document)
        return STR("an earlier document of this file defines it too, and is where the measures for both belong");
    if (base)
        return str_printf(service->check->arena, "%.*s defines it too, and is where the measures for both belong",
                          STR_ARG(base->place.document->path));
    if (!has_image && service_dependents(service).n)
        return STR(""); /* a part of others, which need no note */
    return (struct str){NULL, 0};
}

static struct str obstacle_of(const struct service *service) {
    if (service->merged.missing.p)
        return service->merged.missing;
    if (service->node->kind != YAML_MAPPING)
        return STR("it is not written as a mapping here");
    if (merged_is_true(service->check->arena, &service->merged, STR("privileged")))
        return STR("it is privileged, which undoes every other measure");
    return service->start.kind == START_UNKNOWN ? service->start.reason : (struct str){NULL, 0};
}

/* --- x-ironhull ----------------------------------------------------------------------------------------------------
 */

static const struct str hint_keys[] = {STR_INIT("capabilities"), STR_INIT("user"), STR_INIT("writable")};

static struct str_list texts(struct arena *arena, const struct merged *merged, const struct yaml_node *node) {
    VEC(struct str) list = {0};
    const struct yaml_node *item;
    for (uint32_t i = 0; (item = compose_item(node, i)); i++)
        *vec_push(arena, &list) = merged_value(arena, merged, item);
    return (struct str_list){list.at, list.n};
}

static struct start_hints hints_of(struct arena *arena, const struct merged *merged) {
    const struct yaml_node *node = merged_get(merged, STR("x-ironhull"));
    const struct yaml_node *capabilities = yaml_get(node, STR("capabilities"));
    struct start_hints hints = {
        .user = merged_value(arena, merged, yaml_get(node, STR("user"))),
        .capabilities = texts(arena, merged, capabilities),
        .has_capabilities = capabilities != NULL,
    };
    struct str_list paths = texts(arena, merged, yaml_get(node, STR("writable")));
    struct str *clean = arena_array(arena, paths.n, sizeof *clean);
    for (uint32_t i = 0; i < paths.n; i++)
        if (str_starts(paths.list[i], STR("/")))
            clean[hints.writable.n++] = path_join(arena, STR("/"), paths.list[i]);
    hints.writable.list = clean;
    return hints;
}

static void check_hint(const struct service *service, const struct yaml_pair *pair) {
    struct check *check = service->check;
    struct str key = pair->key->value;
    const struct yaml_node *value = yaml_resolve(pair->value), *item;
    struct guess guess = {.word = key, .offers = {.arena = check->arena}};
    for (uint32_t i = 0; i < 3; i++)
        guess_offer(&guess, hint_keys[i]);
    if (!STR_IS_IN(key, hint_keys))
        rule_found(check, pair->key->at.start, "x-ironhull has no key %.*s: %.*s", STR_ARG(key),
                   STR_ARG(guess_text(&guess)));
    for (uint32_t i = 0; (item = compose_item(value, i)); i++) {
        struct str text = merged_value(check->arena, &service->merged, item);
        if (str_eq(key, STR("writable")) && !(str_starts(text, STR("/")) && path_is_plain(text)))
            rule_found(check, item->at.start, "x-ironhull: writable is a list of absolute paths");
        if (str_eq(key, STR("capabilities")) && !template_has_name(NAMES_DEFAULT_CAPABILITIES, text))
            rule_found(check, item->at.start,
                       "x-ironhull: %.*s is not among the capabilities that an engine gives by default (CHOWN, SETUID, "
                       "…): what is to be given beyond them stands in cap_add",
                       STR_ARG(text));
    }
}

static void check_hints(const struct service *service) {
    struct yaml_node *node = yaml_resolve(yaml_own(service->node, STR("x-ironhull")));
    if (node && node->kind != YAML_MAPPING)
        rule_found(service->check, node->at.start,
                   "x-ironhull is a mapping with the keys capabilities, user, writable");
    for (uint32_t i = 0; node && node->kind == YAML_MAPPING && i < node->n; i++)
        check_hint(service, &node->pairs[i]);
}

void compose_hints(struct check *check) {
    service_each(check, check_hints);
}

/* --- how it is started ---------------------------------------------------------------------------------------------
 */

/* Whether everybody can read what a file or folder of the host's has. */
static bool is_readable(struct check *check, const struct merged_mount *mount) {
    static const struct str open[] = {STR_INIT("/etc/localtime"), STR_INIT("/etc/timezone"),
                                      STR_INIT("/usr/share/zoneinfo"), STR_INIT("/etc/ssl/certs")};
    if (mount->kind != MOUNT_BIND)
        return mount->kind != MOUNT_OTHER;
    if (STR_IS_IN(mount->source, open))
        return true;
    bool is_here = mount->source.n && mount->source.p[0] != '/' && mount->source.p[0] != '~';
    return is_here && project_has(check->project, mount->source, check->arena) &&
           project_is_readable(check->project, STR(""), mount->source, check->arena);
}

/* Whether another service of its document writes to the same volume. */
static bool is_shared(const struct service *service, struct str volume) {
    const struct str *writer = map_get(&service->check->services->writers, volume);
    return writer && !str_eq(*writer, service->name);
}

static struct mount mount_of(const struct service *service, const struct merged_mount *mount) {
    enum mount_owner owner = OWNER_UNKNOWN;
    if (mount->kind == MOUNT_TMPFS)
        owner = mount->is_open ? OWNER_ALL : OWNER_ROOT;
    else if (mount->is_filled && !is_shared(service, mount->source))
        owner = OWNER_IMAGE;
    return (struct mount){
        .name = mount->name,
        .target = mount->target,
        .owner = owner,
        .is_read_only = mount->is_read_only,
        .is_readable = is_readable(service->check, mount),
    };
}

static bool may_set(const struct launch *launch, struct str name, struct str *ret_value) {
    const struct service *service = launch->context;
    return merged_may_set(service->files, &service->merged, name, ret_value);
}

/* Services of the file that run the same image, and build none, have its facts in common. */
static struct workload workload_of_service(const struct service *service) {
    struct check *check = service->check;
    const struct merged *merged = &service->merged;
    struct str image = merged_text(check->arena, merged, STR("image"));
    bool is_own = merged_own(merged)->place.document == check->document && !merged_get(merged, STR("build"));
    struct workload *known = is_own && image.n ? map_get(&check->services->images, image) : NULL;
    if (known)
        return *known;
    struct workload workload = project_service(check->project, merged, check->arena);
    if (is_own && image.n) {
        known = arena_new(check->arena, struct workload);
        *known = workload;
        map_add(&check->services->images, check->arena, image, known);
    }
    return workload;
}

static struct launch launch_of(const struct service *service) {
    struct arena *arena = service->check->arena;
    const struct merged *merged = &service->merged;
    struct mount *mounts = arena_array(arena, service->mounts.n, sizeof *mounts);
    for (uint32_t i = 0; i < service->mounts.n; i++)
        mounts[i] = mount_of(service, &service->mounts.list[i]);
    struct launch launch = {
        .arena = arena,
        .project = service->check->project,
        .asked = &service->check->document->config->user,
        .workload = workload_of_service(service),
        .entrypoint = merged_command(arena, merged, STR("entrypoint")),
        .command = merged_command(arena, merged, STR("command")),
        .mounts = mounts,
        .n_mounts = service->mounts.n,
        .workdir = merged_text(arena, merged, STR("working_dir")),
        .user = merged_text(arena, merged, STR("user")),
        .needs_root = merged_needs_root(arena, merged, &service->mounts),
        .has_init = merged_is_true(arena, merged, STR("init")),
        .is_on_host_network = str_eq(merged_text(arena, merged, STR("network_mode")), STR("host")),
        .hints = hints_of(arena, merged),
        .may_set = may_set,
        .context = service,
    };
    launch.made_volumes = launch.workload.volumes;
    launch.is_user_hidden = !launch.user.p && merged_get(merged, STR("user"));
    launch.is_root = compose_is_root(launch.user);
    return launch;
}

/* --- services ------------------------------------------------------------------------------------------------------
 */

static struct str place_key(struct arena *arena, const struct place *place) {
    return str_printf(arena, "%.*s %u %.*s", STR_ARG(place->document->path), place->index, STR_ARG(place->name));
}

static struct service *add_service(struct check *check, const struct place *place) {
    struct services *all = check->services;
    struct service *service = arena_new(check->arena, struct service);
    *service = (struct service){
        .check = check,
        .files = &all->files,
        .merged = merged_service(&all->files, *place),
        .name = place->name,
    };
    struct merged *merged = &service->merged;
    if (merged->n == 0)
        return NULL;
    const struct layer *own = merged_own(merged);
    service->node = own->node;
    service->at = yaml_pair(compose_services(own->root), place->name)->key->at.start;
    service->mounts = merged_mounts(check->arena, merged);
    service->launch = launch_of(service);
    service->start = start_of(&service->launch, &service->without);
    service->obstacle = obstacle_of(service);
    *vec_push(check->arena, &all->list) = service;
    map_add(&all->by_place, check->arena, place_key(check->arena, place), service);
    return service;
}

struct service *service_at(struct check *check, const struct place *place) {
    struct service *service = map_get(&check->services->by_place, place_key(check->arena, place));
    return service ? service : add_service(check, place);
}

static int by_layers(const void *a, const void *b) {
    const struct service *one = *(struct service *const *)a, *other = *(struct service *const *)b;
    if (one->merged.n != other->merged.n)
        return one->merged.n < other->merged.n ? -1 : 1;
    return one->at < other->at ? -1 : one->at > other->at;
}

static struct str several = STR_INIT("");

/* Notes who writes to which volume. */
static void add_writers(struct services *all, struct arena *arena, const struct yaml_pair *pair) {
    const struct yaml_node *list = yaml_list(pair->value, STR("volumes"));
    for (uint32_t i = 0; i < list->n; i++) {
        struct compose_volume volume = compose_volume(arena, NULL, list->items[i]);
        if (volume.kind != MOUNT_VOLUME || volume.is_read_only || !volume.source.n)
            continue;
        struct str *writer = map_add(&all->writers, arena, volume.source, &pair->key->value);
        if (writer && !str_eq(*writer, pair->key->value))
            map_set(&all->writers, arena, volume.source, &several);
    }
}

static struct str target_key(struct yaml_node *const *target) {
    return (struct str){(const char *)target, sizeof *target};
}

static void add_aliases(struct services *all, struct arena *arena, const struct yaml_node *node) {
    if (node->kind == YAML_ALIAS) {
        struct aliases *same = map_get(&all->aliases, target_key(&node->target));
        if (!same) {
            same = arena_new(arena, struct aliases);
            map_add(&all->aliases, arena, target_key(&node->target), same);
        }
        *vec_push(arena, &same->list) = node;
    }
    for (uint32_t i = 0; i < node->n; i++)
        add_aliases(all, arena, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
}

const struct aliases *service_aliases(const struct services *services, const struct yaml_node *target) {
    struct yaml_node *key = (struct yaml_node *)target;
    return map_get(&services->aliases, target_key(&key));
}

struct services *services_of(struct check *check) {
    struct yaml *yaml = check->document->yaml;
    struct services *all = check->services;
    if (all)
        return all;
    check->services = all = arena_new(check->arena, struct services);
    *all = (struct services){.files = {.project = check->project, .arena = check->arena}};
    for (uint32_t d = 0; d < yaml->documents.n; d++) {
        const struct yaml_node *root = yaml->documents.at[d].root, *services = compose_services(root);
        all->is_stack |= compose_is_stack(root);
        if (root)
            add_aliases(all, check->arena, root);
        for (uint32_t i = 0; services && i < services->n; i++)
            add_writers(all, check->arena, &services->pairs[i]);
        for (uint32_t i = 0; services && i < services->n; i++) {
            const struct yaml_pair *pair = &services->pairs[i];
            if (!str_eq(pair->key->value, STR("<<")) && pair->value->kind != YAML_ALIAS)
                add_service(check, &(struct place){check->document, d, pair->key->value});
        }
    }
    all->n_own = all->list.n;
    if (all->n_own)
        qsort(all->list.at, all->n_own, sizeof *all->list.at, by_layers);
    for (uint32_t i = 0; i < all->n_own; i++)
        all->list.at[i]->elsewhere = elsewhere(all->list.at[i]);
    return all;
}

void service_each(struct check *check, service_check *check_service) {
    const struct services *services = services_of(check);
    for (uint32_t i = 0; i < services->n_own; i++)
        check_service(services->list.at[i]);
}

bool service_is_ready(const struct service *service) {
    return !service->obstacle.p && !(service->launch.is_root && service->start.kind == START_AS_USER);
}

bool service_lacks_user(const struct service *service) {
    return service->start.kind == START_AS_USER && service->start.says_user && !service->launch.user.p &&
           !merged_get(&service->merged, STR("user"));
}

void service_promise_user(struct service *service, uint32_t finding) {
    struct dependents dependents = service_dependents(service);
    service->is_promised = true;
    if (!service_lacks_user(service) || dependents.n || !dependents.is_known)
        return;
    const struct user *user = &service->start.user;
    service->launch.user = str_printf(service->check->arena, "%u:%u", user->uid, user->gid);
    service->start = start_of(&service->launch, &service->without);
    service->obstacle = obstacle_of(service);
    service->needs = finding;
}

void service_settle(struct service *service) {
    if (service->is_promised || !service_lacks_user(service))
        return;
    service->start = service->without;
    service->obstacle = obstacle_of(service);
}

const struct yaml_value *service_keys(struct arena *arena, const struct yaml_value *template, struct str key,
                                      struct str_list list) {
    struct yaml_value *items = arena_array(arena, list.n, sizeof *items), *keys = arena_array(arena, 2, sizeof *keys),
                      *value = arena_new(arena, struct yaml_value);
    for (uint32_t i = 0; i < list.n; i++)
        items[i] = (struct yaml_value){.kind = YAML_SCALAR, .text = list.list[i]};
    keys[0] = template->children[0];
    keys[1] = (struct yaml_value){.kind = YAML_SEQUENCE, .key = key, .children = items, .n = list.n};
    *value = (struct yaml_value){.kind = YAML_MAPPING, .children = keys, .n = list.n ? 2 : 1};
    return value;
}
