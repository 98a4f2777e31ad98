import { generateKeyPairSync } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compile, fromJson, toJsonText } from '../index.ts';
import { type Bundle, BundleError, readBundle, writeBundle } from './bundle.ts';
import { OPA_BUNDLE, OPA_BUNDLE_KEY } from './opa-bundle.fixture.ts';
import { SIGNATURES_FILE, type SignatureAlgorithm, SignatureError, verifyFiles } from './signature.ts';
import { ArchiveError, readTar, writeTar } from './tar.ts';

const BUNDLE: Bundle = {
  manifest: { revision: 'r1', roots: ['app', 'limits'], rego_version: 1 },
  policies: [{ file: 'app/policy.rego', text: 'package app\n\nallow if input.n < data.limits.max\n' }],
  data: fromJson({ limits: { max: 5 } }),
};

function pack(files: Readonly<Record<string, string>>): Uint8Array {
  return gzipSync(writeTar(Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text) }))));
}

function keyPair(algorithm: SignatureAlgorithm): { private: string; public: string } {
  const pair =
    algorithm === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : algorithm.startsWith('ES')
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    private: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    public: pair.publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}

describe('bundles', () => {
  it('come back as they were packed, and the policies run', () => {
    const read = readBundle(writeBundle(BUNDLE));
    expect(read.manifest).toEqual(BUNDLE.manifest);
    expect(toJsonText(read.data)).toBe('{"limits":{"max":5}}');
    const { policy } = compile(read.policies);
    expect(policy?.evaluate('data.app.allow', { data: read.data, input: fromJson({ n: 1 }) })).toBe(true);
  });

  it('are the same bytes for the same content', () => {
    expect(Buffer.compare(writeBundle(BUNDLE), writeBundle(BUNDLE))).toBe(0);
  });

  it('merge data files by folder and keep digits', () => {
    const { data } = readBundle(
      pack({
        'data.json': '{"a": {"x": 1}}',
        './a/b/data.yaml': 'y: [1, two]',
        '/big/data.json': '12345678901234567890',
      }),
    );
    expect(toJsonText(data)).toBe('{"a":{"b":{"y":[1,"two"]},"x":1},"big":12345678901234567890}');
  });

  it('read old policies where the manifest says so', () => {
    const manifest = JSON.stringify({ rego_version: 0, file_rego_versions: { '/new/*.rego': 1 } });
    const { policies } = readBundle(
      pack({
        'old.rego': 'package old\n\np { true }\n',
        'new/a.rego': 'package new\n\np if true\n',
        '.manifest': manifest,
      }),
    );
    expect(policies.map(({ version }) => version)).toEqual(['v0', 'v1']);
    expect(compile(policies).errors).toEqual([]);
  });

  it('refuse content outside their roots', () => {
    const manifest = '{"roots": ["app"]}';
    expect(() => readBundle(pack({ 'a.rego': 'package other\n', '.manifest': manifest }))).toThrow(
      'package other is outside',
    );
    expect(() => readBundle(pack({ 'data.json': '{"x": 1}', '.manifest': manifest }))).toThrow('data x is outside');
    expect(() => readBundle(pack({ '.manifest': '{"roots": ["a/b", "a"]}' }))).toThrow('overlap');
  });

  it('refuse what is damaged or not a bundle', () => {
    const tar = gunzipSync(writeBundle(BUNDLE));
    expect(() => readBundle(Buffer.from('no archive'))).toThrow(ArchiveError);
    expect(() => readBundle(gzipSync(tar.subarray(0, 700)))).toThrow('cut off');
    const damaged = Buffer.from(tar);
    damaged[0] = 120;
    expect(() => readBundle(gzipSync(damaged))).toThrow('checksum');
    expect(() => readBundle(pack({ 'patch.json': '{}' }))).toThrow('delta bundles');
    expect(() => readBundle(pack({ '../data.json': '{}' }))).toThrow('outside itself');
    expect(() => readBundle(pack({ 'data.json': '[1]' }))).toThrow(BundleError);
    expect(() => readBundle(pack({ 'data.json': '{' }))).toThrow('data.json: invalid JSON');
    expect(() => readBundle(pack({ '.manifest': '{"rego_version": 7}' }))).toThrow('rego_version');
  });

  it('refuse to unpack beyond the limit', () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    expect(() => readBundle(bomb, { maxBytes: 1_000_000 })).toThrow('more than 1000000 bytes');
  });

  it('keep long names', () => {
    const name = `${'folder/'.repeat(20)}data.json`;
    expect(readTar(writeTar([{ name, content: Buffer.from('{}') }]))[0]?.name).toBe(name);
    for (const length of [93, 94, 95, 200, 990, 1_000, 5_000]) {
      const longer = 'é'.repeat(length);
      expect(readTar(writeTar([{ name: longer, content: Buffer.from('{}') }]))[0]?.name).toBe(longer);
    }
  });
});

describe('a bundle that opa made', () => {
  const keys = (key: string) => ({ keys: { default: { algorithm: 'ES256' as const, key } } });

  it('is read with its data, digits and manifest, and its signature holds', () => {
    const bundle = readBundle(OPA_BUNDLE, { verification: keys(OPA_BUNDLE_KEY) });
    expect(bundle.manifest).toMatchObject({
      revision: 'r7',
      roots: ['app', 'app_test', 'limits', 'deep'],
      rego_version: 1,
    });
    expect(toJsonText(bundle.data)).toBe(
      '{"deep":{"er":{"x":[1,"two"],"y":"on"}},"limits":{"big":12345678901234567890,"f":1.50,"max":5,"t":"<é\u2028>"}}',
    );
    const { policy } = compile(bundle.policies);
    expect(policy?.evaluate('data.app.allow', { data: bundle.data, input: fromJson({ n: 4 }) })).toBe(true);
  });

  it('is refused with another key', () => {
    expect(() => readBundle(OPA_BUNDLE, { verification: keys(keyPair('ES256').public) })).toThrow('signature is wrong');
  });
});

describe('signatures', () => {
  for (const algorithm of ['RS256', 'PS512', 'ES256', 'EdDSA'] as const) {
    it(`verify with ${algorithm}`, () => {
      const pair = keyPair(algorithm);
      const packed = writeBundle(BUNDLE, { algorithm, key: pair.private, keyId: 'k1', scope: 'write' });
      const keys = { k1: { algorithm, key: pair.public } };
      expect(readBundle(packed, { verification: { keys, scope: 'write' } }).policies).toHaveLength(1);
      expect(() => readBundle(packed, { verification: { keys } })).toThrow('another scope');
      const other = { k1: { algorithm, key: keyPair(algorithm).public } };
      expect(() => readBundle(packed, { verification: { keys: other, scope: 'write' } })).toThrow('signature is wrong');
      expect(() => readBundle(packed, { verification: { keys, scope: 'write', keyId: 'k2' } })).toThrow('"k2"');
    });
  }

  const verification = { keys: { main: { algorithm: 'HS256', key: 'shared secret' } } } as const;
  const signed = readTar(gunzipSync(writeBundle(BUNDLE, { algorithm: 'HS256', key: 'shared secret' })));

  it('cover every file exactly', () => {
    expect(() => verifyFiles(signed, verification)).not.toThrow();
    const changed = signed.map((file) =>
      file.name.endsWith('.rego') ? { ...file, content: Buffer.from('package app\n') } : file,
    );
    expect(() => verifyFiles(changed, verification)).toThrow('is not what was signed');
    const more = [...signed, { name: 'b.rego', content: Buffer.from('package b\n') }];
    expect(() => verifyFiles(more, verification)).toThrow('b.rego is not in');
    expect(() => verifyFiles(more, { ...verification, exclude: ['b.rego'] })).not.toThrow();
    const fewer = signed.filter((file) => file.name !== 'data.json');
    expect(() => verifyFiles(fewer, verification)).toThrow('data.json was signed but is missing');
  });

  it('take data by meaning, not by layout', () => {
    const spaced = signed.map((file) =>
      file.name === 'data.json' ? { ...file, content: Buffer.from('{ "limits": { "max": 5 } }') } : file,
    );
    expect(() => verifyFiles(spaced, verification)).not.toThrow();
  });

  it('are demanded when verification is configured', () => {
    expect(() => readBundle(writeBundle(BUNDLE), { verification })).toThrow(SignatureError);
    const twice = [...signed, ...signed.filter(({ name }) => name === SIGNATURES_FILE)];
    expect(() => verifyFiles(twice, verification)).toThrow('more than one');
  });

  it('do not accept another algorithm than the key is for', () => {
    const asymmetric = { keys: { main: { algorithm: 'RS256', key: 'shared secret' } } } as const;
    expect(() => verifyFiles(signed, asymmetric)).toThrow('signed with HS256, the key is for RS256');
  });
});
