#include "program.h"

#include "copied.h"
#include "shell.h"
#include "template.h"

#include <jansson.h>

enum { MAX_DEPTH = 6 };

static const struct str nothing = {NULL, 0};

struct commands {
    VEC(struct str_list) list; /* each the words of one program */
    VEC(struct str) starters;  /* what only starts them: npx, uv */
    struct str reason;         /* why one of those cannot be started by others; {NULL, 0}: nothing speaks against it */
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
static struct str root_reason(const struct context *context, struct str_list words);

static const struct str shells[] = {STR_INIT("ash"), STR_INIT("bash"), STR_INIT("dash"), STR_INIT("sh")};

static void add_words(const struct context *context, struct str_list words, struct commands *commands, uint32_t depth) {
    for (uint32_t n; words.n && (n = starter_words(context, words)) > 0; words = skip(words, n)) {
        *vec_push(context->arena, &commands->starters) = words.list[0];
        if (!commands->reason.p)
            commands->reason = root_reason(context, words);
    }
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

bool program_starts(struct arena *arena, const struct stage *stage, struct str program) {
    struct context context = {arena, NULL, nothing, stage};
    struct command entrypoint = stage_entrypoint(arena, stage), cmd = stage_cmd(arena, stage);
    struct commands commands = started(&context, &entrypoint, &cmd);
    for (uint32_t i = 0; i < commands.starters.n; i++)
        if (str_eq(path_name(commands.starters.at[i]), program))
            return true;
    struct str_list last = commands.list.n ? commands.list.at[commands.list.n - 1] : (struct str_list){NULL, 0};
    return last.n && str_eq(path_name(last.list[0]), program);
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
static bool is_own_program(struct str program, struct str source) {
    static const struct str system[] = {STR_INIT("/bin/"),     STR_INIT("/etc/"),      STR_INIT("/lib/"),
                                        STR_INIT("/sbin/"),    STR_INIT("/usr/bin/"),  STR_INIT("/usr/games/"),
                                        STR_INIT("/usr/lib/"), STR_INIT("/usr/sbin/"), STR_INIT("/usr/share/")};
    bool is_system = str_find(program, 0, '/') == program.n;
    for (uint32_t i = 0; i < sizeof system / sizeof *system; i++)
        is_system |= str_starts(program, system[i]);
    return !is_system || source.p;
}

static bool is_row(const struct program *row, struct str_list words) {
    bool fits = row->words.n == 0;
    if (!str_is_in(path_name(words.list[0]), row->programs.list, row->programs.n))
        return false;
    for (uint32_t i = 1; i < words.n; i++) {
        fits |= str_is_in(words.list[i], row->words.list, row->words.n);
        for (uint32_t j = 0; j < row->unless.n; j++)
            if (str_starts(words.list[i], row->unless.list[j]))
                return false;
    }
    return fits;
}

/* Why a program is not one that another user can start; {NULL, 0} where its name does not tell. */
static struct str root_reason(const struct context *context, struct str_list words) {
    const struct image *image = context->stage->image;
    struct str needs = STR(""), instead = STR("add USER if its settings allow another one");
    bool is_known = template_has_name(NAMES_NEEDS_ROOT, words.list[0]);
    for (uint32_t i = 0; i < template_n_programs; i++)
        if (is_row(&template_programs[i], words)) {
            is_known = true;
            needs = template_programs[i].needs;
            instead = template_programs[i].instead;
            break;
        }
    is_known &= !(image && image->also_as_user && str_eq(words.list[0], image->cmd[0]));
    if (!needs.n)
        needs = STR("starts as root and drops privileges itself, or needs them");
    return is_known
               ? str_printf(context->arena, "%.*s %.*s: %.*s", STR_ARG(words.list[0]), STR_ARG(needs), STR_ARG(instead))
               : nothing;
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
                          "%.*s builds when it starts, or is for development, and writes to its own folder: build in a "
                          "RUN, and start what comes out",
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
            "the start script %.*s uses %.*s, which needs root or a root file system that it may write to: do that in "
            "a RUN, or below /tmp",
            STR_ARG(words.list[0]), STR_ARG(word));
    struct str lines = text, line;
    while (str_cut(&lines, '\n', &line)) {
        struct commands own = {.is_understood = true}; /* a line alone may not be: then its words must do */
        add_line(context, str_trim(line), &own, depth + 1);
        for (uint32_t i = 0; i < own.list.n; i++) {
            struct str reason = root_reason(context, own.list.at[i]);
            if (!reason.p)
                reason = builder_reason(context, own.list.at[i], depth + 1);
            if (reason.p)
                return reason;
        }
    }
    struct commands rest = {.is_understood = true};
    add_words(context, skip(words, 1), &rest, depth); /* what it may start with exec "$@" */
    return commands_obstacle(context, &rest, depth + 1);
}

/* A package that brings a service which starts as root. */
static struct str service_package(const struct context *context) {
    struct str_list packages = program_packages(context->arena, context->stage);
    for (uint32_t i = 0; i < packages.n; i++)
        if (template_has_name(NAMES_ROOT_PACKAGES, packages.list[i]))
            return packages.list[i];
    return nothing;
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
        return str_printf(arena, "%.*s waits for commands, and what they need is not known: name the program in CMD",
                          STR_ARG(program));
    if (template_has_name(NAMES_DROPS_PRIVILEGES, program))
        return str_printf(arena, "%.*s changes the user itself: put USER in its place", STR_ARG(program));
    struct str reason = root_reason(context, words);
    if (!reason.p)
        reason = builder_reason(context, words, depth);
    if (reason.p)
        return reason;
    struct str text = copied_text(arena, context->project, context->folder, context->stage, program);
    if (text.p && (str_starts(text, STR("#!")) || str_ends(program, STR(".sh"))))
        return script_obstacle(context, words, text, depth);
    struct str source = copied_program(arena, context->stage, program);
    if (str_ends(program, STR(".sh")) || str_ends(source, STR(".sh")))
        return str_printf(arena,
                          "the start script %.*s is not in the build context, so that nobody knows what it does as "
                          "root: see whether it starts as another user, then add USER",
                          STR_ARG(program));
    if (template_has_name(NAMES_NOT_IN_SCRIPT, program))
        return str_printf(arena,
                          "%.*s needs root or a root file system that it may write to: do that in a RUN, or below /tmp",
                          STR_ARG(program));
    bool has_runtime = context->stage->image && context->stage->image->runtime.n;
    if (template_has_name(NAMES_NEEDS_NOTHING, program))
        return nothing;
    struct str package = text.p ? nothing : service_package(context);
    if (package.p && is_own_program(program, source))
        return str_printf(arena,
                          "it installs %.*s, which starts as root, and what %.*s does is not known: see whether it "
                          "starts as another user, then add USER",
                          STR_ARG(package), STR_ARG(program));
    if (has_runtime || is_own_program(program, source))
        return nothing;
    return str_printf(arena,
                      "what %.*s needs of root is not known: see whether it starts as another user, then add USER",
                      STR_ARG(program));
}

static struct str commands_obstacle(const struct context *context, const struct commands *commands, uint32_t depth) {
    if (!commands->is_understood || depth > MAX_DEPTH)
        return STR("its command line is not understood: use the JSON form");
    if (commands->written.n)
        return str_printf(
            context->arena,
            "its command line writes to %.*s, which a read-only root would not allow: write to /dev/stdout, or "
            "below /tmp",
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
