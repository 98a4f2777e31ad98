import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { decodeCursor, encodeCursor, type Keyset, type Page } from '../../db/keyset.ts';
import type { ActivityOutboxTable } from '../../db/tables.ts';
import { containsText } from '../../db/text-search.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { type PageQuery, readingCursor, USUAL_LIMIT } from '../../kernel/paging.ts';

/** Which changes are looked for; what is absent does not narrow. Times are milliseconds. */
export interface ActivityFilter {
  /** The id or the label (an address, mostly) of who did it. */
  actor?: string | undefined;
  /** `noun.verb`, or `noun` for all of its verbs. */
  verb?: string | undefined;
  orgId?: string | undefined;
  /** The id of what was changed. */
  target?: string | undefined;
  /** The first moment that counts. */
  since?: number | undefined;
  /** The first moment that does not count any more. */
  until?: number | undefined;
  /** Text somewhere in verb, actor, target or details. */
  q?: string | undefined;
}

/** Changes looked at in one statement. On SQLite statements run in the server's own thread. */
export const SLICE = 2_000;
/** Slices looked at before a page is given back short. */
const MOST_SLICES = 500;

const NEWEST_FIRST: Keyset<Pick<ActivityOutboxTable, 'id'>> = {
  name: 'activity',
  columns: [['id', (row) => row.id]],
  direction: 'desc',
};

const COLUMNS = [
  'id',
  'org_id',
  'project_id',
  'at',
  'verb',
  'actor_kind',
  'actor_id',
  'actor_label',
  'target_type',
  'target_id',
  'request_id',
  'ip',
  'details',
] as const;

// biome-ignore lint/suspicious/noExplicitAny: the two tables have these columns in common, whatever database they are in
type ActivityQuery = SelectQueryBuilder<any, any, ActivityOutboxTable>;

/** Every administrative change: those in the ledger and those that still wait in the outbox. */
export class ActivityLog {
  private readonly databases: Kernel['databases'];

  constructor(kernel: Pick<Kernel, 'databases'>) {
    this.databases = kernel.databases;
  }

  /**
   * The changes that a filter lets through, newest first. 400 when the cursor is none of this list. After a million changes
   * it gives back what it has, also when that is less than asked; the cursor goes on.
   */
  async list(filter: ActivityFilter, page: PageQuery): Promise<Page<ActivityOutboxTable>> {
    const limit = page.limit ?? USUAL_LIMIT;
    const { cursor } = page;
    const before = cursor === undefined ? null : readingCursor(() => String(decodeCursor(NEWEST_FIRST, cursor)[0]));
    // The outbox first: what is moved in between is then seen twice, and not missed.
    const waiting = await newest(narrow(from(this.databases.state.read, 'activity_outbox'), filter, before), limit + 1);
    const { rows: kept, reached } = await this.inLedger(filter, before, limit + 1);
    const byId = new Map([...waiting, ...kept].map((row) => [row.id, row]));
    const rows = [...byId.values()]
      .filter((row) => reached === null || row.id >= reached)
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    if (rows.length > limit) return { rows: rows.slice(0, limit), next: encodeCursor(NEWEST_FIRST, rows[limit - 1]!) };
    return { rows, next: reached === null ? null : encodeCursor(NEWEST_FIRST, { id: reached }) };
  }

  /** Looks through the ledger in slices and lets other work run between these; `reached` is null at its beginning. */
  private async inLedger(
    filter: ActivityFilter,
    before: string | null,
    wanted: number,
  ): Promise<{ rows: ActivityOutboxTable[]; reached: string | null }> {
    const ledger = () => from(this.databases.audit.read, 'activity');
    const rows: ActivityOutboxTable[] = [];
    let reached = before;
    for (let slices = 0; slices < MOST_SLICES; slices += 1) {
      const end = await idAfter(narrow(ledger(), {}, reached), SLICE);
      const slice = narrow(ledger(), filter, reached);
      rows.push(...(await newest(end === null ? slice : slice.where('id', '>=', end), wanted - rows.length)));
      if (rows.length === wanted || end === null) return { rows, reached: null };
      reached = end;
      await nextTurn();
    }
    return { rows, reached };
  }

  /** How many changes wait in the outbox. */
  async waiting(): Promise<number> {
    const { count } = await this.databases.state.read
      .selectFrom('activity_outbox')
      .select((select) => select.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** When the newest change was made; null when there never was one. */
  async newestAt(): Promise<number | null> {
    const rows = await Promise.all([
      newest(from(this.databases.state.read, 'activity_outbox'), 1),
      newest(from(this.databases.audit.read, 'activity'), 1),
    ]);
    const times = rows.flat().map((row) => row.at);
    return times.length === 0 ? null : Math.max(...times);
  }
}

function from(reader: unknown, table: 'activity' | 'activity_outbox'): ActivityQuery {
  return (reader as Kysely<Record<string, ActivityOutboxTable>>).selectFrom(table).select(COLUMNS) as ActivityQuery;
}

function newest(query: ActivityQuery, count: number): Promise<ActivityOutboxTable[]> {
  return query.orderBy('id', 'desc').limit(count).execute();
}

/** The id `count` steps back; null when there are fewer. */
async function idAfter(query: ActivityQuery, count: number): Promise<string | null> {
  const row = await query
    .clearSelect()
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .offset(count - 1)
    .executeTakeFirst();
  return row?.id ?? null;
}

function narrow(query: ActivityQuery, filter: ActivityFilter, before: string | null): ActivityQuery {
  const { actor, verb, orgId, target, since, until, q } = filter;
  let narrowed = query;
  if (before !== null) narrowed = narrowed.where('id', '<', before);
  if (actor !== undefined) {
    narrowed = narrowed.where((row) => row.or([row('actor_id', '=', actor), row('actor_label', '=', actor)]));
  }
  if (verb !== undefined) {
    narrowed = narrowed.where((row) =>
      row.or([row('verb', '=', verb), sql<boolean>`substr(verb, 1, ${verb.length + 1}) = ${`${verb}.`}`]),
    );
  }
  if (orgId !== undefined) narrowed = narrowed.where('org_id', '=', orgId);
  if (target !== undefined) narrowed = narrowed.where('target_id', '=', target);
  if (since !== undefined) narrowed = narrowed.where('at', '>=', since);
  if (until !== undefined) narrowed = narrowed.where('at', '<', until);
  if (q !== undefined) {
    narrowed = narrowed.where(containsText(['verb', 'actor_label', 'target_type', 'target_id', 'details'], q));
  }
  return narrowed;
}
