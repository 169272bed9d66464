#include "rule.h"

#include "guess.h"

#include <assert.h>

const struct rule *rule_find(struct str id) {
    for (uint32_t i = 0; i < rules_n; i++)
        if (str_eq(rules[i].id, id))
            return &rules[i];
    return NULL;
}

struct str rule_meant(struct arena *arena, struct str id) {
    struct guess guess = {.word = str_sub(id, 0, 40), .offers = {.arena = arena}};
    for (uint32_t i = 0; i < rules_n; i++)
        guess_offer(&guess, rules[i].id);
    return guess_text(&guess);
}

uint32_t rule_bit(const struct rule *rule) {
    return 1u << (rule - rules);
}

const char *rule_choice_read(struct arena *arena, struct str list, uint32_t *bits) {
    struct str name;
    assert(rules_n < 32);
    if (list.n == 0)
        return "a rule is expected, or several with commas between";
    while (str_cut(&list, ',', &name)) {
        name = str_trim(name);
        const struct rule *rule = rule_find(name);
        if (!rule && !str_eq(name, STR("all")))
            return str_printf(arena, "there is no rule %.*s: %.*s", STR_ARG(name), STR_ARG(rule_meant(arena, name))).p;
        *bits |= rule ? rule_bit(rule) : rule_bit(&rules[rules_n]) - 1;
    }
    return NULL;
}

bool rule_is_on(const struct rule *rule, const struct config *config) {
    const struct rule_choice *choice = &config->choice;
    if (choice->ignored & rule_bit(rule))
        return false;
    if (choice->selected)
        return choice->selected & rule_bit(rule);
    for (uint32_t i = 0; i < config->rules.n; i++)
        if (str_eq(config->rules.list[i].id, rule->id))
            return config->rules.list[i].is_on;
    return true;
}

enum safety rule_least(const struct config *config) {
    return config->unsafe_fixes == CONFIG_ON ? SAFETY_UNSAFE : SAFETY_SAFE;
}

void rules_check(struct configs *configs, struct diags *diags) {
    for (uint32_t i = 0; i < configs->files.n; i++) {
        struct config *config = configs->files.at[i];
        for (uint32_t j = 0; j < config->named.n; j++) {
            struct str id = config->named.list[j].id;
            if (rule_find(id))
                continue;
            diag_at(diags, &config->source, config->named.list[j].at, "unknown rule %.*s: %.*s", STR_ARG(id),
                    STR_ARG(rule_meant(diags->arena, id)));
            configs->is_broken = true;
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

bool rule_is_coming(const struct check *check, const struct finding *finding) {
    const struct suppress *suppress = &check->document->suppress;
    return finding->safety >= rule_least(check->document->config) &&
           !suppress_find(suppress, finding->rule->id, finding->at) &&
           !suppress_find(suppress, finding->rule->id, finding->subject);
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
