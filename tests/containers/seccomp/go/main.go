// What a Go server may do in a lifetime, each in a few lines: run under the seccomp profile, all of it must work. It needs
// no shell and no other file: what it starts is itself.
package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var directory string

func at(name string) string { return filepath.Join(directory, name) }

// must ends a task with the first error.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func is(ok bool, what string) {
	if !ok {
		panic(errors.New(what))
	}
}

func value[T any](v T, err error) T {
	must(err)
	return v
}

func echoOver(network, address string) {
	listener := value(net.Listen(network, address))
	defer listener.Close()
	go func() {
		connection, err := listener.Accept()
		if err == nil {
			io.Copy(connection, connection)
			connection.Close()
		}
	}()
	client := value(net.DialTimeout(network, listener.Addr().String(), time.Second))
	defer client.Close()
	value(client.Write([]byte("ping")))
	answer := make([]byte, 4)
	value(io.ReadFull(client, answer))
	is(string(answer) == "ping", "another answer")
}

func certificate() tls.Certificate {
	key := value(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der := value(x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

var tasks = []struct {
	name string
	run  func()
}{
	{"http server and client", func() {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Write(value(io.ReadAll(r.Body)))
		}))
		defer server.Close()
		answer := value(http.Post(server.URL, "text/plain", bytes.NewReader(make([]byte, 100000))))
		is(len(value(io.ReadAll(answer.Body))) == 100000, "another length")
	}},
	{"http2 and tls", func() {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
		server.EnableHTTP2 = true
		server.StartTLS()
		defer server.Close()
		answer := value(server.Client().Get(server.URL))
		is(string(value(io.ReadAll(answer.Body))) == "HTTP/2.0", "another protocol")
	}},
	{"tls with a certificate of its own", func() {
		listener := value(tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate()}}))
		defer listener.Close()
		go func() {
			if connection, err := listener.Accept(); err == nil {
				connection.(*tls.Conn).Handshake()
			}
		}()
		client := value(tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true}))
		client.Close()
	}},
	{"tcp sockets", func() { echoOver("tcp4", "127.0.0.1:0"); echoOver("tcp6", "[::1]:0") }},
	{"unix sockets", func() { echoOver("unix", at("socket")) }},
	{"udp sockets", func() {
		socket := value(net.ListenPacket("udp4", "127.0.0.1:0"))
		defer socket.Close()
		value(socket.WriteTo([]byte("ping"), socket.LocalAddr()))
		socket.SetReadDeadline(time.Now().Add(time.Second))
		n, _, err := socket.ReadFrom(make([]byte, 10))
		must(err)
		is(n == 4, "another length")
	}},
	{"files over sockets", func() {
		server := httptest.NewServer(http.FileServer(http.Dir(directory)))
		defer server.Close()
		must(os.WriteFile(at("page"), make([]byte, 1<<20), 0o644))
		answer := value(http.Get(server.URL + "/page"))
		is(len(value(io.ReadAll(answer.Body))) == 1<<20, "another length")
	}},
	{"name look-ups", func() {
		net.DefaultResolver.PreferGo = true
		value(net.LookupHost("localhost"))
		resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return net.Dial("udp", "127.0.0.1:9")
		}}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := resolver.LookupHost(ctx, "example.org")
		is(err != nil && !errors.Is(err, syscall.EPERM), "no look-up")
		is(len(value(net.Interfaces())) > 0 && len(value(net.InterfaceAddrs())) > 0, "no interfaces")
	}},
	{"goroutines and threads", func() {
		var sum atomic.Int64
		var group sync.WaitGroup
		for i := range 200 {
			group.Add(1)
			go func() {
				defer group.Done()
				if i%10 == 0 {
					runtime.LockOSThread() // its thread ends with it
				}
				time.Sleep(time.Millisecond)
				sum.Add(1)
			}()
		}
		group.Wait()
		is(sum.Load() == 200 && runtime.NumCPU() > 0, "another sum")
	}},
	{"child processes", func() {
		self := value(os.Executable())
		command := exec.Command(self, "child")
		command.Stdin = bytes.NewReader([]byte("through"))
		is(string(value(command.Output())) == "through", "another output")
		sleeper := exec.Command(self, "sleep")
		sleeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
		must(sleeper.Start())
		must(syscall.Kill(-sleeper.Process.Pid, syscall.SIGKILL))
		is(sleeper.Wait() != nil, "it ended well")
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		is(exec.CommandContext(ctx, self, "sleep").Run() != nil, "it ended well")
		_, err := exec.Command("/none").Output()
		is(errors.Is(err, fs.ErrNotExist), "another error")
	}},
	{"files and folders", func() {
		file := value(os.OpenFile(at("file"), os.O_RDWR|os.O_CREATE, 0o600))
		value(file.WriteString("text"))
		value(file.WriteAt([]byte("x"), 100))
		value(file.ReadAt(make([]byte, 1), 0))
		must(file.Sync())
		must(file.Truncate(10))
		must(file.Chmod(0o640))
		must(file.Chown(os.Getuid(), os.Getgid()))
		must(syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
		must(syscall.Fallocate(int(file.Fd()), 0, 0, 8192))
		memory := value(syscall.Mmap(int(file.Fd()), 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED))
		memory[0] = 'y'
		must(syscall.Munmap(memory))
		must(file.Close())
		must(os.Link(at("file"), at("hard")))
		must(os.Symlink("file", at("soft")))
		is(value(os.Readlink(at("soft"))) == "file", "another link")
		must(os.Rename(at("hard"), at("moved")))
		must(os.Chtimes(at("file"), time.Now(), time.Now()))
		must(os.MkdirAll(at("deep/er"), 0o755))
		must(os.CopyFS(at("copy"), os.DirFS(at("deep"))))
		must(filepath.WalkDir(directory, func(string, fs.DirEntry, error) error { return nil }))
		var status syscall.Statfs_t
		must(syscall.Statfs(directory, &status))
		source, target := value(os.Open(at("file"))), value(os.Create(at("target")))
		value(io.Copy(target, source)) // copy_file_range
		root := value(os.OpenRoot(directory))
		value(root.Create("within"))
		must(root.Close())
		must(os.RemoveAll(at("deep")))
		value(os.MkdirTemp(directory, "x"))
	}},
	{"watching files", func() {
		watch := value(syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK))
		value(syscall.InotifyAddWatch(watch, directory, syscall.IN_ALL_EVENTS))
		must(syscall.Close(watch))
	}},
	{"timers and signals", func() {
		ticker := time.NewTicker(time.Millisecond)
		<-ticker.C
		ticker.Stop()
		<-time.After(5 * time.Millisecond)
		caught := make(chan os.Signal, 1)
		signal.Notify(caught, syscall.SIGUSR1)
		must(syscall.Kill(os.Getpid(), syscall.SIGUSR1))
		<-caught
		signal.Reset()
	}},
	{"memory and garbage", func() {
		for range 20 {
			is(len(make([]byte, 16<<20)) > 0, "nothing")
		}
		runtime.GC()
		debug.FreeOSMemory()
		is(len(debug.Stack()) > 0, "no stack")
	}},
	{"profiles", func() {
		var out bytes.Buffer
		must(pprof.StartCPUProfile(&out))
		for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); {
		}
		pprof.StopCPUProfile()
		must(pprof.WriteHeapProfile(&out))
		is(out.Len() > 0, "no profile")
	}},
	{"the process", func() {
		is(os.Getpid() > 0 && os.Getppid() >= 0 && len(value(os.Hostname())) > 0, "nobody")
		value(os.Getgroups())
		user.Current()
		var limit syscall.Rlimit
		must(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
		must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
		priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0) // 20 less the nice value
		must(err)
		must(syscall.Setpriority(syscall.PRIO_PROCESS, 0, 20-priority))
		syscall.Umask(syscall.Umask(0o22))
		must(os.Chdir(directory))
		is(os.Getuid() == 0 || errors.Is(syscall.Setuid(0), syscall.EPERM), "it became root")
	}},
}

func run(name string, task func()) (ok bool) {
	defer func() {
		if problem := recover(); problem != nil {
			fmt.Printf("not ok - seccomp: %s\n%v\n", name, problem)
		}
	}()
	done := make(chan any)
	go func() {
		defer func() { done <- recover() }()
		task()
	}()
	select {
	case problem := <-done:
		if problem != nil {
			panic(problem)
		}
	case <-time.After(20 * time.Second):
		panic("timed out")
	}
	fmt.Printf("ok - seccomp: %s\n", name)
	return true
}

func main() {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "child":
		io.Copy(os.Stdout, os.Stdin)
		return
	case len(os.Args) > 1 && os.Args[1] == "sleep":
		time.Sleep(time.Minute)
		return
	}
	directory = value(os.MkdirTemp("", "workload-"))
	failed := 0
	for _, task := range tasks {
		if !run(task.name, task.run) {
			failed++
		}
	}
	os.Chdir("/")
	os.RemoveAll(directory)
	if failed > 0 {
		os.Exit(1)
	}
}
