#include "dockerfile.h"
#include "shell.h"

/* What is known on the way through the instructions. */
struct walk {
    struct arena *arena;
    const struct dockerfile *before;
    VEC(uint32_t) numbers; /* of the stages so far, that at hand included, in `after` */
    bool has_shell;        /* the stage at hand names another shell */
};

static bool is_same_words(const struct df_instruction *a, const struct df_instruction *b, uint32_t skip) {
    if (b->n_words < skip || a->n_words != b->n_words - skip)
        return false;
    for (uint32_t i = 0; i < a->n_words; i++)
        if (!str_eq(a->words[i].text, b->words[i + skip].text))
            return false;
    return true;
}

/* Whether what a flag says is the same, or, of a mount, more. */
static bool is_same_value(struct str name, struct str a, struct str b) {
    return str_eq(a, b) || (str_eq(name, STR("mount")) && str_starts(b, a) && b.p[a.n] == ',');
}

/* The same for a flag. Stages keep their names; the indices of earlier ones change with stages that are put in front.
 */
static bool is_same_flag(const struct walk *walk, const struct df_flag *a, const struct df_flag *b) {
    struct str old, new;
    uint32_t old_index, new_index;
    if (!str_eq(a->name, b->name) || (a->value.p == NULL) != (b->value.p == NULL))
        return false;
    if (!df_flag_index(a, &old, &old_index) || old_index + 1 >= walk->numbers.n)
        return is_same_value(a->name, a->value, b->value);
    if (!df_flag_index(b, &new, &new_index) || new_index != walk->numbers.at[old_index])
        return false;
    uint32_t start = (uint32_t)(old.p - a->value.p);
    return str_eq(str_sub(a->value, 0, start), str_sub(b->value, 0, (uint32_t)(new.p - b->value.p))) &&
           is_same_value(a->name, str_sub(a->value, start + old.n, a->value.n),
                         str_sub(b->value, start + new.n, b->value.n));
}

static bool has_flags(const struct walk *walk, const struct df_instruction *a, const struct df_instruction *b) {
    uint32_t j = 0;
    for (uint32_t i = 0; i < a->n_flags; i++, j++) {
        while (j < b->n_flags && !is_same_flag(walk, &a->flags[i], &b->flags[j]))
            j++;
        if (j == b->n_flags)
            return false;
    }
    return true;
}

/* Whether words start what /bin/sh -c starts with a line: that itself, the same with its one program in the shell's
 * place, or the words of its one command. */
static bool is_exec_form(const struct walk *walk, struct str line, const struct df_word *words, uint32_t n) {
    bool has_shell = n == 3 && str_eq(words[0].text, STR("/bin/sh")) && str_eq(words[1].text, STR("-c"));
    const struct shell_script *script = shell_parse(walk->arena, line);
    if (has_shell && str_eq(words[2].text, line))
        return true;
    if (!script || !script->is_single)
        return false;
    if (has_shell && str_eq(words[2].text, str_printf(walk->arena, "exec %.*s", STR_ARG(line))))
        return true;
    const struct shell_command *command = &script->list[0];
    uint32_t first = command->n_words > 1 && str_eq(command->words[0].text, STR("exec"));
    bool is_same = script->is_simple && command->n_words == n + first;
    for (uint32_t i = 0; i < n && is_same; i++)
        is_same = command->words[i + first].is_constant && str_eq(command->words[i + first].text, words[i].text);
    return is_same;
}

/* Whether FROM names the same image, or the distroless one that is the same but runs as nonroot. */
static bool is_same_base(struct str a, struct str b) {
    struct str tag = str_sub(a, str_find(a, str_rfind(a, '/'), ':'), a.n);
    bool is_debug = str_eq(tag, STR(":debug"));
    struct str kept = is_debug ? a : str_sub(a, 0, a.n - tag.n);
    if (str_eq(a, b))
        return true;
    return (is_debug || tag.n == 0 || str_eq(tag, STR(":latest"))) && str_starts(a, STR("gcr.io/distroless/")) &&
           str_starts(b, kept) && str_eq(str_sub(b, kept.n, b.n), is_debug ? STR("-nonroot") : STR(":nonroot"));
}

/* Whether an instruction in shell form may have become one in exec form, behind an init and "--" where it is
 * ENTRYPOINT. */
static bool is_converted(const struct walk *walk, const struct df_instruction *a, const struct df_instruction *b) {
    uint32_t skip = a->kind == DF_ENTRYPOINT ? 2 : 0;
    return (a->kind == DF_CMD || a->kind == DF_ENTRYPOINT) && !walk->has_shell && walk->before->escape == '\\' &&
           a->n_words == 1 && b->n_words > skip && (!skip || str_eq(b->words[1].text, STR("--"))) &&
           is_exec_form(walk, a->words[0].text, b->words + skip, b->n_words - skip);
}

/* Whether `b` is what `a` may have become. */
static bool is_kept(const struct walk *walk, const struct df_instruction *a, const struct df_instruction *b) {
    if (a->kind != b->kind || !str_eq(a->keyword, b->keyword) || !has_flags(walk, a, b) ||
        a->n_heredocs != b->n_heredocs)
        return false;
    for (uint32_t i = 0; i < a->n_heredocs; i++)
        if (!str_eq(a->heredocs[i].content, b->heredocs[i].content))
            return false;
    if (a->kind == DF_FROM)
        return a->n_words && b->n_words && is_same_base(a->words[0].text, b->words[0].text);
    if (a->kind == DF_ONBUILD) {
        struct walk of_others = {.arena = walk->arena, .before = walk->before, .has_shell = true};
        return is_kept(&of_others, a->onbuild, b->onbuild);
    }
    if (a->is_json != b->is_json)
        return b->is_json && is_converted(walk, a, b);
    uint32_t skip = a->kind == DF_ENTRYPOINT && b->n_words > a->n_words ? b->n_words - a->n_words : 0;
    return is_same_words(a, b, skip);
}

/* Takes note of an instruction that was found again. */
static void step(struct walk *walk, const struct df_instruction *a, uint32_t stages) {
    static const char *const words[] = {"/bin/sh", "-c"};
    if (a->kind == DF_FROM) {
        *vec_push(walk->arena, &walk->numbers) = stages - 1;
        walk->has_shell = false;
    }
    if (a->kind == DF_SHELL) {
        walk->has_shell = a->n_words != 2;
        for (uint32_t i = 0; i < 2 && !walk->has_shell; i++)
            walk->has_shell = !str_eq(a->words[i].text, str_of(words[i]));
    }
}

bool dockerfile_extends(const struct dockerfile *before, const struct dockerfile *after,
                        const struct df_instruction **ret_lost) {
    ARENA(scratch);
    struct walk walk = {.arena = &scratch, .before = before};
    uint32_t j = 0, stages = 0;
    for (uint32_t i = 0; i < before->n; i++, j++) {
        for (; j < after->n && !is_kept(&walk, &before->list[i], &after->list[j]); j++)
            stages += after->list[j].kind == DF_FROM;
        if (j == after->n) {
            *ret_lost = &before->list[i];
            return false;
        }
        stages += after->list[j].kind == DF_FROM;
        step(&walk, &before->list[i], stages);
    }
    return true;
}
