#include "config_schema.h"

#include "config_parts.h"
#include "rule.h"
#include "template.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

/* References are given away to the object that gets them; what cannot be allocated is not there, and jansson takes NULL
 * for a failure that goes up to the whole. */

static json_t *schema_of(const struct config_type *type);

static json_t *string(struct str text) {
    return json_stringn(text.p, text.n);
}

static json_t *keys_of(const struct config_keys *keys, json_t *object) {
    json_t *properties = json_object(), *required = json_array();
    for (uint32_t i = 0; i < keys->n; i++) {
        const struct config_key *key = &keys->list[i];
        json_t *value = schema_of(key->type);
        json_object_set_new(value, "description", json_string(key->about));
        json_object_set_new(properties, key->name.p, value);
        if (key->is_required)
            json_array_append_new(required, string(key->name));
    }
    json_object_set_new(object, "type", json_string("object"));
    json_object_set_new(object, "properties", properties);
    if (json_array_size(required))
        json_object_set(object, "required", required);
    json_decref(required);
    json_object_set_new(object, "additionalProperties", json_false());
    return object;
}

static json_t *families(void) {
    json_t *names = json_array();
    for (uint32_t i = 0; i < image_n_families; i++)
        json_array_append_new(names, string(image_families[i].name));
    return names;
}

static json_t *capabilities(void) {
    const struct template_words *words = &template_names[NAMES_DEFAULT_CAPABILITIES];
    json_t *names = json_array();
    for (uint32_t i = 0; i < words->n; i++)
        json_array_append_new(names, string(words->list[i]));
    return names;
}

static json_t *all_rules(const struct config_type *type) {
    json_t *properties = json_object();
    for (uint32_t i = 0; i < rules_n; i++) {
        json_t *value = schema_of(type->values);
        json_object_set_new(value, "description", string(rules[i].summary));
        json_object_set_new(properties, rules[i].id.p, value);
    }
    return properties;
}

static json_t *schema_of(const struct config_type *type) {
    ARENA(scratch);
    json_t *object = json_loads(str_printf(&scratch, "{%s}", type->schema).p, 0, NULL);
    assert(object);
    if (type == &config_type_family)
        json_object_set_new(object, "enum", families());
    if (type == &config_type_capability)
        json_object_set_new(object, "enum", capabilities());
    if (type->items)
        json_object_set_new(object, "items", schema_of(type->items));
    if (type == &config_type_rules) {
        json_object_set_new(object, "properties", all_rules(type));
        json_object_set_new(object, "additionalProperties", json_false());
    } else if (type->values) {
        json_object_set_new(object, "additionalProperties", schema_of(type->values));
    }
    if (type->keys)
        keys_of(type->keys, object);
    if (!type->brief)
        return object;
    json_t *either = json_object(), *list = json_array();
    json_array_append_new(list, schema_of(type->brief));
    json_array_append_new(list, object);
    json_object_set_new(either, "anyOf", list);
    return either;
}

struct str config_schema(struct arena *arena) {
    json_t *object = json_object();
    json_object_set_new(object, "$schema", json_string("http://json-schema.org/draft-07/schema#"));
    json_object_set_new(object, "title", json_string(CONFIG_NAME));
    json_object_set_new(object, "description", json_string("What ironhull cannot know, or is to do in another way."));
    keys_of(&config_file_keys, object);
    json_object_set_new(object, "type", json_pack("[s, s]", "object", "null"));
    char *text = json_dumps(object, JSON_INDENT(2));
    struct str copy = str_printf(arena, "%s\n", text ? text : "");
    free(text);
    json_decref(object);
    return copy;
}
