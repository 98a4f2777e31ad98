// The limit of audit ingest: better-sqlite3 inserting rows that are ready, into the same table with the same indexes
// and pragmas. Each line on standard input names a range of stored rows to insert; each line printed is what it took.
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import BetterSqlite3 from 'better-sqlite3';
import { databasePaths, openDatabases } from '../server/db/open.ts';
import { openSqliteWriter } from '../server/db/sqlite-connection.ts';
import { ENTRY_COLUMNS } from '../server/features/audit/ingest/entry.ts';
import { systemClock } from '../server/kernel/clock.ts';
import type { RawOrder, RawResult } from './lib/raw-order.ts';

const [directory, source] = process.argv.slice(2) as [string, string];
await (await openDatabases({ directory, clock: systemClock })).close();
const connection = openSqliteWriter(databasePaths(directory).audit, 'audit');
const marks = ENTRY_COLUMNS.map(() => '?').join(', ');
const insert = connection.prepare(
  `INSERT INTO entries (${ENTRY_COLUMNS.join(', ')}) VALUES (${marks}) ON CONFLICT (entry_key) DO NOTHING`,
);
const insertAll = connection.transaction((rows: readonly unknown[][]) => {
  for (const row of rows) insert.run(row);
});

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { after, rowsPerTransaction } = JSON.parse(line) as RawOrder;
  const rows = storedRows(after);
  const before = process.cpuUsage();
  const begun = performance.now();
  for (let at = 0; at < rows.length; at += rowsPerTransaction)
    insertAll.immediate(rows.slice(at, at + rowsPerTransaction));
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(before);
  const result: RawResult = { rows: rows.length, seconds, cpuSeconds: (user + system) / 1e6 };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** The rows that the server has stored after a place, as it stored them. */
function storedRows(after: number): unknown[][] {
  const stored = new BetterSqlite3(source, { readonly: true });
  const rows = stored
    .prepare(`SELECT ${ENTRY_COLUMNS.join(', ')} FROM entries WHERE seq > ? ORDER BY seq`)
    .raw()
    .all(after);
  stored.close();
  return rows as unknown[][];
}
