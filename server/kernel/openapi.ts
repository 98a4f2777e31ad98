import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { type Access, credentialsOf, open } from './access.ts';
import { FEATURES } from './license-gate.ts';

/** Version of the Control Core contract that this document carries (its specification asks for `info.x-control-core-contract`). */
const CONTROL_CORE_CONTRACT = '1.0.0';

const SECURITY = { session: 'session', 'api-key': 'apiKey', machine: 'machineSignature', operator: 'session' } as const;

/** Answers that every route of a kind may give, beside its own. */
const SHARED_REFUSALS: Record<string, string> = {
  400: 'The request is not valid; the message says where.',
  401: 'No credential, or one that does not count here.',
  403: 'Known caller, not allowed: scope, role, tenant, tier or CSRF.',
  404: 'No such object.',
  409: 'The state of the object does not allow it.',
  413: 'The body is too large.',
  415: 'The content type is not read here.',
  422: 'Well-formed, but its meaning is refused.',
  429: 'Too fast; see Retry-After.',
  500: 'The appliance failed; give its operator the request id.',
  503: 'Switched off, or not able to do its work right now.',
};

/** Collects the OpenAPI 3.1 document from the route definitions and serves it at /openapi.json, with an interactive page at /devdocs. */
export async function documentRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Control Zero, self-managed',
        version,
        description: 'Every route that this appliance serves. Generated from the route definitions.',
        license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
        'x-control-core-contract': CONTROL_CORE_CONTRACT,
      } as never,
      servers: [{ url: '/', description: 'This appliance' }],
      components: {
        securitySchemes: {
          session: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'Session token from POST /auth/login.',
          },
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'cz_live_… or cz_test_…',
            description: 'Project API key; X-API-Key is accepted too.',
          },
          machineSignature: {
            type: 'apiKey',
            in: 'header',
            name: 'X-CZ-Signature',
            description: 'Ed25519 signature of an enrolled machine.',
          },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const config = route.config ?? {};
      return {
        schema: documented(schema as Record<string, unknown>, config.access, config, route.method as string),
        url,
      };
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/devdocs',
    uiConfig: { docExpansion: 'none', tryItOutEnabled: true },
    staticCSP: true,
    indexPrefix: '',
  });
}

function documented(
  schema: Record<string, unknown> = {},
  access: Access | undefined,
  config: { feature?: keyof typeof FEATURES; metered?: boolean },
  method: string,
): Record<string, unknown> {
  const kinds = access === undefined ? [] : credentialsOf(access);
  const statuses = refusalsFor(kinds.length > 0, method, config);
  const response = { ...(schema.response as Record<string, unknown> | undefined) };
  for (const status of statuses)
    response[status] ??= {
      description: SHARED_REFUSALS[status] ?? 'Refused.',
      type: 'object',
      additionalProperties: true,
    };
  return {
    ...schema,
    response,
    security: kinds.length === 0 ? [] : kinds.map((kind) => ({ [SECURITY[kind]]: [] })),
    ...(config.feature === undefined
      ? {}
      : {
          description: `${String(schema.description ?? schema.summary ?? '')} Feature: ${FEATURES[config.feature].title}.`,
        }),
  };
}

function refusalsFor(guarded: boolean, method: string, config: { feature?: string; metered?: boolean }): string[] {
  const statuses = ['400', '404', '429', '500', '503'];
  if (guarded) statuses.push('401', '403');
  if (method !== 'GET') statuses.push('409', '413', '415', '422');
  if (config.feature !== undefined) statuses.push('503');
  if (config.metered === true) statuses.push('402');
  return statuses.sort();
}

/** `/openapi.json`: the document as text, made once. */
export function openapiRoute(app: FastifyInstance): void {
  let text: string | undefined;
  app.get(
    '/openapi.json',
    {
      schema: { summary: 'The OpenAPI document', tags: ['meta'], hide: true },
      config: { access: open('describes the interface, tells nothing about tenants') },
    },
    (_request, reply) => {
      text ??= JSON.stringify(app.swagger());
      return reply.type('application/json; charset=utf-8').send(text);
    },
  );
}
