/* Comments that silence rules, and hints: what is one, what it says, and what it is about. */
#include "suppress.h"

#include "workload.h"

#include <criterion/criterion.h>
#include <string.h>

struct loaded {
    struct str text;
    struct stages stages;
    struct suppress suppress;
};

static struct loaded load(struct arena *arena, const char *text, enum format format) {
    struct diags diags = {.arena = arena};
    struct source *source = arena_new(arena, struct source);
    struct loaded loaded = {.text = str_of(text)};
    *source = source_from(arena, STR("file"), loaded.text, format);
    if (format == FORMAT_DOCKERFILE) {
        struct dockerfile *dockerfile = dockerfile_parse(arena, source, &diags);
        cr_assert(dockerfile, "%s", text);
        loaded.stages = stages_of(arena, dockerfile, &(struct image_table){0});
        loaded.suppress = suppress_dockerfile(arena, dockerfile, loaded.stages, (struct str_list){0});
    } else {
        struct yaml *yaml = yaml_parse(arena, source, &diags);
        cr_assert(yaml, "%s", text);
        loaded.suppress = suppress_yaml(arena, yaml);
    }
    return loaded;
}

/* --- what comments say ---------------------------------------------------------------------------------------------
 */

/* "rule rule | key=value key=value | misuses" of one comment line above a FROM. */
static void says(const char *comment, const char *want) {
    ARENA(arena);
    struct loaded loaded = load(&arena, str_printf(&arena, "%s\nFROM a\n", comment).p, FORMAT_DOCKERFILE);
    const struct suppress *suppress = &loaded.suppress;
    struct buf out = {.arena = &arena};
    for (uint32_t i = 0; i < suppress->list.n; i++)
        buf_printf(&out, "%.*s ", STR_ARG(suppress->list.at[i]->rule));
    buf_add(&out, STR("|"));
    for (uint32_t i = 0; i < suppress->hints.n; i++)
        buf_printf(&out, " %.*s=%.*s", STR_ARG(suppress->hints.at[i].key), STR_ARG(suppress->hints.at[i].value));
    buf_printf(&out, " | %u", suppress->misuses.n);
    cr_expect(str_eq(buf_str(&out), str_of(want)), "%s\nsays \"%.*s\"", comment, STR_ARG(buf_str(&out)));
}

Test(suppress, reads_comments) {
    says("# ironhull: ignore=a -- why", "a | | 0");
    says("#ironhull:ignore=a -- why", "a | | 0");
    says(" \t#\t IRONHULL:\tIGNORE=A,b\t--\twhy ", "a b | | 0");
    says("# ironhull: ignore=a ignore=b -- why", "a b | | 0");
    says("# ironhull: user=app writable=/a,/b/../c/ -- why", "| user=app writable=/a writable=/b/../c/ | 0");
    says("# ironhull: user=1:2", "| user=1:2 | 0");
    says("# ironhull: ignore=a --why ignore=b", "a | | 0");
    says("# ironhull: ignore=a -- why -- and ignore=b", "a | | 0");
    says("# ironhull: ignore=a \xe2\x80\x94 why", "a | | 3");
}

Test(suppress, leaves_other_comments_alone) {
    says("# ironhull ignore=a -- why", "| | 0");
    says("# ironhulls: ignore=a -- why", "| | 0");
    says("# iron", "| | 0");
    says("#", "| | 0");
    says("## ironhull: ignore=a -- why", "| | 0");
    says("# see ironhull: ignore=a -- why", "| | 0");
    says("# hadolint ignore=DL3008", "| | 0");
}

Test(suppress, finds_what_does_not_hold) {
    says("# ironhull:", "| | 1");
    says("# ironhull: -- why", "| | 0");
    says("# ironhull: ignore=a", "a | | 1");
    says("# ironhull: ignore=a --", "a | | 1");
    says("# ironhull: ignore=a -- \t ", "a | | 1");
    says("# ironhull: ignore= -- why", "| | 1");
    says("# ironhull: ignore=a,,b, -- why", "a b | | 2");
    says("# ironhull: ignore=a, b -- why", "a | | 2");
    says("# ironhull: ignore -- why", "| | 1");
    says("# ironhull: =a -- why", "| | 1");
    says("# ironhull: ignored=a -- why", "| | 1");
    says("# ironhull: user= writable= ", "| | 2");
    says("# ironhull: writable=data,/,//,/..,/tmp,/tmp/a,/a:ro,/$a,\"/a\"", "| | 9");
    says("# ironhull: writable=/tmpfiles", "| writable=/tmpfiles | 0");
}

/* A misuse says so of a comment; there is no other. */
static void complains(const char *comment, enum format format, const char *want) {
    ARENA(arena);
    struct str text = str_printf(&arena, "%s\n%s\n", comment, format == FORMAT_DOCKERFILE ? "FROM a" : "a: 1");
    struct loaded loaded = load(&arena, text.p, format);
    cr_assert_eq(loaded.suppress.misuses.n, 1, "%s", comment);
    struct misuse misuse = loaded.suppress.misuses.at[0];
    cr_expect_eq(misuse.at, 0);
    cr_expect(str_eq(misuse.message, str_of(want)), "%s\ngives \"%.*s\"", comment, STR_ARG(misuse.message));
}

Test(suppress, says_what_is_wrong) {
    complains("# ironhull: ignor=a -- why", FORMAT_DOCKERFILE, "there is no key ignor: is ignore meant?");
    complains("# ironhull: Write=/a", FORMAT_DOCKERFILE, "there is no key Write: there are ignore, writable, user");
    complains("# ironhull: level=high", FORMAT_DOCKERFILE, "there is no key level: there are ignore, writable, user");
    complains("# ironhull: user=a", FORMAT_COMPOSE, "user is for Dockerfiles: write it there");
    complains("# ironhull: writable=/a", FORMAT_KUBE, "writable is for Dockerfiles: write it there");
    complains("# ironhull: ignore=a", FORMAT_KUBE,
              "no reason is given: write it behind --, so that others know when this can go");
}

/* --- what they are about -------------------------------------------------------------------------------------------
 */

/* Whether the comment with that reason is the one that silences the rule r where `at` first stands in the text; NULL:
 * none does. */
static void is_silenced(const struct loaded *loaded, const char *at, const char *reason) {
    const char *hit = memmem(loaded->text.p, loaded->text.n, at, strlen(at));
    cr_assert(hit, "no %s in\n%s", at, loaded->text.p);
    const struct suppression *found = suppress_find(&loaded->suppress, STR("r"), (uint32_t)(hit - loaded->text.p));
    struct str comment = found ? str_sub(loaded->text, found->at, str_find(loaded->text, found->at, '\n')) : STR("");
    cr_expect(str_ends(str_trim(comment), str_of(reason ? reason : "")) && (reason != NULL) == (found != NULL),
              "%s is silenced by \"%.*s\" in\n%s", at, STR_ARG(comment), loaded->text.p);
}

static void complains_of(const struct loaded *loaded, uint32_t n) {
    cr_expect_eq(loaded->suppress.misuses.n, n, "%u in\n%s", loaded->suppress.misuses.n, loaded->text.p);
}

Test(suppress, finds_its_place_in_a_dockerfile) {
    ARENA(arena);
    struct loaded loaded = load(&arena,
                                "\xef\xbb\xbf# escape=`\n"
                                "FROM a AS one\n"
                                "RUN one `\n"
                                "  # ironhull: ignore=r -- within\n"
                                "  first\n"
                                "# ironhull: ignore=r -- detached\n"
                                "\n"
                                "# text\n"
                                "# ironhull: ignore=r -- run\n"
                                "# text\n"
                                "RUN two `\n"
                                "  second\n"
                                "RUN three <<E\n"
                                "# ironhull: ignore=r -- here\n"
                                "E\n"
                                "# ironhull: ignore=r -- stage\n"
                                "FROM b\n"
                                "RUN four\n"
                                "  # ironhull: ignore=r -- cmd\n"
                                "CMD five\n"
                                "LABEL six=1\n"
                                "FROM c\n"
                                "RUN seven",
                                FORMAT_DOCKERFILE);
    is_silenced(&loaded, "FROM a", NULL);
    is_silenced(&loaded, "RUN one", NULL);
    is_silenced(&loaded, "RUN two", "run");
    is_silenced(&loaded, "second", "run");
    is_silenced(&loaded, "RUN three", NULL);
    is_silenced(&loaded, "FROM b", "stage");
    is_silenced(&loaded, "RUN four", "stage");
    is_silenced(&loaded, "CMD five", "cmd");
    is_silenced(&loaded, "LABEL six", "stage");
    is_silenced(&loaded, "FROM c", NULL);
    is_silenced(&loaded, "RUN seven", NULL);
    complains_of(&loaded, 1);
}

Test(suppress, is_about_the_whole_dockerfile_above_the_first_from) {
    ARENA(arena);
    static const char *const texts[] = {
        "# ironhull: ignore=r -- top\nFROM a\nRUN one\nFROM b\nRUN two\n",
        "# syntax=x\n# ironhull: ignore=r -- top\n\nFROM a\nRUN one\nFROM b\nRUN two\n",
        "# ironhull: ignore=r -- top\nARG A\nFROM a\nRUN one\nFROM b\nRUN two\n",
        "ARG A\n# ironhull: ignore=r -- top\n\nARG B\nFROM a\nRUN one\nFROM b\nRUN two\n",
        "ARG A\r\n# ironhull: ignore=r -- top\r\nFROM a\r\nRUN one\r\nFROM b\r\nRUN two\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct loaded loaded = load(&arena, texts[i], FORMAT_DOCKERFILE);
        is_silenced(&loaded, "FROM a", "top");
        is_silenced(&loaded, "RUN two", "top");
        complains_of(&loaded, 0);
    }
}

Test(suppress, finds_its_place_in_yaml) {
    ARENA(arena);
    struct loaded loaded = load(&arena,
                                "services:\n"
                                "  # ironhull: ignore=r -- web\n"
                                "  web:\n"
                                "    image: one\n"
                                "    text: |\n"
                                "      two\n"
                                "      # ironhull: ignore=r -- literal\n"
                                "    more: \"three\n"
                                "      # ironhull: ignore=r -- quoted\n"
                                "      end\"\n"
                                "    # ironhull: ignore=r -- null\n"
                                "    empty:\n"
                                "      # ironhull: ignore=r -- deeper\n"
                                "  db: &d\n"
                                "    list: # ironhull: ignore=r -- behind\n"
                                "      - four\n"
                                "      # ironhull: ignore=r -- item\n"
                                "      - name: five\n"
                                "        last: six\n"
                                "      - seven\n"
                                "    # ironhull: ignore=r -- detached\n"
                                "\n"
                                "    eight: [\n"
                                "      # ironhull: ignore=r -- flow\n"
                                "      nine, ten]\n"
                                "  # ironhull: ignore=r -- alias\n"
                                "  other: *d\n"
                                "  # ironhull: ignore=r -- end\n",
                                FORMAT_COMPOSE);
    is_silenced(&loaded, "services", NULL);
    is_silenced(&loaded, "web:", "web");
    is_silenced(&loaded, "one", "web");
    is_silenced(&loaded, "two", "web");
    is_silenced(&loaded, "three", "web");
    is_silenced(&loaded, "empty", "null");
    is_silenced(&loaded, "db", NULL);
    is_silenced(&loaded, "four", NULL);
    is_silenced(&loaded, "name: five", "item");
    is_silenced(&loaded, "six", "item");
    is_silenced(&loaded, "seven", NULL);
    is_silenced(&loaded, "eight", NULL);
    is_silenced(&loaded, "nine", "flow");
    is_silenced(&loaded, "ten", NULL);
    is_silenced(&loaded, "*d", "alias");
    complains_of(&loaded, 3);
}

Test(suppress, is_about_a_document_above_its_first_key) {
    ARENA(arena);
    struct loaded loaded = load(&arena,
                                "---\n"
                                "# nothing yet\n"
                                "---\n"
                                "first: {a: one}\n"
                                "next: two\n"
                                "# ironhull: ignore=r -- above the dashes\n"
                                "---\n"
                                "# ironhull: ignore=r -- second\n"
                                "\n"
                                "---\n"
                                "# ironhull: ignore=r -- third\n"
                                "a: three\n"
                                "b: four\n"
                                "...\n"
                                "# ironhull: ignore=r -- end\n",
                                FORMAT_KUBE);
    is_silenced(&loaded, "one", NULL);
    is_silenced(&loaded, "two", NULL);
    is_silenced(&loaded, "three", "third");
    is_silenced(&loaded, "b: four", "third");
    complains_of(&loaded, 3);
}

Test(suppress, is_about_the_whole_yaml_file_above_the_first_key) {
    ARENA(arena);
    static const char *const texts[] = {
        "# ironhull: ignore=r -- top\na: one\n---\nb: two\n",
        "\xef\xbb\xbf# ironhull: ignore=r -- top\na: one\n---\nb: two\n",
        "%YAML 1.1\n# ironhull: ignore=r -- top\n\n---\na: one\n---\nb: two\n",
        "---\n# ironhull: ignore=r -- top\n---\na: one\n---\nb: two\n",
        "#ironhull: ignore=r -- top\r\n\r\n[a, one]\r\n---\r\ntwo\r\n",
        "# ironhull: ignore=r -- top\n{\"a\": \"one\",\n\"b\": [\"two\"]}\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct loaded loaded = load(&arena, texts[i], FORMAT_KUBE);
        is_silenced(&loaded, "one", "top");
        is_silenced(&loaded, "two", "top");
        complains_of(&loaded, 0);
    }
}

Test(suppress, takes_the_smallest_scope) {
    ARENA(arena);
    struct loaded loaded = load(&arena,
                                "# ironhull: ignore=r -- file\n"
                                "# ironhull: ignore=other -- other\n"
                                "a:\n"
                                "  # ironhull: ignore=r -- first\n"
                                "  # ironhull: ignore=r -- second\n"
                                "  b: {c: one}\n"
                                "  # ironhull: ignore=other -- other\n"
                                "  d: two\n"
                                "e: three\n",
                                FORMAT_COMPOSE);
    is_silenced(&loaded, "one", "second");
    is_silenced(&loaded, "two", "file");
    is_silenced(&loaded, "three", "file");
}

/* --- hints ---------------------------------------------------------------------------------------------------------
 */

/* The user that is asked for in the last stage, NULL for one without ids, and the folders it writes to. */
static void hints(const char *dockerfile, const char *user, const char *folders) {
    ARENA(arena);
    struct loaded loaded = load(&arena, dockerfile, FORMAT_DOCKERFILE);
    const struct stage *stage = &loaded.stages.list[loaded.stages.n - 1];
    struct user got = stage_hinted_user(&arena, stage);
    struct str ids = got.has_ids ? str_printf(&arena, "%u:%u", got.uid, got.gid) : STR("");
    cr_expect(str_eq(ids, str_of(user ? user : "")), "%s\nasks for \"%.*s\"", dockerfile, STR_ARG(ids));
    struct workload workload = workload_of(&arena, stage);
    struct buf out = {.arena = &arena};
    for (uint32_t i = 0; i < workload.writable.n; i++)
        buf_printf(&out, "%s%.*s", i ? " " : "", STR_ARG(workload.writable.list[i]));
    cr_expect(str_eq(buf_str(&out), str_of(folders)), "%s\nwrites to \"%.*s\"", dockerfile, STR_ARG(buf_str(&out)));
}

Test(suppress, gives_hints_to_stages) {
    hints("# ironhull: user=node writable=/a\nFROM node AS x\nFROM node\n", "1000:1000", "/a");
    hints("FROM node AS x\n# ironhull: user=node writable=/a\nRUN b\nFROM node\n", NULL, "");
    hints("FROM node AS x\n# ironhull: user=5:6 writable=/a\nRUN b\nFROM x\nRUN mkdir -p /b/data\n", "5:6",
          "/b/data /a");
    hints("# ironhull: user=7 writable=/a\nFROM node AS x\n# ironhull: user=8 writable=/b/,/a\nRUN b\n", "8:8",
          "/b /a");
    hints("FROM node\n# ironhull: user=1 user=2\nRUN b\n", "2:2", "");
}

Test(suppress, knows_the_users_that_hints_name) {
    static const struct {
        const char *user, *ids;
    } rows[] = {
        {"node", "1000:1000"}, {"node:node", "1000:1000"}, {"1000", "1000:1000"}, {"1234", "1234:1234"},
        {"1234:0", "1234:0"},  {"app", "1001:1002"},       {"nobody", NULL},      {"app:staff", NULL},
        {"1234:staff", NULL},  {"99999999999", NULL},      {"$USER", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        struct str text = str_printf(&arena,
                                     "FROM node\nRUN groupadd -g 1002 app && useradd -u 1001 -g app app\n"
                                     "# ironhull: user=%s\nCMD a\n",
                                     rows[i].user);
        hints(text.p, rows[i].ids, "");
    }
}

/* --- hostile input -------------------------------------------------------------------------------------------------
 */

Test(suppress, bears_any_number_of_comments) {
    ARENA(arena);
    enum { MANY = 100000 };
    struct buf text = {.arena = &arena};
    buf_add(&text, STR("a:\n"));
    for (uint32_t i = 0; i < MANY; i++)
        buf_add(&text, STR(" # ironhull: ignore=r,x=,q -- x\n"));
    for (uint32_t i = 0; i < MANY; i++)
        buf_printf(&text, " k%u: 1\n", i);
    struct loaded loaded = load(&arena, buf_str(&text).p, FORMAT_COMPOSE);
    cr_expect_eq(loaded.suppress.list.n, 3 * MANY);
    is_silenced(&loaded, "k0:", "x");
    for (uint32_t i = 0; i < MANY; i++)
        cr_assert_null(suppress_find(&loaded.suppress, STR("r"), loaded.text.n - 1 - i));
}

Test(suppress, limits_hints) {
    ARENA(arena);
    struct buf text = {.arena = &arena};
    buf_add(&text, STR("# ironhull: user=app"));
    for (uint32_t i = 0; i < 1000; i++)
        buf_printf(&text, " writable=/f%u", i);
    buf_add(&text, STR("\nFROM node\n# ironhull: user="));
    for (uint32_t i = 0; i < 1000; i++)
        buf_add(&text, STR("\xc3\xa4"));
    buf_add(&text, STR("\nCMD a\n"));
    struct loaded loaded = load(&arena, buf_str(&text).p, FORMAT_DOCKERFILE);
    cr_expect_eq(loaded.suppress.hints.n, 100);
    cr_expect_eq(workload_of(&arena, loaded.stages.list).writable.n, 99);
    complains_of(&loaded, 902);
    for (uint32_t i = 0; i < loaded.suppress.misuses.n; i++)
        cr_assert_lt(loaded.suppress.misuses.at[i].message.n, 200);
}
