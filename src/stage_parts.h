/* Parts of stage.c: what is looked up again and again. */
#ifndef IRONHULL_STAGE_PARTS_H
#define IRONHULL_STAGE_PARTS_H

#include "map.h"
#include "stage.h"

/* What one instruction gives a variable, or one stage that has a name. */
struct definition {
    uint32_t index;   /* of the instruction in dockerfile->list, or of the stage */
    uint32_t valued;  /* how many definitions there are up to the last one with a value, this one included; 0: none */
    struct str value; /* not yet expanded; {NULL, 0}: an ARG takes that of before the first FROM */
};

struct definitions {
    VEC(struct definition) list; /* in the order of their index */
};

struct stage_index {
    struct map envs, args;   /* struct definitions, by the variable's name */
    struct map names;        /* struct definitions, by the name in lower case */
    struct str *directories; /* the working directory behind each instruction; {NULL, 0} where it is not known */
    uint32_t first_from;
    uint32_t n_stages;
};

/* What the builder sees of variables at one place. */
struct scope {
    const struct stage *stage; /* NULL: the ARGs before the first FROM */
    const struct dockerfile *dockerfile;
    const struct stage_index *index;
    uint32_t end;       /* instructions before this one are seen */
    uint32_t depth;     /* variables within variables */
    uint32_t *look_ups; /* that are still allowed for the text at hand */
};

/* Values may refer to values; every level can multiply length and time. What goes beyond is not known. */
enum { MAX_LOOK_UPS = 1000, MAX_VALUE = 4096 };

/* Notes a definition of `name`, which is kept, behind those that are there. */
void definition_add(struct arena *arena, struct map *map, uint32_t at, struct str name, struct str value);

/* How many of the definitions have an index below `end`; 0 for NULL. */
uint32_t definitions_before(const struct definitions *definitions, uint32_t end);

/* Notes what an ENV or ARG instruction gives its variables; nothing for other instructions. Called in their order. */
void stage_define(struct arena *arena, struct stage_index *index, const struct dockerfile *dockerfile, uint32_t at);

/* `text` with its variables replaced; {NULL, 0} where one of them is not known. */
struct str stage_expand_in(struct arena *arena, const struct scope *scope, struct str text);

#endif
