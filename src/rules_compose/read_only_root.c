/* read-only-root: the service writes to mounts only. */
#include "rules_compose.h"
#include "service.h"

#include "writes.h"

/* Whether docker compose writes changed files into the running container, which a read-only root keeps it from. */
static bool is_synced(const struct service *service) {
    const struct yaml_node *watched = yaml_list(merged_get(&service->merged, STR("develop")), STR("watch"));
    for (uint32_t i = 0; i < watched->n; i++)
        if (str_starts(yaml_text(yaml_get(watched->items[i], STR("action"))), STR("sync")))
            return true;
    return false;
}

struct paths {
    struct arena *arena;
    VEC(struct str) list; /* entries */
    struct texts seen;    /* their folders */
};

/* A tmpfs, with `exec` where it runs programs out of it. It belongs to root, and has the mode that the folder has in
 * the image (runc, crun since 1.11) or is everybody's; so only others than root need a mode. */
static void add_tmpfs(struct paths *paths, const struct service *service, struct str path, bool is_everybodys) {
    const struct image *image = service->launch.workload.stage->image;
    if (!texts_add(&paths->seen, paths->arena, path))
        return;
    bool is_tmp = str_eq(path, STR("/tmp"));
    bool is_run = image && str_is_in(path, image->executes, image->n_executes);
    is_run |= is_tmp && str_eq(service->launch.workload.runtime, STR("java")); /* unpacks native libraries there */
    const char *options[] = {is_run ? "exec" : NULL, is_everybodys && !is_tmp ? "mode=1777" : NULL};
    struct buf text = {.arena = paths->arena};
    buf_add(&text, path);
    for (uint32_t i = 0; i < 2; i++)
        if (options[i])
            buf_printf(&text, "%s%s", text.n == path.n ? ":" : ",", options[i]);
    *vec_push(paths->arena, &paths->list) = buf_str(&text);
}

/* A folder that must not become an empty one at each start, because it has the program's data or files of the image;
 * {NULL, 0} where each is mounted. */
static struct str kept_folder(const struct service *service) {
    const struct image *image = service->launch.workload.stage->image;
    for (uint32_t i = 0; image && i < image->n_data; i++) {
        bool is_log = path_is_transient(image->data[i]) && !path_is_below(image->data[i], STR("/tmp"));
        if (!is_log && !start_is_mounted(&service->launch, image->data[i]))
            return image->data[i];
    }
    for (uint32_t i = 0; image && i < image->n_content; i++)
        if (!start_is_mounted(&service->launch, image->content[i]))
            return image->content[i];
    return (struct str){NULL, 0};
}

static struct measure refused(struct str refusal) {
    return (struct measure){.refusal = refusal};
}

static struct str lasting(struct arena *arena, const struct workload *workload, const struct written *written,
                          struct str path) {
    const struct stage *stage = workload->stage;
    bool is_workdir = workload->dockerfile.n && str_eq(path, stage_workdir(stage, stage->end));
    if (is_workdir && written->untold.p)
        return str_printf(arena,
                          ": where its program writes is not told by %.*s: name it with a comment in the Dockerfile "
                          "(`# ironhull: writable=/PATH`), then its root file system can be read-only",
                          STR_ARG(written->untold));
    if (is_workdir)
        return STR(": its program writes to its working directory: have it write to a folder of its own, and mount a "
                   "volume there, then its root file system can be read-only");
    return str_printf(
        arena,
        ": its program writes to %.*s, and what is there may have to last: mount a volume there, then its "
        "root file system can be read-only",
        STR_ARG(path));
}

static struct measure root_of(const struct service *service) {
    struct check *check = service->check;
    struct arena *arena = check->arena;
    const struct workload *workload = &service->launch.workload;
    if (!service_is_ready(service) || merged_is_true(arena, &service->merged, STR("read_only")))
        return (struct measure){.is_own = yaml_own(service->node, STR("read_only")) != NULL};
    if (merged_is_written(arena, &service->merged))
        return refused(STR(": a secret or config from `environment` or `content` is written into the root file system, "
                           "which can then not be read-only: use `file`"));
    if (is_synced(service))
        return refused(STR(": develop.watch copies files into its root file system, which can then not be read-only"));
    struct str cause = start_rewrites(&service->launch);
    if (cause.p)
        return refused(str_printf(arena,
                                  ": with %.*s it may write to other folders than the image's own, so that its root "
                                  "file system cannot be read-only",
                                  STR_ARG(cause)));
    struct str mount, place = settings_written(service, &mount);
    if (place.p)
        return refused(str_printf(arena,
                                  ": with %.*s its program writes to %.*s: have it write to /dev/stdout or mount a "
                                  "volume there, then its root file system can be read-only",
                                  STR_ARG(mount), STR_ARG(place)));
    struct written written = writes_of(check->project, workload, arena);
    struct str folder = kept_folder(service);
    if (folder.p)
        return refused(lasting(arena, workload, &written, folder));
    if (start_writes_unproven(&service->launch))
        return refused(STR(": which folders its program writes to is not known: name them as `writable` in "
                           "`x-ironhull`, then its root file system can be read-only"));
    struct paths paths = {.arena = arena};
    if (!start_is_mounted(&service->launch, STR("/tmp")))
        add_tmpfs(&paths, service, STR("/tmp"), true);
    const struct str_list lists[] = {workload->writable, written.folders, service->launch.hints.writable,
                                     workload->image_writes};
    for (uint32_t l = 0; l < 4; l++)
        for (uint32_t i = 0; i < lists[l].n; i++) {
            struct str path = lists[l].list[i];
            if (start_is_mounted(&service->launch, path))
                continue;
            if (!path_is_transient(path) || !path_is_plain(path) ||
                (l < 2 && project_has_content(check->project, workload, path, arena)))
                return refused(lasting(arena, workload, &written, path));
            add_tmpfs(&paths, service, path, service->start.kind == START_AS_USER);
        }
    if (paths.list.n && services_of(check)->is_stack)
        return refused(
            str_printf(arena,
                       ": `docker stack deploy` leaves `tmpfs` out, without which it could not write to "
                       "%.*s: mount volumes of `type: tmpfs` there, then its root file system can be "
                       "read-only",
                       STR_ARG(start_enumerate(arena, (struct str_list){paths.seen.list.at, paths.seen.list.n}))));
    return (struct measure){
        .value = service_keys(arena, template_value("compose/read-only-root"), STR("tmpfs"),
                              (struct str_list){paths.list.at, paths.list.n}),
        .message = "its root file system can be written to; read-only, what it writes outside its mounts fails",
    };
}

void compose_read_only_root(struct check *check) {
    service_take(check, root_of);
}
