/* What `docker run` is to be told to start a compose service in the same way. */
#include "emit_parts.h"

/* What an engine takes for a container's name, and no shell for anything else; each once. */
static struct str name_of(struct emit *emit, struct str text) {
    struct arena *arena = emit->arena;
    struct buf name = {.arena = arena};
    for (uint32_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (str_is_alnum(c) || (name.n && (c == '_' || c == '.' || c == '-')))
            buf_byte(&name, c);
        else if (name.n)
            buf_byte(&name, '-');
    }
    struct str first = name.n ? buf_str(&name) : STR("app"), unique = first;
    for (uint32_t i = 2; map_get(&emit->names, unique); i++)
        unique = str_printf(arena, "%.*s-%u", STR_ARG(first), i);
    map_add(&emit->names, arena, unique, emit);
    return unique;
}

struct run *run_of(struct emit *emit, struct compose_files *files, struct place place) {
    struct arena *arena = emit->arena;
    struct merged *merged = arena_new(arena, struct merged);
    struct run *run = arena_new(arena, struct run);
    struct maker maker = {emit, arena, merged, run, {NULL, 0}};
    *merged = merged_service(files, place);
    const struct yaml_node *image = merged->n ? merged_get(merged, STR("image")) : NULL;
    if (merged->n == 0 || merged->missing.p || !(image || merged_get(merged, STR("build"))))
        return NULL;
    run->title = plain_text(arena, emit->title.p ? emit->title
                                                 : str_printf(arena, "%.*s: service %.*s",
                                                              STR_ARG(place.document->path), STR_ARG(place.name)));
    run->name = name_of(emit, place.name);
    run->image = image ? maker_word(&maker, "", yaml_text(image)) : str_lower(arena, run->name);
    if (!run->image.n || str_starts(run->image, STR("-"))) /* not the name of an image */
        return NULL;
    maker_build(&maker);
    maker_flags(&maker);
    maker_command(&maker, STR("entrypoint"), true);
    maker_command(&maker, STR("command"), false);
    struct workload workload = project_service(files->project, merged, arena);
    run->runtime = workload.is_known ? workload.runtime : STR("");
    merged->variables = NULL; /* no value of .env is to be printed */
    maker_facts(&maker, &workload);
    return run;
}
