import type { Transaction } from 'kysely';
import type { StateTables } from '../db/tables.ts';
import { type Actor, actorId, actorLabel } from './actor.ts';
import type { Kernel } from './kernel.ts';
import type { ActivityEntry, RequestContext } from './request-context.ts';

type Stamps = Pick<Kernel, 'clock' | 'newId'>;

/** Writes one activity entry into the outbox, inside the transaction of the change it describes. */
export async function writeActivity(
  trx: Transaction<StateTables>,
  stamps: Stamps,
  who: { actor: Actor; requestId: string; ip: string | null },
  entry: ActivityEntry & { verb: string },
): Promise<void> {
  await trx
    .insertInto('activity_outbox')
    .values({
      id: stamps.newId(),
      org_id: entry.orgId ?? null,
      project_id: entry.projectId ?? null,
      at: stamps.clock.now(),
      verb: entry.verb,
      actor_kind: who.actor.kind,
      actor_id: actorId(who.actor),
      actor_label: actorLabel(who.actor),
      target_type: entry.target?.type ?? null,
      target_id: entry.target?.id ?? null,
      request_id: who.requestId,
      ip: who.ip,
      details: JSON.stringify(entry.details ?? {}),
    })
    .execute();
}

/** The context of work that the appliance does by itself (timers, start-up, the command line in process). */
export function ownContext(stamps: Stamps, actor: Actor, requestId: string): RequestContext {
  return {
    actor,
    requestId,
    ip: null,
    record: (trx, entry) =>
      writeActivity(trx, stamps, { actor, requestId, ip: null }, { ...entry, verb: entry.verb ?? 'system.change' }),
  };
}
