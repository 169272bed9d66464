#include "workload.h"

#include "map.h"
#include "shell.h"
#include "template.h"

/* Folders that are made, and those that a copy installs, of which more is found out: each needs a look at the whole
 * stage. */
enum { MAX_LOOKED_AT = 64, MAX_EXCLUDES = 1000 };

struct path_list {
    struct texts paths;
    uint32_t n_looked_at;
};

static void add_path(struct arena *arena, struct path_list *list, struct str path) {
    if (!path_is_below(path, STR("/tmp")) && !str_eq(path, STR("/")))
        texts_add(&list->paths, arena, path);
}

bool workload_is_system(struct str path, struct str workdir) {
    static const struct str folders[] = {STR_INIT("/bin"),   STR_INIT("/dev"),  STR_INIT("/etc"),  STR_INIT("/lib"),
                                         STR_INIT("/lib64"), STR_INIT("/proc"), STR_INIT("/root"), STR_INIT("/sbin"),
                                         STR_INIT("/sys"),   STR_INIT("/tmp"),  STR_INIT("/usr")};
    if (str_eq(path, STR("/")))
        return true;
    if (workdir.n > 1 && path_is_below(path, workdir))
        return false;
    for (uint32_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (path_is_below(path, folders[i]))
            return true;
    return false;
}

bool workload_fills(const struct df_instruction *run, struct str path, struct arena *arena) {
    static const struct str harmless[] = {STR_INIT("mkdir"), STR_INIT("chown"), STR_INIT("chmod"), STR_INIT("chgrp")};
    struct str name = path_name(path);
    if (run->kind != DF_RUN || !run->n_words || !str_contains(run->words[0].text, name))
        return false;
    const struct shell_script *script = stage_script(arena, run);
    if (!script)
        return true;
    for (uint32_t i = 0; i < script->n; i++) {
        const struct shell_command *command = &script->list[i];
        bool is_harmless = false, has_name = false;
        for (uint32_t j = 0; command->n_words && j < sizeof harmless / sizeof *harmless; j++)
            is_harmless |= str_eq(command->words[0].text, harmless[j]);
        for (uint32_t j = 0; j < command->n_words && !is_harmless; j++)
            has_name |= str_contains(command->words[j].text, name);
        for (uint32_t j = 0; j < command->redirections.n; j++)
            has_name |= str_contains(command->redirections.at[j].text, name);
        if (has_name)
            return true;
    }
    return false;
}

/* Whether a folder that a RUN line makes stays empty and root's, as far as can be seen: then it is there to be
 * written to. Programs that later lines run in a folder above it may fill it. */
static bool stays_empty(const struct stage *stage, uint32_t index, struct str path) {
    ARENA(scratch);
    const struct df_instruction *all = stage->dockerfile->list;
    if (workload_is_system(path, STR("/")) || str_contains(all[index].words[0].text, STR("chown")) ||
        workload_fills(&all[index], path, &scratch))
        return false;
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        bool is_copy = stage_is_copy(&all[i]), is_later_run = all[i].kind == DF_RUN && i > index;
        struct str target = is_copy ? stage_copy_target(&scratch, stage, i) : STR("");
        struct str directory = is_later_run ? stage_workdir(stage, i) : STR("");
        bool is_copied = is_copy && (!target.p || path_is_below(target, path));
        bool is_above = is_later_run && (!directory.p || (directory.n > 1 && path_is_below(path, directory)));
        if (is_copied || is_above || workload_fills(&all[i], path, &scratch))
            return false;
    }
    struct str directory = stage_workdir(stage, stage->end);
    return directory.p && !path_is_below(directory, path);
}

/* The folders that a RUN line makes under a telling name, or that stay empty. */
static void add_made_folders(struct arena *arena, const struct stage *stage, uint32_t index, struct path_list *list) {
    const struct df_instruction *run = &stage->dockerfile->list[index];
    const struct shell_script *script = stage_script(arena, run);
    struct str directory = stage_workdir(stage, index);
    if (!script || !directory.p)
        return;
    for (uint32_t i = 0; i < script->n; i++) {
        const struct shell_command *command = &script->list[i];
        if (command->n_words < 2 || !str_eq(command->words[0].text, STR("mkdir")))
            continue;
        for (uint32_t j = 1; j < command->n_words; j++)
            if (command->words[j].is_constant && !str_starts(command->words[j].text, STR("-"))) {
                struct str path = path_join(arena, directory, command->words[j].text);
                if (template_has_name(NAMES_WRITABLE, path) || path_is_transient(path) ||
                    (list->n_looked_at++ < MAX_LOOKED_AT && stays_empty(stage, index, path)))
                    add_path(arena, list, path);
            }
    }
}

/* The working directory of a RUN line that makes a database there. */
static void add_database(struct arena *arena, const struct stage *stage, uint32_t index, struct path_list *list) {
    struct template_words migrations = template_names[NAMES_MIGRATIONS];
    struct str directory = stage_workdir(stage, index);
    for (uint32_t i = 0; directory.p && i < migrations.n; i++)
        if (str_contains(stage->dockerfile->list[index].words[0].text, migrations.list[i]))
            add_path(arena, list, directory);
}

bool workload_is_shared(struct str path) {
    static const struct str shared[] = {
        STR_INIT("/bin"),       STR_INIT("/boot"),          STR_INIT("/dev"),       STR_INIT("/etc"),
        STR_INIT("/home"),      STR_INIT("/lib"),           STR_INIT("/lib64"),     STR_INIT("/media"),
        STR_INIT("/mnt"),       STR_INIT("/opt"),           STR_INIT("/proc"),      STR_INIT("/root"),
        STR_INIT("/run"),       STR_INIT("/sbin"),          STR_INIT("/srv"),       STR_INIT("/sys"),
        STR_INIT("/usr"),       STR_INIT("/usr/bin"),       STR_INIT("/usr/lib"),   STR_INIT("/usr/local"),
        STR_INIT("/usr/share"), STR_INIT("/usr/local/bin"), STR_INIT("/var"),       STR_INIT("/var/cache"),
        STR_INIT("/var/lib"),   STR_INIT("/var/log"),       STR_INIT("/var/spool"), STR_INIT("/usr/local/share")};
    return STR_IS_IN(path, shared);
}

/* Adds a folder that a variable names, but for those that all programs share. */
static void add_own_folder(struct arena *arena, struct path_list *list, struct str path) {
    if (!workload_is_shared(path))
        add_path(arena, list, path);
}

/* Whether a variable of that name and value may name a file: DATABASE_PATH=/data/app.db, DB_PATH=/data/app,
 * STATE_FILE_PATH=/data/state. */
static bool names_file(struct str name, struct str path) {
    struct str last = path_name(path);
    bool is_database = str_contains(name, STR("DATABASE")) || str_contains(name, STR("DB"));
    return str_ends(name, STR("_PATH")) && (str_contains(name, STR("FILE")) || str_find(last, 1, '.') < last.n ||
                                            (is_database && !template_has_name(NAMES_WRITABLE, path)));
}

/* Whether a path begins with a folder that root has for data: /data/traces. */
static bool is_below_data(struct str path) {
    struct str rest = str_sub(path, 1, path.n), top;
    return str_cut(&rest, '/', &top) && template_has_name(NAMES_WRITABLE, top);
}

/* The folder that a variable names for the program's data: DATA_DIR=/srv/data, TRACE_DIR=/data/traces,
 * DATABASE_URL=sqlite:///app.db (relative to the working directory; absolute with four slashes, a driver may stand
 * behind `sqlite`: docs.sqlalchemy.org/core/engines), DATABASE_URL=file:/data/app.db (prisma.io/docs/orm/overview/
 * databases/sqlite; a relative path starts where its schema is). */
static void add_named_folder(struct arena *arena, const struct stage *stage, struct str name, struct str value,
                             struct path_list *list) {
    static const struct str data[] = {STR_INIT("DATA"), STR_INIT("STATE"), STR_INIT("STORAGE"), STR_INIT("UPLOAD")};
    static const struct str ends[] = {STR_INIT("_DIR"), STR_INIT("_FOLDER"), STR_INIT("_HOME"), STR_INIT("_PATH")};
    bool is_data = is_below_data(value), is_folder = false;
    for (uint32_t i = 0; i < 4; i++) {
        is_data |= str_contains(name, data[i]);
        is_folder |= str_ends(name, ends[i]);
    }
    bool is_cache = template_has_name(NAMES_CACHE_VARIABLES, name);
    if ((is_cache || (is_data && is_folder)) && str_starts(value, STR("/"))) {
        struct str path = path_join(arena, STR("/"), value);
        add_own_folder(arena, list, names_file(name, path) ? path_folder(path) : path);
    }
    struct str path = value, scheme = STR("");
    str_cut(&path, ':', &scheme);
    bool is_database = str_starts(scheme, STR("sqlite")) && str_starts(path, STR("///"));
    struct str directory = is_database ? stage_workdir(stage, stage->end) : (struct str){NULL, 0};
    if (directory.p)
        add_own_folder(arena, list, path_folder(path_join(arena, directory, str_sub(path, 3, path.n))));
    else if (str_eq(scheme, STR("file")) && str_contains(name, STR("DATABASE")) && str_starts(path, STR("/")))
        add_own_folder(arena, list, path_folder(path_join(arena, STR("/"), path)));
}

/* Whether an option's name says that a folder of data follows: --data-dir, --storage.tsdb.path, -datadir, --data. */
static bool names_data(struct arena *arena, struct str name) {
    static const struct str data[] = {STR_INIT("cache"),  STR_INIT("data"),   STR_INIT("datadir"), STR_INIT("log"),
                                      STR_INIT("logs"),   STR_INIT("logdir"), STR_INIT("state"),   STR_INIT("storage"),
                                      STR_INIT("upload"), STR_INIT("uploads")};
    static const struct str folder[] = {STR_INIT("dir"), STR_INIT("directory"), STR_INIT("folder"), STR_INIT("path"),
                                        STR_INIT("root")};
    bool is_data = str_eq(name, STR("--data")), is_folder = is_data;
    struct str rest = str_lower(arena, name);
    for (uint32_t at = 0; at < rest.n;) {
        uint32_t end = at;
        while (end < rest.n && str_find(STR("-_."), 0, rest.p[end]) == 3)
            end++;
        struct str part = str_sub(rest, at, end);
        is_data |= STR_IS_IN(part, data);
        is_folder |= STR_IS_IN(part, folder) || (part.n > 3 && str_ends(part, STR("dir")));
        at = end + 1;
    }
    return is_data && is_folder;
}

/* The folders that the command line names for data. */
static void add_started_folders(struct arena *arena, const struct stage *stage, struct path_list *list) {
    struct command commands[] = {stage_entrypoint(arena, stage), stage_cmd(arena, stage)};
    VEC(struct str) words = {0};
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t j = 0; commands[i].where && !commands[i].is_shell && j < commands[i].n; j++)
            *vec_push(arena, &words) = commands[i].words[j];
    for (uint32_t i = 0; i < words.n; i++) {
        uint32_t equals = str_find(words.at[i], 0, '=');
        struct str value = equals < words.at[i].n ? str_sub(words.at[i], equals + 1, words.at[i].n)
                           : i + 1 < words.n      ? words.at[i + 1]
                                                  : STR("");
        if (str_starts(words.at[i], STR("-")) && names_data(arena, str_sub(words.at[i], 0, equals)) &&
            str_starts(value, STR("/")))
            add_path(arena, list, path_join(arena, STR("/"), value));
    }
}

/* The working directory, where its name says that it is for data and nothing is copied there. */
static void add_workdir(struct arena *arena, const struct stage *stage, struct path_list *list) {
    struct str directory = stage_workdir(stage, stage->end);
    if (!directory.p || !template_has_name(NAMES_WRITABLE, directory))
        return;
    for (const struct stage *s = stage; s; s = s->parent)
        for (uint32_t i = s->from + 1; i < s->end; i++) {
            struct str target = stage_copy_target(arena, s, i);
            if (stage_is_copy(&s->dockerfile->list[i]) && (!target.p || path_is_below(target, directory)))
                return;
        }
    add_path(arena, list, directory);
}

/* The folders that the instructions of one kind make for the program to write to. */
static void add_paths(struct arena *arena, const struct stage *stage, enum df_kind kind, struct path_list *list) {
    for (const struct stage *s = stage; s; s = s->parent)
        for (uint32_t i = s->from + 1; i < s->end; i++) {
            const struct df_instruction *instruction = &s->dockerfile->list[i];
            if (instruction->kind != kind)
                continue;
            if (kind == DF_RUN && instruction->n_words) {
                add_made_folders(arena, s, i, list);
                add_database(arena, s, i, list);
            }
            for (uint32_t j = 0; kind == DF_ENV && j + 1 < instruction->n_words; j += 3) {
                struct str value = stage_expand(arena, s, i, instruction->words[j + 1].text);
                if (value.n)
                    add_named_folder(arena, stage, instruction->words[j].text, value, list);
            }
            for (uint32_t j = 0; kind == DF_VOLUME && j < instruction->n_words; j++) {
                struct str path = stage_expand(arena, s, i, instruction->words[j].text);
                if (path.n)
                    add_path(arena, list, path_join(arena, STR("/"), path));
            }
        }
}

static void add_hints(struct arena *arena, const struct hints *hints, struct path_list *list) {
    for (uint32_t i = 0; hints && i < hints->writable.n; i++)
        add_path(arena, list, hints->writable.at[i]);
}

static struct str_list exposed_ports(struct arena *arena, const struct stage *stage) {
    VEC(struct str) ports = {0};
    for (const struct stage *s = stage; s; s = s->parent)
        for (uint32_t i = s->from + 1; i < s->end; i++)
            for (uint32_t j = 0; s->dockerfile->list[i].kind == DF_EXPOSE && j < s->dockerfile->list[i].n_words; j++) {
                struct str text = stage_expand(arena, s, i, s->dockerfile->list[i].words[j].text);
                if (text.n)
                    *vec_push(arena, &ports) =
                        str_sub(text, 0, str_find(str_sub(text, 0, str_find(text, 0, '/')), 0, '-'));
            }
    return (struct str_list){ports.at, ports.n};
}

bool workload_is_installed(struct str path) {
    for (uint32_t i = 0; i < template_n_ecosystems; i++)
        if (str_eq(path_name(path), template_ecosystems[i].installs))
            return true;
    return false;
}

/* Folders such as node_modules that come from another stage and that a later copy of a context folder would overwrite.
 */
static struct str_list overwritten(struct arena *arena, const struct stage *stage) {
    struct path_list list = {0};
    const struct df_instruction *all = stage->dockerfile->list;
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        if (!df_flag(&all[i], STR("from")).p || list.n_looked_at == MAX_LOOKED_AT || list.paths.list.n >= MAX_EXCLUDES)
            continue;
        struct str installed = stage_copy_target(arena, stage, i);
        if (!installed.p || !workload_is_installed(installed))
            continue;
        list.n_looked_at++;
        for (uint32_t j = stage->from + 1; j < stage->end && list.paths.list.n < MAX_EXCLUDES; j++) {
            struct str target = stage_copy_target(arena, stage, j);
            if (!target.p || df_flag(&all[j], STR("from")).p || all[j].n_words != 2 ||
                !path_is_below(installed, target) || !path_is_folder_name(all[j].words[0].text))
                continue;
            struct str inside = str_sub(installed, str_eq(target, STR("/")) ? 1 : target.n + 1, installed.n);
            struct str path = path_join(arena, path_join(arena, STR("/"), all[j].words[0].text), inside);
            add_path(arena, &list, str_sub(path, 1, path.n));
        }
    }
    return (struct str_list){list.paths.list.at, list.paths.list.n};
}

struct workload workload_of(struct arena *arena, const struct stage *stage) {
    struct workload workload = {
        .is_known = true,
        .stage = stage,
        .dockerfile = stage->dockerfile->source->path,
        .user = stage_user(arena, stage),
        .ports = exposed_ports(arena, stage),
        .excludes = overwritten(arena, stage),
    };
    struct path_list list = {0};
    if (stage->image) {
        workload.runtime = stage->image->runtime;
        workload.image_writes = (struct str_list){stage->image->writes, stage->image->n_writes};
        for (uint32_t i = 0; i < stage->image->n_volumes; i++)
            add_path(arena, &list, stage->image->volumes[i]);
    }
    add_paths(arena, stage, DF_VOLUME, &list);
    uint32_t n = list.paths.list.n;
    add_paths(arena, stage, DF_RUN, &list);
    if (list.n_looked_at > MAX_LOOKED_AT) {
        workload.is_known = false;
        workload.reason = str_printf(arena, "%.*s makes more folders than are looked at", STR_ARG(workload.dockerfile));
    }
    add_paths(arena, stage, DF_ENV, &list);
    add_started_folders(arena, stage, &list);
    add_workdir(arena, stage, &list);
    for (const struct stage *s = stage; s; s = s->parent)
        add_hints(arena, &s->hints, &list);
    add_hints(arena, stage->file_hints, &list);
    workload.volumes = (struct str_list){list.paths.list.at, n};
    workload.writable = (struct str_list){list.paths.list.n ? list.paths.list.at + n : NULL, list.paths.list.n - n};
    return workload;
}
