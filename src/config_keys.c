/* The keys of .ironhull.yaml. */
#include "config_parts.h"

#include "guess.h"

#include <assert.h>

/* --- mappings ------------------------------------------------------------------------------------------------------
 */

static const struct config_key *find_key(struct config_reader *reader, const struct config_keys *keys,
                                         const struct yaml_node *node) {
    struct guess guess = {.word = yaml_text(node), .offers = {.arena = reader->arena}};
    for (uint32_t i = 0; i < keys->n; i++)
        if (str_eq(keys->list[i].name, guess.word))
            return &keys->list[i];
    for (uint32_t i = 0; i < keys->n; i++)
        guess_offer(&guess, keys->list[i].name);
    diag_at(reader->diags, reader->source, node->at.start, "unknown key %.*s: %.*s", STR_ARG(guess.word),
            STR_ARG(guess_text(&guess)));
    return NULL;
}

static const char *read_mapping(struct config_reader *reader, const struct config_keys *keys,
                                const struct yaml_node *node, void *ret) {
    if (node->kind != YAML_MAPPING)
        return "a mapping is expected";
    struct str outer = reader->key;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < node->n; i++) {
        const struct config_key *key = find_key(reader, keys, node->pairs[i].key);
        struct yaml_node *value = node->pairs[i].value;
        if (!key)
            continue;
        seen |= 1u << (key - keys->list);
        reader->key = key->name;
        config_complain(reader, value, key->type->read(reader, key->type, yaml_resolve(value), (char *)ret + key->at));
    }
    reader->key = outer;
    for (uint32_t i = 0; i < keys->n; i++)
        if (keys->list[i].is_required && !(seen & 1u << i))
            diag_at(reader->diags, reader->source, node->at.start, "the key %.*s is missing",
                    STR_ARG(keys->list[i].name));
    return NULL;
}

static const char *read_keys(struct config_reader *reader, const struct config_type *type, const struct yaml_node *node,
                             void *ret) {
    return read_mapping(reader, type->keys, node, ret);
}

#define KEYS(rows)                                                                                                     \
    { (rows), sizeof(rows) / sizeof *(rows) }

/* --- images --------------------------------------------------------------------------------------------------------
 */

static const struct config_key user_rows[] = {
    {STR_INIT("name"), &config_type_text, offsetof(struct image, user), true, "Its name."},
    {STR_INIT("uid"), &config_type_id, offsetof(struct image, uid), true, "Its number."},
    {STR_INIT("gid"), &config_type_image_gid, offsetof(struct image, gid), true, "The number of its group."},
};
static const struct config_keys user_keys = KEYS(user_rows);
static const struct config_type type_user = {.read = read_keys, .schema = "", .keys = &user_keys};

#define ROW(field) offsetof(struct image_row, image.field)
#define IMAGE offsetof(struct image_row, image)

/* as in templates/images.yaml, where they are explained */
static const struct config_key image_rows[] = {
    {STR_INIT("images"), &config_type_repositories, offsetof(struct image_row, names), true,
     "Names of images without tag and digest; a last component * stands for any."},
    {STR_INIT("tags"), &config_type_texts, ROW(tags), false,
     "Tags that the row is for; * stands for any characters. Without it: all."},
    {STR_INIT("family"), &config_type_family, IMAGE, true, "The distribution that the image is of."},
    {STR_INIT("runtime"), &config_type_text, ROW(runtime), false, "What runs programs in it: node, python, …"},
    {STR_INIT("user"), &type_user, IMAGE, false, "The user of the image that programs can run as."},
    {STR_INIT("runs_as"), &config_type_text, ROW(runs_as), false, "The image's USER. Without it: root."},
    {STR_INIT("nonroot"), &config_type_text, ROW(nonroot), false, "The tag of the same image that runs as user."},
    {STR_INIT("workdir"), &config_type_path, ROW(workdir), false, "The image's WORKDIR. Without it: /."},
    {STR_INIT("entrypoint"), &config_type_texts, ROW(entrypoint), false, "The image's ENTRYPOINT."},
    {STR_INIT("cmd"), &config_type_texts, ROW(cmd), false, "The image's CMD."},
    {STR_INIT("passes_on"), &config_type_text, ROW(passes_on), false,
     "Why the entrypoint is known to start the command as it is."},
    {STR_INIT("starts_as_root"), &config_type_text, ROW(starts_as_root), false, "Why the image must start as root."},
    {STR_INIT("init"), &config_type_text, ROW(init), false, "The init that its entrypoint starts already."},
    {STR_INIT("shell"), &config_type_shell, ROW(has_shell), false, "none: the image has no /bin/sh."},
    {STR_INIT("writes"), &config_type_paths, ROW(writes), false, "Folders that its program needs to write to."},
    {STR_INIT("volumes"), &config_type_paths, ROW(volumes), false, "The image's VOLUMEs."},
    {STR_INIT("closed"), &config_type_texts, ROW(closed), false,
     "Tags whose release has no archive of packages any more."},
    {STR_INIT("capabilities"), &config_type_capabilities, IMAGE, false,
     "Capabilities that its start as root uses, without CAP_; [] where it needs none."},
    {STR_INIT("file_capabilities"), &config_type_file_capabilities, ROW(file_capabilities), false,
     "Capabilities that its program's file has."},
    {STR_INIT("as_user"), &config_type_text, ROW(as_user), false, "Why it starts as user without any capability."},
    {STR_INIT("data"), &config_type_paths, ROW(data), false, "Folders of data, which must not get lost."},
    {STR_INIT("content"), &config_type_paths, ROW(content), false,
     "Folders that it writes to and that have files of the image."},
    {STR_INIT("owns"), &config_type_paths, ROW(owns), false, "Folders that must be its user's own."},
    {STR_INIT("settings"), &config_type_texts, ROW(settings), false,
     "Variables of the environment that change what is said here."},
    {STR_INIT("rewrites_if"), &config_type_texts, ROW(rewrites_if), false,
     "Paths and variables with which it writes to other folders too."},
    {STR_INIT("executes"), &config_type_paths, ROW(executes), false, "Folders of writes whose files it starts."},
    {STR_INIT("gains"), &config_type_text, ROW(gains), false, "Why its program must be able to gain privileges."},
    {STR_INIT("ports"), &config_type_ports, IMAGE, false, "Ports below 1024 that it listens on."},
    {STR_INIT("unverified"), &config_type_unverified, ROW(unverified), false,
     "Keys of this row that nothing proves: what rests on them is never done without --unsafe-fixes."},
    {STR_INIT("source"), &config_type_text, ROW(source), false, "Where this is known from."},
};
static const struct config_keys image_keys = KEYS(image_rows);

static const char *read_image(struct config_reader *reader, const struct config_type *type,
                              const struct yaml_node *node, void *ret) {
    struct image_row *row = ret;
    row->image.has_shell = true;
    const char *wrong = read_mapping(reader, type->keys, node, row);
    if (row->image.family)
        row->image.has_shell &= row->image.family->has_shell;
    return wrong;
}

static const struct config_type type_image = {.read = read_image, .schema = "", .keys = &image_keys};

/* Reads a list of mappings to an array of theirs. */
static const char *read_rows(struct config_reader *reader, const struct config_type *type, const struct yaml_node *node,
                             void *rows, size_t size) {
    if (!yaml_is_null(node) && node->kind != YAML_SEQUENCE)
        return "a list is expected";
    for (uint32_t i = 0; i < node->n; i++)
        config_complain(reader, node->items[i],
                        type->items->read(reader, type->items, yaml_resolve(node->items[i]), (char *)rows + i * size));
    return NULL;
}

#define LIST "\"type\": [\"array\", \"null\"]"

static const char *read_images(struct config_reader *reader, const struct config_type *type,
                               const struct yaml_node *node, void *ret) {
    struct image_row *rows = arena_array(reader->arena, node->n, sizeof *rows);
    *(struct image_table *)ret = (struct image_table){rows, node->n};
    return read_rows(reader, type, node, rows, sizeof *rows);
}

static const struct config_type type_images = {.read = read_images, .schema = LIST, .items = &type_image};

/* --- builds --------------------------------------------------------------------------------------------------------
 */

static const struct config_key build_rows[] = {
    {STR_INIT("dockerfile"), &config_type_file, offsetof(struct config_build, dockerfile), true,
     "Its Dockerfile, from the folder of this file on."},
    {STR_INIT("context"), &config_type_folder, offsetof(struct config_build, context), false,
     "The folder that is built, from the folder of this file on. Without it: the one that a compose service says, else "
     "that of the Dockerfile."},
    {STR_INIT("target"), &config_type_text, offsetof(struct config_build, target), false,
     "The stage that is built. Without it: the last one."},
};
static const struct config_keys build_keys = KEYS(build_rows);

/* A mapping, or the Dockerfile alone. */
static const char *read_build(struct config_reader *reader, const struct config_type *type,
                              const struct yaml_node *node, void *ret) {
    struct config_build *build = ret;
    return node->kind == YAML_SCALAR ? type->brief->read(reader, type->brief, node, &build->dockerfile)
                                     : read_mapping(reader, type->keys, node, build);
}

static const struct config_type type_build = {
    .read = read_build, .schema = "", .keys = &build_keys, .brief = &config_type_file};

static const char *read_builds(struct config_reader *reader, const struct config_type *type,
                               const struct yaml_node *node, void *ret) {
    if (!yaml_is_null(node) && node->kind != YAML_MAPPING)
        return "a mapping from images to Dockerfiles is expected";
    struct config_build *list = arena_array(reader->arena, node->n, sizeof *list);
    for (uint32_t i = 0; i < node->n; i++) {
        const struct yaml_node *key = node->pairs[i].key, *value = node->pairs[i].value;
        struct image_reference image = {0};
        struct str name = yaml_text(key);
        list[i].target = STR("");
        if (!image_reference_parse(name, &image) || image.repository.p + image.repository.n != name.p + name.n)
            config_complain(reader, key, "the name of an image is expected, without tag and digest");
        list[i].image = image.repository;
        for (uint32_t j = 0; j < i; j++)
            if (image.repository.n && str_eq(list[j].image, image.repository))
                config_complain(reader, key, "another name of the same image is given above: remove one");
        config_complain(reader, value, type->values->read(reader, type->values, yaml_resolve((void *)value), &list[i]));
    }
    *(struct config_builds *)ret = (struct config_builds){list, node->n};
    return NULL;
}

#define MAPPING "\"type\": [\"object\", \"null\"]"

static const struct config_type type_builds = {.read = read_builds, .schema = MAPPING, .values = &type_build};

/* --- rules ---------------------------------------------------------------------------------------------------------
 */

/* Those that are read later win: they stand before those that are there. */
static const char *read_rules(struct config_reader *reader, const struct config_type *type,
                              const struct yaml_node *node, void *ret) {
    (void)type;
    if (!yaml_is_null(node) && node->kind != YAML_MAPPING)
        return "a mapping from rules to on or off is expected";
    struct config_rules *rules = ret;
    struct config_rule *list = arena_array(reader->arena, node->n + rules->n, sizeof *list);
    for (uint32_t i = 0; i < node->n; i++) {
        const struct yaml_node *name = node->pairs[i].key, *value = yaml_resolve(node->pairs[i].value);
        bool is_off = str_eq(yaml_text(value), STR("off")), is_on = str_eq(yaml_text(value), STR("on"));
        if (!is_on && !is_off && !config_is_switch(value, &is_on))
            config_complain(reader, node->pairs[i].value, "on or off is expected");
        list[i] = (struct config_rule){yaml_text(name), name->at.start, is_on};
        *vec_push(reader->arena, &reader->named) = list[i];
    }
    for (uint32_t i = 0; i < rules->n; i++)
        list[node->n + i] = rules->list[i];
    *rules = (struct config_rules){list, node->n + rules->n};
    return NULL;
}

static const struct config_type type_on_off = {.schema = "\"enum\": [\"on\", \"off\", true, false]"};
const struct config_type config_type_rules = {.read = read_rules, .schema = MAPPING, .values = &type_on_off};

/* --- all of them ---------------------------------------------------------------------------------------------------
 */

/* An override is tried on a configuration of its own: what it says is put over another one later. */
static const char *read_override(struct config_reader *reader, const struct config_type *type,
                                 const struct yaml_node *node, void *ret) {
    struct config config = {0};
    const char *wrong = config_read_keys(reader, type->keys, node, &config);
    *(struct config_override *)ret = (struct config_override){config.files, node};
    return wrong;
}

static const char *read_overrides(struct config_reader *reader, const struct config_type *type,
                                  const struct yaml_node *node, void *ret) {
    struct config_override *list = arena_array(reader->arena, node->n, sizeof *list);
    *(struct config_overrides *)ret = (struct config_overrides){list, node->n};
    return read_rows(reader, type, node, list, sizeof *list);
}

static const struct config_type type_override = {.read = read_override, .schema = "", .keys = &config_override_keys};
static const struct config_type type_overrides = {.read = read_overrides, .schema = LIST, .items = &type_override};

const struct config_key config_key_rows[] = {
    /* overrides: from here … */
    {STR_INIT("files"), &config_type_files, offsetof(struct config, files), true,
     "Patterns as in .gitignore, from the folder of this file on: the files that the override is for."},
    /* the file: from here … */
    {STR_INIT("rules"), &config_type_rules, offsetof(struct config, rules), false,
     "Rules that are off are not applied."},
    {STR_INIT("uid"), &config_type_id, offsetof(struct config, user.uid), false,
     "The user that programs run as. Without it: the one that the image has for it, else 10001."},
    {STR_INIT("gid"), &config_type_id, offsetof(struct config, user.gid), false,
     "Its group. Without it: the same number."},
    {STR_INIT("user"), &config_type_name, offsetof(struct config, user.name), false,
     "Its name, where it is created. Without it: app."},
    {STR_INIT("seccomp"), &config_type_seccomp, offsetof(struct config, seccomp), false,
     "Which seccomp profile pods get: runtime-default; localhost or localhost:FOLDER: one that is on the nodes, where "
     "there is one for the runtime."},
    {STR_INIT("unsafe-fixes"), &config_type_switch, offsetof(struct config, unsafe_fixes), false,
     "Also change what somebody wrote on purpose."},
    {STR_INIT("pod-security"), &config_type_level, offsetof(struct config, pod_demand), false,
     "The Pod Security level that every pod has to meet, LEVEL[:VERSION]."},
    {STR_INIT("writable"), &config_type_folders, offsetof(struct config, writable), false,
     "Folders that the programs of these Dockerfiles write to."},
    /* … to here */
    {STR_INIT("images"), &type_images, offsetof(struct config, images), false,
     "What base images are like, as in templates/images.yaml. The first row that fits wins."},
    {STR_INIT("builds"), &type_builds, offsetof(struct config, builds), false,
     "By the name of an image: the Dockerfile that it is built from."},
    {STR_INIT("exclude"), &config_type_patterns, offsetof(struct config, exclude), false,
     "Patterns as in .gitignore, from the folder of this file on: files that are left alone."},
    {STR_INIT("include"), &config_type_patterns, offsetof(struct config, include), false,
     "Patterns as in .gitignore, from the folder of this file on: files that are looked at though something else "
     "leaves "
     "them out."},
    {STR_INIT("overrides"), &type_overrides, offsetof(struct config, overrides), false,
     "What holds for some files in another way. The last one that fits wins, key by key."},
    /* … to here */
};
static_assert(sizeof config_key_rows / sizeof *config_key_rows == CONFIG_N_KEYS, "struct config counts them");

const struct config_keys config_override_keys = {config_key_rows, 9};
const struct config_keys config_file_keys = {config_key_rows + 1, CONFIG_N_KEYS - 1};

const char *config_read_keys(struct config_reader *reader, const struct config_keys *keys, const struct yaml_node *node,
                             struct config *ret) {
    for (uint32_t i = 0; i < CONFIG_N_KEYS; i++) {
        const struct yaml_pair *pair = yaml_pair(node, config_key_rows[i].name);
        if (pair)
            ret->values[i] = pair->value;
    }
    return read_mapping(reader, keys, node, ret);
}
