#include "path.h"

#include <string.h>

struct str path_join(struct arena *arena, struct str directory, struct str path) {
    bool is_absolute = str_starts(path, STR("/"));
    char *out = arena_alloc(arena, (size_t)directory.n + path.n + 3);
    uint32_t n = 0;
    const struct str parts[2] = {is_absolute ? STR("") : directory, path};
    for (uint32_t i = 0; i < 2; i++) {
        struct str rest = parts[i], part;
        while (str_cut(&rest, '/', &part)) {
            if (part.n == 0 || str_eq(part, STR(".")))
                continue;
            if (str_eq(part, STR(".."))) {
                while (n > 0 && out[--n] != '/')
                    ;
                continue;
            }
            out[n++] = '/';
            memcpy(out + n, part.p, part.n);
            n += part.n;
        }
    }
    if (n == 0)
        out[n++] = '/';
    return (struct str){out, n};
}

struct str path_clean(struct arena *arena, struct str folder, struct str path) {
    if (str_starts(path, STR("/")) || str_starts(folder, STR("/")))
        return path_join(arena, folder, path);
    char *out = arena_alloc(arena, (size_t)folder.n + path.n + 3);
    uint32_t n = 0;
    const struct str both[2] = {folder, path};
    for (uint32_t i = 0; i < 2; i++) {
        struct str rest = both[i], part;
        while (str_cut(&rest, '/', &part)) {
            if (part.n == 0 || str_eq(part, STR(".")))
                continue;
            struct str last = path_name((struct str){out, n});
            if (str_eq(part, STR("..")) && n && !str_eq(last, STR(".."))) {
                n -= last.n + (last.n < n);
                continue;
            }
            if (n)
                out[n++] = '/';
            memcpy(out + n, part.p, part.n);
            n += part.n;
        }
    }
    out[n] = '\0';
    return n ? (struct str){out, n} : STR(".");
}

bool path_is_below(struct str path, struct str directory) {
    return str_eq(directory, STR("/")) || str_eq(path, directory) ||
           (str_starts(path, directory) && path.p[directory.n] == '/');
}

struct str path_folder(struct str path) {
    uint32_t slash = str_rfind(path, '/');
    return slash == path.n ? STR(".") : str_sub(path, 0, slash ? slash : 1);
}

struct str path_name(struct str path) {
    uint32_t slash = str_rfind(path, '/');
    return slash == path.n ? path : str_sub(path, slash + 1, path.n);
}

bool path_leads_out(struct str path) {
    return str_starts(path, STR("/")) || str_eq(path, STR("..")) || str_starts(path, STR("../"));
}

bool path_is_plain(struct str path) {
    for (uint32_t i = 0; i < path.n; i++) {
        char c = path.p[i];
        bool is_plain = str_is_alnum(c) || c == '.' || c == '_' || c == '/' || c == '@' || c == '+' || c == '-';
        if (!is_plain)
            return false;
    }
    return true;
}

bool path_is_folder_name(struct str source) {
    if (str_ends(source, STR("/")))
        source.n--;
    struct str name = path_name(source);
    bool is_current = name.n == 0 || str_eq(name, STR(".")) || str_eq(name, STR(".."));
    return is_current || (str_find(name, 0, '.') == name.n && str_find(name, 0, '*') == name.n);
}

bool path_is_transient(struct str path) {
    static const struct str names[] = {STR_INIT("cache"), STR_INIT("log"), STR_INIT("logs"), STR_INIT("run"),
                                       STR_INIT("tmp")};
    struct str rest = path, part;
    while (str_cut(&rest, '/', &part))
        if (STR_IS_IN(part, names))
            return true;
    return false;
}

bool path_cut_glob(struct str path, struct str *ret_folder, struct str *ret_glob) {
    uint32_t at = 0, start = 0;
    for (; at < path.n && !strchr("*?[", path.p[at]); at++)
        start = path.p[at] == '/' ? at + 1 : start;
    *ret_folder = path_folder(str_sub(path, 0, at));
    *ret_glob = str_sub(path, start, path.n);
    return at < path.n;
}
