/* The JSON Schema of .ironhull.yaml, from the table of its keys. */
#ifndef IRONHULL_CONFIG_SCHEMA_H
#define IRONHULL_CONFIG_SCHEMA_H

#include "str.h"

/* The schema, of the draft that editors and SchemaStore take (draft-07), with a newline at its end. */
struct str config_schema(struct arena *arena);

#endif
