/* non-root-user: the final stage runs as the image's own user, or as one that is created for it. */
#include "rules_dockerfile.h"

#include "link.h"
#include "program.h"
#include "shell.h"
#include "template.h"

/* Ids of a user that is created: above those that distributions give out, and that scanners ask for (> 10000). */
enum { NEW_ID = 10001 };
#define NEW_USER "app"

/* The last instruction that changes the file system: root's work ends there. */
static uint32_t last_root_work(const struct stage *stage) {
    uint32_t last = (uint32_t)(stage_head(stage) - stage->dockerfile->list);
    for (uint32_t i = last + 1; i < stage->end; i++) {
        enum df_kind kind = stage->dockerfile->list[i].kind;
        if (kind == DF_RUN || stage_is_copy(&stage->dockerfile->list[i]) || kind == DF_WORKDIR || kind == DF_USER)
            last = i;
    }
    return last;
}

/* What decides whose a copied file becomes, worked out once for a stage. */
struct owning {
    struct arena *arena;
    const struct stage *stage;
    struct str directory;                  /* the working directory at the end */
    const struct df_instruction *last_run; /* NULL where there is none */
};

static struct owning owning_of(struct arena *arena, const struct stage *stage) {
    return (struct owning){arena, stage, stage_workdir(arena, stage, stage->end), stage_own(stage, DF_RUN)};
}

/* Whether a copy without an owner goes to the program's user: it brings files of the application, below the working
 * directory, that no later RUN works on. A build as root would meet files of another owner (git refuses such a
 * repository). */
static bool is_for_user(const struct owning *owning, uint32_t index) {
    const struct df_instruction *copy = &owning->stage->dockerfile->list[index];
    struct str directory = owning->directory;
    if (!stage_is_copy(copy) || df_flag(copy, STR("chown")).p || (owning->last_run && copy < owning->last_run) ||
        !directory.p || str_eq(directory, STR("/")))
        return false;
    struct str path = stage_copy_target(owning->arena, owning->stage, index);
    return path.p && path_is_below(path, directory);
}

/* Gives the program's user the copies that are for it. */
static void own_copies(struct arena *arena, const struct stage *stage, struct edits *edits, struct str ids) {
    struct owning owning = owning_of(arena, stage);
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        const struct df_instruction *copy = &stage->dockerfile->list[i];
        if (!is_for_user(&owning, i))
            continue;
        uint32_t at = copy->n_flags ? copy->flags[copy->n_flags - 1].at.end : copy->keyword_at.end;
        edits_add(edits, (struct span){at, at}, str_printf(arena, " --chown=%.*s", STR_ARG(ids)));
    }
}

/* A word of RUN that makes a user, and so a user that the author had in mind; {NULL, 0} where there is none. */
static struct str made_user(struct arena *arena, const struct stage *stage) {
    static const struct str tools[] = {STR_INIT("useradd"), STR_INIT("adduser")};
    for (uint32_t i = 0; i < 2; i++)
        if (runs_word(arena, stage, tools[i]))
            return tools[i];
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

/* The folders that the program must be able to write to, as far as the Dockerfile and its services tell. */
static struct str_list written_folders(const struct check *check, const struct stage *stage) {
    struct workload workload = workload_of(check->arena, stage);
    const struct str_list lists[] = {workload.volumes, workload.writable,
                                     project_volumes(check->document, &workload, check->arena)};
    VEC(struct str) folders = {0};
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t j = 0; j < lists[i].n; j++)
            *vec_push(check->arena, &folders) = lists[i].list[j];
    return (struct str_list){folders.at, folders.n};
}

/* Whether a mode of chmod(1) leaves nothing to others: 700, 0640, o-r, go-rwx. */
static bool hides(struct str mode) {
    bool is_number = mode.n >= 3 && mode.n <= 4;
    for (uint32_t i = 0; i < mode.n; i++)
        is_number &= mode.p[i] >= '0' && mode.p[i] <= '7';
    return is_number
               ? !((mode.p[mode.n - 1] - '0') & 4)
               : str_contains(mode, STR("o-r")) || str_contains(mode, STR("go-")) || str_contains(mode, STR("o="));
}

static bool run_hides(struct arena *arena, const struct df_instruction *run) {
    struct shell_script *script = stage_script(arena, run);
    for (uint32_t i = 0; script && i < script->n; i++) {
        const struct shell_command *command = &script->list[i];
        bool is_tool = command->n_words &&
                       (str_eq(command->words[0].text, STR("chmod")) || str_eq(command->words[0].text, STR("install")));
        for (uint32_t j = 1; is_tool && j < command->n_words; j++)
            if (hides(command->words[j].text))
                return true;
    }
    return false;
}

/* What only root could read if the program had another user: one word of the file; {NULL, 0} where there is nothing. */
static struct str hidden_file(struct check *check, const struct stage *stage) {
    struct owning owning = owning_of(check->arena, stage);
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        const struct df_instruction *instruction = &stage->dockerfile->list[i];
        if (instruction->kind == DF_RUN && run_hides(check->arena, instruction))
            return STR("a file that RUN changes the mode of");
        if (!stage_is_copy(instruction) || df_flag(instruction, STR("chown")).p || is_for_user(&owning, i))
            continue;
        if (hides(df_flag(instruction, STR("chmod"))))
            return instruction->words[0].text;
        for (uint32_t j = 0; !df_flag(instruction, STR("from")).p && j + 1 < instruction->n_words; j++)
            if (!project_is_readable(check->project, context_folder(check), instruction->words[j].text, check->arena))
                return instruction->words[j].text;
    }
    return (struct str){NULL, 0};
}

/* scratch: there is nothing to create a user in, and a number needs no entry. */
static bool is_empty_image(const struct image *image) {
    return str_eq(image->family_name, STR("scratch"));
}

/* Why the stage keeps root; {NULL, 0} where facts allow another user. */
static struct str obstacle(struct check *check, const struct stage *stage) {
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
    bool has_user = (image->uid && !(image->unverified & UNVERIFIED_USER)) || is_empty_image(image);
    if (!has_user && !(image->family && image->family->create_user.n))
        return STR("how to create a user on its base image is not known");
    if (!has_user && !starts_as_root(arena, stage))
        return STR("its base image does not build as root, so that no user can be created");
    for (uint32_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (runs_word(arena, stage, tools[i]))
            return str_printf(arena, "it installs %.*s to change the user at run time", STR_ARG(tools[i]));
    struct str tool = made_user(arena, stage);
    if (tool.p)
        return str_printf(arena, "it makes a user of its own (%.*s) and does not switch to it", STR_ARG(tool));
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
    struct workload workload = workload_of(arena, stage);
    if (!image->has_shell && (workload.volumes.n || project_volumes(check->document, &workload, arena).n))
        return STR("it has volumes, and no shell in which they could be given to another user");
    return program_obstacle(arena, check->project, context_folder(check), stage, NULL, NULL);
}

/* The folders that the program writes to get its user, before VOLUME fixes their content. */
static void own_folders(struct check *check, const struct stage *stage, struct edits *edits, struct str ids,
                        uint32_t last) {
    struct str_list folders = written_folders(check, stage);
    struct buf paths = {.arena = check->arena};
    for (uint32_t i = 0; i < folders.n; i++)
        buf_printf(&paths, " %.*s", STR_ARG(folders.list[i]));
    struct str list = buf_str(&paths);
    if (list.n == 0)
        return;
    const struct df_instruction *volume = NULL;
    for (uint32_t i = stage->from + 1; i < last && !volume; i++)
        if (stage->dockerfile->list[i].kind == DF_VOLUME)
            volume = &stage->dockerfile->list[i];
    struct str line =
        str_printf(check->arena, "RUN mkdir -p%.*s && chown %.*s%.*s\n", STR_ARG(list), STR_ARG(ids), STR_ARG(list));
    line = dockerfile_text(check->arena, stage->dockerfile, line);
    if (volume)
        rule_insert_before(check, edits, volume->top, line);
    else
        rule_insert_after(check, edits, stage->dockerfile->list[last].at.end, line);
}

/* ENV lines for what the program would write to its home folder, which need not be writable. */
static struct str environment(struct arena *arena, const struct stage *stage) {
    struct str_list words = program_words(arena, stage);
    struct buf lines = {.arena = arena};
    for (uint32_t i = 0; words.n && i < template_n_environment; i++) {
        const struct environment *row = &template_environment[i];
        struct str reference = str_printf(arena, "${%.*s}", STR_ARG(row->name));
        if (str_eq(row->program, words.list[0]) && !stage_expand(arena, stage, stage->end, reference).n)
            buf_printf(&lines, "ENV %.*s=%.*s\n", STR_ARG(row->name), STR_ARG(row->value));
    }
    return buf_str(&lines);
}

/* Whether what the stage says of its user is what the child starts with. */
static bool inherits_user(const struct stage *child, const struct stage *stage) {
    const struct stage *parent = child->parent;
    while (parent && parent != stage && !stage_own(parent, DF_USER) && !stage_own(parent, DF_RUN))
        parent = parent->parent;
    return parent == stage;
}

/* Stages that are built on this one go on as root, as they did. */
static void keep_children(struct check *check, const struct stage *stage, struct edits *edits) {
    struct stages stages = check->document->stages;
    for (uint32_t i = 0; i < stages.n; i++) {
        const struct stage *child = &stages.list[i];
        const struct df_instruction *list = child->dockerfile->list;
        uint32_t first = child->from + 1;
        while (first < child->end && list[first].kind != DF_RUN && list[first].kind != DF_USER)
            first++;
        if (first < child->end && list[first].kind == DF_RUN && inherits_user(child, stage))
            rule_insert_after(check, edits, list[child->from].at.end,
                              dockerfile_text(check->arena, child->dockerfile, STR("USER root\n")));
    }
}

static void plan(struct check *check, const struct stage *stage, struct edits *edits, uint32_t uid, uint32_t gid,
                 bool is_new) {
    struct arena *arena = check->arena;
    const struct dockerfile *dockerfile = stage->dockerfile;
    struct str uid_text = str_printf(arena, "%u", uid), gid_text = str_printf(arena, "%u", gid);
    struct str ids = str_printf(arena, "%u:%u", uid, gid);
    if (is_new) {
        const struct template_variable list[] = {{"user", STR(NEW_USER)}, {"uid", uid_text}, {"gid", gid_text}};
        struct str text = template_fill(arena, stage->image->family->create_user, (struct template_variables){list, 3});
        rule_insert_after(check, edits, stage_head(stage)->at.end, dockerfile_text(arena, dockerfile, text));
    }
    uint32_t last = last_root_work(stage);
    own_copies(arena, stage, edits, ids);
    own_folders(check, stage, edits, ids, last);
    rule_insert_after(
        check, edits, dockerfile->list[last].at.end,
        dockerfile_text(arena, dockerfile,
                        str_printf(arena, "%.*sUSER %.*s\n", STR_ARG(environment(arena, stage)), STR_ARG(ids))));
    keep_children(check, stage, edits);
}

static void check_stage(struct check *check, const struct stage *stage) {
    struct user user = stage_user(check->arena, stage);
    const struct image *image = stage->image;
    const struct df_instruction *from = &stage->dockerfile->list[stage->from];
    if (user.kind == USER_OTHER)
        return;
    if (user.kind == USER_UNKNOWN && user.where) {
        rule_found(check, user.where->at.start,
                   "the user is a variable without a value: give its ARG or ENV a default");
        return;
    }
    if (image && str_eq(image->family_name, STR("windows")))
        return;
    const struct df_instruction *start = stage_last(stage, DF_CMD);
    if (!start)
        start = stage_last(stage, DF_ENTRYPOINT);
    uint32_t at = (user.where ? user.where : start ? start : from)->at.start;
    if (!start) {
        rule_found(
            check, at,
            "runs as root, and starts no program of its own: whether it is a base for others cannot be seen. Add "
            "USER where it is run");
        return;
    }
    struct str why_not = obstacle(check, stage);
    if (why_not.p) {
        rule_found(check, at, "runs as root, which is left so: %.*s. Change that, or add USER yourself",
                   STR_ARG(why_not));
        return;
    }
    bool has_user = image->uid && !(image->unverified & UNVERIFIED_USER);
    uint32_t uid = has_user ? image->uid : NEW_ID, gid = has_user ? image->gid : NEW_ID;
    has_user |= is_empty_image(image);
    struct finding *finding =
        has_user && image->user.n && !is_empty_image(image)
            ? rule_found(check, at, "runs as root: run it as %.*s (%u:%u), the user that the base image has for it",
                         STR_ARG(image->user), uid, gid)
            : rule_found(check, at, "runs as root: run it as a user of its own (%u:%u)", uid, gid);
    plan(check, stage, rule_fix(finding, user.where ? SAFETY_UNSAFE : SAFETY_SAFE), uid, gid, !has_user);
}

void non_root_user_dockerfile(struct check *check) {
    const struct stage *stage;
    for (uint32_t i = 0; (stage = final_stage(check, i)); i++)
        check_stage(check, stage);
}
