#include "writes.h"

#include "source_writes.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdlib.h>

/* Copies that bring sources, and folders of build contexts whose writes are kept. */
enum { MAX_COPIES = 64, MAX_KEPT = 64 };

/* What a copy of a stage brings from the build context. */
struct copied {
    const struct stage *stage;
    struct str source; /* clean, with the context as the root */
    struct str target; /* absolute, in the image of the stage */
};

struct search {
    struct arena *arena;
    const struct project *project;
    const struct workload *workload;
    struct str workdir;
    struct copied copies[MAX_COPIES];
    uint32_t n_copies;
    struct texts folders;
    struct str untold;
};

/* --- copies --------------------------------------------------------------------------------------------------------
 */

static void add_copy(struct search *search, const struct stage *stage, uint32_t index) {
    const struct df_instruction *copy = &stage->dockerfile->list[index];
    struct str target = stage_copy_target(search->arena, stage, index);
    for (uint32_t i = 0; target.p && i + 1 < copy->n_words && search->n_copies < MAX_COPIES; i++) {
        struct str path = stage_expand(search->arena, stage, index, copy->words[i].text);
        if (path.n)
            search->copies[search->n_copies++] =
                (struct copied){stage, path_join(search->arena, STR("/"), path), target};
    }
}

/* The copies of a stage, of those that it stands on, and of those that they take files from: all of these are earlier.
 */
static void add_copies(struct search *search, const struct stage *last) {
    ARENA(scratch);
    uint32_t n = (uint32_t)(last - last->first) + 1;
    bool *is_used = arena_array(&scratch, n, sizeof *is_used);
    is_used[n - 1] = true;
    while (n-- > 0) {
        const struct stage *stage = &last->first[n];
        if (is_used[n] && stage->parent)
            is_used[stage->parent - last->first] = true;
        for (uint32_t i = stage->from + 1; is_used[n] && i < stage->end; i++) {
            const struct df_instruction *copy = &stage->dockerfile->list[i];
            if (!stage_is_copy(copy))
                continue;
            const struct stage *source = stage_copy_source(stage, copy);
            if (source)
                is_used[source - last->first] = true;
            else if (!df_flag(copy, STR("from")).p)
                add_copy(search, stage, i);
        }
    }
}

/* Whether a copy brings a file, both as seen from the context as the root. */
static bool brings(struct arena *arena, const struct copied *copy, struct str file) {
    return path_is_below(file, copy->source) ||
           fnmatch(str_c(arena, copy->source), str_c(arena, file), FNM_PATHNAME) == 0;
}

/* --- places in the image -------------------------------------------------------------------------------------------
 */

/* The folder of the image that a file of the context comes to; the working directory where that is not seen. */
static struct str folder_in_image(const struct search *search, struct str source) {
    struct arena *arena = search->arena;
    struct str file = path_join(arena, STR("/"), source), folder = search->workdir;
    for (uint32_t i = 0; i < search->n_copies; i++) {
        const struct copied *copy = &search->copies[i];
        if (!brings(arena, copy, file))
            continue;
        bool is_folder = path_is_below(file, copy->source) && !str_eq(file, copy->source);
        struct str inside = str_eq(copy->source, STR("/")) ? file : str_sub(file, copy->source.n, file.n), path;
        if (is_folder)
            path = str_printf(arena, "%.*s%.*s", STR_ARG(copy->target), STR_ARG(inside));
        else
            path = str_find(path_name(copy->target), 0, '.') < path_name(copy->target).n
                       ? copy->target
                       : path_join(arena, copy->target, path_name(file));
        /* another stage builds it, and what comes out is copied to the working directory of this one */
        struct str other = stage_workdir(copy->stage, copy->stage->end);
        folder = path_folder(path_join(arena, STR("/"), path));
        if (other.n > 1 && path_is_below(folder, other) && !path_is_below(folder, search->workdir))
            folder = path_join(arena, search->workdir, str_sub(folder, other.n + 1, folder.n));
    }
    return folder;
}

static void add_write(struct search *search, const struct source_write *write) {
    struct arena *arena = search->arena;
    const struct stage *stage = search->workload->stage;
    const struct write *row = write->row;
    struct str path = write->named.path;
    bool is_file = str_eq(row->names, STR("file")), is_database = str_eq(row->names, STR("database"));
    struct str inside = str_starts(path, STR("./")) ? str_sub(path, 2, path.n) : path;
    if (template_has_name(NAMES_BUILD_OUTPUTS, str_sub(inside, 0, str_find(inside, 0, '/'))))
        return;
    if (write->named.base == PATH_UNKNOWN) {
        if ((is_database || str_eq(row->names, STR("folder"))) && !search->untold.p)
            search->untold = path_clean(arena, search->workload->context, write->source);
        return;
    }
    if (write->named.variable.n) {
        struct str value =
            stage_expand(arena, stage, stage->end, str_printf(arena, "${%.*s}", STR_ARG(write->named.variable)));
        path = value.n ? value : path;
    }
    bool is_beside = write->named.base == PATH_BESIDE || str_eq(row->from, STR("source"));
    struct str base = is_beside ? folder_in_image(search, write->source) : search->workdir;
    if (!is_beside && row->below.n)
        base = path_join(arena, base, row->below);
    path = path_join(arena, base, path);
    if ((is_file || is_database) && !write->named.is_cut)
        path = path_folder(path);
    while (!path_is_plain(path) && path_is_below(path, base) && path.n > base.n)
        path = path_folder(path); /* who owns that can make the rest, whatever its name is */
    if (is_file && str_eq(path, STR("/")))
        return; /* a tool among the sources: no service is run from there to keep files */
    if (str_eq(path, search->workdir) || (!workload_is_system(path, search->workdir) && !workload_is_shared(path)))
        texts_add(&search->folders, arena, path);
}

static void add_writes(struct search *search, const struct copied *copy, const struct source_writes *writes) {
    ARENA(scratch);
    for (uint32_t i = 0; i < writes->list.n; i++)
        if (brings(&scratch, copy, path_join(&scratch, STR("/"), writes->list.at[i].source)))
            add_write(search, &writes->list.at[i]);
}

/* --- what is kept --------------------------------------------------------------------------------------------------
 */

/* Calls of the sources in a folder of a context. */
struct kept {
    struct arena arena;
    struct str key;
    struct source_writes writes;
    struct kept *next;
};

struct written_cache {
    pthread_mutex_t mutex;
    struct kept *first;
    uint32_t n;
};

struct written_cache *writes_begin(void) {
    struct written_cache *cache = calloc(1, sizeof *cache);
    if (!cache || pthread_mutex_init(&cache->mutex, NULL) != 0)
        abort();
    return cache;
}

static void release(struct kept *kept) {
    struct arena arena = kept->arena;
    arena_release(&arena);
}

void writes_end(struct written_cache *cache) {
    for (struct kept *kept = cache ? cache->first : NULL, *next; kept; kept = next) {
        next = kept->next;
        release(kept);
    }
    if (cache)
        pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

static struct kept *find_kept(const struct written_cache *cache, struct str key) {
    struct kept *kept = cache->first;
    while (kept && !str_eq(kept->key, key))
        kept = kept->next;
    return kept;
}

static struct kept *new_kept(const struct search *search, struct str key, struct str path) {
    struct arena arena = {NULL};
    struct kept *kept = arena_new(&arena, struct kept);
    kept->key = str_dup(&arena, key);
    source_writes_find(search->project, search->workload->context, path, &arena, &kept->writes);
    kept->arena = arena;
    return kept;
}

/* The oldest one makes room. */
static void add_kept(struct written_cache *cache, struct kept *kept) {
    struct kept **last = &cache->first;
    kept->next = cache->first;
    cache->first = kept;
    if (cache->n++ < MAX_KEPT)
        return;
    while ((*last)->next)
        last = &(*last)->next;
    release(*last);
    *last = NULL;
    cache->n--;
}

/* --- all of it -----------------------------------------------------------------------------------------------------
 */

/* What the sources that a copy brings write to. The mutex is not held while they are read: others have theirs. */
static void look_at(struct search *search, const struct copied *copy) {
    struct written_cache *cache = search->project->written;
    struct str path = str_sub(copy->source, 1, copy->source.n), folder, glob;
    if (path_cut_glob(path, &folder, &glob))
        path = folder;
    struct str key = str_printf(search->arena, "%.*s\n%.*s", STR_ARG(search->workload->context), STR_ARG(path));
    if (cache)
        pthread_mutex_lock(&cache->mutex);
    struct kept *kept = cache ? find_kept(cache, key) : NULL;
    if (!kept && cache)
        pthread_mutex_unlock(&cache->mutex);
    bool is_new = !kept;
    if (is_new)
        kept = new_kept(search, key, path);
    if (is_new && cache) {
        pthread_mutex_lock(&cache->mutex);
        add_kept(cache, kept);
    }
    add_writes(search, copy, &kept->writes);
    if (cache)
        pthread_mutex_unlock(&cache->mutex);
    else
        release(kept);
}

static bool says_writable(const struct stage *stage) {
    bool says = stage->file_hints && stage->file_hints->writable.n;
    for (; stage; stage = stage->parent)
        says |= stage->hints.writable.n > 0;
    return says;
}

struct written writes_of(const struct project *project, const struct workload *workload, struct arena *arena) {
    const struct stage *stage = workload->stage;
    struct search search = {.arena = arena, .project = project, .workload = workload};
    search.workdir = stage_workdir(stage, stage->end);
    if (!search.workdir.p)
        return (struct written){0};
    frameworks_add(project, workload, arena, &search.folders);
    if (workload->dockerfile.n && workload->context.p)
        add_copies(&search, stage);
    for (uint32_t i = 0; i < search.n_copies; i++)
        look_at(&search, &search.copies[i]);
    if (search.workdir.n == 1 || !stage->image || !stage->image->has_shell || says_writable(stage))
        search.untold = (struct str){NULL, 0};
    if (search.untold.p)
        texts_add(&search.folders, arena, search.workdir);
    return (struct written){{search.folders.list.at, search.folders.list.n}, search.untold};
}
