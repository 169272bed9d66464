/* Fuzz target: whatever the bytes are, what the parser says about them has to hold together. tests/test_dockerfile.c
 * runs the same checks over real files. */
#include "dockerfile.h"
#include "fuzz.h"
#include "shell.h"

#include <string.h>

static bool is_within(struct span inner, struct span outer) {
    return inner.start >= outer.start && inner.start <= inner.end && inner.end <= outer.end;
}

static bool has_byte(struct str s, char c) {
    return str_find(s, 0, c) < s.n;
}

static bool is_unicode_space(struct str s, uint32_t at, uint32_t *ret_width) {
    static const char *const spaces[] = {
        " ",        "\t",           "\n",           "\v",           "\f",           "\r",           "\xc2\x85",
        "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
    struct str rest = str_sub(s, at, s.n);
    *ret_width = 3;
    if (rest.n >= 3 && memcmp(rest.p, "\xe2\x80", 2) == 0 && (unsigned char)rest.p[2] >= 0x80 &&
        (unsigned char)rest.p[2] <= 0x8a)
        return true;
    for (uint32_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (str_starts(rest, str_of(spaces[i]))) {
            *ret_width = (uint32_t)strlen(spaces[i]);
            return true;
        }
    return false;
}

/* Between two instructions there are only blank lines and comments. */
static void check_gap(struct str gap) {
    for (struct str line; str_cut(&gap, '\n', &line);) {
        uint32_t i = 0, width;
        while (i < line.n && is_unicode_space(line, i, &width))
            i += width;
        MUST(i == line.n || line.p[i] == '#');
    }
}

static bool is_single_line(const struct source *source, struct span at) {
    return !has_byte(source_slice(source, at), '\n');
}

static void check_word(const struct dockerfile *file, const struct df_instruction *in, const struct df_word *word) {
    struct str slice = source_slice(file->source, word->at);
    MUST(is_within(word->at, in->args));
    bool is_command = in->kind == DF_HEALTHCHECK && word == in->words;
    if (in->is_json && !is_command) {
        MUST(slice.n >= 2 && slice.p[0] == '"' && slice.p[slice.n - 1] == '"');
        return;
    }
    MUST((slice.n > 0) == (word->text.n > 0) || slice.n == 1);
    bool is_cut = slice.n > 0 && slice.p[slice.n - 1] == file->escape;
    if (is_single_line(file->source, word->at))
        MUST(is_cut ? str_starts(slice, word->text) : str_eq(slice, word->text));
    else if (word->text.n > 0 && !is_cut)
        MUST(*slice.p == *word->text.p && slice.p[slice.n - 1] == word->text.p[word->text.n - 1]);
}

static void check_words(const struct dockerfile *file, const struct df_instruction *in) {
    bool has_pairs = in->kind == DF_ENV || in->kind == DF_LABEL;
    uint32_t end = in->args.start;
    for (uint32_t i = 0; i < in->n_words; i++) {
        check_word(file, in, &in->words[i]);
        bool is_separator = has_pairs && i % 3 == 2;
        if (is_separator)
            MUST(in->words[i].at.start >= in->words[i - 2].at.end && in->words[i].at.end <= in->words[i - 1].at.start);
        else
            MUST(in->words[i].at.start >= end);
        if (!is_separator)
            end = in->words[i].at.end;
    }
    MUST(!has_pairs || in->n_words % 3 == 0);
}

static void check_parts(const struct dockerfile *file, const struct df_instruction *in) {
    MUST(in->head.start == in->at.start && is_within(in->head, in->at));
    MUST(is_within(in->keyword_at, in->head) && is_within(in->args, in->head));
    struct str keyword = source_slice(file->source, in->keyword_at);
    bool is_plain = true;
    for (uint32_t i = 0; i < keyword.n; i++)
        is_plain &= (unsigned char)keyword.p[i] < 0x80 && keyword.p[i] != '\n';
    MUST(!is_plain || str_eq_nocase(keyword, in->keyword));
    uint32_t end = in->keyword_at.end;
    for (uint32_t i = 0; i < in->n_flags; i++) {
        MUST(in->flags[i].at.start >= end && in->flags[i].at.end <= in->args.start);
        MUST(str_starts(source_slice(file->source, in->flags[i].at), STR("-")));
        end = in->flags[i].at.end;
    }
    MUST(in->args.start >= end);
    check_words(file, in);
}

static void check_heredocs(const struct dockerfile *file, const struct df_instruction *in) {
    uint32_t end = in->head.end;
    for (uint32_t i = 0; i < in->n_heredocs; i++) {
        const struct df_heredoc *heredoc = &in->heredocs[i];
        MUST(heredoc->at.start > end && heredoc->at.end <= in->at.end);
        struct str body = source_slice(file->source, heredoc->at);
        uint32_t last = str_rfind(body, '\n');
        MUST(has_byte(body, '\n') || heredoc->content.n == 0);
        struct str terminator = has_byte(body, '\n') ? str_sub(body, last + 1, body.n) : body;
        while (heredoc->chomp && str_starts(terminator, STR("\t")))
            terminator = str_sub(terminator, 1, terminator.n);
        MUST(str_starts(terminator, heredoc->name));
        MUST(heredoc->chomp || str_starts(body, heredoc->content));
        end = heredoc->at.end;
    }
    MUST(end == in->at.end);
}

static struct str dump_one(struct arena *arena, const struct dockerfile *file, const struct df_instruction *in) {
    struct df_instruction copy = *in;
    copy.n_heredocs = 0;
    struct dockerfile one = {.source = file->source, .list = &copy, .n = 1};
    struct buf out = {.arena = arena};
    dockerfile_dump(&one, &out);
    return buf_str(&out);
}

/* The bytes of an instruction alone parse to the same instruction. */
static void check_alone(struct arena *arena, const struct dockerfile *file, const struct df_instruction *in) {
    struct str bytes = source_slice(file->source, in->at);
    struct str text = str_printf(arena, "# escape=%c\n%.*s\n", file->escape, STR_ARG(bytes));
    if (memchr(bytes.p, 0, bytes.n))
        return;
    struct source source = source_from(arena, STR("alone"), text, FORMAT_DOCKERFILE);
    struct diags diags = {.arena = arena};
    struct dockerfile *alone = dockerfile_parse(arena, &source, &diags);
    MUST(alone && alone->n == 1 && alone->list->n_heredocs == in->n_heredocs);
    MUST(str_eq(dump_one(arena, file, in), dump_one(arena, alone, alone->list)));
    for (uint32_t i = 0; i < in->n_heredocs; i++)
        MUST(str_eq(in->heredocs[i].content, alone->list->heredocs[i].content));
}

static void check_file(struct arena *arena, const struct dockerfile *file) {
    struct source *source = file->source;
    uint32_t end = source->bom;
    MUST(file->body >= source->bom && file->body <= source->text.n);
    for (uint32_t i = 0; i < file->n; i++) {
        const struct df_instruction *in = &file->list[i];
        MUST(in->at.start >= end && in->at.start >= file->body && in->at.end <= source->text.n);
        MUST(in->top >= end && in->top >= file->body && in->top <= in->at.start);
        MUST(source_line_start(source, in->top) == in->top);
        MUST(source_line_end(source, in->at.end) == in->at.end);
        check_gap(str_sub(source->text, end, in->at.start));
        check_heredocs(file, in);
        for (const struct df_instruction *inner = in; inner; inner = inner->onbuild) {
            check_parts(file, inner);
            MUST(!inner->onbuild || is_within(inner->onbuild->keyword_at, inner->args));
        }
        if (i < 50)
            check_alone(arena, file, in);
        end = in->at.end;
    }
    check_gap(str_sub(source->text, end, source->text.n));
}

/* Names in capitals are unknown, those with an "x" not set, others have a value. */
static struct str some_value(void *context, struct str name, bool *ret_known) {
    (void)context;
    *ret_known = name.n == 0 || name.p[0] < 'A' || name.p[0] > 'Z';
    return has_byte(name, 'x') ? (struct str){NULL, 0} : STR("va/lue.va");
}

static void use_words(struct arena *arena, const struct dockerfile *file) {
    const struct df_lookup look_up = {some_value, NULL};
    for (uint32_t i = 0; i < file->n; i++)
        for (uint32_t k = 0; k < file->list[i].n_words; k++) {
            struct str result, unknown, text = file->list[i].words[k].text;
            if (df_expand(arena, text, file->escape, &look_up, &result, &unknown))
                MUST(!unknown.p);
            shell_parse(arena, text);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 1024 * 1024)
        return 0;
    ARENA(arena);
    struct str text = str_dup(&arena, (struct str){(const char *)data, (uint32_t)size});
    struct source source = source_from(&arena, STR("input"), text, FORMAT_DOCKERFILE);
    struct diags diags = {.arena = &arena};
    struct dockerfile *file = dockerfile_parse(&arena, &source, &diags);
    MUST(file ? diags.list.n == 0 : diags.list.n == 1);
    if (!file)
        return 0;
    struct buf first = {.arena = &arena}, second = {.arena = &arena};
    dockerfile_dump(file, &first);
    dockerfile_dump(dockerfile_parse(&arena, &source, &diags), &second);
    MUST(str_eq(buf_str(&first), buf_str(&second)));
    check_file(&arena, file);
    use_words(&arena, file);
    MUST(dockerfile_check(file, &diags) == (diags.list.n == 0));
    return 0;
}
