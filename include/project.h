/* The documents of one run. */
#ifndef IRONHULL_PROJECT_H
#define IRONHULL_PROJECT_H

#include "config.h"
#include "discover.h"
#include "map.h"
#include "repository.h"
#include "stage.h"
#include "suppress.h"
#include "trees.h"
#include "workload.h"
#include "yaml.h"

struct finding;
struct build;
struct written_cache;

/* Why a program must stay root, as a pod says. */
struct root_need {
    struct str target; /* the stage, as `target` of a build */
    struct str reason; /* one clause */
};

/* Where a compose service stands: its pair in one document of a file. */
struct place {
    struct document *document;
    uint32_t index; /* of the YAML document in the file */
    struct str name;
};

/* A service whose keys another one has too, because it extends it or its file is merged onto that one's. */
struct dependence {
    struct place on, by;
    struct dependence *next; /* on a service of the same name */
    struct dependence *last; /* of the first one: that the next one follows */
};

/* What a kustomization does to the images of a name; empty where it keeps what is there. */
struct image_rename {
    struct str name, new_name, tag, digest;
};

/* What a run has made of a pod. */
struct pod_levels {
    struct str kind, name;  /* of the object; empty where it has none */
    struct str before_text; /* of the object, as it was read */
    uint32_t at;            /* of the object, in the file as it was read */
    struct position where;  /* the same place */
    enum pod_level before, after;
    struct str renewal; /* what else is to be done for a changed object to hold on a cluster; {NULL, 0}: nothing */
};

struct document {
    struct str path;          /* as named by the user or found */
    struct str in_repository; /* the same as repository_path has it */
    enum format format;
    const struct config *config;       /* that applies to it; never NULL */
    bool is_selected;                  /* may be changed; else it is only read for its facts */
    bool is_new;                       /* there is no such file yet */
    bool is_broken;                    /* could not be read or parsed: nothing is written */
    bool is_done;                      /* is hardened, as far as it can be */
    uint64_t hash;                     /* of the bytes as they were when the document was added */
    bool is_loaded;                    /* `before` and `after` are at hand */
    bool is_stale;                     /* the file has changed between these two */
    uint32_t unit;                     /* of those that are hardened together: see units.h */
    struct str before, after;          /* the bytes as read, and hardened */
    struct build_arguments arguments;  /* of a Dockerfile: what services build it with; a value is not known where they
                                          differ */
    struct document *owner;            /* of a .dockerignore: its Dockerfile */
    struct str content;                /* of a seccomp profile: what is to be written */
    VEC(struct document *) companions; /* its .dockerignore, or the seccomp profiles that may be named in it */
    VEC(struct document *) wanted_by;  /* of a seccomp profile: what names it */
    VEC(struct build *) builds;        /* of a Dockerfile: what builds it */
    struct str context;                /* of a Dockerfile: the folder that it is built in; {NULL, 0}: not a local one */
    struct map service_builds;         /* of a compose file: by service, the first struct build of it */
    struct str name;       /* of a compose file: the project's, as it gives it; {NULL, 0} where it does not */
    struct str directory;  /* of a compose file: the project's, where another file says so; {NULL, 0}: its own folder */
    struct document *onto; /* of a compose file: the one that it is merged onto, or may be; NULL where there is none */
    bool is_part;          /* of a compose file: one in another folder includes it, or extends a service of it */
    VEC(struct document *) below;     /* of a compose file: others that give its services some of their keys */
    struct map dependences;           /* of a compose file: by service, the first struct dependence on it */
    VEC(struct root_need) root_needs; /* of a Dockerfile: of the pods that run its image */
    struct workload workload;         /* of a Dockerfile: its final stage, once it is hardened */
    struct document *settled;         /* of a Dockerfile: itself hardened and parsed, for facts: see project_settled */
    struct source source;             /* the current text */
    struct dockerfile *dockerfile;    /* parsed, while the document is at hand */
    struct stages stages;
    struct yaml *yaml;
    struct suppress suppress;         /* what its comments say, of the current text */
    bool may_need_root;               /* of a manifest: what pod_may_need_root says of it */
    bool is_in_chart;                 /* of a manifest: it is among the templates of a Helm chart */
    bool is_template;                 /* of a manifest: it has to be rendered, nothing in it is parsed … */
    uint32_t template_at;             /* … as shows here */
    struct str patched_by;            /* of a manifest: the kustomization that it is a patch of; {NULL, 0}: none */
    VEC(struct image_rename) renames; /* of a manifest: by the kustomization that lists it */
    VEC(struct pod_levels) pods;      /* of a manifest, in its order */
    VEC(struct str) steps;            /* its text before each pass, where the project keeps them */
    VEC(struct finding *) findings;   /* applied ones, those that are left, and suppressed ones */
    /* by index of struct suppression: what to say if it silences nothing; NULL if it does, or names no rule */
    VEC(struct finding *) unused;
};

/* One service that builds a Dockerfile, or a configuration that says that an image is built from it. */
struct build {
    struct place place;                 /* of the service; else empty */
    const struct config_build *mapping; /* of the configuration; else NULL */
    struct document *document;          /* of the Dockerfile; NULL where it is not at hand */
    struct str image;                   /* what the service calls the image; {NULL, 0} where it does not */
    struct str context;                 /* the context folder's path; {NULL, 0}: not a local folder */
    struct str dockerfile;              /* its path; {NULL, 0} where it is inline or remote */
    struct str text;                    /* of an inline one; else {NULL, 0} */
    struct str target;                  /* empty: the last stage */
    struct build_arguments arguments;   /* as the service says */
    bool has_init;                      /* `init: true`: the engine puts an init in front */
    struct command entrypoint, command; /* in the place of the image's, where they are set */
    bool has_user;                      /* the service says who runs it */
    struct str needs_root;              /* why its program must stay root, one clause; {NULL, 0}: nothing says so */
    VEC(struct str) volumes;            /* where volumes are mounted that it may write to, absolute */
    struct build *next;                 /* of a service of the same name, in a later document of the file; else NULL */
};

/* A row of the tables by which images are found: see image_link.h. */
struct image_link {
    struct str name;
    const struct build *build;   /* NULL where nothing but the Dockerfile is known */
    struct document *dockerfile; /* NULL where that is not at hand */
};

struct project {
    struct arena *arena;
    struct diags *diags;
    struct map texts; /* by path, struct str: what is to be taken for a file's bytes, in place of those on disk */
    /* Sees to it that a Dockerfile has `settled`; set by the pipeline. */
    void (*settle)(const struct project *project, struct document *document);
    struct settlement *settlement; /* those that are hardened apart for it; the pipeline's */
    struct trees *trees;           /* of the YAML that is parsed; NULL: none is kept */
    struct configs configs;
    struct repositories repositories;
    struct filter_options filter;
    struct written_cache *written; /* what is kept of build contexts: see writes.h; NULL: nothing */
    uint32_t unit;                 /* whose documents are at hand */
    bool needs_no_fingerprints;    /* nothing that is printed has them */
    bool keeps_steps;              /* of each document, so that its fixes can be made one by one */
    bool is_filter;                /* one document from standard input: no other file can be written */
    uint32_t most;                 /* of struct discovery, for each folder that is added */
    bool is_cut;                   /* one of them has more, and nothing of it was added */
    VEC(struct str)
    roots; /* the folders that were named, or that hold the files that were, and those of Dockerfiles that
              configurations name: no file outside is changed, and no Dockerfile read */
    VEC(struct str) real_roots; /* their absolute paths, and those of files that were named, without symbolic links */
    struct str_list only; /* files and folders that may be changed, the others are read for their facts; n = 0: all */
    VEC(struct document *) documents; /* sorted by path once they are linked */
    struct map by_path;               /* the documents */
    struct document *input;           /* of a filter: the document that came from standard input */
    VEC(struct build) builds;
    VEC(struct image_link) images;    /* by repository, as services name what they build */
    VEC(struct image_link) likely;    /* by service, and by the Dockerfile's folder */
    bool has_more_dockerfiles;        /* than are at hand: none is the only one */
    struct document *only_dockerfile; /* NULL where there are none or several */
};

/* Adds the documents below the named files and folders: reads them and finds out what they are. A path that is not
 * there and has one of *?[ in it stands for the files that it matches, as `glob` of a struct discovery. `skip` is a
 * folder to leave out. Bad input gives diagnostics; the others are still there. */
void project_add(struct project *project, const struct str *paths, uint32_t n, struct str skip);

/* Takes `text` for the bytes of a file, in place of those on disk; for all that is read from then on. */
void project_hold(struct project *project, struct str path, struct str text);

/* Reads a file as source_read does, or gives a copy of the text that is held in its place. ELOOP where a symbolic link
 * leads out of the named folders, but for files that were named themselves. */
bool project_read(const struct project *project, struct str path, struct arena *arena, struct str *ret,
                  struct diags *diags);

/* The path of a file without symbolic links, for write_stage; {NULL, 0} where one leads out. */
struct str project_place(const struct project *project, struct str path, struct arena *arena);

/* Adds the documents below a folder, of which only those may be changed that are among the paths or below them: what
 * else the paths name is passed over, and the others are read for their facts. A path that is not there, or not below
 * the folder, gives a diagnostic. */
void project_add_only(struct project *project, struct str folder, const struct str *paths, uint32_t n, struct str skip);

/* Adds a document whose bytes are held. */
struct document *project_add_held(struct project *project, struct str path, enum format format, bool is_selected);

/* Adds one document whose bytes are given; `path` says what it is and which folder it belongs to. */
void project_add_text(struct project *project, struct str path, struct str text);

/* Adds a folder whose files may be read. */
void project_add_root(struct project *project, struct str folder);

/* Adds a document. Its bytes are read when they are needed: see project_load. */
struct document *project_add_document(struct project *project, struct str path, enum format format, bool is_selected);

/* Reads a document's bytes onto the project's arena, unless they are there. False where that fails; a diagnostic says
 * why, and the document is broken. */
bool project_load(struct project *project, struct document *document);

/* The current bytes of a document, read onto `arena` where they are not at hand; {NULL, 0} where that fails. */
struct str project_text(const struct project *project, const struct document *document, struct arena *arena);

/* A Dockerfile as it is once it is hardened, parsed, for its facts; may be asked for by any thread, and stays until
 * `unit` is let go of. */
const struct document *project_settled(const struct project *project, struct document *document);

/* Adds a file for its facts only, if it is there and within reach; else NULL. One that is there already stays as it is.
 */
struct document *project_add_context(struct project *project, struct str path);

/* Whether a path lies below one of the folders that were named, by its text and once symbolic links are followed. */
bool project_is_inside(const struct project *project, struct str path);

/* Whether a compose file is merged onto another one, or is that one itself. */
bool document_is_onto(const struct document *document, const struct document *file);

/* The document with that path; NULL where there is none, and for {NULL, 0}. */
struct document *project_find(const struct project *project, struct str path);

/* The text of a file in a build context, for facts: {NULL, 0} where it cannot be read or lies outside. `name` is
 * relative to the folder. */
struct str project_context_file(const struct project *project, struct str folder, struct str name, struct arena *arena);

/* Calls `see` with the path of each file of a build context, relative to the folder, until it gives false; folders
 * named .git, and files and folders whose name `is_left_out` (which may be NULL), are left out, symbolic links not
 * followed. False where it did, the folder cannot be read or lies outside, or has more than 5,000 files. */
bool project_context_each(const struct project *project, struct str folder, bool (*is_left_out)(struct str name),
                          bool (*see)(void *context, struct str path), void *context, struct arena *arena);

/* Whether there is a file or folder with that path, within reach. */
bool project_has(const struct project *project, struct str path, struct arena *arena);

/* Whether others than its owner can read a file of a build context, and start it where the owner can; of a folder all
 * that is directly in it (the folder itself is made anew in the image). True for what is not there. */
bool project_is_readable(const struct project *project, struct str folder, struct str name, struct arena *arena);

#endif
