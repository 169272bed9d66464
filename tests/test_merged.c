/* Services that several mappings and files give. */
#include "merged.h"

#include <criterion/criterion.h>

/* A run over compose files that are not on disk. */
struct files {
    struct arena arena;
    struct diags diags;
    struct project project;
    struct compose_files files;
};

static struct files *files_create(void) {
    struct files *f = calloc(1, sizeof *f);
    f->diags.arena = f->project.arena = f->files.arena = &f->arena;
    f->project.diags = &f->diags;
    f->files.project = &f->project;
    return f;
}

static void files_destroy(struct files **f) {
    arena_release(&(*f)->arena);
    free(*f);
}

#define FILES(f) __attribute__((cleanup(files_destroy))) struct files *f = files_create()

static struct document *add(struct files *f, const char *path, const char *text) {
    project_hold(&f->project, str_of(path), str_of(text));
    return project_add_document(&f->project, str_of(path), FORMAT_COMPOSE, true);
}

static struct merged service(struct files *f, struct document *document, uint32_t index, const char *name) {
    return merged_service(&f->files, (struct place){document, index, str_of(name)});
}

/* The texts of a list, with blanks between them. */
static const char *list(struct files *f, const struct merged *merged, const char *key) {
    struct merged_items items = merged_list(&f->arena, merged, str_of(key));
    struct buf out = {.arena = &f->arena};
    for (uint32_t i = 0; i < items.n; i++)
        buf_printf(&out, "%s%.*s", i ? " " : "", STR_ARG(merged_value(&f->arena, merged, items.list[i])));
    return str_c(&f->arena, buf_str(&out));
}

static void expect(struct files *f, const struct merged *merged, const char *key, const char *want) {
    struct str got = merged_text(&f->arena, merged, str_of(key));
    cr_expect(str_eq(got, str_of(want)), "%s: %.*s, not %s", key, STR_ARG(got), want);
}

Test(merged, override) {
    FILES(f);
    struct document *base = add(f, "compose.yaml",
                                "services:\n  a:\n    image: one\n    user: '1'\n    cap_drop: [NET_RAW]\n"
                                "    tmpfs: /tmp\n    cap_add: [CHOWN]\n    init: true\n");
    struct document *over = add(f, "compose.override.yaml",
                                "services:\n  a:\n    user: '2'\n    cap_drop: [ALL]\n    tmpfs: [/run]\n"
                                "    cap_add: !override [KILL]\n    init: !reset null\n");
    over->onto = base;
    struct merged merged = service(f, over, 0, "a");
    cr_assert_eq(merged.n, 2);
    expect(f, &merged, "image", "one");
    expect(f, &merged, "user", "2");
    cr_expect_str_eq(list(f, &merged, "cap_drop"), "NET_RAW ALL");
    cr_expect_str_eq(list(f, &merged, "tmpfs"), "/tmp /run");
    cr_expect_str_eq(list(f, &merged, "cap_add"), "KILL");
    cr_expect_null(merged_get(&merged, STR("init")));
    merged = service(f, base, 0, "a");
    cr_expect_eq(merged.n, 1);
    cr_expect(merged_is_true(&f->arena, &merged, STR("init")));
}

Test(merged, null_keeps_what_is_below) {
    FILES(f);
    struct document *base = add(f, "compose.yaml", "services: {a: {user: '1', cap_drop: [ALL]}}");
    struct document *over = add(f, "b.yaml", "services: {a: {user: , cap_drop: }}");
    over->onto = base;
    struct merged merged = service(f, over, 0, "a");
    expect(f, &merged, "user", "1");
    cr_expect_str_eq(list(f, &merged, "cap_drop"), "ALL");
}

Test(merged, documents_of_a_file) {
    FILES(f);
    struct document *file =
        add(f, "compose.yaml", "services: {a: {user: '1', cap_drop: [x]}}\n---\nservices: {a: {cap_drop: [y]}}");
    struct merged merged = service(f, file, 1, "a");
    cr_expect_eq(merged.n, 2);
    cr_expect_str_eq(list(f, &merged, "cap_drop"), "x y");
    merged = service(f, file, 0, "a");
    cr_expect_eq(merged.n, 1);
}

Test(merged, extends) {
    FILES(f);
    add(f, "x/common.yaml", "services: {b: {image: two, user: '2'}, c: {extends: b, cap_drop: [x]}}");
    struct document *file = add(f, "compose.yaml",
                                "services:\n  a: {extends: {file: x/common.yaml, service: c}, cap_drop: [y]}\n"
                                "  b: {image: other}\n  d: {extends: {service: b}}\n");
    struct merged merged = service(f, file, 0, "a");
    cr_assert_eq(merged.n, 3);
    expect(f, &merged, "image", "two");
    cr_expect_str_eq(list(f, &merged, "cap_drop"), "x y");
    cr_expect_null(merged.missing.p);
    merged = service(f, file, 0, "d");
    expect(f, &merged, "image", "other");
}

Test(merged, extends_what_is_not_there) {
    FILES(f);
    struct document *file = add(f, "compose.yaml",
                                "services:\n  a: {extends: {file: gone.yaml, service: b}}\n  c: {extends: gone}\n"
                                "  d: {extends: d}\n  e: {extends: f}\n  f: {extends: e}\n");
    cr_expect_not_null(service(f, file, 0, "a").missing.p);
    cr_expect_not_null(service(f, file, 0, "c").missing.p);
    cr_expect_not_null(service(f, file, 0, "d").missing.p);
    cr_expect_not_null(service(f, file, 0, "e").missing.p);
    cr_expect_eq(service(f, file, 0, "gone").n, 0);
}

Test(merged, mounts) {
    FILES(f);
    struct document *base = add(f, "x/compose.yaml",
                                "services:\n  a:\n    volumes: [data:/data/, ./conf:/etc/conf:ro, anon:/a, /b]\n"
                                "    tmpfs: /run:mode=1777\n    secrets: [s]\n"
                                "volumes: {data: , anon: {external: true}}\nsecrets: {s: {file: ./s.txt}}\n");
    struct document *over = add(f, "x/over.yaml", "services: {a: {volumes: [../d:/data]}}");
    over->onto = base;
    static const struct {
        enum compose_mount kind;
        const char *target, *source;
        bool is_read_only, is_filled, is_open;
    } rows[] = {
        {MOUNT_VOLUME, "/data", "data", false, true, false},
        {MOUNT_BIND, "/etc/conf", "x/conf", true, false, false},
        {MOUNT_VOLUME, "/a", "anon", false, false, false},
        {MOUNT_VOLUME, "/b", "", false, true, false},
        {MOUNT_TMPFS, "/run", "", false, false, true},
        {MOUNT_BIND, "/run/secrets/s", "x/s.txt", true, false, false},
    };
    struct merged merged = service(f, base, 0, "a");
    struct merged_mounts mounts = merged_mounts(&f->arena, &merged);
    cr_assert_eq(mounts.n, sizeof rows / sizeof *rows);
    for (uint32_t i = 0; i < mounts.n; i++) {
        const struct merged_mount *mount = &mounts.list[i];
        cr_expect_eq(mount->kind, rows[i].kind, "%s", rows[i].target);
        cr_expect(str_eq(mount->target, str_of(rows[i].target)), "%s", rows[i].target);
        cr_expect(str_eq(mount->source, str_of(rows[i].source)), "%s: %.*s", rows[i].target, STR_ARG(mount->source));
        cr_expect_eq(mount->is_read_only, rows[i].is_read_only, "%s", rows[i].target);
        cr_expect_eq(mount->is_filled, rows[i].is_filled, "%s", rows[i].target);
        cr_expect_eq(mount->is_open, rows[i].is_open, "%s", rows[i].target);
    }
    merged = service(f, over, 0, "a");
    mounts = merged_mounts(&f->arena, &merged);
    cr_expect_eq(mounts.n, sizeof rows / sizeof *rows);
    cr_expect_eq(mounts.list[0].kind, MOUNT_BIND);
    cr_expect(str_eq(mounts.list[0].source, STR("d")));
}

Test(merged, needs_root) {
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
        {"{volumes: ['$DIR/docker.sock:/s']}", true},
        {"{volumes: ['data:/data']}", false},
        {"{pid: host}", true},
        {"{pid: 'service:b'}", false},
        {"{user: root}", true},
        {"{user: 0}", true},
        {"{user: '0:1000'}", true},
        {"{user: '1000:0'}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        FILES(f);
        struct str text = str_printf(&f->arena, "services:\n  a: {build: .}\n---\nservices:\n  a: %s\n", rows[i].keys);
        struct merged merged = service(f, add(f, "compose.yaml", text.p), 1, "a");
        struct merged_mounts mounts = merged_mounts(&f->arena, &merged);
        cr_expect_eq(merged_needs_root(&f->arena, &merged, &mounts).p != NULL, rows[i].needs_root, "%s", rows[i].keys);
    }
}

/* A public image's start may keep what an engine gives it anyway. */
Test(merged, default_capabilities) {
    static const struct {
        const char *keys;
        bool needs_root;
    } rows[] = {
        {"{image: x, cap_add: [CHOWN, CAP_SETUID, setgid]}", false},
        {"{image: x, cap_add: [CHOWN, NET_ADMIN]}", true},
        {"{image: x, cap_add: [ALL]}", true},
        {"{build: ., cap_add: [CHOWN]}", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        FILES(f);
        struct str text = str_printf(&f->arena, "services:\n  a: %s\n", rows[i].keys);
        struct merged merged = service(f, add(f, "compose.yaml", text.p), 0, "a");
        struct merged_mounts mounts = merged_mounts(&f->arena, &merged);
        cr_expect_eq(merged_needs_root(&f->arena, &merged, &mounts).p != NULL, rows[i].needs_root, "%s", rows[i].keys);
    }
}
