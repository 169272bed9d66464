#include "companion.h"

#include "template.h"

#include <unistd.h>

/* On disk, or in an editor alone. */
static bool is_there(const struct project *project, struct str path) {
    ARENA(scratch);
    return map_get(&project->texts, path) || access(str_c(&scratch, path), F_OK) == 0;
}

/* NULL where the path has a document already, or cannot be read. */
static struct document *add_companion(struct project *project, struct str path, enum format format) {
    if (project_find(project, path))
        return NULL;
    ARENA(scratch);
    struct str text = STR("");
    bool is_new = !is_there(project, path);
    struct diags silent = {.arena = &scratch};
    if (!is_new && !project_read(project, path, &scratch, &text, &silent))
        return NULL;
    struct document *document =
        project_add_document(project, path, format, !project->is_filter && project_is_inside(project, path));
    struct source source = source_from(&scratch, path, text, format);
    document->is_new = is_new;
    document->is_broken = !source_check(&source, &silent);
    document->hash = str_quick_hash(text);
    return document;
}

/* The .dockerignore that the builder reads: the Dockerfile's own where there is one
 * (docs.docker.com/build/concepts/context, "Filename and location"). */
static void add_dockerignore(struct project *project, struct document *dockerfile) {
    ARENA(scratch);
    struct str own = str_printf(&scratch, "%.*s.dockerignore", STR_ARG(dockerfile->path));
    struct document *document = add_companion(
        project, is_there(project, own) ? own : path_clean(&scratch, dockerfile->context, STR(".dockerignore")),
        FORMAT_DOCKERIGNORE);
    if (!document)
        return;
    document->owner = dockerfile;
    *vec_push(project->arena, &dockerfile->companions) = document;
}

/* --- seccomp profiles ----------------------------------------------------------------------------------------------
 */

/* Engines look for a service's profile beside its compose file. `kubectl apply -f FOLDER` takes every .json of the
 * folder for a manifest, but not what is in folders below: there the profiles for manifests are, unless it is at hand.
 */
static struct str profile_path(const struct project *project, const struct document *document, struct str runtime,
                               struct arena *arena) {
    struct str folder = path_folder(document->path);
    struct str name = str_printf(arena, "%.*s-seccomp.json", STR_ARG(runtime));
    struct str path = path_clean(arena, folder, name);
    bool is_beside = project_find(project, path) || is_there(project, path);
    if (document->format == FORMAT_COMPOSE || is_beside)
        return path;
    return path_clean(arena, folder, str_printf(arena, "seccomp/%.*s", STR_ARG(name)));
}

/* A profile for every runtime that has one. */
static void add_profiles(struct project *project, struct document *document) {
    for (uint32_t i = 0; i < template_n_files; i++) {
        struct str path = template_files[i].path;
        if (!str_starts(path, STR("seccomp/")))
            continue;
        struct str runtime = str_sub(path, 8, str_find(path, 0, '.'));
        path = profile_path(project, document, runtime, project->arena);
        struct document *profile = add_companion(project, path, FORMAT_SECCOMP);
        if (profile)
            profile->content = template_files[i].text;
        else
            profile = project_find(project, path);
        if (profile && profile->format == FORMAT_SECCOMP)
            *vec_push(project->arena, &document->companions) = profile;
    }
}

struct document *companion_profile(const struct document *document, struct str runtime) {
    for (uint32_t i = 0; i < document->companions.n; i++) {
        struct document *profile = document->companions.at[i];
        struct str rest = path_name(profile->path);
        if (str_starts(rest, runtime) && str_eq(str_sub(rest, runtime.n, rest.n), STR("-seccomp.json")))
            return profile;
    }
    return NULL;
}

void companion_want(const struct project *project, struct document *profile, struct document *document) {
    for (uint32_t i = 0; i < profile->wanted_by.n; i++)
        if (profile->wanted_by.at[i] == document)
            return;
    *vec_push(project->arena, &profile->wanted_by) = document;
}

/* --- all of them ---------------------------------------------------------------------------------------------------
 */

static void add_of(struct project *project, uint32_t n, enum format format) {
    for (uint32_t i = 0; i < n; i++) {
        struct document *document = project->documents.at[i];
        if (!document->is_selected || document->format != format)
            continue;
        if (format == FORMAT_DOCKERFILE)
            add_dockerignore(project, document);
        else if (format == FORMAT_COMPOSE || document->config->seccomp.is_localhost)
            add_profiles(project, document);
    }
}

void companions_add(struct project *project) {
    uint32_t n = project->documents.n;
    add_of(project, n, FORMAT_DOCKERFILE);
    add_of(project, n, FORMAT_COMPOSE);
    add_of(project, n, FORMAT_KUBE); /* last: one that is there for a service serves a pod too */
}
