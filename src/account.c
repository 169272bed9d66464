#include "account.h"

#include "shell.h"

static const struct str uid_options[] = {STR_INIT("-u"), STR_INIT("--uid")};
static const struct str gid_options[] = {STR_INIT("-g"), STR_INIT("--gid")};
/* that name a group: Debian's adduser, and busybox's (useradd's -G names further ones) */
static const struct str group_options[] = {STR_INIT("--ingroup"), STR_INIT("-G")};

static bool is_tool(const struct shell_command *command, struct str a, struct str b) {
    return command->n_words && (str_eq(command->words[0].text, a) || str_eq(command->words[0].text, b));
}

static bool has_word(const struct shell_command *command, struct str word) {
    for (uint32_t i = 1; i < command->n_words; i++)
        if (str_eq(command->words[i].text, word) && command->words[i].is_constant)
            return true;
    return false;
}

/* The value of the first option of that name, as the next word or behind "="; {NULL, 0} where there is none. */
static struct str option(const struct shell_command *command, const struct str *names, uint32_t n) {
    for (uint32_t i = 1; i < command->n_words; i++)
        for (uint32_t j = 0; j < n; j++) {
            struct str word = command->words[i].text;
            if (str_eq(word, names[j]) && i + 1 < command->n_words)
                return command->words[i + 1].text;
            if (names[j].n > 2 && str_starts(word, names[j]) && word.n > names[j].n && word.p[names[j].n] == '=')
                return str_sub(word, names[j].n + 1, word.n);
        }
    return (struct str){NULL, 0};
}

/* Calls `find` on every command of the stage and its parents until it says that it has found what it looks for. */
typedef bool command_find(const struct shell_command *command, struct str name, struct str *ret_value);

static bool find_command(struct arena *arena, const struct stage *stage, command_find *find, struct str name,
                         struct str *ret_value) {
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++) {
            struct shell_script *script = stage_script(arena, &stage->dockerfile->list[i]);
            for (uint32_t c = 0; script && c < script->n; c++)
                if (find(&script->list[c], name, ret_value))
                    return true;
        }
    return false;
}

static bool find_uid(const struct shell_command *command, struct str name, struct str *ret_value) {
    if (!is_tool(command, STR("useradd"), STR("adduser")) || !has_word(command, name))
        return false;
    *ret_value = option(command, uid_options, 2);
    return ret_value->p != NULL;
}

/* The group of a user: a number or a name. */
static bool find_group(const struct shell_command *command, struct str name, struct str *ret_value) {
    if (!is_tool(command, STR("useradd"), STR("adduser")) || !has_word(command, name))
        return false;
    *ret_value =
        str_eq(command->words[0].text, STR("useradd")) ? option(command, gid_options, 2) : (struct str){NULL, 0};
    if (!ret_value->p && str_eq(command->words[0].text, STR("adduser"))) {
        *ret_value = option(command, gid_options + 1, 1);
        if (!ret_value->p)
            *ret_value = option(command, group_options, 2);
    }
    return ret_value->p != NULL;
}

static bool find_gid(const struct shell_command *command, struct str name, struct str *ret_value) {
    if (!is_tool(command, STR("groupadd"), STR("addgroup")) || !has_word(command, name))
        return false;
    *ret_value = option(command, gid_options, 2);
    return ret_value->p != NULL;
}

bool account_ids(struct arena *arena, const struct stage *stage, struct str user, uint32_t *ret_uid,
                 uint32_t *ret_gid) {
    struct str uid, group, gid;
    if (!find_command(arena, stage, find_uid, user, &uid) || !str_number(uid, UINT32_MAX - 1, ret_uid) ||
        !find_command(arena, stage, find_group, user, &group))
        return false;
    if (str_number(group, UINT32_MAX - 1, ret_gid))
        return true;
    return find_command(arena, stage, find_gid, group, &gid) && str_number(gid, UINT32_MAX - 1, ret_gid);
}
