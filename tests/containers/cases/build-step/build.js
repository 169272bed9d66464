'use strict';

// Makes dist/ of src/, with the version in it.

const fs = require('node:fs');
const { version } = require('./package.json');

fs.mkdirSync('dist');
for (const name of fs.readdirSync('src')) {
  fs.writeFileSync(`dist/${name}`, fs.readFileSync(`src/${name}`, 'utf8').replaceAll('@version@', version));
}
