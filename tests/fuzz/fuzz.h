/* What fuzz targets share. */
#ifndef IRONHULL_TESTS_FUZZ_H
#define IRONHULL_TESTS_FUZZ_H

#include "str.h"

/* Ends the process, with the place, where something does not hold. */
#define MUST(condition) must((condition), __FILE__, __LINE__, #condition)
void must(bool holds, const char *file, int line, const char *condition);

/* The same with two texts that are to be equal. */
void must_equal(struct str a, struct str b, const char *what);

/* Makes a temporary folder, which goes when the process ends, and goes there. Gives its path. */
const char *fuzz_folder(void);

/* Takes everything out of it, or the folder away. */
void fuzz_folder_clear(void);
void fuzz_folder_remove(void);

/* Writes a file, and makes the folders above it. */
void fuzz_put(const char *path, struct str text);

/* Cuts what is in front of the next byte 0xff off. False where there is no more. */
bool fuzz_cut(struct str *rest, struct str *ret_part);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
