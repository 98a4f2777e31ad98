import pg from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { describeEachDatabase, temporaryPostgres } from '../../test/postgres.ts';
import { manualClock } from '../kernel/clock.ts';
import type { Database } from './database.ts';
import { openDatabases } from './open.ts';
import type { StateTables } from './tables.ts';

function announce(state: Database<StateTables>, channel: string, payload: string): Promise<void> {
  return state.write((_, { publish }) => publish(channel, payload));
}

describeEachDatabase((open) => {
  test('a change reaches the listeners of its channel before the write resolves, once', async () => {
    const { state, changes } = await open();
    const heard: string[] = [];
    changes.subscribe('keys', (payload) => heard.push(`keys ${payload}`));
    changes.subscribe('policies', (payload) => heard.push(`policies ${payload}`));
    await announce(state, 'keys', 'k1');
    expect(heard).toEqual(['keys k1']);
    await announce(state, 'policies', 'p1');
    expect(heard).toEqual(['keys k1', 'policies p1']);
  });

  test('a listener that stopped hears nothing more', async () => {
    const { state, changes } = await open();
    const heard: string[] = [];
    const stop = changes.subscribe('keys', (payload) => heard.push(payload));
    await announce(state, 'keys', 'k1');
    stop();
    await announce(state, 'keys', 'k2');
    expect(heard).toEqual(['k1']);
  });

  test('a failing listener keeps neither the others from hearing nor the write from resolving', async () => {
    const { state, changes } = await open();
    const heard: string[] = [];
    changes.subscribe('keys', () => {
      throw new Error('cache is broken');
    });
    changes.subscribe('keys', (payload) => heard.push(payload));
    await announce(state, 'keys', 'k1');
    expect(heard).toEqual(['k1']);
  });

  test('a payload that could not be sent to others refuses the write', async () => {
    const { state } = await open();
    await expect(announce(state, 'keys', 'ä'.repeat(3_600))).rejects.toThrow('send the id of what changed instead');
  });
});

describe('between processes on PostgreSQL', () => {
  async function twoProcesses() {
    const { location, remove } = await temporaryPostgres();
    const options = { ...location, clock: manualClock(), connections: 2 };
    const here = await openDatabases(options);
    const there = await openDatabases(options);
    const close = async () => {
      await here.close();
      await there.close();
      await remove();
    };
    return { here, there, close, databaseUrl: location.databaseUrl };
  }

  test('a committed change is heard by the other one, a rolled back one is not', async () => {
    const { here, there, close } = await twoProcesses();
    const heard: string[] = [];
    there.changes.subscribe('keys', (payload) => heard.push(payload));
    const failing = here.state.write(async (_, { publish }) => {
      await publish('keys', 'never');
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await announce(here.state, 'keys', 'k1');
    await vi.waitFor(() => expect(heard).toEqual(['k1']), { timeout: 1_000 });
    await here.audit.write((_, { publish }) => publish('keys', 'from audit'));
    await vi.waitFor(() => expect(heard).toEqual(['k1', 'from audit']), { timeout: 1_000 });
    await close();
  });

  test('a lost connection is told, sought again and told again, and changes are heard after it', async () => {
    const { here, there, close, databaseUrl } = await twoProcesses();
    const told: string[] = [];
    there.changes.onLost(() => told.push('lost'));
    there.changes.onRestored(() => told.push('restored'));
    there.changes.subscribe('keys', (payload) => told.push(payload));

    const admin = new pg.Client({ connectionString: databaseUrl });
    await admin.connect();
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    await vi.waitFor(() => expect(told).toEqual(['lost']), { timeout: 2_000 });
    expect(there.changes.connected).toBe(false);
    await vi.waitFor(() => expect(told).toEqual(['lost', 'restored']), { timeout: 5_000 });
    expect(there.changes.connected).toBe(true);
    await announce(here.state, 'keys', 'k1');
    await vi.waitFor(() => expect(told).toEqual(['lost', 'restored', 'k1']), { timeout: 1_000 });
    await admin.end();
    await close();
  });
});
