/* Runs that meet a fault at each of their writing calls, one after the other: every file is the old or the new one, and
 * all are, where the program had the time to see to it. */
#include "process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* With the sanitizers a run takes ten times as long. */
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 5 };
#else
enum { STEP = 1 };
#endif

static char plain[4096];
static unsigned tries;

static void enter(void) {
    folder_enter();
    ARENA(arena);
    strcpy(plain, source_path(&arena, "golden/project/article/in"));
    /* a runtime that wants to be loaded first; nothing else of it is changed */
    setenv("ASAN_OPTIONS", "exitcode=99:verify_asan_link_order=0:detect_leaks=0", 0);
}

static void leave(void) {
    printf("%u tries\n", tries);
    folder_leave();
}

TestSuite(faults, .init = enter, .fini = leave, .timeout = 300);

/* How ironhull is called, and where. */
struct run {
    const char *arguments[8];
    const char *lacks;
};

static const struct run runs[] = {
    {{"ironhull", "-w", "app"}, ""},
    {{"ironhull", "-w", "--backup", "--reverse-patch=app/undo.patch", "app"}, ""},
    {{"ironhull", "-o", "app/out", "app"}, ""},
    {{"ironhull", "-w", "app"}, "exchange"},
    {{"ironhull", "-w", "app"}, "exchange link"},
};
enum { N_RUNS = sizeof runs / sizeof *runs };

static void reset(void) {
    cr_assert_eq(system("rm -rf app"), 0);
    folder_copy(plain, "app");
    cr_assert_eq(chmod("app/Dockerfile", 0755), 0);
    tries++;
}

static struct result run_with(struct arena *arena, const struct run *run, long at, const char *what) {
    setenv("LD_PRELOAD", getenv("FAULT"), 1);
    setenv("FAULT_LACKS", run->lacks, 1);
    setenv("FAULT_AT", str_printf(arena, "%ld", at).p, 1);
    setenv("FAULT_DO", what, 1);
    setenv("FAULT_COUNT", "count", 1);
    struct result result = process_run(arena, &(struct setting){.may_end_by_signal = true}, run->arguments);
    unsetenv("LD_PRELOAD");
    return result;
}

/* What a run makes of the folder, and how many calls it takes. */
struct expected {
    struct str old, new;
    long calls;
};

static struct expected expected_of(struct arena *arena, const struct run *run) {
    struct expected expected;
    reset();
    expected.old = folder_state(arena, "app");
    cr_assert_eq(run_with(arena, run, 0, "").code, 0);
    expected.new = folder_state(arena, "app");
    cr_assert_not(str_eq(expected.old, expected.new));
    expected.calls = atol(file_get(arena, "count").p);
    cr_assert_gt(expected.calls, 30);
    return expected;
}

/* Whether each file below the folder is one of a state, as folder_state gives it. */
static void is_made_of(const struct expected *expected, long at) {
    ARENA(arena);
    struct str state = folder_state(&arena, "app");
    for (uint32_t i = 0, end; i < state.n; i = end) {
        const char *next = memmem(state.p + i + 1, state.n - i - 1, "\n== ", 4);
        end = next ? (uint32_t)(next + 1 - state.p) : state.n;
        struct str file = str_sub(state, i, end);
        struct str name = str_sub(file, 3, str_find(file, 3, ' '));
        bool is_temporary = str_contains(name, STR(".ironhull-"));
        cr_expect(is_temporary || str_contains(expected->old, file) || str_contains(expected->new, file),
                  "call %ld leaves\n%.*s", at, STR_ARG(file));
    }
    for (struct str rest = expected->old, line; str_cut(&rest, '\n', &line);)
        if (str_starts(line, STR("== ")))
            cr_expect_eq(access(str_printf(&arena, "app/%.*s", (int)str_find(line, 3, ' ') - 3, line.p + 3).p, F_OK), 0,
                         "call %ld loses %.*s", at, STR_ARG(line));
}

Test(faults, kills_leave_whole_files) {
    ARENA(arena);
    for (int i = 0; i < N_RUNS; i++) {
        struct expected expected = expected_of(&arena, &runs[i]);
        for (long at = 1; at <= expected.calls; at += STEP) {
            ARENA(scratch);
            reset();
            cr_assert_eq(run_with(&scratch, &runs[i], at, "-9").code, -SIGKILL);
            is_made_of(&expected, at);
        }
    }
}

/* All is old, or all is new. */
static bool is_new(const struct expected *expected, const struct run *run, long at, const char *what,
                   const struct result *result) {
    ARENA(arena);
    struct str state = folder_state(&arena, "app");
    bool is_all_new = str_eq(state, expected->new);
    cr_expect(is_all_new || str_eq(state, expected->old), "%s %s (%s), %s at call %ld of %ld leaves\n%.*s\n%.*s",
              run->arguments[1], run->arguments[2], run->lacks, what, at, expected->calls, STR_ARG(result->err),
              STR_ARG(state));
    return is_all_new;
}

Test(faults, signals_leave_all_or_nothing) {
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    ARENA(arena);
    for (int i = 0; i < N_RUNS; i++) {
        struct expected expected = expected_of(&arena, &runs[i]);
        unsigned n_new = 0, n_old = 0;
        for (long at = 1; at <= expected.calls; at += STEP) {
            ARENA(scratch);
            const char *what = str_printf(&scratch, "-%d", signals[at % 4]).p;
            reset();
            struct result result = run_with(&scratch, &runs[i], at, what);
            cr_expect_eq(result.code, -signals[at % 4], "call %ld: %d", at, result.code);
            bool is_written = is_new(&expected, &runs[i], at, what, &result);
            cr_expect(is_written || n_new == 0, "what has begun goes through");
            n_new += is_written;
            n_old += !is_written;
        }
        cr_expect(n_new > 0 && n_old > 0, "%u and %u", n_new, n_old);
    }
}

Test(faults, errors_leave_all_or_nothing) {
    static const int errors[] = {EIO, ENOSPC, EXDEV, EROFS};
    ARENA(arena);
    for (int i = 0; i + 1 < N_RUNS; i++) { /* not where nothing can be taken back */
        struct expected expected = expected_of(&arena, &runs[i]);
        unsigned n_failed = 0;
        for (long at = 1; at <= expected.calls; at += STEP) {
            ARENA(scratch);
            const char *what = str_printf(&scratch, "%d", errors[at % 4]).p;
            reset();
            struct result result = run_with(&scratch, &runs[i], at, what);
            bool is_written = is_new(&expected, &runs[i], at, what, &result);
            cr_expect_eq(result.code, is_written ? 0 : 2, "call %ld: %d", at, result.code);
            cr_expect_eq(is_written, !str_contains(result.err, STR(": error: ")), "%.*s", STR_ARG(result.err));
            n_failed += !is_written;
        }
        cr_expect_gt(n_failed, expected.calls / STEP / 5, "%u of %ld", n_failed, expected.calls / STEP);
    }
}

/* The text that is in a file now, as the state shows it. */
static bool is_text(const char *path, const char *want) {
    ARENA(arena);
    return str_eq(file_get(&arena, path), str_of(want));
}

Test(faults, changes_by_others_are_kept) {
    static const char *const files[] = {"app/Dockerfile", "app/compose.yaml", "app/pod.yaml"};
    ARENA(arena);
    for (int i = 0; i < 2; i++) {
        struct expected expected = expected_of(&arena, &runs[i]);
        unsigned n_failed = 0;
        for (long at = 1; at <= expected.calls; at += STEP) {
            ARENA(scratch);
            const char *file = files[at % 3], *what = at % 2 ? "edit" : "move";
            reset();
            setenv("FAULT_FILE", file, 1);
            struct result result = run_with(&scratch, &runs[i], at, what);
            cr_expect(is_text(file, "other\n"), "%s of %s at call %ld is lost: %.*s", what, file, at,
                      STR_ARG(result.err));
            cr_expect_not(folder_has("app", ".ironhull"));
            cr_expect(result.code == 0 || result.code == 2);
            if (result.code == 0)
                continue;
            n_failed++;
            cr_expect(str_contains(result.err, STR("has changed since")), "%.*s", STR_ARG(result.err));
            file_put(file, file_get(&scratch, str_printf(&scratch, "%s/%s", plain, file + 4).p));
            chmod(file, strcmp(file, files[0]) == 0 ? 0755 : 0644);
            cr_expect_not(is_new(&expected, &runs[i], at, what, &result));
        }
        cr_expect_gt(n_failed, 0);
    }
}

/* As a container has it that denies what it does not know, and Linux before 5.6. */
Test(faults, kernels_without_openat2_write_the_same) {
    ARENA(arena);
    for (int i = 0; i < 3; i++) {
        struct expected expected = expected_of(&arena, &runs[i]);
        struct run run = runs[i];
        run.lacks = "openat2";
        reset();
        struct result result = run_with(&arena, &run, 0, "");
        cr_expect_eq(result.code, 0, "%.*s", STR_ARG(result.err));
        cr_expect(str_eq(folder_state(&arena, "app"), expected.new), "%s %s", run.arguments[1], run.arguments[2]);
    }
}

/* --- symbolic links ------------------------------------------------------------------------------------------------
 */

/* What somebody puts a link in the place of, while a run is at work; without the sandbox, which would deny the rest. */
static const struct race {
    struct run run;
    const char *file, *link;
} races[] = {
    {{{"ironhull", "--no-sandbox", "-w", "tree"}, ""}, "tree/app", "../outside"},
    {{{"ironhull", "--no-sandbox", "-w", "tree"}, ""}, "tree", "outer"},
    {{{"ironhull", "--no-sandbox", "-w", "tree"}, ""}, "tree/app/compose.yaml", "../../outside/compose.yaml"},
    {{{"ironhull", "--no-sandbox", "-w", "--backup", "tree"}, "exchange"}, "tree/app/Dockerfile", "/dev/zero"},
    {{{"ironhull", "--no-sandbox", "-w", "tree/app/compose.yaml", "tree/app/Dockerfile"}, ""},
     "tree/app",
     "../outside"},
    {{{"ironhull", "--no-sandbox", "-o", "tree/out", "tree"}, ""}, "tree/out", "../outside"},
    {{{"ironhull", "--no-sandbox", "-o", "tree/out", "tree"}, ""}, "tree/out/tree", "../../outer"},
    {{{"ironhull", "--no-sandbox", "--check", "--output-file=tree/out/pod.yaml", "tree"}, ""},
     "tree/out",
     "../outside"},
    {{{"ironhull", "--no-sandbox", "--check", "--output-file=tree/report", "tree"}, ""},
     "tree/report",
     "../outside/Dockerfile"},
    {{{"ironhull", "--no-sandbox", "--emit=github-workflow", "-o", "tree/out", "tree"}, ""},
     "tree/out/.github",
     "../../outside"},
};
enum { N_RACES = sizeof races / sizeof *races };

/* The same files inside and outside, the worst case for what compares them; or others, to be read by nobody. */
static void reset_race(bool is_secret) {
    cr_assert_eq(system("rm -rf tree tree.away outside outer"), 0);
    folder_copy(plain, "tree/app");
    folder_copy(plain, "outside");
    folder_copy(plain, "outer/app");
    cr_assert_eq(system("mkdir -p tree/out outside/workflows && echo old >outside/workflows/ironhull.yml"), 0);
    if (is_secret) {
        file_put("outside/Dockerfile", STR("FROM debian:13\nENV A=hunter2\nCMD [\"/hunter2\"]\n"));
        file_put("outside/compose.yaml", STR("services:\n  hunter2: {image: hunter2}\n"));
        cr_assert_eq(system("cp outside/Dockerfile outside/compose.yaml outer/app"), 0);
    }
    tries++;
}

/* Every file that was there is somewhere: as it was, or hardened as far as facts were still at hand. */
static void nothing_is_lost(const struct race *race, long at) {
    ARENA(arena);
    static const char *const names[] = {"Dockerfile", "compose.yaml", "pod.yaml", "package.json", "server.js"};
    const char *folder = access("tree.away", F_OK) == 0 ? "tree.away/app" : "tree/app";
    folder = access("tree/app.away", F_OK) == 0 ? "tree/app.away" : folder;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str old = file_get(&arena, str_printf(&arena, "%s/%s", plain, names[i]).p);
        struct str moved = str_printf(&arena, "%s/%s.away", folder, names[i]);
        bool is_moved = access(moved.p, F_OK) == 0;
        struct str now = file_get(&arena, is_moved ? moved.p : str_printf(&arena, "%s/%s", folder, names[i]).p);
        cr_expect(str_eq(now, old) || (now.n > old.n && str_starts(now, str_sub(old, 0, str_find(old, 0, '\n')))),
                  "%s at call %ld: %s is lost:\n%.*s", race->file, at, names[i], STR_ARG(now));
    }
}

Test(faults, links_lead_nowhere) {
    ARENA(arena);
    setenv("FAULT_EARLY", "1", 1);
    for (int i = 0; i < N_RACES; i++) {
        const struct race *race = &races[i];
        reset_race(false);
        cr_expect_leq(run_with(&arena, &race->run, 0, "").code, 1);
        long calls = atol(file_get(&arena, "count").p);
        cr_assert_gt(calls, 20);
        printf("%ld calls\n", calls);
        setenv("FAULT_FILE", race->file, 1);
        setenv("FAULT_LINK", race->link, 1);
        unsigned n_failed = 0;
        for (long at = 1; at <= calls; at += STEP) {
            ARENA(scratch);
            reset_race(at % 2);
            struct str outside = folder_state(&scratch, "outside"), outer = folder_state(&scratch, "outer");
            struct result result = run_with(&scratch, &race->run, at, "link");
            n_failed += result.code == 2;
            cr_expect(str_eq(folder_state(&scratch, "outside"), outside) &&
                          str_eq(folder_state(&scratch, "outer"), outer),
                      "%s at call %ld of %ld: written outside:\n%.*s", race->file, at, calls, STR_ARG(result.err));
            cr_expect(!str_contains(result.out, STR("hunter2")) && !str_contains(result.err, STR("hunter2")),
                      "%s at call %ld of %ld: read outside:\n%.*s%.*s", race->file, at, calls, STR_ARG(result.out),
                      STR_ARG(result.err));
            nothing_is_lost(race, at);
        }
        printf("%u failed\n", n_failed);
    }
}

/* A disk that fails for good in the middle: nothing can be taken back, and that is said. */
Test(faults, what_cannot_be_taken_back_is_said) {
    static const char *const files[] = {".dockerignore", "node-seccomp.json", "Dockerfile", "compose.yaml", "pod.yaml"};
    ARENA(arena);
    setenv("FAULT_EVER", "1", 1);
    setenv("FAULT_ON", "rename", 1);
    for (int i = 0; i < N_RUNS; i += 3) {
        reset();
        struct str old = folder_state(&arena, "app");
        for (long at = 1; at <= 5; at++) {
            ARENA(scratch);
            reset();
            struct result result = run_with(&scratch, &runs[i], at, "5");
            cr_expect_eq(result.code, 2);
            for (size_t j = 0; j < 5; j++) {
                const char *path = str_printf(&scratch, "app/%s", files[j]).p;
                bool is_there = access(path, F_OK) == 0;
                struct str text = is_there ? file_get(&scratch, path) : STR("");
                bool is_old = str_contains(old, text), is_made = j < 2;
                struct str said = str_printf(&scratch, "%s: error: was written, and cannot be taken back", path);
                cr_expect_eq(str_contains(result.err, said), !is_old && !is_made, "%s at %ld: %.*s", path, at,
                             STR_ARG(result.err));
            }
        }
    }
}
