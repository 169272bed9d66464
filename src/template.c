#include "template.h"

#include "path.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdlib.h>

static struct str variable_value(struct template_variables variables, struct str name) {
    for (uint32_t i = 0; i < variables.n; i++)
        if (str_eq(str_of(variables.list[i].name), name))
            return variables.list[i].value;
    assert(!"a template names a variable that its rule does not fill in");
    return (struct str){NULL, 0};
}

struct str template_fill(struct arena *arena, struct str text, struct template_variables variables) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < text.n;) {
        uint32_t end = str_find(text, i, '}');
        if (text.p[i] == '$' && i + 1 < text.n && text.p[i + 1] == '{' && end < text.n) {
            buf_add(&out, variable_value(variables, str_sub(text, i + 2, end)));
            i = end + 1;
        } else {
            buf_byte(&out, text.p[i++]);
        }
    }
    return buf_str(&out);
}

static struct yaml_value fill_value(struct arena *arena, struct yaml_value value, struct template_variables variables) {
    if (value.kind == YAML_SCALAR) {
        value.text = template_fill(arena, value.text, variables);
        return value;
    }
    struct yaml_value *children = arena_array(arena, value.n, sizeof *children);
    for (uint32_t i = 0; i < value.n; i++)
        children[i] = fill_value(arena, value.children[i], variables);
    value.children = children;
    return value;
}

const struct yaml_value *template_fill_value(struct arena *arena, const struct yaml_value *value,
                                             struct template_variables variables) {
    struct yaml_value *filled = arena_new(arena, struct yaml_value);
    *filled = fill_value(arena, *value, variables);
    return filled;
}

static int by_value_path(const void *key, const void *row) {
    return str_cmp(*(const struct str *)key, ((const struct template_named_value *)row)->path);
}

const struct yaml_value *template_value(const char *path) {
    struct str key = str_of(path);
    const struct template_named_value *row =
        bsearch(&key, template_values, template_n_values, sizeof *template_values, by_value_path);
    assert(row);
    return &row->value;
}

static int by_word(const void *key, const void *row) {
    return str_cmp(*(const struct str *)key, *(const struct str *)row);
}

bool template_has_name(enum name_list list, struct str word) {
    struct str name = path_name(word);
    struct template_words words = template_names[list];
    return bsearch(&name, words.list, words.n, sizeof *words.list, by_word) != NULL;
}

/* `text` ends in NUL. */
static bool has_name(const struct host_access *row, struct str text) {
    bool is_path = str_eq(row->kind, STR("mount")) || str_eq(row->kind, STR("device"));
    int flags = (is_path ? FNM_PATHNAME : FNM_CASEFOLD) | (row->below.n ? FNM_LEADING_DIR : 0);
    for (uint32_t i = 0; i < row->names.n; i++) {
        struct str name = row->names.list[i];
        bool is_last = is_path && str_find(name, 0, '/') == name.n && !str_eq(name, STR("~"));
        if (fnmatch(name.p, is_last ? path_name(text).p : text.p, flags) == 0)
            return true;
    }
    return false;
}

const struct host_access *template_host_access_row(struct arena *arena, struct str kind, struct str text,
                                                   bool is_read_only) {
    text = str_dup(arena, text);
    for (uint32_t i = 0; i < template_n_host_access; i++) {
        const struct host_access *row = &template_host_access[i];
        if (str_eq(row->kind, kind) && !(is_read_only && row->unless.n) && has_name(row, text))
            return row->gives.n ? row : NULL;
    }
    return NULL;
}
