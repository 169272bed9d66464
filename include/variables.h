/* The variables of a compose project, and how its files use them (compose-spec, 12-interpolation.md). */
#ifndef IRONHULL_VARIABLES_H
#define IRONHULL_VARIABLES_H

#include "map.h"

/* Variables by name, on an arena; where a pointer to them is NULL, there are none. */
struct variables {
    struct map map; /* from names to struct str; {NULL, 0}: it is set, to what is not known */
};

/* The variables that the text of an .env file sets, as compose-go's dotenv reads it; the last line of a name wins,
 * lines that cannot be read are skipped. Values may use `outer`, which win over those of the file itself, and are not
 * among those returned. Texts are borrowed from `text` where they are the same there. */
struct variables *variables_read(struct arena *arena, struct str text, const struct variables *outer);

/* Both, the first ones winning: the environment of a project over the env_file of what it includes. */
struct variables *variables_join(struct arena *arena, const struct variables *first, const struct variables *second);

/* A variable's value, {NULL, 0} where it is not known; NULL where it is not set. */
const struct str *variables_get(const struct variables *variables, struct str name);

/* The text with $NAME, ${NAME}, ${NAME:-default} and the like replaced. Defaults and alternatives take a variable that
 * is not in `variables` as not set. False where the text is not known: it needs a variable without a value, which the
 * environment may have though, or compose refuses it. Without a "$" it is the text itself, else on the arena. */
bool variables_expand(struct arena *arena, const struct variables *variables, struct str text, struct str *ret);

#endif
