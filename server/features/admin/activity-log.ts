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

const NEWEST_FIRST: Keyset<ActivityOutboxTable> = {
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

  /** The changes that a filter lets through, newest first. 400 when the cursor is none of this list. */
  async list(filter: ActivityFilter, page: PageQuery): Promise<Page<ActivityOutboxTable>> {
    const limit = page.limit ?? USUAL_LIMIT;
    const { cursor } = page;
    const before = cursor === undefined ? null : readingCursor(() => String(decodeCursor(NEWEST_FIRST, cursor)[0]));
    const narrowed = (query: ActivityQuery) =>
      narrow(query, filter, before)
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
    // The outbox first: what is moved in between is then seen twice, and not missed.
    const waiting = await narrowed(from(this.databases.state.read, 'activity_outbox'));
    const kept = await narrowed(from(this.databases.audit.read, 'activity'));
    const byId = new Map([...waiting, ...kept].map((row) => [row.id, row]));
    const rows = [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    if (rows.length <= limit) return { rows, next: null };
    return { rows: rows.slice(0, limit), next: encodeCursor(NEWEST_FIRST, rows[limit - 1]!) };
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
    const newest = (query: ActivityQuery) => query.orderBy('id', 'desc').limit(1).executeTakeFirst();
    const rows = await Promise.all([
      newest(from(this.databases.state.read, 'activity_outbox')),
      newest(from(this.databases.audit.read, 'activity')),
    ]);
    const times = rows.flatMap((row) => (row === undefined ? [] : [row.at]));
    return times.length === 0 ? null : Math.max(...times);
  }
}

function from(reader: unknown, table: 'activity' | 'activity_outbox'): ActivityQuery {
  return (reader as Kysely<Record<string, ActivityOutboxTable>>).selectFrom(table).select(COLUMNS) as ActivityQuery;
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
