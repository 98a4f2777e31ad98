/** The flags about signatures of bundles, named as OPA's. */
import { existsSync } from 'node:fs';
import type { SignatureAlgorithm, Signing, Verification } from '../../server/rego/bundle/signature.ts';
import { readText } from './read-file.ts';
import { LoadError } from './reported-errors.ts';

export interface VerificationFlags {
  verificationKey?: string;
  verificationKeyId?: string;
  signingAlg?: SignatureAlgorithm;
  scope?: string;
  excludeFilesVerify?: string[];
}

export interface SigningFlags extends VerificationFlags {
  signingKey?: string;
  claimsFile?: string;
}

const USUAL_ALGORITHM = 'RS256';
const USUAL_KEY_ID = 'default';

/** Which signatures are accepted; undefined where the flags name no key. Throws LoadError. */
export function verificationOf(flags: VerificationFlags): Verification | undefined {
  if (flags.verificationKey === undefined) return undefined;
  const id = flags.verificationKeyId ?? USUAL_KEY_ID;
  const algorithm = flags.signingAlg ?? USUAL_ALGORITHM;
  return {
    keys: { [id]: { algorithm, key: keyOf('--verification-key', flags.verificationKey, algorithm) } },
    keyId: id,
    ...(flags.scope === undefined ? {} : { scope: flags.scope }),
    ...(flags.excludeFilesVerify === undefined ? {} : { exclude: flags.excludeFilesVerify }),
  };
}

/** How a bundle is signed; undefined where the flags name no key. Throws LoadError. */
export function signingOf(flags: SigningFlags): Signing | undefined {
  if (flags.signingKey === undefined) return undefined;
  const algorithm = flags.signingAlg ?? USUAL_ALGORITHM;
  const claims = flags.claimsFile === undefined ? undefined : claimsOf(flags.claimsFile);
  const keyId = claims === undefined ? (flags.verificationKeyId ?? USUAL_KEY_ID) : claims.keyid;
  return {
    algorithm,
    key: keyOf('--signing-key', flags.signingKey, algorithm),
    ...(typeof keyId === 'string' ? { keyId } : {}),
    ...(claims === undefined ? {} : { claims }),
  };
}

/** The content of the file, where there is one, else the text itself: a secret may be given either way. */
function keyOf(flag: string, given: string, algorithm: SignatureAlgorithm): string {
  if (existsSync(given)) return readText(given);
  if (algorithm.startsWith('HS') || given.includes('-----BEGIN')) return given;
  throw new LoadError(
    `${flag} names no file that exists: give the path of a PEM file, or --signing-alg HS256 for a secret`,
  );
}

function claimsOf(path: string): Record<string, unknown> {
  let claims: unknown;
  try {
    claims = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof LoadError) throw error;
  }
  if (claims !== null && typeof claims === 'object' && !Array.isArray(claims)) return claims as Record<string, unknown>;
  throw new LoadError(`${path}: the claims must be a JSON object, such as {"keyid": "k1", "scope": "write"}`);
}
