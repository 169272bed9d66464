/* The file that a report goes to. */
#ifndef IRONHULL_REPORT_FILE_H
#define IRONHULL_REPORT_FILE_H

#include "diag.h"

#include <stdio.h>

/* Opens what a report is written to: for what is or becomes a file, one without a name on its disk. NULL with a
 * diagnostic. */
FILE *report_file_open(struct str path, struct diags *diags);

/* One without a name, in memory: no folder for such files is needed. NULL with errno. */
FILE *report_file_temporary(void);

/* Closes it, and puts a file in its place, which is the path as real_place gives it: whole or, with a diagnostic, not
 * at all. The folders that it needs are made. */
void report_file_close(FILE *file, struct str path, struct str place, struct diags *diags);

#endif
