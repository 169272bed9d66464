/* Places in other files that a finding has to do with: the Dockerfile that a service builds or a container runs, the
 * services that build a Dockerfile. */
#include "lsp.h"

#include "compose.h"
#include "image_link.h"
#include "render.h"

#include <string.h>

static void add(struct lsp_server *server, json_t *list, const struct lsp_folder *folder,
                const struct document *document, uint32_t offset, struct str message) {
    ARENA(scratch);
    struct lsp_text text = lsp_text_of(&scratch, document->before, server->encoding);
    struct str uri = lsp_uri_of(server, &scratch, folder, document->path, NULL);
    json_array_append_new(list, json_pack("{s:{s:o,s:o},s:o}", "location", "uri", lsp_string(uri), "range",
                                          lsp_range(&text, lsp_word(document->before, offset)), "message",
                                          lsp_string(message)));
}

static void add_dockerfile(struct lsp_server *server, json_t *list, const struct lsp_folder *folder,
                           const struct document *dockerfile, struct str target) {
    const struct stage *stage = dockerfile && dockerfile->dockerfile ? stages_target(dockerfile->stages, target) : NULL;
    if (stage)
        add(server, list, folder, dockerfile, dockerfile->dockerfile->list[stage->from].at.start,
            STR("its image is built here"));
}

static struct yaml *parse(struct arena *arena, const struct document *document) {
    struct diags silent = {.arena = arena};
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, document->path, document->before, document->format);
    return yaml_parse(arena, source, &silent);
}

static bool holds(struct span at, uint32_t offset) {
    return at.start <= offset && offset <= at.end;
}

static void relate_service(struct lsp_server *server, json_t *list, const struct lsp_folder *folder,
                           struct lsp_analysis *analysis, uint32_t at) {
    const struct document *compose = analysis->document;
    const struct yaml *yaml = compose->service_builds.n ? lsp_yaml(analysis) : NULL;
    for (uint32_t d = 0; yaml && d < yaml->documents.n; d++) {
        const struct yaml_node *services = compose_services(yaml->documents.at[d].root);
        for (uint32_t i = 0; services && i < services->n; i++) {
            const struct yaml_pair *pair = &services->pairs[i];
            const struct build *build = map_get(&compose->service_builds, pair->key->value);
            if (build && holds((struct span){pair->key->at.start, pair->value->at.end}, at))
                add_dockerfile(server, list, folder, build->document, build->target);
        }
    }
}

/* The container around an offset, by its image. */
static struct str image_around(const struct yaml_node *node, uint32_t at) {
    struct str image = {NULL, 0};
    if (!node || node->kind == YAML_SCALAR || node->kind == YAML_ALIAS || !holds(node->at, at))
        return image;
    for (uint32_t i = 0; i < node->n && !image.n; i++)
        image = image_around(node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i], at);
    return image.n || node->kind != YAML_MAPPING ? image : yaml_text(yaml_own(node, STR("image")));
}

static void relate_container(struct lsp_server *server, json_t *list, const struct lsp_folder *folder,
                             struct lsp_analysis *analysis, uint32_t at, struct arena *arena) {
    const struct document *manifest = analysis->document;
    bool has_any = analysis->project.only_dockerfile || analysis->project.likely.n || analysis->project.images.n;
    const struct yaml *yaml = has_any ? lsp_yaml(analysis) : NULL;
    for (uint32_t i = 0; yaml && i < yaml->documents.n; i++) {
        struct str image = image_around(yaml->documents.at[i].root, at);
        struct origin origin = {0};
        if (image.n)
            origin = image_link_find(&analysis->project, manifest, render_image(manifest, image, arena), arena);
        add_dockerfile(server, list, folder, origin.dockerfile, origin.build ? origin.build->target : STR(""));
    }
}

/* Services that a finding of a Dockerfile speaks of. */
static void relate_dockerfile(struct lsp_server *server, json_t *list, const struct lsp_folder *folder,
                              const struct document *dockerfile, struct str message, struct arena *arena) {
    for (uint32_t i = 0; i < dockerfile->builds.n; i++) {
        const struct place *place = &dockerfile->builds.at[i]->place;
        const struct yaml *yaml = str_contains(message, place->name) ? parse(arena, place->document) : NULL;
        if (!yaml || place->index >= yaml->documents.n)
            continue;
        const struct yaml_node *services = compose_services(yaml->documents.at[place->index].root);
        const struct yaml_pair *pair = services ? yaml_pair(services, place->name) : NULL;
        if (pair)
            add(server, list, folder, place->document, pair->key->at.start, STR("this service builds it"));
    }
}

static void relate_dockerignore(struct lsp_server *server, json_t *list, const struct lsp_folder *folder,
                                const struct document *dockerfile) {
    if (dockerfile)
        add(server, list, folder, dockerfile, 0, STR("this Dockerfile is built with it"));
}

json_t *lsp_related(struct lsp_server *server, const struct lsp_folder *folder, struct lsp_analysis *analysis,
                    const struct finding *finding) {
    ARENA(scratch);
    json_t *list = json_array();
    const struct document *document = analysis->document;
    if (document->format == FORMAT_COMPOSE)
        relate_service(server, list, folder, analysis, finding->at);
    else if (document->format == FORMAT_KUBE)
        relate_container(server, list, folder, analysis, finding->at, &scratch);
    else if (document->format == FORMAT_DOCKERFILE)
        relate_dockerfile(server, list, folder, document, finding->message, &scratch);
    else if (document->format == FORMAT_DOCKERIGNORE)
        relate_dockerignore(server, list, folder, document->owner);
    return list;
}
