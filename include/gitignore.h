/* Patterns of gitignore(5): which paths below a folder they match. */
#ifndef IRONHULL_GITIGNORE_H
#define IRONHULL_GITIGNORE_H

#include "str.h"
#include "vec.h"

/* The patterns of one file, or of one user, in their order. Starts as {.arena = arena}. */
struct gitignore {
    struct arena *arena;
    VEC(struct gitignore_pattern) patterns;
    void *match_data, *match_context; /* of PCRE2, once a pattern needs it */
};

enum gitignore_verdict { GITIGNORE_UNSAID, GITIGNORE_MATCHED, GITIGNORE_EXCEPTED /* by a pattern with "!" */ };

/* Adds the text of a pattern. As for git, one that is malformed matches nothing. */
void gitignore_add(struct gitignore *list, struct str text);

/* Adds the lines of a .gitignore. */
void gitignore_add_file(struct gitignore *list, struct str text);

/* Which patterns are asked: those without a "/", which match a name in any folder, and the others. */
enum { GITIGNORE_NAMES = 1, GITIGNORE_PATHS = 2, GITIGNORE_ALL = 3 };

/* What the last of these patterns that matches says of a path itself, not of the folders that it lies in. The path is
 * relative to the folder of the patterns. */
enum gitignore_verdict gitignore_look(struct gitignore *list, struct str path, bool is_folder, unsigned which);

/* Whether the patterns match a file or a folder that it lies in. What is said of the file itself comes last, so that,
 * unlike for git, an exception holds below a folder that is matched. */
bool gitignore_covers(struct gitignore *list, struct str path);

/* Whether a pattern with a "/" may match something below a folder: as far as its parts without wildcards tell. */
bool gitignore_reaches(const struct gitignore *list, struct str folder);

/* Frees what is not on the arena. */
void gitignore_release(struct gitignore *list);

#endif
