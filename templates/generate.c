/* Build step: writes the YAML tables and files of templates/ as const C tables.
 *
 *     generate OUTPUT.c families.yaml images.yaml names.yaml ecosystems.yaml environment.yaml programs.yaml
 * commands.yaml home.yaml frameworks.yaml writes.yaml host_access.yaml compose.yaml kubernetes.yaml rules.yaml FILE…
 *
 * FILE… are taken over as they are, under their last two path components. Anything unexpected ends the build. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static FILE *out;
static const char *input; /* the file at hand, for messages */
static yaml_document_t document;

static _Noreturn void fail(const yaml_node_t *node, const char *what) {
    fprintf(stderr, "%s:%zu: %s\n", input, node ? node->start_mark.line + 1 : 0, what);
    exit(1);
}

/* --- reading -------------------------------------------------------------------------------------------------------
 */

static yaml_node_t *node_at(int id) {
    return yaml_document_get_node(&document, id);
}

static const char *text(const yaml_node_t *node) {
    if (!node)
        return "";
    if (node->type != YAML_SCALAR_NODE)
        fail(node, "expected a scalar");
    return (const char *)node->data.scalar.value;
}

static yaml_node_t *get(const yaml_node_t *mapping, const char *key) {
    if (mapping->type != YAML_MAPPING_NODE)
        fail(mapping, "expected a mapping");
    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top; pair++)
        if (strcmp(text(node_at(pair->key)), key) == 0)
            return node_at(pair->value);
    return NULL;
}

/* Refuses a key that the table does not know: a spelling mistake must not pass for a missing fact. */
static void check_keys(const yaml_node_t *mapping, const char *const *known) {
    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top; pair++) {
        bool is_known = false;
        for (const char *const *key = known; *key; key++)
            is_known |= strcmp(*key, text(node_at(pair->key))) == 0;
        if (!is_known)
            fail(node_at(pair->key), "unknown key");
    }
}

static int count(const yaml_node_t *sequence) {
    if (!sequence)
        return 0;
    if (sequence->type != YAML_SEQUENCE_NODE)
        fail(sequence, "expected a sequence");
    return (int)(sequence->data.sequence.items.top - sequence->data.sequence.items.start);
}

static yaml_node_t *item(const yaml_node_t *sequence, int i) {
    return node_at(sequence->data.sequence.items.start[i]);
}

static yaml_node_t *load(const char *path) {
    input = path;
    FILE *file = fopen(path, "rb");
    yaml_parser_t parser;
    if (!file || !yaml_parser_initialize(&parser))
        fail(NULL, "cannot be read");
    yaml_parser_set_input_file(&parser, file);
    if (!yaml_parser_load(&parser, &document)) {
        fprintf(stderr, "%s:%zu: %s\n", path, parser.problem_mark.line + 1, parser.problem);
        exit(1);
    }
    yaml_parser_delete(&parser);
    fclose(file);
    return yaml_document_get_root_node(&document);
}

/* --- writing -------------------------------------------------------------------------------------------------------
 */

static __attribute__((format(printf, 1, 2))) void put(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
}

/* A struct str initialiser. */
static void put_bytes(const char *bytes, size_t n) {
    put("{\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '\n')
            put(i + 1 < n ? "\\n\"\n\"" : "\\n");
        else if (c == '"' || c == '\\')
            put("\\%c", c);
        else if (c < ' ' || c > '~')
            put("\\%03o", c);
        else
            put("%c", c);
    }
    put("\", %zu}", n);
}

static void put_text(const yaml_node_t *node) {
    const char *value = text(node);
    put_bytes(value, strlen(value));
}

/* "pointer, count" initialisers of a list of words. */
static void put_words(const yaml_node_t *sequence) {
    int n = count(sequence);
    if (n == 0) {
        put("NULL, 0");
        return;
    }
    put("(const struct str[]){");
    for (int i = 0; i < n; i++) {
        put_text(item(sequence, i));
        put(", ");
    }
    put("}, %d", n);
}

/* The same of a list of numbers. */
static void put_numbers(const yaml_node_t *sequence) {
    int n = count(sequence);
    put(n ? "(const uint32_t[]){" : "NULL");
    for (int i = 0; i < n; i++)
        put("%s, ", text(item(sequence, i)));
    put("%s, %d", n ? "}" : "", n);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* --- the tables ----------------------------------------------------------------------------------------------------
 */

enum { MAX_FAMILIES = 64, MAX_NAMES = 4096 };

static struct {
    char *name;
    bool has_shell;
} families[MAX_FAMILIES];
static int n_families;

static bool has_shell(const yaml_node_t *row) {
    return strcmp(text(get(row, "shell")), "none") != 0;
}

/* A struct image_ids initialiser. */
static void put_ids(const yaml_node_t *sequence) {
    put(sequence ? "{true, " : "{false, ");
    put_numbers(sequence);
    put("}");
}

static void put_families(const char *path) {
    static const char *const keys[] = {"install",     "tini",       "static_tini", "static_from",
                                       "create_user", "left_alone", "taken_uids",  "taken_gids",
                                       "served",      "closed",     "shell",       NULL};
    yaml_node_t *root = load(path);
    put("const struct family image_families[] = {\n");
    for (yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top; pair++) {
        yaml_node_t *row = node_at(pair->value);
        check_keys(row, keys);
        if (n_families == MAX_FAMILIES)
            fail(row, "too many families");
        if (get(row, "tini") && !get(row, "install"))
            fail(row, "tini, and no way to install it");
        families[n_families].name = strdup(text(node_at(pair->key)));
        families[n_families++].has_shell = has_shell(row);
        put("{");
        put_text(node_at(pair->key));
        for (int i = 0; i < 6; i++) {
            put(", ");
            put_text(get(row, keys[i]));
        }
        for (int i = 6; i < 10; i++) {
            put(", ");
            (i < 8 ? put_ids : put_words)(get(row, keys[i]));
        }
        put(", %s},\n", has_shell(row) ? "true" : "false");
    }
    put("};\nconst uint32_t image_n_families = %d;\n\n", n_families);
    yaml_document_delete(&document);
}

static void check_order(const yaml_node_t *sequence) {
    for (int i = 1; i < count(sequence); i++)
        if (strcmp(text(item(sequence, i - 1)), text(item(sequence, i))) >= 0)
            fail(item(sequence, i), "not in alphabetical order");
}

/* Those that an engine gives by default: the last list of names.yaml. */
enum { MAX_CAPABILITIES = 64 };
static char *capabilities[MAX_CAPABILITIES];

static void put_names(const char *path) {
    static const char *const keys[] = {"init",
                                       "drops_privileges",
                                       "needs_root",
                                       "not_in_script",
                                       "needs_nothing",
                                       "plain_tools",
                                       "builds",
                                       "installs",
                                       "written_settings",
                                       "writable",
                                       "migrations",
                                       "cache_variables",
                                       "plain_packages",
                                       "repeatable",
                                       "build_tools",
                                       "file_tools",
                                       "repository_files",
                                       "system_users",
                                       "root_packages",
                                       "shell_words",
                                       "gains_privileges",
                                       "service_keys",
                                       "no_sources",
                                       "test_sources",
                                       "build_outputs",
                                       "default_capabilities",
                                       NULL};
    yaml_node_t *root = load(path);
    check_keys(root, keys);
    put("const struct template_words template_names[] = {\n");
    for (const char *const *key = keys; *key; key++) {
        yaml_node_t *list = get(root, *key);
        check_order(list);
        put("{");
        put_words(list);
        put("},\n");
        for (int i = 0; !key[1] && i < count(list) && i < MAX_CAPABILITIES; i++)
            capabilities[i] = strdup(text(item(list, i)));
    }
    put("};\n\n");
    yaml_document_delete(&document);
}

static bool is_default_capability(const char *name) {
    for (int i = 0; i < MAX_CAPABILITIES && capabilities[i]; i++)
        if (strcmp(capabilities[i], name) == 0)
            return true;
    return false;
}

static unsigned unverified_bits(const yaml_node_t *sequence) {
    static const char *const names[] = {"user", "entrypoint", "cmd", "all", "capabilities", "as_user", "writes"};
    unsigned bits = 0;
    for (int i = 0; i < count(sequence); i++) {
        unsigned bit = 0;
        for (unsigned j = 0; j < sizeof names / sizeof *names; j++)
            if (strcmp(text(item(sequence, i)), names[j]) == 0)
                bit = 1u << j;
        if (bit == 0)
            fail(sequence, "unknown field in unverified");
        bits |= bit;
    }
    return bits;
}

static bool has_word(const yaml_node_t *sequence, const char *word) {
    for (int i = 0; i < count(sequence); i++)
        if (strcmp(text(item(sequence, i)), word) == 0)
            return true;
    return false;
}

/* Refuses what no row may say of an image that runs as a service. */
static void check_service(const yaml_node_t *row) {
    const yaml_node_t *names = get(row, "capabilities"), *data = get(row, "data"), *ports = get(row, "ports");
    const yaml_node_t *content = get(row, "content"), *executes = get(row, "executes"), *writes = get(row, "writes");
    const yaml_node_t *owns = get(row, "owns");
    check_order(names);
    for (int i = 0; i < count(names); i++)
        if (!is_default_capability(text(item(names, i))))
            fail(item(names, i), "not a capability that an engine gives by default");
    for (int i = 0; i < count(get(row, "file_capabilities")); i++)
        if (!is_default_capability(text(item(get(row, "file_capabilities"), i))))
            fail(row, "file_capabilities: not a capability that an engine gives by default");
    for (int i = 0; i < count(data); i++)
        if (*text(item(data, i)) != '/')
            fail(item(data, i), "expected an absolute path");
    for (int i = 0; i < count(content); i++)
        if (!has_word(writes, text(item(content, i))))
            fail(item(content, i), "not among the folders of writes");
    for (int i = 0; i < count(owns); i++)
        if (strcmp(text(item(owns, i)), "/tmp") != 0 && !has_word(writes, text(item(owns, i))) &&
            !has_word(data, text(item(owns, i))))
            fail(item(owns, i), "not among the folders of writes and data, and not /tmp");
    for (int i = 0; i < count(executes); i++) {
        const char *folder = text(item(executes, i));
        if (strcmp(folder, "/tmp") != 0 && !has_word(writes, folder) && !has_word(get(row, "volumes"), folder))
            fail(item(executes, i), "not among the folders of writes and volumes, and not /tmp");
    }
    for (int i = 0; i < count(ports); i++)
        if (atoi(text(item(ports, i))) < 1 || atoi(text(item(ports, i))) > 1023)
            fail(item(ports, i), "expected a port below 1024");
    if (get(row, "as_user") && !get(row, "user"))
        fail(row, "as_user, and no user");
}

static void put_image(const yaml_node_t *row) {
    static const char *const keys[] = {"runtime",      "runs_as",
                                       "nonroot",      "workdir",
                                       "passes_on",    "starts_as_root",
                                       "instead",      "prefixes",
                                       "init",         "as_user",
                                       "gains",        "source",
                                       "tags",         "entrypoint",
                                       "cmd",          "writes",
                                       "volumes",      "closed",
                                       "data",         "content",
                                       "owns",         "file_capabilities",
                                       "rewrites_if",  "settings",
                                       "executes",     "capabilities",
                                       "ports",        "images",
                                       "family",       "user",
                                       "also_as_user", "shell",
                                       "unverified",   NULL};
    enum { WORDS = 12, NUMBERS = 26, OTHERS = 27 };
    check_keys(row, keys);
    check_service(row);
    int family = 0;
    while (family < n_families && strcmp(families[family].name, text(get(row, "family"))) != 0)
        family++;
    if (family == n_families)
        fail(row, "unknown family");
    if (*text(get(row, "source")) == '\0')
        fail(row, "a row needs its source");
    put("{.family = &image_families[%d], ", family);
    for (int i = 0; i < OTHERS; i++) {
        put(".%s = ", keys[i]);
        (i < WORDS ? put_text : i < NUMBERS ? put_words : put_numbers)(get(row, keys[i]));
        put(", ");
    }
    yaml_node_t *user = get(row, "user");
    put(".user = ");
    put_text(user ? get(user, "name") : NULL);
    put(", .uid = %s, .gid = %s, ", user ? text(get(user, "uid")) : "0", user ? text(get(user, "gid")) : "0");
    put(".uid_variable = ");
    put_text(user ? get(user, "variable") : NULL);
    put(", .also_as_user = %d, ", strcmp(text(get(row, "also_as_user")), "true") == 0);
    put(".has_shell = %d, ", has_shell(row) && families[family].has_shell);
    put(".has_capabilities = %d, ", get(row, "capabilities") != NULL);
    put(".unverified = %u},\n", unverified_bits(get(row, "unverified")));
}

struct name {
    const char *text;
    int row;
};

static int by_name(const void *a, const void *b) {
    const struct name *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : x->row - y->row;
}

static void put_images(const char *path) {
    static struct name names[MAX_NAMES];
    int n_names = 0;
    yaml_node_t *root = load(path);
    put("static const struct image images[] = {\n");
    for (int i = 0; i < count(root); i++) {
        yaml_node_t *row = item(root, i), *list = get(row, "images");
        put_image(row);
        for (int j = 0; j < count(list); j++) {
            if (n_names == MAX_NAMES)
                fail(row, "too many names");
            names[n_names++] = (struct name){text(item(list, j)), i};
        }
    }
    put("};\n\nconst struct image_name image_names[] = {\n");
    qsort(names, (size_t)n_names, sizeof *names, by_name);
    for (int i = 0; i < n_names; i++) {
        put("{");
        put_bytes(names[i].text, strlen(names[i].text));
        put(", &images[%d]},\n", names[i].row);
    }
    put("};\nconst uint32_t image_n_names = %d;\n\n", n_names);
    yaml_document_delete(&document);
}

static void put_runtimes(const yaml_node_t *rows) {
    static const char *const keys[] = {"from", "image", "lines", "is_static", "shell", NULL};
    if (count(rows) == 0)
        return;
    put(".n_runtimes = %d, .runtimes = (const struct runtime[]){", count(rows));
    for (int i = 0; i < count(rows); i++) {
        check_keys(item(rows, i), keys);
        put("{");
        for (int j = 0; j < 3; j++) {
            put_text(get(item(rows, i), keys[j]));
            put(", ");
        }
        put("%s, ", *text(get(item(rows, i), "is_static")) ? "true" : "false");
        put("%s}, ", *text(get(item(rows, i), "shell")) ? "false" : "true");
    }
    put("}, ");
}

/* A table whose rows become structs with fields of the same names. */
struct table {
    const char *type, *name;
    const char *const *texts, *const *words; /* its keys by kind, NULL at the end */
    bool has_source;                         /* each row names it */
};

static void put_rows(const char *path, const struct table *table) {
    const char *keys[64] = {"source", "runtimes"};
    int n = 2;
    for (int kind = 0; kind < 2; kind++)
        for (const char *const *key = kind ? table->words : table->texts; *key; key++)
            keys[n++] = *key;
    yaml_node_t *root = load(path);
    put("const struct %s template_%s[] = {\n", table->type, table->name);
    for (int i = 0; i < count(root); i++) {
        yaml_node_t *row = item(root, i);
        check_keys(row, keys);
        if (table->has_source && *text(get(row, "source")) == '\0')
            fail(row, "a row needs its source");
        put("{");
        for (const char *const *key = table->texts; *key; key++) {
            put(".%s = ", *key);
            put_text(get(row, *key));
            put(", ");
        }
        for (const char *const *key = table->words; *key; key++) {
            put(".%s = {", *key);
            put_words(get(row, *key));
            put("}, ");
        }
        put_runtimes(get(row, "runtimes"));
        put("},\n");
    }
    put("};\nconst uint32_t template_n_%s = %d;\n\n", table->name, count(root));
    yaml_document_delete(&document);
}

#define KEYS(...) ((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void put_tables(char **paths) {
    const struct table tables[] = {
        {"ecosystem", "ecosystems",
         KEYS("manager", "tools", "harmless", "install", "build", "installs", "prepare", "environment", "manifest",
              "program", "output", "takes", "is_static", "examined", "hindrance", "hindrance_reason", "lock",
              "libraries", "requires_reason"),
         KEYS("programs", "images", "moved_by", "hooks", "groups", "outside", "outputs", "build_variables", "requires",
              "sources"),
         false},
        {"environment", "environment", KEYS("program", "run", "word", "name", "value"), KEYS(), true},
        {"program", "programs", KEYS("needs", "instead"), KEYS("programs", "words", "unless", "variables"), true},
        {"command_line", "commands", KEYS("otherwise", "port"), KEYS("programs", "words", "unless", "behind", "ports"),
         false},
        {"home_tool", "home", KEYS("run", "instead"), KEYS("unless", "programs"), true},
        {"framework", "frameworks", KEYS("runtime", "manifest", "module", "dependency"), KEYS("signs", "writes"), true},
        {"write", "writes", KEYS("names", "at", "from", "below"), KEYS("files", "calls", "modes", "only"), true},
        {"host_access", "host_access", KEYS("kind", "below", "unless", "gives", "instead", "pod"), KEYS("names"), true},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        put_rows(paths[i], &tables[i]);
}

/* A struct yaml_value initialiser. */
static void put_value(const char *key, const yaml_node_t *node) {
    static const char *const kinds[] = {[YAML_SCALAR_NODE] = "YAML_SCALAR",
                                        [YAML_SEQUENCE_NODE] = "YAML_SEQUENCE",
                                        [YAML_MAPPING_NODE] = "YAML_MAPPING"};
    put("{%s, ", kinds[node->type]);
    put_bytes(key, strlen(key));
    put(", ");
    if (node->type == YAML_SCALAR_NODE) {
        put_text(node);
        put(", %s, NULL, 0, YAML_PLAIN},\n", node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? "false" : "true");
        return;
    }
    bool is_empty = node->type == YAML_SEQUENCE_NODE ? count(node) == 0
                                                     : node->data.mapping.pairs.start == node->data.mapping.pairs.top;
    if (is_empty) {
        put("{NULL, 0}, false, NULL, 0, YAML_PLAIN},\n");
        return;
    }
    put("{NULL, 0}, false, (const struct yaml_value[]){\n");
    int n = 0;
    if (node->type == YAML_SEQUENCE_NODE)
        for (; n < count(node); n++)
            put_value("", item(node, n));
    else
        for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++, n++)
            put_value(text(node_at(pair->key)), node_at(pair->value));
    put("}, %d, YAML_PLAIN},\n", n);
}

struct named {
    char *path;
    yaml_node_t *node;
};

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct named *)a)->path, ((const struct named *)b)->path);
}

/* Collects rule/… of one format; for kubernetes one level deeper. Writes them, sorted; gives their number. */
static int put_values(const char *path, const char *prefix, bool is_nested) {
    struct named list[64];
    int n = 0;
    yaml_node_t *root = load(path);
    for (yaml_node_pair_t *rule = root->data.mapping.pairs.start; rule < root->data.mapping.pairs.top; rule++) {
        yaml_node_t *row = node_at(rule->value);
        yaml_node_pair_t *from = is_nested ? row->data.mapping.pairs.start : rule;
        yaml_node_pair_t *to = is_nested ? row->data.mapping.pairs.top : rule + 1;
        for (yaml_node_pair_t *pair = from; pair < to && n < 64; pair++, n++) {
            const char *rule_name = text(node_at(rule->key));
            int failed = is_nested ? asprintf(&list[n].path, "%s/%s/%s", prefix, rule_name, text(node_at(pair->key)))
                                   : asprintf(&list[n].path, "%s/%s", prefix, rule_name);
            if (failed < 0)
                fail(row, "out of memory");
            list[n].node = node_at(pair->value);
        }
    }
    qsort(list, (size_t)n, sizeof *list, by_path);
    for (int i = 0; i < n; i++) {
        put("{");
        put_bytes(list[i].path, strlen(list[i].path));
        put(", ");
        put_value("", list[i].node);
        put("},\n");
        free(list[i].path);
    }
    yaml_document_delete(&document);
    return n;
}

/* Checks that a text reads well wherever it is wrapped. */
static const yaml_node_t *help_text(const yaml_node_t *row, const char *key) {
    const yaml_node_t *node = get(row, key);
    const char *value = text(node);
    size_t n = strlen(value);
    if (n == 0 || strchr(value, '\n') || value[n - 1] == ' ')
        fail(node ? node : row, "expected a paragraph");
    return node;
}

static void put_checks(const yaml_node_t *formats) {
    static const char *const keys[] = {"dockerfile", "compose", "kubernetes", "dockerignore", "seccomp", NULL};
    static const char *const names[] = {"DOCKERFILE", "COMPOSE", "KUBE", "DOCKERIGNORE", "SECCOMP"};
    static const char *const row_keys[] = {"check", "gets", NULL};
    check_keys(formats, keys);
    for (int i = 0; keys[i]; i++) {
        const yaml_node_t *row = get(formats, keys[i]);
        if (!row)
            continue;
        check_keys(row, row_keys);
        put("\n.gets[FORMAT_%s] = ", names[i]);
        put_text(help_text(row, "gets"));
        put(", .check[FORMAT_%s] = %s, ", names[i], text(help_text(row, "check")));
    }
}

static void put_rules(const char *path) {
    static const char *const keys[] = {"summary", "why", "may_break", "fixes", "formats", "sources", NULL};
    yaml_node_t *root = load(path);
    int n = 0;
    put("const struct rule rules[] = {\n");
    for (yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top; pair++, n++) {
        const yaml_node_t *row = node_at(pair->value), *fixes = get(row, "fixes"), *sources = get(row, "sources");
        check_keys(row, keys);
        put("{.id = ");
        put_text(node_at(pair->key));
        for (int i = 0; i < 3; i++) {
            put(", .%s = ", keys[i]);
            put_text(help_text(row, keys[i]));
        }
        put(", .has_safe = %d, .has_unsafe = %d", has_word(fixes, "safe"), has_word(fixes, "unsafe"));
        put(", .sources = {");
        put_words(sources);
        put("}, ");
        if (count(sources) == 0 || has_word(fixes, "safe") + has_word(fixes, "unsafe") != count(fixes))
            fail(row, "a rule needs sources, and fixes that are safe or unsafe");
        put_checks(get(row, "formats"));
        put("},\n");
    }
    put("};\nconst uint32_t rules_n = %d;\n\n", n);
    yaml_document_delete(&document);
}

static void put_file(const char *path) {
    input = path;
    FILE *file = fopen(path, "rb");
    static char bytes[1 << 20];
    size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (!file || n == 0 || n == sizeof bytes)
        fail(NULL, "cannot be read, is empty or too large");
    fclose(file);
    const char *name = path + strlen(path);
    for (int slashes = 0; name > path; name--)
        if (name[-1] == '/' && ++slashes == 2)
            break;
    put("{");
    put_bytes(name, strlen(name));
    put(",\n");
    put_bytes(bytes, n);
    put("},\n");
}

/* The files in the order of the command line. */
enum { FAMILIES = 2, IMAGES, NAMES, TABLES, COMPOSE = TABLES + 8, KUBERNETES, RULES, FILES };

int main(int argc, char **argv) {
    if (argc <= FILES || !(out = fopen(argv[1], "wb"))) {
        fprintf(stderr,
                "usage: generate OUTPUT FAMILIES IMAGES NAMES ECOSYSTEMS ENVIRONMENT PROGRAMS COMMANDS HOME FRAMEWORKS "
                "WRITES HOST_ACCESS COMPOSE KUBERNETES RULES FILE...\n");
        return 1;
    }
    put("/* Made from templates/ by templates/generate.c. */\n#include \"image.h\"\n#include \"rule.h\"\n#include "
        "\"template.h\"\n\n");
    put_families(argv[FAMILIES]);
    put_names(argv[NAMES]);
    put_images(argv[IMAGES]);
    put_tables(argv + TABLES);
    put_rules(argv[RULES]);
    put("const struct template_named_value template_values[] = {\n");
    int n = put_values(argv[COMPOSE], "compose", false);
    n += put_values(argv[KUBERNETES], "kubernetes", true);
    put("};\nconst uint32_t template_n_values = %d;\n\n", n);
    qsort(argv + FILES, (size_t)(argc - FILES), sizeof *argv, by_text);
    put("const struct template_named_file template_files[] = {\n");
    for (int i = FILES; i < argc; i++)
        put_file(argv[i]);
    put("};\nconst uint32_t template_n_files = %d;\n", argc - FILES);
    if (fclose(out) != 0)
        fail(NULL, "cannot be written");
    return 0;
}
