/* init-process: a static tini for images without a package of it, out of a build stage of its own. */
#include "init_process.h"

#include "program.h"

/* The family whose package brings a static tini. */
static const struct family *source_family(void) {
    const struct family *family = image_families;
    while (!family->static_from.n)
        family++;
    return family;
}

/* The platform that FROM names for the stage or its base; {NULL, 0} where it names none. */
static struct str platform(const struct stage *stage) {
    while (stage->parent)
        stage = stage->parent;
    return df_flag(&stage->dockerfile->list[stage->from], STR("platform"));
}

/* Whether an earlier stage has a static tini for the same platform. */
static bool brings_tini(struct arena *arena, const struct stage *earlier, const struct stage *stage) {
    return earlier->name.n && earlier->image && earlier->image->family->static_tini.n &&
           str_starts(earlier->name, STR("tini")) && program_has_package(arena, earlier, STR("tini")) &&
           str_eq(platform(earlier), platform(stage));
}

static struct str free_name(const struct check *check) {
    static const char *const names[] = {"tini", "tini-static", "tini-stage"};
    struct str text = check->document->source.text;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!stages_target(check->document->stages, str_of(names[i])) &&
            !str_contains(text, str_printf(check->arena, "from=%s", names[i])))
            return str_of(names[i]);
    return (struct str){NULL, 0};
}

/* Plans the new number of one flag of a stage, where it names one from `first` on; `edits` may be NULL. False where
 * that is not written plainly. */
static bool renumber_flag(const struct check *check, const struct df_flag *flag, uint32_t first, uint32_t stage,
                          struct edits *edits) {
    struct str digits;
    uint32_t index;
    if (!df_flag_index(flag, &digits, &index) || index < first ||
        index >= stage) /* only earlier stages have a number */
        return true;
    struct str plain = str_printf(check->arena, "--%.*s=%.*s", STR_ARG(flag->name), STR_ARG(flag->value));
    if (!str_eq(source_slice(&check->document->source, flag->at), plain))
        return false;
    uint32_t at = flag->at.end - flag->value.n + (uint32_t)(digits.p - flag->value.p);
    if (edits)
        edits_add(edits, (struct span){at, at + digits.n}, str_printf(check->arena, "%u", index + 1));
    return true;
}

/* The same for all flags of the file. */
static bool renumber(const struct check *check, uint32_t first, struct edits *edits) {
    const struct stages *stages = &check->document->stages;
    bool is_plain = true;
    for (uint32_t s = first + 1; s < stages->n; s++)
        for (uint32_t i = stages->list[s].from; i < stages->list[s].end; i++) {
            const struct df_instruction *instruction = &check->document->dockerfile->list[i];
            for (uint32_t f = 0; f < instruction->n_flags; f++)
                is_plain &= renumber_flag(check, &instruction->flags[f], first, s, edits);
        }
    return is_plain;
}

const char *tini_stage_find(const struct check *check, const struct stage *stage, struct tini_stage *ret) {
    const struct document *document = check->document;
    uint32_t first = (uint32_t)(stage - document->stages.list), index;
    for (uint32_t i = 0; i < first; i++) {
        const struct stage *earlier = &document->stages.list[i];
        if (brings_tini(check->arena, earlier, stage)) {
            *ret = (struct tini_stage){earlier->name, earlier->image->family->static_tini, false};
            return NULL;
        }
    }
    *ret = (struct tini_stage){free_name(check), source_family()->static_tini, true};
    for (uint32_t b = 0; b < document->builds.n; b++)
        if (str_number(document->builds.at[b]->target, UINT32_MAX, &index) && index >= first)
            return "a service builds a stage by its number, which would change with a stage that brings tini: name it";
    if (!ret->name.p)
        return "the names for a stage that brings it are taken";
    return renumber(check, first, NULL) ? NULL : "a flag that names a stage by its number is not written plainly";
}

struct str tini_install(struct arena *arena, const struct family *family) {
    const struct template_variable package = {"packages", STR("tini")};
    return template_fill(arena, family->install, (struct template_variables){&package, 1});
}

void tini_stage_plan(struct check *check, const struct stage *stage, const struct tini_stage *tini,
                     struct edits *edits) {
    struct arena *arena = check->arena;
    const struct family *family = source_family();
    const struct df_instruction *from = &stage->dockerfile->list[stage->from];
    struct str target = platform(stage);
    struct str flag = target.n ? str_printf(arena, "--platform=%.*s ", STR_ARG(target)) : STR("");
    bool is_lower = source_slice(&check->document->source, from->keyword_at).p[0] >= 'a';
    struct str lines = str_printf(arena, "FROM %.*s%.*s %s %.*s\n%.*s\n", STR_ARG(flag), STR_ARG(family->static_from),
                                  is_lower ? "as" : "AS", STR_ARG(tini->name), STR_ARG(tini_install(arena, family)));
    rule_insert_before(check, edits, from->top, dockerfile_text(arena, stage->dockerfile, lines));
    renumber(check, (uint32_t)(stage - check->document->stages.list), edits);
}
