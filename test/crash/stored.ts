import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import { databasePaths } from '../../server/db/open.ts';

// biome-ignore lint/suspicious/noExplicitAny: rows of whatever was selected
type Row = any;

/** What is in both databases while no server runs, read without the server's code. */
export interface Stored {
  state(sql: string): Promise<Row[]>;
  audit(sql: string): Promise<Row[]>;
  close(): Promise<void>;
}

/**
 * Opens a copy of the SQLite files that a killed server left behind, so that recovering them here does not do the next
 * server's work. Throws when a file is damaged or a reference leads nowhere.
 */
export function openStoredSqlite(home: string): Stored {
  const copy = mkdtempSync(path.join(tmpdir(), 'cz-crash-'));
  cpSync(path.dirname(databasePaths(home).state), path.dirname(databasePaths(copy).state), { recursive: true });
  const { state: stateFile, audit: auditFile } = databasePaths(copy);
  const [state, audit] = [new BetterSqlite3(stateFile), new BetterSqlite3(auditFile)];
  for (const database of [state, audit]) {
    const damage = database.pragma('integrity_check', { simple: true });
    const lost = database.pragma('foreign_key_check') as unknown[];
    if (damage !== 'ok' || lost.length > 0) throw new Error(`${database.name}: ${damage}, ${JSON.stringify(lost)}`);
  }
  return {
    state: async (sql) => state.prepare(sql).all(),
    audit: async (sql) => audit.prepare(sql).all(),
    close: async () => {
      state.close();
      audit.close();
      rmSync(copy, { recursive: true, force: true });
    },
  };
}

/** Connects to the PostgreSQL database that a killed server wrote to. */
export async function openStoredPostgres(databaseUrl: string): Promise<Stored> {
  const [state, audit] = await Promise.all(
    ['cz_state', 'cz_audit'].map(async (schema) => {
      const client = new pg.Client({ connectionString: databaseUrl, options: `-c search_path=${schema}` });
      await client.connect();
      return client;
    }),
  );
  return {
    state: async (sql) => (await state!.query(sql)).rows,
    audit: async (sql) => (await audit!.query(sql)).rows,
    close: async () => {
      await Promise.all([state!.end(), audit!.end()]);
    },
  };
}
