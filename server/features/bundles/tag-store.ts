import type { Selectable } from 'kysely';
import type { Reader, Writer } from './key-store.ts';
import type { RuleTagFacts, RuleTagsTable } from './schema.ts';

type RuleTagRow = Selectable<RuleTagsTable>;

/** The tags that rules of these policies have already, in these versions and at most some others. */
export async function tagsOfPolicies(
  db: Reader,
  policies: readonly { policyId: string; version: number }[],
): Promise<RuleTagRow[]> {
  if (policies.length === 0) return [];
  const [ids, versions] = [policies.map(({ policyId }) => policyId), policies.map(({ version }) => version)];
  // A policy that was edited a thousand times has tags for every version; a build needs those of one.
  return db
    .selectFrom('rule_tags')
    .selectAll()
    .where('policy_id', 'in', [...new Set(ids)])
    .where('version', 'in', [...new Set(versions)])
    .execute();
}

/** The largest number that an organization has given out; 0 when it has none. */
export async function largestTagNumber(db: Reader, orgId: string): Promise<number> {
  const row = await db
    .selectFrom('rule_tags')
    .select('number')
    .where('org_id', '=', orgId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.number ?? 0;
}

/** How often this state has been restored; 1 when never. */
export async function currentEpoch(db: Reader): Promise<number> {
  const row = await db.selectFrom('epoch').select('epoch').where('id', '=', 1).executeTakeFirstOrThrow();
  return row.epoch;
}

const ROWS_AT_ONCE = 100;

/**
 * Adds tags; false when another transaction gave out one of the numbers. On PostgreSQL that one runs this transaction
 * again instead, which a plain insert would not.
 */
export async function insertTags(trx: Writer, rows: readonly RuleTagRow[]): Promise<boolean> {
  let inserted = 0n;
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const result = await trx
      .insertInto('rule_tags')
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    inserted += result.numInsertedOrUpdatedRows ?? 0n;
  }
  return inserted === BigInt(rows.length);
}

/** What the audit database does not have yet, oldest first. */
export async function tagsNotInAudit(db: Reader, limit: number): Promise<RuleTagFacts[]> {
  const rows = await db
    .selectFrom('rule_tags')
    .selectAll()
    .where('in_audit', '=', 0)
    .orderBy('created_at')
    .limit(limit)
    .execute();
  return rows.map(({ in_audit: _flag, number: _number, ...facts }) => facts);
}

/** Notes that the audit database has them. */
export async function markInAudit(trx: Writer, tags: readonly RuleTagFacts[]): Promise<void> {
  const byOrg = new Map<string, string[]>();
  for (const { org_id, tag } of tags) byOrg.set(org_id, [...(byOrg.get(org_id) ?? []), tag]);
  for (const [orgId, names] of byOrg) {
    await trx
      .updateTable('rule_tags')
      .set({ in_audit: 1 })
      .where('org_id', '=', orgId)
      .where('tag', 'in', names)
      .execute();
  }
}
