/* Fuzz target on the language server: whatever a client says, the server lives until it says no more, and each of its
 * own messages is framed and is JSON. Bytes that begin with "C" are what comes in; others are a session as golden/lsp/
 * has them, of which the messages behind "-->" are framed. $ROOT stands for the folder. */
#include "fuzz.h"
#include "lsp.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *root;
static bool is_serving;

/* --- nothing but the folder is there -------------------------------------------------------------------------------
 */

static bool is_allowed(const char *path) {
    char *real = realpath(path, NULL);
    bool is_allowed = !is_serving || (real && str_starts(str_of(real), str_of(root)));
    free(real);
    return is_allowed;
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    unsigned mode = flags & O_CREAT ? va_arg(arguments, unsigned) : 0;
    va_end(arguments);
    return is_allowed(path) ? __real_open64(path, flags, mode) : -1;
}

DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
DIR *__wrap_opendir(const char *path) {
    return is_allowed(path) ? __real_opendir(path) : NULL;
}

int __real_chdir(const char *path);
int __wrap_chdir(const char *path);
int __wrap_chdir(const char *path) {
    return is_allowed(path) ? __real_chdir(path) : str_eq(str_of(path), STR("/")) ? __real_chdir(root) : -1;
}

static void make_folder(void) {
    const char *folder = fuzz_folder();
    fuzz_put("Dockerfile", STR("FROM node:20-slim\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"a.js\"]\n"));
    fuzz_put("compose.yaml", STR("services:\n  app:\n    build: .\n"));
    fuzz_put("k8s.yaml", STR("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - {name: app, image: app}\n"));
    root = folder;
}

/* --- what is said --------------------------------------------------------------------------------------------------
 */

static struct str replaced(struct arena *arena, struct str text) {
    static const struct str name = STR_INIT("$ROOT");
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < text.n;) {
        bool is_name = str_starts(str_sub(text, i, text.n), name);
        buf_add(&out, is_name ? str_of(root) : str_sub(text, i, i + 1));
        i += is_name ? name.n : 1;
    }
    return buf_str(&out);
}

static struct str framed(struct arena *arena, struct str session) {
    struct buf out = {.arena = arena};
    uint32_t start = 0;
    for (uint32_t at = 0; at < session.n;) {
        uint32_t next = str_find(session, at, '\n') + 1;
        if (next >= session.n || str_starts(str_sub(session, next, session.n), STR("-->"))) {
            struct str message = replaced(arena, str_sub(session, start + 3, next));
            buf_printf(&out, "Content-Length: %u\r\n\r\n%.*s", message.n, STR_ARG(message));
            start = next;
        }
        at = next;
    }
    return buf_str(&out);
}

/* Reads what the server has said, to the end. */
static void check(struct str said) {
    static const struct str name = STR_INIT("Content-Length: ");
    while (said.n) {
        char *rest;
        MUST(str_starts(said, name));
        unsigned long n = strtoul(said.p + name.n, &rest, 10);
        uint32_t header = (uint32_t)(rest - said.p) + 4;
        MUST(str_starts(str_sub(said, header - 4, said.n), STR("\r\n\r\n")) && header + n <= said.n);
        json_t *message = json_loadb(said.p + header, n, JSON_ALLOW_NUL, NULL);
        MUST(json_is_object(message));
        json_decref(message);
        said = str_sub(said, header + (uint32_t)n, said.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > 1 << 16)
        return 0;
    if (!root)
        make_folder();
    ARENA(arena);
    struct str text = str_dup(&arena, (struct str){(const char *)data, (uint32_t)size});
    text = *text.p == 'C' ? replaced(&arena, text) : framed(&arena, text);
    int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);
    MUST(in >= 0 && out >= 0 && write(in, text.p ? text.p : "", text.n) == text.n && lseek(in, 0, SEEK_SET) == 0);
    is_serving = true;
    lsp_serve(in, out, 0, "0");
    is_serving = false;
    MUST(chdir(root) == 0);
    off_t n = lseek(out, 0, SEEK_END);
    char *said = arena_alloc(&arena, (size_t)n + 1);
    MUST(pread(out, said, (size_t)n, 0) == n);
    check((struct str){said, (uint32_t)n});
    close(in);
    close(out);
    return 0;
}
