import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manualClock } from '../kernel/clock.ts';
import { BusyError } from './errors.ts';
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

test('a data directory that cannot be written is refused and leaves nothing open', async () => {
  writeFileSync(join(directory, 'data'), 'a file in the way');
  await expect(openDatabases({ directory, clock: manualClock() })).rejects.toThrow();
});

test('a damaged database file is named, with what to do', async () => {
  const { state } = databasePaths(directory);
  await (await openDatabases({ directory, clock: manualClock() })).close();
  writeFileSync(state, 'no database at all');
  await expect(openDatabases({ directory, clock: manualClock() })).rejects.toThrow(
    `The database ${state} cannot be opened: file is not a database. Put back a copy`,
  );
});

test('a PostgreSQL server that is not there is told as such, without the password', async () => {
  const databaseUrl = 'postgres://user:hunter2@127.0.0.1:1/db';
  const error = await openDatabases({ databaseUrl, clock: manualClock() }).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    name: 'DatabaseUnreachableError',
    message: expect.stringMatching(/DATABASE_URL.*ECONNREFUSED/),
  });
  expect(inspect(error, { showHidden: true })).not.toContain('hunter2');
});

test('when too many writes wait, further ones are refused until the line is shorter', async () => {
  const { state, close } = await openDatabases({ directory, clock: manualClock() });
  let release = () => {};
  const first = await new Promise<{ done: Promise<void> }>((started) => {
    const done = state.write(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
          started({ done });
        }),
    );
  });
  const line = Array.from({ length: 2_000 }, () => state.write(async () => {}));
  await expect(state.write(async () => {})).rejects.toBeInstanceOf(BusyError);
  release();
  await Promise.all([first.done, ...line]);
  expect(await state.write(async () => 'again')).toBe('again');
  await close();
});

test.each(['postgres', 'mysql://user:hunter2@host/db', 'postgres://user:hunter2@[host/db'])(
  'an address that is no PostgreSQL database is refused without showing it: %s',
  async (databaseUrl) => {
    const error = await openDatabases({ databaseUrl, clock: manualClock() }).catch((caught: unknown) => caught);
    expect(String(error)).toContain('DATABASE_URL is not the address of a PostgreSQL database');
    expect(inspect(error, { showHidden: true })).not.toContain('hunter2');
  },
);
