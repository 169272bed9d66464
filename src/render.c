#include "render.h"

/* Where `first` comes first that has one of two others behind it; the text's length where none has. */
static uint32_t find_mark(struct str text, char first, char second, char other) {
    for (uint32_t i = str_find(text, 0, first); i + 1 < text.n; i = str_find(text, i + 1, first))
        if (text.p[i + 1] == second || text.p[i + 1] == other)
            return i;
    return text.n;
}

uint32_t render_mark(struct str text) {
    uint32_t brace = find_mark(text, '{', '{', '%'), angle = find_mark(text, '<', '%', '%');
    return brace < angle ? brace : angle;
}

/* Whether a file lies in the templates of a chart. */
static bool is_in_chart(struct project *project, struct str path) {
    ARENA(scratch);
    for (struct str folder = path_folder(path); str_contains(folder, STR("templates")); folder = path_folder(folder))
        if (str_eq(path_name(folder), STR("templates")) &&
            project_has(project, path_clean(&scratch, path_folder(folder), STR("Chart.yaml")), &scratch))
            return true;
    return false;
}

/* --- kustomizations ------------------------------------------------------------------------------------------------
 */

struct kustomization {
    struct project *project;
    struct str folder, path;
    const struct yaml_node *root;
};

static struct document *named(const struct kustomization *k, const struct yaml_node *name) {
    struct str text = yaml_text(name);
    bool is_name = text.n && str_find(text, 0, '\n') == text.n;
    struct document *document =
        is_name ? project_find(k->project, path_clean(k->project->arena, k->folder, text)) : NULL;
    return document && document->format == FORMAT_KUBE ? document : NULL;
}

static void note_patches(const struct kustomization *k) {
    static const struct str keys[] = {STR_INIT("patches"), STR_INIT("patchesStrategicMerge"),
                                      STR_INIT("patchesJson6902")};
    for (uint32_t l = 0; l < sizeof keys / sizeof *keys; l++) {
        const struct yaml_node *list = yaml_list(k->root, keys[l]);
        for (uint32_t i = 0; i < list->n; i++) {
            const struct yaml_node *item = yaml_resolve(list->items[i]);
            struct document *patch = named(k, item->kind == YAML_SCALAR ? item : yaml_get(item, STR("path")));
            if (patch)
                patch->patched_by = k->path;
        }
    }
}

static void note_images(const struct kustomization *k) {
    const struct yaml_node *resources = yaml_list(k->root, STR("resources")),
                           *images = yaml_list(k->root, STR("images"));
    struct arena *arena = k->project->arena;
    for (uint32_t i = 0; i < resources->n; i++) {
        struct document *manifest = named(k, yaml_resolve(resources->items[i]));
        for (uint32_t j = 0; manifest && j < images->n; j++)
            *vec_push(arena, &manifest->renames) = (struct image_rename){
                str_dup(arena, yaml_text(yaml_get(images->items[j], STR("name")))),
                str_dup(arena, yaml_text(yaml_get(images->items[j], STR("newName")))),
                str_dup(arena, yaml_text(yaml_get(images->items[j], STR("newTag")))),
                str_dup(arena, yaml_text(yaml_get(images->items[j], STR("digest")))),
            };
    }
}

static void read_kustomization(struct project *project, struct str folder) {
    static const struct str names[] = {STR_INIT("kustomization.yaml"), STR_INIT("kustomization.yml"),
                                       STR_INIT("Kustomization")};
    ARENA(scratch);
    struct diags silent = {.arena = &scratch};
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str text = project_context_file(project, folder, names[i], &scratch);
        struct kustomization k = {project, folder, path_clean(project->arena, folder, names[i]), NULL};
        struct source source = source_from(&scratch, k.path, text, FORMAT_KUBE);
        struct yaml *yaml = text.n ? yaml_parse(&scratch, &source, &silent) : NULL;
        if (!yaml || !yaml->documents.n)
            continue;
        k.root = yaml->documents.at[0].root;
        note_patches(&k);
        note_images(&k);
    }
}

void render_join(struct project *project) {
    struct map folders = {0};
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        struct str folder = path_folder(document->path);
        if (document->format != FORMAT_KUBE)
            continue;
        document->is_in_chart = is_in_chart(project, document->path);
        if (!map_add(&folders, project->arena, folder, document))
            read_kustomization(project, folder);
    }
}

/* As kustomize does (api/internal/image, isImageMatched): the whole name counts, tag and digest aside. */
struct str render_image(const struct document *manifest, struct str image, struct arena *arena) {
    uint32_t at = str_find(image, 0, '@'), slash = str_rfind(image, '/'), colon = str_rfind(str_sub(image, 0, at), ':');
    uint32_t end = colon < at && (slash == image.n || colon > slash) ? colon : at;
    for (uint32_t i = 0; i < manifest->renames.n; i++) {
        const struct image_rename *rename = &manifest->renames.at[i];
        if (!image.n || !str_eq(rename->name, str_sub(image, 0, end)))
            continue;
        struct str name = rename->new_name.n ? rename->new_name : rename->name;
        if (rename->digest.n)
            return str_printf(arena, "%.*s@%.*s", STR_ARG(name), STR_ARG(rename->digest));
        if (rename->tag.n)
            return str_printf(arena, "%.*s:%.*s", STR_ARG(name), STR_ARG(rename->tag));
        return str_printf(arena, "%.*s%.*s", STR_ARG(name), STR_ARG(str_sub(image, end, image.n)));
    }
    return image;
}
