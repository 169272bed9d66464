/* non-root-user: files that only root could read. */
#include "non_root_user.h"

#include "shell.h"

static const struct str nothing = {NULL, 0};

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

static bool is_chmod_option(struct str word) {
    return word.n > 1 && word.p[0] == '-' && str_find(STR("Rcfv-"), 0, word.p[1]) < 5;
}

/* What a chmod or install makes unreadable for others. Files of root's own, temporary ones and keys that only check
 * what is downloaded are nobody else's. */
static struct str hidden_by(const struct owning *owning, const struct given *given, const struct shell_command *command,
                            struct str directory) {
    struct str tool = command->n_words ? command->words[0].text : STR("");
    bool is_chmod = str_eq(tool, STR("chmod")), is_install = str_eq(tool, STR("install"));
    uint32_t mode = 1;
    while (is_chmod && mode < command->n_words && is_chmod_option(command->words[mode].text))
        mode++;
    if (!(is_chmod && mode < command->n_words && hides(command->words[mode].text)) &&
        !(is_install && hides(option_value(command, 'm', STR("--mode")))))
        return nothing;
    for (uint32_t i = is_chmod ? mode + 1 : command->n_words - 1; i < command->n_words; i++) {
        struct str path = path_join(owning->arena, directory, command->words[i].text);
        if (!path_is_below(path, STR("/root")) && !path_is_below(path, STR("/tmp")) &&
            !str_contains(path, STR("GNUPGHOME")) && !is_given(given, path))
            return command->words[i].text;
    }
    return nothing;
}

static struct str hidden_by_run(const struct owning *owning, const struct given *given, uint32_t index) {
    const struct shell_script *script = stage_script(owning->arena, &owning->stage->dockerfile->list[index]);
    struct str directory = script ? stage_workdir(owning->stage, index) : nothing, hidden = nothing;
    for (uint32_t c = 0; script && c < script->n && !hidden.p; c++)
        hidden = hidden_by(owning, given, &script->list[c], directory);
    return hidden;
}

static struct str hidden_by_copy(struct check *check, const struct owning *owning, const struct given *given,
                                 uint32_t index) {
    const struct df_instruction *copy = &owning->stage->dockerfile->list[index];
    struct str target = stage_copy_target(check->arena, owning->stage, index), owner = df_flag(copy, STR("chown"));
    if (!stage_is_copy(copy) || is_for_user(owning, index) || (owner.p && is_runner(owning->runner, owner)) ||
        (target.p && is_given(given, target)))
        return nothing;
    if (hides(df_flag(copy, STR("chmod"))))
        return copy->words[0].text;
    for (uint32_t i = 0; !df_flag(copy, STR("from")).p && i + 1 < copy->n_words; i++)
        if (!project_is_readable(check->project, check->document->context, copy->words[i].text, check->arena))
            return copy->words[i].text;
    return nothing;
}

struct str hidden_file(struct check *check, const struct stage *stage, const struct runner *runner) {
    struct owning owning = owning_of(check->arena, stage, runner);
    struct given given = given_of(check->arena, stage, runner);
    struct str hidden = nothing;
    for (uint32_t i = stage->from + 1; i < stage->end && !hidden.p; i++) {
        hidden = hidden_by_run(&owning, &given, i);
        if (!hidden.p)
            hidden = hidden_by_copy(check, &owning, &given, i);
    }
    return hidden;
}
