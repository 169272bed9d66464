/* Texts as the language server protocol counts them: lines end at "\n", "\r\n" and "\r", and a character is a byte, a
 * UTF-16 code unit or a code point, as client and server have agreed. */
#ifndef IRONHULL_LSP_TEXT_H
#define IRONHULL_LSP_TEXT_H

#include "edit.h"

#include <jansson.h>

/* Declares a JSON value that is released when its scope ends. */
#define JSON(name) json_auto_t *name

enum encoding { ENCODING_UTF16, ENCODING_UTF8, ENCODING_UTF32 };

struct lsp_text {
    struct str text; /* UTF-8 */
    enum encoding encoding;
    VEC(uint32_t) lines; /* offsets of their starts */
};

/* A text with its line table, which is on the arena. */
struct lsp_text lsp_text_of(struct arena *arena, struct str text, enum encoding encoding);

/* A range, to the caller. An offset within a character stands for its first byte. */
json_t *lsp_range(const struct lsp_text *text, struct span at);

/* What a client means. Behind the end of a line or of the text is its end, within a character its start. False for what
 * is no position or range. */
bool lsp_offset(const struct lsp_text *text, const json_t *position, uint32_t *ret);
bool lsp_span(const struct lsp_text *text, const json_t *range, struct span *ret);

/* Makes two U+FFFD, on the arena, of a character that a client counts as two where the range begins or ends between
 * these: it edits the halves of a surrogate pair one by one, and has a half left, which is no text in UTF-8. */
void lsp_split(struct arena *arena, struct lsp_text *text, const json_t *range);

/* The whole lines that a span touches, without the last one's ending. */
struct span lsp_lines(const struct lsp_text *text, struct span at);

/* The word that starts at an offset, by which an editor underlines: a key of YAML, an instruction's keyword. At least
 * one character, unless the text ends there. */
struct span lsp_word(struct str text, uint32_t offset);

/* The text of a JSON string; {NULL, 0} of another value. */
struct str lsp_json_text(const json_t *string);

/* Text as JSON; what is not UTF-8 becomes U+FFFD. */
json_t *lsp_string(struct str text);

/* The same, and a range, appended as JSON text: what is much is not built first. */
void lsp_put_string(struct buf *out, struct str text);
void lsp_put_range(struct buf *out, const struct lsp_text *text, struct span at);

/* A list of TextEdit. Those that make `after` of the text are as small as lines and their common ends allow. */
json_t *lsp_edits(const struct lsp_text *text, const struct edits *edits);
json_t *lsp_edits_to(const struct lsp_text *text, struct str after);

#endif
