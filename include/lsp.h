/* The language server, `ironhull lsp`: the core behind the Language Server Protocol 3.17
 * (microsoft.github.io/language-server-protocol), on standard input and output. One thread: what is asked for is
 * answered in its order, and what nobody waits for is done while nothing is asked. */
#ifndef IRONHULL_LSP_H
#define IRONHULL_LSP_H

#include "lsp_folder.h"
#include "lsp_wire.h"

/* An open document. */
struct lsp_document {
    struct lsp_document *next;
    char *uri;
    char *path; /* absolute; the URI itself where that names no file */
    struct lsp_folder *folder;
    json_int_t version;
    enum format format; /* as the editor calls its language; FORMAT_NONE: it does not say */
    char *text;
    uint32_t n;
    uint64_t revision;             /* of the server, when the text was changed */
    struct lsp_analysis *analysis; /* of the text; NULL: to be made when it is asked for */
    bool is_due;                   /* its diagnostics are to be published */
};

/* What the client can do. */
struct lsp_abilities {
    bool changes_versions; /* documentChanges of a WorkspaceEdit */
    bool resolves;         /* asks for the edit of a code action once it is chosen */
    bool creates_files;
    bool pulls, refreshes; /* diagnostics */
    bool relates;          /* relatedInformation */
    bool watches;          /* files, on request */
    bool configures;       /* asked by workspace/configuration */
    bool tells_settings;   /* that they have changed, on request */
    bool marks_up;         /* hovers in Markdown */
};

struct lsp_settings {
    struct arena arena;
    struct options options;
    bool fixes_on_save;
};

enum lsp_state { LSP_FRESH, LSP_RUNNING, LSP_SHUT_DOWN, LSP_GONE };

/* A workspace/diagnostic that is being answered, a document at a time. */
struct lsp_survey {
    json_t *id;    /* of the request; NULL: there is none */
    json_t *known; /* previousResultIds by path (a URI is spelled in many ways), of what is not yet looked at */
    json_t *token; /* that each report is sent with at once; NULL: all come with the answer, … */
    json_t *items; /* … these so far */
    bool is_begun;
    struct lsp_folder *folder; /* of the next document */
    uint32_t next;
};

struct lsp_server {
    struct lsp_wire wire;
    const char *version; /* of the program */
    enum lsp_state state;
    enum encoding encoding;
    struct lsp_abilities abilities;
    struct lsp_settings settings;
    struct lsp_folder *folders;
    struct lsp_document *documents;
    struct lsp_survey survey;
    json_int_t asked_settings; /* the id of our request for them */
    uint64_t revision;         /* goes up with each change */
    uint64_t surveyed;         /* the revision that the last survey began with */
};

/* Runs the server on two descriptors until the client (its process where that is known, else 0) says exit or goes away;
 * gives the exit code. */
int lsp_serve(int in, int out, json_int_t client, const char *version);

/* The same on standard input and output, as `ironhull lsp`. */
int lsp_main(int argc, char **argv, const char *version);

/* Shows a warning to the user. */
void lsp_say(struct lsp_server *server, struct str message);

/* --- documents: lsp_documents.c ------------------------------------------------------------------------------------
 */

/* The open document that a request's params name; NULL where none is open. */
struct lsp_document *lsp_document_of(struct lsp_server *server, const json_t *params);
/* The one with that path. */
struct lsp_document *lsp_document_at(struct lsp_server *server, struct str path);

/* Notifications. */
void lsp_did_open(struct lsp_server *server, const json_t *params);
void lsp_did_change(struct lsp_server *server, const json_t *params);
void lsp_did_save(struct lsp_server *server, const json_t *params);
void lsp_did_close(struct lsp_server *server, const json_t *params);

/* What the rules see in a document; made now if it has to be. */
struct lsp_analysis *lsp_analysis_of(struct lsp_server *server, struct lsp_document *document);
/* The same for a file that need not be open, to the caller. */
struct lsp_analysis *lsp_analysis_at(struct lsp_server *server, struct lsp_folder *folder, struct str path,
                                     enum format format, bool is_filter);

/* Forgets what was found in a document; in all of them, and has the client ask for it again. */
void lsp_document_forget(struct lsp_document *document);
void lsp_forget(struct lsp_server *server);
/* Has a client that asks for diagnostics ask again. */
void lsp_refresh(struct lsp_server *server);

/* The texts of all open documents, borrowed. */
struct lsp_overlays lsp_overlays_of(const struct lsp_server *server, struct arena *arena);

/* The URI of a file of a folder, and the version of the open document there, else null. */
struct str lsp_uri_of(struct lsp_server *server, struct arena *arena, const struct lsp_folder *folder, struct str path,
                      json_t **ret_version);

void lsp_documents_release(struct lsp_server *server);

/* --- folders: lsp_workspace.c --------------------------------------------------------------------------------------
 */

/* A folder of the workspace comes. */
void lsp_folder_add(struct lsp_server *server, struct str uri);

/* Notifications. */
void lsp_did_change_folders(struct lsp_server *server, const json_t *params);
void lsp_did_change_files(struct lsp_server *server, const json_t *params);

/* The folder that a file belongs to: the innermost of the workspace, else its repository, else its own. */
struct lsp_folder *lsp_folder_of(struct lsp_server *server, struct str path);
/* Lets go of repositories and folders that no document is open in any more. */
void lsp_folders_drop(struct lsp_server *server);
void lsp_folders_release(struct lsp_server *server);

/* Looks at what a folder holds, unless that is known. False where it is too much, of which the user is told once. */
bool lsp_folder_look(struct lsp_server *server, struct lsp_folder *folder);

/* What belongs together in the folders that a file is in may have changed: it is to be found out anew. */
void lsp_index_set_due(struct lsp_server *server, struct str path);
/* Whether it is in any, and doing so. */
bool lsp_index_is_due(const struct lsp_server *server);
void lsp_index_renew(struct lsp_server *server);

/* --- settings: lsp_settings.c --------------------------------------------------------------------------------------
 */

/* Takes settings in the place of those that were: options by their names (unsafe-fixes, or unsafeFixes), and fixOnSave.
 * What is wrong is shown to the user. */
void lsp_settings_take(struct lsp_server *server, const json_t *settings);

/* --- diagnostics: lsp_diagnostics.c --------------------------------------------------------------------------------
 */

/* A finding as a Diagnostic. */
json_t *lsp_diagnostic(struct lsp_analysis *analysis, const struct finding *finding);
/* What an editor underlines. */
struct span lsp_finding_span(struct lsp_analysis *analysis, const struct finding *finding);

/* Answers textDocument/diagnostic. */
void lsp_pull(struct lsp_server *server, const json_t *id, const json_t *params);
/* Publishes what is due of one document, the one first that was changed last; others only while it is quiet, so that
 * the next edit need not wait for them. False where nothing was. */
bool lsp_publish(struct lsp_server *server, bool is_quiet);
/* Whether anything is. */
bool lsp_is_due(const struct lsp_server *server);

/* workspace/diagnostic: begins, does one step (false where there is none to do), and ends without an answer where the
 * client cancels that id. */
void lsp_survey_begin(struct lsp_server *server, const json_t *id, const json_t *params);
bool lsp_survey_step(struct lsp_server *server);
bool lsp_survey_cancel(struct lsp_server *server, const json_t *id);

/* Places in other files that a finding has to do with, as DiagnosticRelatedInformation; empty where there are none. */
json_t *lsp_related(struct lsp_server *server, const struct lsp_folder *folder, struct lsp_analysis *analysis,
                    const struct finding *finding);

/* --- actions: lsp_actions.c, lsp_ignore.c, lsp_hover.c -------------------------------------------------------------
 */

json_t *lsp_code_actions(struct lsp_server *server, const json_t *params);
json_t *lsp_resolve_action(struct lsp_server *server, const json_t *params);
json_t *lsp_will_save(struct lsp_server *server, const json_t *params);
json_t *lsp_hover(struct lsp_server *server, const json_t *params);

/* The comment that silences a finding: where it goes, and how much it silences. False where none can. */
struct lsp_ignore {
    uint32_t at;
    struct str line; /* with the line ending */
    bool is_for_file;
    uint32_t n; /* findings of the rule that it silences */
};
bool lsp_ignore(struct lsp_analysis *analysis, const struct finding *finding, struct arena *arena,
                struct lsp_ignore *ret);

#endif
