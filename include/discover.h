/* Which files below a folder are ours to look at. */
#ifndef IRONHULL_DISCOVER_H
#define IRONHULL_DISCOVER_H

#include "diag.h"
#include "source.h"
#include "vec.h"

struct found {
    struct str path;    /* as named on the command line, joined with "/" ("./" is not written) */
    enum format format; /* FORMAT_NONE: YAML or JSON, its content decides */
};

struct found_list {
    VEC(struct found) list;
};

/* The format that a file name stands for: Dockerfile, Dockerfile.*, *.Dockerfile, Containerfile, Containerfile.* (any
 * case; not *.dockerignore, nor copies that editors and tools keep: *.orig, *.bak, *.old, *.rej, *~) · compose.y(a)ml,
 * compose.*.y(a)ml, docker-compose*.y(a)ml · FORMAT_NONE for any other. */
enum format discover_format(struct str path);

/* Whether the name of a file with this suffix says that it is a copy of another one. */
bool discover_is_backup(struct str suffix);

/* The format that the content of a YAML or JSON file stands for: FORMAT_KUBE where it has the keys apiVersion and kind
 * or is a JSON patch (RFC 6902), FORMAT_COMPOSE where it has a top-level key services, FORMAT_DOCKERFILE where its
 * first instruction is FROM or ARG, else FORMAT_NONE. A look at the bytes, not a parse. */
enum format discover_content(struct str text);

/* Appends the files below a folder, sorted by path, that have one of our names or end in .yaml, .yml or .json, but for
 * CONFIG_NAME. Folders
 * named .git, node_modules, vendor and the folder `skip` (may be {NULL, 0}) are left out, symbolic links are not
 * followed. A folder that cannot be read gives a diagnostic. */
void discover(struct arena *arena, struct str folder, struct str skip, struct found_list *ret, struct diags *diags);

#endif
