import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  constantTimeEqual,
  createToken,
  digestToken,
  displayPrefix,
  TOKEN_PREFIXES,
  type TokenKind,
  tokenKind,
} from './tokens.ts';

const kinds = Object.keys(TOKEN_PREFIXES) as TokenKind[];

describe('tokens', () => {
  test.each(kinds)('a %s token has its prefix, 64 hexadecimal characters and is recognised', (kind) => {
    const token = createToken(kind);
    expect(token.text).toMatch(new RegExp(`^${TOKEN_PREFIXES[kind]}[0-9a-f]{64}$`));
    expect(tokenKind(token.text)).toBe(kind);
  });

  test('api keys have the shape the SDKs check', () => {
    expect(createToken('live_api_key').text).toMatch(/^cz_live_[0-9a-f]{64}$/);
    expect(createToken('test_api_key').text).toMatch(/^cz_test_[0-9a-f]{64}$/);
  });

  test('no two tokens are alike', () => {
    const texts = new Set(Array.from({ length: 200 }, () => createToken('session').text));
    expect(texts.size).toBe(200);
  });

  test('what is stored is the SHA-256 of the text and does not contain it', () => {
    const token = createToken('enrollment');
    expect(token.digest).toBe(createHash('sha256').update(token.text).digest('hex'));
    expect(digestToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(token.digest).not.toContain(token.text.slice(-16));
  });

  test('the display form shows four characters of the random part and hides what is no token', () => {
    const token = createToken('live_api_key');
    expect(token.display).toBe(token.text.slice(0, 12));
    expect(displayPrefix('hunter2-my-password')).toBe('***');
    expect(displayPrefix('cz_live_tooshort')).toBe('***');
  });

  test.each([
    '',
    'cz_live_',
    `cz_live_${'g'.repeat(64)}`,
    `cz_live_${'a'.repeat(63)}`,
    `cz_live_${'a'.repeat(65)}`,
    `cz_live_${'A'.repeat(64)}`,
    `cz_live_${'a'.repeat(64)}\n`,
    `xcz_live_${'a'.repeat(64)}`,
  ])('%j is not a token', (text) => {
    expect(tokenKind(text)).toBeNull();
  });

  test('comparison accepts equals only, also at different lengths', () => {
    expect(constantTimeEqual('abc', 'abc')).toBe(true);
    expect(constantTimeEqual('abc', 'abd')).toBe(false);
    expect(constantTimeEqual('abc', 'abcd')).toBe(false);
    expect(constantTimeEqual('', 'a')).toBe(false);
    expect(constantTimeEqual('', '')).toBe(true);
  });
});
