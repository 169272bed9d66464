/* What a manifest says of its installation. */
#include "rules_dockerfile.h"

#include <jansson.h>

/* Why a package.json keeps packages out of the folder; NULL where it does not. */
static const char *yarn_reason(const struct check *check, const json_t *root, struct str folder) {
    struct str settings = project_context_file(check->project, folder, STR(".yarnrc.yml"), check->arena);
    const char *manager = json_string_value(json_object_get(root, "packageManager"));
    struct str name = manager ? str_of(manager) : STR("");
    bool is_berry = settings.p || (str_starts(name, STR("yarn@")) && !str_starts(name, STR("yarn@1")));
    if (!is_berry || str_contains(settings, STR("nodeLinker: node-modules")) ||
        str_contains(settings, STR("nodeLinker: pnpm")))
        return NULL;
    return "yarn 2 and later install into node_modules only with nodeLinker: node-modules in .yarnrc.yml";
}

static const char *hook_reason(const json_t *root, const struct ecosystem *ecosystem) {
    for (uint32_t i = 0; i < ecosystem->hooks.n; i++)
        if (json_object_get(json_object_get(root, "scripts"), ecosystem->hooks.list[i].p))
            return "the manifest runs scripts of its own when it is installed";
    return json_object_get(root, "workspaces") ? "the manifest has workspaces" : NULL;
}

/* `is_whole`: the runtime stage takes the whole working directory, not only the folder that is installed into. */
static const char *dependency_reason(const json_t *root, const struct ecosystem *ecosystem, bool is_whole) {
    size_t n = 0;
    for (uint32_t i = 0; i <= ecosystem->groups.n && ecosystem->groups.n; i++) {
        bool is_counted = i < ecosystem->groups.n;
        const char *name;
        json_t *version;
        json_object_foreach(json_object_get(root, is_counted ? ecosystem->groups.list[i].p : "devDependencies"), name,
                            version) {
            n += is_counted;
            const char *spec = json_string_value(version);
            if (str_is_in(str_of(name), ecosystem->outside.list, ecosystem->outside.n))
                return "a dependency downloads files to the home folder";
            if (!is_whole && spec && (str_starts(str_of(spec), STR("file:")) || str_starts(str_of(spec), STR("link:"))))
                return "a dependency is a local folder";
        }
    }
    return n == 0 && ecosystem->groups.n && !is_whole ? "the manifest has no dependencies" : NULL;
}

const char *manifest_obstacle(const struct check *check, const struct ecosystem *ecosystem, struct str folder,
                              bool is_whole) {
    struct str text = ecosystem->manifest.n
                          ? project_context_file(check->project, folder, ecosystem->manifest, check->arena)
                          : (struct str){NULL, 0};
    if (!text.p)
        return NULL; /* not at hand: the Dockerfile alone speaks */
    json_t *root = json_loadb(text.p, text.n, 0, NULL);
    const char *reason = root ? yarn_reason(check, root, folder) : "the manifest is no valid JSON";
    if (!reason && !is_whole)
        reason = hook_reason(root, ecosystem);
    if (!reason)
        reason = dependency_reason(root, ecosystem, is_whole);
    json_decref(root);
    return reason;
}
