import { afterEach, expect, test } from 'vitest';
import { describeEachDatabase } from '../../test/postgres.ts';
import { manualClock } from '../kernel/clock.ts';
import { type AuditWriter, startAuditWriter } from './audit-writer.ts';
import { silentLog } from './database.ts';
import type { Databases } from './open.ts';
import { moveActivity } from './outbox.ts';
import { uuidSource } from './uuid.ts';

let writer: AuditWriter | undefined;
afterEach(async () => {
  await writer?.close();
  writer = undefined;
});

function start(databases: Databases): AuditWriter {
  writer = startAuditWriter(databases, { clock: manualClock(), log: silentLog });
  return writer;
}

async function record({ state }: Databases, count: number): Promise<string[]> {
  const newId = uuidSource(manualClock());
  const ids = Array.from({ length: count }, newId);
  const rows = ids.map((id) => ({ id, at: 1, verb: 'policy.publish', actor_kind: 'user', details: '{}' }));
  await state.write((transaction) =>
    transaction
      .insertInto('activity_outbox')
      .values(
        rows.map((row) => ({
          ...row,
          org_id: 'o',
          project_id: null,
          actor_id: null,
          actor_label: null,
          target_type: null,
          target_id: null,
          request_id: null,
          ip: null,
        })),
      )
      .execute(),
  );
  return ids;
}

async function ledger({ audit }: Databases): Promise<string[]> {
  const rows = await audit.read.selectFrom('activity').select('id').orderBy('seq').execute();
  return rows.map((row) => row.id);
}

async function outbox({ state }: Databases): Promise<number> {
  return (await state.read.selectFrom('activity_outbox').select('id').execute()).length;
}

describeEachDatabase((open) => {
  test('everything that waits is moved in its order, in several steps', async () => {
    const databases = await open();
    const ids = await record(databases, 1_200);
    expect(await moveActivity(databases.state, start(databases))).toBe(1_200);
    expect(await ledger(databases)).toEqual(ids);
    expect(await outbox(databases)).toBe(0);
    expect(await moveActivity(databases.state, writer!)).toBe(0);
  });

  test('a move that was interrupted after the ledger had the rows does not add them again', async () => {
    const databases = await open();
    const ids = await record(databases, 3);
    const interrupted = { ...databases.state, write: () => Promise.reject(new Error('the process was killed')) };
    await expect(moveActivity(interrupted, start(databases))).rejects.toThrow('the process was killed');
    expect([await ledger(databases), await outbox(databases)]).toEqual([ids, 3]);
    expect(await moveActivity(databases.state, writer!)).toBe(3);
    expect([await ledger(databases), await outbox(databases)]).toEqual([ids, 0]);
  });

  test('rows stay in the outbox when the ledger cannot take them', async () => {
    const databases = await open();
    await record(databases, 2);
    const closed = start(databases);
    await closed.close();
    await expect(moveActivity(databases.state, closed)).rejects.toThrow('closing');
    expect([await ledger(databases), await outbox(databases)]).toEqual([[], 2]);
  });
});
