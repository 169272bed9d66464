npm run build
exec node dist/server.js
