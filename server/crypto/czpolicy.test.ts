import { createCipheriv } from 'node:crypto';
import { decompress } from 'fzstd';
import nacl from 'tweetnacl';
import { describe, expect, test } from 'vitest';
import {
  BundleError,
  type BundleErrorCode,
  bundleDigest,
  decodeBundle,
  encodeBundle,
  MAX_BUNDLE_BYTES,
  matchesDigest,
} from './czpolicy.ts';
import { signingKeyFromSeed } from './signing.ts';
import { storeZstdFrame } from './zstd-frame.ts';

const encryptionKey = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const signingKey = signingKeyFromSeed(Buffer.alloc(32, 0x42));
const nonce = Buffer.from('101112131415161718191a1b', 'hex');
const createdAt = 1_700_000_000;
const common = { createdAt, encryptionKey, signingKey };

const POLICY_JSON =
  '{"default_action":"deny","metadata":{"active_policy_count":1},"policies":[{"id":"p1","priority":10,"rules":[{"actions":["file_read:*"],"effect":"allow"}]}]}';
const POLICY_HEX = [
  '435a3031010000f15365000000000100e1000000400000000000000000000000101112131415161718191a1b554bb7eb6955dbb7ca0e2a796a1f0826',
  'bb24116f78b63ede89dbd8453a313aa272c5756e90d20f8b1f42f373b0e3317a70c82e0586d4299dd0775948acf4cb1e6b8c1d1978c327161def5997',
  'bba88dcd1f83c9d644f43618bad2502ecca8c1650e6e21c4dbde02b35438e15f4e0fa7fe30b9ca1cb3c4db9ed58ab28c11c1da21c6e1a24f1a879e91',
  '12d6e2e996eb19538d460e3b33babfc294f62be1e09a9a09b98af210f3835df38837d864b615e58c5455924cec496bbcfead5904b812eeed3c4cae3e',
  'c266917c4ebf666b897b2eb9a969c24040c2791d36760e70fa1c30301194fceb62d6d4f8471d493345e376e4b5d4e30f0a',
].join('');
const EMPTY_JSON = '{"metadata":{"active_policy_count":0},"policies":[]}';
const EMPTY_HEX = [
  '435a3031010000f1536500000000000079000000400000000000000000000000101112131415161718191a1b554bb7eb69fd9bb2ca0e2a706a0d0837',
  'b6242f2c21b975d0848d8b113b0b24b43c80347aaac5019a1042b06bbae53f3963d32b1a80e23c819e24616c8ee9104c5915659364edf7f7a975b921',
  'c7d9a721c2ea1df0c75a48defa3b6a88ae65e737fa5ad451273f99a61eceb4cdf345f6849b1a67c26902909c5a061d17a9372bb841a3ef6afcf0b770',
  'd4cb4a7c03',
].join('');

const bundle = encodeBundle({ ...common, payload: Buffer.from(POLICY_JSON), policyCount: 1, nonce });

function codeOf(bytes: Uint8Array, key: Uint8Array = encryptionKey, publicKey: Uint8Array = signingKey.publicKey) {
  try {
    decodeBundle(bytes, key, publicKey);
  } catch (error) {
    if (error instanceof BundleError) return error.code;
    throw error;
  }
  return 'no error';
}

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(bundle);
  change(bytes);
  return bytes;
}

/** A bundle around any plaintext, correctly encrypted and signed. */
function bundleAround(plaintext: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', encryptionKey, nonce);
  const header = Buffer.from(bundle.subarray(0, 32));
  header.writeUInt32LE(32 + 12 + plaintext.length + 16, 16);
  const signed = Buffer.concat([header, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([signed, signingKey.sign(signed)]);
}

describe('.czpolicy', () => {
  test.each([
    ['one policy', POLICY_JSON, 1, POLICY_HEX, '04bd1a683ed4f4bba8f0f3be5b58ea0a79a28bc01b33feb9de9f3548118fcb39'],
    ['no policy', EMPTY_JSON, 0, EMPTY_HEX, '095f915d9289ce5a71d2d8f7b501a306fd4b963cc180bed30f2b0347c984c4e6'],
  ])('the known bundle with %s is written byte for byte and reads back', (_what, json, policyCount, hex, digest) => {
    const bytes = encodeBundle({ ...common, payload: Buffer.from(json), policyCount, nonce });
    expect(bytes.toString('hex')).toBe(hex);
    expect(bundleDigest(bytes)).toBe(digest);
    const opened = decodeBundle(bytes, encryptionKey, signingKey.publicKey);
    expect(opened.payload.toString()).toBe(json);
    expect(opened.document).toEqual(JSON.parse(json));
    expect(opened).toMatchObject({ createdAt, policyCount });
  });

  test('independent implementations verify and unpack what is written', async () => {
    expect(nacl.sign.detached.verify(bundle.subarray(0, -64), bundle.subarray(-64), signingKey.publicKey)).toBe(true);
    const key = await crypto.subtle.importKey('raw', encryptionKey, 'AES-GCM', false, ['decrypt']);
    const frame = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce }, key, bundle.subarray(44, -64));
    expect(Buffer.from(decompress(new Uint8Array(frame))).toString()).toBe(POLICY_JSON);
  });

  test('without a given nonce two bundles of the same content differ', () => {
    const write = () => encodeBundle({ ...common, payload: Buffer.from(EMPTY_JSON), policyCount: 0 });
    expect(write().equals(write())).toBe(false);
    expect(codeOf(write())).toBe('no error');
  });

  test.each<[BundleErrorCode, Buffer]>([
    ['too_short', bundle.subarray(0, 95)],
    ['too_long', Buffer.alloc(MAX_BUNDLE_BYTES + 1)],
    ['magic', changed((bytes) => bytes.write('CZ02'))],
    ['schema_version', changed((bytes) => bytes.writeUInt16LE(2, 4))],
    ['reserved', changed((bytes) => bytes.writeUInt8(1, 31))],
    ['reserved', changed((bytes) => bytes.writeUInt8(1, 24))],
    ['signature_length', changed((bytes) => bytes.writeUInt32LE(63, 20))],
    ['signature_offset', changed((bytes) => bytes.writeUInt32LE(224, 16))],
    ['signature_offset', changed((bytes) => bytes.writeUInt32LE(0, 16))],
    ['signature_offset', Buffer.concat([bundle, Buffer.of(0)])],
    ['payload_length', payloadOf27Bytes()],
    ['signature', changed((bytes) => bytes.writeUInt8(bytes[100]! ^ 1, 100))],
    ['signature', changed((bytes) => bytes.writeUInt8(9, 6))],
    ['signature', changed((bytes) => bytes.writeUInt8(bytes[288]! ^ 1, 288))],
    ['frame', bundleAround(Buffer.from('{}'))],
    ['json', bundleAround(storeZstdFrame(Buffer.from('[]')))],
    ['json', bundleAround(storeZstdFrame(Buffer.from('\ufeff{}')))],
    ['json', bundleAround(storeZstdFrame(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])))],
  ])('a fault is named: %s', (code, bytes) => {
    expect(codeOf(bytes)).toBe(code);
  });

  test('wrong keys are told apart', () => {
    expect(codeOf(bundle, Buffer.alloc(32, 9))).toBe('decryption');
    expect(codeOf(bundle, Buffer.alloc(16))).toBe('key_length');
    expect(codeOf(bundle, encryptionKey, signingKeyFromSeed(Buffer.alloc(32, 1)).publicKey)).toBe('signature');
    expect(codeOf(bundle, encryptionKey, Buffer.alloc(31))).toBe('signing_key');
    expect(codeOf(bundle, encryptionKey, Buffer.alloc(32))).toBe('signing_key');
  });

  test('what could not be read back is not written', () => {
    const write = (payload: Buffer, key = encryptionKey) =>
      encodeBundle({ ...common, payload, policyCount: 0, encryptionKey: key });
    expect(() => write(Buffer.from('[1]'))).toThrow(/root/);
    expect(() => write(Buffer.from('{'))).toThrow(BundleError);
    expect(() => write(Buffer.from('{}'), Buffer.alloc(31))).toThrow(/32 bytes/);
    const base = { ...common, payload: Buffer.from('{}'), policyCount: 0 };
    expect(() => encodeBundle({ ...base, nonce: Buffer.alloc(16) })).toThrow(/nonce has 12 bytes; this one has 16/);
    expect(() => encodeBundle({ ...base, createdAt: 1.5 })).toThrow(/createdAt.*1\.5/);
    expect(() => encodeBundle({ ...base, policyCount: -1 })).toThrow(/policyCount.*-1/);
    expect(() => write(Buffer.from(JSON.stringify({ a: 'x'.repeat(MAX_BUNDLE_BYTES) })))).toThrow(/at most 16777216/);
  });

  test('a payload of many blocks, close to the limit, reads back', () => {
    const json = JSON.stringify({ policies: [], note: 'x'.repeat(15 * 1024 * 1024) });
    const bytes = encodeBundle({ ...common, payload: Buffer.from(json), policyCount: 0 });
    expect(decodeBundle(bytes, encryptionKey, signingKey.publicKey).payload.equals(Buffer.from(json))).toBe(true);
  });

  test('more policies than the header can say are written as the largest number', () => {
    const bytes = encodeBundle({ ...common, payload: Buffer.from('{}'), policyCount: 70_000 });
    expect(decodeBundle(bytes, encryptionKey, signingKey.publicKey).policyCount).toBe(65_535);
  });

  test('If-None-Match is compared loosely', () => {
    const digest = bundleDigest(bundle);
    for (const header of [digest, `"${digest}"`, `W/"${digest}"`, digest.slice(0, 32), `"x", "${digest}"`, '*']) {
      expect(matchesDigest(header, digest)).toBe(true);
    }
    for (const header of [undefined, '', '""', digest.slice(0, 31), digest.slice(1), '"3.1"']) {
      expect(matchesDigest(header, digest)).toBe(false);
    }
  });
});

function payloadOf27Bytes(): Buffer {
  const bytes = Buffer.alloc(32 + 27 + 64);
  bundle.copy(bytes, 0, 0, 32);
  bytes.writeUInt32LE(32 + 27, 16);
  return bytes;
}
