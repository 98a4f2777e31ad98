import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bech32Error, decodeBech32, encodeBech32 } from './bech32.ts';

describe('Bech32', () => {
  test.each([
    ['a', '', 'a12uel5l'],
    ['abcdef', '00443214c74254b635cf84653a56d7c675be77df', 'abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw'],
    ['1', '00'.repeat(51), `11${'q'.repeat(82)}c8247j`],
    [
      'split',
      'c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d',
      'split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w',
    ],
  ])('the published text with prefix %s is written and read', (prefix, hex, text) => {
    expect(encodeBech32(prefix, Buffer.from(hex, 'hex'))).toBe(text);
    expect(decodeBech32(prefix, text).toString('hex')).toBe(hex);
    expect(decodeBech32(prefix, text.toUpperCase()).toString('hex')).toBe(hex);
  });

  test('whatever is written comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect([...decodeBech32('age', encodeBech32('age', bytes))]).toEqual([...bytes]);
      }),
    );
  });

  test('every single mistyped character is noticed', () => {
    const text = encodeBech32('age', Buffer.alloc(32, 0x5a));
    for (let at = 4; at < text.length; at += 1) {
      const wrong = text[at] === 'q' ? 'p' : 'q';
      expect(() => decodeBech32('age', text.slice(0, at) + wrong + text.slice(at + 1))).toThrow(/checksum/);
    }
  });

  test.each([
    ['mixed case', 'A12uel5l', /mixes/],
    ['another prefix', 'b12uel5l', /does not begin/],
    ['no separator', 'a', /does not begin/],
    ['a foreign character', 'a12uelb5l', /does not use/],
    ['a cut-off text', 'a12uel5', /checksum/],
    ['nothing', '', /does not begin/],
  ])('%s is refused', (_what, text, reason) => {
    expect(() => decodeBech32('a', text)).toThrow(Bech32Error);
    expect(() => decodeBech32('a', text)).toThrow(reason);
  });
});
