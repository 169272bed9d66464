import fs from 'node:fs';
console.log(fs.readFileSync('banner.txt', 'utf8'));
