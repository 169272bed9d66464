/* Properties that hold for every file: golden cases, and public files where they are at hand. How a file is written
 * does not change what is done; fixes in any order give the same; what is hardened needs nothing more. All random
 * choices follow from the files, so that a run says the same as the last one.
 * IRONHULL_TRIES=100 for a long run. */
#include "cases.h"
#include "process.h"
#include "rewrite.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

/* --- folders that are hardened -------------------------------------------------------------------------------------
 */

/* Public files, where they are: a folder that is there is one project. */
static void add_public(struct cases *folders) {
    static const char *const names[] = {"awesome-compose", "docker-node", "jessfraz-dockerfiles",
                                        "kubernetes-examples"};
    const char *root = getenv("IRONHULL_CORPUS");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str path = str_printf(folders->arena, "%s/%s", root ? root : "../shared/corpus", names[i]);
        if (access(path.p, R_OK) == 0)
            *vec_push(folders->arena, &folders->list) = (struct case_folder){path, STR("")};
    }
}

static struct cases folders_of(struct arena *arena, bool with_public) {
    struct cases folders = cases_of(arena);
    if (with_public)
        add_public(&folders);
    return folders;
}

/* Where $IRONHULL_TRIES is given, the tests that take long go over all cases, else over some. */
static uint32_t step(void) {
    return getenv("IRONHULL_TRIES") ? 1 : 6;
}

/* --- plans ---------------------------------------------------------------------------------------------------------
 */

static int by_text(const void *a, const void *b) {
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Of several things that keep a fix away, or have no effect, the first one in the file is named. */
static struct str without_reason(struct str message) {
    static const char *const marks[] = {"; not changed:", ": since Kubernetes 1.27"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *hit = memmem(message.p, message.n, marks[i], strlen(marks[i]));
        if (hit)
            return str_sub(message, 0, (uint32_t)(hit - message.p));
    }
    return message;
}

/* What is found in a document, without where it is. */
static struct str plan_of(struct arena *arena, const struct document *document, bool without_order) {
    struct str *lines = arena_array(arena, document->findings.n, sizeof *lines);
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < document->findings.n; i++) {
        const struct finding *finding = document->findings.at[i];
        lines[i] = str_printf(
            arena, "%d %d %d %.*s [%.*s]\n", finding->safety, finding->is_applied, finding->is_suppressed,
            STR_ARG(without_order ? without_reason(finding->message) : finding->message), STR_ARG(finding->rule->id));
    }
    if (without_order && document->findings.n)
        qsort(lines, document->findings.n, sizeof *lines, by_text);
    for (uint32_t i = 0; i < document->findings.n; i++)
        buf_add(&out, lines[i]);
    return buf_str(&out);
}

static struct str errors_of(struct arena *arena, const struct diags *diags) {
    struct buf out = {.arena = arena};
    for (uint32_t i = 0; i < diags->list.n; i++)
        buf_printf(&out, "%.*s: %.*s\n", STR_ARG(diags->list.at[i].path), STR_ARG(diags->list.at[i].message));
    return buf_str(&out);
}

/* --- ways to write a file ------------------------------------------------------------------------------------------
 */

struct way {
    struct str (*rewrite)(struct rewriting *rewriting);
    struct str (*undo)(struct arena *arena, struct str text); /* NULL: what it means is compared */
    bool changes_bytes;                                       /* what it means is not asked for */
    bool changes_order;
};

/* The bytes of the documents of a run, written in another way; *ret_n: how many are. */
static struct map rewritten(struct arena *arena, const struct run *run, const struct way *way, uint32_t try,
                            uint32_t *ret_n) {
    struct map texts = {0};
    *ret_n = 0;
    for (uint32_t i = 0; i < run->project.documents.n; i++) {
        const struct document *document = run->project.documents.at[i];
        struct rewriting rewriting;
        if (document->is_broken || document->is_new || document->is_template ||
            !rewriting_begin(&rewriting, arena, document->path, document->before, document->format))
            continue;
        rewriting.random += try;
        struct str *text = arena_new(arena, struct str);
        *text = way->rewrite(&rewriting);
        if (!text->p || str_eq(*text, document->before))
            continue;
        if (!way->changes_bytes) {
            struct str was = meaning_of(arena, document->format, document->before, way->changes_order);
            struct str is = meaning_of(arena, document->format, *text, way->changes_order);
            cr_expect(is.p && str_eq(was, is), "%.*s means something else:\n%.*s\n%.*s\n%.*s", STR_ARG(document->path),
                      STR_ARG(*text), STR_ARG(was), STR_ARG(is));
        }
        map_set(&texts, arena, document->path, text);
        ++*ret_n;
    }
    return texts;
}

static void compare(struct arena *arena, const struct case_folder *folder, const struct document *was,
                    const struct document *is, const struct way *way) {
    cr_expect(is && is->format == was->format, "%.*s/%.*s is another kind of file", STR_ARG(folder->path),
              STR_ARG(was->path));
    if (!is || is->format != was->format)
        return;
    struct str plan = plan_of(arena, was, way->changes_order), other = plan_of(arena, is, way->changes_order);
    cr_expect(str_eq(plan, other), "%.*s/%.*s: the plan was\n%.*sand is\n%.*s", STR_ARG(folder->path),
              STR_ARG(was->path), STR_ARG(plan), STR_ARG(other));
    bool is_compared = was->format == FORMAT_DOCKERFILE || was->format == FORMAT_COMPOSE || was->format == FORMAT_KUBE;
    bool is_meant = !way->undo && is_compared && !was->is_template && !was->is_broken;
    struct str before = is_meant    ? meaning_of(arena, was->format, was->after, way->changes_order)
                        : way->undo ? way->undo(arena, was->after)
                                    : was->after;
    struct str after = is_meant    ? meaning_of(arena, is->format, is->after, way->changes_order)
                       : way->undo ? way->undo(arena, is->after)
                                   : is->after;
    cr_expect(str_eq(before, after), "%.*s/%.*s: the result was\n%.*s\nand is\n%.*s\nof\n%.*s", STR_ARG(folder->path),
              STR_ARG(was->path), STR_ARG(before), STR_ARG(after), STR_ARG(is->before));
}

static uint32_t try_way(const struct cases *folders, const struct way *way, uint32_t try) {
    uint32_t n_all = 0;
    for (uint32_t i = 0; i < folders->list.n; i++) {
        const struct case_folder *folder = &folders->list.at[i];
        struct run was = {0}, is = {0};
        char *path = str_c(&was.arena, folder->path);
        struct options options = options_of(&was.arena, folder->options);
        uint32_t n;
        run_in(&was, path, &options, NULL);
        struct map texts = rewritten(&was.arena, &was, way, try, &n);
        n_all += n;
        if (n)
            run_in(&is, path, &options, &texts);
        for (uint32_t j = 0; n && j < was.project.documents.n; j++) {
            const struct document *document = was.project.documents.at[j];
            compare(&was.arena, folder, document, project_find(&is.project, document->path), way);
        }
        struct str errors = errors_of(&was.arena, &was.diags), others = errors_of(&was.arena, &is.diags);
        cr_expect(n == 0 || str_eq(errors, others), "%s: errors were\n%.*sand are\n%.*s", path, STR_ARG(errors),
                  STR_ARG(others));
        arena_release(&is.arena);
        arena_release(&was.arena);
    }
    return n_all;
}

/* Whatever is hardened is hardened in the same way, however it is written. */
static void holds_for(const struct way *way) {
    ARENA(arena);
    struct cases folders = folders_of(&arena, true);
    for (uint32_t try = 0; try < tries(); try++)
        cr_expect_gt(try_way(&folders, way, try), 100);
}

Test(property, comments_never_change_the_plan) {
    holds_for(&(struct way){.rewrite = with_comment_lines, .undo = without_comments});
    holds_for(&(struct way){.rewrite = with_trailing_comments, .undo = without_comments});
}

Test(property, line_endings_never_change_the_plan) {
    holds_for(&(struct way){.rewrite = with_crlf, .undo = without_carriage_returns, .changes_bytes = true});
}

Test(property, a_byte_order_mark_never_changes_the_plan) {
    holds_for(&(struct way){.rewrite = with_bom, .undo = without_bom});
}

Test(property, the_end_of_the_file_never_changes_the_plan) {
    holds_for(&(struct way){.rewrite = without_final_newline, .undo = without_newlines_at_end, .changes_bytes = true});
}

Test(property, blanks_at_line_ends_never_change_the_plan) {
    holds_for(&(struct way){.rewrite = with_trailing_blanks, .undo = without_trailing_blanks});
}

Test(property, indentation_never_changes_the_plan) {
    holds_for(&(struct way){.rewrite = with_wide_indentation});
}

Test(property, quotes_of_keys_never_change_the_plan) {
    holds_for(&(struct way){.rewrite = with_quoted_keys});
}

Test(property, the_order_of_keys_never_changes_the_plan) {
    holds_for(&(struct way){.rewrite = with_keys_reversed, .changes_order = true});
}

/* --- runs upon runs ------------------------------------------------------------------------------------------------
 */

static void make_copy(struct arena *arena, const struct case_folder *folder) {
    cr_assert_eq(system("rm -rf copy"), 0);
    folder_copy(source_path(arena, str_c(arena, folder->path)), "copy");
}

/* Instructions that are put in at one place may stand in any order, as far as they are of different rules. */
static void add_meaning(void *context, const char *path) {
    static const struct str ends[] = {STR_INIT(".yaml"), STR_INIT(".yml"), STR_INIT(".json")};
    ARENA(scratch);
    struct buf *out = context;
    struct str text = file_text(&scratch, "copy", path), meaning = {NULL, 0};
    for (size_t i = 0; i < sizeof ends / sizeof *ends && !meaning.p; i++)
        if (str_ends(str_of(path), ends[i]))
            meaning = meaning_of(&scratch, FORMAT_KUBE, text, true);
    buf_printf(out, "== %s\n%.*s\n", path,
               STR_ARG(meaning.p ? meaning
                       : text.n  ? sorted_parts(&scratch, text, '\n')
                                 : text));
}

/* What the files of the copy say, whatever the order of their keys is. */
static struct str copy_meaning(struct arena *arena) {
    struct buf out = {.arena = arena};
    each_file("copy", add_meaning, &out);
    return buf_str(&out);
}

/* Hardens the copy and writes what is made. Whether anything is. */
static bool harden_copy(struct str options) {
    struct run run = {0};
    struct options read = options_of(&run.arena, options);
    bool has_any = false;
    run_in(&run, "copy", &read, NULL);
    for (uint32_t i = 0; i < run.project.documents.n; i++) {
        const struct document *document = run.project.documents.at[i];
        if (document->is_broken || str_eq(document->before, document->after))
            continue;
        file_put(str_printf(&run.arena, "copy/%.*s", STR_ARG(document->path)).p, document->after);
        has_any = true;
    }
    arena_release(&run.arena);
    return has_any;
}

static void shuffle_rules(const struct rule **order, uint64_t *seed) {
    for (uint32_t i = 0; i < rules_n; i++) {
        *seed = str_hash(*seed, STR("next"));
        uint32_t j = (uint32_t)(*seed >> 32) % (i + 1);
        order[i] = order[j];
        order[j] = &rules[i];
    }
}

/* Each rule by itself until there is no more to do: in the order of their table, or in another order each time. */
static void harden_rule_by_rule(struct arena *arena, const struct case_folder *folder, bool is_shuffled) {
    enum { MAX_RULES = 32, MAX_ROUNDS = 8 };
    const struct rule *order[MAX_RULES];
    uint64_t seed = str_hash(0, folder->path);
    bool has_any = true;
    cr_assert_leq(rules_n, MAX_RULES);
    for (uint32_t round = 0; has_any && round < MAX_ROUNDS; round++) {
        has_any = false;
        shuffle_rules(order, &seed);
        for (uint32_t i = 0; i < rules_n; i++) {
            const struct rule *rule = is_shuffled ? order[i] : &rules[i];
            has_any |=
                harden_copy(str_printf(arena, "%.*s\n--select=%.*s", STR_ARG(folder->options), STR_ARG(rule->id)));
        }
    }
    cr_expect_not(has_any, "%.*s never comes to rest", STR_ARG(folder->path));
}

/* Whether rules that come apart write down the same. --select wins over what a configuration says of rules; and whether
 * a pod says runAsNonRoot for all of its containers, or they do, or containers share a value, depends on which of them
 * need it when it is written. */
static bool is_same_rule_by_rule(const struct case_folder *folder) {
    static const char *const others[] = {"/config-",
                                         "/overrides/",
                                         "drop-capabilities/written/",
                                         "no-new-privileges/written-anchors/",
                                         "no-new-privileges/written-flow/",
                                         "seccomp-profile/containers-differ-unsafe/"};
    bool is_same = !str_contains(folder->options, STR("--select"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        is_same &= !str_contains(folder->path, str_of(others[i]));
    return is_same;
}

/* As far as facts go in one direction: in the order of the table. */
Test(property, rules_one_after_the_other_do_the_same) {
    ARENA(arena);
    struct cases folders = folders_of(&arena, false);
    folder_enter();
    for (uint32_t i = 0; i < folders.list.n; i += step()) {
        ARENA(scratch);
        const struct case_folder *folder = &folders.list.at[i];
        if (!is_same_rule_by_rule(folder))
            continue;
        make_copy(&scratch, folder);
        harden_copy(folder->options);
        struct str at_once = copy_meaning(&scratch);
        make_copy(&scratch, folder);
        harden_rule_by_rule(&scratch, folder, false);
        struct str one_by_one = copy_meaning(&scratch);
        cr_expect(str_eq(at_once, one_by_one), "%.*s: at once it is\n%.*s\nrule by rule it is\n%.*s",
                  STR_ARG(folder->path), STR_ARG(at_once), STR_ARG(one_by_one));
    }
    folder_leave();
}

/* A rule that comes alone and first must leave what others would have taken over: a service without a user keeps the
 * capabilities of its start as root. So results may differ, but every one of them is hardened. */
Test(property, rules_in_any_order_come_to_rest) {
    ARENA(arena);
    struct cases folders = folders_of(&arena, false);
    folder_enter();
    for (uint32_t i = 0; i < folders.list.n; i += step()) {
        ARENA(scratch);
        const struct case_folder *folder = &folders.list.at[i];
        if (str_contains(folder->options, STR("--select")))
            continue;
        make_copy(&scratch, folder);
        harden_rule_by_rule(&scratch, folder, true);
        cr_expect_not(harden_copy(folder->options), "%.*s needs more", STR_ARG(folder->path));
    }
    folder_leave();
}

/* What is hardened with options needs nothing more with them. */
Test(property, a_second_run_changes_nothing) {
    static const char *const options[] = {
        "",
        "--unsafe-fixes",
        "--unsafe-fixes\n--pod-security=restricted",
        "--pod-security=baseline\n--seccomp=localhost",
        "--unsafe-fixes\n--seccomp=localhost:operator\n--uid=20001\n--gid=20002\n--user=shop",
        "--ignore=non-root-user",
        "--ignore=builder-stage\n--unsafe-fixes",
    };
    ARENA(arena);
    struct cases folders = folders_of(&arena, false);
    folder_enter();
    for (uint32_t i = 0; i < folders.list.n; i++)
        for (size_t j = i % step(); j < sizeof options / sizeof *options; j += step()) {
            ARENA(scratch);
            make_copy(&scratch, &folders.list.at[i]);
            harden_copy(str_of(options[j]));
            struct str once = folder_state(&scratch, "copy");
            harden_copy(str_of(options[j]));
            struct str twice = folder_state(&scratch, "copy");
            cr_expect(str_eq(once, twice), "%.*s with %s: once it is\n%.*s\ntwice it is\n%.*s",
                      STR_ARG(folders.list.at[i].path), options[j], STR_ARG(once), STR_ARG(twice));
        }
    folder_leave();
}
