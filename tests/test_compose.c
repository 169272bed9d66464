/* What is read from single services: entries in every spelling. */
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

/* A flow value on its own. */
static const struct yaml_node *value_of(struct arena *arena, const char *text) {
    return yaml_get(service_of(arena, str_printf(arena, "services: {a: {value: %s}}", text).p), STR("value"));
}

static const struct variables *variables_of(struct arena *arena) {
    return variables_read(arena, STR("SET=value\nPORT=8080\nEMPTY=\nADDRESS=127.0.0.1:80\n"), NULL);
}

/* `want` NULL: not known. */
static void expect_text(struct str got, const char *want, const char *what) {
    cr_expect_eq(got.p != NULL, want != NULL, "%s: %.*s", what, STR_ARG(got));
    cr_expect(str_eq(got, str_of(want)), "%s: %.*s, not %s", what, STR_ARG(got), want ? want : "unknown");
}

Test(compose, texts) {
    ARENA(arena);
    static const struct {
        const char *value, *want;
    } rows[] = {
        {"a", "a"},         {"'a $SET'", "a value"}, {"80", "80"}, {"''", ""},
        {"'${EMPTY}'", ""}, {"$UNSET", NULL},        {"~", NULL},  {"[a]", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_text(compose_text(&arena, variables_of(&arena), value_of(&arena, rows[i].value)), rows[i].want,
                    rows[i].value);
    expect_text(compose_text(&arena, NULL, NULL), NULL, "no node");
    const struct yaml_node *service = service_of(&arena, "services:\n  a:\n    x: &x b\n    y: *x\n    z:\n");
    expect_text(compose_text(&arena, NULL, yaml_own(service, STR("y"))), "b", "an alias");
    expect_text(compose_field(&arena, NULL, service, STR("y")), "b", "a field");
    expect_text(compose_field(&arena, NULL, service, STR("z")), "", "a null field");
    expect_text(compose_field(&arena, NULL, service, STR("none")), "", "a missing field");
}

Test(compose, booleans) {
    ARENA(arena);
    static const struct {
        const char *value;
        bool is_true, is_false;
    } rows[] = {
        {"true", true, false},
        {"'TRUE'", true, false},
        {"yes", true, false},
        {"'y'", true, false},
        {"On", true, false},
        {"false", false, true},
        {"'False'", false, true},
        {"no", false, true},
        {"'off'", false, true},
        {"1", false, false},
        {"t", false, false},
        {"~", false, false},
        {"[true]", false, false},
        {"$UNSET", false, false},
        {"'${UNSET:-true}'", true, false},
        {"'${UNSET:-false}'", false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct yaml_node *value = value_of(&arena, rows[i].value);
        cr_expect_eq(compose_is_true(&arena, NULL, value), rows[i].is_true, "%s", rows[i].value);
        cr_expect_eq(compose_is_false(&arena, NULL, value), rows[i].is_false, "%s", rows[i].value);
    }
}

Test(compose, one_or_a_list) {
    ARENA(arena);
    const struct yaml_node *list = value_of(&arena, "[a, b]"), *one = value_of(&arena, "a");
    expect_text(yaml_text(compose_item(list, 0)), "a", "the first of a list");
    expect_text(yaml_text(compose_item(list, 1)), "b", "the second of a list");
    expect_text(yaml_text(compose_item(one, 0)), "a", "one");
    cr_expect_null(compose_item(list, 2));
    cr_expect_null(compose_item(one, 1));
    cr_expect_null(compose_item(value_of(&arena, "~"), 0));
    cr_expect_null(compose_item(NULL, 0));
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
        {"data:/data:ro,rw", MOUNT_VOLUME, "data", "/data", false},
        {"/data", MOUNT_VOLUME, "", "/data", false},
        {"./data:/data", MOUNT_BIND, "./data", "/data", false},
        {"..:/data", MOUNT_BIND, "..", "/data", false},
        {"~/data:/data", MOUNT_BIND, "~/data", "/data", false},
        {"/srv:/data:z", MOUNT_BIND, "/srv", "/data", false},
        {"'C:\\x:/data:ro'", MOUNT_BIND, "C:\\x", "/data", true},
        {"'C:\\x:D:\\y'", MOUNT_BIND, "C:\\x", "D:\\y", false},
        {"'\\\\.\\pipe\\engine:/data'", MOUNT_BIND, "\\\\.\\pipe\\engine", "/data", false},
        {"${WHERE:-data}:/data:ro", MOUNT_VOLUME, "data", "/data", true},
        {"'${WHERE:-./data}:/data'", MOUNT_BIND, "./data", "/data", false},
        {"$SET:/data", MOUNT_VOLUME, "value", "/data", false},
        {"$UNSET:/data:ro", MOUNT_OTHER, NULL, "/data", true},
        {"'${UNSET:?a:b}:/data'", MOUNT_OTHER, NULL, "/data", false},
        {"./$UNSET:/data", MOUNT_BIND, NULL, "/data", false},
        {"data-$UNSET:/data", MOUNT_VOLUME, NULL, "/data", false},
        {"data:$UNSET", MOUNT_VOLUME, "data", NULL, false},
        {"data:/data:$UNSET", MOUNT_VOLUME, "data", "/data", false},
        {"$UNSET", MOUNT_OTHER, NULL, NULL, false},
        {"{type: volume, source: data, target: /data}", MOUNT_VOLUME, "data", "/data", false},
        {"{type: volume, target: /data, read_only: true}", MOUNT_VOLUME, "", "/data", true},
        {"{type: volume, target: /data, read_only: 'yes'}", MOUNT_VOLUME, "", "/data", true},
        {"{type: bind, source: ., target: /data}", MOUNT_BIND, ".", "/data", false},
        {"{type: bind, source: $UNSET, target: /data}", MOUNT_BIND, NULL, "/data", false},
        {"{type: tmpfs, target: /data}", MOUNT_TMPFS, "", "/data", false},
        {"{type: npipe, source: a, target: b}", MOUNT_OTHER, "a", "b", false},
        {"{type: cluster, source: a, target: /data}", MOUNT_OTHER, "a", "/data", false},
        {"{type: image, source: a, target: /data}", MOUNT_OTHER, "a", "/data", false},
        {"{type: $UNSET, source: a, target: /data}", MOUNT_OTHER, "a", "/data", false},
        {"[]", MOUNT_OTHER, NULL, NULL, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str text = str_printf(&arena, "services:\n  a:\n    volumes:\n      - %s\n", rows[i].entry);
        const struct yaml_node *list = yaml_get(service_of(&arena, text.p), STR("volumes"));
        struct compose_volume got = compose_volume(&arena, variables_of(&arena), list->items[0]);
        cr_expect_eq(got.kind, rows[i].kind, "%s", rows[i].entry);
        expect_text(got.source, rows[i].source, rows[i].entry);
        expect_text(got.target, rows[i].target, rows[i].entry);
        cr_expect_eq(got.is_read_only, rows[i].is_read_only, "%s", rows[i].entry);
    }
}

Test(compose, what_volumes_say_beside) {
    ARENA(arena);
    static const struct {
        const char *entry, *written, *options, *subpath, *size, *mode;
        bool is_nocopy, needs_host_path;
    } rows[] = {
        {"'data:/data'", "data", "", "", "", "", false, false},
        {"'/data'", "", "", "", "", "", false, false},
        {"'data:/data:ro,z,nocopy'", "data", "ro,z,nocopy", "", "", "", true, false},
        {"'${A:-./x}:/data'", "${A:-./x}", "", "", "", "", false, false},
        {"'$A:/data:$B'", "$A", NULL, "", "", "", false, false},
        {"'C:\\x:/data'", "C:\\x", "", "", "", "", false, false},
        {"{type: volume, source: $A, volume: {nocopy: true, subpath: b}}", "$A", "", "b", "", "", true, false},
        {"{type: image, image: {subpath: b}}", "", "", "b", "", "", false, false},
        {"{type: tmpfs, tmpfs: {size: 64m, mode: 01777}}", "", "", "", "64m", "01777", false, false},
        {"{type: bind, source: a, bind: {create_host_path: false}}", "a", "", "", "", "", false, true},
        {"{type: bind, source: a, bind: {create_host_path: true}}", "a", "", "", "", "", false, false},
        {"{type: bind, source: a, bind: {create_host_path: $A}}", "a", "", "", "", "", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct compose_volume got = compose_volume(&arena, NULL, value_of(&arena, rows[i].entry));
        cr_expect(str_eq(got.written, str_of(rows[i].written)), "%s: %.*s", rows[i].entry, STR_ARG(got.written));
        expect_text(got.options, rows[i].options, rows[i].entry);
        expect_text(got.subpath, rows[i].subpath, rows[i].entry);
        expect_text(got.size, rows[i].size, rows[i].entry);
        expect_text(got.mode, rows[i].mode, rows[i].entry);
        cr_expect_eq(got.is_nocopy, rows[i].is_nocopy, "%s", rows[i].entry);
        cr_expect_eq(got.needs_host_path, rows[i].needs_host_path, "%s", rows[i].entry);
    }
}

Test(compose, tmpfs) {
    ARENA(arena);
    static const struct {
        const char *entry, *path, *options;
    } rows[] = {
        {"/run", "/run", ""},
        {"'/run:mode=1777,exec'", "/run", "mode=1777,exec"},
        {"'/run:size=${SIZE:-1m}'", "/run", "size=1m"},
        {"'/run:$UNSET'", "/run", NULL},
        {"'$UNSET:exec'", NULL, "exec"},
        {"$UNSET", NULL, NULL},
        {"{}", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct compose_tmpfs got = compose_tmpfs(&arena, NULL, value_of(&arena, rows[i].entry));
        expect_text(got.path, rows[i].path, rows[i].entry);
        expect_text(got.options, rows[i].options, rows[i].entry);
    }
}

Test(compose, ports) {
    ARENA(arena);
    static const struct {
        const char *entry, *host_ip, *published;
        uint32_t target;
        const char *protocol;
    } rows[] = {
        {"80", "", "", 80, "tcp"},
        {"'80'", "", "", 80, "tcp"},
        {"'8080:80'", "", "8080", 80, "tcp"},
        {"'127.0.0.1:8080:80'", "127.0.0.1", "8080", 80, "tcp"},
        {"'127.0.0.1::80'", "127.0.0.1", "", 80, "tcp"},
        {"':80'", "", "", 80, "tcp"},
        {"'[::1]:8080:80'", "::1", "8080", 80, "tcp"},
        {"'[::1]::80'", "::1", "", 80, "tcp"},
        {"'::1:8080:80'", "::1", "8080", 80, "tcp"},
        {"'[2001:db8:0:0:0:0:0:1]:8080:80'", "2001:db8:0:0:0:0:0:1", "8080", 80, "tcp"},
        {"'9090-9091:8080-8081'", "", "9090-9091", 8080, "tcp"},
        {"'8000-9000:80'", "", "8000-9000", 80, "tcp"},
        {"'3000-3005/udp'", "", "", 3000, "udp"},
        {"'53:53/UDP'", "", "53", 53, "udp"},
        {"'80/'", "", "", 80, "tcp"},
        {"'$PORT:80'", "", "8080", 80, "tcp"},
        {"'${UNSET:-8080}:80'", "", "8080", 80, "tcp"},
        {"'$ADDRESS:80'", "127.0.0.1", "80", 80, "tcp"},
        {"'$UNSET:80'", NULL, NULL, 80, "tcp"},
        {"'127.0.0.1:$UNSET:80'", "127.0.0.1", NULL, 80, "tcp"},
        {"'$UNSET:8080:80'", NULL, "8080", 80, "tcp"},
        {"'8080:$UNSET'", "", "8080", 0, NULL},
        {"$UNSET", NULL, NULL, 0, NULL},
        {"'80000'", "", "", 0, "tcp"},
        {"[]", NULL, NULL, 0, NULL},
        {"{target: 80}", "", "", 80, "tcp"},
        {"{target: '80', published: 8080, host_ip: 127.0.0.1, protocol: udp, mode: host, name: x}", "127.0.0.1", "8080",
         80, "udp"},
        {"{target: 80, published: '8080-8090', app_protocol: http}", "", "8080-8090", 80, "tcp"},
        {"{target: $UNSET, published: $UNSET, host_ip: $UNSET, protocol: $UNSET}", NULL, NULL, 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct compose_port got = compose_port(&arena, variables_of(&arena), value_of(&arena, rows[i].entry));
        expect_text(got.host_ip, rows[i].host_ip, rows[i].entry);
        expect_text(got.published, rows[i].published, rows[i].entry);
        expect_text(got.protocol, rows[i].protocol, rows[i].entry);
        cr_expect_eq(got.target, rows[i].target, "%s: %u", rows[i].entry, got.target);
    }
}

Test(compose, security_options) {
    ARENA(arena);
    static const struct {
        const char *entry, *key, *value;
    } rows[] = {
        {"no-new-privileges", "no-new-privileges", ""},
        {"'no-new-privileges:true'", "no-new-privileges", "true"},
        {"no-new-privileges=false", "no-new-privileges", "false"},
        {"'seccomp:./a.json'", "seccomp", "./a.json"},
        {"seccomp=unconfined", "seccomp", "unconfined"},
        {"'seccomp=C:\\a.json'", "seccomp", "C:\\a.json"},
        {"apparmor=a", "apparmor", "a"},
        {"'label:disable'", "label", "disable"},
        {"'label:user:root'", "label", "user:root"},
        {"'label=level:s0:c100'", "label", "level:s0:c100"},
        {"'seccomp:${UNSET:-a.json}'", "seccomp", "a.json"},
        {"'seccomp:$UNSET'", "seccomp", NULL},
        {"$UNSET", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct compose_option got = compose_security_option(&arena, NULL, value_of(&arena, rows[i].entry));
        expect_text(got.key, rows[i].key, rows[i].entry);
        expect_text(got.value, rows[i].value, rows[i].entry);
    }
}

Test(compose, secrets_and_configs) {
    ARENA(arena);
    static const struct {
        const char *entry;
        enum compose_grant_kind kind;
        const char *source, *target, *uid, *mode;
    } rows[] = {
        {"s", GRANT_SECRET, "s", "/run/secrets/s", "", ""},
        {"{source: s}", GRANT_SECRET, "s", "/run/secrets/s", "", ""},
        {"{source: s, target: t, uid: '103', mode: 0440}", GRANT_SECRET, "s", "/run/secrets/t", "103", "0440"},
        {"{source: s, target: /etc/t}", GRANT_SECRET, "s", "/etc/t", "", ""},
        {"c", GRANT_CONFIG, "c", "/c", "", ""},
        {"{source: c, target: t}", GRANT_CONFIG, "c", "/t", "", ""},
        {"{source: c, target: /etc/t, uid: $UNSET}", GRANT_CONFIG, "c", "/etc/t", NULL, ""},
        {"{source: c, target: $UNSET}", GRANT_CONFIG, "c", NULL, "", ""},
        {"$UNSET", GRANT_SECRET, NULL, NULL, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct compose_grant got = compose_grant(&arena, NULL, value_of(&arena, rows[i].entry), rows[i].kind);
        expect_text(got.source, rows[i].source, rows[i].entry);
        expect_text(got.target, rows[i].target, rows[i].entry);
        expect_text(got.uid, rows[i].uid, rows[i].entry);
        expect_text(got.mode, rows[i].mode, rows[i].entry);
    }
}

Test(compose, definitions_of_secrets_and_configs) {
    ARENA(arena);
    static const struct {
        const char *definition, *name, *file, *environment, *content;
        bool is_external;
    } rows[] = {
        {"{file: ./s}", "", "./s", "", "", false},
        {"{environment: S}", "", "", "S", "", false},
        {"{content: 'a ${B:-b}'}", "", "", "", "a b", false},
        {"{external: true, name: n}", "n", "", "", "", true},
        {"{external: {name: n}}", "n", "", "", "", true},
        {"{external: false, file: $UNSET}", "", NULL, "", "", false},
        {"~", "", "", "", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct compose_content got = compose_content(&arena, NULL, value_of(&arena, rows[i].definition));
        expect_text(got.name, rows[i].name, rows[i].definition);
        expect_text(got.file, rows[i].file, rows[i].definition);
        expect_text(got.environment, rows[i].environment, rows[i].definition);
        expect_text(got.content, rows[i].content, rows[i].definition);
        cr_expect_eq(got.is_external, rows[i].is_external, "%s", rows[i].definition);
    }
}

Test(compose, definitions_of_volumes) {
    ARENA(arena);
    static const struct {
        const char *definition, *driver;
        bool is_external, is_bind, is_remote;
    } rows[] = {
        {"~", "", false, false, false},
        {"{name: a, labels: {b: c}}", "", false, false, false},
        {"{driver: local}", "local", false, false, false},
        {"{external: true}", "", true, false, false},
        {"{external: {name: a}}", "", true, false, false},
        {"{driver_opts: {type: nfs, o: 'addr=10.0.0.1,rw', device: ':/x'}}", "", false, false, true},
        {"{driver: local, driver_opts: {type: none, o: 'rw,bind', device: /x}}", "local", false, true, false},
        {"{driver_opts: {type: tmpfs, device: tmpfs, o: 'size=1m'}}", "", false, false, false},
        {"{driver_opts: {type: $UNSET}}", "", false, false, true},
        {"{driver: rexray, driver_opts: {o: bind}}", "rexray", false, false, true},
        {"{driver: $UNSET}", NULL, false, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct compose_volume_definition got =
            compose_volume_definition(&arena, NULL, value_of(&arena, rows[i].definition));
        expect_text(got.driver, rows[i].driver, rows[i].definition);
        cr_expect_eq(got.is_external, rows[i].is_external, "%s", rows[i].definition);
        cr_expect_eq(got.is_bind, rows[i].is_bind, "%s", rows[i].definition);
        cr_expect_eq(got.is_remote, rows[i].is_remote, "%s", rows[i].definition);
    }
}

Test(compose, environment) {
    ARENA(arena);
    static const struct {
        const char *environment, *name;
        bool has;
        const char *value;
    } rows[] = {
        {"{A: 1}", "A", true, "1"},
        {"{A: 1}", "B", false, NULL},
        {"{A: ''}", "A", true, ""},
        {"{A: ~}", "A", true, NULL},
        {"{SET: ~}", "SET", true, "value"},
        {"{A: '$UNSET'}", "A", true, NULL},
        {"{A: 'x$SET'}", "A", true, "xvalue"},
        {"{<<: {A: 1}, B: 2}", "A", true, "1"},
        {"{<<: {A: 1}, A: 2}", "A", true, "2"},
        {"{<<: [{A: 1}, {A: 2}]}", "A", true, "1"},
        {"[A=1, B=2]", "A", true, "1"},
        {"[A=1, A=2]", "A", true, "2"},
        {"[A=x=y]", "A", true, "x=y"},
        {"['A=']", "A", true, ""},
        {"[A]", "A", true, NULL},
        {"[SET]", "SET", true, "value"},
        {"[AB=1]", "A", false, NULL},
        {"['A=$UNSET']", "A", true, NULL},
        {"['A=${UNSET:-b}']", "A", true, "b"},
        {"['$UNSET=1', A=2]", "A", true, "2"},
        {"~", "A", false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str text = str_printf(&arena, "services: {a: {environment: %s}}", rows[i].environment), got;
        const struct yaml_node *service = service_of(&arena, text.p);
        struct str name = str_of(rows[i].name);
        cr_expect_eq(compose_environment(&arena, variables_of(&arena), service, name, &got), rows[i].has, "%s",
                     rows[i].environment);
        expect_text(got, rows[i].value, rows[i].environment);
    }
}

/* Each mapping merges the one before twice. */
Test(compose, merges_without_end) {
    ARENA(arena);
    struct buf text = {.arena = &arena};
    buf_add(&text, STR("x0: &x0 {A: 1}\n"));
    for (uint32_t i = 1; i < 40; i++)
        buf_printf(&text, "x%u: &x%u {<<: [*x%u, *x%u]}\n", i, i, i - 1, i - 1);
    buf_add(&text, STR("services: {a: {environment: *x39}}\n"));
    struct str got;
    compose_environment(&arena, NULL, service_of(&arena, buf_str(&text).p), STR("A"), &got);
    expect_text(got, "1", "the innermost");
}

Test(compose, env_files) {
    ARENA(arena);
    static const struct {
        const char *entry, *path;
        bool is_required, is_raw;
    } rows[] = {
        {"a.env", "a.env", true, false},
        {"$UNSET", NULL, true, false},
        {"{path: a.env}", "a.env", true, false},
        {"{path: a.env, required: true}", "a.env", true, false},
        {"{path: a.env, required: false, format: raw}", "a.env", false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct compose_env_file got = compose_env_file(&arena, NULL, value_of(&arena, rows[i].entry));
        expect_text(got.path, rows[i].path, rows[i].entry);
        cr_expect_eq(got.is_required, rows[i].is_required, "%s", rows[i].entry);
        cr_expect_eq(got.is_raw, rows[i].is_raw, "%s", rows[i].entry);
    }
}

Test(compose, build) {
    ARENA(arena);
    static const struct {
        const char *keys;
        bool is_given;
        const char *context, *dockerfile, *inlined, *target;
    } rows[] = {
        {"{build: ./a}", true, "./a", "Dockerfile", "", ""},
        {"{build: '${A:-.}'}", true, ".", "Dockerfile", "", ""},
        {"{build: $A}", true, NULL, "Dockerfile", "", ""},
        {"{build: {}}", true, ".", "Dockerfile", "", ""},
        {"{build: {context: a, dockerfile: b, target: c}}", true, "a", "b", "", "c"},
        {"{build: {dockerfile_inline: FROM x}}", true, ".", "", "FROM x", ""},
        {"{build: {dockerfile: $A, target: $B}}", true, ".", NULL, "", NULL},
        {"{build: ~}", false, ".", "Dockerfile", "", ""},
        {"{image: a}", false, ".", "Dockerfile", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str text = str_printf(&arena, "services: {a: %s}", rows[i].keys);
        struct compose_build got = compose_build(&arena, NULL, service_of(&arena, text.p));
        cr_expect_eq(got.is_given, rows[i].is_given, "%s", rows[i].keys);
        expect_text(got.context, rows[i].context, rows[i].keys);
        expect_text(got.dockerfile, rows[i].dockerfile, rows[i].keys);
        expect_text(got.dockerfile_inline, rows[i].inlined, rows[i].keys);
        expect_text(got.target, rows[i].target, rows[i].keys);
    }
}

Test(compose, build_arguments_and_contexts) {
    ARENA(arena);
    static const char *const builds[] = {
        "{args: [A=1, B, 'C=$UNSET', SET], additional_contexts: [a=./b, 'c=docker-image://d:e']}",
        "{args: {A: 1, B: , C: $UNSET, SET: }, additional_contexts: {a: ./b, c: 'docker-image://d:e'}}",
    };
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        struct str text = str_printf(&arena, "services: {a: {build: %s}}", builds[i]);
        struct compose_build got = compose_build(&arena, variables_of(&arena), service_of(&arena, text.p));
        cr_assert_eq(got.args.n, 4);
        expect_text(got.args.list[0].key, "A", builds[i]);
        expect_text(got.args.list[0].value, "1", builds[i]);
        expect_text(got.args.list[1].value, NULL, builds[i]);
        expect_text(got.args.list[2].value, NULL, builds[i]);
        expect_text(got.args.list[3].value, "value", builds[i]);
        cr_assert_eq(got.additional_contexts.n, 2);
        expect_text(got.additional_contexts.list[0].value, "./b", builds[i]);
        expect_text(got.additional_contexts.list[1].key, "c", builds[i]);
        expect_text(got.additional_contexts.list[1].value, "docker-image://d:e", builds[i]);
    }
}

Test(compose, capabilities) {
    ARENA(arena);
    static const char *const rows[][2] = {
        {"NET_ADMIN", "NET_ADMIN"},
        {"cap_net_admin", "NET_ADMIN"},
        {"Net_Admin", "NET_ADMIN"},
        {"CAP_CHOWN", "CHOWN"},
        {"all", "ALL"},
        {"ALL", "ALL"},
        {"a b", "a b"},
        {"", ""},
        {NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_text(capability_name(&arena, str_of(rows[i][0])), rows[i][1], rows[i][0] ? rows[i][0] : "unknown");
}
