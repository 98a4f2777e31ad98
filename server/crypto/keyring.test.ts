import { describe, expect, test } from 'vitest';
import { type Keyring, masterKeyId, openKeyring, SealError, type SealErrorCode, type WrappedKek } from './keyring.ts';

const master = Buffer.alloc(32, 1);
const otherMaster = Buffer.alloc(32, 2);
const secret = Buffer.from('canary-secret-value');

function ringWith(...purposes: string[]): { ring: Keyring; stored: WrappedKek[] } {
  const ring = openKeyring(master, []);
  const stored = purposes.map((purpose) => {
    const kek = ring.createKek(purpose);
    ring.adopt(kek);
    return kek;
  });
  return { ring, stored };
}

function codeOf(action: () => unknown): SealErrorCode | 'no error' {
  try {
    action();
  } catch (error) {
    if (error instanceof SealError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('keyring', () => {
  test('a sealed value opens in its own place, also in a ring opened later from what was stored', () => {
    const { ring, stored } = ringWith('provider');
    const sealed = ring.seal('provider.api-key', 'row-1', secret);
    expect(ring.open('provider.api-key', 'row-1', sealed)).toEqual(secret);
    expect(openKeyring(master, stored).open('provider.api-key', 'row-1', sealed)).toEqual(secret);
    expect(sealed.includes(secret)).toBe(false);
    expect(ring.open('provider.api-key', 'r', ring.seal('provider.api-key', 'r', Buffer.alloc(0)))).toHaveLength(0);
  });

  test('the same value never seals to the same bytes', () => {
    const { ring } = ringWith('provider');
    expect(ring.seal('provider.key', 'a', secret)).not.toEqual(ring.seal('provider.key', 'a', secret));
  });

  test('a ciphertext moved to another row, label or purpose does not open', () => {
    const { ring } = ringWith('provider', 'signing');
    const sealed = ring.seal('provider.key', 'row-1', secret);
    expect(codeOf(() => ring.open('provider.key', 'row-2', sealed))).toBe('tampered');
    expect(codeOf(() => ring.open('provider.other', 'row-1', sealed))).toBe('tampered');
    expect(codeOf(() => ring.open('signing.key', 'row-1', sealed))).toBe('tampered');
  });

  test('every changed byte is noticed', () => {
    const { ring } = ringWith('provider');
    const sealed = ring.seal('provider.key', 'row-1', secret);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 0x10;
      const expected = at === 0 ? 'malformed' : at < 5 ? 'unknown_key' : 'tampered';
      expect(codeOf(() => ring.open('provider.key', 'row-1', changed))).toBe(expected);
    }
    expect(codeOf(() => ring.open('provider.key', 'row-1', sealed.subarray(0, 32)))).toBe('malformed');
    expect(codeOf(() => ring.open('provider.key', 'row-1', sealed.subarray(0, -1)))).toBe('tampered');
  });

  test('another master key is named as the reason, and a forged id does not help', () => {
    const { stored } = ringWith('provider');
    expect(codeOf(() => openKeyring(otherMaster, stored))).toBe('wrong_master_key');
    const forged = stored.map((kek) => ({ ...kek, masterKeyId: masterKeyId(otherMaster) }));
    expect(codeOf(() => openKeyring(otherMaster, forged))).toBe('tampered');
  });

  test('a wrapped key cannot be changed, or passed off as another purpose or version', () => {
    const { stored } = ringWith('provider');
    const kek = stored[0]!;
    const changed = Buffer.from(kek.wrapped);
    changed[20]! ^= 1;
    expect(codeOf(() => openKeyring(master, [{ ...kek, wrapped: changed }]))).toBe('tampered');
    expect(codeOf(() => openKeyring(master, [{ ...kek, purpose: 'signing' }]))).toBe('tampered');
    expect(codeOf(() => openKeyring(master, [{ ...kek, version: 2 }]))).toBe('tampered');
    expect(codeOf(() => openKeyring(master, [{ ...kek, wrapped: changed.subarray(1) }]))).toBe('malformed');
  });

  test('rotating the master key rewraps the keys and leaves sealed values as they are', () => {
    const { ring } = ringWith('provider', 'signing');
    ring.adopt(ring.createKek('provider'));
    const sealed = ring.seal('provider.key', 'row-1', secret);
    const rewrapped = ring.rewrap(otherMaster);
    expect(rewrapped).toHaveLength(3);
    const rotated = openKeyring(otherMaster, rewrapped);
    expect(rotated.open('provider.key', 'row-1', sealed)).toEqual(secret);
    expect(codeOf(() => openKeyring(master, rewrapped))).toBe('wrong_master_key');
    expect(ring.open('provider.key', 'row-1', sealed)).toEqual(secret);
  });

  test('a new key version seals from when it is adopted, and old versions still open', () => {
    const { ring, stored } = ringWith('provider');
    const old = ring.seal('provider.key', 'row-1', secret);
    const next = ring.createKek('provider');
    expect(next.version).toBe(2);
    expect(ring.isOutdated('provider.key', old)).toBe(false);
    ring.adopt(next);
    ring.adopt(next);
    const renewed = ring.seal('provider.key', 'row-1', secret);
    expect(ring.open('provider.key', 'row-1', old)).toEqual(secret);
    expect(ring.isOutdated('provider.key', old)).toBe(true);
    expect(ring.isOutdated('provider.key', renewed)).toBe(false);
    expect(codeOf(() => openKeyring(master, stored).open('provider.key', 'row-1', renewed))).toBe('unknown_key');
    expect(openKeyring(master, [...stored, next]).open('provider.key', 'row-1', renewed)).toEqual(secret);
  });

  test('nothing is sealed with a key that was made but not adopted', () => {
    const ring = openKeyring(master, []);
    ring.createKek('provider');
    expect(() => ring.seal('provider.key', 'row-1', secret)).toThrow(/no key for "provider"/);
    expect(ring.purposes()).toEqual([]);
  });

  test.each(['', 'Provider.key', 'provider.', '.key', 'provider key', 'provider\0x'])(
    'the label %j is refused',
    (label) => {
      const { ring } = ringWith('provider');
      expect(() => ring.seal(label, 'row-1', secret)).toThrow(/misspelt/);
    },
  );

  test('a destroyed ring does nothing any more', () => {
    const { ring } = ringWith('provider');
    const sealed = ring.seal('provider.key', 'row-1', secret);
    ring.destroy();
    expect(() => ring.open('provider.key', 'row-1', sealed)).toThrow(/destroyed/);
    expect(() => ring.seal('provider.key', 'row-1', secret)).toThrow(/destroyed/);
    expect(() => ring.createKek('provider')).toThrow(/destroyed/);
  });

  test('a caller that zeroes its master key afterwards disturbs nothing', () => {
    const own = Buffer.from(master);
    const ring = openKeyring(own, []);
    own.fill(0);
    const kek = ring.createKek('provider');
    expect(() => openKeyring(master, [kek])).not.toThrow();
  });

  test('errors and records carry neither key nor value', () => {
    const { ring, stored } = ringWith('provider');
    const sealed = ring.seal('provider.key', 'row-1', secret);
    let thrown: unknown;
    try {
      ring.open('provider.key', 'row-2', sealed);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SealError);
    expect(`${(thrown as Error).stack} ${JSON.stringify(thrown)}`).not.toContain('canary');
    expect(JSON.stringify(stored)).not.toContain(JSON.stringify([...master]).slice(1, -1));
    expect(masterKeyId(master)).not.toBe(masterKeyId(otherMaster));
    expect(() => openKeyring(Buffer.alloc(16), [])).toThrow(/32 bytes; this one has 16/);
  });
});
