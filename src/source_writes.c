#include "source_writes.h"

#include "dockerignore.h"

#include <fnmatch.h>
#include <stdlib.h>

/* Sources that are read, the bytes that one may have and all together, and calls and names that are looked at. */
enum { MAX_SOURCES = 1000, MAX_BYTES = 256 << 10, MAX_ALL_BYTES = 16 << 20, MAX_LOOKS = 5000 };

/* Bytes of a line in front of a call that are looked at. */
enum { MAX_BEFORE = 200 };

struct reading {
    struct arena *arena, *scratch; /* for what is found, and for one source */
    const struct project *project;
    struct str context, folder;
    struct str ignored; /* the .dockerignore of the context */
    VEC(struct str) sources;
    struct map seen; /* calls of one source, by their offset */
    uint32_t bytes, calls, left;
    struct source_writes *ret;
};

/* Whether a glob names it; most of them are a star and a suffix. */
static bool is_glob_of(struct arena *arena, struct str glob, struct str name) {
    struct str suffix = str_sub(glob, 1, glob.n);
    bool is_suffix = str_starts(glob, STR("*")) && str_find(suffix, 0, '*') == suffix.n;
    return is_suffix ? str_ends(name, suffix) : fnmatch(glob.p, str_c(arena, name), 0) == 0;
}

static bool is_named(struct arena *arena, struct template_words globs, struct str name) {
    for (uint32_t i = 0; i < globs.n; i++)
        if (is_glob_of(arena, globs.list[i], name))
            return true;
    return false;
}

static bool is_left_out(struct str name) {
    return template_has_name(NAMES_NO_SOURCES, name);
}

/* Rows of the same files follow each other: one of them is asked. */
static bool is_source(struct arena *arena, struct str name) {
    for (uint32_t i = 0; i < template_n_writes; i++) {
        const struct write *row = &template_writes[i];
        bool is_same = i && row->files.n == row[-1].files.n && str_eq(*row->files.list, *row[-1].files.list);
        if (!is_same && is_named(arena, row->files, name))
            return true;
    }
    return false;
}

/* --- calls ---------------------------------------------------------------------------------------------------------
 */

static bool is_word_byte(char c) {
    return str_is_alnum(c) || c == '_';
}

/* What stands in front of a position in its line. */
static struct str before(struct str text, uint32_t at) {
    struct str part = str_sub(text, at < MAX_BEFORE ? 0 : at - MAX_BEFORE, at);
    uint32_t end = str_rfind(part, '\n');
    return str_trim(str_sub(part, end < part.n ? end + 1 : 0, part.n));
}

static bool is_comment(struct str line) {
    return str_starts(line, STR("#")) || str_starts(line, STR("//")) || str_starts(line, STR("*"));
}

/* Whether what follows a path has one of the modes. */
static bool has_mode(const struct write *row, struct str rest) {
    for (uint32_t i = 0; i < row->modes.n; i++) {
        struct str mode = row->modes.list[i];
        if (mode.n > 1 && str_contains(rest, mode))
            return true;
        for (uint32_t at = 0; mode.n == 1 && at < rest.n; at++) {
            uint32_t end = rest.p[at] == '"' || rest.p[at] == '\'' ? str_find(rest, at + 1, rest.p[at]) : rest.n;
            if (end == rest.n)
                continue;
            if (end - at <= 5 && str_contains(str_sub(rest, at + 1, end), mode))
                return true;
            at = end;
        }
    }
    return row->modes.n == 0;
}

/* The call's arguments behind `at`, as far as its closing bracket. */
static uint32_t arguments_end(struct str text, uint32_t at) {
    uint32_t end = expression_end(text, at);
    while (end < text.n && text.p[end] == ',')
        end = expression_end(text, end + 1);
    return end;
}

/* What the rest of a string names, that is about to end or goes on at `at`. */
static struct named_path path_inside(struct reading *reading, struct str text, uint32_t at, const struct write *row) {
    static const struct named_path none = {.base = PATH_NONE};
    uint32_t end = at;
    while (end < text.n && !strchr("\"'`<>;?,) \t\r\n", text.p[end]))
        end++;
    struct str inside = str_sub(text, at, end);
    bool is_wanted = row->modes.n == 0;
    for (uint32_t i = 0; i < row->modes.n; i++)
        is_wanted |= str_contains(inside, row->modes.list[i]);
    if (!is_wanted)
        return none;
    if (inside.n)
        return expression_path(reading->scratch, text, str_printf(reading->scratch, "\"%.*s\"", STR_ARG(inside)),
                               &reading->left);
    uint32_t plus = end + 1;
    while (plus < text.n && text.p[plus] == ' ')
        plus++;
    if (plus >= text.n || (text.p[plus] != '+' && text.p[plus] != '.'))
        return none;
    return expression_path(reading->scratch, text, str_sub(text, plus + 1, expression_end(text, plus + 1)),
                           &reading->left);
}

static struct named_path path_of_call(struct reading *reading, const struct write *row, struct str text, uint32_t at,
                                      struct str call) {
    struct named_path none = {.base = PATH_NONE};
    if (str_eq(row->at, STR("inside")))
        return path_inside(reading, text, at + call.n, row);
    if (str_eq(row->at, STR("before")))
        return expression_path(reading->scratch, text, before(text, at), &reading->left);
    uint32_t start = at + call.n;
    if (str_eq(row->at, STR("2"))) {
        start = expression_end(text, start);
        if (start == text.n || text.p[start] != ',')
            return none;
        start++;
    }
    uint32_t end = expression_end(text, start);
    if (!has_mode(row, str_sub(text, end, arguments_end(text, start))))
        return none;
    return expression_path(reading->scratch, text, str_sub(text, start, end), &reading->left);
}

static void read_calls(struct reading *reading, const struct write *row, struct str source, struct str text) {
    for (uint32_t c = 0; c < row->calls.n; c++) {
        struct str call = row->calls.list[c];
        for (uint32_t from = 0; from < text.n;) {
            const char *found = memmem(text.p + from, text.n - from, call.p, call.n);
            if (!found)
                break;
            uint32_t at = (uint32_t)(found - text.p);
            from = at + call.n;
            bool is_inner = at && is_word_byte(call.p[0]) && is_word_byte(text.p[at - 1]);
            if (is_inner || is_comment(before(text, at)) || reading->calls == MAX_LOOKS ||
                map_add(&reading->seen, reading->scratch, str_printf(reading->scratch, "%u", at), reading))
                continue;
            reading->calls++;
            struct named_path named = path_of_call(reading, row, text, at, call);
            if (named.base == PATH_NONE || str_starts(named.path, STR("~")))
                continue;
            named.path = str_dup(reading->arena, named.path);
            named.variable = str_dup(reading->arena, named.variable);
            *vec_push(reading->arena, &reading->ret->list) = (struct source_write){row, source, named};
        }
    }
}

static void read_source(struct reading *reading, struct str source, struct arena *scratch) {
    struct str text = project_context_file(reading->project, reading->context, source, scratch);
    if (!text.p || text.n > MAX_BYTES || reading->bytes > MAX_ALL_BYTES)
        return;
    reading->bytes += text.n;
    reading->scratch = scratch;
    reading->seen = (struct map){0};
    for (uint32_t i = 0; i < template_n_writes; i++) {
        const struct write *row = &template_writes[i];
        bool is_wanted = row->only.n == 0;
        if (!is_named(scratch, row->files, path_name(source)))
            continue;
        for (uint32_t j = 0; j < row->only.n; j++)
            is_wanted |= str_contains(text, row->only.list[j]);
        if (is_wanted)
            read_calls(reading, row, source, text);
    }
}

/* --- sources -------------------------------------------------------------------------------------------------------
 */

static bool see_file(void *context, struct str inside) {
    struct reading *reading = context;
    ARENA(scratch);
    struct str path = path_clean(&scratch, reading->folder, inside);
    if (is_source(&scratch, path_name(path)) &&
        !is_named(&scratch, template_names[NAMES_TEST_SOURCES], path_name(path)) &&
        !(reading->ignored.p && dockerignore_excludes(&scratch, reading->ignored, path)))
        *vec_push(reading->arena, &reading->sources) = str_dup(reading->arena, path);
    return true;
}

static int by_text(const void *a, const void *b) {
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void source_writes_find(const struct project *project, struct str context, struct str path, struct arena *arena,
                        struct source_writes *ret) {
    struct reading reading = {.arena = arena, .project = project, .context = context, .folder = path, .ret = ret};
    ARENA(scratch);
    reading.left = MAX_LOOKS;
    reading.ignored = project_context_file(project, context, STR(".dockerignore"), &scratch);
    if (is_source(&scratch, path_name(path)))
        see_file(&reading, STR(""));
    else if (!project_context_each(project, path_clean(&scratch, context, path), is_left_out, see_file, &reading,
                                   &scratch))
        return;
    if (reading.sources.n)
        qsort(reading.sources.at, reading.sources.n, sizeof *reading.sources.at, by_text);
    for (uint32_t i = 0; i < reading.sources.n && i < MAX_SOURCES; i++) {
        ARENA(one);
        read_source(&reading, reading.sources.at[i], &one);
    }
}
