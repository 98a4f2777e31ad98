import type { Page } from '../../db/keyset.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { invalid } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import type { ActivityMover } from './mover.ts';
import { type ActivityFilter, type ActivityRow, findActivity } from './store.ts';

export type { ActivityFilter } from './store.ts';

/** Reads the ledger of administrative changes. */
export class ActivityService {
  private readonly kernel: Pick<Kernel, 'databases' | 'log'>;
  private readonly mover: Pick<ActivityMover, 'drain'>;

  constructor(kernel: Pick<Kernel, 'databases' | 'log'>, mover: Pick<ActivityMover, 'drain'>) {
    this.kernel = kernel;
    this.mover = mover;
  }

  /**
   * Records, newest first; what was committed before the call is among them unless the ledger cannot be written just
   * now. 400 when the cursor is none of this list or the window is empty.
   */
  async list(filter: ActivityFilter, page: PageQuery): Promise<Page<ActivityRow>> {
    const { since, until } = filter;
    if (since !== undefined && until !== undefined && since >= until) {
      throw invalid('until must be later than since.');
    }
    await this.drain().catch((error) =>
      this.kernel.log.error({ err: error }, 'the newest activity records could not be moved into the ledger'),
    );
    return findActivity(this.kernel.databases.audit.read, filter, page);
  }

  /** Moves everything that was recorded before the call into the ledger. */
  drain(): Promise<void> {
    return this.mover.drain();
  }
}

/** A record on the wire. */
export function activityJson(row: ActivityRow) {
  return {
    id: row.id,
    at: rfc3339(row.at),
    verb: row.verb,
    org_id: row.org_id,
    project_id: row.project_id,
    actor: { kind: row.actor_kind, id: row.actor_id, label: row.actor_label },
    target: row.target_type === null ? null : { type: row.target_type, id: row.target_id },
    request_id: row.request_id,
    ip: row.ip,
    details: JSON.parse(row.details) as Record<string, unknown>,
  };
}
