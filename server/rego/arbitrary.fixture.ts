import fc from 'fast-check';
import { parseNumber, RegoObject, RegoSet, type Value } from './values.ts';

/** Numbers as they are written: small and large, with trailing zeros, fractions and exponents. */
const number = fc
  .oneof(
    fc.integer({ min: -3, max: 3 }).map(String),
    fc.constantFrom('1.0', '1.50', '0.1', '-0', '1e2', '100', '1E-3', '9007199254740993', '9007199254740992', '1e400'),
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
    fc.tuple(fc.integer(), fc.nat({ max: 999 })).map(([whole, part]) => `${whole}.${part}`),
  )
  .map(parseNumber);

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, true, false, '', 'a', '\0a', '\u{1f600}', '\uff5e'),
  number,
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);

const nested = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map((members) => RegoSet.from(members)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => RegoObject.from(entries)),
  ),
}));

/** Any value, nested at most three deep. */
export const anyValue = nested.value;

/** A set whose members other sets of the same run are likely to share. */
export const anySet = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 6 }), anyValue), { maxLength: 8 })
  .map((members) => RegoSet.from(members));

/** An object whose keys other objects of the same run are likely to share. */
export const anyObject = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom<Value>('a', 'b', 'c', 1, true), anyValue), anyValue), { maxLength: 6 })
  .map((entries) => RegoObject.from(entries));

/** JSON text of a document: string keys, each once, and numbers with the digits that were written. */
export const jsonText = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false', '0', '-0', '1.50', '1e3', '12345678901234567890', '-0.10'),
    fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => JSON.stringify(text)),
    fc.array(tie('text'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(fc.string({ maxLength: 3 }), tie('text')), { maxLength: 4, selector: ([name]) => name })
      .map((members) => `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`),
  ),
})).text;
