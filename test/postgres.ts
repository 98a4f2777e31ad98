import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, inject } from 'vitest';
import type { DatabaseLog, DialectName } from '../server/db/database.ts';
import { type DatabaseLocation, type Databases, openDatabases } from '../server/db/open.ts';
import { type Clock, manualClock } from '../server/kernel/clock.ts';
import type {} from './global-postgres.ts';

/** What a suite that runs on both engines works with. */
export interface TestEngine {
  readonly dialect: DialectName;
  /**
   * Opens migrated, empty databases (or those at `location`, to open the same ones twice). They are closed and
   * removed after the test.
   */
  open(options?: { clock?: Clock; log?: DatabaseLog; location?: DatabaseLocation }): Promise<Databases>;
  /** Makes a place for databases of one test. */
  location(): Promise<DatabaseLocation>;
}

/**
 * Runs a suite on SQLite and on PostgreSQL, each in its own `describe`.
 *
 *     describeEachDatabase((open) => {
 *       test('…', async () => { const { state } = await open(); … });
 *     });
 *
 * `TEST_DATABASES=sqlite` leaves PostgreSQL out, for a quick look while working.
 */
export function describeEachDatabase(suite: (open: TestEngine['open'], engine: TestEngine) => void): void {
  describe('on SQLite', () => runOn('sqlite', temporaryDirectory, suite));
  describe.skipIf(process.env['TEST_DATABASES'] === 'sqlite')('on PostgreSQL', () =>
    runOn('postgres', temporaryPostgres, suite),
  );
}

interface TemporaryLocation {
  readonly location: DatabaseLocation;
  remove(): Promise<void>;
}

function runOn(
  dialect: DialectName,
  makeLocation: () => Promise<TemporaryLocation>,
  suite: (open: TestEngine['open'], engine: TestEngine) => void,
): void {
  const opened: Databases[] = [];
  const locations: TemporaryLocation[] = [];
  const engine: TestEngine = {
    dialect,
    async location() {
      const made = await makeLocation();
      locations.push(made);
      return made.location;
    },
    async open({ clock = manualClock(), log, location } = {}) {
      const place = location ?? (await engine.location());
      const databases = await openDatabases({ ...place, clock, connections: 4, ...(log && { log }) });
      const { close } = databases;
      let closing: Promise<void> | undefined;
      const once: Databases = Object.assign(databases, { close: () => (closing ??= close()) });
      opened.push(once);
      return once;
    },
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((databases) => databases.close()));
    await Promise.all(locations.splice(0).map((location) => location.remove()));
  });
  suite(engine.open, engine);
}

/** Makes a data directory that `remove` deletes with everything in it. */
export async function temporaryDirectory(): Promise<TemporaryLocation & { location: { directory: string } }> {
  const directory = mkdtempSync(join(tmpdir(), 'databases-'));
  return { location: { directory }, remove: async () => rmSync(directory, { recursive: true, force: true }) };
}

/** Makes a migrated PostgreSQL database that `remove` drops. */
export async function temporaryPostgres(): Promise<TemporaryLocation & { location: { databaseUrl: string } }> {
  const broker: string | undefined = inject('postgresBroker');
  if (broker === undefined)
    throw new Error('PostgreSQL is offered by test/global-postgres.ts; list it as globalSetup.');
  const databaseUrl = await ask(broker, 'POST');
  const name = new URL(databaseUrl).pathname;
  return {
    location: { databaseUrl },
    remove: async () => {
      await ask(`${broker}${name.slice(1)}`, 'DELETE');
    },
  };
}

async function ask(url: string, method: 'POST' | 'DELETE'): Promise<string> {
  const response = await fetch(url, { method });
  const text = await response.text();
  if (!response.ok) throw new Error(`The test database server failed: ${text}`);
  return text;
}
