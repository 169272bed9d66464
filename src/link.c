#include "link.h"

#include "pod.h"
#include "template.h"

#include <stdlib.h>
#include <unistd.h>

/* --- what belongs together ----------------------------------------------------------------------------------------- */

/* A build context or path with a scheme or a git address is not a local folder. */
static bool is_local(struct str path) {
    return path.n && !str_contains(path, STR("://")) && !str_starts(path, STR("git@")) && !str_contains(path, STR("$")) &&
           !str_starts(path, STR("~"));
}

static void add_build(struct project *project, struct document *compose, struct str name, const struct yaml_node *service) {
    const struct yaml_node *node = yaml_get(service, STR("build"));
    if (!node || yaml_is_null(node))
        return;
    struct arena *arena = project->arena;
    struct build build = {.compose = compose, .service = str_dup(arena, name), .target = STR("")};
    struct str context = node->kind == YAML_SCALAR ? node->value : yaml_text(yaml_get(node, STR("context")));
    struct str dockerfile = yaml_text(yaml_get(node, STR("dockerfile")));
    if (!context.p && node->kind == YAML_MAPPING)
        context = STR(".");
    struct str image = yaml_text(yaml_get(service, STR("image"))), target = yaml_text(yaml_get(node, STR("target")));
    build.image = image.p ? str_dup(arena, image) : image;
    build.target = target.p ? str_dup(arena, target) : STR("");
    yaml_bool(yaml_get(service, STR("init")), &build.has_init);
    if (is_local(context)) {
        build.context = path_clean(arena, path_folder(compose->path), context);
        if (!yaml_get(node, STR("dockerfile_inline")) && (!dockerfile.p || is_local(dockerfile)))
            build.dockerfile = path_clean(arena, build.context, dockerfile.p ? dockerfile : STR("Dockerfile"));
    }
    *vec_push(arena, &project->builds) = build;
}

/* The name that the file gives its project, and so the images of its services. */
static void read_project_name(struct project *project, struct document *compose, const struct yaml_node *root) {
    struct str name = yaml_text(yaml_get(root, STR("name")));
    if (name.n && !compose->name.p)
        compose->name = str_dup(project->arena, name);
}

static void read_compose(struct project *project, struct document *compose) {
    ARENA(scratch);
    struct diags silent = {.arena = &scratch};
    struct source source = source_from(&scratch, compose->path, compose->before, FORMAT_COMPOSE);
    struct yaml *yaml = compose->is_broken ? NULL : yaml_parse(&scratch, &source, &silent);
    for (uint32_t d = 0; yaml && d < yaml->documents.n; d++) {
        const struct yaml_node *services = compose_services(yaml->documents.at[d].root);
        read_project_name(project, compose, yaml->documents.at[d].root);
        for (uint32_t i = 0; services && i < services->n; i++) {
            struct str name = services->pairs[i].key->value;
            const struct yaml_node *service = yaml_resolve(services->pairs[i].value);
            *vec_push(project->arena, &compose->services) =
                compose_service(project->arena, compose->path, name, service);
            add_build(project, compose, name, service);
        }
    }
}

static void add_companion(struct project *project, struct document *owner, struct str path, enum format format,
                          struct str content) {
    if (project_find(project, path))
        return;
    struct str text = STR("");
    bool is_there = access(str_c(project->arena, path), F_OK) == 0;
    struct diags silent = {.arena = project->arena};
    if (is_there && !source_read(project->arena, path, &text, &silent))
        return;
    struct document *document =
        project_add_document(project, path, text, format, !project->is_filter && project_is_inside(project, path));
    document->is_new = !is_there;
    document->owner = owner;
    document->content = content;
    document->is_broken = !source_check(&document->source, &silent);
}

/* The name that compose gives a project, and so its images: the file's own, else the folder's, lower-cased, without what
 * names may not have. Empty where a variable decides. */
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
    bool is_repository = end < fixed.n && (slash == fixed.n || slash < end) &&
                         str_find(text, variable, '/') == text.n;
    return image_reference_parse(variable < text.n && is_repository ? str_sub(text, 0, end) : text, ret);
}

/* Several names may ask for what one service builds: its image's, or the two that compose makes up (v2 and v1). */
static void link_build(struct project *project, const struct build *build) {
    struct image_reference reference;
    struct arena *arena = project->arena;
    *vec_push(arena, &project->likely) = (struct image_link){build->service, build, build->document};
    if (build->image.p) {
        if (parse_image(build->image, &reference))
            *vec_push(arena, &project->images) = (struct image_link){reference.repository, build, build->document};
        return;
    }
    struct str name = compose_project_name(arena, build->compose);
    for (uint32_t i = 0; i < 2 && name.n; i++)
        *vec_push(arena, &project->images) = (struct image_link){
            str_printf(arena, "%.*s%c%.*s", STR_ARG(name), "-_"[i], STR_ARG(build->service)), build, build->document};
}

static int by_link_name(const void *a, const void *b) {
    return str_cmp(((const struct image_link *)a)->name, ((const struct image_link *)b)->name);
}

static void link_images(struct project *project) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < project->builds.n; i++) {
        struct build *build = &project->builds.at[i];
        build->document = project_find(project, build->dockerfile);
        *vec_push(project->arena, &build->compose->builds) = build;
        if (build->document)
            *vec_push(project->arena, &build->document->builds) = build;
        link_build(project, build);
    }
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

/* The .dockerignore that the builder reads: the Dockerfile's own where there is one
 * (docs.docker.com/build/concepts/context, "Filename and location"). */
static void add_dockerignore(struct project *project, struct document *dockerfile) {
    struct str own = str_printf(project->arena, "%.*s.dockerignore", STR_ARG(dockerfile->path));
    struct str folder = dockerfile->builds.n ? dockerfile->builds.at[0]->context : path_folder(dockerfile->path);
    bool has_own = access(str_c(project->arena, own), F_OK) == 0;
    add_companion(project, dockerfile, has_own ? own : path_clean(project->arena, folder, STR(".dockerignore")),
                  FORMAT_DOCKERIGNORE, STR(""));
}

/* A profile for every runtime that has one. */
static void add_profiles(struct project *project, struct document *compose) {
    for (uint32_t i = 0; i < template_n_files; i++) {
        struct str path = template_files[i].path;
        if (!str_starts(path, STR("seccomp/")))
            continue;
        struct str runtime = str_sub(path, 8, str_find(path, 0, '.'));
        struct str name = str_printf(project->arena, "%.*s-seccomp.json", STR_ARG(runtime));
        add_companion(project, compose, path_clean(project->arena, path_folder(compose->path), name), FORMAT_SECCOMP,
                      template_files[i].text);
    }
}

static int by_path(const void *a, const void *b) {
    return str_cmp((*(struct document *const *)a)->path, (*(struct document *const *)b)->path);
}

void project_link(struct project *project) {
    static const struct str beside[] = {STR_INIT("compose.yaml"),        STR_INIT("compose.yml"),
                                        STR_INIT("docker-compose.yaml"), STR_INIT("docker-compose.yml"),
                                        STR_INIT("Dockerfile")};
    uint32_t n = project->documents.n;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < sizeof beside / sizeof *beside; j++)
            project_add_context(project, path_clean(project->arena, path_folder(project->documents.at[i]->path), beside[j]));
    n = project->documents.n;
    for (uint32_t i = 0; i < n; i++)
        if (project->documents.at[i]->format == FORMAT_COMPOSE)
            read_compose(project, project->documents.at[i]);
    for (uint32_t i = 0; i < project->builds.n; i++)
        if (project->builds.at[i].dockerfile.p)
            project_add_context(project, project->builds.at[i].dockerfile);
    link_images(project);
    n = project->documents.n;
    for (uint32_t i = 0; i < n; i++) {
        struct document *document = project->documents.at[i];
        if (document->is_selected && document->format == FORMAT_DOCKERFILE)
            add_dockerignore(project, document);
        if (document->is_selected && document->format == FORMAT_COMPOSE)
            add_profiles(project, document);
    }
    if (project->documents.n)
        qsort(project->documents.at, project->documents.n, sizeof *project->documents.at, by_path);
}

/* --- facts over the links ------------------------------------------------------------------------------------------ */

static struct workload unknown(struct arena *arena, const char *format, ...) {
    struct workload workload = {0};
    va_list args;
    va_start(args, format);
    workload.reason = str_vprintf(arena, format, args);
    va_end(args);
    return workload;
}

static struct workload built_workload(const struct document *document, struct str context, struct str target,
                                      struct arena *arena) {
    if (!document || document->format != FORMAT_DOCKERFILE || !document->dockerfile)
        return unknown(arena, "its Dockerfile cannot be read here");
    const struct stage *stage = stages_target(document->stages, target);
    if (!stage)
        return unknown(arena, "%.*s has no stage %.*s", STR_ARG(document->path), STR_ARG(target));
    struct workload workload = workload_of(arena, stage);
    workload.context = context;
    return workload;
}

static struct workload workload_of_build(const struct build *build, struct arena *arena) {
    if (!build->dockerfile.p)
        return unknown(arena, "it is not built from a Dockerfile of this repository");
    return built_workload(build->document, build->context, build->target, arena);
}

struct workload project_service(const struct document *compose, struct str service, struct arena *arena) {
    for (uint32_t i = 0; i < compose->builds.n; i++)
        if (str_eq(compose->builds.at[i]->service, service))
            return workload_of_build(compose->builds.at[i], arena);
    return unknown(arena, "its image is not built here, and what that image needs is not known yet");
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

/* The Dockerfile that an image's name leads to, and how it is built. */
struct origin {
    struct document *dockerfile; /* NULL where it is not at hand */
    const struct build *build;   /* NULL where nothing but the Dockerfile is known */
    struct str reason;           /* why there is none; {NULL, 0} where there is one */
};

static struct origin origin_of_link(const struct image_link *link) {
    return (struct origin){link->dockerfile, link->build, {NULL, 0}};
}

/* See project_container. */
static struct origin find_origin(const struct project *project, struct str image, struct arena *arena) {
    struct image_reference reference;
    if (!parse_image(image, &reference))
        return (struct origin){.reason = STR("its image is not named by a plain reference")};
    const struct image_link *link = find_link(project->images.at, project->images.n, reference.repository);
    if (link)
        return origin_of_link(link);
    if (image_is_public(&reference))
        return (struct origin){
            .reason = str_printf(arena, "its image %.*s is not built here, and what that image needs is not known yet",
                                 STR_ARG(image))};
    link = find_link(project->likely.at, project->likely.n, path_name(reference.repository));
    if (link)
        return origin_of_link(link);
    struct document *only = reference.has_namespace ? NULL : project->only_dockerfile;
    if (!only)
        return (struct origin){
            .reason = str_printf(arena, "which Dockerfile builds its image %.*s is not known", STR_ARG(image))};
    return (struct origin){only, NULL, {NULL, 0}};
}

struct workload project_container(const struct project *project, struct str image, struct arena *arena) {
    struct origin origin = find_origin(project, image, arena);
    if (origin.reason.p)
        return unknown(arena, "%.*s", STR_ARG(origin.reason));
    if (origin.build)
        return workload_of_build(origin.build, arena);
    const struct document *document = origin.dockerfile;
    struct str context = document->builds.n ? document->builds.at[0]->context : path_folder(document->path);
    return built_workload(document, context, STR(""), arena);
}

/* The same for one instruction. */
static bool copies_into(const struct project *project, const struct workload *workload, const struct stage *stage,
                        uint32_t index, struct str path, struct arena *arena) {
    const struct df_instruction *copy = &stage->dockerfile->list[index];
    if ((copy->kind != DF_COPY && copy->kind != DF_ADD) || copy->n_words < 2)
        return false;
    struct str directory = stage_workdir(arena, stage, index);
    struct str target = stage_expand(arena, stage, index, copy->words[copy->n_words - 1].text);
    if (!directory.p || !target.p)
        return true;
    target = path_join(arena, directory, target);
    if (path_is_below(target, path))
        return true;
    if (!path_is_below(path, target))
        return false;
    if (df_flag(copy, STR("from")).p || copy->kind == DF_ADD)
        return true;
    struct str inside = str_sub(path, str_eq(target, STR("/")) ? 1 : target.n + 1, path.n);
    for (uint32_t i = 0; i + 1 < copy->n_words; i++) {
        struct str source = path_join(arena, path_join(arena, STR("/"), copy->words[i].text), inside);
        struct str file = path_clean(arena, workload->context, str_sub(source, 1, source.n));
        if (project_is_inside(project, file) && access(str_c(arena, file), F_OK) == 0)
            return true;
    }
    return false;
}

bool project_has_content(const struct project *project, const struct workload *workload, struct str path,
                         struct arena *arena) {
    for (const struct stage *stage = workload->stage; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++)
            if (copies_into(project, workload, stage, i, path, arena))
                return true;
    return false;
}
