#include "documented.h"

#define TAKE "take that from it first, if it can do without"

/* What a command line that starts a container may give it. */
static const struct {
    struct str option;
    const char *clause, *instead;
} needs[] = {
    {STR_INIT("--privileged"), "--privileged, which is of use to root only", TAKE},
    {STR_INIT("--cap-add"), "--cap-add, which gives capabilities that only root gets", TAKE},
    {STR_INIT("--device"), "--device, and devices of the host belong to root", TAKE},
    {STR_INIT("/docker.sock"), "the engine's socket, which belongs to root", TAKE},
    {STR_INIT("--pid host"), "--pid host, and only root may inspect the host's processes", TAKE},
    {STR_INIT("--pid=host"), "--pid=host, and only root may inspect the host's processes", TAKE},
    {STR_INIT("--user root"), "--user root", TAKE},
    {STR_INIT("--user=root"), "--user=root", TAKE},
    {STR_INIT("-u root"), "-u root", TAKE},
    {STR_INIT(":/root"), "files that are mounted to /root, which only root can read", "mount them elsewhere first"},
};

static struct str need_in(struct arena *arena, struct str text, const char *where) {
    for (uint32_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (str_contains(text, needs[i].option))
            return str_printf(arena, "%s with %s: %s", where, needs[i].clause, needs[i].instead);
    return (struct str){NULL, 0};
}

/* The end of the unbroken run of comment lines that starts at `start`; `start` where there is none. */
static uint32_t comment_end(struct str text, uint32_t start) {
    uint32_t at = start;
    while (at < text.n) {
        uint32_t end = str_find(text, at, '\n');
        if (!str_starts(str_trim(str_sub(text, at, end)), STR("#")))
            break;
        at = end < text.n ? end + 1 : text.n;
    }
    return at;
}

struct str documented_need(struct arena *arena, const struct dockerfile *dockerfile) {
    struct str text = dockerfile->source->text, need = {NULL, 0};
    for (uint32_t at = dockerfile->source->bom; at < text.n && !need.p;) {
        uint32_t end = comment_end(text, at);
        struct str comment = str_sub(text, at, end);
        if (str_contains(comment, STR("docker run")) || str_contains(comment, STR("podman run")))
            need = need_in(arena, comment, "its comments start it");
        uint32_t line = str_find(text, at, '\n');
        at = end > at ? end : line < text.n ? line + 1 : text.n;
    }
    for (uint32_t i = 0; i < dockerfile->n && !need.p; i++)
        if (dockerfile->list[i].kind == DF_LABEL)
            need = need_in(arena, source_slice(dockerfile->source, dockerfile->list[i].args), "a label starts it");
    return need;
}
