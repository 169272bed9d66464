/* The containers of a project, in the order in which they start. */
#include "emit_parts.h"

#include "harden.h"
#include "template.h"

struct walk {
    struct emit *emit;
    struct compose_files files;
    const struct yaml_node *services; /* of the document at hand */
    struct document *document;
    uint32_t index;
    struct map seen; /* of it: services that have had their turn */
    run_take *see;
};

/* Whether a file that is merged onto this one defines the service too: that one then has all of it. */
static bool is_below(const struct walk *walk, struct str name) {
    const struct project *project = walk->files.project;
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *other = project->documents.at[i];
        if (other == walk->document || other->format != FORMAT_COMPOSE || !document_is_onto(other, walk->document))
            continue;
        const struct yaml *yaml = compose_files_get((struct compose_files *)&walk->files, other);
        for (uint32_t j = 0; yaml && j < yaml->documents.n; j++)
            if (yaml_own(compose_services(yaml->documents.at[j].root), name))
                return true;
    }
    return false;
}

static void see_service(struct walk *walk, struct str name);

/* What it depends on starts before it. */
static void see_needed(struct walk *walk, const struct yaml_node *service) {
    const struct yaml_node *needed = yaml_get(service, STR("depends_on"));
    for (uint32_t i = 0; needed && needed->kind == YAML_MAPPING && i < needed->n; i++)
        see_service(walk, yaml_text(needed->pairs[i].key));
    for (uint32_t i = 0; needed && needed->kind == YAML_SEQUENCE && i < needed->n; i++)
        see_service(walk, yaml_text(yaml_resolve(needed->items[i])));
}

static void see_service(struct walk *walk, struct str name) {
    const struct yaml_node *service = yaml_own(walk->services, name);
    if (!service || map_add(&walk->seen, walk->emit->arena, name, walk))
        return;
    see_needed(walk, service);
    if (is_below(walk, name))
        return;
    struct run *run = run_of(walk->emit, &walk->files, (struct place){walk->document, walk->index, name});
    if (run)
        walk->see(walk->emit, run);
}

static void see_document(struct walk *walk, struct document *document) {
    const struct yaml *yaml = compose_files_get(&walk->files, document);
    walk->document = document;
    for (uint32_t i = 0; yaml && i < yaml->documents.n; i++) {
        walk->services = compose_services(yaml->documents.at[i].root);
        walk->index = i;
        map_clear(&walk->seen);
        for (uint32_t j = 0; walk->services && j < walk->services->n; j++)
            see_service(walk, yaml_text(walk->services->pairs[j].key));
    }
}

static void see_files(struct emit *emit, const struct project *project, run_take *see, const struct document *only) {
    struct walk walk = {.emit = emit, .files = {.project = project, .arena = emit->arena}, .see = see};
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        if (document->format == FORMAT_COMPOSE && document->is_selected && !document->is_broken &&
            (!only || document == only))
            see_document(&walk, document);
    }
}

/* --- Dockerfiles that no service builds ----------------------------------------------------------------------------
 */

/* What its image is called: by its folder, or by what its own name says beside "Dockerfile". */
static struct str name_of(struct arena *arena, struct str path) {
    struct str folder = path_name(path_folder(path)), file = path_name(path);
    uint32_t dot = str_find(file, 0, '.');
    struct str head = str_sub(file, 0, dot), rest = dot < file.n ? str_sub(file, dot + 1, file.n) : STR("");
    bool is_second = str_eq_nocase(rest, STR("dockerfile")) || str_eq_nocase(rest, STR("containerfile"));
    struct str own = is_second ? head : rest;
    bool has_folder = folder.n && !str_eq(folder, STR(".")) && !str_eq(folder, STR(".."));
    return str_lower(arena, str_printf(arena, "%.*s%s%.*s", STR_ARG(has_folder || own.n ? folder : STR("app")),
                                       has_folder && own.n ? "-" : "", STR_ARG(own)));
}

/* As text of YAML in double quotes, which has an escape for whatever it would read as something else. */
static void add_quoted(struct buf *out, struct str text) {
    for (uint32_t i = 0, length; i < text.n; i += length) {
        uint32_t code;
        length = source_utf8((const unsigned char *)text.p + i, text.n - i, &code);
        if (length != 1 || code < ' ' || code == 0x7f || code == '"' || code == '\\')
            buf_printf(out, "\\U%08x", length ? code : 0);
        else
            buf_printf(out, "%s%c", code == '$' ? "$" : "", (char)code);
        length += !length; /* a byte that is no text is in no name that can be written: NUL is in none either */
    }
}

/* Whether its image starts without an init, as far as is known, and may have one in front. */
static bool lacks_init(struct arena *arena, const struct document *dockerfile) {
    const struct workload *workload = &dockerfile->workload;
    const struct image *image = workload->is_known ? workload->stage->image : NULL;
    if (!image || image->init.n || image->starts_as_root.n)
        return false;
    struct command first = stage_entrypoint(arena, workload->stage);
    if (first.is_known && first.n == 0)
        first = stage_cmd(arena, workload->stage);
    return first.is_known && !first.is_shell && first.n && !template_has_name(NAMES_INIT, first.words[0]);
}

/* It is what a service would be that does nothing but build it: one is made up, and hardened. */
static void see_dockerfile(struct emit *emit, const struct project *project, const struct document *dockerfile,
                           run_take *see) {
    struct arena *arena = emit->arena;
    struct diags silent = {.arena = arena};
    struct project own = {.arena = arena,
                          .diags = &silent,
                          .configs.none = {.user = project->configs.none.user},
                          .roots.at = project->roots.at,
                          .roots.n = project->roots.n,
                          .real_roots.at = project->real_roots.at,
                          .real_roots.n = project->real_roots.n};
    struct str folder = dockerfile->context, path = dockerfile->path;
    bool is_current = str_eq(folder, STR("."));
    if (is_current ? path_leads_out(path) : !folder.n || !path_is_below(path, folder))
        folder = path_folder(path);
    struct str file = str_eq(folder, STR(".")) ? path : str_sub(path, folder.n, path.n);
    file = str_sub(file, str_starts(file, STR("/")), file.n);
    struct buf text = {.arena = arena};
    buf_add(&text, STR("services:\n  \""));
    add_quoted(&text, plain_text(arena, name_of(arena, dockerfile->path)));
    buf_add(&text, STR("\":\n    build:\n      context: .\n      dockerfile: \""));
    add_quoted(&text, file);
    buf_printf(&text, "\"\n%s", lacks_init(arena, dockerfile) ? "    init: true\n" : "");
    path = path_clean(arena, folder, STR(".ironhull-emit.compose.yaml"));
    project_hold(&own, path, buf_str(&text));
    project_hold(&own, dockerfile->path, dockerfile->after);
    struct document *compose = project_add_held(&own, path, FORMAT_COMPOSE, true);
    project_add_held(&own, dockerfile->path, FORMAT_DOCKERFILE, false);
    project_link(&own);
    harden(&own);
    emit->title = dockerfile->path;
    see_files(emit, &own, see, compose);
    emit->title = (struct str){NULL, 0};
}

/* Whether a service that has a run of its own builds it. */
static bool is_built(const struct document *dockerfile) {
    for (uint32_t i = 0; i < dockerfile->builds.n; i++) {
        const struct document *compose = dockerfile->builds.at[i]->place.document;
        if (compose->is_selected && !compose->is_broken)
            return true;
    }
    return false;
}

void runs_each(struct emit *emit, const struct project *project, run_take *see) {
    see_files(emit, project, see, NULL);
    for (uint32_t i = 0; i < project->documents.n; i++) {
        const struct document *document = project->documents.at[i];
        if (document->format == FORMAT_DOCKERFILE && document->is_selected && !document->is_broken &&
            !is_built(document))
            see_dockerfile(emit, project, document, see);
    }
}
