'use strict';

// What a Node server may do in a lifetime, each in a few lines: run under the seccomp profile, all of it must work.

const assert = require('node:assert');
const child = require('node:child_process');
const cluster = require('node:cluster');
const crypto = require('node:crypto');
const dgram = require('node:dgram');
const dns = require('node:dns');
const events = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const http2 = require('node:http2');
const inspector = require('node:inspector');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const stream = require('node:stream/promises');
const timers = require('node:timers/promises');
const v8 = require('node:v8');
const worker = require('node:worker_threads');
const zlib = require('node:zlib');

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'workload-'));
const at = (name) => path.join(directory, name);
const sh = (command) => child.execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8', cwd: directory }).trim();

async function echoOver(server, options) {
  await events.once(server.listen(options), 'listening');
  const address = server.address();
  const socket = net.connect(typeof address === 'string' ? { path: address } : address);
  socket.setNoDelay(true).setKeepAlive(true).write('ping');
  const [data] = await events.once(socket, 'data');
  socket.destroy();
  server.close();
  assert.equal(String(data), 'ping');
}

const echo = () => net.createServer((socket) => socket.on('error', () => {}).pipe(socket));

const tasks = {
  async 'http server and client'() {
    const server = http.createServer((request, response) => request.pipe(response)).listen(0, '127.0.0.1');
    await events.once(server, 'listening');
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, { method: 'POST', body: 'x'.repeat(100000) });
    assert.equal((await answer.text()).length, 100000);
    server.closeAllConnections();
    server.close();
  },

  async 'http2 over a socket'() {
    const server = http2.createServer().listen(0, '127.0.0.1').on('stream', (s) => { s.respond(); s.end('two'); });
    await events.once(server, 'listening');
    const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
    const [data] = await events.once(client.request({ ':path': '/' }), 'data');
    assert.equal(String(data), 'two');
    client.close();
    server.close();
  },

  'tcp sockets': () => echoOver(echo(), { port: 0, host: '127.0.0.1' }),
  'unix sockets': () => echoOver(echo(), { path: at('socket') }),

  async 'udp sockets'() {
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await events.once(socket, 'listening');
    socket.setBroadcast(true);
    socket.setRecvBufferSize(65536);
    socket.send('ping', socket.address().port, '127.0.0.1');
    const [data] = await events.once(socket, 'message');
    socket.close();
    assert.equal(String(data), 'ping');
  },

  async 'name look-ups'() {
    assert.ok(net.isIP((await dns.promises.lookup('localhost')).address));
    const resolver = new dns.promises.Resolver({ timeout: 200, tries: 1 });
    resolver.setServers(['127.0.0.1:9']);
    await assert.rejects(resolver.resolve4('example.org'), { code: /ECONNREFUSED|ETIMEOUT/ });
  },

  async 'worker threads'() {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const code = `const { workerData, parentPort } = require('node:worker_threads');
      Atomics.add(workerData, 0, 1); Atomics.notify(workerData, 0); parentPort.postMessage('done');`;
    const all = [1, 2, 3, 4].map(() => new worker.Worker(code, { eval: true, workerData: shared }));
    await Promise.all(all.map((w) => events.once(w, 'exit')));
    assert.equal(shared[0], 4);
    assert.equal(Atomics.wait(shared, 0, 4, 10), 'timed-out');
  },

  async 'child processes'() {
    assert.equal(sh('echo one | tr a-z A-Z'), 'ONE');
    assert.equal(sh('id -u; id -g').split('\n').join(':'), `${process.getuid()}:${process.getgid()}`);
    assert.match(sh('id'), /^uid=/);
    const sleeper = child.spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    process.kill(-sleeper.pid, 'SIGKILL');
    assert.deepEqual(await events.once(sleeper, 'exit'), [null, 'SIGKILL']);
    fs.writeFileSync(at('fork.js'), 'process.on("message", (m) => { process.send(m + 1); process.disconnect(); })');
    const fork = child.fork(at('fork.js'));
    fork.send(41);
    assert.deepEqual((await events.once(fork, 'message'))[0], 42);
    assert.match(child.spawnSync('/none').error.code, /ENOENT/);
  },

  async 'a cluster'() {
    cluster.setupPrimary({ exec: __filename });
    const workers = [cluster.fork(), cluster.fork()];
    await Promise.all(workers.map(async (w) => { [w.address] = await events.once(w, 'listening'); }));
    const { port } = workers[0].address;
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'from a worker');
    await Promise.all(workers.map((w) => { w.kill(); return events.once(w, 'exit'); }));
  },

  async 'files and folders'() {
    const file = at('file');
    fs.writeFileSync(file, 'a');
    fs.appendFileSync(file, 'b');
    fs.copyFileSync(file, at('copy'));
    fs.linkSync(file, at('hard'));
    fs.symlinkSync('file', at('soft'));
    fs.renameSync(at('copy'), at('renamed'));
    fs.chmodSync(file, 0o600);
    fs.chownSync(file, process.getuid(), process.getgid());
    fs.lchownSync(at('soft'), process.getuid(), process.getgid());
    fs.utimesSync(file, 1, 2);
    fs.lutimesSync(at('soft'), 1, 2);
    fs.truncateSync(file, 1);
    fs.accessSync(file, fs.constants.R_OK);
    assert.equal(fs.statSync(file).size, 1);
    assert.equal(fs.lstatSync(at('soft')).isSymbolicLink(), true);
    assert.equal(fs.readlinkSync(at('soft')), 'file');
    assert.equal(fs.realpathSync.native(at('soft')), fs.realpathSync(file));
    assert.ok(fs.statfsSync(directory).bsize > 0);
    const handle = await fs.promises.open(file, 'r+');
    await handle.writev([Buffer.from('x'), Buffer.from('y')], 0);
    await handle.readv([Buffer.alloc(1), Buffer.alloc(1)], 0);
    await handle.sync();
    await handle.datasync();
    await handle.chmod(0o644);
    await handle.utimes(1, 2);
    await handle.truncate(1);
    await handle.close();
    fs.mkdirSync(at('deep/er'), { recursive: true });
    fs.cpSync(at('deep'), at('deeper'), { recursive: true });
    assert.ok(fs.readdirSync(directory, { withFileTypes: true }).length > 4);
    for await (const entry of fs.opendirSync(directory)) assert.ok(entry.name);
    fs.rmSync(at('deep'), { recursive: true });
    await stream.pipeline(fs.createReadStream(process.execPath, { end: 1 << 20 }), fs.createWriteStream(at('big')));
  },

  async 'watching files'() {
    const watcher = fs.watch(directory);
    const seen = events.once(watcher, 'change');
    fs.writeFileSync(at('watched'), 'x');
    await seen;
    const poll = fs.watchFile(at('watched'), { interval: 20 }, () => {});
    const append = setInterval(() => fs.appendFileSync(at('watched'), 'x'), 50);
    await events.once(poll, 'change');
    clearInterval(append);
    watcher.close();
    fs.unwatchFile(at('watched'));
  },

  async 'crypto'() {
    assert.equal(crypto.randomBytes(32).length, 32);
    assert.match(crypto.randomUUID(), /^[0-9a-f-]{36}$/);
    const pair = await new Promise((done, fail) => crypto.generateKeyPair('ec', { namedCurve: 'P-256' },
      (error, publicKey, privateKey) => (error ? fail(error) : done({ publicKey, privateKey }))));
    assert.ok(crypto.verify('sha256', 'x', pair.publicKey, crypto.sign('sha256', 'x', pair.privateKey)));
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => new Promise((done, fail) =>
      crypto.scrypt('p', 's', 32, (error, key) => (error ? fail(error) : done(key))))));
  },

  'compression'() {
    const text = Buffer.alloc(1 << 20, 'text');
    assert.ok(zlib.gunzipSync(zlib.gzipSync(text)).equals(text));
    assert.ok(zlib.brotliDecompressSync(zlib.brotliCompressSync(text)).equals(text));
  },

  async 'timers and signals'() {
    const timer = setInterval(() => {}, 5);
    await timers.setTimeout(20);
    await timers.setImmediate();
    clearInterval(timer);
    const signal = events.once(process, 'SIGUSR2');
    process.kill(process.pid, 'SIGUSR2');
    await signal;
  },

  'the os module'() {
    assert.ok(os.cpus().length && os.availableParallelism() && os.totalmem() && os.uptime() && os.hostname() && os.release());
    assert.ok(os.networkInterfaces().lo);
    assert.equal(os.userInfo().uid, process.getuid());
    assert.equal(os.loadavg().length, 3);
    const priority = os.getPriority();
    os.setPriority(priority);
    assert.equal(os.getPriority(), priority);
  },

  'the process'() {
    // The second one: Node's own refusal, where its libuv could use io_uring.
    assert.throws(() => process.setuid(0), { code: /^(EPERM|ERR_INVALID_STATE)$/ });
    assert.ok(Array.isArray(process.getgroups()));
    process.umask(process.umask());
    process.chdir(directory);
    process.title = 'workload';
    assert.ok(process.memoryUsage().rss && process.resourceUsage().maxRSS && process.cpuUsage().user);
    assert.ok(process.report.getReport().header.nodejsVersion);
  },

  async 'profiles and snapshots'() {
    const session = new inspector.Session();
    session.connect();
    const post = (method) => new Promise((done, fail) => session.post(method, (error, r) => (error ? fail(error) : done(r))));
    await post('Profiler.enable');
    await post('Profiler.start');
    for (let i = 0, n = 0; i < 1e7; i++) n += i % 7;
    assert.ok((await post('Profiler.stop')).profile.nodes.length);
    session.disconnect();
    inspector.open(0, '127.0.0.1');
    inspector.close();
    assert.ok(fs.statSync(v8.writeHeapSnapshot(at('heap'))).size);
  },

  'compiled code'() {
    const module = new WebAssembly.Module(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1,
      1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11]));
    assert.equal(new WebAssembly.Instance(module).exports.f(), 42);
  },

  'npm'() {
    assert.match(sh('HOME=$PWD npm --version'), /^\d+\./);
    fs.writeFileSync(at('package.json'), '{ "scripts": { "hello": "node -p 6*7" } }');
    assert.match(sh('HOME=$PWD npm run hello'), /42/);
  },

  'a shell and its tools'() {
    assert.equal(sh('for i in 1 2 3; do echo $i; done | sort -r | head -n 1'), '3');
    assert.match(sh('ls -la; cp -a file kept; mv kept moved; find . -name moved; du -s .; df .; date; uname -a; ps || :'), /moved/);
    assert.equal(sh('trap "echo caught" TERM; kill -TERM $$; sleep 0.1 & wait'), 'caught');
  },
};

async function main() {
  let failed = 0;
  process.exitCode = 1; // unless the end is reached
  for (const [name, task] of Object.entries(tasks)) {
    try {
      await Promise.race([task(), timers.setTimeout(20000).then(() => { throw new Error('timed out'); })]);
      console.log(`ok - seccomp: ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok - seccomp: ${name}\n${error.stack}`);
    }
  }
  fs.rmSync(directory, { recursive: true });
  process.exit(failed ? 1 : 0);
}

if (cluster.isPrimary) {
  main();
} else {
  http.createServer((request, response) => response.end('from a worker')).listen(0, '127.0.0.1');
}
