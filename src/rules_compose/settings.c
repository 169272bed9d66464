/* What the settings that a service mounts make its program write to. */
#include "rules_compose.h"
#include "template.h"

struct settings {
    const struct service *service;
    struct str mount, written; /* the mount's source; a path that nothing is mounted at, {NULL, 0}: none yet */
};

static bool is_settings(struct str name) {
    static const struct str ends[] = {STR_INIT(".cfg"), STR_INIT(".cnf"), STR_INIT(".conf"), STR_INIT(".ini")};
    for (uint32_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_ends(name, ends[i]))
            return true;
    return false;
}

/* Whether the program may write there under a read-only root. The two logs of nginx are links to standard output and
 * error (nginx/docker-nginx@0d7f4380, Dockerfile). */
static bool is_writable(const struct service *service, struct str path) {
    static const struct str open[] = {STR_INIT("/dev"), STR_INIT("/tmp"), STR_INIT("/var/log/nginx/access.log"),
                                      STR_INIT("/var/log/nginx/error.log")};
    const struct image *image = service->launch.workload.stage->image;
    struct str real = path_is_below(path, STR("/var/run")) ? str_sub(path, 4, path.n) : path;
    for (uint32_t i = 0; i < sizeof open / sizeof *open; i++)
        if (path_is_below(path, open[i]))
            return true;
    for (uint32_t i = 0; image && i < image->n_writes; i++)
        if (path_is_below(real, image->writes[i]))
            return true;
    return start_is_mounted(&service->launch, path) || start_is_mounted(&service->launch, real);
}

/* A path behind a setting that names what is written, in the same line: `access_log /x`, `log_dest file /x`, `y = /x`.
 */
static void see_line(struct settings *settings, struct str line) {
    uint32_t since = UINT32_MAX; /* words since such a setting */
    for (uint32_t i = 0; i < line.n && !settings->written.p;) {
        uint32_t end = i;
        while (end < line.n && !strchr(" \t\r=;\"'{}", line.p[end]))
            end++;
        struct str word = str_sub(line, i, end);
        i = end + 1;
        if (!word.n)
            continue;
        bool is_path = word.p[0] == '/' && since < 2 && path_is_plain(word);
        if (is_path && !is_writable(settings->service, path_join(settings->service->check->arena, STR("/"), word)))
            settings->written = word;
        since = word.p[0] != '/' && template_has_name(NAMES_WRITTEN_SETTINGS, word) ? 0 : since + (since < 2);
    }
}

static bool see_file(void *context, struct str name) {
    struct settings *settings = context;
    struct check *check = settings->service->check;
    struct str text = is_settings(name) ? project_context_file(check->project, settings->mount, name, check->arena)
                                        : (struct str){NULL, 0};
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n && line.p[0] != '#' && line.p[0] != ';')
            see_line(settings, line);
    }
    return !settings->written.p;
}

struct str settings_written(const struct service *service, struct str *ret_mount) {
    struct check *check = service->check;
    struct settings settings = {.service = service};
    for (uint32_t i = 0; i < service->mounts.n && !settings.written.p; i++) {
        const struct merged_mount *mount = &service->mounts.list[i];
        struct str source = mount->kind == MOUNT_BIND ? mount->source : (struct str){NULL, 0};
        if (!source.n || source.p[0] == '/' || source.p[0] == '~' || !project_has(check->project, source, check->arena))
            continue;
        *ret_mount = mount->name;
        settings.mount = is_settings(source) ? path_folder(source) : source;
        if (is_settings(source))
            see_file(&settings, path_name(source));
        else if (path_is_below(mount->target, STR("/etc")) || str_contains(path_name(mount->target), STR("conf")))
            project_context_each(check->project, source, NULL, see_file, &settings, check->arena);
    }
    return settings.written;
}
