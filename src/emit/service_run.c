/* What `docker run` is to be told to start a compose service in the same way. */
#include "emit_parts.h"

#include "template.h"

#include <stdlib.h>

struct maker {
    struct emit *emit;
    struct arena *arena;
    struct compose_files *files;
    const struct merged *merged;
    struct run *run;
    struct str key; /* at hand */
};

/* --- words ---------------------------------------------------------------------------------------------------------
 */

static void leave(struct maker *maker, struct str what) {
    struct run *run = maker->run;
    what = plain_text(maker->arena, what);
    if (!str_is_in(what, run->left.at, run->left.n))
        *vec_push(maker->arena, &run->left) = what;
}

/* A word made of a prefix and a value as compose has it; {NULL, 0} where it cannot be written. */
static struct str word_of(struct maker *maker, const char *prefix, struct str value) {
    struct buf word = {.arena = maker->arena};
    buf_add(&word, str_of(prefix));
    return value.p && shell_word(&word, value, true) ? buf_str(&word) : (struct str){NULL, 0};
}

static void add_flag(struct maker *maker, const char *flag, struct str value, enum flag_use use) {
    struct str word = word_of(maker, flag, value);
    if (word.p)
        *vec_push(maker->arena, &maker->run->flags) = (struct run_flag){word, use};
    else
        leave(maker, maker->key);
}

/* Paths of a compose file begin at the folder of its project. */
static struct str path_here(struct maker *maker, const struct document *document, struct str path) {
    struct str clean = path_clean(maker->arena, compose_files_folder(document), path);
    return path_leads_out(clean) ? clean : str_printf(maker->arena, "./%.*s", STR_ARG(clean));
}

static bool is_relative(struct str path) {
    return path.n && path.p[0] != '/' && path.p[0] != '~' && path.p[0] != '$';
}

static const struct document *document_of(const struct maker *maker) {
    return merged_own(maker->merged)->place.document;
}

/* --- keys ----------------------------------------------------------------------------------------------------------
 */

typedef void add_value(struct maker *maker, const char *flag, enum flag_use use);

static void add_text(struct maker *maker, const char *flag, enum flag_use use) {
    struct str text = yaml_text(merged_get(maker->merged, maker->key));
    if (text.p)
        add_flag(maker, flag, text, use);
    else
        leave(maker, maker->key);
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
            add_flag(maker, flag, text, use);
        else
            leave(maker, maker->key);
    }
}

/* The value of a name as it is written, in a mapping or a list of NAME=VALUE; {NULL, 0}: it has none. */
static struct str written_option(const struct yaml_node *node, struct str name) {
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
                    (struct compose_option){names.list[j].key, written_option(node, names.list[j].key)};
        if (yaml_is_override(node))
            break;
    }
    for (uint32_t i = 0; i < options.n; i++) {
        struct str key = options.at[i].key, value = options.at[i].value;
        if (key.n == 0 || str_find(key, 0, '=') < key.n)
            leave(maker, maker->key);
        else if (!value.p)
            add_flag(maker, flag, key, use);
        else
            add_flag(maker, flag, str_printf(arena, "%.*s=%.*s", STR_ARG(key), STR_ARG(value)), use);
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
                add_flag(maker, flag, is_relative(path) ? path_here(maker, layer->place.document, path) : path, use);
            else
                leave(maker, maker->key);
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
            text = str_printf(maker->arena, "%s%.*s%s%s%.*s%s%.*s%s%.*s", is_v6 ? "[" : "", STR_ARG(ip),
                              is_v6 ? "]" : "", ip.n ? ":" : "", STR_ARG(published), published.n || ip.n ? ":" : "",
                              STR_ARG(target), protocol.n ? "/" : "", STR_ARG(protocol));
        }
        add_flag(maker, flag, text, use);
    }
}

/* A profile is named relative to the project, and other entries with "=" in place of ":". */
static void add_security(struct maker *maker, const char *flag, enum flag_use use) {
    struct merged_items items = merged_list(maker->arena, maker->merged, maker->key);
    for (uint32_t i = 0; i < items.n; i++) {
        struct compose_option option = compose_security_option(maker->arena, NULL, items.list[i]);
        struct str value = option.value;
        if (!option.key.p || !value.p) {
            leave(maker, maker->key);
            continue;
        }
        if (str_eq(option.key, STR("no-new-privileges")) && (value.n == 0 || str_eq(value, STR("true")))) {
            add_flag(maker, flag, option.key, use);
            continue;
        }
        bool is_file =
            str_eq(option.key, STR("seccomp")) && !str_eq(value, STR("unconfined")) && !str_eq(value, STR("builtin"));
        if (is_file && is_relative(value))
            value = path_here(maker, document_of(maker), value);
        if (is_file && maker->emit->title.p)
            maker->run->profile = word_of(maker, "", value);
        add_flag(maker, flag, str_printf(maker->arena, "%.*s=%.*s", STR_ARG(option.key), STR_ARG(value)), use);
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
    return str_printf(maker->arena, "%.*s%s%.*s%s", STR_ARG(source), source.n ? ":" : "", STR_ARG(target),
                      is_read_only ? ":ro" : "");
}

/* Volumes of the engine's are new ones in a test, so that it touches no data. */
static void add_volume(struct maker *maker, const char *flag, const struct yaml_node *item) {
    struct compose_volume volume = compose_volume(maker->arena, maker->merged->variables, item);
    struct str source, text = volume_text(maker, item, &source);
    bool has_more = item->kind == YAML_MAPPING && (yaml_get(item, STR("volume")) || yaml_get(item, STR("bind")));
    if (has_more)
        leave(maker, STR("volumes: options of the long form"));
    if (volume.kind == MOUNT_TMPFS && volume.target.p && !volume.size.n && !volume.mode.n) {
        add_flag(maker, "--tmpfs=", volume.target, FLAG_ALWAYS);
    } else if (!text.p || (volume.kind != MOUNT_BIND && volume.kind != MOUNT_VOLUME)) {
        leave(maker, maker->key);
    } else if (volume.kind == MOUNT_BIND) {
        bool is_home = str_starts(source, STR("~/"));
        struct str rest = str_sub(text, source.n, text.n);
        struct str path = is_relative(source) ? path_here(maker, document_of(maker), source)
                          : is_home ? str_printf(maker->arena, "${HOME}%.*s", STR_ARG(str_sub(source, 1, source.n)))
                                    : source;
        add_flag(maker, flag, str_printf(maker->arena, "%.*s%.*s", STR_ARG(path), STR_ARG(rest)), FLAG_ALWAYS);
    } else {
        add_flag(maker, flag, text, FLAG_RUN);
        if (volume.target.p)
            add_flag(maker, flag, volume.target, FLAG_TEST);
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
            leave(maker, maker->key);
        else
            add_flag(maker, flag,
                     str_printf(maker->arena, "%.*s:%.*s:ro",
                                STR_ARG(is_relative(file) ? path_here(maker, document_of(maker), file) : file),
                                STR_ARG(grant.target)),
                     use);
    }
}

static void add_network(struct maker *maker, const char *flag, enum flag_use use) {
    struct str mode = yaml_text(merged_get(maker->merged, maker->key));
    if (mode.p && str_find(mode, 0, ':') == mode.n)
        add_flag(maker, flag, mode, use);
    else
        leave(maker, maker->key);
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
            leave(maker, key);
    }
}

/* --- what is started -----------------------------------------------------------------------------------------------
 */

/* The next word of a text that compose cuts as a shell would; quotes and backslashes are gone. False where there is
 * none.
 */
static bool cut_word(struct arena *arena, struct str text, uint32_t *at, struct str *ret) {
    struct buf word = {.arena = arena};
    char quote = '\0';
    while (*at < text.n && str_find(STR(" \t\n"), 0, text.p[*at]) < 3)
        ++*at;
    if (*at == text.n)
        return false;
    for (; *at < text.n && (quote || str_find(STR(" \t\n"), 0, text.p[*at]) == 3); ++*at) {
        char c = text.p[*at];
        if (quote ? c == quote : c == '\'' || c == '"')
            quote = quote ? '\0' : c;
        else if (c == '\\' && quote != '\'' && *at + 1 < text.n)
            buf_byte(&word, text.p[++*at]);
        else
            buf_byte(&word, c);
    }
    *ret = buf_str(&word);
    return !quote;
}

/* The words of a command. False where that is not known: quotes are not closed, or a variable may be several words. */
static bool words_of(struct arena *arena, const struct yaml_node *node, struct str_list *ret) {
    VEC(struct str) words = {0};
    struct str word;
    uint32_t at = 0;
    for (uint32_t i = 0; node->kind == YAML_SEQUENCE && i < node->n; i++)
        *vec_push(arena, &words) = yaml_text(yaml_resolve(node->items[i]));
    while (node->kind == YAML_SCALAR && cut_word(arena, node->value, &at, &word))
        *vec_push(arena, &words) = word;
    *ret = (struct str_list){words.at, words.n};
    bool is_whole = node->kind == YAML_SEQUENCE || (node->kind == YAML_SCALAR && at == node->value.n);
    return is_whole && !(node->kind == YAML_SCALAR && words.n && str_starts(words.at[0], STR("$")));
}

static void add_command(struct maker *maker, struct str key, bool is_entrypoint) {
    const struct yaml_node *node = merged_get(maker->merged, key);
    struct str_list words = {0};
    maker->key = key;
    if (node && !words_of(maker->arena, node, &words)) {
        leave(maker, key);
        return;
    }
    if (node && is_entrypoint)
        add_flag(maker, "--entrypoint=", words.n ? words.list[0] : STR(""), FLAG_ALWAYS);
    for (uint32_t i = is_entrypoint; i < words.n; i++) {
        struct str word = word_of(maker, "", words.list[i]);
        if (!word.p) {
            leave(maker, key);
            return;
        }
        *vec_push(maker->arena, &maker->run->words) = word;
    }
}

/* --- image ---------------------------------------------------------------------------------------------------------
 */

static void add_build_word(struct maker *maker, const char *flag, struct str value) {
    struct str word = word_of(maker, flag, value);
    if (word.p)
        *vec_push(maker->arena, &maker->run->build) = word;
    else
        maker->run->is_built = true;
}

static void add_build(struct maker *maker) {
    const struct yaml_node *node = merged_get(maker->merged, STR("build")), *args = yaml_get(node, STR("args"));
    struct run *run = maker->run;
    if (!node)
        return;
    bool is_text = node->kind == YAML_SCALAR;
    struct str context = is_text ? node->value : yaml_text(yaml_get(node, STR("context")));
    struct str file = yaml_text(yaml_get(node, STR("dockerfile")));
    static const struct str known[] = {STR_INIT("context"), STR_INIT("dockerfile"), STR_INIT("target"),
                                       STR_INIT("args")};
    for (uint32_t i = 0; !is_text && i < node->n; i++)
        if (!STR_IS_IN(yaml_text(node->pairs[i].key), known))
            leave(maker, str_printf(maker->arena, "build.%.*s", STR_ARG(yaml_text(node->pairs[i].key))));
    context = context.n ? context : STR(".");
    bool is_remote = str_contains(context, STR("://")) || !is_relative(context);
    run->is_built = is_remote || yaml_get(node, STR("dockerfile_inline"));
    if (run->is_built)
        return;
    context = path_clean(maker->arena, compose_files_folder(document_of(maker)), context);
    file = path_clean(maker->arena, context, file.n ? file : STR("Dockerfile"));
    *vec_push(maker->arena, &run->build) = str_printf(maker->arena, "--tag=%.*s", STR_ARG(run->image));
    add_build_word(maker, "--file=", file);
    struct str target = yaml_text(yaml_get(node, STR("target")));
    if (target.n)
        add_build_word(maker, "--target=", target);
    struct compose_options names = compose_options(maker->arena, NULL, args);
    for (uint32_t i = 0; i < names.n; i++) {
        struct str name = names.list[i].key, value = written_option(yaml_resolve((struct yaml_node *)args), name);
        add_build_word(maker, "--build-arg=",
                       value.p ? str_printf(maker->arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(value)) : name);
    }
    add_build_word(maker, "",
                   str_starts(context, STR("-")) ? str_printf(maker->arena, "./%.*s", STR_ARG(context)) : context);
    if (run->is_built)
        run->build.n = 0;
}

/* --- facts ---------------------------------------------------------------------------------------------------------
 */

/* By number (linux/capability.h). */
static const char *const capabilities[] = {"CHOWN",
                                           "DAC_OVERRIDE",
                                           "DAC_READ_SEARCH",
                                           "FOWNER",
                                           "FSETID",
                                           "KILL",
                                           "SETGID",
                                           "SETUID",
                                           "SETPCAP",
                                           "LINUX_IMMUTABLE",
                                           "NET_BIND_SERVICE",
                                           "NET_BROADCAST",
                                           "NET_ADMIN",
                                           "NET_RAW",
                                           "IPC_LOCK",
                                           "IPC_OWNER",
                                           "SYS_MODULE",
                                           "SYS_RAWIO",
                                           "SYS_CHROOT",
                                           "SYS_PTRACE",
                                           "SYS_PACCT",
                                           "SYS_ADMIN",
                                           "SYS_BOOT",
                                           "SYS_NICE",
                                           "SYS_RESOURCE",
                                           "SYS_TIME",
                                           "SYS_TTY_CONFIG",
                                           "MKNOD",
                                           "LEASE",
                                           "AUDIT_WRITE",
                                           "AUDIT_CONTROL",
                                           "SETFCAP",
                                           "MAC_OVERRIDE",
                                           "MAC_ADMIN",
                                           "SYSLOG",
                                           "WAKE_ALARM",
                                           "BLOCK_SUSPEND",
                                           "AUDIT_READ",
                                           "PERFMON",
                                           "BPF",
                                           "CHECKPOINT_RESTORE"};

static void set_capabilities(struct maker *maker, struct run_facts *facts) {
    struct arena *arena = maker->arena;
    struct merged_items drop = merged_list(arena, maker->merged, STR("cap_drop"));
    struct merged_items add = merged_list(arena, maker->merged, STR("cap_add"));
    for (uint32_t i = 0; i < drop.n; i++)
        facts->has_capabilities |= str_eq(capability_name(arena, yaml_text(drop.list[i])), STR("ALL"));
    for (uint32_t i = 0; i < add.n; i++) {
        struct str name = capability_name(arena, yaml_text(add.list[i]));
        uint32_t number = 0;
        while (number < sizeof capabilities / sizeof *capabilities && !str_eq(name, str_of(capabilities[number])))
            number++;
        if (number < sizeof capabilities / sizeof *capabilities)
            facts->capabilities |= (uint64_t)1 << number;
        else
            facts->has_capabilities = false;
    }
}

/* As whom process 1 runs, where that does not depend on its start. */
static void set_user(struct maker *maker, struct run_facts *facts, const struct workload *workload) {
    struct str user = yaml_text(merged_get(maker->merged, STR("user"))), uid, gid, rest = user;
    uint32_t number;
    if (!user.p && workload->is_known && workload->user.has_ids && workload->user.uid) {
        facts->uid = str_printf(maker->arena, "%u", workload->user.uid);
        facts->gid = str_printf(maker->arena, "%u", workload->user.gid);
    }
    if (!str_cut(&rest, ':', &uid) || !str_number(uid, UINT32_MAX, &number) || number == 0)
        return;
    facts->uid = uid;
    if (str_cut(&rest, ':', &gid) && str_number(gid, UINT32_MAX, &number))
        facts->gid = gid;
}

static void add_writable(struct maker *maker, struct run_facts *facts, struct str path) {
    struct buf word = {.arena = maker->arena};
    if (path.n && path.p[0] == '/' && shell_word(&word, path, false))
        *vec_push(maker->arena, &facts->writable) = buf_str(&word);
}

/* What process 1 is called where it is an init: the engine's, or what the image starts with. */
static struct str init_of(struct maker *maker, const struct workload *workload) {
    static const struct str known[] = {STR_INIT("catatonit"), STR_INIT("docker-init"), STR_INIT("dumb-init"),
                                       STR_INIT("tini"), STR_INIT("tini-static")};
    if (merged_is_true(maker->arena, maker->merged, STR("init")))
        return STR("docker-init podman-init catatonit tini init");
    struct command entrypoint = {0};
    if (workload->is_known && !merged_get(maker->merged, STR("entrypoint")))
        entrypoint = stage_entrypoint(maker->arena, workload->stage);
    bool is_word = entrypoint.is_known && !entrypoint.is_shell && entrypoint.n;
    struct str name = is_word ? path_name(entrypoint.words[0]) : STR("");
    return STR_IS_IN(name, known) ? name : STR("");
}

static void add_port(struct maker *maker, struct run_facts *facts, uint32_t port) {
    struct str text = str_printf(maker->arena, "%u", port);
    if (port && port <= 65535 && !str_is_in(text, facts->ports.at, facts->ports.n))
        *vec_push(maker->arena, &facts->ports) = text;
}

/* What its file publishes, what its Dockerfile exposes, what is known of its image. */
static void set_ports(struct maker *maker, struct run_facts *facts, const struct workload *workload) {
    struct merged_items published = merged_list(maker->arena, maker->merged, STR("ports"));
    const struct image *image = workload->stage ? workload->stage->image : NULL;
    uint32_t port;
    for (uint32_t i = 0; i < published.n; i++)
        add_port(maker, facts, compose_port(maker->arena, NULL, published.list[i]).target);
    for (uint32_t i = 0; i < workload->ports.n; i++)
        if (str_number(workload->ports.list[i], 65535, &port))
            add_port(maker, facts, port);
    for (uint32_t i = 0; image && facts->ports.n == 0 && i < image->n_ports; i++)
        add_port(maker, facts, image->ports[i]);
}

static void set_facts(struct maker *maker, const struct workload *workload) {
    struct run_facts *facts = &maker->run->facts;
    struct arena *arena = maker->arena;
    struct merged_items options = merged_list(arena, maker->merged, STR("security_opt"));
    set_user(maker, facts, workload);
    bool is_privileged = merged_is_true(arena, maker->merged, STR("privileged"));
    facts->has_filter = !is_privileged;
    if (!is_privileged)
        set_capabilities(maker, facts);
    facts->is_read_only = merged_is_true(arena, maker->merged, STR("read_only"));
    for (uint32_t i = 0; i < options.n; i++) {
        struct compose_option option = compose_security_option(arena, NULL, options.list[i]);
        facts->gains_nothing |= str_eq(option.key, STR("no-new-privileges")) && !str_eq(option.value, STR("false"));
        facts->has_filter &= !str_eq(option.key, STR("seccomp")) || !str_eq(option.value, STR("unconfined"));
    }
    facts->init = init_of(maker, workload);
    struct merged_mounts mounts = merged_mounts(arena, maker->merged);
    for (uint32_t i = 0; i < mounts.n; i++) {
        const struct merged_mount *mount = &mounts.list[i];
        bool is_ours = mount->kind == MOUNT_TMPFS || (mount->kind == MOUNT_VOLUME && mount->is_filled);
        if (is_ours && !mount->is_read_only && (mount->kind == MOUNT_TMPFS || facts->uid.n))
            add_writable(maker, facts, mount->target);
    }
    set_ports(maker, facts, workload);
}

/* --- the whole -----------------------------------------------------------------------------------------------------
 */

/* What an engine takes for a container's name, and no shell for anything else; each once. */
static struct str name_of(struct emit *emit, struct str text) {
    struct arena *arena = emit->arena;
    struct buf name = {.arena = arena};
    for (uint32_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_alnum || (name.n && (c == '_' || c == '.' || c == '-')))
            buf_byte(&name, c);
        else if (name.n)
            buf_byte(&name, '-');
    }
    struct str first = name.n ? buf_str(&name) : STR("app"), unique = first;
    for (uint32_t i = 2; map_get(&emit->names, unique); i++)
        unique = str_printf(arena, "%.*s-%u", STR_ARG(first), i);
    map_add(&emit->names, arena, unique, emit);
    return unique;
}

struct run *run_of(struct emit *emit, struct compose_files *files, struct place place) {
    struct arena *arena = emit->arena;
    struct merged *merged = arena_new(arena, struct merged);
    struct run *run = arena_new(arena, struct run);
    struct maker maker = {emit, arena, files, merged, run, {NULL, 0}};
    *merged = merged_service(files, place);
    const struct yaml_node *image = merged->n ? merged_get(merged, STR("image")) : NULL;
    if (merged->n == 0 || merged->missing.p || !(image || merged_get(merged, STR("build"))))
        return NULL;
    run->title = plain_text(arena, emit->title.p ? emit->title
                                                 : str_printf(arena, "%.*s: service %.*s",
                                                              STR_ARG(place.document->path), STR_ARG(place.name)));
    run->name = name_of(emit, place.name);
    run->image = image ? word_of(&maker, "", yaml_text(image)) : str_lower(arena, run->name);
    if (!run->image.n || str_starts(run->image, STR("-"))) /* not the name of an image */
        return NULL;
    add_build(&maker);
    for (uint32_t i = 0; i < N_ROWS; i++) {
        maker.key = rows[i].key;
        if (merged_get(merged, maker.key))
            rows[i].add(&maker, rows[i].flag, rows[i].use);
    }
    add_command(&maker, STR("entrypoint"), true);
    add_command(&maker, STR("command"), false);
    for (uint32_t i = 0; i < merged->n; i++)
        add_left(&maker, merged->layers[i].node, 0);
    struct workload workload = project_service(files->project, merged, arena);
    run->runtime = workload.is_known ? workload.runtime : STR("");
    set_facts(&maker, &workload);
    return run;
}
