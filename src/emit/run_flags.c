/* The options of `docker run` that say what the keys of a compose service say. */
#include "emit_parts.h"

/* --- words ---------------------------------------------------------------------------------------------------------
 */

void maker_leave(struct maker *maker, struct str what) {
    struct run *run = maker->run;
    what = plain_text(maker->arena, what);
    if (!str_is_in(what, run->left.at, run->left.n))
        *vec_push(maker->arena, &run->left) = what;
}

/* A word made of a prefix and a value as compose has it; {NULL, 0} where it cannot be written. */
struct str maker_word(struct maker *maker, const char *prefix, struct str value) {
    struct buf word = {.arena = maker->arena};
    buf_add(&word, str_of(prefix));
    return value.p && shell_word(&word, value, true) ? buf_str(&word) : (struct str){NULL, 0};
}

void maker_flag(struct maker *maker, const char *flag, struct str value, enum flag_use use) {
    struct str word = maker_word(maker, flag, value);
    if (word.p)
        *vec_push(maker->arena, &maker->run->flags) = (struct run_flag){word, use};
    else
        maker_leave(maker, maker->key);
}

struct str maker_join(struct maker *maker, const struct str *parts, uint32_t n) {
    struct buf out = {.arena = maker->arena};
    for (uint32_t i = 0; i < n; i++)
        buf_add(&out, parts[i]);
    return buf_str(&out);
}

/* Paths of a compose file begin at the folder of its project. */
struct str maker_path(struct maker *maker, const struct document *document, struct str path) {
    struct str clean = path_clean(maker->arena, compose_files_folder(document), path);
    return path_leads_out(clean) ? clean : JOIN(maker, STR("./"), clean);
}

bool maker_is_relative(struct str path) {
    return path.n && path.p[0] != '/' && path.p[0] != '~' && path.p[0] != '$';
}

const struct document *maker_document(const struct maker *maker) {
    return merged_own(maker->merged)->place.document;
}

/* --- keys ----------------------------------------------------------------------------------------------------------
 */

typedef void add_value(struct maker *maker, const char *flag, enum flag_use use);

static void add_text(struct maker *maker, const char *flag, enum flag_use use) {
    struct str text = yaml_text(merged_get(maker->merged, maker->key));
    if (text.p)
        maker_flag(maker, flag, text, use);
    else
        maker_leave(maker, maker->key);
}

static void add_true(struct maker *maker, const char *flag, enum flag_use use) {
    if (merged_is_true(maker->arena, maker->merged, maker->key))
        *vec_push(maker->arena, &maker->run->flags) = (struct run_flag){str_of(flag), use};
}

static void add_list(struct maker *maker, const char *flag, enum flag_use use) {
    struct merged_items items = merged_list(maker->arena, maker->merged, maker->key);
    for (uint32_t i = 0; i < items.n; i++) {
        struct str text = yaml_text(items.list[i]);
        if (text.p)
            maker_flag(maker, flag, text, use);
        else
            maker_leave(maker, maker->key);
    }
}

/* The value of a name as it is written, in a mapping or a list of NAME=VALUE; {NULL, 0}: it has none. */
struct str maker_option(const struct yaml_node *node, struct str name) {
    if (node->kind == YAML_MAPPING) {
        const struct yaml_node *value = yaml_get(node, name);
        return !value || yaml_is_null(value) ? (struct str){NULL, 0} : yaml_text(value);
    }
    struct str found = {NULL, 0};
    for (uint32_t i = 0; i < node->n; i++) {
        struct str text = yaml_text(yaml_resolve(node->items[i]));
        uint32_t end = compose_find(text, 0, '=');
        if (str_eq(str_sub(text, 0, end), name))
            found = end < text.n ? str_sub(text, end + 1, text.n) : (struct str){NULL, 0};
    }
    return found;
}

/* Names with values, the last layer's counting. */
static void add_options(struct maker *maker, const char *flag, enum flag_use use) {
    struct arena *arena = maker->arena;
    struct map seen = {0};
    VEC(struct compose_option) options = {0};
    for (uint32_t i = maker->merged->n; i-- > 0;) {
        struct yaml_node *node = yaml_get(maker->merged->layers[i].node, maker->key);
        struct compose_options names = compose_options(arena, NULL, node);
        for (uint32_t j = 0; j < names.n; j++)
            if (!map_add(&seen, arena, names.list[j].key, node))
                *vec_push(arena, &options) =
                    (struct compose_option){names.list[j].key, maker_option(node, names.list[j].key)};
        if (yaml_is_override(node))
            break;
    }
    for (uint32_t i = 0; i < options.n; i++) {
        struct str key = options.at[i].key, value = options.at[i].value;
        if (key.n == 0 || str_find(key, 0, '=') < key.n)
            maker_leave(maker, maker->key);
        else if (!value.p)
            maker_flag(maker, flag, key, use);
        else
            maker_flag(maker, flag, JOIN(maker, key, STR("="), value), use);
    }
}

static void add_env_files(struct maker *maker, const char *flag, enum flag_use use) {
    for (uint32_t i = 0; i < maker->merged->n; i++) {
        const struct layer *layer = &maker->merged->layers[i];
        const struct yaml_node *list = yaml_get(layer->node, maker->key), *item;
        for (uint32_t j = 0; (item = compose_item(list, j)); j++) {
            struct str path = yaml_text(item->kind == YAML_MAPPING ? yaml_get(item, STR("path")) : item);
            bool is_optional = compose_is_false(maker->arena, NULL, yaml_get(item, STR("required")));
            if (path.p && !is_optional)
                maker_flag(maker, flag, maker_is_relative(path) ? maker_path(maker, layer->place.document, path) : path,
                           use);
            else
                maker_leave(maker, maker->key);
        }
    }
}

static void add_ports(struct maker *maker, const char *flag, enum flag_use use) {
    struct merged_items items = merged_list(maker->arena, maker->merged, maker->key);
    for (uint32_t i = 0; i < items.n; i++) {
        const struct yaml_node *item = items.list[i];
        struct str text = yaml_text(item);
        if (item->kind == YAML_MAPPING) {
            struct str ip = yaml_text(yaml_get(item, STR("host_ip")));
            struct str published = yaml_text(yaml_get(item, STR("published")));
            struct str target = yaml_text(yaml_get(item, STR("target")));
            struct str protocol = yaml_text(yaml_get(item, STR("protocol")));
            bool is_v6 = str_find(ip, 0, ':') < ip.n && !str_starts(ip, STR("["));
            text =
                JOIN(maker, str_of(is_v6 ? "[" : ""), ip, str_of(is_v6 ? "]" : ""), str_of(ip.n ? ":" : ""), published,
                     str_of(published.n || ip.n ? ":" : ""), target, str_of(protocol.n ? "/" : ""), protocol);
        }
        maker_flag(maker, flag, text, use);
    }
}

/* A profile is named relative to the project, and other entries with "=" in place of ":". */
static void add_security(struct maker *maker, const char *flag, enum flag_use use) {
    struct merged_items items = merged_list(maker->arena, maker->merged, maker->key);
    for (uint32_t i = 0; i < items.n; i++) {
        struct compose_option option = compose_security_option(maker->arena, NULL, items.list[i]);
        struct str value = option.value;
        if (!option.key.p || !value.p) {
            maker_leave(maker, maker->key);
            continue;
        }
        bool is_true = str_eq(option.key, STR("no-new-privileges")) && str_eq(value, STR("true"));
        if (is_true || value.n == 0) {
            maker_flag(maker, flag, option.key, use);
            continue;
        }
        bool is_file =
            str_eq(option.key, STR("seccomp")) && !str_eq(value, STR("unconfined")) && !str_eq(value, STR("builtin"));
        if (is_file && maker_is_relative(value))
            value = maker_path(maker, maker_document(maker), value);
        if (is_file && maker->emit->title.p)
            maker->run->profile = maker_word(maker, "", value);
        maker_flag(maker, flag, JOIN(maker, option.key, STR("="), value), use);
    }
}

static bool is_later(const struct maker *maker, const struct merged_items *items, uint32_t i, struct str target) {
    for (uint32_t j = i + 1; j < items->n; j++)
        if (str_eq(compose_volume(maker->arena, maker->merged->variables, items->list[j]).target, target))
            return true;
    return false;
}

/* SOURCE:TARGET:OPTIONS of an entry as it is written; {NULL, 0} where it cannot be said so. */
static struct str volume_text(struct maker *maker, const struct yaml_node *item, struct str *ret_source) {
    if (item->kind == YAML_SCALAR) {
        uint32_t colon = compose_find(item->value, 0, ':');
        *ret_source = colon < item->value.n ? str_sub(item->value, 0, colon) : STR("");
        return item->value;
    }
    struct str source = yaml_text(yaml_get(item, STR("source"))), target = yaml_text(yaml_get(item, STR("target")));
    bool is_read_only = compose_is_true(maker->arena, NULL, yaml_get(item, STR("read_only")));
    *ret_source = source.p ? source : STR("");
    if (compose_find(source, 0, ':') < source.n || compose_find(target, 0, ':') < target.n || !target.n)
        return (struct str){NULL, 0};
    return JOIN(maker, source, str_of(source.n ? ":" : ""), target, str_of(is_read_only ? ":ro" : ""));
}

/* Volumes of the engine's are new ones in a test, so that it touches no data. */
static void add_volume(struct maker *maker, const char *flag, const struct yaml_node *item) {
    struct compose_volume volume = compose_volume(maker->arena, maker->merged->variables, item);
    struct str source, text = volume_text(maker, item, &source);
    bool has_more = item->kind == YAML_MAPPING && (yaml_get(item, STR("volume")) || yaml_get(item, STR("bind")));
    if (has_more)
        maker_leave(maker, STR("volumes: options of the long form"));
    if (volume.kind == MOUNT_TMPFS && volume.target.p && !volume.size.n && !volume.mode.n) {
        maker_flag(maker, "--tmpfs=", volume.target, FLAG_ALWAYS);
    } else if (!text.p || (volume.kind != MOUNT_BIND && volume.kind != MOUNT_VOLUME)) {
        maker_leave(maker, maker->key);
    } else if (volume.kind == MOUNT_BIND) {
        bool is_home = str_starts(source, STR("~/"));
        struct str rest = str_sub(text, source.n, text.n);
        struct str path = maker_is_relative(source) ? maker_path(maker, maker_document(maker), source)
                          : is_home                 ? JOIN(maker, STR("${HOME}"), str_sub(source, 1, source.n))
                                                    : source;
        maker_flag(maker, flag, JOIN(maker, path, rest), FLAG_ALWAYS);
    } else {
        maker_flag(maker, flag, text, FLAG_RUN);
        if (volume.target.p)
            maker_flag(maker, flag, volume.target, FLAG_TEST);
    }
}

static void add_volumes(struct maker *maker, const char *flag, enum flag_use use) {
    struct merged_items items = merged_list(maker->arena, maker->merged, maker->key);
    (void)use;
    for (uint32_t i = 0; i < items.n; i++) {
        struct str target = compose_volume(maker->arena, maker->merged->variables, items.list[i]).target;
        if (!target.p || !is_later(maker, &items, i, target))
            add_volume(maker, flag, items.list[i]);
    }
}

/* Secrets and configs that are files are mounted where compose mounts them. */
static void add_grants(struct maker *maker, const char *flag, enum flag_use use) {
    struct merged_items items = merged_list(maker->arena, maker->merged, maker->key);
    bool is_secret = str_eq(maker->key, STR("secrets"));
    for (uint32_t i = 0; i < items.n; i++) {
        struct compose_grant grant =
            compose_grant(maker->arena, NULL, items.list[i], is_secret ? GRANT_SECRET : GRANT_CONFIG);
        const struct yaml_node *definition =
            yaml_get(yaml_get(merged_own(maker->merged)->root, maker->key), grant.source);
        struct str file = yaml_text(yaml_get(definition, STR("file")));
        if (!file.n || !grant.target.n || str_find(file, 0, ':') < file.n ||
            str_find(grant.target, 0, ':') < grant.target.n)
            maker_leave(maker, maker->key);
        else
            maker_flag(maker, flag,
                       JOIN(maker, maker_is_relative(file) ? maker_path(maker, maker_document(maker), file) : file,
                            STR(":"), grant.target, STR(":ro")),
                       use);
    }
}

static void add_network(struct maker *maker, const char *flag, enum flag_use use) {
    struct str mode = yaml_text(merged_get(maker->merged, maker->key));
    if (mode.p && str_find(mode, 0, ':') == mode.n)
        maker_flag(maker, flag, mode, use);
    else
        maker_leave(maker, maker->key);
}

static void add_nothing(struct maker *maker, const char *flag, enum flag_use use) {
    (void)maker, (void)flag, (void)use;
}

/* Keys of a service, in the order of the flags. Others are left, and said to be. */
static const struct {
    struct str key;
    const char *flag;
    add_value *add;
    enum flag_use use;
} rows[] = {
    {STR_INIT("user"), "--user=", add_text, FLAG_ALWAYS},
    {STR_INIT("group_add"), "--group-add=", add_list, FLAG_ALWAYS},
    {STR_INIT("privileged"), "--privileged", add_true, FLAG_ALWAYS},
    {STR_INIT("cap_drop"), "--cap-drop=", add_list, FLAG_ALWAYS},
    {STR_INIT("cap_add"), "--cap-add=", add_list, FLAG_ALWAYS},
    {STR_INIT("security_opt"), "--security-opt=", add_security, FLAG_ALWAYS},
    {STR_INIT("read_only"), "--read-only", add_true, FLAG_ALWAYS},
    {STR_INIT("tmpfs"), "--tmpfs=", add_list, FLAG_ALWAYS},
    {STR_INIT("volumes"), "--volume=", add_volumes, FLAG_ALWAYS},
    {STR_INIT("secrets"), "--volume=", add_grants, FLAG_ALWAYS},
    {STR_INIT("configs"), "--volume=", add_grants, FLAG_ALWAYS},
    {STR_INIT("init"), "--init", add_true, FLAG_ALWAYS},
    {STR_INIT("env_file"), "--env-file=", add_env_files, FLAG_ALWAYS},
    {STR_INIT("environment"), "--env=", add_options, FLAG_ALWAYS},
    {STR_INIT("working_dir"), "--workdir=", add_text, FLAG_ALWAYS},
    {STR_INIT("hostname"), "--hostname=", add_text, FLAG_ALWAYS},
    {STR_INIT("platform"), "--platform=", add_text, FLAG_ALWAYS},
    {STR_INIT("network_mode"), "--network=", add_network, FLAG_RUN},
    {STR_INIT("pid"), "--pid=", add_network, FLAG_ALWAYS},
    {STR_INIT("ipc"), "--ipc=", add_network, FLAG_ALWAYS},
    {STR_INIT("devices"), "--device=", add_list, FLAG_ALWAYS},
    {STR_INIT("sysctls"), "--sysctl=", add_options, FLAG_ALWAYS},
    {STR_INIT("shm_size"), "--shm-size=", add_text, FLAG_ALWAYS},
    {STR_INIT("mem_limit"), "--memory=", add_text, FLAG_ALWAYS},
    {STR_INIT("cpus"), "--cpus=", add_text, FLAG_ALWAYS},
    {STR_INIT("pids_limit"), "--pids-limit=", add_text, FLAG_ALWAYS},
    {STR_INIT("stop_signal"), "--stop-signal=", add_text, FLAG_ALWAYS},
    {STR_INIT("tty"), "--tty", add_true, FLAG_ALWAYS},
    {STR_INIT("stdin_open"), "--interactive", add_true, FLAG_ALWAYS},
    {STR_INIT("labels"), "--label=", add_options, FLAG_RUN},
    {STR_INIT("ports"), "--publish=", add_ports, FLAG_RUN},
    {STR_INIT("restart"), "--restart=", add_text, FLAG_RUN},
    {STR_INIT("build"), NULL, add_nothing, FLAG_ALWAYS},
    {STR_INIT("command"), NULL, add_nothing, FLAG_ALWAYS},
    {STR_INIT("container_name"), NULL, add_nothing, FLAG_ALWAYS},
    {STR_INIT("depends_on"), NULL, add_nothing, FLAG_ALWAYS}, /* the order of the runs */
    {STR_INIT("entrypoint"), NULL, add_nothing, FLAG_ALWAYS},
    {STR_INIT("expose"), NULL, add_nothing, FLAG_ALWAYS},
    {STR_INIT("extends"), NULL, add_nothing, FLAG_ALWAYS},
    {STR_INIT("image"), NULL, add_nothing, FLAG_ALWAYS},
    {STR_INIT("profiles"), NULL, add_nothing, FLAG_ALWAYS},
    {STR_INIT("pull_policy"), NULL, add_nothing, FLAG_ALWAYS},
    {STR_INIT("<<"), NULL, add_nothing, FLAG_ALWAYS},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static void add_left(struct maker *maker, const struct yaml_node *node, uint32_t depth) {
    node = yaml_resolve((struct yaml_node *)node);
    for (uint32_t i = 0; node && node->kind == YAML_MAPPING && i < node->n && depth < 8; i++) {
        struct str key = yaml_text(node->pairs[i].key);
        bool is_known = str_starts(key, STR("x-"));
        for (uint32_t j = 0; j < N_ROWS; j++)
            is_known |= str_eq(key, rows[j].key);
        const struct yaml_node *value = yaml_resolve(node->pairs[i].value);
        if (str_eq(key, STR("<<")) && value->kind == YAML_SEQUENCE)
            for (uint32_t j = 0; j < value->n; j++)
                add_left(maker, value->items[j], depth + 1);
        else if (str_eq(key, STR("<<")))
            add_left(maker, value, depth + 1);
        else if (!is_known && merged_get(maker->merged, key))
            maker_leave(maker, key);
    }
}

void maker_flags(struct maker *maker) {
    for (uint32_t i = 0; i < N_ROWS; i++) {
        maker->key = rows[i].key;
        if (merged_get(maker->merged, maker->key))
            rows[i].add(maker, rows[i].flag, rows[i].use);
    }
    for (uint32_t i = 0; i < maker->merged->n; i++)
        add_left(maker, maker->merged->layers[i].node, 0);
}
