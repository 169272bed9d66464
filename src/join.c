#include "join.h"

#include "compose.h"
#include "image_link.h"
#include "pod.h"
#include "render.h"

/* --- compose files -------------------------------------------------------------------------------------------------
 */

/* The compose file that others of its folder are merged onto, or may be; NULL where there is none. Names in the order
 * in which docker compose looks for them. */
static struct document *default_file(const struct project *project, struct str folder) {
    static const struct str names[] = {STR_INIT("compose.yaml"), STR_INIT("compose.yml"),
                                       STR_INIT("docker-compose.yml"), STR_INIT("docker-compose.yaml")};
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct document *file = project_find(project, path_clean(project->arena, folder, names[i]));
        if (file && file->format == FORMAT_COMPOSE && !file->is_broken)
            return file;
    }
    return NULL;
}

static void put_onto(struct document *document, struct document *file) {
    if (document && file && !document->onto && !document_is_onto(file, document))
        document->onto = file;
}

static struct document *add_compose(struct project *project, struct str folder, struct str name) {
    struct document *document = project_add_context(project, path_clean(project->arena, folder, name));
    if (!document || document->format != FORMAT_COMPOSE || document->is_broken)
        return NULL;
    document->is_part |= !str_eq(path_folder(document->path), folder);
    return document;
}

/* The files that COMPOSE_FILE lists in a folder's .env (docs.docker.com/compose, "Pre-defined environment variables").
 */
static void join_listed(struct project *project, struct str folder) {
    struct arena *arena = project->arena;
    struct str text = project_context_file(project, folder, STR(".env"), arena);
    if (!str_contains(text, STR("COMPOSE_FILE")))
        return;
    const struct variables *variables = variables_read(arena, text, NULL);
    const struct str *list = variables_get(variables, STR("COMPOSE_FILE"));
    const struct str *separator = variables_get(variables, STR("COMPOSE_PATH_SEPARATOR"));
    struct str rest = list ? *list : (struct str){NULL, 0}, name;
    struct document *below = NULL;
    while (str_cut(&rest, separator && separator->n ? separator->p[0] : ':', &name)) {
        struct document *document = add_compose(project, folder, name);
        put_onto(document, below);
        below = document ? document : below;
    }
}

/* Several files of one entry of `include` are merged in their order. */
static void join_included(struct project *project, struct document *document, const struct yaml_node *entry) {
    struct arena *arena = project->arena;
    struct str folder = path_folder(document->path);
    const struct yaml_node *path = entry->kind == YAML_SCALAR ? entry : yaml_get(entry, STR("path"));
    struct str directory = yaml_text(yaml_get(entry, STR("project_directory")));
    struct document *below = NULL;
    for (uint32_t i = 0; path && i < (path->kind == YAML_SCALAR ? 1 : path->n); i++) {
        struct str name = yaml_text(path->kind == YAML_SCALAR ? path : yaml_resolve(path->items[i]));
        struct document *included = name.n ? add_compose(project, folder, name) : NULL;
        put_onto(included, below);
        below = included ? included : below;
        if (included && directory.n)
            included->directory = path_clean(arena, folder, directory);
    }
}

/* Adds the files that a compose file includes, or whose services it extends. */
static void join_named(struct project *project, struct document *document) {
    ARENA(scratch);
    struct diags silent = {.arena = &scratch};
    struct str text = project_text(project, document, &scratch);
    if (!str_contains(text, STR("extends")) && !str_contains(text, STR("include")))
        return;
    struct source source = source_from(&scratch, document->path, text, FORMAT_COMPOSE);
    struct yaml *yaml = yaml_parse(&scratch, &source, &silent);
    for (uint32_t d = 0; yaml && d < yaml->documents.n; d++) {
        const struct yaml_node *root = yaml->documents.at[d].root, *services = compose_services(root);
        const struct yaml_node *includes = yaml_list(root, STR("include"));
        for (uint32_t i = 0; i < includes->n; i++)
            join_included(project, document, yaml_resolve(includes->items[i]));
        for (uint32_t i = 0; services && i < services->n; i++) {
            struct str file = yaml_text(yaml_get(yaml_get(services->pairs[i].value, STR("extends")), STR("file")));
            if (file.n)
                add_compose(project, path_folder(document->path), file);
        }
    }
}

void join_files(struct project *project) {
    for (uint32_t i = 0; i < project->documents.n; i++) { /* more of them come on the way */
        struct document *document = project->documents.at[i];
        if (document->format != FORMAT_COMPOSE || document->is_broken)
            continue;
        if (document == project->input && discover_format(document->path) == FORMAT_NONE)
            continue; /* text without a name belongs to no other file */
        struct str folder = path_folder(document->path);
        join_listed(project, folder);
        put_onto(document, default_file(project, folder));
        join_named(project, document);
    }
}

/* --- pods ----------------------------------------------------------------------------------------------------------
 */

static void join_container(struct project *project, const struct document *manifest, const struct yaml_node *spec,
                           const struct map *volumes, const struct yaml_node *container, bool is_taken_back) {
    const char *task = pod_root_task(spec, volumes, container, is_taken_back);
    if (!task && !is_taken_back && str_eq(pod_user(spec, container), STR("0")))
        task = "says that it runs as root";
    struct str image = render_image(manifest, yaml_text(yaml_get(container, STR("image"))), project->arena);
    struct origin origin = {0};
    if (task && image.p)
        origin = image_link_find(project, manifest, image, project->arena);
    if (origin.dockerfile)
        *vec_push(project->arena, &origin.dockerfile->root_needs) = (struct root_need){
            origin.build ? origin.build->target : STR(""),
            str_printf(project->arena, "the container %.*s %s", STR_ARG(pod_container_name(container)), task)};
}

/* Whatever has containers is a PodSpec, also where the kind is not known: who needs root keeps it. */
static void join_containers(struct project *project, const struct document *manifest, const struct yaml_node *node,
                            bool is_taken_back) {
    ARENA(scratch);
    bool is_mapping = node && node->kind == YAML_MAPPING;
    struct map volumes = is_mapping ? pod_volumes(&scratch, node) : (struct map){0};
    for (uint32_t l = 0; is_mapping && l < POD_LISTS; l++) {
        const struct yaml_node *list = yaml_list(node, pod_lists[l]);
        for (uint32_t i = 0; i < list->n; i++)
            join_container(project, manifest, node, &volumes, yaml_resolve(list->items[i]), is_taken_back);
    }
    for (uint32_t i = 0; is_mapping && i < node->n; i++)
        join_containers(project, manifest, node->pairs[i].value, is_taken_back);
    for (uint32_t i = 0; node && node->kind == YAML_SEQUENCE && i < node->n; i++)
        join_containers(project, manifest, node->items[i], is_taken_back);
}

/* Whether a rule is off that may be the one to take something back. */
static bool switches_off(const struct config *config) {
    for (uint32_t i = 0; i < config->rules.n; i++)
        if (!config->rules.list[i].is_on)
            return true;
    return false;
}

static void join_manifest(struct project *project, struct document *manifest) {
    ARENA(scratch);
    struct diags silent = {.arena = &scratch};
    struct str text = project_text(project, manifest, &scratch);
    struct source source = source_from(&scratch, manifest->path, text, FORMAT_KUBE);
    struct yaml *yaml = yaml_parse(&scratch, &source, &silent);
    bool is_taken_back = manifest->config->unsafe_fixes == CONFIG_ON && !switches_off(manifest->config) && yaml &&
                         !suppress_yaml(&scratch, yaml).list.n;
    for (uint32_t i = 0; yaml && i < yaml->documents.n; i++)
        join_containers(project, manifest, yaml->documents.at[i].root, is_taken_back);
}

void join_pods(struct project *project) {
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        if (document->format == FORMAT_KUBE && document->may_need_root && !document->is_broken)
            join_manifest(project, document);
    }
}
