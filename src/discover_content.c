#include "discover.h"

#include "template.h"

#include <string.h>

/* Keys that have been seen in a document: at its top, in an item of a list that is its root, and (ANY_) anywhere. */
enum {
    TOP_API = 1,
    TOP_KIND = 2,
    TOP_SERVICES = 4,
    TOP_ITEMS = 8,
    ANY_API = 16,
    ANY_KIND = 32,
    ITEM_OP = 64,
    ITEM_PATH = 128,
    SERVICE_KEY = 256, /* of any tool's service */
    COMPOSE_KEY = 512, /* one that a compose file's has */
};

static const struct {
    struct str key;
    uint32_t top, any, item;
} telling_keys[] = {
    {STR_INIT("apiVersion"), TOP_API, ANY_API, 0},
    {STR_INIT("kind"), TOP_KIND, ANY_KIND, 0},
    {STR_INIT("services"), TOP_SERVICES, 0, 0},
    {STR_INIT("items"), TOP_ITEMS, 0, 0},
    {STR_INIT("op"), 0, 0, ITEM_OP},
    {STR_INIT("path"), 0, 0, ITEM_PATH},
};

enum { NO_COLUMN = -2 };

/* What the lines of one document have shown so far. */
struct look {
    uint32_t seen;
    int32_t top;         /* column of the top-level keys; NO_COLUMN before the first */
    int32_t scalar;      /* lines further in than this are text; NO_COLUMN outside of a block scalar */
    int32_t item;        /* column of the keys in an item of a list that is the root; NO_COLUMN outside of one */
    bool is_list;        /* the root is one */
    bool is_in_services; /* the line above is "services:", what it holds comes next */
    int32_t service;     /* column of the names of services; NO_COLUMN before the first, and outside of services */
    int32_t inside;      /* column of the keys in the service at hand; NO_COLUMN before the first */
    bool has_services;   /* the last key at the top is "services" */
};

static const struct look fresh_look = {0, NO_COLUMN, NO_COLUMN, NO_COLUMN, false, false, NO_COLUMN, NO_COLUMN, false};

static enum format verdict(const struct look *look) {
    bool is_object = (look->seen & TOP_API) && (look->seen & TOP_KIND);
    bool is_list = (look->seen & TOP_ITEMS) && (look->seen & ANY_API) && (look->seen & ANY_KIND);
    bool is_patch = (look->seen & ITEM_OP) && (look->seen & ITEM_PATH); /* RFC 6902 */
    if (is_object || is_list || is_patch)
        return FORMAT_KUBE;
    bool is_other = (look->seen & SERVICE_KEY) && !(look->seen & COMPOSE_KEY);
    return (look->seen & TOP_SERVICES) && !is_other ? FORMAT_COMPOSE : FORMAT_NONE;
}

/* A compose file's services are a mapping: other tools have lists of that name. */
static void note_key(struct look *look, struct str key, struct str value, bool is_top, bool is_in_item) {
    look->is_in_services = false;
    for (size_t i = 0; i < sizeof telling_keys / sizeof *telling_keys; i++) {
        if (!str_eq(telling_keys[i].key, key))
            continue;
        bool is_services = telling_keys[i].top == TOP_SERVICES;
        if (is_top && !(is_services && str_starts(value, STR("["))))
            look->seen |= telling_keys[i].top;
        look->is_in_services = is_top && is_services && (value.n == 0 || value.p[0] == '#');
        look->seen |= telling_keys[i].any | (is_in_item ? telling_keys[i].item : 0);
    }
}

/* Notes a key of a service. A merge key tells nothing. */
static void note_service_key(struct look *look, struct str key) {
    bool is_ours = template_has_name(NAMES_SERVICE_KEYS, key) || str_starts(key, STR("x-"));
    if (!str_eq(key, STR("<<")))
        look->seen |= SERVICE_KEY | (is_ours ? COMPOSE_KEY : 0);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* End of a quoted text that starts at `at`: behind its closing quote, or the end of the text. */
static uint32_t quoted_end(struct str text, uint32_t at) {
    char quote = text.p[at++];
    while (at < text.n && text.p[at] != quote)
        at += text.p[at] == '\\' && quote == '"' ? 2 : 1;
    return at < text.n ? at + 1 : text.n;
}

/* Splits "key: value", the key plain or quoted. */
static bool split_pair(struct str line, struct str *ret_key, struct str *ret_value) {
    bool is_quoted = line.p[0] == '"' || line.p[0] == '\'';
    uint32_t end = is_quoted ? quoted_end(line, 0) : 0, colon = str_find(line, end, ':');
    while (!is_quoted && colon + 1 < line.n && !is_blank(line.p[colon + 1]))
        colon = str_find(line, colon + 1, ':');
    if (colon >= line.n)
        return false;
    *ret_key = is_quoted ? str_sub(line, 1, end - 1) : str_trim(str_sub(line, 0, colon));
    *ret_value = str_trim(str_sub(line, colon + 1, line.n));
    return !is_quoted || str_trim(str_sub(line, end, colon)).n == 0;
}

/* Whether a value is the head of a block scalar: "|", ">-", "!!str |2" and the like. */
static bool opens_scalar(struct str value) {
    uint32_t comment = 0;
    while (comment < value.n && !(value.p[comment] == '#' && comment > 0 && is_blank(value.p[comment - 1])))
        comment++;
    value = str_trim(str_sub(value, 0, comment));
    bool has_properties = value.n > 0 && (value.p[0] == '!' || value.p[0] == '&');
    uint32_t space = str_rfind(value, ' ');
    if (has_properties && space < value.n)
        value = str_sub(value, space + 1, value.n);
    if (value.n == 0 || (value.p[0] != '|' && value.p[0] != '>'))
        return false;
    for (uint32_t i = 1; i < value.n; i++)
        if (!strchr("+-123456789", value.p[i]))
            return false;
    return true;
}

/* Looks through a flow collection (JSON as well) that starts at `at`, as an item of the root or as the root itself;
 * gives the offset behind it. */
static uint32_t look_at_flow(struct look *look, struct str text, uint32_t at, bool is_item) {
    uint32_t depth = 0;
    bool is_key = false, is_list = text.p[at] == '[';
    while (at < text.n) {
        char c = text.p[at];
        uint32_t from = at++;
        if (c == '{' || c == '[') {
            depth++;
            is_key = c == '{';
        } else if (c == '}' || c == ']') {
            is_key = false;
            if (--depth == 0)
                return at;
        } else if (c == ',') {
            is_key = true;
        } else if (c == '#') {
            at = str_find(text, at, '\n');
        } else if (!is_blank(c)) {
            bool is_quoted = c == '"' || c == '\'';
            at = is_quoted ? quoted_end(text, from) : at;
            while (!is_quoted && at < text.n && !strchr(",:{}[]\n", text.p[at]))
                at++;
            struct str key = str_trim(str_sub(text, from + is_quoted, at - is_quoted));
            while (at < text.n && is_blank(text.p[at]))
                at++;
            if (is_key && at < text.n && text.p[at] == ':')
                note_key(look, key, str_trim(str_sub(text, at + 1, at + 64)), depth == 1 && !is_item,
                         is_item ? depth == 1 : is_list && depth == 2);
            is_key = false;
        }
    }
    return at;
}

/* Looks at a key of a line for what it says of services: those of a block, whose keys are in one or in one line. */
static void look_at_service(struct look *look, int32_t column, struct str key, struct str value) {
    if (column <= look->top) {
        look->has_services = str_eq(key, STR("services"));
        look->service = NO_COLUMN;
    } else if (look->has_services && (look->service == NO_COLUMN || column == look->service)) {
        look->service = column;
        look->inside = NO_COLUMN;
        struct str first, rest;
        if (value.n > 1 && value.p[0] == '{' && split_pair(str_trim(str_sub(value, 1, value.n)), &first, &rest))
            note_service_key(look, first);
    } else if (look->has_services && (look->inside == NO_COLUMN || column == look->inside)) {
        look->inside = column;
        note_service_key(look, key);
    }
}

/* Looks at what a line holds from `column` on, which is neither empty nor a comment. */
static void look_at_line(struct look *look, struct str line, int32_t column) {
    struct str key, value = line;
    int32_t parent = column - 1;
    bool is_item = false;
    if (look->top == NO_COLUMN) {
        look->top = column;
        look->is_list = value.p[0] == '-';
    }
    while (value.p[0] == '-' && (value.n == 1 || is_blank(value.p[1]))) {
        struct str behind = str_trim(str_sub(value, 1, value.n));
        if (look->is_in_services)
            look->seen &= ~(uint32_t)TOP_SERVICES;
        look->is_in_services = false;
        if (behind.n == 0)
            return;
        bool is_root = look->is_list && !is_item && column == look->top;
        is_item = true;
        parent = column;
        column += (int32_t)(behind.p - value.p);
        look->item = is_root ? column : look->item;
        value = behind;
        if (is_root && value.p[0] == '{')
            look_at_flow(look, value, 0, true);
    }
    struct str content = value;
    if (split_pair(content, &key, &value)) {
        parent = column;
        if (!is_item)
            look_at_service(look, column, key, value);
        note_key(look, key, value, !is_item && column == look->top, column == look->item);
    }
    look->scalar = opens_scalar(value) ? parent : NO_COLUMN;
}

static bool is_document_start(struct str line) {
    return str_starts(line, STR("---")) && (line.n == 3 || is_blank(line.p[3]));
}

/* Whether a Dockerfile's first instruction comes first. */
static bool is_dockerfile(struct str text) {
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        uint32_t end = 0;
        while (end < line.n && !is_blank(line.p[end]))
            end++;
        struct str keyword = str_sub(line, 0, end), rest = str_trim(str_sub(line, end, line.n));
        bool is_known = str_eq_nocase(keyword, STR("FROM")) || str_eq_nocase(keyword, STR("ARG"));
        return is_known && rest.n > 0 && rest.p[0] != ':';
    }
    return false;
}

enum format discover_content(struct str text) {
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_sub(text, 3, text.n);
    if (is_dockerfile(text))
        return FORMAT_DOCKERFILE;
    enum format best = FORMAT_NONE;
    struct look look = fresh_look;
    for (uint32_t at = 0, end; at < text.n; at = end + 1) {
        end = str_find(text, at, '\n');
        struct str line = str_sub(text, at, end), content = str_trim(line);
        int32_t column = (int32_t)(content.p - line.p);
        if (is_document_start(line)) {
            best = verdict(&look) == FORMAT_NONE || best == FORMAT_KUBE ? best : verdict(&look);
            look = fresh_look;
            content = str_trim(str_sub(line, 3, line.n));
            column = -1;
            look.scalar = opens_scalar(content) ? -1 : NO_COLUMN;
        }
        bool is_text = look.scalar != NO_COLUMN && column > look.scalar;
        bool is_template = str_starts(content, STR("{{")) || str_starts(content, STR("{%"));
        if (content.n == 0 || is_text || is_template || content.p[0] == '#' || line.p[0] == '%')
            continue;
        bool is_flow = look.top == NO_COLUMN && (content.p[0] == '{' || content.p[0] == '[');
        if (is_flow) {
            look.top = INT32_MAX; /* nothing else is a key of this document */
            end = str_find(text, look_at_flow(&look, text, (uint32_t)(content.p - text.p), false), '\n');
        } else if (column >= 0)
            look_at_line(&look, content, column);
    }
    return verdict(&look) == FORMAT_NONE || best == FORMAT_KUBE ? best : verdict(&look);
}
