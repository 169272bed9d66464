#include "report_parts.h"

#include "guess.h"

#include <assert.h>
#include <string.h>

/* In the order of --help. */
static const struct report_format *const formats[] = {&report_human,  &report_text,   &report_json, &report_sarif,
                                                      &report_github, &report_gitlab, &report_junit};
enum { N_FORMATS = sizeof formats / sizeof *formats };

const struct report_format *report_format_find(struct arena *arena, struct str name, const char **ret_wrong) {
    struct guess guess = {.word = name, .offers = {.arena = arena}};
    for (int i = 0; i < N_FORMATS; i++) {
        if (str_eq(name, formats[i]->name))
            return formats[i];
        guess_offer(&guess, formats[i]->name);
    }
    *ret_wrong = str_printf(arena, "there is no format %.*s: %.*s", STR_ARG(name), STR_ARG(guess_text(&guess))).p;
    return NULL;
}

bool report_is_machine(const struct report_format *format) {
    return format->is_machine;
}

bool report_is_human(const struct report_format *format) {
    return format == &report_human;
}

/* --- findings ------------------------------------------------------------------------------------------------------
 */

enum kind finding_kind(const struct finding *finding) {
    if (finding->is_applied || finding->safety == SAFETY_SAFE)
        return KIND_FIX;
    return finding->safety == SAFETY_MANUAL ? KIND_NOTE : KIND_UNSAFE;
}

const char *kind_name(enum kind kind) {
    static const char *const names[] = {"fix", "unsafe", "note"};
    return names[kind];
}

enum level finding_level(const struct report *report, const struct finding *finding) {
    enum kind kind = finding_kind(finding);
    if (finding->is_demand || kind == KIND_FIX)
        return LEVEL_ERROR;
    if (kind == KIND_UNSAFE)
        return report->fail_on == FAIL_ON_SAFE ? LEVEL_WARNING : LEVEL_ERROR;
    return report->fail_on == FAIL_ON_ANY ? LEVEL_ERROR : LEVEL_NOTE;
}

const char *level_name(enum level level) {
    static const char *const names[] = {"error", "warning", "note"};
    return names[level];
}

bool finding_is_open(const struct report *report, const struct finding *finding) {
    return finding_is_said(finding) && !(finding->is_applied && report->is_written);
}

/* --- writing -------------------------------------------------------------------------------------------------------
 */

void report_begin(struct report *report) {
    report->totals = (struct totals){0};
    report->counts = arena_array(report->arena, rules_n, sizeof *report->counts);
    report->has_items = false;
    report->format->begin(report);
}

void report_project(struct report *report, const struct project *project) {
    const struct report_format *format = report->format;
    totals_add(&report->totals, project, report->fail_on);
    for (uint32_t i = 0; i < project->documents.n; i++) {
        ARENA(scratch);
        const struct document *document = project->documents.at[i];
        for (uint32_t j = 0; j < document->findings.n; j++)
            totals_count(&report->counts[document->findings.at[j]->rule - rules], document->findings.at[j],
                         report->fail_on);
        format->document(report, project->documents.at[i], &scratch);
    }
    for (uint32_t i = 0; i < project->documents.n && format->pods; i++) {
        ARENA(scratch);
        format->pods(report, project->documents.at[i], &scratch);
    }
}

void report_end(struct report *report, const struct diags *diags) {
    report->format->end(report, diags);
    fflush(report->out);
}

/* --- JSON ----------------------------------------------------------------------------------------------------------
 */

/* The character at p as RFC 8259, section 7, escapes it; gives its length. */
static uint32_t put_escape(FILE *out, const unsigned char *p, uint32_t n) {
    static const char plain[] = "\"\\\n\r\t", letters[] = "\"\\nrt";
    uint32_t code, length = source_utf8(p, n, &code);
    const char *known = memchr(plain, p[0], sizeof plain - 1);
    if (known) {
        putc('\\', out);
        putc(letters[known - plain], out);
        return 1;
    }
    if (length == 0) {
        fprintf(out, "\\\\x%02x", p[0]);
        return 1;
    }
    if (code > 0xffff) {
        fprintf(out, "\\u%04x", 0xd800 + ((code - 0x10000) >> 10));
        code = 0xdc00 + (code & 0x3ff);
    }
    fprintf(out, "\\u%04x", code);
    return length;
}

static void put_string(FILE *out, struct str text) {
    uint32_t done = 0;
    if (!text.p) {
        fputs("null", out);
        return;
    }
    putc('"', out);
    for (uint32_t i = 0; i < text.n;) {
        const unsigned char *p = (const unsigned char *)text.p + i;
        if (*p >= ' ' && *p <= '~' && *p != '"' && *p != '\\') {
            i++;
            continue;
        }
        put_str(out, str_sub(text, done, i));
        i += put_escape(out, p, text.n - i);
        done = i;
    }
    put_str(out, str_sub(text, done, text.n));
    putc('"', out);
}

void json_print(FILE *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    for (const char *p = format; *p; p++) {
        if (*p != '%') {
            putc(*p == '\'' ? '"' : *p, out);
            continue;
        }
        switch (*++p) {
        case 't':
            put_string(out, va_arg(args, struct str));
            break;
        case 's':
            put_string(out, str_of(va_arg(args, const char *)));
            break;
        case 'u':
            fprintf(out, "%u", va_arg(args, uint32_t));
            break;
        default:
            assert(*p == 'b');
            fputs(va_arg(args, int) ? "true" : "false", out);
        }
    }
    va_end(args);
}

void json_item(struct report *report) {
    fputs(report->has_items ? ",\n" : "\n", report->out);
    report->has_items = true;
}
