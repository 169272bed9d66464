#include "link.h"

#include "companion.h"
#include "context.h"
#include "image_link.h"
#include "join.h"
#include "program.h"
#include "render.h"
#include "shell.h"
#include "template.h"

#include <stdlib.h>

/* --- what belongs together -----------------------------------------------------------------------------------------
 */

/* A build context or path with a scheme or a git address is not a local folder. */
static bool is_local(struct str path) {
    return path.n && !str_contains(path, STR("://")) && !str_starts(path, STR("git@")) && !str_starts(path, STR("~"));
}

/* merged_command with words of its own. */
static struct command kept_command(struct arena *arena, const struct merged *merged, struct str key) {
    struct command command = merged_command(arena, merged, key);
    struct str *words = arena_array(arena, command.n, sizeof *words);
    for (uint32_t i = 0; i < command.n; i++)
        words[i] = str_dup(arena, command.words[i]);
    command.words = words;
    return command;
}

enum { MAX_ARGUMENTS = 100 }; /* of a Dockerfile */

/* Build arguments, of which a higher layer's come last. */
struct arguments {
    VEC(struct build_argument) list;
};

static const struct build_argument *find_argument(const struct build_arguments *arguments, struct str name) {
    for (uint32_t i = arguments->n; i > 0; i--)
        if (str_eq(arguments->list[i - 1].name, name))
            return &arguments->list[i - 1];
    return NULL;
}

static void add_arguments(struct arena *arena, const struct compose_options *options, struct arguments *arguments) {
    for (uint32_t i = 0; i < options->n; i++)
        *vec_push(arena, &arguments->list) =
            (struct build_argument){str_dup(arena, options->list[i].key), str_dup(arena, options->list[i].value)};
}

/* What a service builds: each key as the highest layer has it that has one, paths from the folder of its file. */
static void add_build(struct project *project, struct compose_files *files, const struct merged *merged) {
    struct arena *arena = project->arena;
    const struct layer *own = merged_own(merged);
    struct build build = {.place = own->place, .target = STR("")};
    struct str context = STR("."), dockerfile = STR("Dockerfile"), folder = {NULL, 0};
    struct arguments arguments = {0};
    for (uint32_t i = 0; i < merged->n; i++) {
        const struct yaml_node *node = yaml_get(merged->layers[i].node, STR("build"));
        struct compose_build said = compose_build(files->arena, merged->variables, merged->layers[i].node);
        bool has_context = said.is_given && (node->kind == YAML_SCALAR || yaml_get(node, STR("context")));
        if (!said.is_given)
            continue;
        if (has_context)
            context = said.context;
        if (has_context || !folder.p)
            folder = compose_files_folder(merged->layers[i].place.document);
        if (yaml_get(node, STR("dockerfile")))
            dockerfile = said.dockerfile;
        if (said.dockerfile_inline.n)
            build.text = str_dup(arena, said.dockerfile_inline);
        if (said.target.n)
            build.target = str_dup(arena, said.target);
        add_arguments(arena, &said.args, &arguments);
    }
    if (!folder.p)
        return;
    struct str image = merged_text(files->arena, merged, STR("image"));
    const struct yaml_node *named = merged_get(merged, STR("image"));
    if (named)
        build.image = str_dup(arena, image.p ? image : yaml_text(named));
    build.arguments = (struct build_arguments){arguments.list.at, arguments.list.n};
    build.has_init = merged_is_true(files->arena, merged, STR("init"));
    build.entrypoint = kept_command(arena, merged, STR("entrypoint"));
    build.command = kept_command(arena, merged, STR("command"));
    build.has_user = merged_get(merged, STR("user")) != NULL;
    struct merged_mounts mounts = merged_mounts(arena, merged);
    build.needs_root = merged_needs_root(arena, merged, &mounts);
    struct str_list volumes = merged_volumes(arena, &mounts);
    for (uint32_t i = 0; i < volumes.n; i++)
        *vec_push(arena, &build.volumes) = str_dup(arena, volumes.list[i]);
    if (is_local(context)) {
        build.context = path_clean(arena, folder, context);
        if (!build.text.p && is_local(dockerfile))
            build.dockerfile = path_clean(arena, build.context, dockerfile);
    }
    *vec_push(arena, &project->builds) = build;
}

static void add_dependences(struct project *project, const struct merged *merged) {
    const struct place by = merged_own(merged)->place;
    for (uint32_t i = 0; i + 1 < merged->n; i++) {
        struct place on = merged->layers[i].place;
        on.name = str_dup(project->arena, on.name);
        struct dependence *dependence = arena_new(project->arena, struct dependence);
        *dependence = (struct dependence){on, by, NULL, NULL};
        struct dependence *first = map_add(&on.document->dependences, project->arena, on.name, dependence);
        if (first)
            first->last->next = dependence;
        else
            first = dependence;
        first->last = dependence;
        if (on.document != by.document)
            *vec_push(project->arena, &by.document->below) = on.document;
    }
}

/* The services of a compose file, and what they build. */
static void read_services(struct project *project, struct document *compose) {
    ARENA(scratch);
    struct compose_files files = {.project = project, .arena = &scratch};
    const struct yaml *yaml = compose_files_get(&files, compose);
    for (uint32_t d = 0; yaml && d < yaml->documents.n; d++) {
        const struct yaml_node *root = yaml->documents.at[d].root, *services = compose_services(root);
        struct str name = yaml_text(yaml_get(root, STR("name")));
        if (name.n && !compose->name.p)
            compose->name = str_dup(project->arena, name);
        for (uint32_t i = 0; services && i < services->n; i++) {
            struct place place = {compose, d, str_dup(project->arena, services->pairs[i].key->value)};
            struct merged merged = merged_service(&files, place);
            if (merged.n == 0)
                continue;
            add_build(project, &files, &merged);
            add_dependences(project, &merged);
        }
    }
}

/* What configurations say that images are built from: is read although it need not lie below what was named. */
static void add_mappings(struct project *project, const struct config *config) {
    struct arena *arena = project->arena;
    for (uint32_t i = 0; i < config->builds.n; i++) {
        const struct config_build *mapping = &config->builds.list[i];
        struct build build = {.mapping = mapping,
                              .image = mapping->image,
                              .context = mapping->context,
                              .dockerfile = mapping->dockerfile,
                              .target = mapping->target};
        for (uint32_t j = 0; j < project->builds.n && !build.context.p; j++)
            if (str_eq(project->builds.at[j].dockerfile, build.dockerfile))
                build.context = project->builds.at[j].context;
        if (!build.context.p)
            build.context = path_folder(build.dockerfile);
        const struct str folders[] = {path_folder(build.dockerfile), build.context};
        for (uint32_t j = 0; j < 2; j++)
            if (!project_is_inside(project, folders[j]))
                project_add_root(project, folders[j]);
        *vec_push(arena, &project->builds) = build;
    }
}

static void append_build(struct build *first, struct build *build) {
    while (first->next)
        first = first->next;
    first->next = build;
}

/* Builds and Dockerfiles get to know each other. */
static void link_builds(struct project *project) {
    for (uint32_t i = 0; i < project->builds.n; i++) {
        struct build *build = &project->builds.at[i];
        build->document = project_find(project, build->dockerfile);
        struct document *compose = build->place.document;
        struct build *first =
            compose ? map_add(&compose->service_builds, project->arena, build->place.name, build) : NULL;
        if (first)
            append_build(first, build);
        if (build->document)
            *vec_push(project->arena, &build->document->builds) = build;
    }
}

/* What all services that build a Dockerfile say of its arguments: one that they do not agree on is not known. */
static void find_arguments(struct project *project, struct document *dockerfile) {
    struct arguments arguments = {0};
    for (uint32_t i = 0; i < dockerfile->builds.n; i++)
        for (uint32_t j = 0; j < dockerfile->builds.at[i]->arguments.n; j++) {
            struct str name = dockerfile->builds.at[i]->arguments.list[j].name;
            struct build_arguments known = {arguments.list.at, arguments.list.n};
            const struct build_argument *last = find_argument(&dockerfile->builds.at[i]->arguments, name);
            struct build_argument said = *last;
            if (arguments.list.n == MAX_ARGUMENTS || find_argument(&known, name))
                continue;
            for (uint32_t k = 0; k < dockerfile->builds.n; k++) {
                last = find_argument(&dockerfile->builds.at[k]->arguments, name);
                if (dockerfile->builds.at[k]->place.document && !(last && str_eq(last->value, said.value)))
                    said.value = (struct str){NULL, 0};
            }
            *vec_push(project->arena, &arguments.list) = said;
        }
    dockerfile->arguments = (struct build_arguments){arguments.list.at, arguments.list.n};
}

static int by_path(const void *a, const void *b) {
    return str_cmp((*(struct document *const *)a)->path, (*(struct document *const *)b)->path);
}

void project_link(struct project *project) {
    static const struct str beside[] = {STR_INIT("compose.yaml"),
                                        STR_INIT("compose.yml"),
                                        STR_INIT("compose.override.yaml"),
                                        STR_INIT("compose.override.yml"),
                                        STR_INIT("docker-compose.yaml"),
                                        STR_INIT("docker-compose.yml"),
                                        STR_INIT("docker-compose.override.yaml"),
                                        STR_INIT("docker-compose.override.yml"),
                                        STR_INIT("Dockerfile")};
    ARENA(scratch);
    struct map folders = {0};
    for (uint32_t i = 0, n = project->documents.n; i < n; i++) {
        struct str folder = path_folder(project->documents.at[i]->path);
        if (map_add(&folders, &scratch, folder, project))
            continue;
        for (uint32_t j = 0; j < sizeof beside / sizeof *beside; j++)
            project_add_context(project, path_clean(&scratch, folder, beside[j]));
    }
    join_files(project);
    render_join(project);
    for (uint32_t i = 0; i < project->documents.n; i++)
        if (project->documents.at[i]->format == FORMAT_COMPOSE)
            read_services(project, project->documents.at[i]);
    for (uint32_t i = 0; i < project->configs.files.n && !project->configs.is_broken; i++)
        add_mappings(project, project->configs.files.at[i]);
    for (uint32_t i = 0; i < project->builds.n; i++)
        if (project->builds.at[i].dockerfile.p)
            project_add_context(project, project->builds.at[i].dockerfile);
    link_builds(project);
    for (uint32_t i = 0; i < project->documents.n; i++)
        if (project->documents.at[i]->format == FORMAT_DOCKERFILE) {
            context_find(project, project->documents.at[i]);
            find_arguments(project, project->documents.at[i]);
        }
    image_links_make(project);
    join_pods(project);
    companions_add(project);
    if (project->documents.n)
        qsort(project->documents.at, project->documents.n, sizeof *project->documents.at, by_path);
}

/* --- facts over the links ------------------------------------------------------------------------------------------
 */

static struct workload unknown(struct arena *arena, const char *format, ...) {
    struct workload workload = {0};
    va_list args;
    va_start(args, format);
    workload.reason = str_vprintf(arena, format, args);
    va_end(args);
    return workload;
}

static struct workload built_workload(const struct project *project, struct document *document, struct str context,
                                      struct str target, struct arena *arena) {
    bool is_dockerfile = document && document->format == FORMAT_DOCKERFILE;
    const struct document *settled = is_dockerfile ? project_settled(project, document) : NULL;
    if (!settled || !settled->dockerfile)
        return unknown(arena, "its Dockerfile cannot be read here");
    const struct stage *stage = stages_target(settled->stages, target);
    if (!stage)
        return unknown(arena, "%.*s has no stage %.*s", STR_ARG(document->path), STR_ARG(target));
    struct workload workload = settled->workload.stage == stage ? settled->workload : workload_of(arena, stage);
    workload.context = context;
    return workload;
}

static struct workload workload_of_build(const struct project *project, const struct build *build,
                                         struct arena *arena) {
    if (!build->dockerfile.p)
        return unknown(arena, "it is not built from a Dockerfile of this repository");
    return built_workload(project, build->document, build->context, build->target, arena);
}

/* The facts of a Dockerfile that is no file: an inline one, or no more than `FROM IMAGE`. */
static struct workload workload_of_text(const struct document *compose, struct str text, struct str target,
                                        struct build_arguments arguments, struct arena *arena) {
    struct diags silent = {.arena = arena};
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, STR(""), text, FORMAT_DOCKERFILE);
    struct dockerfile *dockerfile = dockerfile_parse(arena, source, &silent);
    if (!dockerfile || !dockerfile_check(dockerfile, &silent))
        return unknown(arena, "what its image is made of is not understood");
    dockerfile->arguments = arguments;
    const struct stage *stage = stages_target(stages_of(arena, dockerfile, &compose->config->images), target);
    return stage ? workload_of(arena, stage) : unknown(arena, "there is no stage %.*s", STR_ARG(target));
}

static const struct build *find_build(const struct place place) {
    const struct build *build = map_get(&place.document->service_builds, place.name);
    while (build && build->place.index != place.index)
        build = build->next;
    return build;
}

/* The facts of an image that is not built here. */
static struct workload public_workload(const struct document *document, struct str image, struct arena *arena) {
    struct workload workload = workload_of_text(document, str_printf(arena, "FROM %.*s", STR_ARG(image)), STR(""),
                                                (struct build_arguments){NULL, 0}, arena);
    workload.context = STR("/"); /* no folder of ours */
    if (workload.is_known && !workload.stage->image) {
        workload.is_known = false;
        workload.reason = str_printf(arena, "nothing is known of its image %.*s", STR_ARG(image));
    }
    return workload;
}

struct workload project_service(const struct project *project, const struct merged *merged, struct arena *arena) {
    const struct place place = merged_own(merged)->place;
    const struct build *build = find_build(place);
    if (build && build->text.p) {
        struct workload workload =
            workload_of_text(place.document, build->text, build->target, build->arguments, arena);
        workload.context = build->context;
        return workload;
    }
    if (build)
        return workload_of_build(project, build, arena);
    struct str image = merged_text(arena, merged, STR("image"));
    if (!image.n)
        return unknown(arena, merged_get(merged, STR("image")) ? "a variable without a value names its image"
                                                               : "it has neither an image nor a build");
    build = image_link_built(project, place.document, image);
    if (build)
        return workload_of_build(project, build, arena);
    return public_workload(place.document, image, arena);
}

struct workload project_container(const struct project *project, const struct document *manifest, struct str image,
                                  struct arena *arena) {
    struct origin origin = image_link_find(project, manifest, image, arena);
    if (origin.is_public)
        return public_workload(manifest, image, arena);
    if (origin.reason.p)
        return unknown(arena, "%.*s", STR_ARG(origin.reason));
    if (origin.build)
        return workload_of_build(project, origin.build, arena);
    struct document *document = origin.dockerfile;
    return built_workload(project, document, document->context, STR(""), arena);
}

struct str project_needs_root(const struct document *dockerfile, const struct stage *stage) {
    for (uint32_t i = 0; i < dockerfile->builds.n; i++) {
        const struct build *build = dockerfile->builds.at[i];
        if (build->needs_root.p && stage_is_target(stage, build->target))
            return build->needs_root;
    }
    for (uint32_t i = 0; i < dockerfile->root_needs.n; i++)
        if (stage_is_target(stage, dockerfile->root_needs.at[i].target))
            return dockerfile->root_needs.at[i].reason;
    return (struct str){NULL, 0};
}

struct str project_commands_obstacle(const struct project *project, const struct document *dockerfile,
                                     const struct stage *stage, struct arena *arena) {
    for (uint32_t i = 0; i < dockerfile->builds.n; i++) {
        const struct build *build = dockerfile->builds.at[i];
        const struct command *entrypoint = &build->entrypoint, *command = &build->command;
        bool is_known = (!entrypoint->is_set || entrypoint->is_known) && (!command->is_set || command->is_known);
        struct str reason = {NULL, 0};
        if (is_known && (entrypoint->is_set || command->is_set) && !build->has_user &&
            stage_is_target(stage, build->target))
            reason = program_need(arena, project, build->context, stage, entrypoint->is_set ? entrypoint : NULL,
                                  command->is_set ? command : NULL);
        if (reason.p)
            return str_printf(arena, "the service %.*s starts another program: %.*s", STR_ARG(build->place.name),
                              STR_ARG(reason));
    }
    return (struct str){NULL, 0};
}

struct str_list project_volumes(const struct document *dockerfile, const struct workload *workload,
                                struct arena *arena) {
    struct str workdir = stage_workdir(workload->stage, workload->stage->end);
    struct texts known = {0};
    VEC(struct str) paths = {0};
    for (uint32_t i = 0; i < workload->volumes.n; i++)
        texts_add(&known, arena, workload->volumes.list[i]);
    for (uint32_t i = 0; i < workload->writable.n; i++)
        texts_add(&known, arena, workload->writable.list[i]);
    for (uint32_t i = 0; i < dockerfile->builds.n; i++) {
        const struct build *build = dockerfile->builds.at[i];
        for (uint32_t j = 0; j < build->volumes.n && stage_is_target(workload->stage, build->target); j++) {
            struct str path = build->volumes.at[j];
            if (!workload_is_system(path, workdir) && texts_add(&known, arena, path))
                *vec_push(arena, &paths) = path;
        }
    }
    return (struct str_list){paths.at, paths.n};
}

/* project_has_content for one instruction. */
static bool copies_into(const struct project *project, const struct workload *workload, const struct stage *stage,
                        uint32_t index, struct str path, struct arena *arena) {
    const struct df_instruction *copy = &stage->dockerfile->list[index];
    if (!stage_is_copy(copy))
        return false;
    struct str target = stage_copy_target(arena, stage, index);
    if (!target.p || path_is_below(target, path))
        return true;
    if (!path_is_below(path, target))
        return false;
    if (df_flag(copy, STR("from")).p || copy->kind == DF_ADD)
        return true;
    struct str inside = str_sub(path, str_eq(target, STR("/")) ? 1 : target.n + 1, path.n);
    for (uint32_t i = 0; i + 1 < copy->n_words; i++) {
        struct str source = path_join(arena, path_join(arena, STR("/"), copy->words[i].text), inside);
        struct str file = path_clean(arena, workload->context, str_sub(source, 1, source.n));
        if (project_has(project, file, arena))
            return true;
    }
    return false;
}

bool project_has_content(const struct project *project, const struct workload *workload, struct str path,
                         struct arena *arena) {
    if (workload_is_system(path, stage_workdir(workload->stage, workload->stage->end)))
        return true;
    for (const struct stage *stage = workload->stage; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++)
            if (copies_into(project, workload, stage, i, path, arena) ||
                workload_fills(&stage->dockerfile->list[i], path, arena))
                return true;
    return false;
}
