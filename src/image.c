#include "image.h"

#include <fnmatch.h>
#include <string.h>

static bool is_reference_char(char c, bool is_upper_allowed) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("._-/:", c)) ||
           (is_upper_allowed && c >= 'A' && c <= 'Z');
}

/* The first component is a registry host if it has a dot or a colon or is localhost. */
static bool is_host(struct str component) {
    return str_find(component, 0, '.') < component.n || str_find(component, 0, ':') < component.n ||
           str_eq(component, STR("localhost"));
}

bool image_reference_parse(struct str text, struct image_reference *ret) {
    struct image_reference reference = {.repository = text};
    uint32_t at = str_find(text, 0, '@');
    if (at < text.n) {
        reference.digest = str_sub(text, at + 1, text.n);
        reference.repository = str_sub(text, 0, at);
    }
    uint32_t slash = str_rfind(reference.repository, '/'), colon = str_rfind(reference.repository, ':');
    if (colon < reference.repository.n && (slash == reference.repository.n || colon > slash)) {
        reference.tag = str_sub(reference.repository, colon + 1, reference.repository.n);
        reference.repository = str_sub(reference.repository, 0, colon);
    } else if (!reference.digest.p) {
        reference.tag = STR("latest");
    }
    static const struct str hubs[] = {STR_INIT("docker.io/"),
                                      STR_INIT("index.docker.io/"),
                                      STR_INIT("registry-1.docker.io/"),
                                      STR_INIT("registry.docker.com/"),
                                      STR_INIT("registry.hub.docker.com/"),
                                      STR_INIT("mirror.gcr.io/"),
                                      STR_INIT("public.ecr.aws/docker/")};
    for (uint32_t i = 0; i < sizeof hubs / sizeof *hubs; i++)
        if (str_starts(reference.repository, hubs[i]))
            reference.repository = str_sub(reference.repository, hubs[i].n, reference.repository.n);
    if (str_starts(reference.repository, STR("library/")))
        reference.repository = str_sub(reference.repository, 8, reference.repository.n);
    uint32_t first = str_find(reference.repository, 0, '/');
    reference.has_namespace = first < reference.repository.n;
    reference.has_registry = reference.has_namespace && is_host(str_sub(reference.repository, 0, first));
    bool has_tag = !reference.digest.p || reference.tag.p;
    if (reference.repository.n == 0 || (has_tag && reference.tag.n == 0) || (at < text.n && reference.digest.n == 0))
        return false;
    struct str rest = reference.repository, component;
    while (str_cut(&rest, '/', &component))
        if (component.n == 0 || strchr("._-:", component.p[0]) || strchr("._-:", component.p[component.n - 1]))
            return false;
    for (uint32_t i = 0; i < reference.repository.n; i++)
        if (!is_reference_char(reference.repository.p[i], reference.has_registry && i < first))
            return false;
    for (uint32_t i = 0; i < reference.tag.n; i++)
        if (!is_reference_char(reference.tag.p[i], true) || reference.tag.p[i] == '/')
            return false;
    *ret = reference;
    return true;
}

/* Compares the leading dotted numbers of a tag and of a version; other text ends them. A tag with fewer parts is that
 * of the newest release that begins with them: `1` is not older than 1.19. */
static int compare_versions(struct str a, struct str b) {
    for (;;) {
        uint32_t x = 0, y = 0, i = 0, j = 0;
        for (; i < a.n && a.p[i] >= '0' && a.p[i] <= '9' && x < 100000000; i++)
            x = x * 10 + (uint32_t)(a.p[i] - '0');
        for (; j < b.n && b.p[j] >= '0' && b.p[j] <= '9' && y < 100000000; j++)
            y = y * 10 + (uint32_t)(b.p[j] - '0');
        if (x != y)
            return x < y ? -1 : 1;
        bool more_a = i + 1 < a.n && a.p[i] == '.', more_b = j + 1 < b.n && b.p[j] == '.';
        if (!more_a)
            return more_b;
        a = str_sub(a, i + 1, a.n);
        b = more_b ? str_sub(b, j + 1, b.n) : STR("");
    }
}

static bool is_version(struct str tag) {
    return tag.n && tag.p[0] >= '0' && tag.p[0] <= '9';
}

/* One tag pattern: `<18`, `>=24.04` or a glob. */
static bool tag_fits(struct str pattern, struct str tag) {
    if (str_starts(pattern, STR("<")))
        return is_version(tag) && compare_versions(tag, str_sub(pattern, 1, pattern.n)) < 0;
    if (str_starts(pattern, STR(">=")))
        return is_version(tag) && compare_versions(tag, str_sub(pattern, 2, pattern.n)) >= 0;
    char text[256];
    if (tag.n >= sizeof text)
        return false;
    if (tag.n)
        memcpy(text, tag.p, tag.n);
    text[tag.n] = '\0';
    return fnmatch(pattern.p, text, 0) == 0; /* table strings are NUL-terminated */
}

static bool any_tag_fits(const struct str *patterns, uint32_t n, struct str tag) {
    for (uint32_t i = 0; i < n; i++)
        if (tag_fits(patterns[i], tag))
            return true;
    return false;
}

/* Index of the first row of that name; image_n_names where there is none. */
static uint32_t first_row(struct str repository) {
    uint32_t low = 0, high = image_n_names;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (str_cmp(image_names[middle].repository, repository) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < image_n_names && str_eq(image_names[low].repository, repository) ? low : image_n_names;
}

/* The rows of a repository, or of its namespace (`lscr.io/linuxserver` followed by a star). */
static uint32_t rows_of(struct str repository) {
    uint32_t row = first_row(repository), slash = str_rfind(repository, '/');
    char name[256];
    if (row < image_n_names || slash == repository.n || slash + 3 > sizeof name)
        return row;
    memcpy(name, repository.p, slash);
    memcpy(name + slash, "/*", 2);
    return first_row((struct str){name, slash + 2});
}

/* Whether a row of the user's is for the repository, or for its namespace. */
static bool is_for(const struct image_row *row, struct str repository) {
    uint32_t slash = str_rfind(repository, '/');
    for (uint32_t i = 0; i < row->n_names; i++) {
        struct str name = row->names[i];
        bool is_namespace = str_ends(name, STR("/*")) && name.n == slash + 2;
        if (str_eq(name, repository) || (is_namespace && str_starts(name, str_sub(repository, 0, slash + 1))))
            return true;
    }
    return false;
}

/* Whether the search ends at a row: it fits, or (*ret NULL) a digest alone does not tell whether it does. */
static bool settles(const struct image *image, struct str tag, const struct image **ret) {
    bool is_any = image->n_tags == 0, is_open = !is_any && tag.n == 0;
    bool fits = is_any || (!is_open && any_tag_fits(image->tags, image->n_tags, tag));
    *ret = fits ? image : NULL;
    return fits || is_open;
}

const struct image *image_find(const struct image_table *own, const struct image_reference *reference) {
    const struct image *found = NULL;
    for (uint32_t i = 0; i < own->n; i++)
        if (is_for(&own->rows[i], reference->repository) && settles(&own->rows[i].image, reference->tag, &found))
            return found;
    uint32_t row = rows_of(reference->repository);
    for (uint32_t i = row; i < image_n_names && str_eq(image_names[i].repository, image_names[row].repository); i++)
        if (settles(image_names[i].image, reference->tag, &found))
            return found;
    return NULL;
}

bool image_is_known(const struct image_table *own, const struct image_reference *reference) {
    for (uint32_t i = 0; i < own->n; i++)
        if (is_for(&own->rows[i], reference->repository))
            return true;
    return rows_of(reference->repository) < image_n_names;
}

const struct family *image_family(struct str name) {
    for (uint32_t i = 0; i < image_n_families; i++)
        if (str_eq(image_families[i].name, name))
            return &image_families[i];
    return NULL;
}

bool image_has_packages(const struct image *image, const struct image_reference *reference) {
    const struct family *family = image->family;
    if (any_tag_fits(family->served, family->n_served, reference->tag))
        return true;
    return !any_tag_fits(image->closed, image->n_closed, reference->tag) &&
           !any_tag_fits(family->closed, family->n_closed, reference->tag);
}

bool image_ids_may_have(struct image_ids ids, uint32_t id) {
    for (uint32_t i = 0; i < ids.n; i++)
        if (ids.list[i] == id)
            return true;
    return !ids.is_known && (id < 1000 || (id > 65500 && id < 65536));
}
