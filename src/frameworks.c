#include "template.h"
#include "writes.h"

/* What stands in quotes behind a word and the quote that ends it: 'mysite.settings' in `'DJANGO_SETTINGS_MODULE',
 * 'mysite.settings'`. Empty where nothing does. */
static struct str quoted_behind(struct str text, struct str word) {
    const char *at = text.n ? memmem(text.p, text.n, word.p, word.n) : NULL;
    struct str rest = at ? str_sub(text, (uint32_t)(at - text.p) + word.n + 1, text.n) : STR("");
    uint32_t single = str_find(rest, 0, '\''), twofold = str_find(rest, 0, '"');
    uint32_t start = single < twofold ? single : twofold;
    return start < rest.n ? str_sub(rest, start + 1, str_find(rest, start + 1, rest.p[start])) : STR("");
}

/* The text that tells whether a framework is used. */
static struct str framework_text(const struct project *project, const struct workload *workload,
                                 const struct framework *framework, struct arena *arena) {
    struct str text = project_context_file(project, workload->context, framework->manifest, arena), part;
    if (!framework->module.n || !text.p)
        return text;
    struct str rest = quoted_behind(text, framework->module);
    struct buf path = {.arena = arena};
    while (str_cut(&rest, '.', &part))
        buf_printf(&path, "%s%.*s", path.n ? "/" : "", STR_ARG(part));
    buf_printf(&path, ".py");
    return project_context_file(project, workload->context, buf_str(&path), arena);
}

/* Whether an instruction of the stage, or of an earlier one, which may build it, has one of the words. */
static bool has_sign(const struct stage *stage, const struct framework *framework) {
    for (uint32_t i = stage->first->from + 1; i < stage->end; i++)
        for (uint32_t j = 0; j < framework->signs.n; j++)
            if (str_contains(source_slice(stage->dockerfile->source, stage->dockerfile->list[i].args),
                             framework->signs.list[j]))
                return true;
    return false;
}

void frameworks_add(const struct project *project, const struct workload *workload, struct arena *arena,
                    struct texts *folders) {
    const struct stage *stage = workload->stage;
    struct str directory = stage_workdir(stage, stage->end);
    for (uint32_t i = 0; i < template_n_frameworks && directory.n > 1; i++) {
        const struct framework *framework = &template_frameworks[i];
        if (framework->runtime.n && !str_eq(workload->runtime, framework->runtime))
            continue;
        struct str text = framework_text(project, workload, framework, arena);
        bool is_used = str_contains(text, framework->dependency) || has_sign(stage, framework);
        for (uint32_t j = 0; is_used && j < framework->writes.n; j++)
            texts_add(folders, arena, path_join(arena, directory, framework->writes.list[j]));
    }
}
