module.exports = require('fastify')();
