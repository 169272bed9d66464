/* What a language server knows of a folder of the workspace, and of one file in it. The core does the work: each file
 * is looked at as `ironhull FILE` does in that folder, with the files that belong to it read for their facts only, so
 * that no fix rests on one that nobody has written yet. */
#ifndef IRONHULL_LSP_FOLDER_H
#define IRONHULL_LSP_FOLDER_H

#include "lsp_text.h"
#include "options.h"

/* Which files of a folder belong together, as they were when they were last looked at. */
struct lsp_index {
    struct arena arena;
    bool is_made;
    bool is_cut;            /* it is too large: nothing is known of it, and it is not looked at again */
    VEC(struct str) paths;  /* of all documents, from the folder */
    struct map owners;      /* by path of a .dockerignore, struct str: the path of its Dockerfile */
    struct map groups;      /* by path, struct lsp_group: what it is in */
    uint32_t n_dockerfiles; /* of the folder */
};

struct lsp_group {
    VEC(struct str) paths;
};

/* A folder of the workspace; the repository of a file that is in none; that file's own folder, of which only what is
 * directly in it and what the file names is looked at. */
enum lsp_folder_kind { LSP_WORKSPACE, LSP_REPOSITORY, LSP_ALONE };

/* More names than this are not looked for in a folder; one that may be of ours counts for twenty. It takes a second. */
enum { LSP_MOST_NAMES = 200000 };

struct lsp_folder {
    struct lsp_folder *next;
    char *path; /* absolute, clean; "" stands for texts that are in no folder */
    enum lsp_folder_kind kind;
    bool is_due; /* what belongs together in it may have changed */
    struct lsp_index index;
    struct trees trees; /* of what was looked at last */
    struct written_cache
        *written; /* of sources, as they were when a file of ours was last opened or saved; NULL: none */
};

/* One file, as the rules see it. Everything is on its arena. */
struct lsp_analysis {
    struct arena arena;
    struct diags diags;
    struct project project;
    struct document *document; /* NULL: it is none of ours */
    uint32_t n_own;            /* of its findings, those that are in it: behind them come those of files it lacks */
    struct lsp_text text;      /* of it */
    struct lsp_scope {
        bool is_read, is_there; /* is_there: a comment can stand above that line … */
        uint32_t line;          /* … by the offset of its start … */
        struct span at;         /* … and is about these bytes; the end of the whole file is UINT32_MAX */
    } scope;                    /* the last one that was looked for */
};

/* What an editor holds. */
struct lsp_overlay {
    struct str path, text; /* absolute; or a name, of a text that is in no folder */
};

struct lsp_overlays {
    VEC(struct lsp_overlay) list;
};

/* Has the sources of programs in it looked at again. */
void lsp_folder_forget_sources(struct lsp_folder *folder);

/* Looks at the file `path` of a folder, hardened with these options. `format` says what it is where neither its name
 * nor its content does. The result is given back with lsp_analysis_free. */
struct lsp_analysis *lsp_analyse(struct lsp_folder *folder, struct str path, enum format format,
                                 const struct lsp_overlays *overlays, const struct options *options,
                                 enum encoding encoding, bool is_filter);
void lsp_analysis_free(struct lsp_analysis *analysis);

/* Whether a finding of the document is in it, and not in a file that it lacks. */
bool lsp_is_own(const struct lsp_analysis *analysis, const struct finding *finding);

/* The text of a YAML document as nodes, until another file is looked at; NULL where it does not parse. */
struct yaml *lsp_yaml(struct lsp_analysis *analysis);

/* Makes the index, which is not there. False where the folder has more than LSP_MOST_NAMES; the root and a home, which
 * editors take for a workspace where nothing tells them of a better one, are cut without that. */
bool lsp_index_make(struct lsp_folder *folder, const struct lsp_overlays *overlays, const struct options *options);
/* Forgets it. */
void lsp_index_release(struct lsp_index *index);

/* The path of a file from its folder; the same where it is not in it. */
struct str lsp_path_in(const struct lsp_folder *folder, struct str path);

/* The path that a URI of the scheme file names; {NULL, 0} for another one. And back. */
struct str lsp_uri_path(struct arena *arena, struct str uri);
struct str lsp_path_uri(struct arena *arena, struct str path);

#endif
