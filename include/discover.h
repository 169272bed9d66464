/* Which files below a folder are ours to look at. */
#ifndef IRONHULL_DISCOVER_H
#define IRONHULL_DISCOVER_H

#include "diag.h"
#include "filter.h"
#include "source.h"
#include "vec.h"

struct found {
    struct str path;    /* as named on the command line, joined with "/" ("./" is not written) */
    enum format format; /* FORMAT_NONE: YAML or JSON, its content decides */
};

struct found_list {
    VEC(struct found) list;
    bool has_ignored; /* git leaves out files or folders that might have been in it */
    bool is_cut;      /* there is more than was wanted; nothing of the folder is in it */
};

/* The format that a file name stands for: Dockerfile, Dockerfile.*, *.Dockerfile, and the same with Containerfile (any
 * case; not those that end in .dockerignore, .md, copies that editors and tools keep: .orig, .bak, .old, .rej, ~, nor
 * templates of them: .j2, .tmpl and the like) · compose.y(a)ml, compose.*.y(a)ml, docker-compose*.y(a)ml · FORMAT_NONE
 * for any other. */
enum format discover_format(struct str path);

/* Whether the name of a file with this suffix says that it is a copy of another one. */
bool discover_is_backup(struct str suffix);

/* The format that the content of a YAML or JSON file stands for: FORMAT_KUBE where it has the keys apiVersion and kind
 * or is a JSON patch (RFC 6902), FORMAT_COMPOSE where it has a top-level key services with services as compose has
 * them, FORMAT_DOCKERFILE where its first instruction is FROM or ARG, else FORMAT_NONE. A look at the bytes, not a
 * parse. */
enum format discover_content(struct str text);

/* What is wanted of a folder; {0} for everything. */
struct discovery {
    struct str skip;       /* a folder to leave out */
    struct str glob;       /* of gitignore(5), from the folder: only files that it matches */
    struct filter *filter; /* NULL: none */
    uint32_t most;         /* names to look at, one that may be ours counts for twenty; 0: all that there are */
};

/* Appends the files below a folder, sorted by path, that have one of our names or end in .yaml, .yml or .json, but for
 * CONFIG_NAME. Left out are folders named .git, node_modules and vendor, and what git leaves out by .gitignore (those
 * of the folders above up to the top of the repository included) and .git/info/exclude, whether it is tracked or not;
 * repositories in the folder have rules of their own. The folder itself is read in any case. Symbolic links are not
 * followed. A folder that cannot be read gives a diagnostic. */
void discover(struct arena *arena, struct str folder, const struct discovery *wanted, struct found_list *ret,
              struct diags *diags);

#endif
