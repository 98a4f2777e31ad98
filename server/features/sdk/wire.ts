import { Type } from 'typebox';
import { nullable, Time, words } from '../../kernel/schemas.ts';
import { SETTING_WORDS } from '../../policy/document/document.ts';

/** A bundle as a response: bytes, not JSON. */
export const BundleBytes = {
  description: 'The bundle (.czpolicy). ETag is its SHA-256, X-Policy-Signature the Ed25519 signature over the body.',
  content: { 'application/octet-stream': { schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } },
};

export const InitBody = nullable(
  Type.Object(
    {
      sdk_version: Type.Optional(Type.String({ maxLength: 100 })),
      sdk: Type.Optional(Type.String({ maxLength: 100, description: 'python, go, node, …' })),
      hostname: Type.Optional(Type.String({ maxLength: 300 })),
    },
    { examples: [{ sdk_version: '1.13.16', hostname: 'worker-3' }] },
  ),
);
export const RefreshBody = nullable(
  Type.Object(
    {
      session_id: Type.Optional(Type.String({ maxLength: 100 })),
      etag: Type.Optional(Type.String({ maxLength: 200, description: 'Of the bundle that the client has.' })),
    },
    { examples: [{ etag: '04bd1a683ed4f4bba8f0f3be5b58ea0a79a28bc01b33feb9de9f3548118fcb39' }] },
  ),
);

const Session = Type.Object({
  session_id: Type.String(),
  project_id: Type.String(),
  org_id: Type.String(),
  environment: words(['live', 'test'], 'What kind of API key asks.'),
  server_time: Time,
  bundle: Type.Object({
    status: words(['live', 'none', 'tampered']),
    etag: nullable(Type.String()),
    etag_hint: nullable(Type.String({ description: 'The first 32 characters, enough for If-None-Match.' })),
    policy_version: nullable(Type.Integer()),
    key_version: nullable(Type.Integer()),
    built_at: nullable(Time),
    changed: nullable(
      Type.Boolean({ description: "Whether the client's bundle is outdated; null where it named none." }),
    ),
    url: Type.String(),
  }),
  bootstrap_url: Type.String(),
  refresh_interval_seconds: Type.Integer(),
  refresh_at: Time,
  audit: Type.Object({ url: Type.String(), max_batch: Type.Integer() }),
});

export const Initialized = Type.Object({
  project: Type.Object({
    id: Type.String(),
    public_id: Type.String(),
    org_id: Type.String(),
    name: Type.String(),
    default_action: words(SETTING_WORDS.default_action),
    default_on_missing: words(SETTING_WORDS.default_on_missing),
    default_on_empty: words(SETTING_WORDS.default_on_empty),
    default_on_tamper: words(SETTING_WORDS.default_on_tamper),
  }),
  features: Type.Array(Type.String()),
  session: Session,
});
export const Refreshed = Type.Object({ session: Session });

export const Bootstrap = Type.Object({
  project_id: Type.String(),
  org_id: Type.String(),
  encryption_key: Type.String({ description: 'Base64 of 32 bytes.' }),
  project_encryption_key_b64: Type.String(),
  signing_public_key: Type.String({ description: 'Base64 of the raw 32 bytes.' }),
  signing_pubkey_hex: Type.String(),
  kid: Type.String(),
  key_version: Type.Integer(),
  algorithm: Type.Literal('ed25519'),
});

export const PublicKey = Type.Object({
  kid: Type.String(),
  public_key: Type.String({ description: 'Base64 of the raw 32 bytes.' }),
  public_key_hex: Type.String(),
  algorithm: Type.Literal('ed25519'),
  version: Type.Integer(),
  org_id: Type.String(),
});
