#include "expression.h"

/* Names that are looked up through names, and bytes of one expression: more is not understood. */
enum { MAX_DEPTH = 4, MAX_BYTES = 500, MAX_PATH = 200 };

static bool is_name_byte(char c) {
    return str_is_alnum(c) || c == '_' || c == '$';
}

static bool is_quote(char c) {
    return c == '"' || c == '\'' || c == '`';
}

/* The closing quote of the string that starts at `at`; text.n where there is none. */
static uint32_t string_end(struct str text, uint32_t at) {
    for (uint32_t i = at + 1; i < text.n && text.p[i] != '\n'; i++)
        if (text.p[i] == text.p[at])
            return i;
        else if (text.p[i] == '\\')
            i++;
    return text.n;
}

uint32_t expression_end(struct str text, uint32_t from) {
    uint32_t depth = 0, i = from, last = text.n - from < MAX_BYTES ? text.n : from + MAX_BYTES;
    for (bool is_begun = false; i < last; i++) {
        char c = text.p[i];
        if (depth == 0 && (c == ',' || c == ';' || (c == '\n' && is_begun)))
            return i;
        if (c == '(' || c == '[' || c == '{')
            depth++;
        else if ((c == ')' || c == ']' || c == '}') && depth-- == 0)
            return i;
        else if (is_quote(c))
            i = string_end(text, i);
        is_begun |= c != ' ' && c != '\t' && c != '\r' && c != '\n';
    }
    return last;
}

/* --- names ---------------------------------------------------------------------------------------------------------
 */

/* Where the value of a name starts that ends at `at`: NAME = x, NAME: T = x, NAME := x, config["NAME"] = x,
 * NAME: "x"; text.n where it gets none. */
static uint32_t value_start(struct str text, uint32_t at) {
    while (at < text.n && (is_quote(text.p[at]) || text.p[at] == ']' || text.p[at] == ' '))
        at++;
    if (at == text.n)
        return text.n;
    uint32_t line = str_find(text, at, '\n'), equals = str_find(str_sub(text, 0, line), at, '=');
    if (text.p[at] == ':') {
        struct str type = str_sub(text, at + 1, equals);
        for (uint32_t i = 0; i < type.n; i++)
            if (is_quote(type.p[i]) || type.p[i] == ',' || type.p[i] == '(')
                return at + 1;
        return equals < line ? equals + 1 : at + 1;
    }
    bool is_value = text.p[at] == '=' && at + 1 < text.n && text.p[at + 1] != '=' && text.p[at + 1] != '>';
    return is_value ? at + 1 : text.n;
}

/* --- one expression ------------------------------------------------------------------------------------------------
 */

struct reading {
    struct arena *arena;
    struct str text, expression;
    uint32_t at, depth; /* names that have been looked up on the way */
    uint32_t *left;
    uint32_t brackets;
    struct named_path found;
    bool has_any;       /* a base or a part of the path */
    bool is_unresolved; /* a name without a value stands where the path begins … */
    bool is_variable;   /* … a variable of the environment, which may have a default */
    uint32_t key_at;    /* brackets around that variable's name; 0: none has been read */
    uint32_t n_parents; /* dirname, parent: that are still to be taken */
    struct str owner;   /* the name in front of a dot */
    bool is_done;
};

static struct named_path read_path(const struct reading *outer, struct str expression);

static struct named_path look_up(const struct reading *reading, struct str name) {
    struct str text = reading->text;
    struct named_path found = {.base = PATH_UNKNOWN};
    for (uint32_t from = 0; reading->depth < MAX_DEPTH && from < text.n && found.base == PATH_UNKNOWN;) {
        if (*reading->left == 0)
            break;
        --*reading->left;
        const char *at = memmem(text.p + from, text.n - from, name.p, name.n);
        if (!at)
            break;
        uint32_t start = (uint32_t)(at - text.p);
        from = start + name.n;
        if ((start && is_name_byte(at[-1])) || (from < text.n && is_name_byte(text.p[from])))
            continue;
        uint32_t value = value_start(text, from);
        struct str expression = str_sub(text, value, value < text.n ? expression_end(text, value) : value);
        if (expression.n && expression.p != reading->expression.p)
            found = read_path(reading, expression);
    }
    return found;
}

static void take_parents(struct reading *reading) {
    for (; reading->n_parents; reading->n_parents--)
        reading->found.path = str_printf(reading->arena, "%.*s/..", STR_ARG(reading->found.path));
}

static void add_part(struct reading *reading, struct str part) {
    struct named_path *found = &reading->found;
    if (found->base == PATH_BESIDE)
        take_parents(reading);
    while (reading->has_any && str_starts(part, STR("/")))
        part = str_sub(part, 1, part.n);
    if (found->path.n + part.n > MAX_PATH)
        found->base = PATH_NONE;
    else
        found->path =
            found->path.n ? str_printf(reading->arena, "%.*s/%.*s", STR_ARG(found->path), STR_ARG(part)) : part;
    reading->has_any = true;
}

static void cut(struct reading *reading) {
    reading->found.is_cut = reading->is_done = true;
}

static void take(struct reading *reading, struct named_path named) {
    if (named.base == PATH_UNKNOWN) {
        reading->is_unresolved = true;
        return;
    }
    reading->found.base = named.base;
    reading->found.path = named.path;
    reading->found.variable = named.variable;
    reading->is_done = named.is_cut || named.base == PATH_NONE;
    reading->found.is_cut = named.is_cut;
    reading->has_any = true;
}

/* A name whose value is the path, or its beginning. */
static void add_name(struct reading *reading, struct str name) {
    if (reading->has_any)
        cut(reading);
    else if (!reading->is_variable && !reading->is_unresolved)
        take(reading, look_up(reading, name));
}

/* Where a value is put into a string: ${x}, {x}, #{x}, %s; part.n where none is. */
static uint32_t find_value(struct str part) {
    for (uint32_t i = 0; i < part.n; i++)
        if (part.p[i] == '{' || part.p[i] == '%' || (part.p[i] == '$' && i + 1 < part.n))
            return i;
    return part.n;
}

static bool is_variable_name(struct str name) {
    bool has_letter = false;
    for (uint32_t i = 0; i < name.n; i++) {
        has_letter |= name.p[i] >= 'A' && name.p[i] <= 'Z';
        if (!(name.p[i] >= 'A' && name.p[i] <= 'Z') && !(name.p[i] >= '0' && name.p[i] <= '9') && name.p[i] != '_')
            return false;
    }
    return has_letter;
}

static void add_string(struct reading *reading, struct str part) {
    uint32_t value = find_value(part);
    if (reading->is_variable && reading->key_at == 0) {
        reading->key_at = reading->brackets;
        reading->found.variable = part;
        return;
    }
    if (is_variable_name(part)) {
        add_name(reading, part);
        return;
    }
    bool is_none =
        str_contains(part, STR("://")) || str_contains(part, STR("\\")) || str_contains(part, STR(":memory:"));
    if (is_none && !reading->has_any) {
        reading->found.base = PATH_NONE;
        reading->is_done = true;
    }
    if (reading->is_unresolved || reading->is_done || part.n == 0)
        return;
    if (value == 0 && !reading->has_any) {
        uint32_t open = str_find(part, 0, '{'), close = str_find(part, open < part.n ? open : 0, '}');
        if (close == part.n) {
            reading->is_unresolved = true;
            return;
        }
        take(reading, read_path(reading, str_sub(part, open + 1, close)));
        if (!reading->is_done && !reading->is_unresolved)
            add_string(reading, str_sub(part, close + 1, part.n));
        return;
    }
    if (value == part.n) {
        add_part(reading, part);
        return;
    }
    uint32_t slash = str_rfind(str_sub(part, 0, value), '/');
    if (slash < value)
        add_part(reading, str_sub(part, 0, slash ? slash : 1));
    cut(reading);
    reading->has_any = true;
}

/* Names that say where a path begins, or how it is made of its parts. */
static bool add_known_name(struct reading *reading, struct str name) {
    static const struct str plain[] = {
        STR_INIT("File"),     STR_INIT("FilePath"), STR_INIT("Join"),      STR_INIT("Path"),
        STR_INIT("PathBuf"),  STR_INIT("Paths"),    STR_INIT("PurePath"),  STR_INIT("Rails"),
        STR_INIT("String"),   STR_INIT("URL"),      STR_INIT("abspath"),   STR_INIT("absolute"),
        STR_INIT("app"),      STR_INIT("as_posix"), STR_INIT("await"),     STR_INIT("b"),
        STR_INIT("const"),    STR_INIT("cwd"),      STR_INIT("f"),         STR_INIT("fileURLToPath"),
        STR_INIT("filepath"), STR_INIT("from"),     STR_INIT("fs"),        STR_INIT("get"),
        STR_INIT("getcwd"),   STR_INIT("import"),   STR_INIT("config"),    STR_INIT("join"),
        STR_INIT("joinpath"), STR_INIT("new"),      STR_INIT("normalize"), STR_INIT("of"),
        STR_INIT("os"),       STR_INIT("path"),     STR_INIT("pathlib"),   STR_INIT("process"),
        STR_INIT("r"),        STR_INIT("realpath"), STR_INIT("resolve"),   STR_INIT("root"),
        STR_INIT("self"),     STR_INIT("std"),      STR_INIT("str"),       STR_INIT("this"),
        STR_INIT("to_s"),     STR_INIT("toString"), STR_INIT("url")};
    static const struct str parents[] = {STR_INIT("dirname"), STR_INIT("parent"), STR_INIT("Dir")};
    static const struct str files[] = {STR_INIT("__file__"), STR_INIT("__filename"), STR_INIT("__FILE__"),
                                       STR_INIT("meta")};
    static const struct str folders[] = {STR_INIT("__dirname"), STR_INIT("__DIR__"), STR_INIT("__dir__"),
                                         STR_INIT("root_path")};
    static const struct str variables[] = {STR_INIT("env"),    STR_INIT("ENV"),         STR_INIT("environ"),
                                           STR_INIT("getenv"), STR_INIT("getProperty"), STR_INIT("Getenv")};
    static const struct str temporary[] = {STR_INIT("NamedTemporaryFile"),
                                           STR_INIT("TemporaryDirectory"),
                                           STR_INIT("gettempdir"),
                                           STR_INIT("mkdtemp"),
                                           STR_INIT("mkstemp"),
                                           STR_INIT("temp"),
                                           STR_INIT("tempfile"),
                                           STR_INIT("tmp"),
                                           STR_INIT("tmpdir"),
                                           STR_INIT("TempDir")};
    bool is_file = STR_IS_IN(name, files);
    if (STR_IS_IN(name, parents)) {
        reading->n_parents++;
    } else if (STR_IS_IN(name, temporary)) {
        reading->found.base = PATH_NONE;
        reading->is_done = true;
    } else if (!reading->has_any && (is_file || STR_IS_IN(name, folders))) {
        reading->found.base = PATH_BESIDE;
        reading->found.path = is_file ? name : STR("");
        reading->has_any = true;
    } else if (str_eq(name, STR("instance_path"))) {
        add_part(reading, STR("instance"));
    } else if (!reading->has_any && STR_IS_IN(name, variables)) {
        reading->is_variable = reading->is_unresolved = true;
        reading->key_at = 0;
    } else {
        return STR_IS_IN(name, plain);
    }
    return true;
}

static void add_word(struct reading *reading) {
    struct str expression = reading->expression;
    uint32_t start = reading->at;
    while (reading->at < expression.n && is_name_byte(expression.p[reading->at]))
        reading->at++;
    struct str name = str_sub(expression, start, reading->at);
    char next = reading->at < expression.n ? expression.p[reading->at] : '\0';
    reading->at--;
    if (name.p[0] >= '0' && name.p[0] <= '9')
        return;
    struct str owner = reading->owner;
    reading->owner = STR("");
    bool is_known = add_known_name(reading, name);
    if (reading->is_variable && !is_known && str_eq(name, STR("or")))
        reading->is_unresolved = false;
    if (reading->is_variable && !is_known && reading->key_at == 0 && is_variable_name(name)) { /* process.env.NAME */
        reading->found.variable = name;
        reading->key_at = UINT32_MAX;
    }
    if (reading->is_done || reading->is_variable || is_quote(next))
        return;
    if (is_known)
        name = owner; /* UPLOADS.resolve() */
    if (next == '.')
        reading->owner = name;
    else if (next == '(' && !is_known && !reading->has_any)
        reading->is_unresolved = true;
    else if (name.n)
        add_name(reading, name);
}

/* Reads an expression, or one that another is made of. */
static struct named_path read_path(const struct reading *outer, struct str expression) {
    struct reading reading = {.arena = outer->arena,
                              .text = outer->text,
                              .expression = expression,
                              .depth = outer->depth + 1,
                              .left = outer->left,
                              .brackets = 1,
                              .found.base = PATH_WORKDIR,
                              .found.path = STR("")};
    for (; reading.at < expression.n && !reading.is_done; reading.at++) {
        char c = expression.p[reading.at];
        if (is_quote(c)) {
            uint32_t end = string_end(expression, reading.at);
            add_string(&reading, str_sub(expression, reading.at + 1, end));
            reading.at = end;
        } else if (is_name_byte(c)) {
            add_word(&reading);
        } else if (c == '(' || c == '[') {
            reading.brackets++;
        } else if (c == ')' || c == ']') {
            reading.brackets--;
        } else if (reading.is_variable && (c == '|' || c == '?' || (c == ',' && reading.brackets == reading.key_at))) {
            reading.is_unresolved = false;
        } else if (c == '|' && reading.has_any) {
            break; /* what stands in for it where it is empty */
        }
    }
    if (reading.found.base == PATH_NONE)
        return reading.found;
    if (reading.is_unresolved || !reading.has_any)
        return (struct named_path){.base = PATH_UNKNOWN};
    if (!reading.found.is_cut)
        take_parents(&reading);
    return reading.found;
}

struct named_path expression_path(struct arena *arena, struct str text, struct str expression, uint32_t *left) {
    return read_path(&(struct reading){.arena = arena, .text = text, .left = left}, expression);
}
