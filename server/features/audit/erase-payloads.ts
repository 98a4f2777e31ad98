import type { AuditOperation } from '../../db/audit-group.ts';
import type { SqlValue } from '../../db/audit-sql.ts';

/** Rows of each table that one step touches: few enough to hold up ingest for milliseconds only. */
const AT_ONCE = 500;

/** Where a step begins. */
export interface ErasureStep {
  readonly orgId: string;
  /** The last row in quarantine that an earlier step looked at; 0 at first. */
  readonly afterQuarantined: number;
}

/** What a step did. */
export interface ErasureProgress {
  readonly payloads: number;
  readonly quarantined: number;
  /** The last row in quarantine that was looked at; null when nothing is left to erase. */
  readonly afterQuarantined: number | null;
}

/**
 * Erases the arguments and payloads that an organization kept, a few hundred rows at a time. Entries stay as they are:
 * their digests are over salted digests of payloads. Rows in quarantine lose their content and keep everything else.
 */
export const erasePayloads: AuditOperation<ErasureStep, ErasureProgress> = {
  name: 'audit.erase-payloads',
  async run(sql, { orgId, afterQuarantined }) {
    const payloads = await sql.run(
      `DELETE FROM entry_payloads WHERE entry_key IN (SELECT entry_key FROM entry_payloads WHERE org_id = ? LIMIT ${AT_ONCE})`,
      [orgId],
    );
    const aside = await sql.all<{ seq: number }>(
      `SELECT seq FROM quarantine WHERE org_id = ? AND seq > ? ORDER BY seq LIMIT ${AT_ONCE}`,
      [orgId, afterQuarantined],
    );
    const last = aside.at(-1)?.seq ?? afterQuarantined;
    const range: SqlValue[] = [orgId, afterQuarantined, last];
    const quarantined = await sql.run(
      "UPDATE quarantine SET form = 'erased', key_version = NULL, content = ? WHERE org_id = ? AND seq > ? AND seq <= ? AND form <> 'erased'",
      [Buffer.alloc(0), ...range],
    );
    const more = payloads === AT_ONCE || aside.length === AT_ONCE;
    return { payloads, quarantined, afterQuarantined: more ? Number(last) : null };
  },
};
