/* Fuzz target on the whole loop, for one document: whatever the input, the program does not crash, its result verifies,
 * and a second run changes nothing. The first byte chooses the format and options; a service and a container find a
 * hardened Dockerfile. */
#include "fuzz.h"
#include "hardened.h"
#include "krm.h"

static const char dockerfile[] =
    "FROM node:20-slim\nWORKDIR /app\nRUN mkdir -p /app/cache\nCOPY --chown=1000:1000 . .\n"
    "USER 1000:1000\nEXPOSE 80\nENTRYPOINT [\"tini\", \"--\"]\nCMD [\"node\", \"a.js\"]\n";

/* The text after one run. */
static struct str run(struct arena *arena, struct str name, struct str text, unsigned options) {
    struct diags diags = {.arena = arena};
    struct project project = {
        .arena = arena, .diags = &diags, .is_filter = true, .configs.none = hardened_options(options)};
    if (!str_eq(name, STR("none/Dockerfile")))
        project_add_text(&project, STR("none/Dockerfile"), STR(dockerfile));
    project_add_text(&project, name, text);
    project_link(&project);
    harden(&project);
    hardened_check(&project);
    struct krm krm = krm_read(arena, name, text, &diags);
    if (krm.list && project.input && project.input->format == FORMAT_KUBE)
        return krm_output(&krm, &project, false);
    return project.input ? project.input->after : text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct str names[] = {STR_INIT("none/Dockerfile"), STR_INIT("none/compose.yaml"),
                                       STR_INIT("none/pod.yaml")};
    if (size == 0 || size > 65536)
        return 0;
    ARENA(arena);
    struct str name = names[data[0] % 3],
               text = str_dup(&arena, (struct str){(const char *)data + 1, (uint32_t)size - 1});
    struct str once = run(&arena, name, text, data[0] / 3);
    must_equal(once, run(&arena, name, once, data[0] / 3), "what a second run makes");
    return 0;
}
