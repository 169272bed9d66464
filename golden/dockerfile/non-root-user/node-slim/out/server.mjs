import http from 'node:http';
http.createServer((q, s) => s.end('ok\n')).listen(8080);
