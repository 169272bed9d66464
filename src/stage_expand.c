/* Variables of a Dockerfile. */
#include "stage_parts.h"

enum { MAX_DEPTH = 16 };

/* --- definitions ---------------------------------------------------------------------------------------------------
 */

void definition_add(struct arena *arena, struct map *map, uint32_t at, struct str name, struct str value) {
    struct definitions *definitions = map_get(map, name);
    if (!definitions) {
        definitions = arena_new(arena, struct definitions);
        map_add(map, arena, name, definitions);
    }
    uint32_t n = definitions->list.n;
    struct definition *last = n ? &definitions->list.at[n - 1] : NULL;
    uint32_t valued = last ? last->valued : 0;
    if (!last || last->index != at) {
        last = vec_push(arena, &definitions->list);
        *last = (struct definition){.index = at, .valued = valued};
    }
    if (value.p) {
        last->value = value;
        last->valued = definitions->list.n;
    }
}

void stage_define(struct arena *arena, struct stage_index *index, const struct dockerfile *dockerfile, uint32_t at) {
    const struct df_instruction *instruction = &dockerfile->list[at];
    for (uint32_t i = 0; instruction->kind == DF_ENV && i + 2 < instruction->n_words; i += 3)
        if (instruction->words[i + 1].text.p)
            definition_add(arena, &index->envs, at, instruction->words[i].text, instruction->words[i + 1].text);
    for (uint32_t i = 0; instruction->kind == DF_ARG && i < instruction->n_words; i++) {
        struct str text = instruction->words[i].text;
        uint32_t equals = str_find(text, 0, '=');
        definition_add(arena, &index->args, at, str_sub(text, 0, equals),
                       equals < text.n ? str_sub(text, equals + 1, text.n) : (struct str){NULL, 0});
    }
}

uint32_t definitions_before(const struct definitions *definitions, uint32_t end) {
    uint32_t low = 0, high = definitions ? definitions->list.n : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (definitions->list.at[middle].index < end)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* --- look-ups ------------------------------------------------------------------------------------------------------
 */

/* Whether the build gives an ARG its value. */
static bool is_built_with(const struct scope *scope, const struct map *map, struct str name, struct str *ret) {
    const struct build_arguments *arguments = &scope->dockerfile->arguments;
    for (uint32_t i = 0; i < arguments->n && map == &scope->index->args; i++)
        if (str_eq(arguments->list[i].name, name)) {
            *ret = arguments->list[i].value;
            return true;
        }
    return false;
}

/* Whether a definition in [from, to) says what `name` is, the last one first. *ret is {NULL, 0} where what it says
 * cannot be known. */
static bool look_back(struct arena *arena, const struct scope *scope, const struct map *map, uint32_t from, uint32_t to,
                      struct str name, struct str *ret) {
    const struct definitions *definitions = map_get(map, name);
    uint32_t n = definitions_before(definitions, to);
    if (n == 0 || definitions->list.at[n - 1].index < from)
        return false;
    if (is_built_with(scope, map, name, ret))
        return true;
    const struct definition *nearest = &definitions->list.at[n - 1], *given;
    struct scope before = {NULL, scope->dockerfile, scope->index, nearest->index, scope->depth + 1, scope->look_ups};
    if (!nearest->value.p && scope->stage && look_back(arena, &before, map, 0, scope->index->first_from, name, ret))
        return true;
    if (nearest->valued == 0 || (given = &definitions->list.at[nearest->valued - 1])->index < from)
        return false;
    before.stage = scope->stage;
    before.end = given->index;
    *ret = stage_expand_in(arena, &before, given->value);
    *ret = ret->n <= MAX_VALUE ? *ret : (struct str){NULL, 0};
    return true;
}

struct lookup {
    struct arena *arena;
    const struct scope *scope;
};

/* Whether the environment of the stage's base image says what `name` is, as far as its row knows. */
static bool is_in_image(struct arena *arena, const struct image *image, struct str name, struct str *ret) {
    if (!image || !str_eq(name, image->uid_variable) || image->unverified & (UNVERIFIED_USER | UNVERIFIED_ALL))
        return false;
    *ret = str_printf(arena, "%u", image->uid);
    return true;
}

static struct str lookup_value(void *context, struct str name, bool *ret_known) {
    struct lookup *lookup = context;
    const struct scope *scope = lookup->scope;
    const struct stage_index *index = scope->index;
    struct str value = {NULL, 0};
    *ret_known = false;
    if (*scope->look_ups == 0)
        return value;
    --*scope->look_ups;
    bool is_given = false;
    if (!scope->stage)
        is_given = look_back(lookup->arena, scope, &index->args, 0,
                             scope->end < index->first_from ? scope->end : index->first_from, name, &value);
    /* ENV hides ARG, whichever comes first */
    for (int i = 0; i < 2 && scope->stage && !is_given; i++) {
        uint32_t end = scope->end;
        for (const struct stage *stage = scope->stage; stage && !is_given; stage = stage->parent) {
            struct scope inner = {stage, scope->dockerfile, index, end, scope->depth, scope->look_ups};
            is_given = look_back(lookup->arena, &inner, i == 0 ? &index->envs : &index->args, stage->from + 1, end,
                                 name, &value);
            end = stage->parent ? stage->parent->end : 0;
        }
        is_given = is_given || (i == 0 && is_in_image(lookup->arena, scope->stage->image, name, &value));
    }
    *ret_known = value.p != NULL;
    return value;
}

struct str stage_expand_in(struct arena *arena, const struct scope *scope, struct str text) {
    if (str_find(text, 0, '$') == text.n && str_find(text, 0, scope->dockerfile->escape) == text.n &&
        str_find(text, 0, '"') == text.n && str_find(text, 0, '\'') == text.n)
        return text;
    if (scope->depth > MAX_DEPTH)
        return (struct str){NULL, 0};
    struct lookup lookup = {arena, scope};
    struct df_lookup look_up = {lookup_value, &lookup};
    struct str result, unknown;
    return df_expand(arena, text, scope->dockerfile->escape, &look_up, &result, &unknown) ? result
                                                                                          : (struct str){NULL, 0};
}

struct str stage_expand(struct arena *arena, const struct stage *stage, uint32_t index, struct str text) {
    uint32_t look_ups = MAX_LOOK_UPS;
    struct scope scope = {stage, stage->dockerfile, stage->index, index, 0, &look_ups};
    return stage_expand_in(arena, &scope, text);
}
