import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { TamperAlertsTable } from './schema.ts';

export type TamperAlert = Selectable<TamperAlertsTable>;

type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

export interface TamperAlertFilter {
  machineId?: string | undefined;
  source?: string | undefined;
  /** Seen at or after; milliseconds since the Unix epoch. */
  since?: number | undefined;
}

export function findByRepeatKey(db: Reader, projectId: string, repeatKey: string): Promise<TamperAlert | undefined> {
  return db
    .selectFrom('tamper_alerts')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('repeat_key', '=', repeatKey)
    .executeTakeFirst();
}

/** Adds a report, or counts one up that was added meanwhile. */
export async function insertOrCount(trx: Writer, row: TamperAlert): Promise<void> {
  await trx
    .insertInto('tamper_alerts')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'repeat_key']).doUpdateSet((set) => ({
        count: set('tamper_alerts.count', '+', 1),
        last_seen_at: row.last_seen_at,
      })),
    )
    .execute();
}

/** Removes all but the `keep` reports of a project that were seen last. */
export async function removeOldest(trx: Writer, projectId: string, keep: number): Promise<void> {
  const surplus = await trx
    .selectFrom('tamper_alerts')
    .select('id')
    .where('project_id', '=', projectId)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .offset(keep)
    .limit(100)
    .execute();
  if (surplus.length === 0) return;
  const ids = surplus.map((row) => row.id);
  await trx.deleteFrom('tamper_alerts').where('id', 'in', ids).execute();
}

/** The reports of a project, the newest first. */
export function listTamperAlerts(
  db: Reader,
  projectId: string,
  filter: TamperAlertFilter,
  page: PageQuery,
): Promise<Page<TamperAlert>> {
  let query = db.selectFrom('tamper_alerts').selectAll().where('project_id', '=', projectId);
  if (filter.machineId !== undefined) query = query.where('machine_id', '=', filter.machineId);
  if (filter.source !== undefined) query = query.where('source', '=', filter.source);
  if (filter.since !== undefined) query = query.where('last_seen_at', '>=', filter.since);
  return readList(query, { name: 'tamper-alerts', columns: [['id', (row) => row.id]], direction: 'desc' }, page);
}
