#!/usr/bin/python3
"""What a Python server may do in a lifetime, each in a few lines: run under the seccomp profile, all of it must work."""

import asyncio
import concurrent.futures
import ctypes
import fcntl
import hashlib
import http.server
import json
import mmap
import multiprocessing
import multiprocessing.shared_memory
import os
import pathlib
import platform
import pty
import queue
import random
import resource
import sched
import select
import selectors
import shutil
import signal
import socket
import socketserver
import sqlite3
import ssl
import stat
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request
import zipfile
import zlib

directory = tempfile.mkdtemp(prefix="workload-")
os.chdir(directory)
os.environ["HOME"] = directory
tasks = []


def task(function):
    tasks.append(function)
    return function


def sh(command):
    return subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True, text=True).stdout.strip()


def square(n):
    return n * n


@task
def http_server_and_client():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        assert len(urllib.request.urlopen(url, data=b"x" * 100000, timeout=5).read()) == 100000
        server.shutdown()
        thread.join()


@task
def forking_server():
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(self.rfile.readline())

    with socketserver.ForkingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request).start()
        with socket.create_connection(server.server_address, timeout=5) as client:
            client.sendall(b"ping\n")
            assert client.recv(10) == b"ping\n"


@task
def tcp_sockets_of_both_families():
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.create_server((address, 0), family=family, reuse_port=True) as server:
            with socket.create_connection(server.getsockname()[:2]) as client:
                peer, _ = server.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                client.sendmsg([b"pi", b"ng"])
                assert peer.recvmsg(10)[0] == b"ping"
                with open(sys.executable, "rb") as file:
                    assert peer.sendfile(file, count=4096) == 4096
                assert client.getpeername() == server.getsockname() or family == socket.AF_INET6
                client.shutdown(socket.SHUT_RDWR)
                peer.close()


@task
def unix_sockets_and_descriptors():
    a, b = socket.socketpair()
    read, write = os.pipe()
    socket.send_fds(a, [b"x"], [write])
    _, descriptors, _, _ = socket.recv_fds(b, 1, 1)
    os.write(descriptors[0], b"through")
    assert os.read(read, 10) == b"through"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind("socket")
        a = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        a.sendto(b"x", "socket")
        assert server.recv(1) == b"x"
        assert len(server.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)) == 12


@task
def udp_and_names():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.sendto(b"ping", server.getsockname())
        assert server.recvfrom(10)[0] == b"ping"
    assert socket.getaddrinfo("localhost", 80)
    assert socket.gethostname() and socket.if_nameindex()
    try:
        socket.gethostbyname("nowhere.invalid")
    except socket.gaierror:
        pass


@task
def tls_over_memory():
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    assert outgoing.pending > 100 and ssl.RAND_bytes(16) != ssl.RAND_bytes(16)


@task
def event_loop():
    async def echo(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def main():
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"ping\n")
        assert await reader.readline() == b"ping\n"
        writer.close()
        process = await asyncio.create_subprocess_shell("cat", stdin=-1, stdout=-1)
        assert (await process.communicate(b"through"))[0] == b"through"
        seen = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, seen.set)
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.wait_for(seen.wait(), 5)
        assert await asyncio.to_thread(square, 3) == 9
        await loop.getaddrinfo("localhost", 80)
        server.close()

    asyncio.run(main())


@task
def selectors_of_every_kind():
    for kind in (selectors.SelectSelector, selectors.PollSelector, selectors.EpollSelector):
        read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        with kind() as selector:
            selector.register(read, selectors.EVENT_READ)
            os.write(write, b"x")
            assert selector.select(timeout=1)


@task
def threads():
    done = queue.Queue()
    all_threads = [threading.Thread(target=done.put, args=(i,)) for i in range(20)]
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()
    assert done.qsize() == 20 and threading.get_native_id()
    assert not threading.Condition().acquire(timeout=0.01) or True
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(square, range(10))) == 285


@task
def processes():
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert list(pool.map(square, [3])) == [9]
    if os.access("/dev/shm", os.W_OK):
        memory = multiprocessing.shared_memory.SharedMemory(create=True, size=10)
        memory.buf[0] = 1
        memory.close()
        memory.unlink()
        lock = multiprocessing.Lock()
        assert lock.acquire(timeout=1)


@task
def subprocesses():
    assert sh("echo one | tr a-z A-Z") == "ONE"
    assert sh("id -u") == str(os.getuid())
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True, close_fds=True)
    os.killpg(sleeper.pid, signal.SIGKILL)
    assert sleeper.wait(5) == -signal.SIGKILL
    assert os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "exit 7"], {}), 0)[1]) == 7
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os._exit(3)
    assert os.waitid(os.P_PID, pid, os.WEXITED).si_status == 3
    try:
        descriptor = os.pidfd_open(os.getpid())
        signal.pidfd_send_signal(descriptor, 0)
    except (AttributeError, OSError) as error:
        assert not isinstance(error, PermissionError)
    try:
        subprocess.run(["/none"], check=False)
        assert False
    except FileNotFoundError:
        pass


@task
def terminals():
    pid, descriptor = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", "-c", "test -t 0 && echo terminal"])
    assert b"terminal" in os.read(descriptor, 100)
    os.waitpid(pid, 0)


@task
def files_and_folders():
    path = pathlib.Path("file")
    path.write_text("a", encoding="utf-8")
    shutil.copy2(path, "copy")
    os.link(path, "hard")
    os.symlink("file", "soft")
    os.rename("copy", "renamed")
    os.replace("renamed", "replaced")
    os.chmod(path, 0o600)
    os.chown(path, os.getuid(), os.getgid())
    os.lchown("soft", os.getuid(), os.getgid())
    os.utime(path, (1, 2))
    os.utime("soft", (1, 2), follow_symlinks=False)
    os.truncate(path, 10)
    os.mkfifo("fifo")
    assert stat.S_ISFIFO(os.stat("fifo").st_mode)
    assert os.statvfs(".").f_bsize and os.pathconf(".", "PC_NAME_MAX")
    assert os.readlink("soft") == "file" and os.path.realpath("soft").endswith("file")
    os.makedirs("deep/er")
    shutil.copytree("deep", "deeper")
    assert list(os.walk(".")) and list(os.scandir(".")) and list(pathlib.Path(".").glob("**/*"))
    shutil.rmtree("deep")
    folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    with open(os.open("file", os.O_RDWR, dir_fd=folder), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.posix_fallocate(file.fileno(), 0, 8192)
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        os.pwrite(file.fileno(), b"x", 0)
        os.pwritev(file.fileno(), [b"x", b"y"], 0)
        os.preadv(file.fileno(), [bytearray(1)], 0)
        os.writev(file.fileno(), [b"x"])
        os.fsync(file.fileno())
        os.fdatasync(file.fileno())
        os.fchmod(file.fileno(), 0o640)
        with mmap.mmap(file.fileno(), 4096) as memory:
            memory[0:1] = b"z"
            memory.flush()
            memory.madvise(mmap.MADV_SEQUENTIAL)
    source, target = os.open("file", os.O_RDONLY), os.open("big", os.O_RDWR | os.O_CREAT)
    os.copy_file_range(source, target, 100)
    read, write = os.pipe()
    if hasattr(os, "splice"):
        os.splice(source, write, 10)
    os.sendfile(target, source, 0, 10)
    try:
        os.setxattr("file", "user.test", b"x")
        os.getxattr("file", "user.test")
    except OSError as error:
        assert error.errno == 95, error
    os.listxattr("file")
    os.sync()
    os.umask(os.umask(0o022))
    for _ in range(2):
        with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryFile() as other:
            other.write(b"x")


@task
def memory():
    descriptor = os.memfd_create("memory", os.MFD_ALLOW_SEALING)
    os.write(descriptor, b"x")
    fcntl.fcntl(descriptor, 1033, 15)  # F_ADD_SEALS
    if hasattr(os, "eventfd"):
        event = os.eventfd(0)
        os.eventfd_write(event, 1)
    area = mmap.mmap(-1, 1 << 20)
    area[0:5] = b"bytes"
    area.resize(1 << 21)
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x2a\x00\x00\x00\xc3" if platform.machine() == "x86_64" else b"\x40\x05\x80\x52\xc0\x03\x5f\xd6")
    assert ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() == 42
    assert len([bytearray(1 << 20) for _ in range(64)]) == 64
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mlock(ctypes.create_string_buffer(10), 10)
    number = {"x86_64": 239, "aarch64": 236}[platform.machine()]  # get_mempolicy, as libnuma asks for numpy's libraries
    mode = ctypes.c_int()
    assert libc.syscall(number, ctypes.byref(mode), None, 0, None, 0) == 0 or ctypes.get_errno() == 38


@task
def time_and_signals():
    for kind in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL):
        signal.setitimer(kind, 0)
    caught = []
    signal.signal(signal.SIGALRM, lambda *_: caught.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.sigtimedwait({signal.SIGUSR2}, 0.1)
    signal.alarm(1)
    signal.alarm(0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    os.kill(os.getpid(), signal.SIGUSR2)
    assert signal.SIGUSR2 in signal.sigpending() and signal.sigwait({signal.SIGUSR2}) and caught
    signal.pthread_kill(threading.get_ident(), 0)
    for clock in (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_PROCESS_CPUTIME_ID, time.CLOCK_THREAD_CPUTIME_ID):
        assert time.clock_gettime(clock) and time.clock_getres(clock)
    time.sleep(0.01)
    scheduler = sched.scheduler()
    scheduler.enter(0.01, 1, caught.append, (1,))
    scheduler.run()
    select.select([], [], [], 0.01)


@task
def the_process():
    assert os.getpid() and os.getppid() >= 0 and os.getpgid(0) and os.getsid(0) and os.getgroups() is not None
    assert os.getresuid() and os.getresgid() and os.getlogin is not None
    os.setuid(os.getuid())
    os.setgid(os.getgid())
    if os.getuid():
        try:
            os.setuid(0)
            assert False
        except PermissionError:
            pass
    os.nice(1)
    os.getpriority(os.PRIO_PROCESS, 0)
    os.sched_yield()
    os.sched_setaffinity(0, os.sched_getaffinity(0))
    os.sched_getscheduler(0)
    os.sched_get_priority_max(os.SCHED_FIFO)
    assert os.cpu_count() and os.getloadavg() and os.times() and os.uname() and os.sysconf("SC_PAGE_SIZE")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    resource.prlimit(0, resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(15, b"workload", 0, 0, 0)  # PR_SET_NAME


@task
def data():
    connection = sqlite3.connect("base.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA mmap_size=1000000")
    connection.execute("CREATE TABLE t (n)")
    connection.executemany("INSERT INTO t VALUES (?)", [(i,) for i in range(100)])
    connection.commit()
    assert connection.execute("SELECT sum(n) FROM t").fetchone() == (4950,)
    connection.close()
    with tarfile.open("a.tar.gz", "w:gz") as archive:
        archive.add("base.db")
    with tarfile.open("a.tar.gz") as archive:
        archive.extractall("unpacked", filter="data")
    with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write("base.db")
    assert zlib.decompress(zlib.compress(b"x" * 1000)) and json.loads("[1]") and hashlib.scrypt(b"p", salt=b"s", n=2, r=1, p=1)
    assert random.SystemRandom().random() >= 0 and os.urandom(16) and os.getrandom(16)


@task
def a_shell_and_its_tools():
    assert sh("for i in 1 2 3; do echo $i; done | sort -r | head -n 1") == "3"
    assert "moved" in sh("ls -la; cp -a file kept; mv kept moved; find . -name moved; du -s .; df .; date; uname -a; ps || :")
    assert sh("trap 'echo caught' TERM; kill -TERM $$; sleep 0.1 & wait") == "caught"


def main():
    failed = 0
    for function in tasks:
        name = function.__name__.replace("_", " ")
        try:
            function()
            print(f"ok - seccomp: {name}")
        except BaseException as error:  # pylint: disable=broad-except
            failed += 1
            line = error.__traceback__
            while line.tb_next and "workload" in line.tb_next.tb_frame.f_code.co_filename:
                line = line.tb_next
            print(f"not ok - seccomp: {name}\n{type(error).__name__}: {error}, line {line.tb_lineno}")
    sys.stdout.flush()
    os.chdir("/")
    shutil.rmtree(directory)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
