#!/usr/bin/python3
"""Holds a seccomp profile against the kernel it runs under: all that it does not allow must be refused.

usage: probe.py PROFILE            under the profile
       probe.py PROFILE --open     without any filter: shows that the same calls are not refused by something else

To run as root with all capabilities, so that no other measure answers in the filter's place.
"""

import ctypes
import errno
import json
import mmap
import os
import platform
import signal
import sys

EPERM, ENOSYS = errno.EPERM, errno.ENOSYS
X86_64, AARCH64 = 0xC000003E, 0xC00000B7
HIGHEST = 480  # well above the newest call
X32 = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
seccomp = ctypes.CDLL("libseccomp.so.2")
failed = False


def check(title, ok, note=""):
    global failed
    failed = failed or not ok
    print(f"{'ok' if ok else 'not ok'} - seccomp: {title}{': ' + str(note) if note and not ok else ''}")


def number(name, arch):
    return seccomp.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(arch), name.encode())


def call(nr, *arguments):
    """The errno of a system call; one without arguments gets some that no call accepts."""
    six = list(arguments) + [0] * (6 - len(arguments)) if arguments else [-1] * 6
    ctypes.set_errno(0)
    parent = os.getpid()
    result = libc.syscall(ctypes.c_long(nr), *(ctypes.c_long(a) for a in six))
    if os.getpid() != parent:  # a clone that went through
        os._exit(0)
    return ctypes.get_errno() if result == -1 else 0


def in_child(function):
    """The signal that ends a child which calls the function, or 0."""
    pid = os.fork()
    if pid == 0:
        function()
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def getpid_32():
    """getpid by the 32-bit entry of the kernel: mov $20, %eax; int $0x80; ret"""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


def main(path, is_open):
    with open(path, encoding="utf-8") as file:
        rules = json.load(file)["syscalls"]
    machine = platform.machine()
    here = {"x86_64": X86_64, "aarch64": AARCH64}[machine]
    nr = lambda name: number(name, here)

    # Calls that depend on their arguments: what, its errno or 0, name, arguments.
    special = [
        ("a socket of the family AF_VSOCK", EPERM, "socket", (40, 1)),
        ("a socket of the family AF_ALG", EPERM, "socket", (38, 5)),
        ("a socket of the family AF_PACKET", EPERM, "socket", (17, 3)),
        ("a user namespace by clone", EPERM, "clone", (0x10000000 | 0x40000000 | 17, 0)),
        ("clone3", ENOSYS, "clone3", (0, 0)),
        ("personality ADDR_NO_RANDOMIZE", EPERM, "personality", (0x0040000,)),
        ("a device by mknodat", EPERM, "mknodat", (-100, 0, 0o020666, 0x0103)),
    ]
    ordinary = [
        ("a socket of the family AF_UNIX", 0, "socket", (1, 1)),
        ("a socket of the family AF_INET", 0, "socket", (2, 1)),
        ("a socket of the family AF_INET6", 0, "socket", (10, 1)),
        ("a socket of the family AF_NETLINK", 0, "socket", (16, 3)),
        ("personality asked for", 0, "personality", (0xFFFFFFFF,)),
        ("setting the user", 0, "setresuid", (-1, -1, -1)),
        ("setting the group", 0, "setresgid", (-1, -1, -1)),
        ("setting the groups", 0, "setgroups", (0, 0)),
    ]
    # What a container must not do, whatever else changes in the profile.
    refused = """mount umount2 unshare setns ptrace process_vm_readv process_vm_writev kexec_load bpf keyctl add_key
        request_key perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register name_to_handle_at
        open_by_handle_at kcmp pidfd_getfd sethostname setdomainname swapon swapoff chroot pivot_root move_mount open_tree
        fsopen mknod mknodat reboot init_module finit_module delete_module acct quotactl settimeofday clock_settime
        syslog fanotify_init move_pages""".split()
    refused = [name for name in refused if nr(name) >= 0]

    if is_open:
        hidden = [name for name in refused if call(nr(name)) == EPERM]
        check("without the profile nothing else refuses those calls", not hidden, hidden)
        hidden = [title for title, _, name, arguments in special if call(nr(name), *arguments) == EPERM]
        check("without the profile nothing else refuses those arguments", not hidden, hidden)
        if machine == "x86_64":
            check("without the profile the 32-bit entry is open", in_child(getpid_32) == 0)
        return

    names = sorted({name for rule in rules for name in rule["names"]})
    unknown = [name for name in names if max(number(name, X86_64), number(name, AARCH64)) < 0]
    check("every name is a system call of x86_64 or aarch64", not unknown, unknown)
    listed = [rule["names"] for rule in rules]
    check("the names are sorted", all(list(n) == sorted(set(n)) for n in listed))

    if "personality" not in names:
        ordinary = [row for row in ordinary if row[2] != "personality"]
    allowed = {nr(name) for name in names}
    if machine == "x86_64":
        allowed.add(336)  # uprobe: the kernel's own trap, which passes every filter by and fails elsewhere
    answers = {name: call(nr(name)) for name in refused}
    check(f"{len(refused)} dangerous calls fail with EPERM", set(answers.values()) == {EPERM}, answers)
    leaks = [n for n in range(HIGHEST) if n not in allowed and call(n) != EPERM]
    check("every number that is not in the profile fails with EPERM", not leaks, leaks)
    for title, wanted, name, arguments in special + ordinary:
        got = call(nr(name), *arguments)
        check(f"{title} {'fails with ' + errno.errorcode[wanted] if wanted else 'works'}", got == wanted, got)
    if machine == "x86_64":
        check("a 32-bit call ends the process", in_child(getpid_32) == signal.SIGSYS)
        check("an x32 call ends the process", in_child(lambda: call(X32 + nr("getpid"), 0)) == signal.SIGSYS)


main(sys.argv[1], "--open" in sys.argv[2:])
sys.exit(failed)
