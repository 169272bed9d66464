'use strict';

const fs = require('node:fs');
const http = require('node:http');

const greeting = fs.readFileSync('/etc/shop/greeting', 'utf8').trim();

http.createServer((request, response) => {
  fs.appendFileSync('/var/log/shop/access.log', `${request.url}\n`);
  response.end(`${greeting}\n`);
}).listen(80);
