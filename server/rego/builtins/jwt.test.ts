import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { call, errorOf } from './testing.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const;
const edwards = generateKeyPairSync('ed25519');

function keysFor(algorithm: string): { privateKey: KeyObject; publicKey: KeyObject } {
  if (algorithm === 'EdDSA') return edwards;
  if (algorithm.startsWith('ES')) {
    return generateKeyPairSync('ec', { namedCurve: curves[algorithm as keyof typeof curves] });
  }
  return rsa;
}

function sign(algorithm: string, key: KeyObject, claims: object): unknown {
  return call('io.jwt.encode_sign', { alg: algorithm, typ: 'JWT' }, claims, key.export({ format: 'jwk' }));
}

function jwk(key: KeyObject, more: object = {}): string {
  return JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

describe('tokens signed with key pairs', () => {
  it.each(ALGORITHMS)('verifies %s with the public key as PEM and as JWK', (algorithm) => {
    const { privateKey, publicKey } = keysFor(algorithm);
    const token = sign(algorithm, privateKey, { sub: 'ann' });
    const verify = `io.jwt.verify_${algorithm.toLowerCase()}`;
    expect(call(verify, token, publicKey.export({ format: 'pem', type: 'spki' }))).toBe(true);
    expect(call(verify, token, jwk(publicKey))).toBe(true);
    expect(call('io.jwt.decode_verify', token, { cert: jwk(publicKey), alg: algorithm })).toEqual([
      true,
      { alg: algorithm, typ: 'JWT' },
      { sub: 'ann' },
    ]);
  });

  it.each(ALGORITHMS)('refuses a changed %s token', (algorithm) => {
    const { privateKey, publicKey } = keysFor(algorithm);
    const [header, , signature] = String(sign(algorithm, privateKey, { sub: 'ann' })).split('.');
    const forged = `${header}.${Buffer.from('{"sub":"eve"}').toString('base64url')}.${signature}`;
    expect(call(`io.jwt.verify_${algorithm.toLowerCase()}`, forged, jwk(publicKey))).toBe(false);
    expect(call('io.jwt.decode_verify', forged, { cert: jwk(publicKey) })).toEqual([false, {}, {}]);
  });

  it('takes the key that the header names, and only that one', () => {
    const header = { alg: 'RS256', kid: 'b' };
    const token = call('io.jwt.encode_sign', header, { sub: 'ann' }, rsa.privateKey.export({ format: 'jwk' }));
    const set = (a: KeyObject, b: KeyObject) =>
      JSON.stringify({ keys: [JSON.parse(jwk(a, { kid: 'a' })), JSON.parse(jwk(b, { kid: 'b' }))] });
    expect(call('io.jwt.verify_rs256', token, set(otherRsa.publicKey, rsa.publicKey))).toBe(true);
    expect(call('io.jwt.verify_rs256', token, set(rsa.publicKey, otherRsa.publicKey))).toBe(false);
  });

  it('never takes a public key for the secret of an HMAC', () => {
    const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const secret = Buffer.from(pem).toString('base64url');
    const token = call('io.jwt.encode_sign', { alg: 'HS256' }, { sub: 'eve' }, { kty: 'oct', k: secret });
    expect(call('io.jwt.decode_verify', token, { cert: pem })).toEqual([false, {}, {}]);
  });

  it('refuses to sign with a key of another type, without showing the key', () => {
    const key = rsa.privateKey.export({ format: 'jwk' });
    const message = errorOf('io.jwt.encode_sign', { alg: 'ES256' }, {}, key);
    expect(message).toBe('a private rsa key cannot sign with ES256');
    expect(message).not.toContain(String(key.d).slice(0, 10));
  });

  it('reads nested tokens with one key', () => {
    const inner = sign('RS256', rsa.privateKey, { sub: 'ann' });
    const key = JSON.stringify(rsa.privateKey.export({ format: 'jwk' }));
    const outer = call('io.jwt.encode_sign_raw', '{"alg":"RS256","cty":"JWT","typ":"nested"}', inner, key);
    expect(call('io.jwt.decode_verify', outer, { cert: jwk(rsa.publicKey) })).toEqual([
      true,
      { alg: 'RS256', typ: 'JWT' },
      { sub: 'ann' },
    ]);
  });
});

describe('claims', () => {
  const key = { kty: 'oct', k: Buffer.from('secret').toString('base64url') };
  const check = (claims: object, constraints: object = {}) => {
    const token = call('io.jwt.encode_sign', { alg: 'HS256' }, claims, key);
    return (call('io.jwt.decode_verify', token, { secret: 'secret', ...constraints }) as unknown[])[0];
  };

  it.each([
    ['expires after the evaluation time', { exp: 1_700_000_001 }, {}, true],
    ['expires at the evaluation time', { exp: 1_700_000_000 }, {}, false],
    ['begins later', { nbf: 1_700_000_001 }, {}, false],
    ['begins now', { nbf: 1_700_000_000 }, {}, true],
    ['is judged by the given time', { exp: 3000 }, { time: 2_000_000_000_000 }, true],
    ['has the wanted issuer', { iss: 'a' }, { iss: 'a' }, true],
    ['has another issuer', { iss: 'b' }, { iss: 'a' }, false],
    ['has an audience nobody named', { aud: 'a' }, {}, false],
    ['has the audience in a list', { aud: ['a', 'b'] }, { aud: 'b' }, true],
    ['lacks the audience', {}, { aud: 'b' }, false],
  ])('a token that %s', (_what, claims, constraints, valid) => {
    expect(check(claims, constraints)).toBe(valid);
  });

  it('refuses critical extensions that it does not know', () => {
    const token = call('io.jwt.encode_sign', { alg: 'HS256', crit: ['x'], x: 1 }, {}, key);
    expect(call('io.jwt.decode_verify', token, { secret: 'secret' })).toEqual([false, {}, {}]);
  });
});
