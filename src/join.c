#include "join.h"

#include "image_link.h"
#include "pod.h"

/* --- services ------------------------------------------------------------------------------------------------------
 */

static struct compose_service *service_in(const struct document *compose, struct str name) {
    return compose ? map_get(&compose->service_names, name) : NULL;
}

/* What `service` says holds for the image that the service `name` of a file builds. */
static void give(struct project *project, const struct document *compose, struct str name,
                 const struct compose_service *service) {
    for (struct build *build = map_get(&compose->service_builds, name); build; build = build->next) {
        if (!build->needs_root.p)
            build->needs_root = service->needs_root;
        build->has_command |= service->has_command;
        for (uint32_t j = 0; j < service->volumes.n; j++)
            *vec_push(project->arena, &build->volumes) = service->volumes.list[j];
    }
}

/* The one that extends has everything that the other says; the other's image is its own too. */
static void join_extended(struct project *project, struct document *compose, struct compose_service *service) {
    struct document *file = project_find(project, service->extends_file);
    struct compose_service *base = service_in(file, service->extends);
    if (!base || base == service)
        return;
    base->extended_by =
        file == compose ? service->name
                        : str_printf(project->arena, "%.*s of %.*s", STR_ARG(service->name), STR_ARG(compose->path));
    give(project, file, base->name, service);
    give(project, compose, service->name, base);
}

/* The compose file that others of its folder are merged into; NULL where there is none. Names in the order in which
 * docker compose looks for them. */
static struct document *base_of(const struct project *project, const struct document *compose) {
    if (compose == project->input && discover_format(compose->path) == FORMAT_NONE)
        return NULL; /* text without a name belongs to no other file */
    static const struct str names[] = {STR_INIT("compose.yaml"), STR_INIT("compose.yml"),
                                       STR_INIT("docker-compose.yml"), STR_INIT("docker-compose.yaml")};
    struct document *base = NULL;
    for (uint32_t i = 0; i < sizeof names / sizeof *names && !base; i++) {
        base = project_find(project, path_clean(project->arena, path_folder(compose->path), names[i]));
        if (base && (base->format != FORMAT_COMPOSE || base->is_broken))
            base = NULL;
    }
    return base;
}

static void join_merged(struct project *project, struct document *compose, struct document *file,
                        struct compose_service *service) {
    struct compose_service *base = service_in(file, service->name);
    if (!base)
        return;
    service->base = file->path;
    if (service->list_key.p) {
        base->joins = compose->path;
        base->joins_key = service->list_key;
    }
    give(project, file, base->name, service);
    give(project, compose, service->name, base);
}

static void join_services(struct project *project, struct document *compose) {
    struct document *base = base_of(project, compose);
    for (uint32_t i = 0; i < compose->services.n; i++) {
        struct compose_service *service = compose->services.at[i];
        give(project, compose, service->name, service);
        if (service->extends.p)
            join_extended(project, compose, service);
        if (base && base != compose)
            join_merged(project, compose, base, service);
    }
}

/* --- pods ----------------------------------------------------------------------------------------------------------
 */

static void join_container(struct project *project, const struct document *manifest, const struct yaml_node *spec,
                           const struct yaml_node *container) {
    struct str reason = pod_needs_root(project->arena, spec, container);
    struct str image = yaml_text(yaml_get(container, STR("image")));
    struct origin origin = {0};
    if (reason.p && image.p)
        origin = image_link_find(project, manifest, image, project->arena);
    if (origin.dockerfile)
        *vec_push(project->arena, &origin.dockerfile->root_needs) =
            (struct root_need){origin.build ? origin.build->target : STR(""), reason};
}

/* Whatever has containers is a PodSpec, wherever its kind keeps it. */
static void join_pods(struct project *project, const struct document *manifest, const struct yaml_node *node) {
    static const struct str lists[] = {STR_INIT("initContainers"), STR_INIT("containers")};
    bool is_mapping = node && node->kind == YAML_MAPPING;
    for (uint32_t l = 0; is_mapping && l < 2; l++) {
        const struct yaml_node *list = yaml_list(node, lists[l]);
        for (uint32_t i = 0; i < list->n; i++)
            join_container(project, manifest, node, yaml_resolve(list->items[i]));
    }
    for (uint32_t i = 0; is_mapping && i < node->n; i++)
        join_pods(project, manifest, node->pairs[i].value);
    for (uint32_t i = 0; node && node->kind == YAML_SEQUENCE && i < node->n; i++)
        join_pods(project, manifest, node->items[i]);
}

static void join_manifest(struct project *project, struct document *manifest) {
    ARENA(scratch);
    struct diags silent = {.arena = &scratch};
    struct source source = source_from(&scratch, manifest->path, manifest->before, FORMAT_KUBE);
    struct yaml *yaml = yaml_parse(&scratch, &source, &silent);
    for (uint32_t i = 0; yaml && i < yaml->documents.n; i++)
        join_pods(project, manifest, yaml->documents.at[i].root);
}

void join_facts(struct project *project) {
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        if (document->is_broken)
            continue;
        if (document->format == FORMAT_COMPOSE)
            join_services(project, document);
        if (document->format == FORMAT_KUBE && pod_may_need_root(document->before))
            join_manifest(project, document);
    }
}
