'use strict';

const http = require('node:http');
const net = require('node:net');

// One command to Redis; its answer is `:NUMBER`.
function increment(key, done) {
  const socket = net.connect(6379, process.env.CACHE);
  socket.on('error', () => done(null));
  socket.once('data', (data) => {
    socket.end();
    const [, number] = /^:(\d+)/.exec(data) || [];
    done(number);
  });
  socket.write(`INCR ${key}\r\n`);
}

http.createServer((request, response) => increment('visits', (number) => {
  response.statusCode = number ? 200 : 503;
  response.end(number ? `visit ${number}\n` : 'no cache\n');
})).listen(3000);
