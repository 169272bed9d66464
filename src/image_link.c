#include "image_link.h"

#include <stdlib.h>

/* The name that compose gives a project, and so its images: the file's own, else the folder's, lower-cased, without
 * what names may not have. Empty where a variable decides. */
static struct str compose_project_name(struct arena *arena, const struct document *compose) {
    if (compose->name.p)
        return str_contains(compose->name, STR("$")) ? STR("") : compose->name;
    char *real = realpath(str_c(arena, path_folder(compose->path)), NULL);
    struct str name = str_lower(arena, path_name(str_of(real ? real : "")));
    free(real);
    char *out = str_c(arena, name);
    uint32_t n = 0;
    for (uint32_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || ((c == '-' || c == '_') && n))
            out[n++] = c;
    }
    return (struct str){out, n};
}

/* A reference whose tag or digest may be a variable, as deployments fill it in: the repository is what counts. */
static bool parse_image(struct str text, struct image_reference *ret) {
    uint32_t variable = str_find(text, 0, '$');
    struct str fixed = str_sub(text, 0, variable);
    uint32_t slash = str_rfind(fixed, '/'), at = str_find(fixed, 0, '@'), colon = str_rfind(fixed, ':');
    uint32_t end = at < fixed.n ? at : colon;
    bool is_repository = end < fixed.n && (slash == fixed.n || slash < end) && str_find(text, variable, '/') == text.n;
    return image_reference_parse(variable < text.n && is_repository ? str_sub(text, 0, end) : text, ret);
}

/* Several names may ask for what one service builds: its image's, or the two that compose makes up (v2 and v1). */
static void add_links(struct project *project, const struct build *build) {
    struct image_reference reference;
    struct arena *arena = project->arena;
    if (build->mapping)
        return;
    *vec_push(arena, &project->likely) = (struct image_link){build->place.name, build, build->document};
    if (build->image.p) {
        if (parse_image(build->image, &reference))
            *vec_push(arena, &project->images) = (struct image_link){reference.repository, build, build->document};
        return;
    }
    struct str name = compose_project_name(arena, build->place.document);
    for (uint32_t i = 0; i < 2 && name.n; i++)
        *vec_push(arena, &project->images) =
            (struct image_link){str_printf(arena, "%.*s%c%.*s", STR_ARG(name), "-_"[i], STR_ARG(build->place.name)),
                                build, build->document};
}

static int by_link_name(const void *a, const void *b) {
    return str_cmp(((const struct image_link *)a)->name, ((const struct image_link *)b)->name);
}

void image_links_make(struct project *project) {
    uint32_t n = project->has_more_dockerfiles;
    for (uint32_t i = 0; i < project->builds.n; i++)
        add_links(project, &project->builds.at[i]);
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        if (document->format != FORMAT_DOCKERFILE)
            continue;
        project->only_dockerfile = n++ ? NULL : document;
        if (document->builds.n == 0)
            *vec_push(project->arena, &project->likely) =
                (struct image_link){path_name(path_folder(document->path)), NULL, document};
    }
    if (project->images.n)
        qsort(project->images.at, project->images.n, sizeof *project->images.at, by_link_name);
    if (project->likely.n)
        qsort(project->likely.at, project->likely.n, sizeof *project->likely.at, by_link_name);
}

/* The only thing that is linked to a name; NULL where there is none, or where links differ. */
static const struct image_link *find_link(const struct image_link *list, uint32_t n, struct str name) {
    struct image_link key = {.name = name};
    const struct image_link *hit = n ? bsearch(&key, list, n, sizeof *list, by_link_name) : NULL;
    const struct image_link *from = hit, *to = hit;
    while (from && from > list && str_eq(from[-1].name, name))
        from--;
    while (to && to + 1 < list + n && str_eq(to[1].name, name))
        to++;
    for (const struct image_link *link = from; link && link <= to; link++) {
        bool is_same_target = !link->build || !hit->build || str_eq(link->build->target, hit->build->target);
        if (link->dockerfile != hit->dockerfile || !is_same_target)
            return NULL;
    }
    return hit;
}

static const struct build *find_built(const struct project *project, const struct document *document,
                                      const struct image_reference *reference) {
    const struct config_build *mapping = config_find_build(document->config, reference);
    for (uint32_t i = 0; mapping && i < project->builds.n; i++)
        if (project->builds.at[i].mapping == mapping)
            return &project->builds.at[i];
    const struct image_link *link = find_link(project->images.at, project->images.n, reference->repository);
    return link ? link->build : NULL;
}

const struct build *image_link_built(const struct project *project, const struct document *document, struct str image) {
    struct image_reference reference;
    return parse_image(image, &reference) ? find_built(project, document, &reference) : NULL;
}

struct origin image_link_find(const struct project *project, const struct document *manifest, struct str image,
                              struct arena *arena) {
    struct image_reference reference;
    if (!parse_image(image, &reference))
        return (struct origin){.reason = STR("its image is not named by a plain reference")};
    const struct build *build = find_built(project, manifest, &reference);
    if (build)
        return (struct origin){.dockerfile = build->document, .build = build};
    if (image_is_known(&manifest->config->images, &reference))
        return (struct origin){.is_public = true};
    const struct image_link *link = find_link(project->likely.at, project->likely.n, path_name(reference.repository));
    if (link)
        return (struct origin){.dockerfile = link->dockerfile, .build = link->build};
    struct document *only = reference.has_namespace ? NULL : project->only_dockerfile;
    if (!only)
        return (struct origin){
            .reason = str_printf(arena, "which Dockerfile builds its image %.*s is not known", STR_ARG(image))};
    return (struct origin){.dockerfile = only};
}
