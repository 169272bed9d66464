/* What the builder refuses only after parsing: instructions that cannot be, and wrong numbers of arguments. */
#include "dockerfile_parts.h"

#include "guess.h"

#include <string.h>

struct check {
    struct dockerfile *file;
    struct diags *diags;
    bool is_good;
};

__attribute__((format(printf, 3, 4))) static void refuse(struct check *check, struct span at, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str message = str_vprintf(check->diags->arena, format, args);
    va_end(args);
    diag_at(check->diags, check->file->source, at.start, "%.*s", STR_ARG(message));
    check->is_good = false;
}

static struct str upper(struct arena *arena, struct str s) {
    char *copy = str_c(arena, s);
    for (uint32_t i = 0; i < s.n; i++)
        if (copy[i] >= 'a' && copy[i] <= 'z')
            copy[i] = (char)(copy[i] - 'a' + 'A');
    return (struct str){copy, s.n};
}

/* Rows in the order of enum df_kind. */
static const struct {
    const char *name;
    uint32_t least; /* arguments, or for ENV and LABEL their parts */
    const char *form;
} rows[] = {
    [DF_ADD] = {"ADD", 2, "ADD <source>… <destination>"},
    [DF_ARG] = {"ARG", 1, "ARG <name>[=<default>]"},
    [DF_CMD] = {"CMD", 0, ""},
    [DF_COPY] = {"COPY", 2, "COPY <source>… <destination>"},
    [DF_ENTRYPOINT] = {"ENTRYPOINT", 0, ""},
    [DF_ENV] = {"ENV", 1, "ENV <name>=<value>"},
    [DF_EXPOSE] = {"EXPOSE", 1, "EXPOSE <port>[/<protocol>]"},
    [DF_FROM] = {"FROM", 1, "FROM <image> [AS <name>]"},
    [DF_HEALTHCHECK] = {"HEALTHCHECK", 1, "HEALTHCHECK CMD <command>, or HEALTHCHECK NONE"},
    [DF_LABEL] = {"LABEL", 1, "LABEL <name>=<value>"},
    [DF_MAINTAINER] = {"MAINTAINER", 1, "LABEL org.opencontainers.image.authors=<name>"},
    [DF_ONBUILD] = {"ONBUILD", 0, "ONBUILD <instruction>"},
    [DF_RUN] = {"RUN", 0, ""},
    [DF_SHELL] = {"SHELL", 1, "SHELL [\"<program>\", \"<argument>\"…]"},
    [DF_STOPSIGNAL] = {"STOPSIGNAL", 1, "STOPSIGNAL <signal>"},
    [DF_USER] = {"USER", 1, "USER <user>[:<group>]"},
    [DF_VOLUME] = {"VOLUME", 1, "VOLUME <path>…"},
    [DF_WORKDIR] = {"WORKDIR", 1, "WORKDIR <path>"},
};

enum { N_ROWS = sizeof rows / sizeof *rows };

static struct str nearest(struct arena *arena, struct str name) {
    struct guess guess = {.word = name, .offers = {.arena = arena}};
    for (uint32_t i = DF_UNKNOWN + 1; i < N_ROWS; i++)
        guess_offer(&guess, str_of(rows[i].name));
    return guess.best;
}

static void check_unknown(struct check *check, const struct df_instruction *in) {
    struct str name = upper(check->diags->arena, in->keyword);
    struct str meant = nearest(check->diags->arena, name);
    if (name.n == 0)
        refuse(check, in->at, "a continuation of nothing: no instruction before the end of the file");
    else if (str_starts(name, STR("\xef\xbb\xbf")))
        refuse(check, in->keyword_at, "a byte order mark before the instruction: remove it");
    else if (meant.p)
        refuse(check, in->keyword_at, "unknown instruction %.*s: did you mean %.*s?", STR_ARG(name), STR_ARG(meant));
    else
        refuse(check, in->keyword_at, "unknown instruction %.*s", STR_ARG(name));
}

static bool is_stage_name(struct str name) {
    for (uint32_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && (i == 0 || !c || !strchr("0123456789-_.", c)))
            return false;
    }
    return name.n > 0;
}

static void check_from(struct check *check, const struct df_instruction *in) {
    bool has_name = in->n_words == 3 && str_eq_nocase(in->words[1].text, STR("as"));
    if (in->n_words != 1 && !has_name)
        refuse(check, in->n_words > 1 ? in->words[1].at : in->keyword_at,
               "FROM takes an image, or an image, AS and a name");
    else if (has_name && !is_stage_name(in->words[2].text))
        refuse(check, in->words[2].at,
               "\"%.*s\" cannot name a stage: a letter comes first, then letters, digits, \"-\", \"_\" and \".\"",
               STR_ARG(in->words[2].text));
}

static void check_onbuild(struct check *check, const struct df_instruction *in) {
    const struct df_instruction *inner = in->onbuild;
    if (!inner)
        refuse(check, in->keyword_at, "ONBUILD without an instruction: write %s", rows[DF_ONBUILD].form);
    else if (inner->kind == DF_ONBUILD || inner->kind == DF_FROM || inner->kind == DF_MAINTAINER)
        refuse(check, inner->keyword_at, "%s cannot come behind ONBUILD", rows[inner->kind].name);
}

static void check_health(struct check *check, const struct df_instruction *in) {
    bool is_none = str_eq_nocase(in->words[0].text, STR("none"));
    if (!is_none && !str_eq_nocase(in->words[0].text, STR("cmd")))
        refuse(check, in->words[0].at, "HEALTHCHECK %.*s: write %s", STR_ARG(in->words[0].text),
               rows[DF_HEALTHCHECK].form);
    else if (is_none && in->n_words > 1)
        refuse(check, in->words[1].at, "HEALTHCHECK NONE takes no arguments");
    else if (!is_none && in->n_words == 1)
        refuse(check, in->words[0].at, "HEALTHCHECK CMD without a command");
}

/* The destination of COPY and ADD is a path. */
static void check_destination(struct check *check, const struct df_instruction *in) {
    const struct df_word *last = &in->words[in->n_words - 1];
    if (df_is_heredoc(last->text))
        refuse(check, last->at, "a here-document cannot be the destination of %s", rows[in->kind].name);
}

static void check_names(struct check *check, const struct df_instruction *in) {
    uint32_t step = in->kind == DF_ARG ? 1 : 3;
    for (uint32_t i = 0; i < in->n_words; i += step) {
        const struct df_word *word = &in->words[i];
        if (word->text.n == 0 || (step == 1 && *word->text.p == '='))
            refuse(check, word->at, "%s with an empty name", rows[in->kind].name);
    }
}

static void check_arguments(struct check *check, const struct df_instruction *in) {
    if (in->n_words < rows[in->kind].least) {
        refuse(check, in->keyword_at, "%s with too few arguments: write %s", rows[in->kind].name, rows[in->kind].form);
        return;
    }
    switch (in->kind) {
    case DF_FROM:
        check_from(check, in);
        break;
    case DF_ONBUILD:
        check_onbuild(check, in);
        break;
    case DF_HEALTHCHECK:
        check_health(check, in);
        break;
    case DF_ADD:
    case DF_COPY:
        check_destination(check, in);
        break;
    case DF_ARG:
    case DF_ENV:
    case DF_LABEL:
        check_names(check, in);
        break;
    case DF_SHELL:
        if (!in->is_json)
            refuse(check, in->args, "SHELL needs the exec form: write %s", rows[DF_SHELL].form);
        break;
    case DF_VOLUME:
        for (uint32_t i = 0; i < in->n_words; i++)
            if (df_skip_space(in->words[i].text, 0, in->words[i].text.n) == in->words[i].text.n)
                refuse(check, in->words[i].at, "VOLUME with an empty path");
        break;
    default:
        break;
    }
}

bool dockerfile_check(struct dockerfile *dockerfile, struct diags *diags) {
    struct check check = {dockerfile, diags, true};
    const struct df_instruction *early = NULL;
    bool has_stage = false;
    for (uint32_t i = 0; i < dockerfile->n; i++) {
        const struct df_instruction *in = &dockerfile->list[i];
        if (in->kind == DF_UNKNOWN) {
            check_unknown(&check, in);
            continue;
        }
        has_stage |= in->kind == DF_FROM;
        if (!has_stage && in->kind != DF_ARG && !early)
            early = in;
        check_arguments(&check, in);
    }
    if (!has_stage)
        refuse(&check, (early ? early : dockerfile->list)->at, "no build stage: add a FROM instruction");
    else if (early)
        refuse(&check, early->keyword_at, "%s before the first FROM: only ARG can come there", rows[early->kind].name);
    return check.is_good;
}
