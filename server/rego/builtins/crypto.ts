/** Built-ins for digests and message authentication codes. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Value } from '../values.ts';
import { toBytes } from './algorithms/bytes.ts';
import { characterCost } from './cost.ts';
import { define } from './define.ts';
import { stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';

/** Making the machinery takes longer than a short text. */
const COST = characterCost(0.05, 30);

function digest(algorithm: Algorithm): Builtin {
  const call = (args: readonly Value[]) =>
    createHash(algorithm)
      .update(toBytes(stringOperand(args, 0)))
      .digest('hex');
  return define(`crypto.${algorithm}(string) -> string`, call, { cost: COST });
}

function authenticationCode(algorithm: Algorithm): Builtin {
  const call = (args: readonly Value[]) => {
    const [message, key] = [stringOperand(args, 0), stringOperand(args, 1)];
    return createHmac(algorithm, toBytes(key)).update(toBytes(message)).digest('hex');
  };
  return define(`crypto.hmac.${algorithm}(string, string) -> string`, call, { cost: COST });
}

function codesEqual(args: readonly Value[]): boolean {
  const [left, right] = [toBytes(stringOperand(args, 0)), toBytes(stringOperand(args, 1))];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The digest built-ins. */
export const crypto: readonly Builtin[] = [
  digest('md5'),
  digest('sha1'),
  digest('sha256'),
  authenticationCode('md5'),
  authenticationCode('sha1'),
  authenticationCode('sha256'),
  authenticationCode('sha512'),
  define('crypto.hmac.equal(string, string) -> boolean', codesEqual),
];
