#include "gitignore.h"

#include "path.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <string.h>

/* The rules are those of git's dir.c and wildmatch.c, which tests/gitignore compares with git's own answers. PCRE2
 * matches; what it is given is translated here. pcre2_pattern_convert() does not fit: for it "**" within a name
 * crosses "/", and [b-a] is an error. fnmatch(3) knows no "**" and takes "[" literally where "/" is in its class.
 * libgit2 is right, but brings TLS, SSH and HTTP libraries to load at each start. */

/* Steps that one match may take: far more than any real pattern needs, and soon over. */
enum { MATCH_LIMIT = 1000000 };

struct gitignore_pattern {
    struct str text; /* without "!", the "/" at its start, and the one at its end */
    bool is_exception;
    bool is_of_folders; /* it ends in "/" */
    bool has_slash;
    bool is_name;     /* it matches a name in any folder: it has no "/", or only that of "**" "/" at its start */
    bool is_suffix;   /* a name of "*" and `text` */
    bool is_literal;  /* `text` has no wildcard and no backslash */
    uint32_t literal; /* bytes of `text` before the first of those */
    pcre2_code *code; /* of all others; NULL for a malformed one */
};

void gitignore_release(struct gitignore *list) {
    for (uint32_t i = 0; i < list->patterns.n; i++)
        pcre2_code_free(list->patterns.at[i].code);
    pcre2_match_data_free(list->match_data);
    pcre2_match_context_free(list->match_context);
}

/* Bytes of a text before its first wildcard or backslash. */
static uint32_t literal_length(struct str text) {
    uint32_t n = 0;
    while (n < text.n && !strchr("*?[\\", text.p[n]))
        n++;
    return n;
}

/* --- translation ---------------------------------------------------------------------------------------------------
 */

/* isspace(3) has two more. */
static int is_space(int c) {
    return c && strchr(" \t\n\r", c) != NULL;
}

static const struct {
    struct str name;
    int (*has)(int c);
} classes[] = {
    {STR_INIT("alnum"), isalnum},  {STR_INIT("alpha"), isalpha}, {STR_INIT("blank"), isblank},
    {STR_INIT("cntrl"), iscntrl},  {STR_INIT("digit"), isdigit}, {STR_INIT("graph"), isgraph},
    {STR_INIT("lower"), islower},  {STR_INIT("print"), isprint}, {STR_INIT("punct"), ispunct},
    {STR_INIT("space"), is_space}, {STR_INIT("upper"), isupper}, {STR_INIT("xdigit"), isxdigit},
};

static bool add_named_class(bool *set, struct str name) {
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (str_eq(classes[i].name, name)) {
            for (int c = 0; c < 128; c++)
                set[c] |= classes[i].has(c) != 0;
            return true;
        }
    return false;
}

/* Reads the bytes of a class from behind its "[" and gives the offset behind its "]"; 0 where it is malformed. */
static uint32_t read_class(struct str text, uint32_t at, bool *set) {
    unsigned char before = 0; /* what a range starts with; 0: nothing */
    for (bool is_first = true;; is_first = false, at++) {
        if (at >= text.n)
            return 0;
        unsigned char c = (unsigned char)text.p[at];
        if (c == ']' && !is_first)
            return at + 1;
        bool is_range = c == '-' && before && at + 1 < text.n && text.p[at + 1] != ']';
        if (c == '[' && at + 1 < text.n && text.p[at + 1] == ':') {
            uint32_t end = str_find(text, at + 2, ']');
            if (end == text.n)
                return 0;
            if (end > at + 2 && text.p[end - 1] == ':') {
                if (!add_named_class(set, str_sub(text, at + 2, end - 1)))
                    return 0;
                at = end;
                before = 0;
                continue;
            }
        }
        at += is_range;
        at += text.p[at] == '\\';
        if (at >= text.n)
            return 0;
        c = (unsigned char)text.p[at];
        for (unsigned byte = is_range ? before : c; byte <= c; byte++)
            set[byte] = true;
        before = is_range ? 0 : c;
    }
}

static uint32_t translate_class(struct str text, uint32_t at, struct buf *out) {
    bool set[256] = {false}, is_empty = true;
    bool is_negated = at < text.n && (text.p[at] == '!' || text.p[at] == '^');
    at = read_class(text, at + is_negated, set);
    buf_byte(out, '[');
    for (unsigned c = 1; c < 256; c++)
        if (set[c] != is_negated && c != '/') {
            buf_printf(out, "\\x%02x", c);
            is_empty = false;
        }
    if (is_empty)
        out->n--;
    buf_add(out, is_empty ? STR("(?!)") : STR("]"));
    return at;
}

/* Appends what the "*" at `at` stands for, and gives the offset behind it. */
static uint32_t translate_star(struct str text, uint32_t at, struct buf *out) {
    uint32_t end = at;
    while (end < text.n && text.p[end] == '*')
        end++;
    struct str rest = str_sub(text, end, text.n);
    bool is_part = end - at > 1 && (at == 0 || text.p[at - 1] == '/') &&
                   (rest.n == 0 || rest.p[0] == '/' || str_starts(rest, STR("\\/")));
    bool has_slash = is_part && str_starts(rest, STR("/"));
    buf_add(out, has_slash ? STR("(?:.*/)?") : is_part ? STR(".*") : STR("[^/]*"));
    return end + has_slash;
}

/* False where the pattern is malformed. */
static bool translate(struct str text, struct buf *out) {
    for (uint32_t i = 0; i < text.n;) {
        char c = text.p[i];
        if (c == '*') {
            i = translate_star(text, i, out);
            continue;
        }
        i++;
        if (c == '?')
            buf_add(out, STR("[^/]"));
        else if (c == '[') {
            i = translate_class(text, i, out);
            if (i == 0)
                return false;
        } else {
            if (c == '\\' && i == text.n)
                return false;
            buf_printf(out, "\\x%02x", (unsigned char)(c == '\\' ? text.p[i++] : c));
        }
    }
    return true;
}

static pcre2_code *compile(struct gitignore *list, struct str text) {
    struct buf regex = {.arena = list->arena};
    int error;
    size_t at;
    if (!translate(text, &regex))
        return NULL;
    if (!list->match_data) {
        list->match_data = pcre2_match_data_create(1, NULL);
        list->match_context = pcre2_match_context_create(NULL);
        if (list->match_context)
            pcre2_set_match_limit(list->match_context, MATCH_LIMIT);
    }
    if (!list->match_data || !list->match_context)
        return NULL;
    return pcre2_compile((PCRE2_SPTR)regex.p, regex.n, PCRE2_DOTALL | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &error, &at,
                         NULL);
}

/* --- patterns ------------------------------------------------------------------------------------------------------
 */

void gitignore_add(struct gitignore *list, struct str text) {
    struct gitignore_pattern pattern = {.is_exception = str_starts(text, STR("!"))};
    text = str_dup(list->arena, str_sub(text, pattern.is_exception, text.n));
    pattern.is_of_folders = str_ends(text, STR("/"));
    text.n -= pattern.is_of_folders;
    pattern.has_slash = str_find(text, 0, '/') < text.n;
    if (str_starts(text, STR("/")))
        text = str_sub(text, 1, text.n);
    else if (str_starts(text, STR("**/")) && str_find(text, 3, '/') == text.n) {
        text = str_sub(text, 3, text.n);
        pattern.is_name = true;
    }
    pattern.is_name |= !pattern.has_slash;
    pattern.is_suffix =
        pattern.is_name && str_starts(text, STR("*")) && literal_length(str_sub(text, 1, text.n)) == text.n - 1;
    pattern.text = str_sub(text, pattern.is_suffix, text.n);
    pattern.literal = literal_length(pattern.text);
    pattern.is_literal = pattern.literal == pattern.text.n;
    if (!pattern.is_literal)
        pattern.code = compile(list, pattern.text);
    *vec_push(list->arena, &list->patterns) = pattern;
}

/* Without the spaces at its end, but for one behind a backslash. */
static struct str trim_spaces(struct str line) {
    uint32_t end = 0;
    for (uint32_t i = 0; i < line.n; i++)
        if (line.p[i] != ' ') {
            i += line.p[i] == '\\';
            end = i + 1;
        }
    return str_sub(line, 0, end);
}

void gitignore_add_file(struct gitignore *list, struct str text) {
    struct str line;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_sub(text, 3, text.n);
    while (str_cut(&text, '\n', &line)) {
        if (str_ends(line, STR("\r")))
            line.n--;
        line = trim_spaces(str_sub(line, 0, str_find(line, 0, '\0')));
        if (line.n && line.p[0] != '#')
            gitignore_add(list, line);
    }
}

static bool matches(const struct gitignore *list, const struct gitignore_pattern *pattern, struct str path) {
    if (pattern->is_suffix)
        return str_ends(path, pattern->text);
    if (pattern->is_literal)
        return str_eq(path, pattern->text);
    return pattern->code &&
           pcre2_match(pattern->code, (PCRE2_SPTR)path.p, path.n, 0, 0, list->match_data, list->match_context) >= 0;
}

enum gitignore_verdict gitignore_look(struct gitignore *list, struct str path, bool is_folder, unsigned which) {
    struct str name = path_name(path);
    for (uint32_t i = list->patterns.n; i-- > 0;) {
        const struct gitignore_pattern *pattern = &list->patterns.at[i];
        if ((is_folder || !pattern->is_of_folders) &&
            (which & (pattern->has_slash ? GITIGNORE_PATHS : GITIGNORE_NAMES)) &&
            matches(list, pattern, pattern->is_name ? name : path))
            return pattern->is_exception ? GITIGNORE_EXCEPTED : GITIGNORE_MATCHED;
    }
    return GITIGNORE_UNSAID;
}

bool gitignore_covers(struct gitignore *list, struct str path) {
    bool is_covered = false;
    for (uint32_t end = str_find(path, 0, '/');; end = str_find(path, end + 1, '/')) {
        bool is_folder = end < path.n;
        enum gitignore_verdict verdict = gitignore_look(list, str_sub(path, 0, end), is_folder, GITIGNORE_ALL);
        if (verdict)
            is_covered = verdict == GITIGNORE_MATCHED;
        if (!is_folder)
            return is_covered;
    }
}

/* The folders of a pattern before the part with its first wildcard; all of it where it has none. */
static struct str literal_folder(const struct gitignore_pattern *pattern) {
    struct str start = str_sub(pattern->text, 0, pattern->literal);
    uint32_t slash = str_rfind(start, '/');
    return pattern->is_literal && !pattern->is_name ? start : str_sub(start, 0, slash < start.n ? slash : 0);
}

bool gitignore_reaches(const struct gitignore *list, struct str folder) {
    for (uint32_t i = 0; i < list->patterns.n; i++) {
        const struct gitignore_pattern *pattern = &list->patterns.at[i];
        struct str start = literal_folder(pattern);
        if (!pattern->is_exception && pattern->has_slash &&
            (start.n == 0 || path_is_below(start, folder) || path_is_below(folder, start)))
            return true;
    }
    return false;
}
