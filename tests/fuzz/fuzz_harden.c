/* libFuzzer target on the whole loop: whatever the input, the program does not crash, its result verifies, and a second
 * run changes nothing. The first byte chooses the format; a service and a container find a hardened Dockerfile. */
#include "harden.h"
#include "krm.h"
#include "link.h"
#include "report.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char dockerfile[] =
    "FROM node:20-slim\nWORKDIR /app\nRUN mkdir -p /app/cache\nCOPY --chown=1000:1000 . .\n"
    "USER 1000:1000\nEXPOSE 80\nENTRYPOINT [\"tini\", \"--\"]\nCMD [\"node\", \"a.js\"]\n";

/* The text after one run; *ret_failed: the program found a bug of its own. */
static struct str run(struct arena *arena, struct str name, struct str text, bool *ret_failed) {
    struct diags diags = {.arena = arena};
    struct project project = {
        .arena = arena,
        .diags = &diags,
        .is_filter = true,
        .configs.none = {.unsafe_fixes = CONFIG_ON, .pod_demand = {true, POD_RESTRICTED, POD_SECURITY_LATEST}}};
    if (!str_eq(name, STR("none/Dockerfile")))
        project_add_text(&project, STR("none/Dockerfile"), STR(dockerfile));
    project_add_text(&project, name, text);
    project_link(&project);
    harden(&project);
    struct krm krm = krm_read(arena, name, text, &diags);
    for (uint32_t i = 0; i < diags.list.n; i++)
        *ret_failed |= str_starts(diags.list.at[i].message, STR("internal error"));
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
    bool is_failed = false;
    struct str name = names[data[0] % 3],
               text = str_dup(&arena, (struct str){(const char *)data + 1, (uint32_t)size - 1});
    struct str once = run(&arena, name, text, &is_failed);
    struct str twice = run(&arena, name, once, &is_failed);
    if (is_failed || !str_eq(once, twice))
        abort();
    return 0;
}
