#include "settlement.h"

#include "harden.h"

#include <pthread.h>
#include <stddef.h>

enum { FEW = 64 }; /* of which several units may ask for the facts: they are kept until there are more */

/* A Dockerfile that is hardened for its facts alone, by whatever thread asks for them. */
struct apart {
    struct arena arena;
    struct document document;
    struct document *original;
    uint32_t unit; /* the last one that has asked */
    struct apart *next;
};

struct settlement {
    pthread_mutex_t mutex;
    struct apart *first;
    uint32_t n, most; /* from `most` on it is seen which of them nobody needs any more */
};

static struct apart *apart_of(struct document *settled) {
    return (struct apart *)((char *)settled - offsetof(struct apart, document));
}

static void add_apart(const struct project *project, struct document *document) {
    ARENA(scratch);
    struct arena arena = {NULL};
    struct apart *apart = arena_new(&arena, struct apart);
    struct settlement *settlement = project->settlement;
    struct diags silent = {.arena = &scratch};
    struct project view = *project;
    view.arena = &scratch;
    view.diags = &silent;
    apart->document = (struct document){.path = document->path,
                                        .in_repository = document->in_repository,
                                        .format = document->format,
                                        .hash = document->hash,
                                        .config = document->config,
                                        .is_selected = document->is_selected,
                                        .builds.at = document->builds.at,
                                        .builds.n = document->builds.n,
                                        .context = document->context,
                                        .arguments = document->arguments,
                                        .root_needs.at = document->root_needs.at,
                                        .root_needs.n = document->root_needs.n};
    harden_apart(&view, &apart->document, &arena);
    apart->original = document;
    apart->next = settlement->first;
    apart->arena = arena;
    settlement->first = apart;
    settlement->n++;
    document->settled = &apart->document;
}

static void settle(const struct project *project, struct document *document) {
    struct settlement *settlement = project->settlement;
    pthread_mutex_lock(&settlement->mutex);
    if (!document->settled)
        add_apart(project, document);
    struct apart *apart = apart_of(document->settled);
    if (apart->unit < project->unit)
        apart->unit = project->unit;
    pthread_mutex_unlock(&settlement->mutex);
}

void settlement_begin(struct project *project) {
    project->settle = settle;
    project->settlement = arena_new(project->arena, struct settlement);
    *project->settlement = (struct settlement){.mutex = PTHREAD_MUTEX_INITIALIZER, .most = FEW};
}

static void forget(struct settlement *settlement, uint32_t unit) {
    for (struct apart **at = &settlement->first; *at;) {
        struct apart *apart = *at;
        if (apart->unit >= unit) {
            at = &apart->next;
            continue;
        }
        *at = apart->next;
        settlement->n--;
        apart->original->settled = NULL;
        struct arena arena = apart->arena;
        arena_release(&arena);
    }
}

void settlement_forget(const struct project *project, uint32_t unit) {
    struct settlement *settlement = project->settlement;
    pthread_mutex_lock(&settlement->mutex);
    if (settlement->n >= settlement->most) {
        forget(settlement, unit);
        settlement->most = settlement->n < FEW / 2 ? FEW : settlement->n * 2;
    }
    pthread_mutex_unlock(&settlement->mutex);
}

void settlement_end(const struct project *project) {
    forget(project->settlement, UINT32_MAX);
}
