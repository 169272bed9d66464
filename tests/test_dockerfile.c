/* The Dockerfile parser: syntax by cases, spans, expansion, and the files of the corpus. */
#include "fuzz/fuzz_dockerfile.c" /* its checks run here over real files */

#include <criterion/criterion.h>
#include <dirent.h>
#include <sys/stat.h>

struct parsed {
    struct source source;
    struct diags diags;
    struct dockerfile *file;
};

static struct parsed *parse_bytes(struct arena *arena, struct str text) {
    struct parsed *parsed = arena_new(arena, struct parsed);
    parsed->source = source_from(arena, STR("Dockerfile"), text, FORMAT_DOCKERFILE);
    parsed->diags.arena = arena;
    parsed->file = dockerfile_parse(arena, &parsed->source, &parsed->diags);
    return parsed;
}

static struct parsed *parse(struct arena *arena, const char *text) {
    return parse_bytes(arena, str_of(text));
}

static const char *dump(struct arena *arena, const char *text) {
    struct parsed *parsed = parse(arena, text);
    struct buf out = {.arena = arena};
    if (!parsed->file)
        return "refused";
    dockerfile_dump(parsed->file, &out);
    LLVMFuzzerTestOneInput((const uint8_t *)text, strlen(text));
    return buf_str(&out).p;
}

static const char *slice(struct arena *arena, const struct parsed *parsed, struct span at) {
    return str_c(arena, source_slice(&parsed->source, at));
}

Test(dockerfile, places) {
    ARENA(arena);
    struct buf out = {.arena = &arena};
    const char *text = "\\\nFROM a\n\nrun <<A \\\n<<B\na\nA\nb\nB\n# x\nONBUILD CMD [\"b\", \\\n# y\n\"c\"]\nCMD []";
    dockerfile_dump_places(parse(&arena, text)->file, &out);
    cr_expect_str_eq(buf_str(&out).p,
                     "  ;; FROM L1-2\n  ;; RUN L4-9\n  ;; ONBUILD L11-13 exec\n  ;; CMD L14-14 exec\n");
}

struct dump_case {
    const char *name, *text, *dump;
};

static void run_dumps(const struct dump_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        ARENA(arena);
        const char *got = dump(&arena, cases[i].text);
        cr_expect_str_eq(got, cases[i].dump, "%s: got %s", cases[i].name, got);
    }
}

#define RUN_DUMPS(cases) run_dumps((cases), sizeof(cases) / sizeof *(cases))

Test(dockerfile, directives) {
    static const struct dump_case cases[] = {
        {"escape", "# escape=`\nRUN a `\n b\n", "(run \"a  b\")\n"},
        {"any case, spaces, indented", "  #  EsCape =  `  \nRUN a `\n b\n", "(run \"a  b\")\n"},
        {"behind another directive", "# syntax=one/two:3\n# check=skip=all\n# escape=`\nRUN a`\nb\n", "(run \"ab\")\n"},
        {"not behind a blank line", "\n# escape=`\nRUN a `\n", "(run \"a `\")\n"},
        {"not behind a comment", "# note\n# escape=`\nRUN a `\n", "(run \"a `\")\n"},
        {"not behind an unknown one", "# colour=red\n# escape=`\nRUN a `\n", "(run \"a `\")\n"},
        {"not behind an instruction", "ARG q\n# escape=`\nRUN a `\n", "(arg \"q\")\n(run \"a `\")\n"},
        {"not behind #!", "#!/usr/bin/env x\n# escape=`\nRUN a `\n", "(run \"a `\")\n"},
        {"behind a byte order mark", "\xef\xbb\xbf#escape=`\nRUN a`\nb\n", "(run \"ab\")\n"},
        {"the default said aloud", "# escape=\\\nRUN a\\\nb\n", "(run \"ab\")\n"},
        {"twice", "# check=a\n# check=b\nRUN a\n", "refused"},
        {"another character", "# escape=^\nRUN a\n", "refused"},
        {"two characters", "# escape=``\nRUN a\n", "refused"},
        {"a value of white space", "# escape= \nRUN a\n", "refused"},
        {"no value", "# escape=\nRUN a `\n", "(run \"a `\")\n"},
    };
    RUN_DUMPS(cases);
}

Test(dockerfile, lines) {
    static const struct dump_case cases[] = {
        {"no final newline", "RUN a", "(run \"a\")\n"},
        {"CRLF", "RUN a\r\nUSER b\r\n", "(run \"a\")\n(user \"b\")\n"},
        {"several CR", "RUN a\r\r\nUSER b", "(run \"a\")\n(user \"b\")\n"},
        {"CR alone ends no line", "EXPOSE 1\r2\r", "(expose \"1\" \"2\")\n"},
        {"byte order mark", "\xef\xbb\xbfRUN a\n", "(run \"a\")\n"},
        {"white space of all kinds", " \t\v\f\xc2\xa0\xe3\x80\x80RUN\t \v a \xe2\x80\x83\n", "(run \"a\")\n"},
        {"no separator but ASCII", "RUN\xc2\xa0x a\n", "(run\xc2\xa0x \"\")\n"},
        {"any case", "rUn a\n", "(run \"a\")\n"},
        {"a Kelvin sign is a k",
         "WOR\xe2\x84\xaa"
         "DIR /a\n",
         "(workdir \"/a\")\n"},
        {"a dotted capital is an i",
         "V\xc4\xb0"
         "SIT a\n",
         "(visit \"\")\n"},
        {"what Go escapes", "USER \x01\xff\xe2\x80\x8b\xf3\xa0\x80\x81\n", "(user \"\\x01\\xff\\u200b\\U000e0001\")\n"},
        {"unknown", "FROG a b\n", "(frog \"\")\n"},
        {"comments and blanks", "# a\n\n  # b\nRUN c # d\n", "(run \"c # d\")\n"},
        {"only comments", "# a\n\n", "refused"},
        {"nothing", "", "refused"},
    };
    RUN_DUMPS(cases);
}

Test(dockerfile, longest_line) {
    ARENA(arena);
    char *line = arena_alloc(&arena, 70000);
    memset(line, 'x', 70000);
    memcpy(line, "RUN ", 4);
    line[65535] = '\n';
    cr_expect(parse_bytes(&arena, (struct str){line, 65536})->file);
    cr_expect(parse_bytes(&arena, (struct str){line, 65535})->file);
    line[65535] = 'x';
    line[65536] = '\n';
    struct parsed *parsed = parse_bytes(&arena, (struct str){line, 65537});
    cr_assert(!parsed->file);
    cr_expect(str_contains(parsed->diags.list.at[0].message, STR("65535")));
}

Test(dockerfile, continuations) {
    static const struct dump_case cases[] = {
        {"white space behind", "RUN a \\ \t\n b\n", "(run \"a  b\")\n"},
        {"two are none", "RUN a\\\\\nUSER b\n", "(run \"a\\\\\\\\\")\n(user \"b\")\n"},
        {"three are none", "RUN a\\\\\\\nUSER b\n", "(run \"a\\\\\\\\\\\\\")\n(user \"b\")\n"},
        {"not the other character", "RUN a `\nUSER b\n", "(run \"a `\")\n(user \"b\")\n"},
        {"comments within", "RUN a \\\n# no\n  # nor this \\\n b\n", "(run \"a  b\")\n"},
        {"comments within quotes", "RUN 'a\\\n# no\n b'\n", "(run \"'a b'\")\n"},
        {"blank lines within", "RUN a && \\\n\nUSER b\n",
         "(run \"a && USER b\")\n  ;; WARN Empty continuation line found in: RUN a && USER b\n"},
        {"at the end of the file", "RUN a \\", "(run \"a\")\n"},
        {"then only comments", "RUN a \\\n# b\n# c", "(run \"a\")\n"},
        {"in the keyword", "EXP\\\nOSE 8\\\n0\n", "(expose \"80\")\n"},
        {"alone in front", "\\\n  \\\nRUN a\n", "(run \"a\")\n"},
        {"alone at the end", "RUN a\n\\\n", "(run \"a\")\n(\"\")\n"},
        {"CRLF", "RUN a \\\r\n  b\r\n", "(run \"a   b\")\n"},
        {"of an array", "CMD [\"a\",\\\n # no\n \"b\"]\n", "(cmd \"a\" \"b\")\n"},
    };
    RUN_DUMPS(cases);
}

Test(dockerfile, flags) {
    static const struct dump_case cases[] = {
        {"several", "RUN --mount=type=cache,dst=/c --network=none a --b\n",
         "(run [\"--mount=type=cache,dst=/c\" \"--network=none\"] \"a --b\")\n"},
        {"without value", "COPY --link a b\n", "(copy [\"--link\"] \"a\" \"b\")\n"},
        {"quotes and escapes", "COPY --chown=\"a b\":c\\ d --from='e' f g\n",
         "(copy [\"--chown=a b:c d\" \"--from=e\"] \"f\" \"g\")\n"},
        {"over lines", "COPY --fr\\\nom=a \\\n # no\n --link b c\n", "(copy [\"--from=a\" \"--link\"] \"b\" \"c\")\n"},
        {"ended by --", "COPY --link -- --a b\n", "(copy [\"--link\"] \"--a\" \"b\")\n"},
        {"-- at the end", "RUN --\n", "(run)\n"},
        {"bytes are Latin-1", "RUN --a=\xc3\xa9 b\n", "(run [\"--a=\xc3\x83\xc2\xa9\"] \"b\")\n"},
        {"a lone escape at the end", "RUN --a\\\\\\\n", "(run [\"--a\\\\\"])\n"},
        {"one dash", "RUN -a\n", "(run \"-a\")\n"},
        {"only flags", "RUN --a\n", "(run [\"--a\"])\n"},
        {"of an unknown instruction", "FROG --a b\n", "(frog [\"--a\"] \"\")\n"},
    };
    RUN_DUMPS(cases);
    ARENA(arena);
    struct parsed *parsed = parse(&arena, "COPY --chown=1 --link --chown='2' a b\n");
    struct df_instruction *in = parsed->file->list;
    cr_expect(str_eq(df_flag(in, STR("chown")), STR("2")));
    cr_expect(!df_flag(in, STR("link")).p && !df_flag(in, STR("from")).p);
    cr_expect_str_eq(slice(&arena, parsed, in->flags[2].at), "--chown='2'");
    cr_expect_str_eq(slice(&arena, parsed, in->args), "a b");
}

Test(dockerfile, exec_form) {
    static const struct dump_case cases[] = {
        {"escapes", "CMD [\"\\u0041\\n\\\"\\/\", \"\\ud83d\\ude00\"]\n", "(cmd \"A\\n\\\"/\" \"\xf0\x9f\x98\x80\")\n"},
        {"half a pair", "CMD [\"\\ud83d\"]\n", "(cmd \"\xef\xbf\xbd\")\n"},
        {"empty", "CMD [ ]\nENTRYPOINT []\nVOLUME []\n", "(cmd)\n(entrypoint)\n(volume)\n"},
        {"of paths", "COPY [\"a b\", \"c\"]\nADD [\"a\",\"b\"]\nVOLUME [\"/v\"]\n",
         "(copy \"a b\" \"c\")\n(add \"a\" \"b\")\n(volume \"/v\")\n"},
        {"of SHELL", "SHELL [\"sh\", \"-c\"]\n", "(shell \"sh\" \"-c\")\n"},
        {"single quotes", "CMD ['a']\n", "(cmd \"['a']\")\n"},
        {"comma at the end", "CMD [\"a\",]\n", "(cmd \"[\\\"a\\\",]\")\n"},
        {"something behind", "CMD [\"a\"] b\n", "(cmd \"[\\\"a\\\"] b\")\n"},
        {"wrong escape", "CMD [\"a\\x\"]\n", "(cmd \"[\\\"a\\\\x\\\"]\")\n"},
        {"a tab in a string", "CMD [\"a\tb\"]\n", "(cmd \"[\\\"a\\tb\\\"]\")\n"},
        {"shell form of paths", "VOLUME ['a' b]\n", "(volume \"['a'\" \"b]\")\n"},
        {"a number too large", "CMD [1e999]\n", "(cmd \"[1e999]\")\n"},
        {"no such number", "CMD [01]\n", "(cmd \"[01]\")\n"},
        {"not in ENV", "ENV [\"a\"]=b\n", "(env \"[\\\"a\\\"]\" \"b\" \"=\")\n"},
        {"a number", "CMD [\"a\", 1]\n", "refused"},
        {"null", "CMD [null]\n", "refused"},
        {"nested", "RUN [\"a\", [\"b\"], {\"c\": [1.5e+3, true, false]}]\n", "refused"},
    };
    RUN_DUMPS(cases);
    ARENA(arena);
    struct parsed *parsed = parse(&arena, "CMD [ \"a\" ,\\\n \"b\\\"c\" ]\n");
    cr_assert(parsed->file->list->is_json);
    cr_expect_str_eq(slice(&arena, parsed, parsed->file->list->words[0].at), "\"a\"");
    cr_expect_str_eq(slice(&arena, parsed, parsed->file->list->words[1].at), "\"b\\\"c\"");
}

/* Go's strconv.ParseFloat refuses what a float64 cannot hold: then it is no array, but a line for the shell. */
Test(dockerfile, long_numbers) {
    for (int n = 308; n <= 310; n++) {
        ARENA(arena);
        struct parsed *parsed = parse(&arena, str_printf(&arena, "CMD [%0*d]\n", n, 0).p);
        cr_expect(parsed->file && !parsed->file->list->is_json, "zeros lead no number");
        parsed = parse(&arena, str_printf(&arena, "CMD [1%0*d]\n", n, 0).p);
        cr_expect_eq(parsed->file != NULL, n > 308, "10^%d", n);
    }
}

Test(dockerfile, nesting_of_arrays_is_bounded) {
    ARENA(arena);
    for (uint32_t depth = 10000; depth <= 10001; depth++) {
        struct buf text = {.arena = &arena};
        buf_add(&text, STR("CMD "));
        for (uint32_t i = 0; i < depth; i++)
            buf_byte(&text, '[');
        for (uint32_t i = 0; i < depth; i++)
            buf_byte(&text, ']');
        /* the deepest array that Go follows holds no string; one level more is no JSON */
        cr_expect_eq(parse_bytes(&arena, buf_str(&text))->file != NULL, depth > 10000);
    }
}

Test(dockerfile, words) {
    static const struct dump_case cases[] = {
        {"pairs", "ENV A=b C=\"d e\" F=g\\ h I='j k' L=\n",
         "(env \"A\" \"b\" \"=\" \"C\" \"\\\"d e\\\"\" \"=\" \"F\" \"g\\\\ h\" \"=\" \"I\" \"'j k'\" \"=\" \"L\" \"\" "
         "\"=\")\n"},
        {"the old form", "ENV A b  c=d \nLABEL e\tf\n", "(env \"A\" \"b  c=d\" \"\")\n(label \"e\" \"f\" \"\")\n"},
        {"a quoted name", "LABEL \"a b\"=c\n", "(label \"\\\"a b\\\"\" \"c\" \"=\")\n"},
        {"an equals sign in the value", "ENV A=b=c\n", "(env \"A\" \"b=c\" \"=\")\n"},
        {"mixed", "ENV A=b C\n", "refused"},
        {"a name alone", "ENV A\n", "refused"},
        {"none", "ENV\nLABEL\nARG\nUSER\nFROM\nRUN\n", "(env)\n(label)\n(arg)\n(user)\n(from)\n(run)\n"},
        {"several ARG", "ARG a b=\"c d\" e='f\n", "(arg \"a\" \"b=\\\"c d\\\"\" \"e='f\")\n"},
        {"other escape", "# escape=`\nENV A=b` c\n", "(env \"A\" \"b` c\" \"=\")\n"},
        {"lone escape at the end", "ARG a\\\\\\\n", "(arg \"a\\\\\\\\\")\n"},
        {"white space in lists", "FROM a \t\v as\fb\n", "(from \"a\" \"as\" \"b\")\n"},
        {"health checks", "HEALTHCHECK --retries=2 CMD a b\nHEALTHCHECK none\nHEALTHCHECK CMD [\"a\",\"b\"]\n",
         "(healthcheck [\"--retries=2\"] \"CMD\" \"a b\")\n(healthcheck \"none\")\n(healthcheck \"CMD\" \"a\" "
         "\"b\")\n"},
        {"a wide space before the array", "HEALTHCHECK CMD \xc2\xa0[\"a\"]\n", "(healthcheck \"CMD\" \"a\")\n"},
        {"one text", "MAINTAINER a  b\nSTOPSIGNAL 9 \nWORKDIR /a b\n",
         "(maintainer \"a  b\")\n(stopsignal \"9\")\n(workdir \"/a b\")\n"},
        {"onbuild", "ONBUILD RUN --a b\nONBUILD onbuild ENV c=d\nONBUILD\n",
         "(onbuild (run [\"--a\"] \"b\"))\n(onbuild (onbuild (env \"c\" \"d\" \"=\")))\n(onbuild)\n"},
    };
    RUN_DUMPS(cases);
}

Test(dockerfile, heredocs) {
    static const struct dump_case cases[] = {
        {"in RUN", "RUN <<X\na\n\nX\nUSER b\n",
         "(run \"<<X\")\n(user \"b\")\n  ;; RUN L1-4 heredoc name=\"X\" fd=0 expand=true chomp=false "
         "content=\"a\\n\\n\"\n"},
        {"two in COPY, one quoted", "COPY <<X <<'Y' /z/\na\nX\nY\n",
         "(copy \"<<X\" \"<<'Y'\" \"/z/\")\n"
         "  ;; COPY L1-4 heredoc name=\"X\" fd=0 expand=true chomp=false content=\"a\\n\"\n"
         "  ;; COPY L1-4 heredoc name=\"Y\" fd=0 expand=false chomp=false content=\"\"\n"},
        {"partly quoted", "RUN <<X\"Y\"\nXY\n",
         "(run \"<<X\\\"Y\\\"\")\n  ;; RUN L1-2 heredoc name=\"XY\" fd=0 expand=false chomp=false content=\"\"\n"},
        {"tabs off", "RUN 3<<-X\n\ta\n\t\tX",
         "(run \"3<<-X\")\n  ;; RUN L1-3 heredoc name=\"X\" fd=3 expand=true chomp=true content=\"\\ta\\n\"\n"},
        {"behind continuations", "RUN <<X \\\n# no\n b\nc \\\nX\n",
         "(run \"<<X  b\")\n  ;; RUN L1-5 heredoc name=\"X\" fd=0 expand=true chomp=false content=\"c \\\\\\n\"\n"},
        {"space before the name", "RUN cat << X\nX\n",
         "(run \"cat << X\")\n  ;; RUN L1-2 heredoc name=\"X\" fd=0 expand=true chomp=false content=\"\"\n"},
        {"behind variables of every form", "RUN a $b ${c} ${d:-e} ${f/g/h} ${i//j/k} '$l' <<X\nX\n",
         "(run \"a $b ${c} ${d:-e} ${f/g/h} ${i//j/k} '$l' <<X\")\n"
         "  ;; RUN L1-2 heredoc name=\"X\" fd=0 expand=true chomp=false content=\"\"\n"},
        {"glued to what follows", "RUN cat <<X|sort\nX|sort\n",
         "(run \"cat <<X|sort\")\n  ;; RUN L1-2 heredoc name=\"X|sort\" fd=0 expand=true chomp=false content=\"\"\n"},
        {"CRLF", "RUN <<X\r\na\r\nX\r\n",
         "(run \"<<X\")\n  ;; RUN L1-3 heredoc name=\"X\" fd=0 expand=true chomp=false content=\"a\\r\\n\"\n"},
        {"in a variable's word", "RUN ${a:- <<X }\nX\n",
         "(run \"${a:- <<X }\")\n  ;; RUN L1-2 heredoc name=\"X\" fd=0 expand=true chomp=false content=\"\"\n"},
        {"behind ONBUILD", "ONBUILD COPY <<X /a\nX\n",
         "(onbuild (copy \"<<X\" \"/a\"))\n"
         "  ;; ONBUILD L1-2 heredoc name=\"X\" fd=0 expand=true chomp=false content=\"\"\n"},
        {"always with a backslash", "# escape=`\nRUN <<\\X\nX\n",
         "(run \"<<\\\\X\")\n  ;; RUN L2-3 heredoc name=\"X\" fd=0 expand=true chomp=false content=\"\"\n"},
        {"not in other instructions", "CMD <<X\nENTRYPOINT <<X\nENV A=<<X\nUSER <<X\n",
         "(cmd \"<<X\")\n(entrypoint \"<<X\")\n(env \"A\" \"<<X\" \"=\")\n(user \"<<X\")\n"},
        {"not in arrays", "RUN [\"<<X\"]\n", "(run \"<<X\")\n"},
        {"not glued in front", "RUN cat<<X\n", "(run \"cat<<X\")\n"},
        {"not three", "RUN cat <<<X\n", "(run \"cat <<<X\")\n"},
        {"not quoted or escaped", "RUN a \"<<X\" \\<<X\n", "(run \"a \\\"<<X\\\" \\\\<<X\")\n"},
        {"not behind an open quote", "RUN it's <<X\n", "(run \"it's <<X\")\n"},
        {"not behind what only bash has", "RUN ${a^} <<X\n", "(run \"${a^} <<X\")\n"},
        {"not with space behind the dash", "RUN <<- X\n", "(run \"<<- X\")\n"},
        {"without an end", "RUN <<X\na\nX \n", "refused"},
        {"in a comment of the shell", "RUN a # <<X\n", "refused"},
        {"malformed name", "RUN ${a:- <<'b c'}\n", "refused"},
    };
    RUN_DUMPS(cases);
    ARENA(arena);
    struct parsed *parsed = parse(&arena, "RUN <<-X <<Y; a\n\tb\n\t c\nX\nd\nY;\n\nUSER e\n");
    struct df_instruction *in = parsed->file->list;
    cr_expect(str_eq(in->heredocs[0].content, STR("b\n c\n")));
    cr_expect_str_eq(slice(&arena, parsed, in->heredocs[0].at), "\tb\n\t c\nX");
    cr_expect_str_eq(slice(&arena, parsed, in->heredocs[1].at), "d\nY;");
    cr_expect_str_eq(slice(&arena, parsed, in->head), "RUN <<-X <<Y; a");
    cr_expect_eq(in->at.end, in->heredocs[1].at.end);
}

Test(dockerfile, spans) {
    ARENA(arena);
    struct parsed *parsed =
        parse(&arena, "# syntax=s\n\n# one\n# two\n  cO\\\r\npy --li\\\n# no\nnk \"a\\\n b\" c \r\nUSER d");
    struct df_instruction *copy = parsed->file->list, *user = copy + 1;
    cr_expect_eq(parsed->file->body, strlen("# syntax=s\n"));
    cr_expect_eq(copy->top, strlen("# syntax=s\n\n"));
    cr_expect_str_eq(slice(&arena, parsed, copy->at), "cO\\\r\npy --li\\\n# no\nnk \"a\\\n b\" c ");
    cr_expect_str_eq(slice(&arena, parsed, copy->keyword_at), "cO\\\r\npy");
    cr_expect(str_eq(copy->keyword, STR("copy")));
    cr_expect_str_eq(slice(&arena, parsed, copy->flags[0].at), "--li\\\n# no\nnk");
    cr_expect_str_eq(slice(&arena, parsed, copy->args), "\"a\\\n b\" c");
    cr_expect_str_eq(slice(&arena, parsed, copy->words[0].at), "\"a");
    cr_expect_str_eq(slice(&arena, parsed, copy->words[1].at), "b\"");
    cr_expect_str_eq(slice(&arena, parsed, copy->words[2].at), "c");
    cr_expect_str_eq(slice(&arena, parsed, user->at), "USER d");
    cr_expect_eq(user->top, user->at.start);
    cr_expect(!user->is_open);
}

Test(dockerfile, spans_of_pairs) {
    ARENA(arena);
    struct parsed *parsed = parse(&arena, "ENV A=\"b\\\nc\" \\\n  D=\nENV E \\\n  f g\n");
    struct df_word *words = parsed->file->list[0].words, *legacy = parsed->file->list[1].words;
    cr_expect_str_eq(slice(&arena, parsed, words[0].at), "A");
    cr_expect_str_eq(slice(&arena, parsed, words[1].at), "\"b\\\nc\"");
    cr_expect(str_eq(words[1].text, STR("\"bc\"")));
    cr_expect_str_eq(slice(&arena, parsed, words[2].at), "=");
    cr_expect_str_eq(slice(&arena, parsed, words[3].at), "D");
    cr_expect_str_eq(slice(&arena, parsed, words[4].at), "");
    cr_expect_eq(words[4].at.start, words[5].at.end);
    cr_expect_str_eq(slice(&arena, parsed, legacy[0].at), "E");
    cr_expect_str_eq(slice(&arena, parsed, legacy[1].at), "f g");
    cr_expect_str_eq(slice(&arena, parsed, legacy[2].at), "");
}

Test(dockerfile, spans_without_arguments) {
    ARENA(arena);
    struct parsed *parsed = parse(&arena, "RUN \nRUN --a \n");
    cr_expect_eq(parsed->file->list[0].args.start, 3);
    cr_expect_eq(parsed->file->list[0].args.end, 3);
    cr_expect_eq(parsed->file->list[1].args.start, parsed->file->list[1].flags[0].at.end);
}

Test(dockerfile, comments_above) {
    ARENA(arena);
    const char *text = "\xef\xbb\xbf#!x\n# check=y\n# a\nARG b\n# c\n\n# d\n\t# e\nARG f\n";
    struct parsed *parsed = parse(&arena, text);
    cr_expect_eq(parsed->file->body, strstr(text, "# a") - text);
    cr_expect_eq(parsed->file->list[0].top, strstr(text, "# a") - text);
    cr_expect_eq(parsed->file->list[1].top, strstr(text, "# d") - text);
    parsed = parse(&arena, "\xef\xbb\xbf"
                           "ARG a\n");
    cr_expect_eq(parsed->file->body, 3);
    cr_expect_eq(parsed->file->list[0].top, 3);
}

Test(dockerfile, onbuild_spans) {
    ARENA(arena);
    struct parsed *parsed = parse(&arena, "ONBUILD  COPY --link \\\n a b\n");
    struct df_instruction *inner = parsed->file->list->onbuild;
    cr_assert(inner && parsed->file->list->n_words == 0);
    cr_expect_str_eq(slice(&arena, parsed, inner->at), "COPY --link \\\n a b");
    cr_expect_str_eq(slice(&arena, parsed, inner->keyword_at), "COPY");
    cr_expect_str_eq(slice(&arena, parsed, inner->flags[0].at), "--link");
    cr_expect_str_eq(slice(&arena, parsed, inner->words[1].at), "b");
}

Test(dockerfile, open_end) {
    ARENA(arena);
    struct parsed *parsed = parse(&arena, "ARG a\nRUN b \\\n# c\n\n");
    cr_expect(!parsed->file->list[0].is_open && parsed->file->list[1].is_open);
    cr_expect_str_eq(slice(&arena, parsed, parsed->file->list[1].at), "RUN b \\\n# c\n");
    cr_expect_str_eq(slice(&arena, parsed, parsed->file->list[1].args), "b");
    cr_expect_eq(parsed->file->warnings.n, 1);
}

struct diag_case {
    const char *text;
    uint32_t line, column;
    const char *message; /* a part of it */
};

static void expect_diag(const struct diag_case *expected, const struct diags *diags) {
    cr_assert(diags->list.n > 0, "%s: no diagnostic", expected->text);
    const struct diag *got = &diags->list.at[0];
    cr_expect(got->at.line == expected->line && got->at.column == expected->column, "%s: at %u:%u", expected->text,
              got->at.line, got->at.column);
    cr_expect(str_contains(got->message, str_of(expected->message)), "%s: %.*s", expected->text, STR_ARG(got->message));
}

Test(dockerfile, refusals) {
    static const struct diag_case cases[] = {
        {"# escape=ab\n", 1, 10, "\"ab\" cannot be the escape character"},
        {"# syntax=a\n# syntax=b\n", 2, 10, "second syntax directive"},
        {"FROM a\nENV A=b \\\n  \xc3\xa9 C\n", 3, 3, "has no \"=\""},
        {"FROM a\nENV  A\n", 2, 6, "A without a value"},
        {"FROM a\nCMD [\"b\", \\\n  2]\n", 3, 3, "not a string"},
        {"FROM a\nRUN b <<X c\n", 2, 7, "exactly \"X\""},
        {"# a\n", 0, 0, "no instructions"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ARENA(arena);
        struct parsed *parsed = parse(&arena, cases[i].text);
        cr_expect(!parsed->file, "%s", cases[i].text);
        expect_diag(&cases[i], &parsed->diags);
    }
}

Test(dockerfile, checks) {
    static const struct diag_case cases[] = {
        {"ARG a\n", 1, 1, "no build stage: add a FROM instruction"},
        {"ARG a\nRUN b\n", 2, 1, "no build stage: add a FROM instruction"},
        {"ARG a\nRUN b\nFROM c\n", 2, 1, "only ARG"},
        {"FORM a\nFROM b\n", 1, 1, "did you mean FROM?"},
        {"FROM a\nENTRYPIONT b\n", 2, 1, "did you mean ENTRYPOINT?"},
        {"FROM a\nXYZ b\n", 2, 1, "unknown instruction XYZ"},
        {"FROM a b\n", 1, 8, "FROM takes"},
        {"FROM a as b c\n", 1, 8, "FROM takes"},
        {"FROM a is b\n", 1, 8, "FROM takes"},
        {"FROM\n", 1, 1, "FROM with too few"},
        {"FROM a AS 1b\n", 1, 11, "cannot name a stage"},
        {"FROM a\nCOPY b\n", 2, 1, "COPY with too few"},
        {"FROM a\nCOPY b <<X\nX\n", 2, 8, "cannot be the destination"},
        {"FROM a\nCOPY b 1<<-\"X\"\nX\n", 2, 8, "cannot be the destination"},
        {"FROM a\nSHELL sh -c\n", 2, 7, "SHELL needs the exec form"},
        {"FROM a\nSHELL []\n", 2, 1, "SHELL with too few"},
        {"FROM a\nHEALTHCHECK curl b\n", 2, 13, "HEALTHCHECK curl"},
        {"FROM a\nHEALTHCHECK NONE b\n", 2, 18, "no arguments"},
        {"FROM a\nHEALTHCHECK CMD\n", 2, 13, "without a command"},
        {"FROM a\nONBUILD FROM b\n", 2, 9, "FROM cannot come behind ONBUILD"},
        {"FROM a\nONBUILD\n", 2, 1, "ONBUILD without"},
        {"FROM a\nENV =b\n", 2, 5, "empty name"},
        {"FROM a\nARG =b\n", 2, 5, "empty name"},
        {"FROM a\nVOLUME [\" \"]\n", 2, 9, "empty path"},
        {"FROM a\n\\\n", 2, 1, "continuation of nothing"},
        {"FROM a\n\xef\xbb\xbfRUN b\n", 2, 1, "byte order mark"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ARENA(arena);
        struct parsed *parsed = parse(&arena, cases[i].text);
        cr_assert(parsed->file, "%s", cases[i].text);
        cr_expect(!dockerfile_check(parsed->file, &parsed->diags), "%s", cases[i].text);
        expect_diag(&cases[i], &parsed->diags);
    }
    ARENA(arena);
    struct parsed *parsed = parse(&arena, "ARG v=1\nFROM a:$v as B.c-d_e\nCMD\nENTRYPOINT []\nRUN\nHEALTHCHECK none\n");
    cr_expect(dockerfile_check(parsed->file, &parsed->diags) && parsed->diags.list.n == 0);
}

static struct str sample_value(void *context, struct str name, bool *ret_known) {
    (void)context;
    static const struct {
        struct str name, value;
    } values[] = {{STR_INIT("port"), STR_INIT("8080")},
                  {STR_INIT("none"), STR_INIT("")},
                  {STR_INIT("path"), STR_INIT("/opt/a/bin")},
                  {STR_INIT("lines"), STR_INIT("ab\ncab")},
                  {STR_INIT("word"), STR_INIT("\xc3\xa4x\xc3\xa4")}};
    *ret_known = !str_starts(name, STR("from_"));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (str_eq(name, values[i].name))
            return values[i].value;
    return (struct str){NULL, 0};
}

static const struct df_lookup sample = {sample_value, NULL};

/* --- verifying results ---------------------------------------------------------------------------------------------
 */

Test(compare, accepts_what_rules_do_and_nothing_else) {
    static const struct {
        const char *before, *after;
        bool holds;
    } rows[] = {
        {"FROM a", "FROM a AS b", true},
        {"FROM a\nCMD x", "FROM a\nUSER 1\nCMD x", true},
        {"FROM a\nCMD x", "FROM a\nCMD y", false},
        {"FROM gcr.io/distroless/cc", "FROM gcr.io/distroless/cc:nonroot", true},
        {"FROM gcr.io/distroless/cc:latest", "FROM gcr.io/distroless/cc:nonroot", true},
        {"FROM gcr.io/distroless/cc:debug AS x", "FROM gcr.io/distroless/cc:debug-nonroot AS x", true},
        {"FROM gcr.io/distroless/cc:debug", "FROM gcr.io/distroless/cc:nonroot", false},
        {"FROM gcr.io/distroless/cc", "FROM gcr.io/distroless/cc:debug-nonroot", false},
        {"FROM gcr.io/distroless/cc:latest", "FROM gcr.io/distroless/cc", false},
        {"FROM gcr.io/distroless/cc:arm64", "FROM gcr.io/distroless/cc:nonroot", false},
        {"FROM gcr.io/distroless/cc@sha256:12", "FROM gcr.io/distroless/cc:nonroot", false},
        {"FROM gcr.io/distroless/cc", "FROM gcr.io/distroless/base:nonroot", false},
        {"FROM a", "FROM a:nonroot", false},
        /* exec form */
        {"FROM a\nCMD x 'a b'", "FROM a\nCMD [\"x\", \"a b\"]", true},
        {"FROM a\nCMD exec x y", "FROM a\nCMD [\"x\", \"y\"]", true},
        {"FROM a\nCMD x $y", "FROM a\nCMD [\"/bin/sh\", \"-c\", \"exec x $y\"]", true},
        {"FROM a\nCMD x >y", "FROM a\nCMD [\"/bin/sh\", \"-c\", \"exec x >y\"]", true},
        {"FROM a\nCMD x y", "FROM a\nCMD [\"x\"]", false},
        {"FROM a\nCMD x y", "FROM a\nCMD [\"x\", \"y\", \"z\"]", false},
        {"FROM a\nCMD x y", "FROM a\nCMD [\"x y\"]", false},
        {"FROM a\nCMD x $y", "FROM a\nCMD [\"x\", \"$y\"]", false},
        {"FROM a\nCMD x && y", "FROM a\nCMD [\"/bin/sh\", \"-c\", \"exec x && y\"]", false},
        {"FROM a\nCMD A=1 x", "FROM a\nCMD [\"/bin/sh\", \"-c\", \"exec A=1 x\"]", false},
        {"FROM a\nCMD x $y", "FROM a\nCMD [\"/bin/bash\", \"-c\", \"exec x $y\"]", false},
        {"FROM a\nCMD x", "FROM a\nCMD [\"tini\", \"--\", \"x\"]", false},
        {"FROM a\nCMD [\"x\"]", "FROM a\nCMD x", false},
        {"FROM a\nENTRYPOINT x", "FROM a\nENTRYPOINT [\"tini\", \"--\", \"x\"]", true},
        {"FROM a\nENTRYPOINT x && y", "FROM a\nENTRYPOINT [\"tini\", \"--\", \"/bin/sh\", \"-c\", \"x && y\"]", true},
        {"FROM a\nENTRYPOINT x && y", "FROM a\nENTRYPOINT [\"tini\", \"--\", \"x\", \"&&\", \"y\"]", false},
        {"FROM a\nENTRYPOINT x", "FROM a\nENTRYPOINT [\"x\"]", false},
        {"FROM a\nENTRYPOINT x", "FROM a\nENTRYPOINT [\"y\", \"z\", \"x\"]", false},
        {"FROM a\nRUN x", "FROM a\nRUN [\"x\"]", false},
        {"FROM a\nSHELL [\"bash\", \"-c\"]\nCMD x", "FROM a\nSHELL [\"bash\", \"-c\"]\nCMD [\"x\"]", false},
        {"FROM a\nSHELL [\"bash\", \"-c\"]\nFROM b\nCMD x", "FROM a\nSHELL [\"bash\", \"-c\"]\nFROM b\nCMD [\"x\"]",
         true},
        {"#escape=`\nFROM a\nCMD x", "#escape=`\nFROM a\nCMD [\"x\"]", false},
        /* stages in front */
        {"FROM a\nFROM b\nCOPY --from=0 x y", "FROM n\nFROM a\nFROM b\nCOPY --from=1 x y", true},
        {"FROM a\nFROM b\nCOPY --from=0 x y", "FROM n\nFROM a\nFROM b\nCOPY --from=0 x y", false},
        {"FROM a\nFROM b\nCOPY --from=0 x y", "FROM a\nFROM n\nFROM b\nCOPY --from=0 x y", true},
        {"FROM a\nFROM b\nCOPY --from=0 x y", "FROM a\nFROM n\nFROM b\nCOPY --from=1 x y", false},
        {"FROM a\nFROM b\nRUN --mount=type=bind,from=0,target=/x --mount=type=tmpfs,target=/t y",
         "FROM n\nFROM a\nFROM b\nRUN --mount=type=bind,from=1,target=/x --mount=type=tmpfs,target=/t y", true},
        {"FROM a\nFROM b\nRUN --mount=type=bind,from=0,target=/x --mount=type=tmpfs,target=/t y",
         "FROM n\nFROM a\nFROM b\nRUN --mount=type=bind,from=1,target=/y --mount=type=tmpfs,target=/t y", false},
        {"FROM a\nCOPY --from=0 x y", "FROM n\nFROM a\nCOPY --from=0 x y", true},
        {"FROM a\nONBUILD COPY --from=0 x y", "FROM n\nFROM a\nONBUILD COPY --from=0 x y", true},
        {"FROM a\nONBUILD COPY --from=0 x y", "FROM n\nFROM a\nONBUILD COPY --from=1 x y", false},
        {"FROM a\nCOPY --from=app x y", "FROM n\nFROM a\nCOPY --from=app x y", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        const struct dockerfile *before = parse(&arena, rows[i].before)->file,
                                *after = parse(&arena, rows[i].after)->file;
        const struct df_instruction *lost;
        cr_assert(before && after);
        cr_expect_eq(dockerfile_extends(before, after, &lost), rows[i].holds, "%s\n->\n%s", rows[i].before,
                     rows[i].after);
    }
}

Test(expand, results) {
    static const struct {
        const char *text, *result; /* NULL: malformed */
    } cases[] = {
        {"plain", "plain"},
        {"$port/tcp", "8080/tcp"},
        {"${port}0", "80800"},
        {"$unset-", "-"},
        {"a$ $. $", "a$ $. $"},
        {"\\$port \\${port} '$port' \"$port\"", "$port ${port} $port 8080"},
        {"\"a\\b\\\"c\" d\\e 'f\\g'", "a\\b\"c de f\\g"},
        {"it's", NULL},
        {"\"open", NULL},
        {"end\\", "end"},
        {"${port", NULL},
        {"${}", NULL},
        {"${:-a}", NULL},
        {"${port^}", NULL},
        {"${port:#8}", NULL},
        {"${port:-9} ${none:-9} ${none-9} ${unset-9}", "8080 9  9"},
        {"${port:+y} ${none:+y} ${none+y} ${unset+y}|", "y  y |"},
        {"${port?no} ${none?no}|", "8080 |"},
        {"${none:?no}", NULL},
        {"${unset?no}", NULL},
        {"${unset:-${port:+\"${none:-a b}\"}}", "a b"},
        {"${path#*/} ${path##*/} ${path%/*} ${path%%/*}|", "opt/a/bin bin /opt/a |"},
        {"${path#/?p?/} ${path#x} ${path%bin}", "a/bin /opt/a/bin /opt/a/"},
        {"${path#\\*} ${path#\\a}", NULL},
        {"${word#?} ${word%?}", "x\xc3\xa4 \xc3\xa4x"},
        {"${lines##*b}", "\ncab"},
        {"${path/\\//-} ${path//\\//-}", "-opt/a/bin -opt-a-bin"},
        {"${lines//a?/<>}", "<>\nc<>"},
        {"${path/*/x} ${path//*/x} ${path///-}", "x x -/-o-p-t-/-a-/-b-i-n-"},
        {"${path%\\/*} ${path%\\/a\\/b??}", "/opt/a /opt"},
        {"${path#'\\/'} ${path#\"\\/\"} ${path#\"\\\\/\"} ${path#'/'}", "/opt/a/bin /opt/a/bin /opt/a/bin opt/a/bin"},
        {"${path//\\//'$0$0'} ${path//\\//'<${0}>'}", "//opt//a//bin </>opt</>a</>bin"},
        {"${path//\\//'$$'} ${path//\\//'$'} ${path//\\//'$/'}", "$opt$a$bin $opt$a$bin $/opt$/a$/bin"},
        {"${path//\\//'${0'} ${path//\\//'${}'}", "${0opt${0a${0bin ${}opt${}a${}bin"},
        {"${path//\\//'$x'} ${path//\\//'$1'} ${path//\\//'$00'}", "optabin optabin optabin"},
        {"${path/\\//'$0'}", "$0opt/a/bin"},
        {"${path/a}", NULL},
        {"${unset%}${unset#}", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ARENA(arena);
        struct str result, unknown;
        bool is_good = df_expand(&arena, str_of(cases[i].text), '\\', &sample, &result, &unknown);
        cr_expect_eq(is_good, cases[i].result != NULL, "%s", cases[i].text);
        cr_expect(!is_good || str_eq(result, str_of(cases[i].result)), "%s: %.*s", cases[i].text, STR_ARG(result));
        cr_expect(!unknown.p, "%s", cases[i].text);
    }
}

Test(expand, other_escape) {
    ARENA(arena);
    struct str result, unknown;
    cr_expect(df_expand(&arena, STR("c:\\a`$port\\$port"), '`', &sample, &result, &unknown));
    cr_expect(str_eq(result, STR("c:\\a$port\\8080")));
}

Test(expand, unknown_variables) {
    static const struct {
        const char *text, *unknown; /* NULL: does not matter */
    } cases[] = {
        {"a $from_x", "from_x"},          {"\"${from_x}\" $from_y", "from_x"}, {"'$from_x' \\$from_x", NULL},
        {"${port:-$from_x}", NULL},       {"${unset:-$from_x}", "from_x"},     {"${none:-$from_x}", "from_x"},
        {"${none-$from_x}", NULL},        {"${unset:+$from_x}", NULL},         {"${port:+$from_x}", "from_x"},
        {"${from_x:-$from_y}", "from_x"}, {"${from_x:?no}", "from_x"},         {"${from_x#a}", "from_x"},
        {"${port#$from_x}", "from_x"},    {"${from_x//a/b}", "from_x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ARENA(arena);
        struct str result, unknown;
        bool is_good = df_expand(&arena, str_of(cases[i].text), '\\', &sample, &result, &unknown);
        cr_expect_eq(is_good, !cases[i].unknown, "%s", cases[i].text);
        cr_expect(str_eq(unknown, str_of(cases[i].unknown)), "%s: %.*s", cases[i].text, STR_ARG(unknown));
    }
}

Test(expand, nesting_is_bounded) {
    ARENA(arena);
    struct buf text = {.arena = &arena};
    for (int i = 0; i < 100000; i++)
        buf_add(&text, STR("${a:-"));
    struct str result, unknown;
    cr_expect(!df_expand(&arena, buf_str(&text), '\\', &sample, &result, &unknown));
}

/* Calls `use` for every regular file below a folder; returns how many there were. */
static int walk(const char *folder, void (*use)(const char *path)) {
    ARENA(arena);
    DIR *dir = opendir(folder);
    int n = 0;
    if (!dir)
        return 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *path = str_printf(&arena, "%s/%s", folder, entry->d_name).p;
        struct stat status;
        if (*entry->d_name == '.' || stat(path, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            n += walk(path, use);
        } else {
            use(path);
            n++;
        }
    }
    closedir(dir);
    return n;
}

static const char *corpus(struct arena *arena, const char *folder) {
    const char *root = getenv("IRONHULL_CORPUS");
    return str_printf(arena, "%s/%s", root ? root : "../shared/corpus", folder).p;
}

static struct str read_file(struct arena *arena, const char *path) {
    struct diags diags = {.arena = arena};
    struct str text;
    cr_assert(source_read(arena, str_of(path), &text, &diags), "%s", path);
    return text;
}

static void compare_quirk(const char *path) {
    ARENA(arena);
    struct str name = str_of(path);
    if (!str_ends(name, STR(".df")))
        return;
    struct str text = read_file(&arena, path);
    const char *out = str_printf(&arena, "%.*s.out", (int)name.n - 3, path).p;
    const char *expected = str_c(&arena, read_file(&arena, out));
    const char *got = dump(&arena, str_c(&arena, text));
    if (strncmp(expected, "ERR", 3) == 0)
        expected = "refused";
    cr_expect_str_eq(got, expected, "%s: got %s", path, got);
}

Test(corpus, quirks) {
    ARENA(arena);
    if (walk(corpus(&arena, "dockerfile-quirks"), compare_quirk) == 0)
        cr_skip_test("no folder %s", corpus(&arena, "dockerfile-quirks"));
}

static void check_real(const char *path) {
    ARENA(arena);
    const char *name = strrchr(path, '/') + 1;
    if (strncmp(name, "Dockerfile", 10) != 0 || str_ends(str_of(name), STR(".template")))
        return;
    struct str text = read_file(&arena, path);
    struct parsed *parsed = parse_bytes(&arena, text);
    cr_expect(parsed->file && dockerfile_check(parsed->file, &parsed->diags), "%s", path);
    LLVMFuzzerTestOneInput((const uint8_t *)text.p, text.n);
}

Test(corpus, real_files) {
    ARENA(arena);
    if (walk(corpus(&arena, "."), check_real) == 0)
        cr_skip_test("no folder %s", corpus(&arena, "."));
}
