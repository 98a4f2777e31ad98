import type { Kysely, Transaction } from 'kysely';
import { digestToken } from '../../crypto/tokens.ts';
import type { StateTables } from '../../db/tables.ts';
import { networkOf } from '../../kernel/client-network.ts';
import { tooMany } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { SignInFailuresTable } from './schema.ts';
import { findFailures, forgetFailures, forgetFailuresBefore, putFailures, takeBackFailure } from './store/failures.ts';

/** How many failures are free, and the longest wait after one more. */
interface Patience {
  free: number;
  longestWait: number;
}

const PER_ACCOUNT: Patience = { free: 10, longestWait: 5 * 60_000 };
/** Whole offices share one address, so it gets more patience, and longer waits once that is used up. */
const PER_ADDRESS: Patience = { free: 30, longestWait: 15 * 60_000 };
const FIRST_WAIT = 1_000;
const FORGOTTEN_AFTER = 24 * 3_600_000;

/** One password attempt that was counted before the password was looked at. */
export interface Attempt {
  readonly account: Counted;
  /** Null for work of the appliance itself. */
  readonly address: Counted | null;
}

/** What an attempt changed about a subject. */
interface Counted {
  subject: string;
  lockedUntil: number;
}

type Parts = Pick<Kernel, 'clock' | 'databases'>;

/**
 * Slows password guessing down, per account and per network address: after some free failures every further one doubles
 * the wait, up to a bound, and a day without failures forgets them. Attempts during a wait are refused without being
 * counted or looked at, right or wrong, so nobody is locked out for ever. Unknown addresses are counted like accounts.
 *
 * An attempt is counted as a failure before its password is checked and taken back afterwards, so attempts side by side
 * cannot slip through before the first of them has failed.
 */
export class GuessingGuard {
  private readonly kernel: Parts;
  private last: Promise<unknown> = Promise.resolve();

  constructor(kernel: Parts) {
    this.kernel = kernel;
  }

  /** Counts an attempt; refuses with 429 and `Retry-After` while account or address have to wait. */
  async begin(email: string, ip: string | null): Promise<Attempt> {
    // Refusing from the read connection keeps a flood of refused attempts out of the line of writes.
    const { read } = this.kernel.databases.state;
    await this.look(read, accountSubject(email), PER_ACCOUNT);
    if (ip !== null) await this.look(read, addressSubject(ip), PER_ADDRESS);
    return this.inLine(async (trx) => {
      const account = await this.look(trx, accountSubject(email), PER_ACCOUNT);
      const address = ip === null ? null : await this.look(trx, addressSubject(ip), PER_ADDRESS);
      await putFailures(trx, account);
      if (address !== null) await putFailures(trx, address);
      return { account: counted(account), address: address && counted(address) };
    });
  }

  /**
   * Runs a write that touches failures after the earlier ones of this process: attempts from one address change one row,
   * and PostgreSQL would have most of them start again.
   */
  inLine<R>(change: (trx: Transaction<StateTables>) => Promise<R>): Promise<R> {
    const turn = this.last.then(() => this.kernel.databases.state.write(change));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** The password was right: forgets the account's failures and takes the address's one back. */
  async succeed(trx: Transaction<StateTables>, { account, address }: Attempt): Promise<void> {
    await forgetFailures(trx, account.subject);
    if (address !== null) await takeBackFailure(trx, address.subject, address.lockedUntil);
  }

  /** The password was never looked at: takes the attempt back. */
  async release({ account, address }: Attempt): Promise<void> {
    await this.inLine(async (trx) => {
      await takeBackFailure(trx, account.subject, account.lockedUntil);
      if (address !== null) await takeBackFailure(trx, address.subject, address.lockedUntil);
    });
  }

  /** Forgets an account's failures, because its owner proved to be the owner in another way. */
  async forgive(trx: Transaction<StateTables>, email: string): Promise<void> {
    await forgetFailures(trx, accountSubject(email));
  }

  /** Removes what is forgotten anyway. */
  async purge(): Promise<void> {
    const before = this.kernel.clock.now() - FORGOTTEN_AFTER;
    await this.kernel.databases.state.write((trx) => forgetFailuresBefore(trx, before));
  }

  private async look(db: Kysely<StateTables>, subject: string, patience: Patience): Promise<SignInFailuresTable> {
    const now = this.kernel.clock.now();
    const row = await findFailures(db, subject);
    refuseWhileLocked(row, patience, now);
    return oneMore(row, subject, patience, now);
  }
}

function counted(row: SignInFailuresTable): Counted {
  return { subject: row.subject, lockedUntil: row.locked_until };
}

function accountSubject(email: string): string {
  return `account:${digestToken(email)}`;
}

function addressSubject(ip: string): string {
  return `address:${networkOf(ip)}`;
}

function refuseWhileLocked(row: SignInFailuresTable | undefined, patience: Patience, now: number): void {
  const wait = (row?.locked_until ?? 0) - now;
  // A wait longer than the longest one can only come from a clock that was set back.
  if (wait <= 0 || wait > patience.longestWait) return;
  const seconds = Math.ceil(wait / 1_000);
  throw tooMany(
    `Too many failed sign-ins. Wait ${seconds} s, then try again; if you do not remember the password, ask for a new one.`,
    seconds,
  );
}

function oneMore(
  row: SignInFailuresTable | undefined,
  subject: string,
  patience: Patience,
  now: number,
): SignInFailuresTable {
  const remembered = row !== undefined && now - row.last_failed_at < FORGOTTEN_AFTER;
  const failures = (remembered ? row.failures : 0) + 1;
  const excess = failures - patience.free;
  const wait = excess < 0 ? 0 : Math.min(patience.longestWait, FIRST_WAIT * 2 ** Math.min(excess, 30));
  return { subject, failures, last_failed_at: now, locked_until: wait === 0 ? 0 : now + wait };
}
