import { type Static, Type } from 'typebox';
import { ROLES } from '../../kernel/actor.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { TIERS } from '../../kernel/license-gate.ts';
import { Id, nullable, Time, words } from '../../kernel/schemas.ts';
import { SETTING_WORDS } from '../../policy/document/document.ts';
import type { InviteRow } from './invite-store.ts';
import type { FreshInvite } from './invites.ts';
import type { MemberRow } from './member-store.ts';
import { type AuditRetention, LEAST_RETENTION_DAYS, MOST_RETENTION_DAYS } from './retention.ts';
import { ORG_STATUSES, PRODUCT_TYPES } from './schema.ts';
import { AUDIT_REDACTIONS, readSettings } from './settings.ts';
import type { OrgRow, OwnOrgRow } from './store.ts';

const strict = { additionalProperties: false };
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Email = Type.String({ minLength: 3, maxLength: 254, description: 'Case does not matter.' });
const Role = words(ROLES);
const ProductType = words(PRODUCT_TYPES);

export const OrgParams = Type.Object({ orgID: Id });
export const MemberParams = Type.Object({ orgID: Id, memberID: Id });
export const InviteParams = Type.Object({ orgID: Id, inviteID: Id });

export const NewOrgBody = Type.Object(
  { name: Name, product_type: Type.Optional(ProductType) },
  { ...strict, examples: [{ name: 'Example Corp', product_type: 'teams' }] },
);

const DefaultWords = {
  default_action: words(SETTING_WORDS.default_action),
  default_on_missing: words(SETTING_WORDS.default_on_missing),
  default_on_empty: words(SETTING_WORDS.default_on_empty),
};

export const SettingsBody = Type.Object(
  {
    name: Type.Optional(Name),
    tamper_behavior: Type.Optional(words(SETTING_WORDS.default_on_tamper)),
    audit_redaction: Type.Optional(words(AUDIT_REDACTIONS)),
    self_approval: Type.Optional(Type.Boolean()),
    project_defaults: Type.Optional(Type.Partial(Type.Object(DefaultWords), strict)),
  },
  { ...strict, minProperties: 1, examples: [{ tamper_behavior: 'deny', audit_redaction: 'redact' }] },
);

export const ProductTypeBody = Type.Object({ product_type: ProductType }, strict);
export const RetentionBody = Type.Object(
  { retention_days: Type.Integer({ minimum: LEAST_RETENTION_DAYS, maximum: MOST_RETENTION_DAYS }) },
  { ...strict, examples: [{ retention_days: 30 }] },
);
export const RoleBody = Type.Object({ role: Role }, { ...strict, examples: [{ role: 'analyst' }] });
export const InviteBody = Type.Object(
  { email: Email, role: Type.Optional(words(ROLES, 'member when absent.')) },
  { ...strict, examples: [{ email: 'grace@example.com', role: 'analyst' }] },
);
export const AcceptBody = Type.Object({ token: Type.String({ minLength: 1, maxLength: 200 }) }, strict);
export const ConfirmQuery = Type.Object({
  confirm: Type.String({ maxLength: 200, description: 'The exact name of what is removed.' }),
});

export const Org = Type.Object({
  id: Type.String(),
  name: Type.String(),
  slug: Type.String(),
  tier: words(TIERS),
  product_type: ProductType,
  status: words(ORG_STATUSES),
  role: nullable(Role),
  created_at: Time,
  updated_at: Time,
});
export const Orgs = Type.Object({ orgs: Type.Array(Org), next_cursor: nullable(Type.String()) });

export const Settings = Type.Object({
  org_id: Type.String(),
  name: Type.String(),
  tamper_behavior: words(SETTING_WORDS.default_on_tamper),
  audit_redaction: words(AUDIT_REDACTIONS),
  self_approval: Type.Boolean(),
  project_defaults: Type.Object(DefaultWords),
  updated_at: Time,
});

export const Retention = Type.Object({
  retention_days: Type.Integer(),
  default_days: Type.Integer(),
  minimum_days: Type.Integer(),
  maximum_days: Type.Integer(),
  tier: words(TIERS),
});

export const Member = Type.Object({
  id: Type.String(),
  user_id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  role: Role,
  email_verified: Type.Boolean(),
  status: Type.String(),
  joined_at: Time,
});
export const Members = Type.Object({ members: Type.Array(Member), next_cursor: nullable(Type.String()) });

const InviteMembers = {
  id: Type.String(),
  email: Type.String(),
  role: Role,
  invited_by: Type.String(),
  created_at: Time,
  expires_at: Time,
};
export const Invite = Type.Object(InviteMembers);
export const Invites = Type.Object({ invites: Type.Array(Invite), next_cursor: nullable(Type.String()) });
export const NewInvite = Type.Object({
  ...InviteMembers,
  accept_url: nullable(Type.String({ description: 'The link to hand on; null when it was mailed.' })),
});
export const Accepted = Type.Object({ org: Org, member: Member });

export function orgJson(org: OrgRow | OwnOrgRow): Static<typeof Org> {
  return {
    id: org.id,
    name: org.name,
    slug: org.slug,
    tier: org.tier,
    product_type: org.product_type,
    status: org.status,
    role: 'role' in org ? org.role : null,
    created_at: rfc3339(org.created_at),
    updated_at: rfc3339(org.updated_at),
  };
}

export function settingsJson(org: OrgRow): Static<typeof Settings> {
  return { org_id: org.id, name: org.name, ...readSettings(org.settings), updated_at: rfc3339(org.updated_at) };
}

export function retentionJson(retention: AuditRetention): Static<typeof Retention> {
  return {
    retention_days: retention.retentionDays,
    default_days: retention.standardDays,
    minimum_days: retention.leastDays,
    maximum_days: retention.mostDays,
    tier: retention.tier,
  };
}

export function memberJson(member: MemberRow): Static<typeof Member> {
  return {
    id: member.id,
    user_id: member.user_id,
    email: member.email,
    name: member.name,
    role: member.role,
    email_verified: member.email_verified_at !== null,
    status: member.user_status,
    joined_at: rfc3339(member.created_at),
  };
}

export function inviteJson(invite: InviteRow): Static<typeof Invite> {
  return {
    id: invite.id,
    email: invite.email,
    role: invite.role,
    invited_by: invite.invited_by_label,
    created_at: rfc3339(invite.created_at),
    expires_at: rfc3339(invite.expires_at),
  };
}

export function freshInviteJson({ invite, acceptUrl }: FreshInvite): Static<typeof NewInvite> {
  return { ...inviteJson(invite), accept_url: acceptUrl };
}
