#include "rule.h"

#include "guess.h"

const struct rule *rule_find(struct str id) {
    for (uint32_t i = 0; i < rules_n; i++)
        if (str_eq(rules[i].id, id))
            return &rules[i];
    return NULL;
}

bool rule_is_on(const struct rule *rule, const struct config *config) {
    for (uint32_t i = 0; i < config->rules.n; i++)
        if (str_eq(config->rules.list[i].id, rule->id))
            return config->rules.list[i].is_on;
    return true;
}

void rules_check(struct project *project) {
    for (uint32_t i = 0; i < project->configs.files.n; i++) {
        struct config *config = project->configs.files.at[i];
        for (uint32_t j = 0; j < config->rules.n; j++) {
            struct guess guess = {.word = config->rules.list[j].id, .offers = {.arena = project->arena}};
            if (rule_find(guess.word))
                continue;
            for (uint32_t k = 0; k < rules_n; k++)
                guess_offer(&guess, rules[k].id);
            diag_at(project->diags, &config->source, config->rules.list[j].at, "unknown rule %.*s: %.*s",
                    STR_ARG(guess.word), STR_ARG(guess_text(&guess)));
            project->configs.is_broken = true;
        }
    }
}

struct finding *rule_found(struct check *check, uint32_t at, const char *format, ...) {
    struct finding *finding = vec_push(check->arena, &check->findings);
    finding->rule = check->rule;
    finding->at = at;
    finding->subject = check->subject;
    va_list args;
    va_start(args, format);
    finding->message = str_vprintf(check->arena, format, args);
    va_end(args);
    finding->edits.arena = check->arena;
    return finding;
}

struct edits *rule_fix(struct finding *finding, enum safety safety) {
    finding->safety = safety;
    return &finding->edits;
}

/* `lines` with the file's line ending; the last one's only where `is_ended`. */
static struct str with_endings(const struct check *check, struct str lines, bool is_ended) {
    struct str eol = check->document->source.eol, rest = lines, line;
    struct buf out = {.arena = check->arena};
    if (str_ends(rest, STR("\n")))
        rest.n--;
    for (bool is_first = true; str_cut(&rest, '\n', &line); is_first = false) {
        if (!is_first)
            buf_add(&out, eol);
        buf_add(&out, str_ends(line, STR("\r")) ? str_sub(line, 0, line.n - 1) : line);
    }
    if (is_ended)
        buf_add(&out, eol);
    return buf_str(&out);
}

void rule_insert_after(struct check *check, struct edits *edits, uint32_t end, struct str lines) {
    struct str eol = check->document->source.eol, text = with_endings(check, lines, false);
    struct buf out = {.arena = check->arena};
    buf_add(&out, eol);
    buf_add(&out, text);
    edits_add(edits, (struct span){end, end}, buf_str(&out));
}

void rule_insert_before(struct check *check, struct edits *edits, uint32_t start, struct str lines) {
    edits_add(edits, (struct span){start, start}, with_endings(check, lines, true));
}
