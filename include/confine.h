/* What a run may read and write, by its options; the kernel sees to the rest. */
#ifndef IRONHULL_CONFINE_H
#define IRONHULL_CONFINE_H

#include "options.h"

/* Puts the process into a sandbox before it reads any input. It may read what is named, the folders of named files,
 * what options name, above them .gitignore files up to the top of the repository with what git keeps there, and where a
 * .ironhull.yaml holds, all of the repository or of its folder. It may write where the options say so: with --write in
 * the named folders and those of named files, else in the folders of files that options name. A folder that is still to
 * be made stands for the one above it. */
void confine(const struct options *options);

#endif
