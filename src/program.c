#include "program_parts.h"

#include "copied.h"
#include "template.h"

#include <jansson.h>

static const struct str nothing = {NULL, 0};

/* --- start scripts -------------------------------------------------------------------------------------------------
 */

static bool is_word_byte(char c) {
    return str_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* Whether a line has a `>` that is followed by a file outside /dev and /tmp. */
static bool writes(struct str line) {
    for (uint32_t i = str_find(line, 0, '>'); i < line.n; i = str_find(line, i + 1, '>')) {
        struct str target = str_trim(str_sub(line, i + 1, line.n));
        if (!str_starts(target, STR(">")) && !program_is_scratch(target))
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
            if (str_eq(before, STR("sed")) && str_starts(word, STR("-i")))
                return STR("sed -i");
            if (template_has_name(NAMES_NOT_IN_SCRIPT, word))
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

/* Whether a script is for development by its name: dev, dev:site, start:dev. */
static bool is_for_development(struct str name) {
    return str_eq(name, STR("dev")) || str_starts(name, STR("dev:")) || str_ends(name, STR(":dev"));
}

static struct str installer_reason(struct arena *arena, struct str installer) {
    return str_printf(arena, "%.*s writes to the program's own folder when it starts: do it in the build",
                      STR_ARG(installer));
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
    bool has_name = i < words.n && !str_starts(words.list[i], STR("-")); /* without one yarn installs */
    if (has_name ? STR_IS_IN(words.list[i], installs) : str_eq(words.list[0], STR("yarn")))
        return installer_reason(context->arena, str_printf(context->arena, "%.*s %.*s", STR_ARG(words.list[0]),
                                                           STR_ARG(has_name ? words.list[i] : STR("install"))));
    if (!has_name)
        return nothing;
    struct str text = project_context_file(context->project, context->folder, STR("package.json"), context->arena);
    json_t *root = text.p ? json_loadb(text.p, text.n, 0, NULL) : NULL;
    const json_t *scripts = json_object_get(root, "scripts");
    struct str line = script_line(context, scripts, "", words.list[i]);
    struct str before = script_line(context, scripts, "pre", words.list[i]);
    json_decref(root);
    if (!line.p && is_for_development(words.list[i]))
        return str_printf(context->arena,
                          "the script %.*s, which is for development by its name, is not in the package.json of the "
                          "build context, and may write to its own folder: build in a RUN, and start what comes out",
                          STR_ARG(words.list[i]));
    if (before.p)
        program_add_line(context, before, commands, depth);
    if (line.p)
        program_add_line(context, line, commands, depth);
    else if (!str_eq(words.list[0], STR("npm")))
        program_add_words(context, program_skip(words, i), commands,
                          depth); /* yarn and pnpm run programs of the dependencies too */
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

/* Whether a Dockerfile does more than name an image. */
static bool is_built(const struct stage *stage) {
    return stage->parent || stage->end > stage->from + 1;
}

static bool is_set(const struct context *context, struct str variable) {
    struct str reference = str_printf(context->arena, "${%.*s}", STR_ARG(variable));
    return stage_expand(context->arena, context->stage, context->stage->end, reference).n > 0;
}

static bool is_row(const struct context *context, const struct program *row, struct str_list words) {
    bool fits = row->words.n == 0;
    if (!str_is_in(path_name(words.list[0]), row->programs.list, row->programs.n))
        return false;
    for (uint32_t i = 0; i < row->variables.n; i++)
        if (is_set(context, row->variables.list[i]))
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
struct str program_root_reason(const struct context *context, struct str_list words) {
    const struct image *image = context->stage->image;
    struct str needs = STR(""), instead = STR("add USER if its settings allow another one");
    bool is_known = template_has_name(NAMES_NEEDS_ROOT, words.list[0]);
    for (uint32_t i = 0; i < template_n_programs; i++)
        if (is_row(context, &template_programs[i], words)) {
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

/* What of the words is in a table: the name, or it and the word that follows, wherever that pair stands; {NULL, 0}. */
static struct str words_in(const struct context *context, enum name_list table, struct str_list words) {
    if (template_has_name(table, words.list[0]))
        return words.list[0];
    for (uint32_t i = 0; i + 1 < words.n; i++) {
        struct str pair =
            str_printf(context->arena, "%.*s %.*s", STR_ARG(path_name(words.list[i])), STR_ARG(words.list[i + 1]));
        if (template_has_name(table, pair))
            return pair;
    }
    return nothing;
}

static struct str commands_obstacle(const struct context *context, const struct commands *commands, uint32_t depth);

/* Why a program that builds or installs must not start; {NULL, 0} for any other. */
static struct str builder_reason(const struct context *context, struct str_list words, uint32_t depth) {
    static const struct str managers[] = {STR_INIT("npm"), STR_INIT("yarn"), STR_INIT("pnpm"), STR_INIT("bun")};
    struct str builder = words_in(context, NAMES_BUILDS, words), installer = words_in(context, NAMES_INSTALLS, words);
    if (installer.p)
        return installer_reason(context->arena, installer);
    if (builder.p)
        return str_printf(context->arena,
                          "%.*s builds when it starts, or is for development, and writes to its own folder: build in a "
                          "RUN, and start what comes out",
                          STR_ARG(builder));
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
        program_add_line(context, str_trim(line), &own, depth + 1);
        for (uint32_t i = 0; i < own.list.n; i++) {
            struct str reason = own.reason.p ? own.reason : program_root_reason(context, own.list.at[i]);
            if (!reason.p)
                reason = builder_reason(context, own.list.at[i], depth + 1);
            if (reason.p)
                return reason;
        }
    }
    struct commands rest = {.is_understood = true};
    program_add_words(context, program_skip(words, 1), &rest, depth); /* what it may start with exec "$@" */
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

/* httpd of busybox, which is not Apache's. */
static bool is_busybox_server(const struct context *context, struct str program) {
    const struct image *image = context->stage->image;
    return image && str_eq(image->family->name, STR("busybox")) && str_eq(program, STR("httpd"));
}

static bool may_write(const struct context *context, struct str path) {
    for (uint32_t i = 0; context->room && i < context->room->folders.n; i++)
        if (path_is_below(path, context->room->folders.list[i]))
            return true;
    return false;
}

static struct str written_reason(const struct context *context, const struct target *target) {
    return str_printf(context->arena,
                      "%.*s writes to %.*s, which a read-only root would not allow: write %sbelow /tmp, or mount a "
                      "volume there",
                      STR_ARG(target->by.p ? target->by : STR("its command line")), STR_ARG(target->path),
                      target->by.p ? "" : "to /dev/stdout, or ");
}

static struct str unknown_needs(struct arena *arena, struct str program) {
    return str_printf(arena,
                      "what %.*s needs of root is not known: see whether it starts as another user, then add USER",
                      STR_ARG(program));
}

static struct str tool_reason(struct arena *arena, struct str program) {
    return str_printf(arena,
                      "%.*s needs root or a root file system that it may write to: do that in a RUN, or below /tmp",
                      STR_ARG(program));
}

static struct str program_reason(const struct context *context, struct str_list words, uint32_t depth) {
    static const struct str builtins[] = {
        STR_INIT(":"),      STR_INIT("["),      STR_INIT("break"), STR_INIT("cd"),     STR_INIT("continue"),
        STR_INIT("echo"),   STR_INIT("exit"),   STR_INIT("false"), STR_INIT("export"), STR_INIT("kill"),
        STR_INIT("local"),  STR_INIT("printf"), STR_INIT("read"),  STR_INIT("return"), STR_INIT("set"),
        STR_INIT("shift"),  STR_INIT("sleep"),  STR_INIT("test"),  STR_INIT("trap"),   STR_INIT("true"),
        STR_INIT("ulimit"), STR_INIT("umask"),  STR_INIT("unset"), STR_INIT("wait")};
    struct targets targets = {0};
    struct arena *arena = context->arena;
    struct str program = words.list[0];
    if (STR_IS_IN(program, builtins) || is_busybox_server(context, program))
        return nothing;
    if (context->room && program_is_owner_tool(words) && program_targets(arena, words, &targets))
        return nothing; /* root may; where it does has been looked at */
    if (program_is_shell(program))
        return context->is_sure
                   ? nothing
                   : str_printf(arena,
                                "%.*s waits for commands, and what they need is not known: name the program in CMD",
                                STR_ARG(program));
    if (template_has_name(NAMES_DROPS_PRIVILEGES, program))
        return str_printf(arena, "%.*s changes the user itself: put USER in its place", STR_ARG(program));
    struct str reason = program_root_reason(context, words);
    if (!reason.p)
        reason = builder_reason(context, words, depth);
    if (reason.p)
        return reason;
    struct str text = copied_text(arena, context->project, context->folder, context->stage, program);
    if (text.p && (str_starts(text, STR("#!")) || str_ends(program, STR(".sh"))))
        return script_obstacle(context, words, text, depth);
    if (context->is_sure)
        return template_has_name(NAMES_NOT_IN_SCRIPT, program) ? tool_reason(arena, program) : nothing;
    const struct image *image = context->stage->image;
    if (image && image->n_cmd && str_eq(program, image->cmd[0]) && str_ends(program, STR(".sh")))
        return unknown_needs(arena, program);
    struct str source = copied_program(arena, context->stage, program);
    if (str_ends(program, STR(".sh")) || str_ends(source, STR(".sh")))
        return str_printf(arena,
                          "the start script %.*s is not in the build context, so that nobody knows what it does as "
                          "root: see whether it starts as another user, then add USER",
                          STR_ARG(program));
    /* an image may get other words when it is started; where the known ones write has been looked at */
    if (context->room && (program_targets(arena, words, &targets) || template_has_name(NAMES_PLAIN_TOOLS, program)))
        return nothing;
    if (template_has_name(NAMES_NOT_IN_SCRIPT, program))
        return tool_reason(arena, program);
    bool has_runtime = image && image->runtime.n;
    if (template_has_name(NAMES_NEEDS_NOTHING, program))
        return nothing;
    struct str package = text.p ? nothing : service_package(context);
    if (package.p && is_own_program(program, source))
        return str_printf(arena,
                          "it installs %.*s, which starts as root, and what %.*s does is not known: see whether it "
                          "starts as another user, then add USER",
                          STR_ARG(package), STR_ARG(program));
    if (has_runtime || (is_built(context->stage) && is_own_program(program, source)))
        return nothing;
    return unknown_needs(arena, program);
}

static struct str commands_obstacle(const struct context *context, const struct commands *commands, uint32_t depth) {
    if (depth > PROGRAM_MAX_DEPTH || (!commands->is_understood && !context->is_sure))
        return context->is_sure ? nothing : STR("its command line is not understood: use the JSON form");
    for (uint32_t i = 0; i < commands->written.n; i++)
        if (!may_write(context, commands->written.at[i].path))
            return written_reason(context, &commands->written.at[i]);
    if (commands->reason.p)
        return commands->reason;
    for (uint32_t i = 0; i < commands->list.n; i++) {
        struct str reason = program_reason(context, commands->list.at[i], depth);
        if (reason.p)
            return reason;
    }
    return nothing;
}

struct str program_obstacle_in(struct arena *arena, const struct project *project, struct str folder,
                               const struct stage *stage, const struct command *entrypoint, const struct command *cmd,
                               const struct program_room *room) {
    struct context context = {arena, project, folder, stage, room, .is_whole = true};
    struct commands commands = program_started(&context, entrypoint, cmd);
    return commands_obstacle(&context, &commands, 0);
}

struct str program_need(struct arena *arena, const struct project *project, struct str folder,
                        const struct stage *stage, const struct command *entrypoint, const struct command *cmd) {
    struct context context = {arena, project, folder, stage, NULL, .is_whole = true, .is_sure = true};
    struct commands commands = program_started(&context, entrypoint, cmd);
    return commands_obstacle(&context, &commands, 0);
}

struct str program_needs_root(struct arena *arena, const struct stage *stage, const struct command *entrypoint,
                              const struct command *cmd) {
    struct context context = {.arena = arena, .stage = stage, .is_whole = true};
    struct commands commands = program_started(&context, entrypoint, cmd);
    struct str reason = nothing;
    for (uint32_t i = 0; i < commands.list.n && !reason.p; i++)
        reason = program_root_reason(&context, commands.list.at[i]);
    return reason;
}

struct str program_obstacle(struct arena *arena, const struct project *project, struct str folder,
                            const struct stage *stage, const struct command *entrypoint, const struct command *cmd) {
    return program_obstacle_in(arena, project, folder, stage, entrypoint, cmd, NULL);
}
