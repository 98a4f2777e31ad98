import { type Static, Type } from 'typebox';
import type { ActivityOutboxTable } from '../../db/tables.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { TIERS } from '../../kernel/license-gate.ts';
import { PageQuery } from '../../kernel/paging.ts';
import { Id, nullable, Time, words } from '../../kernel/schemas.ts';
import type { ActivityFilter } from './activity-log.ts';
import type { AdministeredOrg } from './orgs.ts';

const strict = { additionalProperties: false };
const ORG_STATUSES = ['active', 'suspended'] as const;
const PRODUCT_TYPES = ['solo', 'teams'] as const;
const USER_STATUSES = ['active', 'disabled'] as const;
const Tier = words(TIERS);
const Count = Type.Integer({ minimum: 0 });
/** PostgreSQL cannot even compare text with NUL in it. */
const Searched = (description: string) =>
  Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000]*$', description });
const Cursor = nullable(Type.String());

export const OrgParams = Type.Object({ orgID: Id });
export const UserParams = Type.Object({ userID: Id });

export const OrgsQuery = Type.Object({
  ...PageQuery.properties,
  q: Type.Optional(Searched('Text in the name or the slug, or the id.')),
  tier: Type.Optional(Tier),
  status: Type.Optional(words(ORG_STATUSES)),
});
export const OrgChange = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    status: Type.Optional(words(ORG_STATUSES, 'In a suspended organization nobody has access; its SDKs go on.')),
    product_type: Type.Optional(words(PRODUCT_TYPES)),
  },
  { ...strict, minProperties: 1, examples: [{ name: 'Example Corp', status: 'suspended' }] },
);
export const TierChange = Type.Object({ tier: Tier }, { ...strict, examples: [{ tier: 'teams' }] });

export const AdminOrg = Type.Object({
  id: Type.String(),
  name: Type.String(),
  slug: Type.String(),
  tier: Tier,
  effective_tier: words(TIERS, 'The lower of the tier of the organization and that of the license.'),
  product_type: words(PRODUCT_TYPES),
  status: words(ORG_STATUSES),
  members: Count,
  projects: Count,
  created_at: Time,
  updated_at: Time,
});
export const AdminOrgPage = Type.Object({ orgs: Type.Array(AdminOrg), next_cursor: Cursor });

const Ceiling = nullable(Count);
export const OrgUsage = Type.Object({
  month: Type.String({ description: 'YYYY-MM, UTC.' }),
  guarded_calls: Count,
  audit_entries: Count,
  seats: Type.Object({ total: Count, by_kind: Type.Record(Type.String(), Count) }),
  limits: Type.Object({ guarded_calls: Ceiling, audit_entries: Ceiling, seats: Ceiling }),
  over_limit: Type.Boolean(),
});

export const UsersQuery = Type.Object({
  ...PageQuery.properties,
  q: Type.Optional(Searched('Text in the address or the name, or the id.')),
  status: Type.Optional(words(USER_STATUSES)),
});
export const UserChange = Type.Object(
  { status: words(USER_STATUSES) },
  { ...strict, examples: [{ status: 'disabled' }] },
);
export const AdminUser = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  email_verified: Type.Boolean(),
  platform_admin: Type.Boolean(),
  status: words(USER_STATUSES),
  has_password: Type.Boolean(),
  created_at: Time,
  last_sign_in_at: nullable(Time),
});
export const AdminUserPage = Type.Object({ users: Type.Array(AdminUser), next_cursor: Cursor });

const Address = Type.String({ minLength: 3, maxLength: 254, description: 'E-mail address; case does not matter.' });
export const AdminAddress = Type.Object({ email: Address }, { ...strict, examples: [{ email: 'ada@example.com' }] });
export const AdminEntry = Type.Object({
  email: Type.String(),
  source: words(['configuration', 'list'], 'Those of the configuration change with CZ_ADMIN_EMAILS only.'),
  added_at: nullable(Time),
  added_by: nullable(Type.String()),
});
export const Roster = Type.Object({ admins: Type.Array(AdminEntry) });

export const ActivityQuery = Type.Object({
  ...PageQuery.properties,
  actor: Type.Optional(Searched('Id or label (an address, mostly) of who did it.')),
  verb: Type.Optional(Searched('`noun.verb`, or `noun` for all of its verbs.')),
  org_id: Type.Optional(Id),
  target: Type.Optional(Searched('Id of what was changed.')),
  since: Type.Optional(Time),
  until: Type.Optional(Time),
  q: Type.Optional(Searched('Text somewhere in verb, actor, target or details.')),
});
export const ActivityEntry = Type.Object({
  id: Type.String(),
  at: Time,
  verb: Type.String(),
  actor: Type.Object({ kind: Type.String(), id: nullable(Type.String()), label: nullable(Type.String()) }),
  org_id: nullable(Type.String()),
  project_id: nullable(Type.String()),
  target: nullable(Type.Object({ type: Type.String(), id: nullable(Type.String()) })),
  request_id: nullable(Type.String()),
  ip: nullable(Type.String()),
  details: Type.Record(Type.String(), Type.Unknown()),
});
export const ActivityPage = Type.Object({ audit_logs: Type.Array(ActivityEntry), next_cursor: Cursor });

export function adminOrgJson({ org, effectiveTier, members, projects }: AdministeredOrg): Static<typeof AdminOrg> {
  return {
    id: org.id,
    name: org.name,
    slug: org.slug,
    tier: org.tier,
    effective_tier: effectiveTier,
    product_type: org.product_type,
    status: org.status,
    members,
    projects,
    created_at: rfc3339(org.created_at),
    updated_at: rfc3339(org.updated_at),
  };
}

export function activityJson(row: ActivityOutboxTable): Static<typeof ActivityEntry> {
  return {
    id: row.id,
    at: rfc3339(row.at),
    verb: row.verb,
    actor: { kind: row.actor_kind, id: row.actor_id, label: row.actor_label },
    org_id: row.org_id,
    project_id: row.project_id,
    target: row.target_type === null ? null : { type: row.target_type, id: row.target_id },
    request_id: row.request_id,
    ip: row.ip,
    details: JSON.parse(row.details) as Record<string, unknown>,
  };
}

export function activityFilter(query: Static<typeof ActivityQuery>): ActivityFilter {
  const { actor, verb, org_id: orgId, target, since, until, q } = query;
  return {
    actor,
    verb,
    orgId,
    target,
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
    q,
  };
}
