#include "account.h"
#include "stage.h"

#include <criterion/criterion.h>

static struct stages load(struct arena *arena, const char *text) {
    struct diags diags = {.arena = arena};
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, STR("Dockerfile"), str_of(text), FORMAT_DOCKERFILE);
    struct dockerfile *dockerfile = dockerfile_parse(arena, source, &diags);
    cr_assert(dockerfile && dockerfile_check(dockerfile, &diags), "%s: %s", text,
              diags.list.n ? diags.list.at[0].message.p : "");
    return stages_of(arena, dockerfile, &(struct image_table){0});
}

static const struct stage *last(struct arena *arena, const char *text) {
    struct stages stages = load(arena, text);
    cr_assert_gt(stages.n, 0);
    return &stages.list[stages.n - 1];
}

/* NULL for what is not known. */
static void is_text(const char *dockerfile, struct str got, const char *want) {
    cr_expect(want ? got.p && str_eq(got, str_of(want)) : !got.p, "%s\ngives \"%.*s\"", dockerfile, STR_ARG(got));
}

static void has_base(const char *dockerfile, const char *want) {
    ARENA(arena);
    is_text(dockerfile, last(&arena, dockerfile)->base, want);
}

static void has_workdir(const char *dockerfile, const char *want) {
    ARENA(arena);
    const struct stage *stage = last(&arena, dockerfile);
    is_text(dockerfile, stage_workdir(stage, stage->end), want);
}

/* What the label x of the last stage is. */
static void has_label(const char *dockerfile, const char *want) {
    ARENA(arena);
    const struct stage *stage = last(&arena, dockerfile);
    const struct df_instruction *label = stage_own(stage, DF_LABEL);
    cr_assert(label);
    uint32_t index = (uint32_t)(label - stage->dockerfile->list);
    is_text(dockerfile, stage_expand(&arena, stage, index, label->words[1].text), want);
}

Test(stage, finds_stages_and_their_parents) {
    ARENA(arena);
    struct stages stages =
        load(&arena, "ARG V=20\nFROM node:20 AS Base\nRUN a\nFROM base AS second\nFROM alpine\nRUN b\n"
                     "FROM second\nRUN c\nRUN d\n");
    cr_assert_eq(stages.n, 4);
    cr_expect(str_eq(stages.list[0].name, STR("Base")));
    cr_expect_eq(stages.list[0].from, 1);
    cr_expect_eq(stages.list[0].end, 3);
    cr_expect_null(stages.list[0].parent);
    cr_expect_eq(stages.list[1].parent, &stages.list[0], "names of stages have no case");
    cr_expect_null(stages.list[2].parent);
    cr_expect_eq(stages.list[2].name.n, 0);
    cr_expect_eq(stages.list[3].parent, &stages.list[1]);
    cr_expect_eq(stages.list[3].end, 9);
    cr_expect(str_eq(stages.list[3].reference.repository, STR("node")), "the image at the root of its parents");
    cr_expect_eq(stages.list[3].image, stages.list[0].image);
    cr_expect_not_null(stages.list[3].image);
}

Test(stage, looks_for_parents_above_only) {
    ARENA(arena);
    struct stages stages =
        load(&arena, "FROM node:20 AS node\nFROM later\nFROM 0\nFROM node AS node\nFROM alpine AS later\n");
    cr_expect_null(stages.list[0].parent, "not itself");
    cr_expect_null(stages.list[1].parent);
    cr_expect_null(stages.list[2].parent, "FROM takes no index");
    cr_expect_eq(stages.list[3].parent, &stages.list[0]);
}

Test(stage, finds_targets_by_name_or_index) {
    ARENA(arena);
    struct stages stages = load(&arena, "FROM a AS build\nFROM b\nFROM c AS Test\nFROM d AS x0\n");
    static const struct {
        const char *name;
        int index;
    } rows[] = {{"", 3},  {"build", 0}, {"BUILD", 0}, {"test", 2}, {"0", 0},
                {"3", 3}, {"4", -1},    {"-1", -1},   {"x", -1},   {"4294967296", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(stages_target(stages, str_of(rows[i].name)),
                     rows[i].index < 0 ? NULL : &stages.list[rows[i].index], "%s", rows[i].name);
    cr_expect_null(stages_target((struct stages){0}, STR("")));
}

Test(stage, resolves_variables_in_from) {
    has_base("ARG V=20\nFROM node:$V\n", "node:20");
    has_base("ARG V=20\nARG I=node:${V}-slim\nFROM $I\n", "node:20-slim");
    has_base("ARG V=20\nARG V=22\nFROM node:$V\n", "node:22");
    has_base("ARG V=\"20\"\nFROM node:$V\n", "node:20");
    has_base("ARG V=\nFROM node:${V:-18}\n", "node:18");
    has_base("ARG V=20\nFROM node:${V:+new}\n", "node:new");
    has_base("ARG V\nFROM node:$V\n", NULL);
    has_base("FROM $IMAGE\n", NULL);
    has_base("FROM node AS a\nARG V=20\nFROM node:$V\n", NULL);
    has_base("FROM node AS a\nENV V=20\nFROM node:$V\n", NULL);
    has_base("ARG A=$B\nARG B=1\nFROM node:$A\n", NULL);
}

Test(stage, resolves_env_and_arg) {
    has_label("FROM node\nENV a=1\nLABEL x=$a\n", "1");
    has_label("FROM node\nENV a 1 2\nLABEL x=$a\n", "1 2");
    has_label("FROM node\nENV a=1 b=2\nLABEL x=$a$b\n", "12");
    has_label("FROM node\nENV a=1\nENV a=2\nLABEL x=$a\n", "2");
    has_label("FROM node\nENV a=\nLABEL x=/$a/\n", "//");
    has_label("FROM node\nENV a=1\nENV b=$a a=2\nLABEL x=$b$a\n", "12");
    has_label("FROM node\nENV a=1\nENV a=2 b=$a\nLABEL x=$b\n", "1");
    has_label("FROM node\nENV p=/a\nENV p=$p:/b\nENV p=$p:/c\nLABEL x=$p\n", "/a:/b:/c");
    has_label("FROM node\nARG a=1\nLABEL x=$a\n", "1");
    has_label("FROM node\nARG a=1\nARG b=$a\nLABEL x=$b\n", "1");
    has_label("FROM node\nLABEL x=$a\nENV a=1\n", NULL);
    has_label("FROM node\nLABEL x=$a\n", NULL);
    has_label("FROM node\nARG a\nLABEL x=$a\n", NULL);
    has_label("FROM node\nLABEL x='$a'\n", "$a");
    has_label("FROM node\nLABEL x=\\$a\n", "$a");
    has_label("# escape=`\nFROM node\nENV a=1\nLABEL x=`$a$a\n", "$a1");
}

Test(stage, takes_global_arguments_only_where_they_are_declared) {
    has_label("ARG a=1\nFROM node\nARG a\nLABEL x=$a\n", "1");
    has_label("ARG a=1\nFROM node\nLABEL x=$a\n", NULL);
    has_label("ARG a=1\nFROM node\nARG a=2\nLABEL x=$a\n", "2");
    has_label("ARG b=1\nARG a=$b\nFROM node\nARG a\nLABEL x=$a\n", "1");
    has_label("ARG a=1\nFROM node\nENV b=2\nARG a=$b\nLABEL x=$a\n", "2");
    has_label("ARG a=$b\nFROM node\nENV b=2\nARG a\nLABEL x=$a\n", NULL);
}

Test(stage, lets_env_hide_arg) {
    has_label("FROM node\nARG a=1\nENV a=2\nLABEL x=$a\n", "2");
    has_label("FROM node\nENV a=2\nARG a=1\nLABEL x=$a\n", "2");
    has_label("FROM node AS b\nENV a=2\nFROM b\nARG a=1\nLABEL x=$a\n", "2");
    has_label("FROM node\nARG a=1\nENV a=${a}2\nLABEL x=$a\n", "12");
}

Test(stage, inherits_variables) {
    has_label("FROM node AS b\nENV a=1\nFROM b\nLABEL x=$a\n", "1");
    has_label("FROM node AS b\nARG a=1\nFROM b\nLABEL x=$a\n", "1");
    has_label("FROM node AS b\nENV a=1\nFROM b\nENV a=2\nLABEL x=$a\n", "2");
    has_label("FROM node AS b\nENV a=1\nFROM node\nLABEL x=$a\n", NULL);
    has_label("FROM node AS b\nENV a=1\nFROM b\nENV a=$unknown\nLABEL x=$a\n", NULL);
    has_label("FROM node AS b\nENV a=1\nFROM b AS c\nFROM c\nENV b=${a}2\nLABEL x=$b\n", "12");
}

Test(stage, gives_up_on_variables_that_explode) {
    ARENA(arena);
    struct buf text = {.arena = &arena};
    buf_add(&text, STR("ARG a0=\n"));
    for (int i = 1; i < 12; i++) {
        buf_printf(&text, "ARG a%d=", i);
        for (int j = 0; j < 1000; j++)
            buf_printf(&text, "$a%d", i - 1);
        buf_byte(&text, '\n');
    }
    buf_add(&text, STR("FROM node:1$a11\nCMD [\"x\"]\n"));
    cr_expect_null(last(&arena, buf_str(&text).p)->base.p);
    has_base("ARG a=$a\nFROM node:$a\n", NULL);
}

Test(stage, joins_paths) {
    static const struct {
        const char *directory, *path, *want;
    } rows[] = {
        {"/", "a", "/a"},
        {"/a", "b", "/a/b"},
        {"/a", "/b", "/b"},
        {"/a/b", "..", "/a"},
        {"/a/b", "../c", "/a/c"},
        {"/a", "../../..", "/"},
        {"/a", ".", "/a"},
        {"/a", "./b/./c/", "/a/b/c"},
        {"/a//b/", "c//d", "/a/b/c/d"},
        {"/", "/", "/"},
        {"", "", "/"},
        {"/a", "", "/a"},
        {"/a", "...", "/a/..."},
        {"/a", "..b", "/a/..b"},
        {"/ab", "../a", "/a"},
        {"a", "b", "/a/b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        struct str got = path_join(&arena, str_of(rows[i].directory), str_of(rows[i].path));
        cr_expect(str_eq(got, str_of(rows[i].want)), "%s + %s gives %.*s", rows[i].directory, rows[i].path,
                  STR_ARG(got));
    }
}

Test(stage, compares_paths_by_component) {
    cr_expect(path_is_below(STR("/a"), STR("/a")));
    cr_expect(path_is_below(STR("/a/b"), STR("/a")));
    cr_expect(path_is_below(STR("/a"), STR("/")));
    cr_expect_not(path_is_below(STR("/ab"), STR("/a")));
    cr_expect_not(path_is_below(STR("/a"), STR("/a/b")));
    cr_expect_not(path_is_below(STR("/"), STR("/a")));
}

Test(stage, follows_workdirs) {
    has_workdir("FROM node\n", "/");
    has_workdir("FROM node\nWORKDIR /a\nWORKDIR b\nWORKDIR ../c\n", "/a/c");
    has_workdir("FROM node\nWORKDIR a\n", "/a");
    has_workdir("FROM node\nWORKDIR /a\nWORKDIR /b/\n", "/b");
    has_workdir("FROM node\nENV d=/srv\nWORKDIR $d/app\n", "/srv/app");
    has_workdir("FROM node\nWORKDIR /a/$d\n", NULL);
    has_workdir("FROM node\nWORKDIR $d\nWORKDIR x\n", NULL);
    has_workdir("FROM node\nWORKDIR $d\nWORKDIR /x\n", "/x");
    has_workdir("FROM my-app\n", NULL);
    has_workdir("FROM my-app\nWORKDIR x\n", NULL);
    has_workdir("FROM my-app\nWORKDIR /x\nWORKDIR y\n", "/x/y");
    has_workdir("FROM node AS b\nWORKDIR /a\nFROM b\nWORKDIR c\n", "/a/c");
    has_workdir("FROM node AS b\nWORKDIR /a\nFROM node\nWORKDIR c\n", "/c");
    has_workdir("FROM node AS b\nENV d=/x\nWORKDIR /a\nFROM b\nENV d=y\nWORKDIR $d\n", "/a/y");
}

Test(stage, follows_any_number_of_workdirs) {
    ARENA(arena);
    struct buf text = {.arena = &arena};
    buf_add(&text, STR("FROM node\n"));
    for (int i = 0; i < 300000; i++)
        buf_add(&text, STR("WORKDIR .\n"));
    has_workdir(buf_str(&text).p, "/");
}

/* Where the last instruction copies to. */
static void copies_to(const char *dockerfile, const char *want) {
    ARENA(arena);
    const struct stage *stage = last(&arena, dockerfile);
    is_text(dockerfile, stage_copy_target(&arena, stage, stage->end - 1), want);
}

Test(stage, knows_where_copies_go) {
    copies_to("FROM node\nWORKDIR /app\nCOPY a b ./src/\n", "/app/src");
    copies_to("FROM node\nWORKDIR /app\nADD . .\n", "/app");
    copies_to("FROM node\nENV APP=/srv/app\nCOPY --from=x a $APP/bin\n", "/srv/app/bin");
    copies_to("FROM node\nCOPY [\"a\", \"/b c\"]\n", "/b c");
    copies_to("FROM unknown/image\nCOPY a /b/../c\n", "/c");
    copies_to("FROM unknown/image\nCOPY a b\n", NULL);
    copies_to("FROM node\nCOPY a $WHERE\n", NULL);
    copies_to("FROM node\nRUN cp a /b\n", NULL);
}

static void has_user(const char *dockerfile, enum user_kind kind, const char *ids) {
    ARENA(arena);
    struct user user = stage_user(&arena, last(&arena, dockerfile));
    cr_expect_eq(user.kind, kind, "%s\nis of kind %d", dockerfile, user.kind);
    struct str got = user.has_ids ? str_printf(&arena, "%u:%u", user.uid, user.gid) : (struct str){NULL, 0};
    is_text(dockerfile, got, ids);
}

Test(stage, finds_the_user) {
    has_user("FROM node\n", USER_ROOT, NULL);
    has_user("FROM my-app\n", USER_UNKNOWN, NULL);
    has_user("FROM node\nUSER node\n", USER_OTHER, "1000:1000");
    has_user("FROM node\nUSER node:node\n", USER_OTHER, "1000:1000");
    has_user("FROM node\nUSER 1000\n", USER_OTHER, "1000:1000");
    has_user("FROM node\nUSER 1000:50\n", USER_OTHER, "1000:50");
    has_user("FROM node\nUSER 10001:10002\n", USER_OTHER, "10001:10002");
    has_user("FROM node\nUSER 10001\n", USER_OTHER, NULL);
    has_user("FROM node\nUSER someone\n", USER_OTHER, NULL);
    has_user("FROM node\nUSER root\n", USER_ROOT, NULL);
    has_user("FROM node\nUSER 0\n", USER_ROOT, NULL);
    has_user("FROM node\nUSER 0:1000\n", USER_ROOT, "0:1000");
    has_user("FROM node\nUSER root:node\n", USER_ROOT, NULL);
    has_user("FROM node\nUSER $WHO\n", USER_UNKNOWN, NULL);
    has_user("FROM node\nARG WHO=node\nUSER $WHO\n", USER_OTHER, "1000:1000");
    has_user("FROM node\nUSER node\nUSER root\n", USER_ROOT, NULL);
    has_user("FROM my-app\nUSER 1000:1000\n", USER_OTHER, "1000:1000");
}

Test(stage, knows_the_ids_of_users_that_it_makes) {
    has_user("FROM debian\nRUN groupadd -g 900 app && useradd -r -u 901 -g app app\nUSER app\n", USER_OTHER, "901:900");
    has_user("FROM debian\nRUN groupadd -g 900 app && useradd -r -u 901 -g app app\nUSER app:app\n", USER_OTHER,
             "901:900");
    has_user("FROM debian\nRUN useradd --uid=901 --gid 902 app\nUSER 901\n", USER_OTHER, "901:902");
    has_user("FROM debian\nRUN useradd -m -u1500 app\nUSER app\n", USER_OTHER, "1500:1500");
    has_user("FROM debian\nRUN groupadd -g 1500 www && useradd -u 1500 app\nUSER app\n", USER_OTHER, NULL);
    has_user("FROM debian\nRUN useradd -r -u 1500 app\nUSER app\n", USER_OTHER, NULL);
    has_user("FROM debian\nRUN useradd -r -u 800 app\nUSER app\n", USER_OTHER, "800:800");
    has_user("FROM debian\nRUN useradd -u 800 app\nUSER app\n", USER_OTHER, NULL);
    has_user("FROM debian\nRUN useradd -N -u 1500 app\nUSER app\n", USER_OTHER, NULL);
    has_user("FROM debian\nRUN useradd app\nUSER app\n", USER_OTHER, NULL);
    has_user("FROM debian\nRUN useradd -u $ID app\nUSER app\n", USER_OTHER, NULL);
    has_user("FROM debian\nRUN useradd -c -u -g 5 -u 6 app\nUSER app\n", USER_OTHER, "6:5");
    has_user("FROM debian\nRUN adduser --system --group --uid 990 app\nUSER app\n", USER_OTHER, "990:990");
    has_user("FROM debian\nRUN adduser --system --uid 990 app\nUSER app\n", USER_OTHER, NULL);
    has_user("FROM alpine\nRUN adduser -D -u 1500 app\nUSER app\n", USER_OTHER, "1500:1500");
    has_user("FROM alpine\nRUN adduser -SDHu 1500 app\nUSER app\n", USER_OTHER, "1500:65533");
    has_user("FROM alpine\nRUN addgroup -g 7000 -S mc && adduser -u 7001 -SHG mc mc\nUSER mc\n", USER_OTHER,
             "7001:7000");
    has_user("FROM fedora\nRUN adduser -u 1500 -g 1600 -G wheel app\nUSER app\n", USER_OTHER, "1500:1600");
    has_user("FROM debian\nRUN <<EOF\nset -e\nuseradd --uid 1500 app\nEOF\nUSER app\n", USER_OTHER, "1500:1500");
    has_user("FROM debian\nRUN <<EOF\n#!/usr/bin/perl\nuseradd --uid 1500 app\nEOF\nUSER app\n", USER_OTHER, NULL);
    has_user("FROM node\nRUN usermod -u 2000 node\nUSER node\n", USER_OTHER, NULL);
    has_user("FROM node\nRUN userdel node && useradd -u 2000 node\nUSER node\n", USER_OTHER, "2000:2000");
}

Test(stage, inherits_the_user) {
    has_user("FROM node AS b\nUSER node\nFROM b\n", USER_OTHER, "1000:1000");
    has_user("FROM node AS b\nENV u=7\nUSER $u:8\nFROM b\nENV u=9\n", USER_OTHER, "7:8");
    has_user("FROM node AS b\nENV u=7\nUSER $u:8\nENV u=9\nFROM b\n", USER_OTHER, "7:8");
    has_user("FROM node AS b\nUSER node\nFROM b\nUSER 0\n", USER_ROOT, NULL);
    has_user("FROM node AS b\nUSER node\nFROM node\n", USER_ROOT, NULL);
}

/* Words joined by "|", "sh:" in front of a shell line; "?" for what is not known; NULL for none. */
static void is_command(const char *dockerfile, struct arena *arena, struct command command, const char *want) {
    struct buf out = {.arena = arena};
    buf_add(&out, command.is_shell ? STR("sh:") : STR(""));
    for (uint32_t i = 0; i < command.n; i++)
        buf_printf(&out, "%s%.*s", i ? "|" : "", STR_ARG(command.words[i]));
    struct str got = command.is_known ? buf_str(&out) : STR("?");
    is_text(dockerfile, command.is_set || !command.is_known ? got : (struct str){NULL, 0}, want);
}

static void starts(const char *dockerfile, const char *entrypoint, const char *cmd) {
    ARENA(arena);
    const struct stage *stage = last(&arena, dockerfile);
    is_command(dockerfile, &arena, stage_entrypoint(&arena, stage), entrypoint);
    is_command(dockerfile, &arena, stage_cmd(&arena, stage), cmd);
}

Test(stage, finds_what_a_container_starts) {
    starts("FROM node:20\n", "docker-entrypoint.sh", "node");
    starts("FROM node:20\nCMD [\"node\", \"x.js\"]\n", "docker-entrypoint.sh", "node|x.js");
    starts("FROM node:20\nCMD node x.js\n", "docker-entrypoint.sh", "sh:node x.js");
    starts("FROM node:20\nCMD [\"a\"]\nCMD [\"b\"]\n", "docker-entrypoint.sh", "b");
    starts("FROM node:20\nENTRYPOINT exec x\nCMD [\"b\"]\n", "sh:exec x", "b");
    starts("FROM node:20\nENTRYPOINT []\nCMD [\"b\"]\n", "", "b");
    starts("FROM my-app\n", "?", "?");
    starts("FROM my-app\nCMD [\"a\"]\n", "?", "a");
}

Test(stage, lets_an_entrypoint_clear_inherited_commands) {
    starts("FROM node:20\nENTRYPOINT [\"x\"]\n", "x", NULL);
    starts("FROM node:20\nCMD [\"a\"]\nENTRYPOINT [\"x\"]\n", "x", "a");
    starts("FROM node:20\nENTRYPOINT [\"x\"]\nCMD [\"a\"]\n", "x", "a");
    starts("FROM node:20 AS b\nCMD [\"a\"]\nFROM b\nENTRYPOINT [\"x\"]\n", "x", NULL);
    starts("FROM node:20 AS b\nENTRYPOINT [\"x\"]\nFROM b\nCMD [\"a\"]\n", "x", "a");
    starts("FROM node:20 AS b\nCMD [\"a\"]\nENTRYPOINT [\"x\"]\nFROM b\n", "x", "a");
    starts("FROM node:20 AS b\nCMD [\"a\"]\nFROM b AS c\nENTRYPOINT [\"x\"]\nFROM c\n", "x", NULL);
    starts("FROM node:20 AS b\nCMD [\"a\"]\nFROM b AS c\nENTRYPOINT [\"x\"]\nFROM c\nCMD [\"d\"]\n", "x", "d");
    starts("FROM my-app\nENTRYPOINT [\"x\"]\n", "x", NULL);
}

Test(stage, finds_the_last_instruction_that_holds) {
    ARENA(arena);
    struct stages stages = load(&arena, "FROM a AS b\nUSER 1\nUSER 2\nFROM b\nRUN x\n");
    cr_expect_eq(stage_last(&stages.list[1], DF_USER), &stages.list[0].dockerfile->list[2]);
    cr_expect_null(stage_own(&stages.list[1], DF_USER));
    cr_expect_eq(stage_own(&stages.list[0], DF_USER), &stages.list[0].dockerfile->list[2]);
    cr_expect_null(stage_last(&stages.list[1], DF_EXPOSE));
}

Test(account, finds_names_and_ids_that_may_be_taken) {
    static const struct {
        const char *lines, *word;
        bool may_exist;
    } rows[] = {
        {"RUN true", "app", false},
        {"RUN echo app 10001", "app", false},
        {"RUN addgroup -g 10001 other", "10001", true},
        {"RUN addgroup -g 10001 other", "1000", false},
        {"RUN addgroup app", "app", true},
        {"RUN addgroup other && mkdir /app /srv/app-data", "app", false},
        {"RUN groupadd -g 10001:10001 x", "10001", true},
        {"RUN echo 'app:x:10001:' >> /etc/group", "10001", true},
        {"RUN [\"groupadd\", \"app\"]", "app", true},
        {"RUN <<E\ngroupadd app\nE", "app", true},
        {"ARG ID=10001\nRUN groupadd -g $ID x", "10001", true},
        {"ARG ID=10002\nRUN groupadd -g ${ID} x", "10001", false},
        {"ARG ID\nRUN groupadd -g $ID x", "10001", true},
        {"RUN groupadd -g $(id -u) x", "10001", true},
        {"COPY users/passwd /etc/", "app", true},
        {"COPY --from=build /etc/group /etc/group", "10001", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        const char *text = str_printf(&arena, "FROM debian:12 AS base\n%s\nFROM base\n", rows[i].lines).p;
        cr_expect_eq(account_may_exist(&arena, last(&arena, text), str_of(rows[i].word)), rows[i].may_exist, "%s: %s",
                     rows[i].lines, rows[i].word);
    }
}

Test(account, sees_lines_that_are_put_into_passwd) {
    static const struct {
        const char *run;
        bool is_written;
    } rows[] = {
        {"RUN echo a:x:1:1::/:/bin/sh >> /etc/passwd", true},
        {"RUN x && printf '%s' a >/etc/passwd", true},
        {"RUN if x; then echo a >> /etc/passwd; fi", true},
        {"RUN cat /etc/passwd > /tmp/passwd", false},
        {"RUN echo a >> /etc/group", false},
        {"ENV A=/etc/passwd", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        const struct stage *stage = last(&arena, str_printf(&arena, "FROM debian\n%s\n", rows[i].run).p);
        cr_expect_eq(account_is_written(&arena, &stage->dockerfile->list[stage->from + 1]), rows[i].is_written, "%s",
                     rows[i].run);
    }
}
