/* Which files a user wants left out of a folder's (--exclude), or taken all the same (--include). */
#ifndef IRONHULL_FILTER_H
#define IRONHULL_FILTER_H

#include "gitignore.h"

/* Patterns of gitignore(5), and the folder that they are relative to. */
struct filter_list {
    struct str folder; /* absolute, without symbolic links */
    struct gitignore patterns;
};

/* Starts as {0}. */
struct filter {
    VEC(struct filter_list) excludes, includes;
};

/* What options ask for, relative to the current folder. */
struct filter_options {
    VEC(struct str) excludes, includes;
};

/* Add patterns, which may start with "./"; `folder` is the path of a folder that is there. */
void filter_exclude(struct filter *filter, struct arena *arena, struct str folder, const struct str *patterns,
                    uint32_t n);
void filter_include(struct filter *filter, struct arena *arena, struct str folder, const struct str *patterns,
                    uint32_t n);

/* Whether there is none, or nothing in it. */
bool filter_is_empty(const struct filter *filter);

/* What is to become of a file or folder, which is in a folder whose fate is `around`. */
enum filter_fate {
    FILTER_TAKEN,    /* it is looked at, unless something else leaves it out */
    FILTER_INCLUDED, /* it is looked at in any case */
    FILTER_SEARCHED, /* a folder that is left out, but for files in it that are included */
    FILTER_LEFT_OUT,
};

/* `path` is absolute, without symbolic links; `is_left_out`: git or its name leaves it out. What is excluded stays out.
 * In a folder that is left out only patterns with a "/" include something: others would make us look into all of them,
 * and bring folders of that name back from the depth of node_modules. */
enum filter_fate filter_fate(struct filter *filter, enum filter_fate around, struct str path, bool is_folder,
                             bool is_left_out);

/* Whether a file is excluded, itself or by a folder above it: for files that are named one by one. `path` as above. */
bool filter_excludes(struct filter *filter, struct str path);

void filter_release(struct filter *filter);

#endif
