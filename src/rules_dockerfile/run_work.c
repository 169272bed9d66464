/* What RUN instructions do, as far as the split into builder and runtime is concerned. */
#include "program.h"
#include "rules_dockerfile.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>

static void free_match(pcre2_match_data **match) {
    pcre2_match_data_free(*match);
}

/* A pattern of the templates is compiled once, for all documents and threads, and kept. */
static const pcre2_code *compile(struct str pattern) {
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static struct arena arena;
    static struct map codes;
    int error;
    PCRE2_SIZE offset;
    pthread_mutex_lock(&mutex);
    pcre2_code *code = map_get(&codes, pattern);
    if (!code && (code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, 0, &error, &offset, NULL)))
        map_add(&codes, &arena, pattern, code);
    pthread_mutex_unlock(&mutex);
    return code;
}

struct str pattern_group(struct str pattern, struct str text) {
    struct str group = {NULL, 0};
    if (pattern.n == 0)
        return group;
    const pcre2_code *code = compile(pattern);
    __attribute__((cleanup(free_match))) pcre2_match_data *match = pcre2_match_data_create(2, NULL);
    if (!code || !match || pcre2_match(code, (PCRE2_SPTR)text.p, text.n, 0, 0, match, NULL) < 0)
        return group;
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(match);
    at += pcre2_get_ovector_count(match) > 1 && at[2] != PCRE2_UNSET ? 2 : 0;
    return str_sub(text, (uint32_t)at[0], (uint32_t)at[1]);
}

bool pattern_matches(struct str pattern, struct str text) {
    return pattern_group(pattern, text).p != NULL;
}

struct str pattern_replaced(struct arena *arena, struct str pattern, struct str text, struct str replacement) {
    const pcre2_code *code = compile(pattern);
    char out[512];
    PCRE2_SIZE n = sizeof out;
    int count = code ? pcre2_substitute(code, (PCRE2_SPTR)text.p, text.n, 0, PCRE2_SUBSTITUTE_UNSET_EMPTY, NULL, NULL,
                                        (PCRE2_SPTR)replacement.p, replacement.n, (PCRE2_UCHAR *)out, &n)
                     : -1;
    return count > 0 ? str_dup(arena, (struct str){out, (uint32_t)n}) : (struct str){NULL, 0};
}

struct str shell_constant(struct arena *arena, const struct stage *stage, uint32_t index,
                          const struct shell_word *word) {
    static const char expanded[] = "*?[~`";
    if (word->is_constant)
        return word->text;
    for (const char *c = expanded; *c; c++)
        if (str_find(word->text, 0, *c) < word->text.n)
            return (struct str){NULL, 0};
    return stage_expand(arena, stage, index, word->text);
}

struct str command_line(struct arena *arena, const struct stage *stage, uint32_t index,
                        const struct shell_command *command, bool *ret_is_constant) {
    struct buf line = {.arena = arena};
    *ret_is_constant = true;
    for (uint32_t i = 0; i < command->n_words; i++) {
        struct str word = shell_constant(arena, stage, index, &command->words[i]);
        *ret_is_constant &= word.p != NULL;
        buf_printf(&line, "%s%.*s", i ? " " : "", STR_ARG(word.p ? word : command->words[i].text));
    }
    return buf_str(&line);
}

/* What a command does that no ecosystem knows. */
static uint32_t plain_work(const struct shell_command *command) {
    static const struct str talk[] = {STR_INIT(":"),      STR_INIT("echo"), STR_INIT("export"),
                                      STR_INIT("printf"), STR_INIT("set"),  STR_INIT("true")};
    struct str program = command->words[0].text;
    if (STR_IS_IN(program, talk) && command->redirections.n == 0)
        return WORK_HARMLESS;
    if (template_has_name(NAMES_FILE_TOOLS, program))
        return WORK_FILES;
    if (!template_has_name(NAMES_REPEATABLE, program))
        return WORK_UNKNOWN;
    bool has_flag = false, is_deep = false;
    for (uint32_t i = 1; i < command->n_words; i++) {
        struct str word = command->words[i].text;
        bool is_flag = str_starts(word, STR("-"));
        has_flag |= is_flag;
        is_deep |= !is_flag && !str_starts(word, STR("/")) && str_find(word, 0, '/') < word.n;
    }
    if (str_eq(program, STR("rm")))
        return has_flag ? WORK_CLEAN : WORK_UNKNOWN; /* without -f what it removes has to be there */
    if (program_is_package_tool(program))
        return WORK_SETUP | WORK_PACKAGES;
    return str_eq(program, STR("mkdir")) && is_deep && !has_flag ? WORK_UNKNOWN : WORK_SETUP;
}

static uint32_t command_work(struct arena *arena, const struct stage *stage, uint32_t index,
                             const struct shell_command *command, const struct ecosystem **ret_ecosystem) {
    bool is_constant;
    struct str line = command_line(arena, stage, index, command, &is_constant);
    if (command->n_words == 0)
        return WORK_HARMLESS; /* assignments: gone with the shell */
    struct str program = path_name(command->words[0].text);
    for (uint32_t i = 0; i < template_n_ecosystems; i++) {
        const struct ecosystem *ecosystem = &template_ecosystems[i];
        /* what a compiler is told need not be understood, only what it is */
        if (!str_is_in(program, ecosystem->programs.list, ecosystem->programs.n) ||
            (!is_constant && !ecosystem->n_runtimes))
            continue;
        const struct {
            struct str pattern;
            uint32_t work;
        } kinds[] = {{ecosystem->tools, WORK_SETUP},
                     {ecosystem->harmless, WORK_HARMLESS},
                     {ecosystem->install, WORK_INSTALL},
                     {ecosystem->build, WORK_BUILD}};
        for (uint32_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (pattern_matches(kinds[k].pattern, line)) {
                *ret_ecosystem = kinds[k].work == WORK_SETUP ? *ret_ecosystem : ecosystem;
                return kinds[k].work;
            }
    }
    return plain_work(command);
}

struct run_work run_work_of(struct arena *arena, const struct stage *stage, uint32_t index) {
    struct run_work work = {0};
    const struct shell_script *script = stage_script(arena, &stage->dockerfile->list[index]);
    if (!script)
        work.bits = WORK_UNKNOWN;
    for (uint32_t i = 0; script && i < script->n; i++)
        work.bits |= command_work(arena, stage, index, &script->list[i], &work.ecosystem);
    return work;
}
