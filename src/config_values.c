/* What values of .ironhull.yaml are, and how they are read. */
#include "config_parts.h"

#include "guess.h"
#include "path.h"
#include "template.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void config_complain(struct config_reader *reader, const struct yaml_node *node, const char *wrong) {
    if (wrong)
        diag_at(reader->diags, reader->source, node->at.start, "%.*s: %s", STR_ARG(reader->key), wrong);
}

bool config_is_switch(const struct yaml_node *node, bool *ret) {
    return node->style == YAML_PLAIN && yaml_bool(node, ret);
}

#define READ(name)                                                                                                     \
    static const char *read_##name(struct config_reader *reader, const struct config_type *type,                       \
                                   const struct yaml_node *node, void *ret)
/* For those that look at the node alone. */
#define UNUSED (void)reader, (void)type

/* --- texts ---------------------------------------------------------------------------------------------------------
 */

#define SCALAR "\"type\": [\"string\", \"number\", \"boolean\"], \"minLength\": 1"
#define LIST "\"type\": [\"array\", \"null\"]"

READ(text) {
    UNUSED;
    struct str text = yaml_text(node);
    *(struct str *)ret = str_dup(reader->arena, text);
    return text.n && !yaml_is_null(node) ? NULL : "a text is expected";
}

const struct config_type config_type_text = {.read = read_text, .schema = SCALAR};

/* A folder of the image. */
READ(path) {
    UNUSED;
    struct str text = yaml_text(node);
    *(struct str *)ret = path_join(reader->arena, STR("/"), text);
    return str_starts(text, STR("/")) && path_is_plain(text) ? NULL
                                                             : "an absolute path without odd characters is expected";
}

#define PATH "\"type\": \"string\", \"pattern\": \"^/[A-Za-z0-9._/@+-]*$\""

const struct config_type config_type_path = {.read = read_path, .schema = PATH};

/* One that programs write to, as a hint in a Dockerfile names it. */
READ(written) {
    const char *wrong = read_path(reader, type, node, ret);
    struct str path = *(struct str *)ret;
    bool is_folder = path.n > 1 && !path_is_below(path, STR("/tmp"));
    return wrong || is_folder ? wrong : "a folder is expected, and none in /tmp, which can be written to anyway";
}

static const struct config_type type_written = {.read = read_written, .schema = PATH};

/* A repository, by the name under which references are looked up. */
READ(repository) {
    UNUSED;
    struct str text = yaml_text(node);
    struct image_reference reference;
    bool is_any = str_ends(text, STR("/*")), is_on;
    text = str_printf(reader->arena, "%.*s%s", (int)text.n - is_any, text.p ? text.p : "", is_any ? "x" : "");
    if (yaml_is_null(node) || config_is_switch(node, &is_on) || !image_reference_parse(text, &reference))
        return "the name of an image is expected";
    struct str name = reference.repository;
    if (name.p + name.n != text.p + text.n)
        return "a name without tag and digest is expected: the key tags is for those";
    *(struct str *)ret = is_any ? str_printf(reader->arena, "%.*s*", (int)name.n - 1, name.p) : name;
    return NULL;
}

static const struct config_type type_repository = {
    .read = read_repository,
    .schema = "\"type\": [\"string\", \"number\"], \"pattern\": \"^([^/@\\\\s]+/)*([a-z0-9._-]+|\\\\*)$\""};

/* --- lists ---------------------------------------------------------------------------------------------------------
 */

const char *config_read_list(struct config_reader *reader, const struct config_type *type, const struct yaml_node *node,
                             void *ret) {
    if (!yaml_is_null(node) && node->kind != YAML_SEQUENCE)
        return "a list is expected";
    struct str *list = arena_array(reader->arena, node->n, sizeof *list);
    for (uint32_t i = 0; i < node->n; i++)
        config_complain(reader, node->items[i],
                        type->items->read(reader, type->items, yaml_resolve(node->items[i]), &list[i]));
    *(const struct str **)ret = list;
    *(uint32_t *)((const struct str **)ret + 1) = node->n;
    return NULL;
}

const struct config_type config_type_texts = {.read = config_read_list, .schema = LIST, .items = &config_type_text};
const struct config_type config_type_paths = {.read = config_read_list, .schema = LIST, .items = &config_type_path};
const struct config_type config_type_folders = {.read = config_read_list, .schema = LIST, .items = &type_written};

READ(repositories) {
    return node->n ? config_read_list(reader, type, node, ret) : "a list of names is expected";
}

#define NOT_EMPTY "\"type\": \"array\", \"minItems\": 1"

const struct config_type config_type_repositories = {
    .read = read_repositories, .schema = NOT_EMPTY, .items = &type_repository};

/* --- ids and names -------------------------------------------------------------------------------------------------
 */

const char *config_read_id(struct str text, uint32_t *ret) {
    bool is_number = !str_starts(text, STR("0")) && str_number(text, CONFIG_MAX_ID, ret);
    return is_number ? NULL : "a number from 1 (0 is root's) to 2147483647 is expected";
}

READ(id) {
    UNUSED;
    return config_read_id(yaml_text(node), ret);
}

#define ID(least, quoted)                                                                                              \
    "\"anyOf\": [{\"type\": \"integer\", \"minimum\": " least                                                          \
    ", \"maximum\": 2147483647}, {\"type\": \"string\", \"pattern\": \"" quoted "\"}]"

const struct config_type config_type_id = {.read = read_id, .schema = ID("1", "^[1-9][0-9]{0,9}$")};

/* The group of a user that is there may be root's. */
READ(image_gid) {
    return str_eq(yaml_text(node), STR("0")) ? NULL : read_id(reader, type, node, ret);
}

const struct config_type config_type_image_gid = {.read = read_image_gid, .schema = ID("0", "^(0|[1-9][0-9]{0,9})$")};

const char *config_read_name(struct str text, struct str *ret) {
    *ret = text;
    /* useradd(8) of every distribution takes these, and busybox */
    bool is_name = text.n > 0 && text.n <= 32 && text.p[0] != '-' && (text.p[0] < '0' || text.p[0] > '9');
    for (uint32_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        is_name &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
    if (!is_name)
        return "a name that useradd takes is expected: at most 32 of a-z, 0-9, _ and -, the first one a letter or _";
    return template_has_name(NAMES_SYSTEM_USERS, text) ? "distributions have a user or group of that name" : NULL;
}

READ(name) {
    UNUSED;
    bool is_on;
    if (config_is_switch(node, &is_on) || yaml_is_null(node))
        return "a text is expected: put it in quotes if it is a name";
    return config_read_name(str_dup(reader->arena, yaml_text(node)), ret);
}

const struct config_type config_type_name = {
    .read = read_name, .schema = "\"type\": \"string\", \"pattern\": \"^[a-z_][a-z0-9_-]{0,31}$\""};

/* --- measures ------------------------------------------------------------------------------------------------------
 */

const char *config_read_seccomp(struct str text, struct config_seccomp *ret) {
    struct str folder = text, kind = {NULL, 0}, rest, part;
    str_cut(&folder, ':', &kind);
    bool is_default = str_eq(text, STR("runtime-default"));
    *ret = (struct config_seccomp){true, str_eq(kind, STR("localhost")), folder.p ? folder : STR("")};
    if (!ret->is_localhost)
        return is_default ? NULL : "runtime-default, localhost or localhost:FOLDER is expected";
    bool is_below = !path_leads_out(ret->folder) && path_is_plain(ret->folder) && (ret->folder.n || kind.n == text.n);
    /* as the API server has it (validateLocalDescendingPath) */
    for (rest = ret->folder; str_cut(&rest, '/', &part);)
        is_below &= !str_eq(part, STR(".."));
    return is_below ? NULL : "the folder is one below the kubelet's folder for profiles: a relative path without ..";
}

READ(seccomp) {
    UNUSED;
    return config_read_seccomp(str_dup(reader->arena, yaml_text(node)), ret);
}

const struct config_type config_type_seccomp = {
    .read = read_seccomp,
    .schema =
        "\"type\": \"string\", \"pattern\": \"^(runtime-default|localhost(:[A-Za-z0-9._@+-][A-Za-z0-9._/@+-]*)?)$\""};

READ(switch) {
    UNUSED;
    bool is_on;
    if (!config_is_switch(node, &is_on))
        return "true or false is expected";
    *(enum config_switch *)ret = is_on ? CONFIG_ON : CONFIG_OFF;
    return NULL;
}

const struct config_type config_type_switch = {.read = read_switch, .schema = "\"type\": \"boolean\""};

READ(level) {
    UNUSED;
    return pod_demand_read(reader->arena, yaml_text(node), ret);
}

const struct config_type config_type_level = {
    .read = read_level,
    .schema = "\"type\": \"string\", \"pattern\": "
              "\"^(privileged|baseline|restricted)(:(latest|v1\\\\.[0-9]{1,3}))?$\", "
              "\"examples\": [\"restricted\", \"baseline\", \"restricted:v1.37\"]"};

/* --- images --------------------------------------------------------------------------------------------------------
 */

READ(family) {
    UNUSED;
    struct image *image = ret;
    struct guess guess = {.word = str_dup(reader->arena, yaml_text(node)), .offers = {.arena = reader->arena}};
    image->family = image_family(guess.word);
    if (image->family)
        return NULL;
    for (uint32_t i = 0; i < image_n_families; i++)
        guess_offer(&guess, image_families[i].name);
    return str_printf(reader->arena, "no such family: %.*s", STR_ARG(guess_text(&guess))).p;
}

const struct config_type config_type_family = {.read = read_family, .schema = "\"type\": \"string\""};

READ(shell) {
    UNUSED;
    *(bool *)ret = false;
    return str_eq(yaml_text(node), STR("none")) ? NULL : "none is expected, or no such key: the image has /bin/sh then";
}

const struct config_type config_type_shell = {.read = read_shell, .schema = "\"enum\": [\"none\"]"};

READ(capability) {
    UNUSED;
    *(struct str *)ret = str_dup(reader->arena, yaml_text(node));
    return template_has_name(NAMES_DEFAULT_CAPABILITIES, yaml_text(node))
               ? NULL
               : "a capability that an engine gives by default is expected, without CAP_: CHOWN, SETUID, …";
}

const struct config_type config_type_capability = {.read = read_capability, .schema = "\"type\": \"string\""};
const struct config_type config_type_file_capabilities = {
    .read = config_read_list, .schema = LIST, .items = &config_type_capability};

READ(capabilities) {
    struct image *image = ret;
    image->has_capabilities = !yaml_is_null(node);
    return image->has_capabilities ? config_read_list(reader, type, node, &image->capabilities)
                                   : "a list is expected: [] where it needs none";
}

const struct config_type config_type_capabilities = {
    .read = read_capabilities, .schema = "\"type\": \"array\"", .items = &config_type_capability};

READ(ports) {
    UNUSED;
    struct image *image = ret;
    uint32_t *ports = arena_array(reader->arena, node->n, sizeof *ports);
    if (node->kind != YAML_SEQUENCE)
        return "a list is expected";
    for (uint32_t i = 0; i < node->n; i++)
        if (!str_number(yaml_text(yaml_resolve(node->items[i])), 1023, &ports[i]) || ports[i] == 0)
            return "a list of ports from 1 to 1023 is expected";
    image->ports = ports;
    image->n_ports = node->n;
    return NULL;
}

const struct config_type config_type_ports = {
    .read = read_ports,
    .schema =
        "\"type\": \"array\", \"items\": {\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 1023}, "
        "{\"type\": \"string\", \"pattern\": \"^[0-9]{1,4}$\"}]}"};

READ(unverified) {
    static const struct str fields[] = {STR_INIT("user"),  STR_INIT("entrypoint"),   STR_INIT("cmd"),
                                        STR_INIT("all"),   STR_INIT("capabilities"), STR_INIT("as_user"),
                                        STR_INIT("writes")};
    static const uint32_t bits[] = {UNVERIFIED_USER,         UNVERIFIED_ENTRYPOINT, UNVERIFIED_CMD,   UNVERIFIED_ALL,
                                    UNVERIFIED_CAPABILITIES, UNVERIFIED_AS_USER,    UNVERIFIED_WRITES};
    const char *wrong = node->kind == YAML_SEQUENCE ? NULL : "a list is expected";
    UNUSED;
    for (uint32_t i = 0; !wrong && i < node->n; i++) {
        wrong = "a list of user, entrypoint, cmd, all, capabilities, as_user and writes is expected";
        for (uint32_t j = 0; j < sizeof fields / sizeof *fields; j++)
            if (str_eq(yaml_text(yaml_resolve(node->items[i])), fields[j])) {
                *(uint32_t *)ret |= bits[j];
                wrong = NULL;
            }
    }
    return wrong;
}

const struct config_type config_type_unverified = {
    .read = read_unverified,
    .schema = "\"type\": \"array\", \"items\": {\"enum\": [\"user\", \"entrypoint\", \"cmd\", \"all\", "
              "\"capabilities\", \"as_user\", \"writes\"]}"};

/* --- files ---------------------------------------------------------------------------------------------------------
 */

READ(pattern) {
    const char *wrong = read_text(reader, type, node, ret);
    struct str text = yaml_text(node);
    return !wrong && str_find(text, 0, '\n') < text.n ? "a pattern in one line is expected" : wrong;
}

static const struct config_type type_pattern = {.read = read_pattern, .schema = SCALAR};
const struct config_type config_type_patterns = {.read = config_read_list, .schema = LIST, .items = &type_pattern};

READ(files) {
    return node->n ? config_read_list(reader, type, node, ret) : "a list of patterns is expected";
}

const struct config_type config_type_files = {.read = read_files, .schema = NOT_EMPTY, .items = &type_pattern};

static struct str real_path(struct arena *arena, struct str path) {
    char *real = realpath(str_c(arena, path), NULL);
    struct str copy = real ? str_dup(arena, str_of(real)) : (struct str){NULL, 0};
    free(real);
    return copy;
}

/* A path from the file's folder on, to what is there in the repository. */
static const char *read_inside(struct config_reader *reader, const struct yaml_node *node, struct str *ret,
                               mode_t kind) {
    struct arena *arena = reader->arena;
    struct str text = yaml_text(node), real;
    struct stat status;
    if (!text.n || text.p[0] == '/' || memchr(text.p, '\0', text.n))
        return "a path from the folder of this file on is expected";
    *ret = path_clean(arena, reader->folder, text);
    bool is_named_inside = path_is_below(path_join(arena, real_path(arena, reader->folder), text), reader->top);
    real = is_named_inside ? real_path(arena, *ret) : (struct str){NULL, 0};
    if (is_named_inside && !real.p)
        return str_printf(arena, "there is no %.*s", STR_ARG(*ret)).p;
    if (!is_named_inside || !path_is_below(real, reader->top))
        return str_printf(arena, "%.*s lies outside of the repository, or of this file's folder where there is none",
                          STR_ARG(*ret))
            .p;
    bool is_right = stat(real.p, &status) == 0 && (status.st_mode & S_IFMT) == kind;
    return is_right ? NULL : str_printf(arena, "%.*s is no %s", STR_ARG(*ret), kind == S_IFREG ? "file" : "folder").p;
}

READ(file) {
    UNUSED;
    return read_inside(reader, node, ret, S_IFREG);
}

READ(folder) {
    UNUSED;
    return read_inside(reader, node, ret, S_IFDIR);
}

#define RELATIVE "\"type\": \"string\", \"pattern\": \"^[^/]\""

const struct config_type config_type_file = {.read = read_file, .schema = RELATIVE};
const struct config_type config_type_folder = {.read = read_folder, .schema = RELATIVE};
