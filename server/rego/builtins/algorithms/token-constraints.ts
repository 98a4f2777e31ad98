/** The constraints of `io.jwt.decode_verify` and the claims they are about. */
import { createSecretKey } from 'node:crypto';
import { BuiltinError } from '../../errors.ts';
import {
  compareNumbers,
  fromDouble,
  isNumber,
  type RegoNumber,
  type RegoObject,
  toDouble,
  type Value,
} from '../../values.ts';
import { isArray } from '../operands.ts';
import { toBytes } from './bytes.ts';
import type { Charge } from './counted-text.ts';
import { parseVerificationKeys, type VerificationKey } from './json-web-signature.ts';

/** What a token must satisfy; empty texts constrain nothing. */
export interface TokenConstraints {
  readonly keys: readonly VerificationKey[];
  readonly alg: string;
  readonly iss: string;
  readonly aud: string;
  /** Seconds since 1970. */
  readonly time: RegoNumber;
}

const NANOSECONDS = 1_000_000_000;
const NAMES = ['alg', 'aud', 'cert', 'iss', 'secret', 'time'];

function timeOf(value: Value): RegoNumber {
  if (!isNumber(value)) throw new BuiltinError('token time constraint: must be a number');
  const nanoseconds = toDouble(value);
  if (!Number.isFinite(nanoseconds)) throw new BuiltinError('token time constraint: unvalid float64');
  if (nanoseconds < 0) throw new BuiltinError('token time constraint: must not be negative');
  return fromDouble(nanoseconds / NANOSECONDS);
}

/** Reads the constraints; without `time` it is now. Throws a BuiltinError for unknown ones, and unless there is one key. */
export function parseConstraints(constraints: RegoObject, nowNs: bigint, charge: Charge): TokenConstraints {
  for (const name of constraints.keys()) {
    if (typeof name !== 'string' || !NAMES.includes(name)) {
      throw new BuiltinError(`unknown token validation constraint: ${String(name)}`);
    }
  }
  const text = (name: string) => {
    const value = constraints.get(name) ?? '';
    if (typeof value === 'string') return value;
    throw new BuiltinError(`${name} constraint: must be a string`);
  };
  const [alg, aud, iss, secret] = [text('alg'), text('aud'), text('iss'), text('secret')];
  const certificate = constraints.has('cert') ? parseVerificationKeys(text('cert'), charge) : undefined;
  const time = constraints.get('time');
  if (certificate && secret !== '') throw new BuiltinError('duplicate key constraints');
  if (!certificate && secret === '') throw new BuiltinError('no key constraint');
  const keys = certificate ?? [{ key: createSecretKey(toBytes(secret)), algorithm: '', id: '' }];
  return { keys, alg, aud, iss, time: time === undefined ? fromDouble(Number(nowNs) / NANOSECONDS) : timeOf(time) };
}

function isFor(audience: Value, wanted: string): boolean {
  return isArray(audience) ? audience.includes(wanted) : audience === wanted;
}

function numericClaim(claims: RegoObject, name: string): RegoNumber | undefined {
  const value = claims.get(name);
  if (value === undefined || isNumber(value)) return value;
  throw new BuiltinError(`${name} value must be a number`);
}

/**
 * Whether issuer, audience and times fit. A token that names an audience is only for those who name one of it too. Throws a
 * BuiltinError for times that are no numbers.
 */
export function checkClaims(claims: RegoObject, constraints: TokenConstraints): boolean {
  if (constraints.iss !== '' && claims.get('iss') !== constraints.iss) return false;
  const audience = claims.get('aud');
  if (audience === undefined ? constraints.aud !== '' : !isFor(audience, constraints.aud)) return false;
  const expires = numericClaim(claims, 'exp');
  if (expires !== undefined && compareNumbers(constraints.time, expires) >= 0) return false;
  const notBefore = numericClaim(claims, 'nbf');
  return notBefore === undefined || compareNumbers(constraints.time, notBefore) >= 0;
}
