import { appendActivity } from './append-activity.ts';
import type { AuditWriter } from './audit-queue.ts';
import type { Database } from './database.ts';
import type { StateTables } from './tables.ts';

/** Rows moved in one step: small enough for one short transaction on either side. */
const rowsAtOnce = 500;
/** A generous estimate of one row, for the limits of the writer's queue. */
const bytesPerRow = 1_000;

/**
 * Moves what waits in the activity outbox into the ledger, oldest first, and returns how many rows left the outbox.
 *
 * Each row reaches the ledger exactly once, however often a move is interrupted: a row leaves the outbox only after
 * the ledger has it, and one that the ledger has already is not added again. With several processes run it through
 * `tryExclusively`, so that they do not all move the same rows. An error leaves the rest for the next call.
 */
export async function moveActivity(state: Database<StateTables>, writer: AuditWriter): Promise<number> {
  for (let moved = 0; ; ) {
    const entries = await state.read
      .selectFrom('activity_outbox')
      .selectAll()
      .orderBy('id')
      .limit(rowsAtOnce)
      .execute();
    if (entries.length > 0) {
      await writer.run(appendActivity, entries, { rows: entries.length, bytes: entries.length * bytesPerRow });
      const ids = entries.map((entry) => entry.id);
      await state.write((transaction) => transaction.deleteFrom('activity_outbox').where('id', 'in', ids).execute());
      moved += entries.length;
    }
    if (entries.length < rowsAtOnce) return moved;
  }
}
