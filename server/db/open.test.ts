import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manualClock } from '../kernel/clock.ts';
import { databasePaths, openDatabases } from './open.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'databases-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test('the database files and their directory are readable by their owner only', async () => {
  const databases = await openDatabases({ directory, clock: manualClock() });
  await databases.state.write((transaction) =>
    transaction
      .insertInto('settings')
      .values({ key: 'hostname', value: '"here"', updated_at: 1, updated_by: null })
      .execute(),
  );
  const { state, audit } = databasePaths(directory);
  for (const path of [state, audit, `${state}-wal`]) expect(statSync(path).mode & 0o777, path).toBe(0o600);
  expect(statSync(join(directory, 'data')).mode & 0o777).toBe(0o700);
  await databases.close();
});

test('a database opened again keeps its rows', async () => {
  const clock = manualClock();
  const first = await openDatabases({ directory, clock });
  await first.state.write((transaction) =>
    transaction
      .insertInto('settings')
      .values({ key: 'hostname', value: '"here"', updated_at: 1, updated_by: null })
      .execute(),
  );
  await first.close();
  const second = await openDatabases({ directory, clock });
  const rows = await second.state.read.selectFrom('settings').selectAll().execute();
  expect(rows).toEqual([{ key: 'hostname', value: '"here"', updated_at: 1, updated_by: null }]);
  await second.close();
});
