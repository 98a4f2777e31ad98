/** Steps that signatures take, by their keys: arithmetic that does not yield, and grows with the keys that a policy chooses. */
import type { JsonWebKey, KeyObject } from 'node:crypto';

/** Multiplying numbers as long as the modulus for every bit of the exponent. */
const STEPS_PER_EXPONENT_BIT = 1.6e-6;
/** The private exponent is as long as the modulus, and is applied to its two factors. */
const STEPS_PER_PRIVATE_OPERATION = 4.6e-7;

/** Operations on points of a curve; a curve that is not listed is taken for a slow one. */
const STEPS_BY_CURVE: Readonly<Record<string, number>> = { prime256v1: 1_200, secp384r1: 8_000 };
const STEPS_OF_LONG_CURVES = 17_000;

/** Handing key and data over, and the digest. */
const BASE = 1_200;

/** Reading a key of a curve checks that its point is on it. */
const READING_BY_CURVE: Readonly<Record<string, number>> = { 'P-256': 800, 'P-384': 3_000, 'P-521': 5_000 };
const READING_OF_OTHERS = 300;

/** Steps for reading a public key from a JWK. */
export function readingSteps({ crv }: JsonWebKey): number {
  return READING_BY_CURVE[crv ?? ''] ?? READING_OF_OTHERS;
}

/** Steps for making a key usable, and verifying one signature with it. */
export function verificationSteps(key: KeyObject): number {
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (modulusLength === undefined) return BASE + curveSteps(key);
  const exponentBits = (publicExponent ?? 0n).toString(2).length;
  return BASE + Math.ceil(STEPS_PER_EXPONENT_BIT * exponentBits * modulusLength ** 2);
}

/** Steps for making one signature with the key. */
export function signingSteps(key: KeyObject): number {
  const { modulusLength } = key.asymmetricKeyDetails ?? {};
  if (modulusLength === undefined) return BASE + curveSteps(key);
  return BASE + Math.ceil(STEPS_PER_PRIVATE_OPERATION * modulusLength ** 3);
}

function curveSteps(key: KeyObject): number {
  if (key.asymmetricKeyType !== 'ec') return 0;
  return STEPS_BY_CURVE[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? STEPS_OF_LONG_CURVES;
}
