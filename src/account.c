#include "account.h"

#include "shell.h"

#include <string.h>

/* --- options -------------------------------------------------------------------------------------------------------
 */

/* What a command line says. */
enum field {
    FIELD_OTHER,
    FIELD_UID,
    FIELD_GROUP,
    FIELD_GROUPS,
    FIELD_SYSTEM,
    FIELD_NO_GROUP,
    FIELD_OWN_GROUP,
    N_FIELDS
};

struct option {
    char letter; /* '\0': there is only the long name */
    struct str name;
    enum field field;
    bool has_value;
};

/* Options with a value, and those without that matter. useradd(8); on Fedora, RHEL and their kin adduser is the same.
 */
static const struct option useradd_options[] = {
    {'u', STR_INIT("uid"), FIELD_UID, true},
    {'g', STR_INIT("gid"), FIELD_GROUP, true},
    {'G', STR_INIT("groups"), FIELD_GROUPS, true},
    {'r', STR_INIT("system"), FIELD_SYSTEM, false},
    {'N', STR_INIT("no-user-group"), FIELD_NO_GROUP, false},
    {'b', STR_INIT("base-dir"), FIELD_OTHER, true},
    {'c', STR_INIT("comment"), FIELD_OTHER, true},
    {'d', STR_INIT("home-dir"), FIELD_OTHER, true},
    {'d', STR_INIT("home"), FIELD_OTHER, true},
    {'e', STR_INIT("expiredate"), FIELD_OTHER, true},
    {'f', STR_INIT("inactive"), FIELD_OTHER, true},
    {'k', STR_INIT("skel"), FIELD_OTHER, true},
    {'K', STR_INIT("key"), FIELD_OTHER, true},
    {'p', STR_INIT("password"), FIELD_OTHER, true},
    {'P', STR_INIT("prefix"), FIELD_OTHER, true},
    {'R', STR_INIT("root"), FIELD_OTHER, true},
    {'s', STR_INIT("shell"), FIELD_OTHER, true},
    {'Z', STR_INIT("selinux-user"), FIELD_OTHER, true},
};

/* busybox adduser, and adduser(8) of Debian. */
static const struct option adduser_options[] = {
    {'u', STR_INIT("uid"), FIELD_UID, true},           {'G', STR_INIT("ingroup"), FIELD_GROUP, true},
    {'\0', STR_INIT("gid"), FIELD_GROUP, true},        {'S', STR_INIT("system"), FIELD_SYSTEM, false},
    {'\0', STR_INIT("group"), FIELD_OWN_GROUP, false}, {'g', STR_INIT("gecos"), FIELD_OTHER, true},
    {'h', STR_INIT("home"), FIELD_OTHER, true},        {'k', STR_INIT("skel"), FIELD_OTHER, true},
    {'s', STR_INIT("shell"), FIELD_OTHER, true},       {'\0', STR_INIT("comment"), FIELD_OTHER, true},
    {'\0', STR_INIT("conf"), FIELD_OTHER, true},       {'\0', STR_INIT("firstuid"), FIELD_OTHER, true},
    {'\0', STR_INIT("lastuid"), FIELD_OTHER, true},
};

/* groupadd(8), addgroup(8), busybox addgroup. */
static const struct option group_options[] = {
    {'g', STR_INIT("gid"), FIELD_UID, true},
    {'K', STR_INIT("key"), FIELD_OTHER, true},
    {'p', STR_INIT("password"), FIELD_OTHER, true},
};

/* One command that makes a user or a group, or puts a user into a group. */
struct entry {
    enum { ENTRY_USERADD, ENTRY_ADDUSER, ENTRY_GROUP, ENTRY_CHANGE } kind;
    struct str names[2]; /* words that are no options: the name; a group to put it into */
    uint32_t n_names;
    struct str values[N_FIELDS]; /* {NULL, 0}: not given; what a shell expands is "$" */
};

static const struct option *find_option(const struct option *options, uint32_t n, char letter, struct str name) {
    for (uint32_t i = 0; i < n; i++)
        if (letter ? options[i].letter == letter : str_eq(options[i].name, name))
            return &options[i];
    return NULL;
}

static struct str word_value(const struct shell_command *command, uint32_t i) {
    return i < command->n_words && command->words[i].is_constant ? command->words[i].text : STR("$");
}

/* Reads the option at word `i`; gives the last word that belongs to it. */
static uint32_t read_option(const struct shell_command *command, uint32_t i, const struct option *options, uint32_t n,
                            struct entry *entry) {
    struct str word = command->words[i].text;
    if (str_starts(word, STR("--"))) {
        uint32_t equals = str_find(word, 0, '=');
        const struct option *option = find_option(options, n, '\0', str_sub(word, 2, equals));
        bool is_next = option && option->has_value && equals == word.n;
        struct str inside = command->words[i].is_constant ? str_sub(word, equals + 1, word.n) : STR("$");
        if (option)
            entry->values[option->field] = is_next ? word_value(command, i + 1) : inside;
        return i + is_next;
    }
    for (uint32_t j = 1; j < word.n; j++) {
        const struct option *option = find_option(options, n, word.p[j], STR(""));
        if (!option)
            continue;
        bool is_next = option->has_value && j + 1 == word.n;
        struct str inside = command->words[i].is_constant ? str_sub(word, j + 1, word.n) : STR("$");
        entry->values[option->field] = is_next ? word_value(command, i + 1) : inside;
        if (option->has_value)
            return i + is_next;
    }
    return i;
}

static void read_words(const struct shell_command *command, const struct option *options, uint32_t n,
                       struct entry *entry) {
    for (uint32_t i = 1; i < command->n_words; i++) {
        if (str_starts(command->words[i].text, STR("-")))
            i = read_option(command, i, options, n, entry);
        else if (entry->n_names < 2)
            entry->names[entry->n_names++] = word_value(command, i);
    }
}

/* --- commands ------------------------------------------------------------------------------------------------------
 */

struct reader {
    struct arena *arena;
    const struct image *image;
    VEC(struct entry) entries;
    struct accounts accounts;
};

static bool is_family(const struct image *image, const struct str *names, uint32_t n) {
    return image && str_is_in(image->family->name, names, n);
}

static void read_command(struct reader *reader, const struct shell_command *command) {
    static const struct str useradd_families[] = {STR_INIT("amazon"), STR_INIT("azurelinux"), STR_INIT("fedora"),
                                                  STR_INIT("photon"), STR_INIT("rhel")};
    static const struct str changes[] = {STR_INIT("delgroup"), STR_INIT("deluser"), STR_INIT("groupdel"),
                                         STR_INIT("groupmod"), STR_INIT("userdel"), STR_INIT("usermod")};
    struct str tool = command->n_words ? path_name(command->words[0].text) : STR("");
    struct entry entry = {0};
    if (str_eq(tool, STR("useradd")) ||
        (str_eq(tool, STR("adduser")) &&
         is_family(reader->image, useradd_families, sizeof useradd_families / sizeof *useradd_families))) {
        entry.kind = ENTRY_USERADD;
        read_words(command, useradd_options, sizeof useradd_options / sizeof *useradd_options, &entry);
    } else if (str_eq(tool, STR("adduser"))) {
        entry.kind = ENTRY_ADDUSER;
        read_words(command, adduser_options, sizeof adduser_options / sizeof *adduser_options, &entry);
    } else if (str_eq(tool, STR("groupadd")) || str_eq(tool, STR("addgroup"))) {
        entry.kind = ENTRY_GROUP;
        read_words(command, group_options, sizeof group_options / sizeof *group_options, &entry);
    } else if (STR_IS_IN(tool, changes)) {
        entry.kind = ENTRY_CHANGE;
        entry.names[0] = word_value(command, command->n_words - 1);
        entry.n_names = 1;
    }
    if (entry.n_names)
        *vec_push(reader->arena, &reader->entries) = entry;
}

static void read_stage(struct reader *reader, const struct stage *stage) {
    static const struct str tools[] = {STR_INIT("useradd"), STR_INIT("adduser"), STR_INIT("usermod"),
                                       STR_INIT("userdel"), STR_INIT("deluser"), STR_INIT("newusers")};
    for (uint32_t i = stage->from + 1; i < stage->end; i++) {
        const struct df_instruction *run = &stage->dockerfile->list[i];
        const struct shell_script *script = stage_script(reader->arena, run);
        for (uint32_t c = 0; script && c < script->n; c++)
            read_command(reader, &script->list[c]);
        for (uint32_t j = 0; run->kind == DF_RUN && !script && j < sizeof tools / sizeof *tools; j++)
            reader->accounts.is_whole &= !str_contains(source_slice(stage->dockerfile->source, run->at), tools[j]);
    }
}

/* --- users ---------------------------------------------------------------------------------------------------------
 */

static struct str number_text(struct arena *arena, uint32_t number) {
    return str_printf(arena, "%u", number);
}

static void add_group(struct reader *reader, const struct entry *entry) {
    struct account_group group = {.name = entry->names[0]}, *copy;
    if (entry->n_names != 1 || !str_number(entry->values[FIELD_UID], UINT32_MAX - 1, &group.gid))
        return;
    copy = arena_new(reader->arena, struct account_group);
    *copy = group;
    map_add(&reader->accounts.group_names, reader->arena, copy->name, copy);
    map_add(&reader->accounts.group_ids, reader->arena, number_text(reader->arena, copy->gid), copy);
}

static bool is_group_id(const struct reader *reader, uint32_t gid) {
    return map_get(&reader->accounts.group_ids, number_text(reader->arena, gid)) ||
           (reader->image && reader->image->gid == gid);
}

/* The id of the group that is made with the user where no other is named:
 *   busybox   the uid, or the build fails; a system user is in nogroup, 65533 on Alpine (loginutils/adduser.c)
 *   shadow    the uid, where it is free and in the range of its kind: 1000 to 60000, of system users 201 to 999 on all
 *             distributions, from whose end others are taken (useradd.c, find_new_gid.c)
 *   Debian    with --system --group and a uid, the same number (adduser.pl) */
static bool own_group_id(const struct reader *reader, const struct entry *entry, const struct account *account,
                         uint32_t *ret_gid) {
    static const struct str busybox[] = {STR_INIT("alpine"), STR_INIT("busybox"), STR_INIT("wolfi")};
    bool is_system = entry->values[FIELD_SYSTEM].p != NULL;
    *ret_gid = account->uid;
    if (!account->has_uid || is_group_id(reader, account->uid))
        return false;
    if (entry->kind == ENTRY_USERADD)
        return !entry->values[FIELD_NO_GROUP].p && account->uid >= (is_system ? 201 : 1000) &&
               account->uid <= (is_system ? 899 : 60000);
    if (!is_family(reader->image, busybox, sizeof busybox / sizeof *busybox))
        return is_system && entry->values[FIELD_OWN_GROUP].p;
    if (is_system)
        *ret_gid = 65533;
    return !is_system || str_eq(reader->image->family->name, STR("alpine"));
}

static void add_user(struct reader *reader, const struct entry *entry) {
    /* as good as root, and for persons */
    static const struct str powerful[] = {STR_INIT("adm"), STR_INIT("docker"), STR_INIT("sudo"), STR_INIT("wheel")};
    struct str group = entry->values[FIELD_GROUP];
    struct account account = {.name = entry->names[0]};
    account.has_groups = entry->values[FIELD_GROUPS].p || STR_IS_IN(group, powerful);
    account.has_uid = str_number(entry->values[FIELD_UID], UINT32_MAX - 1, &account.uid);
    account.has_gid = !group.p ? own_group_id(reader, entry, &account, &account.gid)
                               : str_number(group, UINT32_MAX - 1, &account.gid) ||
                                     account_group(&reader->accounts, group, &account.gid);
    reader->accounts.is_whole &= !str_eq(account.name, STR("$"));
    if (account_find(&reader->accounts, account.name))
        return;
    struct account *copy = arena_new(reader->arena, struct account);
    *copy = account;
    *vec_push(reader->arena, &reader->accounts.list) = copy;
    if (!str_number(copy->name, UINT32_MAX - 1, &(uint32_t){0}))
        map_add(&reader->accounts.users, reader->arena, copy->name, copy);
    if (copy->has_uid)
        map_add(&reader->accounts.users, reader->arena, number_text(reader->arena, copy->uid), copy);
}

/* What changes a user: usermod, and adduser and addgroup with two names, which put one into a group. */
static void change_user(struct reader *reader, const struct entry *entry) {
    struct accounts *accounts = &reader->accounts;
    struct account *account = account_find(accounts, entry->names[0]);
    if (account)
        account->has_groups = true;
    else
        accounts->changes_image = true;
}

struct accounts accounts_of(struct arena *arena, const struct stage *stage) {
    struct reader reader = {.arena = arena, .image = stage->image, .accounts = {.is_whole = true}};
    for (; stage; stage = stage->parent)
        read_stage(&reader, stage);
    for (uint32_t i = 0; i < reader.entries.n; i++)
        if (reader.entries.at[i].kind == ENTRY_GROUP)
            add_group(&reader, &reader.entries.at[i]);
    for (uint32_t i = 0; i < reader.entries.n; i++)
        if (reader.entries.at[i].kind <= ENTRY_ADDUSER && reader.entries.at[i].n_names == 1)
            add_user(&reader, &reader.entries.at[i]);
    for (uint32_t i = 0; i < reader.entries.n; i++)
        if (reader.entries.at[i].kind == ENTRY_CHANGE || reader.entries.at[i].n_names == 2)
            change_user(&reader, &reader.entries.at[i]);
    return reader.accounts;
}

struct account *account_find(const struct accounts *accounts, struct str user) {
    ARENA(scratch);
    uint32_t uid;
    bool is_number = str_number(user, UINT32_MAX - 1, &uid);
    return map_get(&accounts->users, is_number ? number_text(&scratch, uid) : user);
}

bool account_group(const struct accounts *accounts, struct str name, uint32_t *ret_gid) {
    const struct account_group *group = map_get(&accounts->group_names, name);
    if (group)
        *ret_gid = group->gid;
    return group != NULL;
}

/* --- names and ids that are taken ----------------------------------------------------------------------------------
 */

static bool is_word_byte(char c) {
    return str_is_alnum(c) || (c && strchr("_-./", c));
}

static bool has_whole_word(struct str text, struct str word) {
    for (uint32_t i = 0; i < text.n;) {
        uint32_t end = i;
        while (end < text.n && is_word_byte(text.p[end]))
            end++;
        if (str_eq(str_sub(text, i, end), word))
            return true;
        i = end + (end == i);
    }
    return false;
}

static bool makes_accounts(struct str text) {
    static const struct str signs[] = {STR_INIT("groupadd"), STR_INIT("addgroup"),    STR_INIT("useradd"),
                                       STR_INIT("adduser"),  STR_INIT("/etc/passwd"), STR_INIT("/etc/group")};
    for (uint32_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (str_contains(text, signs[i]))
            return true;
    return false;
}

static bool may_make(struct arena *arena, const struct stage *stage, uint32_t index, struct str word) {
    const struct df_instruction *instruction = &stage->dockerfile->list[index];
    for (uint32_t i = 0; stage_is_copy(instruction) && i < instruction->n_words; i++) {
        struct str name = path_name(instruction->words[i].text);
        if (str_eq(name, STR("passwd")) || str_eq(name, STR("group")))
            return true;
    }
    struct str text = source_slice(stage->dockerfile->source, instruction->at);
    if (instruction->kind != DF_RUN || !makes_accounts(text))
        return false;
    bool is_computed = str_contains(text, STR("$(")) || str_contains(text, STR("`"));
    text = stage_expand(arena, stage, index, text);
    return is_computed || !text.p || has_whole_word(text, word);
}

bool account_may_exist(struct arena *arena, const struct stage *stage, struct str word) {
    for (; stage; stage = stage->parent)
        for (uint32_t i = stage->from + 1; i < stage->end; i++)
            if (may_make(arena, stage, i, word))
                return true;
    return false;
}

bool account_is_written(struct arena *arena, const struct df_instruction *run) {
    if (run->kind != DF_RUN || !run->n_words || !str_contains(run->words[0].text, STR("/etc/passwd")))
        return false;
    const struct shell_script *script = stage_script(arena, run);
    for (uint32_t i = 0; script && i < script->n; i++)
        for (uint32_t j = 0; j < script->list[i].redirections.n; j++)
            if (str_eq(script->list[i].redirections.at[j].text, STR("/etc/passwd")))
                return true;
    return !script;
}
