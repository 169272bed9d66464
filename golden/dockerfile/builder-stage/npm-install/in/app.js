require('fastify')().listen({ port: 4000 });
