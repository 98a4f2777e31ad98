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
import { activityJson } from './service.ts';

const HOUR = 3_600_000;
const log = createLog('silent');
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

describeEachDatabase((open) => {
  async function ledger(databases: Databases) {
    const clock = manualClock();
    const auditWriter = startAuditWriter(databases, { clock, log });
    cleanUps.push(() => auditWriter.close());
    const stamps = { clock, newId: uuidSource(clock) };
    const record = (
      verb: string,
      facts: { orgId?: string; projectId?: string; userId?: string; target?: string } = {},
    ) => {
      clock.advance(HOUR);
      const actor = { kind: 'system' as const, task: facts.userId ?? 'sweep' };
      const target = { type: 'policy', id: facts.target ?? 'p' };
      const entry = { verb, orgId: facts.orgId ?? null, projectId: facts.projectId ?? null, target };
      return databases.state.write((trx) =>
        writeActivity(trx, stamps, { actor, requestId: 'r', ip: '127.0.0.1' }, entry),
      );
    };
    return { ...activityFeature({ databases, auditWriter, log }), auditWriter, record, clock };
  }

  it('moves what was recorded into the ledger, once', async () => {
    const databases = await open();
    const { service, record } = await ledger(databases);
    await record('policy.create', { orgId: 'org', projectId: 'project' });
    await Promise.all([service.drain(), service.drain()]);
    await service.drain();
    const rows = await databases.audit.read.selectFrom('activity').selectAll().execute();
    expect(rows.map(activityJson)).toEqual([
      {
        id: rows[0]!.id,
        at: '2026-01-01T01:00:00.000Z',
        verb: 'policy.create',
        org_id: 'org',
        project_id: 'project',
        actor: { kind: 'system', id: 'sweep', label: 'system:sweep' },
        target: { type: 'policy', id: 'p' },
        request_id: 'r',
        ip: '127.0.0.1',
        details: {},
      },
    ]);
    expect(await databases.state.read.selectFrom('activity_outbox').select('id').execute()).toEqual([]);
  });

  it('shows a record as soon as its change is committed, newest first, in pages', async () => {
    const { service, record } = await ledger(await open());
    for (const verb of ['a.one', 'a.two', 'b.one', 'ab.one', 'a.three']) await record(verb, { orgId: 'org' });
    for (const filter of [{}, { orgId: 'org' }]) {
      const first = await service.list(filter, { limit: 3 });
      const second = await service.list(filter, { limit: 3, cursor: first.next ?? '' });
      expect([...first.rows, ...second.rows].map((row) => row.verb)).toEqual([
        'a.three',
        'ab.one',
        'b.one',
        'a.two',
        'a.one',
      ]);
      expect(second.next).toBeNull();
    }
    const other = await service.list({}, { limit: 1 });
    await expect(service.list({ orgId: 'org' }, { cursor: other.next ?? '' })).rejects.toMatchObject({ status: 400 });
  });

  it('narrows by organization, project, verb, actor, target and time', async () => {
    const { service, record } = await ledger(await open());
    await record('policy.create', { orgId: 'one', projectId: 'p1' });
    await record('policy.publish', { orgId: 'one', projectId: 'p2', userId: 'ada' });
    await record('key.create', { orgId: 'two', target: 'k' });
    const start = Date.UTC(2026, 0, 1);
    const verbs = async (filter: Parameters<typeof service.list>[0]) =>
      (await service.list(filter, {})).rows.map((row) => row.verb);
    expect(await verbs({ orgId: 'one' })).toEqual(['policy.publish', 'policy.create']);
    expect(await verbs({ projectId: 'p1' })).toEqual(['policy.create']);
    expect(await verbs({ verb: 'policy' })).toEqual(['policy.publish', 'policy.create']);
    expect(await verbs({ verb: 'policy.create' })).toEqual(['policy.create']);
    expect(await verbs({ actorId: 'ada', actorKind: 'system' })).toEqual(['policy.publish']);
    expect(await verbs({ targetType: 'policy', targetId: 'k' })).toEqual(['key.create']);
    expect(await verbs({ since: start + 2 * HOUR, until: start + 3 * HOUR })).toEqual(['policy.publish']);
    await expect(service.list({ since: start, until: start }, {})).rejects.toMatchObject({ status: 400 });
  });

  it('keeps records while the ledger cannot be written, and still shows the others', async () => {
    const databases = await open();
    const { service, record, auditWriter } = await ledger(databases);
    await record('policy.create');
    await service.drain();
    await record('policy.publish');
    const full: AuditWriter = { ...auditWriter, run: () => Promise.reject(new BusyError('full')) };
    const stuck = activityFeature({ databases, auditWriter: full, log });
    await expect(stuck.service.drain()).rejects.toBeInstanceOf(BusyError);
    expect((await stuck.service.list({}, {})).rows.map((row) => row.verb)).toEqual(['policy.create']);
    expect((await service.list({}, {})).rows.map((row) => row.verb)).toEqual(['policy.publish', 'policy.create']);
  });

  it('moves the last records when it stops', async () => {
    const databases = await open();
    const { record, start, stop } = await ledger(databases);
    await start?.();
    await record('policy.create');
    await stop?.();
    expect(await databases.audit.read.selectFrom('activity').select('verb').execute()).toEqual([
      { verb: 'policy.create' },
    ]);
  });
});
