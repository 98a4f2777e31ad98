import { hkdfSync } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { judgeSkew, type MachineSignatureResult, readSignature } from './machine-signature.ts';
import { SEED_BYTES, type SigningKey, signingKeyFromSeed, verifySignature } from './signing.ts';

/** What a device reports when its resident agent is not reachable (Python notes, section 2.16). */
export interface ShimReport {
  readonly machine_id: string;
  readonly daemon_absent: true;
  /** Whole Unix seconds. */
  readonly timestamp: number;
}

/**
 * The signing key of a machine's shim, derived from the machine's own seed (HKDF-SHA-256). Only the machine can derive
 * it; a server knows its public half from registration. Throws `RangeError` when the seed has not 32 bytes.
 */
export function deriveShimKey(machineSeed: Uint8Array): SigningKey {
  if (machineSeed.length !== SEED_BYTES) {
    throw new RangeError(`A machine seed has ${SEED_BYTES} bytes; this one has ${machineSeed.length}.`);
  }
  const seed = Buffer.from(hkdfSync('sha256', machineSeed, 'cz-agent-shim-key', 'shim-ed25519', SEED_BYTES));
  const key = signingKeyFromSeed(seed);
  seed.fill(0);
  return key;
}

/** The bytes a shim signs: compact JSON of the three fields with sorted names. */
export function shimReportBytes(report: ShimReport): Buffer {
  const { daemon_absent, machine_id, timestamp } = report;
  return Buffer.from(canonicalJson({ daemon_absent, machine_id, timestamp }), 'utf8');
}

/**
 * Checks a shim report: the signature (standard base64), then the clock as for machine requests.
 * Never throws for what a client sends inside the types; throws `PublicKeyError` when the stored key cannot be used.
 */
export function verifyShimReport(check: {
  readonly report: ShimReport;
  readonly signature: string;
  /** The shim's raw public key. */
  readonly publicKey: Uint8Array;
  /** The server's time, milliseconds since the Unix epoch. */
  readonly now: number;
  readonly allowedSkewSeconds: number;
}): MachineSignatureResult {
  if (!Number.isSafeInteger(check.report.timestamp)) return { ok: false, problem: 'malformed_timestamp' };
  const signature = readSignature(check.signature);
  if (signature === null) return { ok: false, problem: 'malformed_signature' };
  if (!verifySignature(check.publicKey, shimReportBytes(check.report), signature)) {
    return { ok: false, problem: 'wrong_signature' };
  }
  return judgeSkew(check.report.timestamp, check.now, check.allowedSkewSeconds);
}
