import type { Kernel } from '../../kernel/kernel.ts';
import type { Writer } from './key-store.ts';

/** An SDK that was in touch with a project lately. */
export interface SeenSdk {
  /** `python_sdk`, `go_sdk`, … */
  name: string;
  /** As the SDK says it; `unknown` where it does not. */
  version: string;
  /** Milliseconds since the Unix epoch. */
  lastSeenAt: number;
}

const DAY = 86_400_000;
const REMEMBERED = 30 * DAY;
const FLUSH_MILLISECONDS = 30_000;
const MOST_WAITING = 50_000;
const LONGEST_WORD = 64;
const ROWS_AT_ONCE = 100;
/** What one project is remembered with; versions are words that clients choose. */
const MOST_PER_PROJECT = 200;

/** Remembers which SDK versions talk to which project. Noting costs a map access; the database hears of it every 30 s. */
export class SeenSdks {
  private readonly kernel: Pick<Kernel, 'clock' | 'databases' | 'log'>;
  private waiting = new Map<string, SeenSdk & { projectId: string }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(kernel: Pick<Kernel, 'clock' | 'databases' | 'log'>) {
    this.kernel = kernel;
  }

  /** Notes that an SDK was in touch. What is too long or no plain word is cut or replaced, never refused. */
  note(projectId: string, name: string, version: string): void {
    const sdk = { projectId, name: plain(name), version: plain(version), lastSeenAt: this.kernel.clock.now() };
    const key = `${projectId} ${sdk.name} ${sdk.version}`;
    if (this.waiting.size >= MOST_WAITING && !this.waiting.has(key)) return;
    this.waiting.set(key, sdk);
  }

  /** The SDKs seen in a project within the last 30 days, the latest first. */
  async list(projectId: string): Promise<SeenSdk[]> {
    const since = this.kernel.clock.now() - REMEMBERED;
    const rows = await this.kernel.databases.state.read
      .selectFrom('seen_sdks')
      .select(['name', 'version', 'last_seen_at'])
      .where('project_id', '=', projectId)
      .where('last_seen_at', '>=', since)
      .execute();
    const latest = new Map<string, SeenSdk>();
    const stored = rows.map(({ last_seen_at, ...sdk }) => ({ ...sdk, lastSeenAt: last_seen_at }));
    const fresh = [...this.waiting.values()].filter((sdk) => sdk.projectId === projectId && sdk.lastSeenAt >= since);
    for (const { name, version, lastSeenAt } of [...stored, ...fresh]) {
      const key = `${name} ${version}`;
      if ((latest.get(key)?.lastSeenAt ?? 0) <= lastSeenAt) latest.set(key, { name, version, lastSeenAt });
    }
    return [...latest.values()].sort((a, b) => b.lastSeenAt - a.lastSeenAt);
  }

  /** Forgets a project that is about to go. */
  async forget(trx: Writer, projectId: string): Promise<void> {
    await trx.deleteFrom('seen_sdks').where('project_id', '=', projectId).execute();
  }

  start(): void {
    this.timer = setInterval(() => {
      this.flush().catch((error) => this.kernel.log.error({ err: error }, 'seen SDKs could not be written; they wait'));
    }, FLUSH_MILLISECONDS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Writes what was noted, and forgets what is older than 30 days. What cannot be written is kept for the next time. */
  async flush(): Promise<void> {
    if (this.waiting.size === 0) return;
    const { waiting } = this;
    this.waiting = new Map();
    try {
      await this.kernel.databases.state.write((trx) => this.write(trx, [...waiting.values()]));
    } catch (error) {
      for (const [key, sdk] of waiting) if (!this.waiting.has(key)) this.waiting.set(key, sdk);
      throw error;
    }
  }

  private async write(trx: Writer, sdks: readonly (SeenSdk & { projectId: string })[]): Promise<void> {
    for (let start = 0; start < sdks.length; start += ROWS_AT_ONCE) {
      const rows = sdks.slice(start, start + ROWS_AT_ONCE).map(({ projectId, name, version, lastSeenAt }) => ({
        project_id: projectId,
        name,
        version,
        last_seen_at: lastSeenAt,
      }));
      await trx
        .insertInto('seen_sdks')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['project_id', 'name', 'version'])
            .doUpdateSet((set) => ({ last_seen_at: set.ref('excluded.last_seen_at') })),
        )
        .execute();
    }
    await trx
      .deleteFrom('seen_sdks')
      .where('last_seen_at', '<', this.kernel.clock.now() - REMEMBERED)
      .execute();
    for (const projectId of new Set(sdks.map((sdk) => sdk.projectId))) await keepNewest(trx, projectId);
  }
}

async function keepNewest(trx: Writer, projectId: string): Promise<void> {
  const surplus = await trx
    .selectFrom('seen_sdks')
    .select(['name', 'version'])
    .where('project_id', '=', projectId)
    .orderBy('last_seen_at', 'desc')
    .orderBy('name')
    .orderBy('version')
    .offset(MOST_PER_PROJECT)
    .limit(MOST_WAITING)
    .execute();
  for (const { name, version } of surplus) {
    await trx
      .deleteFrom('seen_sdks')
      .where('project_id', '=', projectId)
      .where('name', '=', name)
      .where('version', '=', version)
      .execute();
  }
}

function plain(word: string): string {
  const tidy = word.replace(/[^A-Za-z0-9._+-]/g, '_').slice(0, LONGEST_WORD);
  return tidy === '' ? 'unknown' : tidy;
}
