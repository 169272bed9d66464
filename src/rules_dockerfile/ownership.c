/* non-root-user: what belongs to the program's user. */
#include "non_root_user.h"

#include "link.h"
#include "shell.h"
#include "template.h"
#include "writes.h"

bool is_runner(const struct runner *runner, struct str owner) {
    struct str name = owner;
    uint32_t uid;
    str_cut(&owner, ':', &name);
    if (str_number(name, UINT32_MAX - 1, &uid))
        return runner->has_uid && runner->uid == uid;
    return str_eq(name, runner->name) || str_contains(name, STR("$"));
}

/* --- copies --------------------------------------------------------------------------------------------------------
 */

struct owning owning_of(struct arena *arena, const struct stage *stage, const struct runner *runner) {
    return (struct owning){arena, stage, runner, stage_workdir(stage, stage->end), stage_own(stage, DF_RUN)};
}

bool is_for_user(const struct owning *owning, uint32_t index) {
    const struct df_instruction *copy = &owning->stage->dockerfile->list[index];
    struct str directory = owning->directory;
    if (!stage_is_copy(copy) || df_flag(copy, STR("chown")).p || (owning->last_run && copy < owning->last_run) ||
        !directory.p || str_eq(directory, STR("/")) || owning->runner->is_worker)
        return false;
    for (uint32_t i = 0; i < copy->n_flags && !owning->runner->has_uid; i++)
        if (str_eq(copy->flags[i].name, STR("link")))
            return false;
    struct str path = stage_copy_target(owning->arena, owning->stage, index);
    return path.p && path_is_below(path, directory);
}

void own_copies(struct arena *arena, const struct stage *stage, const struct runner *runner, struct edits *edits) {
    struct owning owning = owning_of(arena, stage, runner);
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        const struct df_instruction *copy = &stage->dockerfile->list[i];
        if (!is_for_user(&owning, i))
            continue;
        uint32_t at = copy->n_flags ? copy->flags[copy->n_flags - 1].at.end : copy->keyword_at.end;
        edits_add(edits, (struct span){at, at}, str_printf(arena, " --chown=%.*s", STR_ARG(runner->text)));
    }
}

/* --- what the Dockerfile itself gives to the user ------------------------------------------------------------------
 */

struct str option_value(const struct shell_command *command, char letter, struct str name) {
    for (uint32_t i = 1; i < command->n_words; i++) {
        struct str word = command->words[i].text;
        struct str next = i + 1 < command->n_words ? command->words[i + 1].text : STR("");
        uint32_t at = str_find(word, 0, letter);
        if (str_starts(word, name))
            return word.n == name.n ? next : str_sub(word, name.n + 1, word.n);
        if (str_starts(word, STR("-")) && !str_starts(word, STR("--")) && at < word.n)
            return at + 1 == word.n ? next : str_sub(word, at + 1, word.n);
    }
    return STR("");
}

/* The paths behind the options and the first other word of chown, or behind the options of install. */
static void add_given(struct given *given, struct arena *arena, const struct shell_command *command,
                      struct str directory) {
    bool is_deep = false, is_behind = str_eq(command->words[0].text, STR("install"));
    for (uint32_t i = 1; i < command->n_words; i++) {
        struct str word = command->words[i].text;
        if (str_starts(word, STR("-")))
            is_deep |=
                str_eq(word, STR("--recursive")) || (!str_starts(word, STR("--")) && str_find(word, 0, 'R') < word.n);
        else if (is_behind)
            texts_add(is_deep ? &given->trees : &given->paths, arena, path_join(arena, directory, word));
        else
            is_behind = true;
    }
}

/* Whether `chown` or `install -o` gives something to the program's user. */
static bool gives(const struct shell_command *command, const struct runner *runner) {
    uint32_t i = 1;
    if (command->n_words && str_eq(command->words[0].text, STR("install")))
        return is_runner(runner, option_value(command, 'o', STR("--owner")));
    while (i < command->n_words && str_starts(command->words[i].text, STR("-")))
        i++;
    return i < command->n_words && str_eq(command->words[0].text, STR("chown")) &&
           is_runner(runner, command->words[i].text);
}

struct given given_of(struct arena *arena, const struct stage *stage, const struct runner *runner) {
    struct given given = {0};
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            const struct df_instruction *copy = &stage->dockerfile->list[i];
            struct str owner = df_flag(copy, STR("chown"));
            struct str target = owner.p ? stage_copy_target(arena, stage, i) : owner;
            if (target.p && copy->n_words == 2 && !str_ends(copy->words[1].text, STR("/")) && is_runner(runner, owner))
                texts_add(&given.paths, arena, target);
            const struct shell_script *script = stage_script(arena, &stage->dockerfile->list[i]);
            for (uint32_t c = 0; script && c < script->n; c++)
                if (gives(&script->list[c], runner))
                    add_given(&given, arena, &script->list[c], stage_workdir(stage, i));
        }
    return given;
}

bool is_given(const struct given *given, struct str path) {
    if (map_get(&given->paths.seen, path))
        return true;
    while (path.n > 1 && !map_get(&given->trees.seen, path))
        path = path_folder(path);
    return map_get(&given->trees.seen, path) != NULL;
}

/* --- folders -------------------------------------------------------------------------------------------------------
 */

struct str_list written_folders(const struct check *check, const struct stage *stage) {
    struct workload workload = workload_of(check->arena, stage);
    workload.context = check->document->context;
    const struct str_list lists[] = {workload.volumes, workload.writable,
                                     project_volumes(check->document, &workload, check->arena),
                                     writes_of(check->project, &workload, check->arena).folders};
    struct texts folders = {0};
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t j = 0; j < lists[i].n; j++)
            texts_add(&folders, check->arena, lists[i].list[j]);
    return (struct str_list){folders.list.at, folders.list.n};
}

struct str_list folders_to_own(const struct check *check, const struct stage *stage, const struct runner *runner) {
    struct str_list written = runner->written;
    struct given given = given_of(check->arena, stage, runner);
    struct texts folders = {0};
    for (uint32_t i = 0; i < written.n && !runner->is_worker; i++)
        if (!is_given(&given, written.list[i]))
            texts_add(&folders, check->arena, written.list[i]);
    return (struct str_list){folders.list.at, folders.list.n};
}

/* Whether a RUN works as root on what a copy has brought into the working directory, so that the copy stays root's, and
 * what it makes in the folders that are written to. */
static bool is_worked_in(struct arena *arena, const struct stage *stage) {
    const struct df_instruction *run = stage_own(stage, DF_RUN);
    struct str directory = stage_workdir(stage, stage->end);
    for (uint32_t i = stage->from + 1; run && directory.n > 1 && &stage->dockerfile->list[i] < run; i++) {
        struct str target = stage_copy_target(arena, stage, i);
        if (target.p && stage_is_copy(&stage->dockerfile->list[i]) && path_is_below(target, directory))
            return true;
    }
    return false;
}

/* The folders but for those that lie in another one, as words. */
static struct str outermost(struct arena *arena, struct str_list folders) {
    struct buf paths = {.arena = arena};
    for (uint32_t i = 0; i < folders.n; i++) {
        bool is_inside = false;
        for (uint32_t j = 0; j < folders.n; j++)
            is_inside |= j != i && path_is_below(folders.list[i], folders.list[j]);
        if (!is_inside)
            buf_printf(&paths, " %.*s", STR_ARG(folders.list[i]));
    }
    return buf_str(&paths);
}

/* A tmpfs that a compose service mounts there is root's, with the mode that the folder has in the image: runc before
 * 1.1.8 heeds no other one (opencontainers/runc#3916). So those that may become one are everybody's. */
void own_folders(struct check *check, const struct stage *stage, const struct runner *runner, struct edits *edits,
                 uint32_t last) {
    struct str_list folders = folders_to_own(check, stage, runner);
    struct buf paths = {.arena = check->arena};
    for (uint32_t i = 0; i < folders.n; i++)
        buf_printf(&paths, " %.*s", STR_ARG(folders.list[i]));
    struct str list = buf_str(&paths);
    if (folders.n == 0)
        return;
    const struct df_instruction *volume = NULL;
    for (uint32_t i = stage->from + 1; i < last && !volume; i++)
        if (stage->dockerfile->list[i].kind == DF_VOLUME)
            volume = &stage->dockerfile->list[i];
    struct buf open = {.arena = check->arena};
    for (uint32_t i = 0; i < folders.n && check->document->builds.n; i++)
        if (path_is_transient(folders.list[i]))
            buf_printf(&open, " %.*s", STR_ARG(folders.list[i]));
    bool is_deep = is_worked_in(check->arena, stage);
    for (uint32_t i = 0; i < folders.n; i++)
        is_deep &= !workload_is_installed(folders.list[i]); /* thousands of files that are only read */
    const char *deep = is_deep ? "-R " : "";
    struct str owned = is_deep ? outermost(check->arena, folders) : list;
    struct str line =
        str_printf(check->arena, "RUN mkdir -p%.*s && chown %s%.*s%.*s%s%.*s\n", STR_ARG(list), deep,
                   STR_ARG(runner->text), STR_ARG(owned), open.n ? " && chmod 1777" : "", STR_ARG(buf_str(&open)));
    line = dockerfile_text(check->arena, stage->dockerfile, line);
    /* a name is known only once the user is made */
    if (volume && runner->has_uid)
        rule_insert_before(check, edits, volume->top, line);
    else
        insert_root_work(check, edits, stage->dockerfile->list[last].at.end, line);
}
