#include "rules_dockerfile.h"

#include "shell.h"
#include "template.h"

const struct stage *final_stage(const struct check *check, uint32_t i) {
    const struct document *document = check->document;
    const struct stage *seen[16];
    uint32_t n = 0;
    seen[n++] = stages_target(document->stages, STR(""));
    for (uint32_t b = 0; b < document->builds.n && n < 16; b++) {
        const struct stage *stage = stages_target(document->stages, document->builds.at[b]->target);
        bool is_new = stage != NULL;
        for (uint32_t j = 0; j < n; j++)
            is_new &= seen[j] != stage;
        if (is_new)
            seen[n++] = stage;
    }
    return i < n ? seen[i] : NULL;
}

bool is_final_stage(const struct check *check, const struct stage *stage) {
    const struct stage *final;
    for (uint32_t i = 0; (final = final_stage(check, i)); i++)
        if (final == stage)
            return true;
    return false;
}

const struct df_instruction *stage_head(const struct stage *stage) {
    uint32_t i = stage->from;
    for (; i + 1 < stage->end; i++) {
        enum df_kind kind = stage->dockerfile->list[i + 1].kind;
        if (kind != DF_ARG && kind != DF_ENV && kind != DF_LABEL && kind != DF_MAINTAINER && kind != DF_SHELL)
            break;
    }
    return &stage->dockerfile->list[i];
}

bool starts_as_root(struct arena *arena, const struct stage *stage) {
    if (stage->parent)
        return stage_user(arena, stage->parent).kind == USER_ROOT;
    const struct image *image = stage->image;
    return image && (image->runs_as.n == 0 || str_eq(image->runs_as, STR("root")) || str_eq(image->runs_as, STR("0")));
}

bool runs_word(struct arena *arena, const struct stage *stage, struct str word) {
    for (const struct stage *s = stage; s; s = s->parent)
        for (uint32_t i = s->from + 1; i < s->end; i++) {
            const struct df_instruction *run = &s->dockerfile->list[i];
            if (run->kind != DF_RUN || !str_contains(source_slice(s->dockerfile->source, run->at), word))
                continue;
            const struct shell_script *script = stage_script(arena, run);
            if (!script)
                return true;
            for (uint32_t c = 0; c < script->n; c++)
                for (uint32_t w = 0; w < script->list[c].n_words; w++)
                    if (str_eq(script->list[c].words[w].text, word))
                        return true;
        }
    return false;
}

struct str dockerfile_text(struct arena *arena, const struct dockerfile *dockerfile, struct str text) {
    struct str keyword = {NULL, 0};
    for (uint32_t i = 0; i < dockerfile->n && !keyword.p; i++)
        if (dockerfile->list[i].kind == DF_FROM)
            keyword = source_slice(dockerfile->source, dockerfile->list[i].keyword_at);
    bool is_lower = keyword.p && keyword.p[0] >= 'a';
    struct buf out = {.arena = arena};
    struct str rest = text, line;
    bool is_continued = false;
    for (bool is_first = true; str_cut(&rest, '\n', &line); is_first = false) {
        if (!is_first)
            buf_byte(&out, '\n');
        uint32_t space = str_find(line, 0, ' ');
        struct str word = str_sub(line, 0, is_continued ? 0 : space);
        buf_add(&out, is_lower ? str_lower(arena, word) : word);
        is_continued = str_ends(line, STR("\\"));
        buf_add(&out, str_sub(line, word.n, line.n - is_continued));
        if (is_continued)
            buf_byte(&out, dockerfile->escape);
    }
    return buf_str(&out);
}

/* Of lines that are inserted at one point the deeper come first: becoming root, root's work, and then the rest. */
static void insert_at_depth(struct check *check, struct edits *edits, uint32_t end, struct str lines, uint32_t depth) {
    rule_insert_after(check, edits, end, lines);
    edits->list.at[edits->list.n - 1].depth = depth;
}

void insert_user_root(struct check *check, struct edits *edits, uint32_t end, struct str lines) {
    insert_at_depth(check, edits, end, lines, 2);
}

void insert_root_work(struct check *check, struct edits *edits, uint32_t end, struct str lines) {
    insert_at_depth(check, edits, end, lines, 1);
}

struct str json_words(struct arena *arena, const struct str *words, uint32_t n) {
    struct buf out = {.arena = arena};
    buf_byte(&out, '[');
    for (uint32_t i = 0; i < n; i++) {
        buf_add(&out, i ? STR(", \"") : STR("\""));
        for (uint32_t j = 0; j < words[i].n; j++) {
            unsigned char c = (unsigned char)words[i].p[j];
            if (c < ' ')
                buf_printf(&out, "\\u%04x", c);
            else if (c == '"' || c == '\\')
                buf_printf(&out, "\\%c", c);
            else
                buf_byte(&out, (char)c);
        }
        buf_byte(&out, '"');
    }
    buf_byte(&out, ']');
    return buf_str(&out);
}
