/* builder-stage: dependencies are installed in a stage of their own, and the runtime stage takes the result. */
#include "rules_dockerfile.h"

#include "dockerignore.h"
#include "shell.h"
#include "template.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>

/* --- recognising the installation ----------------------------------------------------------------------------------
 */

static void free_code(pcre2_code **code) {
    pcre2_code_free(*code);
}

static void free_match(pcre2_match_data **match) {
    pcre2_match_data_free(*match);
}

static bool matches(struct str pattern, struct str text) {
    int error;
    PCRE2_SIZE offset;
    __attribute__((cleanup(free_code))) pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, 0, &error, &offset, NULL);
    if (!code)
        return false;
    __attribute__((cleanup(free_match))) pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    return match && pcre2_match(code, (PCRE2_SPTR)text.p, text.n, 0, 0, match, NULL) >= 0;
}

/* The words of a command with single spaces; {NULL, 0} where one of them is for a shell to expand. */
static struct str command_line(struct arena *arena, const struct shell_command *command) {
    struct buf line = {.arena = arena};
    for (uint32_t i = 0; i < command->n_words; i++) {
        if (!command->words[i].is_constant)
            return (struct str){NULL, 0};
        if (i)
            buf_byte(&line, ' ');
        buf_add(&line, command->words[i].text);
    }
    return buf_str(&line);
}

/* Whether a RUN instruction holds the installation; *ret_only: and nothing else that matters. */
static bool installs(struct arena *arena, const struct df_instruction *run, const struct ecosystem *ecosystem,
                     bool *ret_only) {
    if (run->kind != DF_RUN || !run->n_words || !str_contains(run->words[0].text, ecosystem->manager))
        return false;
    struct shell_script *script = stage_script(arena, run);
    uint32_t n = 0;
    *ret_only = true;
    for (uint32_t i = 0; script && i < script->n; i++) {
        struct str line = command_line(arena, &script->list[i]);
        if (line.p && matches(ecosystem->install, line))
            n++;
        else if (!line.p || !matches(ecosystem->harmless, line))
            *ret_only = false;
    }
    *ret_only &= n == 1;
    return n > 0;
}

/* The manifest's reason against a split; NULL where it has none. */
static const char *manifest_obstacle(const struct check *check, const struct ecosystem *ecosystem, struct str folder) {
    struct str text = project_context_file(check->project, folder, ecosystem->manifest, check->arena);
    if (!text.p)
        return NULL; /* not at hand: the Dockerfile alone speaks */
    json_t *root = json_loadb(text.p, text.n, 0, NULL);
    const char *reason = root ? NULL : "the manifest is no valid JSON";
    static const char *const hooks[] = {"preinstall", "install", "postinstall", "prepare"};
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks && !reason; i++)
        if (json_object_get(json_object_get(root, "scripts"), hooks[i]))
            reason = "the manifest runs scripts of its own when it is installed";
    const char *manager = json_string_value(json_object_get(root, "packageManager"));
    if (!reason && manager && str_starts(str_of(manager), STR("yarn@")) && !str_starts(str_of(manager), STR("yarn@1")))
        reason = "yarn 2 and later need not install into node_modules";
    if (!reason && project_context_file(check->project, folder, STR(".yarnrc.yml"), check->arena).p)
        reason = "yarn 2 and later need not install into node_modules";
    if (!reason && json_object_get(root, "workspaces"))
        reason = "the manifest has workspaces";
    static const char *const groups[] = {"dependencies", "optionalDependencies", "devDependencies"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        const char *name;
        json_t *version;
        json_object_foreach(json_object_get(root, groups[i]), name, version) {
            n += i < 2;
            const char *spec = json_string_value(version);
            for (uint32_t j = 0; j < ecosystem->n_outside && !reason; j++)
                if (str_eq(str_of(name), ecosystem->outside[j]))
                    reason = "a dependency downloads files to the home folder";
            if (!reason && spec && (str_starts(str_of(spec), STR("file:")) || str_starts(str_of(spec), STR("link:"))))
                reason = "a dependency is a local folder";
        }
    }
    if (!reason && n == 0)
        reason = "the manifest has no dependencies";
    json_decref(root);
    return reason;
}

/* --- planning the split --------------------------------------------------------------------------------------------
 */

/* The folder part of a source ("" for the context's root) without "./" and a final "/". */
static struct str source_folder(struct arena *arena, struct str source) {
    struct str clean = path_join(arena, STR("/"), source);
    return str_sub(clean, 1, str_rfind(clean, '/') ? str_rfind(clean, '/') : 1);
}

/* Whether a later copy of a whole folder brings what `copy` brings, to the same place. */
static bool is_covered(struct arena *arena, const struct stage *stage, uint32_t index, uint32_t from) {
    const struct df_instruction *copy = &stage->dockerfile->list[index];
    struct str directory = stage_workdir(arena, stage, index);
    for (uint32_t i = from; i < stage->end; i++) {
        const struct df_instruction *later = &stage->dockerfile->list[i];
        if (later->kind != DF_COPY || df_flag(later, STR("from")).p || later->n_words != 2)
            continue;
        struct str later_directory = stage_workdir(arena, stage, i);
        if (!later_directory.p || !directory.p)
            return false;
        bool is_same = str_eq(path_join(arena, directory, copy->words[copy->n_words - 1].text),
                              path_join(arena, later_directory, later->words[1].text));
        struct str folder = path_join(arena, STR("/"), later->words[0].text);
        for (uint32_t j = 0; j + 1 < copy->n_words && is_same; j++)
            is_same = str_eq(source_folder(arena, copy->words[j].text), str_sub(folder, 1, folder.n));
        if (is_same)
            return true;
    }
    return false;
}

/* What an instruction before the installation means for the split. */
enum part { PART_STAYS, PART_REPEATED, PART_STOPS };

/* Whether ARG's variable is used by anything but RUN instructions, which end with the installation. */
static bool is_used_later(struct arena *arena, const struct stage *stage, uint32_t index) {
    const struct df_instruction *list = stage->dockerfile->list;
    for (uint32_t w = 0; w < list[index].n_words; w++) {
        struct str name = str_sub(list[index].words[w].text, 0, str_find(list[index].words[w].text, 0, '='));
        struct str plain = str_printf(arena, "$%.*s", STR_ARG(name)),
                   braced = str_printf(arena, "${%.*s", STR_ARG(name));
        for (uint32_t i = index + 1; i < stage->end; i++) {
            struct str text = source_slice(stage->dockerfile->source, list[i].at);
            if (list[i].kind != DF_RUN && (str_contains(text, plain) || str_contains(text, braced)))
                return true;
        }
    }
    return false;
}

/* Whether a copy brings nothing but the package manager's settings, which may hold credentials. */
static bool is_settings(const struct df_instruction *copy) {
    for (uint32_t i = 0; i + 1 < copy->n_words; i++)
        if (!str_ends(copy->words[i].text, STR(".npmrc")) && !str_ends(copy->words[i].text, STR(".yarnrc")))
            return false;
    return true;
}

static enum part part_of(struct arena *arena, const struct stage *stage, uint32_t index, uint32_t install) {
    const struct df_instruction *instruction = &stage->dockerfile->list[index];
    switch (instruction->kind) {
    case DF_ARG:
        return is_used_later(arena, stage, index) ? PART_REPEATED : PART_STAYS;
    case DF_CMD:
    case DF_ENTRYPOINT:
    case DF_ENV:
    case DF_EXPOSE:
    case DF_HEALTHCHECK:
    case DF_LABEL:
    case DF_MAINTAINER:
    case DF_SHELL:
    case DF_STOPSIGNAL:
    case DF_USER:
    case DF_VOLUME:
    case DF_WORKDIR:
        return PART_REPEATED;
    case DF_COPY:
        if (instruction->n_words < 2 || instruction->n_heredocs)
            return PART_STOPS;
        return is_covered(arena, stage, index, install + 1) || is_settings(instruction) ? PART_STAYS : PART_REPEATED;
    default:
        return PART_STOPS;
    }
}

/* The name of the new stage: one that the file does not use. */
static struct str builder_name(struct arena *arena, const struct check *check) {
    static const char *const names[] = {"builder", "dependencies", "ironhull-builder"};
    for (size_t i = 0; i + 1 < sizeof names / sizeof *names; i++)
        if (!stages_target(check->document->stages, str_of(names[i])) &&
            !str_contains(check->document->source.text, str_printf(arena, "from=%s", names[i])))
            return str_of(names[i]);
    return STR("ironhull-builder");
}

static void split(struct check *check, const struct stage *stage, uint32_t install, const struct ecosystem *ecosystem,
                  struct str folder, struct edits *edits) {
    struct arena *arena = check->arena;
    const struct dockerfile *dockerfile = stage->dockerfile;
    const struct df_instruction *from = &dockerfile->list[stage->from];
    struct str name = builder_name(arena, check);
    struct str from_text = str_trim(source_slice(&check->document->source, from->at));
    if (from->n_words == 3) {
        edits_add(edits, from->words[2].at, name);
    } else {
        uint32_t end = from->words[0].at.end;
        bool is_lower = from_text.p[0] >= 'a';
        struct str as = str_printf(arena, " %s %.*s", is_lower ? "as" : "AS", STR_ARG(name));
        edits_add(edits, (struct span){end, end}, as);
    }
    struct buf lines = {.arena = arena};
    buf_printf(&lines, "\n%.*s\n", STR_ARG(from_text));
    for (uint32_t i = stage->from + 1; i < install; i++)
        if (part_of(arena, stage, i, install) == PART_REPEATED)
            buf_printf(&lines, "%.*s\n", STR_ARG(source_slice(&check->document->source, dockerfile->list[i].at)));
    struct stage installed = *stage;
    installed.end = install;
    struct user user = stage_user(arena, &installed); /* the owner stays */
    struct str chown =
        user.kind == USER_OTHER && user.has_ids ? str_printf(arena, "--chown=%u:%u ", user.uid, user.gid) : STR("");
    struct str copy = str_printf(arena, "COPY --from=%.*s %.*s%.*s/%.*s ./%.*s\n", STR_ARG(name), STR_ARG(chown),
                                 STR_ARG(folder), STR_ARG(ecosystem->installs), STR_ARG(ecosystem->installs));
    buf_add(&lines, dockerfile_text(arena, dockerfile, copy));
    rule_insert_after(check, edits, dockerfile->list[install].at.end, buf_str(&lines));
}

/* The first instruction that keeps the stage in one piece, and why; NULL where nothing does. */
static const struct df_instruction *split_obstacle(struct check *check, const struct stage *stage, uint32_t install,
                                                   const struct ecosystem *ecosystem, bool is_only,
                                                   const char **ret_reason) {
    const struct df_instruction *list = stage->dockerfile->list;
    *ret_reason = "it comes before the installation, and whether the program needs its result is not known";
    for (uint32_t i = stage->from + 1; i < install; i++)
        if (part_of(check->arena, stage, i, install) == PART_STOPS || df_flag(&list[i], STR("from")).p)
            return &list[i];
    *ret_reason = "it does more than install";
    if (!is_only)
        return &list[install];
    *ret_reason = "it comes after the installation and may need all of it";
    for (uint32_t i = install + 1; i < stage->end; i++)
        if (list[i].kind == DF_RUN || list[i].kind == DF_ONBUILD)
            return &list[i];
    *ret_reason = manifest_obstacle(check, ecosystem, context_folder(check));
    if (*ret_reason)
        return &list[install];
    *ret_reason = "the working directory is not known, or cannot be named in COPY without quotes";
    struct str folder = stage_workdir(check->arena, stage, install);
    return folder.p && path_is_plain(folder) ? NULL : &list[install];
}

void builder_stage_dockerfile(struct check *check) {
    const struct stage *stage = check->document->stages.list;
    if (check->document->stages.n != 1 || !stage->base.p ||
        (!stage_own(stage, DF_CMD) && !stage_own(stage, DF_ENTRYPOINT)))
        return;
    for (uint32_t i = stage->from + 1; i < stage->end; i++)
        for (uint32_t e = 0; e < template_n_ecosystems; e++) {
            const struct ecosystem *ecosystem = &template_ecosystems[e];
            const struct df_instruction *run = &stage->dockerfile->list[i];
            bool is_only;
            if (!installs(check->arena, run, ecosystem, &is_only))
                continue;
            const char *reason;
            const struct df_instruction *stop = split_obstacle(check, stage, i, ecosystem, is_only, &reason);
            if (stop) {
                rule_found(check, stop->at.start, "the stage is not split into builder and runtime at this %.*s: %s",
                           STR_ARG(source_slice(&check->document->source, stop->keyword_at)), reason);
                return;
            }
            struct finding *finding =
                rule_found(check, run->at.start,
                           "%.*s installs in the stage that runs: do it in a builder stage, so that its caches and "
                           "credentials stay out of the image",
                           STR_ARG(ecosystem->manager));
            finding->is_alone = true;
            struct str folder = stage_workdir(check->arena, stage, i);
            split(check, stage, i, ecosystem, str_eq(folder, STR("/")) ? STR("") : folder,
                  rule_fix(finding, SAFETY_SAFE));
            return;
        }
}

/* --- the build context ---------------------------------------------------------------------------------------------
 */

void builder_stage_dockerignore(struct check *check) {
    const struct document *owner = check->document->owner;
    struct str text = check->document->source.text;
    for (uint32_t i = 0; i < owner->workload.excludes.n; i++) {
        struct str path = owner->workload.excludes.list[i];
        if (dockerignore_excludes(check->arena, text, path))
            continue;
        struct edits *edits =
            rule_fix(rule_found(check, text.n,
                                "%.*s would come over what the builder stage installed: leave it out of the context",
                                STR_ARG(path)),
                     SAFETY_SAFE);
        struct str line = str_printf(check->arena, "%.*s\n", STR_ARG(path));
        uint32_t end = source_line_end(&check->document->source, text.n);
        if (text.n && text.p[text.n - 1] != '\n')
            rule_insert_after(check, edits, end, line);
        else
            rule_insert_before(check, edits, text.n, line);
    }
}
