#include "project.h"

#include "template.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- paths --------------------------------------------------------------------------------------------------------- */

/* `path` as seen from `folder`, cleaned; relative paths stay relative and may start with "..". */
static struct str clean_path(struct arena *arena, struct str folder, struct str path) {
    if (str_starts(path, STR("/")) || str_starts(folder, STR("/")))
        return path_join(arena, folder, path);
    VEC(struct str) parts = {0};
    struct str both[2] = {folder, path}, part;
    for (uint32_t i = 0; i < 2; i++) {
        struct str rest = both[i];
        while (str_cut(&rest, '/', &part)) {
            bool is_up = str_eq(part, STR(".."));
            if (part.n == 0 || str_eq(part, STR(".")))
                continue;
            if (is_up && parts.n && !str_eq(parts.at[parts.n - 1], STR("..")))
                parts.n--;
            else
                *vec_push(arena, &parts) = part;
        }
    }
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < parts.n; i++)
        buf_printf(&out, "%s%.*s", i ? "/" : "", STR_ARG(parts.at[i]));
    return parts.n ? buf_str(&out) : STR(".");
}

static struct str folder_of(struct str path) {
    uint32_t slash = str_rfind(path, '/');
    return slash == path.n ? STR(".") : str_sub(path, 0, slash ? slash : 1);
}

static struct str file_name(struct str path) {
    uint32_t slash = str_rfind(path, '/');
    return slash == path.n ? path : str_sub(path, slash + 1, path.n);
}

/* Both cleaned: what leads out of a folder comes first in what follows it. */
static bool leads_out(struct str path) {
    return str_starts(path, STR("/")) || str_eq(path, STR("..")) || str_starts(path, STR("../"));
}

static bool is_inside(const struct project *project, struct str path) {
    for (uint32_t i = 0; i < project->roots.n; i++) {
        struct str root = project->roots.at[i];
        bool is_current = str_eq(root, STR("."));
        uint32_t behind = is_current ? 0 : str_ends(root, STR("/")) ? root.n : root.n + 1;
        if ((is_current || path_is_below(path, root)) && !leads_out(str_sub(path, behind, path.n)))
            return true;
    }
    return false;
}

/* --- documents ----------------------------------------------------------------------------------------------------- */

/* FNV-1a (isthe.com/chongo/tech/comp/fnv) of a path, cut to the index's size, a power of two. */
static uint32_t slot_of(const struct project *project, struct str path) {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < path.n; i++)
        hash = (hash ^ (unsigned char)path.p[i]) * 16777619u;
    return hash & (project->n_slots - 1);
}

struct document *project_find(const struct project *project, struct str path) {
    if (!path.p || project->n_slots == 0)
        return NULL;
    for (uint32_t i = slot_of(project, path); project->slots[i]; i = (i + 1) & (project->n_slots - 1))
        if (str_eq(project->slots[i]->path, path))
            return project->slots[i];
    return NULL;
}

static void index_document(struct project *project, struct document *document) {
    uint32_t i = slot_of(project, document->path);
    while (project->slots[i])
        i = (i + 1) & (project->n_slots - 1);
    project->slots[i] = document;
}

/* Appends to the list and the index, which is kept at most half full. */
static void register_document(struct project *project, struct document *document) {
    *vec_push(project->arena, &project->documents) = document;
    if (project->documents.n * 2 <= project->n_slots) {
        index_document(project, document);
        return;
    }
    project->n_slots = project->n_slots ? project->n_slots * 2 : 64;
    project->slots = arena_array(project->arena, project->n_slots, sizeof(struct document *));
    for (uint32_t i = 0; i < project->documents.n; i++)
        index_document(project, project->documents.at[i]);
}

static struct document *add_document(struct project *project, struct str path, struct str text, enum format format,
                                     bool is_selected) {
    struct document *document = arena_new(project->arena, struct document);
    document->path = str_dup(project->arena, path);
    document->format = format;
    document->is_selected = is_selected;
    document->before = document->after = text;
    document->source = source_from(project->arena, document->path, text, format);
    register_document(project, document);
    return document;
}

/* Reads a file, finds its format by name or content and adds it. `must_fit`: a file of no format of ours is an error. */
static void add_file(struct project *project, struct str path, enum format format, bool must_fit) {
    if (project_find(project, path))
        return;
    struct str text;
    if (!source_read(project->arena, path, &text, project->diags))
        return;
    if (format == FORMAT_NONE)
        format = discover_content(text);
    if (format == FORMAT_NONE && must_fit)
        diag_file(project->diags, path, "is no Dockerfile, compose file or Kubernetes manifest, by name and by content");
    if (format == FORMAT_NONE)
        return;
    struct document *document = add_document(project, path, text, format, true);
    document->is_broken = !source_check(&document->source, project->diags);
}

/* Adds a file for its facts, if it is there and within reach. */
static struct document *add_context(struct project *project, struct str path) {
    struct document *document = project_find(project, path);
    struct diags silent = {.arena = project->arena};
    struct str text;
    if (document || !is_inside(project, path) || access(str_c(project->arena, path), R_OK) != 0 ||
        !source_read(project->arena, path, &text, &silent))
        return document;
    enum format format = discover_format(path);
    document = add_document(project, path, text, format ? format : discover_content(text), false);
    document->is_broken = !source_check(&document->source, &silent);
    return document;
}

void project_add(struct project *project, const struct str *paths, uint32_t n, struct str skip) {
    for (uint32_t i = 0; i < n; i++) {
        struct stat status;
        struct str path = clean_path(project->arena, STR(""), paths[i]);
        if (stat(str_c(project->arena, path), &status) != 0 || !S_ISDIR(status.st_mode)) {
            *vec_push(project->arena, &project->roots) = folder_of(path);
            add_file(project, path, discover_format(path), true);
            continue;
        }
        *vec_push(project->arena, &project->roots) = path;
        struct found_list found = {0};
        bool has_any = false;
        uint32_t errors = project->diags->list.n;
        discover(project->arena, path, skip, &found, project->diags);
        for (uint32_t j = 0; j < found.list.n; j++) {
            struct str file = clean_path(project->arena, STR(""), found.list.at[j].path);
            add_file(project, file, found.list.at[j].format, false);
            has_any |= project_find(project, file) != NULL;
        }
        if (!has_any && project->diags->list.n == errors)
            diag_file(project->diags, path, "is a folder without a Dockerfile, compose file or Kubernetes manifest");
    }
}

void project_add_text(struct project *project, struct str path, struct str text) {
    path = clean_path(project->arena, STR(""), path);
    *vec_push(project->arena, &project->roots) = folder_of(path);
    enum format format = discover_format(path);
    if (format == FORMAT_NONE)
        format = discover_content(text);
    if (format == FORMAT_NONE) {
        diag_file(project->diags, path, "is no Dockerfile, compose file or Kubernetes manifest, by name and by content");
        return;
    }
    project->input = add_document(project, path, text, format, true);
    project->input->is_broken = !source_check(&project->input->source, project->diags);
}

struct str project_context_file(const struct project *project, struct str folder, struct str name, struct arena *arena) {
    struct str path = clean_path(arena, folder, name), text;
    struct diags silent = {.arena = arena};
    bool is_there = is_inside(project, path) && access(str_c(arena, path), R_OK) == 0 &&
                    source_read(arena, path, &text, &silent);
    return is_there ? text : (struct str){NULL, 0};
}

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
        build.context = clean_path(arena, folder_of(compose->path), context);
        if (!yaml_get(node, STR("dockerfile_inline")) && (!dockerfile.p || is_local(dockerfile)))
            build.dockerfile = clean_path(arena, build.context, dockerfile.p ? dockerfile : STR("Dockerfile"));
    }
    *vec_push(arena, &project->builds) = build;
}

static void add_builds(struct project *project, struct document *compose) {
    ARENA(scratch);
    struct diags silent = {.arena = &scratch};
    struct source source = source_from(&scratch, compose->path, compose->before, FORMAT_COMPOSE);
    struct yaml *yaml = compose->is_broken ? NULL : yaml_parse(&scratch, &source, &silent);
    for (uint32_t d = 0; yaml && d < yaml->documents.n; d++) {
        const struct yaml_node *services = yaml_get(yaml->documents.at[d].root, STR("services"));
        for (uint32_t i = 0; services && services->kind == YAML_MAPPING && i < services->n; i++)
            add_build(project, compose, services->pairs[i].key->value, yaml_resolve(services->pairs[i].value));
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
        add_document(project, path, text, format, !project->is_filter && is_inside(project, path));
    document->is_new = !is_there;
    document->owner = owner;
    document->content = content;
    document->is_broken = !source_check(&document->source, &silent);
}

/* The name that compose gives a project, and so its images: the folder's, lower-cased, without what names may not have. */
static struct str compose_project_name(struct arena *arena, const struct document *compose) {
    char *real = realpath(str_c(arena, folder_of(compose->path)), NULL);
    struct str name = str_lower(arena, file_name(str_of(real ? real : "")));
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

/* Several names may ask for what one service builds: its image's, or the two that compose makes up (v2 and v1). */
static void link_build(struct project *project, const struct build *build) {
    struct image_reference reference;
    struct arena *arena = project->arena;
    *vec_push(arena, &project->likely) = (struct image_link){build->service, build, build->document};
    if (build->image.p) {
        if (image_reference_parse(build->image, &reference))
            *vec_push(arena, &project->images) = (struct image_link){reference.repository, build, build->document};
        return;
    }
    struct str name = compose_project_name(arena, build->compose);
    for (uint32_t i = 0; i < 2; i++)
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
                (struct image_link){file_name(folder_of(document->path)), NULL, document};
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
    struct str folder = dockerfile->builds.n ? dockerfile->builds.at[0]->context : folder_of(dockerfile->path);
    bool has_own = access(str_c(project->arena, own), F_OK) == 0;
    add_companion(project, dockerfile, has_own ? own : clean_path(project->arena, folder, STR(".dockerignore")),
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
        add_companion(project, compose, clean_path(project->arena, folder_of(compose->path), name), FORMAT_SECCOMP,
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
            add_context(project, clean_path(project->arena, folder_of(project->documents.at[i]->path), beside[j]));
    n = project->documents.n;
    for (uint32_t i = 0; i < n; i++)
        if (project->documents.at[i]->format == FORMAT_COMPOSE)
            add_builds(project, project->documents.at[i]);
    for (uint32_t i = 0; i < project->builds.n; i++)
        if (project->builds.at[i].dockerfile.p)
            add_context(project, project->builds.at[i].dockerfile);
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

static struct workload linked_workload(const struct image_link *link, struct arena *arena) {
    return link->build ? workload_of_build(link->build, arena)
                       : built_workload(link->dockerfile, folder_of(link->dockerfile->path), STR(""), arena);
}

struct workload project_container(const struct project *project, struct str image, struct arena *arena) {
    struct image_reference reference;
    if (!image_reference_parse(image, &reference))
        return unknown(arena, "its image is not named by a plain reference");
    const struct image_link *link = find_link(project->images.at, project->images.n, reference.repository);
    if (link)
        return linked_workload(link, arena);
    if (image_is_public(&reference))
        return unknown(arena, "its image %.*s is not built here, and what that image needs is not known yet",
                       STR_ARG(image));
    link = find_link(project->likely.at, project->likely.n, file_name(reference.repository));
    if (link)
        return linked_workload(link, arena);
    const struct document *only = reference.has_namespace ? NULL : project->only_dockerfile;
    return only ? built_workload(only, only->builds.n ? only->builds.at[0]->context : folder_of(only->path), STR(""), arena)
                : unknown(arena, "which Dockerfile builds its image %.*s is not known", STR_ARG(image));
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
        struct str file = clean_path(arena, workload->context, str_sub(source, 1, source.n));
        if (is_inside(project, file) && access(str_c(arena, file), F_OK) == 0)
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
