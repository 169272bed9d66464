/* github-workflow: a file of YAML with scripts in it. */
#include "emit_parts.h"

#include "template.h"

/* Whether a word is the same in a block of YAML: printable ASCII, and nothing that GitHub would replace first. */
static bool is_fit(struct str word) {
    for (uint32_t i = 0; i < word.n; i++)
        if (word.p[i] < ' ' || word.p[i] > '~')
            return false;
    return !str_contains(word, STR("${{"));
}

void workflow_add(struct emit *emit, const struct run *run) {
    struct buf build = {.arena = emit->arena};
    struct image_reference reference;
    bool is_built = run->build.n > 0;
    for (uint32_t i = 0; i < run->build.n; i++) {
        is_built &= is_fit(run->build.at[i]);
        buf_printf(&build, "%s%.*s", i ? " " : "", STR_ARG(run->build.at[i]));
    }
    bool is_named = image_reference_parse(run->image, &reference) && !reference.digest.p;
    if (!is_built || !is_named) {
        if (run->is_built || run->build.n)
            buf_printf(&emit->out, "\n      # Build and scan the image of %.*s here: how, or its name, is not known.\n",
                       STR_ARG(run->title));
        return;
    }
    const struct template_variable variables[] = {
        {"name", run->name}, {"image", run->image}, {"build", buf_str(&build)}};
    buf_add(&emit->out, template_fill(emit->arena, emit_template("github-workflow-image.yml"),
                                      (struct template_variables){variables, 3}));
}
