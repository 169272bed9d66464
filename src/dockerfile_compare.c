#include "dockerfile.h"

static bool is_same_words(const struct df_instruction *a, const struct df_instruction *b, uint32_t skip) {
    if (b->n_words < skip || a->n_words != b->n_words - skip)
        return false;
    for (uint32_t i = 0; i < a->n_words; i++)
        if (!str_eq(a->words[i].text, b->words[i + skip].text))
            return false;
    return true;
}

/* Whether a flag is the same, or a mount that says more. */
static bool is_same_flag(const struct df_flag *a, const struct df_flag *b) {
    if (!str_eq(a->name, b->name) || (a->value.p == NULL) != (b->value.p == NULL))
        return false;
    return str_eq(a->value, b->value) ||
           (str_eq(a->name, STR("mount")) && str_starts(b->value, a->value) && b->value.p[a->value.n] == ',');
}

static bool has_flags(const struct df_instruction *a, const struct df_instruction *b) {
    uint32_t j = 0;
    for (uint32_t i = 0; i < a->n_flags; i++, j++) {
        while (j < b->n_flags && !is_same_flag(&a->flags[i], &b->flags[j]))
            j++;
        if (j == b->n_flags)
            return false;
    }
    return true;
}

/* Whether FROM names the same image, or the distroless one that is the same but runs as nonroot. */
static bool is_same_base(struct str a, struct str b) {
    struct str tag = str_sub(a, str_find(a, str_rfind(a, '/'), ':'), a.n);
    bool is_debug = str_eq(tag, STR(":debug"));
    struct str kept = is_debug ? a : str_sub(a, 0, a.n - tag.n);
    if (str_eq(a, b))
        return true;
    return (is_debug || tag.n == 0 || str_eq(tag, STR(":latest"))) && str_starts(a, STR("gcr.io/distroless/")) &&
           str_starts(b, kept) && str_eq(str_sub(b, kept.n, b.n), is_debug ? STR("-nonroot") : STR(":nonroot"));
}

/* Whether `b` is what `a` may have become: the same, with flags more, mounts that say more, a stage name, or words in
 * front of ENTRYPOINT. */
static bool is_kept(const struct df_instruction *a, const struct df_instruction *b) {
    if (a->kind != b->kind || !str_eq(a->keyword, b->keyword) || a->is_json != b->is_json || !has_flags(a, b) ||
        a->n_heredocs != b->n_heredocs)
        return false;
    for (uint32_t i = 0; i < a->n_heredocs; i++)
        if (!str_eq(a->heredocs[i].content, b->heredocs[i].content))
            return false;
    if (a->kind == DF_FROM)
        return a->n_words && b->n_words && is_same_base(a->words[0].text, b->words[0].text);
    if (a->kind == DF_ONBUILD)
        return is_kept(a->onbuild, b->onbuild);
    uint32_t skip = a->kind == DF_ENTRYPOINT && b->n_words > a->n_words ? b->n_words - a->n_words : 0;
    return is_same_words(a, b, skip);
}

bool dockerfile_extends(const struct dockerfile *before, const struct dockerfile *after,
                        const struct df_instruction **ret_lost) {
    uint32_t j = 0;
    for (uint32_t i = 0; i < before->n; i++, j++) {
        while (j < after->n && !is_kept(&before->list[i], &after->list[j]))
            j++;
        if (j == after->n) {
            *ret_lost = &before->list[i];
            return false;
        }
    }
    return true;
}
