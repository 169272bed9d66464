/* Comments that leave a finding as it is. */
#include "lsp.h"

/* Directly above the instruction that an offset lies in. */
static uint32_t instruction_line(const struct dockerfile *dockerfile, struct source *source, uint32_t at) {
    for (uint32_t i = 0; i < dockerfile->n; i++)
        if (dockerfile->list[i].at.start <= at && at <= dockerfile->list[i].at.end)
            return source_line_start(source, dockerfile->list[i].at.start);
    return source_line_start(source, at);
}

/* What the comments of a text say; false where it does not parse. */
static bool read(struct arena *arena, struct source *source, const struct config *config, struct suppress *ret,
                 struct dockerfile **ret_dockerfile) {
    struct diags silent = {.arena = arena};
    if (source->format == FORMAT_DOCKERFILE) {
        *ret_dockerfile = dockerfile_parse(arena, source, &silent);
        if (*ret_dockerfile)
            *ret = suppress_dockerfile(arena, *ret_dockerfile, stages_of(arena, *ret_dockerfile, &config->images));
        return *ret_dockerfile != NULL;
    }
    struct yaml *yaml = yaml_parse(arena, source, &silent);
    if (yaml)
        *ret = suppress_yaml(arena, yaml);
    return yaml != NULL;
}

static uint32_t count_silenced(const struct document *document, const struct finding *finding, struct span scope,
                               struct lsp_ignore *ignore) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *other = document->findings.at[i];
        uint32_t at = other->at + (other->at >= ignore->at ? ignore->line.n : 0);
        n += other->rule == finding->rule && !other->is_suppressed && scope.start <= at && at <= scope.end;
    }
    return n;
}

bool lsp_ignore(const struct lsp_analysis *analysis, const struct finding *finding, struct arena *arena,
                struct lsp_ignore *ret) {
    const struct document *document = analysis->document;
    struct str text = document->before;
    struct source source = source_from(arena, document->path, text, document->format), changed = source;
    struct suppress before, after;
    struct dockerfile *dockerfile = NULL;
    if (str_ends(document->path, STR(".json")) || str_eq(finding->rule->id, STR("suppression")) ||
        !read(arena, &source, document->config, &before, &dockerfile))
        return false;
    uint32_t at =
        dockerfile ? instruction_line(dockerfile, &source, finding->at) : source_line_start(&source, finding->at);
    uint32_t indent = at;
    while (indent < text.n && (text.p[indent] == ' ' || text.p[indent] == '\t'))
        indent++;
    ret->at = at;
    ret->line = str_printf(arena, "%.*s# ironhull: ignore=%.*s -- TODO: say why%.*s",
                           STR_ARG(str_sub(text, at, indent)), STR_ARG(finding->rule->id), STR_ARG(source.eol));
    changed.text = str_printf(arena, "%.*s%.*s%.*s", STR_ARG(str_sub(text, 0, at)), STR_ARG(ret->line),
                              STR_ARG(str_sub(text, at, text.n)));
    if (!read(arena, &changed, document->config, &after, &dockerfile) || after.misuses.n != before.misuses.n)
        return false;
    const struct suppression *by = suppress_find(&after, finding->rule->id, finding->at + ret->line.n);
    if (!by || by->at != indent)
        return false;
    ret->is_for_file = by->scope.end == UINT32_MAX;
    ret->n = count_silenced(document, finding, by->scope, ret);
    return true;
}
