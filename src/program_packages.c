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
    bool is_octal = mode.n == 4 && mode.p[0] >= '2' && mode.p[0] <= '7';
    uint32_t plus = str_find(mode, 0, '+');
    return is_octal || str_find(str_sub(mode, plus, mode.n), 0, 's') < mode.n - plus;
}

struct str program_gains(struct arena *arena, const struct stage *stage) {
    struct str_list packages = program_packages(arena, stage);
    for (uint32_t i = 0; i < packages.n; i++)
        if (template_has_name(NAMES_GAINS_PRIVILEGES, packages.list[i]))
            return packages.list[i];
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            const struct shell_script *script = stage_script(arena, &stage->dockerfile->list[i]);
            for (uint32_t c = 0; script && c < script->n; c++) {
                const struct shell_command *command = &script->list[c];
                struct str program = command->n_words ? command->words[0].text : STR("");
                bool is_mode =
                    command->n_words > 1 && str_eq(program, STR("chmod")) && is_set_id(command->words[1].text);
                if (is_mode || template_has_name(NAMES_GAINS_PRIVILEGES, program))
                    return is_mode ? STR("chmod +s") : program;
            }
        }
    return (struct str){NULL, 0};
}
