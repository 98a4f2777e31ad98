import { type Static, Type } from 'typebox';
import { publicKeyToPem } from '../../crypto/signing.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { Id, nullable, Time, words } from '../../kernel/schemas.ts';
import type { BuildFacts } from './build-store.ts';
import type { Delivered } from './delivery.ts';
import type { SigningKeyRow } from './key-store.ts';
import { BUILD_MODES, readRuleIndex } from './schema.ts';
import type { BundleStatus } from './service.ts';

const strict = { additionalProperties: false };

/** A bundle as a response: bytes, not JSON. */
export const BundleBytes = {
  description: 'The bundle (.czpolicy). ETag is its SHA-256, X-Policy-Signature the Ed25519 signature over the body.',
  content: { 'application/octet-stream': { schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } },
};

export const ProjectParams = Type.Object({ projectID: Id });
export const Mode = words(BUILD_MODES, 'What kind of API key the bundle is for.');
export const ModeQuery = Type.Object({ mode: Type.Optional(Mode) });

/** A body that may be left out. */
export const RotateBody = nullable(
  Type.Object(
    {
      signing_key: Type.Optional(
        Type.Boolean({
          description: "Renew the organization's signing key, which concerns all of its projects. Default true.",
        }),
      ),
      project_key: Type.Optional(Type.Boolean({ description: "Renew this project's encryption key. Default true." })),
    },
    { ...strict, examples: [{ project_key: true, signing_key: false }] },
  ),
);
export const PublishBody = nullable(
  Type.Object(
    {
      accept_older_sdk_impact: Type.Optional(
        Type.Boolean({ description: 'Publish although SDKs that were seen lately would refuse, widen or miss rules.' }),
      ),
    },
    strict,
  ),
);
export const EmptyBody = nullable(Type.Object({}, strict));

const PublicKey = Type.Object({
  kid: Type.String(),
  public_key: Type.String({ description: 'Base64 of the raw 32 bytes.' }),
  public_key_hex: Type.String(),
  public_key_pem: Type.String(),
  algorithm: Type.Literal('ed25519'),
  version: Type.Integer(),
  created_at: Time,
  retired_at: nullable(Time),
});
export const PublicKeys = Type.Object(
  { ...PublicKey.properties, org_id: Type.String(), retired: Type.Array(PublicKey) },
  {
    examples: [
      {
        kid: '4ad8a1d6b54c0b8a',
        public_key: 'IVL40Zt5HSRFMkLhXy6rbLfP+ntqXtMAl5YOBpiB2xI=',
        public_key_hex: '2152f8d19b791d24453242e15f2eab6cb7cffa7b6a5ed30097960e069881db12',
        public_key_pem:
          '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAIVL40Zt5HSRFMkLhXy6rbLfP+ntqXtMAl5YOBpiB2xI=\n-----END PUBLIC KEY-----\n',
        algorithm: 'ed25519',
        version: 1,
        created_at: '2026-01-01T12:00:00.000Z',
        retired_at: null,
        org_id: '0197f0c0-0000-7000-8000-000000000000',
        retired: [],
      },
    ],
  },
);

const Delivery = {
  etag: Type.String({ description: 'SHA-256 of the bundle, hexadecimal: the ETag of a pull, without quotes.' }),
  test_etag: Type.String({ description: 'The same of the bundle for test keys.' }),
  version: Type.Integer({ description: 'The policy version; it goes up with every change of what is delivered.' }),
  key_version: Type.Integer(),
  policy_count: Type.Integer(),
  rule_count: Type.Integer(),
  size: Type.Integer({ description: 'Bytes of the live bundle.' }),
  min_sdk_version: nullable(Type.String()),
  changed: Type.Boolean({ description: 'Whether SDKs receive something else than before.' }),
};

export const Provisioned = Type.Object({
  project_id: Type.String(),
  org_id: Type.String(),
  ...PublicKey.properties,
  key_version: Type.Integer(),
  bundle: Type.Object(Delivery),
});
export const Rotated = Type.Object({
  ...Provisioned.properties,
  retired_kid: nullable(Type.String({ description: 'The signing key before; it stays for machines that pinned it.' })),
  projects_rebuilt: Type.Integer(),
});

export const Published = Type.Object({
  ...Delivery,
  published: Type.Array(Type.Object({ policy_id: Type.String(), name: Type.String(), version: Type.Integer() })),
  effect_on_unmatched: nullable(Type.Object({ before: Type.String(), after: Type.String(), message: Type.String() })),
});
export const Withdrawn = Type.Object({ status: Type.Literal('withdrawn'), changed: Type.Boolean() });

const Build = Type.Object({
  id: Type.String(),
  mode: Mode,
  etag: Type.String(),
  size: Type.Integer(),
  key_version: Type.Integer(),
  policy_count: Type.Integer(),
  min_sdk_version: nullable(Type.String()),
  reason: Type.String(),
  created_at: Time,
  superseded_at: nullable(Time),
  rules: Type.Array(
    Type.Object({
      index: Type.Integer(),
      tag: Type.String(),
      policy_id: nullable(Type.String()),
      version: nullable(Type.Integer()),
      rule_index: nullable(Type.Integer()),
    }),
    { description: 'What rule-<index> stands for in this build; without a policy for the rule that nobody wrote.' },
  ),
});
export const Builds = Type.Object({ builds: Type.Array(Build), next_cursor: nullable(Type.String()) });

export const Status = Type.Object({
  status: words(['live', 'withdrawn', 'tampered']),
  version: Type.Integer(),
  key_version: Type.Integer(),
  kid: Type.String(),
  live: Build,
  test: Build,
  withdrawn_at: nullable(Time),
  tampered_at: nullable(Time),
  tampered: nullable(
    Type.Object({
      mode: Mode,
      build_id: Type.String(),
      check: Type.String(),
      expected_digest: Type.String(),
      found_digest: Type.String(),
    }),
  ),
  sdks_seen: Type.Array(Type.Object({ name: Type.String(), version: Type.String(), last_seen_at: Time })),
});

export function publicKeyJson(key: SigningKeyRow): Static<typeof PublicKey> {
  return {
    kid: key.kid,
    public_key: key.public_key.toString('base64'),
    public_key_hex: key.public_key.toString('hex'),
    public_key_pem: publicKeyToPem(key.public_key),
    algorithm: 'ed25519',
    version: key.version,
    created_at: rfc3339(key.created_at),
    retired_at: key.retired_at === null ? null : rfc3339(key.retired_at),
  };
}

export function publicKeysJson(keys: { active: SigningKeyRow; retired: SigningKeyRow[] }): Static<typeof PublicKeys> {
  return { ...publicKeyJson(keys.active), org_id: keys.active.org_id, retired: keys.retired.map(publicKeyJson) };
}

export function deliveredJson(delivered: Delivered) {
  return {
    etag: delivered.etag,
    test_etag: delivered.testEtag,
    version: delivered.policyVersion,
    key_version: delivered.keyVersion,
    policy_count: delivered.policyCount,
    rule_count: delivered.ruleCount,
    size: delivered.size,
    min_sdk_version: delivered.minSdkVersion,
    changed: delivered.changed,
  };
}

export function buildJson(build: BuildFacts): Static<typeof Build> {
  return {
    id: build.id,
    mode: build.mode,
    etag: build.digest,
    size: build.size,
    key_version: build.key_version,
    policy_count: build.policy_count,
    min_sdk_version: build.min_sdk_version,
    reason: build.reason,
    created_at: rfc3339(build.created_at),
    superseded_at: build.superseded_at === null ? null : rfc3339(build.superseded_at),
    rules: readRuleIndex(build.rule_index).map((origin) => ({
      index: origin.index,
      tag: origin.tag,
      policy_id: origin.policyId,
      version: origin.version,
      rule_index: origin.ruleIndex,
    })),
  };
}

export function statusJson(
  status: BundleStatus,
  sdks: readonly { name: string; version: string; lastSeenAt: number }[],
): Static<typeof Status> {
  return {
    status: status.status,
    version: status.policyVersion,
    key_version: status.keyVersion,
    kid: status.kid,
    live: buildJson(status.live),
    test: buildJson(status.test),
    withdrawn_at: status.withdrawnAt === null ? null : rfc3339(status.withdrawnAt),
    tampered_at: status.flaggedAt === null ? null : rfc3339(status.flaggedAt),
    tampered: status.flag,
    sdks_seen: sdks.map(({ name, version, lastSeenAt }) => ({ name, version, last_seen_at: rfc3339(lastSeenAt) })),
  };
}
