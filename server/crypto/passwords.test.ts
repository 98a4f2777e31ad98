import { describe, expect, test } from 'vitest';
import { BusyError, createPasswordHasher, DEFAULT_PASSWORD_COSTS, MAX_PASSWORD_BYTES } from './passwords.ts';

const costs = { memoryKib: 1024, passes: 2, lanes: 1 };

describe('password hasher', () => {
  test('by default hashes with Argon2id, 19 MiB, two passes, one lane', async () => {
    const hasher = createPasswordHasher();
    const stored = await hasher.hash('correct horse battery');
    expect(stored).toMatch(/^\$argon2id\$v=19\$/);
    expect(stored.split('$')[3]!.split(',').sort()).toEqual(['m=19456', 'p=1', 't=2']);
    expect(await hasher.verify(stored, 'correct horse battery')).toBe(true);
    expect(await hasher.verify(stored, 'correct horse batterz')).toBe(false);
    expect(hasher.needsRehash(stored)).toBe(false);
  });

  test('salts every hash', async () => {
    const hasher = createPasswordHasher({ costs });
    expect(await hasher.hash('same')).not.toBe(await hasher.hash('same'));
  });

  test('accepts the same password in another Unicode form', async () => {
    const hasher = createPasswordHasher({ costs });
    expect(await hasher.verify(await hasher.hash('caf\u00e9 au lait'), 'cafe\u0301 au lait')).toBe(true);
  });

  test('an unknown account is refused after the same work as a known one', async () => {
    const hasher = createPasswordHasher();
    const stored = await hasher.hash('something else');
    const time = async (hash: string | null) => {
      const started = performance.now();
      expect(await hasher.verify(hash, 'guess')).toBe(false);
      return performance.now() - started;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      known.push(await time(stored));
      unknown.push(await time(null));
    }
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });

  test('asks for a new hash when costs have changed', async () => {
    const old = await createPasswordHasher({ costs }).hash('long enough');
    expect(createPasswordHasher({ costs: DEFAULT_PASSWORD_COSTS }).needsRehash(old)).toBe(true);
    expect(createPasswordHasher({ costs }).needsRehash(old)).toBe(false);
    expect(createPasswordHasher({ costs }).needsRehash(old.replace('argon2id', 'argon2i'))).toBe(true);
  });

  test('a full queue is refused with a time to come back, and empties again', async () => {
    const hasher = createPasswordHasher({ costs, concurrency: 1, queueLimit: 2 });
    const accepted = [hasher.hash('a'), hasher.hash('b'), hasher.hash('c')];
    await expect(hasher.hash('d')).rejects.toThrow(BusyError);
    await expect(hasher.verify(null, 'd')).rejects.toMatchObject({ retryAfterSeconds: 1 });
    expect(hasher.load).toEqual({ running: 1, waiting: 2 });
    expect((await Promise.all(accepted)).every((text) => text.startsWith('$argon2id$'))).toBe(true);
    expect(hasher.load).toEqual({ running: 0, waiting: 0 });
    expect(await hasher.hash('d')).toMatch(/^\$argon2id\$/);
  });

  test('a failed check gives its place back', async () => {
    const hasher = createPasswordHasher({ costs, concurrency: 1, queueLimit: 0 });
    await expect(hasher.verify('$argon2id$v=19$broken', 'x')).rejects.toThrow();
    expect(hasher.load.running).toBe(0);
    expect(await hasher.verify(null, 'x')).toBe(false);
  });

  test('an over-long password is refused when set and simply wrong when checked', async () => {
    const hasher = createPasswordHasher({ costs });
    const longest = 'x'.repeat(MAX_PASSWORD_BYTES);
    const stored = await hasher.hash(longest);
    await expect(hasher.hash(`${longest}y`)).rejects.toThrow(RangeError);
    expect(await hasher.verify(stored, longest)).toBe(true);
    expect(await hasher.verify(stored, `${longest}y`)).toBe(false);
  });

  test('a stored text that is no hash is a clear error that does not repeat it', async () => {
    const hasher = createPasswordHasher({ costs });
    const error = await hasher.verify('plain-canary', 'plain-canary').then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error?.message).toContain('not an Argon2 hash');
    expect(error?.message).not.toContain('canary');
  });
});
