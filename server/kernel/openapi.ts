import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** Collects the OpenAPI document from the route definitions. */
export async function documentRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Control Zero', version: '0.1.0' } },
  });
}
