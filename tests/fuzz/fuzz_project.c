/* Fuzz target on the whole loop, for files that belong together: a folder is hardened twice. The first byte chooses
 * options; then come files, each behind a byte 0xff and one that chooses its name. */
#include "emit.h"
#include "fuzz.h"
#include "hardened.h"

/* tests/fuzz/run knows their numbers. */
static const char *const names[] = {"Dockerfile",    "compose.yaml",          "k8s.yaml",     CONFIG_NAME,
                                    ".dockerignore", "compose.override.yaml", "package.json", ".env",
                                    "start.sh",      "other.Dockerfile",      ".gitignore",   "node-seccomp.json"};
enum { NAMES = sizeof names / sizeof *names };

/* Of files without an error, as the command line does. */
static void make_artifacts(const struct project *project) {
    for (enum emit_kind kind = EMIT_NONE + 1; kind < EMIT_KINDS && project->diags->list.n == 0; kind++)
        emit_project(emit_begin(project->arena, &(struct emit_request){.kind = kind}), project);
}

/* Hardens the folder, and writes what is made. Whether anything is. */
static bool run(unsigned options) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct project project = {.arena = &arena, .diags = &diags, .configs.none = hardened_options(options)};
    struct str here = STR(".");
    bool has_any = false;
    project_add(&project, &here, 1, (struct str){NULL, 0});
    project_link(&project);
    harden(&project);
    hardened_check(&project);
    make_artifacts(&project);
    for (uint32_t i = 0; i < project.documents.n; i++) {
        const struct document *document = project.documents.at[i];
        if (document->is_broken || str_eq(document->before, document->after))
            continue;
        fuzz_put(document->path.p, document->after);
        has_any = true;
    }
    return has_any;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *folder;
    if (size == 0 || size > 65536)
        return 0;
    if (!folder)
        folder = fuzz_folder();
    ARENA(arena);
    struct str rest = str_dup(&arena, (struct str){(const char *)data, (uint32_t)size}), file;
    fuzz_folder_clear();
    fuzz_cut(&rest, &file);
    while (fuzz_cut(&rest, &file))
        if (file.n)
            fuzz_put(names[(unsigned char)*file.p % NAMES], str_sub(file, 1, file.n));
    if (run(data[0]))
        MUST(!run(data[0]));
    return 0;
}
