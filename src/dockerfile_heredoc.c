/* Which here-documents a line announces. */
#include "dockerfile_parts.h"

#include <string.h>

static bool can_hold(const struct df_instruction *in) {
    if (in->kind == DF_ONBUILD && in->onbuild)
        in = in->onbuild;
    return (in->kind == DF_ADD || in->kind == DF_COPY || in->kind == DF_RUN) && !in->is_json;
}

static uint32_t count_quotes(struct str s) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n; i++)
        n += s.p[i] == '"' || s.p[i] == '\'';
    return n;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Splits a word of the form N<<-NAME; *ret_name is still quoted. */
static bool split_word(struct str word, struct df_heredoc *ret, struct str *ret_name) {
    uint32_t i = 0;
    uint64_t fd = 0;
    for (; i < word.n && word.p[i] >= '0' && word.p[i] <= '9'; i++)
        fd = fd > UINT32_MAX ? fd : fd * 10 + (uint64_t)(word.p[i] - '0');
    if (!str_starts(str_sub(word, i, word.n), STR("<<")))
        return false;
    i += 2;
    *ret = (struct df_heredoc){.fd = fd > UINT32_MAX ? UINT32_MAX : (uint32_t)fd};
    ret->chomp = i < word.n && word.p[i] == '-';
    i += ret->chomp;
    while (i < word.n && is_space(word.p[i]))
        i++;
    *ret_name = str_sub(word, i, word.n);
    return ret_name->n > 0 && str_find(*ret_name, 0, '<') == ret_name->n;
}

/* Unquotes the name. *ret_is_one is false where it is not one word. False where it is malformed. */
static bool read_name(struct arena *arena, struct str name, struct df_heredoc *heredoc, bool *ret_is_one) {
    struct df_word_list words = {0}, quoted = {0};
    if (!df_lex_words(arena, name, DF_LEX_PLAIN, &words))
        return false;
    *ret_is_one = words.n == 1;
    if (!*ret_is_one)
        return true;
    if (!df_lex_words(arena, name, DF_LEX_QUOTES, &quoted) || quoted.n != 1)
        return false;
    heredoc->name = words.at[0].text;
    heredoc->expand = count_quotes(words.at[0].text) == count_quotes(quoted.at[0].text);
    return true;
}

bool df_is_heredoc(struct str word) {
    ARENA(scratch);
    struct df_heredoc heredoc;
    struct str name;
    bool is_one;
    return split_word(word, &heredoc, &name) && read_name(&scratch, name, &heredoc, &is_one) && is_one;
}

/* Where the word stands in the source, for messages. Words that hold a variable may not be found as they are. */
static uint32_t find_word(const struct df_context *ctx, struct str word, uint32_t *from) {
    struct str text = ctx->line.text;
    const char *hit = memmem(text.p + *from, text.n - *from, word.p, word.n);
    if (hit)
        *from = (uint32_t)(hit - text.p) + word.n;
    uint32_t at = hit ? *from - word.n : 0;
    return df_line_span(&ctx->line, at, at + 1).start;
}

bool df_find_heredocs(struct df_context *ctx, struct df_instruction *in) {
    if (!can_hold(in) || !str_contains(ctx->line.text, STR("<<")))
        return true;
    ARENA(scratch);
    struct df_word_list words = {0};
    if (!df_lex_words(&scratch, ctx->line.text, DF_LEX_RAW, &words))
        return true;
    VEC(struct df_heredoc) list = {0};
    uint32_t from = 0;
    for (uint32_t i = 0; i < words.n; i++) {
        struct df_heredoc heredoc;
        struct str name;
        bool is_one;
        if (!split_word(words.at[i].text, &heredoc, &name))
            continue;
        uint32_t at = find_word(ctx, words.at[i].text, &from);
        if (!read_name(&scratch, name, &heredoc, &is_one)) {
            diag_at(ctx->diags, ctx->source, at, "here-document with a malformed name: %.*s", STR_ARG(name));
            return false;
        }
        if (!is_one)
            continue;
        heredoc.name = str_dup(ctx->arena, heredoc.name);
        heredoc.at.start = at;
        *vec_push(ctx->arena, &list) = heredoc;
    }
    in->heredocs = list.at;
    in->n_heredocs = list.n;
    return true;
}
