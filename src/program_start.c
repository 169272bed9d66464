#include "program_parts.h"

#include "shell.h"
#include "template.h"

static const struct str nothing = {NULL, 0};

struct str_list program_skip(struct str_list words, uint32_t n) {
    return n < words.n ? (struct str_list){words.list + n, words.n - n} : (struct str_list){NULL, 0};
}

bool program_is_shell(struct str program) {
    static const struct str shells[] = {STR_INIT("ash"), STR_INIT("bash"), STR_INIT("dash"), STR_INIT("sh")};
    return STR_IS_IN(path_name(program), shells);
}

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
    static const struct str starters[] = {STR_INIT("busybox"), STR_INIT("command"), STR_INIT("exec"),
                                          STR_INIT("nohup"),   STR_INIT("npx"),     STR_INIT("time")};
    struct str first = words.list[0];
    uint32_t n = image_words(context->stage->image, words);
    if (n)
        return n;
    bool is_init = template_has_name(NAMES_INIT, first) && !template_has_name(NAMES_NEEDS_ROOT, first);
    if (is_init || str_eq(first, STR("env")) || str_eq(first, STR("cross-env")))
        for (n = 1;
             n < words.n && (str_starts(words.list[n], STR("-")) || str_find(words.list[n], 0, '=') < words.list[n].n);)
            n++;
    else if (STR_IS_IN(first, starters))
        n = 1;
    else if (str_eq(first, STR("timeout"))) {
        for (n = 1; n < words.n && str_starts(words.list[n], STR("-"));)
            n += str_eq(words.list[n], STR("-k")) || str_eq(words.list[n], STR("-s")) ? 2 : 1;
        n++; /* how long */
    } else if (words.n > 1 &&
               STR_IS_IN(str_printf(context->arena, "%.*s %.*s", STR_ARG(first), STR_ARG(words.list[1])), runners))
        n = 2;
    return n;
}

/* What may be written to under a read-only root: devices, other descriptors, /tmp. */
bool program_is_scratch(struct str target) {
    return target.n == 0 || target.p[0] == '&' || str_eq(target, STR("-")) || str_starts(target, STR("/dev/")) ||
           path_is_below(target, STR("/tmp"));
}

/* Whether a path is what a shell makes of the word as far as it can be said, and not from a folder that is not known.
 */
static bool is_known_path(const struct commands *commands, struct str path) {
    return str_starts(path, STR("/")) || (commands->workdir.p && path.n && path.p[0] != '-' && path.p[0] != '$' &&
                                          path.p[0] != '`' && path.p[0] != '~');
}

static void add_target(const struct context *context, struct commands *commands, struct str by, struct str target) {
    bool is_known = is_known_path(commands, target) && target.p[0] != '&';
    struct str path = is_known ? path_join(context->arena, commands->workdir, target) : target;
    if (!program_is_scratch(path))
        *vec_push(context->arena, &commands->written) = (struct target){by, path};
}

/* Notes what a program writes to, and where those behind it are. */
static void see_words(const struct context *context, struct str_list words, struct commands *commands) {
    struct targets targets = {0};
    if (context->room)
        program_targets(context->arena, words, &targets);
    for (uint32_t i = 0; i < targets.list.n; i++)
        add_target(context, commands, words.list[0], targets.list.at[i]);
    if (!str_eq(words.list[0], STR("cd")))
        return;
    bool is_known = words.n == 2 && is_known_path(commands, words.list[1]) && path_is_plain(words.list[1]);
    commands->workdir = is_known ? path_join(context->arena, commands->workdir, words.list[1]) : nothing;
}

void program_add_words(const struct context *context, struct str_list words, struct commands *commands,
                       uint32_t depth) {
    for (uint32_t n; words.n && (n = starter_words(context, words)) > 0; words = program_skip(words, n)) {
        *vec_push(context->arena, &commands->starters) = words.list[0];
        if (!commands->reason.p)
            commands->reason = program_root_reason(context, words);
    }
    if (words.n > 1 && program_is_shell(words.list[0])) {
        if (!str_starts(words.list[1], STR("-")))
            words = program_skip(words, 1); /* a script */
        else if (words.n > 2 && str_ends(words.list[1], STR("c"))) {
            program_add_line(context, words.list[2], commands, depth + 1);
            return;
        }
    }
    if (!words.n)
        return;
    *vec_push(context->arena, &commands->list) = words;
    see_words(context, words, commands);
}

void program_add_line(const struct context *context, struct str line, struct commands *commands, uint32_t depth) {
    struct shell_script *script = NULL;
    if (depth < PROGRAM_MAX_DEPTH)
        script = context->is_whole ? shell_parse_all(context->arena, line) : shell_parse(context->arena, line);
    commands->is_understood &= script != NULL;
    for (uint32_t i = 0; script && i < script->n; i++) {
        const struct shell_command *command = &script->list[i];
        struct str *words = arena_array(context->arena, command->n_words, sizeof *words);
        for (uint32_t j = 0; j < command->n_words; j++)
            words[j] = command->words[j].text;
        for (uint32_t j = 0; j < command->redirections.n; j++)
            add_target(context, commands, nothing, command->redirections.at[j].text);
        program_add_words(context, (struct str_list){words, command->n_words}, commands, depth);
    }
}

/* Everything that a container starts with these two. An entrypoint of the base image starts what follows. */
static struct commands started(const struct context *context, const struct command *entrypoint,
                               const struct command *cmd) {
    struct commands commands = {.is_understood = true, .workdir = context->room ? context->room->workdir : nothing};
    bool has_entrypoint = entrypoint->is_set && entrypoint->where;
    if (has_entrypoint && entrypoint->is_shell) {
        program_add_line(context, entrypoint->words[0], &commands, 0);
        return commands;
    }
    VEC(struct str) words = {0};
    for (uint32_t i = 0; has_entrypoint && i < entrypoint->n; i++)
        *vec_push(context->arena, &words) = entrypoint->words[i];
    for (uint32_t i = 0; !cmd->is_shell && i < cmd->n; i++)
        *vec_push(context->arena, &words) = cmd->words[i];
    program_add_words(context, (struct str_list){words.at, words.n}, &commands, 0);
    if (cmd->is_shell && cmd->n)
        program_add_line(context, cmd->words[0], &commands, 0);
    return commands;
}

struct str_list program_words(struct arena *arena, const struct stage *stage) {
    struct context context = {.arena = arena, .stage = stage};
    struct command entrypoint = stage_entrypoint(arena, stage), cmd = stage_cmd(arena, stage);
    struct commands commands = started(&context, &entrypoint, &cmd);
    return commands.is_understood && commands.list.n ? commands.list.at[commands.list.n - 1]
                                                     : (struct str_list){NULL, 0};
}

bool program_starts(struct arena *arena, const struct stage *stage, struct str program) {
    struct context context = {.arena = arena, .stage = stage};
    struct command entrypoint = stage_entrypoint(arena, stage), cmd = stage_cmd(arena, stage);
    struct commands commands = started(&context, &entrypoint, &cmd);
    for (uint32_t i = 0; i < commands.starters.n; i++)
        if (str_eq(path_name(commands.starters.at[i]), program))
            return true;
    struct str_list last = commands.list.n ? commands.list.at[commands.list.n - 1] : (struct str_list){NULL, 0};
    return last.n && str_eq(path_name(last.list[0]), program);
}

/* What a container starts with these two in the place of the stage's, where they are given. */
struct commands program_started(const struct context *context, const struct command *entrypoint,
                                const struct command *cmd) {
    static const struct df_instruction given;
    struct command own_entrypoint = stage_entrypoint(context->arena, context->stage),
                   own_cmd = stage_cmd(context->arena, context->stage);
    if (entrypoint) { /* it clears the image's command too */
        own_entrypoint = *entrypoint;
        own_entrypoint.where = &given;
        own_cmd = (struct command){.is_set = false};
    }
    return started(context, &own_entrypoint, cmd ? cmd : &own_cmd);
}

struct str_list program_writes(struct arena *arena, const struct stage *stage, const struct command *entrypoint,
                               const struct command *cmd, struct str workdir) {
    struct program_room room = {.workdir = workdir};
    struct context context = {.arena = arena, .stage = stage, .room = &room, .is_whole = true};
    struct commands commands = program_started(&context, entrypoint, cmd);
    VEC(struct str) paths = {0};
    for (uint32_t i = 0; i < commands.written.n; i++)
        if (!str_is_in(commands.written.at[i].path, paths.at, paths.n))
            *vec_push(arena, &paths) = commands.written.at[i].path;
    return (struct str_list){paths.at, paths.n};
}

uint32_t program_low_port(struct arena *arena, const struct stage *stage, const struct command *entrypoint,
                          const struct command *cmd) {
    struct context context = {.arena = arena, .stage = stage, .is_whole = true};
    struct commands commands = program_started(&context, entrypoint, cmd);
    for (uint32_t i = 0; i < commands.list.n; i++) {
        uint32_t port = program_port(commands.list.at[i]);
        if (port && port < 1024)
            return port;
    }
    return 0;
}

bool program_sets_owners(struct arena *arena, const struct stage *stage, const struct command *entrypoint,
                         const struct command *cmd) {
    struct context context = {.arena = arena, .stage = stage, .is_whole = true};
    struct commands commands = program_started(&context, entrypoint, cmd);
    for (uint32_t i = 0; i < commands.list.n; i++)
        if (program_is_owner_tool(commands.list.at[i]))
            return true;
    return false;
}
