#include "lsp.h"

#include <ctype.h>

/* An option's name as the command line has it: unsafeFixes is unsafe-fixes. */
static struct str option_name(struct arena *arena, const char *key) {
    struct buf name = {.arena = arena};
    for (; *key; key++) {
        if (isupper((unsigned char)*key))
            buf_byte(&name, '-');
        buf_byte(&name, (char)tolower((unsigned char)*key));
    }
    return buf_str(&name);
}

static struct str option_value(struct arena *arena, const json_t *value) {
    if (json_is_integer(value))
        return str_printf(arena, "%lld", (long long)json_integer_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? STR("true") : STR("false");
    return str_dup(arena, str_of(json_string_value(value)));
}

static void warn(struct lsp_server *server, struct str message) {
    lsp_wire_notify(&server->wire, "window/showMessage",
                    json_pack("{s:i,s:o}", "type", 2, "message", lsp_string(message)));
}

void lsp_settings_take(struct lsp_server *server, const json_t *settings) {
    /* what the editors' own parts heed */
    static const struct str others[] = {STR_INIT("path"), STR_INIT("enable"), STR_INIT("trace")};
    struct lsp_settings *own = &server->settings;
    struct arena *arena = &own->arena;
    const char *key;
    json_t *value;
    arena_release(arena);
    own->options = (struct options){0};
    own->fixes_on_save = false;
    json_object_foreach((json_t *)settings, key, value) {
        struct str name = option_name(arena, key), text = option_value(arena, value);
        if (str_eq(name, STR("fix-on-save"))) {
            own->fixes_on_save = json_is_true(value);
            continue;
        }
        bool is_empty = json_is_null(value) || (json_is_string(value) && text.n == 0);
        const char *wrong = STR_IS_IN(name, others) || is_empty ? NULL : options_set(arena, &own->options, name, text);
        if (wrong)
            warn(server, str_printf(arena, "ironhull: in the settings: %s", wrong));
    }
    lsp_forget(server);
}
