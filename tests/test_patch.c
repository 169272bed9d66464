/* Patches of a run, applied by git and by patch(1): the same as --write, and back. */
#include "process.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void enter(void) {
    folder_enter();
    char here[4096];
    cr_assert(getcwd(here, sizeof here));
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_CEILING_DIRECTORIES", here, 1);
    setenv("HOME", here, 1);
}

TestSuite(patch, .init = enter, .fini = folder_leave, .timeout = 300);

static void shell(const char *command) {
    cr_assert_eq(system(command), 0, "%s", command);
}

static bool shell_in(struct arena *arena, const char *folder, const char *command) {
    return system(str_printf(arena, "cd '%s' && %s", folder, command).p) == 0;
}

/* Runs in `at`, a folder of the tree, and there on `argument`: the diff applied gives what --write gives, and the
 * reverse patch of that gives the tree back. `programs` apply it in `in`, as seen from `at`. */
static void round_trip(const char *tree, const char *at, const char *argument, const char *in) {
    static const char *const programs[] = {"git apply", "patch -s -f -p1 <"};
    ARENA(arena);
    char here[4096];
    cr_assert(getcwd(here, sizeof here));
    shell("rm -rf written applied undo.patch");
    folder_copy(tree, "written");
    cr_assert(shell_in(&arena, "written", "git init -q ."));
    struct str old = folder_state(&arena, "written");
    cr_assert_eq(chdir(str_printf(&arena, "written/%s", at).p), 0);
    struct str undo = str_printf(&arena, "--reverse-patch=%s/undo.patch", here);
    struct result result = RUN(&arena, "-w", undo.p, argument);
    cr_assert_eq(chdir(here), 0);
    bool is_changed = access("undo.patch", F_OK) == 0;
    cr_expect_eq(is_changed, !str_eq(folder_state(&arena, "written"), old), "%s: %.*s", tree, STR_ARG(result.err));
    if (!is_changed)
        return;
    struct str new = folder_state(&arena, "written");
    for (size_t i = 0; i < 2; i++) {
        ARENA(scratch);
        shell("rm -rf applied && cp -R written applied");
        const char *folder = str_printf(&scratch, "applied/%s/%s", at, in).p;
        cr_expect(shell_in(&scratch, folder, str_printf(&scratch, "%s %s/undo.patch", programs[i], here).p),
                  "%s does not take back %s", programs[i], tree);
        cr_expect(str_eq(folder_state(&scratch, "applied"), old), "%s takes back %s %s %s: %.*s", programs[i], tree, at,
                  argument, STR_ARG(folder_state(&scratch, "applied")));
        shell("rm -rf applied");
        folder_copy(tree, "applied");
        cr_assert(shell_in(&scratch, "applied", "git init -q ."));
        cr_assert_eq(chdir(str_printf(&scratch, "applied/%s", at).p), 0);
        struct str diff = RUN(&scratch, argument).out;
        cr_assert_eq(chdir(here), 0);
        file_put("do.patch", diff);
        cr_expect(shell_in(&scratch, folder, str_printf(&scratch, "%s %s/do.patch", programs[i], here).p),
                  "%s does not take %s", programs[i], tree);
        cr_expect(str_eq(folder_state(&scratch, "applied"), new), "%s on %s %s %s: %.*s", programs[i], tree, at,
                  argument, STR_ARG(diff));
    }
}

Test(patch, of_golden_projects_goes_there_and_back) {
    ARENA(arena);
    const char *path = source_path(&arena, "golden/project");
    DIR *stream = opendir(path);
    cr_assert(stream);
    unsigned n = 0;
    for (struct dirent *entry; (entry = readdir(stream));)
        if (entry->d_name[0] != '.') {
            ARENA(scratch);
            round_trip(str_printf(&scratch, "%s/%s/in", path, entry->d_name).p, ".", ".", ".");
            n++;
        }
    closedir(stream);
    cr_expect_gt(n, 5);
}

static const char node[] = "FROM node:20\nCMD [\"node\", \"x.js\"]\n";
static const char service[] = "services:\n  app:\n    build: .\n";

static void put_tree(void) {
    static const char *const folders[] = {"a b", "qu\"ote", "back\\slash", "gr\xc3\xbc\xc3\x9f", "tab\t", "deep/er"};
    ARENA(arena);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        file_put(str_printf(&arena, "tree/%s/Dockerfile", folders[i]).p, str_of(node));
        file_put(str_printf(&arena, "tree/%s/compose.yaml", folders[i]).p, str_of(service));
        file_put(str_printf(&arena, "tree/%s/package.json", folders[i]).p, STR("{}\n"));
    }
    file_put("tree/crlf/Dockerfile", STR("FROM node:20\r\nCMD [\"node\", \"x.js\"]\r\n"));
    file_put("tree/open/Dockerfile", STR("FROM node:20\nCMD [\"node\", \"x.js\"]"));
    file_put("tree/executable/Dockerfile", str_of(node));
    cr_assert_eq(chmod("tree/executable/Dockerfile", 0755), 0);
    file_put("tree/ignored/Dockerfile", STR("FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n"
                                            "CMD [\"node\", \"x.js\"]\n"));
    file_put("tree/ignored/.dockerignore", STR(""));
}

Test(patch, of_hostile_names_goes_there_and_back) {
    put_tree();
    round_trip("tree", ".", ".", ".");
}

Test(patch, applies_where_the_run_was) {
    put_tree();
    round_trip("tree", "deep", ".", ".");
    round_trip("tree", "deep", "er/Dockerfile", ".");
    round_trip("tree", "deep/er", "../../a b", "../../a b");
    round_trip("tree", "deep/er", "../..", "../..");
    round_trip("tree", "deep", "../deep", ".");
    ARENA(arena);
    cr_assert_eq(chdir("tree/deep/er"), 0);
    struct str out = RUN(&arena, "../../a b").out, line;
    cr_assert(str_cut(&out, '\n', &line));
    cr_expect(str_starts(line, STR("# in /")) && str_ends(line, STR("/tree/a b")), "%.*s", STR_ARG(line));
    cr_expect(str_starts(out, STR("--- a/Dockerfile\n")), "%.*s", STR_ARG(out));
}

Test(patch, names_the_file_behind_a_link_once) {
    put_tree();
    cr_assert_eq(symlink("deep/er/Dockerfile", "tree/Dockerfile"), 0);
    round_trip("tree", ".", "Dockerfile", ".");
    ARENA(arena);
    cr_assert_eq(chdir("tree"), 0);
    struct str out = RUN(&arena, "Dockerfile", "deep").out;
    cr_expect(str_contains(out, STR("--- a/deep/er/Dockerfile\n")));
    cr_expect_not(str_contains(out, STR("--- a/Dockerfile\n")));
}

Test(patch, takes_no_other_files_place) {
    put_tree();
    ARENA(arena);
    file_put("undo.patch", STR("precious\n"));
    struct str old = folder_state(&arena, ".");
    struct result result = RUN(&arena, "-w", "--reverse-patch=undo.patch", "tree");
    cr_expect_eq(result.code, 2);
    cr_expect(str_contains(result.err, STR("undo.patch: error: cannot be written: giving it its name: File exists\n")),
              "%.*s", STR_ARG(result.err));
    cr_expect(str_eq(folder_state(&arena, "."), old));
}

/* --- old files that are kept ---------------------------------------------------------------------------------------
 */

Test(patch, backups_hold_the_old_files) {
    ARENA(arena);
    file_put("Dockerfile", str_of(node));
    cr_assert_eq(chmod("Dockerfile", 0640), 0);
    cr_assert_eq(system("touch -d 2020-02-02 Dockerfile"), 0);
    cr_expect_eq(RUN(&arena, "-w", "--backup", ".").code, 0);
    struct stat status;
    cr_assert_eq(stat("Dockerfile.orig", &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0640);
    cr_expect_lt(status.st_mtime, 1600000000);
    cr_expect(str_eq(file_get(&arena, "Dockerfile.orig"), str_of(node)));
    cr_expect_not(str_eq(file_get(&arena, "Dockerfile"), str_of(node)));
    struct str state = folder_state(&arena, ".");
    cr_expect_eq(RUN(&arena, "-w", "--backup", ".").code, 0);
    cr_expect(str_eq(folder_state(&arena, "."), state), "a backup is none of our files");
    file_put("Dockerfile", str_of(node));
    cr_expect_eq(RUN(&arena, "-w", "--backup", ".").code, 0, "the same backup is there already");
    file_put("Dockerfile", STR("FROM node:20\nCMD [\"node\", \"y.js\"]\n"));
    struct result result = RUN(&arena, "-w", "--backup", ".");
    cr_expect_eq(result.code, 2);
    cr_expect(str_contains(result.err, STR("Dockerfile.orig: error: is there already, and holds something else")),
              "%.*s", STR_ARG(result.err));
    cr_expect(str_contains(file_get(&arena, "Dockerfile"), STR("y.js")));
    cr_expect(str_eq(file_get(&arena, "Dockerfile.orig"), str_of(node)));
    cr_expect_eq(RUN(&arena, "-w", "--backup=.2.bak", ".").code, 0);
    cr_expect(str_contains(file_get(&arena, "Dockerfile.2.bak"), STR("y.js")));
}

Test(patch, options_that_need_write_say_so) {
    static const char *const wrong[][4] = {{"ironhull", "--backup", "."},
                                           {"ironhull", "--reverse-patch=p", "."},
                                           {"ironhull", "-w", "--backup=.prod", "."},
                                           {"ironhull", "-w", "--backup=", "."},
                                           {"ironhull", "-w", "--backup=.dockerignore", "."},
                                           {"ironhull", "-w", "--backup=/x.orig", "."},
                                           {"ironhull", "-w", "--reverse-patch=", "."}};
    file_put("Dockerfile", str_of(node));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ARENA(arena);
        const char *arguments[5] = {wrong[i][0], wrong[i][1], wrong[i][2], wrong[i][3]};
        cr_expect_eq(process_run(&arena, &(struct setting){0}, arguments).code, 2, "%s %s", wrong[i][1], wrong[i][2]);
        cr_expect(str_eq(file_get(&arena, "Dockerfile"), str_of(node)));
    }
}

Test(patch, further_names_of_a_file_are_said) {
    ARENA(arena);
    file_put("tree/Dockerfile", str_of(node));
    cr_assert_eq(link("tree/Dockerfile", "second"), 0);
    struct result result = RUN(&arena, "-w", "tree");
    cr_expect_eq(result.code, 0);
    cr_expect(str_contains(result.err, STR("tree/Dockerfile: warning: had 2 names (hard links): the others keep the "
                                           "old text\n")),
              "%.*s", STR_ARG(result.err));
    cr_expect(str_eq(file_get(&arena, "second"), str_of(node)));
    cr_expect_not(str_eq(file_get(&arena, "tree/Dockerfile"), str_of(node)));
}

Test(patch, a_file_with_two_names_in_a_run_is_written_once) {
    ARENA(arena);
    file_put("Dockerfile", str_of(node));
    cr_assert_eq(symlink("Dockerfile", "Dockerfile.link"), 0);
    cr_expect_eq(RUN(&arena, "-w", "--backup", "Dockerfile.link", "Dockerfile").code, 0);
    struct stat status;
    cr_assert_eq(lstat("Dockerfile.link", &status), 0);
    cr_expect(S_ISLNK(status.st_mode));
    struct str text = file_get(&arena, "Dockerfile");
    cr_expect(str_contains(text, STR("USER 1000:1000\n")));
    cr_expect_not(folder_has(".", ".ironhull"));
    cr_expect_eq(access("Dockerfile.link.orig", F_OK), -1);
    file_put("Dockerfile", str_of(node));
    cr_expect_eq(RUN(&arena, "-w", "Dockerfile").code, 0);
    cr_expect(str_eq(file_get(&arena, "Dockerfile"), text), "the same as alone");
}
