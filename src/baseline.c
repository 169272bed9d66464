#include "baseline.h"

#include "path.h"
#include "repository.h"
#include "write.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FINGERPRINT = 16 };

/* --- fields --------------------------------------------------------------------------------------------------------
 */

/* Names may hold any byte: what would end a field or a line is written as \xNN, and so is the backslash. */
static struct str escaped(struct arena *arena, struct str text) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < ' ' || c == '\\')
            buf_printf(&out, "\\x%02x", c);
        else
            buf_byte(&out, (char)c);
    }
    return buf_str(&out);
}

/* Of a file that is not there yet, the one that needs it: whether it is looked at again shows there. */
static struct str path_of(struct arena *arena, const struct document *document) {
    if (document->is_new && document->owner)
        document = document->owner;
    else if (document->is_new && document->wanted_by.n)
        document = document->wanted_by.at[0];
    return escaped(arena, document->in_repository);
}

/* --- reading -------------------------------------------------------------------------------------------------------
 */

static bool is_fingerprint(struct str text) {
    for (uint32_t i = 0; i < text.n; i++)
        if (!(text.p[i] >= '0' && text.p[i] <= '9') && !(text.p[i] >= 'a' && text.p[i] <= 'f'))
            return false;
    return text.n == FINGERPRINT;
}

static bool read_line(struct baseline *baseline, struct str line, uint32_t at, struct diags *diags) {
    struct baseline_entry entry = {.at = at};
    struct str rest = line;
    if (str_trim(line).n == 0 || str_starts(line, STR("#")))
        return true;
    if (!str_cut(&rest, '\t', &entry.fingerprint) || !str_cut(&rest, '\t', &entry.rule) ||
        !str_cut(&rest, '\t', &entry.path) || !is_fingerprint(entry.fingerprint)) {
        diag_at(diags, &baseline->source, at,
                "this is no line of a baseline: a fingerprint, a rule, a path and words are expected, with tabs "
                "between; ironhull --write-baseline=FILE writes it");
        return false;
    }
    *vec_push(baseline->arena, &baseline->entries) = entry;
    return true;
}

bool baseline_read(struct baseline *baseline, struct str path, struct diags *diags) {
    struct arena *arena = baseline->arena;
    struct str text, line;
    if (!source_read(arena, path, &text, diags))
        return false;
    baseline->source = source_from(arena, path, text, FORMAT_NONE);
    if (!source_check(&baseline->source, diags))
        return false;
    for (struct str rest = text; str_cut(&rest, '\n', &line);)
        if (!read_line(baseline, str_ends(line, STR("\r")) ? str_sub(line, 0, line.n - 1) : line,
                       (uint32_t)(line.p - text.p), diags))
            return false;
    for (uint32_t i = 0; i < baseline->entries.n; i++) {
        struct baseline_entry *entry = &baseline->entries.at[i];
        map_add(&baseline->by_fingerprint, arena, entry->fingerprint, entry);
        entry->next = map_get(&baseline->by_path, entry->path);
        map_set(&baseline->by_path, arena, entry->path, entry);
    }
    return true;
}

/* --- matching ------------------------------------------------------------------------------------------------------
 */

/* Whether a rule had its say about a document: what it has not found then is not there. */
static bool was_asked(struct str id, const struct document *document) {
    const struct rule *rule = rule_find(id);
    bool is_demanded = document->config->pod_demand.is_given || !str_eq(id, STR("pod-security"));
    return !rule || (is_demanded && rule_is_on(rule, document->config));
}

static void accept(struct baseline *baseline, const struct document *document) {
    ARENA(scratch);
    struct str path = path_of(&scratch, document);
    struct repositories repositories = {.arena = baseline->arena};
    if (!baseline->root.p)
        baseline->root = repository_root(&repositories, document->path);
    for (struct baseline_entry *entry = map_get(&baseline->by_path, path); entry; entry = entry->next)
        entry->is_due |= was_asked(entry->rule, document);
    for (uint32_t i = 0; i < document->findings.n; i++) {
        struct baseline_entry *entry = map_get(&baseline->by_fingerprint, document->findings.at[i]->fingerprint);
        document->findings.at[i]->is_accepted = entry != NULL;
        if (entry)
            entry->is_found = true;
    }
}

void baseline_accept(struct baseline *baseline, const struct project *project) {
    for (uint32_t i = 0; i < project->documents.n && baseline->entries.n; i++)
        if (project->documents.at[i]->is_selected && !project->documents.at[i]->is_broken)
            accept(baseline, project->documents.at[i]);
}

uint32_t baseline_stale(const struct baseline *baseline, const struct baseline_entry **ret_first) {
    struct stat status;
    uint32_t n = 0;
    for (uint32_t i = 0; i < baseline->entries.n && baseline->root.p; i++) {
        const struct baseline_entry *entry = &baseline->entries.at[i];
        struct str path = path_join(baseline->arena, baseline->root, entry->path);
        if (entry->is_found ||
            (!entry->is_due && (lstat(str_c(baseline->arena, path), &status) == 0 || errno != ENOENT)))
            continue;
        if (n++ == 0)
            *ret_first = entry;
    }
    return n;
}

/* --- writing -------------------------------------------------------------------------------------------------------
 */

/* The first words of a message: enough to see what it is about. */
static struct str beginning(struct str message) {
    enum { ENOUGH = 80 };
    uint32_t end = str_rfind(str_sub(message, 0, ENOUGH), ' ');
    return message.n > ENOUGH && end < ENOUGH ? str_sub(message, 0, end) : message;
}

static void add(struct baseline *baseline, const struct document *document) {
    ARENA(scratch);
    struct str path = path_of(&scratch, document);
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        if (!finding->is_suppressed)
            *vec_push(baseline->arena, &baseline->lines) = str_printf(
                baseline->arena, "%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(finding->fingerprint), STR_ARG(finding->rule->id),
                STR_ARG(path), STR_ARG(escaped(&scratch, beginning(finding->message))));
    }
}

void baseline_add(struct baseline *baseline, const struct project *project) {
    for (uint32_t i = 0; i < project->documents.n; i++)
        add(baseline, project->documents.at[i]);
}

/* Where a line's path begins: what is about one file stands together. */
static struct str from_path(struct str line) {
    uint32_t tab = str_find(line, str_find(line, 0, '\t') + 1, '\t');
    return str_sub(line, tab, line.n);
}

static int by_file(const void *a, const void *b) {
    const struct str *x = a, *y = b;
    int order = str_cmp(from_path(*x), from_path(*y));
    return order ? order : str_cmp(*x, *y);
}

bool baseline_write(struct baseline *baseline, struct str path, struct diags *diags) {
    struct arena *arena = baseline->arena;
    struct buf out = {.arena = arena};
    struct str before = {NULL, 0};
    struct stat status;
    if (stat(str_c(arena, path), &status) == 0 && !source_read(arena, path, &before, diags))
        return false;
    buf_add(&out, STR("# What ironhull --check --baseline accepts; ironhull --write-baseline writes it anew.\n"));
    if (baseline->lines.n)
        qsort(baseline->lines.at, baseline->lines.n, sizeof *baseline->lines.at, by_file);
    for (uint32_t i = 0; i < baseline->lines.n; i++)
        buf_add(&out, baseline->lines.at[i]);
    return str_eq(buf_str(&out), before) || write_atomic(path, buf_str(&out), before, diags);
}
