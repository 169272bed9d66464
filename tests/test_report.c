/* Reports in every format: reports/in must give reports/expected to the byte; names of files and what is in them must
 * break none. */
#include "process.h"

#include "source.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(report, .init = folder_enter, .fini = folder_leave);

static struct result run(struct arena *arena, const char *format, const char *const *more) {
    const char *arguments[8] = {"ironhull", "--check", str_printf(arena, "--format=%s", format).p};
    for (int i = 0; more && more[i]; i++)
        arguments[3 + i] = more[i];
    return process_run(arena, &(struct setting){0}, arguments);
}

static const char *const here[] = {".", NULL};

static void is(struct str got, struct str want) {
    cr_expect(str_eq(got, want), "\"%.*s\"\nin place of\n\"%.*s\"", STR_ARG(got), STR_ARG(want));
}

static void has(struct str text, const char *part) {
    cr_expect(str_contains(text, str_of(part)), "no %s in:\n%.*s", part, STR_ARG(text));
}

/* Without the lines of the tool, which change with its version and with the texts of its rules. */
static struct str without_tool(struct arena *arena, struct str text) {
    struct buf out = {.arena = arena};
    struct str line;
    while (str_cut(&text, '\n', &line))
        if (!str_starts(line, STR("\"tool\": ")) && !str_starts(line, STR("{\"id\": ")))
            buf_printf(&out, "%.*s%s", STR_ARG(line), text.p ? "\n" : "");
    return buf_str(&out);
}

static json_t *parsed(struct str text) {
    json_error_t error;
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    cr_assert(root, "%s, line %d:\n%.*s", error.text, error.line, STR_ARG(text));
    return root;
}

ParameterizedTestParameters(report, formats) {
    static char formats[][8] = {"text", "human", "json", "sarif", "github", "gitlab", "junit"};
    return cr_make_param_array(char[8], formats, sizeof formats / sizeof *formats);
}

ParameterizedTest(char (*format)[8], report, formats) {
    ARENA(arena);
    folder_copy(source_path(&arena, "tests/reports/in"), "in");
    cr_assert_eq(chdir("in"), 0);
    struct result result = run(&arena, *format, here);
    struct str want = file_get(&arena, source_path(&arena, str_printf(&arena, "tests/reports/expected/%s", *format).p));
    cr_expect_eq(result.code, 2, "%d", result.code);
    is(without_tool(&arena, result.out), want);
    has(result.err, "old/Dockerfile:2:1: error: unknown instruction COPPY: did you mean COPY?\n");

    const char *const into_file[] = {".", "--output-file=../a/b/report", NULL};
    result = run(&arena, *format, into_file);
    is(result.out, STR(""));
    struct str text = file_get(&arena, "../a/b/report");
    cr_expect(str_starts(without_tool(&arena, text), want), "%.*s", STR_ARG(text));
}

Test(report, sarif_describes_the_rules) {
    ARENA(arena);
    json_t *root = parsed(run(&arena, "sarif", here).out);
    json_t *tool = json_object_get(json_array_get(json_object_get(root, "runs"), 0), "tool"), *rule;
    json_t *rules = json_object_get(json_object_get(tool, "driver"), "rules");
    size_t i;
    cr_expect_gt(json_array_size(rules), 8);
    json_array_foreach(rules, i, rule) {
        const char *id, *title, *reason, *level, *text, *markdown;
        cr_assert_eq(json_unpack(rule, "{s:s, s:{s:s}, s:{s:s}, s:{s:s, s:s}, s:{s:s}}", "id", &id, "shortDescription",
                                 "text", &title, "fullDescription", "text", &reason, "help", "text", &text, "markdown",
                                 &markdown, "defaultConfiguration", "level", &level),
                     0);
        cr_expect(*title && *reason && *level, "%s", id);
        has(str_of(text), str_printf(&arena, "write the comment # ironhull: ignore=%s -- reason directly", id).p);
        has(str_of(markdown), str_printf(&arena, "`# ironhull: ignore=%s -- reason`", id).p);
        has(str_of(markdown), reason);
    }
    json_decref(root);
}

/* --- hostile names and texts --------------------------------------------------------------------------------------
 */

/* Escape sequences, both ends of the commands and tags, an override, a character beyond 16 bits, bytes that are no
 * UTF-8. */
#define NAME "a\x1b[31m,b:c%<&\"'\\\n\xf0\x9d\x84\x9e\xe2\x80\xae\x7f\xff"

static const char dockerfile[] =
    "FROM node:20-slim\n# ironhull: ignore=init-process -- \x1b]0;x\x07]]>&\"\xe2\x80\xae\n"
    "CMD [\"node\", \"/\x1b[2J.js\"]\n";

static void put_hostile(void) {
    cr_assert_eq(mkdir(NAME, 0777), 0);
    file_put(NAME "/Dockerfile", str_of(dockerfile));
    file_put(NAME "/compose.yaml", STR("services: [\n"));
}

/* Nothing but text that a terminal shows, and line ends. */
static void is_shown(struct str text) {
    for (uint32_t i = 0, length; i < text.n; i += length) {
        const unsigned char *p = (const unsigned char *)text.p + i;
        length = source_utf8_length(p, text.n - i);
        cr_assert(length && (*p >= ' ' || *p == '\n') && *p != 0x7f, "byte %02x in:\n%.*s", *p, STR_ARG(text));
        cr_assert(length != 3 || memcmp(p, "\xe2\x80\xae", 3) != 0, "%.*s", STR_ARG(text));
    }
}

Test(report, hostile_names_break_no_format) {
    ARENA(arena);
    static const char *const formats[] = {"text", "human", "json", "sarif", "github", "gitlab", "junit"};
    struct str reports[7];
    put_hostile();
    for (int i = 0; i < 7; i++) {
        struct result result = run(&arena, formats[i], here);
        cr_expect_eq(result.code, 2);
        is_shown(result.out);
        is_shown(result.err);
        reports[i] = result.out;
        if (strstr("json sarif gitlab", formats[i]))
            json_decref(parsed(result.out));
    }
    has(reports[1], "\na\\x1b[31m,b:c%<&\"'\\\\x0a\xf0\x9d\x84\x9e\\xe2\\x80\\xae\\x7f\\xff/Dockerfile\n" + 1);
    has(reports[2], "\"a\\u001b[31m,b:c%<&\\\"'\\\\\\n\\ud834\\udd1e\\u202e\\u007f\\\\xff/Dockerfile\"");
    has(reports[2], "\"suppressed\": \"\\u001b]0;x\\u0007]]>&\\\"\\u202e\"");
    has(reports[3], "\"uri\": \"a%1B%5B31m%2Cb%3Ac%25%3C%26%22%27%5C%0A%F0%9D%84%9E%E2%80%AE%7F%FF/Dockerfile\"");
    has(reports[4],
        "file=a\\x1b[31m%2Cb%3Ac%25<&\"'\\%0A\xf0\x9d\x84\x9e\\xe2\\x80\\xae\\x7f\\xff/Dockerfile,line=3,col=1,");
    has(reports[6], "classname=\"a\\x1b[31m,b:c%&#60;&#38;&#34;'\\\\x0a\xf0\x9d\x84\x9e\\xe2\\x80\\xae\\x7f\\xff/"
                    "Dockerfile\"");
    has(reports[6], "<skipped message=\"\\x1b]0;x\\x07]]&#62;&#38;&#34;\\xe2\\x80\\xae\"/>");
}

/* Whether a text is made of tags with attributes in double quotes, and of references where XML has characters of its
 * own; what no XML may hold, is_shown sees. */
static void is_xml(struct str text) {
    bool is_tag = false, is_value = false;
    for (uint32_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '<' || c == '&')
            cr_assert(c == '<' ? !is_tag : text.p[i + 1] == '#', "at %u in:\n%.*s", i, STR_ARG(text));
        if (c == '"')
            is_value = is_tag && !is_value;
        is_tag = c == '<' || (is_tag && (c != '>' || is_value));
    }
    cr_expect(!is_tag);
}

/* In names of services, pods and containers, images, paths and reasons; as YAML has them between double quotes. */
Test(report, hostile_values_break_no_format) {
    ARENA(arena);
    static const char *const values[] = {
        "${{ github.token }}",
        "$(touch owned)",
        "`x`",
        "\\\"",
        "'",
        "\\n::stop-commands::x",
        "\\r\\n::error::x",
        "%0A::error::x",
        "%s%n",
        "]]>",
        "-->",
        "{{ x }}",
        "\\\\",
        "<b>&amp;</b>",
        "\\e[31m",
        "\\x07\\x9b",
        "\\0x",
        "\\u2028x\\u2029",
        "\\u0085",
        "\\u202ex",
        "\\ufffe",
        "\\U0001f600",
        "-x",
        "##[error]x",
        "[l](http://x)",
        "|a|",
        "\\u2066\\ufeff",
        "a\\tb",
        "*/ ?>",
        "",
    };
    static const char *const formats[] = {"text", "human", "json", "sarif", "github", "gitlab", "junit"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const char *v = i + 1 < sizeof values / sizeof *values ? values[i] : repeated(&arena, "x", 1000).p;
        file_put(
            str_printf(&arena, "d%zu/compose.yaml", i).p,
            str_printf(&arena,
                       "services:\n  \"%s\":\n    # ironhull: ignore=no-such-rule -- %s\n    image: \"redis:8%s\"\n"
                       "    volumes: [\"%s:/x\", \"./%s:/y\"]\n    user: \"%s\"\n    ports: [\"%s\"]\n",
                       v, v, v, v, v, v, v));
        file_put(str_printf(&arena, "d%zu/pod.yaml", i).p,
                 str_printf(&arena,
                            "apiVersion: v1\nkind: Pod\nmetadata: {name: \"%s\", namespace: \"%s\"}\nspec:\n"
                            "  containers:\n  - name: \"%s\"\n    image: \"%s\"\n    command: [\"%s\"]\n",
                            v, v, v, v, v));
    }
    for (int i = 0; i < 7; i++) {
        struct result result = run(&arena, formats[i], here);
        cr_expect_eq(result.code, 1, "%s: %.*s", formats[i], STR_ARG(result.err));
        is_shown(result.out);
        is_shown(result.err);
        if (strstr("json sarif gitlab", formats[i]))
            json_decref(parsed(result.out));
        if (strcmp(formats[i], "junit") == 0)
            is_xml(result.out);
        for (struct str rest = result.out, line; i != 2 && str_cut(&rest, '\n', &line);) {
            bool is_command = str_starts(line, STR("::")) || str_starts(line, STR("##["));
            bool is_ours = str_starts(line, STR("::error file=d")) || str_starts(line, STR("::warning file=d")) ||
                           str_starts(line, STR("::notice file=d"));
            cr_expect(formats[i][0] == 'g' && formats[i][3] == 'h' ? is_ours || !line.n : !is_command, "%s: %.*s",
                      formats[i], STR_ARG(line));
        }
    }
}

/* --- places and looks ---------------------------------------------------------------------------------------------
 */

static const char plain[] = "FROM node:20-slim\nCMD [\"node\", \"server.js\"]\n";

Test(report, colours_are_asked_for) {
    ARENA(arena);
    static const char *const always[] = {".", "--color=always", NULL}, *const never[] = {".", "--color=never", NULL};
    file_put("Dockerfile", str_of(plain));
    cr_expect(!memchr(run(&arena, "human", here).out.p, '\033', run(&arena, "human", here).out.n));
    setenv("CLICOLOR_FORCE", "1", 1);
    has(run(&arena, "human", here).out, "\033[1mDockerfile\033[0m\n     2:1  \033[32mfix\033[0m     runs as root");
    cr_expect(!memchr(run(&arena, "human", never).out.p, '\033', run(&arena, "human", never).out.n));
    setenv("NO_COLOR", "1", 1);
    cr_expect(!memchr(run(&arena, "human", here).out.p, '\033', run(&arena, "human", here).out.n));
    has(run(&arena, "human", always).out, "\033[32mfix\033[0m");
    cr_expect(!memchr(run(&arena, "text", always).out.p, '\033', run(&arena, "text", always).out.n));
}

Test(report, takes_the_place_of_the_diff) {
    ARENA(arena);
    file_put("Dockerfile", str_of(plain));
    struct result result = RUN(&arena, "--format=github", ".");
    cr_expect_eq(result.code, 0);
    cr_expect(str_starts(result.out, STR("::error file=Dockerfile,line=2,col=1,title=")), "%.*s", STR_ARG(result.out));
    result = RUN(&arena, "--format=github", "--output-file=report", ".");
    cr_expect(str_starts(result.out, STR("--- a/Dockerfile\n")), "%.*s", STR_ARG(result.out));
    cr_expect(str_starts(file_get(&arena, "report"), STR("::error file=Dockerfile,line=2,col=1,title=")));
}

Test(report, has_no_place_beside_a_hardened_text) {
    ARENA(arena);
    struct result result = FILTER(&arena, str_of(plain), "-", "--stdin-filename=Dockerfile", "--format=json");
    cr_expect_eq(result.code, 2);
    is(result.out, STR(""));
    has(result.err, "ironhull: error: this --format needs --output-file here");
    result = FILTER(&arena, str_of(plain), "-", "--stdin-filename=Dockerfile", "--format=json", "--output-file=report");
    cr_expect_eq(result.code, 0);
    has(result.out, "\nUSER 1000:1000\n");
    has(file_get(&arena, "report"), "\"applied\": true");
}

Test(report, says_only_what_is_left_in_files_that_are_written) {
    ARENA(arena);
    file_put("Dockerfile", str_of(plain));
    struct result result = RUN(&arena, "-w", "--format=json", ".");
    cr_expect_eq(result.code, 0);
    has(result.out, "\"applied\": true");
    file_put("Dockerfile", str_of(plain));
    static const char *const formats[] = {"--format=sarif", "--format=github", "--format=gitlab", "--format=junit"};
    for (int i = 0; i < 4; i++) {
        file_put("Dockerfile", str_of(plain));
        result = RUN(&arena, "-w", formats[i], ".");
        cr_expect(!str_contains(result.out, STR("runs as root")), "%.*s", STR_ARG(result.out));
    }
}

Test(report, file_is_whole_or_not_there) {
    ARENA(arena);
    file_put("Dockerfile", str_of(plain));
    file_put("old", STR("before"));
    cr_assert_eq(chmod("old", 0600), 0);
    cr_assert_eq(symlink("old", "link"), 0);
    cr_expect_eq(RUN(&arena, "--check", "--format=gitlab", "--output-file=link", ".").code, 1);
    struct stat status;
    cr_assert_eq(lstat("link", &status), 0);
    cr_expect(S_ISLNK(status.st_mode), "a link stays one");
    cr_assert_eq(stat("old", &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    json_decref(parsed(file_get(&arena, "old")));

    struct result result = RUN(&arena, "--check", "--output-file=./Dockerfile", ".");
    cr_expect_eq(result.code, 2);
    has(result.err, "Dockerfile: error: is one of the files that the report is about");
    is(file_get(&arena, "Dockerfile"), str_of(plain));
    result = RUN(&arena, "--check", "--output-file=Dockerfile/report", ".");
    cr_expect_eq(result.code, 2);
    has(result.err, "Dockerfile/report: error: ");
    result = RUN(&arena, "--check", "--output-file=/dev/full", ".");
    cr_expect_eq(result.code, 2);
    has(result.err, "/dev/full: error: the report cannot be written: ");
    cr_expect_eq(RUN(&arena, "--check", "--output-file=/dev/null", ".").code, 1);
    cr_assert_eq(stat("/dev/null", &status), 0);
    cr_expect(S_ISCHR(status.st_mode));
    has(RUN(&arena, "--check", "--format=jsn", ".").err, "--format: there is no format jsn: is json meant?");
}
