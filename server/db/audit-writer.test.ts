import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { crash, insertThenFail, listIds, violate, waitForFile } from '../../test/fixtures/audit-writer/operations.ts';
import { describeEachDatabase } from '../../test/postgres.ts';
import { manualClock } from '../kernel/clock.ts';
import { appendActivity } from './append-activity.ts';
import { type AuditWriter, type AuditWriterOptions, startAuditWriter } from './audit-writer.ts';
import { silentLog } from './database.ts';
import { AuditWriterCrashedError, BusyError, isUniqueViolation } from './errors.ts';
import type { Databases } from './open.ts';
import type { ActivityOutboxTable } from './tables.ts';

const thread = new URL('../../test/fixtures/audit-writer/thread.worker.ts', import.meta.url);
const weight = { rows: 1, bytes: 100 };

const entry = (id: string): ActivityOutboxTable => ({
  id,
  org_id: 'o1',
  project_id: null,
  at: 1_767_225_600_123,
  verb: 'policy.publish',
  actor_kind: 'user',
  actor_id: 'u1',
  actor_label: 'Ada',
  target_type: 'policy',
  target_id: 'p1',
  request_id: 'r1',
  ip: '127.0.0.1',
  details: '{"?":"\'"}',
});

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function start(databases: Databases, options: Partial<AuditWriterOptions> = {}): AuditWriter {
  const writer = startAuditWriter(databases, { clock: manualClock(), log: silentLog, thread, ...options });
  cleanUps.push(() => writer.close());
  return writer;
}

/** A batch that keeps the writer busy until `open` is called. */
function barrier(writer: AuditWriter): { opened: Promise<string>; open(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'barrier-'));
  cleanUps.push(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'open');
  const open = () => writeFileSync(file, '');
  cleanUps.push(open);
  return { opened: writer.run(waitForFile, file, weight), open };
}

async function stored({ audit }: Databases): Promise<string[]> {
  const rows = await audit.read.selectFrom('activity').select('id').orderBy('seq').execute();
  return rows.map((row) => row.id);
}

describeEachDatabase((open, engine) => {
  const { dialect } = engine;

  test('a batch is stored as it was given when its promise resolves', async () => {
    const databases = await open();
    const writer = start(databases);
    expect(await writer.run(appendActivity, [entry('a'), entry('b')], weight)).toBe(2);
    const rows = await databases.audit.read.selectFrom('activity').selectAll().orderBy('seq').execute();
    expect(rows).toEqual([
      { seq: 1, ...entry('a') },
      { seq: 2, ...entry('b') },
    ]);
  });

  test('a repeat is stored once, inside one batch, between batches and between groups', async () => {
    const databases = await open();
    const writer = start(databases);
    expect(await writer.run(appendActivity, [entry('a'), entry('a'), entry('b')], weight)).toBe(2);
    const [one, other] = await Promise.all([
      writer.run(appendActivity, [entry('b'), entry('c')], weight),
      writer.run(appendActivity, [entry('c'), entry('d')], weight),
    ]);
    expect([one, other]).toEqual([1, 1]);
    expect(await stored(databases)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a batch that fails is undone alone, with its own error, while its group is stored', async () => {
    const databases = await open();
    const writer = start(databases);
    const { opened, open: release } = barrier(writer);
    const before = writer.run(appendActivity, [entry('before')], weight);
    const failing = writer.run(insertThenFail, { id: 'undone' }, weight);
    const after = writer.run(appendActivity, [entry('after')], weight);
    release();
    await expect(failing).rejects.toMatchObject({ message: 'the operation changed its mind', code: 'CHANGED' });
    expect([await opened, await before, await after]).toEqual(['seen', 1, 1]);
    expect(await stored(databases)).toEqual(['before', 'after']);
  });

  test('a database error keeps its code on the way to the caller', async () => {
    const writer = start(await open());
    const error = await writer.run(violate, { id: 'a' }, weight).catch((caught: unknown) => caught);
    expect(isUniqueViolation(error)).toBe(true);
    expect(await writer.run(listIds, ['a'], weight)).toEqual([]);
  });

  test('a full queue refuses at once and takes batches again later', async () => {
    const databases = await open();
    const writer = start(databases, { queue: { rows: 3 } });
    const { opened, open: release } = barrier(writer);
    const fitting = writer.run(appendActivity, [entry('a'), entry('b')], { rows: 2, bytes: 1 });
    await expect(writer.run(appendActivity, [entry('c')], weight)).rejects.toBeInstanceOf(BusyError);
    expect(writer.load).toEqual({ batches: 2, rows: 3, bytes: 101 });
    release();
    await Promise.all([opened, fitting]);
    expect(writer.load).toEqual({ batches: 0, rows: 0, bytes: 0 });
    expect(await writer.run(appendActivity, [entry('c')], { rows: 50, bytes: 1 })).toBe(1);
    expect(await stored(databases)).toEqual(['a', 'b', 'c']);
  });

  test('closing answers what waits, then refuses', async () => {
    const databases = await open();
    const writer = start(databases);
    const { opened, open: release } = barrier(writer);
    const waiting = writer.run(appendActivity, [entry('a')], weight);
    const closed = writer.close();
    await expect(writer.run(appendActivity, [entry('b')], weight)).rejects.toBeInstanceOf(BusyError);
    release();
    expect([await opened, await waiting, await closed]).toEqual(['seen', 1, undefined]);
    expect(await stored(databases)).toEqual(['a']);
  });

  test('writes of the database itself and batches take turns and all are stored', async () => {
    const databases = await open();
    const writer = start(databases);
    const names = Array.from({ length: 40 }, (_, index) => `e${index}`);
    await Promise.all(
      names.map((name, index) =>
        index % 2 === 0
          ? writer.run(appendActivity, [entry(name)], weight)
          : databases.audit.write((transaction) => transaction.insertInto('activity').values(entry(name)).execute()),
      ),
    );
    expect((await stored(databases)).toSorted()).toEqual(names.toSorted());
  });

  test('a batch from inside a write of the audit database is refused instead of waiting for ever', async () => {
    const databases = await open();
    const writer = start(databases);
    const nested = databases.audit.write(() => writer.run(appendActivity, [entry('a')], weight));
    await expect(nested).rejects.toThrow('inside a write of the audit database');
    expect(await writer.run(appendActivity, [entry('b')], weight)).toBe(1);
  });

  test.runIf(dialect === 'postgres')('two processes that append the same entries store each of them once', async () => {
    const location = await engine.location();
    const [here, there] = await Promise.all([open({ location }), open({ location })]);
    const writers = [start(here), start(there)];
    const entries = Array.from({ length: 300 }, (_, index) => entry(`e${index}`));
    const batches = Array.from({ length: 30 }, (_, index) => entries.slice(index * 10, index * 10 + 10));
    const counts = await Promise.all([
      ...batches.map((batch) => writers[0]!.run(appendActivity, batch, weight)),
      ...batches.toReversed().map((batch) => writers[1]!.run(appendActivity, batch.toReversed(), weight)),
    ]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
    expect(new Set(await stored(here)).size).toBe(300);
  });

  test.runIf(dialect === 'sqlite')(
    'after a crash the waiting promises reject and the next batch is stored',
    async () => {
      const databases = await open();
      const writer = start(databases);
      await writer.run(appendActivity, [entry('kept')], weight);
      const outcomes = await Promise.allSettled([
        writer.run(crash, null, weight),
        writer.run(appendActivity, [entry('unknown')], weight),
      ]);
      for (const outcome of outcomes) {
        expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(AuditWriterCrashedError);
      }
      expect(await writer.run(appendActivity, [entry('later')], weight)).toBe(1);
      expect(await stored(databases)).toEqual(['kept', 'later']);
    },
  );

  test.runIf(dialect === 'sqlite')(
    'a writer that dies again and again is started again only after a pause',
    async () => {
      const clock = manualClock();
      const databases = await open();
      const writer = start(databases, { clock });
      for (const _ of [1, 2])
        await expect(writer.run(crash, null, weight)).rejects.toBeInstanceOf(AuditWriterCrashedError);
      await expect(writer.run(appendActivity, [entry('a')], weight)).rejects.toBeInstanceOf(BusyError);
      clock.advance(1_000);
      expect(await writer.run(appendActivity, [entry('a')], weight)).toBe(1);
    },
  );

  test.runIf(dialect === 'sqlite')(
    "the appliance's own thread knows its operations and names one it does not know",
    async () => {
      const databases = await open();
      const writer = startAuditWriter(databases, { clock: manualClock(), log: silentLog });
      cleanUps.push(() => writer.close());
      expect(await writer.run(appendActivity, [entry('a')], weight)).toBe(1);
      await expect(writer.run(crash, null, weight)).rejects.toThrow('There is no audit operation "test.crash"');
    },
  );
});
