#include "program.h"

#include "copied.h"
#include "shell.h"
#include "template.h"

#include <jansson.h>

enum { MAX_DEPTH = 6 };

static const struct str nothing = {NULL, 0};

struct commands {
    VEC(struct str_list) list; /* each the words of one program */
    struct str written;        /* a file that a line writes to with `>`, where that is not below /dev or /tmp */
    bool is_understood;
};

/* Where a command line is looked at. */
struct context {
    struct arena *arena;
    const struct project *project;
    struct str folder;
    const struct stage *stage;
};

static struct str_list skip(struct str_list words, uint32_t n) {
    return n < words.n ? (struct str_list){words.list + n, words.n - n} : (struct str_list){NULL, 0};
}

/* --- what is started -----------------------------------------------------------------------------------------------
 */

/* How many words the entrypoint of the base image takes where the words start with it. */
static uint32_t image_words(const struct image *image, struct str_list words) {
    uint32_t n = image ? image->n_entrypoint : 0;
    for (uint32_t i = 0; i < n; i++)
        if (i >= words.n || !str_eq(words.list[i], image->entrypoint[i]))
            return 0;
    return n;
}

/* How many words only start the rest: the base image's entrypoint, inits, env, runners of a language. */
static uint32_t starter_words(const struct context *context, struct str_list words) {
    static const struct str runners[] = {STR_INIT("bundle exec"), STR_INIT("pipenv run"), STR_INIT("poetry run"),
                                         STR_INIT("uv run")};
    struct str first = words.list[0];
    uint32_t n = image_words(context->stage->image, words);
    if (n)
        return n;
    bool is_init = template_has_name(NAMES_INIT, first) && !template_has_name(NAMES_NEEDS_ROOT, first);
    if (is_init || str_eq(first, STR("env")) || str_eq(first, STR("cross-env")))
        for (n = 1;
             n < words.n && (str_starts(words.list[n], STR("-")) || str_find(words.list[n], 0, '=') < words.list[n].n);)
            n++;
    else if (str_eq(first, STR("exec")) || str_eq(first, STR("npx")))
        n = 1;
    else if (words.n > 1 &&
             STR_IS_IN(str_printf(context->arena, "%.*s %.*s", STR_ARG(first), STR_ARG(words.list[1])), runners))
        n = 2;
    return n;
}

/* What `>` may name under a read-only root: devices, other descriptors, /tmp. */
static bool is_scratch(struct str target) {
    return target.n == 0 || target.p[0] == '&' || str_starts(target, STR("/dev/")) || str_starts(target, STR("/tmp/"));
}

static void add_line(const struct context *context, struct str line, struct commands *commands, uint32_t depth);

static const struct str shells[] = {STR_INIT("ash"), STR_INIT("bash"), STR_INIT("dash"), STR_INIT("sh")};

static void add_words(const struct context *context, struct str_list words, struct commands *commands, uint32_t depth) {
    for (uint32_t n; words.n && (n = starter_words(context, words)) > 0;)
        words = skip(words, n);
    if (words.n > 1 && STR_IS_IN(path_name(words.list[0]), shells)) {
        if (!str_starts(words.list[1], STR("-")))
            words = skip(words, 1); /* a script */
        else if (words.n > 2 && str_ends(words.list[1], STR("c"))) {
            add_line(context, words.list[2], commands, depth + 1);
            return;
        }
    }
    if (words.n)
        *vec_push(context->arena, &commands->list) = words;
}

static void add_line(const struct context *context, struct str line, struct commands *commands, uint32_t depth) {
    struct shell_script *script = depth < MAX_DEPTH ? shell_parse(context->arena, line) : NULL;
    commands->is_understood &= script != NULL;
    for (uint32_t i = 0; script && i < script->n; i++) {
        const struct shell_command *command = &script->list[i];
        struct str *words = arena_array(context->arena, command->n_words, sizeof *words);
        for (uint32_t j = 0; j < command->n_words; j++)
            words[j] = command->words[j].text;
        add_words(context, (struct str_list){words, command->n_words}, commands, depth);
        for (uint32_t j = 0; j < command->redirections.n; j++)
            if (!is_scratch(command->redirections.at[j].text))
                commands->written = command->redirections.at[j].text;
    }
}

/* Everything that a container starts with these two. An entrypoint of the base image starts what follows. */
static struct commands started(const struct context *context, const struct command *entrypoint,
                               const struct command *cmd) {
    struct commands commands = {.is_understood = true};
    bool has_entrypoint = entrypoint->is_set && entrypoint->where;
    if (has_entrypoint && entrypoint->is_shell) {
        add_line(context, entrypoint->words[0], &commands, 0);
        return commands;
    }
    VEC(struct str) words = {0};
    for (uint32_t i = 0; has_entrypoint && i < entrypoint->n; i++)
        *vec_push(context->arena, &words) = entrypoint->words[i];
    for (uint32_t i = 0; !cmd->is_shell && i < cmd->n; i++)
        *vec_push(context->arena, &words) = cmd->words[i];
    add_words(context, (struct str_list){words.at, words.n}, &commands, 0);
    if (cmd->is_shell && cmd->n)
        add_line(context, cmd->words[0], &commands, 0);
    return commands;
}

struct str_list program_words(struct arena *arena, const struct stage *stage) {
    struct context context = {arena, NULL, nothing, stage};
    struct command entrypoint = stage_entrypoint(arena, stage), cmd = stage_cmd(arena, stage);
    struct commands commands = started(&context, &entrypoint, &cmd);
    return commands.is_understood && commands.list.n ? commands.list.at[commands.list.n - 1]
                                                     : (struct str_list){NULL, 0};
}

/* --- start scripts -------------------------------------------------------------------------------------------------
 */

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

/* Whether a line has a `>` that is followed by a file outside /dev and /tmp. */
static bool writes(struct str line) {
    for (uint32_t i = str_find(line, 0, '>'); i < line.n; i = str_find(line, i + 1, '>')) {
        struct str target = str_trim(str_sub(line, i + 1, line.n));
        if (!str_starts(target, STR(">")) && !is_scratch(target))
            return true;
    }
    return false;
}

/* The first word of a script that needs root, or writes; empty where there is none. Comment lines are left out; a word
 * is taken for what it says wherever it stands. */
static struct str hindering_word(struct str text) {
    struct str rest = text, line, before = nothing;
    while (str_cut(&rest, '\n', &line)) {
        line = str_trim(line);
        if (!str_starts(line, STR("#")) && writes(line))
            return STR(">");
        for (uint32_t i = 0; i < line.n && line.p[0] != '#';) {
            uint32_t end = i;
            while (end < line.n && is_word_byte(line.p[end]))
                end++;
            struct str word = str_sub(line, i, end);
            if (template_has_name(NAMES_NOT_IN_SCRIPT, word) ||
                (str_eq(before, STR("sed")) && str_starts(word, STR("-i"))))
                return word;
            before = word.n ? word : before;
            i = end + (end == i);
        }
    }
    return STR("");
}

/* --- package.json --------------------------------------------------------------------------------------------------
 */

static struct str script_line(const struct context *context, const json_t *scripts, const char *prefix,
                              struct str name) {
    const char *line =
        json_string_value(json_object_get(scripts, str_printf(context->arena, "%s%.*s", prefix, STR_ARG(name)).p));
    return line ? str_dup(context->arena, str_of(line)) : nothing;
}

/* What `npm start`, `npm run x`, `yarn x` … runs, as commands; a reason where that is not to be run by others. */
static struct str manager_commands(const struct context *context, struct str_list words, struct commands *commands,
                                   uint32_t depth) {
    static const struct str run[] = {STR_INIT("exec"), STR_INIT("run"), STR_INIT("run-script")};
    static const struct str installs[] = {STR_INIT("add"), STR_INIT("build"), STR_INIT("ci"), STR_INIT("i"),
                                          STR_INIT("install")};
    uint32_t i = 1;
    while (i + 1 < words.n && (STR_IS_IN(words.list[i], run) || str_starts(words.list[i], STR("-"))))
        i++;
    if (i >= words.n)
        return nothing;
    if (STR_IS_IN(words.list[i], installs))
        return str_printf(context->arena,
                          "%.*s %.*s writes to the program's own folder when it starts: do it in the build",
                          STR_ARG(words.list[0]), STR_ARG(words.list[i]));
    struct str text = project_context_file(context->project, context->folder, STR("package.json"), context->arena);
    json_t *root = text.p ? json_loadb(text.p, text.n, 0, NULL) : NULL;
    const json_t *scripts = json_object_get(root, "scripts");
    struct str line = script_line(context, scripts, "", words.list[i]);
    struct str before = script_line(context, scripts, "pre", words.list[i]);
    json_decref(root);
    if (before.p)
        add_line(context, before, commands, depth);
    if (line.p)
        add_line(context, line, commands, depth);
    else if (!str_eq(words.list[0], STR("npm")))
        add_words(context, skip(words, i), commands, depth); /* yarn and pnpm run programs of the dependencies too */
    return nothing;
}

/* --- what is known of a program ------------------------------------------------------------------------------------
 */

/* Whether the Dockerfile brings the program itself: by a path of its own, or a copy under that name. */
static bool is_own_program(const struct context *context, struct str program) {
    static const struct str system[] = {STR_INIT("/bin/"), STR_INIT("/sbin/"), STR_INIT("/usr/bin/"),
                                        STR_INIT("/usr/sbin/")};
    bool is_system = str_find(program, 0, '/') == program.n;
    for (uint32_t i = 0; i < sizeof system / sizeof *system; i++)
        is_system |= str_starts(program, system[i]);
    return !is_system || copied_program(context->arena, context->stage, program);
}

/* Whether it is in a table by its name, or by its name and the word that follows, wherever that pair stands. */
static bool is_builder(const struct context *context, struct str_list words) {
    if (template_has_name(NAMES_BUILDS, words.list[0]))
        return true;
    for (uint32_t i = 0; i + 1 < words.n; i++)
        if (template_has_name(NAMES_BUILDS, str_printf(context->arena, "%.*s %.*s", STR_ARG(path_name(words.list[i])),
                                                       STR_ARG(words.list[i + 1]))))
            return true;
    return false;
}

static struct str commands_obstacle(const struct context *context, const struct commands *commands, uint32_t depth);

/* Why a program that builds or installs must not start; {NULL, 0} for any other. */
static struct str builder_reason(const struct context *context, struct str_list words, uint32_t depth) {
    static const struct str managers[] = {STR_INIT("npm"), STR_INIT("yarn"), STR_INIT("pnpm"), STR_INIT("bun")};
    if (is_builder(context, words))
        return str_printf(context->arena,
                          "%.*s builds when it starts, or is for development, and writes to its own folder",
                          STR_ARG(words.list[0]));
    if (!STR_IS_IN(words.list[0], managers))
        return nothing;
    struct commands inner = {.is_understood = true};
    struct str reason = manager_commands(context, words, &inner, depth);
    return reason.p ? reason : commands_obstacle(context, &inner, depth + 1);
}

static struct str script_obstacle(const struct context *context, struct str_list words, struct str text,
                                  uint32_t depth) {
    struct str word = hindering_word(text);
    if (word.n)
        return str_printf(
            context->arena,
            "the start script %.*s uses %.*s, which needs root or a root file system that it may write to",
            STR_ARG(words.list[0]), STR_ARG(word));
    struct str lines = text, line;
    while (str_cut(&lines, '\n', &line)) {
        struct commands own = {.is_understood = true}; /* a line alone may not be: then its words must do */
        add_line(context, str_trim(line), &own, depth + 1);
        for (uint32_t i = 0; i < own.list.n; i++) {
            struct str reason = builder_reason(context, own.list.at[i], depth + 1);
            if (reason.p)
                return reason;
        }
    }
    struct commands rest = {.is_understood = true};
    add_words(context, skip(words, 1), &rest, depth); /* what it may start with exec "$@" */
    return commands_obstacle(context, &rest, depth + 1);
}

static struct str program_reason(const struct context *context, struct str_list words, uint32_t depth) {
    static const struct str builtins[] = {STR_INIT(":"),     STR_INIT("["),      STR_INIT("cd"),     STR_INIT("echo"),
                                          STR_INIT("exit"),  STR_INIT("export"), STR_INIT("printf"), STR_INIT("set"),
                                          STR_INIT("sleep"), STR_INIT("test"),   STR_INIT("true"),   STR_INIT("ulimit"),
                                          STR_INIT("umask"), STR_INIT("wait")};
    struct arena *arena = context->arena;
    struct str program = words.list[0];
    if (STR_IS_IN(program, builtins))
        return nothing;
    if (STR_IS_IN(path_name(program), shells))
        return str_printf(arena, "%.*s waits for commands, and what they need is not known", STR_ARG(program));
    if (template_has_name(NAMES_NEEDS_ROOT, program))
        return str_printf(arena, "%.*s starts as root and drops privileges itself, or needs them", STR_ARG(program));
    if (template_has_name(NAMES_DROPS_PRIVILEGES, program))
        return str_printf(arena, "%.*s changes the user itself", STR_ARG(program));
    struct str reason = builder_reason(context, words, depth);
    if (reason.p)
        return reason;
    struct str text = copied_text(arena, context->project, context->folder, context->stage, program);
    if (text.p && (str_starts(text, STR("#!")) || str_ends(program, STR(".sh"))))
        return script_obstacle(context, words, text, depth);
    if (str_ends(program, STR(".sh")))
        return str_printf(arena,
                          "the start script %.*s is not in the build context, so that nobody knows what it does as "
                          "root",
                          STR_ARG(program));
    if (template_has_name(NAMES_NOT_IN_SCRIPT, program))
        return str_printf(arena, "%.*s needs root or a root file system that it may write to", STR_ARG(program));
    bool has_runtime = context->stage->image && context->stage->image->runtime.n;
    if (has_runtime || template_has_name(NAMES_NEEDS_NOTHING, program) || is_own_program(context, program))
        return nothing;
    return str_printf(arena, "what %.*s needs of root is not known", STR_ARG(program));
}

static struct str commands_obstacle(const struct context *context, const struct commands *commands, uint32_t depth) {
    if (!commands->is_understood || depth > MAX_DEPTH)
        return STR("its command line is not understood: use the JSON form");
    if (commands->written.n)
        return str_printf(context->arena, "its command line writes to %.*s, which a read-only root would not allow",
                          STR_ARG(commands->written));
    for (uint32_t i = 0; i < commands->list.n; i++) {
        struct str reason = program_reason(context, commands->list.at[i], depth);
        if (reason.p)
            return reason;
    }
    return nothing;
}

struct str program_obstacle(struct arena *arena, const struct project *project, struct str folder,
                            const struct stage *stage, const struct command *entrypoint, const struct command *cmd) {
    struct context context = {arena, project, folder, stage};
    static const struct df_instruction given;
    struct command own_entrypoint = stage_entrypoint(arena, stage), own_cmd = stage_cmd(arena, stage);
    if (entrypoint) { /* it clears the image's command too */
        own_entrypoint = *entrypoint;
        own_entrypoint.where = &given;
        own_cmd = (struct command){.is_set = false};
    }
    struct commands commands = started(&context, &own_entrypoint, cmd ? cmd : &own_cmd);
    return commands_obstacle(&context, &commands, 0);
}

/* --- packages ------------------------------------------------------------------------------------------------------
 */

struct packages {
    VEC(struct str) list;
};

bool program_is_package_tool(struct str word) {
    static const struct str tools[] = {STR_INIT("apk"),      STR_INIT("apt"),  STR_INIT("apt-get"), STR_INIT("dnf"),
                                       STR_INIT("microdnf"), STR_INIT("tdnf"), STR_INIT("yum"),     STR_INIT("zypper")};
    return STR_IS_IN(word, tools);
}

/* The words behind `install` or `add` that are no options. */
static void add_packages(const struct context *context, const struct shell_command *command,
                         struct packages *packages) {
    bool is_install = false;
    if (command->n_words == 0 || !program_is_package_tool(command->words[0].text))
        return;
    for (uint32_t i = 1; i < command->n_words; i++) {
        struct str word = command->words[i].text;
        if (is_install && !str_starts(word, STR("-")))
            *vec_push(context->arena, &packages->list) = str_sub(word, 0, str_find(word, 0, '='));
        is_install |= str_eq(word, STR("install")) || str_eq(word, STR("add"));
    }
}

struct str_list program_packages(struct arena *arena, const struct stage *stage) {
    struct context context = {arena, NULL, nothing, stage};
    struct packages packages = {0};
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            struct shell_script *script = stage_script(arena, &stage->dockerfile->list[i]);
            for (uint32_t c = 0; script && c < script->n; c++)
                add_packages(&context, &script->list[c], &packages);
        }
    return (struct str_list){packages.list.at, packages.list.n};
}

bool program_has_package(struct arena *arena, const struct stage *stage, struct str package) {
    struct str_list packages = program_packages(arena, stage);
    return str_is_in(package, packages.list, packages.n);
}
