/* non-root-user: why a stage keeps root, and what to do about it. */
#include "non_root_user.h"

#include "documented.h"
#include "link.h"
#include "program.h"
#include "shell.h"
#include "template.h"

/* Bytes of the folders that are given in one line, of which mkdir and chown each get them; a line of a Dockerfile has
 * at most 65,535 (bufio.MaxScanTokenSize, as BuildKit reads it). */
enum { MAX_FOLDERS = 30000 };

static const struct str nothing = {NULL, 0};

/* --- the base image ------------------------------------------------------------------------------------------------
 */

/* Where the image's program keeps what lasts. */
static struct str lasting_folders(struct arena *arena, const struct image *image) {
    struct str_list lists[] = {{image->volumes, image->n_volumes}, {image->writes, image->n_writes}};
    struct buf folders = {.arena = arena};
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t j = 0; j < lists[i].n; j++) {
            struct str path = lists[i].list[j];
            if (!path_is_transient(path) && !str_contains(buf_str(&folders), path))
                buf_printf(&folders, "%s%.*s", folders.n ? ", " : "", STR_ARG(path));
        }
    return buf_str(&folders);
}

/* An image whose own program starts as root. */
static struct str design_reason(struct arena *arena, const struct image *image) {
    struct str advice = image->instead, folders = lasting_folders(arena, image);
    if (!advice.n && (image->unverified & (UNVERIFIED_USER | UNVERIFIED_ALL) || !image->uid))
        advice = STR("leave it so, or see whether it starts with `docker run --user`");
    else if (!advice.n)
        advice = str_printf(arena, "that is all right; to start it as %.*s, add USER %u:%u%s%.*s%s",
                            STR_ARG(image->user), image->uid, image->gid, folders.n ? " and see that " : "",
                            STR_ARG(folders), folders.n ? " belongs to it" : "");
    return str_printf(arena, "the base image starts as root by design (%.*s): %.*s", STR_ARG(image->starts_as_root),
                      STR_ARG(advice));
}

/* The sentence's end where nothing but a trial can tell. */
static struct str trial(struct arena *arena) {
    return str_printf(arena, "see whether it starts with `docker run --user %u:%u`, then add USER %u:%u", NEW_ID,
                      NEW_ID, NEW_ID, NEW_ID);
}

static struct str image_reason(struct arena *arena, const struct stage *stage, const struct runner *runner) {
    const struct image *image = stage->image;
    if (!stage->base.p)
        return STR(
            "FROM has a variable whose value is not known: give its ARG a default, and no service another value");
    if (!image)
        return str_printf(arena, "nothing is known of the base image %.*s: %.*s", STR_ARG(stage->reference.repository),
                          STR_ARG(trial(arena)));
    bool is_other = !starts_image_program(arena, stage);
    bool is_free = (is_other && image->passes_on.n) || (image->also_as_user && (runner->is_worker || is_other));
    if (image->starts_as_root.n && !is_free)
        return design_reason(arena, image);
    if (image->unverified & UNVERIFIED_ALL)
        return str_printf(arena, "too little is known for certain of the base image: %.*s", STR_ARG(trial(arena)));
    return nothing;
}

/* --- users ---------------------------------------------------------------------------------------------------------
 */

static bool writes_accounts(struct arena *arena, const struct stage *stage) {
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++)
            if (account_is_written(arena, &stage->dockerfile->list[i]))
                return true;
    return false;
}

/* What makes users or changes to them, where it is not clear whose the program is. */
static struct str account_reason(struct arena *arena, const struct stage *stage, const struct runner *runner) {
    static const struct str tools[] = {STR_INIT("gosu"), STR_INIT("su-exec"), STR_INIT("sudo"), STR_INIT("chpst")};
    for (uint32_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (runs_word(arena, stage, tools[i]))
            return str_printf(arena,
                              "it installs %.*s to change the user at run time: put USER in its place, where nothing "
                              "that comes before needs root",
                              STR_ARG(tools[i]));
    if (runner->kind == RUNNER_ASKED)
        return nothing;
    struct accounts accounts = accounts_of(arena, stage);
    if (!accounts.is_whole || writes_accounts(arena, stage))
        return STR("a RUN that is not understood makes users or changes them: add USER with the one that is the "
                   "program's");
    if (accounts.list.n > 1)
        return STR("it makes several users: add USER with the one that is the program's");
    if (accounts.list.n == 1 && accounts.list.at[0]->has_groups)
        return str_printf(arena,
                          "it makes the user %.*s and puts it into further groups, as for a person: add USER if it is "
                          "the program's",
                          STR_ARG(accounts.list.at[0]->name));
    if (accounts.list.n == 0 && accounts.changes_image)
        return STR("it changes users that the base image has: add USER with the one that is the program's");
    return nothing;
}

/* --- root's home folder --------------------------------------------------------------------------------------------
 */

static struct str arguments(const struct stage *stage, uint32_t index) {
    return source_slice(stage->dockerfile->source, stage->dockerfile->list[index].args);
}

/* Whether the stage or its parents say a word anywhere. */
static bool says(const struct stage *stage, struct str word) {
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++)
            if (str_contains(arguments(stage, i), word))
                return true;
    return false;
}

/* Whether something tells the tool to install elsewhere: an option of its own line, a variable anywhere. */
static bool is_elsewhere(const struct home_tool *tool, const struct stage *stage, const struct stage *where,
                         uint32_t index) {
    for (uint32_t i = 0; i < tool->unless.n; i++) {
        bool is_option = str_starts(str_trim(tool->unless.list[i]), STR("-"));
        if (is_option ? str_contains(arguments(where, index), tool->unless.list[i]) : says(stage, tool->unless.list[i]))
            return true;
    }
    return false;
}

/* What RUN leaves in the home folder of root. */
static struct str installed_at_home(struct arena *arena, const struct stage *stage, const struct stage *where,
                                    uint32_t index) {
    for (uint32_t i = 0; i < template_n_home; i++) {
        const struct home_tool *tool = &template_home[i];
        if (!str_contains(arguments(where, index), tool->run) || is_elsewhere(tool, stage, where, index))
            continue;
        struct str_list words = program_words(arena, stage);
        struct str program = words.n ? path_name(words.list[0]) : STR("");
        struct str home = stage_expand(arena, where, index, STR("${HOME}"));
        if (home.n && !path_is_below(home, STR("/root")))
            return nothing;
        if (!tool->programs.n || str_is_in(program, tool->programs.list, tool->programs.n))
            return str_printf(arena, "`%.*s` installs below /root, which only root can read: %.*s", STR_ARG(tool->run),
                              STR_ARG(tool->instead));
    }
    return nothing;
}

/* Whether an instruction names a folder of programs below /root. RUN may well clean up caches there. */
static bool uses_home(struct str text, enum df_kind kind) {
    static const struct str folders[] = {STR_INIT(".bun"),   STR_INIT(".cargo"), STR_INIT(".deno"), STR_INIT(".dotnet"),
                                         STR_INIT(".julia"), STR_INIT(".local"), STR_INIT(".nvm"),  STR_INIT(".pyenv"),
                                         STR_INIT(".rbenv"), STR_INIT(".sdkman")};
    static const struct str homes[] = {STR_INIT("/root/"), STR_INIT("~/"), STR_INIT("$HOME/"), STR_INIT("${HOME}/")};
    if (kind != DF_RUN)
        return str_contains(text, STR("/root/")) || str_ends(text, STR("/root"));
    for (uint32_t i = 0; i < sizeof homes / sizeof *homes; i++) {
        struct str rest = text;
        for (const char *at; (at = memmem(rest.p, rest.n, homes[i].p, homes[i].n));) {
            rest = str_sub(rest, (uint32_t)(at - rest.p) + homes[i].n, rest.n);
            for (uint32_t j = 0; j < sizeof folders / sizeof *folders; j++)
                if (str_starts(rest, folders[j]))
                    return true;
        }
    }
    return false;
}

static struct str home_reason(const struct check *check, const struct stage *stage, const struct runner *runner) {
    static const struct str parts = STR_INIT(
        "parts of the program are below /root, which only root can read: put them elsewhere, such as /app or /opt");
    struct str directory = stage_workdir(stage, stage->end);
    struct str_list folders = runner->written;
    if (directory.p && path_is_below(directory, STR("/root")))
        return parts;
    for (uint32_t i = 0; i < folders.n; i++)
        if (path_is_below(folders.list[i], STR("/root")))
            return parts;
    for (const struct stage *where = stage; where; where = where->parent)
        for (uint32_t i = where->from + 1; i < where->end; i++) {
            enum df_kind kind = where->dockerfile->list[i].kind;
            struct str target = stage_copy_target(check->arena, where, i);
            if (target.p && path_is_below(target, STR("/root")))
                return parts;
            struct str reason = kind == DF_RUN ? installed_at_home(check->arena, stage, where, i) : nothing;
            bool is_used = kind == DF_RUN || kind == DF_ENV || kind == DF_CMD || kind == DF_ENTRYPOINT;
            if (reason.p || (is_used && uses_home(arguments(where, i), kind)))
                return reason.p ? reason : parts;
        }
    return nothing;
}

/* --- programs from elsewhere ---------------------------------------------------------------------------------------
 */

/* Whether a RUN instruction downloads or unpacks something into a folder, as far as its words tell. */
static bool fetches_into(struct arena *arena, const struct stage *stage, uint32_t index, struct str folder) {
    static const struct str tools[] = {STR_INIT("bsdtar"), STR_INIT("curl"),  STR_INIT("git"),
                                       STR_INIT("tar"),    STR_INIT("unzip"), STR_INIT("wget")};
    const struct shell_script *script = stage_script(arena, &stage->dockerfile->list[index]);
    struct str directory = script ? stage_workdir(stage, index) : nothing;
    bool is_tool = false, is_there = directory.p && str_eq(directory, folder);
    struct str text = arguments(stage, index);
    if (!script && stage->dockerfile->list[index].kind == DF_RUN)
        return str_contains(text, folder) && (str_contains(text, STR("git clone")) ||
                                              str_contains(text, STR("curl ")) || str_contains(text, STR("wget ")));
    for (uint32_t c = 0; script && c < script->n; c++) {
        const struct shell_command *command = &script->list[c];
        bool is_here = command->n_words && STR_IS_IN(command->words[0].text, tools);
        is_tool |= is_here;
        for (uint32_t i = 1; is_here && i < command->n_words; i++)
            is_there |= str_starts(command->words[i].text, STR("/")) &&
                        path_is_below(path_join(arena, STR("/"), command->words[i].text), folder);
    }
    return is_tool && is_there;
}

/* A program that is downloaded into its working directory, with nothing that tells where it writes. */
static struct str fetched_reason(const struct check *check, const struct stage *stage, const struct runner *runner) {
    struct arena *arena = check->arena;
    struct str directory = stage_workdir(stage, stage->end);
    struct str_list words = program_words(arena, stage);
    bool is_fetched = false;
    if (!directory.p || str_eq(directory, STR("/")) || !words.n || runner->written.n ||
        !(template_has_name(NAMES_NEEDS_NOTHING, words.list[0]) ||
          (str_find(words.list[0], 0, '/') < words.list[0].n &&
           path_is_below(path_join(arena, directory, words.list[0]), directory))))
        return nothing;
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            struct str target = stage_copy_target(arena, stage, i);
            if (target.p && path_is_below(target, directory))
                return nothing;
            is_fetched |= fetches_into(arena, stage, i, directory);
        }
    return is_fetched ? STR("its program is downloaded into its working directory, and whether it writes there is not "
                            "known: name the folders that it writes to with VOLUME")
                      : nothing;
}

/* --- how it is run -------------------------------------------------------------------------------------------------
 */

/* Whether a file that describes an action of GitHub names the Dockerfile as its image. */
static bool is_image_of(struct str action, struct str dockerfile) {
    bool is_docker = false, is_named = false;
    for (struct str line; str_cut(&action, '\n', &line);) {
        line = str_trim(line);
        is_docker |= str_starts(line, STR("using:")) && str_contains(line, STR("docker"));
        is_named |= str_starts(line, STR("image:")) && str_contains(line, dockerfile);
    }
    return is_docker && is_named;
}

/* Docker actions must be root, who alone reaches what GitHub mounts
 * (docs.github.com/en/actions/reference/dockerfile-support-for-github-actions, "USER"). */
static struct str action_reason(const struct check *check, const struct stage *stage) {
    static const struct str names[] = {STR_INIT("action.yml"), STR_INIT("action.yaml")};
    bool is_action = false;
    for (uint32_t i = 0; i < 2; i++)
        is_action |= is_image_of(project_context_file(check->project, check->document->context, names[i], check->arena),
                                 path_name(check->document->path));
    for (uint32_t i = stage->from + 1; i < stage->end; i++)
        is_action |= stage->dockerfile->list[i].kind == DF_LABEL &&
                     str_contains(arguments(stage, i), STR("com.github.actions."));
    return is_action ? STR("it is an action of GitHub, which must be root to reach the files that GitHub mounts: that "
                           "is all right")
                     : nothing;
}

/* --- everything ----------------------------------------------------------------------------------------------------
 */

/* Whether a mode of chmod(1) lets a program run as its owner: 4755, u+s, +s. */
static bool is_setuid(struct str mode) {
    uint32_t number, plus = str_find(mode, 0, '+');
    if (str_number(mode, 7777, &number))
        return mode.n == 4 && mode.p[0] >= '4';
    struct str who = str_sub(mode, 0, plus);
    bool is_user = who.n == 0 || str_find(who, 0, 'u') < who.n || str_find(who, 0, 'a') < who.n;
    return plus < mode.n && is_user && str_find(mode, plus, 's') < mode.n;
}

/* A program that RUN makes run as root, whoever starts it; {NULL, 0} where there is none. */
static struct str setuid_program(struct arena *arena, const struct stage *stage) {
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            const struct shell_script *script = stage_script(arena, &stage->dockerfile->list[i]);
            for (uint32_t c = 0; script && c < script->n; c++)
                for (uint32_t w = 1; w + 1 < script->list[c].n_words; w++)
                    if (str_eq(script->list[c].words[0].text, STR("chmod")) && is_setuid(script->list[c].words[w].text))
                        return script->list[c].words[w + 1].text;
        }
    return nothing;
}

/* Whether the stage changes the settings of its image's own program. */
static bool has_settings(const struct stage *stage) {
    struct str program = path_name(stage->image->cmd[0]);
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            const struct df_instruction *instruction = &stage->dockerfile->list[i];
            if ((stage_is_copy(instruction) || instruction->kind == DF_RUN) &&
                str_contains(arguments(stage, i), program))
                return true;
        }
    return false;
}

/* What the instructions of the stage do that another user could not, or must not, live with. */
static struct str content_reason(struct check *check, const struct stage *stage, const struct runner *runner) {
    struct arena *arena = check->arena;
    struct str_list folders = folders_to_own(check, stage, runner);
    uint32_t length = 0;
    for (uint32_t i = 0; i < folders.n; i++) {
        if (str_eq(folders.list[i], STR("/")))
            return STR("it writes to its working directory, which is /, and nobody but root may own that: give it a "
                       "WORKDIR of its own");
        if (!path_is_plain(folders.list[i]))
            return STR("a folder that it writes to has a name that would need quotes: rename it");
        length += folders.list[i].n + 1;
    }
    if (length > MAX_FOLDERS)
        return STR("it writes to more folders than fit into one instruction: put them into one");
    if (folders.n && !stage->image->has_shell)
        return str_printf(arena,
                          "it writes to %.*s, and its image has no shell in which that could be given to another user: "
                          "copy such a folder with --chown from another stage",
                          STR_ARG(folders.list[0]));
    if (stage_own(stage, DF_ONBUILD))
        return STR("it has ONBUILD instructions, which images that are built on it would run as that user: add USER to "
                   "those");
    if (runs_word(arena, stage, STR("setcap")))
        return STR("it gives a program capabilities (setcap), which are lost with the other measures: do without, such "
                   "as by a port above 1023");
    struct str program = setuid_program(arena, stage);
    if (program.p)
        return str_printf(arena,
                          "it makes %.*s setuid, which gives root to whoever starts it and is lost with the other "
                          "measures: do without",
                          STR_ARG(program));
    if (runner->is_worker && has_settings(stage))
        return str_printf(arena,
                          "it changes the settings of %.*s: see that its sockets, logs and pid file belong to "
                          "%.*s, then add USER %.*s",
                          STR_ARG(path_name(stage->image->cmd[0])), STR_ARG(runner->name), STR_ARG(runner->text));
    struct str hidden = hidden_file(check, stage, runner);
    if (hidden.p)
        return str_printf(arena,
                          "%.*s can be read by its owner only: give it to the program's user, or open it to others",
                          STR_ARG(hidden));
    struct str reason = home_reason(check, stage, runner);
    return reason.p ? reason : fetched_reason(check, stage, runner);
}

struct str root_reason(struct check *check, const struct stage *stage, const struct runner *runner) {
    struct arena *arena = check->arena;
    struct str reason = image_reason(arena, stage, runner);
    if (!reason.p)
        reason = account_reason(arena, stage, runner);
    if (!reason.p && runner->why_not)
        reason = str_printf(arena, "%s%s", runner->why_not,
                            runner->kind == RUNNER_ASKED ? "" : ": add USER with the number of one that it has");
    if (!reason.p)
        reason = content_reason(check, stage, runner);
    if (!reason.p)
        reason = action_reason(check, stage);
    if (reason.p)
        return reason;
    reason = project_needs_root(check->document, stage);
    if (reason.p)
        return str_printf(arena, "%.*s: take that from it first, if it can do without", STR_ARG(reason));
    reason = documented_need(arena, stage->dockerfile);
    if (reason.p)
        return reason;
    reason = program_obstacle(arena, check->project, check->document->context, stage, NULL, NULL);
    return reason.p ? reason : project_commands_obstacle(check->project, check->document, stage, arena);
}
