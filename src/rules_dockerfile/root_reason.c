/* non-root-user: why a stage keeps root. */
#include "non_root_user.h"

#include "account.h"
#include "link.h"
#include "program.h"

/* A word of RUN that makes a user, and so a user that the author had in mind; {NULL, 0} where there is none. */
static struct str made_user(struct arena *arena, const struct stage *stage) {
    static const struct str tools[] = {STR_INIT("useradd"), STR_INIT("adduser")};
    for (uint32_t i = 0; i < 2; i++)
        if (runs_word(arena, stage, tools[i]))
            return tools[i];
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++)
            if (account_is_written(arena, &stage->dockerfile->list[i]))
                return STR("/etc/passwd");
    return (struct str){NULL, 0};
}

/* What leaves files in root's home folder when it runs, or uses them. */
static bool mentions_root_home(const struct stage *stage) {
    static const struct str hints[] = {
        STR_INIT("/root/.bun"),         STR_INIT("/root/.cargo"),        STR_INIT("/root/.deno"),
        STR_INIT("/root/.local"),       STR_INIT("/root/.nvm"),          STR_INIT("/root/.pyenv"),
        STR_INIT("/root/.rbenv"),       STR_INIT("/root/.sdkman"),       STR_INIT("HOME=/root"),
        STR_INIT("pip install --user"), STR_INIT("pip3 install --user"), STR_INIT("playwright install"),
        STR_INIT("nltk.download"),      STR_INIT("puppeteer browsers")};
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            const struct df_instruction *instruction = &stage->dockerfile->list[i];
            bool is_used = instruction->kind == DF_RUN || instruction->kind == DF_ENV;
            for (uint32_t j = 0; is_used && j < sizeof hints / sizeof *hints; j++)
                if (str_contains(source_slice(stage->dockerfile->source, instruction->args), hints[j]))
                    return true;
        }
    return false;
}

/* Whether files below /root, which only root can read, are part of the program. */
static bool lives_in_root_home(struct arena *arena, const struct stage *stage) {
    struct str directory = stage_workdir(arena, stage, stage->end);
    if ((directory.p && path_is_below(directory, STR("/root"))) || mentions_root_home(stage))
        return true;
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        struct str path = stage_copy_target(arena, stage, i);
        if (path.p && path_is_below(path, STR("/root")))
            return true;
    }
    return false;
}

struct str root_reason(struct check *check, const struct stage *stage, struct program_user *user) {
    static const struct str tools[] = {STR_INIT("gosu"), STR_INIT("su-exec"), STR_INIT("sudo"), STR_INIT("chpst")};
    struct arena *arena = check->arena;
    const struct image *image = stage->image;
    if (!stage->base.p)
        return STR("FROM has a variable without a value: give its ARG a default");
    if (!image)
        return str_printf(arena, "nothing is known of the base image %.*s", STR_ARG(stage->reference.repository));
    if (image->starts_as_root.n)
        return str_printf(arena, "the base image starts as root by design (%.*s)", STR_ARG(image->starts_as_root));
    if (image->unverified & UNVERIFIED_ALL)
        return STR("too little is known for certain of the base image");
    for (uint32_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (runs_word(arena, stage, tools[i]))
            return str_printf(arena, "it installs %.*s to change the user at run time", STR_ARG(tools[i]));
    struct str tool = made_user(arena, stage);
    if (tool.p)
        return str_printf(arena, "it makes a user of its own (%.*s) and does not switch to it", STR_ARG(tool));
    struct str no_user = str_of(choose_user(check, stage, user));
    if (no_user.p)
        return no_user;
    struct str_list folders = written_folders(check, stage);
    for (uint32_t i = 0; i < folders.n; i++)
        if (!path_is_plain(folders.list[i]))
            return STR("a folder that it writes to has a name that would need quotes");
    if (stage_own(stage, DF_ONBUILD))
        return STR("it has ONBUILD instructions, which images that are built on it would run as that user");
    if (runs_word(arena, stage, STR("setcap")))
        return STR("it gives a program capabilities (setcap), which are lost with the other measures");
    struct str hidden = hidden_file(check, stage);
    if (hidden.p)
        return str_printf(arena,
                          "%.*s can be read by its owner only: give it to the program's user, or open it to others",
                          STR_ARG(hidden));
    if (lives_in_root_home(arena, stage))
        return STR(
            "parts of the program are below /root, which only root can read: put them elsewhere, such as /app or /opt");
    struct str reason = project_needs_root(check->document, stage);
    if (reason.p)
        return reason;
    if (!image->has_shell && folders.n)
        return STR("it has folders that it writes to, and no shell in which they could be given to another user");
    return program_obstacle(arena, check->project, context_folder(check), stage, NULL, NULL);
}
