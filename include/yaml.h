/* YAML and JSON documents with the bytes of every node, from libyaml's events.
 *
 * libyaml counts code points and ends block collections at the next token; here every span is in bytes and ends with
 * the last byte of the node's own content. All memory is on the arena. */
#ifndef IRONHULL_YAML_H
#define IRONHULL_YAML_H

#include "diag.h"
#include "map.h"
#include "source.h"
#include "vec.h"

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING, YAML_ALIAS };
enum yaml_style { YAML_PLAIN, YAML_SINGLE_QUOTED, YAML_DOUBLE_QUOTED, YAML_LITERAL, YAML_FOLDED };

struct yaml_pair {
    struct yaml_node *key, *value;
};

struct yaml_node {
    enum yaml_kind kind;
    enum yaml_style style;    /* of a scalar */
    bool is_flow;             /* of a collection: { } or [ ], or a pair in [ ] */
    bool is_key;              /* a mapping's key, or within one: never edited */
    struct str value;         /* a scalar's text, decoded; an alias's anchor name */
    struct str anchor, tag;   /* {NULL, 0} where none; tags as written: "!reset", "tag:yaml.org,2002:str" */
    struct span at;           /* the content, without anchor and tag. Block collection: first key or dash to the end of
                                 the last leaf. A null value: empty, behind the colon or dash */
    uint32_t column;          /* of `at.start` in its line, in bytes */
    uint32_t depth;           /* 0 for a document's root */
    uint32_t index;           /* position in the document, in reading order: identity for reports */
    uint32_t n;               /* of pairs or items */
    struct yaml_node *parent; /* NULL for a root */
    struct yaml_node *target; /* of an alias: the anchored node */
    struct yaml_pair *pairs;  /* of a mapping */
    struct map *by_key;       /* of a mapping with many: the pairs whose keys are scalars; else NULL */
    struct yaml_pair *merge;  /* of a mapping: the one of them whose key is a plain "<<"; NULL where none is */
    struct yaml_node **items; /* of a sequence */
};

/* One document of a stream. */
struct yaml_document {
    struct yaml_node *root; /* NULL for an empty document */
    struct span at;
};

struct yaml {
    struct source *source;
    VEC(struct yaml_document) documents;
    bool is_json;      /* the first root is a flow collection with double-quoted keys */
    uint32_t step;     /* columns by which the file indents mappings: its first nested block mapping's, else 2 */
    int32_t list_step; /* columns by which the file indents block sequences under their key: 0 for flush ones; its first
                          one's, else 2; -1 where the file has none */
};

/* Deepest nesting that is followed; deeper input is refused. */
enum { YAML_MAX_DEPTH = 200 };

/* Parses all documents. NULL with a diagnostic (line, column, libyaml's problem in our words where we know better) for
 * what libyaml refuses, for duplicate keys in one mapping, for unknown aliases, for nesting over YAML_MAX_DEPTH. */
struct yaml *yaml_parse(struct arena *arena, struct source *source, struct diags *diags);

/* The node itself, or what an alias (of an alias …) stands for. NULL for NULL. */
struct yaml_node *yaml_resolve(struct yaml_node *node);
/* The value of a mapping's own key, as written: an alias is not followed. NULL where there is none, or for a node that
 * is no mapping (an alias to one is followed). */
struct yaml_node *yaml_own(const struct yaml_node *mapping, struct str key);
/* The value that a loader sees: own key first, then merged ones (`<<`), aliases resolved. NULL for one that compose's
 * tag `!reset` takes away. */
struct yaml_node *yaml_get(const struct yaml_node *mapping, struct str key);
/* Whether a mapping has the keys of one for which `is_it` gives true by `<<`, directly or not. */
bool yaml_merges(const struct yaml_node *mapping, bool (*is_it)(const void *context, const struct yaml_node *merged),
                 const void *context);
/* The list that a loader sees under a key; an empty one where there is none, or something else. Never NULL. */
const struct yaml_node *yaml_list(const struct yaml_node *mapping, struct str key);
/* The pair with that key, for its position; NULL where there is none. */
struct yaml_pair *yaml_pair(const struct yaml_node *mapping, struct str key);
/* The text of a scalar, {NULL, 0} for anything else and for NULL. */
struct str yaml_text(const struct yaml_node *node);
/* A plain empty, ~ or null scalar (YAML 1.2 core schema). False for NULL. */
bool yaml_is_null(const struct yaml_node *node);

/* Compose's own tags: a value that takes the place of those below it, and one that is taken back (compose-spec,
 * 13-merge.md). False for NULL. */
bool yaml_is_override(const struct yaml_node *node);
bool yaml_is_reset(const struct yaml_node *node);
/* The value of a boolean scalar as YAML 1.1 and 1.2 agree on it (true, false in the usual capitalisations; compose also
 * takes them quoted). False where it is none. */
bool yaml_bool(const struct yaml_node *node, bool *ret_value);
/* Whether a value is such a `true`. */
bool yaml_is_true(const struct yaml_node *node);

/* What is to be inserted, before it has bytes: rows of const tables made from templates/, or built on an arena. */
struct yaml_value {
    enum yaml_kind kind; /* scalar, sequence or mapping */
    struct str key;      /* within a mapping */
    struct str text;     /* of a scalar */
    bool is_quoted;      /* a scalar that must be a string: double-quoted, or as is usual in its place */
    const struct yaml_value *children;
    uint32_t n;
    enum yaml_style quotes; /* of a quoted scalar that is to look as another one; else YAML_PLAIN */
};

/* Whether two values say the same, however they are quoted. */
bool yaml_is_same_value(const struct yaml_value *a, const struct yaml_value *b);

/* What a loader sees in a node, as a value to be written once more: aliases and merges resolved, without comments. On
 * the arena. False for more than a few hundred nodes, for tags that do more than name the kind, and for keys that are
 * no scalars. */
bool yaml_copy(struct arena *arena, const struct yaml_node *node, struct yaml_value *ret_value);

/* Nodes of a document that are not to stay as they are. */
struct yaml_changes {
    VEC(const struct yaml_node *) replaced; /* may have become anything */
    VEC(const struct yaml_node *) removed;  /* items, and keys of pairs, that may be gone */
};

/* Whether `after` holds everything that `before` holds, in the same order, and the rest is new keys, new items and
 * filled nulls, but for `changes` (NULL: none). Used to verify results: false names the first node of `before` that is
 * lost or changed (NULL where a whole document is). */
bool yaml_extends(const struct yaml *before, const struct yaml *after, const struct yaml_changes *changes,
                  const struct yaml_node **ret_lost);

#endif
