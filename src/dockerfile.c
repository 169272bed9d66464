/* Reads physical lines: directives, comments, continuations, bodies of here-documents. */
#include "dockerfile_parts.h"

#include <string.h>

/* One physical line. */
struct row {
    uint32_t start, end; /* text: without BOM and without any CR or LF behind it */
    uint32_t eol;        /* where its line ending starts */
};

/* Where directives are still looked for: nothing ends them for us but not for the builder as a #! line does. */
enum phase { IN_DIRECTIVES, AFTER_SHEBANG, BEHIND_DIRECTIVES };

struct reader {
    struct df_context ctx;
    struct str text;
    uint32_t next; /* start of the line to be read next */
    bool has_failed;
    enum phase phase;
    bool is_seen[3]; /* per directive */
    struct dockerfile *file;
    VEC(struct df_instruction) list;
    VEC(struct df_piece) pieces;
};

/* False at the end of the text, and (has_failed) for a line that is too long. */
static bool read_row(struct reader *r, struct row *row) {
    if (r->has_failed || r->next >= r->text.n)
        return false;
    uint32_t start = r->next, lf = str_find(r->text, start, '\n');
    if (lf - start > DF_MAX_LINE) {
        diag_at(r->ctx.diags, r->ctx.source, start, "line of more than %d bytes, which the builder does not read",
                DF_MAX_LINE);
        r->has_failed = true;
        return false;
    }
    row->start = start == 0 ? r->ctx.source->bom : start;
    row->end = lf;
    while (row->end > row->start && (r->text.p[row->end - 1] == '\r'))
        row->end--;
    row->eol = lf < r->text.n && row->end < lf ? lf - 1 : lf;
    r->next = lf < r->text.n ? lf + 1 : lf;
    return true;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_directive_space(char c) {
    return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

static const struct str directives[] = {STR_INIT("check"), STR_INIT("escape"), STR_INIT("syntax")};

/* Splits a comment line of the form "# name = value"; returns the directive's number, -1 for none. */
static int match_directive(struct str text, struct row row, struct str *ret_value) {
    uint32_t start = df_skip_space(text, row.start, row.end);
    if (start == row.end || text.p[start] != '#')
        return -1;
    uint32_t name = df_skip_space(text, start + 1, row.end), end = name;
    while (end < row.end && (is_letter(text.p[end]) || (end > name && text.p[end] >= '0' && text.p[end] <= '9')))
        end++;
    uint32_t equals = end, from, to = row.end;
    while (equals < row.end && is_directive_space(text.p[equals]))
        equals++;
    if (equals == row.end || text.p[equals] != '=' || equals + 1 == row.end)
        return -1;
    /* a value of nothing but white space is its last character */
    for (from = equals + 1; from < to - 1 && is_directive_space(text.p[from]);)
        from++;
    while (to > from + 1 && is_directive_space(text.p[to - 1]))
        to--;
    *ret_value = str_sub(text, from, to);
    for (int i = 0; i < 3; i++)
        if (str_eq_nocase(str_sub(text, name, end), directives[i]))
            return i;
    return -1;
}

static bool apply_directive(struct reader *r, int which, struct str value) {
    uint32_t at = (uint32_t)(value.p - r->text.p);
    if (r->is_seen[which]) {
        diag_at(r->ctx.diags, r->ctx.source, at, "a second %s directive: only one can be used", directives[which].p);
        return false;
    }
    r->is_seen[which] = true;
    if (!str_eq(directives[which], STR("escape")))
        return true;
    if (value.n != 1 || (*value.p != '\\' && *value.p != '`')) {
        diag_at(r->ctx.diags, r->ctx.source, at, "\"%.*s\" cannot be the escape character, only \\ or ` can",
                STR_ARG(value));
        return false;
    }
    r->ctx.escape = *value.p;
    return true;
}

/* Whether the line is a directive, or a #! line in front of them. */
static bool read_directive(struct reader *r, struct row row) {
    struct str value;
    if (r->phase == BEHIND_DIRECTIVES)
        return false;
    bool is_first = row.start == r->ctx.source->bom;
    int which = match_directive(r->text, row, &value);
    if (which >= 0 && r->phase == IN_DIRECTIVES) {
        r->has_failed = !apply_directive(r, which, value);
    } else if (is_first && str_starts(str_sub(r->text, row.start, row.end), STR("#!"))) {
        r->phase = AFTER_SHEBANG;
    } else if (which < 0) {
        r->phase = BEHIND_DIRECTIVES;
        return false;
    }
    r->file->body = r->next;
    return true;
}

/* Adds what the line [from, to) gives to the instruction. True where it ends in a continuation. */
static bool add_piece(struct reader *r, uint32_t *joined, uint32_t from, uint32_t to) {
    const char *p = r->text.p;
    uint32_t end = to;
    while (end > from && (p[end - 1] == ' ' || p[end - 1] == '\t'))
        end--;
    char escape = r->ctx.escape;
    bool is_open = end > from && p[end - 1] == escape && (end - 1 == from || p[end - 2] != escape);
    if (is_open)
        to = end - 1;
    if (to > from || r->pieces.n == 0)
        *vec_push(r->ctx.arena, &r->pieces) = (struct df_piece){*joined, from};
    *joined += to - from;
    return is_open;
}

/* Gives ctx->line the text of the pieces; a single one is borrowed. */
static void join_pieces(struct reader *r, uint32_t length) {
    struct df_piece *pieces = r->pieces.at;
    uint32_t n = r->pieces.n;
    if (n > 1 && pieces[1].joined == 0)
        pieces++, n--; /* an empty first piece */
    struct str text = str_sub(r->text, pieces->source, pieces->source + length);
    if (n > 1) {
        char *joined = arena_alloc(r->ctx.arena, (size_t)length + 1);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t end = i + 1 < n ? pieces[i + 1].joined : length;
            memcpy(joined + pieces[i].joined, r->text.p + pieces[i].source, end - pieces[i].joined);
        }
        text = (struct str){joined, length};
    }
    r->ctx.line = (struct df_line){text, pieces, n};
}

/* Reads the lines of an instruction that starts at `start`. */
static void read_line(struct reader *r, struct df_instruction *in, struct row row, uint32_t start) {
    uint32_t length = 0;
    struct span blank = {0, 0};
    r->pieces.n = 0;
    in->is_open = add_piece(r, &length, start, row.end);
    in->at = (struct span){start, row.eol};
    while (in->is_open && read_row(r, &row)) {
        in->at.end = row.eol;
        uint32_t first = df_skip_space(r->text, row.start, row.end);
        if (first == row.end && blank.start == 0)
            blank = (struct span){row.start, row.end};
        if (first < row.end && r->text.p[first] != '#')
            in->is_open = add_piece(r, &length, row.start, row.end);
    }
    in->head = in->at;
    join_pieces(r, length);
    if (blank.start > 0)
        *vec_push(r->ctx.arena, &r->file->warnings) = (struct df_word){
            str_printf(r->ctx.arena, "Empty continuation line found in: %.*s", STR_ARG(r->ctx.line.text)), blank};
}

static struct str without_tabs(struct arena *arena, struct str text) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < text.n;) {
        while (i < text.n && text.p[i] == '\t')
            i++;
        uint32_t lf = str_find(text, i, '\n');
        buf_add(&out, str_sub(text, i, lf + 1));
        i = lf + 1;
    }
    return buf_str(&out);
}

static bool read_body(struct reader *r, struct df_instruction *in, struct df_heredoc *heredoc) {
    struct row row;
    uint32_t announced = heredoc->at.start;
    heredoc->at.start = r->next;
    while (read_row(r, &row)) {
        uint32_t from = row.start;
        while (heredoc->chomp && from < row.end && r->text.p[from] == '\t')
            from++;
        if (!str_eq(str_sub(r->text, from, row.end), heredoc->name))
            continue;
        heredoc->content = str_sub(r->text, heredoc->at.start, row.start);
        if (heredoc->chomp)
            heredoc->content = without_tabs(r->ctx.arena, heredoc->content);
        heredoc->at.end = in->at.end = row.eol;
        return true;
    }
    if (!r->has_failed)
        diag_at(r->ctx.diags, r->ctx.source, announced,
                "here-document without an end: no line below is exactly \"%.*s\"", STR_ARG(heredoc->name));
    return false;
}

static bool read_instruction(struct reader *r, struct row row, uint32_t start, uint32_t top) {
    struct df_instruction *in = vec_push(r->ctx.arena, &r->list);
    in->top = top;
    read_line(r, in, row, start);
    if (r->has_failed || !df_parse_line(&r->ctx, in) || !df_find_heredocs(&r->ctx, in))
        return false;
    for (uint32_t i = 0; i < in->n_heredocs; i++)
        if (!read_body(r, in, &in->heredocs[i]))
            return false;
    return true;
}

struct dockerfile *dockerfile_parse(struct arena *arena, struct source *source, struct diags *diags) {
    struct reader r = {.ctx = {arena, source, diags, '\\', {{NULL, 0}, NULL, 0}}, .text = source->text};
    r.file = arena_new(arena, struct dockerfile);
    r.file->source = source;
    r.file->body = source->bom;
    bool has_comment = false;
    uint32_t comment = 0;
    for (struct row row; read_row(&r, &row);) {
        uint32_t start = df_skip_space(r.text, row.start, row.end);
        if (read_directive(&r, row))
            continue;
        if (start == row.end) {
            has_comment = false;
        } else if (r.text.p[start] == '#') {
            comment = has_comment ? comment : row.start;
            has_comment = true;
        } else {
            if (!read_instruction(&r, row, start, has_comment ? comment : row.start))
                return NULL;
            has_comment = false;
        }
    }
    if (r.has_failed)
        return NULL;
    if (r.list.n == 0) {
        diag_file(diags, source->path, "has no instructions");
        return NULL;
    }
    r.file->escape = r.ctx.escape;
    r.file->list = r.list.at;
    r.file->n = r.list.n;
    return r.file;
}

struct str df_flag(const struct df_instruction *instruction, struct str name) {
    for (uint32_t i = instruction->n_flags; i > 0; i--)
        if (str_eq(instruction->flags[i - 1].name, name))
            return instruction->flags[i - 1].value;
    return (struct str){NULL, 0};
}

bool df_flag_index(const struct df_flag *flag, struct str *ret_digits, uint32_t *ret_index) {
    struct str rest = flag->value, field;
    if (str_eq(flag->name, STR("from"))) {
        *ret_digits = flag->value;
        return str_number(flag->value, UINT32_MAX, ret_index);
    }
    while (str_eq(flag->name, STR("mount")) && str_cut(&rest, ',', &field)) {
        *ret_digits = str_sub(field, 5, field.n);
        if (str_starts(field, STR("from=")) && str_number(*ret_digits, UINT32_MAX, ret_index))
            return true;
    }
    return false;
}
