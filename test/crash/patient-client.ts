import { setTimeout as pause } from 'node:timers/promises';

/** An answer as a program reads it. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  body: any;
  bytes: Buffer;
}

/** One request of a client. */
export interface Wanted {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The server went away before it answered; whether it did the work nobody knows. */
export const UNANSWERED = Symbol('unanswered');

const SERVER_AWAY_MILLISECONDS = 30;
const LONGEST_WAIT_MILLISECONDS = 30_000;
const BUSY = [429, 503];

/** A client of a server that comes and goes. It never gives up, and it never takes silence for success. */
export class PatientClient {
  /** How many requests went unanswered. */
  unanswered = 0;
  private readonly origin: string;
  private readonly headers: Record<string, string>;

  constructor(origin: string, headers: Record<string, string>) {
    this.origin = origin;
    this.headers = headers;
  }

  /**
   * Sends a request until a server can be reached and is not busy. `UNANSWERED` when the connection broke. Throws for a
   * 500, and when nothing happens for half a minute: neither may come from a server that was killed and started again.
   */
  async attempt(wanted: Wanted): Promise<Answer | typeof UNANSWERED> {
    const end = Date.now() + LONGEST_WAIT_MILLISECONDS;
    for (;;) {
      const outcome = await this.once(wanted);
      if (outcome === UNANSWERED) return UNANSWERED;
      const waits = outcome === 'unreachable' || BUSY.includes(outcome.status);
      if (!waits) {
        if (outcome.status === 500) throw new Error(`${described(wanted)} answered 500: ${outcome.bytes}`);
        return outcome;
      }
      if (Date.now() > end) throw new Error(`${described(wanted)} found no server that takes it for 30 seconds.`);
      await pause(SERVER_AWAY_MILLISECONDS);
    }
  }

  /** As `attempt`, again and again until there is an answer; tells whether a request before it went unanswered. */
  async insist(wanted: Wanted): Promise<Answer & { repeated: boolean }> {
    let repeated = false;
    for (;;) {
      const outcome = await this.attempt(wanted);
      if (outcome !== UNANSWERED) return { ...outcome, repeated };
      repeated = true;
    }
  }

  private async once({ method, path, body, headers }: Wanted): Promise<Answer | 'unreachable' | typeof UNANSWERED> {
    const init: RequestInit = { method, headers: { ...this.headers, ...headers } };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { ...init.headers, 'content-type': 'application/json' };
    }
    init.signal = AbortSignal.timeout(LONGEST_WAIT_MILLISECONDS);
    try {
      const response = await fetch(`${this.origin}${path}`, init);
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, body: parsed(bytes), bytes };
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') throw new Error(`${described({ method, path })} hangs.`);
      if (isRefused(error)) return 'unreachable';
      this.unanswered += 1;
      return UNANSWERED;
    }
  }
}

function isRefused(error: unknown): boolean {
  return ((error as Error).cause as { code?: unknown } | undefined)?.code === 'ECONNREFUSED';
}

function described({ method, path }: Pick<Wanted, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
