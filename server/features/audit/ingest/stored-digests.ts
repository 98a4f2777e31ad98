import type { AuditSql } from '../../../db/audit-sql.ts';

const AT_ONCE = 100;

/** The digests of entries that are stored, by their key in hexadecimal. */
export async function storedDigests(sql: AuditSql, keys: readonly Buffer[]): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    const chunk = keys.slice(start, start + AT_ONCE);
    // Always the same number of places, so that there is one statement to prepare.
    const padded = Array.from({ length: AT_ONCE }, (_, index) => chunk[index] ?? chunk[0]!);
    const rows = await sql.all<{ entry_key: Buffer; digest: Buffer }>(
      `SELECT entry_key, digest FROM entries WHERE entry_key IN (${padded.map(() => '?').join(', ')})`,
      padded,
    );
    for (const row of rows) found.set(row.entry_key.toString('hex'), row.digest);
  }
  return found;
}
