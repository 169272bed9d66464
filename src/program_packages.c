#include "program.h"

#include "shell.h"
#include "template.h"

struct packages {
    VEC(struct str) list;
};

bool program_is_package_tool(struct str word) {
    static const struct str tools[] = {STR_INIT("apk"),      STR_INIT("apt"),  STR_INIT("apt-get"), STR_INIT("dnf"),
                                       STR_INIT("microdnf"), STR_INIT("tdnf"), STR_INIT("yum"),     STR_INIT("zypper")};
    return STR_IS_IN(word, tools);
}

/* The words behind `install` or `add` that are no options. */
static void add_packages(struct arena *arena, const struct shell_command *command, struct packages *packages) {
    bool is_install = false;
    if (command->n_words == 0 || !program_is_package_tool(command->words[0].text))
        return;
    for (uint32_t i = 1; i < command->n_words; i++) {
        struct str word = command->words[i].text;
        if (is_install && !str_starts(word, STR("-")))
            *vec_push(arena, &packages->list) = str_sub(word, 0, str_find(word, 0, '='));
        is_install |= str_eq(word, STR("install")) || str_eq(word, STR("add"));
    }
}

struct str_list program_packages(struct arena *arena, const struct stage *stage) {
    struct packages packages = {0};
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            const struct shell_script *script = stage_script(arena, &stage->dockerfile->list[i]);
            for (uint32_t c = 0; script && c < script->n; c++)
                add_packages(arena, &script->list[c], &packages);
        }
    return (struct str_list){packages.list.at, packages.list.n};
}

bool program_has_package(struct arena *arena, const struct stage *stage, struct str package) {
    struct str_list packages = program_packages(arena, stage);
    return str_is_in(package, packages.list, packages.n);
}

bool program_has_others(struct arena *arena, const struct stage *stage) {
    struct str_list packages = program_packages(arena, stage);
    for (uint32_t i = 0; i < packages.n; i++)
        if (!template_has_name(NAMES_PLAIN_PACKAGES, packages.list[i]))
            return true;
    return false;
}

/* Whether a mode has the bit that starts a program as its owner or group: 4755, u+s. */
static bool is_set_id(struct str mode) {
    char how = '\0';
    while (str_starts(mode, STR("0")))
        mode = str_sub(mode, 1, mode.n);
    for (uint32_t i = 0; i < mode.n; i++) {
        char c = mode.p[i];
        if (c == 's' && (how == '+' || how == '='))
            return true;
        if (c == '+' || c == '-' || c == '=' || c == ',')
            how = c;
    }
    return mode.n == 4 && mode.p[0] >= '2' && mode.p[0] <= '7';
}

/* Whether a command gives a program that bit. */
static bool sets_id(const struct shell_command *command) {
    uint32_t mode = 1; /* behind the options */
    while (mode < command->n_words && str_starts(command->words[mode].text, STR("-")))
        mode++;
    return mode < command->n_words && str_eq(command->words[0].text, STR("chmod")) &&
           is_set_id(command->words[mode].text);
}

struct str program_gains(struct arena *arena, const struct stage *stage) {
    struct str_list packages = program_packages(arena, stage);
    for (uint32_t i = 0; i < packages.n; i++)
        if (template_has_name(NAMES_GAINS_PRIVILEGES, packages.list[i]))
            return packages.list[i];
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            const struct df_instruction *instruction = &stage->dockerfile->list[i];
            const struct shell_script *script = stage_script(arena, instruction);
            struct str mode = df_flag(instruction, STR("chmod"));
            if (mode.p && is_set_id(mode))
                return str_printf(arena, "--chmod=%.*s", STR_ARG(mode));
            for (uint32_t c = 0; script && c < script->n; c++) {
                const struct shell_command *command = &script->list[c];
                struct str program = command->n_words ? command->words[0].text : STR("");
                if (sets_id(command))
                    return STR("chmod +s");
                if (template_has_name(NAMES_GAINS_PRIVILEGES, program))
                    return program;
            }
        }
    return (struct str){NULL, 0};
}
