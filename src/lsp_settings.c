#include "lsp.h"

#include "guess.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What there is to set: fixOnSave is the server's, the others are options. */
static const struct str names[] = {STR_INIT("fixOnSave"), STR_INIT("unsafeFixes"), STR_INIT("select"),
                                   STR_INIT("ignore"),    STR_INIT("podSecurity"), STR_INIT("seccomp"),
                                   STR_INIT("uid"),       STR_INIT("gid"),         STR_INIT("user")};

/* What the editors' own parts heed. */
static const struct str others[] = {STR_INIT("path"), STR_INIT("enable"), STR_INIT("trace")};

/* An option's name as the command line has it: unsafeFixes is unsafe-fixes. */
static struct str option_name(struct arena *arena, struct str key) {
    struct buf name = {.arena = arena};
    for (uint32_t i = 0; i < key.n; i++) {
        if (isupper((unsigned char)key.p[i]))
            buf_byte(&name, '-');
        buf_byte(&name, (char)tolower((unsigned char)key.p[i]));
    }
    return buf_str(&name);
}

/* A value as the command line has it: a list has commas. What no option takes stays JSON, for the option to refuse. */
static struct str option_value(struct arena *arena, const json_t *value) {
    struct buf list = {.arena = arena};
    const json_t *item;
    size_t i;
    if (json_is_string(value))
        return str_dup(arena, str_of(json_string_value(value)));
    json_array_foreach(value, i, item) buf_printf(&list, "%s%.*s", i ? "," : "", STR_ARG(option_value(arena, item)));
    if (json_is_array(value))
        return buf_str(&list);
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    struct str copy = str_dup(arena, str_of(text));
    free(text);
    return copy;
}

/* Sets one. What is wrong with it, one clause on the arena; NULL: nothing. */
static const char *set(struct lsp_settings *settings, struct str key, const json_t *value) {
    struct arena *arena = &settings->arena;
    struct guess guess = {.word = key, .offers = {.arena = arena}};
    struct str name = option_name(arena, key), text = option_value(arena, value);
    bool is_known = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        guess_offer(&guess, names[i]);
        is_known |= str_eq(name, option_name(arena, names[i]));
    }
    if (!is_known)
        return str_printf(arena, "there is no such setting; %.*s", STR_ARG(guess_text(&guess))).p;
    if (str_eq(name, STR("fix-on-save"))) {
        settings->fixes_on_save = json_is_true(value);
        return json_is_boolean(value) ? NULL : "true or false is expected";
    }
    const char *wrong = options_set(arena, &settings->options, name, text);
    return wrong ? wrong + name.n + strlen(": ") : NULL; /* it begins with the option */
}

void lsp_settings_take(struct lsp_server *server, const json_t *settings) {
    struct lsp_settings *own = &server->settings;
    const char *key;
    json_t *value;
    arena_release(&own->arena);
    own->options = (struct options){0};
    own->fixes_on_save = false;
    json_object_foreach((json_t *)settings, key, value) {
        bool is_empty = json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0) ||
                        (json_is_array(value) && json_array_size(value) == 0);
        const char *wrong = is_empty || STR_IS_IN(str_of(key), others) ? NULL : set(own, str_of(key), value);
        if (wrong)
            lsp_say(server, str_printf(&own->arena, "in the settings, %s: %s", key, wrong));
    }
    lsp_forget(server);
}
