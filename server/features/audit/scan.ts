import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { AuditTables } from '../../db/tables.ts';
import { conditionsOf, type EntryFilter, isSelective } from './filter.ts';
import type { EntryRow } from './store.ts';

/** A place in a project's entries, which are sorted by time and order of arrival. */
export interface Place {
  readonly ts: number;
  readonly seq: number;
}

export interface ScanRequest {
  readonly orgId: string;
  readonly projectId: string;
  readonly filter: EntryFilter;
  /** Where the page before ended; nothing for the newest. */
  readonly before?: Place | undefined;
  readonly limit: number;
}

export interface ScanResult {
  readonly rows: EntryRow[];
  /** Where to go on; null when nothing older is left. */
  readonly next: Place | null;
}

/** Entries looked at in one statement. On SQLite statements run in the server's own thread: this many cost a few milliseconds. */
export const SLICE = 5_000;
/** Slices looked at before a page is given back short. */
const MOST_SLICES = 100;

/**
 * Reads the entries of a project that a filter lets through, newest first.
 *
 * Looks at them in slices and lets other work run between these, so a rare filter over millions of entries holds up
 * nobody. After half a million entries it gives back what it has, also when that is less than asked; `next` goes on.
 */
export async function scanEntries(db: Kysely<AuditTables>, request: ScanRequest): Promise<ScanResult> {
  const rows: EntryRow[] = [];
  const { limit, filter } = request;
  let before = request.before;
  if (!isSelective(filter)) {
    const page = await slice(db, request, before, null, limit + 1);
    const next = page.length > limit ? placeOf(page[limit - 1]!) : null;
    return { rows: page.slice(0, limit), next };
  }
  for (let slices = 0; slices < MOST_SLICES; slices += 1) {
    const end = await placeAfter(db, request, before, SLICE);
    rows.push(...(await slice(db, request, before, end, limit + 1 - rows.length)));
    if (rows.length > limit) return { rows: rows.slice(0, limit), next: placeOf(rows[limit - 1]!) };
    if (end === null) return { rows, next: null };
    before = end;
    await nextTurn();
  }
  return { rows, next: before ?? null };
}

function placeOf({ ts, seq }: EntryRow): Place {
  return { ts, seq };
}

/**
 * The entries of a project in the window of a filter, narrowed to those after one place (and up to another).
 * Exactly one bound on each side: of two, SQLite takes the wider one for its way through the index, and every slice would
 * then pass over the whole window.
 */
function ofProject(
  db: Kysely<AuditTables>,
  { projectId, filter: { since, until } }: Pick<ScanRequest, 'projectId' | 'filter'>,
  before: Place | undefined,
  end: Place | null = null,
) {
  let query = db.selectFrom('entries').where('project_id', '=', projectId);
  if (end !== null) query = query.where(sql<boolean>`(ts, seq) >= (${end.ts}, ${end.seq})`);
  else if (since !== undefined) query = query.where('ts', '>=', since);
  // A cursor may come from a list with a later end.
  if (before !== undefined && (until === undefined || before.ts < until)) {
    return query.where(sql<boolean>`(ts, seq) < (${before.ts}, ${before.seq})`);
  }
  return until === undefined ? query : query.where('ts', '<', until);
}

/** The place of the entry `count` steps back; null when there are fewer. Touches the index alone. */
export async function placeAfter(
  db: Kysely<AuditTables>,
  request: Pick<ScanRequest, 'projectId' | 'filter'>,
  before: Place | undefined,
  count: number,
): Promise<Place | null> {
  const row = await ofProject(db, request, before)
    .select(['ts', 'seq'])
    .orderBy('ts', 'desc')
    .orderBy('seq', 'desc')
    .limit(1)
    .offset(count - 1)
    .executeTakeFirst();
  return row ?? null;
}

function slice(
  db: Kysely<AuditTables>,
  request: ScanRequest,
  before: Place | undefined,
  end: Place | null,
  limit: number,
): Promise<EntryRow[]> {
  return sliceQuery(db, request, before, end)
    .selectAll()
    .orderBy('ts', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
}

/** The entries between two places (the end included) that the filter lets through. */
export function sliceQuery(
  db: Kysely<AuditTables>,
  request: Pick<ScanRequest, 'orgId' | 'projectId' | 'filter'>,
  before: Place | undefined,
  end: Place | null,
) {
  return ofProject(db, request, before, end).where((entries) =>
    entries.and(conditionsOf(entries, request.orgId, request.filter)),
  );
}
