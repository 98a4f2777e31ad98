import { type Static, Type } from 'typebox';
import { apiKey, platformAdmin } from '../../kernel/access.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { TIERS } from '../../kernel/license-gate.ts';
import { PageQuery } from '../../kernel/paging.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import { none } from '../../kernel/route-config.ts';
import { nullable, words } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { FlagsService } from './gate.ts';
import type { IssuedLicense, LicensesService } from './service.ts';

const Word = Type.String({ minLength: 1, maxLength: 100 });
const Tier = words(TIERS);
const Limits = Type.Record(Word, Type.Integer({ minimum: 0 }), { maxProperties: 50 });

export const Issue = Type.Object(
  {
    org_id: Type.String({ minLength: 1, maxLength: 200, description: 'Who the license is for.' }),
    tier: Tier,
    seats: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    features: Type.Optional(Type.Array(Word, { maxItems: 50 })),
    limits: Type.Optional(Limits),
    expires_at: Type.String({ format: 'date-time', maxLength: 40 }),
  },
  {
    additionalProperties: false,
    examples: [{ org_id: 'acme', tier: 'teams', seats: 50, expires_at: '2030-01-01T00:00:00Z' }],
  },
);
const Issued = Type.Object({
  id: Type.String(),
  org_id: Type.String(),
  tier: Type.String(),
  seats: nullable(Type.Integer()),
  issued_at: Type.String(),
  expires_at: Type.String(),
  issued_by: Type.String(),
});
const Flag = Type.Object({
  flag: Type.String(),
  title: Type.String(),
  tier: nullable(Tier),
  enabled: Type.Boolean(),
  overrides: Type.Array(Type.Object({ org_id: Type.String(), enabled: Type.Boolean() })),
});
const FlagChange = Type.Object(
  { flag: Word, enabled: Type.Boolean(), org_id: Type.Optional(Type.String({ format: 'uuid', maxLength: 36 })) },
  { additionalProperties: false, examples: [{ flag: 'dlp_scanning', enabled: true }] },
);
const Validation = Type.Object({
  valid: Type.Boolean(),
  status: Type.String(),
  message: Type.String(),
  tier: nullable(Type.String()),
  features: Type.Array(Type.String()),
  seats: nullable(Type.Integer()),
  expires_at: nullable(Type.String()),
});

/** Issuing licenses, switching features, and the offline check that Scout agents ask for. */
export function licensesRoutes(app: Surface, licenses: LicensesService, flags: FlagsService): void {
  app.post(
    '/api/admin/licenses',
    {
      schema: {
        summary: 'Issue a license for another deployment',
        tags: ['admin'],
        body: Issue,
        response: {
          201: Type.Intersect([Issued, Type.Object({ license_key: Type.String(), issuer_public_key: Type.String() })]),
        },
      },
      config: { access: platformAdmin(), activity: 'license.issue' },
    },
    async (request, reply) => {
      const { org_id, tier, seats, features = [], limits = {}, expires_at } = request.body;
      const issued = await licenses.issue(request.context, {
        customer: org_id,
        tier,
        seats,
        features,
        limits,
        expiresAt: Date.parse(expires_at),
      });
      return reply.code(201).send({
        id: issued.licenseId,
        org_id,
        tier,
        seats,
        issued_at: issued.payload.issued_at,
        expires_at: issued.payload.expires_at,
        issued_by: request.context.actor.kind === 'user' ? request.context.actor.email : request.context.actor.kind,
        license_key: issued.text,
        issuer_public_key: issued.issuerPublicKey,
      });
    },
  );
  app.get(
    '/api/admin/licenses',
    {
      schema: {
        summary: 'List issued licenses, newest first',
        tags: ['admin'],
        querystring: PageQuery,
        response: { 200: Type.Object({ licenses: Type.Array(Issued), next_cursor: nullable(Type.String()) }) },
      },
      config: { access: platformAdmin() },
    },
    async ({ query }) => {
      const { rows, next } = await licenses.issued(query);
      return { licenses: rows.map(issuedJson), next_cursor: next };
    },
  );
  app.get(
    '/api/admin/features',
    {
      schema: {
        summary: 'List feature flags',
        tags: ['admin'],
        response: { 200: Type.Object({ features: Type.Array(Flag) }) },
      },
      config: { access: platformAdmin() },
    },
    async () => ({
      features: flags.list(),
    }),
  );
  const change = {
    schema: { summary: 'Switch a feature', tags: ['admin'], body: FlagChange, response: { 200: Flag } },
    config: { access: platformAdmin(), activity: 'feature.switch' },
  } as const;
  const handleChange = (context: RequestContext, body: Static<typeof FlagChange>) =>
    flags.set(context, body.flag, body.enabled, body.org_id ?? null);
  app.post('/api/admin/features', change, (request) => handleChange(request.context, request.body));
  app.put('/api/admin/features', change, (request) => handleChange(request.context, request.body));
  app.post(
    '/api/scout/license/validate',
    {
      schema: {
        summary: 'Validate a license offline',
        tags: ['scout'],
        body: nullable(
          Type.Object(
            {
              license_key: Type.Optional(
                Type.String({
                  maxLength: 20_000,
                  description: 'Without it the license of this appliance is validated.',
                }),
              ),
            },
            { examples: [{}] },
          ),
        ),
        response: { 200: Validation },
      },
      config: {
        access: apiKey('scout'),
        activity: none('looks at a license, changes nothing'),
        feature: 'scout_agent',
        reading: 'lenient',
      },
    },
    async (request) => licenses.validation(request.body?.license_key),
  );
}

function issuedJson(row: IssuedLicense): Static<typeof Issued> {
  return {
    id: row.license_id,
    org_id: row.customer,
    tier: row.tier,
    seats: row.seats,
    issued_at: rfc3339(row.issued_at),
    expires_at: rfc3339(row.expires_at),
    issued_by: row.issued_by,
  };
}
