'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const ms = require('ms');

const page = fs.readFileSync(path.join(__dirname, 'page.html'), 'utf8').replace('@age@', ms('2 days'));

http.createServer((request, response) => response.end(page)).listen(8000, () => console.log('listening'));
