#include "config_print.h"

#include "config_parts.h"
#include "path.h"
#include "rule.h"
#include "yaml_write.h"

#include <sys/stat.h>

/* Columns of a value, where they can be kept: what it is from stands behind them. */
enum { WIDTH = 40 };

struct printer {
    struct arena *arena;
    const struct config *config;
    struct source source; /* its own */
    struct buf out;
};

/* A line, and where it comes from. */
static void add_line(struct printer *printer, struct str line, struct str origin) {
    buf_printf(&printer->out, "%-*.*s # %.*s\n", line.n < WIDTH ? WIDTH : (int)line.n, STR_ARG(line), STR_ARG(origin));
}

static struct str flow_text(struct arena *arena, const struct yaml_value *value) {
    struct yaml_writer writer = {.out = {.arena = arena},
                                 .eol = STR("\n"),
                                 .quotes = YAML_DOUBLE_QUOTED,
                                 .is_flow = true,
                                 .colon = STR(": "),
                                 .comma = STR(", "),
                                 .pad = STR("")};
    yaml_write_flow(&writer, value, false, 0);
    return buf_str(&writer.out);
}

/* A text without line breaks, whatever is in it. */
static struct str shown(struct arena *arena, struct str text) {
    return flow_text(arena, &(struct yaml_value){.kind = YAML_SCALAR, .text = text});
}

/* What the file says, in one line. */
static struct str value_text(struct arena *arena, const struct yaml_node *node) {
    struct yaml_value value;
    return yaml_copy(arena, node, &value) ? flow_text(arena, &value) : STR("");
}

static struct str place_of(struct printer *printer, uint32_t at) {
    return str_printf(printer->arena, "%.*s:%u", STR_ARG(shown(printer->arena, printer->source.path)),
                      source_position(&printer->source, at).line);
}

/* A list or a mapping with a line for each of what it holds. */
static void add_collection(struct printer *printer, struct str key, const struct yaml_node *node) {
    buf_printf(&printer->out, "%.*s:\n", STR_ARG(key));
    for (uint32_t i = 0; i < node->n; i++) {
        bool is_mapping = node->kind == YAML_MAPPING;
        const struct yaml_node *item = is_mapping ? node->pairs[i].value : node->items[i];
        struct str text = value_text(printer->arena, item);
        uint32_t at = is_mapping ? node->pairs[i].key->at.start : item->at.start;
        add_line(printer,
                 is_mapping ? str_printf(printer->arena, "  %.*s: %.*s",
                                         STR_ARG(value_text(printer->arena, node->pairs[i].key)), STR_ARG(text))
                            : str_printf(printer->arena, "  - %.*s", STR_ARG(text)),
                 place_of(printer, at));
    }
}

static void add_rules(struct printer *printer) {
    buf_printf(&printer->out, "rules:\n");
    for (uint32_t i = 0; i < rules_n; i++) {
        struct str origin = STR("default");
        for (uint32_t j = printer->config->rules.n; j > 0; j--)
            if (str_eq(printer->config->rules.list[j - 1].id, rules[i].id))
                origin = place_of(printer, printer->config->rules.list[j - 1].at);
        add_line(printer,
                 str_printf(printer->arena, "  %.*s: %s", STR_ARG(rules[i].id),
                            rule_is_on(&rules[i], printer->config) ? "on" : "off"),
                 origin);
    }
}

/* What an option says for a key; {NULL, 0}: nothing. */
static struct str option_text(struct arena *arena, const struct config *options, struct str key) {
    const struct config_user *user = &options->user;
    const struct pod_demand *demand = &options->pod_demand;
    const struct config_seccomp *seccomp = &options->seccomp;
    struct str level = pod_level_name(demand->level);
    if (str_eq(key, STR("uid")) && user->uid)
        return str_printf(arena, "%u", user->uid);
    if (str_eq(key, STR("gid")) && user->gid)
        return str_printf(arena, "%u", user->gid);
    if (str_eq(key, STR("user")) && user->name.n)
        return yaml_looks_typed(user->name) ? str_printf(arena, "\"%.*s\"", STR_ARG(user->name)) : user->name;
    if (str_eq(key, STR("unsafe-fixes")) && options->unsafe_fixes)
        return options->unsafe_fixes == CONFIG_ON ? STR("true") : STR("false");
    if (str_eq(key, STR("pod-security")) && demand->is_given)
        return demand->minor == POD_SECURITY_LATEST ? level
                                                    : str_printf(arena, "%.*s:v1.%u", STR_ARG(level), demand->minor);
    if (str_eq(key, STR("seccomp")) && seccomp->is_given)
        return str_printf(arena, "%s%s%.*s", seccomp->is_localhost ? "localhost" : "runtime-default",
                          seccomp->folder.n ? ":" : "", STR_ARG(seccomp->folder));
    return (struct str){NULL, 0};
}

/* What holds where nobody says anything; a comment where no value says so. */
static void add_default(struct printer *printer, struct str key) {
    static const struct {
        struct str key;
        const char *line;
    } rows[] = {
        {STR_INIT("uid"), "# uid: the image's own user, else 10001"},
        {STR_INIT("gid"), "# gid: the same number as uid"},
        {STR_INIT("user"), "# user: app, where one is created"},
        {STR_INIT("seccomp"), "seccomp: runtime-default"},
        {STR_INIT("unsafe-fixes"), "unsafe-fixes: false"},
        {STR_INIT("pod-security"), "# pod-security: no level is asked for"},
        {STR_INIT("builds"), "builds: {}"},
    };
    struct str line = str_printf(printer->arena, "%.*s: []", STR_ARG(key));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_eq(rows[i].key, key))
            line = str_of(rows[i].line);
    add_line(printer, line, STR("default"));
}

static void add_key(struct printer *printer, const struct config *options, const struct config_key *key) {
    const struct yaml_node *node = printer->config->values[key - config_key_rows];
    const struct yaml_node *value = yaml_resolve((struct yaml_node *)node);
    struct str option = option_text(printer->arena, options, key->name);
    if (key->type == &config_type_rules)
        add_rules(printer);
    else if (option.p)
        add_line(printer, str_printf(printer->arena, "%.*s: %.*s", STR_ARG(key->name), STR_ARG(option)),
                 str_printf(printer->arena, "--%.*s", STR_ARG(key->name)));
    else if (value && value->n)
        add_collection(printer, key->name, value);
    else if (value && value->kind == YAML_SCALAR && !yaml_is_null(value))
        add_line(
            printer,
            str_printf(printer->arena, "%.*s: %.*s", STR_ARG(key->name), STR_ARG(value_text(printer->arena, value))),
            place_of(printer, node->at.start));
    else
        add_default(printer, key->name);
}

struct str config_print(struct arena *arena, struct configs *configs, struct str path, struct diags *diags) {
    struct stat status;
    path = path_clean(arena, STR(""), path);
    bool is_folder = stat(path.p, &status) == 0 && S_ISDIR(status.st_mode);
    const struct config *config =
        is_folder ? config_find_folder(configs, path, arena, diags) : config_find(configs, path, arena, diags);
    rules_check(configs, diags);
    if (configs->is_broken)
        return STR("");
    struct printer printer = {arena, config, config->source, {.arena = arena}};
    buf_printf(&printer.out, "# what applies to %.*s, by %.*s\n", STR_ARG(shown(arena, path)),
               STR_ARG(config->source.path.n ? shown(arena, config->source.path) : STR("no " CONFIG_NAME)));
    for (uint32_t i = 0; i < config_file_keys.n; i++)
        if (is_folder || config_file_keys.list[i].at != offsetof(struct config, overrides))
            add_key(&printer, &configs->none, &config_file_keys.list[i]);
    return buf_str(&printer.out);
}
