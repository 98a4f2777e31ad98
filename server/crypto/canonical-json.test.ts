import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argsHash, CanonicalJsonError, canonicalDigest, canonicalJson } from './canonical-json.ts';

describe('canonical JSON', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
    ['null', null, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
    ['{}', {}, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
    ['a command', { command: 'rm -rf /tmp/x' }, '5112e679ae51d6954ce4260da4302c76b6267cb9c7e41fa02d04219a256fd555'],
    ['a statement', { sql: 'SELECT 1' }, 'f25189374bfbf48658282bc196f4f8b6d09c7e4aa745f5b2351c827a8ef5aad9'],
    ['three members', { b: 2, a: 1, A: 0 }, '5f05c47104ba1ac24d8cb54dd5f23b15487f4770c9eb767c1c64b64aefba6501'],
    [
      'numbers',
      { f: [1.0, -0.0, 0.1, 1e15, 1e-7, 123456789.123, 5e-324, 100.0] },
      '08c1ca920cedabb7eadb29630d5df0d45a43598df40920f5a9d36b24e1918b7d',
    ],
    ['literals', { t: true, f: false, n: null }, '22e00dc2f7b01420f940fbdbfbdf34fa0667cc6500186495023ba37722cbd05e'],
    ['nesting', { a: [{ y: 1, x: [] }, {}] }, '2fd4f3e6e9054f341c97e03998c546b23fe8304c0defcefbc11eb7d5ef056047'],
    [
      'names beyond ASCII',
      { '\u{1f600}': 1, '\ufb33': 2, '\u20ac': 3, '\r': 4, '1': 5, '\u0080': 6, ö: 7 },
      'aa64b47304d63a6111b144c048a88f30a28dc700b3217e0889d175cd328b87c0',
    ],
    [
      'escapes',
      { é: 'é€😀', z: '\u2028/"\\\b\f\n\r\t\u0000\u001f\u007f' },
      '471b590b0dbd2d31694aecdf59b976d9145a791b54a3df3ef5b32495b907d1fe',
    ],
    [
      'the largest exact number',
      { n: 9007199254740991 },
      'e1da48c6a6089f06ecb4e0a2259e658e3786b2420f52baccdf929ec6460d7b41',
    ],
  ])('arguments with %s have the hash that SDKs send', (_what, args, digest) => {
    expect(argsHash(args)).toBe(`sha256:${digest}`);
  });

  test.each<[string, unknown]>([
    ['2^53', { n: 9007199254740992 }],
    ['-2^53', { n: -9007199254740992 }],
    ['1e21 deep inside', { n: [{ m: 1e21 }] }],
    ['NaN', { n: Number.NaN }],
    ['a lone surrogate', { s: '\ud800' }],
    ['a lone surrogate in a name', { 'a\udc00': 1 }],
    ['bytes', { b: Buffer.from('x') }],
  ])('arguments with %s have no hash', (_what, args) => {
    expect(argsHash(args)).toBe('');
  });

  test('members are sorted by UTF-16 units and numbers written as ECMAScript does', () => {
    expect(canonicalJson({ '\ufb33': 1, '\u{1f600}': 2, b: [1e21, 1e-7, -0, 333333333.3333333], a: ' ' })).toBe(
      '{"a":" ","b":[1e+21,1e-7,0,333333333.3333333],"\u{1f600}":2,"\ufb33":1}',
    );
  });

  test.each<[string, unknown, string, RegExp]>([
    ['NaN', { a: [1, Number.NaN] }, '$.a[1]', /NaN/],
    ['infinity', [Number.NEGATIVE_INFINITY], '$[0]', /-Infinity/],
    ['undefined', { a: undefined }, '$.a', /undefined/],
    ['a gap in an array', new Array(1), '$[0]', /undefined/],
    ['a bigint', { a: 1n }, '$.a', /bigint/],
    ['a date', { a: new Date(0) }, '$.a', /class/],
    ['a lone surrogate', { a: { b: 'x\udfff' } }, '$.a.b', /surrogate/],
  ])('%s is refused with its place', (_what, value, path, reason) => {
    let thrown: unknown;
    try {
      canonicalJson(value);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CanonicalJsonError);
    expect((thrown as CanonicalJsonError).path).toBe(path);
    expect((thrown as CanonicalJsonError).message).toMatch(reason);
  });

  test('lone surrogates are escaped when asked, pairs stay as they are', () => {
    expect(canonicalJson(['\ud800', '\u{1f600}'], { loneSurrogates: 'escape' })).toBe('["\\ud800","\u{1f600}"]');
  });

  test('too deep nesting is refused, a thousand levels are not', () => {
    const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect(canonicalJson(nested(1000))).toHaveLength(2000);
    expect(() => canonicalJson(nested(5000))).toThrow(/deeper than 1000/);
  });

  test('a member named __proto__ is kept', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"x":1},"a":2}'))).toBe('{"__proto__":{"x":1},"a":2}');
  });

  test('the form does not depend on the order of members and survives parsing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value, { loneSurrogates: 'escape' });
        const again = JSON.parse(text);
        expect(canonicalJson(reversed(again), { loneSurrogates: 'escape' })).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test('digests tell values apart', () => {
    expect(canonicalDigest([1, 2])).not.toBe(canonicalDigest([2, 1]));
    expect(canonicalDigest({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
