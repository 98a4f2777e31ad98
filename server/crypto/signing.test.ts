import { createPublicKey, generateKeyPairSync, verify as nodeVerify } from 'node:crypto';
import nacl from 'tweetnacl';
import { describe, expect, test } from 'vitest';
import {
  generateSigningSeed,
  keyId,
  PublicKeyError,
  parsePublicKey,
  publicKeyToPem,
  publicKeyToSpki,
  signingKeyFromSeed,
  verifySignature,
} from './signing.ts';
import { isSmallOrderPoint } from './small-order-points.ts';

const seed = Buffer.alloc(32, 0x42);
const publicHex = '2152f8d19b791d24453242e15f2eab6cb7cffa7b6a5ed30097960e069881db12';
const spkiBody = 'MCowBQYDK2VwAyEAIVL40Zt5HSRFMkLhXy6rbLfP+ntqXtMAl5YOBpiB2xI=';

describe('signing', () => {
  test('a known seed has the known public key in every form', () => {
    const key = signingKeyFromSeed(seed);
    expect(key.publicKey.toString('hex')).toBe(publicHex);
    expect(publicKeyToSpki(key.publicKey).toString('base64')).toBe(spkiBody);
    expect(publicKeyToPem(key.publicKey)).toBe(`-----BEGIN PUBLIC KEY-----\n${spkiBody}\n-----END PUBLIC KEY-----\n`);
    expect(createPublicKey(publicKeyToPem(key.publicKey)).asymmetricKeyType).toBe('ed25519');
  });

  test('signs the first RFC 8032 vector', () => {
    const key = signingKeyFromSeed(
      Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
    );
    expect(key.publicKey.toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    expect(key.sign(Buffer.alloc(0)).toString('hex')).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
  });

  test('another implementation accepts our signatures and we accept its', () => {
    const own = generateSigningSeed();
    const key = signingKeyFromSeed(own);
    const pair = nacl.sign.keyPair.fromSeed(own);
    const data = Buffer.from('a decision');
    expect(nacl.sign.detached.verify(data, key.sign(data), key.publicKey)).toBe(true);
    expect(verifySignature(pair.publicKey, data, nacl.sign.detached(data, pair.secretKey))).toBe(true);
  });

  test('a changed byte, another key or a short signature is refused', () => {
    const key = signingKeyFromSeed(seed);
    const data = Buffer.from('a decision');
    const signature = key.sign(data);
    expect(verifySignature(key.publicKey, data, signature)).toBe(true);
    for (const at of [0, 31, 32, 63]) {
      const changed = Buffer.from(signature);
      changed[at]! ^= 1;
      expect(verifySignature(key.publicKey, data, changed)).toBe(false);
    }
    expect(verifySignature(key.publicKey, Buffer.from('a Decision'), signature)).toBe(false);
    expect(verifySignature(signingKeyFromSeed(generateSigningSeed()).publicKey, data, signature)).toBe(false);
    expect(verifySignature(key.publicKey, data, signature.subarray(0, 63))).toBe(false);
  });

  test('the key keeps working after the caller has zeroed the seed', () => {
    const own = Buffer.from(seed);
    const key = signingKeyFromSeed(own);
    own.fill(0);
    expect(verifySignature(Buffer.from(publicHex, 'hex'), seed, key.sign(seed))).toBe(true);
  });

  test('the kid is stable and short', () => {
    expect(signingKeyFromSeed(seed).kid).toBe(keyId(Buffer.from(publicHex, 'hex')));
    expect(keyId(Buffer.from(publicHex, 'hex'))).toMatch(/^[0-9a-f]{16}$/);
    expect(keyId(Buffer.alloc(32, 9))).not.toBe(keyId(Buffer.alloc(32, 8)));
  });

  test.each([
    ['PEM', publicKeyToPem(Buffer.from(publicHex, 'hex'))],
    ['PEM with carriage returns', publicKeyToPem(Buffer.from(publicHex, 'hex')).replaceAll('\n', '\r\n')],
    ['base64 SPKI', spkiBody],
    ['base64 raw', Buffer.from(publicHex, 'hex').toString('base64')],
    ['base64url raw', Buffer.from(publicHex, 'hex').toString('base64url')],
    ['hexadecimal', publicHex.toUpperCase()],
  ])('a public key is read from %s', (_form, text) => {
    expect(parsePublicKey(text).toString('hex')).toBe(publicHex);
  });

  test.each([
    ['nothing', '', /neither/],
    ['text', 'not a key!', /neither/],
    ['31 bytes', Buffer.alloc(31, 7).toString('base64'), /31 bytes/],
    ['broken PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', /cannot be read/],
    ['a P-256 key', p256Pem(), /type ec/],
    ['a private key', privatePem(), /not a PUBLIC KEY/],
    ['zeros', Buffer.alloc(32).toString('base64'), /small order/],
  ])('%s is refused as a public key with the reason', (_what, text, reason) => {
    expect(() => parsePublicKey(text)).toThrow(PublicKeyError);
    expect(() => parsePublicKey(text)).toThrow(reason);
  });

  test('a seed of the wrong length is refused', () => {
    expect(() => signingKeyFromSeed(Buffer.alloc(31))).toThrow(RangeError);
  });

  test('keys of small order, for which a signature can be forged, cannot be used', () => {
    const point = Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex');
    const identity = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
    const forged = Buffer.concat([identity, Buffer.alloc(32)]);
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), point]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const messages = Array.from({ length: 400 }, (_, i) => Buffer.from(`message ${i}`));
    expect(messages.some((message) => nodeVerify(null, message, key, forged))).toBe(true);

    expect(isSmallOrderPoint(point)).toBe(true);
    expect(() => verifySignature(point, messages[0]!, forged)).toThrow(PublicKeyError);
    const signed = Buffer.from(point);
    signed[31]! |= 0x80;
    expect(isSmallOrderPoint(signed)).toBe(true);
    expect(isSmallOrderPoint(Buffer.from(publicHex, 'hex'))).toBe(false);
  });
});

function p256Pem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ format: 'pem', type: 'spki' })
    .toString();
}

function privatePem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
