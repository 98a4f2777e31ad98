import type { Log } from './logging.ts';

/** What features tell each other after a commit. Features add their own by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: features extend it
export interface DomainEvents {}

type Listener<T> = (event: T) => void | Promise<void>;

/** Delivers events inside the process, after commit, in order of subscription. A failing listener is logged and stops nobody. */
export class Events {
  private readonly log: Log;
  private readonly listeners = new Map<string, Listener<never>[]>();

  constructor(log: Log) {
    this.log = log;
  }

  on<N extends keyof DomainEvents & string>(name: N, listener: Listener<DomainEvents[N]>): void {
    const list = this.listeners.get(name) ?? [];
    list.push(listener as Listener<never>);
    this.listeners.set(name, list);
  }

  emit<N extends keyof DomainEvents & string>(name: N, event: DomainEvents[N]): void {
    for (const listener of this.listeners.get(name) ?? []) {
      try {
        const result = (listener as Listener<DomainEvents[N]>)(event);
        if (result instanceof Promise)
          result.catch((error) => this.log.error({ err: error, event: name }, 'event listener failed'));
      } catch (error) {
        this.log.error({ err: error, event: name }, 'event listener failed');
      }
    }
  }
}
