/* The image of a compose service: how it is built, and what of it is started. */
#include "emit_parts.h"

/* --- image ---------------------------------------------------------------------------------------------------------
 */

static void add_build_word(struct maker *maker, const char *flag, struct str value) {
    struct str word = maker_word(maker, flag, value);
    if (word.p)
        *vec_push(maker->arena, &maker->run->build) = word;
    else
        maker->run->is_built = true;
}

void maker_build(struct maker *maker) {
    const struct yaml_node *node = merged_get(maker->merged, STR("build")), *args = yaml_get(node, STR("args"));
    struct run *run = maker->run;
    if (!node)
        return;
    bool is_text = node->kind == YAML_SCALAR;
    struct str context = is_text ? node->value : yaml_text(yaml_get(node, STR("context")));
    struct str file = yaml_text(yaml_get(node, STR("dockerfile")));
    static const struct str known[] = {STR_INIT("context"), STR_INIT("dockerfile"), STR_INIT("target"),
                                       STR_INIT("args")};
    for (uint32_t i = 0; node->kind == YAML_MAPPING && i < node->n; i++)
        if (!STR_IS_IN(yaml_text(node->pairs[i].key), known))
            maker_leave(maker, str_printf(maker->arena, "build.%.*s", STR_ARG(yaml_text(node->pairs[i].key))));
    context = context.n ? context : STR(".");
    bool is_remote = str_contains(context, STR("://")) || !maker_is_relative(context);
    run->is_built = is_remote || yaml_get(node, STR("dockerfile_inline"));
    if (run->is_built)
        return;
    context = path_clean(maker->arena, compose_files_folder(maker_document(maker)), context);
    file = path_clean(maker->arena, context, file.n ? file : STR("Dockerfile"));
    *vec_push(maker->arena, &run->build) = str_printf(maker->arena, "--tag=%.*s", STR_ARG(run->image));
    add_build_word(maker, "--file=", file);
    struct str target = yaml_text(yaml_get(node, STR("target")));
    if (target.n)
        add_build_word(maker, "--target=", target);
    struct compose_options names = compose_options(maker->arena, NULL, args);
    for (uint32_t i = 0; i < names.n; i++) {
        struct str name = names.list[i].key, value = maker_option(yaml_resolve((struct yaml_node *)args), name);
        add_build_word(maker, "--build-arg=", value.p ? JOIN(maker, name, STR("="), value) : name);
    }
    add_build_word(maker, "", str_starts(context, STR("-")) ? JOIN(maker, STR("./"), context) : context);
    if (run->is_built)
        run->build.n = 0;
}

/* --- what is started -----------------------------------------------------------------------------------------------
 */

/* The next word of a text that compose cuts as a shell would; quotes and backslashes are gone. False where there is
 * none, or one that does not end, at which *at then stays. */
static bool cut_word(struct arena *arena, struct str text, uint32_t *at, struct str *ret) {
    struct buf word = {.arena = arena};
    char quote = '\0';
    while (*at < text.n && str_find(STR(" \t\n"), 0, text.p[*at]) < 3)
        ++*at;
    uint32_t i = *at;
    for (; i < text.n && (quote || str_find(STR(" \t\n"), 0, text.p[i]) == 3); i++) {
        char c = text.p[i];
        if (quote ? c == quote : c == '\'' || c == '"')
            quote = quote ? '\0' : c;
        else if (c == '\\' && quote != '\'' && i + 1 < text.n)
            buf_byte(&word, text.p[++i]);
        else
            buf_byte(&word, c);
    }
    if (quote || i == *at)
        return false;
    *at = i;
    *ret = buf_str(&word);
    return true;
}

/* The words of a command. False where that is not known: quotes are not closed, or a variable may be several words. */
static bool words_of(struct arena *arena, const struct yaml_node *node, struct str_list *ret) {
    VEC(struct str) words = {0};
    struct str word;
    uint32_t at = 0;
    for (uint32_t i = 0; node->kind == YAML_SEQUENCE && i < node->n; i++)
        *vec_push(arena, &words) = yaml_text(yaml_resolve(node->items[i]));
    while (node->kind == YAML_SCALAR && cut_word(arena, node->value, &at, &word))
        *vec_push(arena, &words) = word;
    *ret = (struct str_list){words.at, words.n};
    bool is_whole = node->kind == YAML_SEQUENCE || (node->kind == YAML_SCALAR && at == node->value.n);
    return is_whole && !(node->kind == YAML_SCALAR && words.n && str_starts(words.at[0], STR("$")));
}

void maker_command(struct maker *maker, struct str key, bool is_entrypoint) {
    const struct yaml_node *node = merged_get(maker->merged, key);
    struct str_list words = {0};
    uint32_t n = maker->run->words.n;
    maker->key = key;
    if (node && !words_of(maker->arena, node, &words)) {
        maker_leave(maker, key);
        return;
    }
    if (node && is_entrypoint)
        maker_flag(maker, "--entrypoint=", words.n ? words.list[0] : STR(""), FLAG_ALWAYS);
    for (uint32_t i = is_entrypoint; i < words.n; i++) {
        struct str word = maker_word(maker, "", words.list[i]);
        if (!word.p) {
            maker_leave(maker, key);
            maker->run->words.n = n; /* half a command does something else */
            return;
        }
        *vec_push(maker->arena, &maker->run->words) = word;
    }
}
