#include "image.h"
#include "template.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    const char *text, *repository, *tag, *digest;
    bool has_registry, has_namespace;
} references[] = {
    {"node", "node", "latest", NULL, false, false},
    {"node:20-slim", "node", "20-slim", NULL, false, false},
    {"docker.io/library/node:20", "node", "20", NULL, false, false},
    {"docker.io/node:20", "node", "20", NULL, false, false},
    {"index.docker.io/library/node", "node", "latest", NULL, false, false},
    {"registry-1.docker.io/library/node", "node", "latest", NULL, false, false},
    {"library/node", "node", "latest", NULL, false, false},
    {"grafana/grafana:11.0", "grafana/grafana", "11.0", NULL, false, true},
    {"docker.io/grafana/grafana", "grafana/grafana", "latest", NULL, false, true},
    {"ghcr.io/owner/app:v1", "ghcr.io/owner/app", "v1", NULL, true, true},
    {"gcr.io/distroless/nodejs20-debian12:nonroot", "gcr.io/distroless/nodejs20-debian12", "nonroot", NULL, true, true},
    {"localhost/app", "localhost/app", "latest", NULL, true, true},
    {"localhost:5000/app", "localhost:5000/app", "latest", NULL, true, true},
    {"localhost:5000/app:2", "localhost:5000/app", "2", NULL, true, true},
    {"Registry.Example:443/app", "Registry.Example:443/app", "latest", NULL, true, true},
    {"mirror.gcr.io/library/postgres:16", "postgres", "16", NULL, false, false},
    {"mirror.gcr.io/grafana/loki", "grafana/loki", "latest", NULL, false, true},
    {"public.ecr.aws/docker/library/nginx:1.27", "nginx", "1.27", NULL, false, false},
    {"public.ecr.aws/nginx/nginx:1.27", "public.ecr.aws/nginx/nginx", "1.27", NULL, true, true},
    {"ghcr.io/library/node", "ghcr.io/library/node", "latest", NULL, true, true},
    {"node@sha256:0123456789abcdef", "node", "", "sha256:0123456789abcdef", false, false},
    {"node:20@sha256:0123456789abcdef", "node", "20", "sha256:0123456789abcdef", false, false},
    {"localhost:5000/a@sha256:0123456789abcdef", "localhost:5000/a", "", "sha256:0123456789abcdef", true, true},
    {"node:Twenty_1.x-Y", "node", "Twenty_1.x-Y", NULL, false, false},
};

Test(image, reads_references) {
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        const char *text = references[i].text;
        struct image_reference got;
        cr_assert(image_reference_parse(str_of(text), &got), "%s", text);
        cr_expect(str_eq(got.repository, str_of(references[i].repository)), "%s: %.*s", text, STR_ARG(got.repository));
        cr_expect(str_eq(got.tag, str_of(references[i].tag)), "%s: %.*s", text, STR_ARG(got.tag));
        cr_expect(str_eq(got.digest, str_of(references[i].digest)), "%s: %.*s", text, STR_ARG(got.digest));
        cr_expect_eq(got.digest.p == NULL, references[i].digest == NULL, "%s", text);
        cr_expect_eq(got.has_registry, references[i].has_registry, "%s", text);
        cr_expect_eq(got.has_namespace, references[i].has_namespace, "%s", text);
    }
}

Test(image, refuses_what_is_no_reference) {
    static const char *const texts[] = {
        "",           " ",         "no de",        "Node",     "owner/App", "ghcr.io/Owner/app",
        ":20",        "@sha256:1", "node:a/b:c d", "node:a b", "$IMAGE",    "${IMAGE}:1",
        "node\n",     "a\x01",     "n\xc3\xb6",    "node:",    "node:20 ",  "node@",
        "docker.io/", "__image__", "a//b",         "a/.b",     "a-/b"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct image_reference got;
        cr_expect_not(image_reference_parse(str_of(texts[i]), &got), "\"%s\"", texts[i]);
    }
}

static const struct image_table no_rows;

static const struct image *find(const char *text) {
    struct image_reference reference;
    cr_assert(image_reference_parse(str_of(text), &reference), "%s", text);
    return image_find(&no_rows, &reference);
}

Test(image, finds_rows_by_tag) {
    static const struct {
        const char *text, *family;
    } rows[] = {
        {"node:20-slim", "debian"},
        {"node:20-alpine", "alpine"},
        {"node:20-alpine3.20", "alpine"},
        {"node", "debian"},
        {"python:3.12", "debian"},
        {"python:3.12-alpine", "alpine"},
        {"ubuntu:24.04", "ubuntu"},
        {"ubuntu:22.04", "ubuntu"},
        {"alpine:3.20", "alpine"},
        {"debian:bookworm-slim", "debian"},
        {"rockylinux:9", "rhel"},
        {"rockylinux:9-minimal", "rhel-minimal"},
        {"redhat/ubi9-micro", "rhel-minimal"},
        {"registry.access.redhat.com/ubi9/ubi", "rhel"},
        {"quay.io/fedora/fedora-minimal:42", "fedora-minimal"},
        {"mcr.microsoft.com/windows/nanoserver:ltsc2022", "windows"},
        {"gcr.io/distroless/static:debug", "distroless"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct image *image = find(rows[i].text);
        cr_assert(image, "%s", rows[i].text);
        cr_expect(str_eq(image->family->name, str_of(rows[i].family)), "%s: %.*s", rows[i].text,
                  STR_ARG(image->family->name));
    }
    cr_expect(str_eq(find("node:20-slim")->user, STR("node")));
    cr_expect_eq(find("node:20-slim")->uid, 1000);
    cr_expect_null(find("my-app"));
    cr_expect_null(find("ghcr.io/library/node"), "another registry's image of that name is another image");
}

Test(image, compares_versions_by_number) {
    /* the user ubuntu came with 23.04 */
    static const char *const with[] = {"ubuntu:23.04",  "ubuntu:24.04", "ubuntu:24.10",
                                       "ubuntu:100.04", "ubuntu:noble", "ubuntu"};
    static const char *const without[] = {"ubuntu:22.04", "ubuntu:20.04", "ubuntu:9.10", "ubuntu:22.04.3",
                                          "ubuntu:jammy"};
    for (size_t i = 0; i < sizeof with / sizeof *with; i++)
        cr_expect_eq(find(with[i])->uid, 1000, "%s", with[i]);
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        cr_expect_eq(find(without[i])->uid, 0, "%s", without[i]);
}

Test(image, knows_nothing_by_a_digest_alone_where_tags_differ) {
    cr_expect_null(find("node@sha256:0123456789abcdef"));
    cr_expect_not_null(find("node:20-alpine@sha256:0123456789abcdef"));
    struct image_reference reference;
    cr_assert(image_reference_parse(STR("node@sha256:0123456789abcdef"), &reference));
    cr_expect(image_is_known(&no_rows, &reference));
}

Test(image, takes_a_users_rows_first) {
    static const struct str all[] = {STR_INIT("node"), STR_INIT("registry.example.com:5000/team/base")},
                            team[] = {STR_INIT("registry.example.com:5000/team/*")},
                            tags[] = {STR_INIT("20-*"), STR_INIT("<3")};
    static const struct image_row rows[] = {
        {all, 2, {.tags = tags, .n_tags = 2}}, {team, 1, {.runtime = STR_INIT("ruby")}}, {all, 2, {.n_tags = 0}}};
    static const struct image_table own = {rows, 3};
    static const struct {
        const char *text;
        int row; /* -1: nothing is known, -2: the built-in row */
    } finds[] = {
        {"node:20-slim", 0},
        {"node:2.7", 0},
        {"node:22-slim", 2},
        {"docker.io/library/node:20-slim", 0},
        {"node@sha256:0123456789abcdef", -1},
        {"registry.example.com:5000/team/base:20-x", 0},
        {"registry.example.com:5000/team/base:4", 1},
        {"registry.example.com:5000/team/other", 1},
        {"registry.example.com:5000/team/other@sha256:0123456789abcdef", 1},
        {"registry.example.com:5000/team/deep/other", -1},
        {"registry.example.com:5000/teams/other", -1},
        {"registry.example.com/team/other", -1},
        {"python:3.12", -2},
    };
    for (size_t i = 0; i < sizeof finds / sizeof *finds; i++) {
        struct image_reference reference;
        cr_assert(image_reference_parse(str_of(finds[i].text), &reference));
        const struct image *got = image_find(&own, &reference), *want = NULL;
        if (finds[i].row >= 0)
            want = &rows[finds[i].row].image;
        else if (finds[i].row == -2)
            want = find(finds[i].text);
        cr_expect_eq(got, want, "%s", finds[i].text);
        cr_expect_eq(image_is_known(&own, &reference), got || reference.digest.p, "%s", finds[i].text);
    }
}

Test(image, knows_families_by_name) {
    cr_assert_not_null(image_family(STR("alpine")));
    cr_expect(str_eq(image_family(STR("alpine"))->name, STR("alpine")));
    cr_expect_not_null(image_family(STR("windows")));
    cr_expect_null(image_family(STR("alpin")));
    cr_expect_null(image_family(STR("")));
}

Test(image, tells_known_images_from_others) {
    static const struct {
        const char *text;
        bool is_known;
    } rows[] = {{"node:4-onbuild", true}, {"docker.io/library/node", true}, {"my-app", false}, {"nodes", false},
                {"nod", false},           {"localhost:5000/node", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct image_reference reference;
        cr_assert(image_reference_parse(str_of(rows[i].text), &reference));
        cr_expect_eq(image_is_known(&no_rows, &reference), rows[i].is_known, "%s", rows[i].text);
    }
}

Test(image, knows_whose_packages_are_still_served) {
    static const struct {
        const char *text;
        bool has_packages;
    } rows[] = {
        {"debian:bookworm", true}, {"debian:12-slim", true},   {"debian:buster", false},      {"debian:10", false},
        {"ubuntu:24.04", true},    {"ubuntu:18.04", false},    {"ubuntu:bionic", false},      {"node:20-slim", true},
        {"node:20-buster", false}, {"python:3.12-slim", true}, {"python:3.8-stretch", false}, {"fedora:42", true},
        {"fedora:41", false},      {"fedora", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct image_reference reference;
        cr_assert(image_reference_parse(str_of(rows[i].text), &reference));
        const struct image *image = image_find(&no_rows, &reference);
        cr_assert(image, "%s", rows[i].text);
        cr_expect_eq(image_has_packages(image, &reference), rows[i].has_packages, "%s", rows[i].text);
    }
}

Test(image, tells_ids_that_may_be_taken) {
    static const uint32_t list[] = {0, 33, 65534};
    struct image_ids known = {true, list, 3}, unknown = {false, NULL, 0};
    cr_expect(image_ids_may_have(known, 33));
    cr_expect_not(image_ids_may_have(known, 34));
    cr_expect(image_ids_may_have(known, 65534));
    cr_expect(image_ids_may_have(unknown, 999), "system users");
    cr_expect_not(image_ids_may_have(unknown, 1000));
    cr_expect(image_ids_may_have(unknown, 65534), "nobody");
    cr_expect_not(image_ids_may_have(unknown, 1000650000));
}

Test(image, has_no_shell_where_the_family_has_none) {
    cr_expect_not(find("gcr.io/distroless/base:debug")->has_shell, "there is /busybox/sh alone");
    cr_expect_not(find("scratch")->has_shell);
    cr_expect_not(find("cgr.dev/chainguard/python")->has_shell, "by its own row");
    cr_expect(find("busybox")->has_shell);
}

Test(image, takes_tags_of_any_length) {
    ARENA(arena);
    char *text = arena_alloc(&arena, 70006);
    memset(text, 'a', 70005);
    memcpy(text, "node:", 5);
    struct image_reference reference;
    cr_assert(image_reference_parse(str_of(text), &reference));
    image_find(&no_rows, &reference);
    image_has_packages(find("node:20"), &reference);
    memset(text, 'a', 70005);
    text[60000] = '/';
    cr_assert(image_reference_parse(str_of(text), &reference));
    cr_expect_null(image_find(&no_rows, &reference));
}

/* --- the table itself ----------------------------------------------------------------------------------------------
 */

/* A tag that the pattern stands for, its stars replaced, the first of every [set]; `<18` and `>=24.04` give the version
 * before and that one. */
static struct str tag_of(struct arena *arena, struct str pattern, const char *star) {
    uint32_t version;
    if (str_starts(pattern, STR(">=")))
        return str_sub(pattern, 2, pattern.n);
    if (str_starts(pattern, STR("<"))) {
        struct str number = str_sub(pattern, 1, str_find(pattern, 0, '.'));
        cr_assert(str_number(number, 100000, &version) && version > 0, "%.*s", STR_ARG(pattern));
        return str_printf(arena, "%u", version - 1);
    }
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < pattern.n; i++)
        if (pattern.p[i] == '*') {
            buf_add(&out, str_of(star));
        } else if (pattern.p[i] == '[') {
            buf_byte(&out, pattern.p[i + 1]);
            i = str_find(pattern, i, ']');
        } else {
            buf_byte(&out, pattern.p[i]);
        }
    return buf_str(&out);
}

static bool leads_to(struct arena *arena, struct str repository, struct str tag, const struct image *image) {
    struct image_reference reference;
    struct str text = str_printf(arena, "%.*s:%.*s", STR_ARG(repository), STR_ARG(tag));
    return image_reference_parse(text, &reference) && image_find(&no_rows, &reference) == image;
}

/* Whether some tag leads to the row by that name. */
static bool is_reached(struct arena *arena, struct str repository, const struct image *image) {
    static const char *const stars[] = {"", "x", "-x", "x-", "1", "1.2-", "-1.2", "99"};
    static const struct str any[] = {STR_INIT("latest"), STR_INIT("1"),    STR_INIT("x"),
                                     STR_INIT("99.9-x"), STR_INIT("slim"), STR_INIT("alpine")};
    if (str_ends(repository, STR("/*")))
        repository = str_printf(arena, "%.*sx", (int)repository.n - 1, repository.p);
    for (uint32_t i = 0; i < image->n_tags; i++)
        for (size_t j = 0; j < sizeof stars / sizeof *stars; j++)
            if (leads_to(arena, repository, tag_of(arena, image->tags[i], stars[j]), image))
                return true;
    for (size_t i = 0; i < sizeof any / sizeof *any && image->n_tags == 0; i++)
        if (leads_to(arena, repository, any[i], image))
            return true;
    return false;
}

Test(image_table, has_no_row_that_others_hide) {
    ARENA(arena);
    cr_assert_gt(image_n_names, 0);
    for (uint32_t i = 0; i < image_n_names; i++)
        cr_expect(is_reached(&arena, image_names[i].repository, image_names[i].image), "%.*s, row from %.*s",
                  STR_ARG(image_names[i].repository), STR_ARG(image_names[i].image->source));
}

Test(image_table, is_sorted_by_parsed_names) {
    for (uint32_t i = 0; i < image_n_names; i++) {
        struct str name = image_names[i].repository;
        struct image_reference reference;
        if (i)
            cr_expect_leq(str_cmp(image_names[i - 1].repository, name), 0, "%.*s", STR_ARG(name));
        if (str_ends(name, STR("/*")))
            continue;
        cr_expect(image_reference_parse(name, &reference) && str_eq(reference.repository, name), "%.*s", STR_ARG(name));
    }
}

Test(image_table, holds_what_rules_rely_on) {
    for (uint32_t i = 0; i < image_n_names; i++) {
        const struct image *image = image_names[i].image;
        struct str name = image_names[i].repository;
        cr_expect(image->uid > 0 || image->user.n == 0, "%.*s: a user has an id", STR_ARG(name));
        cr_expect(image->workdir.n == 0 || image->workdir.p[0] == '/', "%.*s", STR_ARG(name));
        for (uint32_t j = 0; j < image->n_writes; j++)
            cr_expect_eq(image->writes[j].p[0], '/', "%.*s", STR_ARG(name));
        for (uint32_t j = 0; j < image->n_volumes; j++)
            cr_expect_eq(image->volumes[j].p[0], '/', "%.*s", STR_ARG(name));
        for (uint32_t j = 0; j < image->n_capabilities; j++)
            cr_expect(template_has_name(NAMES_DEFAULT_CAPABILITIES, image->capabilities[j]), "%.*s", STR_ARG(name));
        for (uint32_t j = 0; j < image->n_data; j++)
            cr_expect_eq(image->data[j].p[0], '/', "%.*s", STR_ARG(name));
        for (uint32_t j = 0; j < image->n_content; j++)
            cr_expect(str_is_in(image->content[j], image->writes, image->n_writes), "%.*s", STR_ARG(name));
        for (uint32_t j = 0; j < image->n_owns; j++)
            cr_expect(str_eq(image->owns[j], STR("/tmp")) ||
                          str_is_in(image->owns[j], image->writes, image->n_writes) ||
                          str_is_in(image->owns[j], image->data, image->n_data),
                      "%.*s", STR_ARG(name));
        for (uint32_t j = 0; j < image->n_ports; j++)
            cr_expect(image->ports[j] > 0 && image->ports[j] < 1024, "%.*s", STR_ARG(name));
        cr_expect(image->uid > 0 || image->as_user.n == 0, "%.*s: a user to be started as", STR_ARG(name));
        cr_expect(image->has_capabilities || image->n_capabilities == 0, "%.*s", STR_ARG(name));
    }
}

/* The list as text, with spaces between. */
static struct str joined(struct arena *arena, const struct str *list, uint32_t n) {
    struct buf text = {.arena = arena};
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&text, "%s%.*s", i ? " " : "", STR_ARG(list[i]));
    return buf_str(&text);
}

Test(image_table, knows_services) {
    /* capabilities, or NULL where they are not known; user and group that it can be started as, or 0; data; the first
     * of its ports, or 0 */
    static const struct {
        const char *text, *capabilities;
        uint32_t uid, gid;
        const char *data;
        uint32_t port;
    } rows[] = {
        {"postgres:17", "CHOWN DAC_OVERRIDE SETGID SETUID", 999, 999, "/var/lib/postgresql/data", 0},
        {"postgres:17-alpine", "CHOWN DAC_OVERRIDE SETGID SETUID", 70, 70, "/var/lib/postgresql/data", 0},
        {"postgres", "CHOWN DAC_OVERRIDE SETGID SETUID", 999, 999, "/var/lib/postgresql", 0},
        {"postgis/postgis:16-3.4-alpine", "CHOWN DAC_OVERRIDE SETGID SETUID", 70, 70, "/var/lib/postgresql/data", 0},
        {"pgvector/pgvector:0.8.0-pg17", "CHOWN DAC_OVERRIDE SETGID SETUID", 999, 999, "/var/lib/postgresql/data", 0},
        {"timescale/timescaledb:latest-pg18", "CHOWN DAC_OVERRIDE SETGID SETUID", 70, 70, "/var/lib/postgresql", 0},
        {"mysql:8.4", "CHOWN DAC_OVERRIDE SETGID SETUID", 999, 999, "/var/lib/mysql", 0},
        {"mongo:7", "CHOWN DAC_OVERRIDE SETGID SETUID", 999, 999, "/data/configdb /data/db", 0},
        {"redis:8-alpine", "CHOWN DAC_OVERRIDE FOWNER SETGID SETPCAP SETUID", 999, 1000, "/data", 0},
        {"rabbitmq:3-management", "CHOWN DAC_OVERRIDE SETGID SETUID", 999, 999, "/var/lib/rabbitmq", 0},
        {"rabbitmq:3.8-management", NULL, 0, 0, "", 0},
        {"nginx:1.27", "CHOWN NET_BIND_SERVICE SETGID SETUID", 0, 0, "", 80},
        {"httpd", "NET_BIND_SERVICE SETGID SETUID", 0, 0, "", 80},
        {"php:8.3-fpm-alpine", "KILL SETGID SETUID", 82, 82, "", 0},
        {"caddy:2", "NET_BIND_SERVICE", 0, 0, "/config /data", 80},
        {"registry:2", "", 0, 0, "", 0},
        {"grafana/grafana:11.2.0", "", 472, 0, "/var/lib/grafana /var/log/grafana", 0},
        {"prom/prometheus", "", 65534, 65534, "/prometheus", 0},
        {"hashicorp/vault:1.17", NULL, 0, 0, "/vault/file /vault/logs", 0},
        {"lscr.io/linuxserver/sonarr", NULL, 0, 0, "", 0},
        {"registry.k8s.io/test-webserver", "NET_BIND_SERVICE", 65534, 65534, "", 80},
        {"registry.k8s.io/ingress-nginx/controller:v1.12.0", "NET_BIND_SERVICE", 101, 82, "", 80},
        {"registry.k8s.io/coredns/coredns:v1.12.0", "NET_BIND_SERVICE", 65532, 65532, "", 53},
        {"coredns/coredns:1.9.4", "NET_BIND_SERVICE", 0, 0, "", 53},
        {"gcr.io/google-samples/microservices-demo/frontend:v0.10.1", "", 1000, 1000, "", 0},
        {"gcr.io/google-samples/microservices-demo/frontend:v0.3.9", NULL, 0, 0, "", 0},
        {"bitnami/postgresql:16", "", 1001, 0, "/bitnami/postgresql", 0},
        {"bitnami/laravel", NULL, 0, 0, "", 0},
        {"node:20", NULL, 0, 0, "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        const char *text = rows[i].text;
        const struct image *image = find(text);
        cr_assert(image, "%s", text);
        struct str capabilities = joined(&arena, image->capabilities, image->n_capabilities);
        cr_expect_eq(image->has_capabilities, rows[i].capabilities != NULL, "%s", text);
        cr_expect(str_eq(capabilities, str_of(rows[i].capabilities ? rows[i].capabilities : "")), "%s: %.*s", text,
                  STR_ARG(capabilities));
        cr_expect_eq(image->as_user.n > 0, rows[i].uid > 0, "%s", text);
        cr_expect(rows[i].uid == 0 || (image->uid == rows[i].uid && image->gid == rows[i].gid), "%s", text);
        cr_expect(str_eq(joined(&arena, image->data, image->n_data), str_of(rows[i].data)), "%s", text);
        cr_expect_eq(image->n_ports ? image->ports[0] : 0, rows[i].port, "%s", text);
    }
    const struct image *nginx = find("nginx:alpine"), *cassandra = find("cassandra:5"), *varnish = find("varnish");
    cr_expect(str_is_in(STR("/etc/nginx/templates"), nginx->rewrites_if, nginx->n_rewrites_if));
    cr_expect(str_is_in(STR("/etc/cassandra"), cassandra->content, cassandra->n_content));
    cr_expect(find("clickhouse:25")->unverified & UNVERIFIED_AS_USER);
    cr_expect(str_is_in(STR("/var/lib/varnish"), varnish->executes, varnish->n_executes));
    cr_expect(str_is_in(STR("PGDATA"), find("postgres:16")->settings, find("postgres:16")->n_settings));
    cr_expect_gt(find("telegraf")->gains.n, 0);
    const struct image *postgres = find("postgres:16"), *coredns = find("registry.k8s.io/coredns/coredns:v1.12.0");
    cr_expect(str_is_in(STR("/var/lib/postgresql/data"), postgres->owns, postgres->n_owns));
    cr_expect(str_is_in(STR("/tmp"), find("ruby:3.4")->owns, find("ruby:3.4")->n_owns));
    cr_expect_eq(find("postgres:18")->n_owns, 0, "its start makes a folder of its own there");
    cr_expect(str_is_in(STR("NET_BIND_SERVICE"), coredns->file_capabilities, coredns->n_file_capabilities));
    cr_expect(find("bitnami/redis")->unverified & UNVERIFIED_WRITES);
}

Test(image_table, has_families_whose_templates_fill) {
    ARENA(arena);
    const struct template_variable list[] = {
        {"user", STR("app")}, {"uid", STR("10001")}, {"gid", STR("10002")}, {"packages", STR("tini")}};
    struct template_variables variables = {list, 4};
    uint32_t n_static = 0;
    for (uint32_t i = 0; i < image_n_families; i++) {
        const struct family *family = &image_families[i];
        const char *name = str_c(&arena, family->name);
        struct str user = template_fill(&arena, family->create_user, variables);
        struct str install = template_fill(&arena, family->install, variables);
        cr_expect(user.n == 0 || (str_starts(user, STR("RUN ")) && str_ends(user, STR("\n"))), "%s", name);
        cr_expect(install.n == 0 || (str_starts(install, STR("RUN ")) && str_ends(install, STR("\n"))), "%s", name);
        cr_expect(family->tini.n == 0 || str_contains(install, STR(" tini")), "%s", name);
        cr_expect(user.n == 0 || (str_contains(user, STR("app")) && str_contains(user, STR("10001")) &&
                                  str_contains(user, STR("10002")) && !str_contains(user, STR("${"))),
                  "%s", name);
        n_static += family->static_from.n > 0;
        cr_expect(family->static_from.n == 0 || family->static_tini.n > 0, "%s", name);
    }
    cr_expect_eq(n_static, 1, "one family gives the static tini");
}
