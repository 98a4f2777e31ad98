import { createHash } from 'node:crypto';
import { SIGNATURE_BYTES, verifySignature } from './signing.ts';

/** A machine request as its signature covers it. Headers and query are not covered. */
export interface SignedRequest {
  /** `X-CZ-Machine-ID`, as sent. */
  readonly machineId: string;
  /** `X-CZ-Timestamp`: whole Unix seconds in decimal, as sent. */
  readonly timestamp: string;
  /** The method; compared in upper case. */
  readonly method: string;
  /** The path of the route (`/api/policy`), without query and without the prefix of a base URL. */
  readonly path: string;
  /** The bytes of the body as received; empty when there is none. */
  readonly body: Uint8Array;
}

/** A signed request with what is needed to check it. */
export interface MachineSignatureCheck extends SignedRequest {
  /** `X-CZ-Signature`: standard base64 of 64 bytes. */
  readonly signature: string;
  /** The machine's raw Ed25519 public key. */
  readonly publicKey: Uint8Array;
  /** The server's time, milliseconds since the Unix epoch. */
  readonly now: number;
  /** How far the two clocks may be apart, either way, in seconds. */
  readonly allowedSkewSeconds: number;
}

/**
 * Why a signed message is refused. `skew` is only said when the signature itself is right, so it may be believed that
 * the machine's clock is wrong.
 */
export type MachineSignatureProblem = 'malformed_timestamp' | 'malformed_signature' | 'wrong_signature' | 'skew';

/** The outcome; `skewSeconds` is the machine's clock minus the server's (positive: the machine is ahead). */
export type MachineSignatureResult =
  | { readonly ok: true; readonly skewSeconds: number }
  | { readonly ok: false; readonly problem: 'skew'; readonly skewSeconds: number }
  | { readonly ok: false; readonly problem: Exclude<MachineSignatureProblem, 'skew'> };

/**
 * The text that machines sign: id, timestamp, method, path and the hexadecimal SHA-256 of the body, joined by line
 * feeds without a final one (Go notes, section 2.10).
 */
export function machineSigningString(request: SignedRequest): string {
  const digest = createHash('sha256').update(request.body).digest('hex');
  return [request.machineId, request.timestamp, request.method.toUpperCase(), request.path, digest].join('\n');
}

/**
 * Checks the signature of a machine request: form, signature, then clock. Exact repeats inside the allowed skew pass:
 * parallel processes of one machine send identical requests. Never throws for what a client sends;
 * throws `PublicKeyError` when the stored key cannot be used.
 */
export function verifyMachineSignature(check: MachineSignatureCheck): MachineSignatureResult {
  const seconds = readSeconds(check.timestamp);
  if (seconds === null) return { ok: false, problem: 'malformed_timestamp' };
  const signature = readSignature(check.signature);
  if (signature === null) return { ok: false, problem: 'malformed_signature' };
  if (!verifySignature(check.publicKey, Buffer.from(machineSigningString(check), 'utf8'), signature)) {
    return { ok: false, problem: 'wrong_signature' };
  }
  return judgeSkew(seconds, check.now, check.allowedSkewSeconds);
}

/** Whole seconds in plain decimal, up to the year 5138; no sign, blank or leading zero, so one time has one spelling. */
function readSeconds(text: string): number | null {
  return /^(0|[1-9]\d{0,10})$/.test(text) ? Number(text) : null;
}

/** Standard base64 of exactly 64 bytes, with its padding. */
export function readSignature(text: string): Buffer | null {
  if (!/^[A-Za-z0-9+/]{86}==$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === SIGNATURE_BYTES ? bytes : null;
}

/** Whether a time in seconds is near enough to the server's time in milliseconds. */
export function judgeSkew(seconds: number, now: number, allowedSkewSeconds: number): MachineSignatureResult {
  const skewSeconds = seconds - Math.floor(now / 1000);
  if (Math.abs(skewSeconds) <= allowedSkewSeconds) return { ok: true, skewSeconds };
  return { ok: false, problem: 'skew', skewSeconds };
}
