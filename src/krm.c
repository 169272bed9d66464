#include "krm.h"

#include "rules_kube.h"
#include "yaml_write.h"

static struct yaml_node *find_list(const struct yaml *yaml) {
    for (uint32_t i = 0; yaml && i < yaml->documents.n; i++) {
        struct yaml_node *root = yaml->documents.at[i].root;
        if (str_eq(yaml_text(yaml_get(root, STR("kind"))), STR("ResourceList")) &&
            str_starts(yaml_text(yaml_get(root, STR("apiVersion"))), STR("config.kubernetes.io/")))
            return root;
    }
    return NULL;
}

/* --- functionConfig ------------------------------------------------------------------------------------------------
 */

/* A ConfigMap has its values in `data`, every other kind in `spec`. */
static void read_settings(struct krm *krm, struct arena *arena, struct diags *diags) {
    const struct yaml_node *config = yaml_get(krm->list, STR("functionConfig"));
    bool is_map = str_eq(yaml_text(yaml_get(config, STR("kind"))), STR("ConfigMap"));
    const struct yaml_node *values = yaml_get(config, is_map ? STR("data") : STR("spec"));
    if (!values || yaml_is_null(values))
        return;
    if (values->kind != YAML_MAPPING) {
        diag_at(diags, &krm->source, values->at.start, "options are a mapping of their names to values");
        return;
    }
    for (uint32_t i = 0; i < values->n; i++) {
        const struct yaml_node *key = values->pairs[i].key, *value = yaml_resolve(values->pairs[i].value);
        if (key->kind == YAML_SCALAR && value->kind == YAML_SCALAR)
            *vec_push(arena, &krm->settings) = (struct krm_setting){key->value, value->value, key->at.start};
        else
            diag_at(diags, &krm->source, key->at.start, "the value of an option is a single word or number");
    }
}

struct krm krm_read(struct arena *arena, struct str path, struct str text, struct diags *diags) {
    struct krm krm = {.source = source_from(arena, path, text, FORMAT_KUBE)};
    struct diags silent = {.arena = arena};
    if (!str_contains(text, STR("ResourceList")) || !source_check(&krm.source, &silent))
        return krm;
    krm.list = find_list(yaml_parse(arena, &krm.source, &silent));
    if (krm.list)
        read_settings(&krm, arena, diags);
    return krm;
}

/* --- results -------------------------------------------------------------------------------------------------------
 */

/* Whom a place in the list belongs to, and which of its fields it is. */
struct place_in_list {
    const struct yaml_node *object; /* NULL: none */
    struct str field;               /* {NULL, 0}: it is about the object as a whole */
};

static const struct yaml_node *child_at(const struct yaml_node *node, uint32_t offset, struct buf *path) {
    uint32_t i = node->n;
    if (node->kind == YAML_SEQUENCE) {
        while (i > 0 && node->items[i - 1]->at.start > offset)
            i--;
        if (i > 0)
            buf_printf(path, "[%u]", i - 1);
        return i > 0 ? node->items[i - 1] : NULL;
    }
    while (node->kind == YAML_MAPPING && i > 0 && node->pairs[i - 1].key->at.start > offset)
        i--;
    if (node->kind != YAML_MAPPING || i == 0)
        return NULL;
    const struct yaml_pair *pair = &node->pairs[i - 1];
    struct str rest = yaml_text(pair->key), part;
    for (bool is_first = true; str_cut(&rest, '.', &part); is_first = false) /* dots of a key are escaped */
        buf_printf(path, "%s%.*s", !is_first ? "\\." : path->n ? "." : "", STR_ARG(part));
    return pair->key->at.start == offset ? pair->key : pair->value;
}

/* The path of the node that begins at the offset; {NULL, 0} where none does. */
static struct str field_at(struct arena *arena, const struct yaml_node *object, uint32_t offset) {
    static const struct str image = STR_INIT("].image");
    struct buf path = {.arena = arena};
    const struct yaml_node *node = object;
    while (node && node->at.start != offset)
        node = child_at(node, offset, &path);
    struct str field = buf_str(&path);
    if (str_ends(field, image)) /* what is found of a container as a whole is shown there */
        field.n -= image.n - 1;
    return node ? field : (struct str){NULL, 0};
}

/* The item that an offset is in, or in the comments above; NULL where none is. */
static const struct yaml_node *item_at(const struct yaml_node *items, uint32_t offset) {
    uint32_t low = 0, high = items->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (items->items[middle]->at.end > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low < items->n && offset >= items->at.start ? items->items[low] : NULL;
}

static struct place_in_list place_at(struct arena *arena, const struct yaml_node *list, uint32_t offset) {
    struct place_in_list place = {NULL, {NULL, 0}};
    while ((list = item_at(yaml_list(list, STR("items")), offset)) != NULL) {
        place.object = list;
        if (list->kind != YAML_MAPPING || !str_ends(yaml_text(yaml_get(list, STR("kind"))), STR("List")))
            break;
    }
    if (place.object)
        place.field = field_at(arena, place.object, offset);
    return place;
}

/* An annotation of the orchestrator, by its name now or before. */
static struct str annotation(const struct yaml_node *object, struct str now, struct str before) {
    const struct yaml_node *list = yaml_get(yaml_get(object, STR("metadata")), STR("annotations"));
    struct str text = yaml_text(yaml_get(list, now));
    return text.p ? text : yaml_text(yaml_get(list, before));
}

/* A value without what is empty in it; strings that look like something else are quoted. */
static struct yaml_value trimmed(struct arena *arena, struct yaml_value value) {
    struct yaml_value *children = arena_array(arena, value.n, sizeof *children);
    uint32_t n = 0;
    if (value.kind == YAML_SCALAR)
        value.is_quoted = !str_eq(value.key, STR("index")) && yaml_looks_typed(value.text);
    for (uint32_t i = 0; i < value.n; i++) {
        struct yaml_value child = trimmed(arena, value.children[i]);
        if (child.kind == YAML_SCALAR ? child.text.n : child.n)
            children[n++] = child;
    }
    value.children = children;
    value.n = n;
    return value;
}

struct results {
    struct arena *arena;
    const struct krm *krm;
    VEC(struct yaml_value) list;
};

/* `offset` is one of the list that was read; UINT32_MAX: it is about no place. */
static void add_result(struct results *results, uint32_t offset, const char *severity, struct str message,
                       struct str rule) {
    struct arena *arena = results->arena;
    struct place_in_list place = place_at(arena, results->krm->list, offset);
    const struct yaml_node *object = place.object, *metadata = yaml_get(object, STR("metadata"));
    struct str index =
        annotation(object, STR("internal.config.kubernetes.io/index"), STR("config.kubernetes.io/index"));
    uint32_t number;
    const struct template_variable variables[] = {
        {"message", message},
        {"severity", str_of(severity)},
        {"apiVersion", yaml_text(yaml_get(object, STR("apiVersion")))},
        {"kind", yaml_text(yaml_get(object, STR("kind")))},
        {"name", yaml_text(yaml_get(metadata, STR("name")))},
        {"namespace", yaml_text(yaml_get(metadata, STR("namespace")))},
        {"field", place.field},
        {"path", annotation(object, STR("internal.config.kubernetes.io/path"), STR("config.kubernetes.io/path"))},
        {"index", str_number(index, UINT32_MAX, &number) ? index : STR("")},
        {"rule", rule},
    };
    struct template_variables filled = {variables, sizeof variables / sizeof *variables};
    *vec_push(arena, &results->list) =
        trimmed(arena, *template_fill_value(arena, template_value("kubernetes/krm/result"), filled));
}

/* Where this is a check, nothing is fixed, and it fails for what would be. */
static void add_finding(struct results *results, const struct finding *finding, const enum fail_on *check) {
    bool is_fixed = finding->is_applied && !check, is_failure = check && finding_fails(finding, *check);
    bool is_unsafe = !finding->is_applied && finding->safety != SAFETY_MANUAL;
    const char *what = is_fixed ? "fixed: " : is_unsafe ? "left to unsafe-fixes: " : "";
    if (finding_is_said(finding))
        add_result(results, finding->at,
                   is_fixed     ? "info"
                   : is_failure ? "error"
                                : "warning",
                   str_printf(results->arena, "%s%.*s", what, STR_ARG(finding->message)), finding->rule->id);
}

static void add_pod(struct results *results, const struct pod_levels *pod, bool is_check) {
    struct str level = pod_level_name(is_check ? pod->before : pod->after), rule = STR("pod-security");
    add_result(results, pod->at, "info", str_printf(results->arena, "meets %.*s", STR_ARG(level)), rule);
    if (pod->renewal.p && !is_check)
        add_result(results, pod->at, "warning", pod->renewal, rule);
}

/* Where in the list it is says nothing to whoever has the files that it is made of; another file does. */
static void add_error(struct results *results, const struct diag *diag) {
    bool is_own = str_eq(diag->path, results->krm->source.path);
    struct str message = is_own ? diag->message
                                : str_printf(results->arena, "%.*s:%u: %.*s", STR_ARG(diag->path), diag->at.line,
                                             STR_ARG(diag->message));
    add_result(results, UINT32_MAX, "error", message, STR(""));
}

static struct str text_of(struct arena *arena, const struct yaml_value *value) {
    struct yaml_writer w = {.out = {.arena = arena}, .is_flow = true, .is_json = true};
    yaml_write_flow(&w, value, false, 0);
    return buf_str(&w.out);
}

/* Drops results that are there already, of an earlier run. */
static void drop_known(struct results *results, const struct yaml_node *there) {
    struct map known = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < there->n; i++) {
        struct yaml_value copy;
        if (yaml_copy(results->arena, there->items[i], &copy))
            map_add(&known, results->arena, text_of(results->arena, &copy), there->items[i]);
    }
    for (uint32_t i = 0; i < results->list.n; i++)
        if (!map_get(&known, text_of(results->arena, &results->list.at[i])))
            results->list.at[n++] = results->list.at[i];
    results->list.n = n;
}

struct str krm_output(const struct krm *krm, const struct project *project, const enum fail_on *check) {
    struct arena *arena = project->arena;
    struct results results = {.arena = arena, .krm = krm};
    const struct document *document = project->input;
    bool has_failed = project->diags->list.n > 0;
    struct str text = check || has_failed ? krm->source.text : document->after;
    for (uint32_t i = 0; i < document->findings.n && !has_failed; i++)
        add_finding(&results, document->findings.at[i], check);
    for (uint32_t i = 0; i < document->pods.n && !has_failed; i++)
        add_pod(&results, &document->pods.at[i], check != NULL);
    for (uint32_t i = 0; i < project->diags->list.n; i++)
        add_error(&results, &project->diags->list.at[i]);

    struct diags silent = {.arena = arena};
    struct source source = source_from(arena, krm->source.path, text, FORMAT_KUBE);
    struct yaml *yaml = yaml_parse(arena, &source, &silent);
    struct yaml_node *list = find_list(yaml);
    drop_known(&results, yaml_list(list, STR("results")));
    struct yaml_value sequence = {
        .kind = YAML_SEQUENCE, .key = STR("results"), .children = results.list.at, .n = results.list.n};
    struct yaml_value wanted = {.kind = YAML_MAPPING, .children = &sequence, .n = 1};
    struct edits edits = {.arena = arena};
    if (results.list.n == 0 || want_plan(yaml, list, &wanted, NULL, kube_is_same_item, &edits).result == WANT_REFUSED)
        return text;
    struct source extended = source_from(arena, krm->source.path, edits_apply(arena, text, &edits), FORMAT_KUBE);
    const struct yaml *with_results = yaml_parse(arena, &extended, &silent);
    const struct yaml_node *lost;
    return with_results && yaml_extends(yaml, with_results, NULL, &lost) ? extended.text : text;
}
