import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { apiKey } from '../../kernel/access.ts';
import { none } from '../../kernel/route-config.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { PullAnswer } from '../bundles/live-state.ts';
import type { BundlesService } from '../bundles/service.ts';
import type { SdkService } from './service.ts';
import { Bootstrap, BundleBytes, InitBody, Initialized, PublicKey, RefreshBody, Refreshed } from './wire.ts';

/** The start of an SDK. Source: REST reference, "SDK endpoints"; SDK wire notes, sections 2.1 and 2.2. */
export function sdkRoutes(app: Surface, sdk: SdkService, bundles: Pick<BundlesService, 'live' | 'sdks'>): void {
  const tags = ['sdk'];

  app.post(
    '/v1/sdk/init',
    {
      schema: { summary: 'Start an SDK session', tags, body: InitBody, response: { 200: Initialized } },
      config: {
        access: apiKey(),
        activity: none('a session descriptor is not kept'),
        reading: 'lenient',
        metered: true,
      },
    },
    async ({ context, body }) => sdk.init(context, body ?? {}),
  );
  app.post(
    '/v1/sdk/refresh',
    {
      schema: { summary: 'Refresh an SDK session', tags, body: RefreshBody, response: { 200: Refreshed } },
      config: {
        access: apiKey(),
        activity: none('a session descriptor is not kept'),
        reading: 'lenient',
        metered: true,
      },
    },
    async ({ context, body }) => sdk.refresh(context, body ?? {}),
  );
  app.get(
    '/v1/sdk/bootstrap',
    {
      schema: {
        summary: 'The keys that open and verify bundles of the project',
        tags,
        response: { 200: Bootstrap },
      },
      config: { access: apiKey(), rate: 'bundle', secretBody: true },
    },
    async ({ context }, reply) => reply.header('cache-control', 'no-store').send(await sdk.bootstrap(context)),
  );
  app.get(
    '/v1/sdk/keys/public',
    {
      schema: { summary: 'The key that verifies bundles of the organization', tags, response: { 200: PublicKey } },
      config: { access: apiKey(), rate: 'bundle' },
    },
    async ({ context }) => {
      const { active } = await sdk.publicKeys(context);
      return {
        kid: active.kid,
        public_key: active.public_key.toString('base64'),
        public_key_hex: active.public_key.toString('hex'),
        algorithm: 'ed25519' as const,
        version: active.version,
        org_id: active.org_id,
      };
    },
  );
  app.get(
    '/v1/sdk/policies/pull',
    {
      schema: {
        summary: 'The signed and encrypted bundle of the project (.czpolicy)',
        tags,
        response: { 200: BundleBytes, 304: Type.Null({ description: 'The client has it already.' }) },
      },
      config: { access: apiKey(), rate: 'bundle' },
    },
    (request, reply) => {
      const { actor, headers } = request;
      if (actor.kind !== 'api-key') throw new Error('A pull was admitted without an API key');
      // The older SDK tells nothing of itself before its first audit entry; only its language shows here.
      if (headers['user-agent']?.startsWith('Go-http-client/')) bundles.sdks.note(actor.projectId, 'go_sdk', 'unknown');
      const answer = bundles.live.pull(actor.projectId, actor.mode, headers['if-none-match']);
      if (answer instanceof Promise)
        answer.then(
          (ready) => send(reply, ready),
          (error) => reply.send(error),
        );
      else send(reply, answer);
    },
  );
}

/** Writes a prepared answer straight to the socket: Fastify's reply pipeline would cost more than finding the bundle. */
function send(reply: FastifyReply, { status, headers, body }: PullAnswer): void {
  reply.hijack();
  const pairs = ['x-request-id', reply.request.id];
  for (const name in headers) pairs.push(name, headers[name]!);
  if (body !== undefined) pairs.push('content-length', String(body.length));
  reply.raw.writeHead(status, pairs);
  reply.raw.end(body);
}
