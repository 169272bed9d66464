#include "run.h"

#include "settlement.h"
#include "units.h"
#include "writes.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

/* UNITS_AHEAD: how many may be hardened before they are shown. MIN_UNITS: threads are not worth it below. */
enum { MAX_THREADS = 16, UNITS_AHEAD = 16, MIN_UNITS = 16 };

enum state { IDLE, BUSY, DONE };

/* Documents that are hardened together, in the order of the project. */
struct unit {
    VEC(struct document *) list;
    enum state state;
    uint32_t shown; /* documents that need no more */
    struct arena arena;
    struct project *project; /* a copy with this arena, and diagnostics on it; NULL while it is idle */
};

struct pool {
    const struct project *project;
    struct unit *units;
    uint32_t n;
    uint32_t next;  /* the first that may be idle */
    uint32_t first; /* the one that is shown */
    uint32_t shown; /* those before it are let go of */
    bool is_over;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
};

/* --- units ---------------------------------------------------------------------------------------------------------
 */

static void make_units(struct pool *pool, struct project *project) {
    units_make(project);
    pool->n = units_number(project);
    pool->units = arena_array(project->arena, pool->n, sizeof *pool->units);
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        *vec_push(project->arena, &pool->units[document->unit].list) = document;
    }
}

/* --- hardening -----------------------------------------------------------------------------------------------------
 */

static void harden_now(struct pool *pool, struct unit *unit) {
    struct project *project = arena_new(&unit->arena, struct project);
    *project = *pool->project;
    project->arena = &unit->arena;
    project->diags = arena_new(&unit->arena, struct diags);
    project->diags->arena = &unit->arena;
    project->unit = (uint32_t)(unit - pool->units);
    if (!project->configs.is_broken)
        harden_unit(project, unit->list.at, unit->list.n);
    unit->project = project;
}

/* Hardens a unit that has been claimed; the mutex is held before and afterwards. */
static void harden_claimed(struct pool *pool, struct unit *unit) {
    unit->state = BUSY;
    pthread_mutex_unlock(&pool->mutex);
    harden_now(pool, unit);
    pthread_mutex_lock(&pool->mutex);
    unit->state = DONE;
    pthread_cond_broadcast(&pool->changed);
}

/* Hardens the next unit that nobody has begun, or waits for what others do; the mutex is held. */
static void harden_next(struct pool *pool) {
    while (pool->next < pool->n && pool->units[pool->next].state != IDLE)
        pool->next++;
    if (pool->next < pool->n && pool->next <= pool->first + UNITS_AHEAD)
        harden_claimed(pool, &pool->units[pool->next]);
    else
        pthread_cond_wait(&pool->changed, &pool->mutex);
}

static void *work(void *context) {
    struct pool *pool = context;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->is_over)
        harden_next(pool);
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* --- results -------------------------------------------------------------------------------------------------------
 */

/* The unit of the next document, hardened: by us where nobody has begun; else we harden others meanwhile. */
static struct unit *get(struct pool *pool, uint32_t index) {
    struct unit *unit = &pool->units[index];
    pthread_mutex_lock(&pool->mutex);
    if (index > pool->first) {
        pool->first = index;
        pthread_cond_broadcast(&pool->changed);
    }
    while (unit->state != DONE)
        if (unit->state == IDLE)
            harden_claimed(pool, unit);
        else
            harden_next(pool);
    pthread_mutex_unlock(&pool->mutex);
    return unit;
}

/* Lets go of all that hardening has given a document. */
static void forget(struct document *document) {
    document->is_loaded = false;
    document->before = document->after = (struct str){NULL, 0};
    VEC_CLEAR(document->findings);
    VEC_CLEAR(document->pods);
    VEC_CLEAR(document->unused);
    VEC_CLEAR(document->wanted_by);
}

static void release(struct pool *pool, struct unit *unit) {
    for (uint32_t i = 0; i < unit->list.n; i++)
        forget(unit->list.at[i]);
    arena_release(&unit->arena);
    while (pool->shown < pool->n && pool->units[pool->shown].shown == pool->units[pool->shown].list.n)
        pool->shown++;
    settlement_forget(pool->project, pool->shown);
}

static void show(struct pool *pool, struct project *project, run_see *see, void *context) {
    for (uint32_t i = 0; i < project->documents.n; i++) {
        struct document *document = project->documents.at[i];
        struct unit *unit = get(pool, document->unit);
        see(context, unit->project, document);
        if (++unit->shown < unit->list.n)
            continue;
        for (uint32_t j = 0; j < unit->project->diags->list.n; j++) {
            const struct diag *diag = &unit->project->diags->list.at[j];
            *vec_push(project->arena, &project->diags->list) =
                (struct diag){str_dup(project->arena, diag->path), diag->at, str_dup(project->arena, diag->message)};
        }
        release(pool, unit);
    }
}

/* Signals that end the program are for the thread that writes. */
static uint32_t start_threads(struct pool *pool, pthread_t *threads) {
    cpu_set_t cores;
    sigset_t all, before;
    uint32_t n = 0, wanted = sched_getaffinity(0, sizeof cores, &cores) == 0 ? (uint32_t)CPU_COUNT(&cores) : 1;
    if (pool->n < MIN_UNITS)
        return 0;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (n + 1 < wanted && n < MAX_THREADS && pthread_create(&threads[n], NULL, work, pool) == 0)
        n++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return n;
}

void run(struct project *project, run_see *see, void *context) {
    struct pool pool = {.project = project, .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t threads[MAX_THREADS];
    harden_begin(project);
    project->written = writes_begin();
    make_units(&pool, project);
    uint32_t n = start_threads(&pool, threads);
    show(&pool, project, see, context);
    pthread_mutex_lock(&pool.mutex);
    pool.is_over = true;
    pthread_cond_broadcast(&pool.changed);
    pthread_mutex_unlock(&pool.mutex);
    for (uint32_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    writes_end(project->written);
    project->written = NULL;
    settlement_end(project);
}
