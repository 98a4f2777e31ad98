import { passwordProblem } from '../../crypto/password-policy.ts';
import { BusyError, createPasswordHasher, type PasswordCosts, type PasswordHasher } from '../../crypto/passwords.ts';
import { type DomainError, invalid, tooMany } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';

/** Attempts that are counted and checked at once; the ones above it are refused before they touch the database. */
const ATTEMPTS_AT_ONCE = 40;

/** Whose password it is to be: words that must not make it up. */
export interface PasswordOwner {
  email: string;
  name: string;
}

/** Checks and makes passwords in a bounded pool of their own; a full pool refuses with 429 and `Retry-After`. */
export class PasswordWork {
  private readonly hasher: PasswordHasher;
  private readonly hostname: string;
  private attempts = 0;

  constructor(kernel: Pick<Kernel, 'config' | 'metrics'>, costs: PasswordCosts | undefined) {
    this.hasher = createPasswordHasher(costs === undefined ? {} : { costs });
    this.hostname = kernel.config.hostname;
    kernel.metrics.gauge('cz_password_work', 'Passwords being checked or waiting for it.', () => {
      const { running, waiting } = this.hasher.load;
      return running + waiting;
    });
  }

  /** Passwords being hashed or checked now, and those that wait for it. */
  get load(): PasswordHasher['load'] {
    return this.hasher.load;
  }

  /** Refuses with 400 a new password that is too weak for its owner. */
  judge(password: string, owner: PasswordOwner): void {
    const words = [owner.name, ...this.hostname.split('.').slice(0, -1)].filter((word) => word !== '');
    const problem = passwordProblem(password, { email: owner.email, words });
    if (problem !== null) {
      throw invalid(problem.message, {
        reason: problem.code,
        details: [{ path: '/password', message: problem.message }],
      });
    }
  }

  /** Does the work of one attempt, or refuses with 429 when too many are under way, so that a flood delays nobody else. */
  async attempt<R>(work: () => Promise<R>): Promise<R> {
    if (this.attempts >= ATTEMPTS_AT_ONCE) throw tooMany('Too many sign-ins at once; try again in 1 s.', 1);
    this.attempts += 1;
    try {
      return await work();
    } finally {
      this.attempts -= 1;
    }
  }

  /** Hashes a new password for storing. */
  hash(password: string): Promise<string> {
    return this.hasher.hash(password).catch(refuseWhenBusy);
  }

  /** Whether a password belongs to a stored hash; null does the same work and is never right. */
  verify(stored: string | null, password: string): Promise<boolean> {
    return this.hasher.verify(stored, password).catch(refuseWhenBusy);
  }

  /** The hash to keep for a password that was just right: the same, or a new one when the costs have changed. */
  async renewed(stored: string, password: string): Promise<string> {
    return this.hasher.needsRehash(stored) ? this.hash(password) : stored;
  }
}

function refuseWhenBusy(error: unknown): never {
  throw error instanceof BusyError ? busy(error) : error;
}

function busy(error: BusyError): DomainError {
  return tooMany(error.message, error.retryAfterSeconds);
}
