import { describe, expect, it } from 'vitest';
import { BundleFormatError, BundleSignatureError, openBundle } from './bundle.ts';
import { aliasesOf, sqlClass } from './database.ts';
import { matchPath } from './match.ts';
import { NewerSdkRequired, Policy, PolicyValidationError } from './policy.ts';

const VECTOR = Buffer.from(
  '435a3031010000f15365000000000100e1000000400000000000000000000000101112131415161718191a1b554bb7eb6955dbb7ca0e2a796a1f0826' +
    'bb24116f78b63ede89dbd8453a313aa272c5756e90d20f8b1f42f373b0e3317a70c82e0586d4299dd0775948acf4cb1e6b8c1d1978c327161def5997' +
    'bba88dcd1f83c9d644f43618bad2502ecca8c1650e6e21c4dbde02b35438e15f4e0fa7fe30b9ca1cb3c4db9ed58ab28c11c1da21c6e1a24f1a879e91' +
    '12d6e2e996eb19538d460e3b33babfc294f62be1e09a9a09b98af210f3835df38837d864b615e58c5455924cec496bbcfead5904b812eeed3c4cae3e' +
    'c266917c4ebf666b897b2eb9a969c24040c2791d36760e70fa1c30301194fceb62d6d4f8471d493345e376e4b5d4e30f0a',
  'hex',
);
const KEYS = {
  encryptionKey: Buffer.from(Array.from({ length: 32 }, (_, index) => index)),
  signingKey: Buffer.from('2152f8d19b791d24453242e15f2eab6cb7cffa7b6a5ed30097960e069881db12', 'hex'),
};

describe('the second client, judged by published vectors', () => {
  it('opens the published bundle', () => {
    const opened = openBundle(VECTOR, KEYS);
    expect(opened).toMatchObject({ createdAt: 1_700_000_000, policyCount: 1 });
    const policy = new Policy(opened.payload);
    expect(policy.decide({ tool: 'file_read', method: 'read' })).toMatchObject({
      effect: 'allow',
      reason: 'policy:p1',
      policyId: 'rule-0',
    });
    expect(policy.decide({ tool: 'file_write', method: 'write' })).toMatchObject({
      effect: 'deny',
      policyId: 'synthetic:NO_RULE_MATCH',
    });
  });

  it('refuses every kind of damage', () => {
    const damaged = (change: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(VECTOR);
      change(bytes);
      return () => openBundle(bytes, KEYS);
    };
    expect(damaged((bytes) => bytes.write('CZ02', 0))).toThrow(BundleFormatError);
    expect(damaged((bytes) => bytes.writeUInt8(1, 24))).toThrow(BundleFormatError);
    expect(damaged((bytes) => bytes.writeUInt32LE(63, 20))).toThrow(BundleFormatError);
    expect(damaged((bytes) => bytes.writeUInt8(bytes[60]! ^ 1, 60))).toThrow(BundleSignatureError);
    expect(() => openBundle(Buffer.concat([VECTOR, Buffer.alloc(1)]), KEYS)).toThrow(BundleFormatError);
    expect(() => openBundle(VECTOR, { ...KEYS, encryptionKey: Buffer.alloc(32) })).toThrow(BundleSignatureError);
  });

  it('stops at slashes, reads classes and never matches a malformed pattern', () => {
    expect(matchPath('*', 'a/b')).toBe(false);
    expect(matchPath('/data/*', '/data/a')).toBe(true);
    expect(matchPath('/data/*', '/data/a/b')).toBe(false);
    expect(matchPath('[^a]x', 'bx')).toBe(true);
    expect(matchPath('[', '[')).toBe(false);
    expect(matchPath('a\\*', 'a*')).toBe(true);
  });

  it('knows the database words in one step', () => {
    expect(aliasesOf('database:SELECT')).toContain('database:read');
    expect(aliasesOf('database:SELECT')).not.toContain('database:query');
    expect(aliasesOf('database:write')).not.toContain('database:delete');
    expect(aliasesOf('database:delete')).toEqual(['database:delete', 'database:write', 'database:admin']);
    expect(sqlClass("SELECT 'DROP'; DELETE FROM t")).toBe('write');
    expect(sqlClass('/* DROP */ SELECT 1')).toBe('read');
    expect(sqlClass('frobnicate')).toBeNull();
  });

  it('tells empty from degraded', () => {
    const code = (payload: Record<string, unknown>) => new Policy(payload).decide({ tool: 'x' }).reasonCode;
    expect(code({ policies: [], metadata: { active_policy_count: 0 } })).toBe('OBSERVE_MODE_NO_POLICY');
    expect(code({ policies: [], metadata: { active_policy_count: 2 } })).toBe('BUNDLE_MISSING');
    expect(code({})).toBe('BUNDLE_MISSING');
    expect(code({ policies: [], default_on_empty: 'deny' })).toBe('NO_ACTIVE_POLICIES');
  });

  it('refuses what it cannot read: several patterns in a rule, a newer floor', () => {
    expect(() => new Policy({ policies: [{ id: 'p', rules: [{ actions: ['a', 'b'], effect: 'allow' }] }] })).toThrow(
      PolicyValidationError,
    );
    expect(() => new Policy({ policies: [], metadata: { min_sdk_version: '1.13.0' } })).toThrow(NewerSdkRequired);
    expect(() => new Policy({ policies: [], metadata: { min_sdk_version: '1.7.6' } })).not.toThrow();
  });

  it('evaluates lower priorities first, first match wins, gates resources', () => {
    const policy = new Policy({
      policies: [
        { id: 'late', priority: 50, rules: [{ id: 'l', actions: ['*'], effect: 'deny' }] },
        {
          id: 'early',
          priority: 1,
          rules: [{ id: 'e', actions: ['github:*'], effect: 'allow', resources: ['acme/*'] }],
        },
      ],
    });
    expect(policy.decide({ tool: 'github', method: 'list', resource: 'acme/x' })).toMatchObject({
      effect: 'allow',
      policyId: 'e',
    });
    expect(policy.decide({ tool: 'github', method: 'list' })).toMatchObject({ effect: 'deny', policyId: 'l' });
  });
});
