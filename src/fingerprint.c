#include "fingerprint.h"

/* FNV-1a (RFC 9923), with a byte behind each part that no text has. */
static uint64_t add(uint64_t hash, struct str part) {
    for (uint32_t i = 0; i < part.n; i++)
        hash = (hash ^ (unsigned char)part.p[i]) * 0x100000001b3u;
    return (hash ^ 0xff) * 0x100000001b3u;
}

void fingerprints_set(struct document *document, struct arena *arena) {
    struct source source = source_from(arena, document->path, document->before, document->format);
    struct map seen = {0};
    for (uint32_t i = 0; i < document->findings.n; i++) {
        struct finding *finding = document->findings.at[i];
        uint32_t start = source_line_start(&source, finding->at), end = source_line_end(&source, finding->at);
        struct str line = str_trim(source_slice(&source, (struct span){start, end}));
        struct str kind = str_printf(arena, "%.*s %.*s", STR_ARG(finding->rule->id), STR_ARG(line));
        uint32_t *count = map_get(&seen, kind);
        if (!count)
            map_add(&seen, arena, kind, count = arena_new(arena, uint32_t));
        uint64_t hash = add(add(0xcbf29ce484222325u, document->path), kind);
        hash = add(hash, str_printf(arena, "%u", (*count)++));
        finding->fingerprint = str_printf(arena, "%016llx", (unsigned long long)hash);
    }
}
