/* Build stages of a Dockerfile and what holds in them: image, user, working directory, command. */
#ifndef IRONHULL_STAGE_H
#define IRONHULL_STAGE_H

#include "dockerfile.h"
#include "image.h"
#include "path.h"

struct shell_script;
struct stage_index;

/* What comments say of a stage: see suppress.h. */
struct hints {
    struct str user;          /* whom its program is to run as; {NULL, 0} where they do not say */
    VEC(struct str) writable; /* folders that it writes to, absolute */
};

struct stage {
    const struct dockerfile *dockerfile;
    struct str name;                  /* as written; empty where it has none */
    uint32_t from;                    /* its FROM in dockerfile->list */
    uint32_t end;                     /* behind its last instruction */
    const struct stage *first;        /* the file's first stage, which the others follow */
    const struct stage *parent;       /* FROM names an earlier stage; else NULL */
    uint32_t n_parents;               /* that it stands on, one upon the other */
    struct str base;                  /* what FROM names, variables resolved; {NULL, 0} where one has no value */
    struct image_reference reference; /* of the image at the root of its parents */
    const struct image *image;        /* facts of that image; NULL where nothing is known */
    struct hints hints;
    const struct hints *file_hints;  /* those for all stages; NULL where there are none */
    const struct stage_index *index; /* look-ups of the whole file */
};

struct stages {
    struct stage *list;
    uint32_t n;
};

/* The stages in order; `images` are a user's. Variables in FROM take the defaults of the ARGs before the first FROM. */
struct stages stages_of(struct arena *arena, const struct dockerfile *dockerfile, const struct image_table *images);

/* The stage that `docker build --target NAME` builds, by name (any case) or index; the last one for an empty name. NULL
 * where there is none. */
const struct stage *stages_target(struct stages stages, struct str name);

/* Whether a stage is the one that a target names. */
bool stage_is_target(const struct stage *stage, struct str name);

/* The last instruction of a kind that holds at the end of the stage: its own, else its parents'. NULL where none. */
const struct df_instruction *stage_last(const struct stage *stage, enum df_kind kind);
/* The same, only in the stage itself. */
const struct df_instruction *stage_own(const struct stage *stage, enum df_kind kind);

/* `text` with variables replaced as the builder does it before instruction `index` of dockerfile->list, by ENV and ARG
 * of the stage and its parents, and by the image's variable for its user. {NULL, 0} where a value is not known (build arguments
 * without default, the rest of the image's ENV). */
struct str stage_expand(struct arena *arena, const struct stage *stage, uint32_t index, struct str text);

/* The working directory before instruction `index`, absolute and without "." or a final slash (but "/"); {NULL, 0}
 * where it is not known. */
struct str stage_workdir(const struct stage *stage, uint32_t index);

/* Whether an instruction is COPY or ADD. */
bool stage_is_copy(const struct df_instruction *instruction);

/* Where a COPY or ADD puts its files: the folder, or the file itself where it brings one under that name; absolute and
 * clean. {NULL, 0} where that is not known, and for any other instruction. */
struct str stage_copy_target(struct arena *arena, const struct stage *stage, uint32_t index);

/* The earlier stage that a COPY takes its files from; NULL for any other instruction, and for another image. */
const struct stage *stage_copy_source(const struct stage *stage, const struct df_instruction *copy);

/* The commands of a RUN instruction in shell form, as a line or a here-document; NULL for any other one, and for what
 * is not understood. */
const struct shell_script *stage_script(struct arena *arena, const struct df_instruction *run);

enum user_kind {
    USER_UNKNOWN, /* a variable without value, a user that nobody described */
    USER_ROOT,
    USER_OTHER, /* somebody else: ids may be known */
};

struct user {
    enum user_kind kind;
    struct str text;                    /* as written in USER; empty for the image's default */
    const struct df_instruction *where; /* the USER instruction; NULL for the image's default */
    bool has_ids;                       /* uid and gid are known */
    uint32_t uid, gid;
};

/* The user that the stage's program runs as. */
struct user stage_user(struct arena *arena, const struct stage *stage);

/* The user that a comment of the stage, its parents or the file asks for; `text` is {NULL, 0} where none does. A number
 * without a group is its own group, unless the image says otherwise. */
struct user stage_hinted_user(struct arena *arena, const struct stage *stage);

/* What a container of the stage starts: a list of words, or a shell line. */
struct command {
    bool is_set;   /* there is one, possibly empty */
    bool is_known; /* false: the image's, which is not known for certain */
    bool is_shell; /* shell form: words[0] is the line */
    const struct str *words;
    uint32_t n;
    const struct df_instruction *where; /* NULL for the image's */
};

struct command stage_entrypoint(struct arena *arena, const struct stage *stage);
/* With the rule that ENTRYPOINT clears a CMD which is not of the same stage or a later one. */
struct command stage_cmd(struct arena *arena, const struct stage *stage);

#endif
