/* --format=github: workflow commands, which become annotations (docs.github.com/actions, "Workflow commands"; how
 * values are escaped: github.com/actions/toolkit, packages/core/src/command.ts). */
#include "report_parts.h"

static struct str escaped(struct arena *arena, struct str text, bool is_property) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0, length; i < text.n; i += length) {
        bool is_shown;
        length = text_next(text, i, &is_shown);
        char c = text.p[i];
        if (c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ',')))
            buf_printf(&out, "%%%02X", (unsigned)c);
        else
            buf_add(&out, text_visible(arena, str_sub(text, i, i + length)));
    }
    return buf_str(&out);
}

static void put_command(const struct report *report, enum level level, struct str path, struct position at,
                        struct str title, struct str message, struct arena *scratch) {
    static const char *const commands[] = {"error", "warning", "notice"};
    fprintf(report->out, "::%s ", commands[level]);
    if (path.n)
        fprintf(report->out, "file=%.*s,", STR_ARG(escaped(scratch, path, true)));
    if (at.line)
        fprintf(report->out, "line=%u,col=%u,", at.line, at.column);
    fprintf(report->out, "title=%.*s::%.*s\n", STR_ARG(escaped(scratch, title, true)),
            STR_ARG(escaped(scratch, message, false)));
}

static void github_begin(struct report *report) {
    (void)report;
}

static void github_document(struct report *report, const struct document *document, struct arena *scratch) {
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (finding_is_open(report, finding))
            put_command(report, finding_level(report, finding), document->path, finding->where, finding->rule->id,
                        finding->message, scratch);
    }
}

static void github_end(struct report *report, const struct diags *diags) {
    ARENA(scratch);
    for (uint32_t i = 0; i < diags->list.n; i++) {
        const struct diag *diag = &diags->list.at[i];
        put_command(report, LEVEL_ERROR, diag->path, diag->at, STR("ironhull"), diag->message, &scratch);
    }
}

const struct report_format report_github = {STR_INIT("github"), true, github_begin, github_document, NULL, github_end};
