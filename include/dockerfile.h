/* Dockerfiles, parsed as BuildKit parses them, with the bytes of every part.
 *
 * The rules are those of github.com/moby/buildkit, frontend/dockerfile/parser, and of the Dockerfile reference
 * (docs.docker.com/reference/dockerfile). Nothing is normalised: the instructions' spans and the gaps between them give
 * back the file. All memory is on the arena; texts borrow from the source where the bytes are the same. */
#ifndef IRONHULL_DOCKERFILE_H
#define IRONHULL_DOCKERFILE_H

#include "diag.h"
#include "source.h"
#include "vec.h"

enum df_kind {
    DF_UNKNOWN, /* parses, and fails in the build */
    DF_ADD,
    DF_ARG,
    DF_CMD,
    DF_COPY,
    DF_ENTRYPOINT,
    DF_ENV,
    DF_EXPOSE,
    DF_FROM,
    DF_HEALTHCHECK,
    DF_LABEL,
    DF_MAINTAINER,
    DF_ONBUILD,
    DF_RUN,
    DF_SHELL,
    DF_STOPSIGNAL,
    DF_USER,
    DF_VOLUME,
    DF_WORKDIR,
};

/* A flag such as --chown=1000:1000 as the builder reads it: unquoted, unescaped. */
struct df_flag {
    struct str name;  /* without the dashes: "chown" */
    struct str value; /* {NULL, 0} for a flag without "=" */
    struct span at;   /* from the first dash to the last byte of the value */
};

/* One argument as the builder reads it. */
struct df_word {
    struct str text;
    struct span at; /* its bytes in the source, quotes and inner continuations included */
};

struct df_heredoc {
    struct str name;
    struct str content; /* the body, tabs stripped for <<- */
    uint32_t fd;        /* 0 where none is written */
    bool expand;        /* false: a quoted delimiter, variables stay as they are */
    bool chomp;         /* <<- */
    struct span at;     /* from the body's first byte to the end of the terminator line, without its line ending */
};

struct shell_script;

struct df_instruction {
    enum df_kind kind;
    struct str keyword;     /* lower-cased */
    struct span at;         /* from the keyword (or a lone continuation in front of it) to the end of its last line,
                               heredocs included, without line ending */
    struct span head;       /* the same without the heredocs */
    struct span keyword_at; /* a keyword split by a continuation spans it */
    struct span args;       /* what follows keyword and flags, without white space around it; where there is nothing:
                               empty, at their end */
    uint32_t top;           /* start of the line of the first comment that belongs to it (the unbroken run of comment
                               lines directly above), else start of its own first line; never a directive's line */
    struct df_flag *flags;
    uint32_t n_flags;
    /* RUN, CMD, ENTRYPOINT in shell form: one word, the joined line. ENV, LABEL: name, value, separator as BuildKit has
     * them (separator "" for the legacy form, else "="). ONBUILD and unknown instructions: none */
    struct df_word *words;
    uint32_t n_words;
    struct df_heredoc *heredocs;
    uint32_t n_heredocs;
    bool is_json; /* exec form */
    bool is_open; /* ends in a continuation at the end of the file: text put behind it would become a part of it */
    struct df_instruction *onbuild; /* the instruction behind ONBUILD */
    bool is_read;                   /* `script` is known: see stage_script */
    const struct shell_script *script;
};

/* What a build gives an ARG, in the place of its default. */
struct build_argument {
    struct str name, value; /* {NULL, 0}: not known */
};

struct build_arguments {
    const struct build_argument *list;
    uint32_t n;
};

struct dockerfile {
    struct source *source;
    struct build_arguments arguments; /* that it is built with, as far as is known */
    char escape;                      /* '\\' or '`' */
    uint32_t body; /* end of the directive lines and of a #! line above them (line ending included): nothing is inserted
                      above it */
    struct df_instruction *list;
    uint32_t n;
    VEC(struct df_word) warnings; /* BuildKit's warnings: text, and where */
};

/* Bytes of a physical line, without its "\n", that the builder reads at most (bufio.MaxScanTokenSize of Go, less one).
 */
enum { DF_MAX_LINE = 65535 };

/* Parses a source. NULL with a diagnostic (file, line, column, cause) where BuildKit's parser refuses it, a file
 * without any instruction included. */
struct dockerfile *dockerfile_parse(struct arena *arena, struct source *source, struct diags *diags);

/* What BuildKit finds wrong only when it builds: no FROM, unknown instructions, wrong numbers of arguments. False with
 * one diagnostic per mistake. */
bool dockerfile_check(struct dockerfile *dockerfile, struct diags *diags);

/* The value of the last flag of that name; {NULL, 0} where it is not given. */
struct str df_flag(const struct df_instruction *instruction, struct str name);

/* Whether a flag names a stage by its index (--from=0, --mount=type=bind,from=0): *ret_digits is the part of the value
 * that does. */
bool df_flag_index(const struct df_flag *flag, struct str *ret_digits, uint32_t *ret_index);

/* One line per instruction in BuildKit's test notation, "  ;;" lines for heredocs and warnings. */
void dockerfile_dump(const struct dockerfile *dockerfile, struct buf *out);

/* One "  ;;" line per instruction: its first and last line, "exec" behind one in exec form. */
void dockerfile_dump_places(const struct dockerfile *dockerfile, struct buf *out);

/* Splits a reference such as ${VAR:-x} … with the builder's rules (docs.docker.com/reference/dockerfile, "Environment
 * replacement"): all modifiers, nested, `\$` escapes, single quotes block, quotes are removed. `look_up` gives a
 * variable's value, {NULL, 0} for one that is not set. False where the text is malformed, or a variable that decides
 * the result is unknown: *ret_unknown then names it. */
struct df_lookup {
    struct str (*value)(void *context, struct str name, bool *ret_known);
    void *context;
};
bool df_expand(struct arena *arena, struct str text, char escape, const struct df_lookup *look_up, struct str *ret,
               struct str *ret_unknown);

/* Whether `after` holds every instruction of `before`, in order, unchanged but for what rules do: flags and stage names
 * that were added, mounts that say more, indices of stages that others were put in front of, distroless images that run
 * as nonroot, words in front of an ENTRYPOINT, CMD and ENTRYPOINT in exec form where that starts the same program. Used
 * to verify results: false names the first one that is lost. */
bool dockerfile_extends(const struct dockerfile *before, const struct dockerfile *after,
                        const struct df_instruction **ret_lost);

#endif
