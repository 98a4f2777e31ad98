import type { Changes } from './changes.ts';

const MOST_ENTRIES = 10_000;

/**
 * Remembers what was read by key until a change is announced.
 *
 * Meant for small rows that are read on every request and change rarely: any notice of the channel drops everything.
 * A read that was under way when a notice came is answered but not kept. While notices of other processes cannot be
 * heard nothing is kept at all.
 */
export class ChangeCache<V> {
  private readonly changes: Changes;
  private readonly load: (key: string) => Promise<V>;
  private readonly kept = new Map<string, V>();
  private generation = 0;

  constructor(changes: Changes, channel: string, load: (key: string) => Promise<V>) {
    this.changes = changes;
    this.load = load;
    changes.subscribe(channel, () => this.drop());
    changes.onLost(() => this.drop());
  }

  /** The value of a key, from memory or loaded. Rejects when it cannot be loaded; that is not remembered. */
  async get(key: string): Promise<V> {
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    const { generation } = this;
    const value = await this.load(key);
    if (generation === this.generation && this.changes.connected) this.keep(key, value);
    return value;
  }

  private keep(key: string, value: V): void {
    if (this.kept.size >= MOST_ENTRIES) this.kept.clear();
    this.kept.set(key, value);
  }

  private drop(): void {
    this.generation += 1;
    this.kept.clear();
  }
}
