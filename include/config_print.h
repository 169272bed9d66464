/* The configuration that applies to a file, for people, and as a file that says the same. */
#ifndef IRONHULL_CONFIG_PRINT_H
#define IRONHULL_CONFIG_PRINT_H

#include "config.h"

/* All keys with their values and where they come from, of what applies to a file, or to a folder before overrides; keys
 * without a value are comments, which say what holds then. In the place of the file that it comes from, it says the
 * same. Empty, with diagnostics, where that one is wrong. */
struct str config_print(struct arena *arena, struct configs *configs, struct str path, struct diags *diags);

#endif
