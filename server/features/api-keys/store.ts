import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { ApiKeysTable } from './schema.ts';

export type ApiKeyRow = Selectable<ApiKeysTable>;

type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

/** The keys of a project, newest first. */
export function keysOfProject(db: Reader, projectId: string, page: PageQuery): Promise<Page<ApiKeyRow>> {
  return readList(
    db.selectFrom('api_keys').selectAll('api_keys').where('project_id', '=', projectId),
    { name: 'api-keys', columns: [['api_keys.id', (row) => row.id]], direction: 'desc' },
    page,
  );
}

/** A key of a project, or undefined. */
export function findKey(db: Reader, projectId: string, id: string): Promise<ApiKeyRow | undefined> {
  return db
    .selectFrom('api_keys')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
}

function counting(db: Reader, now: number) {
  return db
    .selectFrom('api_keys')
    .selectAll()
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]));
}

/** The key with this digest, unless it was revoked or has expired. */
export function findCountingKey(db: Reader, digest: string, now: number): Promise<ApiKeyRow | undefined> {
  return counting(db, now).where('digest', '=', digest).executeTakeFirst();
}

/** Every key that counts. */
export function allCountingKeys(db: Reader, now: number): Promise<ApiKeyRow[]> {
  return counting(db, now).execute();
}

/** The keys of a project that count. */
export function countingKeysOf(db: Reader, projectId: string, now: number): Promise<ApiKeyRow[]> {
  return counting(db, now).where('project_id', '=', projectId).orderBy('id').execute();
}

/** How many keys count. */
export async function countCountingKeys(db: Reader, now: number): Promise<number> {
  const { count } = await counting(db, now)
    .clearSelect()
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Keys by their ids, ended ones included. */
export async function keysById(db: Reader, ids: readonly string[]): Promise<ApiKeyRow[]> {
  if (ids.length === 0) return [];
  return db.selectFrom('api_keys').selectAll().where('id', 'in', ids).execute();
}

/** Adds a key; false, with nothing changed, when another key of the organization begins with the same characters. */
export async function insertKey(trx: Writer, row: ApiKeyRow): Promise<boolean> {
  const result = await trx
    .insertInto('api_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['org_id', 'prefix']).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Revokes a key; false when it was revoked already. */
export async function revokeKey(trx: Writer, id: string, now: number): Promise<boolean> {
  const result = await trx
    .updateTable('api_keys')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Notes what took a key's place and when the key ends; false when it was revoked or rotated already. */
export async function markRotated(
  trx: Writer,
  id: string,
  change: { to: string; expiresAt: number; revokedAt: number | null },
): Promise<boolean> {
  const result = await trx
    .updateTable('api_keys')
    .set({ rotated_to: change.to, expires_at: change.expiresAt, revoked_at: change.revokedAt })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('rotated_to', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Notes when a key was last used, unless a later use is noted already. */
export async function noteUse(trx: Writer, id: string, at: number): Promise<void> {
  await trx
    .updateTable('api_keys')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', at)]))
    .execute();
}
