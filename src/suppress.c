#include "suppress.h"

#include "guess.h"

/* --- one comment ---------------------------------------------------------------------------------------------------
 */

enum { KEY_IGNORE, KEY_WRITABLE, KEY_USER, N_KEYS };
enum { MAX_HINTS = 100, MAX_NAME = 200 }; /* what becomes of them must fit into one line of a Dockerfile */
static const struct str keys[N_KEYS] = {STR_INIT("ignore"), STR_INIT("writable"), STR_INIT("user")};

/* The suppressions of one rule in reading order: no scope starts before that of the one before. */
struct suppressions {
    VEC(struct suppression *) list;
};

/* What a comment is about. */
struct place {
    struct span scope;
    struct hints *hints; /* what its hints are added to; NULL where they have no meaning */
    const struct stage *stage;
};

/* A comment while its words are read. */
struct reader {
    struct arena *arena;
    struct suppress *suppress;
    const struct place *place;
    uint32_t at;
};

__attribute__((format(printf, 2, 3))) static void add_misuse(struct reader *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    *vec_push(r->arena, &r->suppress->misuses) = (struct misuse){r->at, str_vprintf(r->arena, format, args)};
    va_end(args);
}

/* As much of a user's word as a message can show. */
static struct str shown(struct str word) {
    uint32_t n = word.n < 40 ? word.n : 40;
    while (n > 0 && n < word.n && ((unsigned char)word.p[n] & 0xc0) == 0x80)
        n--;
    return str_sub(word, 0, n);
}

static bool is_within(struct span inner, struct span outer) {
    return outer.start <= inner.start && inner.end <= outer.end && (outer.start < inner.start || inner.end < outer.end);
}

static void add_ignore(struct reader *r, struct str rule) {
    struct suppress *suppress = r->suppress;
    struct suppression *suppression = arena_new(r->arena, struct suppression);
    *suppression = (struct suppression){
        .rule = str_lower(r->arena, rule), .at = r->at, .scope = r->place->scope, .index = suppress->list.n};
    *vec_push(r->arena, &suppress->list) = suppression;
    struct suppressions *same = map_get(&suppress->by_rule, suppression->rule);
    if (!same) {
        same = arena_new(r->arena, struct suppressions);
        map_add(&suppress->by_rule, r->arena, suppression->rule, same);
    }
    const struct suppression *outer = same->list.n ? same->list.at[same->list.n - 1] : NULL;
    while (outer && !is_within(suppression->scope, outer->scope))
        outer = outer->outer;
    suppression->outer = outer;
    *vec_push(r->arena, &same->list) = suppression;
}

static bool add_folder(struct reader *r, struct str value) {
    bool is_path = str_starts(value, STR("/")) && path_is_plain(value) && value.n <= MAX_NAME;
    struct str path = is_path ? path_join(r->arena, STR("/"), value) : STR("/");
    bool is_folder = path.n > 1 && !path_is_below(path, STR("/tmp"));
    if (is_folder)
        *vec_push(r->arena, &r->place->hints->writable) = path;
    else if (path.n > 1)
        add_misuse(r, "writable=%.*s: /tmp can be written to anyway: remove it", STR_ARG(value));
    else
        add_misuse(r, "writable=%.*s names no folder: write its full path, without quotes and variables",
                   STR_ARG(shown(value)));
    return is_folder;
}

static bool add_user(struct reader *r, struct str value) {
    bool is_user = value.n <= MAX_NAME;
    if (is_user)
        r->place->hints->user = value;
    else
        add_misuse(r, "user=%.*s… is too long for a name", STR_ARG(shown(value)));
    return is_user;
}

static void add_hint(struct reader *r, uint32_t key, struct str value) {
    if (!r->place->hints)
        add_misuse(r, "%.*s is for Dockerfiles: write it there", STR_ARG(keys[key]));
    else if (r->suppress->hints.n == MAX_HINTS)
        add_misuse(r, "a file can have %d hints: name folders that hold others", MAX_HINTS);
    else if (key == KEY_USER ? add_user(r, value) : add_folder(r, value))
        *vec_push(r->arena, &r->suppress->hints) = (struct hint){keys[key], value, r->at, r->place->stage};
}

/* key=value. True for one that silences something. */
static bool read_pair(struct reader *r, struct str word) {
    uint32_t equals = str_find(word, 0, '='), key = 0;
    struct str name = str_sub(word, 0, equals), rest = str_sub(word, equals + 1, word.n), value;
    while (key < N_KEYS && !str_eq_nocase(name, keys[key]))
        key++;
    if (equals == word.n) {
        add_misuse(r, "%.*s is no key=value; lists are written with commas and no blanks", STR_ARG(shown(word)));
        return false;
    }
    if (key == N_KEYS) {
        struct guess guess = {.word = shown(name), .offers = {.arena = r->arena}};
        for (uint32_t i = 0; i < N_KEYS; i++)
            guess_offer(&guess, keys[i]);
        add_misuse(r, "there is no key %.*s: %.*s", STR_ARG(guess.word), STR_ARG(guess_text(&guess)));
        return false;
    }
    while (str_cut(&rest, key == KEY_USER ? '\0' : ',', &value)) {
        if (value.n == 0)
            add_misuse(r, "%.*s lacks a value: write %.*s=…", STR_ARG(keys[key]), STR_ARG(keys[key]));
        else if (key == KEY_IGNORE)
            add_ignore(r, value);
        else
            add_hint(r, key, value);
    }
    return key == KEY_IGNORE;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

static const struct str our_prefix = STR_INIT("ironhull:");

/* Whether a comment speaks to this program; *ret_rest is what it says. */
static bool is_ours(struct str comment, struct str *ret_rest) {
    struct str rest = str_trim(str_sub(comment, 1, comment.n));
    *ret_rest = str_trim(str_sub(rest, our_prefix.n, rest.n));
    return str_eq_nocase(str_sub(rest, 0, our_prefix.n), our_prefix);
}

/* Reads one comment, which starts with "#" at an offset of its source. `place` is NULL for one that belongs to nothing.
 */
static void read_comment(struct arena *arena, struct suppress *suppress, struct str comment, uint32_t at,
                         const struct place *place) {
    struct reader r = {arena, suppress, place, at};
    struct str rest;
    if (!is_ours(comment, &rest))
        return;
    if (!place)
        add_misuse(&r, "this comment stands above nothing: put it directly above what it is about, or at the top for "
                       "the whole file");
    else if (rest.n == 0)
        add_misuse(&r, "this comment says nothing: write key=value behind ironhull:");
    bool is_silencing = false;
    uint32_t first = suppress->list.n;
    while (place && rest.n && !str_starts(rest, STR("--"))) {
        uint32_t end = 0;
        while (end < rest.n && !is_blank(rest.p[end]))
            end++;
        is_silencing |= read_pair(&r, str_sub(rest, 0, end));
        rest = str_trim(str_sub(rest, end, rest.n));
    }
    struct str reason = str_trim(str_sub(rest, 2, rest.n));
    for (uint32_t i = first; i < suppress->list.n; i++)
        suppress->list.at[i]->reason = reason;
    if (is_silencing && reason.n == 0)
        add_misuse(&r, "no reason is given: write it behind --, so that others know when this can go");
}

const struct suppression *suppress_find(const struct suppress *suppress, struct str rule, uint32_t at) {
    const struct suppressions *same = map_get(&suppress->by_rule, rule);
    uint32_t low = 0, high = same ? same->list.n : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (same->list.at[middle]->scope.start <= at)
            low = middle + 1;
        else
            high = middle;
    }
    const struct suppression *found = low ? same->list.at[low - 1] : NULL;
    while (found && found->scope.end < at)
        found = found->outer;
    return found;
}

/* --- where comments are --------------------------------------------------------------------------------------------
 */

static const struct span whole_file = {0, UINT32_MAX};

/* The start of the line below the one that holds an offset. */
static uint32_t next_line(struct str text, uint32_t offset) {
    return str_find(text, offset, '\n') + 1;
}

static uint32_t skip_blanks(struct str text, uint32_t i) {
    while (i < text.n && is_blank(text.p[i]))
        i++;
    return i;
}

/* The first comment on a line of its own in [*pos, to), from its "#" on; *pos moves to the line behind it. */
static bool next_comment(struct str text, uint32_t *pos, uint32_t to, struct span *ret) {
    while (*pos < to) {
        *ret = (struct span){skip_blanks(text, *pos), str_find(text, *pos, '\n')};
        *pos = ret->end + 1;
        if (ret->end > to)
            ret->end = to;
        if (ret->start < ret->end && text.p[ret->start] == '#')
            return true;
    }
    return false;
}

bool suppress_is_above(const struct dockerfile *dockerfile, const struct df_instruction *instruction) {
    uint32_t pos = instruction->top;
    struct str rest;
    for (struct span at; next_comment(dockerfile->source->text, &pos, instruction->at.start, &at);)
        if (is_ours(source_slice(dockerfile->source, at), &rest))
            return true;
    return false;
}

struct suppress suppress_dockerfile(struct arena *arena, const struct dockerfile *dockerfile, struct stages stages,
                                    struct str_list writable) {
    struct suppress suppress = {0};
    struct str text = dockerfile->source->text;
    struct hints *file_hints = arena_new(arena, struct hints);
    const struct place file = {whole_file, file_hints, NULL};
    for (uint32_t i = 0; i < writable.n; i++)
        *vec_push(arena, &file_hints->writable) = writable.list[i];
    uint32_t pos = dockerfile->body, n_begun = 0; /* stages up to here */
    for (uint32_t i = 0; i <= dockerfile->n; i++) {
        const struct df_instruction *below = i < dockerfile->n ? &dockerfile->list[i] : NULL;
        bool is_from = n_begun < stages.n && stages.list[n_begun].from == i;
        n_begun += is_from;
        struct stage *stage = n_begun ? &stages.list[n_begun - 1] : NULL;
        struct place own = {.stage = stage, .hints = stage ? &stage->hints : NULL};
        if (below)
            own.scope = (struct span){below->top, is_from ? dockerfile->list[stage->end - 1].at.end : below->at.end};
        bool is_top = n_begun == 0 || (is_from && n_begun == 1);
        for (struct span at; next_comment(text, &pos, below ? below->at.start : text.n, &at);) {
            bool is_above = below && at.start >= below->top;
            read_comment(arena, &suppress, source_slice(dockerfile->source, at), at.start,
                         is_top     ? &file
                         : is_above ? &own
                                    : NULL);
        }
        pos = below ? next_line(text, below->at.end) : pos;
    }
    for (uint32_t i = 0; i < stages.n; i++)
        stages.list[i].file_hints = file_hints;
    return suppress;
}

/* What a comment above a line would be about. */
struct question {
    uint32_t line; /* its start */
    bool is_answered, is_there;
    struct span scope;
};

struct walk {
    struct arena *arena;
    struct suppress *suppress;
    struct source *source;
    uint32_t pos;              /* start of the first line behind what was seen */
    bool is_behind;            /* something was */
    struct question *question; /* NULL: there is none */
};

/* Start of the unbroken run of comment lines directly above the line of an offset; of that line where there is none. */
static uint32_t top_of(const struct walk *w, uint32_t offset) {
    struct str text = w->source->text;
    uint32_t top = source_line_start(w->source, offset);
    while (top > w->pos) {
        uint32_t above = source_line_start(w->source, top - 1), start = skip_blanks(text, above);
        if (text.p[start] != '#')
            break;
        top = above;
    }
    return top;
}

/* Answers what is asked of a gap: `line` starts what is below it, and so does `top` with the comments above. */
static void answer(const struct walk *w, uint32_t top, uint32_t line, const struct place *place) {
    struct question *question = w->question;
    struct str text = w->source->text;
    if (!question || question->is_answered || question->line < w->pos || question->line > line)
        return;
    uint32_t indent = skip_blanks(text, question->line) - question->line;
    bool is_above = place && question->line >= top && indent <= skip_blanks(text, line) - line;
    question->is_answered = true;
    question->is_there = is_above || !w->is_behind;
    question->scope = w->is_behind && is_above ? place->scope : whole_file;
}

/* Reads the comments between what was seen and the scalar or empty collection `at`. One that is indented deeper than
 * what is below it belongs to what is above. `place` is NULL at the end of the file. */
static void read_gap(struct walk *w, struct span at, const struct place *place) {
    const struct place file = {.scope = whole_file};
    struct str text = w->source->text;
    uint32_t top = w->pos < at.start ? top_of(w, at.start) : at.start, line = source_line_start(w->source, at.start);
    uint32_t indent = skip_blanks(text, line) - line;
    answer(w, top, line, place);
    for (struct span comment; next_comment(text, &w->pos, at.start, &comment);) {
        bool is_above =
            place && comment.start >= top && comment.start - source_line_start(w->source, comment.start) <= indent;
        read_comment(w->arena, w->suppress, source_slice(w->source, comment), comment.start,
                     !w->is_behind ? &file
                     : is_above    ? place
                                   : NULL);
    }
    w->is_behind = true;
    if (w->pos <= at.end)
        w->pos = next_line(text, at.end);
}

/* `place`: what a comment above the first line of the node is about; NULL: the key or item that starts there. */
static void walk_node(struct walk *w, const struct yaml_node *node, const struct place *place) {
    for (uint32_t i = 0; i < node->n && !(w->question && w->question->is_answered); i++) {
        const struct place *given = i == 0 ? place : NULL;
        if (node->kind == YAML_MAPPING) {
            const struct yaml_pair *pair = &node->pairs[i];
            const struct place own = {.scope = {pair->key->at.start, pair->value->at.end}};
            walk_node(w, pair->key, given ? given : &own);
            walk_node(w, pair->value, NULL);
        } else {
            const struct place own = {.scope = node->items[i]->at};
            walk_node(w, node->items[i], given ? given : &own);
        }
    }
    const struct place own = {.scope = node->at};
    bool is_empty = node->kind == YAML_SEQUENCE || node->kind == YAML_MAPPING; /* there may be comments in it */
    if (node->n == 0)
        read_gap(w, (struct span){node->at.start, is_empty ? node->at.start : node->at.end}, place ? place : &own);
}

/* Whether a comment of ours may be somewhere. */
static bool has_ours(struct str text) {
    for (uint32_t at = str_find(text, 0, '#'); at < text.n; at = str_find(text, at + 1, '#')) {
        uint32_t start = skip_blanks(text, at + 1);
        if (str_eq_nocase(str_sub(text, start, start + our_prefix.n), our_prefix))
            return true;
    }
    return false;
}

static struct suppress read_yaml(struct arena *arena, const struct yaml *yaml, struct question *question) {
    struct suppress suppress = {0};
    struct walk walk = {
        .arena = arena, .suppress = &suppress, .source = yaml->source, .pos = yaml->source->bom, .question = question};
    for (uint32_t i = 0; i < yaml->documents.n; i++) {
        const struct yaml_node *root = yaml->documents.at[i].root;
        const struct place place = {.scope = root ? root->at : yaml->documents.at[i].at};
        if (root)
            walk_node(&walk, root, &place);
    }
    uint32_t end = yaml->source->text.n;
    read_gap(&walk, (struct span){end, end}, NULL);
    return suppress;
}

struct suppress suppress_yaml(struct arena *arena, const struct yaml *yaml) {
    return has_ours(yaml->source->text) ? read_yaml(arena, yaml, NULL) : (struct suppress){0};
}

bool suppress_yaml_scope(const struct yaml *yaml, uint32_t line, struct span *ret) {
    ARENA(scratch);
    struct question question = {.line = line};
    read_yaml(&scratch, yaml, &question);
    *ret = question.scope;
    return question.is_there;
}

bool suppress_is_in(const struct suppress *suppress, struct span at) {
    for (uint32_t i = 0; i < suppress->list.n; i++) {
        const struct suppression *suppression = suppress->list.at[i];
        if ((at.start <= suppression->at && suppression->at < at.end) ||
            (at.start <= suppression->scope.start && suppression->scope.start < at.end))
            return true;
    }
    for (uint32_t i = 0; i < suppress->misuses.n; i++)
        if (at.start <= suppress->misuses.at[i].at && suppress->misuses.at[i].at < at.end)
            return true;
    return false;
}
