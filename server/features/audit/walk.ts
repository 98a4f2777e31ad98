import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { AuditTables } from '../../db/tables.ts';
import type { EntryFilter } from './filter.ts';
import { type Place, placeAfter, sliceQuery } from './scan.ts';
import type { EntryRow } from './store.ts';

/** Entries read in one statement: few enough that requests beside a walk wait for a few milliseconds at a time. */
const SLICE = 500;
/** After so many entries a walk ends, the newest having been seen. */
export const MOST_WALKED = 1_000_000;

/** What a walk hands out of every entry. */
export const WALKED = [
  'ts',
  'seq',
  'kind',
  'decision',
  'tool',
  'method',
  'reason_code',
  'policy_ref',
  'rule_tag',
  'client',
  'user_name',
  'latency_ms',
] as const satisfies readonly (keyof EntryRow)[];
export type WalkedEntry = Pick<EntryRow, (typeof WALKED)[number]>;

/**
 * Visits the entries of a project that a filter lets through, newest first, in slices between which other work runs.
 * Returns false when there were more than a million and the oldest were not visited.
 */
export async function walkEntries(
  db: Kysely<AuditTables>,
  request: { orgId: string; projectId: string; filter: EntryFilter },
  visit: (entry: WalkedEntry) => void,
): Promise<boolean> {
  let before: Place | undefined;
  for (let walked = 0; walked < MOST_WALKED; walked += SLICE) {
    const end = await placeAfter(db, request, before, SLICE);
    const rows = await sliceQuery(db, request, before, end).select(WALKED).execute();
    for (const row of rows) visit(row);
    if (end === null) return true;
    before = end;
    await nextTurn();
  }
  return false;
}
