import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { AuditTables } from '../../db/tables.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { SLICE } from './scan.ts';

/** What SDKs reported, in figures. */
export interface Totals {
  /** Entries that are kept. */
  readonly entries: number;
  /** Decisions that arrived since the asked time, by outcome; those of test keys and of foreign projects are left out. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** How long figures are good enough to be given again. */
const FRESH_MILLISECONDS = 10_000;
const SLICE_OF_COUNT = 10 * SLICE;

/** Counts the entries of the whole appliance in slices and lets other work run between these. */
export class AuditTotals {
  private readonly kernel: Pick<Kernel, 'databases' | 'clock'>;
  private known: { since: number; at: number; totals: Promise<Totals> } | null = null;

  constructor(kernel: Pick<Kernel, 'databases' | 'clock'>) {
    this.kernel = kernel;
  }

  /** The figures, at most ten seconds old; `since` in milliseconds. Callers at the same time share one count. */
  totals(since: number): Promise<Totals> {
    const at = this.kernel.clock.now();
    const { known } = this;
    const fresh = known !== null && at >= known.at && at - known.at < FRESH_MILLISECONDS;
    if (fresh && Math.abs(known.since - since) < FRESH_MILLISECONDS) return known.totals;
    const totals = this.count(since);
    this.known = { since, at, totals };
    totals.catch(() => {
      if (this.known?.totals === totals) this.known = null;
    });
    return totals;
  }

  private async count(since: number): Promise<Totals> {
    const db = this.kernel.databases.audit.read;
    const ends = await db
      .selectFrom('entries')
      .select(({ fn }) => [fn.min<number | null>('seq').as('first'), fn.max<number | null>('seq').as('last')])
      .executeTakeFirstOrThrow();
    if (ends.first === null || ends.last === null) return { entries: 0, outcomes: {} };
    const [first, last] = [Number(ends.first), Number(ends.last)];
    const entries = await countBetween(db, first, last);
    return { entries, outcomes: await outcomesBetween(db, await firstSince(db, first, last, since), last, since) };
  }
}

async function countBetween(db: Kysely<AuditTables>, first: number, last: number): Promise<number> {
  let entries = 0;
  for (let from = first; from <= last; from += SLICE_OF_COUNT) {
    const { count } = await db
      .selectFrom('entries')
      .select((select) => select.fn.countAll().as('count'))
      .where('seq', '>=', from)
      .where('seq', '<', Math.min(from + SLICE_OF_COUNT, last + 1))
      .executeTakeFirstOrThrow();
    entries += Number(count);
    await nextTurn();
  }
  return entries;
}

/** Where the entries since a time begin. Entries are numbered as they arrive, so halving finds the place without an index on time. */
async function firstSince(db: Kysely<AuditTables>, first: number, last: number, since: number): Promise<number> {
  let [low, high] = [first, last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await db
      .selectFrom('entries')
      .select(['seq', 'received_at'])
      .where('seq', '>=', middle)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined || row.received_at >= since) high = middle;
    else low = Number(row.seq) + 1;
  }
  return low;
}

async function outcomesBetween(
  db: Kysely<AuditTables>,
  first: number,
  last: number,
  since: number,
): Promise<Record<string, number>> {
  const outcomes = new Map<string, number>();
  for (let from = first; from <= last; from += SLICE) {
    const rows = await db
      .selectFrom('entries')
      .select(({ fn }) => ['decision', fn.countAll().as('count')])
      .where('seq', '>=', from)
      .where('seq', '<', Math.min(from + SLICE, last + 1))
      .where('received_at', '>=', since)
      .where('kind', '=', 'decision')
      .where('is_test', '=', 0)
      .where('foreign_project', 'is', null)
      .groupBy('decision')
      .execute();
    for (const { decision, count } of rows) outcomes.set(decision, (outcomes.get(decision) ?? 0) + Number(count));
    await nextTurn();
  }
  // Words that SDKs made up may be names like __proto__; fromEntries takes them as they are.
  return Object.fromEntries(outcomes);
}
