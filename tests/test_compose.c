/* What is read from single services: mounts in every spelling, and what only root gets. */
#include "compose.h"

#include <criterion/criterion.h>

/* The first service of a compose file's text. */
static const struct yaml_node *service_of(struct arena *arena, const char *text) {
    struct diags diags = {.arena = arena};
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, STR("compose.yaml"), str_of(text), FORMAT_COMPOSE);
    struct yaml *yaml = yaml_parse(arena, source, &diags);
    cr_assert(yaml, "%s", text);
    return compose_services(yaml->documents.at[0].root)->pairs[0].value;
}

Test(compose, volumes) {
    ARENA(arena);
    static const struct {
        const char *entry;
        enum compose_mount kind;
        const char *source, *target;
        bool is_read_only;
    } rows[] = {
        {"data:/data", MOUNT_VOLUME, "data", "/data", false},
        {"data:/data:ro", MOUNT_VOLUME, "data", "/data", true},
        {"data:/data:nocopy,ro", MOUNT_VOLUME, "data", "/data", true},
        {"data:/data:rw", MOUNT_VOLUME, "data", "/data", false},
        {"/data", MOUNT_VOLUME, "", "/data", false},
        {"./data:/data", MOUNT_BIND, "./data", "/data", false},
        {"..:/data", MOUNT_BIND, "..", "/data", false},
        {"~/data:/data", MOUNT_BIND, "~/data", "/data", false},
        {"/srv:/data:z", MOUNT_BIND, "/srv", "/data", false},
        {"${WHERE:-data}:/data:ro", MOUNT_OTHER, "${WHERE:-data}", "/data", true},
        {"{type: volume, source: data, target: /data}", MOUNT_VOLUME, "data", "/data", false},
        {"{type: volume, target: /data, read_only: true}", MOUNT_VOLUME, "", "/data", true},
        {"{type: bind, source: ., target: /data}", MOUNT_BIND, ".", "/data", false},
        {"{type: tmpfs, target: /data}", MOUNT_OTHER, "", "/data", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str text = str_printf(&arena, "services:\n  a:\n    volumes:\n      - %s\n", rows[i].entry);
        const struct yaml_node *list = yaml_get(service_of(&arena, text.p), STR("volumes"));
        struct compose_volume got = compose_volume(list->items[0]);
        cr_expect_eq(got.kind, rows[i].kind, "%s", rows[i].entry);
        cr_expect(str_eq(got.source, str_of(rows[i].source)), "%s: %.*s", rows[i].entry, STR_ARG(got.source));
        cr_expect(str_eq(got.target, str_of(rows[i].target)), "%s: %.*s", rows[i].entry, STR_ARG(got.target));
        cr_expect_eq(got.is_read_only, rows[i].is_read_only, "%s", rows[i].entry);
    }
}

Test(compose, what_only_root_gets) {
    ARENA(arena);
    static const struct {
        const char *keys;
        bool needs_root;
    } rows[] = {
        {"{build: .}", false},
        {"{privileged: true}", true},
        {"{privileged: 'false'}", false},
        {"{cap_add: [NET_ADMIN]}", true},
        {"{cap_add: []}", false},
        {"{cap_drop: [ALL]}", false},
        {"{devices: [/dev/kvm]}", true},
        {"{device_cgroup_rules: ['c 1:3 mr']}", true},
        {"{volumes: ['/run/docker.sock:/run/docker.sock:ro']}", true},
        {"{volumes: [{type: bind, source: /var/run/docker.sock, target: /s}]}", true},
        {"{volumes: ['data:/data']}", false},
        {"{pid: host}", true},
        {"{pid: 'service:b'}", false},
        {"{user: root}", true},
        {"{user: 0}", true},
        {"{user: '0:1000'}", true},
        {"{user: '1000:0'}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str text = str_printf(&arena, "services:\n  a: %s\n", rows[i].keys);
        struct compose_service got = compose_service(&arena, STR("compose.yaml"), STR("a"), service_of(&arena, text.p));
        cr_expect_eq(got.needs_root.p != NULL, rows[i].needs_root, "%s", rows[i].keys);
    }
}

Test(compose, extends) {
    ARENA(arena);
    static const struct {
        const char *keys, *file, *service;
    } rows[] = {
        {"{extends: b}", "x/compose.yaml", "b"},
        {"{extends: {service: b}}", "x/compose.yaml", "b"},
        {"{extends: {file: ./compose.yaml, service: b}}", "x/compose.yaml", "b"},
        {"{extends: {file: ../y.yaml, service: b}}", "y.yaml", "b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str text = str_printf(&arena, "services:\n  a: %s\n", rows[i].keys);
        struct compose_service got =
            compose_service(&arena, STR("x/compose.yaml"), STR("a"), service_of(&arena, text.p));
        cr_expect(str_eq(got.extends_file, str_of(rows[i].file)), "%s: %.*s", rows[i].keys, STR_ARG(got.extends_file));
        cr_expect(str_eq(got.extends, str_of(rows[i].service)), "%s", rows[i].keys);
    }
}
