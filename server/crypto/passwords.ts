import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';

/** Argon2id costs: memory in KiB, passes, lanes. */
export interface PasswordCosts {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** 19 MiB, two passes, one lane: OWASP's first choice, about 25 ms on the machines this was sized for. */
export const DEFAULT_PASSWORD_COSTS: PasswordCosts = { memoryKib: 19_456, passes: 2, lanes: 1 };

/** The longest password that is hashed, in UTF-8 bytes after normalisation; longer ones are refused, never cut. */
export const MAX_PASSWORD_BYTES = 1024;

export interface PasswordHasherOptions {
  /** How many hashes are computed at once, on libuv's threads. Default 1, so that other work keeps its threads. */
  readonly concurrency?: number;
  /** How many more may wait. Default 32; one more is refused with `BusyError`. */
  readonly queueLimit?: number;
  readonly costs?: PasswordCosts;
}

export interface PasswordHasher {
  /**
   * Hashes a password (Unicode NFKC first) to a PHC string with its own random salt.
   * Rejects with `BusyError` when the queue is full, with `RangeError` above `MAX_PASSWORD_BYTES`.
   */
  hash(password: string): Promise<string>;
  /**
   * Whether the password belongs to the stored hash. With `null` (unknown account, or one without password) the same
   * work is done and the answer is false, so the time tells nothing. An over-long password is false after that work.
   * Rejects with `BusyError` when the queue is full, with `Error` when the stored text is not an Argon2 hash.
   */
  verify(stored: string | null, password: string): Promise<boolean>;
  /** Whether a stored hash was made with other costs than today's and should be renewed at the next sign-in. */
  needsRehash(stored: string): boolean;
  /** How many are running or waiting now, for metrics. */
  readonly load: { readonly running: number; readonly waiting: number };
}

/** Too many passwords are being checked at this moment; nothing was computed. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
  /** A whole number of seconds, at least 1, after which a place is expected to be free. */
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super(`Too many sign-ins at once; try again in ${retryAfterSeconds} s.`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Makes a hasher with its own bounded pool; a flood of sign-ins fills its queue and nothing else. */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const costs = options.costs ?? DEFAULT_PASSWORD_COSTS;
  const settings = { memoryCost: costs.memoryKib, timeCost: costs.passes, parallelism: costs.lanes };
  const pool = createPool(options.concurrency ?? 1, options.queueLimit ?? 32);
  const dummy = unmatchableHash(costs);

  return {
    async hash(password) {
      const bytes = passwordBytes(password);
      if (bytes.length > MAX_PASSWORD_BYTES) {
        throw new RangeError(`The password is ${bytes.length} bytes long; at most ${MAX_PASSWORD_BYTES} are accepted.`);
      }
      return pool.run(() => argon2.hash(bytes, settings)).finally(() => bytes.fill(0));
    },
    async verify(stored, password) {
      if (stored !== null && !stored.startsWith('$argon2')) {
        throw new Error('The stored password hash is not an Argon2 hash; reset the password of this account.');
      }
      const bytes = passwordBytes(password);
      const tooLong = bytes.length > MAX_PASSWORD_BYTES;
      const candidate = tooLong ? bytes.subarray(0, MAX_PASSWORD_BYTES) : bytes;
      const matches = await pool
        .run(() => argon2.verify(tooLong ? dummy : (stored ?? dummy), candidate))
        .finally(() => bytes.fill(0));
      return matches && stored !== null && !tooLong;
    },
    needsRehash: (stored) => !stored.startsWith('$argon2id$') || argon2.needsRehash(stored, settings),
    get load() {
      return pool.load();
    },
  };
}

/** The same password typed on two systems may differ in code points; NFKC makes them one (NIST SP 800-63B 3.1.1.2). */
function passwordBytes(password: string): Buffer {
  return Buffer.from(password.normalize('NFKC'), 'utf8');
}

/** A well-formed hash of these costs whose digest is random, so no password matches it and none has to be hashed for it. */
function unmatchableHash(costs: PasswordCosts): string {
  const part = (size: number) => randomBytes(size).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${costs.memoryKib},t=${costs.passes},p=${costs.lanes}$${part(16)}$${part(32)}`;
}

interface Pool {
  run<T>(task: () => Promise<T>): Promise<T>;
  load(): { running: number; waiting: number };
}

function createPool(concurrency: number, queueLimit: number): Pool {
  const waiting: (() => void)[] = [];
  let running = 0;
  let averageMilliseconds = 50;

  const retryAfterSeconds = () => Math.max(1, Math.ceil((waiting.length * averageMilliseconds) / concurrency / 1000));

  const enter = (): Promise<void> => {
    if (running < concurrency) {
      running += 1;
      return Promise.resolve();
    }
    if (waiting.length >= queueLimit) return Promise.reject(new BusyError(retryAfterSeconds()));
    return new Promise((resolve) => waiting.push(resolve));
  };

  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  return {
    async run(task) {
      await enter();
      const started = performance.now();
      try {
        return await task();
      } finally {
        averageMilliseconds = 0.8 * averageMilliseconds + 0.2 * (performance.now() - started);
        leave();
      }
    },
    load: () => ({ running, waiting: waiting.length }),
  };
}
