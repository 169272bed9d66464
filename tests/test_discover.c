#include "discover.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Test(discover_format, knows_names) {
    static const struct {
        const char *path;
        enum format format;
    } rows[] = {
        {"Dockerfile", FORMAT_DOCKERFILE},
        {"a/b/dockerFILE", FORMAT_DOCKERFILE},
        {"Dockerfile.dev", FORMAT_DOCKERFILE},
        {"web.Dockerfile", FORMAT_DOCKERFILE},
        {"x/api.dockerfile", FORMAT_DOCKERFILE},
        {"Containerfile", FORMAT_DOCKERFILE},
        {"containerfile.prod", FORMAT_DOCKERFILE},
        {"Dockerfile.dockerignore", FORMAT_NONE},
        {"Dockerfile.orig", FORMAT_NONE},
        {"Dockerfile.dev.BAK", FORMAT_NONE},
        {"Dockerfile~", FORMAT_NONE},
        {"Dockerfile.old", FORMAT_NONE},
        {"web.Dockerfile.DockerIgnore", FORMAT_NONE},
        {".dockerignore", FORMAT_NONE},
        {"Dockerfiles", FORMAT_NONE},
        {"MyDockerfile", FORMAT_NONE},
        {"Dockerfile/readme", FORMAT_NONE},
        {"web.Containerfile", FORMAT_DOCKERFILE},
        {"Dockerfile.j2", FORMAT_NONE},
        {"Dockerfile.prod.Tmpl", FORMAT_NONE},
        {"web.Dockerfile.erb", FORMAT_NONE},
        {"Dockerfile.md", FORMAT_NONE},
        {"Dockerfile.orig", FORMAT_NONE},
        {"Dockerfile.mdx", FORMAT_DOCKERFILE},
        {"compose.yaml", FORMAT_COMPOSE},
        {"x/compose.yml", FORMAT_COMPOSE},
        {"compose.override.yaml", FORMAT_COMPOSE},
        {"compose.a.b.yml", FORMAT_COMPOSE},
        {"docker-compose.yml", FORMAT_COMPOSE},
        {"docker-compose-dev.yaml", FORMAT_COMPOSE},
        {"docker-compose.ci.yml", FORMAT_COMPOSE},
        {"compose.json", FORMAT_NONE},
        {"compose-dev.yaml", FORMAT_NONE},
        {"my-compose.yaml", FORMAT_NONE},
        {"compose.yaml.bak", FORMAT_NONE},
        {"pod.yaml", FORMAT_NONE},
        {"", FORMAT_NONE},
        {"a/", FORMAT_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(discover_format(str_of(rows[i].path)), rows[i].format, "%s", rows[i].path);
}

static void content(const char *text, enum format want) {
    enum format got = discover_content(str_of(text));
    cr_expect_eq(got, want, "%d, not %d:\n%s", (int)got, (int)want, text);
}

Test(discover_content, sees_kubernetes_objects) {
    content("apiVersion: v1\nkind: Pod\n", FORMAT_KUBE);
    content("kind: Pod\r\nmetadata:\r\n  name: x\r\napiVersion: v1", FORMAT_KUBE);
    content("\xef\xbb\xbf# c\n---\n\"apiVersion\": v1\n'kind' : Pod\n", FORMAT_KUBE);
    content("%YAML 1.2\n--- # first\nkind: A\n---\napiVersion: v1\nkind: B\n", FORMAT_KUBE);
    content("a: 1\n---\nservices:\n  x: {}\n---\napiVersion: v1\nkind: B\n---\nservices: {}\n", FORMAT_KUBE);
    content("  apiVersion: v1\n  kind: Pod\n", FORMAT_KUBE);
    content("{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n", FORMAT_KUBE);
    content("data: |\n  x\napiVersion: v1\nkind: ConfigMap\n", FORMAT_KUBE);
    content("data: a |\napiVersion: v1\nkind: ConfigMap\n", FORMAT_KUBE);
    content("items:\n- apiVersion: v1\n  kind: Pod\n", FORMAT_KUBE);
    content("items:\n  - kind: Pod\n    apiVersion: v1\n", FORMAT_KUBE);
    content("items:\n- data: |\n    x\n  apiVersion: v1\n  kind: Pod\n", FORMAT_KUBE);
}

Test(discover_content, sees_json_patches) {
    content("- op: add\n  path: /a\n  value: 1\n", FORMAT_KUBE);
    content("# c\n---\n  - path: /a\n    \"op\": remove\n", FORMAT_KUBE);
    content("- {op: add, path: /a, value: {}}\n", FORMAT_KUBE);
    content("[{\"op\": \"remove\", \"path\": \"/a\"}]", FORMAT_KUBE);
    content("- op: add\n- name: x\n  at:\n    path: /a\n", FORMAT_NONE);
    content("- x: {op: add, path: /a}\n", FORMAT_NONE);
    content("[{\"x\": {\"op\": 1, \"path\": 2}}]", FORMAT_NONE);
    content("op: add\npath: /a\n", FORMAT_NONE);
    content("a:\n- op: add\n  path: /a\n", FORMAT_NONE);
    content("{\"op\": 1, \"path\": 2}", FORMAT_NONE);
    content("{\"a\": [{\"op\": 1, \"path\": 2}]}", FORMAT_NONE);
}

Test(discover_content, sees_json) {
    content("{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}", FORMAT_KUBE);
    content("{\n\t\"kind\" : \"Pod\" ,\n\t\"x\": {\"a\": [1, {}]},\n\t\"apiVersion\"\n: \"v1\"\n}\n", FORMAT_KUBE);
    content("--- {apiVersion: v1, 'kind': Pod} # c\n", FORMAT_KUBE);
    content("{\"items\": [{\"kind\": \"Pod\", \"apiVersion\": \"v1\"}]}", FORMAT_KUBE);
    content("{\"services\": {\"web\": {\"image\": \"x\"}}}", FORMAT_COMPOSE);
    content("{\"services\": [\"web\"]}", FORMAT_NONE);
    content("{\"a\": {\"apiVersion\": 1, \"kind\": 2}}", FORMAT_NONE);
    content("{\"a\": \"\\\"}, apiVersion: 1, kind: 2\", \"b\": \"x\"}", FORMAT_NONE);
    content("[\"apiVersion\", \"kind\"]", FORMAT_NONE);
    content("{\"apiVersion\": \"kind\"}", FORMAT_NONE);
    content("{\"kind\": \"Pod\"", FORMAT_NONE);
    content("{a: 1, # apiVersion: 1,\n kind: 1}", FORMAT_NONE);
    content("{a: 1}\napiVersion: v1\nkind: Pod\n", FORMAT_NONE);
}

Test(discover_content, sees_compose_files) {
    content("services:\n  web:\n    image: x\n", FORMAT_COMPOSE);
    content("version: '3'\nservices: # all\n\n  # c\n  web: {image: x}\n", FORMAT_COMPOSE);
    content("x-a: &a\n  kind: 1\nservices: {}\n", FORMAT_COMPOSE);
    content("apiVersion: v1\nservices:\n  web:\n", FORMAT_COMPOSE);
    content("services:\n", FORMAT_COMPOSE);
    content("services:\n  web:\n    x: 1\n  db:\n    ports: []\n", FORMAT_COMPOSE);
    content("services:\n  web:\n    <<: *a\n", FORMAT_COMPOSE);
    content("services:\n  web: {x-a: 1}\n  db: ~\n", FORMAT_COMPOSE);
    content("services:\n  # c\n  web: &a # c\n    labels:\n      class: a\n", FORMAT_COMPOSE);
    content("services:\n  - docker:dind\njob:\n  script: x\n", FORMAT_NONE);
    content("services:\n- docker:dind\n", FORMAT_NONE);
    content("services: [docker]\n", FORMAT_NONE);
}

Test(discover_content, sees_services_of_other_tools) {
    content("parameters: {a: 1}\nservices:\n  _defaults:\n    autowire: true\n  App\\:\n    resource: '../src/'\n"
            "  a.b:\n    class: A\n    arguments:\n      image: x\n",
            FORMAT_NONE);
    content("services:\n  a.b: {class: A, tags: [{name: x}]}\n  c: '@a.b'\n", FORMAT_NONE);
    content("services:\n  a.b:\n    tags:\n      - { name: x }\n      - image: x\n", FORMAT_NONE);
    content("name: x\nservices:\n  web:\n    project: src/web\n    host: appservice\nimage: x\n", FORMAT_NONE);
    content("services:\n  web:\n    path: a\nbuild:\n  web:\n    image: x\n", FORMAT_NONE);
}

Test(discover_content, sees_dockerfiles) {
    content("FROM x\n", FORMAT_DOCKERFILE);
    content("# syntax=docker/dockerfile:1\r\n\r\n  from x\r\n", FORMAT_DOCKERFILE);
    content("ARG A=1\nFROM x\nRUN cat <<EOF\napiVersion: v1\nkind: Pod\nEOF\n", FORMAT_DOCKERFILE);
    content("RUN x\nFROM y\n", FORMAT_NONE);
    content("FROM\n", FORMAT_NONE);
    content("from: x\n", FORMAT_NONE);
    content("arg : x\n", FORMAT_NONE);
    content("FROMAGE x\n", FORMAT_NONE);
}

Test(discover_content, is_not_fooled) {
    content("", FORMAT_NONE);
    content("\n\n", FORMAT_NONE);
    content("kind: Pod\n---\napiVersion: v1\n", FORMAT_NONE);
    content("kind: Pod\n# apiVersion: v1\n", FORMAT_NONE);
    content("kind: Pod\nx:\n  apiVersion: v1\n", FORMAT_NONE);
    content("kind: Pod\napiVersion:v1\n", FORMAT_NONE);
    content("kind: Pod\nmy apiVersion: v1\n", FORMAT_NONE);
    content("kind: Pod\nx: apiVersion: v1\n", FORMAT_NONE);
    content("--- |\napiVersion: v1\nkind: Pod\n", FORMAT_NONE);
    content("--- >-\n services:\n", FORMAT_NONE);
    content("items:\n- kind: |\n    apiVersion: v1\n", FORMAT_NONE);
    content("items:\n- |\n  apiVersion: v1\n  kind: x\n", FORMAT_NONE);
    content("items:\n  a: !!str |2- # c\n\n    apiVersion: v1\n    kind: x\n", FORMAT_NONE);
    content("- apiVersion: v1\n  kind: Pod\n", FORMAT_NONE);
    content("\"services", FORMAT_NONE);
    content("'services':x", FORMAT_COMPOSE);
    content("{", FORMAT_NONE);
    content("{\"a\\", FORMAT_NONE);
    content("-", FORMAT_NONE);
    content(":", FORMAT_NONE);
}

static char folder[64];

static void make_folder(void) {
    strcpy(folder, "/tmp/ironhull-discover-XXXXXX");
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(chmod(".", 0777), 0);
}

static void drop_folder(void) {
    char command[256];
    if (getuid() == 0)
        cr_assert_eq(seteuid(0), 0);
    snprintf(command, sizeof command, "chmod -R u+rwx '%s' && rm -rf '%s'", folder, folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(discover, .init = make_folder, .fini = drop_folder);

/* Makes an empty file and its folders, or with a "/" at the end only these. */
static void touch(const char *path) {
    char command[256];
    snprintf(command, sizeof command, "mkdir -p \"$(dirname '%sx')\"", path);
    cr_assert_eq(system(command), 0);
    if (path[strlen(path) - 1] != '/')
        close(open(path, O_WRONLY | O_CREAT, 0666));
}

/* Compares what is found with the paths in `want`, one a line, and the number of diagnostics. */
static void finds_wanted(const char *start, const struct discovery *wanted, const char *want, uint32_t n_diags) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct found_list list = {0};
    struct buf got = {.arena = &arena};
    discover(&arena, str_of(start), wanted, &list, &diags);
    for (uint32_t i = 0; i < list.list.n; i++)
        buf_printf(&got, "%.*s\n", STR_ARG(list.list.at[i].path));
    cr_expect(str_eq(buf_str(&got), str_of(want)), "below \"%s\":\n%s\nnot\n%s", start, buf_str(&got).p, want);
    cr_expect_eq(diags.list.n, n_diags);
}

static void finds(const char *start, const char *skip, const char *want, uint32_t n_diags) {
    finds_wanted(start, &(struct discovery){.skip = str_of(skip)}, want, n_diags);
}

/* The same with patterns in one text, a space between them. */
static void finds_filtered(const char *start, const char *excludes, const char *includes, const char *want) {
    ARENA(arena);
    __attribute__((cleanup(filter_release))) struct filter filter = {0};
    VEC(struct str) lists[2] = {0};
    const char *const texts[] = {excludes, includes};
    for (int i = 0; i < 2; i++)
        for (struct str rest = str_of(texts[i]), pattern; str_cut(&rest, ' ', &pattern);)
            *vec_push(&arena, &lists[i]) = pattern;
    filter_exclude(&filter, &arena, STR("."), lists[0].at, lists[0].n);
    filter_include(&filter, &arena, STR("."), lists[1].at, lists[1].n);
    finds_wanted(start, &(struct discovery){.filter = &filter}, want, 0);
}

static void write_text(const char *path, const char *text) {
    touch(path);
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

Test(discover, finds_our_files_in_the_order_of_their_bytes) {
    static const char *const files[] = {"Dockerfile",
                                        "z.yaml",
                                        "a/compose.yml",
                                        "a-b/x.json",
                                        "a.yaml",
                                        "B.yml",
                                        "main.c",
                                        "a/README",
                                        "a/.x.yml",
                                        "a/Dockerfile.dev",
                                        "api/v/Containerfile",
                                        ".github/ci.yml",
                                        "x.dockerignore",
                                        "y.YAML"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        touch(files[i]);
    finds(".", NULL,
          ".github/ci.yml\nB.yml\nDockerfile\na-b/x.json\na.yaml\na/.x.yml\na/Dockerfile.dev\na/compose.yml\n"
          "api/v/Containerfile\nz.yaml\n",
          0);
}

Test(discover, tells_the_format) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct found_list list = {0};
    /* in another spelling the content of a Dockerfile decides */
    static const char *const files[] = {"Dockerfile",   "Dockerfile.go", "a.Dockerfile", "b.dockerfile",
                                        "compose.yaml", "dockerfile.go", "x.json"};
    static const enum format formats[] = {FORMAT_DOCKERFILE, FORMAT_DOCKERFILE, FORMAT_DOCKERFILE, FORMAT_NONE,
                                          FORMAT_COMPOSE,    FORMAT_NONE,       FORMAT_NONE};
    enum { N = sizeof files / sizeof *files };
    for (size_t i = 0; i < N; i++)
        touch(files[i]);
    *vec_push(&arena, &list.list) = (struct found){STR("zzz"), FORMAT_KUBE};
    discover(&arena, STR("."), &(struct discovery){0}, &list, &diags);
    cr_assert_eq(list.list.n, N + 1);
    cr_expect(str_eq(list.list.at[0].path, STR("zzz")), "what was there stays first");
    for (size_t i = 0; i < N; i++)
        cr_expect_eq(list.list.at[i + 1].format, formats[i], "%s", files[i]);
}

Test(discover, joins_paths_as_they_were_named) {
    touch("sub/deep/compose.yaml");
    touch("sub/Dockerfile");
    static const char *const starts[] = {"sub", "./sub", "sub/", ".//sub//", "./././sub/.", "sub/./"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        finds(starts[i], NULL, "sub/Dockerfile\nsub/deep/compose.yaml\n", 0);
    finds("./", NULL, "sub/Dockerfile\nsub/deep/compose.yaml\n", 0);
    finds("sub/deep", NULL, "sub/deep/compose.yaml\n", 0);
    cr_assert_eq(chdir("sub/deep"), 0);
    finds("..", NULL, "../Dockerfile\n../deep/compose.yaml\n", 0);
    ARENA(arena);
    finds(str_printf(&arena, "%s/sub/deep/", folder).p, NULL,
          str_printf(&arena, "%s/sub/deep/compose.yaml\n", folder).p, 0);
}

Test(discover, leaves_folders_out) {
    static const char *const files[] = {".git/x.yaml", "a/node_modules/x/Dockerfile", "vendor/x.yml", "out/x.yml",
                                        "a/out/x.yml", "node_modules.yaml",           "vendors/x.yml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        touch(files[i]);
    finds(".", "out", "a/out/x.yml\nnode_modules.yaml\nvendors/x.yml\n", 0);
    finds("./", "./a/../out/", "a/out/x.yml\nnode_modules.yaml\nvendors/x.yml\n", 0);
    finds(".", "missing", "a/out/x.yml\nnode_modules.yaml\nout/x.yml\nvendors/x.yml\n", 0);
    finds("vendor", NULL, "vendor/x.yml\n", 0);
    finds("out", "out", "out/x.yml\n", 0);
}

Test(discover, does_not_follow_links, .timeout = 60) {
    touch("real/x.yaml");
    touch("a/");
    cr_assert_eq(symlink("../real", "a/link"), 0);
    cr_assert_eq(symlink("..", "a/up"), 0);
    cr_assert_eq(symlink("../real/x.yaml", "a/y.yaml"), 0);
    cr_assert_eq(mkfifo("a/z.yaml", 0666), 0);
    cr_assert_eq(mkdir("a/folder.yaml", 0777), 0);
    finds(".", NULL, "real/x.yaml\n", 0);
    cr_assert_eq(symlink("real", "named"), 0);
    finds("named", NULL, "named/x.yaml\n", 0);
}

Test(discover, says_what_it_cannot_read) {
    touch("a/x.yaml");
    touch("b/x.yaml");
    touch("c/x.yaml");
    cr_assert_eq(chmod("b", 0), 0);
    if (geteuid() == 0)
        cr_assert(seteuid(65534) == 0);
    finds(".", NULL, "a/x.yaml\nc/x.yaml\n", 1);
    finds("b", NULL, "", 1);
    finds("missing", NULL, "", 1);
    finds("a/x.yaml", NULL, "", 1);
}

Test(discover, goes_down_any_depth, .timeout = 60) {
    enum { DEPTH = 1500 };
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    for (unsigned i = 0; i < DEPTH; i++) {
        cr_assert_eq(mkdirat(fd, "folder", 0777), 0);
        int next = openat(fd, "folder", O_RDONLY | O_DIRECTORY);
        close(fd);
        fd = next;
    }
    close(openat(fd, "Dockerfile", O_WRONLY | O_CREAT, 0666));
    close(fd);
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct found_list list = {0};
    discover(&arena, STR("."), &(struct discovery){0}, &list, &diags);
    cr_expect_eq(diags.list.n, 0);
    cr_assert_eq(list.list.n, 1);
    cr_expect_eq(list.list.at[0].path.n, DEPTH * 7 + 10);
}

Test(discover, leaves_out_what_git_does) {
    static const char *const files[] = {"a.yaml", "b.yaml", "gen/a.yaml", "sub/a.yaml", "sub/b.yaml", "sub/gen/c.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        touch(files[i]);
    write_text(".gitignore", "/gen/\nb.yaml\n");
    write_text("sub/.gitignore", "!b.yaml\na.yaml\n");
    finds(".", NULL, "a.yaml\nsub/b.yaml\nsub/gen/c.yaml\n", 0);
    finds("gen", NULL, "gen/a.yaml\n", 0);
    finds("sub", NULL, "sub/b.yaml\nsub/gen/c.yaml\n", 0);
    cr_assert_eq(unlink("sub/.gitignore"), 0);
    finds("sub", NULL, "sub/a.yaml\nsub/b.yaml\nsub/gen/c.yaml\n", 0);
    touch(".git/");
    finds("sub", NULL, "sub/a.yaml\nsub/gen/c.yaml\n", 0);
    write_text(".gitignore", "/sub/a.yaml\n!/sub/gen\n");
    write_text(".git/info/exclude", "gen\nb.yaml\n");
    finds("sub", NULL, "sub/gen/c.yaml\n", 0);
    finds(".", NULL, "a.yaml\nsub/gen/c.yaml\n", 0);
    cr_assert_eq(chdir("sub/gen"), 0);
    finds("..", NULL, "../gen/c.yaml\n", 0);
}

Test(discover, asks_each_repository_for_its_own_rules) {
    write_text(".gitignore", "*.yaml\n");
    write_text(".git/info/exclude", "*.yml\n");
    touch("a.yaml");
    touch("inner/b.yaml");
    touch("inner/b.yml");
    finds(".", NULL, "", 0);
    write_text("inner/.git", "gitdir: ../.git/worktrees/inner\n");
    finds(".", NULL, "inner/b.yaml\ninner/b.yml\n", 0);
    write_text(".git/worktrees/inner/commondir", "../..\n");
    finds(".", NULL, "inner/b.yaml\n", 0);
    finds("inner", NULL, "inner/b.yaml\n", 0);
}

Test(discover, reads_no_gitignore_that_is_no_file, .timeout = 60) {
    touch("a/x.yaml");
    touch("b/x.yaml");
    touch("c/x.yaml");
    touch("d/x.yaml");
    write_text("rules", "*.yaml\n");
    cr_assert_eq(symlink("../rules", "a/.gitignore"), 0);
    cr_assert_eq(mkfifo("b/.gitignore", 0666), 0);
    cr_assert_eq(mkdir("c/.gitignore", 0777), 0);
    write_text("d/.gitignore", "*.yaml\n");
    finds(".", NULL, "a/x.yaml\nb/x.yaml\nc/x.yaml\n", 0);
    cr_assert_eq(chmod("d/.gitignore", 0), 0);
    if (geteuid() == 0)
        cr_assert(seteuid(65534) == 0);
    finds("d", NULL, "d/x.yaml\n", 1);
}

Test(discover, takes_excludes_and_includes) {
    static const char *const files[] = {"a.yaml",
                                        "k/a.yaml",
                                        "k/b.yaml",
                                        "gen/x/a.yaml",
                                        "vendor/p/a.yaml",
                                        "vendor/q/a.yaml",
                                        "node_modules/vendor/a.yaml",
                                        ".git/a.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        touch(files[i]);
    write_text(".gitignore", "gen\nb.yaml\n");
    finds_filtered(".", NULL, NULL, "a.yaml\nk/a.yaml\n");
    finds_filtered(".", "k/", NULL, "a.yaml\n");
    finds_filtered(".", "./a.yaml", NULL, "k/a.yaml\n");
    finds_filtered(".", "a.yaml", "*.yaml", "k/b.yaml\n");
    finds_filtered(".", "*.yaml !k/*.yaml", NULL, "k/a.yaml\n");
    finds_filtered(".", NULL, "gen", "a.yaml\ngen/x/a.yaml\nk/a.yaml\n");
    finds_filtered(".", NULL, "vendor", "a.yaml\nk/a.yaml\nvendor/p/a.yaml\nvendor/q/a.yaml\n");
    finds_filtered(".", "q", "./vendor/", "a.yaml\nk/a.yaml\nvendor/p/a.yaml\n");
    finds_filtered(".", NULL, "vendor/*/a.yaml !vendor/q/*", "a.yaml\nk/a.yaml\nvendor/p/a.yaml\n");
    finds_filtered(".", NULL, "vendor/p/a.yaml", "a.yaml\nk/a.yaml\nvendor/p/a.yaml\n");
    finds_filtered(".", "k", "**/a.yaml",
                   "a.yaml\ngen/x/a.yaml\nnode_modules/vendor/a.yaml\nvendor/p/a.yaml\nvendor/q/a.yaml\n");
    finds_filtered("vendor/p", "a.yaml", NULL, "");
    finds_filtered("k", "k/a.yaml", "k/b.yaml", "k/b.yaml\n");
    cr_assert_eq(chdir("k"), 0);
    finds_filtered("..", "a.yaml", "b.yaml", "../k/b.yaml\n");
    finds_filtered("..", "/a.yaml", NULL, "../a.yaml\n");
    finds_filtered("..", NULL, "/gen /vendor", "../a.yaml\n../k/a.yaml\n");
}

Test(discover, tells_whether_a_file_is_excluded) {
    ARENA(arena);
    __attribute__((cleanup(filter_release))) struct filter filter = {0};
    static const struct str patterns[] = {STR_INIT("gen/"), STR_INIT("./a.yaml"), STR_INIT("*.yml"),
                                          STR_INIT("!b.yml")};
    touch("sub/");
    cr_expect(filter_is_empty(&filter));
    filter_exclude(&filter, &arena, STR("sub"), patterns, 4);
    cr_expect_not(filter_is_empty(&filter));
    static const struct {
        const char *path;
        bool is_excluded;
    } rows[] = {{"sub/gen/x/a.json", true}, {"sub/x/gen/a.json", true}, {"sub/gen", false},   {"sub/a.yaml", true},
                {"sub/x/a.yaml", false},    {"sub/x.yml", true},        {"sub/b.yml", false}, {"x.yml", true},
                {"a.yaml", false},          {"other/gen/a.json", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(filter_excludes(&filter, str_printf(&arena, "%s/%s", folder, rows[i].path)), rows[i].is_excluded,
                     "%s", rows[i].path);
}

Test(discover, takes_globs) {
    static const char *const files[] = {"a.yaml", "k/a.yaml", "k/x/b.yaml", "k/x/Dockerfile", "k/gen/c.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        touch(files[i]);
    touch(".git/");
    write_text(".gitignore", "gen\n");
    finds_wanted("k", &(struct discovery){.glob = STR("**/*.yaml")}, "k/a.yaml\nk/x/b.yaml\n", 0);
    finds_wanted(".", &(struct discovery){.glob = STR("*.yaml")}, "a.yaml\n", 0);
    finds_wanted(".", &(struct discovery){.glob = STR("*/*/[A-Z]*")}, "k/x/Dockerfile\n", 0);
    finds_wanted("k", &(struct discovery){.glob = STR("?")}, "", 0);
}

Test(discover, takes_any_name) {
    touch("a\nb/x\xff\n.yaml");
    touch(" /Dockerfile");
    write_text(".gitignore", "*\xff*\n");
    finds(".", NULL, " /Dockerfile\n", 0);
    write_text(".gitignore", "");
    finds(".", NULL, " /Dockerfile\na\nb/x\xff\n.yaml\n", 0);
}
