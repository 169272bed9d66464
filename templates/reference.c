/* Prints what describes the command line, from the tables of options and rules:
 *
 *     reference man FILE           FILE, scdoc's source of the manual page, with its lines @OPTIONS@ and @RULES@ filled
 * in reference bash | zsh | fish  completions
 *
 * Run by the build, see meson.build. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What completes the argument of an option. */
enum completion { COMPLETE_NOTHING, COMPLETE_FILES, COMPLETE_FOLDERS, COMPLETE_RULES, COMPLETE_VALUES };

static bool has_short(const struct option_row *row) {
    return row->code < 256;
}

static enum completion completion_of(const struct option_row *row) {
    struct str argument = str_of(row->argument);
    if (str_eq(argument, STR("FILE")))
        return COMPLETE_FILES;
    if (str_eq(argument, STR("DIR")))
        return COMPLETE_FOLDERS;
    if (str_starts(argument, STR("RULE")))
        return COMPLETE_RULES;
    return argument.n && argument.p[0] >= 'a' && argument.p[0] <= 'z' ? COMPLETE_VALUES : COMPLETE_NOTHING;
}

/* The literal values of an argument, with a blank between them. */
static void print_values(const struct option_row *row) {
    struct str rest = str_of(row->argument), value;
    for (const char *before = ""; str_cut(&rest, '|', &value); before = " ")
        printf("%s%.*s", before, STR_ARG(str_sub(value, 0, str_find(value, 0, '['))));
}

static void print_rules(const char *between) {
    for (uint32_t i = 0; i < rules_n; i++)
        printf("%s%.*s", i ? between : "", STR_ARG(rules[i].id));
}

/* Text with a backslash before each of these characters. */
static void print_escaped(struct str text, const char *special) {
    for (uint32_t i = 0; i < text.n; i++)
        printf(strchr(special, text.p[i]) ? "\\%c" : "%c", text.p[i]);
}

/* --- the manual page --- */

static const char scdoc_special[] = "\\*_`<>[]~#";

static void print_man_option(const struct option_row *row) {
    if (has_short(row))
        printf("*-%c*, ", row->code);
    printf("*--%s*", row->name);
    if (row->argument) {
        fputs(completion_of(row) == COMPLETE_VALUES ? "=" : "=_", stdout);
        print_escaped(str_of(row->argument), scdoc_special);
        fputs(completion_of(row) == COMPLETE_VALUES ? "" : "_", stdout);
    }
    fputs("\n\t", stdout);
    print_escaped(str_of(row->help), scdoc_special);
    fputs("\n\n", stdout);
}

static void print_man_rule(const struct rule *rule) {
    printf("*%.*s*\n\t", STR_ARG(rule->id));
    print_escaped(rule->summary, scdoc_special);
    fputs(". ", stdout);
    print_escaped(rule->why, scdoc_special);
    fputs("\n\n", stdout);
}

static bool print_man(const char *path) {
    FILE *file = fopen(path, "r");
    char line[1024];
    while (file && fgets(line, sizeof line, file)) {
        bool is_options = strcmp(line, "@OPTIONS@\n") == 0, is_rules = strcmp(line, "@RULES@\n") == 0;
        for (uint32_t i = 0; is_options && i < option_rows_n; i++)
            print_man_option(&option_rows[i]);
        for (uint32_t i = 0; is_rules && i < rules_n; i++)
            print_man_rule(&rules[i]);
        if (!is_options && !is_rules)
            fputs(line, stdout);
    }
    return file && fclose(file) == 0;
}

/* --- bash --- */

static void print_bash_case(const struct option_row *row) {
    enum completion completion = completion_of(row);
    if (!row->argument)
        return;
    fputs("    ", stdout);
    if (has_short(row))
        printf("-%c | ", row->code);
    printf("--%s) ", row->name);
    if (completion == COMPLETE_VALUES) {
        fputs("values='", stdout);
        print_values(row);
        fputs("'", stdout);
    } else {
        static const char *const actions[] = {":", "actions=(-f)", "actions=(-d)", "is_rules=yes"};
        fputs(actions[completion], stdout);
    }
    puts(" ;;");
}

static void print_bash(void) {
    puts("# Completion of ironhull's command line for bash.\n"
         "_ironhull() {\n"
         "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} values='' is_rules=''\n"
         "    local -a actions=()\n"
         "    # readline takes the \"=\" of --option=value for a word\n"
         "    if [[ $current == '=' ]]; then\n"
         "        current=''\n"
         "    elif [[ $before == '=' ]]; then\n"
         "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "    fi\n"
         "    compopt -o filenames\n"
         "    case $before in");
    for (uint32_t i = 0; i < option_rows_n; i++)
        print_bash_case(&option_rows[i]);
    fputs("    *)\n"
          "        actions=(-f)\n"
          "        [[ $COMP_CWORD != 1 ]] || actions+=(-W lsp)\n"
          "        if [[ $current == -* ]]; then\n"
          "            actions=(-W '",
          stdout);
    for (uint32_t i = 0; i < option_rows_n; i++) {
        if (has_short(&option_rows[i]))
            printf("-%c ", option_rows[i].code);
        printf("--%s%s", option_rows[i].name, option_rows[i].argument ? "= " : i + 1 < option_rows_n ? " " : "");
    }
    fputs("')\n"
          "            compopt +o filenames\n"
          "        fi\n"
          "        ;;\n"
          "    esac\n"
          "    if [[ $is_rules ]]; then\n"
          "        actions=(-P \"${current%\"${current##*,}\"}\" -W '",
          stdout);
    print_rules(" ");
    puts("')\n"
         "        current=${current##*,}\n"
         "    elif [[ $values ]]; then\n"
         "        actions=(-W \"$values\")\n"
         "    fi\n"
         "    COMPREPLY=()\n"
         "    [[ ${#actions[@]} == 0 ]] || mapfile -t COMPREPLY < <(compgen \"${actions[@]}\" -- \"$current\")\n"
         "    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != --*= ]] || compopt -o nospace\n"
         "}\n"
         "complete -F _ironhull ironhull");
}

/* --- zsh --- */

static void print_zsh_text(const char *text) {
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            printf(strchr("\\[]:", *text) ? "\\%c" : "%c", *text);
}

static void print_zsh_option(const struct option_row *row) {
    static const char *const actions[] = {"", "_files", "_files -/"};
    enum completion completion = completion_of(row);
    const char *equals = row->argument ? "=" : "";
    if (has_short(row))
        printf("    '(-%c --%s)'{-%c%s,--%s%s}'[", row->code, row->name, row->code, row->argument ? "+" : "", row->name,
               equals);
    else
        printf("    '--%s%s[", row->name, equals);
    print_zsh_text(row->help);
    fputs("]", stdout);
    if (row->argument) {
        printf(":%s:", row->name);
        if (completion == COMPLETE_VALUES) {
            fputs("(", stdout);
            print_values(row);
            fputs(")", stdout);
        } else if (completion == COMPLETE_RULES) {
            fputs("_values -s , rule ", stdout);
            print_rules(" ");
        } else {
            fputs(actions[completion], stdout);
        }
    }
    puts("' \\");
}

static void print_zsh(void) {
    puts("#compdef ironhull\n"
         "# Completion of ironhull's command line for zsh.\n"
         "_arguments -s -S \\");
    for (uint32_t i = 0; i < option_rows_n; i++)
        print_zsh_option(&option_rows[i]);
    puts("    '1: :{_alternative \"commands:command:((lsp\\:\\\"language server\\\"))\" files:file:_files}' \\\n"
         "    '*:file:_files'");
}

/* --- fish --- */

static void print_fish_option(const struct option_row *row) {
    fputs("complete -c ironhull", stdout);
    if (has_short(row))
        printf(" -s %c", row->code);
    printf(" -l %s -d '", row->name);
    print_escaped(str_of(row->help), "\\'");
    fputs("'", stdout);
    if (!row->argument) {
        putchar('\n');
        return;
    }
    switch (completion_of(row)) {
    case COMPLETE_FILES:
        fputs(" -r -F", stdout);
        break;
    case COMPLETE_FOLDERS:
        fputs(" -x -a '(__fish_complete_directories)'", stdout);
        break;
    case COMPLETE_RULES:
        fputs(" -x -a \"(__fish_complete_list , 'printf %s\\\\\\n ", stdout);
        print_rules(" ");
        fputs("')\"", stdout);
        break;
    case COMPLETE_VALUES:
        fputs(" -x -a '", stdout);
        print_values(row);
        fputs("'", stdout);
        break;
    default:
        fputs(" -x", stdout);
    }
    putchar('\n');
}

static void print_fish(void) {
    puts("# Completion of ironhull's command line for fish.\n"
         "complete -c ironhull -n __fish_is_first_token -a lsp -d 'the language server, for editors'");
    for (uint32_t i = 0; i < option_rows_n; i++)
        print_fish_option(&option_rows[i]);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "man") == 0 && argc == 3)
        return print_man(argv[2]) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (strcmp(what, "bash") == 0)
        print_bash();
    else if (strcmp(what, "zsh") == 0)
        print_zsh();
    else if (strcmp(what, "fish") == 0)
        print_fish();
    else
        return fputs("usage: reference man FILE | bash | zsh | fish\n", stderr), EXIT_FAILURE;
    return EXIT_SUCCESS;
}
