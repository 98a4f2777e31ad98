/** Built-ins for digests and message authentication codes. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Value } from '../values.ts';
import { toBytes } from './algorithms/bytes.ts';
import { define } from './define.ts';
import { stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';

function digest(algorithm: Algorithm): Builtin {
  return define(`crypto.${algorithm}(string) -> string`, (args) =>
    createHash(algorithm)
      .update(toBytes(stringOperand(args, 0)))
      .digest('hex'),
  );
}

function authenticationCode(algorithm: Algorithm): Builtin {
  return define(`crypto.hmac.${algorithm}(string, string) -> string`, (args) => {
    const [message, key] = [stringOperand(args, 0), stringOperand(args, 1)];
    return createHmac(algorithm, toBytes(key)).update(toBytes(message)).digest('hex');
  });
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
