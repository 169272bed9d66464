#include "config_parts.h"

#include "gitignore.h"
#include "path.h"
#include "real.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- folders -------------------------------------------------------------------------------------------------------
 */

/* The current folder, which absolute paths of relative ones start with, stays on the arena. */
static void find_current(struct configs *configs, struct arena *arena) {
    char *current = configs->current.p ? NULL : getcwd(NULL, 0);
    if (current)
        configs->current = str_dup(arena, str_of(current));
    free(current);
}

static struct str absolute(const struct configs *configs, struct arena *arena, struct str path) {
    return path_join(arena, configs->current, path);
}

static bool is_there(struct str folder, const char *name) {
    ARENA(scratch);
    struct stat status;
    return lstat(path_clean(&scratch, folder, str_of(name)).p, &status) == 0;
}

/* Whether nothing above a folder is looked at: it is the top of a repository, or there is nothing. */
static bool is_top(const struct configs *configs, struct str folder) {
    ARENA(scratch);
    return is_there(folder, ".git") || absolute(configs, &scratch, folder).n == 1;
}

/* The real path of the repository that a folder is in; where it is in none, its own. */
static struct str top_of(struct configs *configs, struct arena *arena, struct str folder) {
    struct str top = folder;
    while (!is_top(configs, top))
        top = path_clean(arena, top, STR(".."));
    return real_place(arena, is_there(top, ".git") ? top : folder);
}

/* --- files ---------------------------------------------------------------------------------------------------------
 */

/* False with a diagnostic; a link must not lead to bytes in another folder. */
static bool read_file(struct arena *arena, struct str folder, struct str path, struct str *ret, struct diags *diags) {
    struct str place = real_place(arena, path);
    if (path_is_below(place, real_place(arena, folder)))
        return source_read_open(arena, real_open_place(str_c(arena, place), SOURCE_FLAGS), path, ret, diags);
    diag_file(diags, path, "is a link that leads out of its folder: put the file itself there");
    return false;
}

static void read_text_of(struct config_reader *reader, struct config *config) {
    struct source *source = reader->source;
    struct yaml *yaml = source_check(source, reader->diags) ? yaml_parse(reader->arena, source, reader->diags) : NULL;
    if (!yaml || yaml->documents.n == 0)
        return;
    const struct yaml_node *root = yaml->documents.at[0].root;
    const char *wrong = NULL;
    if (yaml->documents.n > 1)
        diag_at(reader->diags, source, yaml->documents.at[1].at.start, "a second document: one is expected");
    if (root && !yaml_is_null(root))
        wrong = config_read_keys(reader, &config_file_keys, root, config);
    if (wrong)
        diag_at(reader->diags, source, root->at.start, "%s", wrong);
    config->named = (struct config_rules){reader->named.at, reader->named.n};
}

/* What options say wins over what files say. */
static void put_options(struct config *config, const struct config *options) {
    if (options->user.name.n)
        config->user.name = options->user.name;
    if (options->user.uid)
        config->user.uid = options->user.uid;
    if (options->user.gid)
        config->user.gid = options->user.gid;
    if (options->seccomp.is_given)
        config->seccomp = options->seccomp;
    if (options->pod_demand.is_given)
        config->pod_demand = options->pod_demand;
    if (options->unsafe_fixes)
        config->unsafe_fixes = options->unsafe_fixes;
    config->choice = options->choice;
}

static struct config *load(struct configs *configs, struct str folder, struct str path, struct arena *arena,
                           struct diags *diags) {
    struct config *config = arena_new(arena, struct config);
    struct config_reader reader = {.arena = arena, .diags = diags, .source = &config->source, .folder = folder};
    uint32_t errors = diags->list.n;
    struct str text;
    if (read_file(arena, folder, path, &text, diags)) {
        config->source = source_from(arena, path, text, FORMAT_NONE);
        reader.top = top_of(configs, arena, folder);
        read_text_of(&reader, config);
    }
    put_options(config, &configs->none);
    configs->is_broken |= diags->list.n > errors;
    *vec_push(arena, &configs->files) = config;
    return config;
}

const struct config *config_find_folder(struct configs *configs, struct str folder, struct arena *arena,
                                        struct diags *diags) {
    ARENA(scratch);
    const struct config *config = map_get(&configs->by_folder, folder);
    if (config)
        return config;
    find_current(configs, arena);
    if (is_there(folder, CONFIG_NAME))
        config = load(configs, folder, path_clean(arena, folder, STR(CONFIG_NAME)), arena, diags);
    else if (is_top(configs, folder))
        config = &configs->none;
    else
        config = config_find_folder(configs, path_clean(&scratch, folder, STR("..")), arena, diags);
    map_add(&configs->by_folder, arena, str_dup(arena, folder), (void *)config);
    return config;
}

/* --- overrides -----------------------------------------------------------------------------------------------------
 */

bool config_matches(struct arena *scratch, struct str_list patterns, struct str path) {
    struct gitignore list = {.arena = scratch};
    for (uint32_t i = 0; i < patterns.n; i++)
        gitignore_add(&list, patterns.list[i]);
    bool is_covered = gitignore_covers(&list, path);
    gitignore_release(&list);
    return is_covered;
}

/* A configuration with those of its overrides put over it that are marked in `which`. */
static struct config *put_overrides(struct configs *configs, const struct config *base, struct str which,
                                    struct arena *arena) {
    struct diags silent = {.arena = arena};
    struct config *config = arena_new(arena, struct config);
    *config = *base;
    struct config_reader reader = {.arena = arena, .diags = &silent, .source = &config->source};
    for (uint32_t i = 0; i < which.n; i++)
        if (which.p[i] == '+')
            config_read_keys(&reader, &config_override_keys, base->overrides.list[i].node, config);
    config->overrides.n = 0;
    put_options(config, &configs->none);
    return config;
}

/* The path of a file from the folder of a configuration, on the arena. */
static struct str inside(struct configs *configs, const struct config *config, struct str path, struct arena *arena) {
    struct str folder = absolute(configs, arena, path_folder(config->source.path)),
               file = absolute(configs, arena, path);
    return str_sub(file, folder.n == 1 ? 1 : folder.n + 1, file.n);
}

bool config_excludes(struct configs *configs, const struct config *config, struct str path) {
    ARENA(scratch);
    return config->exclude.n && config_matches(&scratch, config->exclude, inside(configs, config, path, &scratch));
}

const struct config *config_find(struct configs *configs, struct str path, struct arena *arena, struct diags *diags) {
    ARENA(scratch);
    const struct config *base = config_find_folder(configs, path_folder(path), arena, diags);
    if (base->overrides.n == 0 || configs->is_broken)
        return base;
    struct str file = inside(configs, base, path, &scratch);
    struct buf which = {.arena = &scratch};
    for (uint32_t i = 0; i < base->overrides.n; i++) {
        buf_byte(&which, config_matches(&scratch, base->overrides.list[i].files, file) ? '+' : '-');
    }
    struct config *config = map_get(&base->by_match, buf_str(&which));
    if (!config) {
        config = put_overrides(configs, base, buf_str(&which), arena);
        map_add(&((struct config *)base)->by_match, arena, str_dup(arena, buf_str(&which)), config);
    }
    return config;
}

/* --- look-ups ------------------------------------------------------------------------------------------------------
 */

const struct config_build *config_find_build(const struct config *config, const struct image_reference *image) {
    for (uint32_t i = 0; i < config->builds.n; i++)
        if (str_eq(config->builds.list[i].image, image->repository))
            return &config->builds.list[i];
    return NULL;
}

void config_ids(const struct config_user *user, uint32_t *ret_uid, uint32_t *ret_gid) {
    *ret_uid = user->uid ? user->uid : NEW_ID;
    *ret_gid = user->gid ? user->gid : *ret_uid;
}
