#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
enum { IS_BUILT = false };
#else
enum { IS_BUILT = true };
#endif

/* --- Landlock: which files -----------------------------------------------------------------------------------------
 */

/* Numbers of calls, the same on every architecture, and of linux/landlock.h: the system that builds may have none, or
 * an old one. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    REMOVE_DIR = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_CHAR = 1 << 6,
    MAKE_DIR = 1 << 7,
    MAKE_REG = 1 << 8,
    MAKE_SOCK = 1 << 9,
    MAKE_FIFO = 1 << 10,
    MAKE_BLOCK = 1 << 11,
    MAKE_SYM = 1 << 12,
    REFER = 1 << 13,    /* from ABI 2 on */
    TRUNCATE = 1 << 14, /* 3 */

    READING = READ_FILE | READ_DIR,
    /* links, FIFOs and sockets: an artifact takes the place of what is there, and names are swapped */
    WRITING = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | TRUNCATE,
    OF_FILES = READ_FILE | WRITE_FILE | TRUNCATE, /* what a rule for a single file may name */
    ALL = EXECUTE | READING | WRITING | MAKE_CHAR | MAKE_BLOCK | REFER,
};

enum { BIND_TCP = 1 << 0, CONNECT_TCP = 1 << 1, ABSTRACT_UNIX_SOCKET = 1 << 0, SIGNAL = 1 << 1 };

struct ruleset {
    uint64_t files, net, scoped;
};

struct rule {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

/* What an ABI knows, in its size of the structure. */
static int create_ruleset(long abi, bool limits_reading) {
    struct ruleset ruleset = {.files = limits_reading ? ALL : ALL & ~READING};
    if (abi < 2)
        ruleset.files &= ~(uint64_t)REFER;
    if (abi < 3)
        ruleset.files &= ~(uint64_t)TRUNCATE;
    if (abi >= 4)
        ruleset.net = BIND_TCP | CONNECT_TCP;
    if (abi >= 6)
        ruleset.scoped = ABSTRACT_UNIX_SOCKET | SIGNAL;
    size_t size = abi >= 6   ? sizeof ruleset
                  : abi >= 4 ? offsetof(struct ruleset, scoped)
                             : offsetof(struct ruleset, net);
    return (int)syscall(CREATE_RULESET, &ruleset, size, 0);
}

struct sandbox sandbox_begin(bool limits_reading) {
    long abi = IS_BUILT ? syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION) : -1;
    return (struct sandbox){abi < 1 ? -1 : create_ruleset(abi, limits_reading)};
}

/* A rule may not name what its ruleset does not handle. */
static bool add_rule(const struct sandbox *sandbox, int fd, int allowed) {
    struct rule rule = {(uint64_t)allowed, fd};
    return syscall(ADD_RULE, sandbox->ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
}

void sandbox_allow(const struct sandbox *sandbox, int folder, const char *path, bool may_write) {
    struct stat status;
    int fd = sandbox->ruleset < 0 ? -1 : openat(folder, path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return;
    int allowed = may_write ? READING | WRITING : READING;
    if (fstat(fd, &status) == 0 && !S_ISDIR(status.st_mode))
        allowed &= OF_FILES;
    if (!add_rule(sandbox, fd, allowed) && may_write)
        add_rule(sandbox, fd, allowed & ~TRUNCATE);
    close(fd);
}

/* --- seccomp: which calls ------------------------------------------------------------------------------------------
 */

#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#ifdef ARCHITECTURE
/* Calls that fail with EPERM. The kernel goes through them once for each call that it knows, when the filter is set:
 * they are few. Whom sockets are open to already, as an editor's pipes may be, keeps them. */
static const uint32_t denied[] = {
    /* programs and processes; clone3, whose flags cannot be seen, does not exist, and libc takes clone */
    __NR_execve,
    __NR_execveat,
#ifdef __NR_fork
    __NR_fork,
    __NR_vfork,
#endif
    __NR_ptrace,
    __NR_kill,
    /* network */
    __NR_socket,
    __NR_socketpair,
    __NR_connect,
    __NR_bind,
#ifdef __NR_io_uring_setup
    __NR_io_uring_setup, /* does what filters do not see */
#endif
    /* what takeovers of the kernel begin with */
    __NR_bpf,
    __NR_userfaultfd,
    __NR_perf_event_open,
    __NR_keyctl,
    __NR_unshare,
};
enum { N_DENIED = sizeof denied / sizeof *denied };

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(test, value, yes, no) BPF_JUMP(BPF_JMP | (test) | BPF_K, (value), (yes), (no))
#define FAIL(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* Without the flag kernels before 5.16 make such a process slower, against what it could learn of itself. */
static void filter_calls(void) {
    static const struct sock_filter start[] = {
        LOAD(arch),  IF(BPF_JEQ, ARCHITECTURE, 1, 0), FAIL(EPERM),
        LOAD(nr),    IF(BPF_JGE, 0x40000000, 0, 1), /* x32 of x86_64, which has calls under other numbers */
        FAIL(EPERM),
    };
    static const struct sock_filter end[] = {
#ifdef __NR_clone3
        IF(BPF_JEQ, __NR_clone3, 0, 1),
        FAIL(ENOSYS),
#endif
        IF(BPF_JEQ, __NR_clone, 0, 2), /* for threads alone */
        LOAD(args[0]),
        IF(BPF_JSET, CLONE_THREAD, 3, 4),
        IF(BPF_JEQ, __NR_ioctl, 0, 2), /* but for what types in the place of who sits at the terminal */
        LOAD(args[1]),
        IF(BPF_JEQ, TIOCSTI, 1, 0),
        ALLOW,
        FAIL(EPERM),
    };
    enum { N_START = sizeof start / sizeof *start, N_END = sizeof end / sizeof *end };
    struct sock_filter filter[N_START + N_DENIED + N_END];
    memcpy(filter, start, sizeof start);
    for (int i = 0; i < N_DENIED; i++) /* to the last line */
        filter[N_START + i] = (struct sock_filter)IF(BPF_JEQ, denied[i], (uint8_t)(N_DENIED - i + N_END - 2), 0);
    memcpy(filter + N_START + N_DENIED, end, sizeof end);
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) != 0)
        syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
#else
static void filter_calls(void) {
}
#endif

void sandbox_enter(struct sandbox *sandbox) {
    if (IS_BUILT && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        if (sandbox->ruleset >= 0)
            syscall(RESTRICT_SELF, sandbox->ruleset, 0);
        filter_calls();
    }
    if (sandbox->ruleset >= 0)
        close(sandbox->ruleset);
    sandbox->ruleset = -1;
}
