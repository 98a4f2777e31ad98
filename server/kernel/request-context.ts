import type { Transaction } from 'kysely';
import type { StateTables } from '../db/tables.ts';
import type { Actor } from './actor.ts';

/** What a change did to what, as the activity ledger keeps it. */
export interface ActivityEntry {
  /** `noun.verb`; defaults to the verb that the route declares. */
  verb?: string;
  orgId?: string | null;
  projectId?: string | null;
  target?: { type: string; id: string };
  /** Small facts a reader needs; never a secret, token, key or request body. */
  details?: Readonly<Record<string, unknown>>;
}

/**
 * Who asks, and the way to leave a trace. Services take it as their first argument.
 * `record` writes the activity entry inside the same state transaction as the change, so neither exists without the other.
 */
export interface RequestContext {
  readonly actor: Actor;
  readonly requestId: string;
  /** The caller's address after trusted proxies were taken into account; null for work of the appliance itself. */
  readonly ip: string | null;
  record(trx: Transaction<StateTables>, entry: ActivityEntry): Promise<void>;
}
