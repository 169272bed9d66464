/* What command lines need, write to and listen on. */
#include "program.h"

#include <criterion/criterion.h>

static const struct stage *stage_from(struct arena *arena, const char *image) {
    struct diags diags = {.arena = arena};
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, STR("Dockerfile"), str_printf(arena, "FROM %s\n", image), FORMAT_DOCKERFILE);
    struct stages stages = stages_of(arena, dockerfile_parse(arena, source, &diags), &(struct image_table){0});
    cr_assert(stages.n == 1 && stages.list[0].image, "%s", image);
    return &stages.list[0];
}

/* As Kubernetes has it: command: [sh, -c, LINE]. */
static struct command line_of(struct arena *arena, const char *line) {
    struct str *words = arena_array(arena, 3, sizeof *words);
    words[0] = STR("sh");
    words[1] = STR("-c");
    words[2] = str_of(line);
    return (struct command){.is_set = true, .is_known = true, .words = words, .n = 3};
}

static const char *join(struct arena *arena, struct str_list list) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < list.n; i++)
        buf_printf(&out, "%s%.*s", i ? " " : "", STR_ARG(list.list[i]));
    return buf_str(&out).p ? buf_str(&out).p : "";
}

/* The room has /data, and /work as the folder that is worked in; `reason` is a part of the obstacle, NULL: there is
 * none. */
static void has_obstacle(const char *image, const char *line, const char *reason) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct project project = {.arena = &arena, .diags = &diags};
    static const struct str folders[] = {STR_INIT("/data"), STR_INIT("/work")};
    struct program_room room = {{(struct str *)folders, 2}, STR("/work")};
    struct command command = line_of(&arena, line);
    struct str got = program_obstacle_in(&arena, &project, STR("/"), stage_from(&arena, image), &command, NULL, &room);
    cr_expect(reason ? got.p && str_contains(got, str_of(reason)) : !got.p, "%s: %s\ngives \"%.*s\"", image, line,
              STR_ARG(got));
}

Test(program, needs_nothing_of_root) {
    static const char *const lines[] = {
        "sleep 3600",
        "until nslookup db; do sleep 2; done",
        "until nc -z $(DB_HOST) 5432; do echo waiting for db; sleep 2; done;",
        "while true; do date >> /data/out.txt; sleep $(($RANDOM % 5 + 5)); done",
        "while ! curl -fsS http://api:8080/health >/dev/null 2>&1; do sleep 1; done",
        "wget -O /work/index.html http://info.cern.ch",
        "wget -qO- http://api/ | grep -q ok",
        "wget http://example.com/a.tgz",
        "wget -q --spider http://example.com",
        "curl -sSLo /data/a.tgz https://example.com/a.tgz && sha256sum /data/a.tgz",
        "curl -fLO https://example.com/a.tgz",
        "cp -r /a /data/b && mkdir -p /data/c/d && touch /data/c/x",
        "cd /data && tee log.txt </etc/hostname",
        "find /data -type f -mtime +7 -delete",
        "sed -i 's/a/b/' /data/app.conf",
        "echo $HOSTNAME > /tmp/name; cat /tmp/name; env; printenv; id",
        "if [ ! -f /data/ready ]; then cp /etc/hosts /data/ready; else echo there; fi",
        "for i in 1 2 3; do echo $i; done",
        "(date; uname -a) > /work/info",
        "trap 'exit 0' TERM; tail -f /dev/null & wait",
        "nc -l -p 8080 -e cat",
        "timeout 30 sh -c 'until pg_isready -h db; do sleep 1; done'",
        "psql -h db -c 'select 1' && redis-cli -h cache ping && mysql -h db -e 'select 1'",
        "kubectl get pods -o json | jq '.items | length'",
        "httpd -f -p 8080 -h /data",
        "git clone https://example.com/a.git /data/a",
        "echo \"$(date) $(hostname)\" >> /data/log",
        "echo `date`",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        has_obstacle("busybox", lines[i], NULL);
    has_obstacle("alpine", lines[1], NULL);
    has_obstacle("debian:12", lines[3], NULL);
}

Test(program, needs_root_or_more) {
    static const struct {
        const char *line, *reason;
    } rows[] = {
        {"chown -R 1000:1000 /srv", "chown writes to /srv"},
        {"chown --reference=/data /data/a", "chown gives files to others"},
        {"chmod --reference=/data /data/a", "chmod needs root"},
        {"sysctl -w vm.max_map_count=262144", "sysctl changes settings of the kernel"},
        {"sysctl -a", "sysctl needs root"},
        {"mount -t tmpfs none /data", "mount starts as root"},
        {"umount /data", "umount changes the host"},
        {"apk add curl && curl http://api", "apk needs root"},
        {"apt-get update", "apt-get needs root"},
        {"date > /var/log/out", "its command line writes to /var/log/out"},
        {"date > /data/../etc/out", "writes to /etc/out"},
        {"date > $OUT", "writes to $OUT"},
        {"cd /etc && date > out", "writes to /etc/out"},
        {"cd $X && date > out", "writes to out"},
        {"cp a /usr/local/bin/a", "cp writes to /usr/local/bin/a"},
        {"cp -t /opt a b", "cp writes to /opt"},
        {"mv /etc/a /data/a", "mv writes to /etc/a"},
        {"rm -rf /var/cache/x", "rm writes to /var/cache/x"},
        {"wget --output-document=/srv/a http://b", "wget writes to /srv/a"},
        {"cd /; wget http://b/a", "wget writes to /"},
        {"curl -o/srv/a http://b", "curl writes to /srv/a"},
        {"find / -name x -delete", "find writes to /"},
        {"find /data -exec chown 1 {} +", "what find needs of root is not known"},
        {"while true; do apk update; done", "apk needs root"},
        {"echo $(apk info)", "apk needs root"},
        {"echo \"${X:-$(id)}\"", "not understood"},
        {"case $X in a) apk add b;; esac", "not understood"},
        {"f() { date; }; f", "not understood"},
        {"server --port 80", "what server needs of root is not known"},
        {"/scripts/run", "what /scripts/run needs of root is not known"},
        {"ping -c 1 db", "what ping needs of root is not known"},
        {"busybox mount /x", "mount starts as root"},
        {"timeout -s KILL 5 apk add x", "apk needs root"},
        {"sh", "waits for commands"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        has_obstacle("busybox", rows[i].line, rows[i].reason);
    has_obstacle("debian:12", "httpd -f", "httpd starts as root");
}

Test(program, changes_owners_where_it_may_write) {
    static const char *const lines[] = {"chown -R 1000:1000 /data", "mkdir -p /data/a && chgrp 1000 /data/a",
                                        "/bin/chmod 2775 /data /work"};
    ARENA(arena);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct command command = line_of(&arena, lines[i]), none = {.is_known = true};
        has_obstacle("busybox", lines[i], NULL);
        cr_expect(program_sets_owners(&arena, stage_from(&arena, "busybox"), &command, &none), "%s", lines[i]);
    }
    struct command other = line_of(&arena, "cp /a /data"), none = {.is_known = true};
    cr_expect(!program_sets_owners(&arena, stage_from(&arena, "busybox"), &other, &none));
}

Test(program, writes_where_its_words_say) {
    static const struct {
        const char *line, *workdir, *paths;
    } rows[] = {
        {"date >> /data/out", "/", "/data/out"},
        {"date > out 2>&1", "/srv", "/srv/out"},
        {"date > out", NULL, "out"},
        {"cd /a; date >b; cd c; date >>d; cd -; date >e", "/", "/a/b /a/c/d e"},
        {"date > /tmp/x; date > /dev/stdout", "/", ""},
        {"date > /tmp/../x", "/", "/x"},
        {"mkdir -p /a /b/c && touch /b/c/d && touch /a", "/", "/a /b/c /b/c/d"},
        {"cp -r /x /y/ /z", "/", "/z"},
        {"mv /x/1 /y", "/", "/x/1 /y"},
        {"wget -q -O /w/index.html http://a", "/", "/w/index.html"},
        {"wget -qO /w/i http://a; wget -O - http://a; wget -qO- http://a", "/", "/w/i"},
        {"wget -P /w http://a; wget http://a", "/srv", "/w /srv"},
        {"curl -so /w/i http://a; curl --output=/w/j http://a; curl -X POST http://a", "/", "/w/i /w/j"},
        {"curl -sSLO http://a", "/srv", "/srv"},
        {"date | tee -a /l/1 /l/2", "/", "/l/1 /l/2"},
        {"ln -sf /a /b", "/", "/b"},
        {"chown -R 1:1 /a /b; chmod 755 /c", "/", "/b /a /c"},
        {"sed -i.bak s/a/b/ /etc/x; sed s/a/b/ /etc/y", "/", "/etc/x"},
        {"pg_dump -h db -f /b/dump; mysqldump -h db x > /b/sql", "/", "/b/dump /b/sql"},
        {"while :; do date > /l/$(date +%F); done", "/", "/l/$(date +%F)"},
        {"if true; then date > /a; else date > /b; fi > /c", "/", "/a /b /c"},
        {"cat /x", "/", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        struct command command = line_of(&arena, rows[i].line);
        struct str workdir = rows[i].workdir ? str_of(rows[i].workdir) : (struct str){NULL, 0};
        const char *got = join(&arena, program_writes(&arena, stage_from(&arena, "busybox"), &command, NULL, workdir));
        cr_expect_str_eq(got, rows[i].paths, "%s: got %s", rows[i].line, got);
    }
}

Test(program, listens_below_1024) {
    static const struct {
        const char *line;
        uint32_t port;
    } rows[] = {
        {"nc -l -p 80", 80},
        {"nc -lk -p 8080", 0},
        {"nc -lp 443 -e cat", 443},
        {"nc -l 81", 81},
        {"nc -lk 0.0.0.0 82", 82},
        {"nc -z db 80", 0},
        {"httpd -f -p 8080 -h /www", 0},
        {"httpd -f -p 0.0.0.0:88", 88},
        {"httpd -f -h /www", 80},
        {"python3 -m http.server", 0},
        {"while true; do python3 -m http.server 80; done", 80},
        {"sleep 80", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        struct command command = line_of(&arena, rows[i].line);
        cr_expect_eq(program_low_port(&arena, stage_from(&arena, "busybox"), &command, NULL), rows[i].port, "%s",
                     rows[i].line);
    }
}
