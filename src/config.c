#include "config.h"

#include "guess.h"
#include "path.h"
#include "template.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct reader {
    struct arena *arena;
    struct diags *diags;
    struct source *source;
    struct str key; /* whose value is being read */
};

/* A key of a mapping: what its value is, and where it goes. */
struct key {
    struct str name;
    /* Reads a value. What is wrong with it, one clause; NULL: nothing, or it has been said. */
    const char *(*read)(struct reader *reader, const struct yaml_node *node, void *ret);
    size_t at; /* offset of the value; of a list a pointer, with the number behind it */
    bool is_required;
};

static void complain(struct reader *reader, const struct yaml_node *node, const char *wrong) {
    if (wrong)
        diag_at(reader->diags, reader->source, node->at.start, "%.*s: %s", STR_ARG(reader->key), wrong);
}

/* --- values --------------------------------------------------------------------------------------------------------
 */

static const char *read_text(struct reader *reader, const struct yaml_node *node, void *ret) {
    struct str text = yaml_text(node);
    *(struct str *)ret = str_dup(reader->arena, text);
    return text.n && !yaml_is_null(node) ? NULL : "a text is expected";
}

/* A folder of the image. */
static const char *read_path(struct reader *reader, const struct yaml_node *node, void *ret) {
    struct str text = yaml_text(node);
    *(struct str *)ret = path_join(reader->arena, STR("/"), text);
    return str_starts(text, STR("/")) && path_is_plain(text) ? NULL
                                                             : "an absolute path without odd characters is expected";
}

/* A repository, by the name under which references are looked up. */
static const char *read_repository(struct reader *reader, const struct yaml_node *node, void *ret) {
    struct str text = yaml_text(node);
    struct image_reference reference;
    bool is_any = str_ends(text, STR("/*"));
    text = str_printf(reader->arena, "%.*s%s", (int)text.n - is_any, text.p ? text.p : "", is_any ? "x" : "");
    if (!image_reference_parse(text, &reference))
        return "the name of an image is expected";
    struct str name = reference.repository;
    if (name.p + name.n != text.p + text.n)
        return "a name without tag and digest is expected: the key tags is for those";
    *(struct str *)ret = is_any ? str_printf(reader->arena, "%.*s*", (int)name.n - 1, name.p) : name;
    return NULL;
}

/* A list whose items are texts of some kind; none for a null value. */
static const char *read_list(struct reader *reader, const struct yaml_node *node, void *ret,
                             const char *(*read)(struct reader *, const struct yaml_node *, void *)) {
    if (!yaml_is_null(node) && node->kind != YAML_SEQUENCE)
        return "a list is expected";
    struct str *list = arena_array(reader->arena, node->n, sizeof *list);
    for (uint32_t i = 0; i < node->n; i++)
        complain(reader, node->items[i], read(reader, yaml_resolve(node->items[i]), &list[i]));
    *(const struct str **)ret = list;
    *(uint32_t *)((const struct str **)ret + 1) = node->n;
    return NULL;
}

static const char *read_texts(struct reader *reader, const struct yaml_node *node, void *ret) {
    return read_list(reader, node, ret, read_text);
}

static const char *read_paths(struct reader *reader, const struct yaml_node *node, void *ret) {
    return read_list(reader, node, ret, read_path);
}

static const char *read_repositories(struct reader *reader, const struct yaml_node *node, void *ret) {
    return node->n ? read_list(reader, node, ret, read_repository) : "a list of names is expected";
}

const char *config_read_id(struct str text, uint32_t *ret) {
    bool is_number = !str_starts(text, STR("0")) && str_number(text, CONFIG_MAX_ID, ret);
    return is_number ? NULL : "a number from 1 (0 is root's) to 2147483647 is expected";
}

static const char *read_id(struct reader *reader, const struct yaml_node *node, void *ret) {
    (void)reader;
    return config_read_id(yaml_text(node), ret);
}

/* The group of a user that is there may be root's. */
static const char *read_gid(struct reader *reader, const struct yaml_node *node, void *ret) {
    return str_eq(yaml_text(node), STR("0")) ? NULL : read_id(reader, node, ret);
}

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

static const char *read_name(struct reader *reader, const struct yaml_node *node, void *ret) {
    return config_read_name(str_dup(reader->arena, yaml_text(node)), ret);
}

const char *config_read_seccomp(struct str text, struct config_seccomp *ret) {
    struct str folder = text, kind = {NULL, 0}, rest, part;
    str_cut(&folder, ':', &kind);
    *ret = (struct config_seccomp){str_eq(kind, STR("localhost")), folder.p ? folder : STR("")};
    if (!ret->is_localhost)
        return "localhost is expected, or localhost:FOLDER";
    bool is_below = !path_leads_out(ret->folder) && path_is_plain(ret->folder) && (ret->folder.n || kind.n == text.n);
    /* as the API server has it (validateLocalDescendingPath) */
    for (rest = ret->folder; str_cut(&rest, '/', &part);)
        is_below &= !str_eq(part, STR(".."));
    return is_below ? NULL : "the folder is one below the kubelet's folder for profiles: a relative path without ..";
}

static const char *read_seccomp(struct reader *reader, const struct yaml_node *node, void *ret) {
    return config_read_seccomp(str_dup(reader->arena, yaml_text(node)), ret);
}

static const char *read_family(struct reader *reader, const struct yaml_node *node, void *ret) {
    struct image *image = ret;
    struct guess guess = {.word = str_dup(reader->arena, yaml_text(node)), .offers = {.arena = reader->arena}};
    image->family = image_family(guess.word);
    if (image->family)
        return NULL;
    for (uint32_t i = 0; i < image_n_families; i++)
        guess_offer(&guess, image_families[i].name);
    return str_printf(reader->arena, "no such family: %.*s", STR_ARG(guess_text(&guess))).p;
}

static const char *read_shell(struct reader *reader, const struct yaml_node *node, void *ret) {
    (void)reader;
    *(bool *)ret = false;
    return str_eq(yaml_text(node), STR("none")) ? NULL : "none is expected, or no such key: the image has /bin/sh then";
}

static const char *read_capability(struct reader *reader, const struct yaml_node *node, void *ret) {
    *(struct str *)ret = str_dup(reader->arena, yaml_text(node));
    return template_has_name(NAMES_DEFAULT_CAPABILITIES, yaml_text(node))
               ? NULL
               : "a capability that an engine gives by default is expected, without CAP_: CHOWN, SETUID, …";
}

static const char *read_file_capabilities(struct reader *reader, const struct yaml_node *node, void *ret) {
    return read_list(reader, node, ret, read_capability);
}

static const char *read_capabilities(struct reader *reader, const struct yaml_node *node, void *ret) {
    struct image *image = ret;
    image->has_capabilities = !yaml_is_null(node);
    return image->has_capabilities ? read_list(reader, node, &image->capabilities, read_capability)
                                   : "a list is expected: [] where it needs none";
}

static const char *read_ports(struct reader *reader, const struct yaml_node *node, void *ret) {
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

static const char *read_unverified(struct reader *reader, const struct yaml_node *node, void *ret) {
    static const struct str fields[] = {STR_INIT("user"),  STR_INIT("entrypoint"),   STR_INIT("cmd"),
                                        STR_INIT("all"),   STR_INIT("capabilities"), STR_INIT("as_user"),
                                        STR_INIT("writes")};
    static const uint32_t bits[] = {UNVERIFIED_USER,         UNVERIFIED_ENTRYPOINT, UNVERIFIED_CMD,   UNVERIFIED_ALL,
                                    UNVERIFIED_CAPABILITIES, UNVERIFIED_AS_USER,    UNVERIFIED_WRITES};
    const char *wrong = node->kind == YAML_SEQUENCE ? NULL : "a list is expected";
    (void)reader;
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

/* --- mappings ------------------------------------------------------------------------------------------------------
 */

static const struct key *find_key(struct reader *reader, const struct key *keys, uint32_t n,
                                  const struct yaml_node *node) {
    struct guess guess = {.word = yaml_text(node), .offers = {.arena = reader->arena}};
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(keys[i].name, guess.word))
            return &keys[i];
    for (uint32_t i = 0; i < n; i++)
        guess_offer(&guess, keys[i].name);
    diag_at(reader->diags, reader->source, node->at.start, "unknown key %.*s: %.*s", STR_ARG(guess.word),
            STR_ARG(guess_text(&guess)));
    return NULL;
}

static const char *read_mapping(struct reader *reader, const struct yaml_node *node, void *ret, const struct key *keys,
                                uint32_t n) {
    if (node->kind != YAML_MAPPING)
        return "a mapping is expected";
    struct str outer = reader->key;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < node->n; i++) {
        const struct key *key = find_key(reader, keys, n, node->pairs[i].key);
        struct yaml_node *value = node->pairs[i].value;
        if (!key)
            continue;
        seen |= 1u << (key - keys);
        reader->key = key->name;
        complain(reader, value, key->read(reader, yaml_resolve(value), (char *)ret + key->at));
    }
    reader->key = outer;
    for (uint32_t i = 0; i < n; i++)
        if (keys[i].is_required && !(seen & 1u << i))
            diag_at(reader->diags, reader->source, node->at.start, "the key %.*s is missing", STR_ARG(keys[i].name));
    return NULL;
}
#define READ_MAPPING(reader, node, ret, keys) read_mapping(reader, node, ret, keys, sizeof(keys) / sizeof *(keys))

static const char *read_user(struct reader *reader, const struct yaml_node *node, void *ret) {
    static const struct key keys[] = {
        {STR_INIT("name"), read_text, offsetof(struct image, user), true},
        {STR_INIT("uid"), read_id, offsetof(struct image, uid), true},
        {STR_INIT("gid"), read_gid, offsetof(struct image, gid), true},
    };
    return READ_MAPPING(reader, node, ret, keys);
}

static const char *read_image(struct reader *reader, const struct yaml_node *node, struct image_row *ret) {
    /* as in templates/images.yaml, where they are explained */
    static const struct key keys[] = {
        {STR_INIT("images"), read_repositories, offsetof(struct image_row, names), true},
        {STR_INIT("tags"), read_texts, offsetof(struct image_row, image.tags), false},
        {STR_INIT("family"), read_family, offsetof(struct image_row, image), true},
        {STR_INIT("runtime"), read_text, offsetof(struct image_row, image.runtime), false},
        {STR_INIT("user"), read_user, offsetof(struct image_row, image), false},
        {STR_INIT("runs_as"), read_text, offsetof(struct image_row, image.runs_as), false},
        {STR_INIT("nonroot"), read_text, offsetof(struct image_row, image.nonroot), false},
        {STR_INIT("workdir"), read_path, offsetof(struct image_row, image.workdir), false},
        {STR_INIT("entrypoint"), read_texts, offsetof(struct image_row, image.entrypoint), false},
        {STR_INIT("cmd"), read_texts, offsetof(struct image_row, image.cmd), false},
        {STR_INIT("passes_on"), read_text, offsetof(struct image_row, image.passes_on), false},
        {STR_INIT("starts_as_root"), read_text, offsetof(struct image_row, image.starts_as_root), false},
        {STR_INIT("init"), read_text, offsetof(struct image_row, image.init), false},
        {STR_INIT("shell"), read_shell, offsetof(struct image_row, image.has_shell), false},
        {STR_INIT("writes"), read_paths, offsetof(struct image_row, image.writes), false},
        {STR_INIT("volumes"), read_paths, offsetof(struct image_row, image.volumes), false},
        {STR_INIT("closed"), read_texts, offsetof(struct image_row, image.closed), false},
        {STR_INIT("capabilities"), read_capabilities, offsetof(struct image_row, image), false},
        {STR_INIT("file_capabilities"), read_file_capabilities, offsetof(struct image_row, image.file_capabilities),
         false},
        {STR_INIT("as_user"), read_text, offsetof(struct image_row, image.as_user), false},
        {STR_INIT("data"), read_paths, offsetof(struct image_row, image.data), false},
        {STR_INIT("content"), read_paths, offsetof(struct image_row, image.content), false},
        {STR_INIT("owns"), read_paths, offsetof(struct image_row, image.owns), false},
        {STR_INIT("settings"), read_texts, offsetof(struct image_row, image.settings), false},
        {STR_INIT("rewrites_if"), read_texts, offsetof(struct image_row, image.rewrites_if), false},
        {STR_INIT("executes"), read_paths, offsetof(struct image_row, image.executes), false},
        {STR_INIT("gains"), read_text, offsetof(struct image_row, image.gains), false},
        {STR_INIT("ports"), read_ports, offsetof(struct image_row, image), false},
        {STR_INIT("unverified"), read_unverified, offsetof(struct image_row, image.unverified), false},
        {STR_INIT("source"), read_text, offsetof(struct image_row, image.source), false},
    };
    ret->image.has_shell = true;
    const char *reason = READ_MAPPING(reader, node, ret, keys);
    if (ret->image.family)
        ret->image.has_shell &= ret->image.family->has_shell;
    return reason;
}

static const char *read_images(struct reader *reader, const struct yaml_node *node, void *ret) {
    if (!yaml_is_null(node) && node->kind != YAML_SEQUENCE)
        return "a list is expected";
    struct image_row *rows = arena_array(reader->arena, node->n, sizeof *rows);
    for (uint32_t i = 0; i < node->n; i++)
        complain(reader, node->items[i], read_image(reader, yaml_resolve(node->items[i]), &rows[i]));
    *(struct image_table *)ret = (struct image_table){rows, node->n};
    return NULL;
}

static const char *read_rules(struct reader *reader, const struct yaml_node *node, void *ret) {
    if (!yaml_is_null(node) && node->kind != YAML_MAPPING)
        return "a mapping from rules to on or off is expected";
    struct config_rule *list = arena_array(reader->arena, node->n, sizeof *list);
    for (uint32_t i = 0; i < node->n; i++) {
        const struct yaml_node *name = node->pairs[i].key, *value = yaml_resolve(node->pairs[i].value);
        bool is_off = str_eq(yaml_text(value), STR("off")), is_on = str_eq(yaml_text(value), STR("on"));
        if (!is_on && !is_off && !yaml_bool(value, &is_on))
            complain(reader, node->pairs[i].value, "on or off is expected");
        list[i] = (struct config_rule){yaml_text(name), name->at.start, is_on};
    }
    *(struct config_rules *)ret = (struct config_rules){list, node->n};
    return NULL;
}

/* All keys of a file. */
static const struct key config_keys[] = {
    {STR_INIT("images"), read_images, offsetof(struct config, images), false},
    {STR_INIT("rules"), read_rules, offsetof(struct config, rules), false},
    {STR_INIT("uid"), read_id, offsetof(struct config, user.uid), false},
    {STR_INIT("gid"), read_id, offsetof(struct config, user.gid), false},
    {STR_INIT("user"), read_name, offsetof(struct config, user.name), false},
    {STR_INIT("seccomp"), read_seccomp, offsetof(struct config, seccomp), false},
};

/* --- files ---------------------------------------------------------------------------------------------------------
 */

/* Whether a file's bytes are in another folder, where a link has led. */
static bool leads_out(struct arena *arena, struct str folder, struct str path) {
    char *real_folder = realpath(str_c(arena, folder), NULL), *real_path = realpath(str_c(arena, path), NULL);
    bool is_out = real_folder && real_path && !path_is_below(str_of(real_path), str_of(real_folder));
    free(real_folder);
    free(real_path);
    return is_out;
}

static void read_text_of(struct reader *reader, struct config *config) {
    struct source *source = reader->source;
    struct yaml *yaml = source_check(source, reader->diags) ? yaml_parse(reader->arena, source, reader->diags) : NULL;
    if (!yaml || yaml->documents.n == 0)
        return;
    const struct yaml_node *root = yaml->documents.at[0].root;
    const char *wrong = NULL;
    if (yaml->documents.n > 1)
        diag_at(reader->diags, source, yaml->documents.at[1].at.start, "a second document: one is expected");
    if (root && !yaml_is_null(root))
        wrong = READ_MAPPING(reader, root, config, config_keys);
    if (wrong)
        diag_at(reader->diags, source, root->at.start, "%s", wrong);
}

static struct config_user with_options(struct config_user user, const struct config_user *options) {
    return (struct config_user){options->name.n ? options->name : user.name, options->uid ? options->uid : user.uid,
                                options->gid ? options->gid : user.gid};
}

static struct config *load(struct configs *configs, struct str folder, struct str path, struct arena *arena,
                           struct diags *diags) {
    struct config *config = arena_new(arena, struct config);
    struct reader reader = {arena, diags, &config->source, {NULL, 0}};
    uint32_t errors = diags->list.n;
    struct str text;
    if (leads_out(arena, folder, path)) {
        diag_file(diags, path, "is a link that leads out of its folder: put the file itself there");
    } else if (source_read(arena, path, &text, diags)) {
        config->source = source_from(arena, path, text, FORMAT_NONE);
        read_text_of(&reader, config);
    }
    config->user = with_options(config->user, &configs->none.user);
    if (configs->none.seccomp.is_localhost)
        config->seccomp = configs->none.seccomp;
    configs->is_broken |= diags->list.n > errors;
    *vec_push(arena, &configs->files) = config;
    return config;
}

/* Whether there is no folder above one; a clean relative path leads above the current folder by "..", "../.." … */
static bool is_top(struct configs *configs, struct str folder) {
    if (str_starts(folder, STR("/")))
        return folder.n == 1;
    if (configs->n_above == 0) {
        char *current = getcwd(NULL, 0);
        for (const char *p = current; p && *p; p++)
            configs->n_above += *p == '/' && p[1] != '\0';
        free(current);
    }
    bool is_current = str_eq(folder, STR(".")), is_above = str_eq(path_name(folder), STR(".."));
    return (is_current || is_above) && (is_above ? (folder.n + 1) / 3 : 0) >= configs->n_above;
}

static const struct config *find_in(struct configs *configs, struct str folder, struct arena *arena,
                                    struct diags *diags) {
    const struct config *config = map_get(&configs->by_folder, folder);
    if (config)
        return config;
    struct str path = path_clean(arena, folder, STR(CONFIG_NAME));
    struct stat status;
    if (lstat(str_c(arena, path), &status) == 0)
        config = load(configs, folder, path, arena, diags);
    else if (is_top(configs, folder))
        config = &configs->none;
    else
        config = find_in(configs, path_clean(arena, folder, STR("..")), arena, diags);
    map_add(&configs->by_folder, arena, folder, (void *)config);
    return config;
}

const struct config *config_find(struct configs *configs, struct str path, struct arena *arena, struct diags *diags) {
    return find_in(configs, path_folder(path), arena, diags);
}

void config_ids(const struct config_user *user, uint32_t *ret_uid, uint32_t *ret_gid) {
    *ret_uid = user->uid ? user->uid : NEW_ID;
    *ret_gid = user->gid ? user->gid : *ret_uid;
}
