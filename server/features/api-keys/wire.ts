import { type Static, Type } from 'typebox';
import { KEY_SCOPES, type KeyScope } from '../../kernel/actor.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { Id, nullable, Time, words } from '../../kernel/schemas.ts';
import { KEY_MODES } from './schema.ts';
import type { ApiKey as ApiKeyRow, FreshKey } from './service.ts';

const strict = { additionalProperties: false };
const Scopes = Type.Array(words(KEY_SCOPES), { minItems: 1, maxItems: 3, uniqueItems: true });

export const ProjectParams = Type.Object({ projectID: Id });
export const KeyParams = Type.Object({ projectID: Id, keyID: Id });

export const NewKeyBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    mode: Type.Optional(words(KEY_MODES, 'live when absent; with a test key nothing is blocked.')),
    scopes: Type.Optional(Scopes),
    expires_at: Type.Optional(nullable(Time)),
  },
  { ...strict, examples: [{ name: 'build server', mode: 'live', scopes: ['read'] }] },
);

export const RotateBody = Type.Object(
  {
    overlap_seconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2_592_000,
        description: 'How long the old key still counts; 86400 when absent.',
      }),
    ),
    expires_at: Type.Optional(nullable(Time)),
  },
  { ...strict, examples: [{ overlap_seconds: 3600 }] },
);

const Members = {
  id: Type.String(),
  project_id: Type.String(),
  name: Type.String(),
  prefix: Type.String({ description: 'The first 12 characters of the key.' }),
  mode: words(KEY_MODES),
  scopes: Type.Array(words(KEY_SCOPES)),
  status: words(['active', 'expired', 'revoked']),
  created_by: Type.String(),
  created_at: Time,
  expires_at: nullable(Time),
  revoked_at: nullable(Time),
  last_used_at: nullable(Time),
  rotated_to: nullable(Type.String({ description: 'The id of the key that took its place.' })),
};
export const ApiKey = Type.Object(Members);
export const ApiKeys = Type.Object({ api_keys: Type.Array(ApiKey), next_cursor: nullable(Type.String()) });
export const NewKey = Type.Object({
  ...Members,
  key: Type.String({ description: 'The key itself. It is shown this once and kept nowhere.' }),
});

export function keyJson(key: ApiKeyRow, now: number): Static<typeof ApiKey> {
  return {
    id: key.id,
    project_id: key.project_id,
    name: key.name,
    prefix: key.prefix,
    mode: key.mode,
    scopes: JSON.parse(key.scopes) as KeyScope[],
    status: statusOf(key, now),
    created_by: key.created_by_label,
    created_at: rfc3339(key.created_at),
    expires_at: timeOrNull(key.expires_at),
    revoked_at: timeOrNull(key.revoked_at),
    last_used_at: timeOrNull(key.last_used_at),
    rotated_to: key.rotated_to,
  };
}

export function freshKeyJson({ key, text }: FreshKey, now: number): Static<typeof NewKey> {
  return { ...keyJson(key, now), key: text };
}

function statusOf(key: ApiKeyRow, now: number): 'active' | 'expired' | 'revoked' {
  if (key.revoked_at !== null) return 'revoked';
  return key.expires_at !== null && key.expires_at <= now ? 'expired' : 'active';
}

function timeOrNull(at: number | null): string | null {
  return at === null ? null : rfc3339(at);
}
