import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AuditTables, StateTables } from '../../db/tables.ts';
import type { AuditKeysTable, EntriesTable } from './schema.ts';

export type EntryRow = Selectable<EntriesTable>;
/** The rule behind a tag, as the entry's list shows it. */
export type RuleRow = Selectable<AuditTables['rule_tags']>;

/** Every version of an organization's data key, oldest first. */
export function findDataKeys(db: Kysely<StateTables>, orgId: string): Promise<Selectable<AuditKeysTable>[]> {
  return db.selectFrom('audit_keys').selectAll().where('org_id', '=', orgId).orderBy('version').execute();
}

/** Adds a data key unless that version is there. */
export async function insertDataKey(trx: Transaction<StateTables>, row: Selectable<AuditKeysTable>): Promise<void> {
  await trx
    .insertInto('audit_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['org_id', 'version']).doNothing())
    .execute();
}

/** The rules behind tags of an organization. */
export async function rulesByTag(
  db: Kysely<AuditTables>,
  orgId: string,
  tags: readonly string[],
): Promise<Map<string, RuleRow>> {
  if (tags.length === 0) return new Map();
  const rows = await db
    .selectFrom('rule_tags')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('tag', 'in', [...new Set(tags)])
    .execute();
  return new Map(rows.map((row) => [row.tag, row]));
}

/** An entry by its key, or undefined. */
export function findEntry(db: Kysely<AuditTables>, key: Buffer): Promise<EntryRow | undefined> {
  return db.selectFrom('entries').selectAll().where('entry_key', '=', key).executeTakeFirst();
}
