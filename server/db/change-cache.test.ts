import { expect, it } from 'vitest';
import { ChangeCache } from './change-cache.ts';
import { localChanges } from './changes.ts';

function countingCache() {
  const changes = localChanges();
  const loads: string[] = [];
  const stored = new Map<string, number | null>();
  const cache = new ChangeCache<number | null>(changes, 'rows', async (key) => {
    loads.push(key);
    return stored.get(key) ?? null;
  });
  return { changes, loads, stored, cache };
}

it('loads a key once, also when there is nothing', async () => {
  const { cache, stored, loads } = countingCache();
  stored.set('a', 1);
  expect([await cache.get('a'), await cache.get('a'), await cache.get('b'), await cache.get('b')]).toEqual([
    1,
    1,
    null,
    null,
  ]);
  expect(loads).toEqual(['a', 'b']);
});

it('loads again after a notice of its channel, and only then', async () => {
  const { cache, stored, changes } = countingCache();
  stored.set('a', 1);
  await cache.get('a');
  stored.set('a', 2);
  changes.deliver('other', 'a');
  expect(await cache.get('a')).toBe(1);
  changes.deliver('rows', 'a');
  expect(await cache.get('a')).toBe(2);
});

it('does not keep what it began to read before a notice', async () => {
  const { cache, stored, changes } = countingCache();
  stored.set('a', 1);
  const early = cache.get('a');
  stored.set('a', 2);
  changes.deliver('rows', 'a');
  expect(await early).toBe(1);
  expect(await cache.get('a')).toBe(2);
});

it('keeps nothing while other processes cannot be heard', async () => {
  const { cache, stored, changes } = countingCache();
  stored.set('a', 1);
  await cache.get('a');
  changes.setConnected(false);
  stored.set('a', 2);
  expect(await cache.get('a')).toBe(2);
  stored.set('a', 3);
  expect(await cache.get('a')).toBe(3);
  changes.setConnected(true);
  stored.set('a', 4);
  expect(await cache.get('a')).toBe(4);
  stored.set('a', 5);
  expect(await cache.get('a')).toBe(4);
});

it('does not remember a failure', async () => {
  const changes = localChanges();
  let fails = true;
  const cache = new ChangeCache(changes, 'rows', async () => {
    if (fails) throw new Error('no database');
    return 1;
  });
  await expect(cache.get('a')).rejects.toThrow('no database');
  fails = false;
  expect(await cache.get('a')).toBe(1);
});
