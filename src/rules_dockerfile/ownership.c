/* non-root-user: what belongs to the program's user. */
#include "non_root_user.h"

#include "link.h"
#include "shell.h"
#include "template.h"

/* Whether "user", "user:group" or their numbers name the program's user. Variables are taken for it. */
static bool is_runner(const struct runner *runner, struct str owner) {
    struct str name = owner;
    uint32_t uid;
    str_cut(&owner, ':', &name);
    if (str_number(name, UINT32_MAX - 1, &uid))
        return runner->has_uid && runner->uid == uid;
    return str_eq(name, runner->name) || str_contains(name, STR("$"));
}

/* --- copies --------------------------------------------------------------------------------------------------------
 */

/* What decides whose a copied file becomes, worked out once for a stage. */
struct owning {
    struct arena *arena;
    const struct stage *stage;
    const struct runner *runner;
    struct str directory;                  /* the working directory at the end */
    const struct df_instruction *last_run; /* NULL where there is none */
};

static struct owning owning_of(struct arena *arena, const struct stage *stage, const struct runner *runner) {
    return (struct owning){arena, stage, runner, stage_workdir(arena, stage, stage->end), stage_own(stage, DF_RUN)};
}

/* Whether a copy without an owner goes to the program's user: it brings files of the application, below the working
 * directory, that no later RUN works on. A build as root would meet files of another owner (git refuses such a
 * repository). Workers that were never root's keep what they had. COPY --link knows no names. */
static bool is_for_user(const struct owning *owning, uint32_t index) {
    const struct df_instruction *copy = &owning->stage->dockerfile->list[index];
    struct str directory = owning->directory;
    if (!stage_is_copy(copy) || df_flag(copy, STR("chown")).p || (owning->last_run && copy < owning->last_run) ||
        !directory.p || str_eq(directory, STR("/")) || owning->stage->image->also_as_user)
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

/* --- files that only root can read ---------------------------------------------------------------------------------
 */

/* Whether a mode of chmod(1) takes from others the right to read, or leaves them none: 700, 0640, o-r, go=. */
static bool hides(struct str mode) {
    bool is_number = mode.n >= 3 && mode.n <= 4;
    for (uint32_t i = 0; i < mode.n; i++)
        is_number &= mode.p[i] >= '0' && mode.p[i] <= '7';
    if (is_number)
        return !((mode.p[mode.n - 1] - '0') & 4);
    struct str rest = mode, clause;
    while (str_cut(&rest, ',', &clause)) {
        uint32_t n = 0;
        bool is_others = false, is_all = true;
        for (; n < clause.n && str_find(STR("ugoa"), 0, clause.p[n]) < 4; n++) {
            is_others |= clause.p[n] == 'o' || clause.p[n] == 'a';
            is_all = false;
        }
        bool has_read = str_find(clause, n, 'r') < clause.n;
        char sign = n < clause.n ? clause.p[n] : '\0';
        if ((is_others || is_all) && ((sign == '-' && has_read) || (sign == '=' && !has_read)))
            return true;
    }
    return false;
}

/* The value of an option, as the rest of its word or the next one: -m700, -m 700, -Dm 700, --mode=700. */
static struct str option_value(const struct shell_command *command, char letter, struct str name) {
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

static bool is_command(const struct shell_command *command, struct str name) {
    return command->n_words > 0 && str_eq(command->words[0].text, name);
}

/* One command of a RUN instruction, and where it runs. */
struct step {
    struct arena *arena;
    const struct shell_command *command;
    struct str directory; /* {NULL, 0} where it is not known */
};

/* Whether a word behind the options and the one that follows them names `path` or, with -R, a folder above it. */
static bool names_path(const struct step *step, struct str path) {
    bool is_deep = false, is_behind = false;
    for (uint32_t i = 1; i < step->command->n_words; i++) {
        struct str word = step->command->words[i].text;
        if (str_starts(word, STR("-"))) {
            is_deep |=
                str_eq(word, STR("--recursive")) || (!str_starts(word, STR("--")) && str_find(word, 0, 'R') < word.n);
            continue;
        }
        struct str folder = is_behind ? path_join(step->arena, step->directory, word) : STR("");
        if (is_behind && (str_eq(path, folder) || (is_deep && path_is_below(path, folder))))
            return true;
        is_behind = true;
    }
    return false;
}

/* Whether `chown` or `install -o` gives the program's user that path. */
static bool gives(const struct step *step, const struct runner *runner, struct str path) {
    const struct shell_command *command = step->command;
    if (is_command(command, STR("install")))
        return is_runner(runner, option_value(command, 'o', STR("--owner"))) && names_path(step, path);
    if (!is_command(command, STR("chown")))
        return false;
    uint32_t i = 1;
    while (i < command->n_words && str_starts(command->words[i].text, STR("-")))
        i++;
    return i < command->n_words && is_runner(runner, command->words[i].text) && names_path(step, path);
}

/* Whether a RUN or COPY instruction of the stage or its parents gives the program's user that path. */
static bool is_given(struct arena *arena, const struct stage *stage, const struct runner *runner, struct str path) {
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            struct str target = stage_copy_target(arena, stage, i);
            struct str owner = df_flag(&stage->dockerfile->list[i], STR("chown"));
            if (target.p && owner.p && str_eq(target, path) && is_runner(runner, owner))
                return true;
            struct shell_script *script = stage_script(arena, &stage->dockerfile->list[i]);
            struct step step = {arena, NULL, script ? stage_workdir(arena, stage, i) : (struct str){NULL, 0}};
            for (uint32_t c = 0; script && c < script->n; c++) {
                step.command = &script->list[c];
                if (gives(&step, runner, path))
                    return true;
            }
        }
    return false;
}

static bool is_chmod_option(struct str word) {
    return word.n > 1 && word.p[0] == '-' && str_find(STR("Rcfv-"), 0, word.p[1]) < 5;
}

/* What a chmod or install makes unreadable for others. Files of root's own, temporary ones and keys that only check
 * what is downloaded are nobody else's. */
static struct str hidden_by(const struct owning *owning, const struct step *step) {
    const struct shell_command *command = step->command;
    bool is_chmod = is_command(command, STR("chmod")), is_install = is_command(command, STR("install"));
    uint32_t mode = 1;
    while (is_chmod && mode < command->n_words && is_chmod_option(command->words[mode].text))
        mode++;
    if (!(is_chmod && mode < command->n_words && hides(command->words[mode].text)) &&
        !(is_install && hides(option_value(command, 'm', STR("--mode")))))
        return (struct str){NULL, 0};
    for (uint32_t i = is_chmod ? mode + 1 : command->n_words - 1; i < command->n_words; i++) {
        struct str path = path_join(owning->arena, step->directory, command->words[i].text);
        if (!path_is_below(path, STR("/root")) && !path_is_below(path, STR("/tmp")) &&
            !str_contains(path, STR("GNUPGHOME")) && !is_given(owning->arena, owning->stage, owning->runner, path))
            return command->words[i].text;
    }
    return (struct str){NULL, 0};
}

static struct str hidden_by_run(const struct owning *owning, uint32_t index) {
    struct arena *arena = owning->arena;
    struct shell_script *script = stage_script(arena, &owning->stage->dockerfile->list[index]);
    struct step step = {arena, NULL, script ? stage_workdir(arena, owning->stage, index) : (struct str){NULL, 0}};
    for (uint32_t c = 0; script && c < script->n; c++) {
        step.command = &script->list[c];
        struct str hidden = hidden_by(owning, &step);
        if (hidden.p)
            return hidden;
    }
    return (struct str){NULL, 0};
}

static struct str hidden_by_copy(struct check *check, const struct owning *owning, uint32_t index) {
    const struct df_instruction *copy = &owning->stage->dockerfile->list[index];
    struct str owner = df_flag(copy, STR("chown"));
    if (!stage_is_copy(copy) || is_for_user(owning, index) || (owner.p && is_runner(owning->runner, owner)))
        return (struct str){NULL, 0};
    struct str target = stage_copy_target(check->arena, owning->stage, index);
    if (target.p && is_given(check->arena, owning->stage, owning->runner, target))
        return (struct str){NULL, 0};
    if (hides(df_flag(copy, STR("chmod"))))
        return copy->words[0].text;
    for (uint32_t i = 0; !df_flag(copy, STR("from")).p && i + 1 < copy->n_words; i++)
        if (!project_is_readable(check->project, context_folder(check), copy->words[i].text, check->arena))
            return copy->words[i].text;
    return (struct str){NULL, 0};
}

struct str hidden_file(struct check *check, const struct stage *stage, const struct runner *runner) {
    struct owning owning = owning_of(check->arena, stage, runner);
    struct str hidden = {NULL, 0};
    for (uint32_t i = stage->from + 1; i < stage->end && !hidden.p; i++) {
        hidden = hidden_by_run(&owning, i);
        if (!hidden.p)
            hidden = hidden_by_copy(check, &owning, i);
    }
    return hidden;
}

/* --- folders -------------------------------------------------------------------------------------------------------
 */

struct folders {
    VEC(struct str) list;
};

static void add_folder(const struct check *check, struct folders *folders, struct str path) {
    if (!str_is_in(path, folders->list.at, folders->list.n))
        *vec_push(check->arena, &folders->list) = path;
}

/* Those of a framework that the build context's manifest names. */
static void add_framework(const struct check *check, const struct stage *stage, const struct framework *framework,
                          struct folders *folders) {
    struct str directory = stage_workdir(check->arena, stage, stage->end);
    if (!stage->image || !str_eq(stage->image->runtime, framework->runtime) || !directory.p ||
        str_eq(directory, STR("/")))
        return;
    struct str manifest =
        project_context_file(check->project, context_folder(check), framework->manifest, check->arena);
    for (uint32_t i = 0; i < framework->writes.n && str_contains(manifest, framework->dependency); i++)
        add_folder(check, folders, path_join(check->arena, directory, framework->writes.list[i]));
}

struct str_list written_folders(const struct check *check, const struct stage *stage) {
    struct workload workload = workload_of(check->arena, stage);
    const struct str_list lists[] = {workload.volumes, workload.writable,
                                     project_volumes(check->document, &workload, check->arena)};
    struct folders folders = {0};
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t j = 0; j < lists[i].n; j++)
            add_folder(check, &folders, lists[i].list[j]);
    for (uint32_t i = 0; i < template_n_frameworks; i++)
        add_framework(check, stage, &template_frameworks[i], &folders);
    return (struct str_list){folders.list.at, folders.list.n};
}

struct str_list folders_to_own(const struct check *check, const struct stage *stage, const struct runner *runner) {
    struct str_list written = written_folders(check, stage);
    struct folders folders = {0};
    for (uint32_t i = 0; i < written.n && !stage->image->also_as_user; i++)
        if (!is_given(check->arena, stage, runner, written.list[i]))
            add_folder(check, &folders, written.list[i]);
    return (struct str_list){folders.list.at, folders.list.n};
}

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
    struct str line = str_printf(check->arena, "RUN mkdir -p%.*s && chown %.*s%.*s\n", STR_ARG(list),
                                 STR_ARG(runner->text), STR_ARG(list));
    line = dockerfile_text(check->arena, stage->dockerfile, line);
    /* a name is known only once the user is made */
    if (volume && runner->has_uid)
        rule_insert_before(check, edits, volume->top, line);
    else
        insert_root_work(check, edits, stage->dockerfile->list[last].at.end, line);
}
