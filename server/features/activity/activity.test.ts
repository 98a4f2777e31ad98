import { afterEach, expect, it } from 'vitest';
import { describeEachDatabase } from '../../../test/postgres.ts';
import { type AuditWriter, startAuditWriter } from '../../db/audit-writer.ts';
import { BusyError } from '../../db/errors.ts';
import type { Databases } from '../../db/open.ts';
import { uuidSource } from '../../db/uuid.ts';
import { writeActivity } from '../../kernel/activity.ts';
import { manualClock } from '../../kernel/clock.ts';
import { createLog } from '../../kernel/logging.ts';
import { activityFeature } from './index.ts';

const log = createLog('silent');
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

describeEachDatabase((open) => {
  function ledger(databases: Databases) {
    const clock = manualClock();
    const auditWriter = startAuditWriter(databases, { clock, log });
    cleanUps.push(() => auditWriter.close());
    const stamps = { clock, newId: uuidSource(clock) };
    const who = { actor: { kind: 'system' as const, task: 'sweep' }, requestId: 'r', ip: '127.0.0.1' };
    const record = (verb: string) =>
      databases.state.write((trx) =>
        writeActivity(trx, stamps, who, { verb, orgId: 'org', target: { type: 'policy', id: 'p' } }),
      );
    return { ...activityFeature({ databases, auditWriter, log }), auditWriter, record };
  }
  const moved = async ({ audit }: Databases) =>
    (await audit.read.selectFrom('activity').select('verb').orderBy('seq').execute()).map((row) => row.verb);
  const waiting = async ({ state }: Databases) =>
    (await state.read.selectFrom('activity_outbox').select('verb').orderBy('id').execute()).map((row) => row.verb);

  it('moves records into the ledger as they are, once, in their order', async () => {
    const databases = await open();
    const { service, record } = ledger(databases);
    await record('policy.create');
    const [before] = await databases.state.read.selectFrom('activity_outbox').selectAll().execute();
    await Promise.all([service.drain(), record('policy.publish'), service.drain()]);
    await service.drain();
    expect(await moved(databases)).toEqual(['policy.create', 'policy.publish']);
    expect(await waiting(databases)).toEqual([]);
    const row = await databases.audit.read.selectFrom('activity').selectAll().executeTakeFirstOrThrow();
    expect(row).toEqual({ ...before, seq: row.seq });
  });

  it('keeps records while the ledger cannot be written', async () => {
    const databases = await open();
    const { service, record, auditWriter } = ledger(databases);
    await record('policy.create');
    const full: AuditWriter = { ...auditWriter, run: () => Promise.reject(new BusyError('full')) };
    const stuck = activityFeature({ databases, auditWriter: full, log });
    await expect(stuck.service.drain()).rejects.toBeInstanceOf(BusyError);
    await stuck.stop?.();
    expect([await waiting(databases), await moved(databases)]).toEqual([['policy.create'], []]);
    await service.drain();
    expect([await waiting(databases), await moved(databases)]).toEqual([[], ['policy.create']]);
  });

  it('moves the last records when it stops', async () => {
    const databases = await open();
    const { record, start, stop } = ledger(databases);
    await start?.();
    await record('policy.create');
    await stop?.();
    expect(await moved(databases)).toEqual(['policy.create']);
  });
});
