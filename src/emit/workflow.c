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

/* Whether it names an image, and is read as nothing else. */
static bool is_name(struct str image) {
    struct image_reference reference;
    return image_reference_parse(image, &reference) && !reference.digest.p;
}

/* An image whose name takes a variable is called as its container, too. */
void workflow_add(struct emit *emit, const struct run *run) {
    struct arena *arena = emit->arena;
    struct buf build = {.arena = arena};
    struct str image = is_name(run->image) ? run->image : str_lower(arena, run->name);
    bool is_fine = run->build.n && is_name(image);
    buf_printf(&build, "--tag=%.*s", STR_ARG(image));
    for (uint32_t i = str_eq(image, run->image); i < run->build.n; i++) { /* the first one is the tag */
        is_fine &= is_fit(run->build.at[i]);
        buf_printf(&build, " %.*s", STR_ARG(run->build.at[i]));
    }
    is_fine &= is_fit(run->profile);
    if (run->profile.n)
        buf_printf(&build, "\n          ironhull --emit=seccomp:%.*s >%.*s", STR_ARG(run->runtime),
                   STR_ARG(run->profile));
    const struct template_variable variables[] = {{"name", run->name}, {"image", image}, {"build", buf_str(&build)}};
    if (is_fine)
        buf_add(&emit->out, template_fill(arena, emit_template("github-workflow-image.yml"),
                                          (struct template_variables){variables, 3}));
    else if (run->is_built || run->build.n)
        buf_printf(&emit->out, "\n      # The image of %.*s is left out: how it is built cannot be written here.\n",
                   STR_ARG(run->title));
}
