#include "write_parts.h"

#include "map.h"
#include "path.h"
#include "real.h"
#include "vec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct writing {
    struct arena *arena;
    struct diags *diags;
    struct str backup;
    VEC(struct staged) files;
    VEC(const char *) folders; /* that were made for them */
    struct map seen;           /* files by what they are, whatever their names */
    struct diags linked;
    int appended; /* the descriptor of what write_append writes to; -1: none */
    uint32_t n_asked;
    bool is_failed;
    struct writing *outer; /* that was begun before */
};

static void close_descriptor(const int *fd) {
    if (*fd >= 0)
        close(*fd);
}

#define DESCRIPTOR __attribute__((cleanup(close_descriptor))) int

/* --- signals -------------------------------------------------------------------------------------------------------
 */

/* What a user or a supervisor ends the program with. */
static const int endings[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { N_ENDINGS = sizeof endings / sizeof *endings };

/* What handlers find; changed while the signals are held back. */
static struct writing *innermost;

/* Removes what was staged and has no place. Calls nothing but what a signal handler may call. */
static void remove_staged(struct writing *writing) {
    for (uint32_t i = 0; i < writing->files.n; i++)
        if (writing->files.at[i].state == STAGED)
            real_remove(writing->files.at[i].temporary, 0);
    for (uint32_t i = writing->folders.n; i-- > 0;)
        real_remove(writing->folders.at[i], AT_REMOVEDIR); /* which fails where a file was left */
    writing->files.n = writing->folders.n = 0;
}

static void end_by(int number) {
    for (struct writing *writing = innermost; writing; writing = writing->outer)
        remove_staged(writing);
    signal(number, SIG_DFL);
    raise(number);
}

/* For a file size limit: write(2) then fails with EFBIG. */
static void go_on(int number) {
    (void)number;
}

static sigset_t ending_set(void) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < N_ENDINGS; i++)
        sigaddset(&set, endings[i]);
    return set;
}

/* Puts a handler in the place of another; one that somebody else has set stays. */
static void exchange_handler(int number, void (*from)(int), void (*to)(int)) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0 || action.sa_handler != from)
        return;
    action = (struct sigaction){.sa_handler = to, .sa_mask = ending_set()};
    sigaction(number, &action, NULL);
}

static void handle_signals(bool is_on) {
    for (int i = 0; i < N_ENDINGS; i++)
        exchange_handler(endings[i], is_on ? SIG_DFL : end_by, is_on ? end_by : SIG_DFL);
    exchange_handler(SIGXFSZ, is_on ? SIG_DFL : go_on, is_on ? go_on : SIG_DFL);
}

static sigset_t hold_signals(void) {
    sigset_t set = ending_set(), before;
    pthread_sigmask(SIG_BLOCK, &set, &before);
    return before;
}

static void let_signals(sigset_t *before) {
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

#define HELD_SIGNALS __attribute__((cleanup(let_signals))) sigset_t before = hold_signals()

/* --- begin and end -------------------------------------------------------------------------------------------------
 */

struct writing *write_begin(struct arena *arena, struct str backup, struct diags *diags) {
    HELD_SIGNALS;
    (void)before;
    struct writing *writing = arena_new(arena, struct writing);
    *writing = (struct writing){
        .arena = arena, .diags = diags, .backup = backup, .linked.arena = arena, .appended = -1, .outer = innermost};
    if (!innermost)
        handle_signals(true);
    innermost = writing;
    return writing;
}

static void end(struct writing *writing) {
    close_descriptor(&writing->appended);
    innermost = writing->outer;
    if (!innermost)
        handle_signals(false);
}

void write_abort(struct writing *writing) {
    HELD_SIGNALS;
    (void)before;
    remove_staged(writing);
    end(writing);
}

/* --- staging -------------------------------------------------------------------------------------------------------
 */

static bool make_folder(struct writing *writing, const char *path) {
    if (real_make_folder(path) != 0)
        return errno == EEXIST;
    *vec_push(writing->arena, &writing->folders) = path;
    return true;
}

/* Makes a folder and those above it, where they are missing. */
static bool make_folders(struct writing *writing, struct str path) {
    struct stat status;
    const char *folder = str_c(writing->arena, path);
    if (real_stat(folder, &status) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(status.st_mode);
    }
    return errno == ENOENT && make_folders(writing, path_folder(path)) && make_folder(writing, folder);
}

/* Whether a relative path stays below the folder that it starts from, and names a file. */
static bool is_below(struct str path) {
    struct str part = {NULL, 0}, rest = path;
    if (path.n == 0 || path.p[0] == '/' || str_find(path, 0, '\0') < path.n)
        return false;
    while (str_cut(&rest, '/', &part))
        if (str_eq(part, STR("..")))
            return false;
    return part.n > 0 && !str_eq(part, STR("."));
}

static bool find_below(struct writing *writing, const struct write_file *file, struct staged *staged) {
    struct arena *arena = writing->arena;
    staged->is_forced = true;
    if (!is_below(file->path)) {
        diag_file(writing->diags, staged->path, "is not written: it does not lie below the output folder");
        return false;
    }
    struct str path = path_clean(arena, STR(""), file->path);
    struct str target = str_printf(arena, "%.*s/%.*s", STR_ARG(file->directory), STR_ARG(path));
    staged->target = str_c(arena, target);
    return make_folders(writing, path_folder(target)) || staged_fail(staged, "making its folder", writing->diags);
}

/* The file that a path stands for. */
static bool find_in_place(struct writing *writing, const struct write_file *file, struct staged *staged) {
    struct arena *arena = writing->arena;
    staged->has_old = file->expected.p;
    staged->target = str_c(arena, file->place.p ? file->place : real_place(arena, staged->path));
    if (staged->has_old)
        staged->expected = str_hash(0, file->expected);
    else /* where it stays missing, making a file in it fails */
        make_folder(writing, str_c(arena, path_folder(str_of(staged->target))));
    return true;
}

/* A file by which others are known to be the same, and what its new text amounts to. */
struct seen {
    struct str path;
    uint64_t text;
};

/* Whether the same file was staged before: one with a single name is known by its number, any other by its folder's and
 * its name. A diagnostic, if it was to become something else. */
static bool is_seen(struct writing *writing, const struct staged *staged, const struct stat *old, struct str text) {
    struct arena *arena = writing->arena;
    struct str path = str_of(staged->target), key;
    struct stat status;
    if (old && old->st_nlink == 1)
        key = str_printf(arena, "%jx:%jx", (uintmax_t)old->st_dev, (uintmax_t)old->st_ino);
    else if (real_stat(str_c(arena, path_folder(path)), &status) == 0)
        key = str_printf(arena, "%jx:%jx/%.*s", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino,
                         STR_ARG(path_name(path)));
    else
        return false;
    struct seen *this = arena_new(arena, struct seen), *other = map_add(&writing->seen, arena, key, this);
    *this = (struct seen){staged->path, str_hash(0, text)};
    if (other && other->text != this->text)
        diag_file(writing->diags, staged->path,
                  "is the same file as %.*s, but would be written in another way: name one of them",
                  STR_ARG(other->path));
    return other;
}

/* Makes the temporary file and lists it. Its descriptor; -1: a diagnostic says why not. `old` is the descriptor of the
 * file whose attributes it gets; -1: none. */
static int add(struct writing *writing, struct staged *staged, struct str text, int old, mode_t mode) {
    struct stat status;
    int fd = staged_open(staged, old < 0 ? mode : S_IRUSR | S_IWUSR, writing->arena);
    const char *doing = fd < 0                    ? "making a file in its folder"
                        : !staged_write(fd, text) ? "writing"
                        : old >= 0 && (fstat(old, &status) != 0 || !staged_keep_attributes(staged, fd, old, &status))
                            ? "keeping its owner and mode"
                            : NULL;
    if (!doing) {
        *vec_push(writing->arena, &writing->files) = *staged;
        return fd;
    }
    staged_fail(staged, doing, writing->diags);
    if (fd >= 0) {
        real_remove(staged->temporary, 0);
        close(fd);
    }
    return -1;
}

/* The same, closed; some file systems write only then. */
static bool add_closed(struct writing *writing, struct staged *staged, struct str text, int old, mode_t mode) {
    int fd = add(writing, staged, text, old, mode);
    return fd >= 0 && (close(fd) == 0 || staged_fail(staged, "writing", writing->diags));
}

/* Keeps the old text under another name, unless that has it already. */
static bool stage_backup(struct writing *writing, const struct staged *of, struct str text, int old) {
    struct arena *arena = writing->arena;
    struct staged staged = {.order = ORDER_BACKUP,
                            .path = str_printf(arena, "%.*s%.*s", STR_ARG(of->path), STR_ARG(writing->backup)),
                            .target = str_c(arena, str_printf(arena, "%s%.*s", of->target, STR_ARG(writing->backup)))};
    ARENA(scratch);
    struct diags silent = {.arena = &scratch};
    struct str there;
    struct stat status;
    int fd = real_open(staged.target, SOURCE_FLAGS | O_NOFOLLOW, 0);
    if (fd >= 0 && source_read_open(&scratch, fd, staged.path, &there, &silent) && str_eq(there, text))
        return true;
    if (real_stat(staged.target, &status) == 0) {
        diag_file(writing->diags, staged.path,
                  "is there already, and holds something else: move it away, or give --backup another suffix");
        return false;
    }
    return add_closed(writing, &staged, text, old, 0);
}

static bool stage_in_place(struct writing *writing, const struct write_file *file, struct staged *staged) {
    struct diags *diags = writing->diags;
    struct stat status;
    DESCRIPTOR old = -1;
    if (staged->has_old) {
        old = real_open(staged->target, SOURCE_FLAGS | O_NOFOLLOW, 0);
        if (old < 0 || fstat(old, &status) != 0)
            return staged_fail(staged, "reading it again", diags);
        if (!S_ISREG(status.st_mode)) {
            diag_file(diags, staged->path, "is not a regular file");
            return false;
        }
    }
    if (is_seen(writing, staged, old >= 0 ? &status : NULL, file->text))
        return false;
    if (old >= 0 && status.st_nlink > 1)
        diag_file(&writing->linked, staged->path, "had %ju names (hard links): the others keep the old text",
                  (uintmax_t)status.st_nlink);
    return (old < 0 || !writing->backup.p || stage_backup(writing, staged, file->expected, old)) &&
           add_closed(writing, staged, file->text, old, 0666);
}

bool write_stage(struct writing *writing, const struct write_file *file) {
    HELD_SIGNALS;
    (void)before;
    uint32_t errors = writing->diags->list.n;
    writing->n_asked++;
    struct staged staged = {.path = str_dup(writing->arena, file->path),
                            .order = file->is_needed ? ORDER_NEEDED : ORDER_LAST};
    bool is_staged = file->directory.p
                         ? find_below(writing, file, &staged) &&
                               add_closed(writing, &staged, file->text, -1, (file->mode & 0777) | S_IRUSR)
                         : find_in_place(writing, file, &staged) && stage_in_place(writing, file, &staged);
    writing->is_failed |= writing->diags->list.n > errors;
    return is_staged;
}

bool write_append(struct writing *writing, struct str path, struct str text) {
    HELD_SIGNALS;
    (void)before;
    struct staged staged = {.path = str_dup(writing->arena, path),
                            .target = str_c(writing->arena, real_place(writing->arena, path)),
                            .order = ORDER_PATCH};
    bool is_first = writing->appended < 0 && !writing->is_failed;
    if (is_first)
        writing->appended = add(writing, &staged, text, -1, 0666);
    bool is_written = writing->appended >= 0 && (is_first || staged_write(writing->appended, text));
    if (!is_written && !is_first && !writing->is_failed)
        staged_fail(&staged, "writing", writing->diags);
    writing->is_failed |= !is_written;
    return is_written;
}

/* --- commit --------------------------------------------------------------------------------------------------------
 */

/* All are written before the first is synced, so that the disk takes them in one go. */
static bool sync_files(struct writing *writing) {
    bool is_done = true;
    struct synced done = {0};
    for (uint32_t i = 0; i < writing->files.n; i++)
        if (!staged_sync(writing->files.at[i].temporary, writing->files.n, &done, writing->arena))
            is_done = staged_fail(&writing->files.at[i], "writing", writing->diags);
    return is_done;
}

/* Some file systems cannot sync a folder; the files are in their places all the same. */
static void sync_folder(struct writing *writing, const char *of, struct synced *done) {
    struct str folder = path_folder(str_of(of));
    if (!map_add(&done->folders, writing->arena, folder, writing))
        (void)staged_sync(str_c(writing->arena, folder), writing->files.n, done, writing->arena);
}

static void sync_folders(struct writing *writing) {
    struct synced done = {0};
    for (uint32_t i = 0; i < writing->files.n; i++)
        sync_folder(writing, writing->files.at[i].target, &done);
    for (uint32_t i = 0; i < writing->folders.n; i++)
        sync_folder(writing, writing->folders.at[i], &done);
}

static bool check_files(struct writing *writing) {
    bool is_same = true;
    for (uint32_t i = 0; i < writing->files.n; i++)
        is_same &= staged_check(&writing->files.at[i], writing->diags);
    return is_same;
}

static int by_order(const void *a, const void *b) {
    const struct staged *x = a, *y = b;
    int order = (int)x->order - (int)y->order;
    return order ? order : str_cmp(x->path, y->path);
}

/* All of them, or none: *ret_is_whole is false where some cannot be taken back. */
static bool place_files(struct writing *writing, bool *ret_is_whole) {
    if (writing->files.n)
        qsort(writing->files.at, writing->files.n, sizeof *writing->files.at, by_order);
    for (uint32_t i = 0; i < writing->files.n; i++) {
        if (staged_place(&writing->files.at[i], writing->diags))
            continue;
        for (i++; i-- > 0;)
            *ret_is_whole &= staged_take_back(&writing->files.at[i], writing->diags);
        return false;
    }
    return true;
}

bool write_commit(struct writing *writing, struct diags *ret_linked) {
    bool is_synced = !writing->is_failed && sync_files(writing);
    HELD_SIGNALS;
    (void)before;
    bool is_whole = true, is_written = is_synced && check_files(writing) && place_files(writing, &is_whole);
    if (is_written) {
        sync_folders(writing);
        writing->folders.n = 0;
        for (uint32_t i = 0; i < writing->files.n; i++)
            if (writing->files.at[i].state != MADE)
                real_remove(writing->files.at[i].temporary, 0);
        if (ret_linked)
            *ret_linked = writing->linked;
    } else if (is_whole && writing->n_asked > 1)
        diag_file(writing->diags, (struct str){NULL, 0}, "nothing is written, as the files of a run belong together");
    remove_staged(writing);
    end(writing);
    return is_written;
}

bool write_atomic(struct str path, struct str text, struct str expected, struct diags *diags) {
    struct writing *writing = write_begin(diags->arena, (struct str){NULL, 0}, diags);
    write_stage(writing, &(struct write_file){.path = path, .text = text, .expected = expected});
    return write_commit(writing, NULL);
}

bool write_below(struct str directory, struct str path, struct str text, uint32_t mode, struct diags *diags) {
    struct write_file file = {.path = path, .text = text, .directory = directory, .mode = mode};
    struct writing *writing = write_begin(diags->arena, (struct str){NULL, 0}, diags);
    write_stage(writing, &file);
    return write_commit(writing, NULL);
}
