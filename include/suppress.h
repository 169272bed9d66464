/* Comments by which people say what is to be left as it is, and what the program cannot see.
 *
 *     # ironhull: key=value[ key=value…] [-- reason]
 *
 * on a line of its own. Keys: `ignore=RULE[,RULE…]` silences findings; `writable=FOLDER[,FOLDER…]` and `user=NAME`,
 * `user=UID` or `user=UID:GID` are hints for the stages of a Dockerfile. `ironhull`, keys and rules have no case. */
#ifndef IRONHULL_SUPPRESS_H
#define IRONHULL_SUPPRESS_H

#include "map.h"
#include "stage.h"
#include "yaml.h"

/* One rule that a comment silences. */
struct suppression {
    struct str rule;                 /* lower-cased; there need not be one of that name */
    uint32_t at;                     /* of the comment's "#" */
    struct span scope;               /* findings in it, both ends included, are silenced */
    struct str reason;               /* empty: none is given */
    uint32_t index;                  /* in reading order; no edit of ours changes it */
    const struct suppression *outer; /* of the same rule, for a larger scope around this one; NULL: none */
};

/* One value of a hint. */
struct hint {
    struct str key, value;     /* as written; of a user the same bytes as in struct hints */
    uint32_t at;               /* of the comment's "#" */
    const struct stage *stage; /* NULL: all of the file */
};

/* Why a comment, or a part of it, does not hold. */
struct misuse {
    uint32_t at;
    struct str message;
};

/* What the comments of one source say. */
struct suppress {
    VEC(struct suppression *) list;
    struct map by_rule; /* the same, by rule: see suppress_find */
    VEC(struct hint) hints;
    VEC(struct misuse) misuses;
};

/* The comments of a Dockerfile, and what they say of its stages, which is put there. Before or above the first FROM
 * they are about the whole file, directly above another FROM about its stage, and directly above any other instruction
 * about that; their hints then are for its stage. `writable` are folders that hold as if a comment for the whole file
 * named them. */
struct suppress suppress_dockerfile(struct arena *arena, const struct dockerfile *dockerfile, struct stages stages,
                                    struct str_list writable);

/* Whether a comment that speaks to this program stands directly above an instruction. */
bool suppress_is_above(const struct dockerfile *dockerfile, const struct df_instruction *instruction);

/* The comments of a YAML file. Above the first key they are about the whole file, directly above the first key of
 * another document about that, and directly above any other key or item about it and what is in it. */
struct suppress suppress_yaml(struct arena *arena, const struct yaml *yaml);

/* What a comment would be about that is put above the line which starts at `line`, indented as that is; the end of a
 * whole file is UINT32_MAX. False for nothing. */
bool suppress_yaml_scope(const struct yaml *yaml, uint32_t line, struct span *ret);

/* Whether bytes hold a comment that speaks to this program, or where what it is about begins. */
bool suppress_is_in(const struct suppress *suppress, struct span at);

/* The comment that silences a rule at an offset, the one with the smallest scope; NULL where none does. */
const struct suppression *suppress_find(const struct suppress *suppress, struct str rule, uint32_t at);

#endif
