import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import { credentialsOf, open } from './access.ts';
import type { ContractName } from './contracts/contract.ts';
import { FEATURES } from './license-gate.ts';
import { exampleOf } from './openapi-examples.ts';
import { identify } from './request-decorations.ts';

/** Version of the Control Core contract that this document carries (its specification asks for `info.x-control-core-contract`). */
const CONTROL_CORE_CONTRACT = '1.0.0';

const SECURITY = { session: 'session', 'api-key': 'apiKey', machine: 'machineSignature', operator: 'session' } as const;

/** Answers that every route of a kind may give, beside its own. */
const SHARED_REFUSALS: Record<string, string> = {
  400: 'The request is not valid; the message says where.',
  401: 'No credential, or one that does not count here.',
  403: 'Known caller, not allowed: scope, role, tenant, tier or CSRF.',
  404: 'No such object.',
  402: 'The organization has used up its month.',
  408: 'The request did not come whole in time.',
  409: 'The state of the object does not allow it.',
  413: 'The body is too large.',
  414: 'A part of the path is too long.',
  415: 'The content type is not read here.',
  422: 'Well-formed, but its meaning is refused.',
  429: 'Too fast; see Retry-After.',
  431: 'The headers are too large.',
  500: 'The appliance failed; give its operator the request id.',
  503: 'Switched off, or not able to do its work right now.',
};

const text = { type: 'string' };
const object = (properties: Record<string, unknown>, required: string[]) => ({ type: 'object', required, properties });

/** The error body of each contract; see `contracts/`. */
const ERROR_BODIES: Record<ContractName, object> = {
  'control-zero': {
    ...object({ error: text, code: text, reason: text, remediation: text, request_id: text }, ['error']),
    additionalProperties: true,
  },
  reference: object({ error: object({ code: text, message: text }, ['code', 'message']) }, ['error']),
  zero: object({ code: { type: 'integer' }, message: text, details: { type: 'array', items: {} } }, [
    'code',
    'message',
  ]),
  'control-core': object({ error: text, message: text, code: text, request_id: text, timestamp: text }, [
    'error',
    'message',
  ]),
  'secrets-bridge': object({ error: text }, ['error']),
  operator: { type: 'object', additionalProperties: true },
};

/** Collects the OpenAPI 3.1 document from the route definitions and serves it at /openapi.json, with an interactive page at /devdocs. */
export async function documentRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: TITLE,
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
          csrf: {
            type: 'apiKey',
            in: 'header',
            name: 'X-CSRF-Token',
            description: 'Goes with the session on every change; GET /api/csrf-token gives it.',
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
    transform: ({ schema, url, route }) => ({
      schema: documented((schema ?? {}) as RouteSchema, route.config ?? {}, String(route.method), url),
      url,
    }),
  });
  await app.register(swaggerUi, {
    routePrefix: '/devdocs',
    uiConfig: { docExpansion: 'none', tryItOutEnabled: true },
    staticCSP: DEVDOCS_POLICY,
    indexPrefix: '',
    theme: { title: TITLE },
    logo: { type: 'image/svg+xml', content: LOGO, href: '/ui/', target: '_self' },
  });
}

const TITLE = 'Control Zero, self-managed';

/** Nothing from elsewhere; the page sets styles of its own elements. */
const DEVDOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The name, in the place of another product's logo. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="180" height="40" viewBox="0 0 180 40"><text x="0" y="27" fill="#fff" font-family="sans-serif" font-size="22" font-weight="700">Control Zero</text></svg>`;

type RouteSchema = Record<string, unknown> & { response?: Record<string, unknown> };

/** A route schema with what the kernel adds to every route: an id, its credentials, and the refusals it may answer. */
function documented(schema: RouteSchema, config: FastifyContextConfig, method: string, path: string): RouteSchema {
  const kinds = config.access === undefined ? [] : credentialsOf(config.access);
  const response = Object.fromEntries(
    Object.entries(schema.response ?? {}).map(([status, answer]) => [
      status,
      status.startsWith('2') ? withExample(answer) : answer,
    ]),
  );
  for (const status of refusalsFor(kinds.length > 0, method, path, config)) {
    const body = { 'application/json': { schema: ERROR_BODIES[config.contract ?? 'control-zero'] } };
    response[status] ??= { description: SHARED_REFUSALS[status], content: body };
  }
  const csrf = method !== 'GET' && config.withoutCsrf === undefined;
  const gate = config.feature === undefined ? '' : `Feature: ${FEATURES[config.feature].title}.`;
  const description = [schema.description, gate].filter(Boolean).join(' ');
  return {
    operationId: operationId(method, path),
    ...schema,
    ...(schema.body === undefined ? {} : { body: withExample(schema.body) }),
    ...(description === '' ? {} : { description }),
    response,
    security: kinds.map((kind) => ({ [SECURITY[kind]]: [], ...(kind === 'session' && csrf ? { csrf: [] } : {}) })),
  };
}

/** A body or answer with an example, put together from its schema where nobody wrote one. */
function withExample(schema: unknown): unknown {
  const { type, anyOf, allOf, examples } = schema as Record<string, unknown>;
  const isSchema = type !== undefined || anyOf !== undefined || allOf !== undefined;
  return isSchema && examples === undefined
    ? { ...(schema as object), examples: [exampleOf(schema as Record<string, unknown>)] }
    : schema;
}

/** `POST /api/orgs/:orgID/projects` → `postApiOrgsOrgIDProjects`: stable, and unique like the route itself. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return [method.toLowerCase(), ...words.map((word) => word[0]!.toUpperCase() + word.slice(1))].join('');
}

function refusalsFor(guarded: boolean, method: string, path: string, config: FastifyContextConfig): string[] {
  const statuses = ['400', '404', '408', '429', '431', '500', '503'];
  // Routes without a credential of their own that change something check one in the body (sign-in, reset).
  if (guarded || method !== 'GET') statuses.push('401', '403');
  if (method !== 'GET') statuses.push('409', '413', '415', '422');
  if (config.feature !== undefined) statuses.push('503');
  if (config.metered === true) statuses.push('402');
  if (path.includes(':')) statuses.push('414');
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
    (request, reply) => {
      identify(request, reply);
      text ??= JSON.stringify(app.swagger());
      return reply.type('application/json; charset=utf-8').send(text);
    },
  );
}
