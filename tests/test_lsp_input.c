/* The language server, whatever it is sent. */
#include "lsp_text.h"
#include "process.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(lsp_input, .init = folder_enter, .fini = folder_leave);

/* --- whatever comes ------------------------------------------------------------------------------------------------
 */

static struct str framed(struct arena *arena, const char *text) {
    return str_printf(arena, "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
}

/* The messages of a run that is fed with these bytes. */
static struct str answers(struct arena *arena, struct str input) {
    return process_run(arena, &(struct setting){.input = input}, ARGUMENTS("lsp")).out;
}

Test(lsp_input, says_what_is_wrong_with_a_frame_and_goes_on) {
    static const char *const bad[] = {
        "hello\r\n\r\n",
        "Content-Length: x\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n{}",
        "Content-Length: 4294967297\r\n\r\n{}",
        "Content-Type: text/plain\r\n\r\n{}",
        "\r\n\r\n",
        "Content-Length: 2\n\n{}\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ARENA(arena);
        struct str input = str_printf(&arena, "%s%.*s", bad[i],
                                      STR_ARG(framed(&arena, "{\"id\":7,\"method\":\"textDocument/hover\"}")));
        struct str out = answers(&arena, input);
        cr_expect(str_contains(out, STR("\"code\":-32700")), "%s: %.*s", bad[i], STR_ARG(out));
        cr_expect(str_contains(out, STR("\"id\":7")), "%s: %.*s", bad[i], STR_ARG(out));
    }
}

Test(lsp_input, understands_headers_as_clients_write_them) {
    static const char *const headers[] = {
        "Content-Length: %zu\r\n\r\n",
        "content-length:%zu\r\n\r\n",
        "CONTENT-LENGTH:  %zu\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        "Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: %zu\r\n\r\n",
    };
    static const char text[] = "{\"id\":7,\"method\":\"textDocument/hover\"}";
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        ARENA(arena);
        char header[128];
        snprintf(header, sizeof header, headers[i], strlen(text));
        struct str out = answers(&arena, str_printf(&arena, "%s%s%s%s", header, text, header, text));
        struct str rest = str_sub(out, str_find(out, 1, 'C'), out.n);
        cr_expect(str_starts(rest, STR("Content-Length")) && str_contains(rest, STR("\"id\":7")), "%s: %.*s", header,
                  STR_ARG(out));
        cr_expect_not(str_contains(out, STR("-32700")), "%s: %.*s", header, STR_ARG(out));
    }
}

Test(lsp_input, refuses_what_is_no_message) {
    static const struct {
        const char *text;
        int code;
    } bad[] = {
        {"", -32700},
        {"{", -32700},
        {"{\"id\":1,\"method\":\"\xff\"}", -32700},
        {"[]", -32600},
        {"[{\"id\":1,\"method\":\"shutdown\"}]", -32600},
        {"{\"id\":{},\"method\":\"shutdown\"}", -32600},
        {"{\"id\":1,\"method\":5}", -32600},
        {"{\"id\":1,\"method\":\"shutdown\"}", -32002},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ARENA(arena);
        struct str out = answers(&arena, framed(&arena, bad[i].text));
        cr_expect(str_contains(out, str_printf(&arena, "\"code\":%d", bad[i].code)), "%s: %.*s", bad[i].text,
                  STR_ARG(out));
    }
}

Test(lsp_input, refuses_json_that_is_too_deep) {
    ARENA(arena);
    struct str deep = repeated(&arena, "[", 100000),
               text = str_printf(&arena, "{\"id\":1,\"method\":\"initialize\",\"params\":%.*s", STR_ARG(deep));
    cr_expect(str_contains(answers(&arena, framed(&arena, text.p)), STR("-32700")));
}

Test(lsp_input, ends_with_its_input) {
    ARENA(arena);
    const struct {
        struct str input;
        int code;
    } ends[] = {
        {STR(""), 1},
        {STR("Content-Length: 100\r\n\r\n{"), 1},
        {framed(&arena, "{\"method\":\"exit\"}"), 1},
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        cr_expect_eq(process_run(&arena, &(struct setting){.input = ends[i].input}, ARGUMENTS("lsp")).code,
                     ends[i].code);
}

/* A session whose bytes are damaged at random: no crash, whatever it is taken for. */
Test(lsp_input, survives_any_bytes) {
    ARENA(arena);
    static const char *const messages[] = {
        "{\"id\":1,\"method\":\"initialize\",\"params\":{\"rootUri\":\"file:///nowhere\",\"capabilities\":{}}}",
        "{\"method\":\"initialized\",\"params\":{}}",
        "{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"file:///nowhere/Dockerfile\","
        "\"version\":1,\"text\":\"FROM node:20-slim\\nCMD [\\\"node\\\"]\\n\"}}}",
        "{\"method\":\"textDocument/didChange\",\"params\":{\"textDocument\":{\"uri\":\"file:///nowhere/Dockerfile\","
        "\"version\":2},\"contentChanges\":[{\"range\":{\"start\":{\"line\":0,\"character\":5},\"end\":{\"line\":0,"
        "\"character\":9}},\"text\":\"a\\ud83d\"}]}}",
        "{\"id\":2,\"method\":\"textDocument/codeAction\",\"params\":{\"textDocument\":{\"uri\":"
        "\"file:///nowhere/Dockerfile\"},\"range\":{\"start\":{\"line\":0,\"character\":0},\"end\":{\"line\":9,"
        "\"character\":0}},\"context\":{\"diagnostics\":[]}}}",
        "{\"id\":3,\"method\":\"workspace/diagnostic\",\"params\":{\"previousResultIds\":[]}}",
        "{\"id\":4,\"method\":\"shutdown\"}",
    };
    struct buf all = {.arena = &arena};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        buf_add(&all, framed(&arena, messages[i]));
    srand(1);
    for (int round = 0; round < 150; round++) {
        ARENA(scratch);
        struct str text = str_dup(&scratch, buf_str(&all));
        for (int i = 0; i <= round % 12; i++)
            ((char *)text.p)[(uint32_t)rand() % text.n] = (char)rand();
        text.n -= round % 3 ? 0 : (uint32_t)rand() % text.n;
        process_run(&scratch, &(struct setting){.input = text}, ARGUMENTS("lsp")); /* which looks at the exit code */
    }
}

static struct str replaced(struct arena *arena, struct str text, struct str name, struct str value) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < text.n;) {
        bool is_name = i + name.n <= text.n && !memcmp(text.p + i, name.p, name.n);
        buf_add(&out, is_name ? value : str_sub(text, i, i + 1));
        i += is_name ? name.n : 1;
    }
    return buf_str(&out);
}

static bool is_method(const json_t *message, const char *name) {
    const char *method = json_string_value(json_object_get(message, "method"));
    return method && !strcmp(method, name);
}

/* What clients say in a session of golden/lsp, but for its end. */
static void add_messages(json_t *messages, const char *session) {
    ARENA(arena);
    struct str text = file_get(&arena, source_path(&arena, session)), line;
    char *root = realpath(".", NULL);
    text = replaced(&arena, text, STR("$ROOT"), str_of(root));
    struct buf message = {.arena = &arena};
    for (bool is_ours = false, has_line = true; has_line;) {
        has_line = str_cut(&text, '\n', &line);
        bool is_mark = !has_line || str_starts(line, STR("-->")) || str_starts(line, STR("<--")) ||
                       str_starts(line, STR("===")) || str_starts(line, STR("#"));
        if (is_mark && is_ours) {
            json_t *value = json_loadb(message.p, message.n, JSON_ALLOW_NUL, NULL);
            if (value && !is_method(value, "exit") && !is_method(value, "shutdown"))
                json_array_append(messages, value);
            json_decref(value);
            message.n = 0;
        }
        if (is_mark)
            is_ours = has_line && str_starts(line, STR("-->"));
        if (is_ours) {
            buf_add(&message, is_mark ? str_sub(line, 3, line.n) : line);
            buf_byte(&message, '\n');
        }
    }
    free(root);
}

static json_t *any_value(const json_t *messages) {
    static const char *const values[] = {"null",
                                         "true",
                                         "-1",
                                         "0",
                                         "1",
                                         "9",
                                         "4294967296",
                                         "9007199254740993",
                                         "1e308",
                                         "\"\"",
                                         "\"\\u0000\"",
                                         "[]",
                                         "{}",
                                         "[null]",
                                         "[[[[[[[[]]]]]]]]",
                                         "{\"line\":0,\"character\":1}",
                                         "\"utf-8\"",
                                         "\"file:///\"",
                                         "\"file:///a%00b\"",
                                         "\"untitled:1\"",
                                         "\"\xf0\x9f\x90\x98\"",
                                         "\"FROM a\\r\\rUSER b\\nRUN <<X\"",
                                         "\"services: {a: &a {image: *a}}\"",
                                         "\"quickfix\"",
                                         "\"textDocument/diagnostic\"",
                                         "\"$/cancelRequest\""};
    size_t n = sizeof values / sizeof *values, i = (size_t)rand() % (n + 3);
    if (i >= n) /* a part of another message */
        return json_deep_copy(
            json_object_get(json_array_get(messages, (size_t)rand() % json_array_size(messages)), "params"));
    return json_loads(values[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

/* Replaces, removes or doubles a part of a value, somewhere in it. */
static void damage(json_t *value, const json_t *messages) {
    size_t n = json_is_object(value) ? json_object_size(value) : json_array_size(value),
           at = n ? (size_t)rand() % n : 0;
    const char *key = NULL;
    if (json_is_object(value)) {
        void *iterator = json_object_iter(value);
        for (size_t i = 0; i < at; i++)
            iterator = json_object_iter_next(value, iterator);
        key = json_object_iter_key(iterator);
    }
    json_t *child = key ? json_object_get(value, key) : json_array_get(value, at);
    bool has_parts = json_object_size(child) || json_array_size(child);
    if (n == 0)
        return;
    if (has_parts && rand() % 4)
        damage(child, messages);
    else if (key && rand() % 4 == 0)
        json_object_del(value, key);
    else if (key)
        json_object_set_new_nocheck(value, key, any_value(messages));
    else if (rand() % 2)
        json_array_append(value, child);
    else
        json_array_set_new(value, at, any_value(messages));
}

/* All answers are well framed JSON, and no request has two. */
static void check_answers(struct str out, size_t round) {
    JSON(seen) = json_object();
    while (out.n) {
        char *end;
        cr_assert(str_starts(out, STR("Content-Length: ")), "round %zu: %.*s", round, STR_ARG(out));
        size_t length = strtoul(out.p + 16, &end, 10);
        out = str_sub(out, (uint32_t)(end + 4 - out.p), out.n);
        cr_assert_leq(length, out.n);
        JSON(message) = json_loadb(out.p, length, JSON_ALLOW_NUL, NULL);
        cr_assert(message, "round %zu: %.*s", round, (int)length, out.p);
        const json_t *id = json_object_get(message, "id");
        if (json_is_string(id) && !json_object_get(message, "method"))
            cr_expect_eq(json_object_set_new(seen, json_string_value(id), json_true()), 0);
        out = str_sub(out, (uint32_t)length, out.n);
    }
}

static void add_frame(struct buf *out, const json_t *message) {
    char *text = json_dumps(message, JSON_COMPACT);
    buf_printf(out, "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
    free(text);
}

static json_t *all_messages(void) {
    ARENA(arena);
    json_t *messages = json_array();
    DIR *folder = opendir(source_path(&arena, "golden/lsp"));
    cr_assert(folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.') {
            const char *in = source_path(&arena, str_printf(&arena, "golden/lsp/%s/in", entry->d_name).p);
            if (access(in, F_OK) == 0)
                folder_copy(in, ".");
            add_messages(messages, str_printf(&arena, "golden/lsp/%s/session", entry->d_name).p);
        }
    closedir(folder);
    return messages;
}

/* Sessions of golden/lsp shuffled together, in which about one message of four is damaged: thousands of messages that
 * are well framed, and wrong somewhere. IRONHULL_TRIES=1000 for a long run. */
Test(lsp_input, survives_any_session, .timeout = 600) {
    JSON(messages) = all_messages();
    const char *tries = getenv("IRONHULL_TRIES");
    size_t rounds = tries ? strtoul(tries, NULL, 10) : 60, n = json_array_size(messages);
    cr_assert_gt(n, 60);
    for (size_t round = 0; round < rounds; round++) {
        ARENA(arena);
        struct buf input = {.arena = &arena};
        srand((unsigned)round + 1);
        JSON(first) = json_loads("{\"id\":0,\"method\":\"initialize\",\"params\":{\"capabilities\":{}}}", 0, NULL);
        for (size_t i = 0; i < n; i++) /* one of a session's own, with what its client can do */
            if (is_method(json_array_get(messages, i), "initialize") && rand() % 8 == 0)
                json_object_update(first, json_array_get(messages, i));
        if (round % 4 == 0)
            damage(first, messages);
        add_frame(&input, first);
        for (size_t i = 0, at = (size_t)rand(); i < 100; i++, at += rand() % 5 ? 1 : (size_t)rand()) {
            JSON(message) = json_deep_copy(json_array_get(messages, at % n));
            if (rand() % 4 == 0)
                damage(message, messages);
            add_frame(&input, message);
        }
        struct result result = process_run(&arena, &(struct setting){.input = buf_str(&input)}, ARGUMENTS("lsp"));
        check_answers(result.out, round);
    }
}
