import { describe, expect, test } from 'vitest';
import { parseCertificateName } from './certificate-names.ts';

describe('certificate names', () => {
  test.each([
    ['cz.example.com', 'cz.example.com'],
    ['CZ.Example.COM.', 'cz.example.com'],
    ['localhost', 'localhost'],
    ['*.example.com', '*.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['a_b.example', 'a_b.example'],
  ])('%s is the host name %s', (text, name) => {
    expect(parseCertificateName(text)).toEqual({ kind: 'dns', name });
  });

  test.each([
    ['127.0.0.1', '7f000001'],
    ['::1', '00000000000000000000000000000001'],
    ['[::1]', '00000000000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['2001:db8::ff00:42:8329', '20010db8000000000000ff0000428329'],
    ['fe80:1:2:3:4:5:6:7', 'fe800001000200030004000500060007'],
    ['::ffff:192.0.2.128', '00000000000000000000ffffc0000280'],
    ['1::', '00010000000000000000000000000000'],
  ])('%s is the address %s', (text, hex) => {
    const name = parseCertificateName(text);
    expect(name.kind === 'ip' && name.bytes.toString('hex')).toBe(hex);
  });

  test.each([
    '',
    ' ',
    'a..b',
    '-a.example',
    'a b',
    'x/y',
    '*',
    '*.com',
    'a.*.example',
    '1.2.3',
    `${'a'.repeat(64)}.example`,
    'fe80::1%eth0',
    'http://a',
  ])('%j cannot be in a certificate', (text) => {
    expect(() => parseCertificateName(text)).toThrow(RangeError);
  });
});
