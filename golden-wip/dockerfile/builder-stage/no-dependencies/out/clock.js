require('http').createServer((q, s) => s.end(`${new Date()}\n`)).listen(3000);
