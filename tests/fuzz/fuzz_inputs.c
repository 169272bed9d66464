/* Fuzz target on the small files beside those that are hardened. The first byte chooses: .ironhull.yaml, a baseline,
 * .dockerignore and .gitignore (behind a line with the path that is asked for), .env (behind a line that uses it). */
#include "baseline.h"
#include "config_print.h"
#include "dockerignore.h"
#include "fuzz.h"
#include "gitignore.h"
#include "variables.h"

enum { CONFIG, BASELINE, DOCKERIGNORE, GITIGNORE, ENVIRONMENT, KINDS };

/* A file that is refused says why; one that is taken says the same each time. */
static struct str printed(struct arena *arena, struct str text) {
    struct diags diags = {.arena = arena};
    struct configs configs = {0};
    fuzz_put(CONFIG_NAME, text);
    config_find(&configs, STR("app/Dockerfile"), arena, &diags);
    config_find(&configs, STR("Dockerfile"), arena, &diags);
    MUST(configs.is_broken == (diags.list.n > 0));
    return configs.is_broken ? STR("") : config_print(arena, &configs, STR("Dockerfile"), &diags);
}

static void read_baseline(struct arena *arena, struct str text) {
    struct diags diags = {.arena = arena};
    struct baseline baseline = {.arena = arena};
    uint32_t lines = 0;
    fuzz_put("baseline", text);
    bool is_read = baseline_read(&baseline, STR("baseline"), &diags);
    MUST(is_read == (diags.list.n == 0));
    for (struct str line; str_cut(&text, '\n', &line);)
        lines++;
    MUST(baseline.entries.n <= lines);
}

static void ask_dockerignore(struct arena *arena, struct str patterns, struct str path) {
    dockerignore_excludes(arena, patterns, path);
    struct str all = str_printf(arena, "%.*s\n**\n", STR_ARG(patterns));
    bool is_clean = path.n && path.p[0] != '/' && !str_contains(path, STR("//")) && !str_contains(path, STR("."));
    MUST(!is_clean || dockerignore_excludes(arena, all, path));
}

static void ask_gitignore(struct arena *arena, struct str patterns, struct str path) {
    struct gitignore list = {.arena = arena};
    gitignore_add_file(&list, patterns);
    enum gitignore_verdict file = gitignore_look(&list, path, false, GITIGNORE_ALL);
    gitignore_look(&list, path, true, GITIGNORE_ALL);
    gitignore_reaches(&list, path);
    MUST(gitignore_look(&list, path, false, GITIGNORE_ALL) == file);
    gitignore_release(&list);
}

static void use_environment(struct arena *arena, struct str text, struct str use) {
    struct str result, again;
    struct variables *variables = variables_read(arena, text, NULL);
    bool is_known = variables_expand(arena, variables, use, &result);
    MUST(variables_expand(arena, variables_join(arena, variables, variables_read(arena, text, variables)), use,
                          &again) == is_known);
    if (is_known)
        must_equal(result, again, "the expanded text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *folder;
    if (size == 0 || size > 1 << 16)
        return 0;
    if (!folder)
        folder = fuzz_folder();
    ARENA(arena);
    struct str text = str_dup(&arena, (struct str){(const char *)data + 1, (uint32_t)size - 1}), rest = text, line;
    if (!str_cut(&rest, '\n', &line))
        line = STR("");
    rest = rest.p ? rest : STR("");
    switch (data[0] % KINDS) {
    case CONFIG:
        must_equal(printed(&arena, text), printed(&arena, text), "the configuration");
        break;
    case BASELINE:
        read_baseline(&arena, text);
        break;
    case DOCKERIGNORE:
        ask_dockerignore(&arena, rest, line);
        break;
    case GITIGNORE:
        ask_gitignore(&arena, rest, line);
        break;
    default:
        use_environment(&arena, rest, line);
    }
    return 0;
}
