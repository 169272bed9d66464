/* What the words of one program say: see templates/commands.yaml. */
#include "program_parts.h"

#include "template.h"

static bool starts_one(struct str_list words, struct template_words prefixes) {
    for (uint32_t i = 1; i < words.n; i++)
        for (uint32_t j = 0; j < prefixes.n; j++)
            if (str_starts(words.list[i], prefixes.list[j]))
                return true;
    return false;
}

static const struct command_line *find_row(struct str_list words) {
    for (uint32_t i = 0; words.n && i < template_n_commands; i++) {
        const struct command_line *row = &template_commands[i];
        if (str_is_in(path_name(words.list[0]), row->programs.list, row->programs.n) &&
            (row->words.n == 0 || starts_one(words, row->words)) && !starts_one(words, row->unless))
            return row;
    }
    return NULL;
}

/* What the word at `i` gives an option: behind "=", in the next word, or, of one letter, right behind it or behind
 * others of one letter (-qO FILE, -qO-). {NULL, 0} where it is not that option. */
static struct str option_value(struct str_list words, uint32_t i, struct str option) {
    struct str word = words.list[i], next = i + 1 < words.n ? words.list[i + 1] : STR("");
    bool is_letter = option.n == 2 && option.p[0] == '-';
    if (str_eq(word, option))
        return next;
    if (!is_letter)
        return str_starts(word, option) && word.n > option.n && word.p[option.n] == '='
                   ? str_sub(word, option.n + 1, word.n)
                   : (struct str){NULL, 0};
    if (str_starts(word, option))
        return str_sub(word, 2, word.n);
    bool is_output = word.n > 3 && str_ends(word, STR("-"));
    word.n -= is_output;
    bool is_last = word.n > 2 && word.p[0] == '-' && word.p[1] != '-' && word.p[word.n - 1] == option.p[1];
    for (uint32_t j = 1; j < word.n; j++)
        is_last &= (word.p[j] | 0x20) >= 'a' && (word.p[j] | 0x20) <= 'z';
    if (is_last && is_output)
        next = STR("-");
    return is_last ? next : (struct str){NULL, 0};
}

/* The words that are no options: the first, the last, all of them or all but the first. */
static void add_others(struct arena *arena, struct str_list words, struct str which, struct targets *ret) {
    uint32_t first = ret->list.n;
    for (uint32_t i = 1; i < words.n; i++)
        if (!str_starts(words.list[i], STR("-")))
            *vec_push(arena, &ret->list) = words.list[i];
    if (str_eq(which, STR("first")) && ret->list.n > first)
        ret->list.n = first + 1;
    if (str_eq(which, STR("rest")) && ret->list.n > first) {
        ret->list.at[first] = ret->list.at[ret->list.n - 1]; /* in any order */
        ret->list.n--;
    }
    if (str_eq(which, STR("last")) && ret->list.n > first) {
        ret->list.at[first] = ret->list.at[ret->list.n - 1];
        ret->list.n = first + 1;
    }
}

bool program_targets(struct arena *arena, struct str_list words, struct targets *ret) {
    const struct command_line *row = find_row(words);
    uint32_t first = ret->list.n;
    for (uint32_t i = 1; row && i < words.n; i++)
        for (uint32_t j = 0; j < row->behind.n; j++) {
            struct str target = option_value(words, i, row->behind.list[j]);
            if (target.p)
                *vec_push(arena, &ret->list) = target;
        }
    if (!row || ret->list.n > first || !row->otherwise.n)
        return row != NULL;
    if (str_eq(row->otherwise, STR("workdir")))
        *vec_push(arena, &ret->list) = STR(".");
    else
        add_others(arena, words, row->otherwise, ret);
    return true;
}

/* The number behind the last colon: 80, 0.0.0.0:80. */
static uint32_t port_of(struct str text) {
    uint32_t port = 0, colon = str_rfind(text, ':');
    return str_number(colon < text.n ? str_sub(text, colon + 1, text.n) : text, 65535, &port) ? port : 0;
}

uint32_t program_port(struct str_list words) {
    const struct command_line *row = find_row(words);
    uint32_t port = 0;
    for (uint32_t i = 1; row && i < words.n && !port; i++)
        for (uint32_t j = 0; j < row->ports.n && !port; j++) {
            struct str text = option_value(words, i, row->ports.list[j]);
            port = text.p ? port_of(text) : 0;
        }
    if (!row || port)
        return port;
    return port_of(str_eq(row->port, STR("last")) ? words.list[words.n - 1] : row->port);
}

bool program_is_owner_tool(struct str_list words) {
    static const struct str names[] = {STR_INIT("chgrp"), STR_INIT("chmod"), STR_INIT("chown")};
    return words.n && STR_IS_IN(path_name(words.list[0]), names);
}
