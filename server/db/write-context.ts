import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseLog } from './database.ts';

/** The effects that one transaction attempt has registered for after its commit. */
export interface Effects {
  add(effect: () => void | Promise<void>): void;
  /** Runs them in order; a failing one is logged and the others still run. */
  run(): Promise<void>;
}

/** Makes an empty list of effects. */
export function collectEffects(log: DatabaseLog): Effects {
  const effects: (() => void | Promise<void>)[] = [];
  return {
    add: (effect) => {
      effects.push(effect);
    },
    async run() {
      for (const effect of effects) {
        try {
          await effect();
        } catch (error) {
          log.error({ err: error }, 'an effect after a commit failed; the change itself is stored');
        }
      }
    },
  };
}

/** Refuses a write inside a write of the same database, which would wait for itself. */
export interface NestingGuard {
  /** Runs `work`; throws at once when called from inside the work of the same guard. */
  enter<R>(work: () => Promise<R>): Promise<R>;
  /** Tells whether the caller runs inside such work. */
  inside(): boolean;
}

/** Makes the guard of the database called `name`. */
export function nestingGuard(name: string): NestingGuard {
  const frames = new AsyncLocalStorage<{ open: boolean }>();
  const inside = () => frames.getStore()?.open === true;
  let open = 0;
  return {
    inside,
    async enter(work) {
      if (inside()) {
        throw new Error(
          `A write to the ${name} database was started inside another one. Hand the transaction of the outer write on, or start the inner one after it.`,
        );
      }
      const frame = { open: true };
      open += 1;
      return frames.run(frame, async () => {
        try {
          return await work();
        } finally {
          // Work that outlives the transaction keeps this frame; its later writes are not nested.
          frame.open = false;
          open -= 1;
          // While the storage is in use every asynchronous step of the process pays for it, bundle polls too.
          if (open === 0) frames.disable();
        }
      });
    },
  };
}
