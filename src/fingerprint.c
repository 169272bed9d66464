#include "fingerprint.h"

/* With a byte behind each part that no text has. */
static uint64_t add(uint64_t hash, struct str part) {
    return str_hash(str_hash(hash, part), STR("\xff"));
}

/* An image's name without its tag and digest. */
static struct str image_name(struct str image) {
    image = str_sub(image, 0, str_find(image, 0, '@'));
    uint32_t slash = str_rfind(image, '/'), colon = str_rfind(image, ':');
    return slash < image.n && colon < slash ? image : str_sub(image, 0, colon);
}

/* A line up to the version of the image that it names, which changes all the time; as it is where it names none. */
static struct str without_version(struct str line) {
    static const struct str keys[] = {STR_INIT("image:"), STR_INIT("\"image\":")};
    struct str rest = line, word = STR("-");
    while (str_eq(word, STR("-")) && str_cut(&rest, ' ', &word))
        ;
    if (!str_eq_nocase(word, STR("FROM")) && !STR_IS_IN(word, keys))
        return line;
    while (str_cut(&rest, ' ', &word) && (word.n == 0 || str_starts(word, STR("--"))))
        ;
    word = image_name(word);
    return str_sub(line, 0, (uint32_t)(word.p + word.n - line.p));
}

/* The hash of each line, and of the lines that it is indented below. */
static const uint64_t *hash_lines(struct arena *arena, struct str path, struct str text) {
    struct level {
        uint32_t indent;
        uint64_t hash;
    };
    VEC(struct level) above = {0};
    VEC(uint64_t) hashes = {0};
    struct str line;
    uint64_t top = add(0, path);
    do {
        line = STR("");
        str_cut(&text, '\n', &line);
        struct str content = str_trim(line);
        uint32_t indent = content.n ? (uint32_t)(content.p - line.p) : 0;
        bool is_said = content.n && *content.p != '#';
        if (str_starts(line, STR("---")))
            above.n = 0;
        uint32_t n = above.n;
        while (n > 0 && above.at[n - 1].indent >= indent)
            n--;
        uint64_t hash = add(n ? above.at[n - 1].hash : top, without_version(content));
        *vec_push(arena, &hashes) = hash;
        if (!is_said)
            continue;
        above.n = n;
        *vec_push(arena, &above) = (struct level){indent, hash};
    } while (text.p);
    return hashes.at;
}

void fingerprints_set(struct document *document, struct arena *arena) {
    if (document->findings.n == 0)
        return;
    ARENA(scratch);
    struct source source = source_from(&scratch, document->path, document->before, document->format);
    const uint64_t *hashes = hash_lines(&scratch, document->in_repository, source.text);
    struct map seen = {0};
    for (uint32_t i = 0; i < document->findings.n; i++) {
        struct finding *finding = document->findings.at[i];
        uint64_t hash = add(hashes[source_position(&source, finding->at).line - 1], finding->rule->id);
        struct str kind = str_printf(&scratch, "%016llx", (unsigned long long)hash);
        uint32_t *count = map_get(&seen, kind);
        if (!count)
            map_add(&seen, &scratch, kind, count = arena_new(&scratch, uint32_t));
        if (*count)
            hash = add(hash, str_printf(&scratch, "%u", *count));
        ++*count;
        finding->fingerprint = str_printf(arena, "%016llx", (unsigned long long)hash);
    }
}
