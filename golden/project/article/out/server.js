'use strict';

// A small service: it greets, keeps a note in a temporary file and tells what it may do.

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const ms = require('ms');

const port = Number(process.env.PORT || 3000);
const greeting = process.env.GREETING || 'hello';
const note = path.join(os.tmpdir(), `note-${process.pid}.txt`);

/** One field of /proc/<pid>/status, or null. */
function status(field) {
  const line = fs.readFileSync('/proc/self/status', 'utf8').match(new RegExp(`^${field}:\\s*(.*)$`, 'm'));
  return line ? line[1] : null;
}

/** 'ok' where a file can be made in the directory, else the name of the error. */
function writable(directory) {
  const probe = path.join(directory, `.probe-${process.pid}`);
  try {
    fs.writeFileSync(probe, 'x');
    fs.unlinkSync(probe);
    return 'ok';
  } catch (error) {
    return error.code;
  }
}

const routes = {
  '/': () => `${greeting}, up for ${ms(Math.round(process.uptime() * 1000), { long: true })}\n`,

  '/note': () => {
    fs.appendFileSync(note, `${new Date().toISOString()}\n`);
    return fs.readFileSync(note, 'utf8');
  },

  '/self': () => ({
    uid: process.getuid(),
    gid: process.getgid(),
    init: fs.readFileSync('/proc/1/comm', 'utf8').trim(),
    CapEff: status('CapEff'),
    CapBnd: status('CapBnd'),
    NoNewPrivs: status('NoNewPrivs'),
    Seccomp: status('Seccomp'),
    root: writable('/'),
    app: writable(__dirname),
    tmp: writable('/tmp'),
  }),
};

const server = http.createServer((request, response) => {
  const route = routes[request.url];
  try {
    const body = route ? route() : 'not found\n';
    const text = typeof body === 'string' ? body : `${JSON.stringify(body, null, 2)}\n`;
    response.writeHead(route ? 200 : 404, { 'Content-Type': typeof body === 'string' ? 'text/plain' : 'application/json' });
    response.end(text);
  } catch (error) {
    response.writeHead(500, { 'Content-Type': 'text/plain' });
    response.end(`${error.message}\n`);
  }
});

process.on('SIGTERM', () => {
  console.log('closing');
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

server.listen(port, () => console.log(`listening on ${port}`));
