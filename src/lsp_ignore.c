/* Comments that leave a finding as it is. */
#include "lsp.h"

/* The line that a comment is to stand directly above, by the offset of its start: that of the instruction, the key or
 * the item that an offset lies in. */
static uint32_t line_above(struct arena *arena, struct source *source, uint32_t at) {
    struct diags silent = {.arena = arena};
    struct dockerfile *dockerfile =
        source->format == FORMAT_DOCKERFILE ? dockerfile_parse(arena, source, &silent) : NULL;
    for (uint32_t i = 0; dockerfile && i < dockerfile->n; i++)
        if (dockerfile->list[i].at.start <= at && at <= dockerfile->list[i].at.end)
            return source_line_start(source, dockerfile->list[i].at.start);
    return source_line_start(source, at);
}

/* What the comments of a Dockerfile say. */
static struct suppress comments_of(struct arena *arena, struct source *source, const struct config *config) {
    struct diags silent = {.arena = arena};
    struct dockerfile *dockerfile = dockerfile_parse(arena, source, &silent);
    return dockerfile
               ? suppress_dockerfile(arena, dockerfile, stages_of(arena, dockerfile, &config->images), config->writable)
               : (struct suppress){0};
}

static struct str comment(struct arena *arena, struct source *source, uint32_t line, struct str rule) {
    uint32_t end = line;
    while (end < source->text.n && (source->text.p[end] == ' ' || source->text.p[end] == '\t'))
        end++;
    return str_printf(arena, "%.*s# ironhull: ignore=%.*s -- TODO: say why%.*s",
                      STR_ARG(str_sub(source->text, line, end)), STR_ARG(rule), STR_ARG(source->eol));
}

/* What a comment above a line of a Dockerfile would be about: it is put there, and read. */
static bool dockerfile_scope(const struct document *document, struct source *source, uint32_t line, struct span *ret) {
    ARENA(scratch);
    struct str text = source->text, rule = rules[0].id, added = comment(&scratch, source, line, rule);
    struct source changed = source_from(&scratch, document->path,
                                        str_printf(&scratch, "%.*s%.*s%.*s", STR_ARG(str_sub(text, 0, line)),
                                                   STR_ARG(added), STR_ARG(str_sub(text, line, text.n))),
                                        document->format);
    struct suppress suppress = comments_of(&scratch, &changed, document->config);
    for (uint32_t i = 0; i < suppress.list.n; i++) {
        const struct suppression *suppression = suppress.list.at[i];
        if (suppression->at < line || suppression->at >= line + added.n)
            continue;
        bool is_file = suppression->scope.end == UINT32_MAX;
        *ret = (struct span){is_file ? 0 : line, is_file ? UINT32_MAX : suppression->scope.end - added.n};
        return true;
    }
    return false;
}

static struct lsp_scope scope_of(struct lsp_analysis *analysis, struct source *source, uint32_t line) {
    struct lsp_scope scope = {.is_read = true, .line = line};
    const struct yaml *yaml = source->format == FORMAT_DOCKERFILE ? NULL : lsp_yaml(analysis);
    if (source->format == FORMAT_DOCKERFILE)
        scope.is_there = dockerfile_scope(analysis->document, source, line, &scope.at);
    else
        scope.is_there = yaml && suppress_yaml_scope(yaml, line, &scope.at);
    return scope;
}

static bool is_in(struct span at, uint32_t offset) {
    return at.start <= offset && offset <= at.end;
}

bool lsp_ignore(struct lsp_analysis *analysis, const struct finding *finding, struct arena *arena,
                struct lsp_ignore *ret) {
    const struct document *document = analysis->document;
    struct source source = source_from(arena, document->path, document->before, document->format);
    if (!lsp_is_own(analysis, finding) || document->format == FORMAT_DOCKERIGNORE ||
        str_ends(document->path, STR(".json")) || str_eq(finding->rule->id, STR("suppression")))
        return false;
    uint32_t line = line_above(arena, &source, finding->at);
    if (!analysis->scope.is_read || analysis->scope.line != line)
        analysis->scope = scope_of(analysis, &source, line);
    const struct span scope = analysis->scope.at;
    if (!analysis->scope.is_there || !is_in(scope, finding->at))
        return false;
    *ret = (struct lsp_ignore){line, comment(arena, &source, line, finding->rule->id), scope.end == UINT32_MAX, 0};
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *other = document->findings.at[i];
        ret->n += other->rule == finding->rule && !other->is_suppressed && is_in(scope, other->at);
    }
    return true;
}
