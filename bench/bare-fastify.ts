// The limit of the bundle poll: Fastify with nothing but an answer. Prints its address.
import fastify from 'fastify';

const size = Number(process.argv[2]);
const bundle = Buffer.alloc(size, 7);
const app = fastify({ logger: false });
app.get('/unchanged', (_request, reply) => {
  reply.code(304).send();
});
app.get('/bundle', (_request, reply) => {
  reply.type('application/octet-stream').send(bundle);
});
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
