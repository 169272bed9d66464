#include "program.h"

#include "shell.h"
#include "template.h"

#include <jansson.h>

/* --- words --------------------------------------------------------------------------------------------------------- */

struct words {
    VEC(struct str) list;
    bool is_understood;
};

/* Of a list such as `cd x && node y` the last command is the program. */
static void add_line(struct arena *arena, struct str line, struct words *words) {
    struct shell_script *script = shell_parse(arena, line);
    words->is_understood &= script != NULL;
    const struct shell_command *last = script && script->n ? &script->list[script->n - 1] : NULL;
    for (uint32_t i = 0; last && i < last->n_words; i++)
        *vec_push(arena, &words->list) = last->words[i].text;
}

static void add_command(struct arena *arena, const struct command *command, struct words *words) {
    if (command->is_shell && command->n)
        add_line(arena, command->words[0], words);
    for (uint32_t i = 0; !command->is_shell && i < command->n; i++)
        *vec_push(arena, &words->list) = command->words[i];
}

/* How many words the entrypoint of the base image takes where the words start with it. */
static uint32_t image_words(const struct image *image, struct str_list words) {
    uint32_t n = image ? image->n_entrypoint : 0;
    for (uint32_t i = 0; i < n; i++)
        if (i >= words.n || !str_eq(words.list[i], image->entrypoint[i]))
            return 0;
    return n;
}

/* Without what only starts the rest: the base image's entrypoint, env, exec, sh -c, inits and their options. */
static struct str_list strip(struct arena *arena, const struct image *image, struct str_list words,
                             bool *ret_understood) {
    for (uint32_t depth = 0; words.n && depth < 8; depth++) {
        struct str first = words.list[0];
        uint32_t n = image_words(image, words);
        if (template_has_name(NAMES_INIT, first) || str_eq(first, STR("env")) || str_eq(first, STR("cross-env")))
            for (n = 1; n < words.n && (str_starts(words.list[n], STR("-")) ||
                                        (str_find(words.list[n], 0, '=') < words.list[n].n));)
                n++;
        else if (str_eq(first, STR("exec")))
            n = 1;
        if (n) {
            words = (struct str_list){words.list + n, words.n - n};
            continue;
        }
        struct str name = str_sub(first, str_rfind(first, '/') < first.n ? str_rfind(first, '/') + 1 : 0, first.n);
        bool is_shell = str_eq(name, STR("sh")) || str_eq(name, STR("bash")) || str_eq(name, STR("ash"));
        if (!is_shell || words.n < 2)
            return words;
        if (!str_starts(words.list[1], STR("-")))
            return (struct str_list){words.list + 1, words.n - 1};
        if (!str_ends(words.list[1], STR("c")) || words.n < 3)
            return words;
        struct words line = {.is_understood = true};
        add_line(arena, words.list[2], &line);
        *ret_understood &= line.is_understood;
        words = (struct str_list){line.list.at, line.list.n};
    }
    return words;
}

struct str_list program_words(struct arena *arena, const struct stage *stage, const struct command *command,
                              bool *ret_understood) {
    struct words words = {.is_understood = true};
    struct command entrypoint = stage_entrypoint(arena, stage), cmd = stage_cmd(arena, stage);
    if (entrypoint.where)
        add_command(arena, &entrypoint, &words);
    if (!entrypoint.where || !entrypoint.is_shell)
        add_command(arena, command && command->is_set ? command : &cmd, &words);
    struct str_list list = strip(arena, stage->image, (struct str_list){words.list.at, words.list.n}, &words.is_understood);
    *ret_understood = words.is_understood;
    return words.is_understood ? list : (struct str_list){NULL, 0};
}

/* --- what is known of a program ------------------------------------------------------------------------------------ */

struct context {
    struct arena *arena;
    const struct project *project;
    struct str folder;
    const struct stage *stage;
};

static const struct str nothing = {NULL, 0};

static struct str last_component(struct str path) {
    uint32_t slash = str_rfind(path, '/');
    return slash < path.n ? str_sub(path, slash + 1, path.n) : path;
}

/* The line of a script of package.json that `npm start`, `npm run x`, `yarn x` … runs; {NULL, 0} where it is none. */
static struct str manifest_script(const struct context *context, struct str_list words) {
    static const struct str managers[] = {STR_INIT("npm"), STR_INIT("yarn"), STR_INIT("pnpm"), STR_INIT("bun")};
    bool is_manager = false;
    for (uint32_t i = 0; i < sizeof managers / sizeof *managers; i++)
        is_manager |= words.n > 1 && str_eq(words.list[0], managers[i]);
    if (!is_manager)
        return nothing;
    uint32_t i = 1;
    while (i + 1 < words.n && (str_eq(words.list[i], STR("run")) || str_eq(words.list[i], STR("run-script")) ||
                               str_starts(words.list[i], STR("-"))))
        i++;
    struct str text = project_context_file(context->project, context->folder, STR("package.json"), context->arena);
    json_t *root = text.p ? json_loadb(text.p, text.n, 0, NULL) : NULL;
    const char *line = json_string_value(
        json_object_get(json_object_get(root, "scripts"), str_c(context->arena, words.list[i])));
    struct str script = line ? str_dup(context->arena, str_of(line)) : nothing;
    json_decref(root);
    return script;
}

/* What a start script does as root: the word that tells; empty: nothing; {NULL, 0}: the script is not at hand. */
static struct str script_root_word(const struct context *context, struct str path) {
    struct str text =
        project_context_file(context->project, context->folder, last_component(path), context->arena);
    struct str rest = text, line;
    while (str_cut(&rest, '\n', &line)) {
        struct shell_script *script = shell_parse(context->arena, str_trim(line));
        for (uint32_t i = 0; script && i < script->n; i++)
            for (uint32_t j = 0; j < script->list[i].n_words; j++)
                if (template_has_name(NAMES_ROOT_IN_SCRIPT, script->list[i].words[j].text))
                    return script->list[i].words[j].text;
    }
    return text.p ? STR("") : nothing;
}

/* Whether the Dockerfile brings the program itself: by a path of its own, or a copy under that name. */
static bool is_own_program(const struct context *context, struct str program) {
    static const struct str system[] = {STR_INIT("/bin/"), STR_INIT("/sbin/"), STR_INIT("/usr/bin/"),
                                        STR_INIT("/usr/sbin/")};
    bool is_system = str_find(program, 0, '/') == program.n;
    for (uint32_t i = 0; i < sizeof system / sizeof *system; i++)
        is_system |= str_starts(program, system[i]);
    if (!is_system)
        return true;
    for (const struct stage *stage = context->stage; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            const struct df_instruction *copy = &stage->dockerfile->list[i];
            for (uint32_t j = 0; (copy->kind == DF_COPY || copy->kind == DF_ADD) && j < copy->n_words; j++)
                if (str_eq(last_component(copy->words[j].text), last_component(program)))
                    return true;
        }
    return false;
}

static struct str words_obstacle(const struct context *context, struct str_list words, uint32_t depth) {
    struct arena *arena = context->arena;
    if (words.n == 0 || depth > 4)
        return nothing;
    struct str program = words.list[0];
    struct str two = words.n > 1 ? str_printf(arena, "%.*s %.*s", STR_ARG(last_component(program)), STR_ARG(words.list[1]))
                                 : program;
    if (template_has_name(NAMES_NEEDS_ROOT, program))
        return str_printf(arena, "%.*s starts as root and drops privileges itself, or needs them", STR_ARG(program));
    if (template_has_name(NAMES_DROPS_PRIVILEGES, program))
        return str_printf(arena, "%.*s changes the user itself", STR_ARG(program));
    if (template_has_name(NAMES_BUILDS, program) || template_has_name(NAMES_BUILDS, two))
        return str_printf(arena, "%.*s builds when it starts, and writes to its own folder: start what was built instead",
                          STR_ARG(program));
    struct str line = manifest_script(context, words);
    if (line.p) {
        struct words inner = {.is_understood = true};
        add_line(arena, line, &inner);
        bool is_understood = inner.is_understood;
        return words_obstacle(context,
                              strip(arena, NULL, (struct str_list){inner.list.at, inner.list.n}, &is_understood),
                              depth + 1);
    }
    if (str_ends(program, STR(".sh"))) {
        struct str word = script_root_word(context, program);
        if (!word.p)
            return str_printf(arena, "the start script %.*s is not in the build context, so that nobody knows what it does "
                                     "as root",
                              STR_ARG(program));
        if (word.n)
            return str_printf(arena, "the start script %.*s uses %.*s, which needs root", STR_ARG(program), STR_ARG(word));
        return words_obstacle(context, (struct str_list){words.list + 1, words.n - 1}, depth + 1);
    }
    bool has_runtime = context->stage->image && context->stage->image->runtime.n;
    if (has_runtime || template_has_name(NAMES_NEEDS_NOTHING, program) || is_own_program(context, program))
        return nothing;
    return str_printf(arena, "what %.*s needs of root is not known", STR_ARG(program));
}

struct str program_obstacle(struct arena *arena, const struct project *project, struct str folder,
                            const struct stage *stage, const struct command *command) {
    bool is_understood;
    struct str_list words = program_words(arena, stage, command, &is_understood);
    struct context context = {arena, project, folder, stage};
    return is_understood ? words_obstacle(&context, words, 0)
                         : STR("its command line is not understood: use the JSON form");
}
