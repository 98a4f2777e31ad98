import { createHash } from 'node:crypto';
import { BundleError, bundleDigest, decodeBundle, encodeBundle } from '../../crypto/czpolicy.ts';
import type { SigningKey } from '../../crypto/signing.ts';
import { type BuiltPayload, PolicyBuildError, verifyPayload } from '../../policy/bundle/index.ts';

/** A bundle as it is stored and served. */
export interface SealedBuild {
  bytes: Buffer;
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  digest: string;
  /** Ed25519 over the bytes. */
  signature: Buffer;
}

/** The digest of what a payload means: two payloads with the same one are never signed twice. */
export function payloadDigest(built: BuiltPayload): string {
  return createHash('sha256').update(built.bytes).digest('hex');
}

/**
 * Encrypts and signs a payload, after it was read back as SDKs read it, and opens the result again.
 * Throws `PolicyBuildError` when SDKs could not read it or would read something else.
 */
export function sealBuild(
  built: BuiltPayload,
  keys: { signing: SigningKey; encryption: Buffer },
  now: number,
): SealedBuild {
  verifyPayload(built);
  const bytes = encode(built, keys, now);
  const opened = decodeBundle(bytes, keys.encryption, keys.signing.publicKey);
  if (!opened.payload.equals(built.bytes)) {
    throw new PolicyBuildError('bundle_reads_differently', 'The signed bundle does not open to what was built.');
  }
  return { bytes, digest: bundleDigest(bytes), signature: keys.signing.sign(bytes) };
}

function encode(built: BuiltPayload, keys: { signing: SigningKey; encryption: Buffer }, now: number): Buffer {
  try {
    return encodeBundle({
      payload: built.bytes,
      policyCount: built.policyCount,
      createdAt: Math.floor(now / 1000),
      encryptionKey: keys.encryption,
      signingKey: keys.signing,
    });
  } catch (error) {
    if (error instanceof BundleError && error.code === 'too_long') {
      throw new PolicyBuildError('bundle_too_large', `${error.message} Remove rules.`);
    }
    throw error;
  }
}
