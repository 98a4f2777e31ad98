import type { Actor } from '../../kernel/actor.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { SeatKind, UsageSeatsTable } from './schema.ts';

/** A seat as it is noted: whose it is and when. */
export type NotedSeat = Omit<UsageSeatsTable, 'ends_at'>;

/** The month of a moment, `YYYY-MM` in UTC. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** The seat that an actor takes in the organization it works in; null for those that take none. */
export function seatOf(actor: Actor): { kind: SeatKind; identity: string } | null {
  switch (actor.kind) {
    case 'api-key':
      return { kind: 'api_key', identity: actor.keyId };
    case 'user':
      return { kind: 'user', identity: actor.userId };
    case 'machine':
      return { kind: 'machine', identity: actor.machineId };
    default:
      return null;
  }
}

/**
 * Who was active this month, by organization. Asked with every request, so that noting a known identity is two look-ups;
 * new ones wait here until they are written.
 */
export class Seats {
  private readonly clock: Clock;
  private readonly noted = new Map<string, Set<string>>();
  private waiting: NotedSeat[] = [];
  private month = '';
  private begins = 0;
  private ends = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Notes an identity; it takes one seat however often it comes. */
  note(orgId: string, kind: SeatKind, identity: string): void {
    const now = this.clock.now();
    if (now < this.begins || now >= this.ends) this.turnMonth(now);
    const known = this.noted.get(orgId);
    if (known?.has(identity)) return;
    if (known === undefined) this.noted.set(orgId, new Set([identity]));
    else known.add(identity);
    this.waiting.push({ org_id: orgId, month: this.month, kind, identity });
  }

  /** Forgets who was active in an organization; whoever is from now on is noted afresh. */
  forget(orgId: string): void {
    this.noted.delete(orgId);
  }

  /** The organizations in which somebody took a seat that is not written yet. */
  orgsWaiting(): string[] {
    return this.waiting.map((seat) => seat.org_id);
  }

  /** What has to be written since the last call. */
  take(): NotedSeat[] {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }

  /** Gives back what could not be written. */
  giveBack(seats: readonly NotedSeat[]): void {
    this.waiting.push(...seats);
  }

  private turnMonth(now: number): void {
    const date = new Date(now);
    this.noted.clear();
    this.month = monthOf(now);
    this.begins = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
    this.ends = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
  }
}
