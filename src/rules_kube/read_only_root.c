/* read-only-root: containers get volumes for what they write. */
#include "rules_kube.h"

#include "link.h"
#include "pod.h"
#include "writes.h"

/* Notes that a name is taken. Gives where the number is kept that the next one like it gets; NULL: it was not taken. */
static uint32_t *take_name(struct pod *pod, struct str name) {
    struct arena *arena = pod->check->arena;
    uint32_t *next = arena_new(arena, uint32_t);
    *next = 2;
    return map_add(&pod->volumes, arena, name, next);
}

/* A StatefulSet's claims become volumes too, in the place of those of their name. */
static void take_names(struct pod *pod) {
    const struct yaml_node *volumes = yaml_list(pod->spec, STR("volumes"));
    const struct yaml_node *claims = yaml_list(yaml_get(pod->object, STR("spec")), STR("volumeClaimTemplates"));
    for (uint32_t i = 0; i < volumes->n; i++)
        take_name(pod, yaml_text(yaml_get(volumes->items[i], STR("name"))));
    for (uint32_t i = 0; i < claims->n; i++)
        take_name(pod, yaml_text(yaml_get(yaml_get(claims->items[i], STR("metadata")), STR("name"))));
}

/* A free volume name for a path, a DNS label (RFC 1123: at most 63 letters, digits and inner dashes): its last
 * component, with a number where that is taken. */
static struct str volume_name(struct pod *pod, struct str path) {
    struct arena *arena = pod->check->arena;
    char *label = str_c(arena, str_lower(arena, path_name(path)));
    for (char *c = label; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9'))
            *c = '-';
    struct str base = str_of(label);
    while (str_starts(base, STR("-")))
        base = str_sub(base, 1, base.n);
    base = str_sub(base, 0, 50);
    while (str_ends(base, STR("-")))
        base.n--;
    base = base.n ? base : STR("files");
    struct str name = base;
    if (pod->volumes.n == 0)
        take_names(pod);
    for (uint32_t *next = take_name(pod, base); next && map_get(&pod->volumes, name); ++*next)
        name = str_printf(arena, "%.*s-%u", STR_ARG(base), *next);
    take_name(pod, name);
    return name;
}

/* A mapping with one key, a list. */
static const struct yaml_value *one_list(struct arena *arena, struct str key, const struct yaml_value *items,
                                         uint32_t n) {
    struct yaml_value *value = arena_array(arena, 2, sizeof *value);
    value[0] = (struct yaml_value){.kind = YAML_MAPPING, .children = &value[1], .n = 1};
    value[1] = (struct yaml_value){.kind = YAML_SEQUENCE, .key = key, .children = items, .n = n};
    return value;
}

/* Volumes and mounts for the paths: memory for /tmp, disk for what may grow. */
static void add_mounts(const struct container *container, const struct str *paths, uint32_t n,
                       struct kube_part *ret_parts) {
    struct pod *pod = container->pod;
    struct arena *arena = pod->check->arena;
    struct yaml_value *mounts = arena_array(arena, n, sizeof *mounts),
                      *volumes = arena_array(arena, n, sizeof *volumes);
    for (uint32_t i = 0; i < n; i++) {
        struct str name = volume_name(pod, paths[i]);
        const struct template_variable list[] = {{"name", name}, {"path", paths[i]}};
        struct template_variables variables = {list, 2};
        const char *volume =
            str_eq(paths[i], STR("/tmp")) ? "kubernetes/read-only-root/memory" : "kubernetes/read-only-root/disk";
        mounts[i] = *template_fill_value(arena, template_value("kubernetes/read-only-root/mount"), variables);
        volumes[i] = *template_fill_value(arena, template_value(volume), variables);
    }
    ret_parts[0] = (struct kube_part){container->node, one_list(arena, STR("volumeMounts"), mounts, n), NULL};
    ret_parts[1] = (struct kube_part){pod->spec, one_list(arena, STR("volumes"), volumes, n), NULL};
}

static void cannot(const struct container *container, const char *format, struct str what) {
    struct check *check = container->pod->check;
    rule_found(check, container->at, "container %.*s: %.*s", STR_ARG(container->name),
               STR_ARG(str_printf(check->arena, format, STR_ARG(what))));
}

/* Whether its program, as another user than root, does not start with an empty folder of root's there. */
static bool must_own(const struct container *container, struct str path) {
    const struct image *image = container->launch.workload.stage->image;
    bool is_user = container->start.kind == START_AS_USER || str_eq(path, STR("/tmp"));
    return is_user && image && str_is_in(path, image->owns, image->n_owns);
}

/* Adds the folders of a list that nothing is mounted at. False, with a finding, where one must not be hidden. `hides`:
 * whether files of the image may be there. */
static bool add_paths(const struct container *container, struct str_list list, struct texts *paths,
                      bool (*hides)(const struct container *, struct str)) {
    for (uint32_t i = 0; i < list.n; i++) {
        struct str path = list.list[i];
        if (start_is_mounted(&container->launch, path) || map_get(&paths->seen, path))
            continue;
        if (must_own(container, path)) {
            cannot(container,
                   "its program must own %.*s or be alone to write there, and an emptyDir is root's and everybody's: "
                   "have it use a folder in a volume, then its root file system can be read-only",
                   path);
            return false;
        }
        if (hides(container, path)) {
            cannot(
                container,
                "its program writes to %.*s, where the image may have files already: mount a volume with them there, "
                "then its root file system can be read-only",
                path);
            return false;
        }
        texts_add(paths, container->pod->check->arena, path);
    }
    return true;
}

static bool has_none(const struct container *container, struct str path) {
    (void)container;
    (void)path;
    return false;
}

static bool has_content(const struct container *container, struct str path) {
    const struct check *check = container->pod->check;
    return project_has_content(check->project, &container->launch.workload, path, check->arena);
}

/* Whether the base image has files there, or its Dockerfile brings some. */
static bool is_images(const struct container *container, struct str path) {
    const struct workload *workload = &container->launch.workload;
    const struct image *image = workload->stage->image;
    return str_is_in(path, image->content, image->n_content) ||
           (workload->dockerfile.n && !path_is_transient(path) && has_content(container, path));
}

/* Everything that a container writes to and that is not mounted. What is in its root file system is gone when it starts
 * again, so that an emptyDir, which lives as long as the pod, loses nothing: folders of data too. */
static bool find_paths(const struct container *container, struct texts *paths) {
    static const struct str tmp = STR_INIT("/tmp");
    const struct check *check = container->pod->check;
    const struct workload *workload = &container->launch.workload;
    const struct image *image = workload->stage->image;
    bool is_public = !workload->dockerfile.n;
    struct str_list data = {image ? image->data : NULL, image ? image->n_data : 0};
    if (container->start.is_tools)
        return add_paths(container, (struct str_list){&tmp, 1}, paths, has_none);
    struct written written = writes_of(check->project, workload, check->arena);
    if (written.untold.p &&
        !start_is_mounted(&container->launch, stage_workdir(workload->stage, workload->stage->end))) {
        cannot(container,
               "where its program writes is not told by %.*s: name it with a comment in the Dockerfile "
               "(`# ironhull: writable=/PATH`), then its root file system can be read-only",
               written.untold);
        return false;
    }
    return add_paths(container, (struct str_list){&tmp, 1}, paths, has_none) &&
           add_paths(container, data, paths, is_images) &&
           add_paths(container, workload->volumes, paths, is_public ? is_images : has_content) &&
           add_paths(container, workload->writable, paths, has_content) &&
           add_paths(container, written.folders, paths, has_content) &&
           add_paths(container, workload->image_writes, paths, is_images);
}

static void root_of(struct container *container) {
    struct check *check = container->pod->check;
    struct texts paths = {0};
    if (container_measures(container) != MEASURES_SAFE ||
        pod_is_true(yaml_get(security_context(container->node), STR("readOnlyRootFilesystem"))))
        return;
    bool is_tools = container->start.is_tools;
    struct str cause = is_tools ? (struct str){NULL, 0} : start_rewrites(&container->launch);
    if (cause.p) {
        cannot(container,
               "with %.*s it may write to other folders than the image's own, so that its root file system cannot be "
               "read-only",
               cause);
        return;
    }
    if (!is_tools && start_writes_unproven(&container->launch)) {
        cannot(
            container,
            "which folders its program writes to is not known: name them as `writes` of %.*s in .ironhull.yaml, then "
            "its root file system can be read-only",
            yaml_text(yaml_get(container->node, STR("image"))));
        return;
    }
    if (!find_paths(container, &paths))
        return;
    struct kube_part parts[3] = {{container->node, template_value("kubernetes/read-only-root/container"), NULL}};
    if (paths.list.n)
        add_mounts(container, paths.list.at, paths.list.n, &parts[1]);
    const char *message = "its root file system can be written to; read-only, what it writes outside its mounts fails";
    kube_want(check, (struct kube_message){container->at, container->name, message, false, false, NULL}, parts,
              paths.list.n ? 3 : 1);
}

void kube_read_only_root(struct check *check) {
    container_each(check, root_of);
    written_values(check);
}
