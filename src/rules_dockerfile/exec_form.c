/* init-process: CMD and ENTRYPOINT in shell form as words, where these start the same program. */
#include "init_process.h"

#include "copied.h"

/* Whether the shell that gets the line is another than /bin/sh -c. */
static bool has_other_shell(const struct stage *stage) {
    const struct df_instruction *shell = stage_last(stage, DF_SHELL);
    return shell && !(shell->n_words == 2 && str_eq(shell->words[0].text, STR("/bin/sh")) &&
                      str_eq(shell->words[1].text, STR("-c")));
}

/* Why no words can be written in the place of the line, whatever it says; NULL where they can. */
static const char *why_fixed(const struct stage *stage, const struct command *command) {
    struct str line = command->words[0];
    if (has_other_shell(stage))
        return "SHELL names another shell";
    if (stage->dockerfile->escape != '\\')
        return "the file has another escape character";
    for (uint32_t i = 0; i < line.n; i++)
        if ((unsigned char)line.p[i] >= 0x80) /* a line may have any bytes, JSON is UTF-8 */
            return "it has characters beyond ASCII";
    return str_eq(source_slice(stage->dockerfile->source, command->where->args), line)
               ? NULL
               : "it is written over several lines";
}

static struct str_list shell_words(struct arena *arena, const char *before, struct str line) {
    struct str *words = arena_array(arena, 3, sizeof *words);
    words[0] = STR("/bin/sh");
    words[1] = STR("-c");
    words[2] = str_printf(arena, "%s%.*s", before, STR_ARG(line));
    return (struct str_list){words, 3};
}

/* The words of the one command of a script from `first` on; none where a shell has to expand one. */
static struct str_list constant_words(struct arena *arena, const struct shell_command *command, uint32_t first) {
    struct str *words = arena_array(arena, command->n_words, sizeof *words);
    for (uint32_t i = 0; i < command->n_words; i++) {
        words[i] = command->words[i].text;
        if (!command->words[i].is_constant)
            return (struct str_list){NULL, 0};
    }
    return (struct str_list){words + first, command->n_words - first};
}

/* Whether the kernel can start the program: a script without #! is one for a shell alone. */
static bool is_startable(const struct check *check, const struct stage *stage, struct str program) {
    static const char elf[] = "\177ELF";
    struct str text = copied_text(check->arena, check->project, check->document->context, stage, program);
    return text.p ? str_starts(text, STR("#!")) || str_starts(text, str_of(elf)) : !str_ends(program, STR(".sh"));
}

/* Why the shell cannot give its place to the program that the line starts; NULL where it can. */
static const char *why_shell(const struct shell_script *script, struct str line, bool has_exec) {
    if (!script)
        return "it is more than a plain command";
    if (str_find(line, 0, '#') < line.n)
        return "it may have a comment";
    if (script->n == 1 && script->list[0].assignments.n)
        return "it gives its program a variable";
    if (!script->is_single || !script->list[0].n_words)
        return "it is more than one command";
    if (has_exec)
        return NULL;
    const struct shell_word *program = &script->list[0].words[0];
    if (!program->is_constant)
        return "its program is named by a variable";
    bool is_path = str_find(program->text, 0, '/') < program->text.n;
    return !is_path && template_has_name(NAMES_SHELL_WORDS, program->text) ? "its command is one of the shell's own"
                                                                           : NULL;
}

/* Whether the shell gives its place to the last command of the line. */
static bool ends_in_exec(const struct shell_script *script) {
    const struct shell_command *last = script && script->n ? &script->list[script->n - 1] : NULL;
    bool is_piped = script && script->n > 1 && script->list[script->n - 2].after == 'p';
    return last && last->after == 0 && !is_piped && last->n_words > 1 && str_eq(last->words[0].text, STR("exec")) &&
           !str_starts(last->words[1].text, STR("-"));
}

struct exec_form exec_form(const struct check *check, const struct stage *stage, const struct command *command,
                           bool is_alone) {
    struct arena *arena = check->arena;
    struct exec_form form = {0};
    struct str line = command->words[0];
    struct shell_script *script = shell_parse(arena, line);
    bool has_exec = ends_in_exec(script);
    form.why_not = why_fixed(stage, command);
    const char *why = form.why_not ? form.why_not : why_shell(script, line, has_exec);
    if (!why && is_alone && script->is_simple && is_startable(check, stage, script->list[0].words[has_exec].text))
        form.words = constant_words(arena, &script->list[0], has_exec);
    if (!form.why_not && !form.words.n && !stage->image->has_shell)
        why = form.why_not = "its base image has no /bin/sh";
    if (!form.why_not)
        form.same = shell_words(arena, "", line);
    if (!why && !form.words.n && !has_exec)
        form.words = shell_words(arena, "exec ", line);
    form.why_shell = has_exec ? NULL : why;
    return form;
}
