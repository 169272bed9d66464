// What a Java server may do in a lifetime, each in a few lines: run under the seccomp profile, all of it must work. It is
// run from its source, so that the compiler is part of it.

import com.sun.net.httpserver.HttpServer;
import java.io.*;
import java.lang.management.ManagementFactory;
import java.net.*;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.*;
import java.nio.file.*;
import java.nio.file.attribute.*;
import java.security.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.*;
import javax.net.ssl.SSLContext;

public class Workload {
    interface Task {
        void run() throws Exception;
    }

    static Path directory;
    static final Map<String, Task> tasks = new LinkedHashMap<>();

    static void is(boolean ok, String what) {
        if (!ok)
            throw new AssertionError(what);
    }

    static String sh(String command) throws Exception {
        Process process = new ProcessBuilder("/bin/sh", "-c", command).directory(directory.toFile()).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes()).strip();
        is(process.waitFor() == 0, out);
        return out;
    }

    static void echoOver(ServerSocketChannel server, SocketAddress to) throws Exception {
        Thread thread = Thread.ofPlatform().start(() -> {
            try (SocketChannel peer = server.accept()) {
                ByteBuffer buffer = ByteBuffer.allocate(4);
                peer.read(buffer);
                peer.write(buffer.flip());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try (SocketChannel client = SocketChannel.open(to)) {
            client.write(ByteBuffer.wrap("ping".getBytes()));
            ByteBuffer answer = ByteBuffer.allocate(4);
            client.read(answer);
            is(new String(answer.array()).equals("ping"), "another answer");
        }
        thread.join();
        server.close();
    }

    static {
        tasks.put("http server and client", () -> {
            HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> {
                byte[] body = exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
            try (HttpClient client = HttpClient.newHttpClient()) {
                URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
                HttpRequest request = HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100000])).build();
                is(client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body().length == 100000, "another length");
            }
            server.stop(0);
        });
        tasks.put("tcp sockets", () -> {
            ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
            echoOver(server, server.getLocalAddress());
            server = ServerSocketChannel.open().bind(new InetSocketAddress("::1", 0));
            echoOver(server, server.getLocalAddress());
        });
        tasks.put("unix sockets", () -> {
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
            echoOver(server, address);
        });
        tasks.put("udp sockets and selectors", () -> {
            try (DatagramChannel socket = DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", 0)); Selector selector = Selector.open()) {
                socket.configureBlocking(false);
                socket.register(selector, SelectionKey.OP_READ);
                socket.send(ByteBuffer.wrap("ping".getBytes()), socket.getLocalAddress());
                is(selector.select(1000) == 1, "nothing came");
            }
        });
        tasks.put("name look-ups", () -> {
            is(InetAddress.getByName("localhost").isLoopbackAddress(), "it is elsewhere");
            is(InetAddress.getByName("localhost") != null && NetworkInterface.networkInterfaces().count() > 0, "there is no network");
            try {
                InetAddress.getByName("nowhere.invalid");
            } catch (UnknownHostException expected) {
            }
            try { // as ping does, where it may
                InetAddress.getLoopbackAddress().isReachable(100);
            } catch (IOException expected) {
            }
        });
        tasks.put("tls", () -> {
            var engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
            engine.setUseClientMode(true);
            engine.beginHandshake();
            ByteBuffer out = ByteBuffer.allocate(32768);
            engine.wrap(ByteBuffer.allocate(0), out);
            is(out.position() > 100, "no greeting");
        });
        tasks.put("threads", () -> {
            AtomicInteger sum = new AtomicInteger();
            try (ExecutorService pool = Executors.newFixedThreadPool(16); ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 200; i++) {
                    pool.submit(sum::incrementAndGet);
                    many.submit(() -> {
                        Thread.sleep(1);
                        return sum.incrementAndGet();
                    });
                }
            }
            is(sum.get() == 400, "another sum");
            is(IntStream.range(0, 100000).parallel().sum() == 704982704, "another sum");
            Thread thread = new Thread(() -> { });
            thread.setPriority(Thread.MAX_PRIORITY);
            thread.start();
            thread.join();
            ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
            timer.schedule(() -> 1, 5, TimeUnit.MILLISECONDS).get();
            timer.shutdownNow();
        });
        tasks.put("child processes", () -> {
            is(sh("echo one | tr a-z A-Z").equals("ONE"), "another output");
            Process sleeper = new ProcessBuilder("sleep", "60").start();
            is(sleeper.toHandle().isAlive() && sleeper.supportsNormalTermination(), "it is not alive");
            sleeper.destroyForcibly();
            is(sleeper.waitFor() == 137, "another end");
            for (String how : List.of("FORK", "VFORK", "POSIX_SPAWN")) {
                Process child = new ProcessBuilder(ProcessHandle.current().info().command().get(), "-Djdk.lang.Process.launchMechanism=" + how, "-version")
                    .redirectErrorStream(true).start();
                child.getInputStream().readAllBytes();
                is(child.waitFor() == 0, how);
            }
            try {
                new ProcessBuilder("/none").start();
                is(false, "it started");
            } catch (IOException expected) {
            }
        });
        tasks.put("files and folders", () -> {
            Path file = Files.writeString(directory.resolve("file"), "text");
            Files.copy(file, directory.resolve("copy"), StandardCopyOption.COPY_ATTRIBUTES);
            Files.move(directory.resolve("copy"), directory.resolve("moved"), StandardCopyOption.ATOMIC_MOVE);
            Files.createLink(directory.resolve("hard"), file);
            Files.createSymbolicLink(directory.resolve("soft"), file);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            Files.setOwner(file, Files.getOwner(file));
            Files.setLastModifiedTime(file, FileTime.fromMillis(0));
            is(Files.getFileStore(file).getTotalSpace() > 0 && Files.readAttributes(file, "unix:*").size() > 5, "no attributes");
            Files.createDirectories(directory.resolve("deep/er"));
            try (var all = Files.walk(directory)) {
                is(all.count() > 5, "too few");
            }
            Path big = directory.resolve("big");
            try (RandomAccessFile random = new RandomAccessFile(big.toFile(), "rw"); FileChannel channel = random.getChannel()) {
                random.setLength(1 << 20);
                try (FileLock lock = channel.tryLock()) {
                    is(lock.isValid(), "no lock");
                }
                MappedByteBuffer memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 20);
                memory.put(0, (byte) 1);
                memory.force();
                memory.load();
                channel.force(true);
                try (FileChannel target = FileChannel.open(directory.resolve("target"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    is(channel.transferTo(0, 1 << 20, target) == 1 << 20, "not all");
                }
            }
            Files.delete(Files.createTempFile(directory, "x", "y"));
        });
        tasks.put("watching files", () -> {
            try (WatchService watch = directory.getFileSystem().newWatchService()) {
                directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
                Files.writeString(directory.resolve("watched"), "x");
                is(watch.poll(5, TimeUnit.SECONDS) != null, "nothing was seen");
            }
        });
        tasks.put("signals", () -> {
            CountDownLatch seen = new CountDownLatch(1);
            sun.misc.Signal.handle(new sun.misc.Signal("USR2"), signal -> seen.countDown());
            sun.misc.Signal.raise(new sun.misc.Signal("USR2"));
            is(seen.await(5, TimeUnit.SECONDS), "none came");
        });
        tasks.put("memory and garbage", () -> {
            for (int i = 0; i < 50; i++)
                is(new byte[16 << 20].length > 0 && ByteBuffer.allocateDirect(1 << 20).isDirect(), "nothing");
            System.gc();
            long sum = 0;
            for (int i = 0; i < 50_000_000; i++)
                sum += i % 7; // compiled on the way
            is(sum > 0, "nothing");
        });
        tasks.put("crypto and compression", () -> {
            KeyPair pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update(new byte[10]);
            is(signature.sign().length > 10 && SecureRandom.getInstanceStrong().nextInt() != new SecureRandom().nextInt(), "no secret");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
                zip.write(new byte[1 << 20]);
            }
            is(out.size() < 10000, "too large");
        });
        tasks.put("management, dumps and recordings", () -> {
            is(ManagementFactory.getRuntimeMXBean().getPid() > 0 && ManagementFactory.getThreadMXBean().dumpAllThreads(true, true).length > 0, "nothing");
            is(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage() >= 0, "no load");
            long pid = ProcessHandle.current().pid();
            String jcmd = System.getProperty("java.home") + "/bin/jcmd";
            is(sh(jcmd + " " + pid + " Thread.print").contains("main"), "it cannot be attached to");
            sh(jcmd + " " + pid + " GC.heap_dump " + directory.resolve("heap"));
            sh(jcmd + " " + pid + " JFR.start duration=2s filename=" + directory.resolve("a.jfr"));
            Thread.sleep(3000);
            is(Files.size(directory.resolve("a.jfr")) > 1000, "no recording");
        });
    }

    public static void main(String[] arguments) throws Exception {
        directory = Files.createTempDirectory("workload-");
        int failed = 0;
        for (var task : tasks.entrySet())
            try {
                task.getValue().run();
                System.out.println("ok - seccomp: " + task.getKey());
            } catch (Throwable error) {
                failed++;
                System.out.println("not ok - seccomp: " + task.getKey());
                error.printStackTrace(System.out);
            }
        System.exit(failed > 0 ? 1 : 0);
    }
}
