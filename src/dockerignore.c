#include "dockerignore.h"

#include "vec.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

/* The rules are those of github.com/moby/patternmatcher, as the build client walks a context with them. */

/* Steps that one match may take: far more than any real pattern needs, and soon over. */
enum { MATCH_LIMIT = 1000000 };

enum kind {
    KIND_NOTHING, /* an empty one */
    KIND_EXACT,
    KIND_PREFIX, /* text** */
    KIND_SUFFIX, /* **text */
    KIND_REGEX,
};

struct pattern {
    struct str text;
    enum kind kind;
    bool is_exception;
    bool has_matched; /* the path at hand, or one of its parents */
    pcre2_code *code; /* of KIND_REGEX; NULL for a malformed one, for which a build refuses the file */
};

struct matcher {
    struct arena *arena;
    VEC(struct pattern) patterns;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static void matcher_release(struct matcher *matcher) {
    for (uint32_t i = 0; i < matcher->patterns.n; i++)
        pcre2_code_free(matcher->patterns.at[i].code);
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
}

/* Takes the last part off a cleaned path. */
static void drop_part(struct buf *path, uint32_t root) {
    while (path->n > root && path->p[path->n - 1] != '/')
        path->n--;
    if (path->n > root)
        path->n--;
}

/* The shortest path that is the same by its letters, as Go's path/filepath.Clean gives it. */
static struct str clean(struct arena *arena, struct str path) {
    struct buf out = {.arena = arena};
    struct str rest = path, part;
    bool is_absolute = str_starts(path, STR("/"));
    if (is_absolute)
        buf_byte(&out, '/');
    uint32_t root = out.n; /* nothing above this can be taken off */
    while (str_cut(&rest, '/', &part)) {
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        bool is_up = str_eq(part, STR(".."));
        if (is_up && out.n > root) {
            drop_part(&out, root);
            continue;
        }
        if (is_up && is_absolute)
            continue;
        if (out.n > (is_absolute ? 1 : 0))
            buf_byte(&out, '/');
        buf_add(&out, part);
        if (is_up)
            root = out.n;
    }
    return out.n ? buf_str(&out) : STR(".");
}

static bool is_literal(struct str text) {
    for (uint32_t i = 0; i < text.n; i++)
        if (strchr("*?[]\\", text.p[i]))
            return false;
    return true;
}

static enum kind kind_of(struct str text) {
    if (text.n == 0)
        return KIND_NOTHING;
    if (is_literal(text))
        return KIND_EXACT;
    if (str_starts(text, STR("**")) && is_literal(str_sub(text, 2, text.n)))
        return KIND_SUFFIX;
    if (str_ends(text, STR("**")) && is_literal(str_sub(text, 0, text.n - 2)))
        return KIND_PREFIX;
    return KIND_REGEX;
}

/* Appends what the "*" at `at` stands for and gives the offset behind it. */
static uint32_t translate_star(struct str text, uint32_t at, struct buf *out) {
    bool is_double = at + 1 < text.n && text.p[at + 1] == '*';
    if (!is_double) {
        buf_add(out, STR("[^/]*"));
        return at + 1;
    }
    at += 2;
    if (at < text.n && text.p[at] == '/')
        at++;
    buf_add(out, at == text.n ? STR(".*") : STR("(.*/)?"));
    return at;
}

/* Appends the regular expression of a pattern: { | } keep their meaning in it, as they do in the original. False where
 * it has an escape that Go's regexp does not know, or knows as something that no path needs. */
static bool translate(struct str text, struct buf *out) {
    bool in_class = false;
    buf_byte(out, '^');
    for (uint32_t i = 0; i < text.n;) {
        char c = text.p[i];
        if (c == '*') {
            i = translate_star(text, i, out);
            in_class = false; /* its "]" ends one */
            continue;
        }
        i++;
        char next = i < text.n ? text.p[i] : '\0';
        if (c == '?') {
            buf_add(out, STR("[^/]"));
            in_class = false;
        } else if (c == '\\') {
            if (str_is_alnum(next) && !strchr("dDsSwWbBAzafnrt", next))
                return false;
            buf_byte(out, c);
            if (i < text.n)
                buf_byte(out, text.p[i++]);
        } else if (strchr(".+()$", c)) {
            buf_printf(out, "\\%c", c);
        } else {
            buf_byte(out, c);
            /* what PCRE2 would take for a collating element, or for a POSIX class outside a class */
            if (c == '[' && (next == '=' || (next == ':' && !in_class)))
                buf_byte(out, '\\');
            in_class = c == '[' || (in_class && c != ']');
        }
    }
    buf_byte(out, '$');
    return true;
}

static pcre2_code *compile(struct arena *arena, struct str text) {
    struct buf regex = {.arena = arena};
    int error;
    size_t at;
    if (!translate(text, &regex))
        return NULL;
    struct str source = buf_str(&regex);
    return pcre2_compile((PCRE2_SPTR)source.p, source.n, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY,
                         &error, &at, NULL);
}

/* Adds what one line of the file says; `line` is without white space around it and not empty. */
static void add_line(struct matcher *matcher, struct str line) {
    struct arena *arena = matcher->arena;
    bool is_exception = line.p[0] == '!';
    struct str text = is_exception ? str_trim(str_sub(line, 1, line.n)) : line;
    if (text.n > 0)
        text = clean(arena, text);
    if (text.n > 1 && text.p[0] == '/')
        text = str_sub(text, 1, text.n);
    /* the matcher looks for the "!" and cleans once more */
    text = clean(arena, str_trim(is_exception ? str_printf(arena, "!%.*s", STR_ARG(text)) : text));
    struct pattern pattern = {.is_exception = text.p[0] == '!'};
    pattern.text = str_sub(text, pattern.is_exception, text.n);
    pattern.kind = kind_of(pattern.text);
    if (pattern.kind == KIND_REGEX)
        pattern.code = compile(arena, pattern.text);
    *vec_push(arena, &matcher->patterns) = pattern;
}

static void add_file(struct matcher *matcher, struct str rest) {
    struct str line;
    if (str_starts(rest, STR("\xef\xbb\xbf")))
        rest = str_sub(rest, 3, rest.n);
    while (str_cut(&rest, '\n', &line)) {
        bool is_comment = str_starts(line, STR("#"));
        line = str_trim(line);
        if (!is_comment && line.n > 0)
            add_line(matcher, line);
    }
}

static bool pattern_matches(struct matcher *matcher, const struct pattern *pattern, struct str path) {
    struct str text = pattern->text;
    switch (pattern->kind) {
    case KIND_NOTHING:
        return false;
    case KIND_EXACT:
        return str_eq(path, text);
    case KIND_PREFIX:
        return str_starts(path, str_sub(text, 0, text.n - 2));
    case KIND_SUFFIX: /* **\/text is text at the top as well */
        return str_ends(path, str_sub(text, 2, text.n)) ||
               (str_starts(text, STR("**/")) && str_eq(path, str_sub(text, 3, text.n)));
    case KIND_REGEX:
        return pattern->code &&
               pcre2_match(pattern->code, (PCRE2_SPTR)path.p, path.n, 0, 0, matcher->data, matcher->context) >= 0;
    }
    return false;
}

/* Whether the patterns leave out a path whose parents they have been asked about before, from the top. A pattern that
 * can change nothing any more is not looked at, and so does not count for what lies below. */
static bool excludes(struct matcher *matcher, struct str path) {
    bool is_excluded = false;
    for (uint32_t i = 0; i < matcher->patterns.n; i++) {
        struct pattern *pattern = &matcher->patterns.at[i];
        if (!pattern->has_matched && pattern->is_exception == is_excluded)
            pattern->has_matched = pattern_matches(matcher, pattern, path);
        if (pattern->has_matched)
            is_excluded = !pattern->is_exception;
    }
    return is_excluded;
}

bool dockerignore_excludes(struct arena *scratch, struct str patterns, struct str path) {
    __attribute__((cleanup(matcher_release))) struct matcher matcher = {
        .arena = scratch,
        .data = pcre2_match_data_create(1, NULL),
        .context = pcre2_match_context_create(NULL),
    };
    if (!matcher.data || !matcher.context || path.n == 0 || str_eq(path, STR(".")))
        return false;
    pcre2_set_match_limit(matcher.context, MATCH_LIMIT);
    add_file(&matcher, patterns);
    for (uint32_t end = str_find(path, 0, '/'); end < path.n; end = str_find(path, end + 1, '/'))
        excludes(&matcher, str_sub(path, 0, end));
    return excludes(&matcher, path);
}
