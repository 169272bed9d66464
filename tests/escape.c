/* Preloaded into the program: tries what input that has taken it over would try, when all else is done, and says in
 * $ESCAPE_REPORT how each try ended: `NAME ok`, or the name of the error. Files are tried in $ESCAPE_FOLDERS, names
 * with a space between, with a file `secret` in each.
 *
 *     ESCAPE_LACKS=ERROR    before, calls for a sandbox fail with this number, as a container has it */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *report;
static int early_socket;

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static void lack_sandbox(unsigned error) {
    struct sock_filter lines[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_seccomp, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 444, 0, 1), /* landlock_create_ruleset and its two */
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 446, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
    };
    struct sock_fprog program = {sizeof lines / sizeof *lines, lines};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        abort();
}

__attribute__((constructor)) static void prepare(void) {
    if (!*setting("ESCAPE_REPORT"))
        return;
    unsetenv("LD_PRELOAD"); /* not into what is started */
    report = fopen(setting("ESCAPE_REPORT"), "w");
    early_socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*setting("ESCAPE_LACKS"))
        lack_sandbox((unsigned)atoi(setting("ESCAPE_LACKS")));
}

/* 0, or -1 with errno. */
static void say(const char *what, const char *where, int result) {
    fprintf(report, "%s%s%s %s\n", what, *where ? " " : "", where, result == 0 ? "ok" : strerrorname_np(errno));
}

static int opened(const char *folder, const char *name, int flags) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd < 0 ? -1 : close(fd);
}

static void try_folder(const char *folder) {
    char path[4096], other[4096];
    snprintf(path, sizeof path, "%s/escaped", folder);
    snprintf(other, sizeof other, "%s/moved", folder);
    say("list", folder, opened(folder, ".", O_RDONLY | O_DIRECTORY));
    say("read", folder, opened(folder, "secret", O_RDONLY));
    say("write", folder, opened(folder, "secret", O_WRONLY));
    say("truncate", folder, opened(folder, "secret", O_WRONLY | O_TRUNC));
    say("make", folder, opened(folder, "escaped", O_WRONLY | O_CREAT));
    say("mkdir", folder, mkdir(other, 0700));
    rmdir(other);
    snprintf(path, sizeof path, "%s/secret", folder);
    say("rename", folder, rename(path, other));
    say("unlink", folder, unlink(other));
}

static void *in_thread(void *error) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    *(int *)error = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return NULL;
}

/* In a process of its own where there may be one. */
static int try_exec(void) {
    static const char *const words[] = {"true", NULL};
    int status;
    pid_t child = fork();
    if (child > 0) {
        waitpid(child, &status, 0);
        errno = WEXITSTATUS(status);
        return errno ? -1 : 0;
    }
    execv("/bin/true", (char *const *)words);
    if (child == 0)
        _exit(errno);
    return -1;
}

static int try_fork(void) {
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child ? 0 : -1;
}

__attribute__((destructor)) static void escape(void) {
    if (!report)
        return;
    struct sockaddr_in nowhere = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = 0};
    pthread_t thread;
    int error = EAGAIN;
    char *folders = strdup(setting("ESCAPE_FOLDERS"));
    say("exec", "", try_exec());
    say("fork", "", try_fork());
    say("socket", "", socket(AF_INET, SOCK_STREAM, 0) < 0 ? -1 : 0);
    say("unix", "", socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? -1 : 0);
    say("bind", "", bind(early_socket, (const struct sockaddr *)&nowhere, sizeof nowhere));
    say("kill", "", kill(getppid(), 0));
    say("ptrace", "", ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? -1 : 0);
    if (pthread_create(&thread, NULL, in_thread, &error) == 0)
        pthread_join(thread, NULL);
    errno = error;
    say("socket", "thread", error ? -1 : 0);
    ioctl(-1, TIOCSTI, "x");
    say("type", "", errno == EBADF ? 0 : -1);
    for (char *folder = strtok(folders, " "); folder; folder = strtok(NULL, " "))
        try_folder(folder);
    free(folders);
    fclose(report);
}
