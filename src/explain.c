#include "explain.h"

enum { WIDTH = 80 };

static const struct {
    enum format format;
    const char *letter;
    struct str name;
} columns[] = {
    {FORMAT_DOCKERFILE, "D", STR_INIT("Dockerfile")},  {FORMAT_DOCKERIGNORE, "", STR_INIT(".dockerignore")},
    {FORMAT_COMPOSE, "C", STR_INIT("compose")},        {FORMAT_KUBE, "K", STR_INIT("Kubernetes")},
    {FORMAT_SECCOMP, "", STR_INIT("seccomp profile")},
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

/* Prints words from column `at` on, where the line has come to; further lines are indented by `indent`. */
static void print_words(FILE *out, struct str text, uint32_t at, uint32_t indent) {
    struct str word;
    for (bool is_first = true; str_cut(&text, ' ', &word); is_first = false) {
        bool is_broken = !is_first && at + 1 + word.n > WIDTH;
        if (is_broken)
            fprintf(out, "\n%*s", (int)indent, "");
        else if (!is_first)
            fputc(' ', out);
        fprintf(out, "%.*s", STR_ARG(word));
        at = (is_broken ? indent : at + !is_first) + word.n;
    }
    fputc('\n', out);
}

static const char *fixes_of(const struct rule *rule) {
    return rule->has_safe ? rule->has_unsafe ? "safe, unsafe" : "safe" : rule->has_unsafe ? "unsafe" : "notes only";
}

void explain_table(FILE *out) {
    fputs("rule               files  fixes         what it does\n", out);
    for (uint32_t i = 0; i < rules_n; i++) {
        const struct rule *rule = &rules[i];
        fprintf(out, "%-18.*s ", STR_ARG(rule->id));
        for (uint32_t j = 0; j < N_COLUMNS; j++)
            if (*columns[j].letter)
                fprintf(out, "%s ", rule->check[columns[j].format] ? columns[j].letter : "-");
        fprintf(out, " %-12s  ", fixes_of(rule));
        print_words(out, rule->summary, 40, 40);
    }
    fputs("\nfiles: D Dockerfile, C compose file, K Kubernetes manifest\n"
          "fixes: safe ones are applied by default, unsafe ones with --unsafe-fixes; what\n"
          "       has neither is reported\n"
          "\nironhull --explain RULE tells more of one.\n",
          out);
}

static void print_section(FILE *out, const char *title, struct str text) {
    fprintf(out, "\n%s\n  ", title);
    print_words(out, text, 2, 2);
}

static void print_formats(FILE *out, const struct rule *rule) {
    fputs("\nWhat a file gets\n", out);
    for (uint32_t i = 0; i < N_COLUMNS; i++) {
        struct str text = rule->gets[columns[i].format];
        if (text.n == 0)
            continue;
        fprintf(out, "  %.*s: ", STR_ARG(columns[i].name));
        print_words(out, text, columns[i].name.n + 4, 4);
    }
}

/* How to leave a rule out, from the narrowest way to the widest. */
static void print_ways_out(FILE *out, const struct rule *rule) {
    fprintf(out,
            "\nHow to leave it out\n"
            "  in one place, with a comment above it:\n"
            "    # ironhull: ignore=%.*s -- the reason\n"
            "  for the files below a folder, in its .ironhull.yaml:\n"
            "    rules: {%.*s: off}\n"
            "  in one run:\n"
            "    ironhull --ignore=%.*s .\n"
            "  for all that is there today, so that --check fails only for what is new:\n"
            "    ironhull --write-baseline=FILE . && ironhull --check --baseline=FILE .\n",
            STR_ARG(rule->id), STR_ARG(rule->id), STR_ARG(rule->id));
}

void explain_rule(FILE *out, const struct rule *rule) {
    fprintf(out, "%.*s: ", STR_ARG(rule->id));
    print_words(out, rule->summary, rule->id.n + 2, 2);
    fprintf(out, "fixes: %s\n", fixes_of(rule));
    print_section(out, "Why", rule->why);
    print_section(out, "What may break", rule->may_break);
    print_formats(out, rule);
    print_ways_out(out, rule);
    fputs("\nSources\n", out);
    for (uint32_t i = 0; i < rule->sources.n; i++)
        fprintf(out, "  %.*s\n", STR_ARG(rule->sources.list[i]));
}
